/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_ignores(
    const struct tl_rule_cx *cx, const struct tl_ignore *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].is_known && list[i].reason.len == 0)
			tl_report(cx, tl_at_line(list[i].line, list[i].column),
			    "a comment ignores %s and does not say why",
			    tl_quote(cx, list[i].selector, 0));
}

const struct tl_rule tl_rule_suppression_without_reason = {
	.code = "CFG003",
	.name = "suppression-without-reason",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.is_preview = true,
	.summary = "a comment silences a rule without a reason",
	.why = "Nobody will know later whether it is still needed.",
	.fix = "Say why behind the bracket.",
	.bad = TL_LIT("{#- turnlint: ignore[TPL014] -#}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_SILENCED),
	.also = "CFG001",
	.filename = "example.jinja",
	.check_ignores = check_ignores,
};
