/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number.h - Python's numbers: ints of any size and the spelling of floats.
 */
#ifndef JINJA_NUMBER_H
#define JINJA_NUMBER_H

#include "template/jinja/value.h"

#include <turnlint/buf.h>

/* Python refuses to read or print longer integers. */
#define JINJA_MAX_INT_DIGITS 4300

/* A decimal literal as a double, whatever the locale. */
double jinja_strtod(tl_str s);

/* An integer literal of a template (0x, 0o, 0b, decimal) or of JSON. */
bool jinja_int_literal(struct tl_arena *a, tl_str s, val *out);
/* Digits of a base with an optional sign; false when too long. */
bool jinja_int_parse(struct tl_arena *a, tl_str s, unsigned base, val *out);

/* repr() of a float: the shortest digits that read back the same. */
size_t jinja_float_repr(double f, char out[40]);
/* Decimal digits of an int; false when Python would refuse. */
bool jinja_int_put(struct tl_buf *b, val v);
/* In base 2, 8 or 16, without a prefix. */
void jinja_int_put_base(struct tl_buf *b, val v, unsigned base, bool upper);

double jinja_int_to_float(val v); /* inf when out of range */
bool jinja_float_to_int(struct tl_arena *a, double f, val *out);

/* v is V_INT, V_BIG or V_BOOL everywhere below. */
int jinja_int_cmp(val a, val b);
int jinja_int_sign(val v);
bool jinja_int_is_odd(val v);
size_t jinja_int_bits(val v);
val jinja_int_add(struct tl_arena *a, val x, val y);
val jinja_int_sub(struct tl_arena *a, val x, val y);
val jinja_int_mul(struct tl_arena *a, val x, val y);
val jinja_int_neg(struct tl_arena *a, val x);
/* Floor division; y is not zero. */
void jinja_int_divmod(struct tl_arena *a, val x, val y, val *q, val *r);
uint64_t jinja_int_hash(val v);

#endif
