/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t turn, size_t stop)
{
	struct tl_report *r = tl_report(cx, tl_at_turn(&conv->turns[turn]),
	    "nothing behind this reply is trained: the model does not learn "
	    "to stop");
	const struct tl_trainer *trainer = cx->facts->recipe->trainer;
	const char *why, *advice = NULL;

	if (stop == TL_NPOS) {
		tl_report_note(r,
		    "no special token stands behind it that could end the "
		    "turn");
		return;
	}
	why = tl_reason_text((enum tl_reason)s->wanted[stop]);
	tl_report_note(r, "behind it stands %s (id %u), %s",
	    tl_quote(cx,
		tl_str_slice(s->render.text.str, s->tokens.offsets[stop].beg,
		    s->tokens.offsets[stop].end),
		0),
	    (unsigned)s->tokens.ids[stop], why);
	if (trainer->advise_stop != NULL)
		advice =
		    trainer->advise_stop(cx->arena, cx->facts->recipe, s, stop);
	if (advice != NULL)
		tl_report_note(r, "%s", advice);
}

/* Look behind the turn's words, until somebody speaks again. */
static void
check_turn(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t turn)
{
	size_t stop = TL_NPOS;

	for (size_t k = s->turns[turn].stop;
	     k < s->tokens.n && s->speakers[k] == TL_NOBODY; k++) {
		if (tl_reason_is_trained((enum tl_reason)s->wanted[k]))
			return;
		if (stop == TL_NPOS &&
		    (tl_tokenizer_flags(
			 cx->facts->recipe->tokenizer, s->tokens.ids[k]) &
			TL_TOKEN_SPECIAL) != 0)
			stop = k;
	}
	report(cx, conv, s, turn, stop);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++)
		if (conv->turns[i].role == TL_ROLE_ASSISTANT &&
		    s->turns[i].ntrained > 0)
			check_turn(cx, conv, s, i);
}

const struct tl_rule tl_rule_stop_not_trained = {
	.code = "MSK019",
	.name = "stop-not-trained",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the marker that ends a trained turn is not trained",
	.why = "The model learns what to say and never learns to stop: at "
	       "inference it runs on, into the user's next turn.",
	.fix = "Use a template that ends the assistant's turn with a token of "
	       "its own, and a trainer that trains it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},"
		      "{\"role\":\"user\",\"content\":\"How are you?\"},"
		      "{\"role\":\"assistant\",\"content\":\"Fine.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "axolotl",
	    .trainer_option = "train_on_eos=last" },
	.check_sample = check,
};
