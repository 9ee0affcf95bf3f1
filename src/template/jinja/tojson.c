/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tojson.c - json.dumps() as transformers calls it.
 *
 * Characters that stand in the record as they are printed keep their exact
 * origin; quotes, escapes, numbers and punctuation belong to the value.
 */
#include "template/jinja/rt.h"

#include <stdio.h>

#define MAX_NESTING 900u

struct dumper {
	struct rt *rt;
	struct sink *out;
	bool ascii, sort_keys, breaks_lines;
	val indent; /* one level, when lines are broken */
	val item_sep, key_sep;
};

static void put_value(struct dumper *d, val v, unsigned depth);

/* --- strings ------------------------------------------------------------- */

static size_t
escape_text(char text[16], uint32_t cp)
{
	static const char plain[] = "\"\"\\\\\bb\tt\nn\ff\rr";

	for (size_t i = 0; plain[i] != '\0'; i += 2) {
		if ((uint32_t)plain[i] == cp) {
			text[0] = '\\';
			text[1] = plain[i + 1];
			return 2;
		}
	}
	if (cp < 0x10000)
		return (size_t)snprintf(text, 16, "\\u%04x", (unsigned)cp);
	cp -= 0x10000;
	return (size_t)snprintf(text, 16, "\\u%04x\\u%04x",
	    (unsigned)(0xd800 + (cp >> 10)), (unsigned)(0xdc00 + (cp & 0x3ff)));
}

static void
put_string(struct dumper *d, val v)
{
	struct rt *rt = d->rt;
	tl_str s = jinja_bytes(rt, v);
	const struct tl_json *origin = jinja_origin(rt, v);
	size_t clean = 0;

	jinja_step(rt, 1 + s.len / 64);
	jinja_put_derived(rt, d->out, TL_STR("\""), origin);
	for (size_t i = 0, n; i < s.len; i += n) {
		unsigned char c = (unsigned char)s.ptr[i];
		uint32_t cp = c;
		char text[16];

		n = 1;
		if (c >= 0x80 && d->ascii)
			n = jinja_next(s, i, &cp);
		if (c >= 0x20 && c != '"' && c != '\\' &&
		    (c < 0x7f || !d->ascii))
			continue;
		jinja_put_slice(rt, d->out, v, clean, i);
		jinja_put_derived(rt, d->out,
		    (tl_str){ text, escape_text(text, cp) }, origin);
		clean = i + n;
	}
	jinja_put_slice(rt, d->out, v, clean, s.len);
	jinja_put_derived(rt, d->out, TL_STR("\""), origin);
}

/* --- scalars ------------------------------------------------------------- */

static tl_str
float_text(double f, char text[40])
{
	if (f != f)
		return TL_STR("NaN");
	if (f - f != 0.0)
		return f > 0 ? TL_STR("Infinity") : TL_STR("-Infinity");
	return (tl_str){ text, jinja_float_repr(f, text) };
}

static void
put_scalar(struct dumper *d, val v)
{
	const struct tl_json *origin = jinja_origin(d->rt, v);
	char text[40];
	val digits;

	switch ((enum val_kind)v.kind) {
	case V_NONE:
		jinja_put_derived(d->rt, d->out, TL_STR("null"), origin);
		break;
	case V_BOOL:
		jinja_put_derived(d->rt, d->out,
		    v.b ? TL_STR("true") : TL_STR("false"), origin);
		break;
	case V_FLOAT:
		jinja_put_derived(d->rt, d->out, float_text(v.f, text), origin);
		break;
	default:
		digits = jinja_to_str(d->rt, v);
		jinja_put_str(d->rt, d->out, digits);
	}
}

/* A key as a string: json.dumps() converts the scalars. */
static val
key_text(struct dumper *d, val key)
{
	struct rt *rt = d->rt;
	char text[40];

	switch ((enum val_kind)key.kind) {
	case V_STR:
		return key;
	case V_NONE:
		return jinja_str(rt, TL_STR("null"));
	case V_BOOL:
		return jinja_str(rt, key.b ? TL_STR("true") : TL_STR("false"));
	case V_FLOAT:
		return jinja_str(
		    rt, tl_arena_str(rt->arena, float_text(key.f, text)));
	case V_INT:
	case V_BIG:
		return jinja_to_str(rt, key);
	default:
		jinja_throw(rt, "TypeError",
		    "keys must be str, int, float, bool or None, not %s",
		    jinja_type_name(key));
	}
}

/* --- containers ---------------------------------------------------------- */

static void
break_line(struct dumper *d, unsigned depth)
{
	if (!d->breaks_lines)
		return;
	jinja_put_lit(d->rt, d->out, TL_STR("\n"));
	for (unsigned i = 0; i < depth; i++)
		jinja_put_str(d->rt, d->out, d->indent);
}

static void
put_list(struct dumper *d, val v, unsigned depth)
{
	const struct seq *s = jinja_seq(d->rt, v);

	if (s->n == 0) {
		jinja_put_lit(d->rt, d->out, TL_STR("[]"));
		return;
	}
	jinja_put_lit(d->rt, d->out, TL_STR("["));
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0)
			jinja_put_str(d->rt, d->out, d->item_sep);
		break_line(d, depth + 1);
		put_value(d, s->v[i], depth + 1);
	}
	break_line(d, depth);
	jinja_put_lit(d->rt, d->out, TL_STR("]"));
}

/* Items in the order of their keys. */
static const struct dict *
sorted(struct dumper *d, const struct dict *from)
{
	struct rt *rt = d->rt;
	struct dict *to = jinja_new_dict(rt, from->n);
	val *keys = jinja_array(rt, from->n, sizeof(val));
	val *order = jinja_array(rt, from->n, sizeof(val));

	for (uint32_t i = 0; i < from->n; i++) {
		keys[i] = from->v[i].key;
		order[i] = jinja_int(i);
	}
	jinja_sort(rt, order, keys, from->n, false);
	for (uint32_t i = 0; i < from->n; i++)
		to->v[i] = from->v[order[i].i];
	to->n = from->n;
	return to;
}

static void
put_dict(struct dumper *d, val v, unsigned depth)
{
	const struct dict *e = jinja_dict(d->rt, v);

	if (e->n == 0) {
		jinja_put_lit(d->rt, d->out, TL_STR("{}"));
		return;
	}
	if (d->sort_keys)
		e = sorted(d, e);
	jinja_put_lit(d->rt, d->out, TL_STR("{"));
	for (uint32_t i = 0; i < e->n; i++) {
		if (i > 0)
			jinja_put_str(d->rt, d->out, d->item_sep);
		break_line(d, depth + 1);
		put_string(d, key_text(d, e->v[i].key));
		jinja_put_str(d->rt, d->out, d->key_sep);
		put_value(d, e->v[i].value, depth + 1);
	}
	break_line(d, depth);
	jinja_put_lit(d->rt, d->out, TL_STR("}"));
}

static void
put_value(struct dumper *d, val v, unsigned depth)
{
	jinja_step(d->rt, 1);
	if (depth > MAX_NESTING)
		jinja_throw(d->rt, "RecursionError",
		    "maximum recursion depth exceeded while encoding a JSON "
		    "object");
	switch ((enum val_kind)v.kind) {
	case V_STR:
		put_string(d, v);
		break;
	case V_NONE:
	case V_BOOL:
	case V_INT:
	case V_BIG:
	case V_FLOAT:
		put_scalar(d, v);
		break;
	case V_LIST:
	case V_TUPLE:
		put_list(d, v, depth);
		break;
	case V_DICT:
		put_dict(d, v, depth);
		break;
	default:
		jinja_throw(d->rt, "TypeError",
		    "Object of type %s is not JSON serializable",
		    jinja_type_name(v));
	}
}

/* --- arguments ----------------------------------------------------------- */

static void
set_indent(struct dumper *d, val v)
{
	int64_t n;

	if (v.kind == V_NONE || v.kind == V_MISSING)
		return;
	d->breaks_lines = true;
	if (v.kind == V_STR) {
		d->indent = v;
		return;
	}
	if (!jinja_index(v, &n))
		jinja_throw(d->rt, "TypeError",
		    "can't multiply sequence by non-int of type '%s'",
		    jinja_type_name(v));
	d->indent = jinja_repeat(d->rt, jinja_str(d->rt, TL_STR(" ")), n);
}

static void
set_separators(struct dumper *d, val v)
{
	const struct seq *s;

	d->item_sep =
	    jinja_str(d->rt, d->breaks_lines ? TL_STR(",") : TL_STR(", "));
	d->key_sep = jinja_str(d->rt, TL_STR(": "));
	if (v.kind == V_NONE || v.kind == V_MISSING)
		return;
	if (!jinja_is_iterable(v))
		jinja_throw(d->rt, "TypeError",
		    "cannot unpack non-iterable %s object", jinja_type_name(v));
	s = jinja_list_of(d->rt, v, V_LIST).seq;
	if (s->n != 2)
		jinja_throw(d->rt, "ValueError",
		    s->n < 2
			? "not enough values to unpack (expected 2, got %zu)"
			: "too many values to unpack (expected 2), got %zu",
		    s->n);
	d->item_sep = jinja_str_arg(d->rt, s->v[0], "item separator");
	d->key_sep = jinja_str_arg(d->rt, s->v[1], "key separator");
}

/* What jinja2 itself does: escaped for HTML, keys sorted, marked. */
static val
stock_tojson(struct rt *rt, val v, const struct args *args)
{
	static const char *const escapes[][2] = { { "<", "\\u003c" },
		{ ">", "\\u003e" }, { "&", "\\u0026" }, { "'", "\\u0027" } };
	struct sink out = { 0 };
	struct dumper d = {
		.rt = rt, .out = &out, .ascii = true, .sort_keys = true
	};
	val indent;

	jinja_bind(rt, "do_tojson", "indent?", args, 2, &indent, 1);
	set_indent(&d, indent);
	set_separators(&d, jinja_none());
	put_value(&d, v, 0);
	v = jinja_take(rt, &out);
	for (size_t i = 0; i < TL_COUNT(escapes); i++)
		v = jinja_replace(rt, v, jinja_cstr(rt, escapes[i][0]),
		    jinja_cstr(rt, escapes[i][1]), -1);
	return jinja_mark(v);
}

val
jinja_tojson(struct rt *rt, val v, const struct args *args)
{
	struct sink out = { 0 };
	struct dumper d = { .rt = rt, .out = &out };
	val a[4];

	if ((rt->t->flags & (JINJA_PLAIN | JINJA_STOCK_TOJSON)) != 0)
		return stock_tojson(rt, v, args);

	jinja_bind(rt, "tojson", "ensure_ascii? indent? separators? sort_keys?",
	    args, 1, a, 4);
	d.ascii = a[0].kind != V_MISSING && jinja_truth(rt, a[0]);
	d.sort_keys = a[3].kind != V_MISSING && jinja_truth(rt, a[3]);
	set_indent(&d, a[1]);
	set_separators(&d, a[2]);
	put_value(&d, v, 0);
	return jinja_take(rt, &out);
}
