/* SPDX-License-Identifier: Apache-2.0 */
/* range.c - range(): ends of any size, at most so many numbers. */
#include "template/jinja/rt.h"

#include <math.h>

#define MAX_RANGE 100000

/* How many numbers; INT64_MAX when it is more than that. */
static int64_t
count_of(struct rt *rt, val start, val stop, val step)
{
	bool is_back = jinja_int_sign(step) < 0;
	val q, r,
	    span = is_back ? jinja_int_sub(rt->arena, start, stop)
			   : jinja_int_sub(rt->arena, stop, start);

	if (jinja_int_sign(span) <= 0)
		return 0;
	if (is_back)
		step = jinja_int_neg(rt->arena, step);
	span = jinja_int_sub(rt->arena, span, jinja_int(1));
	jinja_int_divmod(rt->arena, span, step, &q, &r);
	return q.kind == V_INT && q.i < INT64_MAX ? q.i + 1 : INT64_MAX;
}

static val
new_range(struct rt *rt, val start, val stop, val step)
{
	struct range *r = jinja_alloc(rt, sizeof(*r));

	*r = (struct range){ start, stop, step,
		count_of(rt, start, stop, step) };
	return (val){ .kind = V_RANGE, .p = r };
}

static val
range_arg(struct rt *rt, val v)
{
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (!jinja_is_int(v))
		jinja_throw(rt, "TypeError",
		    "'%s' object cannot be interpreted as an integer",
		    jinja_type_name(v));
	if (v.kind == V_BOOL)
		v = jinja_int(v.b);
	v.aux = 0;
	return v;
}

val
jinja_do_range(struct rt *rt, val self, const struct args *a)
{
	val start = jinja_int(0), stop, step = jinja_int(1), v;

	(void)self;
	jinja_no_kwargs(rt, "safe_range", a);
	jinja_arg_count(rt, "range", a, 1, 3);
	if (a->npos > 1)
		start = range_arg(rt, a->pos[0]);
	stop = range_arg(rt, a->pos[a->npos > 1]);
	if (a->npos > 2)
		step = range_arg(rt, a->pos[2]);
	if (jinja_int_sign(step) == 0)
		jinja_throw(rt, "ValueError", "range() arg 3 must not be zero");
	v = new_range(rt, start, stop, step);
	if (((const struct range *)v.p)->n > MAX_RANGE)
		jinja_throw(rt, "OverflowError",
		    "Range too big. The sandbox blocks ranges larger than "
		    "MAX_RANGE (100000).");
	return v;
}

/* The i-th number, also of places before and behind the range. */
val
jinja_range_at(struct rt *rt, const struct range *r, int64_t i)
{
	int64_t n;

	if (r->start.kind == V_INT && r->step.kind == V_INT &&
	    !__builtin_mul_overflow(r->step.i, i, &n) &&
	    !__builtin_add_overflow(r->start.i, n, &n))
		return jinja_int(n);
	return jinja_int_add(rt->arena, r->start,
	    jinja_int_mul(rt->arena, r->step, jinja_int(i)));
}

/* start and stop are clamped places, step is as it was given. */
val
jinja_range_slice(
    struct rt *rt, const struct range *r, int64_t start, int64_t stop, val step)
{
	return new_range(rt, jinja_range_at(rt, r, start),
	    jinja_range_at(rt, r, stop),
	    jinja_int_mul(rt->arena, r->step, step));
}

/* Where the item is, or -1. */
int64_t
jinja_range_find(struct rt *rt, const struct range *r, val item)
{
	val q, rest;

	if (item.kind == V_FLOAT &&
	    (!isfinite(item.f) || item.f != floor(item.f) ||
		!jinja_float_to_int(rt->arena, item.f, &item)))
		return -1;
	if (!jinja_is_int(item) || r->n == 0)
		return -1;
	jinja_int_divmod(rt->arena, jinja_int_sub(rt->arena, item, r->start),
	    r->step, &q, &rest);
	if (jinja_int_sign(rest) != 0 || q.kind != V_INT || q.i < 0 ||
	    q.i >= r->n)
		return -1;
	return q.i;
}

bool
jinja_range_equal(const struct range *x, const struct range *y)
{
	if (x->n != y->n)
		return false;
	return x->n == 0 ||
	    (jinja_int_cmp(x->start, y->start) == 0 &&
		(x->n == 1 || jinja_int_cmp(x->step, y->step) == 0));
}

val
jinja_range_attr(const struct range *r, tl_str name)
{
	if (tl_str_eq(name, TL_STR("start")))
		return r->start;
	if (tl_str_eq(name, TL_STR("stop")))
		return r->stop;
	if (tl_str_eq(name, TL_STR("step")))
		return r->step;
	return (val){ 0 };
}

void
jinja_put_range(struct rt *rt, struct sink *s, const struct range *r)
{
	struct tl_buf b;

	tl_buf_init(&b, rt->arena, 0);
	tl_buf_puts(&b, "range(");
	jinja_int_put(&b, r->start);
	tl_buf_puts(&b, ", ");
	jinja_int_put(&b, r->stop);
	if (r->step.kind != V_INT || r->step.i != 1) {
		tl_buf_puts(&b, ", ");
		jinja_int_put(&b, r->step);
	}
	tl_buf_puts(&b, ")");
	jinja_put_copy(rt, s, tl_buf_str(&b));
}
