/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/detail.h>

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

/* Facts about the ranges [beg, end], … (ended by -1) of a text. */
static struct tl_detail_facts
facts(const char *text, const int *ranges)
{
	struct tl_json *node = TL_NEW(arena, struct tl_json, 1);
	struct tl_detail *d = TL_NEW(arena, struct tl_detail, 8);
	struct tl_turn t = { .content_node = node, .details = d };
	struct tl_detail_facts f;

	node->kind = TL_JSON_STRING;
	node->text = tl_str_from(text);
	t.text = tl_text_from_json(arena, node);
	for (; *ranges >= 0; ranges += 2)
		d[t.ndetails++] = (struct tl_detail){
			.beg = ranges[0], .end = ranges[1], .has_range = true
		};
	assert_true(tl_detail_facts(arena, &t, &f));
	return f;
}

#define FACTS(text, ...) facts(text, (const int[]){ __VA_ARGS__, -1 })

static void
takes_offsets_for_code_points(void **state)
{
	(void)state;
	assert_int_equal(FACTS("one two", 0, 2, 3, 6).unit, TL_UNIT_CODEPOINTS);
	assert_int_equal(
	    FACTS("\U0001f44b one two", 0, 4, 5, 8).unit, TL_UNIT_CODEPOINTS);
	/* An exclusive end in a text with one letter of two bytes. */
	assert_int_equal(
	    FACTS("caf\u00e9 au lait", 0, 4, 4, 12).unit, TL_UNIT_CODEPOINTS);
	/* Ends beyond the text that are in no unit. */
	assert_int_equal(FACTS("\u00e9 one", 0, 40).unit, TL_UNIT_CODEPOINTS);
}

static void
recognizes_utf16_and_bytes(void **state)
{
	(void)state;
	/* "👋👋 one two": 10 code points, 12 UTF-16 units, 16 bytes */
	assert_int_equal(
	    FACTS("\U0001f44b\U0001f44b one two", 0, 7, 8, 11).unit,
	    TL_UNIT_UTF16);
	assert_int_equal(
	    FACTS("\U0001f44b\U0001f44b one two", 0, 11, 12, 15).unit,
	    TL_UNIT_BYTES);
	/* ends exclusive on top of it */
	assert_int_equal(
	    FACTS("\U0001f44b\U0001f44b one two", 0, 8, 8, 12).unit,
	    TL_UNIT_UTF16);
	/* within the text, but every edge cuts a word unless in UTF-16 */
	assert_int_equal(
	    FACTS("\U0001f44b\U0001f44b one two six ten", 4, 7, 12, 15).unit,
	    TL_UNIT_UTF16);
}

static void
sorts_and_counts(void **state)
{
	struct tl_detail_facts f =
	    FACTS("one two six", 4, 7, 0, 4, 9, 8, 8, 11);

	(void)state;
	assert_int_equal(f.length, 11);
	assert_int_equal(f.nsorted, 3);
	assert_int_equal(f.sorted[0].detail->beg, 0);
	assert_int_equal(f.nreversed, 1);
	assert_int_equal(f.ntouching, 1); /* 0-4 and 4-7 */
	assert_true(f.touches_end);
	assert_false(f.is_out);
	assert_true(FACTS("one", 0, 4).is_out);
	assert_true(FACTS("one", 3, 3).is_out);
}

static void
finds_bytes_of_offsets(void **state)
{
	tl_str s = TL_STR("\U0001f44b\u00e9x");

	(void)state;
	assert_int_equal(tl_detail_byte(s, TL_UNIT_CODEPOINTS, 2), 6);
	assert_int_equal(tl_detail_byte(s, TL_UNIT_UTF16, 3), 6);
	assert_int_equal(tl_detail_byte(s, TL_UNIT_BYTES, 6), 6);
	assert_true(tl_detail_byte(s, TL_UNIT_UTF16, 1) == TL_NPOS);
	assert_true(tl_detail_byte(s, TL_UNIT_CODEPOINTS, 4) == TL_NPOS);
	assert_true(tl_detail_byte(s, TL_UNIT_CODEPOINTS, -1) == TL_NPOS);
	assert_int_equal(tl_detail_byte(s, TL_UNIT_CODEPOINTS, 3), s.len);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(takes_offsets_for_code_points),
		T(recognizes_utf16_and_bytes),
		T(sorts_and_counts),
		T(finds_bytes_of_offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
