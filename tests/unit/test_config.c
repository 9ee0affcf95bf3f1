/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lint/config.h"

static struct tl_arena *arena;
static struct tl_config_faults faults;
static char folder[64];

static int
setup(void **state)
{
	(void)state;
	arena = tl_arena_new(NULL, NULL);
	memset(&faults, 0, sizeof(faults));
	strcpy(folder, "/tmp/turnlint-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	tl_arena_free(arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const char *
write_file(const char *name, const char *text)
{
	const char *path = tl_arena_printf(arena, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	return path;
}

static struct tl_config *
load(const char *text)
{
	struct tl_config *c;

	if (tl_config_load(arena, write_file("c.yaml", text), &c, &faults) !=
	    TL_OK)
		fail_msg("%zu:%zu %s", faults.list[0].line,
		    faults.list[0].column, faults.list[0].message);
	return c;
}

static void
expect_fault(const char *text, size_t line, size_t column, const char *message)
{
	struct tl_config *c;

	memset(&faults, 0, sizeof(faults));
	assert_int_equal(
	    tl_config_load(arena, write_file("c.yaml", text), &c, &faults),
	    TL_ECONFIG);
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].message, message);
	assert_int_equal(faults.list[0].line, line);
	assert_int_equal(faults.list[0].column, column);
}

static void
assert_str(tl_str s, const char *want)
{
	assert_string_equal(tl_arena_cstr(arena, s), want);
}

static void
every_kind_of_value_is_read(void **state)
{
	struct tl_config *c =
	    load("select: ALL\n"
		 "ignore: [GIT001, GIT01]\n"
		 "preview: yes\n"
		 "severity: {GIT011: warning, GIT001: off}\n"
		 "per_file_ignores:\n  data/old/**: [GIT]\n"
		 "fail_on: none\n"
		 "max_per_rule: 0\n"
		 "recipe: main\n"
		 "recipes:\n"
		 "  main:\n"
		 "    template: chatml\n"
		 "    tokenizer: tok/mine\n"
		 "    sequence_len: 4096\n"
		 "    trainer_options: {train_on_eos: turn, x: no}\n"
		 "    roles: {assistant: [gpt, model], user: human}\n"
		 "datasets:\n"
		 "  - path: data/*.jsonl\n"
		 "    format: openai\n");
	const struct tl_config_recipe *r;

	(void)state;
	assert_int_equal(c->select.n, 1);
	assert_int_equal(c->ignore.n, 2);
	assert_str(c->preview, "true");
	assert_int_equal(c->severity.n, 2);
	assert_str(c->severity.list[1].values.list[0], "off");
	assert_str(c->per_file_ignores.list[0].name, "data/old/**");
	assert_true(c->has_max_per_rule);
	r = tl_config_recipe_find(c, TL_STR("main"));
	assert_non_null(r);
	assert_str(r->template_, "chatml");
	assert_str(r->tokenizer, tl_arena_printf(arena, "%s/tok/mine", folder));
	assert_int_equal(r->sequence_len, 4096);
	assert_str(r->trainer_options.list[1].values.list[0], "no");
	assert_int_equal(r->roles.list[0].values.n, 2);
}

static void
a_dataset_gives_its_recipe_others_get_the_default(void **state)
{
	struct tl_config *c =
	    load("recipe: main\n"
		 "recipes: {main: {format: openai}, other: {format: alpaca}}\n"
		 "datasets:\n"
		 "  - {path: data/**/*.jsonl, recipe: other}\n"
		 "  - {path: raw/*.json, format: sharegpt}\n");
	const struct {
		const char *path, *format;
	} cases[] = {
		{ "data/a.jsonl", "alpaca" },
		{ "data/x/y/a.jsonl", "alpaca" },
		{ "raw/a.json", "sharegpt" },
		{ "raw/x/a.json", "openai" },
		{ "a.jsonl", "openai" },
	};

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		const char *path =
		    tl_arena_printf(arena, "%s/%s", folder, cases[i].path);

		assert_str(tl_config_recipe_for(c, tl_str_from(path))->format,
		    cases[i].format);
	}
}

static void
a_template_that_is_a_file_beside_it_is_that_file(void **state)
{
	struct tl_config *c;

	(void)state;
	write_file("chatml", "");
	c = load("recipes: {m: {template: chatml}, n: {template: zephyr}}\n");
	assert_str(c->recipes[0].template_,
	    tl_arena_printf(arena, "%s/chatml", folder));
	assert_str(c->recipes[1].template_, "zephyr");
}

static void
extends_is_overridden_and_maps_add_up(void **state)
{
	struct tl_config *c;

	(void)state;
	write_file("base.yaml",
	    "ignore: [GIT001]\nfail_on: info\n"
	    "severity: {GIT001: info}\n"
	    "recipes: {m: {format: openai, trainer: lmflow}}\n");
	c = load("extends: base.yaml\nignore: [GIT011]\n"
		 "severity: {GIT011: info}\n"
		 "recipes: {m: {format: alpaca}, n: {format: openai}}\n");
	assert_int_equal(c->ignore.n, 1);
	assert_str(c->ignore.list[0], "GIT011");
	assert_str(c->fail_on, "info");
	assert_int_equal(c->severity.n, 2);
	assert_int_equal(c->nrecipes, 2);
	assert_str(c->recipes[0].format, "alpaca");
	assert_str(c->recipes[0].trainer, "lmflow");
}

static void
faults_name_the_place_and_the_nearest_key(void **state)
{
	(void)state;
	expect_fault("selct: ALL\n", 1, 1,
	    "unknown key 'selct' in the configuration; did you mean "
	    "'select'?");
	expect_fault("recipes:\n  m:\n    tempalte: x\n", 3, 5,
	    "unknown key 'tempalte' in a recipe; did you mean 'template'?");
	expect_fault("datasets: [{path: a, frmat: b}]\n", 1, 22,
	    "unknown key 'frmat' in a dataset; did you mean 'format'?");
	expect_fault(
	    "datasets: [{format: b}]\n", 1, 12, "a dataset needs 'path'");
	expect_fault("fail_on: warn\n", 1, 10,
	    "'warn' is no value for 'fail_on': it takes one of: error "
	    "warning info none");
	expect_fault("max_per_rule: -1\n", 1, 15,
	    "'-1' is no value for 'max_per_rule': it takes a whole number");
	expect_fault("preview: 3\n", 1, 10,
	    "'3' is no value for 'preview': it takes true or false");
	expect_fault("ignore: {a: b}\n", 1, 9,
	    "'ignore' takes a list of names, not a map");
	expect_fault(
	    "ignore: [[a]]\n", 1, 10, "'ignore' takes names, not a list");
	expect_fault(
	    "fail_on: none\nfail_on: info\n", 2, 1, "'fail_on' is given twice");
	expect_fault("ignore: [GIT001, GIT0012]\n", 1, 18,
	    "no rule is called 'GIT0012'; did you mean 'GIT001'?");
	expect_fault("recipe: mian\nrecipes: {main: {}}\n", 0, 0,
	    "there is no recipe 'mian'; did you mean 'main'?");
	expect_fault(
	    "[a]\n", 1, 1, "'the configuration' takes a map, not a list");
	expect_fault("a: [\n", 2, 1,
	    "not YAML: did not find expected node content while parsing a flow "
	    "node");
	expect_fault("? [a]\n: b\n", 1, 3,
	    "a name was expected here, not a list or a map");
	expect_fault(
	    "extends: c.yaml\n", 1, 10, "more than 8 files extend each other");
}

static void
what_hostile_files_inflate_is_bounded(void **state)
{
	struct tl_buf b;
	struct tl_config *c;

	(void)state;
	/* Aliases: an alias of itself, and the billion laughs. */
	expect_fault(
	    "ignore: &a [*a]\n", 1, 13, "an alias within what it stands for");
	tl_buf_init(&b, arena, 0);
	tl_buf_puts(&b, "x0: &x0 [a,a,a,a,a,a,a,a,a,a]\n");
	for (int i = 1; i < 30; i++)
		tl_buf_printf(&b, "x%d: &x%d [*x%d,*x%d,*x%d,*x%d,*x%d]\n", i,
		    i, i - 1, i - 1, i - 1, i - 1, i - 1);
	tl_buf_putc(&b, '\0');
	memset(&faults, 0, sizeof(faults));
	assert_int_equal(
	    tl_config_load(arena, write_file("c.yaml", b.ptr), &c, &faults),
	    TL_ECONFIG);
	assert_int_equal(faults.n, 1);
	/* Depth. */
	tl_buf_clear(&b);
	tl_buf_puts(&b, "ignore: ");
	tl_buf_pad(&b, '[', 100000);
	tl_buf_putc(&b, '\0');
	memset(&faults, 0, sizeof(faults));
	assert_int_equal(
	    tl_config_load(arena, write_file("c.yaml", b.ptr), &c, &faults),
	    TL_ECONFIG);
	assert_int_equal(faults.n, 1);
	/* Anchors. */
	tl_buf_clear(&b);
	for (int i = 0; i < 20000; i++)
		tl_buf_printf(&b, "- &a%d x\n", i);
	tl_buf_putc(&b, '\0');
	memset(&faults, 0, sizeof(faults));
	assert_int_equal(
	    tl_config_load(arena, write_file("c.yaml", b.ptr), &c, &faults),
	    TL_ECONFIG);
	assert_int_equal(faults.n, 1);
	/* Depth by indentation. */
	tl_buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		tl_buf_puts(&b, "- ");
	tl_buf_putc(&b, '\0');
	memset(&faults, 0, sizeof(faults));
	assert_int_equal(
	    tl_config_load(arena, write_file("c.yaml", b.ptr), &c, &faults),
	    TL_ECONFIG);
	assert_int_equal(faults.n, 1);
	/* Size. */
	tl_buf_clear(&b);
	tl_buf_pad(&b, '#', TL_MAX_CONFIG_BYTES + 1);
	tl_buf_putc(&b, '\0');
	memset(&faults, 0, sizeof(faults));
	assert_int_equal(
	    tl_config_load(arena, write_file("c.yaml", b.ptr), &c, &faults),
	    TL_ECONFIG);
	assert_int_equal(faults.n, 1);
}

static void
what_is_shown_reads_back_the_same(void **state)
{
	struct tl_config *c =
	    load("select: [GIT]\nseverity: {GIT001: off}\nmax_per_rule: 3\n"
		 "preview: no\n"
		 "per_file_ignores: {\"a\\\"b\": [GIT001, GIT011]}\n"
		 "recipes:\n  main: {format: openai, roles: {user: [x, y]}}\n"
		 "datasets:\n  - {path: /d/*.jsonl, recipe: main}\n"
		 "  - {path: /e, format: alpaca, sequence_len: 9}\n");
	struct tl_buf one, two;

	(void)state;
	tl_buf_init(&one, arena, 0);
	tl_config_put(&one, c);
	tl_buf_putc(&one, '\0');
	c = load(one.ptr);
	tl_buf_init(&two, arena, 0);
	tl_config_put(&two, c);
	tl_buf_putc(&two, '\0');
	assert_string_equal(one.ptr, two.ptr);
	assert_int_equal(c->ndatasets, 2);
	assert_int_equal(c->datasets[1].own.sequence_len, 9);
}

static void
the_schema_is_json_and_knows_every_key(void **state)
{
	struct tl_json_doc doc;
	struct tl_buf b;
	const struct tl_json *top;

	(void)state;
	tl_buf_init(&b, arena, 0);
	tl_config_put_schema(&b);
	assert_int_equal(tl_json_parse(arena, tl_buf_str(&b), &doc), TL_OK);
	top = tl_json_resolve(doc.root, TL_STR("/allOf/0/properties"));
	for (const struct tl_key *k = tl_config_keys; k->name != NULL; k++)
		assert_non_null(tl_json_get(top, k->name));
	top =
	    tl_json_resolve(top, TL_STR("/datasets/allOf/0/items/properties"));
	for (const struct tl_key *k = tl_recipe_keys; k->name != NULL; k++)
		assert_non_null(tl_json_get(top, k->name));
	assert_non_null(tl_json_get(top, "path"));
}

static void
globs_match_as_shells_do(void **state)
{
	static const struct {
		const char *glob, *path;
		bool matches;
	} cases[] = {
		{ "*.jsonl", "a.jsonl", true },
		{ "*.jsonl", "data/x/a.jsonl", true },
		{ "*.jsonl", "a.jsonl.gz", false },
		{ "data/*.jsonl", "data/a.jsonl", true },
		{ "data/*.jsonl", "/abs/data/a.jsonl", true },
		{ "data/*.jsonl", "data/x/a.jsonl", false },
		{ "data/*.jsonl", "mydata/a.jsonl", false },
		{ "data/**", "data/x/y/a.jsonl", true },
		{ "data/**/a.jsonl", "data/a.jsonl", true },
		{ "data/**/a.jsonl", "data/x/y/a.jsonl", true },
		{ "data/**/a.jsonl", "data/xa.jsonl", false },
		{ "/data/*", "/data/a", true },
		{ "/data/*", "/x/data/a", false },
		{ "./a?c", "abc", true },
		{ "a?c", "a/c", false },
		{ "[a-c]x", "bx", true },
		{ "[!a-c]x", "bx", false },
		{ "[]x]", "]", true },
		{ "[a", "[a", true },
		{ "a*b*c", "axxbyyc", true },
		{ "a*b*c", "axxbyy", false },
		{ "**", "any/thing", true },
		{ "", "", true },
		{ "", "a", false },
	};
	char many[4001];

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++)
		if (tl_glob_match(tl_str_from(cases[i].glob),
			tl_str_from(cases[i].path)) != cases[i].matches)
			fail_msg("%s against %s", cases[i].glob, cases[i].path);
	/* No exponential time. */
	memset(many, 'a', 4000);
	many[4000] = '\0';
	assert_false(tl_glob_match(
	    TL_STR("*a*a*a*a*a*a*a*a*a*a*a*a*a*b"), tl_str_from(many)));
	assert_false(tl_glob_match(
	    TL_STR("**a**a**a**a**a**a**a**a**b"), tl_str_from(many)));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(every_kind_of_value_is_read),
		T(a_dataset_gives_its_recipe_others_get_the_default),
		T(a_template_that_is_a_file_beside_it_is_that_file),
		T(extends_is_overridden_and_maps_add_up),
		T(faults_name_the_place_and_the_nearest_key),
		T(what_hostile_files_inflate_is_bounded),
		T(what_is_shown_reads_back_the_same),
		T(the_schema_is_json_and_knows_every_key),
		T(globs_match_as_shells_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
