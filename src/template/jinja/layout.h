/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.h - values laid out in fields, for '…' % args and '…'.format().
 */
#ifndef JINJA_LAYOUT_H
#define JINJA_LAYOUT_H

#include "template/jinja/rt.h"

#define JINJA_MAX_WIDTH 10000000

/* How one value is to be laid out. */
struct spec {
	tl_str fill; /* one character */
	char align;  /* '<', '>', '^', '=' or 0 */
	char sign;   /* '+', '-', ' ' */
	bool alternate, zero;
	int64_t width;	   /* code points; 0: none */
	int64_t precision; /* -1: none */
	char grouping;	   /* ',' '_' or 0 */
	char type;	   /* 0: none given */
};

tl_str jinja_group_digits(struct rt *rt, tl_str digits, char sep, size_t every);
tl_str jinja_float_digits(
    struct rt *rt, double f, char type, int64_t precision, bool alternate);
tl_str jinja_int_digits(struct rt *rt, val v, char type, const char **prefix);
void jinja_lay_number(struct rt *rt, struct sink *out, const struct spec *s,
    bool is_negative, const char *prefix, tl_str digits,
    const struct tl_json *origin);
void jinja_lay_text(
    struct rt *rt, struct sink *out, const struct spec *s, val v);
void jinja_lay_char(
    struct rt *rt, struct sink *out, const struct spec *s, val v);
val jinja_ascii(struct rt *rt, val v);
int64_t jinja_clamp_precision(int64_t p, int64_t fallback);

#endif
