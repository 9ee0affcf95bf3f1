/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a number survive its way through a double?
 */
#include "json/internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Digits that any decimal keeps through a double of ordinary size. */
#define SAFE_DIGITS 15

/* Every integer up to here has a double of its own. */
#define MAX_INTEGER (INT64_C(1) << 53)

/* More digits than the longest exact expansion of a double. */
#define MAX_DIGITS 800

/* A decimal as digits without zeros at either end, times ten to the exponent
 * (the point stands before the first digit). */
struct decimal {
	char *digits;
	size_t n;
	int64_t exponent;
};

static void
read_decimal(tl_str s, struct decimal *d)
{
	size_t at = s.ptr[0] == '-';
	bool is_behind_point = false;

	d->n = 0;
	d->exponent = 0;
	for (; at < s.len && s.ptr[at] != 'e' && s.ptr[at] != 'E'; at++) {
		if (s.ptr[at] < '0' || s.ptr[at] > '9') {
			is_behind_point = true;
			continue;
		}
		if (d->n > 0 || s.ptr[at] != '0')
			d->digits[d->n++] = s.ptr[at];
		if (d->n > 0 && !is_behind_point)
			d->exponent++;
		if (d->n == 0 && is_behind_point)
			d->exponent--;
	}
	if (at < s.len) {
		tl_str exponent = tl_str_slice(s, at + 1, s.len);
		int64_t e;

		if (exponent.ptr[0] == '+')
			exponent = tl_str_slice(exponent, 1, exponent.len);
		/* Beyond int64_t the double is 0 or infinite anyway. */
		if (tl_str_to_int(exponent, &e) && e < INT32_MAX &&
		    e > INT32_MIN)
			d->exponent += e;
	}
	while (d->n > 0 && d->digits[d->n - 1] == '0')
		d->n--;
}

static bool
is_integer(tl_str s)
{
	for (size_t i = s.ptr[0] == '-'; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return true;
}

bool
json_number_is_exact(struct tl_arena *scratch, tl_str literal, double value)
{
	struct decimal want, got;
	char printed[MAX_DIGITS + 16];
	char digits[MAX_DIGITS + 16];
	int len;

	if (is_integer(literal)) {
		int64_t i;

		return literal.len <= SAFE_DIGITS ||
		    (tl_str_to_int(literal, &i) && i <= MAX_INTEGER &&
			i >= -MAX_INTEGER);
	}
	if (literal.len <= SAFE_DIGITS && fabs(value) > 1e-290 &&
	    fabs(value) < 1e290)
		return true;
	want.digits = tl_arena_bytes(scratch, literal.len + 1);
	read_decimal(literal, &want);
	if (want.n == 0)
		return true;
	if (want.n > MAX_DIGITS || !isfinite(value) || value == 0)
		return false;
	len =
	    snprintf(printed, sizeof(printed), "%.*e", (int)want.n - 1, value);
	got.digits = digits;
	read_decimal((tl_str){ printed, (size_t)len }, &got);
	return got.exponent == want.exponent && got.n == want.n &&
	    memcmp(got.digits, want.digits, got.n) == 0;
}
