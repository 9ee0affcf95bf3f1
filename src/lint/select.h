/* SPDX-License-Identifier: Apache-2.0 */
/*
 * select.h - which rules are on, and at which level.
 *
 * The more exact selector wins: a code or a name beats a prefix, a longer
 * prefix a shorter one, and any of them beats ALL.  At equal exactness ignore
 * beats select.
 */
#ifndef TURNLINT_LINT_SELECT_H
#define TURNLINT_LINT_SELECT_H

#include "lint/lint.h"

/* How exactly sel names the rule: 0 not at all. */
unsigned tl_selector_match(tl_str sel, const struct tl_rule *rule);

/* Whether opt turns the rule on, and its level. */
bool tl_select_rule(const struct tl_lint_options *opt,
    const struct tl_rule *rule, enum tl_level *level);

/* Whether a per-file ignore turns the rule off for this path. */
bool tl_select_file_off(
    const struct tl_lint_options *opt, const struct tl_rule *rule, tl_str path);

/* Every selector of opt names something; else TL_ECONFIG. */
enum tl_status tl_select_check(
    const struct tl_lint_options *opt, struct tl_error *err) TL_MUST_USE;

#endif
