/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The author's own choice. */
static bool
is_chosen(enum tl_reason r)
{
	return r == TL_REASON_DETAIL_MASKED || r == TL_REASON_DETAIL_GAP ||
	    r == TL_REASON_DETAIL_PARTIAL || r == TL_REASON_PART_MASKED;
}

/* MSK017 and MSK018 say more about it. */
static bool
is_lost(enum tl_reason r)
{
	return r == TL_REASON_SPAN_MISSED || r == TL_REASON_DUMMY_OVERLAP;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		const struct tl_turn_tokens *t = &s->turns[i];
		enum tl_reason why;
		struct tl_offset o;

		if (conv->turns[i].role != TL_ROLE_ASSISTANT ||
		    t->ntrained == 0)
			continue;
		why = (enum tl_reason)s->wanted[t->first];
		if (tl_reason_is_trained(why) || is_chosen(why) || is_lost(why))
			continue;
		o = s->tokens.offsets[t->first];
		tl_report_note(tl_report(cx, tl_at_turn(&conv->turns[i]),
				   "the first token of a trained reply is "
				   "masked"),
		    "%s (id %u) is %s",
		    tl_quote(
			cx, tl_str_slice(s->render.text.str, o.beg, o.end), 0),
		    (unsigned)s->tokens.ids[t->first], tl_reason_text(why));
	}
}

const struct tl_rule tl_rule_first_token_masked = {
	.code = "MSK024",
	.name = "first-token-masked",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the first token of a trained reply is masked",
	.why = "The first token decides how an answer goes on, and it is the "
	       "one the model never learns.",
	.fix = "Use a template that sets the reply off from the text before "
	       "it by a special token.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"the "
		      "ans\"},{\"role\":\"assistant\",\"content\":\"wer is "
		      "here\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"the "
		       "answer?\"},{\"role\":\"assistant\",\"content\":\"Is "
		       "here.\"}]}\n"),
	.also = "TOK001 TOK002",
	.recipe = { .template_ = "samples/templates/bare.jinja",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
