/* SPDX-License-Identifier: Apache-2.0 */
/* globals.c - range, dict, namespace, raise_exception, strftime_now, … */
#include "template/jinja/rt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* --- dict, namespace ----------------------------------------------------- */

static void
add_pairs(struct rt *rt, struct dict *d, val pairs)
{
	struct iter it;
	size_t i = 0;

	jinja_iter(rt, &it, pairs);
	for (val pair; jinja_next_item(rt, &it, &pair); i++) {
		const struct seq *s;

		if (!jinja_is_iterable(pair))
			jinja_throw(rt, "TypeError",
			    "cannot convert dictionary update sequence "
			    "element #%zu to a sequence",
			    i);
		s = jinja_list_of(rt, pair, V_LIST).seq;
		if (s->n != 2)
			jinja_throw(rt, "ValueError",
			    "dictionary update sequence element #%zu has "
			    "length %zu; 2 is required",
			    i, s->n);
		jinja_dict_put(rt, d, s->v[0], s->v[1]);
	}
}

static struct dict *
dict_from_args(struct rt *rt, const struct args *a)
{
	struct dict *d = jinja_new_dict(rt, (uint32_t)a->nkw + 4);

	jinja_arg_count(rt, "dict", a, 0, 1);
	if (a->npos > 0 && a->pos[0].kind == V_UNDEF)
		jinja_throw_undef(rt, a->pos[0]);
	if (a->npos > 0 && a->pos[0].kind == V_DICT) {
		const struct dict *from = jinja_dict(rt, a->pos[0]);

		for (uint32_t i = 0; i < from->n; i++)
			jinja_dict_put(rt, d, from->v[i].key, from->v[i].value);
	} else if (a->npos > 0) {
		add_pairs(rt, d, a->pos[0]);
	}
	for (size_t i = 0; i < a->nkw; i++)
		jinja_dict_put(rt, d,
		    (val){ .kind = V_STR,
			.str = (struct jstr *)(uintptr_t)a->names[i] },
		    a->kw[i]);
	return d;
}

static val
do_dict(struct rt *rt, val self, const struct args *a)
{
	(void)self;
	return (val){ .kind = V_DICT, .dict = dict_from_args(rt, a) };
}

static val
do_namespace(struct rt *rt, val self, const struct args *a)
{
	val ns = { .kind = V_NS, .dict = dict_from_args(rt, a) };

	(void)self;
	if (rt->along != NULL)
		jinja_add_space(rt, ns.dict);
	return ns;
}

/* --- cycler, joiner ------------------------------------------------------ */

/* The items with the position behind them. */
static val
do_cycler(struct rt *rt, val self, const struct args *a)
{
	val *v, list;

	(void)self;
	jinja_no_kwargs(rt, "Cycler.__init__", a);
	if (a->npos == 0)
		jinja_throw(
		    rt, "RuntimeError", "at least one item has to be provided");
	jinja_note_changing(rt);
	list = jinja_new_seq(rt, V_CYCLER, a->npos + 1, &v);
	for (size_t i = 0; i < a->npos; i++)
		v[i] = a->pos[i];
	v[a->npos] = jinja_int(0);
	return list;
}

static val
do_joiner(struct rt *rt, val self, const struct args *a)
{
	val sep, *v, list;

	(void)self;
	jinja_bind(rt, "Joiner.__init__", "sep?", a, 1, &sep, 1);
	jinja_note_changing(rt);
	list = jinja_new_seq(rt, V_JOINER, 2, &v);
	v[0] = sep.kind == V_MISSING ? jinja_str(rt, TL_STR(", ")) : sep;
	v[1] = jinja_bool(false);
	return list;
}

/* --- raise_exception ----------------------------------------------------- */

static val
do_raise(struct rt *rt, val self, const struct args *a)
{
	val message;

	(void)self;
	jinja_bind(rt, "raise_exception", "message", a, 0, &message, 1);
	jinja_throw_str(rt, TL_RENDER_RAISED, "TemplateError",
	    jinja_bytes(rt, jinja_to_str(rt, message)));
}

/* --- strftime_now -------------------------------------------------------- */

static bool
read_digits(const char **p, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

/* 2024-07-06 or 2024-07-06T09:08:07(.micro) */
static bool
parse_iso(const char *p, struct tm *tm, int *micro)
{
	int hour = 0, minute = 0, second = 0;

	*micro = 0;
	memset(tm, 0, sizeof(*tm));
	if (!read_digits(&p, 4, &tm->tm_year) || *p++ != '-' ||
	    !read_digits(&p, 2, &tm->tm_mon) || *p++ != '-' ||
	    !read_digits(&p, 2, &tm->tm_mday))
		return false;
	if (*p == 'T' || *p == ' ') {
		p++;
		if (!read_digits(&p, 2, &hour) || *p++ != ':' ||
		    !read_digits(&p, 2, &minute))
			return false;
		if (*p == ':') {
			p++;
			if (!read_digits(&p, 2, &second))
				return false;
		}
		if (*p == '.') {
			int scale = 100000;

			for (p++; *p >= '0' && *p <= '9'; p++) {
				*micro += (*p - '0') * scale;
				scale /= 10;
			}
		}
	}
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	tm->tm_hour = hour;
	tm->tm_min = minute;
	tm->tm_sec = second;
	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday > 0 &&
	    tm->tm_mday < 32 && hour < 24 && minute < 60 && second < 62;
}

static void
set_week_and_year_day(struct tm *tm)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334 };
	static const int shift[] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
	int y = tm->tm_year + 1900;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	int z = y - (tm->tm_mon < 2);

	tm->tm_yday =
	    before[tm->tm_mon] + tm->tm_mday - 1 + (leap && tm->tm_mon > 1);
	tm->tm_wday =
	    (z + z / 4 - z / 100 + z / 400 + shift[tm->tm_mon] + tm->tm_mday) %
	    7;
	tm->tm_isdst = -1;
}

static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

/* The directives that name things, in the C locale whatever ours is. */
static bool
put_named(struct tl_buf *b, char c, const struct tm *tm, int micro)
{
	switch (c) {
	case 'a':
		tl_buf_put(b, (tl_str){ days[tm->tm_wday], 3 });
		return true;
	case 'A':
		tl_buf_puts(b, days[tm->tm_wday]);
		return true;
	case 'b':
	case 'h':
		tl_buf_put(b, (tl_str){ months[tm->tm_mon], 3 });
		return true;
	case 'B':
		tl_buf_puts(b, months[tm->tm_mon]);
		return true;
	case 'p':
		tl_buf_puts(b, tm->tm_hour < 12 ? "AM" : "PM");
		return true;
	case 'P':
		tl_buf_puts(b, tm->tm_hour < 12 ? "am" : "pm");
		return true;
	case 'c':
		tl_buf_printf(b, "%.3s %.3s %2d %02d:%02d:%02d %d",
		    days[tm->tm_wday], months[tm->tm_mon], tm->tm_mday,
		    tm->tm_hour, tm->tm_min, tm->tm_sec, tm->tm_year + 1900);
		return true;
	case 'x':
		tl_buf_printf(b, "%02d/%02d/%02d", tm->tm_mon + 1, tm->tm_mday,
		    tm->tm_year % 100);
		return true;
	case 'X':
		tl_buf_printf(
		    b, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
		return true;
	case 'Y':
		tl_buf_printf(b, "%d", tm->tm_year + 1900);
		return true;
	case 'f':
		tl_buf_printf(b, "%06d", micro);
		return true;
	case 'z': /* a naive datetime has no zone */
	case 'Z':
		return true;
	default:
		return false;
	}
}

/* One directive at p[i] (behind the '%'); its length. */
static size_t
put_directive(struct tl_buf *b, const char *p, const struct tm *tm, int micro)
{
	char directive[8] = "%", text[64];
	size_t n = 0, len;

	while (n < 2 &&
	    (p[n] == '-' || p[n] == '_' || p[n] == '0' || p[n] == '^' ||
		p[n] == '#'))
		n++;
	if (p[n] == '\0') {
		tl_buf_putc(b, '%');
		return 0;
	}
	if (n == 0 && put_named(b, p[0], tm, micro))
		return 1;
	memcpy(directive + 1, p, n + 1);
	directive[n + 2] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = strftime(text, sizeof(text), directive, tm);
#pragma GCC diagnostic pop
	tl_buf_put(b, (tl_str){ text, len });
	return n + 1;
}

static val
do_strftime(struct rt *rt, val self, const struct args *a)
{
	struct tm tm;
	struct tl_buf b;
	int micro = 0;
	val format;
	const char *p;

	(void)self;
	jinja_bind(rt, "strftime_now", "format", a, 0, &format, 1);
	if (format.kind != V_STR)
		jinja_throw(rt, "TypeError",
		    "strftime() argument 1 must be str, not %s",
		    jinja_type_name(format));
	if (rt->opt->now != NULL) {
		if (!parse_iso(rt->opt->now, &tm, &micro))
			jinja_throw(rt, "ValueError",
			    "Invalid isoformat string: '%s'", rt->opt->now);
		set_week_and_year_day(&tm);
	} else {
		time_t t = time(NULL);

		localtime_r(&t, &tm);
	}
	p = tl_arena_cstr(rt->arena, jinja_bytes(rt, format));
	tl_buf_init(&b, rt->arena, 1 << 20);
	while (*p != '\0') {
		if (*p != '%') {
			tl_buf_putc(&b, *p++);
			continue;
		}
		p++;
		p += put_directive(&b, p, &tm, micro);
	}
	return jinja_str(rt, tl_buf_str(&b));
}

static val
do_lipsum(struct rt *rt, val self, const struct args *a)
{
	(void)self;
	(void)a;
	jinja_throw(rt, "NotImplementedError",
	    "lipsum() is text made by chance; it is not rendered here");
}

static const struct global globals[] = {
	{ "range", NULL, jinja_do_range },
	{ "dict", "dict", do_dict },
	{ "namespace", "jinja2.utils.Namespace", do_namespace },
	{ "cycler", "jinja2.utils.Cycler", do_cycler },
	{ "joiner", "jinja2.utils.Joiner", do_joiner },
	{ "raise_exception", NULL, do_raise },
	{ "strftime_now", NULL, do_strftime },
	{ "lipsum", NULL, do_lipsum },
};

const struct global *
jinja_find_global(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(globals); i++) {
		if (tl_str_eq(name, tl_str_from(globals[i].name)))
			return &globals[i];
	}
	return NULL;
}
