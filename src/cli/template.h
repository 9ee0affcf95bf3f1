/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template.h - turnlint template: each of its words is one file
 * template_<word>.c with one function, listed in cmd_template.c.
 *
 * args[0] of the command line is the word itself.
 */
#ifndef TURNLINT_CLI_TEMPLATE_H
#define TURNLINT_CLI_TEMPLATE_H

#include "cli/cli.h"

/* Is the output for programs? One object a line is also the json of a single
 * one. */
bool tl_cli_template_jsonl(const struct tl_cli *cli);

int tl_cli_template_list(struct tl_cli *cli);
int tl_cli_template_show(struct tl_cli *cli);
int tl_cli_template_profile(struct tl_cli *cli);
int tl_cli_template_check(struct tl_cli *cli);

#endif
