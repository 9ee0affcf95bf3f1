/* SPDX-License-Identifier: Apache-2.0 */
/* A template in the environment of another engine, and probes of one's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/profile.h>

#define HELLO "{\"messages\":[{\"role\":\"user\",\"content\":\"it's <b>\"}]}"

/* What jinja2 itself prints with these settings. */
static void
settings_change_what_is_rendered(void **state)
{
	static const struct {
		const char *source;
		unsigned how;
		const char *text;
	} cases[] = {
		{ "{% if true %}\nx{% endif %}\n  {% set a = 1 %}\ny", 0,
		    "xy" },
		{ "{% if true %}\nx{% endif %}\n  {% set a = 1 %}\ny",
		    TL_ELSEWHERE_NO_TRIM, "\nx\n  \ny" },
		{ "{%- if true -%}\nx{%- endif -%}\n{# c #}\ny",
		    TL_ELSEWHERE_NO_TRIM, "x\ny" },
		{ "{{ messages[0].content | tojson }}", 0, "\"it's <b>\"" },
		{ "{{ messages[0].content | tojson }}",
		    TL_ELSEWHERE_STOCK_TOJSON,
		    "\"it\\u0027s \\u003cb\\u003e\"" },
		{ "{% generation %}{{ {'b': 1, 'a': 2} | tojson }}"
		  "{% endgeneration %}",
		    TL_ELSEWHERE_STOCK_TOJSON, "{\"a\": 2, \"b\": 1}" },
	};
	struct tl_arena *a = tl_arena_new(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_template *t, *other;
		struct tl_error err;
		const struct tl_profile *p;
		const struct tl_probe *probe;

		assert_int_equal(tl_template_compile(a, TL_STR("test"),
				     tl_str_from(cases[i].source), &t, &err),
		    TL_OK);
		assert_int_equal(
		    tl_template_elsewhere(a, t, cases[i].how, &other, &err),
		    TL_OK);
		p = tl_profile_make(a, t, NULL);
		probe = tl_probe_make(a, other, p, HELLO, false);
		assert_true(tl_probe_ok(probe));
		assert_true(tl_str_eq(
		    probe->render.text.str, tl_str_from(cases[i].text)));
		assert_ptr_equal(
		    tl_probe_again(a, t, p, probe)->json, probe->json);
	}
	tl_arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_change_what_is_rendered),
	};

	return cmocka_run_group_tests_name("elsewhere", tests, NULL, NULL);
}
