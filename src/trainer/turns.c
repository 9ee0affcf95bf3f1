/* SPDX-License-Identifier: Apache-2.0 */
/* Which tokens are whose. */
#include <turnlint/sample.h>

#include <string.h>

static uint32_t
speaker_of(const struct tl_conv *conv, const struct tl_run *r, size_t *hint)
{
	size_t t = tl_turn_of_run(conv, r, *hint);

	if (t == TL_NO_TURN || t >= TL_NOBODY)
		return TL_NOBODY;
	*hint = t;
	return tl_turn_says(&conv->turns[t], r->node) ? (uint32_t)t : TL_NOBODY;
}

static void
extend(struct tl_turn_tokens *t, const struct tl_run *r)
{
	if (t->beg == t->end)
		t->beg = r->beg;
	t->end = r->end;
}

static void
count_token(struct tl_turn_tokens *t, size_t i, bool is_trained)
{
	if (t->nsaid == 0)
		t->first = i;
	t->stop = i + 1;
	t->nsaid++;
	t->ntrained += is_trained;
}

void
tl_sample_index(
    struct tl_arena *a, const struct tl_conv *conv, struct tl_sample *s)
{
	const struct tl_text *text = &s->render.text;
	uint32_t *runs = TL_NEW(a, uint32_t, text->nruns);
	uint32_t *speakers = TL_NEW(a, uint32_t, s->tokens.n);
	struct tl_turn_tokens *turns =
	    TL_NEW(a, struct tl_turn_tokens, conv->nturns);
	size_t hint = 0, at = 0;

	for (size_t i = 0; i < text->nruns; i++) {
		runs[i] = speaker_of(conv, &text->runs[i], &hint);
		if (runs[i] != TL_NOBODY)
			extend(&turns[runs[i]], &text->runs[i]);
	}
	for (size_t i = 0; i < s->tokens.n; i++) {
		struct tl_offset o = s->tokens.offsets[i];
		uint32_t last = TL_NOBODY;

		speakers[i] = TL_NOBODY;
		/* Offsets may step back within a character. */
		while (at > 0 && text->runs[at - 1].end > o.beg)
			at--;
		while (at < text->nruns && text->runs[at].end <= o.beg)
			at++;
		/* A token may hold words of several turns. */
		for (size_t k = at;
		     k < text->nruns && text->runs[k].beg < o.end; k++) {
			if (runs[k] == TL_NOBODY || runs[k] == last)
				continue;
			last = runs[k];
			if (speakers[i] == TL_NOBODY)
				speakers[i] = last;
			count_token(&turns[last], i,
			    tl_reason_is_trained((enum tl_reason)s->wanted[i]));
		}
	}
	s->speakers = speakers;
	s->turns = turns;
	s->pieces = TL_NEW(a, struct tl_pieces, 1);
}
