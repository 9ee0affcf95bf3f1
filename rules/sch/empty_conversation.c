/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind == TL_ISSUE_EMPTY_MESSAGES)
			tl_report(cx, tl_at_issue(issue), "%s is an empty list",
			    tl_quote(cx, issue->detail, 0));
	}
}

const struct tl_rule tl_rule_empty_conversation = {
	.code = "SCH004",
	.name = "empty-conversation",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the list of messages is empty",
	.why = "There is nothing to train on; several trainers stop at such a "
	       "record with an index error.",
	.fix = "Remove the record.",
	.bad = TL_LIT("{\"messages\":[]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
