/* SPDX-License-Identifier: Apache-2.0 */
#include "git/match.h"

#include <assert.h>
#include <stdlib.h>

#include "git/similar.h"

struct matcher {
	struct tl_arena *arena; /* of the working memory */
	const struct tl_match_key *keys[2];
	size_t n[2];
	size_t *mate[2];      /* number on the other side, or TL_NPOS */
	enum tl_match_by *by; /* of a matched new record */
	double *similarity;
	/* How many records of the longest unmoved sequence stand before one:
	 * equal numbers mean the same gap between two of them. */
	size_t *gap[2];
};

enum { OLD, NEW };

const char *
tl_match_kind_name(enum tl_match_kind k)
{
	static const char *const names[] = {
		[TL_MATCH_UNCHANGED] = "unchanged",
		[TL_MATCH_MOVED] = "moved",
		[TL_MATCH_METADATA] = "metadata",
		[TL_MATCH_EDITED] = "edited",
		[TL_MATCH_ADDED] = "added",
		[TL_MATCH_REMOVED] = "removed",
	};

	return names[k];
}

const char *
tl_match_by_name(enum tl_match_by by)
{
	static const char *const names[] = {
		[TL_BY_NOTHING] = "nothing",
		[TL_BY_ID] = "id",
		[TL_BY_EXACT] = "value",
		[TL_BY_CONTENT] = "content",
		[TL_BY_PROMPT] = "prompt",
		[TL_BY_REPLY] = "reply",
		[TL_BY_SIMILARITY] = "similarity",
	};

	return names[by];
}

void
tl_longest_rising(
    struct tl_arena *scratch, const size_t *seq, size_t n, bool *keep)
{
	/* tails[k]: where the rising sequence of length k + 1 with the least
	 * last number ends; before[i]: the one before i in its sequence */
	size_t *tails = TL_NEW(scratch, size_t, n);
	size_t *before = TL_NEW(scratch, size_t, n);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t lo = 0, hi = len;

		keep[i] = false;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (seq[tails[mid]] < seq[i])
				lo = mid + 1;
			else
				hi = mid;
		}
		before[i] = lo > 0 ? tails[lo - 1] : TL_NPOS;
		tails[lo] = i;
		len = lo == len ? len + 1 : len;
	}
	for (size_t i = len > 0 ? tails[len - 1] : TL_NPOS; i != TL_NPOS;
	     i = before[i])
		keep[i] = true;
}

static void
set_pair(struct matcher *m, size_t old, size_t new_, enum tl_match_by by)
{
	assert(m->mate[OLD][old] == TL_NPOS && m->mate[NEW][new_] == TL_NPOS);
	m->mate[OLD][old] = new_;
	m->mate[NEW][new_] = old;
	m->by[new_] = by;
}

/* Which new records are matched and did not move: keep[new] */
static bool *
find_unmoved(const struct matcher *m)
{
	bool *unmoved = TL_NEW(m->arena, bool, m->n[NEW]);
	bool *keep = TL_NEW(m->arena, bool, m->n[NEW]);
	size_t *seq = TL_NEW(m->arena, size_t, m->n[NEW]);
	size_t n = 0, at = 0;

	for (size_t i = 0; i < m->n[NEW]; i++) {
		if (m->mate[NEW][i] != TL_NPOS)
			seq[n++] = m->mate[NEW][i];
	}
	tl_longest_rising(m->arena, seq, n, keep);
	for (size_t i = 0; i < m->n[NEW]; i++) {
		if (m->mate[NEW][i] != TL_NPOS)
			unmoved[i] = keep[at++];
	}
	return unmoved;
}

static void
find_gaps(struct matcher *m)
{
	const bool *unmoved = find_unmoved(m);
	size_t ngaps = 0, old = 0;

	for (size_t i = 0; i < m->n[NEW]; i++) {
		m->gap[NEW][i] = ngaps;
		if (!unmoved[i])
			continue;
		while (old <= m->mate[NEW][i])
			m->gap[OLD][old++] = ngaps;
		ngaps++;
	}
	while (old < m->n[OLD])
		m->gap[OLD][old++] = ngaps;
}

/* --- groups of equal hash --------------------------------------------------
 */

struct entry {
	uint64_t hash;
	size_t record;
};

static int
by_hash_and_record(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

static uint64_t
hash_by(const struct tl_match_key *k, enum tl_match_by by)
{
	switch (by) {
	case TL_BY_ID:
		return k->id;
	case TL_BY_EXACT:
		return k->exact;
	case TL_BY_CONTENT:
		return k->content;
	case TL_BY_PROMPT:
		return k->prompt;
	case TL_BY_REPLY:
		return k->reply;
	case TL_BY_NOTHING:
	case TL_BY_SIMILARITY:
		break;
	}
	return 0;
}

/* Unmatched records of a side that have the hash, sorted by it. */
static struct entry *
sorted_entries(
    const struct matcher *m, int side, enum tl_match_by by, size_t *n)
{
	struct entry *list = TL_NEW(m->arena, struct entry, m->n[side]);

	*n = 0;
	for (size_t i = 0; i < m->n[side]; i++) {
		uint64_t h = hash_by(&m->keys[side][i], by);

		if (h != 0 && m->mate[side][i] == TL_NPOS)
			list[(*n)++] = (struct entry){ h, i };
	}
	qsort(list, *n, sizeof(*list), by_hash_and_record);
	return list;
}

/* Equal hashes on both sides, in the order of the records. */
struct group {
	const struct entry *e[2];
	size_t n[2];
};

/* The next group that both sides have, from at[] on. */
static bool
next_group(const struct entry *const e[2], const size_t n[2], size_t at[2],
    struct group *g)
{
	while (at[OLD] < n[OLD] && at[NEW] < n[NEW]) {
		uint64_t old = e[OLD][at[OLD]].hash;
		uint64_t new_ = e[NEW][at[NEW]].hash;

		if (old != new_) {
			at[old < new_ ? OLD : NEW]++;
			continue;
		}
		for (int side = OLD; side <= NEW; side++) {
			size_t beg = at[side];

			while (
			    at[side] < n[side] && e[side][at[side]].hash == old)
				at[side]++;
			g->e[side] = e[side] + beg;
			g->n[side] = at[side] - beg;
		}
		return true;
	}
	return false;
}

/* Pair what lies in the same gap, then the rest, both in order. */
static void
pair_group(struct matcher *m, const struct group *g, enum tl_match_by by)
{
	for (int pass = 0; pass < 2; pass++) {
		size_t i = 0, j = 0;

		while (i < g->n[OLD] && j < g->n[NEW]) {
			size_t old = g->e[OLD][i].record;
			size_t new_ = g->e[NEW][j].record;

			if (m->mate[OLD][old] != TL_NPOS) {
				i++;
			} else if (m->mate[NEW][new_] != TL_NPOS) {
				j++;
			} else if (pass == 1 ||
			    m->gap[OLD][old] == m->gap[NEW][new_]) {
				set_pair(m, old, new_, by);
			} else if (m->gap[OLD][old] < m->gap[NEW][new_]) {
				i++;
			} else {
				j++;
			}
		}
	}
}

/* Match by a hash: first where it names one record on each side, then, unless
 * only_single, within larger groups, where the former show the way. */
static void
match_by(struct matcher *m, enum tl_match_by by, bool only_single)
{
	const struct entry *e[2];
	size_t n[2], at[2] = { 0, 0 };
	bool has_larger = false;
	struct group g;

	e[OLD] = sorted_entries(m, OLD, by, &n[OLD]);
	e[NEW] = sorted_entries(m, NEW, by, &n[NEW]);
	while (next_group(e, n, at, &g)) {
		if (g.n[OLD] == 1 && g.n[NEW] == 1)
			set_pair(m, g.e[OLD]->record, g.e[NEW]->record, by);
		else
			has_larger = true;
	}
	if (only_single || !has_larger)
		return;
	find_gaps(m);
	at[OLD] = at[NEW] = 0;
	while (next_group(e, n, at, &g))
		pair_group(m, &g, by);
}

/* --- ids -------------------------------------------------------------------
 */

/* Records whose id also names another one of the side. */
static size_t
count_repeated(const struct entry *e, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_repeated = (i > 0 && e[i - 1].hash == e[i].hash) ||
		    (i + 1 < n && e[i + 1].hash == e[i].hash);

		count += is_repeated;
	}
	return count;
}

static bool
has_hash(const struct entry *e, size_t n, uint64_t hash)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (e[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && e[lo].hash == hash;
}

/* Ids that number the lines: one record put in at the top, and every id stands
 * on its neighbour's content.  True when most of the pairs are such. */
static bool
are_renumbered(
    const struct matcher *m, const struct entry *contents, size_t ncontents)
{
	size_t npairs = 0, nelsewhere = 0;

	for (size_t i = 0; i < m->n[NEW]; i++) {
		const struct tl_match_key *k = &m->keys[NEW][i];

		if (m->mate[NEW][i] == TL_NPOS)
			continue;
		npairs++;
		if (k->content != 0 &&
		    k->content != m->keys[OLD][m->mate[NEW][i]].content)
			nelsewhere += has_hash(contents, ncontents, k->content);
	}
	return nelsewhere > npairs / 2;
}

static void
forget_pairs(struct matcher *m)
{
	for (int side = OLD; side <= NEW; side++) {
		for (size_t i = 0; i < m->n[side]; i++)
			m->mate[side][i] = TL_NPOS;
	}
}

static enum tl_match_ids
match_by_id(struct matcher *m)
{
	const struct entry *e[2], *contents;
	size_t n[2], ncontents;

	for (int side = OLD; side <= NEW; side++) {
		e[side] = sorted_entries(m, side, TL_BY_ID, &n[side]);
		if (n[side] == 0)
			return TL_IDS_NONE;
		if (count_repeated(e[side], n[side]) > n[side] / 2)
			return TL_IDS_REPEATED;
	}
	contents = sorted_entries(m, OLD, TL_BY_CONTENT, &ncontents);
	match_by(m, TL_BY_ID, true);
	if (are_renumbered(m, contents, ncontents)) {
		forget_pairs(m);
		return TL_IDS_RENUMBERED;
	}
	return TL_IDS_USED;
}

/* Ids were used, but most contents went on under another one. */
static bool
are_replaced(const struct matcher *m)
{
	size_t nids = 0, nreplaced = 0;

	for (size_t i = 0; i < m->n[NEW]; i++) {
		size_t old = m->mate[NEW][i];

		if (m->keys[NEW][i].id == 0)
			continue;
		nids++;
		nreplaced += old != TL_NPOS && m->by[i] == TL_BY_CONTENT &&
		    m->keys[OLD][old].id != 0;
	}
	return nreplaced > nids / 2;
}

/* --- similarity ------------------------------------------------------------
 */

static size_t *
unmatched(const struct matcher *m, int side, size_t *n)
{
	size_t *list = TL_NEW(m->arena, size_t, m->n[side]);

	*n = 0;
	for (size_t i = 0; i < m->n[side]; i++) {
		if (m->mate[side][i] == TL_NPOS)
			list[(*n)++] = i;
	}
	return list;
}

/* Old number at which each of the new records would stand if nothing moved:
 * as far behind the unmoved record before it. */
static size_t *
expected_places(const struct matcher *m, const size_t *records, size_t n)
{
	const bool *unmoved = find_unmoved(m);
	size_t *places = TL_NEW(m->arena, size_t, n);
	size_t next = 0; /* the place of new record i */

	for (size_t i = 0, k = 0; k < n; i++, next++) {
		if (unmoved[i])
			next = m->mate[NEW][i];
		if (i == records[k])
			places[k++] = next;
	}
	return places;
}

static void
match_by_similarity(
    struct matcher *m, double threshold, tl_shingles_fn *words, void *ctx)
{
	struct tl_similar_side old, new_;
	struct tl_similar_pair *pairs;
	size_t npairs;

	old.records = unmatched(m, OLD, &old.n);
	new_.records = unmatched(m, NEW, &new_.n);
	if (old.n == 0 || new_.n == 0)
		return;
	tl_similar_pairs(m->arena, &old, &new_,
	    expected_places(m, new_.records, new_.n), threshold, words, ctx,
	    &pairs, &npairs);
	for (size_t i = 0; i < npairs; i++) {
		const struct tl_similar_pair *p = &pairs[i];

		if (m->mate[OLD][p->old] != TL_NPOS ||
		    m->mate[NEW][p->new_] != TL_NPOS)
			continue;
		set_pair(m, p->old, p->new_, TL_BY_SIMILARITY);
		m->similarity[p->new_] = p->similarity;
	}
}

/* --- the result ------------------------------------------------------------
 */

static enum tl_match_kind
pair_kind(const struct matcher *m, size_t new_, bool is_moved,
    const struct tl_match_options *opt)
{
	const struct tl_match_key *o = &m->keys[OLD][m->mate[NEW][new_]];
	const struct tl_match_key *n = &m->keys[NEW][new_];
	bool is_equal = o->exact == n->exact ||
	    (opt->ignore_metadata && n->content != 0 &&
		o->content == n->content);

	if (is_equal)
		return is_moved ? TL_MATCH_MOVED : TL_MATCH_UNCHANGED;
	if (n->content != 0 && o->content == n->content)
		return TL_MATCH_METADATA;
	return TL_MATCH_EDITED;
}

static void
put(struct tl_match_result *out, struct tl_match *list, struct tl_match x)
{
	list[out->n++] = x;
	out->counts[x.kind]++;
	out->nmoved += x.is_moved;
}

/* Removed records up to old number `end` that were not put yet. */
static void
put_removed(const struct matcher *m, size_t *at, size_t end,
    struct tl_match_result *out, struct tl_match *list)
{
	for (; *at < end; (*at)++) {
		if (m->mate[OLD][*at] == TL_NPOS)
			put(out, list,
			    (struct tl_match){ .kind = TL_MATCH_REMOVED,
				.old = *at,
				.new_ = TL_NPOS });
	}
}

/* Old number of the next unmoved record from each new one on. */
static size_t *
gap_bounds(const struct matcher *m, const bool *unmoved)
{
	size_t *bounds = TL_NEW(m->arena, size_t, m->n[NEW]);
	size_t bound = m->n[OLD];

	for (size_t i = m->n[NEW]; i-- > 0;) {
		if (unmoved[i])
			bound = m->mate[NEW][i];
		bounds[i] = bound;
	}
	return bounds;
}

static void
collect(const struct matcher *m, struct tl_arena *a,
    const struct tl_match_options *opt, struct tl_match_result *out)
{
	struct tl_match *list =
	    TL_NEW(a, struct tl_match, m->n[OLD] + m->n[NEW]);
	const bool *unmoved = find_unmoved(m);
	const size_t *bounds = gap_bounds(m, unmoved);
	size_t at = 0;

	out->matches = list;
	for (size_t i = 0; i < m->n[NEW]; i++) {
		size_t old = m->mate[NEW][i];
		struct tl_match x = {
			.kind = TL_MATCH_ADDED, .old = old, .new_ = i
		};

		if (old != TL_NPOS) {
			x.is_moved = !unmoved[i] && !opt->ignore_order;
			x.kind = pair_kind(m, i, x.is_moved, opt);
			x.by = m->by[i];
			x.similarity = m->similarity[i];
		}
		put_removed(m, &at, bounds[i], out, list);
		put(out, list, x);
	}
	put_removed(m, &at, m->n[OLD], out, list);
}

void
tl_match_records(struct tl_arena *a, const struct tl_match_side *old,
    const struct tl_match_side *new_, const struct tl_match_options *opt,
    tl_shingles_fn *words, void *ctx, struct tl_match_result *out)
{
	struct tl_arena *scratch = tl_arena_new_like(a);
	struct matcher m = { .arena = scratch,
		.keys = { old->keys, new_->keys },
		.n = { old->n, new_->n } };

	for (int side = OLD; side <= NEW; side++) {
		m.mate[side] = TL_NEW(scratch, size_t, m.n[side]);
		m.gap[side] = TL_NEW(scratch, size_t, m.n[side]);
	}
	m.by = TL_NEW(scratch, enum tl_match_by, m.n[NEW]);
	m.similarity = TL_NEW(scratch, double, m.n[NEW]);
	forget_pairs(&m);
	*out = (struct tl_match_result){ .ids = match_by_id(&m) };
	match_by(&m, TL_BY_EXACT, false);
	match_by(&m, TL_BY_CONTENT, false);
	match_by(&m, TL_BY_PROMPT, true);
	match_by(&m, TL_BY_REPLY, true);
	match_by_similarity(
	    &m, opt->threshold > 0 ? opt->threshold : 0.5, words, ctx);
	/* several replies to one prompt: those that are still alone */
	match_by(&m, TL_BY_PROMPT, false);
	if (out->ids == TL_IDS_USED && are_replaced(&m))
		out->ids = TL_IDS_REPLACED;
	collect(&m, a, opt, out);
	tl_arena_free(scratch);
}
