/* SPDX-License-Identifier: Apache-2.0 */
/* methods_seq.c - the methods of lists, dicts, numbers; finding a method. */
#include "template/jinja/rt.h"

#include <math.h>

/* --- lists --------------------------------------------------------------- */

static val
l_copy(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_list_of(rt, v, V_LIST);
}

static val
l_count(struct rt *rt, val v, val *a)
{
	const struct seq *s = jinja_seq(rt, v);
	int64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += jinja_equal(rt, s->v[i], a[0]);
	return jinja_int(n);
}

static int64_t
clamp(val v, int64_t fallback, int64_t n)
{
	int64_t i = fallback;

	jinja_index(v, &i);
	if (i < 0)
		i += n;
	return i < 0 ? 0 : i > n ? n : i;
}

static val
l_index(struct rt *rt, val v, val *a)
{
	const struct seq *s = jinja_seq(rt, v);
	int64_t n = (int64_t)s->n;

	for (int64_t i = clamp(a[1], 0, n); i < clamp(a[2], n, n); i++) {
		if (jinja_equal(rt, s->v[i], a[0]))
			return jinja_int(i);
	}
	if (v.kind == V_TUPLE)
		jinja_throw(rt, "ValueError", "tuple.index(x): x not in tuple");
	jinja_throw(rt, "ValueError", "%s is not in list",
	    tl_arena_cstr(rt->arena, jinja_bytes(rt, jinja_repr(rt, a[0]))));
}

static const struct method list_methods[] = {
	{ "copy", "/", { .fn = l_copy } },
	{ "count", "/value", { .fn = l_count } },
	{ "index", "/value start? stop?", { .fn = l_index } },
	{ NULL, NULL, { NULL } },
};

/* A tuple has no copy(). */
static const struct method *const tuple_methods = &list_methods[1];

/* --- dicts --------------------------------------------------------------- */

static val
d_get(struct rt *rt, val v, val *a)
{
	val found = jinja_dict_get(rt, v, a[0]);

	if (found.kind != V_MISSING)
		return found;
	return a[1].kind == V_MISSING ? jinja_none() : a[1];
}

static val
view(struct rt *rt, val v, int what)
{
	return (val){
		.kind = V_VIEW, .sub = (uint8_t)what, .dict = jinja_dict(rt, v)
	};
}

static val
d_items(struct rt *rt, val v, val *a)
{
	(void)a;
	return view(rt, v, W_ITEMS);
}

static val
d_keys(struct rt *rt, val v, val *a)
{
	(void)a;
	return view(rt, v, W_KEYS);
}

static val
d_values(struct rt *rt, val v, val *a)
{
	(void)a;
	return view(rt, v, W_VALUES);
}

static val
d_copy(struct rt *rt, val v, val *a)
{
	const struct dict *from = jinja_dict(rt, v);
	struct dict *d = jinja_new_dict(rt, from->n);

	(void)a;
	for (uint32_t i = 0; i < from->n; i++)
		jinja_dict_put(rt, d, from->v[i].key, from->v[i].value);
	return (val){ .kind = V_DICT, .dict = d };
}

static val
d_fromkeys(struct rt *rt, val v, val *a)
{
	struct dict *d = jinja_new_dict(rt, 8);
	struct iter it;

	(void)v;
	jinja_iter(rt, &it, a[0]);
	for (val key; jinja_next_item(rt, &it, &key);)
		jinja_dict_put(
		    rt, d, key, a[1].kind == V_MISSING ? jinja_none() : a[1]);
	return (val){ .kind = V_DICT, .dict = d };
}

static const struct method dict_methods[] = {
	{ "get", "/key default?", { .fn = d_get } },
	{ "items", "/", { .fn = d_items } },
	{ "keys", "/", { .fn = d_keys } },
	{ "values", "/", { .fn = d_values } },
	{ "copy", "/", { .fn = d_copy } },
	{ "fromkeys", "/iterable value?", { .fn = d_fromkeys } },
	{ NULL, NULL, { NULL } },
};

/* --- numbers ------------------------------------------------------------- */

static val
n_is_integer(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return jinja_bool(isfinite(v.f) && floor(v.f) == v.f);
}

static val
n_bit_length(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return jinja_int((int64_t)jinja_int_bits(v));
}

static val
n_bit_count(struct rt *rt, val v, val *a)
{
	int64_t n = 0;
	val q = v, r;

	(void)a;
	if (jinja_int_sign(q) < 0)
		q = jinja_int_neg(rt->arena, q);
	while (jinja_int_sign(q) != 0) {
		jinja_step(rt, 1 + jinja_int_bits(q) / 32);
		jinja_int_divmod(rt->arena, q, jinja_int(2), &q, &r);
		n += jinja_int_sign(r);
	}
	return jinja_int(n);
}

static val
n_conjugate(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_negate(rt, v, true);
}

static val
n_as_integer_ratio(struct rt *rt, val v, val *a)
{
	val *out, t = jinja_new_seq(rt, V_TUPLE, 2, &out);
	int exponent;
	double f;

	(void)a;
	if (v.kind != V_FLOAT) {
		out[0] = jinja_negate(rt, v, true);
		out[1] = jinja_int(1);
		return t;
	}
	if (!isfinite(v.f))
		jinja_throw(rt, isnan(v.f) ? "ValueError" : "OverflowError",
		    "cannot convert %s to integer ratio",
		    isnan(v.f) ? "NaN" : "Infinity");
	f = frexp(v.f, &exponent);
	for (int i = 0; i < 300 && f != floor(f); i++) {
		f *= 2.0;
		exponent--;
	}
	jinja_float_to_int(rt->arena, f, &out[0]);
	out[1] = jinja_int(1);
	{
		val two = jinja_arith(rt, N_POW, jinja_int(2),
		    jinja_int(exponent < 0 ? -exponent : exponent));

		if (exponent > 0)
			out[0] = jinja_int_mul(rt->arena, out[0], two);
		else
			out[1] = two;
	}
	return t;
}

static val
n_hex(struct rt *rt, val v, const struct args *args)
{
	(void)v;
	(void)args;
	jinja_throw(rt, "NotImplementedError",
	    "hexadecimal and byte forms of numbers are not rendered here");
}

static const struct method int_methods[] = {
	{ "as_integer_ratio", "/", { .fn = n_as_integer_ratio } },
	{ "bit_count", "/", { .fn = n_bit_count } },
	{ "bit_length", "/", { .fn = n_bit_length } },
	{ "conjugate", "/", { .fn = n_conjugate } },
	{ "from_bytes", NULL, { .raw = n_hex } },
	{ "to_bytes", NULL, { .raw = n_hex } },
	{ NULL, NULL, { NULL } },
};

static const struct method float_methods[] = {
	{ "as_integer_ratio", "/", { .fn = n_as_integer_ratio } },
	{ "conjugate", "/", { .fn = n_conjugate } },
	{ "fromhex", NULL, { .raw = n_hex } },
	{ "hex", NULL, { .raw = n_hex } },
	{ "is_integer", "/", { .fn = n_is_integer } },
	{ NULL, NULL, { NULL } },
};

/* --- ranges, views, cyclers ---------------------------------------------- */

static val
r_count(struct rt *rt, val v, val *a)
{
	return jinja_int(jinja_contains(rt, v, a[0]));
}

static val
r_index(struct rt *rt, val v, val *a)
{
	int64_t i = jinja_range_find(rt, v.p, a[0]);

	if (i < 0)
		jinja_throw(rt, "ValueError", "%s is not in range",
		    tl_arena_cstr(
			rt->arena, jinja_bytes(rt, jinja_repr(rt, a[0]))));
	return jinja_int(i);
}

static const struct method range_methods[] = {
	{ "count", "/value", { .fn = r_count } },
	{ "index", "/value", { .fn = r_index } },
	{ NULL, NULL, { NULL } },
};

static val
v_isdisjoint(struct rt *rt, val v, val *a)
{
	struct iter it;

	jinja_iter(rt, &it, a[0]);
	for (val item; jinja_next_item(rt, &it, &item);) {
		if (jinja_contains(rt, v, item))
			return jinja_bool(false);
	}
	return jinja_bool(true);
}

static const struct method view_methods[] = {
	{ "isdisjoint", "/other", { .fn = v_isdisjoint } },
	{ NULL, NULL, { NULL } },
};

/* A cycler is its items with the position behind them. */
static val
c_next(struct rt *rt, val v, val *a)
{
	struct seq *s = v.seq;
	int64_t at = s->v[s->n - 1].i;

	(void)rt;
	(void)a;
	s->v[s->n - 1].i = (at + 1) % ((int64_t)s->n - 1);
	return s->v[at];
}

static val
c_reset(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	v.seq->v[v.seq->n - 1].i = 0;
	return jinja_none();
}

static const struct method cycler_methods[] = {
	{ "next", "/", { .fn = c_next } },
	{ "reset", "/", { .fn = c_reset } },
	{ NULL, NULL, { NULL } },
};

/* --- finding ------------------------------------------------------------- */

static const struct method *
find(const struct method *m, tl_str name)
{
	for (; m != NULL && m->name != NULL; m++) {
		if (tl_str_eq(name, tl_str_from(m->name)))
			return m;
	}
	return NULL;
}

static const struct method *
methods_of(val v)
{
	switch ((enum val_kind)v.kind) {
	case V_STR:
		return jinja_str_methods;
	case V_LIST:
		return list_methods;
	case V_TUPLE:
		return tuple_methods;
	case V_DICT:
		return dict_methods;
	case V_INT:
	case V_BIG:
	case V_BOOL:
		return int_methods;
	case V_FLOAT:
		return float_methods;
	case V_RANGE:
		return range_methods;
	case V_VIEW:
		return v.sub == W_VALUES ? NULL : view_methods;
	case V_CYCLER:
		return cycler_methods;
	default:
		return NULL;
	}
}

const struct method *
jinja_find_method(val v, tl_str name)
{
	return find(methods_of(v), name);
}

static bool
is_one_of(tl_str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (tl_str_eq(name, tl_str_from(list[i])))
			return true;
	}
	return false;
}

bool
jinja_is_mutator(val v, tl_str name)
{
	static const char *const of_list[] = { "append", "clear", "extend",
		"insert", "pop", "remove", "reverse", "sort" };
	static const char *const of_dict[] = { "clear", "pop", "popitem",
		"setdefault", "update" };

	if (v.kind == V_LIST)
		return is_one_of(name, of_list, TL_COUNT(of_list));
	return v.kind == V_DICT && is_one_of(name, of_dict, TL_COUNT(of_dict));
}

bool
jinja_is_dict_attr(tl_str name)
{
	return (name.len > 0 && name.ptr[0] == '_') ||
	    find(dict_methods, name) != NULL ||
	    jinja_is_mutator((val){ .kind = V_DICT }, name);
}
