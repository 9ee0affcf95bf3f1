/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule: its names agree, its texts are there, its examples hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lint/lint.h"

#define MAX_FINDINGS 64
#define MINI "samples/tokenizers/bpe-mini"

#define MAX_EDITS 64

struct seen {
	const struct tl_rule *rules[MAX_FINDINGS];
	char messages[MAX_FINDINGS][256];
	size_t n;
	/* The edits of one rule, which repair a template. */
	const struct tl_rule *fixed;
	struct tl_edit edits[MAX_EDITS];
	size_t nedits;
	struct tl_arena *arena;
};

static void
on_finding(void *ctx, const struct tl_finding *f)
{
	struct seen *seen = ctx;

	if (seen->n == MAX_FINDINGS)
		return;
	snprintf(seen->messages[seen->n], sizeof(seen->messages[0]),
	    "%s %zu:%zu %.*s", f->rule->code, f->line, f->column,
	    (int)f->message.len, f->message.ptr);
	assert_true(tl_utf8_check(f->message) == f->message.len);
	assert_true(f->excerpt_beg <= f->excerpt_end);
	assert_true(f->excerpt_end <= f->excerpt.len);
	seen->rules[seen->n++] = f->rule;
	for (size_t i = 0; f->rule == seen->fixed && i < f->nedits; i++) {
		assert_true(seen->nedits < MAX_EDITS);
		seen->edits[seen->nedits] = f->edits[i];
		seen->edits[seen->nedits++].text =
		    tl_arena_str(seen->arena, f->edits[i].text);
	}
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
check_texts(const struct tl_rule *r)
{
	const char *texts[] = { r->since, r->summary, r->why, r->fix };
	char path[256];
	size_t len;

	assert_int_equal(strlen(r->code), 6);
	for (int i = 0; i < 3; i++) {
		assert_true(is_upper(r->code[i]));
		assert_true(is_digit(r->code[3 + i]));
	}
	for (const char *p = r->name; *p != '\0'; p++)
		assert_true(
		    *p == '-' || is_digit(*p) || (*p >= 'a' && *p <= 'z'));
	for (size_t i = 0; i < TL_COUNT(texts); i++)
		assert_true(texts[i] != NULL && texts[i][0] != '\0');
	/* A line of the list, not a paragraph. */
	assert_true(
	    tl_str_find_char(tl_str_from(r->summary), '\n', 0) == TL_NPOS);
	assert_true(strlen(r->summary) <= 120);
	/* The file is where its code and name say. */
	len = (size_t)snprintf(path, sizeof(path), "rules/%c%c%c/%s.c",
	    r->code[0] + 32, r->code[1] + 32, r->code[2] + 32, r->name);
	for (size_t i = 0; i < len; i++)
		if (path[i] == '-')
			path[i] = '_';
	if (access(path, F_OK) != 0)
		fail_msg("%s: there is no %s", r->code, path);
	assert_true(r->state_size == 0 || r->merge != NULL);
	assert_true(r->check_record != NULL || r->check_conv != NULL ||
	    r->check_render != NULL || r->check_sample != NULL ||
	    r->check_file != NULL || r->check_template != NULL ||
	    r->check_tokenizer != NULL || r->check_ignores != NULL ||
	    r->check_setup != NULL);
}

static void
codes_are_unique_and_sorted(void **state)
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);

	(void)state;
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			assert_true(
			    strcmp(rules[i - 1]->code, rules[i]->code) < 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rules[i]->name, rules[k]->name);
		assert_ptr_equal(
		    tl_rule_find(tl_str_from(rules[i]->name)), rules[i]);
		assert_ptr_equal(
		    tl_rule_find(tl_str_from(rules[i]->code)), rules[i]);
	}
}

/* False when the rule's tokenizer is not part of the source tree and absent.
 * *recipe stays NULL when the rule needs none. */
static bool
open_recipe(struct tl_arena *a, const struct tl_rule *r, bool is_good,
    const struct tl_recipe **recipe)
{
	const struct tl_rule_recipe *want = &r->recipe;
	struct tl_option option;
	struct tl_recipe_spec spec = {
		.format = want->format,
		.template_ = want->template_,
		.tokenizer = want->tokenizer,
		.trainer = want->trainer,
		.sequence_len = want->sequence_len,
	};
	struct tl_recipe *out;
	struct tl_error err;

	if (want->trainer_option != NULL) {
		tl_str s = tl_str_from(want->trainer_option);
		size_t eq = tl_str_find_char(s, '=', 0);

		option.name = tl_str_slice(s, 0, eq);
		option.value = tl_str_slice(s, eq + 1, s.len);
		spec.trainer_options = &option;
		spec.ntrainer_options = 1;
	}
	if (is_good && want->good_tokenizer != NULL)
		spec.tokenizer = want->good_tokenizer;
	if (want->tokenizer != NULL && strcmp(want->tokenizer, "default") == 0)
		spec.tokenizer = MINI;
	if (want->format == NULL && want->template_ == NULL &&
	    want->tokenizer == NULL && want->trainer == NULL &&
	    want->sequence_len == 0)
		return true;
	if (spec.tokenizer != NULL && access(spec.tokenizer, F_OK) != 0)
		return false;
	if (tl_recipe_open(a, &spec, &out, &err) != TL_OK)
		fail_msg("%s: %s", r->code, err.message);
	*recipe = out;
	return true;
}

/* A file of the examples through every rule that is on by default, and this
 * one. */
static void
lint(struct tl_arena *a, const struct tl_rule *r,
    const struct tl_recipe *recipe, tl_str bytes, struct seen *seen)
{
	const tl_str code = tl_str_from(r->code);
	const struct tl_lint_options opt = {
		.extend_select = &code,
		.nextend_select = 1,
		.nthreads = 1,
	};
	struct tl_lint_run run = {
		.on_finding = on_finding, .ctx = seen, .arena = a
	};
	struct tl_linter *linter;
	struct tl_reader *reader;
	struct tl_error err;

	memset(seen, 0, sizeof(*seen));
	seen->fixed = r;
	seen->arena = a;
	assert_int_equal(tl_linter_new(a, &opt, recipe, &linter, &err), TL_OK);
	run.linter = linter;
	if (r->check_setup != NULL) {
		struct tl_setup setup = { .path = TL_STR("axolotl.yml"),
			.text = bytes };
		size_t nkinds;

		assert_int_equal(
		    tl_setup_kinds(&nkinds)[0]->read(a, &setup, &err), TL_OK);
		tl_lint_setup(&run, &setup);
		tl_lint_finish(&run);
		return;
	}
	if (r->check_template != NULL || r->check_ignores != NULL) {
		struct tl_template *t = NULL;
		/* A tokenizer_config.json without a template. */
		bool is_absent =
		    bytes.len > 0 && bytes.ptr[0] == '{' && bytes.ptr[1] == '"';

		if (!is_absent &&
		    tl_template_compile(
			a, TL_STR("example.jinja"), bytes, &t, &err) != TL_OK)
			t = NULL;
		tl_lint_template(&run,
		    &(struct tl_template_subject){
			.path = TL_STR("example.jinja"),
			.source = bytes,
			.template_ = t,
			.fault = t == NULL && !is_absent ? &err : NULL,
		    });
		tl_lint_finish(&run);
		return;
	}
	assert_int_equal(tl_reader_open_mem(a,
			     tl_str_from(r->filename != NULL ? r->filename
							     : "example.jsonl"),
			     bytes, &reader, &err),
	    TL_OK);
	assert_int_equal(tl_lint_file(&run, reader, &err), TL_OK);
	tl_lint_finish(&run);
	assert_int_equal(run.summary.counts[TL_LEVEL_INFO] +
		run.summary.counts[TL_LEVEL_WARNING] +
		run.summary.counts[TL_LEVEL_ERROR],
	    seen->n);
	for (size_t i = 0; i < run.summary.nskipped; i++)
		if (tl_str_find(run.summary.skipped[i].what, code, 0) !=
		    TL_NPOS)
			fail_msg("%s did not run: its recipe lacks something",
			    r->code);
}

static bool
is_allowed(const struct tl_rule *r, const char *code)
{
	tl_str also = tl_str_from(r->also);

	return strcmp(code, r->code) == 0 ||
	    tl_str_find(also, tl_str_from(code), 0) != TL_NPOS;
}

/* The edits in the order of the file, which do not touch each other. */
static tl_str
apply(struct tl_arena *a, tl_str bytes, const struct seen *seen)
{
	struct tl_buf b;
	size_t at = 0;

	tl_buf_init(&b, a, 0);
	for (size_t i = 0; i < seen->nedits; i++) {
		const struct tl_edit *e = &seen->edits[i];

		assert_true(e->beg >= at && e->end >= e->beg);
		tl_buf_put(&b, tl_str_slice(bytes, at, e->beg));
		tl_buf_put(&b, e->text);
		at = e->end;
	}
	tl_buf_put(&b, tl_str_slice(bytes, at, bytes.len));
	return tl_buf_str(&b);
}

/* A template that a rule proposes edits for is fine with them. */
static void
check_fix(struct tl_arena *a, const struct tl_rule *r,
    const struct tl_recipe *recipe, const struct seen *found)
{
	struct seen *after = TL_NEW(a, struct seen, 1);

	if (r->check_template == NULL || found->nedits == 0)
		return;
	lint(a, r, recipe, apply(a, r->bad, found), after);
	for (size_t i = 0; i < after->n; i++)
		if (after->rules[i] == r)
			fail_msg("%s: its fix leaves %s", r->code,
			    after->messages[i]);
}

static void
rule_keeps_its_promises(void **state)
{
	const struct tl_rule *r = *state;
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_recipe *recipe = NULL;
	struct seen seen;
	size_t own = 0;

	check_texts(r);
	if (!open_recipe(a, r, false, &recipe)) {
		tl_arena_free(a);
		print_message(
		    "%s: %s is missing\n", r->code, r->recipe.tokenizer);
		skip();
	}
	/* What is too large for an example has a test in test_lint.c. */
	if (r->bad.ptr != NULL)
		lint(a, r, recipe, r->bad, &seen);
	else
		memset(&seen, 0, sizeof(seen));
	for (size_t i = 0; i < seen.n; i++) {
		own += seen.rules[i] == r;
		if (!is_allowed(r, seen.rules[i]->code))
			fail_msg("%s: its bad example reports %s", r->code,
			    seen.messages[i]);
	}
	if (own == 0 && r->bad.ptr != NULL)
		fail_msg("%s: its bad example is not reported", r->code);
	check_fix(a, r, recipe, &seen);
	assert_true(open_recipe(a, r, true, &recipe));
	lint(a, r, recipe, r->good, &seen);
	if (seen.n > 0)
		fail_msg("%s: its good example reports %s", r->code,
		    seen.messages[0]);
	tl_arena_free(a);
}

/* What a run found, as two numbers. */
struct digest {
	uint64_t hash;
	size_t n;
};

static void
add_to_digest(void *ctx, const struct tl_finding *f)
{
	struct digest *d = ctx;
	const uint64_t place[] = { f->byte_offset, f->byte_length,
		f->fingerprint };

	d->hash = tl_hash_mix(d->hash, tl_str_from(f->rule->code));
	d->hash = tl_hash_mix(d->hash, f->message);
	d->hash = tl_hash_mix(
	    d->hash, (tl_str){ (const char *)place, sizeof(place) });
	d->n++;
}

/* All rules, those in preview too, over a file in memory. */
static struct digest
digest_of(struct tl_arena *a, const char *path, tl_str bytes, bool ignores)
{
	static const tl_str all = TL_LIT("ALL");
	const struct tl_lint_options opt = {
		.select = &all,
		.nselect = 1,
		.use_preview = true,
		.ignores_needs = ignores,
		.nthreads = 1,
	};
	struct digest digest = { 0, 0 };
	struct tl_lint_run run = {
		.on_finding = add_to_digest, .ctx = &digest, .arena = a
	};
	struct tl_linter *linter;
	struct tl_reader *reader;
	struct tl_error err;

	assert_int_equal(tl_linter_new(a, &opt, NULL, &linter, &err), TL_OK);
	assert_int_equal(
	    tl_reader_open_mem(a, tl_str_from(path), bytes, &reader, &err),
	    TL_OK);
	run.linter = linter;
	assert_int_equal(tl_lint_file(&run, reader, &err), TL_OK);
	tl_lint_finish(&run);
	return digest;
}

static void
compare_digests(struct tl_arena *a, const char *path, tl_str bytes)
{
	struct digest with = digest_of(a, path, bytes, false);
	struct digest without = digest_of(a, path, bytes, true);

	if (with.n != without.n || with.hash != without.hash)
		fail_msg("%s: %zu findings, %zu when every rule is called",
		    path, with.n, without.n);
}

/* tl_rule.needs is an optimisation: calling every rule for every record finds
 * the same. */
static void
needs_hide_nothing(void **state)
{
	static const char *const files[] = { "samples/broken/chat.jsonl",
		"samples/broken/bytes.jsonl", "samples/clean/openai.jsonl",
		"samples/clean/train_flags.jsonl",
		"samples/clean/sharegpt.json" };
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const char *path = rules[i]->filename != NULL
		    ? rules[i]->filename
		    : "example.jsonl";

		compare_digests(a, path, rules[i]->bad);
		compare_digests(a, path, rules[i]->good);
	}
	for (size_t i = 0; i < TL_COUNT(files); i++) {
		struct tl_error err;
		tl_str bytes;

		assert_int_equal(
		    tl_file_read(a, files[i], (size_t)16 << 20, &bytes, &err),
		    TL_OK);
		compare_digests(a, files[i], bytes);
	}
	tl_arena_free(a);
}

int
main(void)
{
	static struct CMUnitTest tests[1024];
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);

	assert_true(n + 2 < TL_COUNT(tests));
	tests[0] =
	    (struct CMUnitTest)cmocka_unit_test(codes_are_unique_and_sorted);
	tests[1] = (struct CMUnitTest)cmocka_unit_test(needs_hide_nothing);
	for (size_t i = 0; i < n; i++) {
		const union {
			const struct tl_rule *rule;
			void *state;
		} u = { rules[i] };

		tests[i + 2].name = rules[i]->name;
		tests[i + 2].test_func = rule_keeps_its_promises;
		tests[i + 2].initial_state = u.state;
	}
	return _cmocka_run_group_tests("rules", tests, n + 2, NULL, NULL);
}
