/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object.c - what all values have: a type, truth, equality, order, a hash.
 */
#include "template/jinja/rt.h"

#include <math.h>

#define MAX_NESTING 900u /* Python's recursion limit, about */

/* --- types --------------------------------------------------------------- */

static const char *
iter_type(val v)
{
	return ((const struct iter *)v.p)->type;
}

const char *
jinja_type_name(val v)
{
	switch ((enum val_kind)v.kind) {
	case V_MISSING:
	case V_UNDEF:
		return "Undefined";
	case V_NONE:
		return "NoneType";
	case V_BOOL:
		return "bool";
	case V_INT:
	case V_BIG:
		return "int";
	case V_FLOAT:
		return "float";
	case V_STR:
		return jinja_is_marked(v) ? "Markup" : "str";
	case V_LIST:
		return "list";
	case V_TUPLE:
		return (v.flags & VF_GROUP) != 0 ? "_GroupTuple" : "tuple";
	case V_DICT:
		return "dict";
	case V_RANGE:
		return "range";
	case V_VIEW:
		return v.sub == W_KEYS	? "dict_keys"
		    : v.sub == W_VALUES ? "dict_values"
					: "dict_items";
	case V_ITER:
		return iter_type(v);
	case V_NS:
		return "Namespace";
	case V_FUNC:
		return v.sub == F_CLASS ? "type" : "function";
	case V_METHOD:
		return "builtin_function_or_method";
	case V_MACRO:
		return "Macro";
	case V_LOOP:
		return "LoopContext";
	case V_CYCLER:
		return "Cycler";
	case V_JOINER:
		return "Joiner";
	case V_SELF:
		return "TemplateReference";
	case V_BLOCK:
		return "BlockReference";
	}
	return "object";
}

/* Enough of the type for a later message: kind and marks. */
uint32_t
jinja_type_code(val v)
{
	return v.kind | (uint32_t)v.sub << 8 | (uint32_t)v.flags << 16;
}

const char *
jinja_type_of_code(uint32_t code, bool *is_object)
{
	val v = { .kind = (uint8_t)code,
		.sub = (uint8_t)(code >> 8),
		.flags = (uint8_t)(code >> 16) };

	*is_object = true;
	switch (v.kind) {
	case V_NONE:
		*is_object = false;
		return "None";
	case V_ITER:
		return "generator";
	case V_STR:
		return jinja_is_marked(v) ? "markupsafe.Markup" : "str";
	case V_NS:
		return "jinja2.utils.Namespace";
	case V_MACRO:
		return "jinja2.runtime.Macro";
	case V_LOOP:
		return "jinja2.runtime.LoopContext";
	case V_CYCLER:
		return "jinja2.utils.Cycler";
	case V_JOINER:
		return "jinja2.utils.Joiner";
	default:
		return jinja_type_name(v);
	}
}

/* --- JSON ---------------------------------------------------------------- */

static uint32_t
add_origin(struct rt *rt, const struct tl_json *node)
{
	if (rt->norigins == rt->cap_origins) {
		uint32_t cap = rt->cap_origins > 0 ? rt->cap_origins * 2 : 32;
		const struct tl_json **v = jinja_array(rt, cap, sizeof(*v));

		if (rt->norigins > 0)
			memcpy(v, rt->origins, rt->norigins * sizeof(*v));
		rt->origins = v;
		rt->cap_origins = cap;
	}
	rt->origins[rt->norigins++] = node;
	return rt->norigins;
}

static val
number(struct rt *rt, const struct tl_json *node)
{
	val v;

	for (size_t i = 0; i < node->text.len; i++) {
		char c = node->text.ptr[i];

		if (c == '.' || c == 'e' || c == 'E')
			return jinja_float(jinja_strtod(node->text));
	}
	jinja_step(rt, node->text.len * node->text.len / 1024);
	if (!jinja_int_parse(rt->arena, node->text, 10, &v))
		jinja_throw(rt, "ValueError",
		    "Exceeds the limit (4300 digits) for integer string "
		    "conversion: value has %zu digits",
		    node->text.len);
	return v;
}

val
jinja_from_json(struct rt *rt, const struct tl_json *node)
{
	val v = { 0 };

	switch (node->kind) {
	case TL_JSON_NULL:
		v.kind = V_NONE;
		v.aux = add_origin(rt, node);
		break;
	case TL_JSON_FALSE:
	case TL_JSON_TRUE:
		v = jinja_bool(node->kind == TL_JSON_TRUE);
		v.aux = add_origin(rt, node);
		break;
	case TL_JSON_NUMBER:
		v = number(rt, node);
		v.aux = add_origin(rt, node);
		break;
	case TL_JSON_STRING:
		v.kind = V_STR;
		v.sub = S_JSON;
		v.json = node;
		break;
	case TL_JSON_ARRAY:
		v.kind = V_LIST;
		v.sub = L_JSON;
		v.json = node;
		break;
	case TL_JSON_OBJECT:
		v.kind = V_DICT;
		v.sub = D_JSON;
		v.json = node;
		break;
	}
	return v;
}

/* --- truth --------------------------------------------------------------- */

bool
jinja_truth(struct rt *rt, val v)
{
	switch ((enum val_kind)v.kind) {
	case V_MISSING:
	case V_UNDEF:
	case V_NONE:
		return false;
	case V_BOOL:
		return v.b;
	case V_INT:
		return v.i != 0;
	case V_FLOAT:
		return v.f != 0.0;
	case V_STR:
		return jinja_len(v) > 0;
	case V_LIST:
	case V_TUPLE:
		if (v.sub == L_TURNS && v.seq->n > 0)
			jinja_note_there(rt, ((const struct turns *)v.p)->base);
		return v.sub == L_JSON ? v.json->nchildren > 0 : v.seq->n > 0;
	case V_DICT:
		return jinja_dict_len(rt, v) > 0;
	case V_RANGE:
		return ((const struct range *)v.p)->n > 0;
	case V_VIEW:
	case V_LOOP:
		return jinja_length(rt, v) > 0;
	default:
		return true;
	}
}

bool
jinja_same(val a, val b)
{
	if (a.kind != b.kind)
		return false;
	switch ((enum val_kind)a.kind) {
	case V_NONE:
		return true;
	case V_BOOL:
		return a.b == b.b;
	case V_INT: /* CPython keeps the small ones */
		return a.i == b.i && a.i >= -5 && a.i <= 256;
	case V_STR:
	case V_LIST:
	case V_TUPLE:
	case V_DICT:
		return a.sub == b.sub && a.p == b.p;
	default:
		return a.p == b.p && a.kind != V_FLOAT;
	}
}

/* --- equality ------------------------------------------------------------ */

static bool equal(struct rt *rt, val a, val b, unsigned depth);

static bool
seq_equal(struct rt *rt, val a, val b, unsigned depth)
{
	const struct seq *x = jinja_seq(rt, a), *y = jinja_seq(rt, b);

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++) {
		if (!equal(rt, x->v[i], y->v[i], depth))
			return false;
	}
	return true;
}

static bool
dict_equal(struct rt *rt, val a, val b, unsigned depth)
{
	struct dict *x = jinja_dict(rt, a), *y = jinja_dict(rt, b);

	if (x->n != y->n)
		return false;
	for (uint32_t i = 0; i < x->n; i++) {
		struct dict_entry *e = jinja_dict_find(rt, y, x->v[i].key);

		if (e == NULL || !equal(rt, x->v[i].value, e->value, depth))
			return false;
	}
	return true;
}

static bool
number_equal(val a, val b)
{
	if (a.kind == V_FLOAT && b.kind == V_FLOAT)
		return a.f == b.f;
	if (a.kind == V_FLOAT || b.kind == V_FLOAT) {
		val i = a.kind == V_FLOAT ? b : a;
		double f = a.kind == V_FLOAT ? a.f : b.f;

		/* Exact below 2^53; beyond, the float is an integer too. */
		if (i.kind == V_BIG || i.i > (int64_t)1 << 53 ||
		    i.i < -((int64_t)1 << 53)) {
			double g =
			    i.kind == V_BOOL ? i.b : jinja_int_to_float(i);

			return g == f && isfinite(f) &&
			    (i.kind != V_INT ||
				(f < 9223372036854775808.0 &&
				    (int64_t)f == i.i));
		}
		return (i.kind == V_BOOL ? (double)i.b : (double)i.i) == f;
	}
	return jinja_int_cmp(a, b) == 0;
}

static bool
is_number(val v)
{
	return v.kind == V_FLOAT || jinja_is_int(v);
}

static bool
equal(struct rt *rt, val a, val b, unsigned depth)
{
	jinja_step(rt, 1);
	if (depth > MAX_NESTING)
		jinja_throw(rt, "RecursionError",
		    "maximum recursion depth exceeded in comparison");
	if (is_number(a) && is_number(b))
		return number_equal(a, b);
	if (a.kind != b.kind)
		return false;
	switch ((enum val_kind)a.kind) {
	case V_MISSING:
	case V_UNDEF:
	case V_NONE:
		return true;
	case V_STR:
		jinja_step(rt, jinja_len(a) / 4096);
		return jinja_len(a) == jinja_len(b) &&
		    tl_str_eq(jinja_bytes(rt, a), jinja_bytes(rt, b));
	case V_LIST:
	case V_TUPLE:
		return seq_equal(rt, a, b, depth + 1);
	case V_DICT:
		return dict_equal(rt, a, b, depth + 1);
	case V_RANGE:
		return jinja_range_equal(a.p, b.p);
	case V_VIEW:
		if (a.sub == W_VALUES || b.sub == W_VALUES)
			return a.p == b.p && a.sub == b.sub;
		return a.sub == b.sub &&
		    dict_equal(rt, (val){ .kind = V_DICT, .p = a.p },
			(val){ .kind = V_DICT, .p = b.p }, depth + 1);
	case V_METHOD: {
		const struct bound *x = a.p, *y = b.p;

		return x->method == y->method && jinja_same(x->self, y->self);
	}
	default:
		return a.p == b.p;
	}
}

bool
jinja_equal(struct rt *rt, val a, val b)
{
	if (a.kind == V_STR && b.kind == V_STR) {
		size_t len = jinja_len(a);

		if (len > 4096)
			jinja_step(rt, len / 4096);
		return len == jinja_len(b) &&
		    memcmp(jinja_bytes(rt, a).ptr, jinja_bytes(rt, b).ptr,
			len) == 0;
	}
	return equal(rt, a, b, 0);
}

/* --- order --------------------------------------------------------------- */

static _Noreturn void
no_order(struct rt *rt, val a, val b, const char *op)
{
	if (a.kind == V_UNDEF)
		jinja_throw_undef(rt, a);
	if (b.kind == V_UNDEF)
		jinja_throw_undef(rt, b);
	jinja_throw(rt, "TypeError",
	    "'%s' not supported between instances of '%s' and '%s'", op,
	    jinja_type_name(a), jinja_type_name(b));
}

static int
number_compare(val a, val b, bool *is_nan)
{
	double x, y;

	if (a.kind != V_FLOAT && b.kind != V_FLOAT)
		return jinja_int_cmp(a, b);
	x = a.kind == V_FLOAT ? a.f : jinja_int_to_float(a);
	y = b.kind == V_FLOAT ? b.f : jinja_int_to_float(b);
	*is_nan = isnan(x) || isnan(y);
	return (x > y) - (x < y);
}

/* Bytes in UTF-8 order are in code point order, lone surrogates too. */
static int
compare(
    struct rt *rt, val a, val b, const char *op, unsigned depth, bool *is_nan)
{
	jinja_step(rt, 1);
	if (depth > MAX_NESTING)
		jinja_throw(rt, "RecursionError",
		    "maximum recursion depth exceeded in comparison");
	if (is_number(a) && is_number(b))
		return number_compare(a, b, is_nan);
	if (a.kind == V_STR && b.kind == V_STR) {
		jinja_step(rt, jinja_len(a) / 4096);
		return tl_str_cmp(jinja_bytes(rt, a), jinja_bytes(rt, b));
	}
	if (a.kind == b.kind && (a.kind == V_LIST || a.kind == V_TUPLE)) {
		const struct seq *x = jinja_seq(rt, a), *y = jinja_seq(rt, b);

		for (size_t i = 0; i < x->n && i < y->n; i++) {
			if (!equal(rt, x->v[i], y->v[i], depth + 1))
				return compare(rt, x->v[i], y->v[i], op,
				    depth + 1, is_nan);
		}
		return (x->n > y->n) - (x->n < y->n);
	}
	no_order(rt, a, b, op);
}

static bool
holds(int c, const char *op)
{
	bool or_equal = op[1] == '=';

	return (or_equal && c == 0) || (op[0] == '<' ? c < 0 : c > 0);
}

/* a op b for <, <=, >, >=; sets order by inclusion for dict views. */
bool
jinja_less(struct rt *rt, val a, val b, const char *op)
{
	bool is_nan = false;
	int c = compare(rt, a, b, op, 0, &is_nan);

	return !is_nan && holds(c, op);
}

/* --- membership ---------------------------------------------------------- */

static bool
in_seq(struct rt *rt, const struct seq *s, val item)
{
	for (size_t i = 0; i < s->n; i++) {
		if (jinja_same(s->v[i], item) || jinja_equal(rt, s->v[i], item))
			return true;
	}
	return false;
}

static bool
in_str(struct rt *rt, val text, val part)
{
	if (part.kind != V_STR)
		jinja_throw(rt, "TypeError",
		    "'in <string>' requires string as left operand, not %s",
		    jinja_type_name(part));
	return jinja_find(rt, jinja_bytes(rt, text), jinja_bytes(rt, part),
		   0) != TL_NPOS;
}

static bool
in_view(struct rt *rt, val view, val item)
{
	struct dict *d = view.dict;
	const struct seq *pair;
	struct dict_entry *e;

	if (view.sub == W_KEYS)
		return jinja_dict_find(rt, d, item) != NULL;
	if (view.sub == W_VALUES) {
		for (uint32_t i = 0; i < d->n; i++) {
			if (jinja_equal(rt, d->v[i].value, item))
				return true;
		}
		return false;
	}
	if (item.kind != V_TUPLE)
		return false;
	pair = jinja_seq(rt, item);
	if (pair->n != 2)
		return false;
	e = jinja_dict_find(rt, d, pair->v[0]);
	return e != NULL && jinja_equal(rt, e->value, pair->v[1]);
}

bool
jinja_contains(struct rt *rt, val c, val item)
{
	struct iter it;
	val v;

	switch ((enum val_kind)c.kind) {
	case V_STR:
		return in_str(rt, c, item);
	case V_LIST:
	case V_TUPLE:
		return in_seq(rt, jinja_seq(rt, c), item);
	case V_DICT:
		return jinja_dict_get(rt, c, item).kind != V_MISSING;
	case V_RANGE:
		return jinja_range_find(rt, c.p, item) >= 0;
	case V_VIEW:
		return in_view(rt, c, item);
	case V_UNDEF:
		return false;
	default:
		break;
	}
	if (!jinja_is_iterable(c))
		jinja_throw(rt, "TypeError",
		    "argument of type '%s' is not iterable",
		    jinja_type_name(c));
	jinja_iter(rt, &it, c);
	while (jinja_next_item(rt, &it, &v)) {
		if (jinja_equal(rt, v, item))
			return true;
	}
	return false;
}

/* --- hashes -------------------------------------------------------------- */

static uint64_t
hash(struct rt *rt, val v, unsigned depth)
{
	uint64_t h = 0x345678;
	const struct seq *s;

	if (depth > MAX_NESTING)
		jinja_throw(
		    rt, "RecursionError", "maximum recursion depth exceeded");
	switch ((enum val_kind)v.kind) {
	case V_MISSING:
	case V_UNDEF:
		return 0x11;
	case V_NONE:
		return 0x22;
	case V_BOOL:
		return jinja_int_hash(jinja_int(v.b));
	case V_INT:
	case V_BIG:
		return jinja_int_hash(v);
	case V_FLOAT: /* equal numbers, equal hashes */
		if (jinja_float_to_int(rt->arena, v.f, &v))
			return jinja_int_hash(v);
		return 0x33;
	case V_STR:
		jinja_step(rt, jinja_len(v) / 1024);
		return tl_str_hash(jinja_bytes(rt, v));
	case V_TUPLE:
		s = jinja_seq(rt, v);
		for (size_t i = 0; i < s->n; i++)
			h = h * 1000003 ^ hash(rt, s->v[i], depth + 1);
		return h;
	case V_VIEW:
		if (v.sub == W_VALUES)
			return (uint64_t)(uintptr_t)v.p >> 3;
		/* fall through */
	case V_LIST:
	case V_DICT:
		jinja_throw(rt, "TypeError", "unhashable type: '%s'",
		    jinja_type_name(v));
	default:
		return (uint64_t)(uintptr_t)v.p >> 3;
	}
}

uint64_t
jinja_hash(struct rt *rt, val v)
{
	return hash(rt, v, 0);
}

bool
jinja_is_hashable(struct rt *rt, val v)
{
	const struct seq *s;

	if (v.kind == V_LIST || v.kind == V_DICT ||
	    (v.kind == V_VIEW && v.sub != W_VALUES))
		return false;
	if (v.kind != V_TUPLE)
		return true;
	s = jinja_seq(rt, v);
	for (size_t i = 0; i < s->n; i++) {
		jinja_step(rt, 1);
		if (!jinja_is_hashable(rt, s->v[i]))
			return false;
	}
	return true;
}

/* --- length -------------------------------------------------------------- */

bool
jinja_has_length(val v)
{
	switch ((enum val_kind)v.kind) {
	case V_UNDEF:
	case V_STR:
	case V_LIST:
	case V_TUPLE:
	case V_DICT:
	case V_RANGE:
	case V_VIEW:
	case V_LOOP:
		return true;
	default:
		return false;
	}
}

size_t
jinja_length(struct rt *rt, val v)
{
	switch ((enum val_kind)v.kind) {
	case V_UNDEF:
		return 0;
	case V_STR:
		return jinja_str_count(rt, v);
	case V_LIST:
	case V_TUPLE:
		return v.sub == L_JSON ? v.json->nchildren
				       : jinja_seq(rt, v)->n;
	case V_DICT:
		return jinja_dict_len(rt, v);
	case V_RANGE:
		return (size_t)((const struct range *)v.p)->n;
	case V_VIEW:
		return v.dict->n;
	case V_LOOP:
		return (size_t)jinja_loop_attr(
		    rt, (struct loop *)(uintptr_t)v.p, TL_STR("length"))
		    .i;
	default:
		jinja_throw(rt, "TypeError", "object of type '%s' has no len()",
		    jinja_type_name(v));
	}
}
