/* SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include <stdlib.h>

struct tl_word_queue *
tl_queue_new(tl_oom_fn *oom, void *ctx)
{
	struct tl_word_queue *q = calloc(1, sizeof(*q));

	if (q == NULL) {
		if (oom != NULL)
			oom(ctx, sizeof(*q));
		abort();
	}
	return q;
}

void
tl_queue_free(struct tl_word_queue *q)
{
	if (q == NULL)
		return;
	free(q->late.ids);
	free(q->late.offsets);
	free(q->late.places);
	free(q);
}

static inline struct tl_offset
span_in(const struct tl_piece *p, size_t beg, size_t end)
{
	if (p->align != NULL)
		return (struct tl_offset){ p->align[beg].beg,
			end == 0 ? p->align[0].beg : p->align[end - 1].end };
	return (struct tl_offset){ p->base + (uint32_t)beg,
		p->base + (uint32_t)end };
}

static inline tl_str
text_of(const struct tl_aimed_word *w, const struct tl_piece *p)
{
	return (tl_str){ p->ptr + w->beg, w->end - w->beg };
}

/* --- known words -----------------------------------------------------------
 */

/* Where the next token goes; there is room. */
struct out {
	uint32_t *ids;
	struct tl_offset *offsets;
};

static inline size_t
put_small(struct out to, const struct tl_piece *p, size_t beg,
    const struct tl_wcache_small *w)
{
	uint32_t spans = w->spans, base = p->base + (uint32_t)beg;
	size_t n = spans >> 24;

	if (p->align != NULL) {
		for (size_t i = 0; i < n; i++, spans >>= 8) {
			to.ids[i] = w->ids[i];
			to.offsets[i] = span_in(
			    p, beg + (spans & 15), beg + (spans >> 4 & 15));
		}
		return n;
	}
	/* All, whether it has them or not: that is faster than to ask. */
	for (size_t i = 0; i < TL_WCACHE_FEW; i++, spans >>= 8) {
		to.ids[i] = w->ids[i];
		to.offsets[i].beg = base + (spans & 15);
		to.offsets[i].end = base + (spans >> 4 & 15);
	}
	return n;
}

static inline size_t
put_wide(struct out to, const struct tl_piece *p, size_t beg,
    const struct tl_wcache_wide *w)
{
	for (size_t i = 0; i < w->n; i++) {
		to.ids[i] = w->ids[i];
		to.offsets[i] =
		    span_in(p, beg + w->spans[i][0], beg + w->spans[i][1]);
	}
	return w->n;
}

/* --- new words -------------------------------------------------------------
 */

static void
late_push(struct tl_encoder *e, uint32_t id, struct tl_offset at)
{
	struct tl_late_tokens *k = &e->queue->late;

	if (k->n == k->cap) {
		size_t cap = k->cap;

		k->ids =
		    tl_encoder_grow(e, k->ids, &cap, k->n + 1, sizeof(*k->ids));
		cap = k->cap;
		k->offsets = tl_encoder_grow(
		    e, k->offsets, &cap, k->n + 1, sizeof(*k->offsets));
		k->cap = cap;
	}
	k->ids[k->n] = id;
	k->offsets[k->n++] = at;
}

/* n late tokens belong behind the first `at` of the others. */
static void
late_place(struct tl_encoder *e, uint32_t at, size_t n)
{
	struct tl_late_tokens *k = &e->queue->late;

	if (k->nplaces == k->cap_places)
		k->places = tl_encoder_grow(e, k->places, &k->cap_places,
		    k->nplaces + 1, sizeof(*k->places));
	k->places[k->nplaces].at = at;
	k->places[k->nplaces++].n = (uint32_t)n;
}

/* Spans end at chars and inside the word, whatever the model counted. */
static void
widen(struct tl_mtoks *toks, tl_str word)
{
	for (size_t i = 0; i < toks->n; i++) {
		struct tl_mtok *k = &toks->v[i];

		if (k->end > word.len)
			k->end = (uint32_t)word.len;
		if (k->beg >= word.len)
			k->beg = (uint32_t)word.len - 1;
		if (k->end <= k->beg)
			k->end = k->beg + 1;
		while (((unsigned char)word.ptr[k->beg] & 0xC0) == 0x80)
			k->beg--;
		while (k->end < word.len &&
		    ((unsigned char)word.ptr[k->end] & 0xC0) == 0x80)
			k->end++;
	}
}

/* A word for which there is no shorter way. */
static enum tl_status
encode_alone(struct tl_encoder *e, tl_str word, enum tl_word_kind kind,
    struct tl_error *err)
{
	switch (kind) {
	case TL_MODEL_WORD:
		return tl_model_encode(e, word, err);
	case TL_BYTE_WORD:
		tl_bpe_encode_raw(e, word);
		break;
	case TL_META_WORD:
	case TL_PREFIXED_WORD:
		if (e->t->spm != NULL)
			tl_spm_word(e, word, kind == TL_PREFIXED_WORD);
		else
			tl_bpe_encode_metaspace(
			    e, word, kind == TL_PREFIXED_WORD);
		break;
	}
	return TL_OK;
}

/* Is it one for the short way? */
static bool
can_merge(const struct tl_bpe *bpe, const struct tl_aimed_word *w)
{
	size_t len = w->end - w->beg;

	return w->kind != TL_MODEL_WORD && !bpe->has_no_merges &&
	    len < (w->kind == TL_BYTE_WORD ? 2 : 1) * TL_BPE_WORD_SYMBOLS;
}

/* Two ways in which a word is a token without any merges: the model says that
 * whole words go first, or it was found while loading that its chars merge to
 * it. */
static bool
may_be_whole(const struct tl_bpe *bpe, const struct tl_new_word *f)
{
	if (!f->word.fits || !f->is_first)
		return false;
	return f->word.kind == TL_BYTE_WORD
	    ? bpe->ignore_merges
	    : f->word.kind == TL_META_WORD && bpe->wholes != NULL;
}

static void
aim_at_whole(struct tl_encoder *e)
{
	const struct tl_model *m = &e->t->model;
	struct tl_word_queue *q = e->queue;

	for (size_t i = 0; i < q->nfresh; i++) {
		struct tl_new_word *f = &q->fresh[i];

		if (!may_be_whole(&m->bpe, f))
			continue;
		if (f->word.kind == TL_META_WORD) {
			f->hash =
			    tl_bpe_whole_aim(m, text_of(&f->word, &f->piece));
			continue;
		}
		f->hash =
		    tl_word_hash(f->word.key.word, f->word.end - f->word.beg);
		tl_words_aim(&m->bpe.raw, f->hash);
	}
	for (size_t i = 0; i < q->nfresh; i++) {
		const struct tl_new_word *f = &q->fresh[i];

		if (!may_be_whole(&m->bpe, f))
			continue;
		if (f->word.kind == TL_META_WORD)
			tl_vocab_peek(&m->vocab, f->hash);
		else
			tl_words_peek(&m->bpe.raw, f->hash);
	}
}

static uint32_t
find_whole(const struct tl_model *m, const struct tl_new_word *f)
{
	tl_str text = text_of(&f->word, &f->piece);

	if (!may_be_whole(&m->bpe, f))
		return m->bpe.ignore_merges && f->word.kind == TL_BYTE_WORD
		    ? tl_bpe_find_whole(&m->bpe, text)
		    : TL_NO_ID;
	if (f->word.kind == TL_META_WORD)
		return tl_bpe_whole(m, text, f->hash);
	return tl_words_find(&m->bpe.raw, f->word.key.word, text.len);
}

static bool
begin(struct tl_encoder *e, const struct tl_new_word *f)
{
	const struct tl_model *m = &e->t->model;
	tl_str text = text_of(&f->word, &f->piece);
	uint32_t id = find_whole(m, f);

	if (id != TL_NO_ID) {
		tl_bpe_begin_whole(text, id, f->merged);
		return true;
	}
	if (f->word.kind == TL_BYTE_WORD)
		return tl_bpe_begin_raw(&m->bpe, text, f->merged);
	if (e->t->spm != NULL)
		return tl_bpe_begin_known(
		    &m->bpe, text, f->word.kind == TL_PREFIXED_WORD, f->merged);
	tl_bpe_begin_metaspace(
	    e, text, f->word.kind == TL_PREFIXED_WORD, f->merged);
	return true;
}

/* The first of the same bytes may have turned out to be none for the short
 * way. */
static inline bool
was_merged(const struct tl_new_word *f)
{
	return f->merged != NULL && f->merged->n > 0;
}

/* No token can end inside a char, and none is empty. */
static inline bool
is_simple(const struct tl_new_word *f)
{
	const uint64_t *w = f->word.key.word;

	return was_merged(f) && f->word.fits &&
	    f->word.kind != TL_PREFIXED_WORD &&
	    ((w[0] | w[1] | w[2]) & 0x8080808080808080u) == 0;
}

static enum tl_status
finish(struct tl_encoder *e, const struct tl_new_word *f, struct tl_error *err)
{
	tl_str text = text_of(&f->word, &f->piece);
	enum tl_status st = TL_OK;
	const struct tl_mtoks *k = &e->toks;

	if (was_merged(f))
		tl_bpe_word_tokens(e, f->merged);
	else
		st = encode_alone(e, text, f->word.kind, err);
	if (st != TL_OK)
		return st;
	if (e->t->spm == NULL && !is_simple(f))
		widen(&e->toks, text);
	else if (e->t->spm != NULL && was_merged(f))
		tl_spm_end_word(e, text);
	for (size_t i = 0; i < k->n; i++)
		late_push(e, k->v[i].id,
		    span_in(&f->piece, f->word.beg + k->v[i].beg,
			f->word.beg + k->v[i].end));
	if (f->word.fits && f->is_first)
		tl_wcache_put(e->cache, &f->word.key, k->v, k->n);
	return TL_OK;
}

/* Does it have more tokens than a small entry takes? */
static bool
is_wide(const struct tl_new_word *f)
{
	uint32_t alive;

	if (!was_merged(f) || !f->word.fits)
		return false;
	alive = f->merged->alive;
	for (size_t i = 0; i < TL_WCACHE_FEW; i++)
		alive &= alive - 1;
	return alive != 0;
}

/* The tokens of all that wait. */
static enum tl_status
merge_all(struct tl_encoder *e, struct tl_error *err)
{
	const struct tl_bpe *bpe = &e->t->model.bpe;
	struct tl_word_queue *q = e->queue;
	struct tl_bpe_word *merging[TL_WORDS_NEW];
	size_t n = 0;

	aim_at_whole(e);
	for (size_t i = 0; i < q->nfresh; i++) {
		struct tl_new_word *f = &q->fresh[i];

		if (f->merged == NULL || !f->is_first)
			continue;
		if (begin(e, f))
			merging[n++] = f->merged;
		else
			f->merged->n = 0;
	}
	tl_bpe_merge_words(bpe, merging, n);
	for (size_t i = 0; i < q->nfresh; i++)
		if (is_wide(&q->fresh[i]))
			tl_wcache_aim_wide(e->cache, &q->fresh[i].word.key);
	for (size_t i = 0; i < q->nfresh; i++) {
		size_t before = q->late.n;
		enum tl_status st = finish(e, &q->fresh[i], err);

		if (st != TL_OK)
			return st;
		late_place(e, q->fresh[i].at, q->late.n - before);
	}
	q->nfresh = 0;
	return TL_OK;
}

/* It waits; same is one of the same bytes that waits already, or NULL. */
static void
wait(struct tl_encoder *e, const struct tl_aimed_word *w,
    const struct tl_new_word *same)
{
	struct tl_word_queue *q = e->queue;
	size_t which = q->nfresh++;
	struct tl_new_word *f = &q->fresh[which];

	f->word = *w;
	f->piece = *w->piece;
	f->at = (uint32_t)e->n;
	f->is_first = same == NULL;
	f->merged = NULL;
	if (same != NULL)
		f->merged = same->merged;
	else if (can_merge(&e->t->model.bpe, w))
		f->merged = &q->merges[which];
	if (same == NULL && w->fits)
		tl_wcache_wait(e->cache, &w->key, (uint32_t)which);
}

/* --- both ------------------------------------------------------------------
 */

/* The word's tokens, where it is known.  Otherwise it waits; false: no more
 * can. */
static inline bool
settle(struct tl_encoder *e, const struct tl_aimed_word *w)
{
	struct tl_word_queue *q = e->queue;
	const struct tl_new_word *same = NULL;
	struct out to = { e->ids + e->n, e->offsets + e->n };
	bool is_wide = w->fits;

	if (w->end - w->beg <= TL_WCACHE_SHORT) {
		const struct tl_wcache_small *s =
		    tl_wcache_find_small(e->cache, &w->key);

		if (s != NULL && s->spans < TL_WCACHE_WAITS) {
			e->n += put_small(to, w->piece, w->beg, s);
			return true;
		}
		if (s != NULL && s->spans == TL_WCACHE_WAITS)
			same = &q->fresh[s->ids[0]];
		is_wide = s != NULL && s->spans == TL_WCACHE_ELSEWHERE;
	}
	if (is_wide) {
		const struct tl_wcache_wide *k =
		    tl_wcache_find_wide(e->cache, &w->key);

		if (k != NULL && k->n <= TL_WCACHE_TOKENS) {
			e->n += put_wide(to, w->piece, w->beg, k);
			return true;
		}
		if (k != NULL)
			same = &q->fresh[k->ids[0]];
	}
	if (q->nfresh == TL_WORDS_NEW)
		return false;
	wait(e, w, same);
	return true;
}

enum tl_status
tl_queue_settle(struct tl_encoder *e, struct tl_error *err)
{
	struct tl_word_queue *q = e->queue;
	size_t n = q->naimed;

	q->naimed = 0;
	tl_encoder_room(e, e->n + n * TL_WCACHE_TOKENS);
	for (size_t i = 0; i < n;) {
		enum tl_status st;

		if (settle(e, &q->aimed[i])) {
			i++;
			continue;
		}
		st = merge_all(e, err);
		if (st != TL_OK)
			return st;
	}
	return TL_OK;
}

/* The late tokens to their places, from the end so that nothing is
 * overwritten. */
static void
place_all(struct tl_encoder *e)
{
	struct tl_late_tokens *k = &e->queue->late;
	size_t from = e->n, to = e->n + k->n, late = k->n;

	tl_encoder_room(e, to);
	e->n = to;
	for (size_t i = k->nplaces; i-- > 0;) {
		while (from > k->places[i].at) {
			e->ids[--to] = e->ids[--from];
			e->offsets[to] = e->offsets[from];
		}
		for (size_t n = k->places[i].n; n > 0; n--) {
			e->ids[--to] = k->ids[--late];
			e->offsets[to] = k->offsets[late];
		}
	}
	k->n = k->nplaces = 0;
}

enum tl_status
tl_queue_end(struct tl_encoder *e, struct tl_error *err)
{
	enum tl_status st = TL_OK;

	if (e->queue->nfresh > 0)
		st = merge_all(e, err);
	if (st == TL_OK && e->queue->late.nplaces > 0)
		place_all(e);
	return st;
}

void
tl_queue_drop(struct tl_encoder *e)
{
	struct tl_word_queue *q = e->queue;

	for (size_t i = 0; i < q->nfresh; i++)
		if (q->fresh[i].word.fits)
			tl_wcache_forget(e->cache, &q->fresh[i].word.key);
	q->naimed = q->nfresh = 0;
	q->late.n = q->late.nplaces = 0;
}
