/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
is_in_block(const struct tl_render *r, struct tl_offset o)
{
	for (size_t i = 0; i < r->ngeneration; i++)
		if (o.beg < r->generation[i].end &&
		    o.end > r->generation[i].beg)
			return true;
	return false;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	size_t n = 0, first = 0, foreign = TL_NO_TURN;
	struct tl_report *r;

	if (!s->is_built || s->render.ngeneration == 0)
		return;
	for (size_t i = 0; i < s->tokens.n; i++) {
		if (s->wanted[i] != TL_REASON_GENERATION ||
		    is_in_block(&s->render, s->tokens.offsets[i]))
			continue;
		first = n++ == 0 ? i : first;
		if (foreign == TL_NO_TURN && s->speakers[i] != TL_NOBODY)
			foreign = s->speakers[i];
	}
	if (n == 0)
		return;
	r = tl_report(cx,
	    foreign != TL_NO_TURN ? tl_at_turn(&conv->turns[foreign])
				  : tl_at_record(),
	    "%zu tokens behind a {%% generation %%} block are trained", n);
	tl_report_note(r,
	    "from token %zu on: the block ends in a character that has no "
	    "token of its own, so the mask runs to the end of the record",
	    first);
}

const struct tl_rule tl_rule_generation_span_overrun = {
	.code = "MSK026",
	.name = "generation-span-overrun",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the assistant mask runs on behind a {% generation %} block",
	.why = "transformers looks for the token of the last character of the "
	       "block. Where the tokenizer's normalizer has swallowed that "
	       "character there is none, and all that follows is trained: "
	       "headers, and what the user says.",
	.fix = "Write the text in composed form (NFC), or end the block with "
	       "the end-of-turn marker.",
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "transformers" },
	.check_sample = check,
};
