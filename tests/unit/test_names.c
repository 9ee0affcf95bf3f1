/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/template.h>

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

static tl_str
loaded_name(const char *what)
{
	struct tl_template *t;
	struct tl_error err;

	if (tl_template_load(arena, what, &t, &err) != TL_OK)
		fail_msg("%s: %s", what, err.message);
	return tl_template_name(t);
}

static void
check_list(const struct tl_template_builtin *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_true(tl_str_eq(
		    loaded_name(list[i].name), tl_str_from(list[i].name)));
		assert_true(*list[i].summary != '\0');
		/* A turn ends with its marker, which the template has or
		 * takes from eos_token. */
		if (*list[i].stop != '\0' &&
		    strstr(list[i].source, "eos_token") == NULL)
			assert_non_null(
			    strstr(strstr(list[i].source, "#}"), list[i].stop));
	}
}

static void
every_builtin_compiles(void **state)
{
	size_t n, nframeworks;
	const struct tl_template_builtin *list = tl_template_builtins(&n);
	const struct tl_template_builtin *frameworks =
	    tl_template_frameworks(&nframeworks);

	(void)state;
	check_list(list, n);
	check_list(frameworks, nframeworks);
	assert_true(n > 40 && nframeworks > 100);
}

static void
what_cannot_be_rendered_has_a_reason(void **state)
{
	struct tl_template *t;
	struct tl_error err;

	(void)state;
	assert_int_equal(
	    tl_template_load(arena, "fastchat:one_shot", &t, &err), TL_ENOENT);
	assert_non_null(strstr(err.message, "example messages"));
}

static void
every_alias_leads_to_its_builtin(void **state)
{
	size_t n;
	const struct tl_template_alias *list = tl_template_aliases(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_true(tl_str_eq(
		    loaded_name(list[i].name), tl_str_from(list[i].builtin)));
}

static void
a_name_is_given_once(void **state)
{
	size_t n, nbuiltins;
	const struct tl_template_alias *list = tl_template_aliases(&n);
	const struct tl_template_builtin *b = tl_template_builtins(&nbuiltins);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(list[i].name, list[k].name);
		for (size_t k = 0; k < nbuiltins; k++)
			assert_string_not_equal(list[i].name, b[k].name);
	}
}

static void
an_unknown_name_gets_the_nearest(void **state)
{
	static const struct {
		const char *wrong, *right;
	} cases[] = {
		{ "lmflow:lama3", "'lmflow:llama3'" },
		{ "axolotl:qwen25", "'axolotl:qwen_25'" },
		{ "llama3.1", "'llama-3.1'" },
		{ "nothing-like-it", "'turnlint template list'" },
	};
	struct tl_template *t;
	struct tl_error err;

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		assert_int_equal(
		    tl_template_load(arena, cases[i].wrong, &t, &err),
		    TL_ENOENT);
		if (strstr(err.message, cases[i].right) == NULL)
			fail_msg("%s: %s", cases[i].wrong, err.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_builtin_compiles),
		cmocka_unit_test(what_cannot_be_rendered_has_a_reason),
		cmocka_unit_test(every_alias_leads_to_its_builtin),
		cmocka_unit_test(a_name_is_given_once),
		cmocka_unit_test(an_unknown_name_gets_the_nearest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
