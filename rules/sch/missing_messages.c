/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind != TL_ISSUE_MISSING_MESSAGES)
			continue;
		tl_report(cx, tl_at_issue(issue), "%s is %s",
		    tl_quote(cx, issue->detail, 0),
		    issue->node->kind == TL_JSON_NULL ? "null" : "missing");
	}
}

const struct tl_rule tl_rule_missing_messages = {
	.code = "SCH003",
	.name = "missing-messages",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the conversation is absent or null",
	.why = "There is nothing to train on; some loaders fail on the whole "
	       "batch of a thousand rows because of one.",
	.fix = "Remove the record, or restore its messages from the source.",
	.bad = TL_LIT("{\"id\":\"a1\",\"messages\":null}\n"),
	.good = TL_LIT("{\"id\":\"a1\",\"messages\":[{\"role\":\"user\","
		       "\"content\":\"hi\"},{\"role\":\"assistant\","
		       "\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
