/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paddle.c - PaddleNLP's chat_template.json: three small Jinja templates, for
 * the system text, for the two sides of a round, and for a last question.
 *
 * A record is a list of rounds and a context of variables.  In training the
 * text is the system part and then, round by round, the user's part and the
 * bot's, which is what is trained; with a generation prompt the last user turn
 * goes through `query` instead.
 */
#include "template/internal.h"
#include "template/jinja/rt.h"

#include <turnlint/buf.h>

/* One template of the file. */
struct part {
	const struct tl_json *node; /* the string in the file */
	const struct jinja *jinja;  /* NULL: not there */
};

struct paddle {
	tl_str file;
	struct part system, user, bot, query;
};

bool
tl_paddle_is(const struct tl_json *root)
{
	return tl_json_get(root, "conversation") != NULL ||
	    tl_json_get(root, "query") != NULL;
}

/* --- places -------------------------------------------------------------- */

static void
locate(const struct paddle *p, size_t at, size_t *line, size_t *column)
{
	size_t beg = 0;

	*line = 1;
	for (size_t i = 0; i < at; i++) {
		if (p->file.ptr[i] == '\n') {
			(*line)++;
			beg = i + 1;
		}
	}
	*column = tl_utf8_count(tl_str_slice(p->file, beg, at)) + 1;
}

/* Line and column in the file of a place in a part's template. */
static void
place_in_file(const struct paddle *p, const struct part *part, size_t *line,
    size_t *column)
{
	tl_str s = part->node->text;
	size_t at = 0;

	for (size_t i = 1; i < *line; i++) {
		size_t lf = tl_str_find_char(s, '\n', at);

		if (lf == TL_NPOS)
			break;
		at = lf + 1;
	}
	at += tl_utf8_offset(
	    tl_str_slice(s, at, s.len), *column > 0 ? *column - 1 : 0);
	locate(
	    p, tl_json_raw_span(p->file, part->node, at, at).beg, line, column);
}

static void
move_runs(const struct paddle *p, const struct part *part, struct tl_text *t,
    struct tl_arena *a)
{
	struct tl_run *runs = TL_NEW(a, struct tl_run, t->nruns);

	for (size_t i = 0; i < t->nruns; i++) {
		size_t line, column;

		runs[i] = t->runs[i];
		line = runs[i].line;
		column = runs[i].column;
		place_in_file(p, part, &line, &column);
		runs[i].line = (uint32_t)line;
		runs[i].column = (uint32_t)column;
	}
	t->runs = runs;
}

/* --- compiling ----------------------------------------------------------- */

/* The form that PaddleNLP's documentation shows is a syntax error. */
static const char *
hint(const struct tl_error *e)
{
	if (tl_str_find(tl_str_from(e->message),
		TL_STR("expected token 'name', got 'string'"), 0) == TL_NPOS)
		return "";
	return "; a default is written {{name | default('…')}}, not "
	       "{{name | '…'}}";
}

static enum tl_status
compile_part(struct tl_arena *a, const struct paddle *p, const char *name,
    const struct tl_json *node, struct part *out, struct tl_error *err)
{
	struct tl_error why;
	struct jinja *jinja;
	enum tl_status st;

	out->node = node;
	st = jinja_load(a, node->text,
	    JINJA_PLAIN | JINJA_KEEP_TRAILING_NEWLINE, &jinja, &why);
	if (st == TL_OK) {
		out->jinja = jinja;
		return TL_OK;
	}
	if (why.line > 0)
		place_in_file(p, out, &why.line, &why.column);
	return tl_fail_at(err, st, why.line, why.column, "\"%s\": %s%s", name,
	    why.message, hint(&why));
}

static enum tl_status
fail_at(const struct paddle *p, size_t at, struct tl_error *err,
    const char *message)
{
	size_t line, column;

	locate(p, at, &line, &column);
	return tl_fail_at(err, TL_EPARSE, line, column, "%s", message);
}

/* null and absence are the same to PaddleNLP. */
static enum tl_status
optional_part(struct tl_arena *a, const struct paddle *p, const char *name,
    const struct tl_json *root, struct part *out, struct tl_error *err)
{
	const struct tl_json *v = tl_json_get(root, name);

	if (v == NULL || v->kind == TL_JSON_NULL)
		return TL_OK;
	if (v->kind != TL_JSON_STRING)
		return fail_at(p, v->span.beg, err,
		    tl_arena_printf(a, "\"%s\" must be a string, it is %s",
			name, tl_json_kind_name(v->kind)));
	return compile_part(a, p, name, v, out, err);
}

static enum tl_status
conversation_parts(struct tl_arena *a, struct paddle *p,
    const struct tl_json *root, struct tl_error *err)
{
	const struct tl_json *v = tl_json_get(root, "conversation");
	enum tl_status st;

	if (v == NULL || v->kind == TL_JSON_NULL)
		return TL_OK; /* good for questions, not for training */
	if (v->kind != TL_JSON_ARRAY || v->nchildren != 2)
		return fail_at(p, v->span.beg, err,
		    tl_arena_printf(a,
			"\"conversation\" must hold two strings, the user's "
			"part and the bot's; it %s %s",
			v->kind == TL_JSON_ARRAY ? "holds" : "is",
			v->kind == TL_JSON_ARRAY
			    ? tl_arena_printf(a, "%u", (unsigned)v->nchildren)
			    : tl_json_kind_name(v->kind)));
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		if (c->kind != TL_JSON_STRING)
			return fail_at(p, c->span.beg, err,
			    tl_arena_printf(a,
				"\"conversation\" must hold two strings; "
				"number %u is %s",
				(unsigned)c->index + 1,
				tl_json_kind_name(c->kind)));
	}
	st = compile_part(a, p, "conversation/0", v->first, &p->user, err);
	if (st != TL_OK)
		return st;
	return compile_part(
	    a, p, "conversation/1", v->first->next, &p->bot, err);
}

static enum tl_status
check_keys(struct tl_arena *a, const struct paddle *p,
    const struct tl_json *root, struct tl_error *err)
{
	static const char *const known[] = { "system", "conversation",
		"query" };

	for (const struct tl_json *c = root->first; c != NULL; c = c->next) {
		const char *near =
		    tl_str_nearest(c->key, known, TL_COUNT(known));
		bool is_known = false;

		for (size_t i = 0; i < TL_COUNT(known); i++)
			is_known = is_known ||
			    tl_str_eq(c->key, tl_str_from(known[i]));
		if (is_known)
			continue;
		return fail_at(p, c->key_span.beg, err,
		    tl_arena_printf(a,
			"PaddleNLP knows no key '%s'%s%s%s; the keys are "
			"system, conversation and query",
			tl_arena_cstr(a, c->key),
			near != NULL ? ", did you mean '" : "",
			near != NULL ? near : "", near != NULL ? "'" : ""));
	}
	return TL_OK;
}

enum tl_status
tl_paddle_compile(struct tl_arena *a, const struct tl_json_doc *doc,
    const struct paddle **out, struct tl_error *err)
{
	struct paddle *p = TL_NEW(a, struct paddle, 1);
	enum tl_status st;

	p->file = doc->text;
	st = check_keys(a, p, doc->root, err);
	if (st == TL_OK)
		st = optional_part(a, p, "system", doc->root, &p->system, err);
	if (st == TL_OK)
		st = conversation_parts(a, p, doc->root, err);
	if (st == TL_OK)
		st = optional_part(a, p, "query", doc->root, &p->query, err);
	*out = p;
	return st;
}

/* --- rendering ----------------------------------------------------------- */

struct rendering {
	const struct paddle *p;
	struct tl_arena *arena;
	const struct tl_conv *conv;
	const struct tl_render_options *opt;
	struct tl_render *out;
	struct tl_text *parts; /* what was rendered so far */
	size_t nparts, bytes;
	tl_span *spans; /* of the bot's parts */
	size_t nspans;
	struct jinja_var *vars;
	size_t nvars;
};

static void
add_var(struct rendering *r, const char *name, const struct tl_text *text,
    bool is_bool, int64_t number)
{
	r->vars[r->nvars++] = (struct jinja_var){ .name = tl_str_from(name),
		.text = text,
		.is_bool = is_bool,
		.number = number };
}

/* The record's variables; they win over those of the round. */
static void
add_context(struct rendering *r)
{
	const struct tl_json *objects[2] = { r->conv->context, r->opt->vars };

	for (int i = 0; i < 2; i++) {
		const struct tl_json *o = objects[i];

		if (!tl_json_is(o, TL_JSON_OBJECT))
			continue;
		for (const struct tl_json *c = o->first; c != NULL; c = c->next)
			r->vars[r->nvars++] =
			    (struct jinja_var){ .name = c->key, .node = c };
	}
	if (!r->opt->add_generation_prompt)
		add_var(r, "is_training", NULL, true, 1);
}

static bool
add_part(struct rendering *r, const struct part *part)
{
	struct tl_render one;

	jinja_render_vars(
	    part->jinja, r->arena, r->vars, r->nvars, r->opt, &one);
	if (one.fault != TL_RENDER_OK) {
		*r->out = one;
		if (one.line > 0)
			place_in_file(
			    r->p, part, &r->out->line, &r->out->column);
		return false;
	}
	move_runs(r->p, part, &one.text, r->arena);
	r->bytes += one.text.str.len;
	r->parts[r->nparts++] = one.text;
	return true;
}

static bool
refuse(struct rendering *r, const char *message)
{
	*r->out = (struct tl_render){ .fault = TL_RENDER_INPUT,
		.message = tl_str_from(message) };
	return false;
}

/* What the turn says; what is no text is printed as Python does. */
static void
add_turn(struct rendering *r, const char *name, const struct tl_turn *turn)
{
	const struct tl_json *v = turn->content_node;

	if (v == NULL || v->kind == TL_JSON_STRING)
		add_var(r, name, &turn->text, false, 0);
	else
		r->vars[r->nvars++] =
		    (struct jinja_var){ .name = tl_str_from(name), .node = v };
}

static bool
render_round(struct rendering *r, const struct tl_turn *user,
    const struct tl_turn *bot, size_t index, size_t nrounds)
{
	size_t beg;

	if (r->p->user.jinja == NULL)
		return refuse(
		    r, "ValueError: the template has no \"conversation\"");
	r->nvars = 0;
	add_turn(r, "user", user);
	add_turn(r, "bot", bot);
	add_var(r, "index", NULL, false, (int64_t)index);
	add_context(r);
	add_var(r, "is_first", NULL, true, index == 0);
	add_var(r, "is_last", NULL, true, index + 1 == nrounds);
	if (r->opt->add_generation_prompt)
		add_var(r, "length", NULL, false, (int64_t)nrounds);
	if (!add_part(r, &r->p->user))
		return false;
	beg = r->bytes;
	if (!add_part(r, &r->p->bot))
		return false;
	r->spans[r->nspans++] = (tl_span){ beg, r->bytes };
	return true;
}

static bool
render_query(struct rendering *r, const struct tl_turn *user, size_t index)
{
	if (r->p->query.jinja == NULL) { /* the question as it stands */
		r->parts[r->nparts++] = user->text;
		r->bytes += user->text.str.len;
		return true;
	}
	r->nvars = 0;
	add_turn(r, "query", user);
	add_var(r, "index", NULL, false, (int64_t)index);
	add_var(r, "length", NULL, false, (int64_t)index + 1);
	add_var(r, "is_first", NULL, true, index == 0);
	add_context(r);
	return add_part(r, &r->p->query);
}

/* Rounds of user and assistant, and nothing else. */
static bool
check_turns(struct rendering *r, size_t nturns)
{
	bool ends_with_user = nturns % 2 == 1;

	for (size_t i = 0; i < nturns; i++) {
		enum tl_role want =
		    i % 2 == 0 ? TL_ROLE_USER : TL_ROLE_ASSISTANT;

		if (r->conv->turns[i].role == TL_ROLE_SYSTEM)
			return refuse(r,
			    "PaddleNLP has no system turns: the system text "
			    "is the template's, or context.system of the "
			    "record");
		if (r->conv->turns[i].role != want)
			return refuse(r,
			    "PaddleNLP knows rounds of a user and an "
			    "assistant turn only");
	}
	if (ends_with_user && !r->opt->add_generation_prompt)
		return refuse(r,
		    "AssertionError: each round needs a user and an "
		    "assistant turn, the last has no answer");
	return true;
}

static bool
render_all(struct rendering *r, size_t nturns)
{
	bool has_query = r->opt->add_generation_prompt && nturns % 2 == 1;
	size_t nrounds = (nturns + 1) / 2;

	if (!check_turns(r, nturns))
		return false;
	if (r->p->system.jinja != NULL) {
		r->nvars = 0;
		add_context(r);
		if (!add_part(r, &r->p->system))
			return false;
	}
	for (size_t i = 0; i + has_query < nrounds; i++) {
		if (!render_round(r, &r->conv->turns[2 * i],
			&r->conv->turns[2 * i + 1], i, nrounds))
			return false;
	}
	return !has_query ||
	    render_query(r, &r->conv->turns[nturns - 1], nrounds - 1);
}

void
tl_paddle_render(const struct paddle *p, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out)
{
	struct rendering r = {
		.p = p, .arena = a, .conv = conv, .opt = opt, .out = out
	};
	size_t ncontext = 8;

	if (nturns > conv->nturns)
		nturns = conv->nturns;
	if (tl_json_is(conv->context, TL_JSON_OBJECT))
		ncontext += conv->context->nchildren;
	if (tl_json_is(opt->vars, TL_JSON_OBJECT))
		ncontext += opt->vars->nchildren;
	r.vars = TL_NEW(a, struct jinja_var, ncontext);
	r.parts = TL_NEW(a, struct tl_text, nturns + 2);
	r.spans = TL_NEW(a, tl_span, nturns / 2 + 1);
	*out = (struct tl_render){ .text = { TL_STR(""), NULL, 0 } };
	if (!render_all(&r, nturns))
		return;
	out->text = tl_text_concat(a, r.parts, r.nparts);
	out->generation = r.spans;
	out->ngeneration = r.nspans;
	out->generation_beyond = TL_NEW(a, size_t, r.nspans);
}
