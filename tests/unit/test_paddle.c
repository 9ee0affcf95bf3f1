/* SPDX-License-Identifier: Apache-2.0 */
/* PaddleNLP's chat_template.json: its own test cases, and its mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/template.h>

#define SEP                                                               \
	"Human: {{user}}<sep>\",\"Bot: {{bot}}\\n\"],\"query\":\"Human: " \
	"{{query}}<sep> Bot:\"}"

static char dir[] = "/tmp/turnlint-paddle-XXXXXX";

struct fixture {
	struct tl_arena *a;
	struct tl_conv conv;
	struct tl_render_options opt;
	struct tl_render r;
	struct tl_error err;
	struct tl_template *t;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->a = tl_arena_new(NULL, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tl_arena_free(f->a);
	free(f);
	return 0;
}

static enum tl_status
load(struct fixture *f, const char *json)
{
	char *path = tl_arena_printf(f->a, "%s/chat_template.json", dir);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(json, file);
	fclose(file);
	return tl_template_load(f->a, path, &f->t, &f->err);
}

/* Rounds from a list of strings, and perhaps a context. */
static void
converse(struct fixture *f, const char *json, const char *context)
{
	struct tl_json_doc doc;
	struct tl_turn *turns;

	assert_int_equal(tl_json_parse(f->a, tl_str_from(json), &doc), TL_OK);
	turns = TL_NEW(f->a, struct tl_turn, doc.root->nchildren);
	for (const struct tl_json *c = doc.root->first; c != NULL;
	     c = c->next) {
		turns[c->index].role =
		    c->index % 2 == 0 ? TL_ROLE_USER : TL_ROLE_ASSISTANT;
		turns[c->index].text = tl_text_from_json(f->a, c);
	}
	f->conv.turns = turns;
	f->conv.nturns = doc.root->nchildren;
	if (context == NULL)
		return;
	assert_int_equal(
	    tl_json_parse(f->a, tl_str_from(context), &doc), TL_OK);
	f->conv.context = doc.root;
}

static void
expect(struct fixture *f, const char *text)
{
	tl_template_render(
	    f->t, f->a, &f->conv, f->conv.nturns, &f->opt, &f->r);
	if (f->r.fault != TL_RENDER_OK)
		fail_msg("%s", tl_arena_cstr(f->a, f->r.message));
	assert_string_equal(tl_arena_cstr(f->a, f->r.text.str), text);
}

static void
questions_go_through_query(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    load(f, "{\"system\":\"\u4f60\u597d\\n\",\"conversation\":[\"" SEP),
	    TL_OK);
	assert_int_equal(tl_template_kind(f->t), TL_TEMPLATE_PADDLE);
	converse(f, "[\"\u4f60\u597d\"]", NULL);
	f->opt.add_generation_prompt = true;
	expect(f, "\u4f60\u597d\nHuman: \u4f60\u597d<sep> Bot:");
}

static void
context_fills_the_templates(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f,
			     "{\"system\":\"S{{system}}-{{instruction}}\\n\","
			     "\"conversation\":[\"" SEP),
	    TL_OK);
	converse(f, "[\"q\"]",
	    "{\"system\":\"<<SYS>>\",\"instruction\":\"<<INS>>\"}");
	f->opt.add_generation_prompt = true;
	expect(f, "S<<SYS>>-<<INS>>\nHuman: q<sep> Bot:");
}

static void
context_wins_over_the_round(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    load(f,
		"{\"conversation\":[\"{{user}}{{index}}{{is_first}}"
		"{{is_last}}{{is_training}}|\",\"{{bot}};\"]}"),
	    TL_OK);
	converse(f, "[\"a\",\"b\",\"c\",\"d\"]", NULL);
	expect(f, "a0TrueFalseTrue|b;c1FalseTrueTrue|d;");
	converse(f, "[\"a\",\"b\"]", "{\"bot\":\"X\",\"is_first\":7}");
	expect(f, "a0TrueTrueTrue|X;");
}

static void
the_bots_part_is_what_is_trained(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f,
			     "{\"system\":\"S\",\"conversation\":"
			     "[\"<{{user}}>\",\"{{bot}}.\\n\"]}"),
	    TL_OK);
	converse(f, "[\"ab\",\"cd\",\"e\",\"f\"]", NULL);
	expect(f, "S<ab>cd.\n<e>f.\n");
	assert_int_equal(f->r.ngeneration, 2);
	assert_int_equal(f->r.generation[0].beg, 5);
	assert_int_equal(f->r.generation[0].end, 9);
	assert_int_equal(f->r.generation[1].beg, 12);
	assert_int_equal(f->r.generation[1].end, 15);
	assert_int_equal(f->r.text.runs[2].kind, TL_RUN_CONTENT);
	assert_int_equal(f->r.text.runs[2].src_end, 2);
}

/* keep_trailing_newline, and the environment has no extensions. */
static void
the_environment_is_plain(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f,
			     "{\"conversation\":[\"{{user}}\\n\\n\","
			     "\"{{ {'b': '<', 'a': 1} | tojson }}\\n\"]}"),
	    TL_OK);
	converse(f, "[\"u\",\"b\"]", NULL);
	expect(f, "u\n\n{\"a\": 1, \"b\": \"\\u003c\"}\n");
	assert_int_equal(
	    load(f, "{\"conversation\":[\"{% generation %}\",\"\"]}"),
	    TL_EPARSE);
	assert_int_equal(
	    load(f, "{\"conversation\":[\"{{ strftime_now('%Y') }}\",\"\"]}"),
	    TL_OK);
	tl_template_render(f->t, f->a, &f->conv, 2, &f->opt, &f->r);
	assert_int_equal(f->r.fault, TL_RENDER_ERROR);
}

static void
mistakes_are_explained(void **state)
{
	static const struct {
		const char *json, *message;
		size_t line, column;
	} cases[] = {
		{ "{\"conversation\":[\"a\"]}",
		    "\"conversation\" must hold two strings, the user's part "
		    "and the bot's; it holds 1",
		    1, 17 },
		{ "{\"conversation\":\"a\"}",
		    "\"conversation\" must hold two strings, the user's part "
		    "and the bot's; it is a string",
		    1, 17 },
		{ "{\n \"query\":1}",
		    "\"query\" must be a string, it is a number", 2, 10 },
		{ "{\"query\":\"\",\"querry\":\"\"}",
		    "PaddleNLP knows no key 'querry', did you mean 'query'; "
		    "the keys are system, conversation and query",
		    1, 13 },
		{ "{\"query\":\"x\",\n\"system\":\"\\n\u00e9{{system | "
		  "'d'}}\"}",
		    "\"system\": TemplateSyntaxError: expected token 'name', "
		    "got 'string'; a default is written {{name | "
		    "default('…')}}, not {{name | '…'}}",
		    2, 25 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		assert_int_equal(load(f, cases[i].json), TL_EPARSE);
		assert_string_equal(f->err.message, cases[i].message);
		assert_int_equal(f->err.line, cases[i].line);
		assert_int_equal(f->err.column, cases[i].column);
	}
}

static void
runs_and_faults_point_into_the_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f,
			     "{\"conversation\":\n [\"a\\n{{user}}\",\n"
			     "  \"\\t{{bot.x.y}}\"]}"),
	    TL_OK);
	converse(f, "[\"u\",\"b\"]", NULL);
	tl_template_render(f->t, f->a, &f->conv, 2, &f->opt, &f->r);
	assert_int_equal(f->r.fault, TL_RENDER_ERROR);
	assert_int_equal(f->r.line, 3);
	assert_int_equal(f->r.column, 8);
}

static void
other_turns_are_refused(void **state)
{
	struct fixture *f = *state;
	struct tl_turn system = { .role = TL_ROLE_SYSTEM };

	assert_int_equal(
	    load(f, "{\"conversation\":[\"{{user}}\",\"{{bot}}\"]}"), TL_OK);
	converse(f, "[\"u\"]", NULL);
	tl_template_render(f->t, f->a, &f->conv, 1, &f->opt, &f->r);
	assert_int_equal(f->r.fault, TL_RENDER_INPUT);
	f->conv.turns = &system;
	tl_template_render(f->t, f->a, &f->conv, 1, &f->opt, &f->r);
	assert_int_equal(f->r.fault, TL_RENDER_INPUT);
	assert_non_null(
	    strstr(tl_arena_cstr(f->a, f->r.message), "context.system"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(questions_go_through_query),
		TEST(context_fills_the_templates),
		TEST(context_wins_over_the_round),
		TEST(the_bots_part_is_what_is_trained),
		TEST(the_environment_is_plain),
		TEST(mistakes_are_explained),
		TEST(runs_and_faults_point_into_the_file),
		TEST(other_turns_are_refused),
	};
	char command[64];
	int status;

	if (mkdtemp(dir) == NULL)
		return 1;
	status = cmocka_run_group_tests_name("paddle", tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) == 0 ? status : 1;
}
