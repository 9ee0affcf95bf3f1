/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder.c - a text through all steps, by the plan of its tokenizer.
 */
#include "tok.h"

#include <stdlib.h>

#include "nform.h"
#include "queue.h"

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
	e->queue = tl_queue_new(oom, ctx);
	return e;
}

void
tl_encoder_free(struct tl_encoder *e)
{
	if (e == NULL)
		return;
	tl_arena_free(e->scratch);
	tl_wcache_free(e->cache);
	tl_queue_free(e->queue);
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
		tl_queue_add(e, p, at, end, TL_BYTE_WORD);
		if (tl_queue_is_full(e) || end == text.len) {
			enum tl_status st = tl_queue_settle(e, err);

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

	if (t->needs_nfc || t->needs_nfkc)
		tl_nform_apply(t->needs_nfc ? TL_NFC : TL_NFKC, e->scratch, &p);
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
	enum tl_word_kind kind =
	    t->model.bpe.is_raw ? TL_BYTE_WORD : TL_MODEL_WORD;

	if (!tl_norm_run(&t->norm, e->scratch, &p))
		return tl_fail(err, TL_ELIMIT,
		    "the normalizer gave up on the text: it makes it too long, "
		    "or takes too long to match it");
	tl_added_split(t, looked_for(e, &t->normalized_set), &p, &list);
	if (!tl_pretok_run(&t->pretok, e->scratch, &list))
		return tl_fail(err, TL_ELIMIT,
		    "a regular expression of the pre-tokenizer gave up on "
		    "the text");
	for (size_t i = 0; i < list.n; i++) {
		const struct tl_piece *k = &list.v[i];
		bool is_added = k->added != TL_NO_ID;

		if (!is_added)
			tl_queue_add(e, k, 0, k->len, kind);
		if (is_added || tl_queue_is_full(e) || i + 1 == list.n) {
			enum tl_status st = tl_queue_settle(e, err);

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
	enum tl_word_kind kind = has_prefix ? TL_PREFIXED_WORD : TL_META_WORD;
	tl_str text = { p->ptr, p->len };

	for (size_t at = 0, end; at < text.len; at = end) {
		end = tl_bpe_next_cut(bpe, text, at);
		tl_queue_add(e, p, at, end, kind);
		kind = TL_META_WORD;
		if (tl_queue_is_full(e) || end == text.len) {
			enum tl_status st = tl_queue_settle(e, err);

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
encode_spm(struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	struct tl_piece part;
	bool has_prefix;
	enum tl_status st;

	if (e->only_steps || !tl_spm_is_direct(e->t->spm))
		return tl_spm_encode(e, p, err);
	st = tl_spm_prepare(e, p, &part, &has_prefix, err);
	if (st != TL_OK || part.len == 0)
		return st;
	return encode_spaced(e, &part, has_prefix, err);
}

static enum tl_status
encode_part(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	enum tl_plan plan = e->only_steps ? TL_PLAN_STEPS : e->t->plan;

	if (e->t->spm != NULL)
		return encode_spm(e, p, err);
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
	if (st == TL_OK)
		st = tl_queue_end(e, err);
	if (st != TL_OK) {
		tl_queue_drop(e);
		return st;
	}
	tl_post_run(e, &e->t->post, (flags & TL_ENCODE_SPECIAL) != 0);
	if (e->n > TL_MAX_TOKENS)
		return tl_fail(err, TL_ELIMIT,
		    "a text has %zu tokens, more "
		    "than can be handled",
		    e->n);
	hand_out(e, a, out);
	return TL_OK;
}
