/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpe.c - byte pair encoding of one piece: symbols, then merges by rank, the
 * leftmost among equals, until none is left.
 *
 * Symbols carry their length in bytes; positions are running sums of these,
 * as in the reference (where a dropped char therefore shifts what follows).
 */
#include "tok.h"

#include <assert.h>
#include <stdlib.h>

/* Up to so many symbols the best pair is searched for, above a heap is kept:
 * a piece may have a megabyte. */
#define FEW TL_BPE_WORD_SYMBOLS

struct sym {
	uint32_t id;
	uint32_t len; /* bytes; 0 when merged away in the long way */
	uint32_t prev, next;
};

struct tl_bpe_work {
	struct sym *syms;
	size_t n, cap;
	uint64_t *heap; /* rank << 32 | position */
	size_t nheap, cap_heap;
};

static struct tl_bpe_work *
work_of(struct tl_encoder *e)
{
	if (e->bpe == NULL) {
		size_t none = 0;

		e->bpe = tl_encoder_grow(e, NULL, &none, 1, sizeof(*e->bpe));
		*e->bpe = (struct tl_bpe_work){ 0 };
	}
	return e->bpe;
}

void
tl_bpe_work_free(struct tl_bpe_work *w)
{
	if (w == NULL)
		return;
	free(w->syms);
	free(w->heap);
	free(w);
}

static void
room_for(struct tl_encoder *e, size_t nsyms)
{
	struct tl_bpe_work *w = work_of(e);

	if (w->cap < nsyms)
		w->syms = tl_encoder_grow(
		    e, w->syms, &w->cap, nsyms, sizeof(*w->syms));
	w->n = 0;
}

static void
add(struct tl_bpe_work *w, uint32_t id, size_t len)
{
	w->syms[w->n++] = (struct sym){ .id = id, .len = (uint32_t)len };
}

/* --- merging -----------------------------------------------------------------
 */

/* Of a short piece, the symbols that are left have their bit in alive.  A pair
 * is kept at its left symbol as rank << 5 | place, so that the smallest one is
 * the next to merge. */
#define NO_PAIR ((uint32_t)INT32_MAX)
#define NONE UINT8_MAX

/* The symbols behind the one at this place: bit 0 is the next place. */
static inline uint32_t
alive_behind(const struct tl_bpe_word *w, unsigned at)
{
	return w->alive >> 1 >> at;
}

static inline unsigned
next_alive(const struct tl_bpe_word *w, unsigned at)
{
	return at + 1u + (unsigned)__builtin_ctz(alive_behind(w, at));
}

static inline unsigned
prev_alive(const struct tl_bpe_word *w, unsigned at)
{
	return at - 1u - (unsigned)__builtin_clz(w->alive << 1 << (31 - at));
}

/* Four numbers at a time: this is where the time of a new word goes. */
typedef int32_t four __attribute__((vector_size(16)));

/* The best pair, or NO_PAIR. */
static inline uint32_t
best_pair(const struct tl_bpe_word *w)
{
	four best, v;

	memcpy(&best, w->pairs, sizeof(best));
	for (unsigned i = 4; i < w->n; i += 4) {
		four is_less;

		memcpy(&v, w->pairs + i, sizeof(v));
		is_less = v < best;
		best = (v & is_less) | (best & ~is_less);
	}
	for (unsigned i = 1; i < 4; i++)
		best[0] = best[i] < best[0] ? best[i] : best[0];
	return (uint32_t)best[0];
}

/* Merge the best pair.  Two new ones come of it: the first half of looking for
 * them. */
static inline void
merge_best(const struct tl_bpe *b, struct tl_bpe_word *w)
{
	unsigned at = w->best & 31, next = next_alive(w, at);

	w->ids[at] = b->pairs.ids[w->best >> 5];
	w->alive &= ~((uint32_t)1 << next);
	w->pairs[next] = w->pairs[at] = INT32_MAX;
	w->left = w->right = NONE;
	if (alive_behind(w, at) != 0) {
		next = next_alive(w, at);
		w->hash_right = tl_pair_hash(w->ids[at], w->ids[next]);
		if (tl_pairs_aim(&b->pairs, w->hash_right))
			w->right = (uint8_t)next;
	}
	if (at > 0) {
		unsigned prev = prev_alive(w, at);

		w->pairs[prev] = INT32_MAX;
		w->hash_left = tl_pair_hash(w->ids[prev], w->ids[at]);
		if (tl_pairs_aim(&b->pairs, w->hash_left))
			w->left = (uint8_t)prev;
	}
}

/* Choose what to merge next, and ask for what it becomes. */
static inline void
choose_best(const struct tl_bpe *b, struct tl_bpe_word *w)
{
	w->best = best_pair(w);
	if (w->best != NO_PAIR)
		__builtin_prefetch(&b->pairs.ids[w->best >> 5]);
}

/* … the second half. */
static inline void
look_at_pairs(const struct tl_bpe *b, struct tl_bpe_word *w)
{
	unsigned at = w->best & 31;

	if (w->right != NONE)
		w->pairs[at] =
		    tl_bpe_pair(tl_pairs_find(&b->pairs, w->hash_right,
				    w->ids[at], w->ids[w->right]),
			at);
	if (w->left != NONE)
		w->pairs[w->left] =
		    tl_bpe_pair(tl_pairs_find(&b->pairs, w->hash_left,
				    w->ids[w->left], w->ids[at]),
			w->left);
	choose_best(b, w);
}

static inline uint64_t
first_hash(const struct tl_bpe_word *w, unsigned at)
{
	return tl_pair_hash(w->ids[at], w->ids[at + 1]);
}

/* The pairs of the first symbols, where they are still open. */
static void
find_pairs(const struct tl_bpe *b, struct tl_bpe_word *const *words, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct tl_bpe_word *w = words[k];

		for (uint32_t m = w->open; m != 0; m &= m - 1) {
			unsigned i = (unsigned)__builtin_ctz(m);

			if (tl_pairs_aim(&b->pairs, first_hash(w, i)))
				continue;
			w->open &= ~((uint32_t)1 << i);
			w->pairs[i] = INT32_MAX;
		}
	}
	for (size_t k = 0; k < n; k++) {
		struct tl_bpe_word *w = words[k];

		for (uint32_t m = w->open; m != 0; m &= m - 1) {
			unsigned i = (unsigned)__builtin_ctz(m);

			w->pairs[i] = tl_bpe_pair(
			    tl_pairs_find(&b->pairs, first_hash(w, i),
				w->ids[i], w->ids[i + 1]),
			    i);
		}
		for (unsigned i = w->n - 1; i == w->n - 1 || i % 4 != 0; i++)
			w->pairs[i] = INT32_MAX;
		choose_best(b, w);
	}
}

/* The pairs are rarely in the near caches.  So words are merged in turns, each
 * asks for memory and lets the others go on. */
void
tl_bpe_merge_words(
    const struct tl_bpe *b, struct tl_bpe_word *const *words, size_t n)
{
	struct tl_bpe_word *active[TL_BPE_WORDS];
	size_t nactive = 0, kept;

	find_pairs(b, words, n);
	for (size_t k = 0; k < n; k++) {
		active[nactive] = words[k];
		nactive += words[k]->best != NO_PAIR;
	}
	for (; nactive > 0; nactive = kept) {
		for (size_t k = 0; k < nactive; k++)
			merge_best(b, active[k]);
		kept = 0;
		for (size_t k = 0; k < nactive; k++) {
			look_at_pairs(b, active[k]);
			active[kept] = active[k];
			kept += active[k]->best != NO_PAIR;
		}
	}
}

void
tl_bpe_word_tokens(struct tl_encoder *e, const struct tl_bpe_word *w)
{
	struct tl_mtok *to;
	unsigned at = 0, n = 0;

	tl_mtoks_room(e, w->n);
	to = e->toks.v;
	for (uint32_t alive = w->alive >> 1; alive != 0; alive &= alive - 1) {
		unsigned next = 1u + (unsigned)__builtin_ctz(alive);

		to[n++] = (struct tl_mtok){ w->ids[at], w->starts[at],
			w->starts[next] };
		at = next;
	}
	to[n++] =
	    (struct tl_mtok){ w->ids[at], w->starts[at], w->starts[w->n] };
	e->toks.n = n;
}

static void
heap_push(struct tl_encoder *e, uint64_t key)
{
	struct tl_bpe_work *w = e->bpe;
	size_t at = w->nheap++;

	if (w->nheap > w->cap_heap)
		w->heap = tl_encoder_grow(
		    e, w->heap, &w->cap_heap, w->nheap, sizeof(*w->heap));
	while (at > 0 && w->heap[(at - 1) / 2] > key) {
		w->heap[at] = w->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	w->heap[at] = key;
}

static uint64_t
heap_pop(struct tl_bpe_work *w)
{
	uint64_t top = w->heap[0];
	uint64_t last = w->heap[--w->nheap];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= w->nheap)
			break;
		if (child + 1 < w->nheap && w->heap[child + 1] < w->heap[child])
			child++;
		if (w->heap[child] >= last)
			break;
		w->heap[at] = w->heap[child];
		at = child;
	}
	w->heap[at] = last;
	return top;
}

static void
push_pair(struct tl_encoder *e, const struct tl_bpe *b, uint32_t at)
{
	const struct sym *s = e->bpe->syms;
	uint32_t rank;

	if (at == UINT32_MAX || s[at].next == UINT32_MAX)
		return;
	rank = tl_pairs_rank(&b->pairs, s[at].id, s[s[at].next].id);
	if (rank != TL_NO_RANK)
		heap_push(e, (uint64_t)rank << 32 | at);
}

static void
merge_many(struct tl_encoder *e, const struct tl_bpe *b)
{
	struct tl_bpe_work *w = e->bpe;
	struct sym *s = w->syms;
	size_t kept = 0;

	w->nheap = 0;
	for (size_t i = 0; i < w->n; i++) {
		s[i].prev = i == 0 ? UINT32_MAX : (uint32_t)i - 1;
		s[i].next = i + 1 == w->n ? UINT32_MAX : (uint32_t)i + 1;
	}
	for (size_t i = 0; i < w->n; i++)
		push_pair(e, b, (uint32_t)i);
	while (w->nheap > 0) {
		uint64_t top = heap_pop(w);
		uint32_t at = (uint32_t)top, right = s[at].next;
		uint32_t rank = (uint32_t)(top >> 32);

		if (s[at].id == TL_NO_ID || right == UINT32_MAX)
			continue; /* merged away since */
		if (tl_pairs_rank(&b->pairs, s[at].id, s[right].id) != rank)
			continue;
		s[at].id = b->pairs.ids[rank];
		s[at].len += s[right].len;
		s[at].next = s[right].next;
		s[right].id = TL_NO_ID;
		if (s[at].next != UINT32_MAX)
			s[s[at].next].prev = at;
		push_pair(e, b, s[at].prev);
		push_pair(e, b, at);
	}
	for (size_t i = 0; i < w->n; i++)
		if (s[i].id != TL_NO_ID)
			s[kept++] = s[i];
	w->n = kept;
}

static void
word_of_syms(struct tl_bpe_word *w, const struct tl_bpe_work *from)
{
	w->n = (uint32_t)from->n;
	w->alive = UINT32_MAX >> (FEW - w->n);
	w->open = w->alive >> 1;
	for (size_t i = 0; i < from->n; i++)
		w->ids[i] = from->syms[i].id;
}

/* The symbols of w by the short way. */
static void
merge_few(const struct tl_bpe *b, struct tl_bpe_work *w)
{
	struct tl_bpe_word word, *words[1] = { &word };
	struct sym *s = w->syms;
	size_t kept = 0;

	word_of_syms(&word, w);
	tl_bpe_merge_words(b, words, 1);
	for (size_t i = 0; i < w->n; i++) {
		if ((word.alive >> i) & 1) {
			s[kept].len = s[i].len;
			s[kept++].id = word.ids[i];
		} else {
			s[kept - 1].len += s[i].len;
		}
	}
	w->n = kept;
}

static void
merge(struct tl_encoder *e, const struct tl_bpe *b)
{
	if (b->has_no_merges || e->bpe->n < 2)
		return;
	if (e->bpe->n <= FEW)
		merge_few(b, e->bpe);
	else
		merge_many(e, b);
}

static void
emit(struct tl_encoder *e)
{
	const struct tl_bpe_work *w = e->bpe;
	size_t at = 0;

	e->toks.n = 0;
	for (size_t i = 0; i < w->n; i++) {
		tl_mtoks_add(e, w->syms[i].id, at, at + w->syms[i].len);
		at += w->syms[i].len;
	}
}

/* --- symbols
 * ------------------------------------------------------------------- */

void
tl_bpe_encode_raw(struct tl_encoder *e, tl_str piece)
{
	const struct tl_bpe *b = &e->t->model.bpe;

	if (b->ignore_merges) {
		uint32_t id = tl_bpe_find_whole(b, piece);

		if (id != TL_NO_ID) {
			e->toks.n = 0;
			tl_mtoks_add(e, id, 0, piece.len);
			return;
		}
	}
	room_for(e, piece.len);
	for (size_t at = 0, end; at < piece.len; at = end) {
		uint32_t id;

		end = tl_bpe_next_symbol(b, piece, at, &id);
		add(e->bpe, id, end - at);
	}
	merge(e, b);
	emit(e);
}

/* Symbols under construction.  An unknown char waits in unk_len until the
 * next known one, so that neighbours can fuse; byte symbols do not flush it
 * (a defect of the reference that shows only in damaged vocabularies). */
struct builder {
	struct tl_encoder *e;
	const struct tl_bpe *b;
	size_t unk_len; /* 0: none waits */
	bool is_failed; /* the unknown token has no id */
};

static void
flush_unk(struct builder *u)
{
	if (u->unk_len > 0)
		add(u->e->bpe, u->b->unk_id, u->unk_len);
	u->unk_len = 0;
}

/* One char: its id, or TL_NO_ID; how it is spelled; what it takes of the
 * piece. */
static void
add_char(struct builder *u, uint32_t id, tl_str spelled, size_t len)
{
	const struct tl_bpe *b = u->b;
	const uint32_t *fallback = u->e->t->model.fallback_ids;

	if (id != TL_NO_ID) {
		flush_unk(u);
		add(u->e->bpe, id, len);
		return;
	}
	if (b->byte_fallback) {
		size_t known = 0;

		while (known < spelled.len &&
		    fallback[(unsigned char)spelled.ptr[known]] != TL_NO_ID)
			known++;
		if (known == spelled.len) {
			for (size_t i = 0; i < spelled.len; i++)
				add(u->e->bpe,
				    fallback[(unsigned char)spelled.ptr[i]], 1);
			return;
		}
	}
	if (b->unk_token.ptr == NULL)
		return; /* the reference drops the char */
	if (b->unk_id == TL_NO_ID) {
		u->is_failed = true;
		return;
	}
	if (!b->fuse_unk)
		flush_unk(u);
	u->unk_len += len;
}

enum tl_status
tl_bpe_encode(struct tl_encoder *e, tl_str piece, struct tl_error *err)
{
	const struct tl_bpe *b = &e->t->model.bpe;
	struct builder u = { .e = e, .b = b };
	bool has_affix = b->prefix.len > 0 || b->suffix.len > 0;

	if (b->ignore_merges) {
		uint32_t id = tl_vocab_find(&e->t->model.vocab, piece);

		if (id != TL_NO_ID) {
			e->toks.n = 0;
			tl_mtoks_add(e, id, 0, piece.len);
			return TL_OK;
		}
	}
	/* An affix can lengthen each char by itself in byte symbols. */
	room_for(e,
	    piece.len +
		(has_affix ? piece.len * (b->prefix.len + b->suffix.len) : 0));
	for (size_t at = 0, len; at < piece.len; at += len) {
		tl_str spelled;
		uint32_t cp, id;

		len = tl_utf8_next(piece, at, &cp, NULL);
		spelled = (tl_str){ piece.ptr + at, len };
		id = tl_char_id(&b->chars, cp);
		if (has_affix) {
			struct tl_buf s;

			tl_buf_init(&s, e->scratch, 0);
			if (at > 0)
				tl_buf_put(&s, b->prefix);
			tl_buf_put(&s, spelled);
			if (at + len == piece.len)
				tl_buf_put(&s, b->suffix);
			spelled = tl_buf_str(&s);
			id = tl_vocab_find(&e->t->model.vocab, spelled);
		}
		add_char(&u, id, spelled, len);
	}
	flush_unk(&u);
	if (u.is_failed)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "the text has a character the vocabulary does not know, "
		    "and the unknown token is not in the vocabulary either");
	merge(e, b);
	emit(e);
	return TL_OK;
}

static bool
is_inside_char(tl_str s, size_t at)
{
	return at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80;
}

/* A piece that is a token: nothing is left to merge. */
void
tl_bpe_begin_whole(tl_str piece, uint32_t id, struct tl_bpe_word *w)
{
	w->n = 1;
	w->alive = 1;
	w->open = 0;
	w->ids[0] = id;
	w->starts[0] = 0;
	w->starts[1] = (uint8_t)piece.len;
}

static void
metaspace_symbols(struct tl_encoder *e, tl_str piece, bool has_prefix)
{
	struct builder u = { .e = e, .b = &e->t->model.bpe };
	uint32_t meta = tl_char_id(&u.b->chars, 0x2581);

	assert(meta != TL_NO_ID); /* or the plan would be another */
	room_for(e, piece.len + 1);
	if (has_prefix)
		add(e->bpe, meta, 0);
	for (size_t at = 0, len; at < piece.len; at += len) {
		uint32_t cp;

		len = tl_utf8_next(piece, at, &cp, NULL);
		add_char(&u, cp == ' ' ? meta : tl_char_id(&u.b->chars, cp),
		    (tl_str){ piece.ptr + at, len }, len);
	}
	flush_unk(&u);
}

void
tl_bpe_begin_metaspace(
    struct tl_encoder *e, tl_str piece, bool has_prefix, struct tl_bpe_word *w)
{
	const struct sym *s;
	size_t at = 0;

	assert(piece.len > 0 && piece.len < FEW);
	if (tl_bpe_begin_known(&e->t->model.bpe, piece, has_prefix, w))
		return;
	metaspace_symbols(e, piece, has_prefix);
	word_of_syms(w, e->bpe);
	s = e->bpe->syms;
	for (size_t i = 0; i < w->n; i++) {
		w->starts[i] = (uint8_t)at;
		at += s[i].len;
	}
	w->starts[w->n] = (uint8_t)at;
}

void
tl_bpe_encode_metaspace(struct tl_encoder *e, tl_str piece, bool has_prefix)
{
	metaspace_symbols(e, piece, has_prefix);
	merge(e, &e->t->model.bpe);
	emit(e);
	for (size_t i = 0; i < e->toks.n; i++) {
		struct tl_mtok *k = &e->toks.v[i];

		if (k->end == 0) /* the dummy alone has the first char's span */
			k->end = 1;
		while (is_inside_char(piece, k->beg))
			k->beg--;
		while (is_inside_char(piece, k->end))
			k->end++;
	}
}

void
tl_bpe_finish(struct tl_model *m, struct tl_arena *a, bool wants_raw)
{
	tl_char_ids_build(&m->bpe.chars, a, &m->vocab);
	if (wants_raw)
		tl_bpe_finish_bytes(m, a);
	else
		tl_bpe_finish_metaspace(m, a);
}
