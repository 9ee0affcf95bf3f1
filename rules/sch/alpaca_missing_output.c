/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind != TL_ISSUE_MISSING_OUTPUT)
			continue;
		if (issue->node->kind == TL_JSON_NULL)
			tl_report(cx, tl_at_issue(issue),
			    "instruction whose \"output\" is null");
		else if (issue->detail.len > 0)
			tl_report(cx, tl_at_issue(issue),
			    "instruction without \"output\"; is it %s?",
			    tl_quote(cx, issue->detail, 0));
		else
			tl_report(cx, tl_at_issue(issue),
			    "instruction without \"output\"");
	}
}

const struct tl_rule tl_rule_alpaca_missing_output = {
	.code = "SCH018",
	.name = "alpaca-missing-output",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "an instruction has no output",
	.why = "There is no answer to learn: the record is dropped in silence "
	       "or becomes a sample without any trained token.",
	.fix = "Add the output, or remove the record.",
	.bad = TL_LIT("{\"instruction\":\"Name a colour.\",\"input\":\"\","
		      "\"output\":null}\n"),
	.good = TL_LIT("{\"instruction\":\"Name a colour.\",\"input\":\"\","
		       "\"output\":\"Blue.\"}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
