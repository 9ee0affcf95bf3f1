/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const char *what = conv->kind == TL_CONV_SEGMENTS ? "segment" : "turn";

	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];
		const char *key;

		if (issue->kind != TL_ISSUE_MISSING_KEY)
			continue;
		key = tl_quote(cx, issue->detail, 0);
		if (issue->turn == TL_NO_TURN)
			tl_report(cx, tl_at_issue(issue),
			    "the record has no %s", key);
		else
			tl_report(cx, tl_at_issue(issue), "%s %zu has no %s",
			    what, issue->turn, key);
	}
}

const struct tl_rule tl_rule_missing_role_or_content = {
	.code = "SCH006",
	.name = "missing-role-or-content",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a required key is absent",
	.why = "Without a role nobody is trained for the turn, without content "
	       "there is nothing to learn; most loaders stop with a KeyError.",
	.fix = "Add the key; an assistant turn may do without content only "
	       "when it has tool_calls.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
