/* SPDX-License-Identifier: Apache-2.0 */
/* percent.c - '…' % args: printf formatting as Python has it. */
#include "template/jinja/layout.h"

#include <math.h>

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
		    p->fmt.ptr[p->at] <= '9' && n <= JINJA_MAX_WIDTH)
			n = n * 10 + (p->fmt.ptr[p->at++] - '0');
	}
	if (n > JINJA_MAX_WIDTH || n < -JINJA_MAX_WIDTH)
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
	digits = jinja_int_digits(rt, v, s->type, &prefix);
	if (s->precision > (int64_t)digits.len) {
		struct tl_buf b;

		tl_buf_init(&b, rt->arena, 0);
		tl_buf_pad(&b, '0',
		    (size_t)jinja_clamp_precision(s->precision, 0) -
			digits.len);
		tl_buf_put(&b, digits);
		digits = tl_buf_str(&b);
	}
	jinja_lay_number(rt, p->out, s, jinja_int_sign(v) < 0,
	    s->alternate ? prefix : "", digits, origin);
}

static void
put_real(struct percent *p, struct spec *s, val v)
{
	double f;

	if (v.kind == V_STR || !jinja_float_of(p->rt, v, &f))
		jinja_throw(p->rt, "TypeError", "must be real number, not %s",
		    jinja_type_name(v));
	jinja_lay_number(p->rt, p->out, s, signbit(f) && !isnan(f), "",
	    jinja_float_digits(p->rt, f, s->type, s->precision, s->alternate),
	    jinja_origin(p->rt, v));
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
			v = jinja_ascii(p->rt, v);
		if (p->escapes)
			v = jinja_escape(p->rt, v);
		if (s->align == 0)
			s->align = '>';
		jinja_lay_text(p->rt, p->out, s, v);
		return;
	case 'c':
		if (s->align == 0)
			s->align = '>';
		jinja_lay_char(p->rt, p->out, s, v);
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
