/* SPDX-License-Identifier: Apache-2.0 */
/* loading.h - what show and view need before they look at a record. */
#ifndef TURNLINT_CLI_LOADING_H
#define TURNLINT_CLI_LOADING_H

#include "cli/cli.h"
#include "view/load.h"

/* Set up l in `a` for files near `path`: the recipe of this run with the
 * program's own template and tokenizer where none is given, rules without.
 * Prints what is wrong and returns false. */
bool tl_cli_loader(struct tl_cli *cli, const char *path, struct tl_arena *a,
    tl_oom_fn *oom, struct tl_loader *l);

#endif
