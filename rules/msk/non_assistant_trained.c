/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Somebody else was meant: a turn in front whose own tokens were missed. */
static size_t
turn_meant(const struct tl_sample *s, size_t turn)
{
	while (turn-- > 0)
		for (size_t k = s->turns[turn].first; k < s->turns[turn].stop;
		     k++)
			if (s->speakers[k] == turn &&
			    s->wanted[k] == TL_REASON_SPAN_MISSED)
				return turn;
	return TL_NO_TURN;
}

static void
note_slip(struct tl_report *r, const struct tl_conv *conv,
    const struct tl_sample *s, size_t turn)
{
	size_t meant = turn_meant(s, turn);

	if (meant != TL_NO_TURN)
		tl_report_note(r,
		    "turn %zu (%s) was meant, %zu of whose %zu tokens are "
		    "trained",
		    meant, tl_role_name(conv->turns[meant].role),
		    s->turns[meant].ntrained, s->turns[meant].nsaid);
	tl_report_note(r,
	    "the trainer counts tokens in the conversation cut off at the turn "
	    "it looks for; the template writes an earlier turn in another way "
	    "there (it drops its thought, say)");
}

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t turn)
{
	const struct tl_turn *t = &conv->turns[turn];
	const struct tl_turn_tokens *tt = &s->turns[turn];
	struct tl_report *r;
	size_t k = tt->first;

	while (k + 1 < tt->stop &&
	    !tl_reason_is_trained((enum tl_reason)s->wanted[k]))
		k++;
	r = tl_report(cx, tl_at_turn(t),
	    "%zu of %zu tokens of a %s turn are trained", tt->ntrained,
	    tt->nsaid, tl_role_name(t->role));
	tl_report_note(r, "the first is %s, %s",
	    tl_quote(cx,
		tl_str_slice(s->render.text.str, s->tokens.offsets[k].beg,
		    s->tokens.offsets[k].end),
		0),
	    tl_reason_text((enum tl_reason)s->wanted[k]));
	if (s->wanted[k] == TL_REASON_MISPLACED)
		note_slip(r, conv, s, turn);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++)
		if (conv->turns[i].role != TL_ROLE_ASSISTANT &&
		    s->turns[i].ntrained > 0)
			report(cx, conv, s, i);
}

const struct tl_rule tl_rule_non_assistant_trained = {
	.code = "MSK021",
	.name = "non-assistant-trained",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "words of the user, the system or a tool are trained",
	.why = "The model learns to write the user's side of the conversation, "
	       "or to recite its prompt and the results of tools.",
	.fix = "Take train: true off the turn, or choose a trainer (or its "
	       "option) that trains the assistant alone. Where the trainer "
	       "looked in the wrong place: take thoughts that the template "
	       "drops out of the data, or make a record of each prefix.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\","
		      "\"train\":true},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
