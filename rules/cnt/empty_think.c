/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const tl_str open_tag = TL_STR("<think>");
	const tl_str close_tag = TL_STR("</think>");
	tl_str s = t->text.str;
	tl_str trimmed = tl_str_trim(s);
	size_t beg, end;

	/* Only where a thought stands: at the beginning of the turn. */
	if (!tl_str_starts(trimmed, open_tag))
		return;
	beg = (size_t)(trimmed.ptr - s.ptr);
	end = tl_str_find(s, close_tag, beg);
	if (end == TL_NPOS ||
	    !tl_is_space(tl_str_slice(s, beg + open_tag.len, end)))
		return;
	tl_report(cx, tl_at_said(t, beg, end + close_tag.len),
	    "empty reasoning block in this assistant turn");
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].text_has & TL_HAS_ANGLE &&
		    tl_turn_meant(&conv->turns[i]) == TL_ROLE_ASSISTANT)
			check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_empty_think = {
	.code = "CNT013",
	.name = "empty-think",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "an assistant turn begins with an empty <think> block",
	.why = "The block is boilerplate that the engine fills in beforehand: "
	       "trained, the model learns to think nothing.",
	.fix = "Remove the block, or let the template write it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"<think>\\n\\n</think>\\n\\n42\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"<think>six sevens</think>\\n42\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_HAS_ANGLE),
	.check_conv = check_conv,
};
