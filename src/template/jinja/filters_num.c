/* SPDX-License-Identifier: Apache-2.0 */
/* filters_num.c - int, float, round, abs, sum, min, max. */
#include "template/jinja/rt.h"

#include <math.h>
#include <stdio.h>

/* --- reading numbers ----------------------------------------------------- */

/* int(text, base): digits of any script, single underscores between them. */
static bool
int_of_text(struct rt *rt, tl_str s, unsigned base, val *out)
{
	struct tl_buf b;
	bool can_underscore = false;
	size_t ndigits = 0, i = 0;

	s = jinja_strip(s);
	tl_buf_init(&b, rt->arena, 0);
	if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
		tl_buf_putc(&b, s.ptr[i++]);
	if (s.len - i > 2 && s.ptr[i] == '0') {
		char x = (char)(s.ptr[i + 1] | 0x20);
		unsigned named = x == 'x' ? 16
		    : x == 'o'		  ? 8
		    : x == 'b'		  ? 2
					  : 0;

		if (named != 0 && (base == 0 || base == named)) {
			base = named;
			i += 2;
			can_underscore = true;
		}
	}
	if (base == 0)
		base = 10;
	while (i < s.len) {
		uint32_t cp;
		int d;

		i += jinja_next(s, i, &cp);
		if (cp == '_' && can_underscore) {
			can_underscore = false;
			continue;
		}
		d = jinja_digit_value(cp);
		if (d < 0 && (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z')
			d = (int)((cp | 0x20) - 'a') + 10;
		if (d < 0 || d >= (int)base)
			return false;
		tl_buf_putc(
		    &b, d < 10 ? (char)('0' + d) : (char)('a' + d - 10));
		can_underscore = true;
		ndigits++;
	}
	jinja_step(rt, ndigits * ndigits / 1024);
	return ndigits > 0 && can_underscore &&
	    jinja_int_parse(rt->arena, tl_buf_str(&b), base, out);
}

static bool
is_digits(const char *p, size_t *i, size_t n, size_t *ndigits)
{
	bool can_underscore = false;

	for (; *i < n; (*i)++) {
		if (p[*i] >= '0' && p[*i] <= '9') {
			(*ndigits)++;
			can_underscore = true;
		} else if (p[*i] == '_' && can_underscore && *i + 1 < n &&
		    p[*i + 1] >= '0' && p[*i + 1] <= '9') {
			can_underscore = false;
		} else {
			break;
		}
	}
	return true;
}

static bool
float_word(tl_str s, double *out)
{
	bool is_negative = s.len > 0 && s.ptr[0] == '-';
	tl_str word = s;

	if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
		word = tl_str_slice(s, 1, s.len);
	if (tl_str_eq_nocase(word, TL_STR("inf")) ||
	    tl_str_eq_nocase(word, TL_STR("infinity")))
		*out = is_negative ? -(double)INFINITY : (double)INFINITY;
	else if (tl_str_eq_nocase(word, TL_STR("nan")))
		*out = is_negative ? -(double)NAN : (double)NAN;
	else
		return false;
	return true;
}

/* float(text) */
static bool
float_of_text(struct rt *rt, tl_str s, double *out)
{
	struct tl_buf b;
	size_t i = 0, whole = 0, part = 0, expo = 0;

	s = jinja_strip(s);
	if (float_word(s, out))
		return true;
	tl_buf_init(&b, rt->arena, 0);
	for (size_t k = 0; k < s.len;) {
		uint32_t cp;
		int d;

		k += jinja_next(s, k, &cp);
		d = jinja_digit_value(cp);
		if (d >= 0)
			tl_buf_putc(&b, (char)('0' + d));
		else if (cp < 0x80)
			tl_buf_putc(&b, (char)cp);
		else
			return false;
	}
	s = tl_buf_str(&b);
	if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
		i++;
	is_digits(s.ptr, &i, s.len, &whole);
	if (i < s.len && s.ptr[i] == '.') {
		i++;
		is_digits(s.ptr, &i, s.len, &part);
	}
	if (whole + part == 0)
		return false;
	if (i < s.len && (s.ptr[i] | 0x20) == 'e') {
		i++;
		if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
			i++;
		is_digits(s.ptr, &i, s.len, &expo);
		if (expo == 0)
			return false;
	}
	if (i != s.len)
		return false;
	{
		size_t n = 0;

		for (size_t k = 0; k < b.len; k++) {
			if (b.ptr[k] != '_')
				b.ptr[n++] = b.ptr[k];
		}
		*out = jinja_strtod((tl_str){ b.ptr, n });
	}
	return true;
}

bool
jinja_float_of(struct rt *rt, val v, double *out)
{
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (v.kind == V_FLOAT)
		*out = v.f;
	else if (jinja_is_int(v))
		*out = jinja_int_to_float(v);
	else
		return v.kind == V_STR &&
		    float_of_text(rt, jinja_bytes(rt, v), out);
	if (isinf(*out) && v.kind == V_BIG)
		jinja_throw(
		    rt, "OverflowError", "int too large to convert to float");
	return true;
}

static val
float_to_int(struct rt *rt, double f, val fallback)
{
	val v;

	return jinja_float_to_int(rt->arena, f, &v) ? v : fallback;
}

static val
do_int(struct rt *rt, val v, val *a)
{
	val fallback = a[0].kind == V_MISSING ? jinja_int(0) : a[0], out;
	int64_t base = 10;
	double f;

	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (a[1].kind != V_MISSING &&
	    (!jinja_index(a[1], &base) || base < 0 || base == 1 || base > 36))
		base = -1;
	if (v.kind == V_STR && base >= 0 &&
	    int_of_text(rt, jinja_bytes(rt, v), (unsigned)base, &out))
		return out;
	if (jinja_is_int(v)) {
		v.aux = 0;
		return v.kind == V_BOOL ? jinja_int(v.b) : v;
	}
	if (v.kind == V_FLOAT)
		return float_to_int(rt, v.f, fallback);
	if (!jinja_float_of(rt, v, &f))
		return fallback;
	return float_to_int(rt, f, fallback);
}

static val
do_float(struct rt *rt, val v, val *a)
{
	double f;

	if (jinja_float_of(rt, v, &f))
		return jinja_float(f);
	return a[0].kind == V_MISSING ? jinja_float(0.0) : a[0];
}

/* --- round and abs ------------------------------------------------------- */

static val
do_abs(struct rt *rt, val v, val *a)
{
	(void)a;
	if (v.kind == V_FLOAT)
		return jinja_float(fabs(v.f));
	if (v.kind == V_UNDEF)
		jinja_throw(
		    rt, "TypeError", "bad operand type for abs(): 'Undefined'");
	if (!jinja_is_int(v))
		jinja_throw(rt, "TypeError", "bad operand type for abs(): '%s'",
		    jinja_type_name(v));
	return jinja_negate(rt, v, jinja_int_sign(v) >= 0);
}

/* round(f, digits): correct in decimal, halves to even. */
static double
round_decimal(double f, int64_t digits)
{
	char text[420];

	if (!isfinite(f) || digits > 322)
		return f;
	if (digits < -308)
		return copysign(0.0, f);
	if (digits >= 0) {
		snprintf(text, sizeof(text), "%.*f", (int)digits, f);
		return jinja_strtod(tl_str_from(text));
	}
	{
		double scale = pow(10.0, (double)-digits);
		double q = f / scale, r = round(q);

		if (fabs(q - r) == 0.5)
			r = 2.0 * round(q / 2.0);
		return r * scale;
	}
}

static val
round_int(struct rt *rt, val v, int64_t digits)
{
	val ten = jinja_int(10), scale, q, r, twice;
	int c;

	if (v.kind == V_BOOL)
		v = jinja_int(v.b);
	v.aux = 0;
	if (digits >= 0)
		return v;
	scale = jinja_arith(
	    rt, N_POW, ten, jinja_int_neg(rt->arena, jinja_int(digits)));
	jinja_int_divmod(rt->arena, v, scale, &q, &r);
	twice = jinja_int_add(rt->arena, r, r);
	c = jinja_int_cmp(twice, scale);
	if (c > 0 || (c == 0 && jinja_int_is_odd(q)))
		q = jinja_int_add(rt->arena, q, jinja_int(1));
	return jinja_int_mul(rt->arena, q, scale);
}

/* round(f, none) is an int. */
static val
round_to_int(struct rt *rt, double f)
{
	val v;

	if (!jinja_float_to_int(rt->arena, round_decimal(f, 0), &v))
		jinja_throw(rt, isnan(f) ? "ValueError" : "OverflowError",
		    "cannot convert float %s to integer",
		    isnan(f) ? "NaN" : "infinity");
	return v;
}

static val
do_round(struct rt *rt, val v, val *a)
{
	tl_str method = TL_STR("common");
	int64_t digits = 0;
	bool is_common;
	val power, scaled;
	double f;

	if (a[1].kind == V_STR)
		method = jinja_bytes(rt, a[1]);
	if ((a[1].kind != V_STR && a[1].kind != V_MISSING) ||
	    (!tl_str_eq(method, TL_STR("common")) &&
		!tl_str_eq(method, TL_STR("ceil")) &&
		!tl_str_eq(method, TL_STR("floor"))))
		jinja_throw(rt, "FilterArgumentError",
		    "method must be common, ceil or floor");
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	is_common = tl_str_eq(method, TL_STR("common"));
	if (a[0].kind == V_NONE && is_common && v.kind == V_FLOAT)
		return round_to_int(rt, v.f);
	if (a[0].kind != V_MISSING && !jinja_index(a[0], &digits) &&
	    is_common && (a[0].kind != V_NONE || !jinja_is_int(v)))
		jinja_throw(rt, "TypeError",
		    "'%s' object cannot be interpreted as an integer",
		    jinja_type_name(a[0]));
	if (v.kind != V_FLOAT && !jinja_is_int(v))
		jinja_throw(rt, "TypeError",
		    "type %s doesn't define __round__ method",
		    jinja_type_name(v));
	if (is_common)
		return v.kind == V_FLOAT
		    ? jinja_float(round_decimal(v.f, digits))
		    : round_int(rt, v, digits);
	power = jinja_arith(rt, N_POW, jinja_int(10),
	    a[0].kind == V_MISSING ? jinja_int(0) : a[0]);
	scaled = jinja_arith(rt, N_MUL, v, power);
	if (scaled.kind == V_FLOAT) {
		f = method.ptr[0] == 'c' ? ceil(scaled.f) : floor(scaled.f);
		if (!jinja_float_to_int(rt->arena, f, &scaled))
			jinja_throw(rt,
			    isnan(f) ? "ValueError" : "OverflowError",
			    "cannot convert float %s to integer",
			    isnan(f) ? "NaN" : "infinity");
	}
	return jinja_arith(rt, N_DIV, scaled, power);
}

/* --- sum, min, max ------------------------------------------------------- */

static val
do_sum(struct rt *rt, val v, val *a)
{
	val total = a[1].kind == V_MISSING ? jinja_int(0) : a[1];
	struct attr_path *path = NULL;
	struct iter it;

	if (a[0].kind != V_MISSING && a[0].kind != V_NONE)
		path = jinja_attr_path(rt, a[0]);
	if (total.kind == V_STR)
		jinja_throw(rt, "TypeError",
		    "sum() can't sum strings [use ''.join(seq) instead]");
	jinja_iter(rt, &it, v);
	for (val item; jinja_next_item(rt, &it, &item);) {
		if (path != NULL)
			item = jinja_attr_get(rt, path, item, NULL);
		total = jinja_add(rt, total, item);
	}
	return total;
}

static val
best_of(struct rt *rt, val v, val *a, const char *op)
{
	bool case_sensitive = a[0].kind != V_MISSING && jinja_truth(rt, a[0]);
	struct attr_path *path = jinja_attr_path(rt, a[1]);
	val best, best_key = { 0 }, item;
	struct iter it;

	jinja_iter(rt, &it, v);
	if (!jinja_next_item(rt, &it, &best))
		return jinja_undef_hint(
		    "No aggregated item, sequence was empty.");
	item = best;
	do {
		val key = jinja_attr_get(rt, path, item, NULL);

		if (!case_sensitive && key.kind == V_STR)
			key = jinja_map_case(rt, key, 'l');
		if (best_key.kind == V_MISSING ||
		    jinja_less(rt, key, best_key, op)) {
			best = item;
			best_key = key;
		}
	} while (jinja_next_item(rt, &it, &item));
	return best;
}

static val
do_min(struct rt *rt, val v, val *a)
{
	return best_of(rt, v, a, "<");
}

static val
do_max(struct rt *rt, val v, val *a)
{
	return best_of(rt, v, a, ">");
}

const struct filter jinja_filters_num[] = {
	{ "abs", "abs", "/", { .fn = do_abs } },
	{ "float", "do_float", "default?", { .fn = do_float } },
	{ "int", "do_int", "default? base?", { .fn = do_int } },
	{ "max", "do_max", "case_sensitive? attribute?", { .fn = do_max } },
	{ "min", "do_min", "case_sensitive? attribute?", { .fn = do_min } },
	{ "round", "do_round", "precision? method?", { .fn = do_round } },
	{ "sum", "sync_do_sum", "attribute? start?", { .fn = do_sum } },
	{ NULL, NULL, NULL, { NULL } },
};
