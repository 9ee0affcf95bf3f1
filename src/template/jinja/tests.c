/* SPDX-License-Identifier: Apache-2.0 */
/* tests.c - what may stand behind `is`. */
#include "template/jinja/rt.h"

static bool
is_defined(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind != V_UNDEF;
}

static bool
is_undefined(struct rt *rt, val v, val *a)
{
	return !is_defined(rt, v, a);
}

static bool
is_none(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_NONE;
}

static bool
is_boolean(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_BOOL;
}

static bool
is_true(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_BOOL && v.b;
}

static bool
is_false(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_BOOL && !v.b;
}

static bool
is_integer(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_INT || v.kind == V_BIG;
}

static bool
is_float(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_FLOAT;
}

static bool
is_number(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_FLOAT || jinja_is_int(v);
}

static bool
is_string(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_STR;
}

static bool
is_mapping(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return v.kind == V_DICT;
}

/* Has len() and []: Undefined has both, a set-like view has no []. */
static bool
is_sequence(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return jinja_has_length(v) && v.kind != V_VIEW && v.kind != V_LOOP;
}

static bool
is_iterable(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return jinja_is_iterable(v) || v.kind == V_SELF;
}

static bool
is_callable(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	/* Undefined has a __call__, though one that fails. */
	return v.kind == V_FUNC || v.kind == V_METHOD || v.kind == V_MACRO ||
	    v.kind == V_LOOP || v.kind == V_JOINER || v.kind == V_BLOCK ||
	    v.kind == V_UNDEF;
}

static bool
is_sameas(struct rt *rt, val v, val *a)
{
	(void)rt;
	return jinja_same(v, a[0]);
}

static bool
is_escaped(struct rt *rt, val v, val *a)
{
	(void)rt;
	(void)a;
	return jinja_is_marked(v);
}

static bool
is_lower(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_islower(rt, jinja_to_str(rt, v));
}

static bool
is_upper(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_isupper(rt, jinja_to_str(rt, v));
}

static bool
is_in(struct rt *rt, val v, val *a)
{
	return jinja_contains(rt, a[0], v);
}

static bool
mod_is(struct rt *rt, val v, val by, int64_t want)
{
	return jinja_equal(rt, jinja_arith(rt, N_MOD, v, by), jinja_int(want));
}

static bool
is_odd(struct rt *rt, val v, val *a)
{
	(void)a;
	return mod_is(rt, v, jinja_int(2), 1);
}

static bool
is_even(struct rt *rt, val v, val *a)
{
	(void)a;
	return mod_is(rt, v, jinja_int(2), 0);
}

static bool
is_divisibleby(struct rt *rt, val v, val *a)
{
	return mod_is(rt, v, a[0], 0);
}

static bool
is_eq(struct rt *rt, val v, val *a)
{
	return jinja_equal(rt, v, a[0]);
}

static bool
is_ne(struct rt *rt, val v, val *a)
{
	return !jinja_equal(rt, v, a[0]);
}

static bool
is_lt(struct rt *rt, val v, val *a)
{
	return jinja_less(rt, v, a[0], "<");
}

static bool
is_le(struct rt *rt, val v, val *a)
{
	return jinja_less(rt, v, a[0], "<=");
}

static bool
is_gt(struct rt *rt, val v, val *a)
{
	return jinja_less(rt, v, a[0], ">");
}

static bool
is_ge(struct rt *rt, val v, val *a)
{
	return jinja_less(rt, v, a[0], ">=");
}

/* value in a dict of names: the value has to be hashable. */
static tl_str
hashed_name(struct rt *rt, val v)
{
	jinja_hash(rt, v);
	return v.kind == V_STR ? jinja_bytes(rt, v) : TL_STR("");
}

static bool
is_filter(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_find_filter(hashed_name(rt, v)) != NULL;
}

static bool
is_test(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_find_test(hashed_name(rt, v)) != NULL;
}

/* Sorted by name. */
static const struct test tests[] = {
	{ "!=", "ne", "/b", is_ne },
	{ "<", "lt", "/b", is_lt },
	{ "<=", "le", "/b", is_le },
	{ "==", "eq", "/b", is_eq },
	{ ">", "gt", "/b", is_gt },
	{ ">=", "ge", "/b", is_ge },
	{ "boolean", "test_boolean", "", is_boolean },
	{ "callable", "callable", "/", is_callable },
	{ "defined", "test_defined", "", is_defined },
	{ "divisibleby", "test_divisibleby", "num", is_divisibleby },
	{ "eq", "eq", "/b", is_eq },
	{ "equalto", "eq", "/b", is_eq },
	{ "escaped", "test_escaped", "", is_escaped },
	{ "even", "test_even", "", is_even },
	{ "false", "test_false", "", is_false },
	{ "filter", "test_filter", "", is_filter },
	{ "float", "test_float", "", is_float },
	{ "ge", "ge", "/b", is_ge },
	{ "greaterthan", "gt", "/b", is_gt },
	{ "gt", "gt", "/b", is_gt },
	{ "in", "test_in", "seq", is_in },
	{ "integer", "test_integer", "", is_integer },
	{ "iterable", "test_iterable", "", is_iterable },
	{ "le", "le", "/b", is_le },
	{ "lessthan", "lt", "/b", is_lt },
	{ "lower", "test_lower", "", is_lower },
	{ "lt", "lt", "/b", is_lt },
	{ "mapping", "test_mapping", "", is_mapping },
	{ "ne", "ne", "/b", is_ne },
	{ "none", "test_none", "", is_none },
	{ "number", "test_number", "", is_number },
	{ "odd", "test_odd", "", is_odd },
	{ "sameas", "test_sameas", "other", is_sameas },
	{ "sequence", "test_sequence", "", is_sequence },
	{ "string", "test_string", "", is_string },
	{ "test", "test_test", "", is_test },
	{ "true", "test_true", "", is_true },
	{ "undefined", "test_undefined", "", is_undefined },
	{ "upper", "test_upper", "", is_upper },
};

const struct test *
jinja_find_test(tl_str name)
{
	size_t lo = 0, hi = TL_COUNT(tests);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = tl_str_cmp(name, tl_str_from(tests[mid].name));

		if (c == 0)
			return &tests[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
