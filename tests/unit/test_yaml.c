/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/buf.h>
#include <turnlint/yaml.h>

static int
setup(void **state)
{
	*state = tl_arena_new(NULL, NULL);
	return 0;
}

static int
teardown(void **state)
{
	tl_arena_free(*state);
	return 0;
}

static const struct tl_json *
accept(struct tl_arena *a, const char *text)
{
	const struct tl_json *root = NULL;
	struct tl_error err;

	if (tl_yaml_parse(a, tl_str_from(text), &root, &err) != TL_OK)
		fail_msg("%s: %s", text, err.message);
	return root;
}

/* The values are those of PyYAML 6.0 (tests/conformance/check_yaml.py asks it
 * for more). */
static void
gives_json(void **state)
{
	static const struct {
		const char *yaml, *json;
	} cases[] = {
		{ "", "null" },
		{ "# nothing", "null" },
		{ "[~, null, Null, NULL, ]", "[null,null,null,null]" },
		{ "[nULL, 'null', \"~\"]", "[\"nULL\",\"null\",\"~\"]" },
		{ "[yes, No, ON, off, True]", "[true,false,true,false,true]" },
		{ "[y, n, yEs, tRUE]", "[\"y\",\"n\",\"yEs\",\"tRUE\"]" },
		{ "[1_000, -5, +7, 0]", "[1000,-5,7,0]" },
		{ "[010, 0o10, 08, 0x1F, 0b101]", "[8,\"0o10\",\"08\",31,5]" },
		{ "[1:30, 1:30:00, -1:1, 1:60]", "[90,5400,-61,\"1:60\"]" },
		{ "[1e3, 1.0e+3, 1.e3, 1.5]", "[\"1e3\",1000.0,\"1.e3\",1.5]" },
		{ "[1., .5, -.5, 1_0.5, 1:30.5]",
		    "[1.0,0.5,\"-.5\",10.5,90.5]" },
		{ "[2024-01-02, 0.1.2]", "[\"2024-01-02\",\"0.1.2\"]" },
		{ "{a: 1, b: 2, a: 3}", "{\"a\":1,\"b\":2,\"a\":3}" },
		{ "[!!str 1, !!int \"2\", !!float 3, !!bool yes]",
		    "[\"1\",2,3.0,true]" },
		{ "a: &x {k: 1}\nb: *x", "{\"a\":{\"k\":1},\"b\":{\"k\":1}}" },
		{ "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3",
		    "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"l\":2,\"k\":3}}" },
		{ "a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc:\n  <<: [*x, *y]",
		    "{\"a\":{\"k\":1},\"b\":{\"k\":2,\"m\":3},"
		    "\"c\":{\"k\":1,\"m\":3}}" },
		{ "<<: &x {k: 1}\nb: *x", "{\"k\":1,\"b\":{\"k\":1}}" },
		{ "a: |\n  x\n  y\nb: >-\n  x\n  y",
		    "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}" },
		{ "\xef\xbb\xbf"
		  "a: \"\xc3\xa9\\n\"",
		    "{\"a\":\"é\\n\"}" },
		{ "[.inf, -.INF, .NaN]", "[Infinity,-Infinity,NaN]" },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		const struct tl_json *v = accept(*state, cases[i].yaml);
		struct tl_buf b;

		tl_buf_init(&b, *state, 0);
		tl_json_put(&b, v);
		tl_buf_putc(&b, '\0');
		assert_string_equal(b.ptr, cases[i].json);
	}
}

static void
refuses(void **state)
{
	static const struct {
		const char *yaml;
		size_t line, column;
		const char *part; /* of the message */
	} cases[] = {
		{ "a: [1", 2, 1, "flow sequence" },
		{ "a: 1\n b: 2", 2, 3, "mapping values" },
		{ "a: *x", 1, 4, "no anchor" },
		{ "a: &x [*x]", 1, 8, "an alias within" },
		{ "[&x 1, &x 2]", 1, 8, "stands before" },
		{ "a: !ruby/object 1", 1, 4, "a tag" },
		{ "a: !!set {b, c}", 1, 4, "a tag" },
		{ "a: !!int x", 1, 4, "no whole number" },
		{ "a: =", 1, 4, "must be quoted" },
		{ "? [a, b]\n: 1", 1, 3, "a name was expected" },
		{ "<<: 1", 1, 1, "takes a map" },
		{ "<<: [{a: 1}, 2]", 1, 1, "takes a map" },
		{ "a: 1\n---\nb: 2", 2, 1, "a second document" },
		{ "a: 0xFFFFFFFFFFFFFFFFF", 1, 4, "beyond 64 bits" },
		{ "a: \xff", 0, 0, "not UTF-8" },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		const struct tl_json *root = NULL;
		struct tl_error err;

		assert_int_equal(tl_yaml_parse(*state,
				     tl_str_from(cases[i].yaml), &root, &err),
		    TL_EPARSE);
		if (strstr(err.message, cases[i].part) == NULL)
			fail_msg("%s: %s", cases[i].yaml, err.message);
		assert_int_equal(err.line, cases[i].line);
		assert_int_equal(err.column, cases[i].column);
	}
}

static void
keeps_places(void **state)
{
	const struct tl_json *root =
	    accept(*state, "é: 1\nlist:\n  - off\n  - é: 0x10\n");
	const struct tl_json *list = tl_json_get(root, "list");
	const struct tl_json *v = tl_json_get(tl_json_at(list, 1), "é");
	size_t line, column;

	tl_yaml_place(tl_json_at(list, 0), &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 5);
	tl_yaml_key_place(v, &line, &column);
	assert_int_equal(line, 4);
	assert_int_equal(column, 5);
	tl_yaml_place(v, &line, &column);
	assert_int_equal(line, 4);
	assert_int_equal(column, 8);
	assert_true(tl_str_eq(tl_yaml_scalar(v), TL_STR("0x10")));
	assert_true(
	    tl_str_eq(tl_yaml_scalar(tl_json_at(list, 0)), TL_STR("off")));
	assert_int_equal(v->span.beg, 28);
	assert_int_equal(v->span.end, 32);
	assert_true(v->parent->parent == list);
	assert_false(tl_yaml_has_odd_key(v));
	assert_true(tl_yaml_has_odd_key(accept(*state, "on: 1")->first));
}

static void
has_limits(void **state)
{
	const struct tl_json *root = NULL;
	struct tl_error err;
	struct tl_buf b;

	tl_buf_init(&b, *state, 0);
	tl_buf_pad(&b, '[', 100000);
	assert_int_equal(
	    tl_yaml_parse(*state, tl_buf_str(&b), &root, &err), TL_ELIMIT);

	tl_buf_init(&b, *state, 0);
	tl_buf_puts(&b, "a: &a [1,1,1,1,1,1,1,1,1,1]\n");
	for (char c = 'b'; c < 'j'; c++) {
		tl_buf_printf(&b, "%c: &%c [", c, c);
		for (int i = 0; i < 10; i++)
			tl_buf_printf(&b, "*%c,", c - 1);
		tl_buf_puts(&b, "]\n");
	}
	assert_int_equal(
	    tl_yaml_parse(*state, tl_buf_str(&b), &root, &err), TL_ELIMIT);
	assert_non_null(strstr(err.message, "too many values"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gives_json, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_places, setup, teardown),
		cmocka_unit_test_setup_teardown(has_limits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
