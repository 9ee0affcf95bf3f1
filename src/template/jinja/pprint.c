/* SPDX-License-Identifier: Apache-2.0 */
/* pprint.c - the filter pprint: Python's pprint.pformat(), 80 columns wide. */
#include "template/jinja/rt.h"

#define WIDTH 80

struct pretty {
	struct rt *rt;
	struct sink *out;
	unsigned depth;
};

static void format(struct pretty *p, val v, size_t indent, size_t allowance);

static void
put(struct pretty *p, const char *text)
{
	jinja_put_lit(p->rt, p->out, tl_str_from(text));
}

static void
put_line(struct pretty *p, const char *before, size_t indent)
{
	put(p, before);
	put(p, "\n");
	for (size_t i = 0; i < indent; i++)
		put(p, " ");
}

/* --- keys in order ---------------------------------------------------------
 */

/* pprint orders by the name of the type what Python cannot compare. */
static bool
is_before(struct rt *rt, val a, val b)
{
	bool numbers = (a.kind == V_FLOAT || jinja_is_int(a)) &&
	    (b.kind == V_FLOAT || jinja_is_int(b));

	if (numbers || (a.kind == b.kind && a.kind == V_STR))
		return jinja_less(rt, a, b, "<");
	return strcmp(jinja_type_name(a), jinja_type_name(b)) < 0;
}

/* The entries of v with their keys in order. */
static struct dict *
sorted(struct rt *rt, val v)
{
	const struct dict *from = jinja_dict(rt, v);
	struct dict *d = jinja_new_dict(rt, from->n);
	uint32_t n = 0;

	jinja_step(rt, (uint64_t)from->n * from->n / 8 + 1);
	for (uint32_t i = 0; i < from->n; i++) {
		uint32_t at = n++;

		for (;
		     at > 0 && is_before(rt, from->v[i].key, d->v[at - 1].key);
		     at--)
			d->v[at] = d->v[at - 1];
		d->v[at] = from->v[i];
	}
	d->n = n;
	return d;
}

static val ordered(struct pretty *p, val v);

static val
ordered_dict(struct pretty *p, val v)
{
	struct dict *d = sorted(p->rt, v);

	for (uint32_t i = 0; i < d->n; i++)
		d->v[i].value = ordered(p, d->v[i].value);
	return (val){ .kind = V_DICT, .dict = d };
}

static val
ordered_seq(struct pretty *p, val v)
{
	const struct seq *s = jinja_seq(p->rt, v);
	val *items,
	    out = jinja_new_seq(p->rt, (enum val_kind)v.kind, s->n, &items);

	for (size_t i = 0; i < s->n; i++)
		items[i] = ordered(p, s->v[i]);
	return out;
}

/* v with the dicts in it in order of their keys. */
static val
ordered(struct pretty *p, val v)
{
	jinja_step(p->rt, 1);
	jinja_check_stack(p->rt);
	if (v.kind == V_DICT)
		return ordered_dict(p, v);
	if (v.kind == V_LIST || v.kind == V_TUPLE)
		return ordered_seq(p, v);
	return v;
}

/* --- strings over several lines --------------------------------------------
 */

static size_t
repr_width(struct pretty *p, val v)
{
	return jinja_str_count(p->rt, jinja_repr(p->rt, v));
}

/* The end of the word at `at` and of the space behind it. */
static size_t
word_end(tl_str s, size_t at)
{
	bool in_space = false;
	uint32_t cp;

	while (at < s.len) {
		size_t n = jinja_next(s, at, &cp);

		if (!jinja_is_space_cp(cp) && in_space)
			break;
		in_space = in_space || jinja_is_space_cp(cp);
		at += n;
	}
	return at;
}

struct chunks {
	val *v;
	size_t n;
};

static void
split_line(struct pretty *p, val line, size_t width, size_t last_width,
    struct chunks *out)
{
	tl_str s = jinja_bytes(p->rt, line);
	size_t beg = 0, end;

	for (size_t at = 0; at < s.len; at = end) {
		end = word_end(s, at);
		if (end == s.len)
			width = last_width;
		jinja_step(p->rt, 1 + (end - beg) / 8);
		if (repr_width(p, jinja_slice(p->rt, line, beg, end)) > width &&
		    at > beg) {
			out->v[out->n++] = jinja_slice(p->rt, line, beg, at);
			beg = at;
		}
	}
	if (beg < s.len)
		out->v[out->n++] = jinja_slice(p->rt, line, beg, s.len);
}

static void
format_str(struct pretty *p, val v, size_t indent, size_t allowance)
{
	struct rt *rt = p->rt;
	const struct seq *lines = jinja_splitlines(rt, v, true).seq;
	struct chunks chunks = { JINJA_NEW(rt, val, jinja_len(v) + 1), 0 };
	bool is_alone = p->depth == 1;
	size_t width;

	indent += is_alone;
	allowance += is_alone;
	width = indent < WIDTH ? WIDTH - indent : 0;
	for (size_t i = 0; i < lines->n; i++) {
		size_t last = i + 1 < lines->n ? width
		    : width > allowance	       ? width - allowance
					       : 0;

		if (repr_width(p, lines->v[i]) <= last)
			chunks.v[chunks.n++] = lines->v[i];
		else
			split_line(p, lines->v[i], width, last, &chunks);
	}
	if (chunks.n == 1) {
		jinja_put_repr(rt, p->out, v, 0);
		return;
	}
	put(p, is_alone ? "(" : "");
	for (size_t i = 0; i < chunks.n; i++) {
		if (i > 0)
			put_line(p, "", indent);
		jinja_put_repr(rt, p->out, chunks.v[i], 0);
	}
	put(p, is_alone ? ")" : "");
}

/* --- containers ------------------------------------------------------------
 */

static void
format_dict(struct pretty *p, val v, size_t indent, size_t allowance)
{
	const struct dict *d = v.dict;

	put(p, "{");
	for (uint32_t i = 0; i < d->n; i++) {
		bool is_last = i + 1 == d->n;

		jinja_put_repr(p->rt, p->out, d->v[i].key, 0);
		put(p, ": ");
		format(p, d->v[i].value,
		    indent + 3 + repr_width(p, d->v[i].key),
		    is_last ? allowance + 1 : 1);
		if (!is_last)
			put_line(p, ",", indent + 1);
	}
	put(p, "}");
}

static void
format_seq(struct pretty *p, val v, size_t indent, size_t allowance)
{
	const struct seq *s = v.seq;
	const char *end = v.kind == V_LIST ? "]" : s->n == 1 ? ",)" : ")";

	put(p, v.kind == V_LIST ? "[" : "(");
	for (size_t i = 0; i < s->n; i++) {
		bool is_last = i + 1 == s->n;

		format(p, s->v[i], indent + 1,
		    is_last ? allowance + strlen(end) : 1);
		if (!is_last)
			put_line(p, ",", indent + 1);
	}
	put(p, end);
}

static void
format(struct pretty *p, val v, size_t indent, size_t allowance)
{
	jinja_step(p->rt, 1);
	jinja_check_stack(p->rt);
	if (repr_width(p, v) + indent + allowance <= WIDTH ||
	    (v.kind != V_DICT && v.kind != V_LIST && v.kind != V_TUPLE &&
		(v.kind != V_STR || jinja_is_marked(v) || jinja_len(v) == 0))) {
		jinja_put_repr(p->rt, p->out, v, 0);
		return;
	}
	p->depth++;
	if (v.kind == V_STR)
		format_str(p, v, indent, allowance);
	else if (v.kind == V_DICT)
		format_dict(p, v, indent, allowance);
	else
		format_seq(p, v, indent, allowance);
	p->depth--;
}

val
jinja_pprint(struct rt *rt, val v, val *a)
{
	struct sink out = { 0 };
	struct pretty p = { rt, &out, 0 };

	(void)a;
	format(&p, ordered(&p, v), 0, 0);
	return jinja_take(rt, &out);
}
