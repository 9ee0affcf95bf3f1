/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jinja-lines - renders records of JSON lines, for judges of the engine.
 *
 * Reads objects with id, template, messages, tools, documents,
 * add_generation_prompt, bos_token, eos_token, vars, now; writes objects with
 * id and text, or id, error, error_kind and error_line; and generation_spans
 * in code points.
 */
#include "template/jinja/unicode.h"

#include <turnlint/buf.h>
#include <turnlint/map.h>
#include <turnlint/template.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As a JSON string in ASCII; a lone surrogate is written as its escape. */
static void
put_ascii(struct tl_buf *b, tl_str s)
{
	tl_buf_putc(b, '"');
	for (size_t i = 0; i < s.len;) {
		uint32_t cp;

		i += jinja_next(s, i, &cp);
		if (cp == '"' || cp == '\\')
			tl_buf_printf(b, "\\%c", (int)cp);
		else if (cp >= 0x20 && cp < 0x7f)
			tl_buf_putc(b, (char)cp);
		else if (cp < 0x10000)
			tl_buf_printf(b, "\\u%04x", (unsigned)cp);
		else
			tl_buf_printf(b, "\\u%04x\\u%04x",
			    (unsigned)(0xd800 + ((cp - 0x10000) >> 10)),
			    (unsigned)(0xdc00 + ((cp - 0x10000) & 0x3ff)));
	}
	tl_buf_putc(b, '"');
}

/* The message as turns have it: a repeated key keeps its first place and its
 * last value. */
static void
fill_turn(struct tl_arena *a, const struct tl_json *m, struct tl_turn *turn)
{
	struct tl_field *f = TL_NEW(a, struct tl_field, m->nchildren);

	turn->node = m;
	turn->fields = f;
	for (const struct tl_json *c = m->first; c != NULL; c = c->next) {
		size_t i = 0;

		while (i < turn->nfields && !tl_str_eq(f[i].name, c->key))
			i++;
		f[i] = (struct tl_field){ .name = c->key, .node = c };
		if (i == turn->nfields)
			turn->nfields++;
	}
}

static bool
all_objects(const struct tl_json *list)
{
	if (list->kind != TL_JSON_ARRAY)
		return false;
	for (const struct tl_json *m = list->first; m != NULL; m = m->next) {
		if (m->kind != TL_JSON_OBJECT)
			return false;
	}
	return true;
}

static const struct tl_json *
member(const struct tl_json *root, const char *key)
{
	const struct tl_json *v = tl_json_get(root, key);

	return v != NULL && v->kind != TL_JSON_NULL ? v : NULL;
}

static tl_str
token(const struct tl_json *root, const char *key)
{
	const struct tl_json *v = member(root, key);

	return v != NULL ? v->text : (tl_str){ NULL, 0 };
}

/* Messages that are no list of objects can only be given as a variable: the
 * text of a record that holds them among the others. */
static const struct tl_json *
odd_vars(struct tl_arena *a, const struct tl_json *messages,
    const struct tl_json *vars)
{
	struct tl_buf b;
	struct tl_json_doc doc;

	tl_buf_init(&b, a, 0);
	tl_buf_puts(&b, "{\"messages\":");
	tl_json_put(&b, messages);
	for (const struct tl_json *c = vars != NULL ? vars->first : NULL;
	     c != NULL; c = c->next) {
		tl_buf_putc(&b, ',');
		tl_json_put_string(&b, c->key);
		tl_buf_putc(&b, ':');
		tl_json_put(&b, c);
	}
	tl_buf_putc(&b, '}');
	if (tl_json_parse(a, tl_buf_str(&b), &doc) != TL_OK)
		return vars;
	return doc.root;
}

static void
put_spans(struct tl_buf *b, const struct tl_render *r)
{
	tl_buf_puts(b, "\"generation_spans\": [");
	for (size_t i = 0; i < r->ngeneration; i++) {
		tl_str text = r->text.str;

		tl_buf_printf(b, "%s[%zu, %zu]", i > 0 ? ", " : "",
		    jinja_count(tl_str_slice(text, 0, r->generation[i].beg)),
		    jinja_count(tl_str_slice(text, 0, r->generation[i].end)) +
			r->generation_beyond[i]);
	}
	tl_buf_puts(b, "]");
}

static void
put_error(struct tl_buf *b, tl_str message, const char *kind, size_t line)
{
	tl_buf_puts(b, "\"error\": ");
	put_ascii(b, message);
	tl_buf_printf(b, ", \"error_kind\": \"%s\", \"error_line\": ", kind);
	if (line > 0)
		tl_buf_printf(b, "%zu", line);
	else
		tl_buf_puts(b, "null");
	tl_buf_puts(b, ", \"generation_spans\": []");
}

static void
put_render(struct tl_buf *b, const struct tl_render *r)
{
	if (r->fault == TL_RENDER_OK) {
		tl_buf_puts(b, "\"text\": ");
		put_ascii(b, r->text.str);
		tl_buf_puts(b, ", ");
		put_spans(b, r);
		return;
	}
	put_error(b, r->message,
	    r->fault == TL_RENDER_RAISED      ? "raised"
		: r->fault == TL_RENDER_INPUT ? "input"
					      : "render",
	    r->line);
}

/* The compiled templates of the run; judges repeat them. */
struct cache {
	struct tl_arena *arena;
	struct tl_map map;
};

static struct tl_template *
compiled(struct cache *c, tl_str source, struct tl_error *err)
{
	struct tl_map_entry *e = tl_map_find(&c->map, source);
	struct tl_template *t;

	if (e != NULL)
		return e->ptr;
	if (tl_template_compile(
		c->arena, TL_STR("<template>"), source, &t, err) != TL_OK)
		return NULL;
	e = tl_map_put(&c->map, tl_arena_str(c->arena, source), NULL);
	e->ptr = t;
	return t;
}

static void
answer(struct cache *c, struct tl_arena *a, tl_str line, struct tl_buf *b)
{
	struct tl_json_doc doc;
	const struct tl_json *root, *messages, *id;
	struct tl_conv conv = { 0 };
	struct tl_render_options opt = { 0 };
	struct tl_render r;
	struct tl_template *t;
	struct tl_error err = { 0 };

	if (tl_json_parse(a, line, &doc) != TL_OK) {
		put_error(b, TL_STR("ValueError: not JSON"), "input", 0);
		return;
	}
	root = doc.root;
	id = tl_json_get(root, "id");
	tl_buf_puts(b, "\"id\": ");
	if (id != NULL)
		tl_json_put(b, id);
	else
		tl_buf_puts(b, "null");
	tl_buf_puts(b, ", ");
	t = compiled(
	    c, tl_json_text(tl_json_get(root, "template"), TL_STR("")), &err);
	if (t == NULL) {
		put_error(b, tl_str_from(err.message), "compile", err.line);
		return;
	}
	messages = tl_json_get(root, "messages");
	opt.vars = member(root, "vars");
	if (messages != NULL && all_objects(messages)) {
		struct tl_turn *turns =
		    TL_NEW(a, struct tl_turn, messages->nchildren);

		conv.turns = turns;
		conv.nturns = messages->nchildren;
		conv.messages = messages;
		for (const struct tl_json *m = messages->first; m != NULL;
		     m = m->next)
			fill_turn(a, m, &turns[m->index]);
	} else if (messages != NULL) {
		opt.vars = odd_vars(a, messages, opt.vars);
	}
	conv.tools = member(root, "tools");
	conv.documents = member(root, "documents");
	opt.add_generation_prompt =
	    tl_json_bool(tl_json_get(root, "add_generation_prompt"), false);
	opt.tokens.bos = token(root, "bos_token");
	opt.tokens.eos = token(root, "eos_token");
	if (member(root, "now") != NULL)
		opt.now = tl_arena_cstr(a, member(root, "now")->text);
	tl_template_render(t, a, &conv, conv.nturns, &opt, &r);
	put_render(b, &r);
}

int
main(void)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct cache c = { .arena = tl_arena_new(NULL, NULL) };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	tl_map_init(&c.map, c.arena);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct tl_buf b;
		tl_str s = tl_str_trim((tl_str){ line, (size_t)n });

		if (s.len == 0)
			continue;
		tl_arena_reset(a);
		tl_buf_init(&b, a, 0);
		tl_buf_putc(&b, '{');
		answer(&c, a, s, &b);
		tl_buf_puts(&b, "}\n");
		fwrite(b.ptr, 1, b.len, stdout);
	}
	free(line);
	tl_arena_free(a);
	tl_arena_free(c.arena);
	return fflush(stdout) == 0 ? 0 : 1;
}
