/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ignores.h - comments in templates that silence rules.
 *
 *	{# turnlint: ignore[TPL014, TPL002] why #}	the line of the comment,
 *		and the next one when the comment has a line of its own
 *	{# turnlint: file-ignore[TPL006] why #}		the whole template
 */
#ifndef TURNLINT_LINT_IGNORES_H
#define TURNLINT_LINT_IGNORES_H

#include <turnlint/rule.h>

struct tl_ignore *tl_ignores_read(struct tl_arena *a, tl_str source, size_t *n);

/* The rule did run. */
void tl_ignores_judge(
    struct tl_ignore *list, size_t n, const struct tl_rule *rule);

/* Is the finding silenced? */
bool tl_ignores_cover(
    struct tl_ignore *list, size_t n, const struct tl_finding *f);

#endif
