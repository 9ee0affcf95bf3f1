/* SPDX-License-Identifier: Apache-2.0 */
/* What the walk over a template's source finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/survey.h>

static const struct tl_survey *
survey(struct tl_arena *a, const char *source)
{
	struct tl_template *t;
	struct tl_error err;

	if (tl_template_compile(
		a, TL_STR("test"), tl_str_from(source), &t, &err) != TL_OK)
		fail_msg("%s", err.message);
	return tl_survey_make(a, t);
}

static const struct tl_mention *
find(const struct tl_survey *s, enum tl_mention_kind kind, const char *name)
{
	const struct tl_mention *m = tl_survey_find(s, kind, name);

	if (m == NULL)
		fail_msg("no mention of %s", name);
	return m;
}

#define assert_str(s, expected)                                    \
	do {                                                       \
		tl_str got_ = (s);                                 \
		assert_int_equal(got_.len, strlen(expected));      \
		assert_memory_equal(got_.ptr, expected, got_.len); \
	} while (0)

static void
names_have_their_place_and_use(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_survey *s = survey(a,
	    "{% set own = 1 %}\n"
	    "{{ own }}{{ outer }}\n"
	    "{% if flag %}{{ flag }}{% endif %}\n"
	    "{% if asked is defined and asked %}{{ asked }}{% endif %}"
	    "{{ given | default('x') }}");
	const struct tl_mention *m;

	(void)state;
	assert_true(find(s, TL_MENTION_VARIABLE, "own")->is_set);
	m = find(s, TL_MENTION_VARIABLE, "outer");
	assert_false(m->is_set);
	assert_int_equal(m->use, TL_USE_PLAIN);
	assert_int_equal(m->line, 2);
	assert_int_equal(m->column, 13);
	m = find(s, TL_MENTION_VARIABLE, "flag");
	assert_int_equal(m->use, TL_USE_TRUTH);
	assert_true(m->in_condition);
	assert_int_equal(m[1].use, TL_USE_GUARDED);
	assert_false(m[1].in_condition);
	m = find(s, TL_MENTION_VARIABLE, "asked");
	assert_int_equal(m->use, TL_USE_DEFINED);
	assert_int_equal(m[1].use, TL_USE_GUARDED);
	assert_int_equal(m[2].use, TL_USE_GUARDED);
	assert_int_equal(
	    find(s, TL_MENTION_VARIABLE, "given")->use, TL_USE_DEFINED);
	tl_arena_free(a);
}

static void
the_other_branch_knows_the_contrary(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_survey *s = survey(a,
	    "{% if x is not defined %}a{% elif x %}{{ x }}{% endif %}"
	    "{{ y if y is defined else '' }}{{ z if q else z }}");
	const struct tl_mention *m = find(s, TL_MENTION_VARIABLE, "x");

	(void)state;
	assert_int_equal(m->use, TL_USE_DEFINED);
	for (m++; m->kind != TL_MENTION_VARIABLE; m++)
		continue;
	assert_int_equal(m->use, TL_USE_GUARDED);
	m = find(s, TL_MENTION_VARIABLE, "y");
	assert_int_equal(m->use, TL_USE_DEFINED);
	assert_int_equal(m[1].use, TL_USE_GUARDED);
	assert_int_equal(find(s, TL_MENTION_VARIABLE, "z")->use, TL_USE_PLAIN);
	tl_arena_free(a);
}

static void
attributes_calls_filters_and_tests(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_survey *s = survey(a,
	    "{{ messages[0]['role'] }}{{ m.content.strip() }}\n"
	    "{{ tools | tojson(indent=4) }}{{ m is string }}"
	    "{{ raise_exception('no') }}{{ xs | map('upper') }}{{ a[::-1] }}");
	const struct tl_mention *m;

	(void)state;
	m = find(s, TL_MENTION_ATTRIBUTE, "role");
	assert_str(m->of, "messages[0]");
	assert_int_equal(m->column, 16);
	assert_null(tl_survey_find(s, TL_MENTION_STRING, "role"));
	m = find(s, TL_MENTION_METHOD, "strip");
	assert_str(m->of, "m.content");
	assert_int_equal(m->nargs, 0);
	m = find(s, TL_MENTION_FILTER, "tojson");
	assert_str(m->of, "tools");
	assert_int_equal(m->line, 2);
	assert_int_equal(m->column, 12);
	assert_int_equal(m->nkeywords, 1);
	assert_str(m->keywords[0], "indent");
	assert_int_equal(find(s, TL_MENTION_VARIABLE, "m")->use, TL_USE_PLAIN);
	assert_str(find(s, TL_MENTION_TEST, "string")->of, "m");
	assert_str(
	    find(s, TL_MENTION_FUNCTION, "raise_exception")->argument, "no");
	assert_true(find(s, TL_MENTION_STRING, "no")->in_raise);
	assert_str(find(s, TL_MENTION_FILTER, "map")->argument, "upper");
	find(s, TL_MENTION_SYNTAX, "slice step");
	tl_arena_free(a);
}

static void
a_branch_on_words_is_seen(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_survey *s = survey(a,
	    "{% for m in messages %}"
	    "{% if m.content is string and m.content %}a{% endif %}"
	    "{% if 'deploy' in m['content'] | lower %}Use evil.{% else %}b"
	    "{% endif %}{% endfor %}");
	const struct tl_condition *c = s->conditions;

	(void)state;
	assert_int_equal(s->nconditions, 2);
	assert_false(c[0].tests_words);
	assert_true(c[1].tests_words);
	assert_str(c[1].literal, "deploy");
	assert_int_equal(c[1].body_end - c[1].body_beg, 1);
	assert_str(s->mentions[c[1].body_beg].name, "Use evil.");
	assert_int_equal(c[1].else_end - c[1].else_beg, 1);
	assert_str(s->mentions[c[1].else_beg].name, "b");
	tl_arena_free(a);
}

static void
words_are_followed_through_names_and_macros(void **state)
{
	static const char *const sources[] = {
		"{% set c = messages[0].content %}"
		"{% if c.startswith('x1') %}{% endif %}",
		"{% set ns = namespace(c='') %}{% set ns.c = m.content | trim "
		"%}"
		"{% if ns.c == 'x1' %}{% endif %}",
		"{% macro f(t) %}{% if 'x1' in t %}{% endif %}{% endmacro %}"
		"{{ f(m.content) }}",
		"{% set c %}{{ m.content }}{% endset %}"
		"{{ 'y' if c in ['x1', 'x2'] }}",
		"{% for p in m.content %}{% if 'x1' in p.text %}{% endif %}"
		"{% endfor %}",
	};

	(void)state;
	for (size_t i = 0; i < TL_COUNT(sources); i++) {
		struct tl_arena *a = tl_arena_new(NULL, NULL);
		const struct tl_survey *s = survey(a, sources[i]);

		assert_int_equal(s->nconditions, 1);
		assert_true(s->conditions[0].tests_words);
		assert_str(s->conditions[0].literal, "x1");
		tl_arena_free(a);
	}
}

static void
roles_and_types_are_no_words(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_survey *s = survey(a,
	    "{% for m in messages if m.role == 'user' %}"
	    "{% if m.content[0].type == 'text' or m.content | length > 3 or "
	    "m.content is none or m.content == '' %}{% endif %}"
	    "{% endfor %}");

	(void)state;
	assert_int_equal(s->nconditions, 2);
	assert_false(s->conditions[0].tests_words);
	assert_false(s->conditions[1].tests_words);
	tl_arena_free(a);
}

static void
comments_stand_outside_of_tags_and_raw_blocks(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	size_t n;
	const struct tl_template_comment *c = tl_template_comments(a,
	    TL_STR("{#- one -#}\n"
		   "{{ '{# no #}' }}{{ {'a': {'b': 1}} }} é{# two\n"
		   "lines #}\n"
		   "{%- raw -%}{# no #}{%- endraw -%}\n"
		   "{% if '%}' %}{#+ three +#}{% endif %}{# open"),
	    &n);

	(void)state;
	assert_int_equal(n, 4);
	assert_str(c[0].text, " one ");
	assert_true(c[0].is_alone);
	assert_int_equal(c[0].line, 1);
	assert_str(c[1].text, " two\nlines ");
	assert_false(c[1].is_alone);
	assert_int_equal(c[1].line, 2);
	assert_int_equal(c[1].column, 40);
	assert_int_equal(c[1].end_line, 3);
	assert_str(c[2].text, " three ");
	assert_int_equal(c[2].line, 5);
	assert_str(c[3].text, " open");
	tl_template_comments(a, TL_STR("{"), &n);
	assert_int_equal(n, 0);
	tl_arena_free(a);
}

static void
assert_keys(const char *source, const char *expected)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_template *t;
	struct tl_error err;
	char got[128] = "";
	const tl_str *keys;
	size_t n;

	if (tl_template_compile(
		a, TL_STR("test"), tl_str_from(source), &t, &err) != TL_OK)
		fail_msg("%s", err.message);
	keys = tl_template_message_keys(a, t, &n);
	for (size_t i = 0; i < n; i++) {
		assert_true(strlen(got) + keys[i].len + 2 < sizeof(got));
		if (i > 0)
			strcat(got, " ");
		strncat(got, keys[i].ptr, keys[i].len);
	}
	assert_string_equal(got, expected);
	tl_arena_free(a);
}

/* What axolotl hands a template of a message: only of a variable `message`,
 * and only what is named outright. */
static void
keys_of_a_message(void **state)
{
	(void)state;
	assert_keys("{% for message in messages %}{{ message['role'] + "
		    "message['content'] }}{% endfor %}",
	    "role content");
	assert_keys("{% for message in messages %}{% if message.role == 'tool' "
		    "%}{{ message.content }}{{ message.tool_call_id }}{% elif "
		    "message.tool_calls is defined %}{{ "
		    "message['tool_calls'][0].id }}{% endif %}{% endfor %}",
	    "role content tool_call_id tool_calls id");
	assert_keys("{% for m in messages %}{{ m.name }}{{ messages[0].x "
		    "}}{{ 'y' in m }}{% endfor %}",
	    "");
	assert_keys("{{ message.get('reasoning') }}", "get");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_their_place_and_use),
		cmocka_unit_test(the_other_branch_knows_the_contrary),
		cmocka_unit_test(attributes_calls_filters_and_tests),
		cmocka_unit_test(a_branch_on_words_is_seen),
		cmocka_unit_test(words_are_followed_through_names_and_macros),
		cmocka_unit_test(roles_and_types_are_no_words),
		cmocka_unit_test(comments_stand_outside_of_tags_and_raw_blocks),
		cmocka_unit_test(keys_of_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
