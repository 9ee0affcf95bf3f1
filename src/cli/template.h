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

#include <turnlint/template.h>

/* Is the output for programs? One object a line is also the json of a single
 * one. */
bool tl_cli_template_jsonl(const struct tl_cli *cli);

/* What an operand names; *tokens are those of the tokenizer it stands beside,
 * if any.  Says what is wrong and returns NULL on failure. */
struct tl_template *tl_cli_template_open(
    struct tl_cli *cli, const char *what, struct tl_special_tokens *tokens);

int tl_cli_template_list(struct tl_cli *cli);
int tl_cli_template_show(struct tl_cli *cli);
int tl_cli_template_profile(struct tl_cli *cli);
int tl_cli_template_check(struct tl_cli *cli);
int tl_cli_template_diff(struct tl_cli *cli);

#endif
