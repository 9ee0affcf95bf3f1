/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];
		const char *detail, *value = "";

		if (issue->kind != TL_ISSUE_BAD_PART)
			continue;
		detail = tl_arena_cstr(cx->arena, issue->detail);
		if (issue->node->kind == TL_JSON_STRING)
			value = tl_arena_printf(cx->arena, ": %s",
			    tl_quote(cx, issue->node->text, 0));
		tl_report(cx, tl_at_issue(issue),
		    "bad content part in turn %zu: %s%s", issue->turn, detail,
		    value);
	}
}

const struct tl_rule tl_rule_bad_content_part = {
	.code = "SCH016",
	.name = "bad-content-part",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a part of a list content has no type, an unknown one, or "
		   "no text",
	.why = "Templates print nothing for such a part, or stop: the text in "
	       "it is not trained.",
	.fix = "Write text parts as {\"type\": \"text\", \"text\": \"…\"}.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":["
		      "{\"text\":\"hi\"}]},{\"role\":\"assistant\","
		      "\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":["
		       "{\"type\":\"text\",\"text\":\"hi\"}]},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
