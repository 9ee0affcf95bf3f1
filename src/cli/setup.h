/* SPDX-License-Identifier: Apache-2.0 */
/* setup.h - --axolotl FILE and its like: the trainer's own configuration. */
#ifndef TURNLINT_CLI_SETUP_H
#define TURNLINT_CLI_SETUP_H

#include "cli/config.h"

#include <turnlint/setup.h>

/* The configuration that was given, read once; *out is NULL when none was.
 * False after saying what is wrong. */
bool tl_cli_setup(struct tl_cli *cli, const struct tl_setup **out);

/* base (or an empty configuration) with the recipes and the datasets of s. */
struct tl_config *tl_cli_setup_config(
    struct tl_cli *cli, const struct tl_setup *s, const struct tl_config *base);

#endif
