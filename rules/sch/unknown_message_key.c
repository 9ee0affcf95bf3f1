/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];
		const char *key;

		if (issue->kind != TL_ISSUE_UNKNOWN_KEY)
			continue;
		key = tl_quote(cx, issue->node->key, 0);
		if (issue->detail.len > 0)
			tl_report(cx, tl_at_issue(issue),
			    "unknown key %s in turn %zu; did you mean %s?", key,
			    issue->turn, tl_quote(cx, issue->detail, 0));
		else
			tl_report(cx, tl_at_issue(issue),
			    "unknown key %s in turn %zu", key, issue->turn);
	}
}

const struct tl_rule tl_rule_unknown_message_key = {
	.code = "SCH007",
	.name = "unknown-message-key",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a message has a key that the format does not know",
	.why = "Trainers and templates ignore the key in silence: a mistyped "
	       "weight or train flag has no effect.",
	.fix = "Correct the spelling, remove the key, or name it in the "
	       "configuration if your trainer reads it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"wieght\":0}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\","
		       "\"name\":\"Eva\"},{\"role\":\"assistant\",\"content\":"
		       "\"hello\",\"weight\":1}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
