/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_ignores(
    const struct tl_rule_cx *cx, const struct tl_ignore *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!list[i].is_known)
			tl_report(cx, tl_at_line(list[i].line, list[i].column),
			    "a comment ignores a rule that does not exist: %s",
			    list[i].fault);
}

const struct tl_rule tl_rule_unknown_rule = {
	.code = "CFG002",
	.name = "unknown-rule",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a comment names a rule that does not exist",
	.why = "What it was meant to silence is reported all the same, or the "
	       "reader believes that it was looked at.",
	.fix = "Name a rule of 'turnlint rule'.",
	.bad = TL_LIT("{#- turnlint: ignore[TPL941] of a rule to come "
		      "-#}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_SILENCED),
	.filename = "example.jinja",
	.check_ignores = check_ignores,
};
