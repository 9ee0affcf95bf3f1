/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number.c - integers of any size (sign and 32-bit limbs) and float spelling.
 *
 * Small integers stay int64_t; the general code runs only on overflow.  The
 * callers bound how large a number may become.
 */
#include "template/jinja/number.h"

#include <turnlint/str.h>

#include <assert.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- floats -------------------------------------------------------------- */

double
jinja_strtod(tl_str s)
{
	char small[64];
	char *p = s.len < sizeof(small) ? small : malloc(s.len + 1);
	const char *point = localeconv()->decimal_point;
	double f;

	if (p == NULL)
		return 0.0;
	memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	if (point[0] != '.' && point[1] == '\0') {
		for (size_t i = 0; i < s.len; i++) {
			if (p[i] == '.')
				p[i] = point[0];
		}
	}
	f = strtod(p, NULL);
	if (p != small)
		free(p);
	return f;
}

/* A decimal number: digits without a point, and where the point belongs. */
struct decimal {
	char digits[32];
	int ndigits;
	int exponent; /* of the first digit */
};

static void
to_decimal(double f, int precision, struct decimal *d)
{
	char text[48];
	int n = 0;

	snprintf(text, sizeof(text), "%.*e", precision - 1, f);
	d->exponent = atoi(strchr(text, 'e') + 1);
	for (const char *p = text; *p != 'e'; p++) {
		if (*p >= '0' && *p <= '9')
			d->digits[n++] = *p;
	}
	d->ndigits = n;
}

static double
from_decimal(const struct decimal *d)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*se%d", d->ndigits, d->digits,
	    d->exponent - d->ndigits + 1);
	return strtod(text, NULL);
}

/* The next decimal up: at a power of two the gap below is half the gap above,
 * so the nearest decimal may miss where its neighbour does not. */
static void
step_up(struct decimal *d)
{
	int i = d->ndigits - 1;

	while (i >= 0 && d->digits[i] == '9')
		d->digits[i--] = '0';
	if (i >= 0) {
		d->digits[i]++;
		return;
	}
	d->digits[0] = '1';
	d->exponent++;
}

static void
shortest(double f, struct decimal *d)
{
	int p = f < 1e-290 ? 1 : 15; /* subnormals have fewer digits */

	for (; p < 17; p++) {
		to_decimal(f, p, d);
		if (from_decimal(d) == f)
			break;
		step_up(d);
		if (from_decimal(d) == f)
			break;
	}
	if (p == 17)
		to_decimal(f, 17, d);
	while (d->ndigits > 1 && d->digits[d->ndigits - 1] == '0')
		d->ndigits--;
}

size_t
jinja_float_repr(double f, char out[40])
{
	struct decimal d;
	size_t n = 0;
	double magnitude = fabs(f);

	if (isnan(f))
		return (size_t)snprintf(out, 40, "nan");
	if (signbit(f))
		out[n++] = '-';
	if (isinf(f))
		return n + (size_t)snprintf(out + n, 40 - n, "inf");
	if (magnitude == 0.0)
		return n + (size_t)snprintf(out + n, 40 - n, "0.0");
	shortest(magnitude, &d);
	if (d.exponent < -4 || d.exponent >= 16) {
		out[n++] = d.digits[0];
		if (d.ndigits > 1) {
			out[n++] = '.';
			memcpy(out + n, d.digits + 1, (size_t)d.ndigits - 1);
			n += (size_t)d.ndigits - 1;
		}
		return n +
		    (size_t)snprintf(out + n, 40 - n, "e%c%02d",
			d.exponent < 0 ? '-' : '+', abs(d.exponent));
	}
	if (d.exponent < 0) {
		out[n++] = '0';
		out[n++] = '.';
		for (int i = -1; i > d.exponent; i--)
			out[n++] = '0';
		memcpy(out + n, d.digits, (size_t)d.ndigits);
		return n + (size_t)d.ndigits;
	}
	for (int i = 0; i <= d.exponent || i < d.ndigits; i++) {
		if (i == d.exponent + 1)
			out[n++] = '.';
		out[n++] = i < d.ndigits ? d.digits[i] : '0';
	}
	if (d.ndigits <= d.exponent + 1) {
		out[n++] = '.';
		out[n++] = '0';
	}
	return n;
}

/* --- limbs --------------------------------------------------------------- */

/* A number under work: magnitude and sign, on borrowed or own limbs. */
struct num {
	const uint32_t *limb;
	uint32_t n;
	bool is_negative;
	uint32_t own[2];
};

static struct big *
new_big(struct tl_arena *a, uint32_t n)
{
	struct big *b = tl_arena_alloc(
	    a, 1, sizeof(*b) + n * sizeof(uint32_t), _Alignof(struct big));

	b->n = n;
	return b;
}

static void
load(val v, struct num *x)
{
	uint64_t m;

	if (v.kind == V_BIG) {
		x->limb = v.big->limb;
		x->n = v.big->n;
		x->is_negative = v.big->is_negative;
		return;
	}
	if (v.kind == V_BOOL)
		v.i = v.b;
	m = v.i < 0 ? 0 - (uint64_t)v.i : (uint64_t)v.i;
	x->own[0] = (uint32_t)m;
	x->own[1] = (uint32_t)(m >> 32);
	x->limb = x->own;
	x->n = x->own[1] != 0 ? 2 : x->own[0] != 0;
	x->is_negative = v.i < 0;
}

/* Trim, and go back to int64_t when it fits. */
static val
store(struct big *b)
{
	while (b->n > 0 && b->limb[b->n - 1] == 0)
		b->n--;
	if (b->n <= 2) {
		uint64_t m = b->n > 0 ? b->limb[0] : 0;

		if (b->n == 2)
			m |= (uint64_t)b->limb[1] << 32;
		if (m <= INT64_MAX)
			return (val){ .kind = V_INT,
				.i =
				    b->is_negative ? -(int64_t)m : (int64_t)m };
		if (b->is_negative && m == (uint64_t)INT64_MAX + 1)
			return (val){ .kind = V_INT, .i = INT64_MIN };
	}
	return (val){ .kind = V_BIG, .big = b };
}

static int
cmp_magnitude(const struct num *x, const struct num *y)
{
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (uint32_t i = x->n; i-- > 0;) {
		if (x->limb[i] != y->limb[i])
			return x->limb[i] < y->limb[i] ? -1 : 1;
	}
	return 0;
}

static struct big *
add_magnitude(struct tl_arena *a, const struct num *x, const struct num *y)
{
	uint32_t n = (x->n > y->n ? x->n : y->n) + 1;
	struct big *b = new_big(a, n);
	uint64_t carry = 0;

	for (uint32_t i = 0; i < n; i++) {
		carry += (uint64_t)(i < x->n ? x->limb[i] : 0) +
		    (i < y->n ? y->limb[i] : 0);
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return b;
}

/* |x| >= |y| */
static struct big *
sub_magnitude(struct tl_arena *a, const struct num *x, const struct num *y)
{
	struct big *b = new_big(a, x->n);
	int64_t borrow = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		borrow +=
		    (int64_t)x->limb[i] - (int64_t)(i < y->n ? y->limb[i] : 0);
		b->limb[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
	return b;
}

static val
add_signed(struct tl_arena *a, const struct num *x, const struct num *y)
{
	struct big *b;

	if (x->is_negative == y->is_negative) {
		b = add_magnitude(a, x, y);
		b->is_negative = x->is_negative;
	} else if (cmp_magnitude(x, y) >= 0) {
		b = sub_magnitude(a, x, y);
		b->is_negative = x->is_negative;
	} else {
		b = sub_magnitude(a, y, x);
		b->is_negative = y->is_negative;
	}
	return store(b);
}

static bool
both_small(val *x, val *y)
{
	if (x->kind == V_BIG || y->kind == V_BIG)
		return false;
	if (x->kind == V_BOOL)
		x->i = x->b;
	if (y->kind == V_BOOL)
		y->i = y->b;
	return true;
}

val
jinja_int_add(struct tl_arena *a, val x, val y)
{
	struct num p, q;
	int64_t sum;

	if (both_small(&x, &y) && !__builtin_add_overflow(x.i, y.i, &sum))
		return (val){ .kind = V_INT, .i = sum };
	load(x, &p);
	load(y, &q);
	return add_signed(a, &p, &q);
}

val
jinja_int_sub(struct tl_arena *a, val x, val y)
{
	struct num p, q;
	int64_t diff;

	if (both_small(&x, &y) && !__builtin_sub_overflow(x.i, y.i, &diff))
		return (val){ .kind = V_INT, .i = diff };
	load(x, &p);
	load(y, &q);
	q.is_negative = !q.is_negative;
	return add_signed(a, &p, &q);
}

val
jinja_int_neg(struct tl_arena *a, val x)
{
	return jinja_int_sub(a, (val){ .kind = V_INT }, x);
}

val
jinja_int_mul(struct tl_arena *a, val x, val y)
{
	struct num p, q;
	struct big *b;
	int64_t product;

	if (both_small(&x, &y) && !__builtin_mul_overflow(x.i, y.i, &product))
		return (val){ .kind = V_INT, .i = product };
	load(x, &p);
	load(y, &q);
	b = new_big(a, p.n + q.n);
	b->is_negative = p.is_negative != q.is_negative;
	for (uint32_t i = 0; i < p.n; i++) {
		uint64_t carry = 0;

		for (uint32_t k = 0; k < q.n; k++) {
			carry +=
			    (uint64_t)p.limb[i] * q.limb[k] + b->limb[i + k];
			b->limb[i + k] = (uint32_t)carry;
			carry >>= 32;
		}
		b->limb[i + q.n] = (uint32_t)carry;
	}
	return store(b);
}

/* Divide limbs in place by a small number; the remainder. */
static uint32_t
div_small(uint32_t *limb, uint32_t n, uint32_t d)
{
	uint64_t rest = 0;

	for (uint32_t i = n; i-- > 0;) {
		rest = rest << 32 | limb[i];
		limb[i] = (uint32_t)(rest / d);
		rest %= d;
	}
	return (uint32_t)rest;
}

/* Knuth's algorithm D on normalised limbs: u (n + m + 1 limbs) by v (n limbs,
 * n >= 2, top bit set); u becomes the remainder. */
static void
div_limbs(uint32_t *u, const uint32_t *v, uint32_t n, uint32_t m, uint32_t *q)
{
	for (uint32_t j = m + 1; j-- > 0;) {
		uint64_t top = (uint64_t)u[j + n] << 32 | u[j + n - 1];
		uint64_t qhat = top / v[n - 1];
		uint64_t rhat = top % v[n - 1];
		int64_t borrow = 0;
		uint64_t carry = 0;

		while (qhat > UINT32_MAX ||
		    qhat * v[n - 2] > (rhat << 32 | u[j + n - 2])) {
			qhat--;
			rhat += v[n - 1];
			if (rhat > UINT32_MAX)
				break;
		}
		for (uint32_t i = 0; i < n; i++) {
			carry += qhat * v[i];
			borrow +=
			    (int64_t)u[i + j] - (int64_t)(carry & UINT32_MAX);
			u[i + j] = (uint32_t)borrow;
			borrow >>= 32;
			carry >>= 32;
		}
		borrow += (int64_t)u[j + n] - (int64_t)carry;
		u[j + n] = (uint32_t)borrow;
		if (borrow < 0) { /* one too many: add v back */
			qhat--;
			carry = 0;
			for (uint32_t i = 0; i < n; i++) {
				carry += (uint64_t)u[i + j] + v[i];
				u[i + j] = (uint32_t)carry;
				carry >>= 32;
			}
			u[j + n] += (uint32_t)carry;
		}
		q[j] = (uint32_t)qhat;
	}
}

static void
shift_left(uint32_t *out, const uint32_t *in, uint32_t n, unsigned bits)
{
	uint32_t carry = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t x = in[i];

		out[i] = x << bits | carry;
		carry = bits > 0 ? x >> (32 - bits) : 0;
	}
	out[n] = carry;
}

/* Magnitudes: *q = x / y, *r = x % y. */
static void
divmod_magnitude(struct tl_arena *a, const struct num *x, const struct num *y,
    struct big **q, struct big **r)
{
	unsigned shift;
	struct big *v;

	if (cmp_magnitude(x, y) < 0) {
		*q = new_big(a, 0);
		*r = new_big(a, x->n);
		if (x->n > 0)
			memcpy((*r)->limb, x->limb, x->n * sizeof(uint32_t));
		return;
	}
	*q = new_big(a, x->n);
	if (y->n == 1) {
		memcpy((*q)->limb, x->limb, x->n * sizeof(uint32_t));
		*r = new_big(a, 1);
		(*r)->limb[0] = div_small((*q)->limb, x->n, y->limb[0]);
		return;
	}
	shift = (unsigned)__builtin_clz(y->limb[y->n - 1]);
	v = new_big(a, y->n + 1);
	*r = new_big(a, x->n + 1);
	shift_left(v->limb, y->limb, y->n, shift);
	shift_left((*r)->limb, x->limb, x->n, shift);
	div_limbs((*r)->limb, v->limb, y->n, x->n - y->n, (*q)->limb);
	for (uint32_t i = 0; shift > 0 && i < (*r)->n; i++) {
		uint32_t above = i + 1 < (*r)->n ? (*r)->limb[i + 1] : 0;

		(*r)->limb[i] = (*r)->limb[i] >> shift | above << (32 - shift);
	}
}

void
jinja_int_divmod(struct tl_arena *a, val x, val y, val *q, val *r)
{
	struct num p, d;
	struct big *bq, *br;
	bool is_negative;

	if (both_small(&x, &y) && !(x.i == INT64_MIN && y.i == -1)) {
		int64_t quotient = x.i / y.i, rest = x.i % y.i;

		if (rest != 0 && (rest < 0) != (y.i < 0)) {
			quotient--;
			rest += y.i;
		}
		*q = (val){ .kind = V_INT, .i = quotient };
		*r = (val){ .kind = V_INT, .i = rest };
		return;
	}
	load(x, &p);
	load(y, &d);
	is_negative = p.is_negative != d.is_negative;
	divmod_magnitude(a, &p, &d, &bq, &br);
	bq->is_negative = is_negative;
	br->is_negative = p.is_negative;
	*q = store(bq);
	*r = store(br);
	if (jinja_int_sign(*r) != 0 && is_negative) {
		*q = jinja_int_sub(a, *q, (val){ .kind = V_INT, .i = 1 });
		*r = jinja_int_add(a, *r, y);
	}
}

int
jinja_int_sign(val v)
{
	if (v.kind == V_BIG)
		return v.big->is_negative ? -1 : 1;
	if (v.kind == V_BOOL)
		return v.b;
	return (v.i > 0) - (v.i < 0);
}

bool
jinja_int_is_odd(val v)
{
	struct num x;

	load(v, &x);
	return x.n > 0 && (x.limb[0] & 1) != 0;
}

size_t
jinja_int_bits(val v)
{
	struct num x;

	load(v, &x);
	return x.n == 0
	    ? 0
	    : (size_t)x.n * 32 - (size_t)__builtin_clz(x.limb[x.n - 1]);
}

int
jinja_int_cmp(val a, val b)
{
	struct num x, y;
	int c;

	if (both_small(&a, &b))
		return (a.i > b.i) - (a.i < b.i);
	load(a, &x);
	load(b, &y);
	if (x.is_negative != y.is_negative)
		return x.is_negative ? -1 : 1;
	c = cmp_magnitude(&x, &y);
	return x.is_negative ? -c : c;
}

uint64_t
jinja_int_hash(val v)
{
	struct num x;
	uint64_t h = 0;

	load(v, &x);
	for (uint32_t i = 0; i < x.n; i++)
		h = h * 0x9e3779b97f4a7c15u + x.limb[i];
	return x.is_negative ? ~h : h;
}

/* --- conversions --------------------------------------------------------- */

double
jinja_int_to_float(val v)
{
	struct num x;
	uint64_t top = 0;
	size_t bits;
	double f;
	int drop;

	if (v.kind == V_INT)
		return (double)v.i;
	if (v.kind == V_BOOL)
		return v.b ? 1.0 : 0.0;
	load(v, &x);
	bits = jinja_int_bits(v);
	if (bits > 1100)
		return x.is_negative ? -(double)INFINITY : (double)INFINITY;
	/* The upper 64 bits, with a sticky bit for the rest: one rounding. */
	drop = (int)bits - 64;
	for (size_t i = bits; i-- > (size_t)(drop > 0 ? drop : 0);)
		top = top << 1 | (x.limb[i / 32] >> (i % 32) & 1);
	for (size_t i = 0; drop > 0 && i < (size_t)drop; i++) {
		if ((x.limb[i / 32] >> (i % 32) & 1) != 0) {
			top |= 1;
			break;
		}
	}
	f = ldexp((double)top, drop > 0 ? drop : 0);
	return x.is_negative ? -f : f;
}

bool
jinja_float_to_int(struct tl_arena *a, double f, val *out)
{
	struct big *b;
	int exponent;
	uint64_t m;

	if (!isfinite(f))
		return false;
	f = trunc(f);
	if (f >= -9223372036854775808.0 && f < 9223372036854775808.0) {
		*out = (val){ .kind = V_INT, .i = (int64_t)f };
		return true;
	}
	m = (uint64_t)ldexp(frexp(fabs(f), &exponent), 53);
	exponent -= 53;
	b = new_big(a, (uint32_t)exponent / 32 + 4);
	for (int i = 0; i < 53; i++) {
		uint32_t at = (uint32_t)(i + exponent);

		if ((m >> i & 1) != 0)
			b->limb[at / 32] |= 1u << (at % 32);
	}
	b->is_negative = f < 0;
	*out = store(b);
	return true;
}

static unsigned
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

bool
jinja_int_parse(struct tl_arena *a, tl_str s, unsigned base, val *out)
{
	bool is_negative = s.len > 0 && s.ptr[0] == '-';
	size_t i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
	uint64_t small = 0;
	struct big *b;
	uint32_t n = 0;

	if (s.len - i <= 15) {
		for (; i < s.len; i++)
			small = small * base + digit_value(s.ptr[i]);
		*out = (val){ .kind = V_INT,
			.i = is_negative ? -(int64_t)small : (int64_t)small };
		return true;
	}
	/* Powers of two have no limit in Python; one of ours bounds the work.
	 */
	if (s.len - i >
	    ((base & (base - 1)) == 0 ? 100000u : JINJA_MAX_INT_DIGITS))
		return false;
	b = new_big(a, (uint32_t)((s.len - i) * 6 / 32) + 2);
	for (; i < s.len; i++) {
		uint64_t carry = digit_value(s.ptr[i]);

		for (uint32_t k = 0; k < n; k++) {
			carry += (uint64_t)b->limb[k] * base;
			b->limb[k] = (uint32_t)carry;
			carry >>= 32;
		}
		if (carry > 0)
			b->limb[n++] = (uint32_t)carry;
	}
	b->is_negative = is_negative;
	*out = store(b);
	return true;
}

bool
jinja_int_literal(struct tl_arena *a, tl_str s, val *out)
{
	unsigned base = 10;

	if (s.len > 2 && s.ptr[0] == '0') {
		char x = (char)(s.ptr[1] | 0x20);

		base = x == 'x' ? 16 : x == 'o' ? 8 : x == 'b' ? 2 : 10;
		if (base != 10)
			s = tl_str_slice(s, 2, s.len);
	}
	return jinja_int_parse(a, s, base, out);
}

bool
jinja_int_put(struct tl_buf *b, val v)
{
	struct num x;
	struct big *work;
	uint32_t *parts;
	size_t nparts = 0, at;

	if (v.kind == V_BOOL)
		v.i = v.b;
	if (v.kind != V_BIG) {
		tl_buf_printf(b, "%lld", (long long)v.i);
		return true;
	}
	if (jinja_int_bits(v) > 14290) /* more than 4300 digits for sure */
		return false;
	load(v, &x);
	work = new_big(b->arena, x.n);
	memcpy(work->limb, x.limb, x.n * sizeof(uint32_t));
	parts = TL_NEW(b->arena, uint32_t, (size_t)x.n * 2);
	while (work->n > 0) {
		parts[nparts++] = div_small(work->limb, work->n, 1000000000u);
		while (work->n > 0 && work->limb[work->n - 1] == 0)
			work->n--;
	}
	if (x.is_negative)
		tl_buf_putc(b, '-');
	at = b->len;
	for (size_t i = nparts; i-- > 0;)
		tl_buf_printf(
		    b, i == nparts - 1 ? "%u" : "%09u", (unsigned)parts[i]);
	return b->len - at <= JINJA_MAX_INT_DIGITS;
}

void
jinja_int_put_base(struct tl_buf *b, val v, unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned bits = base == 16 ? 4 : base == 8 ? 3 : 1;
	struct num x;
	size_t n = jinja_int_bits(v);

	load(v, &x);
	if (x.is_negative)
		tl_buf_putc(b, '-');
	if (n == 0)
		tl_buf_putc(b, '0');
	for (size_t i = (n + bits - 1) / bits; i-- > 0;) {
		unsigned d = 0;

		for (unsigned k = bits; k-- > 0;) {
			size_t bit = i * bits + k;

			d <<= 1;
			if (bit < (size_t)x.n * 32)
				d |= x.limb[bit / 32] >> (bit % 32) & 1;
		}
		tl_buf_putc(b, digits[d]);
	}
}
