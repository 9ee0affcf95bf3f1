/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>
#include <turnlint/trainer.h>

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t token, size_t n)
{
	struct tl_offset o = s->tokens.offsets[token];
	const struct tl_text *text = &s->render.text;
	const struct tl_run *run = tl_text_run_at(text, o.beg);
	struct tl_report *r =
	    tl_report(cx, tl_at_rendered(text, conv, o.beg, o.end),
		"token %s (id %u) is only partly in a trained range",
		tl_quote(cx, tl_str_slice(text->str, o.beg, o.end), 0),
		(unsigned)s->tokens.ids[token]);

	tl_report_note(r, "%s",
	    tl_reason_is_trained((enum tl_reason)s->wanted[token])
		? "it is trained as a whole, with what it holds beside the "
		  "range"
		: "it is masked, with what it holds of the range; other "
		  "trainers widen the range to the whole token");
	if (run != NULL && run->kind == TL_RUN_CONTENT) {
		size_t at = run->src_beg + (o.beg - run->beg);
		size_t beg =
		    tl_utf8_count(tl_str_slice(run->node->text, 0, at));

		tl_report_note(r,
		    "the token covers characters %zu to %zu: let the range "
		    "begin or end there",
		    beg,
		    beg + tl_utf8_count(tl_str_slice(text->str, o.beg, o.end)) -
			1);
	}
	if (n > 1)
		tl_report_note(r, "%zu tokens of this turn are torn so", n);
}

/* Partly in a range to be trained, whatever the trainer makes of it. */
static bool
is_torn(const struct tl_turn *t, const struct tl_turn_plan *plan,
    const struct tl_sample *s, size_t token)
{
	size_t beg, end, n;

	if (s->wanted[token] == TL_REASON_DETAIL_PARTIAL)
		return true;
	if (s->wanted[token] != TL_REASON_DETAIL ||
	    !tl_token_in_turn(t, s, token, &beg, &end))
		return false;
	n = tl_plan_count_trained(plan, beg, end);
	return n > 0 && n < end - beg;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		const struct tl_turn_tokens *t = &s->turns[i];
		struct tl_turn_plan plan = { .nstretches = 0 };
		size_t first = 0, n = 0;

		if (conv->turns[i].ndetails == 0 && conv->turns[i].nparts == 0)
			continue;
		tl_plan_turn(cx->arena, &conv->turns[i], &plan);
		for (size_t k = t->first; k < t->stop; k++)
			if (s->speakers[k] == i &&
			    is_torn(&conv->turns[i], &plan, s, k) && n++ == 0)
				first = k;
		if (n > 0)
			report(cx, conv, s, first, n);
	}
}

const struct tl_rule tl_rule_detail_splits_token = {
	.code = "MSK012",
	.name = "detail-splits-token",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a range begins or ends inside a token",
	.why = "A token is trained or it is not. Where a range cuts one, the "
	       "trainer masks it (the word's first or last token is never "
	       "learned) or widens the range over its neighbour.",
	.fix = "Move the offset to the edge of the token; most tokens begin "
	       "with the space in front of the word.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"one two three\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":3,\"train\":false},{\"begin_offset\":4,"
		      "\"end_offset\":12,\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"one two three\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":2,\"train\":false},{\"begin_offset\":3,"
		       "\"end_offset\":12,\"train\":true}]}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
