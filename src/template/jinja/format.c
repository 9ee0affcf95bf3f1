/* SPDX-License-Identifier: Apache-2.0 */
/* format.c - '…'.format() and its format specifications. */
#include "template/jinja/layout.h"

#include <math.h>

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
		if (out->width > JINJA_MAX_WIDTH)
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
		     s.ptr[i] <= '9' && out->precision <= JINJA_MAX_WIDTH;
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
	digits = jinja_int_digits(rt, v, type, &prefix);
	if (s->grouping != 0)
		digits = jinja_group_digits(
		    rt, digits, s->grouping, type == 'd' ? 3 : 4);
	jinja_lay_number(rt, out, s, jinja_int_sign(v) < 0,
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
		tl_buf_put(&b,
		    jinja_float_digits(rt, f * 100, 'f', s->precision, false));
		tl_buf_putc(&b, '%');
		digits = tl_buf_str(&b);
	} else if (type == 0 && s->precision < 0) {
		digits = jinja_float_digits(rt, f, 'r', 0, false);
	} else if (type == 0) {
		/* Like 'g', but with at least one digit behind the point. */
		digits = jinja_float_digits(rt, f, 'g', s->precision, false);
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
		digits = jinja_float_digits(rt, f, type == 'n' ? 'g' : type,
		    s->precision, s->alternate);
	} else {
		bad_code(rt, type, v);
	}
	if (s->grouping != 0)
		digits = jinja_group_digits(rt, digits, s->grouping, 3);
	jinja_lay_number(
	    rt, out, s, signbit(f) && !isnan(f), "", digits, origin);
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
		jinja_lay_text(rt, &out, &s, v);
	} else if (v.kind == V_FLOAT ||
	    (s.type != 0 && strchr("eEfFgG%", s.type) != NULL)) {
		format_float(rt, &out, &s, v);
	} else if (s.type == 'c') {
		jinja_lay_char(rt, &out, &s, v);
	} else {
		format_int(rt, &out, &s, v);
	}
	return jinja_take(rt, &out);
}

/* --- str.format() -------------------------------------------------------- */

struct formatter {
	struct rt *rt;
	const struct args *args;
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
		v = jinja_ascii(f->rt, v);
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
	struct formatter f = {
		.rt = rt, .args = args, .escapes = jinja_is_marked(fmt)
	};
	val v = format_all(&f, fmt, 1);

	return f.escapes ? jinja_mark(v) : v;
}
