/* SPDX-License-Identifier: Apache-2.0 */
/* repr.c - str() and repr(). */
#include "template/jinja/rt.h"

#include <stdio.h>

#define MAX_NESTING 900u

static void
put_escape(
    struct rt *rt, struct sink *s, uint32_t cp, const struct tl_json *origin)
{
	char text[12];
	int n;

	switch (cp) {
	case '\n':
		n = snprintf(text, sizeof(text), "\\n");
		break;
	case '\r':
		n = snprintf(text, sizeof(text), "\\r");
		break;
	case '\t':
		n = snprintf(text, sizeof(text), "\\t");
		break;
	case '\\':
	case '\'':
	case '"':
		n = snprintf(text, sizeof(text), "\\%c", (int)cp);
		break;
	default:
		n = snprintf(text, sizeof(text),
		    cp < 0x100	       ? "\\x%02x"
			: cp < 0x10000 ? "\\u%04x"
				       : "\\U%08x",
		    (unsigned)cp);
	}
	jinja_put_derived(rt, s, (tl_str){ text, (size_t)n }, origin);
}

static void
put_str_repr(struct rt *rt, struct sink *s, val v)
{
	tl_str bytes = jinja_bytes(rt, v);
	bool has_single = tl_str_find_char(bytes, '\'', 0) != TL_NPOS;
	bool has_double = tl_str_find_char(bytes, '"', 0) != TL_NPOS;
	char quote = has_single && !has_double ? '"' : '\'';
	const struct tl_json *origin = jinja_origin(rt, v);
	size_t clean = 0;

	jinja_step(rt, bytes.len / 64);
	jinja_put_derived(rt, s, (tl_str){ &quote, 1 }, origin);
	for (size_t i = 0, n; i < bytes.len; i += n) {
		uint32_t cp;

		n = jinja_next(bytes, i, &cp);
		if (cp == '\\' || cp == (uint32_t)quote ||
		    !jinja_is_printable(cp)) {
			jinja_put_slice(rt, s, v, clean, i);
			put_escape(rt, s, cp, origin);
			clean = i + n;
		}
	}
	jinja_put_slice(rt, s, v, clean, bytes.len);
	jinja_put_derived(rt, s, (tl_str){ &quote, 1 }, origin);
}

static void
put_text(struct rt *rt, struct sink *s, const char *text, val v)
{
	jinja_put_derived(rt, s, tl_str_from(text), jinja_origin(rt, v));
}

static void
put_number(struct rt *rt, struct sink *s, val v)
{
	char text[40];
	struct tl_buf b;

	if (v.kind == V_FLOAT) {
		jinja_put_derived(rt, s,
		    (tl_str){ text, jinja_float_repr(v.f, text) },
		    jinja_origin(rt, v));
		return;
	}
	if (v.kind == V_BIG) /* the work grows with the square of the size */
		jinja_step(rt, jinja_int_bits(v) / 16);
	tl_buf_init(&b, rt->arena, 0);
	if (!jinja_int_put(&b, v))
		jinja_throw(rt, "ValueError",
		    "Exceeds the limit (4300 digits) for integer string "
		    "conversion");
	jinja_put_derived(rt, s, tl_buf_str(&b), jinja_origin(rt, v));
}

static void
put_items(struct rt *rt, struct sink *s, val v, unsigned depth)
{
	const struct seq *q = jinja_seq(rt, v);
	bool is_list = v.kind == V_LIST;

	jinja_put_lit(rt, s, is_list ? TL_STR("[") : TL_STR("("));
	for (size_t i = 0; i < q->n; i++) {
		if (i > 0)
			jinja_put_lit(rt, s, TL_STR(", "));
		jinja_put_repr(rt, s, q->v[i], depth + 1);
	}
	if (!is_list && q->n == 1)
		jinja_put_lit(rt, s, TL_STR(","));
	jinja_put_lit(rt, s, is_list ? TL_STR("]") : TL_STR(")"));
}

static void
put_dict(struct rt *rt, struct sink *s, const struct dict *d, unsigned depth)
{
	jinja_put_lit(rt, s, TL_STR("{"));
	for (uint32_t i = 0; i < d->n; i++) {
		if (i > 0)
			jinja_put_lit(rt, s, TL_STR(", "));
		jinja_put_repr(rt, s, d->v[i].key, depth + 1);
		jinja_put_lit(rt, s, TL_STR(": "));
		jinja_put_repr(rt, s, d->v[i].value, depth + 1);
	}
	jinja_put_lit(rt, s, TL_STR("}"));
}

static void
put_view(struct rt *rt, struct sink *s, val v, unsigned depth)
{
	jinja_put_lit(rt, s,
	    v.sub == W_KEYS	    ? TL_STR("dict_keys(")
		: v.sub == W_VALUES ? TL_STR("dict_values(")
				    : TL_STR("dict_items("));
	put_items(rt, s, jinja_list_of(rt, v, V_LIST), depth);
	jinja_put_lit(rt, s, TL_STR(")"));
}

/* Things that print an address in Python; a template that does so is wrong
 * anyway, and the address is not to be had. */
static void
put_object(struct rt *rt, struct sink *s, const char *what)
{
	jinja_put_copy(rt, s,
	    tl_str_from(tl_arena_printf(rt->arena, "<%s at 0x0>", what)));
}

static void
put_global(struct rt *rt, struct sink *s, const struct global *g)
{
	if (g->class == NULL)
		put_object(
		    rt, s, tl_arena_printf(rt->arena, "function %s", g->name));
	else
		jinja_put_copy(rt, s,
		    tl_str_from(
			tl_arena_printf(rt->arena, "<class '%s'>", g->class)));
}

static void
put_macro(struct rt *rt, struct sink *s, const struct macro *m)
{
	jinja_put_lit(rt, s, TL_STR("<Macro "));
	if (m->info->name == NULL)
		jinja_put_lit(rt, s, TL_STR("anonymous"));
	else
		put_str_repr(rt, s,
		    (val){ .kind = V_STR,
			.str = (struct jstr *)(uintptr_t)m->info->name });
	jinja_put_lit(rt, s, TL_STR(">"));
}

static void
put_loop(struct rt *rt, struct sink *s, val v)
{
	const struct loop *l = v.p;
	size_t n = jinja_length(rt, v);

	jinja_put_copy(rt, s,
	    tl_str_from(tl_arena_printf(rt->arena, "<LoopContext %lld/%zu>",
		(long long)l->index0 + 1, n)));
}

static void
put_method(struct rt *rt, struct sink *s, const struct bound *b)
{
	put_object(rt, s,
	    tl_arena_printf(rt->arena, "built-in method %s of %s object",
		b->method->name, jinja_type_name(b->self)));
}

void
jinja_put_repr(struct rt *rt, struct sink *s, val v, unsigned depth)
{
	jinja_step(rt, 1);
	if (depth > MAX_NESTING)
		jinja_throw(rt, "RecursionError",
		    "maximum recursion depth exceeded while getting the repr "
		    "of an object");
	switch ((enum val_kind)v.kind) {
	case V_MISSING:
	case V_UNDEF:
		jinja_put_lit(rt, s, TL_STR("Undefined"));
		break;
	case V_NONE:
		put_text(rt, s, "None", v);
		break;
	case V_BOOL:
		put_text(rt, s, v.b ? "True" : "False", v);
		break;
	case V_INT:
	case V_BIG:
	case V_FLOAT:
		put_number(rt, s, v);
		break;
	case V_STR:
		if (jinja_is_marked(v))
			jinja_put_lit(rt, s, TL_STR("Markup("));
		put_str_repr(rt, s, v);
		if (jinja_is_marked(v))
			jinja_put_lit(rt, s, TL_STR(")"));
		break;
	case V_LIST:
	case V_TUPLE:
		put_items(rt, s, v, depth);
		break;
	case V_DICT:
		put_dict(rt, s, jinja_dict(rt, v), depth);
		break;
	case V_RANGE:
		jinja_put_range(rt, s, v.p);
		break;
	case V_VIEW:
		put_view(rt, s, v, depth);
		break;
	case V_NS:
		if (jinja_has_unsettled(rt))
			jinja_note_unsettled(rt);
		jinja_put_lit(rt, s, TL_STR("<Namespace "));
		put_dict(rt, s, v.dict, depth);
		jinja_put_lit(rt, s, TL_STR(">"));
		break;
	case V_MACRO:
		put_macro(rt, s, v.p);
		break;
	case V_LOOP:
		put_loop(rt, s, v);
		break;
	case V_METHOD:
		put_method(rt, s, v.p);
		break;
	case V_FUNC:
		put_global(rt, s, v.p);
		break;
	case V_ITER:
		put_object(rt, s,
		    tl_arena_printf(
			rt->arena, "%s object", jinja_type_name(v)));
		break;
	case V_CYCLER:
		put_object(rt, s, "jinja2.utils.Cycler object");
		break;
	case V_JOINER:
		put_object(rt, s, "jinja2.utils.Joiner object");
		break;
	case V_SELF:
		jinja_put_lit(rt, s, TL_STR("<TemplateReference None>"));
		break;
	case V_BLOCK:
		put_object(rt, s, "jinja2.runtime.BlockReference object");
		break;
	}
}

void
jinja_print(struct rt *rt, struct sink *s, val v)
{
	if (v.kind == V_STR)
		jinja_put_str(rt, s, v);
	else if (v.kind != V_UNDEF && v.kind != V_MISSING)
		jinja_put_repr(rt, s, v, 0);
}

val
jinja_to_str(struct rt *rt, val v)
{
	struct sink s = { 0 };

	if (v.kind == V_STR)
		return v;
	jinja_print(rt, &s, v);
	return jinja_take(rt, &s);
}

val
jinja_repr(struct rt *rt, val v)
{
	struct sink s = { 0 };

	jinja_put_repr(rt, &s, v, 0);
	return jinja_take(rt, &s);
}
