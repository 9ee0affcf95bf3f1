/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - which configuration belongs to which input.
 */
#ifndef TURNLINT_CLI_CONFIG_H
#define TURNLINT_CLI_CONFIG_H

#include "cli/cli.h"
#include "lint/config.h"

/* The configuration for a data file (NULL: for the current folder): --config,
 * else the nearest file upward to the top of its repository, else
 * $TURNLINT_CONFIG, else the user's own; *out is NULL when there is none. False
 * after saying what is wrong. */
bool tl_cli_config(
    struct tl_cli *cli, const char *path, const struct tl_config **out);

/* Its recipe for the file: --recipe NAME, or what datasets and `recipe` say;
 * *out may be NULL. */
bool tl_cli_config_recipe(struct tl_cli *cli, const struct tl_config *config,
    const char *path, const struct tl_config_recipe **out);

/* Load one file and say what is wrong in it. */
struct tl_config *tl_cli_load_config(struct tl_cli *cli, const char *path);

/* The recipe of command line and environment over `from` (NULL: none); the rest
 * as in tl_cli_recipe(). */
const struct tl_recipe *tl_cli_open_recipe(struct tl_cli *cli,
    const struct tl_config_recipe *from, bool use_defaults, bool *has_recipe);

#endif
