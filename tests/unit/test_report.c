/* SPDX-License-Identifier: Apache-2.0 */
/* The excerpt of the full report: carets stand under the exact cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/report.h>

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

/* Line n (0-based) of what the full writer prints about a span of a line. */
static const char *
line_of_report(tl_str line, size_t beg, size_t end, size_t width, size_t n)
{
	struct tl_arena *scratch = tl_arena_new(NULL, NULL);
	const struct tl_finding f = {
		.rule = tl_rule_find(TL_STR("CNT001")),
		.message = TL_STR("a message"),
		.path = TL_STR("f"),
		.line = 7,
		.column = 1,
		.pointer = TL_STR("/x"),
		.turn = TL_NO_TURN,
		.excerpt = line,
		.excerpt_beg = beg,
		.excerpt_end = end,
	};
	struct tl_buf out;
	struct tl_writer_cx cx = {
		.out = &out, .width = width, .scratch = scratch
	};
	size_t at = 0;
	tl_str s;

	tl_buf_init(&out, arena, 0);
	tl_map_init(&cx.explained, arena);
	tl_writer_find(TL_STR("full"))->finding(&cx, &f);
	tl_arena_free(scratch);
	s = tl_buf_str(&out);
	for (; n > 0; n--)
		at = tl_str_find_char(s, '\n', at) + 1;
	return tl_arena_cstr(
	    arena, tl_str_slice(s, at, tl_str_find_char(s, '\n', at)));
}

static void
expect(tl_str line, const char *span, size_t width, const char *shown,
    const char *carets)
{
	size_t beg = tl_str_find(line, tl_str_from(span), 0);
	size_t end = beg + strlen(span);

	assert_true(beg != TL_NPOS);
	assert_string_equal(line_of_report(line, beg, end, width, 3), shown);
	assert_string_equal(line_of_report(line, beg, end, width, 4), carets);
}

static void
carets_stand_under_the_span(void **state)
{
	(void)state;
	expect(TL_STR("ab cd ef"), "cd", 80, " 7 | ab cd ef", "   |    ^^");
	expect(TL_STR("ab cd ef"), "ab", 80, " 7 | ab cd ef", "   | ^^");
	expect(TL_STR("ab cd ef"), "ef", 80, " 7 | ab cd ef", "   |       ^^");
	/* An empty span is a place, also behind the last character. */
	assert_string_equal(
	    line_of_report(TL_STR("ab"), 1, 1, 80, 4), "   |  ^");
	assert_string_equal(
	    line_of_report(TL_STR("ab"), 2, 2, 80, 4), "   |   ^");
}

static void
wide_and_combining_characters_count_in_cells(void **state)
{
	(void)state;
	/* Two cells each. */
	expect(TL_STR("漢字 x 漢"), "x", 80, " 7 | 漢字 x 漢", "   |      ^");
	expect(TL_STR("a漢字b"), "漢字", 80, " 7 | a漢字b", "   |  ^^^^");
	expect(TL_STR("😀😀x"), "x", 80, " 7 | 😀😀x", "   |     ^");
	/* No cell of its own: under the letter that carries it. */
	expect(TL_STR("ae\xcc\x81z"), "z", 80, " 7 | ae\xcc\x81z", "   |   ^");
	expect(TL_STR("ae\xcc\x81z"), "\xcc\x81", 80, " 7 | ae\xcc\x81z",
	    "   |  ^");
	expect(TL_STR("ae\xcc\x81z"), "e\xcc\x81", 80, " 7 | ae\xcc\x81z",
	    "   |  ^");
}

static void
what_a_terminal_must_not_see_is_spelled_out(void **state)
{
	(void)state;
	expect(
	    TL_STR("a\x1b[1mb"), "b", 80, " 7 | a\\x1b[1mb", "   |         ^");
	expect(
	    TL_STR("a\x1b[1mb"), "\x1b", 80, " 7 | a\\x1b[1mb", "   |  ^^^^");
	expect(TL_STR("a\xff z"), "z", 80, " 7 | a\\xff z", "   |       ^");
	expect(TL_STR("a\xe2\x80\xaez"), "z", 80, " 7 | a\\u{202e}z",
	    "   |          ^");
	/* Tabs: indentation is white, others are seen. */
	expect(TL_STR("\t\"a\tb\""), "b", 80, " 7 |     \"a\\tb\"",
	    "   |         ^");
}

static void
long_lines_are_cut_around_the_span(void **state)
{
	(void)state;
	/* 41 columns: the margin takes 5, the ellipses 2; a third of the
	 * rest stands before the span. */
	expect(TL_STR("0123456789012345678901234567890123456789X0123456789"
		      "0123456789012345678901234567890123456789"),
	    "X", 41, " 7 | …90123456789X0123456789012345678901…",
	    "   |             ^");
}

static void
every_line_fits_the_width(void **state)
{
	char line[400];

	(void)state;
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = (char)('a' + i % 26);
	for (size_t width = 41; width <= 120; width += 13) {
		for (size_t beg = 0; beg < sizeof(line); beg += 7) {
			tl_str s = { line, sizeof(line) };
			const char *shown, *carets, *first;

			shown = line_of_report(s, beg, beg + 3, width, 3);
			carets = line_of_report(s, beg, beg + 3, width, 4);
			assert_true(tl_utf8_count(tl_str_from(shown)) <= width);
			/* What stands above the first caret is the span's
			 * first character. */
			first = strchr(carets, '^');
			assert_non_null(first);
			assert_int_equal(
			    shown[tl_utf8_offset(
				tl_str_from(shown), (size_t)(first - carets))],
			    line[beg]);
		}
	}
}

static void
carets_of_a_span_that_is_cut_end_with_the_line(void **state)
{
	char line[400];
	const char *shown, *carets;

	(void)state;
	memset(line, 'x', sizeof(line));
	shown = line_of_report((tl_str){ line, 400 }, 100, 390, 60, 3);
	carets = line_of_report((tl_str){ line, 400 }, 100, 390, 60, 4);
	assert_true(strlen(carets) <= tl_utf8_count(tl_str_from(shown)));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(carets_stand_under_the_span),
		T(wide_and_combining_characters_count_in_cells),
		T(what_a_terminal_must_not_see_is_spelled_out),
		T(long_lines_are_cut_around_the_span),
		T(every_line_fits_the_width),
		T(carets_of_a_span_that_is_cut_end_with_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
