/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h - main's side of stdout and stderr.
 */
#ifndef TURNLINT_CLI_OUTPUT_H
#define TURNLINT_CLI_OUTPUT_H

#include "cli/cli.h"

/* Colours, width and loudness from the options and the environment. */
void tl_cli_setup_output(struct tl_cli *cli);

/* Send the rest and close; the exit status after that. */
int tl_cli_finish(struct tl_cli *cli, int status);

#endif
