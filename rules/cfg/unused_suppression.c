/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_ignores(
    const struct tl_rule_cx *cx, const struct tl_ignore *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].is_judged && !list[i].is_used)
			tl_report(cx, tl_at_line(list[i].line, list[i].column),
			    "a comment ignores %s, which finds nothing there",
			    tl_quote(cx, list[i].selector, 0));
}

const struct tl_rule tl_rule_unused_suppression = {
	.code = "CFG001",
	.name = "unused-suppression",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a comment silences a rule that has nothing to say",
	.why = "A suppression that is not needed any more hides the next fault "
	       "of its kind.",
	.fix = "Remove the selector, or the comment.",
	.bad = TL_LIT("{#- turnlint: ignore[TPL014] it knows the day "
		      "-#}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_SILENCED),
	.filename = "example.jinja",
	.check_ignores = check_ignores,
};
