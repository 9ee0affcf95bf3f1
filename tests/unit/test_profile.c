/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles of templates whose behaviour is plain to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/profile.h>

#define CHATML(expr)                                                           \
	"{%- for m in messages -%}"                                            \
	"{{- '<|im_start|>' + m.role + '\\n' + " expr " + '<|im_end|>\\n' -}}" \
	"{%- endfor -%}"                                                       \
	"{%- if add_generation_prompt -%}"                                     \
	"{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"

static const struct tl_profile *
profile(struct tl_arena *a, const char *source)
{
	struct tl_template *t;
	struct tl_error err;

	if (tl_template_compile(
		a, TL_STR("test"), tl_str_from(source), &t, &err) != TL_OK)
		fail_msg("%s", err.message);
	return tl_profile_make(a, t, NULL);
}

#define assert_str(s, expected)                                    \
	do {                                                       \
		tl_str got_ = (s);                                 \
		assert_int_equal(got_.len, strlen(expected));      \
		assert_memory_equal(got_.ptr, expected, got_.len); \
	} while (0)

static void
a_plain_template_has_no_faults(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a, CHATML("m.content"));

	(void)state;
	assert_true(p->is_usable);
	assert_int_equal(p->facts[TL_PF_SYSTEM].fate, TL_FATE_KEPT);
	assert_int_equal(p->facts[TL_PF_USER].fate, TL_FATE_KEPT);
	assert_int_equal(p->facts[TL_PF_ASSISTANT].fate, TL_FATE_KEPT);
	assert_int_equal(p->facts[TL_PF_TOOLS].fate, TL_FATE_DROPPED);
	assert_int_equal(p->facts[TL_PF_CALL_OBJECT].fate, TL_FATE_DROPPED);
	assert_int_equal(p->facts[TL_PF_RESULT].fate, TL_FATE_KEPT);
	assert_int_equal(p->facts[TL_PF_LIST_USER].fate, TL_FATE_FAILED);
	assert_false(p->is_system_merged);
	assert_int_equal(p->default_system.len, 0);
	assert_int_equal(p->stop_place, TL_STOP_WITH_TURN);
	assert_str(p->stop, "<|im_end|>");
	assert_str(p->prompt, "<|im_start|>assistant\n");
	assert_int_equal(p->nbos, 0);
	assert_null(p->not_prefix.probe);
	assert_null(p->prompt_not_prefix.probe);
	assert_null(p->prompt_ignored.probe);
	assert_null(p->unbalanced.probe);
	assert_null(p->clock.probe);
	assert_null(p->none_as_text.probe);
	for (size_t i = 0; i < TL_COUNT(p->stripped); i++) {
		assert_null(p->stripped[i].probe);
		assert_null(p->altered[i].probe);
	}
	/* A turn takes as many steps as the one before. */
	assert_true(p->steps[0] > 0);
	assert_int_equal(
	    p->steps[2] - p->steps[1], 2 * (p->steps[1] - p->steps[0]));
	tl_arena_free(a);
}

static void
contents_are_followed_by_origin(void **state)
{
	static const struct {
		const char *expr;
		enum tl_fate padded, odd;
	} cases[] = {
		{ "m.content", TL_FATE_KEPT, TL_FATE_KEPT },
		{ "m.content | trim", TL_FATE_STRIPPED, TL_FATE_KEPT },
		{ "m.content.lstrip()", TL_FATE_STRIPPED, TL_FATE_KEPT },
		{ "m.content | upper", TL_FATE_UNTRIED, TL_FATE_ALTERED },
		{ "m.content[:20]", TL_FATE_UNTRIED, TL_FATE_ALTERED },
		{ "m.content.split(' ') | join('_')", TL_FATE_UNTRIED,
		    TL_FATE_ALTERED },
		/* Taken apart and put together again. */
		{ "m.content.split(' ') | join(' ')", TL_FATE_KEPT,
		    TL_FATE_KEPT },
	};

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_arena *a = tl_arena_new(NULL, NULL);
		const struct tl_profile *p = profile(a,
		    tl_arena_printf(a, "%s%s%s",
			"{%- for m in messages -%}{{- m.role + ': ' + (",
			cases[i].expr, ") + eos_token -}}{%- endfor -%}"));

		for (size_t k = 0; k < 3; k++) {
			if (cases[i].padded != TL_FATE_UNTRIED)
				assert_int_equal(p->stripped[k].probe != NULL,
				    cases[i].padded == TL_FATE_STRIPPED);
			assert_int_equal(p->altered[k].probe != NULL,
			    cases[i].odd == TL_FATE_ALTERED);
		}
		tl_arena_free(a);
	}
}

static void
the_system_prompt_is_understood(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- if messages[0].role != 'system' -%}"
	    "{{- '<|im_start|>system\\nBe kind.<|im_end|>\\n' -}}{%- endif "
	    "-%}" CHATML("m.content"));

	(void)state;
	assert_str(p->default_system, "Be kind.");
	p = profile(a,
	    "{%- set s = '' -%}{%- for m in messages -%}"
	    "{%- if m.role == 'system' -%}{%- set s = m.content -%}{%- endif "
	    "-%}"
	    "{%- endfor -%}"
	    "{%- for m in messages if m.role != 'system' -%}"
	    "{{- m.role + ': ' + m.content + '</s>' -}}{%- endfor -%}");
	assert_int_equal(p->facts[TL_PF_SYSTEM].fate, TL_FATE_DROPPED);
	p = profile(a,
	    "{%- set ns = namespace(s='') -%}{%- for m in messages -%}"
	    "{%- if m.role == 'system' -%}{%- set ns.s = m.content + '\\n' -%}"
	    "{%- elif m.role == 'user' -%}"
	    "{{- '[INST] ' + ns.s + m.content + ' [/INST]' -}}"
	    "{%- set ns.s = '' -%}"
	    "{%- else -%}{{- m.content + '</s>' -}}{%- endif -%}{%- endfor "
	    "-%}");
	assert_int_equal(p->facts[TL_PF_SYSTEM].fate, TL_FATE_KEPT);
	assert_true(p->is_system_merged);
	tl_arena_free(a);
}

static void
the_end_of_a_turn_is_found(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- for m in messages -%}"
	    "{{- ('' if loop.first else '<|end|>') + '<|' + m.role + '|>'"
	    " + m.content -}}{%- endfor -%}");

	(void)state;
	assert_int_equal(p->stop_place, TL_STOP_IN_NEXT);
	assert_str(p->stop, "<|end|>");
	p = profile(a,
	    "{%- for m in messages -%}{{- '<|' + m.role + '|>' + m.content -}}"
	    "{%- endfor -%}");
	assert_int_equal(p->stop_place, TL_STOP_NONE);
	assert_non_null(p->no_stop.probe);
	p = profile(a,
	    "{%- for m in messages -%}{{- m.role + ': ' + m.content -}}"
	    "{%- if m.role == 'assistant' -%}{{- eos_token -}}{%- endif -%}"
	    "{%- endfor -%}");
	assert_int_equal(p->stop_place, TL_STOP_WITH_TURN);
	assert_str(p->stop, "<eos_token>");
	tl_arena_free(a);
}

static void
lists_are_given_where_strings_get_lost(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- for m in messages -%}{{- m.role + ':' -}}"
	    "{%- for c in m.content if c.type == 'text' -%}{{- c.text -}}"
	    "{%- endfor -%}{{- '<|end|>' -}}{%- endfor -%}");

	(void)state;
	assert_true(p->is_usable);
	assert_true(p->takes_lists_only);
	assert_int_equal(p->facts[TL_PF_SYSTEM].fate, TL_FATE_KEPT);
	assert_int_equal(p->facts[TL_PF_USER].fate, TL_FATE_KEPT);
	assert_int_equal(p->facts[TL_PF_LIST_USER].fate, TL_FATE_KEPT);
	assert_str(p->stop, "<|end|>");
	tl_arena_free(a);
}

#define SPANS(answer, prompt)                                               \
	"{%- for m in messages -%}"                                         \
	"{%- if m.role == 'assistant' -%}" answer "{%- else -%}"            \
	"{{- '<|' + m.role + '|>' + m.content + '<|end|>' -}}{%- endif -%}" \
	"{%- endfor -%}{%- if add_generation_prompt -%}"                    \
	"{{- '<|assistant|>" prompt "' -}}{%- endif -%}"
#define GEN(expr) "{%- generation -%}{{- " expr " -}}{%- endgeneration -%}"

static void
spans_are_held_against_turns(void **state)
{
	static const struct {
		const char *source;
		bool is_right;
	} cases[] = {
		{ SPANS("{{- '<|assistant|>' -}}" GEN("m.content + '<|end|>'"),
		      ""),
		    true },
		{ SPANS("{{- '<|assistant|>' -}}" GEN("m.content")
			    GEN("'<|end|>'"),
		      ""),
		    true },
		/* The prompt opens the thoughts; to train on them is fine. */
		{ SPANS("{{- '<|assistant|>' -}}" GEN(
			    "'<think>\\n</think>' + m.content + '<|end|>'"),
		      "<think>\\n"),
		    true },
		{ SPANS(GEN("'<|assistant|>' + m.content + '<|end|>'"), ""),
		    false },
		{ SPANS("{{- '<|assistant|>' -}}" GEN(
			    "m.content") "{{- '<|end|>' -}}",
		      ""),
		    false },
		{ SPANS("{{- '<|assistant|>' + m.content -}}" GEN("'<|end|>'"),
		      ""),
		    false },
	};

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_arena *a = tl_arena_new(NULL, NULL);
		const struct tl_profile *p = profile(a, cases[i].source);

		assert_true(p->has_generation_spans);
		assert_int_equal(
		    p->bad_generation.probe == NULL, cases[i].is_right);
		tl_arena_free(a);
	}
}

static void
a_bottomless_template_is_stopped(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- for i in range(99999) -%}{%- for j in range(99999) -%}<{{ j "
	    "}}>"
	    "{%- endfor -%}{%- endfor -%}");

	(void)state;
	assert_false(p->is_usable);
	assert_int_equal(p->ncrash, 1);
	assert_int_equal(p->crash[0].probe->render.fault, TL_RENDER_LIMIT);
	tl_arena_free(a);
}

static void
orders_have_a_grammar(void **state)
{
	static const struct {
		const char *check, *grammar;
	} cases[] = {
		{ "", "(S | U | A)+" },
		{ "{%- if (m.role == 'user') != (loop.index0 % 2 == 0) -%}"
		  "{{- raise_exception('no') -}}{%- endif -%}",
		    "U ((A | S) U)* (A | S)?" },
		{ "{%- if m.role != ['user', 'assistant'][loop.index0 % 2] -%}"
		  "{{- raise_exception('no') -}}{%- endif -%}",
		    "U (A U)* A?" },
		{ "{%- if m.role == 'system' and not loop.first -%}"
		  "{{- raise_exception('no') -}}{%- endif -%}",
		    "S? (U | A)*" },
	};

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_arena *a = tl_arena_new(NULL, NULL);
		const struct tl_profile *p = profile(a,
		    tl_arena_printf(a,
			"{%%- for m in messages -%%}%s{{- '<s>' + m.role + "
			"m.content + '</s>' -}}{%%- endfor -%%}",
			cases[i].check));

		assert_str(p->grammar, cases[i].grammar);
		assert_int_equal(p->nrefusals, i == 0 ? 0 : 1);
		if (p->nrefusals > 0)
			assert_str(p->refusals[0].message, "TemplateError: no");
		tl_arena_free(a);
	}
}

static void
facts_about_calls_and_thoughts(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- for m in messages -%}{{- '<' + m.role + '>' -}}"
	    "{%- if m.reasoning_content and loop.last -%}"
	    "{{- m.reasoning_content -}}{%- endif -%}"
	    "{{- m.content.split('</think>')[-1] if m.content else '' -}}"
	    "{%- for c in m.tool_calls -%}{%- if loop.first -%}"
	    "{{- c.function.name + c.function.arguments | tojson -}}"
	    "{%- endif -%}{%- endfor -%}{{- '<end>' -}}{%- endfor -%}");
	const struct tl_fact *f = p->facts;

	(void)state;
	assert_int_equal(f[TL_PF_CALL_OBJECT].fate, TL_FATE_KEPT);
	assert_int_equal(f[TL_PF_CALL_STRING].fate, TL_FATE_ALTERED);
	assert_int_equal(f[TL_PF_CALL_PARALLEL].fate, TL_FATE_DROPPED);
	assert_int_equal(f[TL_PF_CALL_ID].fate, TL_FATE_DROPPED);
	assert_int_equal(f[TL_PF_CALL_CONTENT].fate, TL_FATE_KEPT);
	assert_int_equal(f[TL_PF_CALL_NULL].fate, TL_FATE_KEPT);
	assert_int_equal(f[TL_PF_CALL_ABSENT].fate, TL_FATE_KEPT);
	assert_int_equal(f[TL_PF_CONTENT_NULL].fate, TL_FATE_EMPTY);
	assert_int_equal(f[TL_PF_REASONING].fate, TL_FATE_KEPT);
	assert_int_equal(f[TL_PF_REASONING_HISTORY].fate, TL_FATE_DROPPED);
	assert_int_equal(f[TL_PF_THINKING].fate, TL_FATE_DROPPED);
	assert_int_equal(f[TL_PF_THINK].fate, TL_FATE_DROPPED);
	assert_true(p->hides_history_thoughts);
	tl_arena_free(a);
}

static void
facts_have_a_place_and_a_small_proof(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{# knows two roles #}\n"
	    "{%- for m in messages -%}\n"
	    "{%- if m.role == 'user' -%}\n"
	    "{{- '[U]' + m.content -}}\n"
	    "{%- elif m.role == 'assistant' -%}\n"
	    "{{- '[A]' + m.content + '</s>' -}}\n"
	    "{%- endif -%}\n"
	    "{%- endfor -%}");
	const struct tl_fact *f = p->facts;

	(void)state;
	assert_int_equal(f[TL_PF_SYSTEM].line, 2);
	assert_string_equal(f[TL_PF_SYSTEM].probe->letters, "SU");
	assert_int_equal(f[TL_PF_USER].line, 4);
	assert_int_equal(f[TL_PF_ASSISTANT].line, 6);
	assert_int_equal(f[TL_PF_CALL_OBJECT].line, 5);
	assert_string_equal(f[TL_PF_CALL_OBJECT].probe->letters, "UC");
	assert_int_equal(f[TL_PF_RESULT].line, 2);
	assert_string_equal(f[TL_PF_RESULT].probe->letters, "UCT");
	assert_string_equal(f[TL_PF_TOOLS].probe->letters, "!UA");
	assert_int_equal(f[TL_PF_LIST_USER].fate, TL_FATE_FAILED);
	assert_int_equal(f[TL_PF_LIST_USER].line, 4);
	tl_arena_free(a);
}

static void
a_late_stop_that_ends_like_another_marker(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{{- '<first_end>' -}}{%- for m in messages -%}"
	    "{%- if m.role == 'user' -%}"
	    "{{- '<said_end>' if not loop.first -}}"
	    "{{- '<user>' + m.content -}}"
	    "{%- else -%}{{- '<bot>' + m.content -}}{%- endif -%}"
	    "{%- endfor -%}");

	(void)state;
	assert_int_equal(p->stop_place, TL_STOP_IN_NEXT);
	assert_str(p->stop, "<said_end>");
	p = profile(a,
	    "{%- for m in messages -%}{{- '<' + m.role + '>' + m.content -}}"
	    "{%- endfor -%}");
	assert_int_equal(p->stop_place, TL_STOP_NONE);
	tl_arena_free(a);
}

static void
merges_are_seen(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- set ns = namespace(last='') -%}"
	    "{%- for m in messages -%}"
	    "{%- if m.role != 'user' or ns.last != 'user' -%}"
	    "{{- '<' + m.role + '>' -}}{%- endif -%}"
	    "{{- m.content + '\n' -}}{%- set ns.last = m.role -%}"
	    "{%- endfor -%}");

	(void)state;
	assert_true(p->merges_users);
	assert_false(p->merges_assistants);
	tl_arena_free(a);
}

static void
variables_from_outside_are_tried(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- if think is not defined -%}{%- set think = true -%}"
	    "{%- endif -%}{%- set own = 1 -%}{{- bos_token -}}" CHATML(
		"(m.content if think else '')") "{{- unused | default('') -}}");

	(void)state;
	assert_int_equal(p->nvariables, 2);
	assert_str(p->variables[0].first->name, "think");
	assert_string_equal(p->variables[0].differs_with, "false");
	assert_false(p->variables[0].is_needed);
	assert_str(p->variables[1].first->name, "unused");
	assert_string_equal(p->variables[1].differs_with, "true");
	tl_arena_free(a);
}

static void
steps_tell_a_walk_from_a_walk_in_a_walk(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);

	(void)state;
	assert_int_equal(
	    profile(a, CHATML("m.content"))->growth, TL_GROWTH_LINEAR);
	assert_int_equal(
	    profile(a,
		"{%- for m in messages -%}{%- for n in messages -%}"
		"{%- if n == m -%}{{- '<a>' + m.content + '</a>' -}}"
		"{%- endif -%}{%- endfor -%}{%- endfor -%}")
		->growth,
	    TL_GROWTH_QUADRATIC);
	tl_arena_free(a);
}

static void
a_template_for_tools_alone_has_a_profile(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	const struct tl_profile *p = profile(a,
	    "{%- for t in tools -%}{{- t | tojson -}}{%- endfor -%}" CHATML(
		"m.content"));

	(void)state;
	assert_true(p->is_usable);
	assert_true(p->needs_tools);
	assert_int_equal(p->facts[TL_PF_TOOLS].fate, TL_FATE_KEPT);
	tl_arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_template_has_no_faults),
		cmocka_unit_test(contents_are_followed_by_origin),
		cmocka_unit_test(the_system_prompt_is_understood),
		cmocka_unit_test(the_end_of_a_turn_is_found),
		cmocka_unit_test(lists_are_given_where_strings_get_lost),
		cmocka_unit_test(spans_are_held_against_turns),
		cmocka_unit_test(a_bottomless_template_is_stopped),
		cmocka_unit_test(orders_have_a_grammar),
		cmocka_unit_test(facts_about_calls_and_thoughts),
		cmocka_unit_test(facts_have_a_place_and_a_small_proof),
		cmocka_unit_test(a_late_stop_that_ends_like_another_marker),
		cmocka_unit_test(merges_are_seen),
		cmocka_unit_test(variables_from_outside_are_tried),
		cmocka_unit_test(steps_tell_a_walk_from_a_walk_in_a_walk),
		cmocka_unit_test(a_template_for_tools_alone_has_a_profile),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
