/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm.c - a text through a SentencePiece model: segmentation and spans as that
 * library makes them.
 */
#include "spm.h"

#include <float.h>
#include <math.h>

#include "spm_norm.h"
#include "spm_run.h"

static const tl_str meta = TL_LIT("\u2581");

/* --- tokens ----------------------------------------------------------------
 */

static void
push(struct tl_spm_run *r, uint32_t id, size_t beg, size_t end)
{
	struct tl_encoder *e = r->e;

	if (e->n == e->cap)
		tl_encoder_room(e, e->n + 1);
	e->ids[e->n] = id;
	e->offsets[e->n++] =
	    (struct tl_offset){ r->source->base + (uint32_t)beg,
		    r->source->base + (uint32_t)end };
}

void
tl_spm_emit(struct tl_spm_run *r, size_t len, uint32_t id)
{
	const struct tl_spm *m = r->m;
	size_t beg = r->from[r->at], end = r->from[r->at + len];
	bool is_unk = id == m->unk_id;

	if (m->types[id] == TL_SPM_CONTROL) {
		r->is_failed = true;
	} else if (is_unk && m->byte_fallback) {
		/* The last byte has the char, the others have no room. */
		for (size_t i = 0; i < len; i++)
			push(r,
			    m->byte_ids[(unsigned char)r->text.ptr[r->at + i]],
			    beg, i + 1 == len ? end : beg);
	} else if (is_unk && r->was_unk) {
		r->e->offsets[r->e->n - 1].end =
		    r->source->base + (uint32_t)end;
	} else {
		push(r, id, beg, end);
	}
	r->was_unk = is_unk;
	r->at += len;
}

uint32_t
tl_spm_id(const struct tl_spm *m, tl_str s)
{
	uint32_t id = tl_vocab_find(&m->reserved, s);

	if (id == TL_NO_ID)
		id = tl_vocab_find(&m->words, s);
	return id == TL_NO_ID ? m->unk_id : id;
}

/* --- Unigram ---------------------------------------------------------------
 */

struct node {
	float score;   /* of the best way to here */
	uint32_t from; /* where its last piece begins */
	uint32_t id;
	bool is_reached;
};

/* Sums are compared as doubles and kept as floats, which decides ties. */
static void
offer(struct node *to, double score, size_t from, uint32_t id)
{
	if (to->is_reached && !(score > (double)to->score))
		return;
	*to = (struct node){ (float)score, (uint32_t)from, id, true };
}

static double
score_of(const struct tl_spm *m, uint32_t id, size_t len)
{
	if (m->types[id] == TL_SPM_USER)
		return (double)((float)len * m->max_score) - 0.1;
	return (double)m->scores[id];
}

static void
find_best(const struct tl_spm *m, tl_str s, struct node *nodes)
{
	const float unk_score = m->min_score - 10.0f;

	for (size_t at = 0, len; at < s.len; at += len) {
		struct tl_prefix_search p = tl_prefix_search_begin(&m->trie);
		double here = (double)nodes[at].score;
		bool has_single = false;

		len = tl_utf8_len(s, at);
		for (size_t end = at; end < s.len;) {
			int64_t hit;
			uint32_t id;

			if (!tl_prefix_search_feed(
				&p, (unsigned char)s.ptr[end++]))
				break;
			hit = tl_prefix_search_hit(&p);
			if (hit < 0)
				continue;
			id = m->trie.values[hit];
			if (m->types[id] == TL_SPM_UNUSED)
				continue;
			offer(&nodes[end], score_of(m, id, end - at) + here, at,
			    id);
			has_single |= end == at + len;
		}
		if (!has_single)
			offer(&nodes[at + len],
			    (double)(unk_score + nodes[at].score), at,
			    m->unk_id);
	}
}

static void
unigram(struct tl_spm_run *r)
{
	struct tl_arena *a = r->e->scratch;
	struct node *nodes = TL_NEW(a, struct node, r->text.len + 1);
	uint32_t *ends = TL_NEW(a, uint32_t, r->text.len + 1);
	size_t n = 0;

	find_best(r->m, r->text, nodes);
	for (size_t end = r->text.len; end > 0; end = nodes[end].from)
		ends[n++] = (uint32_t)end;
	while (n > 0) {
		size_t end = ends[--n];

		tl_spm_emit(r, end - r->at, nodes[end].id);
	}
}

/* --- words and chars -------------------------------------------------------
 */

static void
word(struct tl_spm_run *r)
{
	tl_str s = r->text;
	bool is_suffix = r->m->space_is_suffix, was_meta = false;

	for (size_t at = 0; at < s.len;) {
		size_t len = tl_utf8_len(s, at);
		bool is_meta = tl_str_eq(tl_str_slice(s, at, at + len), meta);

		if (at > r->at && (is_suffix ? was_meta : is_meta))
			tl_spm_emit(r, at - r->at,
			    tl_spm_id(r->m, tl_str_slice(s, r->at, at)));
		was_meta = is_meta;
		at += len;
	}
	tl_spm_emit(
	    r, s.len - r->at, tl_spm_id(r->m, tl_str_slice(s, r->at, s.len)));
}

static void
chars(struct tl_spm_run *r)
{
	while (r->at < r->text.len) {
		size_t len = tl_spm_user_at(r->m, r->text, r->at);

		if (len == 0)
			len = tl_utf8_len(r->text, r->at);
		tl_spm_emit(r, len,
		    tl_spm_id(r->m, tl_str_slice(r->text, r->at, r->at + len)));
	}
}

static bool
wants_prefix(const struct tl_encoder *e, const struct tl_piece *p)
{
	const struct tl_spm *m = e->t->spm;

	return m->adds_prefix && (!m->only_first || p->base == 0) &&
	    !(e->is_inside && p->base == 0);
}

static enum tl_status
normalize(const struct tl_encoder *e, const struct tl_piece *p,
    struct tl_spm_text *out, struct tl_error *err)
{
	if (!tl_spm_norm(e->t->spm, e->scratch, (tl_str){ p->ptr, p->len },
		wants_prefix(e, p), out))
		return tl_fail(err, TL_ELIMIT,
		    "the tokenizer's normalizer makes the text too long");
	return TL_OK;
}

enum tl_status
tl_spm_prepare(struct tl_encoder *e, const struct tl_piece *p,
    struct tl_piece *out, bool *has_prefix, struct tl_error *err)
{
	const struct tl_spm *m = e->t->spm;
	struct tl_spm_text text;
	struct tl_offset *align;
	enum tl_status st;

	*out = *p;
	*has_prefix = wants_prefix(e, p);
	if (m->is_verbatim &&
	    (!m->has_meta_users ||
		tl_str_find((tl_str){ p->ptr, p->len }, meta, 0) == TL_NPOS))
		return TL_OK;
	*has_prefix = false;
	st = normalize(e, p, &text, err);
	if (st != TL_OK)
		return st;
	align = tl_arena_grow(e->scratch, NULL, 0,
	    text.str.len * sizeof(*align), _Alignof(struct tl_offset));
	for (size_t i = 0; i < text.str.len; i++)
		align[i] = (struct tl_offset){ p->base + text.from[i],
			p->base + text.from[i + 1] };
	*out = (struct tl_piece){ .ptr = text.str.ptr,
		.len = (uint32_t)text.str.len,
		.align = align,
		.added = TL_NO_ID };
	return TL_OK;
}

enum tl_status
tl_spm_encode(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	const struct tl_spm *m = e->t->spm;
	struct tl_spm_run r = { .e = e, .m = m, .source = p };
	struct tl_spm_text text;
	enum tl_status st = normalize(e, p, &text, err);

	if (st != TL_OK)
		return st;
	r.text = text.str;
	r.from = text.from;
	if (r.text.len == 0)
		return TL_OK;
	switch (m->kind) {
	case TL_SPM_UNIGRAM:
		unigram(&r);
		break;
	case TL_SPM_BPE:
		tl_spm_bpe(&r);
		break;
	case TL_SPM_WORD:
		word(&r);
		break;
	case TL_SPM_CHAR:
		chars(&r);
		break;
	}
	if (r.is_failed)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "the text spells a control piece of the vocabulary, which "
		    "SentencePiece refuses");
	return TL_OK;
}

/* --- building --------------------------------------------------------------
 */

/* The byte of "<0xNN>", or -1. */
static int
byte_of(tl_str s)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *hi, *lo;

	if (s.len != 6 || !tl_str_starts(s, TL_STR("<0x")) || s.ptr[5] != '>' ||
	    s.ptr[3] == '\0' || s.ptr[4] == '\0')
		return -1;
	hi = strchr(digits, s.ptr[3]);
	lo = strchr(digits, s.ptr[4]);
	return hi == NULL || lo == NULL
	    ? -1
	    : (int)((hi - digits) * 16 + (lo - digits));
}

static enum tl_status
note_piece(struct tl_spm *s, uint32_t id, struct tl_error *err)
{
	uint8_t type = s->types[id];

	if (type == TL_SPM_UNKNOWN) {
		if (s->unk_id != TL_NO_ID)
			return tl_fail(
			    err, TL_EPARSE, "the model has two unknown pieces");
		s->unk_id = id;
	} else if (type == TL_SPM_BYTE) {
		int byte = byte_of(s->pieces[id]);

		if (byte < 0)
			return tl_fail(err, TL_EPARSE,
			    "piece %u stands for a byte but does not say for "
			    "which",
			    id);
		s->byte_ids[byte] = id;
	} else if (type == TL_SPM_NORMAL) {
		if (s->scores[id] < s->min_score)
			s->min_score = s->scores[id];
		if (s->scores[id] > s->max_score)
			s->max_score = s->scores[id];
	}
	s->has_unused |= type == TL_SPM_UNUSED;
	return TL_OK;
}

static bool
is_word(const struct tl_spm *s, uint32_t id)
{
	uint8_t type = s->types[id];

	return type == TL_SPM_NORMAL || type == TL_SPM_USER ||
	    type == TL_SPM_UNUSED;
}

static enum tl_status
index_piece(struct tl_spm *s, uint32_t id, struct tl_error *err)
{
	tl_str piece = s->pieces[id];
	struct tl_vocab *v = is_word(s, id) ? &s->words : &s->reserved;

	if (tl_vocab_find(v, piece) != TL_NO_ID)
		return tl_fail(
		    err, TL_EPARSE, "piece %u has the text of another one", id);
	tl_vocab_put(v, piece, id);
	return note_piece(s, id, err);
}

static enum tl_status
check_notes(const struct tl_spm *s, struct tl_error *err)
{
	if (s->unk_id == TL_NO_ID)
		return tl_fail(
		    err, TL_EPARSE, "the model has no unknown piece");
	for (unsigned i = 0; i < 256 && s->byte_fallback; i++)
		if (s->byte_ids[i] == TL_NO_ID)
			return tl_fail(err, TL_EPARSE,
			    "the model spells unknown chars as bytes but has "
			    "no piece for byte 0x%02X",
			    i);
	return TL_OK;
}

static enum tl_status
index_pieces(struct tl_spm *s, struct tl_error *err)
{
	for (uint32_t id = 0; id < s->n; id++) {
		tl_str piece = s->pieces[id];
		enum tl_status st;

		if (piece.len == 0)
			return tl_fail(
			    err, TL_EPARSE, "piece %u has no text", id);
		if (tl_utf8_check(piece) != piece.len)
			return tl_fail(
			    err, TL_EPARSE, "piece %u is not UTF-8", id);
		if (s->types[id] < TL_SPM_NORMAL || s->types[id] > TL_SPM_BYTE)
			return tl_fail(err, TL_EUNSUPPORTED,
			    "piece %u is of the unknown kind %u", id,
			    s->types[id]);
		if (!isfinite(s->scores[id]))
			return tl_fail(err, TL_EPARSE,
			    "the score of piece %u is not a number", id);
		st = index_piece(s, id, err);
		if (st != TL_OK)
			return st;
	}
	return check_notes(s, err);
}

static void
build_prefixes(struct tl_prefixes *p, struct tl_arena *a,
    const struct tl_spm *s, bool only_users)
{
	tl_str *keys;
	uint32_t *ids;
	size_t n = 0;

	for (uint32_t id = 0; id < s->n; id++)
		n += only_users ? s->types[id] == TL_SPM_USER : is_word(s, id);
	keys = TL_NEW(a, tl_str, n);
	ids = TL_NEW(a, uint32_t, n);
	n = 0;
	for (uint32_t id = 0; id < s->n; id++) {
		if (only_users ? s->types[id] != TL_SPM_USER : !is_word(s, id))
			continue;
		keys[n] = s->pieces[id];
		ids[n++] = id;
	}
	tl_prefixes_build(p, a, keys, ids, n);
}

/* Nothing can merge or be user-defined across two chars that no piece holds
 * side by side, and a text is cut there: short parts are often known.  (Not
 * with unused pieces: what one is made of depends on the text behind it.) */
static void
find_cuts(const struct tl_spm *s, struct tl_arena *a, struct tl_bpe *b)
{
	for (size_t i = 0; i < s->words.n; i++)
		tl_bpe_add_joins(b, a, s->words.entries[i].key);
	b->can_cut = b->can_cut_anywhere = b->joins != NULL;
	b->pairs = s->pairs;
}

static void
find_short_ways(const struct tl_spm *s, struct tl_arena *a, struct tl_bpe *b)
{
	b->chars = s->chars;
	tl_bpe_find_ascii(b, a);
	for (uint32_t id = 0; id < s->n; id++)
		if (s->types[id] == TL_SPM_USER || s->has_tie[id])
			tl_bpe_add_stops(b, a, s->pieces[id]);
}

static bool
has_char(const struct tl_vocab *v)
{
	for (size_t i = 0; i < v->n; i++) {
		tl_str key = tl_vocab_key(v, i);

		if (tl_utf8_len(key, 0) == key.len)
			return true;
	}
	return false;
}

/* Nothing is carried from word to word, and no text spells a control piece. */
static bool
can_go_by_words(const struct tl_spm *s, const struct tl_bpe *b)
{
	return s->kind == TL_SPM_BPE && b->can_cut && s->byte_fallback &&
	    s->escapes_spaces && !s->space_is_suffix && !s->has_unused &&
	    !s->has_twins && !has_char(&s->reserved) &&
	    tl_vocab_find(&s->words, meta) != TL_NO_ID;
}

/* The normalizer takes user-defined pieces of the text as they are, each as a
 * whole; the model looks for them again when spaces have become "▁".  Both
 * find the same where a "▁" stands only beside its like. */
static bool
is_verbatim(struct tl_spm *s)
{
	if (!s->is_direct || s->drops_extra_spaces || s->map.nunits > 0)
		return false;
	for (size_t i = 0; i < s->users.n; i++) {
		tl_str key = s->users.keys[i];
		size_t n = 0;

		for (size_t at = 0; at < key.len; at += tl_utf8_len(key, at))
			n +=
			    tl_str_starts(tl_str_slice(key, at, key.len), meta);
		if (n > 0 && n * meta.len < key.len)
			return false;
		s->has_meta_users |= n > 0;
	}
	return true;
}

/* Control and unknown pieces are cut out of the text before the model sees
 * it, as the training frameworks do. */
static enum tl_status
add_reserved(
    struct tl_tokenizer *t, const struct tl_spm *s, struct tl_error *err)
{
	struct tl_added_token *k;
	size_t n = 0;

	for (uint32_t id = 0; id < s->n; id++)
		n += !is_word(s, id);
	k = TL_NEW(t->arena, struct tl_added_token, n);
	n = 0;

	for (uint32_t id = 0; id < s->n; id++)
		if (s->types[id] == TL_SPM_CONTROL ||
		    s->types[id] == TL_SPM_UNKNOWN)
			k[n++] =
			    (struct tl_added_token){ .content = s->pieces[id],
				    .is_special = true };
	return tl_tokenizer_add(t, k, n, err);
}

static void
reset(struct tl_spm *s)
{
	s->unk_id = TL_NO_ID;
	s->min_score = FLT_MAX;
	s->max_score = FLT_MIN; /* not -FLT_MAX: as the reference has it */
	for (unsigned i = 0; i < 256; i++)
		s->byte_ids[i] = TL_NO_ID;
}

/* To the rest of the program the model is a list of pieces. */
static void
begin_model(struct tl_model *m, const struct tl_spm *s)
{
	*m = (struct tl_model){ .kind = TL_MODEL_WORDLEVEL,
		.unk_id = s->unk_id };
	m->bpe.unk_id = m->unigram.unk_id = TL_NO_ID;
	memcpy(m->fallback_ids, s->byte_ids, sizeof(m->fallback_ids));
}

enum tl_status
tl_spm_finish(struct tl_tokenizer *t, struct tl_spm *s, struct tl_error *err)
{
	struct tl_arena *a = t->arena;
	struct tl_model *m = &t->model;
	enum tl_status st;

	reset(s);
	tl_vocab_init(&s->words, a, s->n);
	tl_vocab_init(&s->reserved, a, 512);
	st = index_pieces(s, err);
	if (st != TL_OK)
		return st;
	for (size_t i = 0; i < s->reserved.n; i++)
		s->has_twins |= tl_vocab_find(&s->words,
				    s->reserved.entries[i].key) != TL_NO_ID;
	build_prefixes(&s->users, a, s, true);
	tl_spm_find_plain(s);
	if (s->kind == TL_SPM_BPE)
		st = tl_spm_derive_merges(s, a, err);
	if (st != TL_OK)
		return st;
	if (s->kind == TL_SPM_UNIGRAM)
		build_prefixes(&s->trie, a, s, false);
	begin_model(m, s);
	if (s->kind == TL_SPM_BPE && !s->has_unused) {
		find_cuts(s, a, &m->bpe);
		find_short_ways(s, a, &m->bpe);
	}
	tl_vocab_init(&m->vocab, a, s->n);
	for (uint32_t id = 0; id < s->n; id++)
		tl_vocab_put(&m->vocab, s->pieces[id], id);
	tl_vocab_index(&m->vocab);
	s->is_direct = can_go_by_words(s, &m->bpe);
	s->is_verbatim = is_verbatim(s);
	if (s->is_direct)
		tl_bpe_find_wholes(m, a);
	t->spm = s;
	return add_reserved(t, s, err);
}

enum tl_status
tl_spm_finish_image(struct tl_tokenizer *t, struct tl_spm *s,
    const struct tl_image *img, struct tl_error *err)
{
	struct tl_arena *a = t->arena;
	struct tl_model *m = &t->model;
	enum tl_status st = TL_OK;

	reset(s);
	for (uint32_t id = 0; id < s->n && st == TL_OK; id++)
		st = note_piece(s, id, err);
	if (st == TL_OK)
		st = check_notes(s, err);
	if (st != TL_OK)
		return st;
	build_prefixes(&s->users, a, s, true);
	tl_spm_find_plain(s);
	begin_model(m, s);
	tl_image_model(img, a, m);
	/* No text is that of two pieces, or there were no image. */
	s->words = m->vocab;
	tl_vocab_init(&s->reserved, a, 0);
	s->pairs = m->bpe.pairs;
	find_short_ways(s, a, &m->bpe);
	s->is_direct = true;
	s->is_verbatim = is_verbatim(s);
	t->spm = s;
	return add_reserved(t, s, err);
}

bool
tl_spm_is_direct(const struct tl_spm *s)
{
	return s->is_direct;
}

bool
tl_spm_is_verbatim(const struct tl_spm *s)
{
	return s->is_verbatim && !s->has_meta_users;
}

bool
tl_spm_is_legacy(const struct tl_spm *s)
{
	return !s->only_first;
}

bool
tl_spm_has_prefix(const struct tl_spm *s)
{
	return s->adds_prefix && !s->space_is_suffix;
}

void
tl_spm_set_prefix(struct tl_spm *s, enum tl_spm_prefix prefix)
{
	/* A slow tokenizer looks at add_prefix_space in the new way alone. */
	if (prefix == TL_SPM_NEVER)
		s->adds_prefix &= !s->only_first;
	else
		s->only_first = prefix == TL_SPM_NONLEGACY;
}
