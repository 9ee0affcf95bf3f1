/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/buf.h>
#include <turnlint/json.h>
#include <turnlint/limits.h>

struct fixture {
	struct tl_arena *arena;
	struct tl_json_doc doc;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = tl_arena_new(NULL, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tl_arena_free(f->arena);
	free(f);
	return 0;
}

static const struct tl_json *
accept(struct fixture *f, tl_str text)
{
	assert_int_equal(tl_json_parse(f->arena, text, &f->doc), TL_OK);
	assert_non_null(f->doc.root);
	assert_int_equal(f->doc.fault, TL_JSON_OK);
	return f->doc.root;
}

static void
assert_str(tl_str got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.ptr, want, got.len);
}

/* The bytes of the document that a span covers. */
static tl_str
source(const struct fixture *f, tl_span span)
{
	return tl_str_slice(f->doc.text, span.beg, span.end);
}

static void
spans_cover_each_value_and_name(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root = accept(f,
	    TL_STR(" { \"a\" : [1, -2.50e1 ,\"x\\n\"] , \"b\":{}, "
		   "\"\\u0063\":null }\n"));
	const struct tl_json *a = tl_json_get(root, "a");
	const struct tl_json *x = tl_json_at(a, 2);

	assert_int_equal(root->nchildren, 3);
	assert_int_equal(root->span.beg, 1);
	assert_str(source(f, a->key_span), "\"a\"");
	assert_str(source(f, a->span), "[1, -2.50e1 ,\"x\\n\"]");
	assert_str(source(f, tl_json_at(a, 1)->span), "-2.50e1");
	assert_str(tl_json_at(a, 1)->text, "-2.50e1");
	assert_true(tl_json_at(a, 1)->number == -25.0);
	assert_str(source(f, x->span), "\"x\\n\"");
	assert_str(x->text, "x\n");
	assert_int_equal(x->index, 2);
	assert_ptr_equal(x->parent, a);
	assert_null(x->next);
	assert_str(source(f, tl_json_get(root, "b")->span), "{}");
	assert_str(source(f, tl_json_get(root, "c")->key_span), "\"\\u0063\"");
	assert_int_equal(tl_json_get(root, "c")->kind, TL_JSON_NULL);
}

static void
last_member_of_a_name_wins(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root =
	    accept(f, TL_STR("{\"k\":1,\"j\":2,\"k\":3}"));
	int64_t i;

	assert_true(tl_json_int(tl_json_get(root, "k"), &i));
	assert_int_equal(i, 3);
	assert_int_equal(f->doc.nnotes, 1);
	assert_int_equal(f->doc.notes[0].kind, TL_JSON_NOTE_DUPLICATE_KEY);
	assert_ptr_equal(f->doc.notes[0].node, tl_json_get(root, "k"));
	assert_null(tl_json_get(root, "missing"));
	assert_null(tl_json_get(NULL, "k"));
	assert_null(tl_json_get(tl_json_get(root, "k"), "k"));
}

static void
duplicates_are_found_among_many_names(void **state)
{
	struct fixture *f = *state;
	struct tl_buf b;
	const struct tl_json *root;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_puts(&b, "{\"x\":0");
	for (int i = 0; i < 1000; i++)
		tl_buf_printf(&b, ",\"%d\":%d", i % 990, i);
	tl_buf_puts(&b, "}");
	root = accept(f, tl_buf_str(&b));
	assert_int_equal(root->nchildren, 1001);
	assert_int_equal(f->doc.nnotes, 10);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(f->doc.notes[i].node->index, 991 + i);
}

static void
strings_keep_embedded_nul(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root =
	    accept(f, TL_STR("{\"k\\u0000y\":\"x\\u0000y\\\"\"}"));

	assert_int_equal(root->first->key.len, 3);
	assert_memory_equal(root->first->key.ptr, "k\0y", 3);
	assert_int_equal(root->first->text.len, 4);
	assert_memory_equal(root->first->text.ptr, "x\0y\"", 4);
	assert_int_equal(f->doc.nnotes, 2);
	assert_int_equal(f->doc.notes[1].kind, TL_JSON_NOTE_NUL);
	assert_str(source(f, f->doc.notes[1].span), "\\u0000");
}

/* Their values have no text: the tree was not finished. */
static void
notes_of_a_rejected_text_have_no_node(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    tl_json_parse(f->arena, TL_STR("{\"k\":\"\\ud83d\",}"), &f->doc),
	    TL_EPARSE);
	assert_int_equal(f->doc.nnotes, 1);
	assert_int_equal(f->doc.notes[0].kind, TL_JSON_NOTE_LONE_SURROGATE);
	assert_null(f->doc.notes[0].node);
}

static void
lone_surrogates_become_replacement_characters(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root = accept(f,
	    TL_STR("[\"\\ud83d\",\"a\\uDE00b\",\"\\ud83d\\ud83d\\ude00\","
		   "\"\\ud83d\\ude00\",\"\\ufffd\"]"));

	assert_str(tl_json_at(root, 0)->text, "\xef\xbf\xbd");
	assert_str(tl_json_at(root, 1)->text,
	    "a\xef\xbf\xbd"
	    "b");
	assert_str(tl_json_at(root, 2)->text, "\xef\xbf\xbd\xf0\x9f\x98\x80");
	assert_str(tl_json_at(root, 3)->text, "\xf0\x9f\x98\x80");
	assert_str(tl_json_at(root, 4)->text, "\xef\xbf\xbd");
	assert_int_equal(f->doc.nnotes, 3);
	assert_str(source(f, f->doc.notes[1].span), "\\uDE00");
}

static void
raw_line_separators_are_noted(void **state)
{
	struct fixture *f = *state;

	accept(f,
	    TL_STR("[\"a\xe2\x80\xa8z\",\"\xc2\x85\",\"\\u2028\","
		   "\"\xe2\x80\xa7\"]"));
	assert_int_equal(f->doc.nnotes, 2);
	assert_int_equal(f->doc.notes[0].kind, TL_JSON_NOTE_LINE_SEPARATOR);
	assert_str(source(f, f->doc.notes[0].span), "\xe2\x80\xa8");
	assert_str(source(f, f->doc.notes[1].span), "\xc2\x85");
}

static void
numbers_that_a_double_loses_are_noted(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *literal;
		bool is_lost;
	} cases[] = {
		{ "0", false },
		{ "-0", false },
		{ "-0.0", false },
		{ "9007199254740992", false },
		{ "-9007199254740992", false },
		{ "9007199254740993", true },
		{ "-9007199254740993", true },
		{ "9007199254740994", true },
		{ "123456789012345678901234567890", true },
		{ "0.1", false },
		{ "1.0", false },
		{ "0.30000000000000004", false },
		{ "3.141592653589793", false },
		{ "3.14159265358979323846", true },
		{ "0.1000000000000000055511151231257827", false },
		{ "0.1000000000000000055511151231257828", true },
		{ "1e400", true },
		{ "1e-400", true },
		{ "0e999999999999999999999", false },
		{ "4.9406564584124654e-324", false },
		{ "1.7976931348623157e308", false },
		{ "1.0000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000",
		    false },
		{ "1.0000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000001",
		    true },
		{ "12345678901234.500000", false },
		{ "1234567890123456.7", true },
		{ "100E-2", false },
		{ "9007199254740993.0", true },
		{ "0.000000000000000000000000000000001", false },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		accept(f, tl_str_from(cases[i].literal));
		if (f->doc.nnotes != cases[i].is_lost)
			fail_msg(
			    "%s: %zu notes", cases[i].literal, f->doc.nnotes);
		assert_str(f->doc.root->text, cases[i].literal);
	}
}

static void
long_numbers_have_their_value(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root = accept(f,
	    TL_STR("[0.50000000000000000000000000000000000000000000000000000"
		   "0000000000000000000000000, "
		   "100000000000000000000000000000000000000000000000000000000"
		   "0000000000000000000000000,7]"));

	assert_true(root->first->number == 0.5);
	assert_true(tl_json_at(root, 1)->number == 1e81);
	assert_true(tl_json_at(root, 2)->number == 7);
}

static void
faults_say_what_where_and_what_was_expected(void **state)
{
	struct fixture *f = *state;
	static const struct {
		tl_str text;
		enum tl_json_fault fault;
		size_t at;
		const char *found, *expected;
	} cases[] = {
		{ TL_LIT(""), TL_JSON_EMPTY, 0, "end of input", "a value" },
		{ TL_LIT(" \n"), TL_JSON_EMPTY, 2, "end of input", "a value" },
		{ TL_LIT("{\"a\":}"), TL_JSON_SYNTAX, 5, "'}'", "a value" },
		{ TL_LIT("[1,]"), TL_JSON_TRAILING_COMMA, 2, "',' before ']'",
		    "']' or a further value" },
		{ TL_LIT("{\"a\":1 , }"), TL_JSON_TRAILING_COMMA, 7,
		    "',' before '}'", "'}' or a further member" },
		{ TL_LIT("{'a':1}"), TL_JSON_LITERAL, 1, "a single quote",
		    "a name in double quotes or '}'" },
		{ TL_LIT("[None]"), TL_JSON_LITERAL, 1, "None",
		    "a value or ']'" },
		{ TL_LIT("{\"a\":-Infinity}"), TL_JSON_LITERAL, 5, "-Infinity",
		    "a number" },
		{ TL_LIT("{\"a\":NaN}"), TL_JSON_LITERAL, 5, "NaN", "a value" },
		{ TL_LIT("{\"a\":True}"), TL_JSON_LITERAL, 5, "True",
		    "a value" },
		{ TL_LIT("[1, // x\n2]"), TL_JSON_LITERAL, 4, "a comment",
		    "a value" },
		{ TL_LIT("{\"a\":1} # x"), TL_JSON_LITERAL, 8, "a comment",
		    "nothing after the value" },
		{ TL_LIT("{\"a\":\"b"), TL_JSON_TRUNCATED, 7, "end of input",
		    "'\"' to close the string" },
		{ TL_LIT("{\"a\":1"), TL_JSON_TRUNCATED, 6, "end of input",
		    "',' or '}'" },
		{ TL_LIT("[tru"), TL_JSON_TRUNCATED, 4, "end of input",
		    "the rest of 'true'" },
		{ TL_LIT("[truth]"), TL_JSON_SYNTAX, 4, "'t'", "'true'" },
		{ TL_LIT("[\"a\nb\"]"), TL_JSON_RAW_CONTROL, 3, "a line break",
		    "an escape such as '\\n' or '\\u001b' in a string" },
		{ TL_LIT("[\"a\0b\"]"), TL_JSON_RAW_NUL, 3, "a NUL byte",
		    "an escape such as '\\n' or '\\u001b' in a string" },
		{ TL_LIT("[\0]"), TL_JSON_RAW_NUL, 1, "a NUL byte",
		    "a value or ']'" },
		{ TL_LIT("[\"caf\xe9\"]"), TL_JSON_BAD_UTF8, 5, "byte 0xe9",
		    "UTF-8" },
		{ TL_LIT("[\"\\x41\"]"), TL_JSON_SYNTAX, 3, "'x'",
		    "one of '\"\\/bfnrtu' after a backslash" },
		{ TL_LIT("[\"\\u12g4\"]"), TL_JSON_SYNTAX, 6, "'g'",
		    "four hex digits after '\\u'" },
		{ TL_LIT("[01]"), TL_JSON_SYNTAX, 2, "'1'",
		    "no digit after a leading zero" },
		{ TL_LIT("[1.]"), TL_JSON_SYNTAX, 3, "']'",
		    "a digit after the decimal point" },
		{ TL_LIT("{\"a\":1}{\"b\":2}"), TL_JSON_EXTRA, 7, "'{'",
		    "nothing after the value" },
		{ TL_LIT("{\"a\":1}, {\"b\":2}"), TL_JSON_EXTRA, 9, "'{'",
		    "nothing after the value" },
		{ TL_LIT("{\"a\":1},"), TL_JSON_SYNTAX, 7, "','",
		    "nothing after the value" },
		{ TL_LIT("{\"a\":1}}"), TL_JSON_SYNTAX, 7, "'}'",
		    "nothing after the value" },
		{ TL_LIT("\xef\xbb\xbf{}"), TL_JSON_SYNTAX, 0,
		    "a byte order mark (U+FEFF)", "a value" },
		{ TL_LIT("[\xe2\x80\x9cz\xe2\x80\x9d]"), TL_JSON_SYNTAX, 1,
		    "U+201C", "a value or ']'" },
		{ TL_LIT("{\"a\" 1}"), TL_JSON_SYNTAX, 5, "'1'",
		    "':' after the name" },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		print_message("# case %zu\n", i);
		assert_int_equal(
		    tl_json_parse(f->arena, cases[i].text, &f->doc), TL_EPARSE);
		assert_null(f->doc.root);
		assert_int_equal(f->doc.fault, cases[i].fault);
		assert_int_equal(f->doc.fault_at, cases[i].at);
		assert_string_equal(f->doc.found, cases[i].found);
		assert_string_equal(f->doc.expected, cases[i].expected);
	}
}

static void
depth_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char text[2 * (TL_MAX_JSON_DEPTH + 1)];
	size_t half = TL_MAX_JSON_DEPTH;

	memset(text, '[', half);
	memset(text + half, ']', half);
	accept(f, (tl_str){ text, 2 * half });
	half++;
	memset(text, '[', half);
	memset(text + half, ']', half);
	assert_int_equal(
	    tl_json_parse(f->arena, (tl_str){ text, 2 * half }, &f->doc),
	    TL_EPARSE);
	assert_int_equal(f->doc.fault, TL_JSON_TOO_DEEP);
	assert_int_equal(f->doc.fault_at, TL_MAX_JSON_DEPTH);
}

static void
pointers_name_values_and_resolve(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root =
	    accept(f, TL_STR("{\"a/b\":{\"~\":[0,{\"\":1}]}}"));
	const struct tl_json *v;

	v = tl_json_resolve(root, TL_STR("/a~1b/~0/1/"));
	assert_non_null(v);
	assert_int_equal(v->kind, TL_JSON_NUMBER);
	assert_str(tl_json_pointer(f->arena, v), "/a~1b/~0/1/");
	assert_str(tl_json_pointer(f->arena, root), "");
	assert_ptr_equal(tl_json_resolve(root, TL_STR("")), root);
	assert_null(tl_json_resolve(root, TL_STR("/a~1b/~0/2")));
	assert_null(tl_json_resolve(root, TL_STR("/a~1b/~0/01")));
	assert_null(tl_json_resolve(root, TL_STR("a~1b")));
	assert_null(tl_json_resolve(root, TL_STR("/a~1b/~0/0/x")));
}

static void
raw_spans_cover_whole_escapes(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *v =
	    accept(f, TL_STR("\"ab\\n\\ud83d\\ude00\xc3\xa9z\""));
	static const struct {
		size_t beg, end;
		size_t raw_beg, raw_end;
	} cases[] = {
		{ 0, 2, 1, 3 },
		{ 1, 3, 2, 5 },
		{ 2, 3, 3, 5 },
		{ 3, 4, 5, 17 },
		{ 4, 6, 5, 17 },
		{ 2, 7, 3, 17 },
		{ 7, 9, 17, 19 },
		{ 9, 10, 19, 20 },
		{ 0, 10, 1, 20 },
		{ 3, 3, 5, 5 },
		{ 0, 0, 1, 1 },
		{ 10, 10, 20, 20 },
		{ 0, 99, 1, 20 },
	};

	assert_int_equal(v->text.len, 10);
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		tl_span span = tl_json_raw_span(
		    f->doc.text, v, cases[i].beg, cases[i].end);

		assert_int_equal(span.beg, cases[i].raw_beg);
		assert_int_equal(span.end, cases[i].raw_end);
	}
}

static void
written_text_keeps_order_and_numbers(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root = accept(f,
	    TL_STR("{ \"b\" : 1.0, \"a\":[true,false,null,{}],\"b\":"
		   "\"\\u001b\\u2028\\/\xc2\x85\x7f\" }"));
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_json_put(&b, root);
	assert_str(tl_buf_str(&b),
	    "{\"b\":1.0,\"a\":[true,false,null,{}],"
	    "\"b\":\"\\u001b\\u2028/\\u0085\\u007f\"}");
	tl_buf_clear(&b);
	tl_json_put_string(&b, TL_STR("a\xff\0"));
	assert_str(tl_buf_str(&b), "\"a\xef\xbf\xbd\\u0000\"");
}

static void
canonical_text_sorts_by_code_unit(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root = accept(f,
	    TL_STR("{\"\xef\xac\xb3\":1,\"\xf0\x9f\x98\x80\":2,\"b\":3,"
		   "\"\\u0061\":{\"z\":1,\"y\":[2,1]},\"aa\":\"\\u2028\\r\"}"));
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_json_put_canonical(&b, root);
	assert_str(tl_buf_str(&b),
	    "{\"a\":{\"y\":[2,1],\"z\":1},\"aa\":\"\xe2\x80\xa8\\r\","
	    "\"b\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
}

static void
integers_are_read_only_when_written_as_such(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *root = accept(
	    f, TL_STR("[-12,1.0,1e2,9223372036854775807,9223372036854775808]"));
	int64_t i;

	assert_true(tl_json_int(tl_json_at(root, 0), &i));
	assert_int_equal(i, -12);
	assert_false(tl_json_int(tl_json_at(root, 1), &i));
	assert_false(tl_json_int(tl_json_at(root, 2), &i));
	assert_true(tl_json_int(tl_json_at(root, 3), &i));
	assert_true(i == INT64_MAX);
	assert_false(tl_json_int(tl_json_at(root, 4), &i));
	assert_null(tl_json_at(root, 5));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(spans_cover_each_value_and_name),
		TEST(last_member_of_a_name_wins),
		TEST(duplicates_are_found_among_many_names),
		TEST(strings_keep_embedded_nul),
		TEST(lone_surrogates_become_replacement_characters),
		TEST(notes_of_a_rejected_text_have_no_node),
		TEST(raw_line_separators_are_noted),
		TEST(numbers_that_a_double_loses_are_noted),
		TEST(long_numbers_have_their_value),
		TEST(faults_say_what_where_and_what_was_expected),
		TEST(depth_has_a_limit),
		TEST(pointers_name_values_and_resolve),
		TEST(raw_spans_cover_whole_escapes),
		TEST(written_text_keeps_order_and_numbers),
		TEST(canonical_text_sorts_by_code_unit),
		TEST(integers_are_read_only_when_written_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
