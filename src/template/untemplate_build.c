/* SPDX-License-Identifier: Apache-2.0 */
/* From a walk through a text to messages, and to a text again. */
#include "template/untemplate.h"

/* A value as it stands in the text. */
struct value {
	tl_str str;
	bool is_json, is_there;
};

struct call {
	struct value whole, function, name, args, id;
	bool is_list; /* whole is the list of all calls */
};

struct message {
	enum tl_role role;
	bool is_in_front;
	struct value content, reasoning, result_id, result_name;
	size_t first_call, ncalls;
};

struct tool {
	struct value whole, function;
	bool is_list;
};

/* One conversation on its way. */
struct draft {
	struct message *messages;
	size_t nmessages;
	struct call *calls;
	size_t ncalls;
	struct tool *tools;
	size_t ntools;
	bool lacks_bos;
	bool has_prompt; /* its text ends with it */
	struct ut_date date;
};

/* --- taking up values ----------------------------------------------------- */

static struct value
value_of(tl_str text, const struct ut_step *s)
{
	return (struct value){ tl_str_slice(text, s->beg, s->end),
		ut_is_json(s->state), true };
}

static void
take_call(struct draft *d, enum ut_field field, bool starts, struct value v)
{
	struct message *m = &d->messages[d->nmessages - 1];
	struct call *c;

	if (starts || m->ncalls == 0) {
		if (m->ncalls++ == 0)
			m->first_call = d->ncalls;
		d->calls[d->ncalls++] = (struct call){ 0 };
	}
	c = &d->calls[d->ncalls - 1];
	c->is_list |= field == UT_CALLS;
	if (field == UT_CALL || field == UT_CALLS)
		c->whole = v;
	else if (field == UT_FUNCTION)
		c->function = v;
	else if (field == UT_CALL_NAME)
		c->name = v;
	else if (field == UT_CALL_ARGS)
		c->args = v;
	else
		c->id = v;
}

static void
take_tool(struct draft *d, enum ut_field field, bool starts, struct value v)
{
	struct tool *t;

	if (starts || d->ntools == 0)
		d->tools[d->ntools++] = (struct tool){ 0 };
	t = &d->tools[d->ntools - 1];
	t->is_list |= field == UT_TOOLS;
	if (field == UT_TOOL_FUNCTION)
		t->function = v;
	else
		t->whole = v;
}

static void
take_value(struct draft *d, tl_str text, const struct ut_step *s,
    const struct ut_edge *in)
{
	enum ut_field field = ut_field_of(s->state);
	struct value v = value_of(text, s);
	struct message *m;

	if (field == UT_ECHO)
		return;
	if (field >= UT_TOOLS) {
		take_tool(d, field, in->starts_item, v);
		return;
	}
	if (in->starts_turn || d->nmessages == 0) {
		m = &d->messages[d->nmessages++];
		*m = (struct message){ .role = ut_role_of(s->state),
			.is_in_front = in->is_in_front };
	}
	m = &d->messages[d->nmessages - 1];
	if (field == UT_CONTENT)
		m->content = v;
	else if (field == UT_REASONING)
		m->reasoning = v;
	else if (field == UT_RESULT_ID)
		m->result_id = v;
	else if (field == UT_RESULT_NAME)
		m->result_name = v;
	else
		take_call(d, field, in->starts_item, v);
}

/* --- JSON ----------------------------------------------------------------- */

static void
put_value(struct tl_buf *b, const char *before, struct value v)
{
	struct tl_json_doc doc;

	tl_buf_puts(b, before);
	if (!v.is_json)
		tl_json_put_string(b, v.str);
	else if (tl_json_parse(b->arena, v.str, &doc) == TL_OK)
		tl_json_put(b, doc.root); /* on one line */
	else
		tl_buf_puts(b, "null"); /* rendered again it differs */
}

static void
put_call(struct tl_buf *b, const struct call *c)
{
	if (c->whole.is_there) {
		put_value(b, "", c->whole);
		return;
	}
	tl_buf_putc(b, '{');
	if (c->id.is_there) {
		put_value(b, "\"id\":", c->id);
		tl_buf_putc(b, ',');
	}
	tl_buf_puts(b, "\"type\":\"function\",\"function\":");
	if (c->function.is_there) {
		put_value(b, "", c->function);
	} else {
		tl_buf_putc(b, '{');
		if (c->name.is_there)
			put_value(b, "\"name\":", c->name);
		if (c->args.is_there)
			put_value(b,
			    c->name.is_there ? ",\"arguments\":"
					     : "\"arguments\":",
			    c->args);
		tl_buf_putc(b, '}');
	}
	tl_buf_putc(b, '}');
}

static void
put_message(struct tl_buf *b, const struct draft *d, const struct message *m)
{
	tl_buf_printf(b, "{\"role\":\"%s\"", tl_role_name(m->role));
	if (m->result_id.is_there)
		put_value(b, ",\"tool_call_id\":", m->result_id);
	if (m->result_name.is_there)
		put_value(b, ",\"name\":", m->result_name);
	if (m->reasoning.is_there)
		put_value(b, ",\"reasoning_content\":", m->reasoning);
	put_value(b, ",\"content\":", m->content);
	if (m->ncalls > 0) {
		bool is_list = d->calls[m->first_call].is_list;

		tl_buf_puts(
		    b, is_list ? ",\"tool_calls\":" : ",\"tool_calls\":[");
		for (size_t i = 0; i < m->ncalls; i++) {
			if (i > 0)
				tl_buf_putc(b, ',');
			put_call(b, &d->calls[m->first_call + i]);
		}
		if (!is_list)
			tl_buf_putc(b, ']');
	}
	tl_buf_putc(b, '}');
}

static void
put_tools(struct tl_buf *b, const struct draft *d)
{
	if (d->tools[0].is_list) {
		put_value(b, ",\"tools\":", d->tools[0].whole);
		return;
	}
	for (size_t i = 0; i < d->ntools; i++) {
		const struct tool *t = &d->tools[i];

		tl_buf_puts(b, i == 0 ? ",\"tools\":[" : ",");
		if (t->whole.is_there) {
			put_value(b, "", t->whole);
		} else {
			put_value(b, "{\"type\":\"function\",\"function\":",
			    t->function);
			tl_buf_putc(b, '}');
		}
	}
	tl_buf_putc(b, ']');
}

static tl_str
json_of(struct tl_arena *a, const struct draft *d)
{
	struct tl_buf b;
	size_t n = 0;

	tl_buf_init(&b, a, 0);
	tl_buf_puts(&b, "{\"messages\":[");
	for (int front = 1; front >= 0; front--)
		for (size_t i = 0; i < d->nmessages; i++) {
			if (d->messages[i].is_in_front != (front == 1))
				continue;
			if (n++ > 0)
				tl_buf_putc(&b, ',');
			put_message(&b, d, &d->messages[i]);
		}
	tl_buf_putc(&b, ']');
	if (d->ntools > 0)
		put_tools(&b, d);
	tl_buf_putc(&b, '}');
	return tl_buf_str(&b);
}

/* --- rendering ------------------------------------------------------------ */

static size_t
common_prefix(tl_str a, tl_str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	return n;
}

/* Render the conversation and compare; false when the text differs before the
 * end of either. */
static bool
prove(struct tl_arena *a, const struct ut_grammar *g, tl_str text,
    const struct draft *d, tl_str json, struct ut_built *out)
{
	struct tl_conv conv;
	struct tl_render r;
	struct tl_render_options opt = { .tokens = g->tokens,
		.add_generation_prompt = d->has_prompt };
	tl_str made, rest = tl_str_slice(text, out->same, text.len);
	size_t n;

	if (d->date.year > 0)
		out->now = tl_arena_printf(a, "%04d-%02d-%02dT12:00:00",
		    d->date.year, d->date.month, d->date.day);
	opt.now = out->now;
	if (!ut_conv(a, json, &conv))
		return false;
	tl_template_render(g->t, a, &conv, conv.nturns, &opt, &r);
	if (r.fault != TL_RENDER_OK)
		return false;
	made = r.text.str;
	if (d->lacks_bos && tl_str_starts(made, g->tokens.bos))
		made = tl_str_slice(made, g->tokens.bos.len, made.len);
	n = common_prefix(made, rest);
	out->same += n;
	out->rest = tl_str_slice(made, n, made.len);
	return n == made.len || n == rest.len;
}

/* The next conversation, in the same storage. */
static void
start(struct draft *d)
{
	*d = (struct draft){
		.messages = d->messages, .calls = d->calls, .tools = d->tools
	};
}

/* True when the conversation renders to what stands there. */
static bool
finish(struct tl_arena *a, const struct ut_grammar *g, tl_str text,
    const struct draft *d, struct ut_built *out)
{
	struct tl_unframed_conv *c = &out->convs[out->nconvs++];

	c->json = json_of(a, d);
	c->nturns = d->nmessages;
	out->nturns += d->nmessages;
	return prove(a, g, text, d, c->json, out);
}

void
ut_build(struct tl_arena *a, const struct ut_grammar *g, tl_str text,
    const struct ut_walk *w, struct ut_built *out)
{
	struct draft d = { 0 };
	bool is_good = true;
	size_t nconvs = 1;

	*out = (struct ut_built){ 0 };
	for (size_t i = 0; i < w->n; i++)
		nconvs +=
		    w->steps[i].edge != NULL && w->steps[i].edge->starts_over;
	out->convs = TL_NEW(a, struct tl_unframed_conv, nconvs);
	out->values = TL_NEW(a, struct tl_unframed_value, w->n);
	d.messages = TL_NEW(a, struct message, w->n);
	d.calls = TL_NEW(a, struct call, w->n);
	d.tools = TL_NEW(a, struct tool, w->n);
	for (size_t i = 1; i < w->n; i++) {
		const struct ut_step *s = &w->steps[i];
		const struct ut_edge *in = w->steps[i - 1].edge;

		if (in->starts_over) {
			is_good = is_good && finish(a, g, text, &d, out);
			start(&d);
		}
		d.lacks_bos |= in->lacks_bos;
		if (w->steps[i - 1].date.year > 0)
			d.date = w->steps[i - 1].date;
		d.has_prompt = s->edge != NULL && s->edge->has_prompt;
		take_value(&d, text, s, in);
		out->values[out->nvalues++] =
		    (struct tl_unframed_value){ s->beg, s->end,
			    ut_role_of(s->state),
			    out->nturns + d.nmessages - (d.nmessages > 0) };
	}
	is_good = is_good && d.nmessages > 0 && finish(a, g, text, &d, out);
	out->is_same = is_good && out->same == text.len;
}
