/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What jinja2 prints is compared in tests/conformance; here stands what it
 * cannot say: where bytes come from, what stops a hostile template, and what
 * an embedding program sees of failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/buf.h>
#include <turnlint/template.h>

struct fixture {
	struct tl_arena *a;
	struct tl_conv conv;
	struct tl_render_options opt;
	struct tl_render r;
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

/* A conversation from JSON: a list of messages. */
static void
converse(struct fixture *f, const char *json)
{
	struct tl_json_doc doc;
	struct tl_turn *turns;

	assert_int_equal(tl_json_parse(f->a, tl_str_from(json), &doc), TL_OK);
	turns = TL_NEW(f->a, struct tl_turn, doc.root->nchildren);
	for (const struct tl_json *m = doc.root->first; m != NULL;
	     m = m->next) {
		struct tl_field *fields =
		    TL_NEW(f->a, struct tl_field, m->nchildren);

		for (const struct tl_json *c = m->first; c != NULL; c = c->next)
			fields[c->index] =
			    (struct tl_field){ .name = c->key, .node = c };
		turns[m->index].fields = fields;
		turns[m->index].nfields = m->nchildren;
		turns[m->index].node = m;
	}
	f->conv.turns = turns;
	f->conv.nturns = doc.root->nchildren;
}

static void
render(struct fixture *f, const char *source)
{
	struct tl_template *t;
	struct tl_error err = { 0 };

	if (tl_template_compile(
		f->a, TL_STR("test"), tl_str_from(source), &t, &err) != TL_OK)
		fail_msg("%s: %s", source, err.message);
	tl_template_render(t, f->a, &f->conv, f->conv.nturns, &f->opt, &f->r);
}

/* Runs cover the text without a gap, and content runs are what they say. */
static void
check_runs(const struct tl_render *r)
{
	size_t at = 0;

	for (size_t i = 0; i < r->text.nruns; i++) {
		const struct tl_run *run = &r->text.runs[i];

		assert_int_equal(run->beg, at);
		assert_true(run->end > run->beg);
		at = run->end;
		if (run->kind != TL_RUN_CONTENT)
			continue;
		assert_non_null(run->node);
		assert_int_equal(
		    run->end - run->beg, run->src_end - run->src_beg);
		assert_memory_equal(r->text.str.ptr + run->beg,
		    run->node->text.ptr + run->src_beg, run->end - run->beg);
	}
	assert_int_equal(at, r->text.str.len);
}

/* "T:text C:text[from] D:text": the runs as a word each. */
static const char *
spell(struct fixture *f)
{
	struct tl_buf b;

	check_runs(&f->r);
	tl_buf_init(&b, f->a, 0);
	for (size_t i = 0; i < f->r.text.nruns; i++) {
		const struct tl_run *run = &f->r.text.runs[i];

		tl_buf_printf(&b, "%s%c:", i > 0 ? " " : "", "TCDA"[run->kind]);
		tl_buf_put(&b, tl_str_slice(f->r.text.str, run->beg, run->end));
		if (run->kind == TL_RUN_CONTENT)
			tl_buf_printf(&b, "[%zu]", run->src_beg);
	}
	return tl_arena_cstr(f->a, tl_buf_str(&b));
}

static void
expect(
    struct fixture *f, const char *source, const char *text, const char *runs)
{
	render(f, source);
	if (f->r.fault != TL_RENDER_OK)
		fail_msg("%s: %s", source, tl_arena_cstr(f->a, f->r.message));
	assert_string_equal(tl_arena_cstr(f->a, f->r.text.str), text);
	assert_string_equal(spell(f), runs);
}

/* --- provenance ---------------------------------------------------------- */

static void
copies_keep_their_source(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"  a-b,c \"}]");
	expect(
	    f, "<{{ messages[0].c }}>", "<  a-b,c >", "T:< C:  a-b,c [0] T:>");
	expect(f, "{{ messages[0].c | trim }}", "a-b,c", "C:a-b,c[2]");
	expect(f, "{{ messages[0]['c'][2:5] }}", "a-b", "C:a-b[2]");
	expect(f, "{{ messages[0].c.split(',')[1] }}", "c ", "C:c [6]");
	expect(f, "{{ messages[0].c.strip().split('-') | join('+') }}", "a+b,c",
	    "C:a[2] T:+ C:b,c[4]");
	expect(f, "{{ messages[0].c | replace('-', '::') }}", "  a::b,c ",
	    "C:  a[0] T::: C:b,c [4]");
	expect(f, "{{ 'x' ~ messages[0].c[::-1] }}", "x c,b-a  ",
	    "T:x C: [7] C:c[6] C:,[5] C:b[4] C:-[3] C:a[2] C: [1] C: [0]");
	expect(f, "{% for x in messages[0].c %}{{ x }}{% endfor %}", "  a-b,c ",
	    "C:  a-b,c [0]");
	expect(f, "{{ messages[0].c | indent(1, true) }}", "   a-b,c ",
	    "T:  C:  a-b,c [0]");
}

static void
captures_keep_the_source_too(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"abcd\"}]");
	expect(f, "{% set x %}({{ messages[0].c }}){% endset %}{{ x[2:] }}",
	    "bcd)", "C:bcd[1] T:)");
	expect(f,
	    "{% macro m(v) %}<{{ v }}>{% endmacro %}{{ m(messages[0].c) }}",
	    "<abcd>", "T:< C:abcd[0] T:>");
	expect(f,
	    "{% set n = namespace(t='') %}{% for i in range(3) %}"
	    "{% set n.t = n.t + messages[0].c[i] %}{% endfor %}{{ n.t }}",
	    "abc", "C:abc[0]");
	expect(f, "{% filter trim %} {{ messages[0].c }} {% endfilter %}",
	    "abcd", "C:abcd[0]");
	expect(f, "{{ '%s!' % messages[0].c }}{{ '{}'.format(messages[0].c) }}",
	    "abcd!abcd", "C:abcd[0] T:! C:abcd[0]");
}

/* What jinja2 3.1 prints. */
static void
marked_texts_escape_what_is_added(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"x\"}]");
	expect(f, "{{ \"it's\" | indent(0 | e, first=true) }}", "0it&#39;s",
	    "T:0it&#39;s");
	expect(f, "{{ 'a\n\nb<' | indent('>' | e) }}", "a\n\n&gt;b&lt;",
	    "T:a\n\n&gt;b&lt;");
}

static void
a_step_of_zero_is_seen_first(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"x\"}]");
	expect(f, "{{ 'abc'[1:'a'] }}", "", "");
	render(f, "{{ 'abc'[1:'a':0] }}");
	assert_int_equal(f->r.fault, TL_RENDER_ERROR);
	assert_string_equal(tl_arena_cstr(f->a, f->r.message),
	    "ValueError: slice step cannot be zero");
}

static void
rewriting_names_the_value(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"a\\\"b\",\"n\":1.10,\"t\":true,\"z\":null}]");
	expect(f, "{{ messages[0].c | upper }}", "A\"B", "D:A\"B");
	expect(f, "{{ messages[0].c | lower }}", "a\"b", "C:a\"b[0]");
	expect(f, "{{ messages[0].c | tojson }}", "\"a\\\"b\"",
	    "D:\" C:a[0] D:\\\" C:b[2] D:\"");
	expect(f, "{{ messages[0].n }}{{ messages[0].t }}{{ messages[0].z }}",
	    "1.1TrueNone", "D:1.1 D:True D:None");
	assert_ptr_equal(
	    f->r.text.runs[0].node, tl_json_get(f->conv.turns[0].node, "n"));
	expect(f, "{{ messages[0].n + 1 }}", "2.1", "T:2.1");
}

static void
runs_know_their_template_place(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"x\"}]");
	expect(f, "a\n{% set k = 'lit' %}\n  {{ messages[0].c + k }}",
	    "a\n  xlit", "T:a\n T:   C:x[0] T:lit");
	assert_int_equal(f->r.text.runs[0].line, 1);
	assert_int_equal(f->r.text.runs[2].line, 3);
	assert_int_equal(f->r.text.runs[2].column, 6);
	assert_int_equal(f->r.text.runs[3].line, 2);
	assert_int_equal(f->r.text.runs[3].column, 12);
}

static void
adapters_runs_pass_through(void **state)
{
	struct fixture *f = *state;
	static struct tl_field fields[1];
	static struct tl_turn turn;
	struct tl_json_doc doc;
	struct tl_text parts[2];

	assert_int_equal(tl_json_parse(f->a, TL_STR("\"abc\""), &doc), TL_OK);
	parts[0] = tl_text_added(f->a, TL_STR("+"));
	parts[1] = tl_text_from_json(f->a, doc.root);
	fields[0] = (struct tl_field){ .name = TL_LIT("content"),
		.text = tl_text_concat(f->a, parts, 2) };
	turn = (struct tl_turn){ .fields = fields, .nfields = 1 };
	f->conv.turns = &turn;
	f->conv.nturns = 1;
	expect(f, "{{ messages[0].content }}", "+abc", "A:+ C:abc[0]");
	expect(f, "{{ messages[0].content[2:] }}", "bc", "C:bc[1]");
}

/* --- generation ---------------------------------------------------------- */

static void
generation_spans_are_bytes(void **state)
{
	struct fixture *f = *state;

	converse(f, "[{\"c\":\"\\u00e9\\u65e5\"}]");
	render(f,
	    "\u00e9{% generation %}{{ messages[0].c }}"
	    "{% endgeneration %}!");
	assert_int_equal(f->r.ngeneration, 1);
	assert_int_equal(f->r.generation[0].beg, 2);
	assert_int_equal(f->r.generation[0].end, 7);
	/* In a macro the place is where its call began: four code points of
	 * what stands there. */
	render(f,
	    "{% macro m() %}\u00e9\u00e9{% generation %}abcd"
	    "{% endgeneration %}{% endmacro %}-{{ m() }}");
	assert_int_equal(f->r.generation[0].beg, 1);
	assert_int_equal(f->r.generation[0].end, 1 + 2 + 2 + 2);
	assert_int_equal(f->r.generation_beyond[0], 0);
	render(f,
	    "{% set x %}{% generation %}abc{% endgeneration %}"
	    "{% endset %}");
	assert_int_equal(f->r.generation[0].end, 0);
	assert_int_equal(f->r.generation_beyond[0], 3);
}

/* --- failures ------------------------------------------------------------ */

static void
failures_have_a_place(void **state)
{
	struct fixture *f = *state;

	converse(f, "[]");
	render(f, "\n  {{ x.y }}");
	assert_int_equal(f->r.fault, TL_RENDER_ERROR);
	assert_int_equal(f->r.line, 2);
	assert_int_equal(f->r.column, 6);
	assert_string_equal(tl_arena_cstr(f->a, f->r.message),
	    "UndefinedError: 'x' is undefined");
	assert_int_equal(f->r.text.str.len, 0);
	render(f, "{{ raise_exception('no') }}");
	assert_int_equal(f->r.fault, TL_RENDER_RAISED);
	assert_string_equal(
	    tl_arena_cstr(f->a, f->r.message), "TemplateError: no");
}

/* What jinja2 computes while compiling differs from what it does later. */
static void
constants_are_folded(void **state)
{
	static const struct {
		const char *source, *text; /* NULL: fails */
	} cases[] = {
		{ "[{{ (0)[1:] }}]{{ [none[1:]] }}", "[][Undefined]" },
		{ "{{ (0)[1:]|default('d') }}", "d" },
		{ "{% set x = [(0)[1:]] %}", NULL },
		{ "{{ 1e400 }}{{ 1e400 > 1 }}", "infTrue" },
		{ "{% set x = 1e400 %}", NULL },
		{ "{{ true or x|nope }}", "True" },
		{ "{% if false %}{{ {[1]: 2} }}{% endif %}a", "a" },
		{ "{{ 'a' + 'b' + x + 'c' + 'd' }}", NULL },
		{ "{{ 'a' + 'b' + '' ~ 5 + 'c' + 'd' }}", "ab5cd" },
		{ "{% set n = namespace() %}{% set a, n.b = 1, 2 %}{{ n.b }}",
		    "2" },
		{ "{% block a %}x{% endblock %}{{ self.a() ~ self.b }}", "xx" },
		{ "{% for i in [1, 2] %}{% block a scoped %}{{ i }}"
		  "{% endblock %}{% endfor %}",
		    "12" },
		{ "{{ ' a b c '.split(none, 1) }}", "['a', 'b c ']" },
		{ "{{ ' a b c '.rsplit(none, 1) }}", "[' a b', 'c']" },
		{ "{{ dict(u) }}", NULL },
		{ "{{ [1, 2, 3]|batch(2.0)|list }}", "[[1, 2], [3]]" },
		{ "{{ range(2 ** 70, 2 ** 70 + 1)|list }}",
		    "[1180591620717411303424]" },
	};
	struct fixture *f = *state;

	converse(f, "[]");
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		render(f, cases[i].source);
		if (cases[i].text == NULL)
			assert_int_equal(f->r.fault, TL_RENDER_ERROR);
		else
			assert_string_equal(
			    tl_arena_cstr(f->a, f->r.text.str), cases[i].text);
	}
}

static void
wrong_sources_are_refused(void **state)
{
	static const struct {
		const char *source, *message;
		size_t line, column;
	} cases[] = {
		{ "a\n{% if x %}",
		    "TemplateSyntaxError: Unexpected end of template. Jinja "
		    "was looking for the following tags: 'elif' or 'else' or "
		    "'endif'. The innermost block that needs to be closed is "
		    "'if'.",
		    2, 11 },
		{ "{{ 'a' | nope }}",
		    "TemplateAssertionError: No filter named 'nope'.", 1, 10 },
		{ "\u00e9{{ a b }}",
		    "TemplateSyntaxError: expected token 'end of print "
		    "statement', got 'b'",
		    1, 7 },
		{ "{% for x in y %}{% macro m() %}{% break %}{% endmacro %}"
		  "{% endfor %}",
		    "SyntaxError: 'break' outside loop", 1, 35 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_template *t;
		struct tl_error err = { 0 };

		assert_int_equal(tl_template_compile(f->a, TL_STR("t"),
				     tl_str_from(cases[i].source), &t, &err),
		    TL_EPARSE);
		assert_string_equal(err.message, cases[i].message);
		assert_int_equal(err.line, cases[i].line);
		assert_int_equal(err.column, cases[i].column);
	}
}

static void
invalid_utf8_is_refused(void **state)
{
	struct fixture *f = *state;
	struct tl_template *t;
	struct tl_error err;

	assert_int_equal(
	    tl_template_compile(f->a, TL_STR("t"), TL_STR("a\xff"), &t, &err),
	    TL_EPARSE);
}

/* --- budgets
 * ------------------------------------------------------------------- */

static void
hostile_templates_are_stopped(void **state)
{
	static const char *const bombs[] = {
		"{% for a in range(99999) %}{% for b in range(99999) %}"
		"{% endfor %}{% endfor %}",
		"{{ 'a' * 10 ** 12 }}",
		"{% set n = namespace(s='ab') %}{% for i in range(60) %}"
		"{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
		"{% set n = namespace(s='ab') %}{% for i in range(60) %}"
		"{% set n.s = n.s.replace('b', 'bbbb') %}{% endfor %}",
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
		"{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
		"{{ 9 ** (9 ** 9 ** 9) }}",
		"{% set n = namespace(i=3) %}{% for k in range(99) %}"
		"{% set n.i = n.i * n.i %}{% endfor %}",
		"{{ [[1] * 99999] * 99999 * 99999 }}",
		"{{ ('%' ~ 9999999 ~ 'd') % 1 * 99999 }}",
		"{% set n = namespace(l=[]) %}{% for i in range(99999) %}"
		"{% set n.l = [n.l] %}{% endfor %}{{ n.l }}",
		"{% set n = namespace(l=[1]) %}{% for i in range(60) %}"
		"{% set n.l = n.l + n.l %}{% endfor %}{{ n.l | sort | length "
		"}}",
		"{{ 'a'.center(10 ** 15) }}{{ 'x'.zfill(10 ** 15) }}",
		"{{ range(99999) | map('string') | join('x' * 99999) }}",
	};
	struct fixture *f = *state;

	converse(f, "[]");
	f->opt.max_steps = 300000;
	f->opt.max_bytes = (size_t)4 << 20;
	for (size_t i = 0; i < TL_COUNT(bombs); i++) {
		render(f, bombs[i]);
		if (f->r.fault == TL_RENDER_OK)
			fail_msg("not stopped: %s", bombs[i]);
	}
}

static void
deep_sources_are_refused(void **state)
{
	static const char *const units[] = { "(", "[", "{% if x %}", "{{ not ",
		"{% for x in y %}", "{{ - ", "a if b else ", "{{ x | f(" };
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(units); i++) {
		struct tl_buf b;
		struct tl_template *t;
		struct tl_error err;

		tl_buf_init(&b, f->a, 0);
		tl_buf_puts(&b, "{{ ");
		for (int k = 0; k < 100000; k++)
			tl_buf_puts(&b, units[i]);
		assert_int_not_equal(tl_template_compile(f->a, TL_STR("t"),
					 tl_buf_str(&b), &t, &err),
		    TL_OK);
	}
}

static void
long_chains_work_or_are_refused(void **state)
{
	static const char *const units[] = { " + x", " ~ x", " | trim", " or x",
		".a", "[0]", " * 1", " == x", " if x" };
	struct fixture *f = *state;

	converse(f, "[]");
	for (size_t i = 0; i < TL_COUNT(units); i++) {
		for (int n = 400; n <= 200000; n *= 500) {
			struct tl_buf b;
			struct tl_template *t;
			struct tl_error err;
			enum tl_status st;

			tl_buf_init(&b, f->a, 0);
			tl_buf_puts(&b, "{{ x");
			for (int k = 0; k < n; k++)
				tl_buf_puts(&b, units[i]);
			tl_buf_puts(&b, " }}");
			st = tl_template_compile(
			    f->a, TL_STR("t"), tl_buf_str(&b), &t, &err);
			if (n == 400)
				assert_int_equal(st, TL_OK);
			if (st == TL_OK)
				tl_template_render(
				    t, f->a, &f->conv, 0, &f->opt, &f->r);
		}
	}
}

/* --- the properties
 * ---------------------------------------------------------------- */

static uint32_t
next_random(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

/* A sentinel in any content, through every built-in template, is found by its
 * runs where it stands in the source. */
static void
sentinels_are_found_by_their_runs(void **state)
{
	struct fixture *f = *state;
	const struct tl_template_builtin *all;
	uint32_t x = 7;
	size_t n;

	all = tl_template_builtins(&n);
	assert_true(n >= 8);
	for (int round = 0; round < 200; round++) {
		const struct tl_template_builtin *b = &all[next_random(&x) % n];
		int where = (int)(next_random(&x) % 4);
		char json[512], sentinel[32];
		struct tl_template *t;
		struct tl_error err;
		const struct tl_json *node;
		const struct tl_run *run;
		tl_str text;
		size_t at, in_source;

		snprintf(sentinel, sizeof(sentinel), "#%u\u00e9#",
		    (unsigned)next_random(&x));
		snprintf(json, sizeof(json),
		    "[{\"role\":\"user\",\"content\":\" a %s\"},"
		    "{\"role\":\"assistant\",\"content\":\"\\u65e5 %s b\"},"
		    "{\"role\":\"user\",\"content\":\"\\n%s c \"},"
		    "{\"role\":\"assistant\",\"content\":\"%s\"}]",
		    where == 0 ? sentinel : "x", where == 1 ? sentinel : "x",
		    where == 2 ? sentinel : "x", where == 3 ? sentinel : "x");
		converse(f, json);
		f->opt.tokens = b->tokens;
		assert_int_equal(
		    tl_template_load(f->a, b->name, &t, &err), TL_OK);
		tl_template_render(
		    t, f->a, &f->conv, f->conv.nturns, &f->opt, &f->r);
		assert_int_equal(f->r.fault, TL_RENDER_OK);
		check_runs(&f->r);
		text = f->r.text.str;
		at = tl_str_find(text, tl_str_from(sentinel), 0);
		assert_int_not_equal(at, TL_NPOS);
		run = tl_text_run_at(&f->r.text, at);
		node = tl_json_get(f->conv.turns[where].node, "content");
		assert_ptr_equal(run->node, node);
		in_source = tl_str_find(node->text, tl_str_from(sentinel), 0);
		assert_int_equal(run->src_beg + (at - run->beg), in_source);
	}
}

/* --- loading
 * ---------------------------------------------------------------------------
 */

static void
unknown_names_suggest_the_nearest(void **state)
{
	struct fixture *f = *state;
	struct tl_template *t;
	struct tl_error err;

	assert_int_equal(tl_template_load(f->a, "zephir", &t, &err), TL_ENOENT);
	assert_non_null(strstr(err.message, "'zephyr'"));
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
every_kind_of_file_is_loaded(void **state)
{
	static const struct {
		const char *name, *text, *what, *result;
	} cases[] = {
		{ "a.jinja", "J{{ bos_token }}", "a.jinja", "J" },
		{ "c.json", "{\"chat_template\":\"S\"}", "c.json", "S" },
		{ "n.json",
		    "{\"chat_template\":[{\"name\":\"default\",\"template\":"
		    "\"D\"},{\"name\":\"tool_use\",\"template\":\"U\"}]}",
		    "n.json", "D" },
		{ "n.json", NULL, "n.json#tool_use", "U" },
		{ "tokenizer_config.json", "{\"chat_template\":\"T\"}", "",
		    "T" },
		{ "chat_template.jinja", "F", "", "F" },
		{ "bare", "{{ 'x' }}", "bare", "x" },
	};
	struct fixture *f = *state;
	char dir[] = "/tmp/turnlint-XXXXXX", command[64];

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_template *t;
		struct tl_error err = { 0 };

		if (cases[i].text != NULL)
			write_file(
			    tl_arena_printf(f->a, "%s/%s", dir, cases[i].name),
			    cases[i].text);
		if (tl_template_load(f->a,
			tl_arena_printf(f->a, "%s%s%s", dir,
			    *cases[i].what != '\0' ? "/" : "", cases[i].what),
			&t, &err) != TL_OK)
			fail_msg("%s: %s", cases[i].what, err.message);
		tl_template_render(t, f->a, &f->conv, 0, &f->opt, &f->r);
		assert_string_equal(
		    tl_arena_cstr(f->a, f->r.text.str), cases[i].result);
	}
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(copies_keep_their_source),
		TEST(captures_keep_the_source_too),
		TEST(marked_texts_escape_what_is_added),
		TEST(a_step_of_zero_is_seen_first),
		TEST(rewriting_names_the_value),
		TEST(runs_know_their_template_place),
		TEST(adapters_runs_pass_through),
		TEST(generation_spans_are_bytes),
		TEST(failures_have_a_place),
		TEST(constants_are_folded),
		TEST(wrong_sources_are_refused),
		TEST(invalid_utf8_is_refused),
		TEST(hostile_templates_are_stopped),
		TEST(deep_sources_are_refused),
		TEST(long_chains_work_or_are_refused),
		TEST(sentinels_are_found_by_their_runs),
		TEST(unknown_names_suggest_the_nearest),
		TEST(every_kind_of_file_is_loaded),
	};

	return cmocka_run_group_tests_name("jinja", tests, NULL, NULL);
}
