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

#include "diff/diff.h"
#include "diff/hash.h"

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

/* --- hashes ------------------------------------------------------------------
 */

/* The vectors of the SipHash paper's program: key 00 01 … 0f, message of n
 * bytes 00 01 … */
static void
siphash_gives_the_published_values(void **state)
{
	static const struct {
		size_t n;
		uint64_t want;
	} vectors[] = { { 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd },
		{ 8, 0x93f5f5799a932462 }, { 15, 0xa129ca6149be45e5 } };
	const struct tl_hash_key key = { 0x0706050403020100,
		0x0f0e0d0c0b0a0908 };
	char bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < TL_COUNT(vectors); i++)
		assert_true(
		    tl_hash_keyed(&key, (tl_str){ bytes, vectors[i].n }) ==
		    vectors[i].want);
}

static void
each_run_draws_another_key(void **state)
{
	const struct tl_hash_key a = tl_hash_key_new(), b = tl_hash_key_new();

	(void)state;
	assert_true(a.k0 != b.k0 || a.k1 != b.k1);
}

/* --- common subsequences
 * ------------------------------------------------------ */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static size_t
common_by_force(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
	size_t t[13][13] = { { 0 } };

	for (size_t i = n; i-- > 0;) {
		for (size_t j = m; j-- > 0;) {
			size_t best = t[i + 1][j] > t[i][j + 1] ? t[i + 1][j]
								: t[i][j + 1];

			t[i][j] = a[i] == b[j] ? t[i + 1][j + 1] + 1 : best;
		}
	}
	return t[0][0];
}

static void
hunks_leave_the_longest_common_sequence(void **state)
{
	uint32_t seed = 3;

	(void)state;
	for (size_t round = 0; round < 5000; round++) {
		uint64_t a[12], b[12];
		size_t na = next_random(&seed) % 13;
		size_t nb = next_random(&seed) % 13, n, i = 0, j = 0;
		size_t ncommon = 0;
		const struct tl_hunk *h;

		for (size_t k = 0; k < 12; k++) {
			a[k] = next_random(&seed) % 4;
			b[k] = next_random(&seed) % 4;
		}
		h = tl_lcs_hunks(arena, a, na, b, nb, &n);
		for (size_t k = 0; k <= n; k++) {
			size_t end = k < n ? h[k].old_beg : na;

			for (; i < end; i++, j++, ncommon++)
				assert_true(a[i] == b[j]);
			if (k == n)
				break;
			assert_int_equal(j, h[k].new_beg);
			assert_true(h[k].old_beg < h[k].old_end ||
			    h[k].new_beg < h[k].new_end);
			i = h[k].old_end;
			j = h[k].new_end;
		}
		assert_int_equal(i, na);
		assert_int_equal(j, nb);
		assert_int_equal(ncommon, common_by_force(a, na, b, nb));
		tl_arena_reset(arena);
	}
}

static void
a_middle_too_large_is_one_hunk(void **state)
{
	enum { N = 100000 };
	uint64_t *a = TL_NEW(arena, uint64_t, N),
		 *b = TL_NEW(arena, uint64_t, N);
	const struct tl_hunk *h;
	size_t n;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		a[i] = i < 10 || i >= N - 20 ? 7 : i;
		b[i] = i < 10 || i >= N - 20 ? 7 : N + i;
	}
	h = tl_lcs_hunks(arena, a, N, b, N, &n);
	assert_int_equal(n, 1);
	assert_int_equal(h->old_beg, 10);
	assert_int_equal(h->new_end, N - 20);
}

/* --- words
 * ---------------------------------------------------------------------- */

/* The changed places as "[old>new]". */
static const char *
words(const char *old, const char *new_)
{
	size_t n;
	const struct tl_hunk *h =
	    tl_diff_words(arena, tl_str_from(old), tl_str_from(new_), &n);
	const char *s = "";

	for (size_t i = 0; i < n; i++)
		s = tl_arena_printf(arena, "%s[%.*s>%.*s]", s,
		    (int)(h[i].old_end - h[i].old_beg), old + h[i].old_beg,
		    (int)(h[i].new_end - h[i].new_beg), new_ + h[i].new_beg);
	return s;
}

static void
words_are_cut_whole(void **state)
{
	(void)state;
	assert_string_equal(words("it is 41.", "it is 42."), "[41>42]");
	assert_string_equal(words("a b c d", "a x c y"), "[b>x][d>y]");
	assert_string_equal(words("same", "same"), "");
	assert_string_equal(words("", "new"), "[>new]");
	assert_string_equal(words("old", ""), "[old>]");
	assert_string_equal(words("das fällt", "das füllt"), "[ä>ü]");
	assert_string_equal(words("a b", "a  b"), "[ >  ]");
}

/* --- values
 * ---------------------------------------------------------------------- */

static const struct tl_record *
record(const char *json, struct tl_conv *conv)
{
	struct tl_record *rec = TL_NEW(arena, struct tl_record, 1);

	rec->bytes = tl_str_from(json);
	assert_int_equal(tl_record_parse(arena, rec), TL_OK);
	tl_conv_build(arena, rec, NULL, NULL, conv);
	return rec;
}

/* "turn:old_pointer>new_pointer" separated by blanks. */
static const char *
values(const char *old, const char *new_)
{
	struct tl_conv co, cn;
	const struct tl_record *o = record(old, &co), *n = record(new_, &cn);
	struct tl_value_changes c;
	const char *s = "";

	tl_diff_values(arena, o->doc.root, &co, n->doc.root, &cn, &c);
	for (size_t i = 0; i < c.n; i++) {
		const struct tl_value_change *v = &c.list[i];
		size_t turn =
		    v->new_turn != TL_NO_TURN ? v->new_turn : v->old_turn;
		const char *where = turn == TL_NO_TURN
		    ? "-"
		    : tl_arena_printf(arena, "%zu", turn);
		const char *from = "none", *to = "none";

		if (v->old != NULL)
			from = tl_arena_cstr(
			    arena, tl_json_pointer(arena, v->old));
		if (v->new_ != NULL)
			to = tl_arena_cstr(
			    arena, tl_json_pointer(arena, v->new_));
		s = tl_arena_printf(arena, "%s%s%s:%s>%s", s, i > 0 ? " " : "",
		    where, from, to);
	}
	return s;
}

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define REPLY "{\"role\":\"assistant\",\"content\":\"hello\"}"
#define OTHER "{\"role\":\"assistant\",\"content\":\"hey\"}"
#define MASKED "{\"role\":\"assistant\",\"content\":\"hello\",\"train\":false}"
#define SYSTEM "{\"role\":\"system\",\"content\":\"be kind\"}"
#define CHAT(turns) "{\"messages\":[" turns "]}"

static void
a_changed_reply_is_one_change_of_its_turn(void **state)
{
	(void)state;
	assert_string_equal(values(CHAT(USER "," REPLY), CHAT(USER "," OTHER)),
	    "1:/messages/1/content>/messages/1/content");
}

static void
a_turn_put_in_front_is_one_change(void **state)
{
	(void)state;
	assert_string_equal(
	    values(CHAT(USER "," REPLY), CHAT(SYSTEM "," USER "," REPLY)),
	    "0:none>/messages/0");
	assert_string_equal(
	    values(CHAT(SYSTEM "," USER "," REPLY), CHAT(USER "," REPLY)),
	    "0:/messages/0>none");
}

static void
a_flag_does_not_part_a_turn_from_itself(void **state)
{
	(void)state;
	assert_string_equal(values(CHAT(USER "," REPLY "," USER "," REPLY),
				CHAT(USER "," MASKED "," USER "," REPLY)),
	    "1:none>/messages/1/train");
}

static void
turns_are_paired_by_role(void **state)
{
	(void)state;
	assert_string_equal(
	    values(CHAT(USER "," REPLY), CHAT(SYSTEM "," USER "," OTHER)),
	    "0:none>/messages/0 2:/messages/1/content>/messages/2/content");
}

static void
metadata_is_named_by_pointer(void **state)
{
	(void)state;
	assert_string_equal(
	    values("{\"messages\":[" USER "],\"m\":{\"a\":1,\"b\":[1,2]}}",
		"{\"m\":{\"b\":[1,2,3],\"c\":null},\"messages\":[" USER "]}"),
	    "-:/m/a>none -:none>/m/b/2 -:none>/m/c");
}

static void
spelling_is_no_change(void **state)
{
	(void)state;
	assert_string_equal(values("{\"text\":\"\\u0041\", \"a\":1}",
				"{\"a\":1,\"text\":\"A\"}"),
	    "");
	assert_string_equal(
	    values("{\"text\":\"A\",\"a\":1}", "{\"text\":\"A\",\"a\":1.0}"),
	    "-:/a>/a");
}

static const char *
deep_json(size_t depth, char leaf)
{
	char *s = tl_arena_bytes(arena, 2 * depth + 2);

	memset(s, '[', depth);
	s[depth] = leaf;
	memset(s + depth + 1, ']', depth);
	s[2 * depth + 1] = '\0';
	return s;
}

static void
large_and_deep_values_stay_cheap(void **state)
{
	struct tl_buf b[2];
	clock_t t0 = clock();
	const char *s;

	(void)state;
	s = values(deep_json(500, '1'), deep_json(500, '2'));
	assert_true(strlen(s) > 1000);
	for (int side = 0; side < 2; side++) {
		tl_buf_init(&b[side], arena, 0);
		tl_buf_puts(&b[side], "{");
		for (size_t i = 0; i < 100000; i++)
			tl_buf_printf(&b[side], "\"k%zu\":%d,", i, side);
		tl_buf_puts(&b[side], "\"end\":0}");
		tl_buf_putc(&b[side], '\0');
	}
	s = values(b[0].ptr, b[1].ptr);
	assert_true(strlen(s) > 1000);
	assert_true((double)(clock() - t0) / CLOCKS_PER_SEC < 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_gives_the_published_values),
		cmocka_unit_test(each_run_draws_another_key),
		cmocka_unit_test(hunks_leave_the_longest_common_sequence),
		cmocka_unit_test(a_middle_too_large_is_one_hunk),
		cmocka_unit_test(words_are_cut_whole),
		cmocka_unit_test(a_changed_reply_is_one_change_of_its_turn),
		cmocka_unit_test(a_turn_put_in_front_is_one_change),
		cmocka_unit_test(a_flag_does_not_part_a_turn_from_itself),
		cmocka_unit_test(turns_are_paired_by_role),
		cmocka_unit_test(metadata_is_named_by_pointer),
		cmocka_unit_test(spelling_is_no_change),
		cmocka_unit_test(large_and_deep_values_stay_cheap),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
