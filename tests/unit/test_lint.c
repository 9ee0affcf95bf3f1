/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lint/lint.h"

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

/* ---- a run over bytes
 * -------------------------------------------------------*/

struct result {
	struct tl_buf report; /* jsonl */
	struct tl_writer_cx cx;
	struct tl_summary summary;
	size_t ncalls;
	size_t stop_at; /* records after which the run is stopped; 0: never */
};

static void
on_finding(void *ctx, const struct tl_finding *f)
{
	struct result *r = ctx;

	tl_writer_find(TL_STR("jsonl"))->finding(&r->cx, f);
	r->ncalls++;
}

static bool
on_progress(void *ctx, uint64_t done, uint64_t total, size_t nrecords)
{
	struct result *r = ctx;

	assert_true(done <= total);
	return r->stop_at == 0 || nrecords < r->stop_at;
}

static void
run(tl_str bytes, const struct tl_lint_options *opt, struct result *r)
{
	struct tl_lint_run run = { .on_finding = on_finding,
		.on_progress = on_progress,
		.ctx = r,
		.arena = arena };
	struct tl_linter *linter;
	struct tl_reader *reader;
	struct tl_error err;

	tl_buf_init(&r->report, arena, 0);
	r->cx.out = &r->report;
	r->cx.version = "test";
	r->ncalls = 0;
	assert_int_equal(tl_linter_new(arena, opt, NULL, &linter, &err), TL_OK);
	run.linter = linter;
	assert_int_equal(tl_reader_open_mem(
			     arena, TL_STR("made.jsonl"), bytes, &reader, &err),
	    TL_OK);
	assert_int_equal(tl_lint_file(&run, reader, &err), TL_OK);
	tl_lint_finish(&run);
	r->summary = run.summary;
	tl_writer_find(TL_STR("jsonl"))->end(&r->cx, &run.summary);
}

/* Some thousand records, many of them faulty in different ways, some long. */
static tl_str
made_file(size_t n)
{
	struct tl_buf b;

	tl_buf_init(&b, arena, 0);
	for (size_t i = 0; i < n; i++) {
		size_t kind = i * 2654435761u % 11;

		if (kind == 0) {
			tl_buf_printf(&b, "{\"id\":%zu,\n", i);
		} else if (kind == 1) {
			tl_buf_puts(&b, "\n");
		} else if (kind == 2) {
			tl_buf_puts(&b, "{\"messages\":[]}\r\n");
		} else {
			tl_buf_printf(&b,
			    "{\"id\":\"r%zu\",\"messages\":[{"
			    "\"role\":\"%s\",\"content\":\"",
			    i, kind == 3 ? "human" : "user");
			tl_buf_pad(&b, 'x', kind == 4 ? 70000 : kind * 10);
			tl_buf_printf(&b,
			    "\"},{\"role\":\"assistant\","
			    "\"content\":\"%s\"}]}\n",
			    kind == 5 ? "" : "fine");
		}
	}
	return tl_buf_str(&b);
}

static void
output_does_not_depend_on_the_number_of_threads(void **state)
{
	static const size_t threads[] = { 1, 2, 3, 8, 32 };
	tl_str bytes = made_file(20000);
	tl_str first = { 0 };

	(void)state;
	for (size_t i = 0; i < TL_COUNT(threads); i++) {
		struct tl_lint_options opt = { .nthreads = threads[i] };
		struct result r = { 0 };

		run(bytes, &opt, &r);
		assert_true(r.ncalls > 1000);
		if (i == 0)
			first = tl_buf_str(&r.report);
		else
			assert_true(tl_str_eq(first, tl_buf_str(&r.report)));
	}
}

/* The value of a key in the n-th line of a report. */
static size_t
number_at(tl_str report, size_t line, const char *key)
{
	struct tl_json_doc doc;
	int64_t v = -1;
	size_t at = 0, end;

	for (; line > 0; line--)
		at = tl_str_find_char(report, '\n', at) + 1;
	end = tl_str_find_char(report, '\n', at);
	assert_int_equal(
	    tl_json_parse(arena, tl_str_slice(report, at, end), &doc), TL_OK);
	assert_true(tl_json_int(tl_json_get(doc.root, key), &v));
	return (size_t)v;
}

static void
findings_come_in_the_order_of_the_file(void **state)
{
	struct tl_lint_options opt = { .nthreads = 4 };
	const tl_str skip[] = { TL_STR("JSN010"), TL_STR("JSN013"),
		TL_STR("JSN014") };
	struct result r = { 0 };
	size_t last = 0;

	(void)state;
	/* Without those about the file as a whole, which come last. */
	opt.ignore = skip;
	opt.nignore = TL_COUNT(skip);
	run(made_file(3000), &opt, &r);
	for (size_t i = 0; i < r.ncalls && i < 500; i++) {
		size_t at = number_at(tl_buf_str(&r.report), i, "byte_offset");

		assert_true(at >= last);
		last = at;
	}
}

static void
max_per_rule_hides_and_counts(void **state)
{
	struct tl_lint_options all = { .nthreads = 2 };
	struct tl_lint_options few = { .nthreads = 2, .max_per_rule = 3 };
	struct result a = { 0 }, b = { 0 };
	size_t hidden = 0;

	(void)state;
	run(made_file(3000), &all, &a);
	run(made_file(3000), &few, &b);
	assert_int_equal(
	    a.summary.counts[TL_LEVEL_ERROR], b.summary.counts[TL_LEVEL_ERROR]);
	assert_int_equal(a.summary.nrecords_found, b.summary.nrecords_found);
	for (size_t i = 0; i < b.summary.nrules; i++) {
		const struct tl_rule_count *c = &b.summary.rules[i];

		assert_int_equal(c->nfindings, a.summary.rules[i].nfindings);
		assert_int_equal(
		    c->nhidden, c->nfindings > 3 ? c->nfindings - 3 : 0);
		hidden += c->nhidden;
	}
	assert_int_equal(b.ncalls + hidden, a.ncalls);
}

static void
a_stopped_run_reports_what_was_finished(void **state)
{
	struct tl_lint_options opt = { .nthreads = 2 };
	struct result r = { .stop_at = 100 };

	(void)state;
	run(made_file(20000), &opt, &r);
	assert_true(r.summary.is_interrupted);
	assert_true(r.summary.nrecords >= 100);
	assert_true(r.summary.nrecords < 20000);
	assert_true(r.ncalls > 0);
}

/* ---- places
 * --------------------------------------------------------------------*/

static const struct tl_json *
only_line(struct result *r, tl_str bytes, const char *code)
{
	const tl_str select = tl_str_from(code);
	struct tl_lint_options opt = {
		.select = &select, .nselect = 1, .nthreads = 1
	};
	struct tl_json_doc doc;

	run(bytes, &opt, r);
	assert_int_equal(r->ncalls, 1);
	assert_int_equal(
	    tl_json_parse(arena,
		tl_str_slice(tl_buf_str(&r->report), 0,
		    tl_str_find_char(tl_buf_str(&r->report), '\n', 0)),
		&doc),
	    TL_OK);
	return doc.root;
}

static void
expect_int(const struct tl_json *f, const char *key, int64_t want)
{
	int64_t v;

	assert_true(tl_json_int(tl_json_get(f, key), &v));
	assert_int_equal(v, want);
}

static void
expect_str(const struct tl_json *f, const char *key, const char *want)
{
	assert_string_equal(
	    tl_arena_cstr(
		arena, tl_json_text(tl_json_get(f, key), TL_STR("(none)"))),
	    want);
}

static void
places_are_exact_behind_wide_characters(void **state)
{
	const tl_str bytes =
	    TL_STR("{\"id\":\"a\",\"messages\":[]}\n"
		   "{\"id\":\"\xe6\xbc\xa2\xf0\x9f\x98\x80\",\"messages\":[{"
		   "\"role\":\"user\",\"content\":\"hi\"},"
		   "{\"role\":\"assistant\",\"content\":\"\"}]}\n");
	struct result r = { 0 };
	const struct tl_json *f = only_line(&r, bytes, "CNT001");
	const size_t line = tl_str_find_char(bytes, '\n', 0) + 1;
	const size_t at = tl_str_find(bytes, TL_STR("\"\"}]}"), 0);

	(void)state;
	expect_str(f, "code", "CNT001");
	expect_str(f, "id", "\xe6\xbc\xa2\xf0\x9f\x98\x80");
	expect_str(f, "pointer", "/messages/1/content");
	expect_str(f, "role", "assistant");
	expect_int(f, "record", 1);
	expect_int(f, "turn", 1);
	expect_int(f, "line", 2);
	/* 2 wide characters are 7 bytes and 2 columns. */
	expect_int(f, "byte_offset", (int64_t)at);
	expect_int(f, "byte_length", 2);
	expect_int(f, "column", (int64_t)(at - line - 5 + 1));
	expect_int(f, "end_line", 2);
	expect_int(f, "end_column", (int64_t)(at - line - 5 + 3));
}

static void
places_are_exact_in_an_indented_array(void **state)
{
	const tl_str bytes =
	    TL_STR("[\n"
		   "  {\n"
		   "    \"messages\": [\n"
		   "      {\"role\": \"user\", \"content\": \"hi\"},\n"
		   "      {\"role\": \"assistant\", \"content\": \"\"}\n"
		   "    ]\n"
		   "  }\n"
		   "]\n");
	struct result r = { 0 };
	const struct tl_json *f = only_line(&r, bytes, "CNT001");

	(void)state;
	expect_int(f, "line", 5);
	expect_int(f, "column", 40);
	expect_int(f, "record", 0);
	expect_str(f, "pointer", "/messages/1/content");
}

static void
fingerprints_do_not_move_with_lines(void **state)
{
	const char *faulty =
	    "{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
	    "{\"role\":\"assistant\",\"content\":\"\"}]}\n";
	const char *fine =
	    "{\"id\":\"y\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
	    "{\"role\":\"assistant\",\"content\":\"b\"}]}\n";
	struct result one = { 0 }, two = { 0 };
	const struct tl_json *f, *g;

	(void)state;
	f = only_line(&one, tl_str_from(faulty), "CNT001");
	g = only_line(&two,
	    tl_str_from(tl_arena_printf(arena, "%s%s%s", fine, fine, faulty)),
	    "CNT001");
	expect_int(f, "line", 1);
	expect_int(g, "line", 3);
	assert_true(
	    tl_str_eq(tl_json_text(tl_json_get(f, "fingerprint"), TL_STR("")),
		tl_json_text(tl_json_get(g, "fingerprint"), TL_STR("-"))));
}

/* ---- selection
 * -----------------------------------------------------------------*/

static bool
is_on(const char *select, const char *extend, const char *ignore, bool preview,
    const char *code)
{
	const tl_str s = tl_str_from(select), e = tl_str_from(extend),
		     i = tl_str_from(ignore);
	struct tl_lint_options opt = {
		.select = &s,
		.nselect = s.len > 0,
		.extend_select = &e,
		.nextend_select = e.len > 0,
		.ignore = &i,
		.nignore = i.len > 0,
		.use_preview = preview,
	};
	const struct tl_rule *rule = tl_rule_find(tl_str_from(code));
	struct tl_linter *l;

	assert_non_null(rule);
	assert_int_equal(tl_linter_new(arena, &opt, NULL, &l, NULL), TL_OK);
	return tl_linter_has(l, rule);
}

static void
the_more_exact_selector_wins(void **state)
{
	(void)state;
	assert_true(is_on("", "", "", false, "CNT001"));
	assert_false(is_on("JSN", "", "", false, "CNT001"));
	assert_true(is_on("JSN", "CNT001", "", false, "CNT001"));
	assert_true(is_on("JSN", "cnt", "", false, "CNT001"));
	assert_false(is_on("CNT", "", "CNT001", false, "CNT001"));
	assert_false(is_on("CNT", "", "CNT", false, "CNT001"));
	assert_true(is_on("CNT00", "", "CNT", false, "CNT001"));
	assert_true(is_on("CNT001", "", "ALL", false, "CNT001"));
	assert_true(is_on("empty-content", "", "", false, "CNT001"));
	assert_false(is_on("", "", "empty-content", false, "CNT001"));
}

static void
preview_rules_need_to_be_asked_for(void **state)
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);
	const char *code = NULL;

	(void)state;
	for (size_t i = 0; i < n && code == NULL; i++)
		if (rules[i]->is_preview)
			code = rules[i]->code;
	if (code == NULL)
		skip();
	assert_false(is_on("", "", "", false, code));
	assert_false(is_on("ALL", "", "", false, code));
	assert_true(is_on("", "", "", true, code));
	assert_true(is_on(code, "", "", false, code));
	assert_true(is_on("", code, "", false, code));
}

static void
unknown_selectors_are_errors(void **state)
{
	static const char *const bad[] = { "CN", "CNT999", "empty-contents", "",
		"@corpus", "CNT0011" };
	struct tl_error err;

	(void)state;
	for (size_t i = 0; i < TL_COUNT(bad); i++) {
		const tl_str s = tl_str_from(bad[i]);
		struct tl_lint_options opt = { .ignore = &s, .nignore = 1 };
		struct tl_linter *l;

		assert_int_equal(
		    tl_linter_new(arena, &opt, NULL, &l, &err), TL_ECONFIG);
		assert_non_null(strstr(err.message, "no rule is called"));
	}
	assert_false(tl_selector_check(TL_STR("empty-contents"), &err));
	assert_non_null(strstr(err.message, "'empty-content'"));
}

static void
levels_and_file_ignores_apply(void **state)
{
	const struct tl_rule_setting levels[] = {
		{ TL_STR("CNT"), TL_LEVEL_INFO, false },
		{ TL_STR("CNT001"), TL_LEVEL_WARNING, false },
		{ TL_STR("JSN"), TL_LEVEL_ERROR, true },
	};
	const struct tl_file_ignore other = { TL_STR("other/*"),
		TL_STR("CNT") };
	const struct tl_file_ignore here = { TL_STR("*.jsonl"),
		TL_STR("ROL, CNT001") };
	const tl_str bytes =
	    TL_STR("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
		   "{\"role\":\"assistant\",\"content\":\"\"}]}\n{\n");
	struct tl_lint_options opt = { .levels = levels,
		.nlevels = TL_COUNT(levels),
		.file_ignores = &other,
		.nfile_ignores = 1,
		.nthreads = 1 };
	struct result r = { 0 };

	(void)state;
	run(bytes, &opt, &r);
	assert_int_equal(r.summary.counts[TL_LEVEL_WARNING], 1);
	assert_int_equal(r.summary.counts[TL_LEVEL_ERROR], 0);
	opt.file_ignores = &here;
	run(bytes, &opt, &r);
	assert_int_equal(r.ncalls, 0);
}

static void
a_finding_for_a_record_of_65_mib(void **state)
{
	struct result r = { 0 };
	struct tl_buf b;

	(void)state;
	tl_buf_init(&b, arena, 0);
	tl_buf_puts(&b, "{\"messages\":[{\"role\":\"user\",\"content\":\"");
	tl_buf_pad(&b, 'x', (size_t)65 << 20);
	tl_buf_puts(&b, "\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n");
	only_line(&r, tl_buf_str(&b), "JSN021");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(output_does_not_depend_on_the_number_of_threads),
		T(findings_come_in_the_order_of_the_file),
		T(max_per_rule_hides_and_counts),
		T(a_stopped_run_reports_what_was_finished),
		T(places_are_exact_behind_wide_characters),
		T(places_are_exact_in_an_indented_array),
		T(fingerprints_do_not_move_with_lines),
		T(the_more_exact_selector_wins),
		T(preview_rules_need_to_be_asked_for),
		T(unknown_selectors_are_errors),
		T(levels_and_file_ignores_apply),
		T(a_finding_for_a_record_of_65_mib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
