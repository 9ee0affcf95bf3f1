/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm_bpe.c - SentencePiece's BPE: two neighbours join when their text is a
 * piece, the best score first.
 */
#include "spm_norm.h"
#include "spm_run.h"
#include "wcache.h"

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
	struct tl_spm_run *r;
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
	struct tl_spm_run *r = b->r;
	size_t end = r->at + len;
	uint32_t *todo, n = 0;

	/* Ends of what is left to do, the nearest on top; a part is shorter
	 * than the whole, so there are not more of them than bytes. */
	todo = TL_NEW(r->e->scratch, uint32_t, len + 1);
	todo[n++] = (uint32_t)end;
	while (n > 0) {
		size_t part = todo[n - 1] - r->at;
		uint32_t id =
		    tl_spm_id(r->m, tl_str_slice(r->text, r->at, r->at + part));

		if (r->m->types[id] == TL_SPM_UNUSED && b->lefts[id] > 0) {
			todo[n++] = (uint32_t)r->at + b->lefts[id];
			continue;
		}
		n--;
		tl_spm_emit(r, part, id);
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
			id = tl_spm_id(
			    m, tl_str_slice(s, at + sum, at + sum + len));
		tl_mtoks_add(e, id, sum, sum + len);
		sum += len;
	}
}

void
tl_spm_bpe(struct tl_spm_run *r)
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
			tl_spm_emit(r, e->toks.v[i].end - e->toks.v[i].beg,
			    e->toks.v[i].id);
	}
}

/* --- words by themselves ---------------------------------------------------
 */

/* A token of a word in the way of tl_spm_emit(): spelled is the word's part. */
static void
add_token(
    struct tl_encoder *e, tl_str spelled, uint32_t id, size_t beg, size_t end)
{
	const struct tl_spm *m = e->t->spm;

	if (id != m->unk_id) {
		tl_mtoks_add(e, id, beg, end);
		return;
	}
	for (size_t i = 0; i < spelled.len; i++)
		tl_mtoks_add(e, m->byte_ids[(unsigned char)spelled.ptr[i]], beg,
		    i + 1 == spelled.len ? end : beg);
}

void
tl_spm_end_word(struct tl_encoder *e, tl_str word)
{
	const struct tl_spm *m = e->t->spm;
	size_t n = e->toks.n, known = 0;
	struct tl_mtok *k;

	while (known < n && e->toks.v[known].id < m->n)
		known++;
	if (known == n)
		return;
	/* A char that is no piece: it comes out of merges alone. */
	k = TL_NEW(e->scratch, struct tl_mtok, n);
	memcpy(k, e->toks.v, n * sizeof(*k));
	e->toks.n = known;
	for (size_t i = known; i < n; i++)
		add_token(e, tl_str_slice(word, k[i].beg, k[i].end),
		    k[i].id < m->n ? k[i].id : m->unk_id, k[i].beg, k[i].end);
}

void
tl_spm_word(struct tl_encoder *e, tl_str word, bool has_prefix)
{
	struct tl_arena *a = e->scratch;
	const struct tl_spm *m = e->t->spm;
	struct tl_spm_text text;
	struct tl_spm_run r = { .e = e, .m = m };
	struct bpe b = { .r = &r };
	struct tl_mtok *k;
	size_t n;

	tl_spm_spell(a, word, has_prefix, &text);
	r.text = text.str;
	b.syms = TL_NEW(a, struct sym, tl_utf8_count(r.text));
	encode_part(&b, 0, r.text.len);
	n = e->toks.n;
	k = TL_NEW(a, struct tl_mtok, n);
	memcpy(k, e->toks.v, n * sizeof(*k));
	e->toks.n = 0;
	for (size_t i = 0; i < n; i++)
		add_token(e, tl_str_slice(r.text, k[i].beg, k[i].end), k[i].id,
		    text.from[k[i].beg], text.from[k[i].end]);
}
