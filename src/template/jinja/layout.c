/* SPDX-License-Identifier: Apache-2.0 */
/* layout.c - digits, padding, signs. */
#include "template/jinja/layout.h"

#include <math.h>
#include <stdio.h>

#define MAX_PRECISION 500

/* --- digits -------------------------------------------------------------- */

/* Insert separators into the integer part of `digits`. */
tl_str
jinja_group_digits(struct rt *rt, tl_str digits, char sep, size_t every)
{
	struct tl_buf b;
	size_t whole = 0;

	while (whole < digits.len && digits.ptr[whole] != '.' &&
	    digits.ptr[whole] != 'e' && digits.ptr[whole] != 'E')
		whole++;
	tl_buf_init(&b, rt->arena, 0);
	for (size_t i = 0; i < whole; i++) {
		if (i > 0 && (whole - i) % every == 0)
			tl_buf_putc(&b, sep);
		tl_buf_putc(&b, digits.ptr[i]);
	}
	tl_buf_put(&b, tl_str_slice(digits, whole, digits.len));
	return tl_buf_str(&b);
}

int64_t
jinja_clamp_precision(int64_t p, int64_t fallback)
{
	return p < 0 ? fallback : p > MAX_PRECISION ? MAX_PRECISION : p;
}

/* |f| in e, f, g notation or Python's repr when type is 'r'. */
tl_str
jinja_float_digits(
    struct rt *rt, double f, char type, int64_t precision, bool alternate)
{
	char *text = tl_arena_bytes(rt->arena, 1024);
	int p = (int)jinja_clamp_precision(precision, 6);
	int n;

	f = fabs(f);
	if (isnan(f) || isinf(f)) {
		bool upper = type == 'E' || type == 'F' || type == 'G';

		return tl_str_from(isnan(f) ? (upper ? "NAN" : "nan")
					    : (upper ? "INF" : "inf"));
	}
	switch (type) {
	case 'e':
		n = snprintf(text, 1024, alternate ? "%#.*e" : "%.*e", p, f);
		break;
	case 'E':
		n = snprintf(text, 1024, alternate ? "%#.*E" : "%.*E", p, f);
		break;
	case 'f':
	case 'F':
		n = snprintf(text, 1024, alternate ? "%#.*f" : "%.*f", p, f);
		break;
	case 'G':
		n = snprintf(
		    text, 1024, alternate ? "%#.*G" : "%.*G", p > 0 ? p : 1, f);
		break;
	case 'r':
		return (tl_str){ text, jinja_float_repr(f, text) };
	default:
		n = snprintf(
		    text, 1024, alternate ? "%#.*g" : "%.*g", p > 0 ? p : 1, f);
	}
	for (int i = 0; i < n; i++) {
		if (text[i] == ',')
			text[i] = '.';
	}
	return (tl_str){ text, (size_t)n };
}

tl_str
jinja_int_digits(struct rt *rt, val v, char type, const char **prefix)
{
	struct tl_buf b;
	val magnitude = jinja_int_sign(v) < 0 ? jinja_int_neg(rt->arena, v) : v;

	*prefix = "";
	tl_buf_init(&b, rt->arena, 0);
	jinja_step(rt, 1 + jinja_int_bits(v) / 16);
	switch (type) {
	case 'x':
		*prefix = "0x";
		jinja_int_put_base(&b, magnitude, 16, false);
		break;
	case 'X':
		*prefix = "0X";
		jinja_int_put_base(&b, magnitude, 16, true);
		break;
	case 'o':
		*prefix = "0o";
		jinja_int_put_base(&b, magnitude, 8, false);
		break;
	case 'b':
		*prefix = "0b";
		jinja_int_put_base(&b, magnitude, 2, false);
		break;
	default:
		if (!jinja_int_put(&b, magnitude))
			jinja_throw(rt, "ValueError",
			    "Exceeds the limit (4300 digits) for integer "
			    "string conversion");
	}
	return tl_buf_str(&b);
}

/* --- layout -------------------------------------------------------------- */

static void
put_fill(struct rt *rt, struct sink *out, const struct spec *s, int64_t n)
{
	if (n > 0)
		jinja_put_str(
		    rt, out, jinja_repeat(rt, jinja_str(rt, s->fill), n));
}

/* sign, prefix and digits of a number, padded. */
void
jinja_lay_number(struct rt *rt, struct sink *out, const struct spec *s,
    bool is_negative, const char *prefix, tl_str digits,
    const struct tl_json *origin)
{
	struct tl_buf b;
	int64_t gap;
	char align = s->align != 0 ? s->align : '>';

	tl_buf_init(&b, rt->arena, 0);
	if (is_negative)
		tl_buf_putc(&b, '-');
	else if (s->sign == '+' || s->sign == ' ')
		tl_buf_putc(&b, s->sign);
	tl_buf_puts(&b, prefix);
	gap = s->width - (int64_t)b.len - (int64_t)digits.len;
	if (align == '=') {
		jinja_put_derived(rt, out, tl_buf_str(&b), origin);
		put_fill(rt, out, s, gap);
		jinja_put_derived(rt, out, digits, origin);
		return;
	}
	tl_buf_put(&b, digits);
	put_fill(rt, out, s,
	    align == '>'       ? gap
		: align == '^' ? (gap > 0 ? gap / 2 : 0)
			       : 0);
	jinja_put_derived(rt, out, tl_buf_str(&b), origin);
	put_fill(rt, out, s,
	    align == '<'       ? gap
		: align == '^' ? (gap > 0 ? gap - gap / 2 : 0)
			       : 0);
}

void
jinja_lay_text(struct rt *rt, struct sink *out, const struct spec *s, val v)
{
	int64_t gap, left;
	char align = s->align != 0 ? s->align : '<';

	if (s->precision >= 0)
		v = jinja_get_slice(
		    rt, v, jinja_none(), jinja_int(s->precision), jinja_none());
	gap = s->width - (int64_t)jinja_str_count(rt, v);
	left = gap <= 0 || align == '<' ? 0 : align == '^' ? gap / 2 : gap;
	put_fill(rt, out, s, left);
	jinja_put_str(rt, out, v);
	put_fill(rt, out, s, gap - left);
}

void
jinja_lay_char(struct rt *rt, struct sink *out, const struct spec *s, val v)
{
	char bytes[4];
	int64_t cp;

	if (v.kind == V_STR && jinja_str_count(rt, v) == 1) {
		jinja_lay_text(rt, out, s, v);
		return;
	}
	if (!jinja_index(v, &cp))
		jinja_throw(rt, "TypeError", "%%c requires int or char");
	if (cp < 0 || cp > 0x10ffff)
		jinja_throw(
		    rt, "OverflowError", "%%c arg not in range(0x110000)");
	jinja_lay_text(rt, out, s,
	    jinja_str(rt,
		tl_arena_str(rt->arena,
		    (tl_str){ bytes, jinja_put(bytes, (uint32_t)cp) })));
}

/* repr() with every non-ASCII character escaped. */
val
jinja_ascii(struct rt *rt, val v)
{
	tl_str s = jinja_bytes(rt, v);
	struct tl_buf b;

	tl_buf_init(&b, rt->arena, 0);
	for (size_t i = 0; i < s.len;) {
		uint32_t cp;

		i += jinja_next(s, i, &cp);
		if (cp < 0x80)
			tl_buf_putc(&b, (char)cp);
		else
			tl_buf_printf(&b,
			    cp < 0x100	       ? "\\x%02x"
				: cp < 0x10000 ? "\\u%04x"
					       : "\\U%08x",
			    (unsigned)cp);
	}
	return jinja_str(rt, tl_buf_str(&b));
}
