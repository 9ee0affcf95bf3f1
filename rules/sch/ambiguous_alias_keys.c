/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];
		const char *key, *other;

		if (issue->kind != TL_ISSUE_AMBIGUOUS_KEYS)
			continue;
		key = tl_quote(cx, issue->node->key, 0);
		other = tl_quote(cx, issue->detail, 0);
		if (issue->turn == TL_NO_TURN)
			tl_report(cx, tl_at_issue(issue),
			    "the record has both %s and %s, which mean the "
			    "same",
			    other, key);
		else
			tl_report(cx, tl_at_issue(issue),
			    "turn %zu has both %s and %s, which mean the same",
			    issue->turn, other, key);
	}
}

const struct tl_rule tl_rule_ambiguous_alias_keys = {
	.code = "SCH012",
	.name = "ambiguous-alias-keys",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "two keys that mean the same stand beside each other",
	.why = "One of them is ignored, and which one depends on the trainer: "
	       "what is trained may not be what was reviewed.",
	.fix = "Keep the key of your format and remove the other one.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"text\":\"good day\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
