/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MinHash over three-word sequences with banded locality-sensitive hashing
 * (Broder 1997; Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4).
 * 32 bands of 3 rows find a pair of similarity 0.5 with probability 0.986 and
 * one of 0.6 with 0.9996; what they find is then compared set with set.
 */
#include "git/similar.h"

#include <stdlib.h>
#include <string.h>

#define NBANDS 32
#define NROWS 3
#define NHASHES (NBANDS * NROWS)

#define MAX_SHINGLES ((size_t)1 << 20) /* read of one record */
#define MAX_SET 4096		       /* kept of one record … */
#define MIN_SET 128
#define SET_BUDGET ((size_t)32 << 20) /* … and of all of them */

#define NEIGHBOURS 8 /* looked at in a bucket, on each side of the place */
#define MAX_CANDIDATES (NBANDS * 2 * NEIGHBOURS)

/* Compared set with set, a new record: those with the most bands in common,
 * and those nearest to where it is expected, for masses of equal likeness. */
#define MAX_BEST 6
#define MAX_NEAREST 2
#define MAX_VERIFIED (MAX_BEST + MAX_NEAREST)

struct tl_shingles {
	struct tl_arena *arena; /* reset a record */
	uint32_t *hashes;
	size_t n, cap;
	uint64_t word; /* hash of the unfinished word */
	bool in_word;
	uint64_t last[2]; /* the two words before */
	size_t nwords;	  /* since the last break */
};

/* The smallest hashes of a record's set, in order: the whole set, unless it
 * is larger than what is kept. */
struct word_set {
	const uint32_t *hashes;
	size_t n;
	bool is_whole;
};

struct sketch {
	struct word_set set;
	uint32_t bands[NBANDS];
};

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdu;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53u;
	return x ^ x >> 33;
}

static void
add_hash(struct tl_shingles *s, uint64_t h)
{
	if (s->n == MAX_SHINGLES)
		return;
	if (s->n == s->cap) {
		size_t cap = s->cap > 0 ? s->cap * 2 : 256;

		s->hashes = tl_arena_grow(s->arena, s->hashes,
		    s->cap * sizeof(*s->hashes), cap * sizeof(*s->hashes),
		    _Alignof(uint32_t));
		s->cap = cap;
	}
	s->hashes[s->n++] = (uint32_t)(mix(h) >> 32);
}

static uint64_t
join(uint64_t a, uint64_t b)
{
	return mix(a * 0x9e3779b97f4a7c15u + b);
}

static void
end_word(struct tl_shingles *s)
{
	uint64_t w = s->word;

	if (!s->in_word)
		return;
	s->in_word = false;
	s->nwords++;
	if (s->nwords >= 3)
		add_hash(s, join(join(s->last[0], s->last[1]), w));
	s->last[0] = s->last[1];
	s->last[1] = w;
}

void
tl_shingles_break(struct tl_shingles *s)
{
	end_word(s);
	/* a text of one or two words counts as one sequence */
	if (s->nwords == 1)
		add_hash(s, s->last[1]);
	else if (s->nwords == 2)
		add_hash(s, join(s->last[0], s->last[1]));
	s->nwords = 0;
}

/* Scripts written without spaces: each sign counts as a word. */
static bool
is_word_alone(uint32_t cp)
{
	return (cp >= 0x0e00 && cp <= 0x0eff) || /* Thai, Lao */
	    (cp >= 0x1000 && cp <= 0x109f) ||	 /* Myanmar */
	    (cp >= 0x1780 && cp <= 0x17ff) ||	 /* Khmer */
	    (cp >= 0x2e80 && cp <= 0xa4cf) ||	 /* Han, kana, Yi */
	    (cp >= 0xf900 && cp <= 0xfaff) || (cp >= 0xff00 && cp <= 0xffef) ||
	    cp >= 0x20000;
}

static bool
is_word_part(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') ||
	    (cp >= 'A' && cp <= 'Z') || cp == '_' || cp == '\'' ||
	    (cp >= 0xa1 && (cp < 0x2000 || cp > 0x206f));
}

void
tl_shingles_put(struct tl_shingles *s, tl_str text)
{
	size_t at = 0;

	while (at < text.len && s->n < MAX_SHINGLES) {
		uint32_t cp;
		bool is_alone;

		at += tl_utf8_next(text, at, &cp, NULL);
		is_alone = is_word_alone(cp);
		if (is_alone || !is_word_part(cp))
			end_word(s);
		if (!is_alone && !is_word_part(cp))
			continue;
		if (!s->in_word)
			s->word = 0xcbf29ce484222325u;
		s->in_word = true;
		s->word = (s->word ^ cp) * 0x100000001b3u;
		if (is_alone)
			end_word(s);
	}
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static size_t
sort_unique(uint32_t *v, size_t n)
{
	size_t out = 0;

	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 1; i < n; i++) {
		if (v[i] != v[out])
			v[++out] = v[i];
	}
	return out + 1;
}

/* Row i of the family h(x) = (a x + b) >> 32, always the same. */
static uint32_t
row_hash(size_t i, uint32_t x)
{
	uint64_t a = mix(2 * i + 1) | 1;

	return (uint32_t)((a * x + mix(2 * i + 2)) >> 32);
}

static void
fill_bands(struct sketch *sk, const uint32_t *set, size_t n)
{
	for (size_t band = 0; band < NBANDS; band++) {
		uint64_t key = band;

		for (size_t row = 0; row < NROWS; row++) {
			size_t i = band * NROWS + row;
			uint32_t least = UINT32_MAX;

			for (size_t k = 0; k < n; k++) {
				uint32_t h = row_hash(i, set[k]);

				least = h < least ? h : least;
			}
			key = join(key, least);
		}
		sk->bands[band] = (uint32_t)key;
	}
}

static struct sketch *
make_sketches(struct tl_arena *a, const struct tl_similar_side *side,
    bool is_new, size_t max_set, tl_shingles_fn *words, void *ctx)
{
	struct sketch *list = TL_NEW(a, struct sketch, side->n);
	struct tl_arena *scratch = tl_arena_new_like(a);

	for (size_t i = 0; i < side->n; i++) {
		struct tl_shingles s = { .arena = scratch };
		struct sketch *sk = &list[i];
		uint32_t *kept;
		size_t n;

		words(ctx, is_new, side->records[i], &s);
		tl_shingles_break(&s);
		n = sort_unique(s.hashes, s.n);
		fill_bands(sk, s.hashes, n);
		sk->set.is_whole = n <= max_set;
		sk->set.n = n <= max_set ? n : max_set;
		kept = TL_NEW(a, uint32_t, sk->set.n);
		if (n > 0)
			memcpy(kept, s.hashes, sk->set.n * sizeof(*kept));
		sk->set.hashes = kept;
		tl_arena_reset(scratch);
	}
	tl_arena_free(scratch);
	return list;
}

/* Jaccard similarity: exact for whole sets; of cut ones, that of the smallest
 * hashes of the union, which is an unbiased sample of it. */
static double
jaccard(const struct word_set *a, const struct word_set *b)
{
	size_t i = 0, j = 0, ncommon = 0, nunion = 0;

	while (i < a->n && j < b->n) {
		if (a->hashes[i] == b->hashes[j]) {
			ncommon++;
			i++;
			j++;
		} else if (a->hashes[i] < b->hashes[j]) {
			i++;
		} else {
			j++;
		}
		nunion++;
	}
	/* beyond the end of a cut set nothing is known */
	if (i == a->n && a->is_whole)
		nunion += b->n - j;
	if (j == b->n && b->is_whole)
		nunion += a->n - i;
	return nunion > 0 ? (double)ncommon / (double)nunion : 0;
}

/* --- candidates ------------------------------------------------------------
 */

static int
by_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* One sorted table a band of "band key, rank of the old record". */
static uint64_t *
make_tables(struct tl_arena *a, const struct sketch *old, size_t n)
{
	uint64_t *tables = TL_NEW(a, uint64_t, n * NBANDS);

	for (size_t band = 0; band < NBANDS; band++) {
		uint64_t *t = tables + band * n;

		for (size_t i = 0; i < n; i++)
			t[i] = (uint64_t)old[i].bands[band] << 32 | i;
		qsort(t, n, sizeof(*t), by_u64);
	}
	return tables;
}

/* First index of t[0 .. n) that is not below x. */
static size_t
lower_bound(const uint64_t *t, size_t n, uint64_t x)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t[mid] < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct candidate {
	uint32_t rank;
	uint32_t nbands;
	size_t distance;
};

static int
best_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->nbands != y->nbands)
		return x->nbands > y->nbands ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int
nearest_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Ranks that share a band with sk: of a crowded bucket those nearest to where
 * the record is expected.  Returns the number of those to verify. */
static size_t
find_candidates(const struct sketch *sk, const uint64_t *tables, size_t n,
    size_t place, struct candidate out[MAX_CANDIDATES])
{
	uint32_t ranks[MAX_CANDIDATES];
	size_t nranks = 0, nout = 0;

	for (size_t band = 0; band < NBANDS; band++) {
		const uint64_t *t = tables + band * n;
		uint64_t key = (uint64_t)sk->bands[band] << 32;
		size_t mid = lower_bound(t, n, key | place);
		size_t beg = mid, end = mid;

		while (beg > 0 && mid - beg < NEIGHBOURS && t[beg - 1] >= key)
			beg--;
		while (end < n && end - mid < NEIGHBOURS &&
		    t[end] >> 32 == key >> 32)
			end++;
		for (size_t i = beg; i < end; i++)
			ranks[nranks++] = (uint32_t)t[i];
	}
	qsort(ranks, nranks, sizeof(*ranks), by_number);
	for (size_t i = 0; i < nranks; i++) {
		size_t r = ranks[i];

		if (nout > 0 && out[nout - 1].rank == r) {
			out[nout - 1].nbands++;
			continue;
		}
		out[nout++] = (struct candidate){ .rank = ranks[i],
			.nbands = 1,
			.distance = r > place ? r - place : place - r };
	}
	qsort(out, nout, sizeof(*out), best_first);
	if (nout <= MAX_BEST)
		return nout;
	qsort(out + MAX_BEST, nout - MAX_BEST, sizeof(*out), nearest_first);
	return nout < MAX_VERIFIED ? nout : MAX_VERIFIED;
}

static int
most_similar_first(const void *a, const void *b)
{
	const struct tl_similar_pair *x = a, *y = b;

	if (x->similarity < y->similarity || x->similarity > y->similarity)
		return x->similarity > y->similarity ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	if (x->new_ != y->new_)
		return x->new_ < y->new_ ? -1 : 1;
	return (x->old > y->old) - (x->old < y->old);
}

/* Rank among records[0 .. n) of the first number that is not below x. */
static size_t
rank_of(const size_t *records, size_t n, size_t x)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (records[mid] < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
tl_similar_pairs(struct tl_arena *a, const struct tl_similar_side *old,
    const struct tl_similar_side *new_, const size_t *expected,
    double threshold, tl_shingles_fn *words, void *ctx,
    struct tl_similar_pair **out, size_t *n)
{
	struct tl_arena *scratch = tl_arena_new_like(a);
	size_t max_set = SET_BUDGET / (old->n + new_->n + 1);
	struct candidate cand[MAX_CANDIDATES];
	const struct sketch *olds, *news;
	const uint64_t *tables;

	max_set = max_set > MAX_SET ? MAX_SET : max_set;
	max_set = max_set < MIN_SET ? MIN_SET : max_set;
	olds = make_sketches(scratch, old, false, max_set, words, ctx);
	news = make_sketches(scratch, new_, true, max_set, words, ctx);
	tables = make_tables(scratch, olds, old->n);
	*out = TL_NEW(a, struct tl_similar_pair, new_->n * MAX_VERIFIED);
	*n = 0;
	for (size_t i = 0; i < new_->n; i++) {
		size_t place = rank_of(old->records, old->n, expected[i]);
		size_t nc =
		    find_candidates(&news[i], tables, old->n, place, cand);

		for (size_t k = 0; k < nc; k++) {
			size_t o = old->records[cand[k].rank];
			double j =
			    jaccard(&olds[cand[k].rank].set, &news[i].set);

			if (j < threshold)
				continue;
			(*out)[(*n)++] = (struct tl_similar_pair){ .old = o,
				.new_ = new_->records[i],
				.similarity = j,
				.distance = o > expected[i] ? o - expected[i]
							    : expected[i] - o };
		}
	}
	tl_arena_free(scratch);
	qsort(*out, *n, sizeof(**out), most_similar_first);
}
