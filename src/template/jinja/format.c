/* SPDX-License-Identifier: Apache-2.0 */
/* format.c - '…' % args and '…'.format(). */
#include "template/jinja/rt.h"

#include <math.h>
#include <stdio.h>

#define MAX_WIDTH 10000000
#define MAX_PRECISION 500

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

/* --- digits -------------------------------------------------------------- */

/* Insert separators into the integer part of `digits`. */
static tl_str
group(struct rt *rt, tl_str digits, char sep, size_t every)
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

static int64_t
clamp_precision(int64_t p, int64_t fallback)
{
	return p < 0 ? fallback : p > MAX_PRECISION ? MAX_PRECISION : p;
}

/* |f| in e, f, g notation or Python's repr when type is 'r'. */
static tl_str
float_digits(
    struct rt *rt, double f, char type, int64_t precision, bool alternate)
{
	char *text = tl_arena_bytes(rt->arena, 1024);
	int p = (int)clamp_precision(precision, 6);
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

static tl_str
int_digits(struct rt *rt, val v, char type, const char **prefix)
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
static void
put_number(struct rt *rt, struct sink *out, const struct spec *s,
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

static void
put_text(struct rt *rt, struct sink *out, const struct spec *s, val v)
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

/* --- percent ------------------------------------------------------------- */

struct percent {
	struct rt *rt;
	tl_str fmt;
	size_t at;
	val fmt_val, arg;
	bool is_tuple, is_mapping, escapes, used;
	size_t next;
	struct sink *out;
};

static val
next_arg(struct percent *p)
{
	const struct seq *s;

	if (p->is_tuple) {
		s = jinja_seq(p->rt, p->arg);
		if (p->next < s->n)
			return s->v[p->next++];
	} else if (!p->used) {
		p->used = true;
		return p->arg;
	}
	jinja_throw(
	    p->rt, "TypeError", "not enough arguments for format string");
}

static char
cur(const struct percent *p)
{
	if (p->at >= p->fmt.len)
		jinja_throw(p->rt, "ValueError", "incomplete format");
	return p->fmt.ptr[p->at];
}

/* (name): the mapping's value. */
static bool
named_arg(struct percent *p, val *out)
{
	size_t depth = 1, beg;
	val key;

	if (cur(p) != '(')
		return false;
	if (p->arg.kind != V_DICT)
		jinja_throw(p->rt, "TypeError", "format requires a mapping");
	beg = ++p->at;
	while (depth > 0) {
		char c;

		if (p->at >= p->fmt.len)
			jinja_throw(
			    p->rt, "ValueError", "incomplete format key");
		c = p->fmt.ptr[p->at++];
		depth += c == '(';
		depth -= c == ')';
	}
	key = jinja_slice(p->rt, jinja_unmark(p->fmt_val), beg, p->at - 1);
	*out = jinja_dict_get(p->rt, p->arg, key);
	if (out->kind == V_MISSING)
		jinja_throw(p->rt, "KeyError", "%s",
		    tl_arena_cstr(p->rt->arena,
			jinja_bytes(p->rt, jinja_repr(p->rt, key))));
	p->used = true;
	return true;
}

static int64_t
read_count(struct percent *p, const char *what)
{
	int64_t n = 0;
	val v;

	if (cur(p) == '*') {
		p->at++;
		v = next_arg(p);
		if (!jinja_index(v, &n))
			jinja_throw(p->rt, "TypeError", "* wants int");
	} else {
		while (p->at < p->fmt.len && p->fmt.ptr[p->at] >= '0' &&
		    p->fmt.ptr[p->at] <= '9' && n <= MAX_WIDTH)
			n = n * 10 + (p->fmt.ptr[p->at++] - '0');
	}
	if (n > MAX_WIDTH)
		jinja_throw(p->rt, "ValueError", "%s too big", what);
	return n;
}

static void
read_flags(struct percent *p, struct spec *s)
{
	for (;; p->at++) {
		switch (cur(p)) {
		case '-':
			s->align = '<';
			break;
		case '+':
			s->sign = '+';
			break;
		case ' ':
			if (s->sign != '+')
				s->sign = ' ';
			break;
		case '#':
			s->alternate = true;
			break;
		case '0':
			s->zero = true;
			break;
		default:
			return;
		}
	}
}

static void
put_integer(struct percent *p, struct spec *s, val v)
{
	struct rt *rt = p->rt;
	const struct tl_json *origin = jinja_origin(rt, v);
	const char *prefix;
	tl_str digits;

	if (v.kind == V_FLOAT &&
	    (s->type == 'd' || s->type == 'i' || s->type == 'u')) {
		if (!jinja_float_to_int(rt->arena, v.f, &v))
			jinja_throw(rt,
			    isnan(v.f) ? "ValueError" : "OverflowError",
			    "cannot convert float to integer");
	}
	if (!jinja_is_int(v))
		jinja_throw(rt, "TypeError",
		    s->type == 'd' || s->type == 'i' || s->type == 'u'
			? "%%%c format: a real number is required, not %s"
			: "%%%c format: an integer is required, not %s",
		    s->type, jinja_type_name(v));
	digits = int_digits(rt, v, s->type, &prefix);
	if (s->precision > (int64_t)digits.len) {
		struct tl_buf b;

		tl_buf_init(&b, rt->arena, 0);
		tl_buf_pad(&b, '0',
		    (size_t)clamp_precision(s->precision, 0) - digits.len);
		tl_buf_put(&b, digits);
		digits = tl_buf_str(&b);
	}
	put_number(rt, p->out, s, jinja_int_sign(v) < 0,
	    s->alternate ? prefix : "", digits, origin);
}

static void
put_real(struct percent *p, struct spec *s, val v)
{
	double f;

	if (v.kind == V_STR || !jinja_float_of(p->rt, v, &f))
		jinja_throw(p->rt, "TypeError", "must be real number, not %s",
		    jinja_type_name(v));
	put_number(p->rt, p->out, s, signbit(f) && !isnan(f), "",
	    float_digits(p->rt, f, s->type, s->precision, s->alternate),
	    jinja_origin(p->rt, v));
}

static void
put_char(struct percent *p, struct spec *s, val v)
{
	char bytes[4];
	int64_t cp;

	if (v.kind == V_STR && jinja_str_count(p->rt, v) == 1) {
		put_text(p->rt, p->out, s, v);
		return;
	}
	if (!jinja_index(v, &cp))
		jinja_throw(p->rt, "TypeError", "%%c requires int or char");
	if (cp < 0 || cp > 0x10ffff)
		jinja_throw(
		    p->rt, "OverflowError", "%%c arg not in range(0x110000)");
	put_text(p->rt, p->out, s,
	    jinja_str(p->rt,
		tl_arena_str(p->rt->arena,
		    (tl_str){ bytes, jinja_put(bytes, (uint32_t)cp) })));
}

/* repr() with every non-ASCII character escaped. */
static val
ascii(struct rt *rt, val v)
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

static void
put_conversion(struct percent *p, struct spec *s, val v)
{
	bool zero = s->zero && s->align == 0;

	switch (s->type) {
	case 's':
	case 'r':
	case 'a':
		v = s->type == 's' ? jinja_to_str(p->rt, v)
				   : jinja_repr(p->rt, v);
		if (s->type == 'a')
			v = ascii(p->rt, v);
		if (p->escapes)
			v = jinja_escape(p->rt, v);
		if (s->align == 0)
			s->align = '>';
		put_text(p->rt, p->out, s, v);
		return;
	case 'c':
		if (s->align == 0)
			s->align = '>';
		put_char(p, s, v);
		return;
	default:
		break;
	}
	if (zero) {
		s->align = '=';
		s->fill = TL_STR("0");
	}
	switch (s->type) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_integer(p, s, v);
		break;
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		put_real(p, s, v);
		break;
	default:
		jinja_throw(p->rt, "ValueError",
		    "unsupported format character '%c' (0x%x) at index %zu",
		    s->type, (unsigned)(unsigned char)s->type, p->at - 1);
	}
}

static void
put_directive(struct percent *p)
{
	struct spec s = { .fill = TL_LIT(" "), .precision = -1 };
	val v = { 0 };
	bool is_named;

	is_named = named_arg(p, &v);
	read_flags(p, &s);
	s.width = read_count(p, "width");
	if (s.width < 0) {
		s.align = '<';
		s.width = -s.width;
	}
	if (cur(p) == '.') {
		p->at++;
		s.precision = read_count(p, "precision");
		if (s.precision < 0)
			s.precision = 0;
	}
	if (cur(p) == 'h' || cur(p) == 'l' || cur(p) == 'L')
		p->at++;
	s.type = cur(p);
	p->at++;
	if (s.type == '%') {
		jinja_put_lit(p->rt, p->out, TL_STR("%"));
		return;
	}
	put_conversion(p, &s, is_named ? v : next_arg(p));
}

val
jinja_percent(struct rt *rt, val fmt, val arg)
{
	struct sink out = { 0 };
	struct percent p = { .rt = rt,
		.fmt = jinja_bytes(rt, fmt),
		.fmt_val = fmt,
		.arg = arg,
		.is_tuple = arg.kind == V_TUPLE,
		.is_mapping = arg.kind == V_DICT || arg.kind == V_LIST ||
		    arg.kind == V_UNDEF || arg.kind == V_RANGE,
		.escapes = jinja_is_marked(fmt),
		.out = &out };
	val text;

	while (p.at < p.fmt.len) {
		size_t hit = tl_str_find_char(p.fmt, '%', p.at);

		jinja_step(rt, 1);
		if (hit == TL_NPOS)
			hit = p.fmt.len;
		jinja_put_slice(rt, &out, fmt, p.at, hit);
		p.at = hit;
		if (hit < p.fmt.len) {
			p.at++;
			put_directive(&p);
		}
	}
	if ((p.is_tuple && p.next < jinja_seq(rt, arg)->n) ||
	    (!p.is_tuple && !p.is_mapping && !p.used))
		jinja_throw(rt, "TypeError",
		    "not all arguments converted during string formatting");
	text = jinja_take(rt, &out);
	return p.escapes ? jinja_mark(text) : text;
}

/* --- format specifications ----------------------------------------------- */

static bool
is_align(char c)
{
	return c == '<' || c == '>' || c == '^' || c == '=';
}

static void
read_spec(struct rt *rt, tl_str s, struct spec *out, const char *type_name)
{
	size_t i = 0, n;
	uint32_t cp;

	*out = (struct spec){ .fill = TL_LIT(" "), .precision = -1 };
	if (s.len == 0)
		return;
	n = jinja_next(s, 0, &cp);
	if (n < s.len && is_align(s.ptr[n])) {
		out->fill = tl_arena_str(rt->arena, tl_str_slice(s, 0, n));
		out->align = s.ptr[n];
		i = n + 1;
	} else if (is_align(s.ptr[0])) {
		out->align = s.ptr[0];
		i = 1;
	}
	if (i < s.len &&
	    (s.ptr[i] == '+' || s.ptr[i] == '-' || s.ptr[i] == ' '))
		out->sign = s.ptr[i++];
	if (i < s.len && s.ptr[i] == '#') {
		out->alternate = true;
		i++;
	}
	if (i < s.len && s.ptr[i] == '0') {
		out->zero = true;
		i++;
		if (out->align == 0) {
			out->align = '=';
			out->fill = TL_STR("0");
		}
	}
	for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {
		out->width = out->width * 10 + (s.ptr[i] - '0');
		if (out->width > MAX_WIDTH)
			jinja_throw(rt, "ValueError",
			    "Too many decimal digits in format string");
	}
	if (i < s.len && (s.ptr[i] == ',' || s.ptr[i] == '_'))
		out->grouping = s.ptr[i++];
	if (i < s.len && s.ptr[i] == '.') {
		if (++i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
			jinja_throw(rt, "ValueError",
			    "Format specifier missing precision");
		for (out->precision = 0; i < s.len && s.ptr[i] >= '0' &&
		     s.ptr[i] <= '9' && out->precision <= MAX_WIDTH;
		     i++)
			out->precision = out->precision * 10 + (s.ptr[i] - '0');
	}
	if (i < s.len)
		out->type = s.ptr[i++];
	if (i < s.len)
		jinja_throw(rt, "ValueError",
		    "Invalid format specifier '%s' for object of type '%s'",
		    tl_arena_cstr(rt->arena, s), type_name);
}

static _Noreturn void
bad_code(struct rt *rt, char code, val v)
{
	jinja_throw(rt, "ValueError",
	    "Unknown format code '%c' for object of type '%s'", code,
	    jinja_type_name(v));
}

static void
format_int(struct rt *rt, struct sink *out, struct spec *s, val v)
{
	const struct tl_json *origin = jinja_origin(rt, v);
	const char *prefix;
	char type = s->type == 0 || s->type == 'n' ? 'd' : s->type;
	tl_str digits;

	if (strchr("dxXob", type) == NULL)
		bad_code(rt, type, v);
	if (s->precision >= 0)
		jinja_throw(rt, "ValueError",
		    "Precision not allowed in integer format specifier");
	digits = int_digits(rt, v, type, &prefix);
	if (s->grouping != 0)
		digits = group(rt, digits, s->grouping, type == 'd' ? 3 : 4);
	put_number(rt, out, s, jinja_int_sign(v) < 0,
	    s->alternate ? prefix : "", digits, origin);
}

static void
format_float(struct rt *rt, struct sink *out, struct spec *s, val v)
{
	const struct tl_json *origin = jinja_origin(rt, v);
	double f = v.kind == V_FLOAT ? v.f : jinja_int_to_float(v);
	char type = s->type;
	tl_str digits;

	if (type == '%') {
		struct tl_buf b;

		tl_buf_init(&b, rt->arena, 0);
		tl_buf_put(
		    &b, float_digits(rt, f * 100, 'f', s->precision, false));
		tl_buf_putc(&b, '%');
		digits = tl_buf_str(&b);
	} else if (type == 0 && s->precision < 0) {
		digits = float_digits(rt, f, 'r', 0, false);
	} else if (type == 0) {
		/* Like 'g', but with at least one digit behind the point. */
		digits = float_digits(rt, f, 'g', s->precision, false);
		if (tl_str_find_char(digits, '.', 0) == TL_NPOS &&
		    tl_str_find_char(digits, 'e', 0) == TL_NPOS &&
		    isfinite(f)) {
			struct tl_buf b;

			tl_buf_init(&b, rt->arena, 0);
			tl_buf_put(&b, digits);
			tl_buf_puts(&b, ".0");
			digits = tl_buf_str(&b);
		}
	} else if (strchr("eEfFgGn", type) != NULL) {
		digits = float_digits(rt, f, type == 'n' ? 'g' : type,
		    s->precision, s->alternate);
	} else {
		bad_code(rt, type, v);
	}
	if (s->grouping != 0)
		digits = group(rt, digits, s->grouping, 3);
	put_number(rt, out, s, signbit(f) && !isnan(f), "", digits, origin);
}

/* format(v, spec) */
val
jinja_format_value(struct rt *rt, val v, tl_str text)
{
	struct sink out = { 0 };
	struct spec s;

	if (text.len == 0)
		return jinja_to_str(rt, v);
	if (v.kind != V_STR && v.kind != V_FLOAT && !jinja_is_int(v))
		jinja_throw(rt, "TypeError",
		    "unsupported format string passed to %s.__format__",
		    jinja_type_name(v));
	read_spec(rt, text, &s, jinja_type_name(v));
	if (v.kind == V_STR) {
		if (s.type != 0 && s.type != 's')
			bad_code(rt, s.type, v);
		if (s.sign != 0 || s.alternate || s.grouping != 0 ||
		    s.align == '=') {
			if (s.align != '=' || !s.zero)
				jinja_throw(rt, "ValueError",
				    "flag not allowed in string format "
				    "specifier");
			s.align = '<'; /* 0 pads strings on the right */
		}
		put_text(rt, &out, &s, v);
	} else if (v.kind == V_FLOAT ||
	    (s.type != 0 && strchr("eEfFgG%", s.type) != NULL)) {
		format_float(rt, &out, &s, v);
	} else if (s.type == 'c') {
		struct percent p = { .rt = rt, .out = &out };

		put_char(&p, &s, v);
	} else {
		format_int(rt, &out, &s, v);
	}
	return jinja_take(rt, &out);
}

/* --- str.format() -------------------------------------------------------- */

struct formatter {
	struct rt *rt;
	const struct args *args;
	val fmt;
	int64_t next_auto; /* -1: numbered by hand */
	bool is_manual, escapes;
};

static val format_all(struct formatter *f, val fmt, unsigned depth);

static bool
parse_index(tl_str s, int64_t *out)
{
	return s.len > 0 && s.len < 16 && s.ptr[0] != '-' && s.ptr[0] != '+' &&
	    tl_str_to_int(s, out);
}

static val
argument(struct formatter *f, tl_str name)
{
	struct rt *rt = f->rt;
	int64_t i;

	if (name.len == 0) {
		if (f->is_manual)
			jinja_throw(rt, "ValueError",
			    "cannot switch from manual field specification "
			    "to automatic field numbering");
		i = f->next_auto++;
	} else if (parse_index(name, &i)) {
		if (f->next_auto > 0)
			jinja_throw(rt, "ValueError",
			    "cannot switch from manual field specification "
			    "to automatic field numbering");
		f->is_manual = true;
	} else {
		for (size_t k = 0; k < f->args->nkw; k++) {
			const struct jstr *kw = f->args->names[k];

			if (tl_str_eq(name, (tl_str){ kw->ptr, kw->len }))
				return f->args->kw[k];
		}
		jinja_throw(
		    rt, "KeyError", "'%s'", tl_arena_cstr(rt->arena, name));
	}
	if ((size_t)i >= f->args->npos)
		jinja_throw(rt, "IndexError", "tuple index out of range");
	return f->args->pos[i];
}

/* name, name.attr, name[item] … */
static val
field_value(struct formatter *f, tl_str path)
{
	size_t i = 0;
	val v;

	while (i < path.len && path.ptr[i] != '.' && path.ptr[i] != '[')
		i++;
	v = argument(f, tl_str_slice(path, 0, i));
	while (i < path.len) {
		size_t beg = i + 1;
		int64_t index;
		tl_str part;

		if (path.ptr[i] == '[') {
			size_t end = tl_str_find_char(path, ']', beg);

			if (end == TL_NPOS)
				jinja_throw(f->rt, "ValueError",
				    "expected '}' before end of string");
			part = tl_str_slice(path, beg, end);
			v = jinja_getitem(f->rt, v,
			    parse_index(part, &index) ? jinja_int(index)
						      : jinja_str(f->rt, part));
			i = end + 1;
			if (i < path.len && path.ptr[i] != '.' &&
			    path.ptr[i] != '[')
				jinja_throw(f->rt, "ValueError",
				    "Only '.' or '[' may follow ']' in format "
				    "field specifier");
			continue;
		}
		for (i = beg;
		     i < path.len && path.ptr[i] != '.' && path.ptr[i] != '[';)
			i++;
		part = tl_str_slice(path, beg, i);
		if (part.len == 0)
			jinja_throw(f->rt, "ValueError",
			    "Empty attribute in format string");
		v = jinja_getattr(f->rt, v, jinja_str(f->rt, part).str);
	}
	return v;
}

/* The end of the field that starts behind a '{'. */
static size_t
field_end(struct formatter *f, tl_str s, size_t at)
{
	size_t depth = 1;

	for (; at < s.len; at++) {
		depth += s.ptr[at] == '{';
		depth -= s.ptr[at] == '}';
		if (depth == 0)
			return at;
	}
	jinja_throw(f->rt, "ValueError", "expected '}' before end of string");
}

static void
put_field(struct formatter *f, struct sink *out, val fmt, size_t beg,
    size_t end, unsigned depth)
{
	tl_str s = jinja_bytes(f->rt, fmt);
	size_t name = beg, bracket = 0;
	val v, spec = jinja_str(f->rt, TL_STR(""));
	char conversion = '\0';

	for (; name < end; name++) {
		bracket += s.ptr[name] == '[';
		if (bracket > 0 && s.ptr[name] == ']')
			bracket--;
		if (bracket == 0 && (s.ptr[name] == '!' || s.ptr[name] == ':'))
			break;
	}
	v = field_value(f, tl_str_slice(s, beg, name));
	if (name < end && s.ptr[name] == '!') {
		if (name + 1 >= end ||
		    (name + 2 < end && s.ptr[name + 2] != ':'))
			jinja_throw(f->rt, "ValueError",
			    "expected ':' after conversion specifier");
		conversion = s.ptr[name + 1];
		name += 2;
	}
	if (name < end)
		spec = format_all(f,
		    jinja_slice(f->rt, jinja_unmark(fmt), name + 1, end),
		    depth + 1);
	if (conversion == 's')
		v = jinja_to_str(f->rt, v);
	else if (conversion == 'r' || conversion == 'a')
		v = jinja_repr(f->rt, v);
	else if (conversion != '\0')
		jinja_throw(f->rt, "ValueError",
		    "Unknown conversion specifier %c", conversion);
	if (conversion == 'a')
		v = ascii(f->rt, v);
	if (!jinja_is_marked(v) || !f->escapes)
		v = jinja_format_value(f->rt, v, jinja_bytes(f->rt, spec));
	else if (jinja_len(spec) > 0)
		jinja_throw(f->rt, "ValueError",
		    "Unsupported format specification for Markup.");
	jinja_put_str(f->rt, out, f->escapes ? jinja_escape(f->rt, v) : v);
}

static val
format_all(struct formatter *f, val fmt, unsigned depth)
{
	struct rt *rt = f->rt;
	tl_str s = jinja_bytes(rt, fmt);
	struct sink out = { 0 };
	size_t clean = 0;

	if (depth > 2)
		jinja_throw(rt, "ValueError", "Max string recursion exceeded");
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		size_t end;

		if (c != '{' && c != '}')
			continue;
		jinja_step(rt, 1);
		jinja_put_slice(rt, &out, fmt, clean, i);
		if (i + 1 < s.len && s.ptr[i + 1] == c) {
			jinja_put_slice(rt, &out, fmt, i, i + 1);
			i++;
			clean = i + 1;
			continue;
		}
		if (c == '}')
			jinja_throw(rt, "ValueError",
			    "Single '}' encountered in format string");
		if (i + 1 == s.len)
			jinja_throw(rt, "ValueError",
			    "Single '{' encountered in format string");
		end = field_end(f, s, i + 1);
		put_field(f, &out, fmt, i + 1, end, depth);
		i = end;
		clean = end + 1;
	}
	jinja_put_slice(rt, &out, fmt, clean, s.len);
	return jinja_take(rt, &out);
}

val
jinja_format(struct rt *rt, val fmt, const struct args *args)
{
	struct formatter f = { .rt = rt,
		.args = args,
		.fmt = fmt,
		.escapes = jinja_is_marked(fmt) };
	val v = format_all(&f, fmt, 1);

	return f.escapes ? jinja_mark(v) : v;
}
