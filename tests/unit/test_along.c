/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renders that branch off a longer one's against renders of their own: over
 * the built-in templates, those in the folder TURNLINT_TEMPLATES, and ones that
 * look ahead in every way there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/record.h>
#include <turnlint/str.h>
#include <turnlint/template.h>

#include <dirent.h>

#include "conversations.h"

#define NOW "2024-05-06T07:08:09"

struct state {
	struct tl_arena *a;
	struct chance chance;
	const char *name;	 /* of the template */
	size_t nknown, nunknown; /* branches */
};

/* --- conversations -------------------------------------------------------- */

static bool
read_conv(struct tl_arena *a, tl_str json, struct tl_conv *out)
{
	struct tl_record *rec = TL_NEW(a, struct tl_record, 1);

	rec->bytes = json;
	assert_int_equal(tl_json_parse(a, json, &rec->doc), TL_OK);
	tl_conv_build(a, rec, tl_format_find(TL_STR("openai")), NULL, out);
	return !out->is_broken && out->nturns > 0;
}

/* Like t, but its content is a dummy; or another role, too. */
static const struct tl_turn *
dummy_of(struct state *s, const struct tl_turn *t)
{
	struct tl_turn *dummy = TL_NEW(s->a, struct tl_turn, 1);
	struct tl_field *f = TL_NEW(s->a, struct tl_field, 2);

	dummy->fields = f;
	dummy->nfields = 2;
	f[0] = (struct tl_field){ .name = TL_STR("role"),
		.text = tl_text_added(s->a, TL_STR("assistant")) };
	for (size_t i = 0; i < t->nfields && pick(&s->chance, 4) > 0; i++)
		if (tl_str_eq(t->fields[i].name, TL_STR("role")))
			f[0] = t->fields[i];
	f[1] = (struct tl_field){ .name = TL_STR("content"),
		.text = tl_text_added(s->a, TL_STR("[[dummy_message]]")) };
	return dummy;
}

/* --- comparing ------------------------------------------------------------ */

static void
same_render(struct state *s, const struct tl_render *x,
    const struct tl_render *y, tl_str json)
{
	bool is_same = x->fault == y->fault &&
	    tl_str_eq(x->message, y->message) &&
	    tl_str_eq(x->text.str, y->text.str) &&
	    x->text.nruns == y->text.nruns && x->ngeneration == y->ngeneration;

	for (size_t i = 0; is_same && i < x->text.nruns; i++) {
		const struct tl_run *p = &x->text.runs[i],
				    *q = &y->text.runs[i];

		is_same = p->end == q->end && p->kind == q->kind &&
		    p->line == q->line && p->column == q->column &&
		    p->src_beg == q->src_beg && p->node == q->node;
	}
	for (size_t i = 0; is_same && i < x->ngeneration; i++)
		is_same = x->generation[i].beg == y->generation[i].beg &&
		    x->generation[i].end == y->generation[i].end;
	if (!is_same)
		fail_msg("%s: along with others it renders otherwise: %s",
		    s->name, tl_arena_cstr(s->a, json));
}

static void
same_prefix(struct state *s, const struct tl_template *t,
    const struct tl_render_options *opt, const struct tl_conv *conv,
    const struct tl_render *whole, const struct tl_prefix *p, tl_str json)
{
	struct tl_turn *turns = TL_NEW(s->a, struct tl_turn, p->nturns);
	struct tl_conv other = *conv;
	struct tl_render r;
	tl_str text;

	memcpy(turns, conv->turns, p->nturns * sizeof(*turns));
	if (p->last != NULL)
		turns[p->nturns - 1] = *p->last;
	other.turns = turns;
	other.nturns = p->nturns;
	tl_template_render(t, s->a, &other, p->nturns, opt, &r);
	text = r.text.str;
	if (r.fault != TL_RENDER_OK || text.len != p->nshared + p->tail.len ||
	    memcmp(text.ptr, whole->text.str.ptr, p->nshared) != 0 ||
	    memcmp(text.ptr + p->nshared, p->tail.ptr, p->tail.len) != 0)
		fail_msg("%s, %zu turns%s: [%.*s|%s], not [%s]: %s", s->name,
		    p->nturns, p->last != NULL ? ", dummy" : "",
		    (int)p->nshared, whole->text.str.ptr,
		    tl_arena_cstr(s->a, p->tail), tl_arena_cstr(s->a, text),
		    tl_arena_cstr(s->a, json));
}

static void
compare(struct state *s, const struct tl_template *t,
    const struct tl_render_options *opt, const struct tl_conv *conv,
    size_t nturns, tl_str json)
{
	struct tl_prefix p[2 * (MAX_TURNS + 1)];
	struct tl_render along, alone;
	size_t n = 0;

	for (size_t k = 1; k <= nturns; k++) {
		if (pick(&s->chance, 8) == 0)
			continue;
		p[n++] = (struct tl_prefix){ .nturns = k };
		p[n++] = (struct tl_prefix){ .nturns = k,
			.last = dummy_of(s, &conv->turns[k - 1]) };
	}
	tl_template_render(t, s->a, conv, nturns, opt, &alone);
	tl_template_render_along(t, s->a, conv, nturns, opt, &along, p, n);
	same_render(s, &along, &alone, json);
	for (size_t i = 0; i < n; i++) {
		if (p[i].is_known)
			same_prefix(s, t, opt, conv, &along, &p[i], json);
		if (along.fault == TL_RENDER_OK) {
			s->nknown += p[i].is_known;
			s->nunknown += !p[i].is_known;
		}
	}
}

static void
compare_many(struct state *s, const struct tl_template *t,
    const struct tl_special_tokens *tokens, unsigned rounds)
{
	struct tl_arena *outside = s->a;
	struct tl_render_options opt = { .tokens = *tokens, .now = NOW };
	struct tl_conv conv;

	for (unsigned i = 0; i < rounds; i++) {
		tl_str json;

		s->a = tl_arena_new(NULL, NULL);
		json = make_record(s->a, &s->chance);
		opt.add_generation_prompt = pick(&s->chance, 4) == 0;
		if (read_conv(s->a, json, &conv))
			compare(s, t, &opt, &conv,
			    pick(&s->chance, 4) == 0
				? 1 + pick(&s->chance, (unsigned)conv.nturns)
				: conv.nturns,
			    json);
		tl_arena_free(s->a);
	}
	s->a = outside;
}

static const struct tl_special_tokens tokens = { TL_LIT("<s>"), TL_LIT("</s>"),
	TL_LIT("<pad>"), TL_LIT("<unk>") };

/* --- templates ------------------------------------------------------------ */

static void
builtins(const struct tl_template_builtin *list, size_t n, unsigned rounds)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct state s = { .a = a, .chance = { n } };
	struct tl_template *t;
	struct tl_error err;

	for (size_t i = 0; i < n; i++) {
		s.name = list[i].name;
		assert_int_equal(tl_template_load(a, s.name, &t, &err), TL_OK);
		compare_many(&s, t, &list[i].tokens, rounds);
	}
	print_message(
	    "%zu of %zu branch off\n", s.nknown, s.nknown + s.nunknown);
	assert_true(s.nknown > s.nunknown);
	tl_arena_free(a);
}

static void
builtins_render_along_as_alone(void **state)
{
	size_t n;
	const struct tl_template_builtin *list = tl_template_builtins(&n);

	(void)state;
	builtins(list, n, 150);
}

static void
frameworks_render_along_as_alone(void **state)
{
	size_t n;
	const struct tl_template_builtin *list = tl_template_frameworks(&n);

	(void)state;
	builtins(list, n, 25);
}

static void
public_ones_render_along_as_alone(void **state)
{
	const char *folder = getenv("TURNLINT_TEMPLATES");
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct state s = { .a = a, .chance = { 3 } };
	struct dirent *e;
	size_t n = 0;
	DIR *dir = folder != NULL ? opendir(folder) : NULL;

	(void)state;
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct tl_template *t;
		struct tl_error err;

		if (!tl_str_ends(tl_str_from(e->d_name), TL_STR(".jinja")))
			continue;
		s.name = tl_arena_printf(a, "%s/%s", folder, e->d_name);
		if (tl_template_load(a, s.name, &t, &err) != TL_OK)
			continue;
		compare_many(&s, t, &tokens, 60);
		n++;
	}
	if (dir != NULL)
		closedir(dir);
	tl_arena_free(a);
	if (n == 0)
		skip();
	print_message("%zu templates, %zu of %zu branch off\n", n, s.nknown,
	    s.nknown + s.nunknown);
	assert_true(s.nknown > 0);
}

static void
compile_and_compare(struct state *s, const char *source, unsigned rounds)
{
	struct tl_template *t;
	struct tl_error err;

	s->name = source;
	if (tl_template_compile(
		s->a, TL_STR("t"), tl_str_from(source), &t, &err) != TL_OK)
		fail_msg("%s: %s", source, err.message);
	compare_many(s, t, &tokens, rounds);
}

#define LOOP "{% for m in messages %}"
#define SAY "{{ m.role }}: {{ m.content }}\n"
#define END "{% endfor %}"

/* Every way in which a shorter conversation could render otherwise. */
static void
looking_ahead_is_noticed(void **state)
{
	static const char *const sources[] = {
		"{{ messages|length }}" LOOP SAY END,
		"{{ messages|tojson }}" LOOP SAY END,
		"{{ messages }}" LOOP SAY END,
		"{{ messages|last }}" LOOP SAY END,
		"{{ messages|first }}" LOOP SAY END,
		"{{ messages[-1].role }}" LOOP SAY END,
		"{{ messages[2].content }}" LOOP SAY END,
		"{{ messages[2].role }}" LOOP SAY END,
		"{{ messages[2] is defined }}" LOOP SAY END,
		"{% set keep = messages[2] %}" LOOP SAY END
		"{{ keep.content }}",
		"{% set ns = namespace(k=messages[1:]) %}" LOOP SAY
		"{{ ns.k[0].content }}" END "{{ ns.k|length }}",
		"{% set r = messages[1:] %}{% for m in r %}" SAY END
		"{{ r|length }}{{ r[1:][0] }}",
		"{% set r = messages[1:] %}{% if r %}yes{% endif %}" LOOP SAY
		    END,
		"{% set r = messages[:-1] %}{% for m in r %}" SAY END,
		"{% for m in messages[:3] %}" SAY END,
		"{% for m in messages[::2] %}" SAY END,
		"{% for m in messages[::-1] %}" SAY END,
		"{% for m in messages|reverse %}" SAY END,
		"{% for m in messages if m.role != 'system' %}" SAY
		"{{ loop.last }}" END,
		LOOP SAY "{{ loop.last }}{{ loop.index }}" END,
		LOOP SAY "{{ loop.length }}" END,
		LOOP SAY "{{ loop.revindex }}" END,
		LOOP SAY "{{ loop.nextitem.content }}" END,
		LOOP SAY "{{ loop.nextitem.role }}" END,
		LOOP SAY "{{ loop.nextitem is defined }}" END,
		LOOP SAY "{{ loop.previtem.content }}" END,
		LOOP SAY "{{ loop.changed(m.role) }}" END,
		LOOP SAY "{{ loop.cycle('a', 'b') }}" END,
		LOOP SAY "{{ messages[loop.index0 + 1].content }}" END,
		LOOP SAY "{{ messages[loop.index0 - 1].content }}" END,
		LOOP SAY "{{ messages[loop.index0].content }}" END,
		LOOP SAY "{{ m == messages[-1] }}{{ m in messages }}" END,
		LOOP SAY "{{ m is sameas messages[0] }}" END,
		LOOP SAY END LOOP SAY END,
		LOOP "{% set x = m.content %}" END LOOP SAY END,
		LOOP SAY "{% if loop.index == 2 %}{% break %}{% endif %}" END
			 "after",
		LOOP
		"{% if m.role == 'system' %}{% continue %}{% endif %}" SAY END
		"after",
		LOOP "{% if m.role == 'user' %}{% continue %}{% endif %}" SAY
		     "{% else %}none{% endfor %}",
		LOOP "{% continue %}" SAY "{% else %}none{% endfor %}",
		"{% set c = cycler('a', 'b', 'c') %}" LOOP SAY
		"{{ c.next() }}" END "{{ c.current }}",
		"{% set j = joiner() %}" LOOP "{{ j() }}" SAY END "{{ j() }}",
		"{% set it = messages|map(attribute='role') %}" LOOP SAY
		"{{ it|first }}" END,
		"{% set l = ['a', 'b']|map('upper') %}" LOOP SAY
		"{% for x in l %}{{ x }}{% break %}{% endfor %}" END,
		"{% set ns = namespace(n=0, s='') %}" LOOP
		"{% set ns.n = ns.n + 1 %}{% set ns.s = ns.s ~ m.role %}" SAY
		"{{ ns.n }}" END "{{ ns.n }}{{ ns.s }}",
		"{% set ns = namespace() %}" LOOP
		"{% if ns.last is defined %}{{ ns.last.content }}{% endif %}"
		"{% set ns.last = m %}" SAY END "{{ ns.last.content }}",
		"{% set ns = namespace() %}" LOOP SAY
		"{% set ns.it = [m.role]|map('upper') %}{{ ns.it|first }}" END
		"{{ ns.it|list }}",
		"{% set ns = namespace() %}" LOOP SAY
		"{% set ns.l = loop %}" END "{{ ns.l.index }}{{ ns.l.last }}",
		LOOP "{% for c in m.content %}{{ loop.last }}{% endfor %}" END,
		LOOP "{{ m }}" END "{{ messages[0] }}",
		LOOP "{{ m|length }}{{ m.items()|list }}{{ 'name' in m }}" END,
		LOOP "{{ m.get('content') }}{{ m['content'] }}" END,
		"{% macro say(x) %}{{ x.role }}={{ x.content }} "
		"{{ messages|length }}{% endmacro %}" LOOP "{{ say(m) }}" END,
		"{% macro say(x) %}{{ x.role }}={{ x.content }}{% endmacro "
		"%}" LOOP "{{ say(m) }}" END,
		"{% macro all(l) %}{% for x in l %}{{ x.role }}{% endfor %}"
		"{% endmacro %}{{ all(messages) }}" LOOP SAY END,
		"{% macro rest(l) %}{% for x in l %}{{ x.role }}{% endfor %}"
		"{% endmacro %}" LOOP SAY "{{ rest(messages[1:]) }}" END,
		"{% if messages[0].role == 'system' %}" LOOP SAY END
		"{% else %}" LOOP "{{ m.content }}{{ loop.last }}" END
		"{% endif %}{% if messages[-1].role == 'user' %}!{% endif %}",
		"{% if true %}{% if true %}" LOOP SAY END "a{% endif %}b"
		"{% endif %}c",
		"{% with x = 1 %}" LOOP SAY END "{{ x }}{% endwith %}",
		"{% set t %}" LOOP SAY END "{% endset %}{{ t|trim }}",
		"{% filter upper %}" LOOP SAY END "{% endfilter %}",
		LOOP "{% generation %}" SAY "{% endgeneration %}" END,
		LOOP "{{ 'x' * 0 }}{{ m.role }}{% if loop.last %}"
		     "{{ raise_exception('no') }}{% endif %}" END,
		LOOP SAY "{% if m.role == 'tool' %}{{ raise_exception('no') }}"
			 "{% endif %}" END,
		"{% block b %}" LOOP SAY END "{% endblock %}",
		"{% set x = 1 %}{% block b %}{{ x }}{% endblock %}" LOOP SAY
		"{% set x = 2 %}" END,
		"{% set messages = messages[1:] %}" LOOP SAY END,
		"{% set a = messages[1:] %}{% set b = a[1:] %}"
		"{% for m in b %}" SAY END "{{ a|length }}{{ b|length }}",
		"{% set a = messages[9:] %}{% set b = a[9:] %}"
		"{% for m in b %}" SAY END LOOP SAY END "{{ b|length }}",
		LOOP "{% set messages = messages[1:] %}" SAY
		     "{{ messages|length }}" END,
		"{% for m in [1, 2] %}{{ m }}{% for k in messages %}"
		"{{ k.role }}{% endfor %}{% endfor %}",
		"{% for m in messages recursive %}" SAY END,
		LOOP "{{ m.content if m.content is string else '' }}"
		     "{{ eos_token if loop.last }}" END,
		LOOP
		"{{ (m.content or '')[:3] }}{{ (m.content or '')[3:] }}" END
		"{{ messages[0].content }}",
		"{% set x, y = messages[0], messages[1:] %}" LOOP SAY END
		"{{ x.role }}{{ y|length }}",
		"{% set d = {'all': messages, 'k': [messages[1:]]} %}" LOOP SAY
		    END "{{ d['all']|length }}{{ d.k[0]|length }}",
#define LAST                                                                  \
	"{% set ns = namespace(q=messages|length - 1, s='', f=false) %}"      \
	"{% for m in messages[::-1] %}{% if not ns.f and m.role == 'user' %}" \
	"{% set ns.f = true %}{% set ns.q = messages|length - 1 - "           \
	"loop.index0 "                                                        \
	"%}{% endif %}{% endfor %}"
		LAST LOOP "{{ loop.index0 > ns.q }}" SAY END,
		LAST LOOP SAY "{{ ns.q < loop.index0 }}{{ ns.q >= 2 }}" END
			      "{{ ns.q }}",
		LAST LOOP SAY "{{ ns.q == loop.index0 }}" END,
		LAST LOOP SAY "{{ 0 < ns.q < loop.index }}" END,
		LAST LOOP SAY "{{ loop.index0 > ns['q'] }}" END,
		LAST LOOP SAY "{{ ns.q }}" END,
		LAST LOOP SAY "{{ ns }}" END,
		LAST LOOP SAY "{{ ns.q + 1 > loop.index0 }}" END,
		LAST LOOP SAY "{{ ns.q > 1.5 }}{{ ns.q != 'x' }}" END,
		LAST LOOP SAY "{{ ns.q in [1, 2] }}" END,
		LAST LOOP SAY "{{ messages[ns.q].role }}" END,
		LAST LOOP SAY "{% if ns.q %}q{% endif %}" END,
		LAST LOOP SAY "{% set ns.q = loop.index0 %}{{ ns.q > 1 }}" END
			      "{{ ns.q }}",
		LAST "{% set q = ns.q %}" LOOP SAY "{{ q > 1 }}" END,
		LAST "{% set o = namespace(n=ns.q, m=ns) %}" LOOP SAY
		     "{{ o.n > loop.index0 }}{{ o.m.q > 1 }}" END,
		LAST
		"{% macro f(x) %}{{ ns.q > x }}{{ x }}{% endmacro %}" LOOP SAY
		"{{ f(loop.index0) }}" END,
		LAST "{{ ns.q }}" LOOP SAY END,
		LAST LOOP SAY "{{ ns|attr('q') }}" END,
		"{% set ns = namespace(s='') %}" LOOP
		"{% if m.role == 'system' %}{% set ns.s = m.content %}"
		"{% endif %}" END "{{ ns.s }}" LOOP SAY END,
		"{% set ns = namespace(s=[]) %}" LOOP
		"{% if m.role == 'tool' %}{% set ns.s = ns.s + [m.content] %}"
		"{% endif %}" END LOOP SAY "{{ ns.s|length }}" END,
		"{% set ns = namespace(s='') %}" LOOP
		"{% set ns.s = m.content %}" END LOOP SAY "{{ ns.s }}" END,
		"{% set ns = namespace(a=0) %}" LOOP
		"{% if m.role == 'tool' %}{% set ns.b = 1 %}{% endif %}" END
		    LOOP SAY "{{ ns.b is defined }}" END,
		"{% for m in messages %}{% set x = m.content %}{% endfor "
		"%}" LOOP SAY "{{ x is defined }}" END,
		"{% if messages|length > 3 %}" LOOP SAY END "{% else %}" LOOP
		"{{ m.content }}" END "{% endif %}",
		"{% if messages[-1].role == 'user' %}{% set t = messages[:-1] "
		"%}{% else %}{% set t = messages %}{% endif %}"
		"{% for m in t %}" SAY END,
		"{% set t = messages[1:] if messages|length > 2 else messages "
		"%}{% for m in t %}" SAY END,
		"{% set u = messages|selectattr('role', 'equalto', "
		"'user')|list "
		"%}" LOOP SAY "{{ u|length > 2 }}" END,
		"{% set u = messages|selectattr('role', 'equalto', 'system')"
		"|list %}" LOOP SAY "{{ u|length }}" END,
		"{% set u = messages|map(attribute='role') %}" LOOP SAY
		"{{ u|first }}" END,
		"{{ messages|length > 0 }}" LOOP SAY END,
		"{% generation %}{{ messages|length > 0 }}{% endgeneration "
		"%}" LOOP "{% generation %}" SAY "{% endgeneration %}" END,
		"{{ messages + [1] }}" LOOP SAY END,
		"{{ messages is iterable }}{{ messages == [] }}" LOOP SAY END,
		"{% autoescape true %}" LOOP SAY END "{% endautoescape %}",
	};
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct state s = { .a = a, .chance = { 5 } };

	(void)state;
	for (size_t i = 0; i < TL_COUNT(sources); i++)
		compile_and_compare(&s, sources[i], 200);
	assert_true(s.nknown > 1000);
	tl_arena_free(a);
}

/* What does not look ahead is not rendered again. */
static void
what_looks_back_branches_off(void **state)
{
	static const char *const sources[] = {
		LOOP SAY "{{ loop.last }}{{ loop.previtem.role }}" END
			 "{{ messages[-1].content }}{{ messages|length }}",
		"{% if messages[0].role == 'system' %}{{ messages[0].role }}"
		"{% set messages = messages[1:] %}{% endif %}" LOOP SAY END
		"{% if add_generation_prompt %}assistant{% endif %}",
		"{% set ns = namespace(n=0) %}" LOOP
		"{% set ns.n = ns.n + 1 %}" SAY END "{{ ns.n }}",
	};
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct state s = { .a = a, .chance = { 7 } };

	(void)state;
	for (size_t i = 0; i < TL_COUNT(sources); i++)
		compile_and_compare(&s, sources[i], 200);
	/* A first turn that the loop does not see, or that was looked at. */
	assert_true(s.nunknown < s.nknown / 8);
	s.nknown = s.nunknown = 0;
	compile_and_compare(&s,
	    LAST LOOP "{{ loop.index0 > ns.q and loop.last }}" SAY END
		      "{{ ns.q }}",
	    400);
	/* Not where two assistants follow each other. */
	assert_true(s.nunknown < s.nknown);
	tl_arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builtins_render_along_as_alone),
		cmocka_unit_test(frameworks_render_along_as_alone),
		cmocka_unit_test(public_ones_render_along_as_alone),
		cmocka_unit_test(looking_ahead_is_noticed),
		cmocka_unit_test(what_looks_back_branches_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
