/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder.c - a text through all steps, by the plan of its tokenizer.
 */
#include "tok.h"

#include <assert.h>
#include <stdlib.h>

#include "nform.h"
#include "wcache.h"

enum word_kind {
	WORD_MODEL,
	WORD_BYTES,
	WORD_METASPACE,
	WORD_PREFIXED, /* the same behind a dummy "▁" */
};

/* Words on their way through the cache and, those it does not know, through
 * the merges; many at a time, so that they wait for memory together. */
struct word {
	const struct tl_piece *piece;
	uint32_t beg, end; /* in the piece */
	enum word_kind kind;
	bool fits; /* the cache */
	/* One of these, when it is known or short: */
	const struct tl_wcache_small *small;
	const struct tl_wcache_wide *wide;
	const struct tl_bpe_word *merged;
	struct tl_wcache_key key;
};

struct tl_word_block {
	size_t n, nfresh;
	struct word words[TL_BPE_WORDS];
	struct word *fresh[TL_BPE_WORDS]; /* not found */
	uint64_t hashes[TL_BPE_WORDS];	  /* … theirs as whole tokens */
	struct tl_bpe_word *merged[TL_BPE_WORDS];
	struct tl_bpe_word merges[TL_BPE_WORDS];
};

struct tl_encoder *
tl_encoder_new(const struct tl_tokenizer *t, tl_oom_fn *oom, void *ctx)
{
	struct tl_encoder *e = calloc(1, sizeof(*e));

	if (e != NULL)
		e->block = calloc(1, sizeof(*e->block));
	if (e == NULL || e->block == NULL) {
		free(e);
		if (oom != NULL)
			oom(ctx, sizeof(*e->block));
		abort();
	}
	e->t = t;
	e->oom = oom;
	e->ctx = ctx;
	e->scratch = tl_arena_new(oom, ctx);
	e->cache = tl_wcache_new(oom, ctx);
	return e;
}

void
tl_encoder_free(struct tl_encoder *e)
{
	if (e == NULL)
		return;
	tl_arena_free(e->scratch);
	tl_wcache_free(e->cache);
	tl_bpe_work_free(e->bpe);
	free(e->toks.v);
	free(e->block);
	free(e->ids);
	free(e->offsets);
	free(e);
}

void
tl_encoder_only_steps(struct tl_encoder *e)
{
	e->only_steps = true;
}

void *
tl_encoder_grow(const struct tl_encoder *e, void *ptr, size_t *cap, size_t want,
    size_t size)
{
	size_t n = *cap < 32 ? 64 : *cap, bytes;
	void *grown;

	while (n < want)
		n *= 2;
	grown = tl_mul_overflows(n, size, &bytes) ? NULL : realloc(ptr, bytes);
	if (grown == NULL) {
		if (e->oom != NULL)
			e->oom(e->ctx, n * size);
		abort();
	}
	*cap = n;
	return grown;
}

void
tl_mtoks_room(struct tl_encoder *e, size_t n)
{
	struct tl_mtoks *k = &e->toks;

	if (k->cap < n)
		k->v = tl_encoder_grow(e, k->v, &k->cap, n, sizeof(*k->v));
}

void
tl_mtoks_add(struct tl_encoder *e, uint32_t id, size_t beg, size_t end)
{
	struct tl_mtoks *k = &e->toks;

	tl_mtoks_room(e, k->n + 1);
	k->v[k->n++] = (struct tl_mtok){ id, (uint32_t)beg, (uint32_t)end };
}

void
tl_encoder_room(struct tl_encoder *e, size_t n)
{
	size_t cap = e->cap;

	if (n <= cap)
		return;
	e->ids = tl_encoder_grow(e, e->ids, &cap, n, sizeof(*e->ids));
	cap = e->cap;
	e->offsets =
	    tl_encoder_grow(e, e->offsets, &cap, n, sizeof(*e->offsets));
	e->cap = cap;
}

static inline void
push(struct tl_encoder *e, uint32_t id, struct tl_offset at)
{
	if (e->n == e->cap)
		tl_encoder_room(e, e->n + 1);
	e->ids[e->n] = id;
	e->offsets[e->n++] = at;
}

tl_str
tl_encoder_string(const struct tl_encoder *e, size_t i)
{
	const struct tl_offset *at = &e->offsets[i];

	if (tl_tokenizer_flags(e->t, e->ids[i]) & TL_TOKEN_ADDED)
		return tl_str_slice(e->text, at->beg, at->end);
	return tl_tokenizer_piece(e->t, e->ids[i]);
}

/* --- one word
 * -------------------------------------------------------------------- */

static void
push_span(struct tl_encoder *e, const struct tl_piece *p, uint32_t id,
    size_t beg, size_t end)
{
	struct tl_offset at = { p->base + (uint32_t)beg,
		p->base + (uint32_t)end };

	if (p->align != NULL)
		at = (struct tl_offset){ p->align[beg].beg,
			p->align[end - 1].end };
	push(e, id, at);
}

static inline void
push_small(struct tl_encoder *e, const struct tl_piece *p, size_t beg,
    const struct tl_wcache_small *w)
{
	uint32_t spans = w->spans, base = p->base + (uint32_t)beg;
	size_t n = spans >> 24;
	uint32_t *ids;
	struct tl_offset *offsets;

	if (p->align != NULL) {
		for (size_t i = 0; i < n; i++, spans >>= 8)
			push_span(e, p, w->ids[i], beg + (spans & 15),
			    beg + (spans >> 4 & 15));
		return;
	}
	if (e->cap - e->n < TL_WCACHE_FEW)
		tl_encoder_room(e, e->n + TL_WCACHE_FEW);
	ids = e->ids + e->n;
	offsets = e->offsets + e->n;
	/* All, whether it has them or not: that is faster than to ask. */
	for (size_t i = 0; i < TL_WCACHE_FEW; i++, spans >>= 8) {
		ids[i] = w->ids[i];
		offsets[i].beg = base + (spans & 15);
		offsets[i].end = base + (spans >> 4 & 15);
	}
	e->n += n;
}

static void
push_wide(struct tl_encoder *e, const struct tl_piece *p, size_t beg,
    const struct tl_wcache_wide *w)
{
	for (size_t i = 0; i < w->n; i++)
		push_span(e, p, w->ids[i], beg + w->spans[i][0],
		    beg + w->spans[i][1]);
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
encode_alone(struct tl_encoder *e, tl_str word, enum word_kind kind,
    struct tl_error *err)
{
	switch (kind) {
	case WORD_MODEL:
		return tl_model_encode(e, word, err);
	case WORD_BYTES:
		tl_bpe_encode_raw(e, word);
		break;
	case WORD_METASPACE:
	case WORD_PREFIXED:
		tl_bpe_encode_metaspace(e, word, kind == WORD_PREFIXED);
		break;
	}
	return TL_OK;
}

static inline void
block_add(struct tl_encoder *e, const struct tl_piece *p, size_t beg,
    size_t end, enum word_kind kind)
{
	struct tl_word_block *b = e->block;
	struct word *w = &b->words[b->n++];

	w->piece = p;
	w->beg = (uint32_t)beg;
	w->end = (uint32_t)end;
	w->kind = kind;
	w->fits = end - beg <= TL_WCACHE_LONGEST;
	if (w->fits)
		tl_wcache_aim(e->cache, (tl_str){ p->ptr, p->len }, beg,
		    end - beg, kind, &w->key);
}

static inline tl_str
word_text(const struct word *w)
{
	return (tl_str){ w->piece->ptr + w->beg, w->end - w->beg };
}

/* Is the word known?  A short one has its place in the small table, even where
 * that only says that the other table has it. */
static inline bool
look_up(const struct tl_encoder *e, struct word *w)
{
	w->small = NULL;
	w->wide = NULL;
	w->merged = NULL;
	if (!w->fits)
		return false;
	if (w->end - w->beg <= TL_WCACHE_SHORT) {
		w->small = tl_wcache_find_small(e->cache, &w->key);
		if (w->small == NULL || w->small->spans != TL_WCACHE_ELSEWHERE)
			return w->small != NULL;
		w->small = NULL;
	}
	w->wide = tl_wcache_find_wide(e->cache, &w->key);
	return w->wide != NULL;
}

/* Could it be a token as it stands? */
static inline bool
can_be_whole(const struct word *w)
{
	return w->kind == WORD_METASPACE && w->fits;
}

static void
aim_wholes(const struct tl_encoder *e)
{
	const struct tl_model *m = &e->t->model;
	struct tl_word_block *b = e->block;

	for (size_t i = 0; i < b->nfresh; i++)
		if (can_be_whole(b->fresh[i]))
			b->hashes[i] =
			    tl_bpe_whole_aim(m, word_text(b->fresh[i]));
	for (size_t i = 0; i < b->nfresh; i++)
		if (can_be_whole(b->fresh[i]))
			tl_vocab_peek(&m->vocab, b->hashes[i]);
}

static void
block_look(struct tl_encoder *e)
{
	const struct tl_bpe *bpe = &e->t->model.bpe;
	struct tl_word_block *b = e->block;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct word *w = &b->words[i];

		if (!look_up(e, w))
			b->fresh[n++] = w;
	}
	b->nfresh = n;
	if (bpe->wholes != NULL)
		aim_wholes(e);
	if (!bpe->ignore_merges || !bpe->is_raw)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct word *w = b->fresh[i];

		if (!w->fits)
			continue;
		b->hashes[i] = tl_word_hash(w->key.word, w->end - w->beg);
		tl_words_aim(&bpe->raw, b->hashes[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (b->fresh[i]->fits)
			tl_words_peek(&bpe->raw, b->hashes[i]);
}

/* Begin to merge a new word, if it is one for the short way. */
static bool
begin_word(struct tl_encoder *e, size_t which, struct tl_bpe_word *m)
{
	const struct word *w = e->block->fresh[which];
	const struct tl_bpe *bpe = &e->t->model.bpe;
	tl_str text = word_text(w);

	if (w->kind == WORD_MODEL || !w->fits || bpe->has_no_merges)
		return false;
	if (bpe->wholes != NULL && can_be_whole(w)) {
		uint32_t id =
		    tl_bpe_whole(&e->t->model, text, e->block->hashes[which]);

		if (id != TL_NO_ID) {
			tl_bpe_begin_whole(text, id, m);
			return true;
		}
	}
	if (w->kind != WORD_BYTES) {
		tl_bpe_begin_metaspace(e, text, w->kind == WORD_PREFIXED, m);
		return true;
	}
	if (bpe->ignore_merges) {
		uint32_t id = tl_words_find(&bpe->raw, w->key.word, text.len);

		if (id != TL_NO_ID) {
			tl_bpe_begin_whole(text, id, m);
			return true;
		}
	}
	tl_bpe_begin_raw(e, text, m);
	return true;
}

/* No token can end inside a char, and none is empty. */
static inline bool
is_simple(const struct word *w)
{
	return w->merged != NULL && w->kind != WORD_PREFIXED &&
	    ((w->key.word[0] | w->key.word[1] | w->key.word[2]) &
		0x8080808080808080u) == 0;
}

static enum tl_status
push_new(struct tl_encoder *e, const struct word *w, struct tl_error *err)
{
	tl_str text = word_text(w);
	enum tl_status st = TL_OK;

	if (w->merged != NULL)
		tl_bpe_word_tokens(e, w->merged);
	else
		st = encode_alone(e, text, w->kind, err);
	if (st != TL_OK)
		return st;
	if (!is_simple(w))
		widen(&e->toks, text);
	for (size_t i = 0; i < e->toks.n; i++)
		push_span(e, w->piece, e->toks.v[i].id,
		    w->beg + e->toks.v[i].beg, w->beg + e->toks.v[i].end);
	if (w->fits)
		tl_wcache_put(e->cache, &w->key, e->toks.v, e->toks.n);
	return TL_OK;
}

/* The bytes of each word are a piece for the model. */
static enum tl_status
block_run(struct tl_encoder *e, struct tl_error *err)
{
	struct tl_word_block *b = e->block;
	enum tl_status st = TL_OK;
	size_t n = b->n, nmerge = 0;

	block_look(e);
	b->n = 0;
	for (size_t i = 0; i < b->nfresh; i++) {
		struct tl_bpe_word *m = &b->merges[nmerge];

		if (!begin_word(e, i, m))
			continue;
		b->fresh[i]->merged = b->merged[nmerge++] = m;
	}
	if (nmerge > 0)
		tl_bpe_merge_words(&e->t->model.bpe, b->merged, nmerge);
	for (size_t i = 0; i < n && st == TL_OK; i++) {
		const struct word *w = &b->words[i];

		/* A new word may have taken the place of a known one. */
		if (w->small != NULL && tl_wcache_is_small(w->small, &w->key))
			push_small(e, w->piece, w->beg, w->small);
		else if (w->wide != NULL && tl_wcache_is_wide(w->wide, &w->key))
			push_wide(e, w->piece, w->beg, w->wide);
		else
			st = push_new(e, w, err);
	}
	return st;
}

/* --- the plans
 * ---------------------------------------------------------------------- */

static void
push_added(struct tl_encoder *e, const struct tl_piece *p)
{
	push(e, p->added, tl_piece_span(p, 0, p->len));
}

/* The added tokens to look for: none when the text is plain. */
static const struct tl_added_set *
looked_for(const struct tl_encoder *e, const struct tl_added_set *set)
{
	static const struct tl_added_set nothing;

	return e->is_plain ? &nothing : set;
}

static enum tl_status
encode_words(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	tl_scan_fn *scan = e->t->scan;
	tl_str text = { p->ptr, p->len };

	for (size_t at = 0, end; at < text.len; at = end) {
		end = scan(text, at);
		block_add(e, p, at, end, WORD_BYTES);
		if (e->block->n == TL_BPE_WORDS || end == text.len) {
			enum tl_status st = block_run(e, err);

			if (st != TL_OK)
				return st;
		}
	}
	return TL_OK;
}

static enum tl_status
encode_bytes(struct tl_encoder *e, struct tl_piece p, struct tl_error *err)
{
	const struct tl_tokenizer *t = e->t;
	struct tl_pieces list = { .arena = e->scratch };
	enum tl_status st = TL_OK;

	if (t->needs_nfc)
		tl_nform_apply(TL_NFC, e->scratch, &p);
	if (t->normalized_set.patterns.n == 0)
		return encode_words(e, &p, err);
	tl_added_split(t, looked_for(e, &t->normalized_set), &p, &list);
	for (size_t i = 0; i < list.n && st == TL_OK; i++) {
		if (list.v[i].added != TL_NO_ID)
			push_added(e, &list.v[i]);
		else
			st = encode_words(e, &list.v[i], err);
	}
	return st;
}

static bool
wants_prefix(
    const struct tl_tokenizer *t, bool is_inside, const struct tl_piece *p)
{
	tl_str text = { p->ptr, p->len };

	if (is_inside && p->base == 0)
		return false;
	if (t->prepends_always)
		return true;
	if (t->prepend == TL_PREPEND_NEVER ||
	    (t->prepend == TL_PREPEND_FIRST && p->base != 0))
		return false;
	return text.ptr[0] != ' ' && !tl_str_starts(text, TL_STR("\u2581"));
}

static enum tl_status
encode_steps(struct tl_encoder *e, struct tl_piece p, struct tl_error *err)
{
	const struct tl_tokenizer *t = e->t;
	struct tl_pieces list = { .arena = e->scratch };
	enum word_kind kind = t->model.bpe.is_raw ? WORD_BYTES : WORD_MODEL;

	if (!tl_norm_run(&t->norm, e->scratch, &p))
		return tl_fail(err, TL_ELIMIT,
		    "a regular expression of the normalizer gave up on the "
		    "text");
	tl_added_split(t, looked_for(e, &t->normalized_set), &p, &list);
	if (!tl_pretok_run(&t->pretok, e->scratch, &list))
		return tl_fail(err, TL_ELIMIT,
		    "a regular expression of the pre-tokenizer gave up on "
		    "the text");
	for (size_t i = 0; i < list.n; i++) {
		const struct tl_piece *k = &list.v[i];
		bool is_added = k->added != TL_NO_ID;

		if (!is_added)
			block_add(e, k, 0, k->len, kind);
		if (is_added || e->block->n == TL_BPE_WORDS ||
		    i + 1 == list.n) {
			enum tl_status st = block_run(e, err);

			if (st != TL_OK)
				return st;
		}
		if (is_added)
			push_added(e, k);
	}
	return TL_OK;
}

/* A part of the text in which no added token is. */
static enum tl_status
encode_spaced(struct tl_encoder *e, const struct tl_piece *p, bool has_prefix,
    struct tl_error *err)
{
	const struct tl_bpe *bpe = &e->t->model.bpe;
	enum word_kind kind = has_prefix ? WORD_PREFIXED : WORD_METASPACE;
	tl_str text = { p->ptr, p->len };

	for (size_t at = 0, end; at < text.len; at = end) {
		end = tl_bpe_next_cut(bpe, text, at);
		block_add(e, p, at, end, kind);
		kind = WORD_METASPACE;
		if (e->block->n == TL_BPE_WORDS || end == text.len) {
			enum tl_status st = block_run(e, err);

			if (st != TL_OK)
				return st;
		}
	}
	return TL_OK;
}

/* Added tokens that are searched for behind a normalizer which makes "▁" of
 * spaces.  The dummy "▁" can be the first char of one. */
static enum tl_status
encode_folded(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	const struct tl_tokenizer *t = e->t;
	struct tl_pieces list = { .arena = e->scratch };
	tl_str text = { p->ptr, p->len };
	bool has_prefix = wants_prefix(t, e->is_inside, p);
	enum tl_status st = TL_OK;
	int64_t hit =
	    has_prefix ? tl_added_longest(&t->front_set, text, 0) : -1;

	if (tl_str_find(text, TL_STR("\u2581"), 0) != TL_NPOS || hit >= 0)
		return encode_steps(e, *p, err);
	tl_added_split(t, &t->folded_set, p, &list);
	if (has_prefix && list.v[0].added != TL_NO_ID)
		return encode_steps(e, *p, err);
	for (size_t i = 0; i < list.n && st == TL_OK; i++) {
		if (list.v[i].added != TL_NO_ID)
			push_added(e, &list.v[i]);
		else
			st = encode_spaced(
			    e, &list.v[i], has_prefix && i == 0, err);
	}
	return st;
}

static enum tl_status
encode_metaspace(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	const struct tl_tokenizer *t = e->t;
	struct tl_pieces list = { .arena = e->scratch };
	enum tl_status st = TL_OK;

	if (e->is_plain || t->normalized_set.patterns.n == 0)
		return encode_spaced(
		    e, p, wants_prefix(t, e->is_inside, p), err);
	if (t->norm.n > 0)
		return encode_folded(e, p, err);
	tl_added_split(t, &t->normalized_set, p, &list);
	for (size_t i = 0; i < list.n && st == TL_OK; i++) {
		const struct tl_piece *k = &list.v[i];

		if (k->added != TL_NO_ID)
			push_added(e, k);
		else
			st = encode_spaced(
			    e, k, wants_prefix(t, e->is_inside, k), err);
	}
	return st;
}

static enum tl_status
encode_part(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	enum tl_plan plan = e->only_steps ? TL_PLAN_STEPS : e->t->plan;

	if (e->t->spm != NULL)
		return tl_spm_encode(e, p, err);
	switch (plan) {
	case TL_PLAN_BYTES:
		return encode_bytes(e, *p, err);
	case TL_PLAN_METASPACE:
		return encode_metaspace(e, p, err);
	case TL_PLAN_STEPS:
		break;
	}
	return encode_steps(e, *p, err);
}

static void
hand_out(const struct tl_encoder *e, struct tl_arena *a, struct tl_tokens *out)
{
	uint32_t *ids =
	    tl_arena_grow(a, NULL, 0, e->n * sizeof(*ids), _Alignof(uint32_t));
	struct tl_offset *offsets = tl_arena_grow(
	    a, NULL, 0, e->n * sizeof(*offsets), _Alignof(struct tl_offset));

	if (e->n > 0) {
		memcpy(ids, e->ids, e->n * sizeof(*ids));
		memcpy(offsets, e->offsets, e->n * sizeof(*offsets));
	}
	*out = (struct tl_tokens){ e->n, ids, offsets };
}

enum tl_status
tl_encode(struct tl_encoder *e, struct tl_arena *a, tl_str text, unsigned flags,
    struct tl_tokens *out, struct tl_error *err)
{
	struct tl_piece whole = { .ptr = text.ptr, .added = TL_NO_ID };
	struct tl_pieces parts = { .arena = e->scratch };
	enum tl_status st = TL_OK;
	size_t bad;

	*out = (struct tl_tokens){ 0 };
	if (text.len > TL_MAX_RENDER_BYTES)
		return tl_fail(err, TL_ELIMIT,
		    "a text of %zu bytes is too long to be tokenized",
		    text.len);
	bad = tl_utf8_check(text);
	if (bad != text.len)
		return tl_fail(
		    err, TL_EPARSE, "the text is not UTF-8 at byte %zu", bad);
	tl_arena_reset(e->scratch);
	e->text = text;
	e->n = 0;
	whole.len = (uint32_t)text.len;
	e->is_plain = (flags & TL_ENCODE_PLAIN) != 0;
	e->is_inside = (flags & TL_ENCODE_INSIDE) != 0;
	tl_added_split(e->t, looked_for(e, &e->t->raw_set), &whole, &parts);
	for (size_t i = 0; i < parts.n && st == TL_OK; i++) {
		if (parts.v[i].added != TL_NO_ID)
			push_added(e, &parts.v[i]);
		else
			st = encode_part(e, &parts.v[i], err);
	}
	if (st != TL_OK)
		return st;
	tl_post_run(e, &e->t->post, (flags & TL_ENCODE_SPECIAL) != 0);
	if (e->n > TL_MAX_TOKENS)
		return tl_fail(err, TL_ELIMIT,
		    "a text has %zu tokens, more "
		    "than can be handled",
		    e->n);
	hand_out(e, a, out);
	return TL_OK;
}
