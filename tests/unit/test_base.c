/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/buf.h>
#include <turnlint/map.h>
#include <turnlint/str.h>

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

static bool
is_zero(const void *p, size_t n)
{
	const char *c = p;

	for (size_t i = 0; i < n; i++)
		if (c[i] != 0)
			return false;
	return true;
}

static void
arena_blocks_are_zeroed_and_aligned(void **state)
{
	(void)state;
	for (size_t round = 0; round < 3; round++) {
		for (size_t align = 1; align <= 64; align *= 2) {
			size_t n = 1 + align * 37 % 1000;
			char *p = tl_arena_alloc(arena, n, 3, align);

			assert_int_equal((uintptr_t)p % align, 0);
			assert_true(is_zero(p, n * 3));
			memset(p, 0xaa, n * 3);
		}
		tl_arena_reset(arena);
		assert_int_equal(tl_arena_used(arena), 0);
	}
}

static void
arena_grow_keeps_the_bytes(void **state)
{
	char *p = NULL;
	size_t len = 0;

	(void)state;
	for (size_t next = 1; next < 200000; next = next * 3 + 1) {
		p = tl_arena_grow(arena, p, len, next, 1);
		for (size_t i = 0; i < len; i++)
			assert_int_equal((unsigned char)p[i], i % 251);
		for (size_t i = 0; i < next; i++)
			p[i] = (char)(i % 251);
		len = next;
		if (next % 2 == 0)
			(void)tl_arena_bytes(arena, 7);
	}
}

static void
note_call(void *arg)
{
	char *log = *(char **)arg;

	(*(char **)arg)++;
	*log = 'x';
}

static void
deferred_calls_run_once_at_reset(void **state)
{
	char log[4] = "";
	char *at = log;

	(void)state;
	tl_arena_defer(arena, note_call, &at);
	tl_arena_defer(arena, note_call, &at);
	tl_arena_reset(arena);
	tl_arena_reset(arena);
	assert_string_equal(log, "xx");
}

static jmp_buf oom_jump;

static void
on_oom(void *ctx, size_t wanted)
{
	*(size_t *)ctx = wanted;
	longjmp(oom_jump, 1);
}

static void
an_overflowing_request_goes_to_the_handler(void **state)
{
	static size_t wanted;
	static struct tl_arena *a;

	(void)state;
	a = tl_arena_new(on_oom, &wanted);
	if (setjmp(oom_jump) == 0) {
		volatile size_t count = SIZE_MAX / 2;

		(void)tl_arena_alloc(a, count, 4, 8);
		fail_msg("the handler was not called");
	}
	assert_true(wanted > SIZE_MAX / 2);
	tl_arena_free(a);
}

static void
a_buffer_stops_at_its_maximum(void **state)
{
	struct tl_buf b;

	(void)state;
	tl_buf_init(&b, arena, 10);
	tl_buf_puts(&b, "12345678");
	assert_false(b.is_cut);
	tl_buf_puts(&b, "abc");
	assert_true(b.is_cut);
	tl_buf_puts(&b, "d");
	assert_true(tl_str_eq(tl_buf_str(&b), TL_STR("12345678")));
	tl_buf_clear(&b);
	tl_buf_printf(&b, "%s%d", "ab", 42);
	assert_true(tl_str_eq(tl_buf_str(&b), TL_STR("ab42")));
}

static void
escaping_leaves_nothing_that_drives_a_terminal(void **state)
{
	struct tl_buf b;

	(void)state;
	tl_buf_init(&b, arena, 0);
	tl_buf_put_escaped(&b,
	    TL_STR("a\x1b[31m\n\t\r\0\x7f\xff|\xc2\x9b|\xe2\x80\xae|"
		   "\xe2\x80\x8b|\xc3\xa9\xf0\x9f\x99\x82"));
	assert_true(tl_str_eq(tl_buf_str(&b),
	    TL_STR("a\\x1b[31m\\n\\t\\r\\x00\\x7f\\xff|\\u{009b}|\\u{202e}|"
		   "\\u{200b}|\xc3\xa9\xf0\x9f\x99\x82")));
}

static void
an_error_message_is_cut_between_characters(void **state)
{
	struct tl_error err;
	char text[2000];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', sizeof(text));
		for (size_t i = shift; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x99\x82", 4);
		text[sizeof(text) - 1] = '\0';
		assert_int_equal(
		    tl_fail_at(&err, TL_EIO, 3, 4, "%s", text), TL_EIO);
		tl_str s = tl_str_from(err.message);
		assert_int_equal(tl_utf8_check(s), s.len);
		assert_true(s.len > sizeof(err.message) - 6);
		assert_int_equal(err.line, 3);
		assert_int_equal(err.column, 4);
	}
	tl_fail(&err, TL_EIO, "a\x1b\nb");
	assert_string_equal(err.message, "a??b");
}

/* The definition, spelled out: decode by arithmetic, then judge. */
static size_t
slow_utf8_len(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t want = p[0] < 0x80   ? 1
	    : (p[0] & 0xe0) == 0xc0 ? 2
	    : (p[0] & 0xf0) == 0xe0 ? 3
	    : (p[0] & 0xf8) == 0xf0 ? 4
				    : 0;
	uint32_t cp;

	if (want == 0 || want > n)
		return 0;
	if (want == 1)
		return 1;
	cp = p[0] & (0x7fu >> want);
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	if (cp < least[want] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	return want;
}

static void
utf8_agrees_with_the_definition(void **state)
{
	static const unsigned char interesting[] = { 0x00, 0x41, 0x7f, 0x80,
		0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
		0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5,
		0xf8, 0xff };
	const size_t n = TL_COUNT(interesting);

	(void)state;
	for (size_t i = 0; i < n * n * n * n; i++) {
		unsigned char p[4] = { interesting[i % n],
			interesting[i / n % n], interesting[i / n / n % n],
			interesting[i / n / n / n] };

		for (size_t len = 1; len <= 4; len++) {
			tl_str s = { (const char *)p, len };
			size_t got = tl_utf8_len(s, 0);
			uint32_t cp;
			bool is_bad;

			assert_int_equal(got, slow_utf8_len(p, len));
			assert_int_equal(tl_utf8_next(s, 0, &cp, &is_bad),
			    got > 0 ? got : 1);
			assert_int_equal(is_bad, got == 0);
			if (got > 0) {
				char back[4];

				assert_int_equal(tl_utf8_put(back, cp), got);
				assert_memory_equal(back, p, got);
			}
		}
	}
}

/* tl_utf8_check() takes eight bytes a time, so the bytes are put everywhere. */
static void
a_fault_in_utf8_is_found_wherever_it_is(void **state)
{
	static const unsigned char interesting[] = { 0x41, 0x80, 0x8f, 0x90,
		0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xe1, 0xed, 0xf0, 0xf3, 0xf4,
		0xf5 };
	const size_t n = TL_COUNT(interesting);

	(void)state;
	for (size_t i = 0; i < n * n * n * n; i++) {
		char text[24];
		tl_str s = { text, 12 + i % 12 };
		size_t at = i % 11, want = 0, len;

		memset(text, 'x', sizeof(text));
		for (size_t k = 0, rest = i; k < 4; k++, rest /= n)
			text[at + k] = (char)interesting[rest % n];
		while (want < s.len && (len = tl_utf8_len(s, want)) > 0)
			want += len;
		assert_int_equal(tl_utf8_check(s), want);
	}
}

static void
counts_are_in_the_unit_they_say(void **state)
{
	tl_str s = TL_STR("a\xc3\xa9\xf0\x9f\x99\x82z");

	(void)state;
	assert_int_equal(tl_utf8_count(s), 4);
	assert_int_equal(tl_utf16_count(s), 5);
	assert_int_equal(tl_utf8_offset(s, 3), 7);
	assert_int_equal(tl_utf8_offset(s, 9), s.len);
	assert_int_equal(tl_utf8_width(0x4e2d), 2);
	assert_int_equal(tl_utf8_width(0x301), 0);
	assert_int_equal(tl_utf8_width('a'), 1);
}

static void
slices_are_found_trimmed_and_compared(void **state)
{
	tl_str s = TL_STR(" \tone two\n");

	(void)state;
	assert_true(tl_str_eq(tl_str_trim(s), TL_STR("one two")));
	assert_true(tl_str_is_blank(TL_STR(" \n")));
	assert_false(tl_str_is_blank(TL_STR(" x")));
	assert_int_equal(tl_str_find(s, TL_STR("two"), 0), 6);
	assert_int_equal(tl_str_find(s, TL_STR("two"), 7), TL_NPOS);
	assert_int_equal(tl_str_find(TL_STR("aab"), TL_STR("ab"), 0), 1);
	assert_int_equal(tl_str_find(TL_STR("ab"), TL_STR("abc"), 0), TL_NPOS);
	assert_int_equal(tl_str_find_char(s, 'w', 0), 7);
	assert_true(tl_str_starts(s, TL_STR(" \t")));
	assert_true(tl_str_ends(s, TL_STR("o\n")));
	assert_true(tl_str_cmp(TL_STR("ab"), TL_STR("abc")) < 0);
	assert_true(tl_str_cmp(TL_STR("\xff"), TL_STR("a")) > 0);
	assert_true(tl_str_eq_nocase(TL_STR("AbC"), TL_STR("aBc")));
	assert_int_equal(tl_str_slice(s, 8, 3).len, 0);
}

static void
numbers_are_read_whole_or_not_at_all(void **state)
{
	size_t n = 7;
	int64_t i = 7;

	(void)state;
	assert_true(tl_str_to_size(TL_STR("18446744073709551615"), &n));
	assert_true(n == SIZE_MAX);
	assert_false(tl_str_to_size(TL_STR("18446744073709551616"), &n));
	assert_false(tl_str_to_size(TL_STR(""), &n));
	assert_false(tl_str_to_size(TL_STR("1x"), &n));
	assert_true(tl_str_to_int(TL_STR("-12"), &i));
	assert_int_equal(i, -12);
	assert_false(tl_str_to_int(TL_STR("-"), &i));
}

static void
the_nearest_name_is_within_few_edits(void **state)
{
	static const char *const names[] = { "template", "tokenizer",
		"trainer" };

	(void)state;
	assert_string_equal(
	    tl_str_nearest(TL_STR("templte"), names, 3), "template");
	assert_string_equal(
	    tl_str_nearest(TL_STR("Tokeniser"), names, 3), "tokenizer");
	assert_null(tl_str_nearest(TL_STR("format"), names, 3));
	assert_null(tl_str_nearest(TL_STR("trail"), names, 3));
	assert_string_equal(
	    tl_str_nearest(TL_STR("tokenizer_dir"), names, 3), "tokenizer");
	assert_int_equal(
	    tl_str_distance(TL_STR("kitten"), TL_STR("sitting"), 5), 3);
	assert_int_equal(
	    tl_str_distance(TL_STR("abcdef"), TL_STR("uvwxyz"), 2), 3);
}

static void
a_map_keeps_insertion_order(void **state)
{
	struct tl_map m;
	bool is_new;

	(void)state;
	tl_map_init(&m, arena);
	assert_null(tl_map_find(&m, TL_STR("x")));
	for (size_t i = 0; i < 5000; i++) {
		tl_str key = tl_str_from(tl_arena_printf(arena, "k%zu", i * 7));

		tl_map_put(&m, key, &is_new)->num = i;
		assert_true(is_new);
	}
	for (size_t i = 0; i < 5000; i++) {
		tl_str key = tl_str_from(tl_arena_printf(arena, "k%zu", i * 7));

		assert_int_equal(tl_map_put(&m, key, &is_new)->num, i);
		assert_false(is_new);
		assert_int_equal(m.entries[i].num, i);
		assert_ptr_equal(tl_map_find(&m, key), &m.entries[i]);
	}
	assert_int_equal(m.nentries, 5000);
	assert_null(tl_map_find(&m, TL_STR("k1")));
}

static void
survey_finds_what_is_there_and_nothing_else(void **state)
{
	static const struct {
		char c;
		unsigned flag;
	} cases[] = {
		{ '<', TL_HAS_ANGLE },
		{ '[', TL_HAS_SQUARE },
		{ '{', TL_HAS_BRACE },
		{ '#', TL_HAS_HASH },
		{ '\x80', TL_HAS_HIGH },
		{ '\xff', TL_HAS_HIGH },
		/* Their neighbours are nothing. */
		{ ';', 0 },
		{ '=', 0 },
		{ '\\', 0 },
		{ '\x7f', 0 },
		{ '\0', 0 },
		{ '"', 0 },
	};
	char text[41];

	(void)state;
	for (size_t len = 0; len <= sizeof(text); len++) {
		memset(text, 'a', sizeof(text));
		assert_int_equal(tl_str_survey((tl_str){ text, len }), 0);
		for (size_t at = 0; at < len; at++)
			for (size_t i = 0; i < TL_COUNT(cases); i++) {
				text[at] = cases[i].c;
				assert_int_equal(
				    tl_str_survey((tl_str){ text, len }),
				    cases[i].flag);
				text[at] = 'a';
			}
	}
	assert_int_equal(tl_str_survey((tl_str){ NULL, 0 }), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_blocks_are_zeroed_and_aligned),
		cmocka_unit_test(arena_grow_keeps_the_bytes),
		cmocka_unit_test(deferred_calls_run_once_at_reset),
		cmocka_unit_test(an_overflowing_request_goes_to_the_handler),
		cmocka_unit_test(a_buffer_stops_at_its_maximum),
		cmocka_unit_test(
		    escaping_leaves_nothing_that_drives_a_terminal),
		cmocka_unit_test(an_error_message_is_cut_between_characters),
		cmocka_unit_test(utf8_agrees_with_the_definition),
		cmocka_unit_test(a_fault_in_utf8_is_found_wherever_it_is),
		cmocka_unit_test(counts_are_in_the_unit_they_say),
		cmocka_unit_test(slices_are_found_trimmed_and_compared),
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(the_nearest_name_is_within_few_edits),
		cmocka_unit_test(a_map_keeps_insertion_order),
		cmocka_unit_test(survey_finds_what_is_there_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
