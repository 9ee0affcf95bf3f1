/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const char *what =
	    conv->kind == TL_CONV_SEGMENTS ? "segment" : "message";

	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind == TL_ISSUE_NOT_AN_OBJECT)
			tl_report(cx, tl_at_issue(issue),
			    "%s %zu is %s, not an object", what, issue->turn,
			    tl_json_kind_name(issue->node->kind));
	}
}

const struct tl_rule tl_rule_message_not_object = {
	.code = "SCH005",
	.name = "message-not-object",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a message is not an object",
	.why = "Loaders look up role and content in it and stop with an "
	       "error.",
	.fix = "Write the message as an object with a role and a content.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "\"hello\",{\"role\":\"assistant\",\"content\":"
		      "\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
