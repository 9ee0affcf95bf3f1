/* SPDX-License-Identifier: Apache-2.0 */
/* arith.c - + - * / // % **, unary minus and slices. */
#include "template/jinja/rt.h"

#include <math.h>

#define MAX_INT_BITS ((size_t)1 << 20)

static const char *
symbol(enum node_op op)
{
	switch (op) {
	case N_ADD:
		return "+";
	case N_SUB:
		return "-";
	case N_MUL:
		return "*";
	case N_DIV:
		return "/";
	case N_FLOORDIV:
		return "//";
	case N_MOD:
		return "%";
	default:
		return "** or pow()";
	}
}

static _Noreturn void
unsupported(struct rt *rt, enum node_op op, val a, val b)
{
	if (a.kind == V_UNDEF)
		jinja_throw_undef(rt, a);
	if (b.kind == V_UNDEF)
		jinja_throw_undef(rt, b);
	jinja_throw(rt, "TypeError",
	    "unsupported operand type(s) for %s: '%s' and '%s'", symbol(op),
	    jinja_type_name(a), jinja_type_name(b));
}

static bool
is_number(val v)
{
	return v.kind == V_FLOAT || jinja_is_int(v);
}

static double
as_float(struct rt *rt, val v)
{
	double f;

	if (v.kind == V_FLOAT)
		return v.f;
	f = jinja_int_to_float(v);
	if (isinf(f))
		jinja_throw(
		    rt, "OverflowError", "int too large to convert to float");
	return f;
}

/* Strip what ties a number to the record: a result is the template's. */
static val
plain(val v)
{
	v.aux = 0;
	return v;
}

/* --- addition ------------------------------------------------------------ */

static val
add_seq(struct rt *rt, val a, val b)
{
	const struct seq *x = jinja_seq(rt, a), *y = jinja_seq(rt, b);
	val *v, sum;

	jinja_step(rt, (x->n + y->n) / 8);
	sum = jinja_new_seq(rt, (enum val_kind)a.kind, x->n + y->n, &v);
	if (x->n > 0)
		memcpy(v, x->v, x->n * sizeof(val));
	if (y->n > 0)
		memcpy(v + x->n, y->v, y->n * sizeof(val));
	return sum;
}

static val
add_str(struct rt *rt, val a, val b)
{
	bool is_marked = jinja_is_marked(a) || jinja_is_marked(b);
	val both[2];

	both[0] = is_marked ? jinja_escape(rt, a) : a;
	both[1] = is_marked ? jinja_escape(rt, b) : b;
	both[0] = jinja_concat(rt, both, 2);
	return is_marked ? jinja_mark(both[0]) : both[0];
}

val
jinja_add(struct rt *rt, val a, val b)
{
	if (a.kind == V_STR && b.kind == V_STR)
		return add_str(rt, a, b);
	if (jinja_is_int(a) && jinja_is_int(b))
		return jinja_int_add(rt->arena, plain(a), plain(b));
	if (is_number(a) && is_number(b))
		return jinja_float(as_float(rt, a) + as_float(rt, b));
	if ((a.kind == V_LIST || a.kind == V_TUPLE) && a.kind == b.kind)
		return add_seq(rt, a, b);
	if (a.kind == V_UNDEF || b.kind == V_UNDEF || jinja_is_marked(a) ||
	    jinja_is_marked(b))
		unsupported(rt, N_ADD, a, b);
	if (a.kind == V_STR)
		jinja_throw(rt, "TypeError",
		    "can only concatenate str (not \"%s\") to str",
		    jinja_type_name(b));
	if (a.kind == V_LIST || a.kind == V_TUPLE)
		jinja_throw(rt, "TypeError",
		    "can only concatenate %s (not \"%s\") to %s",
		    jinja_type_name(a), jinja_type_name(b), jinja_type_name(a));
	unsupported(rt, N_ADD, a, b);
}

/* --- repetition ---------------------------------------------------------- */

/* The template's own text, as one piece. */
static val
repeat_bytes(struct rt *rt, val v, int64_t n)
{
	size_t len = v.str->len, total;
	struct sink s = { 0 };
	struct seg g = v.str->one;
	char *p;

	if (n > 0) {
		if (tl_mul_overflows(len, (size_t)n, &total) ||
		    total > rt->max_bytes)
			jinja_limit(rt, "more text than is allowed");
		jinja_step(rt, total / 256);
		p = jinja_array(rt, total, 1);
		for (size_t at = 0; at < total; at += len)
			memcpy(p + at, v.str->ptr, len);
		g.ptr = p;
		g.len = (uint32_t)total;
		jinja_put_seg(rt, &s, &g);
	}
	v.str = jinja_take(rt, &s).str;
	return v;
}

val
jinja_repeat(struct rt *rt, val v, int64_t n)
{
	struct sink s = { 0 };
	const struct seq *q;
	val *out, list;
	size_t total;

	if (v.kind == V_STR && v.sub == S_STR && v.str->nsegs == 1 &&
	    v.str->one.kind == TL_RUN_TEMPLATE)
		return repeat_bytes(rt, v, n);
	if (v.kind == V_STR) {
		for (int64_t i = 0; i < n && jinja_len(v) > 0; i++) {
			jinja_step(rt, 1);
			jinja_put_str(rt, &s, v);
		}
		list = jinja_take(rt, &s);
		return jinja_is_marked(v) ? jinja_mark(list) : list;
	}
	q = jinja_seq(rt, v);
	if (n < 0 || q->n == 0)
		n = 0;
	if (tl_mul_overflows(q->n, (size_t)n, &total))
		jinja_throw(rt, "MemoryError", "list too long");
	jinja_step(rt, total / 8);
	list = jinja_new_seq(rt, (enum val_kind)v.kind, total, &out);
	for (size_t i = 0; i < total; i++)
		out[i] = q->v[i % q->n];
	return list;
}

static bool
is_sequence(val v)
{
	return v.kind == V_STR || v.kind == V_LIST || v.kind == V_TUPLE;
}

static val
multiply_sequence(struct rt *rt, val s, val n, val a, val b)
{
	int64_t times;

	if (!jinja_is_int(n)) {
		if (n.kind == V_UNDEF)
			jinja_throw_undef(rt, n);
		if (jinja_is_marked(s) && is_sequence(n))
			unsupported(rt, N_MUL, a, b);
		jinja_throw(rt, "TypeError",
		    "can't multiply sequence by non-int of type '%s'",
		    jinja_type_name(n));
	}
	if (!jinja_index(n, &times)) {
		jinja_throw(rt, "OverflowError",
		    "cannot fit 'int' into an index-sized integer");
	}
	return jinja_repeat(rt, s, times);
}

/* --- numbers ------------------------------------------------------------- */

static val
float_divmod(double x, double y, bool want_quotient)
{
	double mod = fmod(x, y), div = (x - mod) / y;

	if (mod != 0.0) {
		if ((y < 0) != (mod < 0)) {
			mod += y;
			div -= 1.0;
		}
	} else {
		mod = copysign(0.0, y);
	}
	if (!want_quotient)
		return jinja_float(mod);
	if (div == 0.0)
		return jinja_float(copysign(0.0, x / y));
	x = floor(div);
	return jinja_float(div - x > 0.5 ? x + 1.0 : x);
}

static val
float_op(struct rt *rt, enum node_op op, double x, double y)
{
	if (y == 0.0 && (op == N_DIV || op == N_FLOORDIV || op == N_MOD))
		jinja_throw(rt, "ZeroDivisionError",
		    op == N_DIV		   ? "float division by zero"
			: op == N_FLOORDIV ? "float floor division by zero"
					   : "float modulo");
	switch (op) {
	case N_SUB:
		return jinja_float(x - y);
	case N_MUL:
		return jinja_float(x * y);
	case N_DIV:
		return jinja_float(x / y);
	default:
		return float_divmod(x, y, op == N_FLOORDIV);
	}
}

static void
check_size(struct rt *rt, size_t bits)
{
	if (bits > MAX_INT_BITS)
		jinja_limit(rt, "a number larger than is allowed");
	jinja_step(rt, 1 + (bits / 32) * (bits / 32) / 64);
}

static val
true_divide(struct rt *rt, val a, val b)
{
	double x = jinja_int_to_float(a), y = jinja_int_to_float(b);

	if (isinf(x) || isinf(y)) {
		/* Shift both down together; enough bits stay for a double. */
		size_t bits = jinja_int_bits(a) > jinja_int_bits(b)
		    ? jinja_int_bits(b)
		    : jinja_int_bits(a);
		val scale = jinja_int(1), rest;

		if (jinja_int_bits(a) > jinja_int_bits(b) + 1030)
			jinja_throw(rt, "OverflowError",
			    "integer division result too large for a float");
		bits = bits > 200 ? bits - 200 : 0;
		check_size(rt, bits);
		for (size_t i = 0; i < bits; i++)
			scale = jinja_int_add(rt->arena, scale, scale);
		jinja_int_divmod(rt->arena, a, scale, &a, &rest);
		jinja_int_divmod(rt->arena, b, scale, &b, &rest);
		x = jinja_int_to_float(a);
		y = jinja_int_to_float(b);
	}
	return jinja_float(x / y);
}

static val
int_power(struct rt *rt, val base, val exponent)
{
	val result = jinja_int(1);
	int64_t e;
	size_t bits = jinja_int_bits(base);

	if (bits <= 1 && jinja_int_sign(exponent) >= 0) { /* -1, 0, 1 */
		if (jinja_int_sign(exponent) == 0)
			return result;
		if (jinja_int_sign(base) < 0 && !jinja_int_is_odd(exponent))
			return result;
		return jinja_int(jinja_int_sign(base));
	}
	if (!jinja_index(exponent, &e) || (size_t)e > MAX_INT_BITS ||
	    bits * (size_t)e > MAX_INT_BITS)
		jinja_limit(rt, "a number larger than is allowed");
	for (; e > 0; e >>= 1) {
		check_size(rt, jinja_int_bits(base));
		if ((e & 1) != 0)
			result = jinja_int_mul(rt->arena, result, base);
		if (e > 1)
			base = jinja_int_mul(rt->arena, base, base);
	}
	return result;
}

static val
float_power(struct rt *rt, double x, double y)
{
	double r;

	if (x == 0.0 && y < 0.0)
		jinja_throw(rt, "ZeroDivisionError",
		    "0.0 cannot be raised to a negative power");
	if (x < 0.0 && isfinite(x) && isfinite(y) && y != floor(y))
		jinja_limit(rt, "complex numbers are not supported");
	r = pow(x, y);
	if (isinf(r) && isfinite(x) && isfinite(y))
		jinja_throw(rt, "OverflowError",
		    "(34, 'Numerical result out of range')");
	return jinja_float(r);
}

static val
int_op(struct rt *rt, enum node_op op, val a, val b)
{
	val q, r;

	if (a.kind == V_BIG || b.kind == V_BIG)
		check_size(rt, jinja_int_bits(a) + jinja_int_bits(b));
	if (op == N_SUB)
		return jinja_int_sub(rt->arena, a, b);
	if (op == N_MUL)
		return jinja_int_mul(rt->arena, a, b);
	if (jinja_int_sign(b) == 0)
		jinja_throw(rt, "ZeroDivisionError",
		    op == N_DIV ? "division by zero"
			: op == N_FLOORDIV
			? "integer division or modulo by zero"
			: "integer modulo by zero");
	if (op == N_DIV)
		return true_divide(rt, a, b);
	jinja_int_divmod(rt->arena, a, b, &q, &r);
	return op == N_FLOORDIV ? q : r;
}

static val
power(struct rt *rt, val a, val b)
{
	if (!is_number(a) || !is_number(b))
		unsupported(rt, N_POW, a, b);
	if (jinja_is_int(a) && jinja_is_int(b)) {
		if (jinja_int_sign(b) >= 0)
			return int_power(rt, a, b);
		if (jinja_int_sign(a) == 0)
			jinja_throw(rt, "ZeroDivisionError",
			    "0.0 cannot be raised to a negative power");
	}
	return float_power(rt, as_float(rt, a), as_float(rt, b));
}

val
jinja_arith(struct rt *rt, enum node_op op, val a, val b)
{
	a = a.kind == V_UNDEF ? a : plain(a);
	b = b.kind == V_UNDEF ? b : plain(b);
	if (op == N_POW)
		return power(rt, a, b);
	if (jinja_is_int(a) && jinja_is_int(b))
		return int_op(rt, op, a, b);
	if (is_number(a) && is_number(b))
		return float_op(rt, op, as_float(rt, a), as_float(rt, b));
	if (op == N_MUL && is_sequence(a))
		return multiply_sequence(rt, a, b, a, b);
	if (op == N_MUL && is_sequence(b))
		return multiply_sequence(rt, b, a, a, b);
	if (op == N_MOD && a.kind == V_STR)
		return jinja_percent(rt, a, b);
	unsupported(rt, op, a, b);
}

val
jinja_negate(struct rt *rt, val v, bool is_plus)
{
	if (v.kind == V_FLOAT)
		return jinja_float(is_plus ? v.f : -v.f);
	if (v.kind == V_BOOL)
		return jinja_int(is_plus ? v.b : -(int64_t)v.b);
	if (jinja_is_int(v))
		return is_plus ? plain(v) : jinja_int_neg(rt->arena, v);
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	jinja_throw(rt, "TypeError", "bad operand type for unary %s: '%s'",
	    is_plus ? "+" : "-", jinja_type_name(v));
}

/* --- slices -------------------------------------------------------------- */

bool
jinja_index(val v, int64_t *out)
{
	if (v.kind == V_BOOL)
		*out = v.b;
	else if (v.kind == V_INT)
		*out = v.i;
	else
		return false;
	return true;
}

/* A bound, clamped like Python's; fallback for none. */
static int64_t
bound(struct rt *rt, val v, int64_t fallback, int64_t n, int64_t low,
    int64_t high)
{
	int64_t i;

	if (v.kind == V_NONE || v.kind == V_MISSING)
		return fallback;
	if (v.kind == V_BIG)
		return v.big->is_negative ? low : high;
	if (!jinja_index(v, &i))
		jinja_throw(rt, "TypeError",
		    "slice indices must be integers or None or have an "
		    "__index__ method");
	if (i < 0)
		i += n;
	return i < low ? low : i > high ? high : i;
}

struct bounds {
	int64_t start, end, step, n;
};

static struct bounds
bounds_of(struct rt *rt, int64_t len, val start, val stop, val step)
{
	struct bounds b = { .step = 1 };
	bool is_back;

	if (step.kind == V_BIG)
		b.step = step.big->is_negative ? -len - 1 : len + 1;
	else if (step.kind != V_NONE && step.kind != V_MISSING &&
	    !jinja_index(step, &b.step))
		jinja_throw(rt, "TypeError",
		    "slice indices must be integers or None or have an "
		    "__index__ method");
	if (b.step == 0)
		jinja_throw(rt, "ValueError", "slice step cannot be zero");
	if (b.step < -INT64_MAX)
		b.step = -INT64_MAX;
	is_back = b.step < 0;
	b.start = bound(rt, start, is_back ? len - 1 : 0, len, is_back ? -1 : 0,
	    is_back ? len - 1 : len);
	b.end = bound(rt, stop, is_back ? -1 : len, len, is_back ? -1 : 0,
	    is_back ? len - 1 : len);
	if (is_back && b.start > b.end)
		b.n = (b.start - b.end - 1) / -b.step + 1;
	else if (!is_back && b.start < b.end)
		b.n = (b.end - b.start - 1) / b.step + 1;
	return b;
}

static val
slice_seq(struct rt *rt, val v, val start, val stop, val step)
{
	const struct seq *q = jinja_seq(rt, v);
	struct bounds b = bounds_of(rt, (int64_t)q->n, start, stop, step);
	val *out, r;

	jinja_step(rt, (uint64_t)b.n / 8);
	r = jinja_new_seq(rt, (enum val_kind)v.kind, (size_t)b.n, &out);
	for (int64_t i = 0; i < b.n; i++)
		out[i] = q->v[b.start + i * b.step];
	return r;
}

/* messages[1:] of a render that others branch off */
static bool
is_rest(const struct rt *rt, val v, val start, val stop, val step)
{
	return v.sub == L_TURNS && jinja_is_watched(rt) &&
	    rt->along->nlists < JINJA_MAX_LISTS && start.kind == V_INT &&
	    start.i >= 0 && start.i <= (int64_t)rt->nturns &&
	    (stop.kind == V_MISSING || stop.kind == V_NONE) &&
	    (step.kind == V_MISSING || step.kind == V_NONE);
}

static val
slice_turns(struct rt *rt, const struct turns *t, size_t start)
{
	if (start < t->seq.n)
		jinja_step(rt, (t->seq.n - start) / 8);
	return jinja_turns(rt, t->base + start);
}

static val
slice_str(struct rt *rt, val v, val start, val stop, val step)
{
	tl_str s = jinja_bytes(rt, v);
	struct bounds b =
	    bounds_of(rt, (int64_t)jinja_str_count(rt, v), start, stop, step);
	struct sink out = { 0 };
	size_t *at;
	val r;

	if (b.step == 1) {
		size_t beg, end;

		if (jinja_str_is_ascii(rt, v)) {
			beg = (size_t)b.start;
			end = beg + (size_t)b.n;
		} else {
			beg = jinja_offset(s, (size_t)b.start);
			end = beg +
			    jinja_offset(
				tl_str_slice(s, beg, s.len), (size_t)b.n);
		}
		r = jinja_slice(rt, v, beg, end);
		return jinja_is_marked(v) ? jinja_mark(r) : r;
	}
	jinja_step(rt, s.len / 8 + (uint64_t)b.n);
	at = jinja_array(rt, s.len + 1, sizeof(*at));
	for (size_t i = 0, n = 0; i <= s.len; i++) {
		if (i == s.len || ((unsigned char)s.ptr[i] & 0xc0) != 0x80)
			at[n++] = i;
	}
	for (int64_t i = 0; i < b.n; i++) {
		int64_t k = b.start + i * b.step;

		jinja_put_slice(rt, &out, v, at[k], at[k + 1]);
	}
	r = jinja_take(rt, &out);
	return jinja_is_marked(v) ? jinja_mark(r) : r;
}

static val
slice_range(struct rt *rt, const struct range *r, val start, val stop, val step)
{
	struct bounds b = bounds_of(rt, r->n, start, stop, step);

	return jinja_range_slice(
	    rt, r, b.start, b.end, jinja_is_int(step) ? step : jinja_int(1));
}

val
jinja_get_slice(struct rt *rt, val v, val start, val stop, val step)
{
	switch ((enum val_kind)v.kind) {
	case V_LIST:
	case V_TUPLE:
		if (is_rest(rt, v, start, stop, step))
			return slice_turns(rt, v.p, (size_t)start.i);
		return slice_seq(rt, v, start, stop, step);
	case V_STR:
		return slice_str(rt, v, start, stop, step);
	case V_RANGE:
		return slice_range(rt, v.p, start, stop, step);
	case V_UNDEF:
		jinja_throw_undef(rt, v);
	case V_DICT:
		jinja_throw(rt, "TypeError", "unhashable type: 'slice'");
	default:
		jinja_throw(rt, "TypeError", "'%s' object is not subscriptable",
		    jinja_type_name(v));
	}
}
