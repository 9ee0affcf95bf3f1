/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/text.h>

static struct tl_json_doc doc;

static int
setup(void **state)
{
	*state = tl_arena_new(NULL, NULL);
	assert_int_equal(tl_json_parse(*state,
			     TL_STR("[\"hello world\",\"abc\",\"\"]"), &doc),
	    TL_OK);
	return 0;
}

static int
teardown(void **state)
{
	tl_arena_free(*state);
	return 0;
}

static void
assert_str(tl_str got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	if (got.len > 0)
		assert_memory_equal(got.ptr, want, got.len);
}

/* Runs cover the text without gaps, and content runs hold what their source
 * holds. */
static void
assert_sound(const struct tl_text *t)
{
	size_t at = 0;

	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];

		assert_int_equal(r->beg, at);
		assert_true(r->end > r->beg);
		at = r->end;
		if (r->kind != TL_RUN_CONTENT)
			continue;
		assert_int_equal(r->src_end - r->src_beg, r->end - r->beg);
		assert_true(tl_str_eq(tl_str_slice(t->str, r->beg, r->end),
		    tl_str_slice(r->node->text, r->src_beg, r->src_end)));
	}
	assert_int_equal(at, t->str.len);
}

/* "<" + hello world + ">" + abc */
static struct tl_text
sample(struct tl_arena *a)
{
	const struct tl_text parts[] = {
		tl_text_added(a, TL_STR("<")),
		tl_text_from_json(a, tl_json_at(doc.root, 0)),
		tl_text_from_json(a, tl_json_at(doc.root, 2)),
		tl_text_added(a, TL_STR(">")),
		tl_text_from_json(a, tl_json_at(doc.root, 1)),
	};

	return tl_text_concat(a, parts, TL_COUNT(parts));
}

static void
concatenation_keeps_origins(void **state)
{
	struct tl_text t = sample(*state);

	assert_str(t.str, "<hello world>abc");
	assert_int_equal(t.nruns, 4);
	assert_sound(&t);
	assert_int_equal(t.runs[1].kind, TL_RUN_CONTENT);
	assert_ptr_equal(t.runs[1].node, tl_json_at(doc.root, 0));
	assert_int_equal(t.runs[2].kind, TL_RUN_ADDED);
}

static void
every_slice_keeps_exact_origins(void **state)
{
	struct tl_text t = sample(*state);

	for (size_t beg = 0; beg <= t.str.len; beg++)
		for (size_t end = 0; end <= t.str.len + 1; end++) {
			struct tl_text s = tl_text_slice(*state, t, beg, end);

			assert_true(
			    tl_str_eq(s.str, tl_str_slice(t.str, beg, end)));
			assert_sound(&s);
			assert_true(s.str.len > 0 || s.nruns == 0);
		}
}

static void
slices_of_one_string_join_again(void **state)
{
	struct tl_text whole =
	    tl_text_from_json(*state, tl_json_at(doc.root, 0));
	const struct tl_text parts[] = {
		tl_text_slice(*state, whole, 0, 5),
		tl_text_slice(*state, whole, 5, 11),
		tl_text_slice(*state, whole, 3, 5),
	};
	struct tl_text t = tl_text_concat(*state, parts, TL_COUNT(parts));

	assert_str(t.str, "hello worldlo");
	assert_int_equal(t.nruns, 2);
	assert_sound(&t);
	assert_int_equal(t.runs[1].src_beg, 3);
}

static void
runs_are_found_by_place_and_by_source(void **state)
{
	struct tl_text t = sample(*state);
	const struct tl_json *hello = tl_json_at(doc.root, 0);
	const struct tl_run *r;

	assert_ptr_equal(tl_text_run_at(&t, 0), &t.runs[0]);
	assert_ptr_equal(tl_text_run_at(&t, 1), &t.runs[1]);
	assert_ptr_equal(tl_text_run_at(&t, 11), &t.runs[1]);
	assert_ptr_equal(tl_text_run_at(&t, 15), &t.runs[3]);
	assert_null(tl_text_run_at(&t, 16));

	r = tl_text_find_source(&t, hello, 2, 3, 0);
	assert_ptr_equal(r, &t.runs[1]);
	assert_null(tl_text_find_source(&t, hello, 2, 3, 2));
	assert_null(tl_text_find_source(&t, doc.root, 0, 1, 0));
	t = tl_text_slice(*state, t, 3, 16);
	assert_null(tl_text_find_source(&t, hello, 0, 2, 0));
	assert_non_null(tl_text_find_source(&t, hello, 0, 3, 0));
}

static void
empty_texts_have_no_runs(void **state)
{
	struct tl_text t = tl_text_from_json(*state, tl_json_at(doc.root, 2));

	assert_int_equal(t.nruns, 0);
	assert_int_equal(t.str.len, 0);
	t = tl_text_concat(*state, &t, 1);
	assert_int_equal(t.nruns, 0);
	t = tl_text_concat(*state, NULL, 0);
	assert_int_equal(t.str.len, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(concatenation_keeps_origins),
		TEST(every_slice_keeps_exact_origins),
		TEST(slices_of_one_string_join_again),
		TEST(runs_are_found_by_place_and_by_source),
		TEST(empty_texts_have_no_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
