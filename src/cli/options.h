/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - from argv to values, by the option tables.
 */
#ifndef TURNLINT_CLI_OPTIONS_H
#define TURNLINT_CLI_OPTIONS_H

#include "cli/cli.h"

/* Get ready to take the options of cli->command, or the common ones alone
 * when that is NULL. */
void tl_opts_init(struct tl_cli *cli);

/* Parse argv into cli->values, cli->args, nargs and first_path.  With
 * stop_early the first operand ends it and *used says how many words were
 * options.  Prints what is wrong and returns false. */
bool tl_opts_parse(struct tl_cli *cli, const char *const *argv, size_t n,
    bool stop_early, size_t *used);

/* Take TURNLINT_<OPTION> from the environment for recipe options and
 * --output-format that the command line did not give. */
bool tl_opts_from_env(struct tl_cli *cli);

/* Help was asked for by its letter: the short one. */
bool tl_opts_wants_short_help(const struct tl_cli *cli);

#endif
