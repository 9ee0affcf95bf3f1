/* SPDX-License-Identifier: Apache-2.0 */
/* selection.h - which rules a configuration turns on, and how loud. */
#ifndef TURNLINT_CLI_SELECTION_H
#define TURNLINT_CLI_SELECTION_H

#include "cli/cli.h"
#include "lint/config.h"
#include "lint/lint.h"

/* Fill opt with what c (NULL: nothing) says about rules: selection, levels,
 * ignores of files, preview. */
void tl_cli_selection(
    struct tl_cli *cli, const struct tl_config *c, struct tl_lint_options *opt);

/* "error", "warning", "info" or "off"; false for anything else. */
bool tl_cli_parse_level(tl_str s, struct tl_rule_setting *out);

#endif
