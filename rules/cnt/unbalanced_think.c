/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const tl_str open_tag = TL_LIT("<think>");
static const tl_str close_tag = TL_LIT("</think>");

/* The first tag that has no partner; its length, or 0. */
static size_t
find_lone_tag(tl_str s, size_t *where)
{
	bool is_open = false;
	size_t at = 0;

	if (tl_str_find(s, TL_STR("think>"), 0) == TL_NPOS)
		return 0;
	while (at < s.len) {
		tl_str rest = tl_str_slice(s, at, s.len);

		if (s.ptr[at] == '`') {
			at = tl_code_end(s, at);
		} else if (tl_str_starts(rest, open_tag)) {
			if (is_open)
				return open_tag.len;
			is_open = true;
			*where = at;
			at += open_tag.len;
		} else if (tl_str_starts(rest, close_tag)) {
			if (!is_open) {
				*where = at;
				return close_tag.len;
			}
			is_open = false;
			at += close_tag.len;
		} else {
			at++;
		}
	}
	return is_open ? open_tag.len : 0;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		size_t at = 0, len;

		if (!(t->text_has & TL_HAS_ANGLE) ||
		    tl_turn_meant(t) != TL_ROLE_ASSISTANT)
			continue;
		len = find_lone_tag(t->text.str, &at);
		if (len > 0)
			tl_report(cx, tl_at_said(t, at, at + len),
			    len == open_tag.len
				? "<think> is never closed in this assistant "
				  "turn"
				: "</think> closes nothing in this assistant "
				  "turn");
	}
}

const struct tl_rule tl_rule_unbalanced_think = {
	.code = "CNT012",
	.name = "unbalanced-think",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a <think> tag without its partner in an assistant turn",
	.why = "Templates split at the tags: reasoning is trained as the "
	       "answer, or the answer is hidden as reasoning.",
	.fix = "Add the missing tag, or move the reasoning to "
	       "reasoning_content.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"<think>six sevens\\n42\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"<think>six sevens</think>\\n42\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_HAS_ANGLE),
	.check_conv = check_conv,
};
