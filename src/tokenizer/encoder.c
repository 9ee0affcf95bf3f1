/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder.c - a text through all steps, by the plan of its tokenizer.
 */
#include "tok.h"

#include <assert.h>
#include <stdlib.h>

#include "nform.h"
#include "wcache.h"

struct tl_encoder *
tl_encoder_new(const struct tl_tokenizer *t, tl_oom_fn *oom, void *ctx)
{
	struct tl_encoder *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		if (oom != NULL)
			oom(ctx, sizeof(*e));
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
tl_mtoks_add(struct tl_encoder *e, uint32_t id, size_t beg, size_t end)
{
	struct tl_mtoks *k = &e->toks;

	if (k->n == k->cap)
		k->v =
		    tl_encoder_grow(e, k->v, &k->cap, k->n + 1, sizeof(*k->v));
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

enum word_kind {
	WORD_MODEL,
	WORD_BYTES,
	WORD_METASPACE,
	WORD_PREFIXED, /* the same behind a dummy "▁" */
};

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

static void
push_cached(struct tl_encoder *e, const struct tl_piece *p, size_t beg,
    const struct tl_wcache_entry *w)
{
	for (size_t i = 0; i < w->n; i++)
		push_span(e, p, w->ids[i], beg + w->beg[i], beg + w->end[i]);
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

/* The bytes [beg, end) of p are a piece for the model. */
static enum tl_status
encode_word(struct tl_encoder *e, const struct tl_piece *p, size_t beg,
    size_t end, enum word_kind kind, struct tl_error *err)
{
	tl_str text = { p->ptr, p->len };
	tl_str word = { p->ptr + beg, end - beg };
	struct tl_wcache_key key = { .pair = NULL };
	enum tl_status st = TL_OK;

	if (word.len <= TL_WCACHE_LONGEST) {
		const struct tl_wcache_entry *w = tl_wcache_find(
		    e->cache, text, beg, word.len, (uint8_t)kind, &key);

		if (w != NULL) {
			push_cached(e, p, beg, w);
			return TL_OK;
		}
	}
	switch (kind) {
	case WORD_MODEL:
		st = tl_model_encode(e, word, err);
		break;
	case WORD_BYTES:
		tl_bpe_encode_raw(e, word);
		break;
	case WORD_METASPACE:
	case WORD_PREFIXED:
		tl_bpe_encode_metaspace(e, word, kind == WORD_PREFIXED);
		break;
	}
	if (st != TL_OK)
		return st;
	widen(&e->toks, word);
	if (key.pair != NULL)
		tl_wcache_put(&key, e->toks.v, e->toks.n);
	for (size_t i = 0; i < e->toks.n; i++)
		push_span(e, p, e->toks.v[i].id, beg + e->toks.v[i].beg,
		    beg + e->toks.v[i].end);
	return TL_OK;
}

/* --- the plans
 * ---------------------------------------------------------------------- */

static enum tl_status
encode_bytes(struct tl_encoder *e, struct tl_piece p, struct tl_error *err)
{
	const struct tl_tokenizer *t = e->t;
	tl_str text;

	if (t->needs_nfc)
		tl_nform_apply(TL_NFC, e->scratch, &p);
	text = (tl_str){ p.ptr, p.len };
	for (size_t at = 0, end; at < text.len; at = end) {
		enum tl_status st;

		end = t->scan(text, at);
		st = encode_word(e, &p, at, end, WORD_BYTES, err);
		if (st != TL_OK)
			return st;
	}
	return TL_OK;
}

static bool
wants_prefix(const struct tl_tokenizer *t, const struct tl_piece *p)
{
	tl_str text = { p->ptr, p->len };

	if (t->prepends_always)
		return true;
	if (t->prepend == TL_PREPEND_NEVER ||
	    (t->prepend == TL_PREPEND_FIRST && p->base != 0))
		return false;
	return text.ptr[0] != ' ' && !tl_str_starts(text, TL_STR("\u2581"));
}

static enum tl_status
encode_metaspace(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	const struct tl_bpe *b = &e->t->model.bpe;
	enum word_kind kind =
	    wants_prefix(e->t, p) ? WORD_PREFIXED : WORD_METASPACE;
	tl_str text = { p->ptr, p->len };

	for (size_t at = 0, end; at < text.len; at = end) {
		enum tl_status st;

		end = tl_bpe_next_cut(b, text, at);
		st = encode_word(e, p, at, end, kind, err);
		if (st != TL_OK)
			return st;
		kind = WORD_METASPACE;
	}
	return TL_OK;
}

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
encode_steps(struct tl_encoder *e, struct tl_piece p, struct tl_error *err)
{
	const struct tl_tokenizer *t = e->t;
	struct tl_pieces list = { .arena = e->scratch };

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
		enum tl_status st;

		if (k->added != TL_NO_ID) {
			push_added(e, k);
			continue;
		}
		st = encode_word(e, k, 0, k->len,
		    t->model.bpe.is_raw ? WORD_BYTES : WORD_MODEL, err);
		if (st != TL_OK)
			return st;
	}
	return TL_OK;
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
