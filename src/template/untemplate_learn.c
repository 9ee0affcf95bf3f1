/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a template prints between the values of a conversation, learned from
 * renders of small ones.
 */
#include "template/untemplate.h"

#include <turnlint/marker.h>

#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 400000u
#define MAX_BYTES ((size_t)64 << 10)
#define MAX_RUNS 4000
#define MAX_JSON ((size_t)8 << 10) /* bytes of a value written as JSON */
#define MAX_BACK 64 /* bytes of template text before a value's own runs */
#define NOW "2024-01-15T12:00:00"

static const struct ut_date now_date = { 2024, 1, 15 };

/* The turns: S system, U user, A assistant, R one with reasoning, C one that
 * calls a tool, B one that says something and calls, P one with two calls, T a
 * result; ! in front: tools are given; + at the end: the generation prompt. */
static const char *const probes[] = { "UA", "SUA", "UAU", "UAUA", "SUAUA",
	"UAUAUA", "U", "SU", "U+", "SU+", "UAU+", "SUAU+", "UA+", "SUA+", "A",
	"UUA", "UAA", "S", "SAUA", "!UA", "!SUA", "!UAUA", "!SUAUA", "!U+",
	"!SU+", "UCTA", "!UCTA", "!SUCTA", "!UCTAUA", "!UCTAUCTA", "!UCTCTA",
	"!UBTA", "!UBTAUA", "!UPTTA", "!UPTTAUA", "!UC", "!UP", "!UB", "!UCT",
	"!UCT+", "!UPTT+", "!UAUC", "!UAUCT", "UR", "URU+", "SUR", "URUR",
	"!URCTR" };

static const char *const ordinals[] = { "one", "two", "three", "four", "five",
	"six", "seven", "eight" };

struct learner {
	struct tl_arena *a;	  /* the grammar's */
	struct tl_arena *scratch; /* of the probe at work */
	struct ut_grammar *g;
	struct ut_edge *edges;
	size_t n, cap;
	bool strings; /* arguments are given as strings */
	bool has_dates;
	bool has_called; /* a call arrived */
};

/* --- conversations -------------------------------------------------------- */

static void
put_call(struct tl_buf *b, const struct learner *l, unsigned number)
{
	tl_buf_printf(b,
	    "{\"id\":\"call%05u\",\"type\":\"function\",\"function\":{"
	    "\"name\":\"find_%s\",\"arguments\":%s}}",
	    number, ordinals[number % TL_COUNT(ordinals)],
	    l->strings ? "\"{\\\"city\\\": \\\"Zurich\\\"}\""
		       : "{\"city\":\"Zurich\"}");
}

static void
put_turn(struct tl_buf *b, const struct learner *l, char letter,
    const char *ordinal, unsigned *ncalls, unsigned *nresults)
{
	switch (letter) {
	case 'S':
		tl_buf_printf(b,
		    "{\"role\":\"system\",\"content\":\"Rule %s.\"}", ordinal);
		break;
	case 'U':
		tl_buf_printf(b,
		    "{\"role\":\"user\",\"content\":\"Question %s?\"}",
		    ordinal);
		break;
	case 'T':
		tl_buf_printf(b,
		    "{\"role\":\"tool\",\"tool_call_id\":\"call%05u\","
		    "\"name\":\"find_%s\",\"content\":\"Result %s.\"}",
		    *nresults, ordinals[*nresults % TL_COUNT(ordinals)],
		    ordinal);
		++*nresults;
		break;
	default:
		tl_buf_puts(b, "{\"role\":\"assistant\"");
		if (letter == 'R')
			tl_buf_printf(b,
			    ",\"reasoning_content\":\"Thought %s.\"", ordinal);
		if (letter == 'C' || letter == 'P')
			tl_buf_puts(b, ",\"content\":\"\"");
		else
			tl_buf_printf(
			    b, ",\"content\":\"Answer %s.\"", ordinal);
		if (strchr("CBP", letter) != NULL) {
			tl_buf_puts(b, ",\"tool_calls\":[");
			put_call(b, l, (*ncalls)++);
			if (letter == 'P') {
				tl_buf_putc(b, ',');
				put_call(b, l, (*ncalls)++);
			}
			tl_buf_putc(b, ']');
		}
		tl_buf_putc(b, '}');
	}
}

static tl_str
compose(const struct learner *l, const char *letters)
{
	static const char tools[] =
	    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"find_one\",\"description\":\"Finds a zebra.\",\"parameters\":{"
	    "\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\","
	    "\"description\":\"The city.\"}},\"required\":[\"city\"]}}},"
	    "{\"type\":\"function\",\"function\":{\"name\":\"find_two\","
	    "\"description\":\"Finds a yak.\",\"parameters\":{\"type\":"
	    "\"object\",\"properties\":{\"city\":{\"type\":\"string\","
	    "\"description\":\"The city.\"}},\"required\":[\"city\"]}}}],";
	unsigned ncalls = 0, nresults = 0, n = 0, count[128] = { 0 };
	struct tl_buf b;

	tl_buf_init(&b, l->scratch, 0);
	tl_buf_putc(&b, '{');
	if (letters[0] == '!')
		tl_buf_puts(&b, tools);
	tl_buf_puts(&b, "\"messages\":[");
	for (const char *c = letters; *c != '\0'; c++) {
		char like = strchr("RCBP", *c) != NULL ? 'A' : *c;

		if (*c == '!' || *c == '+')
			continue;
		if (n++ > 0)
			tl_buf_putc(&b, ',');
		put_turn(&b, l, *c,
		    ordinals[count[like & 127]++ % TL_COUNT(ordinals)], &ncalls,
		    &nresults);
	}
	tl_buf_puts(&b, "]}");
	return tl_buf_str(&b);
}

bool
ut_conv(struct tl_arena *a, tl_str json, struct tl_conv *out)
{
	struct tl_record *rec = TL_NEW(a, struct tl_record, 1);

	rec->bytes = json;
	if (tl_json_parse(a, json, &rec->doc) != TL_OK)
		return false;
	tl_conv_build(a, rec, tl_format_find(TL_STR("openai")), NULL, out);
	return !out->is_broken;
}

static bool
render(struct tl_arena *a, const struct tl_template *t,
    const struct tl_special_tokens *tokens, const struct tl_conv *conv,
    bool adds_prompt, const char *now, struct tl_render *out)
{
	struct tl_render_options opt = {
		.tokens = *tokens,
		.add_generation_prompt = adds_prompt,
		.now = now,
		.max_steps = MAX_STEPS,
		.max_bytes = MAX_BYTES,
	};

	tl_template_render(t, a, conv, conv->nturns, &opt, out);
	return out->fault == TL_RENDER_OK;
}

/* --- values in a rendered text -------------------------------------------- */

struct hole {
	ut_state state;
	size_t turn; /* TL_NO_TURN of a tool */
	size_t item; /* of a call or a tool */
	size_t beg, end;
};

struct holes {
	struct hole *list;
	size_t n;
};

/* What a value of a probe is. */
struct kind {
	enum { LITERAL, VALUE, STRANGE } is;
	enum ut_field field;
	size_t turn, item;
	enum tl_role role;
};

static bool
key_is(const struct tl_json *v, const char *key)
{
	return tl_str_eq(v->key, tl_str_from(key));
}

static struct kind
kind_of_message(const struct tl_json *v, struct kind k)
{
	static const struct {
		const char *key;
		enum ut_field field;
	} fields[] = {
		{ "content", UT_CONTENT },
		{ "reasoning_content", UT_REASONING },
		{ "tool_calls", UT_CALLS },
		{ "tool_call_id", UT_RESULT_ID },
		{ "name", UT_RESULT_NAME },
	};

	for (size_t i = 0; i < TL_COUNT(fields); i++)
		if (key_is(v, fields[i].key)) {
			k.field = fields[i].field;
			return k;
		}
	k.is = LITERAL;
	return k;
}

static struct kind
kind_of_call(const struct tl_json *v, size_t depth, struct kind k)
{
	if (depth == 0)
		k.field = UT_CALL;
	else if (depth == 1 && key_is(v, "function"))
		k.field = UT_FUNCTION;
	else if (depth == 1 && key_is(v, "id"))
		k.field = UT_CALL_ID;
	else if (depth == 2 && key_is(v, "name"))
		k.field = UT_CALL_NAME;
	else if (depth == 2 && key_is(v, "arguments"))
		k.field = UT_CALL_ARGS;
	else
		k.is = depth > 2 ? STRANGE : LITERAL;
	return k;
}

static struct kind
kind_of_tool(const struct tl_json *v, size_t depth, struct kind k)
{
	if (depth == 0)
		k.field = UT_TOOL;
	else if (depth == 1 && key_is(v, "function"))
		k.field = UT_TOOL_FUNCTION;
	else
		k.is = STRANGE;
	return k;
}

static struct kind
kind_of(const struct tl_conv *conv, const struct tl_json *v)
{
	struct kind k = { .is = VALUE, .turn = TL_NO_TURN };
	const struct tl_json *path[8];
	size_t n = 0;

	for (const struct tl_json *p = v; p != NULL && n < TL_COUNT(path);
	     p = p->parent)
		path[n++] = p;
	if (n == TL_COUNT(path) || n < 2) { /* deep in a schema; the root */
		k.is = STRANGE;
		return k;
	}
	/* path[n - 2] is messages or tools. */
	if (path[n - 2] == conv->tools) {
		k.field = UT_TOOLS;
		if (n == 2)
			return k;
		k.item = path[n - 3]->index;
		return kind_of_tool(v, n - 3, k);
	}
	if (path[n - 2] != conv->messages || n == 2 || n == 3) {
		k.is = STRANGE;
		return k;
	}
	k.turn = path[n - 3]->index;
	k.role = conv->turns[k.turn].role;
	if (n == 4)
		return kind_of_message(v, k);
	if (!key_is(path[n - 4], "tool_calls")) {
		k.is = STRANGE;
		return k;
	}
	k.item = path[n - 5]->index;
	return kind_of_call(v, n - 5, k);
}

size_t
ut_json_end(tl_str s, size_t at)
{
	size_t depth = 0;
	bool in_string = false;

	for (; at < s.len; at++) {
		char c = s.ptr[at];

		if (in_string) {
			if (c == '\\')
				at++;
			else if (c == '"')
				in_string = false;
			if (!in_string && c == '"' && depth == 0)
				return at + 1;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth == 0)
				break;
			if (--depth == 0)
				return at + 1;
		} else if (depth == 0) {
			break; /* lists, objects and strings alone */
		}
	}
	return TL_NPOS;
}

static bool
is_same_json(struct tl_arena *a, tl_str text, const struct tl_json *v)
{
	struct tl_json_doc doc;
	struct tl_buf is, should;

	if (tl_json_parse(a, text, &doc) != TL_OK)
		return false;
	tl_buf_init(&is, a, 0);
	tl_buf_init(&should, a, 0);
	tl_json_put_canonical(&is, doc.root);
	tl_json_put_canonical(&should, v);
	return tl_str_eq(tl_buf_str(&is), tl_buf_str(&should));
}

/* v as JSON around byte `at` of the text, not before `from`. */
static bool
find_json(struct tl_arena *a, tl_str text, const struct tl_json *v, size_t from,
    size_t at, struct hole *h)
{
	char open = v->kind == TL_JSON_OBJECT ? '{'
	    : v->kind == TL_JSON_ARRAY	      ? '['
					      : '"';

	if (at - from > MAX_BACK)
		from = at - MAX_BACK;
	text = tl_str_slice(text, 0, at + MAX_JSON);
	for (size_t i = from; i <= at; i++) {
		size_t end;

		if (text.ptr[i] != open)
			continue;
		end = ut_json_end(text, i);
		if (end == TL_NPOS || end <= at ||
		    !is_same_json(a, tl_str_slice(text, i, end), v))
			continue;
		h->beg = i;
		h->end = end;
		return true;
	}
	return false;
}

/* The string v copied as it is, from run i on. */
static bool
find_raw(
    const struct tl_text *t, const struct tl_json *v, size_t i, struct hole *h)
{
	size_t beg = t->runs[i].beg, end = beg;

	for (; i < t->nruns && t->runs[i].node == v &&
	     t->runs[i].kind == TL_RUN_CONTENT;
	     i++)
		end = t->runs[i].end;
	h->beg = beg;
	h->end = end;
	return v->kind == TL_JSON_STRING &&
	    tl_str_eq(tl_str_slice(t->str, beg, end), v->text);
}

/* The widest value that run i is a part of and that can be read back. */
static bool
find_value(const struct learner *l, const struct tl_conv *conv,
    const struct tl_text *t, size_t i, size_t from, struct hole *h)
{
	const struct tl_run *r = &t->runs[i];
	const struct tl_json *path[16] = { NULL };
	size_t n = 0;

	for (const struct tl_json *p = r->node; p != NULL && n < TL_COUNT(path);
	     p = p->parent)
		path[n++] = p;
	while (n-- > 0) {
		const struct tl_json *v = path[n];
		struct kind k = kind_of(conv, v);
		bool is_json = false;

		if (k.is != VALUE)
			continue;
		if (!find_raw(t, v, i, h) || v != r->node) {
			is_json = true;
			if (!find_json(l->scratch, t->str, v, from, r->beg, h))
				continue;
		}
		h->turn = k.turn;
		h->item = k.item;
		h->state = ut_state_of(k.role, k.field, is_json);
		return true;
	}
	return false;
}

/* The value behind the list stands in it already. */
static bool
is_echo(const struct holes *holes)
{
	const struct hole *h = &holes->list[holes->n];

	for (size_t i = 0; i < holes->n; i++)
		if (holes->list[i].turn == h->turn &&
		    holes->list[i].item == h->item &&
		    ut_field_of(holes->list[i].state) == ut_field_of(h->state))
			return true;
	return false;
}

/* False when the text has something that cannot be read back. */
static bool
find_holes(const struct learner *l, const struct tl_conv *conv,
    const struct tl_text *t, struct holes *out)
{
	size_t from = 0;

	if (t->nruns > MAX_RUNS)
		return false;
	out->list = TL_NEW(l->scratch, struct hole, t->nruns + 1);
	out->n = 0;
	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];
		struct hole *h = &out->list[out->n];
		struct kind k;

		if (r->node == NULL || r->beg < from)
			continue;
		if (find_value(l, conv, t, i, from, h)) {
			from = h->end;
			if (is_echo(out))
				h->state = ut_state_of(ut_role_of(h->state),
				    UT_ECHO, ut_is_json(h->state));
			out->n++;
			continue;
		}
		k = kind_of(conv, r->node);
		/* Names of members are the template's own words as well. */
		if (k.is == STRANGE ||
		    (k.is == VALUE &&
			(r->node->kind != TL_JSON_OBJECT ||
			    k.field == UT_CALL_ARGS || k.field == UT_TOOL)))
			return false;
	}
	return true;
}

/* --- edges ------------------------------------------------------------------
 */

/* The literal [beg, end) of text, with the day of the render cut out. */
static bool
take_literal(struct learner *l, tl_str text, size_t beg, size_t end,
    struct ut_literal *out)
{
	struct tl_buf b;

	*out = (struct ut_literal){ 0 };
	tl_buf_init(&b, l->a, 0);
	for (size_t i = beg; i < end;) {
		struct ut_date d;
		size_t len = 0;
		unsigned f;

		for (f = 0; l->has_dates && f < ut_ndates; f++) {
			len = ut_date_read(f, text, i, &d);
			if (len > 0 && d.year == now_date.year &&
			    d.month == now_date.month && d.day == now_date.day)
				break;
			len = 0;
		}
		if (len == 0 || len > end - i) {
			tl_buf_putc(&b, text.ptr[i++]);
			continue;
		}
		if (out->ndates == UT_MAX_DATES || b.len == 0)
			return false;
		out->dates[out->ndates].at = b.len;
		out->dates[out->ndates++].format = f;
		i += len;
	}
	out->text = tl_buf_str(&b);
	return true;
}

static bool
is_same_literal(const struct ut_literal *a, const struct ut_literal *b)
{
	if (!tl_str_eq(a->text, b->text) || a->ndates != b->ndates)
		return false;
	for (size_t i = 0; i < a->ndates; i++)
		if (a->dates[i].at != b->dates[i].at ||
		    a->dates[i].format != b->dates[i].format)
			return false;
	return true;
}

static void
add_edge(struct learner *l, struct ut_edge e)
{
	/* Two values that touch cannot be told apart, unless one of them says
	 * itself where it ends. */
	if (e.lit.text.len == 0 && e.from != UT_START && e.to != UT_END &&
	    !ut_is_json(e.from))
		return;
	for (size_t i = 0; i < l->n; i++) {
		const struct ut_edge *x = &l->edges[i];

		if (x->from == e.from && x->to == e.to &&
		    x->starts_turn == e.starts_turn &&
		    x->starts_item == e.starts_item &&
		    x->is_in_front == e.is_in_front &&
		    is_same_literal(&x->lit, &e.lit))
			return;
	}
	if (l->n == l->cap) {
		size_t cap = l->cap > 0 ? 2 * l->cap : 64;

		l->edges =
		    tl_arena_grow(l->a, l->edges, l->n * sizeof(*l->edges),
			cap * sizeof(*l->edges), _Alignof(struct ut_edge));
		l->cap = cap;
	}
	e.core = tl_str_trim(e.lit.text);
	l->edges[l->n++] = e;
}

static void
take_edges(struct learner *l, const struct tl_conv *conv, tl_str text,
    const struct holes *holes, bool adds_prompt)
{
	size_t next = 0; /* the turn that was not seen yet */
	size_t at = 0, item = TL_NPOS, tool = TL_NPOS;
	ut_state from = UT_START;

	for (size_t i = 0; i <= holes->n; i++) {
		bool is_end = i == holes->n;
		struct hole h = is_end ? (struct hole){ .state = UT_END,
			.turn = TL_NO_TURN,
			.beg = text.len,
			.end = text.len }
				       : holes->list[i];
		struct ut_edge e = { .from = from, .to = h.state };
		bool is_known = true;

		if (is_end) {
			is_known = next == conv->nturns;
			e.has_prompt = adds_prompt;
		} else if (ut_field_of(h.state) == UT_ECHO) {
			;
		} else if (h.turn == TL_NO_TURN) {
			e.starts_item = h.item != tool;
			tool = h.item;
		} else {
			enum ut_field f = ut_field_of(h.state);
			bool is_call = f >= UT_CALL && f <= UT_CALL_ID;

			e.starts_turn = h.turn >= next;
			is_known = h.turn <= next;
			if (h.turn + 1 < next) /* out of order */
				is_known = false;
			if (e.starts_turn) {
				next = h.turn + 1;
				item = TL_NPOS;
			}
			e.starts_item = is_call && h.item != item;
			if (is_call)
				item = h.item;
			l->has_called |= f == UT_CALL || f == UT_FUNCTION ||
			    f == UT_CALLS || f == UT_CALL_ARGS;
		}
		if (is_known && take_literal(l, text, at, h.beg, &e.lit))
			add_edge(l, e);
		from = h.state;
		at = h.end;
	}
}

/* A system prompt that is printed behind other turns: the edges into it and out
 * of it.  Those of the other turns are known from conversations without one. */
static void
take_late_system(struct learner *l, tl_str text, const struct holes *holes)
{
	size_t k = 0;

	while (k < holes->n && holes->list[k].turn != 0)
		k++;
	for (size_t i = k; i <= k + 1 && i > 0 && i < holes->n; i++) {
		const struct hole *before = &holes->list[i - 1];
		const struct hole *h = &holes->list[i];
		struct ut_edge e = { .from = before->state,
			.to = h->state,
			.starts_turn = true,
			.is_in_front = i == k };

		if (take_literal(l, text, before->end, h->beg, &e.lit))
			add_edge(l, e);
	}
}

static bool
is_system_late(const struct tl_conv *conv, const struct holes *holes)
{
	if (conv->turns[0].role != TL_ROLE_SYSTEM)
		return false;
	for (size_t i = 0; i < holes->n; i++)
		if (holes->list[i].turn != TL_NO_TURN)
			return holes->list[i].turn != 0;
	return false;
}

static void
learn_from(struct learner *l, const char *letters)
{
	size_t len = strlen(letters);
	bool adds_prompt = letters[len - 1] == '+';
	struct tl_conv conv;
	struct tl_render r;
	struct holes holes;

	tl_arena_reset(l->scratch);
	if (!ut_conv(l->scratch, compose(l, letters), &conv) ||
	    !render(l->scratch, l->g->t, &l->g->tokens, &conv, adds_prompt, NOW,
		&r))
		return;
	if (!find_holes(l, &conv, &r.text, &holes))
		return;
	if (is_system_late(&conv, &holes))
		take_late_system(l, r.text.str, &holes);
	else
		take_edges(l, &conv, r.text.str, &holes, adds_prompt);
}

/* The text of two edges, one behind the other. */
static bool
join_literals(struct tl_arena *a, const struct ut_literal *x,
    const struct ut_literal *y, struct ut_literal *out)
{
	struct tl_buf b;

	if (x->ndates + y->ndates > UT_MAX_DATES)
		return false;
	tl_buf_init(&b, a, 0);
	tl_buf_put(&b, x->text);
	tl_buf_put(&b, y->text);
	*out = *x;
	for (size_t i = 0; i < y->ndates; i++) {
		out->dates[out->ndates] = y->dates[i];
		out->dates[out->ndates++].at += x->text.len;
	}
	out->text = tl_buf_str(&b);
	return true;
}

/* Texts without the BOS that a tokenizer adds, and conversations one behind the
 * other in one text. */
static void
add_seams(struct learner *l)
{
	size_t n = l->n;
	tl_str bos = l->g->tokens.bos;

	for (size_t i = 0; i < n; i++) {
		struct ut_edge e = l->edges[i];

		if (e.from != UT_START)
			continue;
		for (size_t k = 0; k < n; k++) {
			struct ut_edge j = l->edges[k];

			if (j.to != UT_END || j.has_prompt ||
			    ut_role_of(j.from) != TL_ROLE_ASSISTANT ||
			    j.lit.text.len == 0 || e.lit.text.len == 0)
				continue;
			j.to = e.to;
			j.starts_turn = e.starts_turn;
			j.starts_item = e.starts_item;
			j.starts_over = true;
			if (join_literals(
				l->a, &l->edges[k].lit, &e.lit, &j.lit))
				add_edge(l, j);
		}
		if (bos.len > 0 && e.lit.ndates == 0 &&
		    tl_str_starts(e.lit.text, bos)) {
			e.lit.text =
			    tl_str_slice(e.lit.text, bos.len, e.lit.text.len);
			e.lacks_bos = true;
			add_edge(l, e);
		}
	}
}

/* Among edges of the same text: it may end here; and rather no system prompt
 * than a user's words taken for one. */
static int
rank(ut_state s)
{
	static const int ranks[] = { [TL_ROLE_USER] = 1,
		[TL_ROLE_SYSTEM] = 2,
		[TL_ROLE_DEVELOPER] = 3,
		[TL_ROLE_ASSISTANT] = 4,
		[TL_ROLE_TOOL] = 5 };

	return s <= UT_END ? 0 : ranks[ut_role_of(s)];
}

static int
by_state(const void *x, const void *y)
{
	const struct ut_edge *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->lit.text.len != b->lit.text.len)
		return a->lit.text.len > b->lit.text.len ? -1 : 1;
	if (rank(a->to) != rank(b->to))
		return rank(a->to) - rank(b->to);
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return tl_str_cmp(a->lit.text, b->lit.text);
}

static void
finish(struct learner *l)
{
	struct ut_grammar *g = l->g;
	size_t i = 0;

	if (l->n > 0)
		qsort(l->edges, l->n, sizeof(*l->edges), by_state);
	g->edges = l->edges;
	g->nedges = l->n;
	for (unsigned s = 0; s <= UT_STATES; s++) {
		g->first[s] = (uint16_t)i;
		while (i < l->n && l->edges[i].from == s)
			i++;
	}
}

static bool
has_dates(const struct tl_template *t)
{
	return tl_str_find(tl_template_source(t), TL_STR("strftime_now"), 0) !=
	    TL_NPOS;
}

/* The cores that a scan for the known markers does not find. */
static void
gather_words(struct learner *l)
{
	tl_str *words = TL_NEW(l->a, tl_str, l->n);
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		tl_str core = l->edges[i].core;
		struct tl_marker_scan scan;
		size_t at, k = 0;

		tl_marker_scan(&scan, core);
		while (k < n && !tl_str_eq(words[k], core))
			k++;
		if (core.len > 0 && k == n && !l->edges[i].starts_over &&
		    l->edges[i].from != UT_START &&
		    tl_marker_next(&scan, &at) == NULL)
			words[n++] = core;
	}
	l->g->words = words;
	l->g->nwords = n;
}

void
ut_learn(struct tl_arena *a, struct ut_grammar *g)
{
	struct learner l = { .a = a, .g = g };

	l.has_dates = has_dates(g->t);
	l.scratch = tl_arena_new_like(a);
	for (size_t i = 0; i < TL_COUNT(probes); i++)
		learn_from(&l, probes[i]);
	if (!l.has_called) {
		l.strings = true;
		for (size_t i = 0; i < TL_COUNT(probes); i++)
			if (strpbrk(probes[i], "CBP") != NULL)
				learn_from(&l, probes[i]);
	}
	gather_words(&l);
	add_seams(&l);
	finish(&l);
	tl_arena_free(l.scratch);
}

tl_str
ut_anchor(struct tl_arena *a, const struct tl_template *t,
    const struct tl_special_tokens *tokens)
{
	struct ut_grammar g = { .t = t, .tokens = *tokens };
	struct learner l = { .a = a, .g = &g };
	tl_str anchor = { NULL, 0 };

	l.has_dates = has_dates(t);
	l.scratch = tl_arena_new_like(a);
	learn_from(&l, "UA");
	for (size_t i = 0; i < l.n; i++)
		if (l.edges[i].from ==
			ut_state_of(TL_ROLE_USER, UT_CONTENT, false) &&
		    l.edges[i].to ==
			ut_state_of(TL_ROLE_ASSISTANT, UT_CONTENT, false))
			anchor = l.edges[i].core;
	tl_arena_free(l.scratch);
	return anchor;
}
