/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>
#include <turnlint/trainer.h>

struct shift {
	size_t ntrained, nmasked; /* tokens against what is meant */
	size_t first;
};

static void
look_at(const struct tl_turn *t, const struct tl_turn_plan *p,
    const struct tl_sample *s, size_t token, struct shift *out)
{
	enum tl_reason r = (enum tl_reason)s->wanted[token];
	size_t beg, end, meant;
	bool is_wrong;

	if (!tl_token_in_turn(t, s, token, &beg, &end))
		return;
	meant = tl_plan_count_trained(p, beg, end);
	if (r == TL_REASON_DETAIL || r == TL_REASON_PART) {
		is_wrong = meant == 0;
		out->ntrained += is_wrong;
	} else if (r == TL_REASON_DETAIL_MASKED || r == TL_REASON_PART_MASKED) {
		is_wrong = meant == end - beg;
		out->nmasked += is_wrong;
	} else {
		return;
	}
	if (is_wrong && out->ntrained + out->nmasked == 1)
		out->first = token;
}

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, const struct shift *shift)
{
	struct tl_offset o = s->tokens.offsets[shift->first];
	const struct tl_text *text = &s->render.text;
	bool is_trained =
	    tl_reason_is_trained((enum tl_reason)s->wanted[shift->first]);
	struct tl_report *r =
	    tl_report(cx, tl_at_rendered(text, conv, o.beg, o.end),
		"train_detail lands on other tokens than intended: %s is %s",
		tl_quote(cx, tl_str_slice(text->str, o.beg, o.end), 0),
		is_trained ? "trained, outside of the ranges to train"
			   : "masked, inside of a range to train");

	tl_report_note(r,
	    "%zu tokens are trained that should not be, %zu are masked that "
	    "should be trained",
	    shift->ntrained, shift->nmasked);
	tl_report_note(r,
	    "the trainer counts the tokens of the content alone and lays them "
	    "over the conversation one by one; here the two differ");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct shift shift = { 0, 0, 0 };
		struct tl_turn_plan plan = { .nstretches = 0 };

		if (t->ndetails == 0 && t->nparts == 0)
			continue;
		tl_plan_turn(cx->arena, t, &plan);
		for (size_t k = s->turns[i].first; k < s->turns[i].stop; k++)
			if (s->speakers[k] == i)
				look_at(t, &plan, s, k, &shift);
		if (shift.ntrained + shift.nmasked > 0)
			report(cx, conv, s, &shift);
	}
}

const struct tl_rule tl_rule_detail_alignment_shift = {
	.code = "MSK013",
	.name = "detail-alignment-shift",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "train_detail labels other tokens than its ranges cover",
	.why = "axolotl tokenizes the content alone to find the tokens of a "
	       "range, then counts from where the turn begins. When the "
	       "template strips the content, or its first token merges with "
	       "the text before it, every label is off by as many tokens.",
	.fix = "Remove white space at the ends of the content, and use a "
	       "template that sets it off by a special token.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"\\n\\none two three\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":4,\"train\":true},{\"begin_offset\":5,"
		      "\"end_offset\":14,\"train\":false}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"one two three\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":2,\"train\":true},{\"begin_offset\":3,"
		       "\"end_offset\":12,\"train\":false}]}]}\n"),
	.also = "CNT011 CNT012 MSK012 MSK018 MSK024 TOK001 TOK002 CNT004",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "axolotl",
	    .trainer_option = "message_field_training_detail=train_detail" },
	.check_sample = check,
};
