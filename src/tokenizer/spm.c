/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm.c - a text through a SentencePiece model: segmentation and spans as that
 * library makes them.
 */
#include "spm.h"

#include <float.h>
#include <math.h>

#include "spm_norm.h"
#include "wcache.h"

static const tl_str meta = TL_LIT("\u2581");

/* --- tokens ----------------------------------------------------------------
 */

struct run {
	struct tl_encoder *e;
	const struct tl_spm *m;
	const struct tl_piece *source;
	tl_str text;	      /* as the normalizer made it */
	const uint32_t *from; /* of text: see tl_spm_text */
	size_t at;	      /* of text, where the next token begins */
	bool was_unk;	      /* the last token */
	bool is_failed;	      /* a control piece came out of the text */
};

static void
push(struct run *r, uint32_t id, size_t beg, size_t end)
{
	struct tl_encoder *e = r->e;

	if (e->n == e->cap)
		tl_encoder_room(e, e->n + 1);
	e->ids[e->n] = id;
	e->offsets[e->n++] =
	    (struct tl_offset){ r->source->base + (uint32_t)beg,
		    r->source->base + (uint32_t)end };
}

/* The next len bytes are the piece id. */
static void
emit(struct run *r, size_t len, uint32_t id)
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

static uint32_t
id_of(const struct tl_spm *m, tl_str s)
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
unigram(struct run *r)
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

		emit(r, end - r->at, nodes[end].id);
	}
}

/* --- BPE -------------------------------------------------------------------
 */

#define NONE UINT32_MAX

/* Up to so many symbols the best pair is searched for, above a heap is kept. */
#define FEW 32u

struct sym {
	uint32_t id;	   /* TL_NO_ID: joins with nothing */
	uint32_t beg, len; /* len 0: merged away */
	uint32_t prev, next;
};

struct pair {
	uint32_t rank;	/* of pairs */
	uint32_t order; /* lower merges first */
	uint32_t left, right, len;
};

struct bpe {
	struct run *r;
	struct sym *syms;
	size_t n;
	struct pair *heap;
	size_t nheap, cap_heap;
	/* By piece: the bytes of the left part it was last made of.  Only
	 * where the model has unused pieces, which are taken apart again. */
	uint32_t *lefts;
};

/* The lower order, then the place further left. */
static bool
is_before(const struct pair *a, const struct pair *b)
{
	return a->order < b->order ||
	    (a->order == b->order && a->left < b->left);
}

static void
heap_push(struct bpe *b, struct pair p)
{
	size_t at = b->nheap++;

	if (b->nheap > b->cap_heap) {
		size_t cap = b->cap_heap * 2 + 64;

		b->heap = tl_arena_grow(b->r->e->scratch, b->heap,
		    at * sizeof(p), cap * sizeof(p), _Alignof(struct pair));
		b->cap_heap = cap;
	}
	while (at > 0 && is_before(&p, &b->heap[(at - 1) / 2])) {
		b->heap[at] = b->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	b->heap[at] = p;
}

static struct pair
heap_pop(struct bpe *b)
{
	struct pair top = b->heap[0], last = b->heap[--b->nheap];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= b->nheap)
			break;
		if (child + 1 < b->nheap &&
		    is_before(&b->heap[child + 1], &b->heap[child]))
			child++;
		if (!is_before(&b->heap[child], &last))
			break;
		b->heap[at] = b->heap[child];
		at = child;
	}
	b->heap[at] = last;
	return top;
}

/* The rank of a symbol and the next, or TL_NO_RANK. */
static inline uint32_t
rank_of(const struct bpe *b, uint32_t left, uint32_t right)
{
	const struct tl_spm *m = b->r->m;
	const struct sym *l, *r;
	uint32_t rank;

	if (left == NONE || right == NONE)
		return TL_NO_RANK;
	l = &b->syms[left];
	r = &b->syms[right];
	rank = tl_pairs_rank(&m->pairs, l->id, r->id);
	if (rank != TL_NO_RANK && m->has_unused)
		b->lefts[m->pairs.ids[rank]] = l->len;
	return rank;
}

static void
push_pair(struct bpe *b, uint32_t left, uint32_t right)
{
	uint32_t rank = rank_of(b, left, right);

	if (rank != TL_NO_RANK)
		heap_push(b,
		    (struct pair){ rank, b->r->m->orders[rank], left, right,
			b->syms[left].len + b->syms[right].len });
}

/* The symbols of text[beg, end). */
static void
find_symbols(struct bpe *b, size_t beg, size_t end)
{
	const struct tl_spm *m = b->r->m;
	tl_str s = tl_str_slice(b->r->text, 0, end);

	b->n = 0;
	for (size_t at = beg, len; at < end; at += len) {
		uint32_t id = TL_NO_ID, cp;

		len = tl_spm_user_at(m, s, at);
		if (len == 0) {
			len = tl_utf8_next(s, at, &cp, NULL);
			id = tl_char_id(&m->chars, cp);
		}
		b->syms[b->n] = (struct sym){ id, (uint32_t)at, (uint32_t)len,
			b->n == 0 ? NONE : (uint32_t)b->n - 1,
			at + len == end ? NONE : (uint32_t)b->n + 1 };
		b->n++;
	}
}

/* Two neighbours become one. */
static inline void
join(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank)
{
	struct sym *s = b->syms, *l = &s[left], *r = &s[right];

	l->id = b->r->m->pairs.ids[rank];
	l->len += r->len;
	l->next = r->next;
	r->len = 0;
	if (l->next != NONE)
		s[l->next].prev = left;
}

/* The pairs of the few by their left symbols: order << 5 | place. */
struct few {
	uint32_t keys[FEW], ranks[FEW];
};

static inline void
find_pair(struct bpe *b, struct few *f, uint32_t left)
{
	uint32_t rank;

	if (left == NONE)
		return;
	rank = rank_of(b, left, b->syms[left].next);
	f->ranks[left] = rank;
	f->keys[left] =
	    rank == TL_NO_RANK ? UINT32_MAX : b->r->m->orders[rank] << 5 | left;
}

static void
merge_few(struct bpe *b)
{
	struct few f;

	for (uint32_t i = 0; i < b->n; i++)
		find_pair(b, &f, i);
	for (;;) {
		uint32_t best = UINT32_MAX, left, right;

		for (size_t i = 0; i < b->n; i++)
			best = f.keys[i] < best ? f.keys[i] : best;
		if (best == UINT32_MAX)
			break;
		left = best & (FEW - 1);
		right = b->syms[left].next;
		join(b, left, right, f.ranks[left]);
		f.keys[right] = UINT32_MAX;
		find_pair(b, &f, b->syms[left].prev);
		find_pair(b, &f, left);
	}
}

static void
merge_many(struct bpe *b)
{
	const struct sym *s = b->syms;

	for (size_t i = 1; i < b->n; i++)
		push_pair(b, (uint32_t)i - 1, (uint32_t)i);
	while (b->nheap > 0) {
		struct pair p = heap_pop(b);
		const struct sym *l = &s[p.left], *r = &s[p.right];

		if (l->len == 0 || r->len == 0 || l->len + r->len != p.len)
			continue; /* one of them has changed since */
		join(b, p.left, p.right, p.rank);
		push_pair(b, l->prev, p.left);
		push_pair(b, p.left, l->next);
	}
}

static void
merge(struct bpe *b)
{
	if (b->n <= FEW)
		merge_few(b);
	else
		merge_many(b);
}

/* The next len bytes as one token, or as what an unused piece was made of. */
static void
emit_symbol(struct bpe *b, size_t len)
{
	struct run *r = b->r;
	size_t end = r->at + len;
	uint32_t *todo, n = 0;

	/* Ends of what is left to do, the nearest on top; a part is shorter
	 * than the whole, so there are not more of them than bytes. */
	todo = TL_NEW(r->e->scratch, uint32_t, len + 1);
	todo[n++] = (uint32_t)end;
	while (n > 0) {
		size_t part = todo[n - 1] - r->at;
		uint32_t id =
		    id_of(r->m, tl_str_slice(r->text, r->at, r->at + part));

		if (r->m->types[id] == TL_SPM_UNUSED && b->lefts[id] > 0) {
			todo[n++] = (uint32_t)r->at + b->lefts[id];
			continue;
		}
		n--;
		emit(r, part, id);
	}
}

/* The tokens of text[at, end), which is all that they depend on. */
static void
encode_part(struct bpe *b, size_t at, size_t end)
{
	struct tl_encoder *e = b->r->e;
	const struct tl_spm *m = b->r->m;
	tl_str s = b->r->text;
	size_t sum = 0;

	find_symbols(b, at, end);
	merge(b);
	e->toks.n = 0;
	for (uint32_t i = 0; i != NONE; i = b->syms[i].next) {
		size_t len = b->syms[i].len;
		uint32_t id = b->syms[i].id;

		if (id >= m->n || m->has_twins)
			id =
			    id_of(m, tl_str_slice(s, at + sum, at + sum + len));
		tl_mtoks_add(e, id, sum, sum + len);
		sum += len;
	}
}

static void
bpe(struct run *r)
{
	struct bpe b = { .r = r };
	struct tl_encoder *e = r->e;

	b.syms = TL_NEW(e->scratch, struct sym, tl_utf8_count(r->text));
	if (r->m->has_unused) {
		b.lefts = TL_NEW(e->scratch, uint32_t, r->m->n);
		find_symbols(&b, 0, r->text.len);
		merge(&b);
		for (uint32_t i = 0; i != NONE; i = b.syms[i].next)
			emit_symbol(&b, b.syms[i].len);
		return;
	}
	for (size_t at = 0, end; at < r->text.len; at = end) {
		bool fits, is_known = false;
		struct tl_wcache_key key = { .tag = 0 };

		end = tl_bpe_next_cut(&e->t->model.bpe, r->text, at);
		fits = end - at <= TL_WCACHE_LONGEST;
		tl_mtoks_room(e, TL_WCACHE_TOKENS);
		if (fits) {
			tl_wcache_aim(e->cache, r->text, at, end - at, 0, &key);
			is_known = tl_wcache_get(
			    e->cache, &key, e->toks.v, &e->toks.n);
		}
		if (!is_known)
			encode_part(&b, at, end);
		if (fits && !is_known)
			tl_wcache_put(e->cache, &key, e->toks.v, e->toks.n);
		for (size_t i = 0; i < e->toks.n; i++)
			emit(r, e->toks.v[i].end - e->toks.v[i].beg,
			    e->toks.v[i].id);
	}
}

/* --- words and chars -------------------------------------------------------
 */

static void
word(struct run *r)
{
	tl_str s = r->text;
	bool is_suffix = r->m->space_is_suffix, was_meta = false;

	for (size_t at = 0; at < s.len;) {
		size_t len = tl_utf8_len(s, at);
		bool is_meta = tl_str_eq(tl_str_slice(s, at, at + len), meta);

		if (at > r->at && (is_suffix ? was_meta : is_meta))
			emit(r, at - r->at,
			    id_of(r->m, tl_str_slice(s, r->at, at)));
		was_meta = is_meta;
		at += len;
	}
	emit(r, s.len - r->at, id_of(r->m, tl_str_slice(s, r->at, s.len)));
}

static void
chars(struct run *r)
{
	while (r->at < r->text.len) {
		size_t len = tl_spm_user_at(r->m, r->text, r->at);

		if (len == 0)
			len = tl_utf8_len(r->text, r->at);
		emit(r, len,
		    id_of(r->m, tl_str_slice(r->text, r->at, r->at + len)));
	}
}

enum tl_status
tl_spm_encode(
    struct tl_encoder *e, const struct tl_piece *p, struct tl_error *err)
{
	const struct tl_spm *m = e->t->spm;
	struct run r = { .e = e, .m = m, .source = p };
	bool has_prefix = m->adds_prefix && (!m->only_first || p->base == 0);
	struct tl_spm_text text;

	if (!tl_spm_norm(
		m, e->scratch, (tl_str){ p->ptr, p->len }, has_prefix, &text))
		return tl_fail(err, TL_ELIMIT,
		    "the tokenizer's normalizer makes the text too long");
	r.text = text.str;
	r.from = text.from;
	if (r.text.len == 0)
		return TL_OK;
	switch (m->kind) {
	case TL_SPM_UNIGRAM:
		unigram(&r);
		break;
	case TL_SPM_BPE:
		bpe(&r);
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
index_piece(struct tl_spm *s, uint32_t id, struct tl_error *err)
{
	tl_str piece = s->pieces[id];
	uint8_t type = s->types[id];
	bool is_word = type == TL_SPM_NORMAL || type == TL_SPM_USER ||
	    type == TL_SPM_UNUSED;
	struct tl_vocab *v = is_word ? &s->words : &s->reserved;

	if (tl_vocab_find(v, piece) != TL_NO_ID)
		return tl_fail(
		    err, TL_EPARSE, "piece %u has the text of another one", id);
	tl_vocab_put(v, piece, id);
	if (type == TL_SPM_UNKNOWN) {
		if (s->unk_id != TL_NO_ID)
			return tl_fail(
			    err, TL_EPARSE, "the model has two unknown pieces");
		s->unk_id = id;
	} else if (type == TL_SPM_BYTE) {
		int byte = byte_of(piece);

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

static void
build_prefixes(struct tl_prefixes *p, struct tl_arena *a,
    const struct tl_spm *s, bool only_users)
{
	tl_str *keys = TL_NEW(a, tl_str, s->words.n);
	uint32_t *ids = TL_NEW(a, uint32_t, s->words.n);
	size_t n = 0;

	for (size_t i = 0; i < s->words.n; i++) {
		uint32_t id = s->words.entries[i].id;

		if (only_users && s->types[id] != TL_SPM_USER)
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
	b->chars = s->chars;
	b->pairs = s->pairs;
	tl_bpe_find_ascii(b, a);
}

/* Control and unknown pieces are cut out of the text before the model sees
 * it, as the training frameworks do. */
static enum tl_status
add_reserved(
    struct tl_tokenizer *t, const struct tl_spm *s, struct tl_error *err)
{
	struct tl_added_token *k =
	    TL_NEW(t->arena, struct tl_added_token, s->reserved.n);
	size_t n = 0;

	for (uint32_t id = 0; id < s->n; id++)
		if (s->types[id] == TL_SPM_CONTROL ||
		    s->types[id] == TL_SPM_UNKNOWN)
			k[n++] =
			    (struct tl_added_token){ .content = s->pieces[id],
				    .is_special = true };
	return tl_tokenizer_add(t, k, n, err);
}

enum tl_status
tl_spm_finish(struct tl_tokenizer *t, struct tl_spm *s, struct tl_error *err)
{
	struct tl_arena *a = t->arena;
	struct tl_model *m = &t->model;
	enum tl_status st;

	tl_vocab_init(&s->words, a, s->n);
	tl_vocab_init(&s->reserved, a, 512);
	s->unk_id = TL_NO_ID;
	s->min_score = FLT_MAX;
	s->max_score = FLT_MIN; /* not -FLT_MAX: as the reference has it */
	for (unsigned i = 0; i < 256; i++)
		s->byte_ids[i] = TL_NO_ID;
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
	/* To the rest of the program the model is a list of pieces. */
	*m = (struct tl_model){ .kind = TL_MODEL_WORDLEVEL,
		.unk_id = s->unk_id };
	m->bpe.unk_id = m->unigram.unk_id = TL_NO_ID;
	memcpy(m->fallback_ids, s->byte_ids, sizeof(m->fallback_ids));
	if (s->kind == TL_SPM_BPE && !s->has_unused)
		find_cuts(s, a, &m->bpe);
	tl_vocab_init(&m->vocab, a, s->n);
	for (uint32_t id = 0; id < s->n; id++)
		tl_vocab_put(&m->vocab, s->pieces[id], id);
	tl_vocab_index(&m->vocab);
	t->spm = s;
	return add_reserved(t, s, err);
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
