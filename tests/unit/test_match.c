/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "git/match.h"

static struct tl_arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = tl_arena_new(NULL, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tl_arena_free(arena);
	return 0;
}

/* A record as the tests write it; NULL: has none. */
struct rec {
	const char *id, *prompt, *reply, *meta;
};

struct sides {
	const struct rec *recs[2];
	size_t n[2];
	size_t nasked;
};

static uint64_t
hash(const char *s, uint64_t salt)
{
	return s != NULL
	    ? tl_hash_mix(tl_str_hash(tl_str_from(s)) + salt, tl_str_from(s))
	    : 0;
}

static struct tl_match_side
keys_of(const struct rec *r, size_t n)
{
	struct tl_match_key *k = TL_NEW(arena, struct tl_match_key, n);

	for (size_t i = 0; i < n; i++) {
		uint64_t content =
		    hash(r[i].prompt, 1) * 31 + hash(r[i].reply, 2);

		k[i] = (struct tl_match_key){ .id = hash(r[i].id, 3),
			.content = content,
			.exact = content * 31 + hash(r[i].meta, 4) * 7 +
			    hash(r[i].id, 3) + 1,
			.prompt = hash(r[i].prompt, 1),
			.reply = hash(r[i].reply, 2) };
	}
	return (struct tl_match_side){ k, n };
}

static void
words_of(void *ctx, bool is_new, size_t index, struct tl_shingles *s)
{
	struct sides *sides = ctx;
	const struct rec *r = &sides->recs[is_new][index];

	sides->nasked++;
	tl_shingles_put(s, tl_str_from(r->prompt));
	tl_shingles_break(s);
	tl_shingles_put(s, tl_str_from(r->reply));
}

static struct tl_match_result
match_with(const struct rec *old, size_t nold, const struct rec *new_,
    size_t nnew, struct tl_match_options opt)
{
	struct sides sides = { { old, new_ }, { nold, nnew }, 0 };
	struct tl_match_side o = keys_of(old, nold), n = keys_of(new_, nnew);
	struct tl_match_result res;

	tl_match_records(arena, &o, &n, &opt, words_of, &sides, &res);
	return res;
}

#define MATCH(old, new_)                                     \
	match_with(old, TL_COUNT(old), new_, TL_COUNT(new_), \
	    (struct tl_match_options){ 0 })

/* "kind:old>new/by ..." with - for none; * marks a move. */
static const char *
text_of(const struct tl_match_result *r)
{
	const char *s = "";

	for (size_t i = 0; i < r->n; i++) {
		const struct tl_match *m = &r->matches[i];
		char old[24] = "-", new_[24] = "-";

		if (m->old != TL_NPOS)
			snprintf(old, sizeof(old), "%zu", m->old);
		if (m->new_ != TL_NPOS)
			snprintf(new_, sizeof(new_), "%zu", m->new_);
		s = tl_arena_printf(arena, "%s%s%s:%s>%s/%s%s", s,
		    i > 0 ? " " : "", tl_match_kind_name(m->kind), old, new_,
		    tl_match_by_name(m->by), m->is_moved ? "*" : "");
	}
	return s;
}

#define ASSERT_MATCH(res, want) assert_string_equal(text_of(&(res)), want)

static void
equal_sides_are_unchanged(void **state)
{
	static const struct rec a[] = { { 0, "p1", "r1", 0 },
		{ 0, "p2", "r2", 0 } };
	struct tl_match_result r = MATCH(a, a);

	(void)state;
	ASSERT_MATCH(r, "unchanged:0>0/value unchanged:1>1/value");
}

static void
an_insertion_moves_nothing(void **state)
{
	static const struct rec a[] = { { 0, "p1", "r1", 0 },
		{ 0, "p2", "r2", 0 } };
	static const struct rec b[] = { { 0, "new", "one", 0 },
		{ 0, "p1", "r1", 0 }, { 0, "p2", "r2", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(
	    r, "added:->0/nothing unchanged:0>1/value unchanged:1>2/value");
	assert_int_equal(r.nmoved, 0);
}

static void
removed_records_stand_where_they_were(void **state)
{
	static const struct rec a[] = { { 0, "p1", "r1", 0 },
		{ 0, "gone", "away", 0 }, { 0, "p2", "r2", 0 },
		{ 0, "last", "too", 0 } };
	static const struct rec b[] = { { 0, "p1", "r1", 0 },
		{ 0, "p2", "r2", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(r,
	    "unchanged:0>0/value removed:1>-/nothing unchanged:2>1/value "
	    "removed:3>-/nothing");
}

static void
a_replaced_record_is_removed_then_added(void **state)
{
	static const struct rec a[] = { { 0, "p1", "r1", 0 },
		{ 0, "gone", "away", 0 }, { 0, "p2", "r2", 0 } };
	static const struct rec b[] = { { 0, "p1", "r1", 0 },
		{ 0, "new", "one", 0 }, { 0, "p2", "r2", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(r,
	    "unchanged:0>0/value removed:1>-/nothing added:->1/nothing "
	    "unchanged:2>2/value");
}

static void
only_what_left_its_order_is_moved(void **state)
{
	static const struct rec a[] = { { 0, "1", "r", 0 }, { 0, "2", "r", 0 },
		{ 0, "3", "r", 0 }, { 0, "4", "r", 0 } };
	static const struct rec b[] = { { 0, "4", "r", 0 }, { 0, "1", "r", 0 },
		{ 0, "2", "r", 0 }, { 0, "3", "r", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(r,
	    "moved:3>0/value* unchanged:0>1/value unchanged:1>2/value "
	    "unchanged:2>3/value");
	r = match_with(
	    a, 4, b, 4, (struct tl_match_options){ .ignore_order = true });
	assert_int_equal(r.counts[TL_MATCH_UNCHANGED], 4);
	assert_int_equal(r.nmoved, 0);
}

static void
equal_records_count_as_a_multiset(void **state)
{
	static const struct rec a[] = { { 0, "d", "d", 0 }, { 0, "x", "x", 0 },
		{ 0, "d", "d", 0 } };
	static const struct rec b[] = { { 0, "x", "x", 0 },
		{ 0, "d", "d", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	/* the first of the two is gone, the second stands where it was */
	ASSERT_MATCH(
	    r, "removed:0>-/nothing unchanged:1>0/value unchanged:2>1/value");
}

static void
metadata_is_told_from_content(void **state)
{
	static const struct rec a[] = { { 0, "p", "r", "v1" } };
	static const struct rec b[] = { { 0, "p", "r", "v2" } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(r, "metadata:0>0/content");
	r = match_with(
	    a, 1, b, 1, (struct tl_match_options){ .ignore_metadata = true });
	ASSERT_MATCH(r, "unchanged:0>0/content");
}

static void
ids_come_before_contents(void **state)
{
	static const struct rec a[] = { { "a", "one", "two", 0 },
		{ "b", "three", "four", 0 }, { "c", "k", "k", 0 } };
	static const struct rec b[] = { { "b", "three", "other", 0 },
		{ "a", "wholly", "changed", 0 }, { "c", "k", "k", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(r, "edited:1>0/id* edited:0>1/id unchanged:2>2/id");
	assert_int_equal(r.ids, TL_IDS_USED);
}

static void
ids_that_number_the_lines_are_not_used(void **state)
{
	static const struct rec a[] = { { "1", "p1", "r1", 0 },
		{ "2", "p2", "r2", 0 }, { "3", "p3", "r3", 0 } };
	static const struct rec b[] = { { "1", "new", "new", 0 },
		{ "2", "p1", "r1", 0 }, { "3", "p2", "r2", 0 },
		{ "4", "p3", "r3", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	assert_int_equal(r.ids, TL_IDS_RENUMBERED);
	ASSERT_MATCH(r,
	    "added:->0/nothing metadata:0>1/content metadata:1>2/content "
	    "metadata:2>3/content");
}

static void
repeated_ids_are_not_used(void **state)
{
	static const struct rec a[] = { { "x", "p1", "r1", 0 },
		{ "x", "p2", "r2", 0 } };
	static const struct rec b[] = { { "x", "p2", "r2", 0 },
		{ "x", "p1", "other", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	assert_int_equal(r.ids, TL_IDS_REPEATED);
	assert_int_equal(r.counts[TL_MATCH_EDITED], 1);
	assert_int_equal(r.nmoved, 1);
}

static void
new_ids_on_old_contents_are_noticed(void **state)
{
	static const struct rec a[] = { { "a", "p1", "r1", 0 },
		{ "b", "p2", "r2", 0 } };
	static const struct rec b[] = { { "x", "p1", "r1", 0 },
		{ "y", "p2", "r2", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	assert_int_equal(r.ids, TL_IDS_REPLACED);
	ASSERT_MATCH(r, "metadata:0>0/content metadata:1>1/content");
}

static void
prompt_and_reply_lead_to_edited_records(void **state)
{
	static const struct rec a[] = { { 0, "question", "old", 0 },
		{ 0, "asked this way", "a long reply", 0 } };
	static const struct rec b[] = { { 0, "question", "new", 0 },
		{ 0, "put otherwise", "a long reply", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(r, "edited:0>0/prompt edited:1>1/reply");
}

#define LONG_TEXT                                                           \
	"the quick brown fox jumps over the lazy dog while the cat sleeps " \
	"on the warm stone and dreams of mice"

static void
similar_words_find_the_record(void **state)
{
	static const struct rec a[] = { { 0, "p " LONG_TEXT, "r1", 0 },
		{ 0, "one two three four five six", "seven", 0 } };
	static const struct rec b[] = { { 0, "one two three nine eight ten",
					    "eleven", 0 },
		{ 0, "q " LONG_TEXT " and cheese", "r2", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	assert_int_equal(r.counts[TL_MATCH_EDITED], 1);
	assert_int_equal(r.counts[TL_MATCH_ADDED], 1);
	assert_int_equal(r.counts[TL_MATCH_REMOVED], 1);
	for (size_t i = 0; i < r.n; i++) {
		const struct tl_match *m = &r.matches[i];

		if (m->kind != TL_MATCH_EDITED)
			continue;
		assert_int_equal(m->by, TL_BY_SIMILARITY);
		assert_int_equal(m->old, 0);
		assert_int_equal(m->new_, 1);
		assert_true(m->similarity > 0.7 && m->similarity < 1);
	}
}

static void
the_most_similar_pair_wins(void **state)
{
	static const struct rec a[] = { { 0, LONG_TEXT " x y z u v w", "1", 0 },
		{ 0, LONG_TEXT " z", "2", 0 } };
	static const struct rec b[] = { { 0, LONG_TEXT " y", "3", 0 },
		{ 0, LONG_TEXT " x y z u v v", "4", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	assert_int_equal(r.counts[TL_MATCH_EDITED], 2);
	assert_int_equal(r.matches[0].old, 1);
	assert_int_equal(r.matches[1].old, 0);
}

static void
several_replies_to_a_prompt_stay_with_it(void **state)
{
	static const struct rec a[] = { { 0, "p", "yes it is", 0 },
		{ 0, "p", "no never", 0 }, { 0, "p", "well maybe", 0 } };
	static const struct rec b[] = { { 0, "p", "yes it is", 0 },
		{ 0, "p", "k", 0 }, { 0, "p", "l", 0 } };
	struct tl_match_result r = MATCH(a, b);

	(void)state;
	ASSERT_MATCH(
	    r, "unchanged:0>0/value edited:1>1/prompt edited:2>2/prompt");
}

static void
the_empty_side_is_all_added_or_removed(void **state)
{
	static const struct rec a[] = { { 0, "p", "r", 0 } };
	struct tl_match_result r =
	    match_with(a, 1, NULL, 0, (struct tl_match_options){ 0 });

	(void)state;
	ASSERT_MATCH(r, "removed:0>-/nothing");
	r = match_with(NULL, 0, a, 1, (struct tl_match_options){ 0 });
	ASSERT_MATCH(r, "added:->0/nothing");
	r = match_with(NULL, 0, NULL, 0, (struct tl_match_options){ 0 });
	assert_int_equal(r.n, 0);
}

/* --- properties ------------------------------------------------------------
 */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static size_t
longest_by_force(const size_t *seq, size_t n)
{
	size_t best[16], all = 0;

	for (size_t i = 0; i < n; i++) {
		best[i] = 1;
		for (size_t k = 0; k < i; k++) {
			if (seq[k] < seq[i] && best[k] + 1 > best[i])
				best[i] = best[k] + 1;
		}
		all = best[i] > all ? best[i] : all;
	}
	return all;
}

static void
the_longest_rising_sequence_is_found(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 2000; round++) {
		size_t seq[16], n = next_random(&seed) % 16, len = 0, last = 0;
		bool keep[16];

		for (size_t i = 0; i < n; i++) {
			size_t k = next_random(&seed) % (i + 1);

			seq[i] = seq[k];
			seq[k] = i + 1;
		}
		tl_longest_rising(arena, seq, n, keep);
		for (size_t i = 0; i < n; i++) {
			if (!keep[i])
				continue;
			assert_true(seq[i] > last);
			last = seq[i];
			len++;
		}
		assert_int_equal(len, longest_by_force(seq, n));
		tl_arena_reset(arena);
	}
}

/* Each record occurs exactly once in a result. */
static void
assert_complete(const struct tl_match_result *r, size_t nold, size_t nnew)
{
	size_t seen[2] = { 0, 0 };
	char *old = TL_NEW(arena, char, nold),
	     *new_ = TL_NEW(arena, char, nnew);

	for (size_t i = 0; i < r->n; i++) {
		const struct tl_match *m = &r->matches[i];

		if (m->old != TL_NPOS) {
			assert_int_equal(old[m->old]++, 0);
			seen[0]++;
		}
		if (m->new_ != TL_NPOS) {
			assert_int_equal(new_[m->new_]++, 0);
			seen[1]++;
		}
	}
	assert_int_equal(seen[0], nold);
	assert_int_equal(seen[1], nnew);
}

static void
every_record_is_placed_once(void **state)
{
	static const char *const words[] = { "a", "b", "c", "a b c d",
		"a b c e", LONG_TEXT, LONG_TEXT " more" };
	uint32_t seed = 11;

	(void)state;
	for (size_t round = 0; round < 1500; round++) {
		struct rec r[2][12];
		size_t n[2];
		struct tl_match_result res;

		for (int side = 0; side < 2; side++) {
			n[side] = next_random(&seed) % 12;
			for (size_t i = 0; i < n[side]; i++) {
				uint32_t x = next_random(&seed);

				r[side][i] = (struct rec){
					x % 3 == 0 ? words[x / 3 % 7] : NULL,
					words[x / 21 % 7], words[x / 147 % 7],
					words[x / 1029 % 2]
				};
			}
		}
		res = match_with(
		    r[0], n[0], r[1], n[1], (struct tl_match_options){ 0 });
		assert_complete(&res, n[0], n[1]);
		tl_arena_reset(arena);
	}
}

static double
seconds_since(const struct timespec *t0)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)(t.tv_sec - t0->tv_sec) +
	    (double)(t.tv_nsec - t0->tv_nsec) / 1e9;
}

static void
equal_and_similar_masses_stay_fast(void **state)
{
	enum { N = 20000 };
	struct rec *old = TL_NEW(arena, struct rec, N);
	struct rec *new_ = TL_NEW(arena, struct rec, N);
	struct tl_match_result r;
	struct timespec t0;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (size_t i = 0; i < N; i++)
		old[i] = new_[i] = (struct rec){ 0, "same", "same", 0 };
	r = match_with(old, N, new_, N - 1, (struct tl_match_options){ 0 });
	assert_int_equal(r.counts[TL_MATCH_UNCHANGED], N - 1);
	for (size_t i = 0; i < N; i++) {
		old[i].prompt = tl_arena_printf(arena, LONG_TEXT " %zu", i);
		old[i].reply = new_[i].reply = "ok";
		new_[i].prompt = tl_arena_printf(arena, LONG_TEXT " x%zu", i);
	}
	r = match_with(old, N, new_, N, (struct tl_match_options){ 0 });
	assert_complete(&r, N, N);
	assert_int_equal(r.counts[TL_MATCH_EDITED], N);
	assert_int_equal(r.nmoved, 0);
	/* quadratic work would take minutes */
	assert_true(seconds_since(&t0) < 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sides_are_unchanged),
		cmocka_unit_test(an_insertion_moves_nothing),
		cmocka_unit_test(removed_records_stand_where_they_were),
		cmocka_unit_test(a_replaced_record_is_removed_then_added),
		cmocka_unit_test(only_what_left_its_order_is_moved),
		cmocka_unit_test(equal_records_count_as_a_multiset),
		cmocka_unit_test(metadata_is_told_from_content),
		cmocka_unit_test(ids_come_before_contents),
		cmocka_unit_test(ids_that_number_the_lines_are_not_used),
		cmocka_unit_test(repeated_ids_are_not_used),
		cmocka_unit_test(new_ids_on_old_contents_are_noticed),
		cmocka_unit_test(prompt_and_reply_lead_to_edited_records),
		cmocka_unit_test(similar_words_find_the_record),
		cmocka_unit_test(the_most_similar_pair_wins),
		cmocka_unit_test(several_replies_to_a_prompt_stay_with_it),
		cmocka_unit_test(the_empty_side_is_all_added_or_removed),
		cmocka_unit_test(the_longest_rising_sequence_is_found),
		cmocka_unit_test(every_record_is_placed_once),
		cmocka_unit_test(equal_and_similar_masses_stay_fast),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
