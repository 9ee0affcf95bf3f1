/* SPDX-License-Identifier: Apache-2.0 */
/* Contents tokenized alone against the whole text. */
#include <turnlint/trainer.h>

#include <string.h>

#include "list.h"

struct work {
	const struct tl_facts *facts;
	struct tl_encoder *encoder;
	struct tl_arena *a;
	const struct tl_sample *s;
	struct tl_tokens whole; /* of the text in one go */
	bool is_joined;		/* the sample's tokens are pieces */
	struct tl_piece *list;
	size_t n, cap;
};

/* The tokens that touch bytes [beg, end). */
static size_t
touching(const struct tl_tokens *t, size_t beg, size_t end, size_t *n)
{
	size_t lo = 0, hi = t->n, stop;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->offsets[mid].end <= beg)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (stop = lo; stop < t->n && t->offsets[stop].beg < end; stop++)
		;
	*n = stop - lo;
	return lo;
}

static bool
same_ids(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	return na == nb && (na == 0 || memcmp(a, b, na * sizeof(*a)) == 0);
}

static size_t
common(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	size_t n = 0;

	while (n < na && n < nb && a[n] == b[n])
		n++;
	return n;
}

/* The ids of s where no dummy prefix stands before it: behind a newline, which
 * has a token of its own. */
static bool
encode_bare(const struct work *w, tl_str s, struct tl_tokens *out)
{
	char *text = tl_arena_bytes(w->a, s.len + 1);
	size_t first = 0;

	if (!tl_tokenizer_has_dummy_prefix(w->facts->recipe->tokenizer))
		return false;
	text[0] = '\n';
	memcpy(text + 1, s.ptr, s.len);
	if (tl_encode(w->encoder, w->a, (tl_str){ text, s.len + 1 }, 0, out,
		NULL) != TL_OK)
		return false;
	while (first < out->n && out->offsets[first].beg < 1)
		first++;
	out->ids += first;
	out->n -= first;
	return true;
}

static void
find_difference(const struct work *w, tl_str s, struct tl_piece *p)
{
	struct tl_tokens bare;
	size_t n;

	p->at_alone = p->at_whole =
	    common(p->alone, p->nalone, p->whole, p->nwhole);
	if (!encode_bare(w, s, &bare))
		return;
	p->is_by_prefix = same_ids(bare.ids, bare.n, p->whole, p->nwhole);
	n = common(bare.ids, bare.n, p->whole, p->nwhole);
	/* Only the start differs from the bare ids: count from the end. */
	if (p->is_by_prefix || n <= p->at_whole || bare.n - n > p->nalone)
		return;
	p->at_whole = n;
	p->at_alone = p->nalone - (bare.n - n);
}

/* Alone the dummy prefix is a token of its own, in the whole the template's
 * space in front is that very token: nothing differs. */
static bool
has_own_space(const struct work *w, const struct tl_piece *p)
{
	size_t i = (size_t)(p->whole - w->whole.ids);

	return i > 0 && p->nalone == p->nwhole + 1 &&
	    p->alone[0] == w->whole.ids[i - 1] &&
	    w->whole.offsets[i - 1].end == p->beg &&
	    same_ids(p->alone + 1, p->nwhole, p->whole, p->nwhole);
}

static void
compare(struct work *w, size_t beg, size_t end, size_t turn)
{
	tl_str s = tl_str_slice(w->s->render.text.str, beg, end);
	struct tl_piece p = { .turn = turn, .beg = beg, .end = end };
	struct tl_tokens alone;

	p.whole = w->whole.ids + touching(&w->whole, beg, end, &p.nwhole);
	if (w->is_joined) {
		p.alone = w->s->tokens.ids +
		    touching(&w->s->tokens, beg, end, &p.nalone);
	} else {
		if (tl_encode(w->encoder, w->a, s, 0, &alone, NULL) != TL_OK)
			return;
		p.alone = alone.ids;
		p.nalone = alone.n;
	}
	if (same_ids(p.alone, p.nalone, p.whole, p.nwhole) ||
	    has_own_space(w, &p))
		return;
	find_difference(w, s, &p);
	TL_PUSH(w->a, w->list, w->n, w->cap, p);
}

static bool
is_content(const struct tl_conv *conv, const struct tl_run *r, size_t *turn)
{
	if (r->node == NULL || r->kind != TL_RUN_CONTENT)
		return false;
	*turn = tl_turn_of_run(conv, r, *turn);
	return *turn != TL_NO_TURN &&
	    tl_turn_has_content(&conv->turns[*turn], r->node);
}

/* Each stretch of content without a literal of the template in between; what
 * an adapter put between two values of one turn belongs to it. */
static void
compare_all(struct work *w)
{
	const struct tl_text *text = &w->s->render.text;
	size_t turn = 0, beg = 0, end = 0, last = TL_NO_TURN;

	for (size_t i = 0; i < text->nruns; i++) {
		const struct tl_run *r = &text->runs[i];

		if (!is_content(w->facts->conv, r, &turn)) {
			if (r->kind == TL_RUN_ADDED)
				continue;
			if (last != TL_NO_TURN)
				compare(w, beg, end, last);
			last = TL_NO_TURN;
			continue;
		}
		if (last != turn) {
			if (last != TL_NO_TURN)
				compare(w, beg, end, last);
			beg = r->beg;
		}
		last = turn;
		end = r->end;
	}
	if (last != TL_NO_TURN)
		compare(w, beg, end, last);
}

const struct tl_pieces *
tl_sample_pieces(
    const struct tl_facts *facts, struct tl_encoder *e, struct tl_arena *a)
{
	const struct tl_sample *s = facts->sample;
	struct tl_pieces *out = s->pieces;
	struct work w = {
		.facts = facts,
		.encoder = e,
		.a = a,
		.s = s,
		.whole = s->tokens,
		.is_joined = !facts->recipe->trainer->wants_render,
	};

	if (out->is_done)
		return out;
	out->is_done = true;
	if (w.is_joined &&
	    tl_encode(e, a, s->render.text.str, 0, &w.whole, NULL) != TL_OK)
		return out;
	compare_all(&w);
	out->list = w.list;
	out->n = w.n;
	return out;
}
