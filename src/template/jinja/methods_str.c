/* SPDX-License-Identifier: Apache-2.0 */
/* methods_str.c - the methods of str. */
#include "template/jinja/rt.h"

static int64_t
int_arg(struct rt *rt, val v, int64_t fallback)
{
	int64_t i;

	if (v.kind == V_MISSING || v.kind == V_NONE)
		return fallback;
	if (jinja_index(v, &i))
		return i;
	if (v.kind == V_BIG)
		return v.big->is_negative ? INT64_MIN : INT64_MAX;
	jinja_throw(rt, "TypeError",
	    "'%s' object cannot be interpreted as an integer",
	    jinja_type_name(v));
}

static int64_t
count_arg(struct rt *rt, val v, int64_t fallback)
{
	if (v.kind == V_NONE)
		jinja_throw(rt, "TypeError",
		    "'NoneType' object cannot be interpreted as an integer");
	if (v.kind == V_BIG)
		jinja_throw(rt, "OverflowError",
		    "Python int too large to convert to C ssize_t");
	return int_arg(rt, v, fallback);
}

/* Markup's methods escape their plain string arguments. */
static val
arg_like(struct rt *rt, val self, val v)
{
	return jinja_is_marked(self) && v.kind == V_STR ? jinja_escape(rt, v)
							: v;
}

/* --- case ---------------------------------------------------------------- */

static val
m_upper(struct rt *rt, val s, val *a)
{
	(void)a;
	return jinja_map_case(rt, s, 'u');
}

static val
m_lower(struct rt *rt, val s, val *a)
{
	(void)a;
	return jinja_map_case(rt, s, 'l');
}

static val
m_title(struct rt *rt, val s, val *a)
{
	(void)a;
	return jinja_map_case(rt, s, 't');
}

static val
m_capitalize(struct rt *rt, val s, val *a)
{
	(void)a;
	return jinja_map_case(rt, s, 'c');
}

static val
m_swapcase(struct rt *rt, val s, val *a)
{
	(void)a;
	return jinja_map_case(rt, s, 's');
}

static val
m_casefold(struct rt *rt, val s, val *a)
{
	(void)a;
	return jinja_unmark(jinja_map_case(rt, s, 'f'));
}

/* --- strip --------------------------------------------------------------- */

static val
m_strip(struct rt *rt, val s, val *a)
{
	return jinja_strip_chars(rt, s, arg_like(rt, s, a[0]), true, true);
}

static val
m_lstrip(struct rt *rt, val s, val *a)
{
	return jinja_strip_chars(rt, s, arg_like(rt, s, a[0]), true, false);
}

static val
m_rstrip(struct rt *rt, val s, val *a)
{
	return jinja_strip_chars(rt, s, arg_like(rt, s, a[0]), false, true);
}

static val
m_removeprefix(struct rt *rt, val s, val *a)
{
	val p = jinja_str_arg(rt, a[0], "removeprefix() argument");

	s = jinja_unmark(s);
	if (!tl_str_starts(jinja_bytes(rt, s), jinja_bytes(rt, p)))
		return s;
	return jinja_slice(rt, s, jinja_len(p), jinja_len(s));
}

static val
m_removesuffix(struct rt *rt, val s, val *a)
{
	val p = jinja_str_arg(rt, a[0], "removesuffix() argument");

	s = jinja_unmark(s);
	if (!tl_str_ends(jinja_bytes(rt, s), jinja_bytes(rt, p)))
		return s;
	return jinja_slice(rt, s, 0, jinja_len(s) - jinja_len(p));
}

/* --- split and join ------------------------------------------------------ */

static val
m_split(struct rt *rt, val s, val *a)
{
	return jinja_split(rt, s, a[0], count_arg(rt, a[1], -1), false);
}

static val
m_rsplit(struct rt *rt, val s, val *a)
{
	return jinja_split(rt, s, a[0], count_arg(rt, a[1], -1), true);
}

static val
m_splitlines(struct rt *rt, val s, val *a)
{
	return jinja_splitlines(
	    rt, s, a[0].kind != V_MISSING && jinja_truth(rt, a[0]));
}

static val
m_join(struct rt *rt, val s, val *a)
{
	struct seq *items;
	val text;

	if (!jinja_is_iterable(a[0]))
		jinja_throw(rt, "TypeError", "can only join an iterable");
	items = jinja_list_of(rt, a[0], V_LIST).seq;
	for (size_t i = 0; i < items->n; i++) {
		if (jinja_is_marked(s))
			items->v[i] = jinja_escape(rt, items->v[i]);
		else if (items->v[i].kind != V_STR)
			jinja_throw(rt, "TypeError",
			    "sequence item %zu: expected str instance, %s "
			    "found",
			    i, jinja_type_name(items->v[i]));
	}
	if (items->n == 1 && !jinja_is_marked(s))
		return items->v[0];
	text = jinja_join(rt, s, items);
	return jinja_is_marked(s) ? jinja_mark(text) : text;
}

static val
three(struct rt *rt, val s, size_t beg, size_t end)
{
	val *v, t = jinja_new_seq(rt, V_TUPLE, 3, &v);

	v[0] = jinja_slice(rt, s, 0, beg);
	v[1] = jinja_slice(rt, s, beg, end);
	v[2] = jinja_slice(rt, s, end, jinja_len(s));
	for (int i = 0; i < 3; i++)
		v[i] =
		    jinja_is_marked(s) ? jinja_mark(v[i]) : jinja_unmark(v[i]);
	return t;
}

static val
partition(struct rt *rt, val s, val sep, bool from_right)
{
	tl_str text = jinja_bytes(rt, s), what;
	size_t hit;

	sep = arg_like(rt, s, jinja_str_arg(rt, sep, "separator"));
	what = jinja_bytes(rt, sep);
	if (what.len == 0)
		jinja_throw(rt, "ValueError", "empty separator");
	jinja_step(rt, text.len / 256);
	hit = from_right ? jinja_find_last(rt, text, what, 0)
			 : jinja_find(rt, text, what, 0);
	if (hit != TL_NPOS)
		return three(rt, s, hit, hit + what.len);
	return from_right ? three(rt, s, 0, 0)
			  : three(rt, s, text.len, text.len);
}

static val
m_partition(struct rt *rt, val s, val *a)
{
	return partition(rt, s, a[0], false);
}

static val
m_rpartition(struct rt *rt, val s, val *a)
{
	return partition(rt, s, a[0], true);
}

static val
m_replace(struct rt *rt, val s, val *a)
{
	val old, new, text;

	if (a[0].kind != V_STR)
		jinja_throw(rt, "TypeError",
		    "replace() argument 1 must be str, not %s",
		    jinja_type_name(a[0]));
	if (a[1].kind != V_STR)
		jinja_throw(rt, "TypeError",
		    "replace() argument 2 must be str, not %s",
		    jinja_type_name(a[1]));
	old = arg_like(rt, s, a[0]);
	new = arg_like(rt, s, a[1]);
	text = jinja_replace(rt, s, old, new, count_arg(rt, a[2], -1));
	return jinja_is_marked(s) ? jinja_mark(text) : jinja_unmark(text);
}

/* --- search -------------------------------------------------------------- */

/* The part of s between the optional bounds, as bytes. */
static void
window(struct rt *rt, val s, val start, val stop, size_t *beg, size_t *end,
    bool *is_inside)
{
	int64_t n = (int64_t)jinja_str_count(rt, s);
	int64_t b = int_arg(rt, start, 0), e = int_arg(rt, stop, n);
	tl_str text = jinja_bytes(rt, s);

	*is_inside = true;
	if (start.kind == V_MISSING && stop.kind == V_MISSING) {
		*beg = 0;
		*end = text.len;
		return;
	}
	if (b < 0)
		b = b + n < 0 ? 0 : b + n;
	if (e < 0)
		e = e + n < 0 ? 0 : e + n;
	if (e > n)
		e = n;
	*is_inside = b <= e && b <= n;
	if (!*is_inside)
		b = e;
	*beg = jinja_offset(text, (size_t)b);
	*end = jinja_offset(text, (size_t)e);
}

static bool
affix(struct rt *rt, tl_str s, val what, const char *name, bool at_end)
{
	const struct seq *t;

	if (what.kind == V_STR)
		return at_end ? tl_str_ends(s, jinja_bytes(rt, what))
			      : tl_str_starts(s, jinja_bytes(rt, what));
	if (what.kind != V_TUPLE)
		jinja_throw(rt, "TypeError",
		    "%s first arg must be str or a tuple of str, not %s", name,
		    jinja_type_name(what));
	t = jinja_seq(rt, what);
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].kind != V_STR)
			jinja_throw(rt, "TypeError",
			    "tuple for %s must only contain str, not %s", name,
			    jinja_type_name(t->v[i]));
		if (affix(rt, s, t->v[i], name, at_end))
			return true;
	}
	return false;
}

static val
m_startswith(struct rt *rt, val s, val *a)
{
	size_t beg, end;
	bool is_inside;

	window(rt, s, a[1], a[2], &beg, &end, &is_inside);
	return jinja_bool(affix(rt, tl_str_slice(jinja_bytes(rt, s), beg, end),
			      a[0], "startswith", false) &&
	    is_inside);
}

static val
m_endswith(struct rt *rt, val s, val *a)
{
	size_t beg, end;
	bool is_inside;

	window(rt, s, a[1], a[2], &beg, &end, &is_inside);
	return jinja_bool(affix(rt, tl_str_slice(jinja_bytes(rt, s), beg, end),
			      a[0], "endswith", true) &&
	    is_inside);
}

/* Code point index of a hit, or -1. */
static int64_t
find(struct rt *rt, val s, val *a, bool last)
{
	tl_str text = jinja_bytes(rt, s), what;
	size_t beg, end, hit;
	bool is_inside;

	if (a[0].kind != V_STR)
		jinja_throw(rt, "TypeError", "must be str, not %s",
		    jinja_type_name(a[0]));
	window(rt, s, a[1], a[2], &beg, &end, &is_inside);
	what = jinja_bytes(rt, a[0]);
	jinja_step(rt, text.len / 256);
	if (!is_inside)
		return -1;
	hit = last ? jinja_find_last(rt, (tl_str){ text.ptr, end }, what, beg)
		   : jinja_find(rt, (tl_str){ text.ptr, end }, what, beg);
	if (hit == TL_NPOS)
		return -1;
	return (int64_t)jinja_count(tl_str_slice(text, 0, hit));
}

static val
m_find(struct rt *rt, val s, val *a)
{
	return jinja_int(find(rt, s, a, false));
}

static val
m_rfind(struct rt *rt, val s, val *a)
{
	return jinja_int(find(rt, s, a, true));
}

static val
found(struct rt *rt, int64_t at)
{
	if (at < 0)
		jinja_throw(rt, "ValueError", "substring not found");
	return jinja_int(at);
}

static val
m_index(struct rt *rt, val s, val *a)
{
	return found(rt, find(rt, s, a, false));
}

static val
m_rindex(struct rt *rt, val s, val *a)
{
	return found(rt, find(rt, s, a, true));
}

static val
m_count(struct rt *rt, val s, val *a)
{
	tl_str text = jinja_bytes(rt, s), what;
	size_t beg, end, at;
	bool is_inside;
	int64_t n = 0;

	if (a[0].kind != V_STR)
		jinja_throw(rt, "TypeError", "must be str, not %s",
		    jinja_type_name(a[0]));
	window(rt, s, a[1], a[2], &beg, &end, &is_inside);
	what = jinja_bytes(rt, a[0]);
	text.len = end;
	jinja_step(rt, text.len / 128);
	if (!is_inside)
		return jinja_int(0);
	if (what.len == 0)
		return jinja_int(
		    (int64_t)jinja_count(tl_str_slice(text, beg, end)) + 1);
	for (at = beg; (at = jinja_find(rt, text, what, at)) != TL_NPOS;
	     at += what.len)
		n++;
	return jinja_int(n);
}

/* --- layout -------------------------------------------------------------- */

static val
m_center(struct rt *rt, val s, val *a)
{
	return jinja_center(
	    rt, s, count_arg(rt, a[0], 0), arg_like(rt, s, a[1]), 'c');
}

static val
m_ljust(struct rt *rt, val s, val *a)
{
	return jinja_center(
	    rt, s, count_arg(rt, a[0], 0), arg_like(rt, s, a[1]), 'l');
}

static val
m_rjust(struct rt *rt, val s, val *a)
{
	return jinja_center(
	    rt, s, count_arg(rt, a[0], 0), arg_like(rt, s, a[1]), 'r');
}

static val
m_zfill(struct rt *rt, val s, val *a)
{
	int64_t width = count_arg(rt, a[0], 0);
	int64_t len = (int64_t)jinja_str_count(rt, s);
	tl_str text = jinja_bytes(rt, s);
	size_t sign =
	    text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
	struct sink out = { 0 };
	val v;

	if (width <= len)
		return s;
	jinja_put_slice(rt, &out, s, 0, sign);
	jinja_put_str(rt, &out,
	    jinja_repeat(rt, jinja_str(rt, TL_STR("0")), width - len));
	jinja_put_slice(rt, &out, s, sign, text.len);
	v = jinja_take(rt, &out);
	return jinja_is_marked(s) ? jinja_mark(v) : v;
}

static val
m_expandtabs(struct rt *rt, val s, val *a)
{
	int64_t size = count_arg(rt, a[0], 8), column = 0;
	tl_str text = jinja_bytes(rt, s);
	struct sink out = { 0 };
	size_t clean = 0;
	val v, space = jinja_str(rt, TL_STR(" "));

	for (size_t i = 0, n; i < text.len; i += n) {
		uint32_t cp;

		n = jinja_next(text, i, &cp);
		if (cp == '\t') {
			int64_t pad = size > 0 ? size - column % size : 0;

			jinja_put_slice(rt, &out, s, clean, i);
			jinja_put_str(rt, &out, jinja_repeat(rt, space, pad));
			column += pad;
			clean = i + n;
		} else {
			column = cp == '\n' || cp == '\r' ? 0 : column + 1;
		}
	}
	jinja_put_slice(rt, &out, s, clean, text.len);
	v = jinja_take(rt, &out);
	return jinja_is_marked(s) ? jinja_mark(v) : v;
}

/* --- questions ----------------------------------------------------------- */

static bool
all(struct rt *rt, val s, bool (*is)(uint32_t))
{
	tl_str text = jinja_bytes(rt, s);

	jinja_step(rt, text.len / 64);
	for (size_t i = 0; i < text.len;) {
		uint32_t cp;

		i += jinja_next(text, i, &cp);
		if (!is(cp))
			return false;
	}
	return text.len > 0;
}

static bool
is_alnum(uint32_t cp)
{
	return jinja_is_alpha(cp) || jinja_is_numeric(cp);
}

#define QUESTION(name, expr)                              \
	static val m_##name(struct rt *rt, val s, val *a) \
	{                                                 \
		(void)a;                                  \
		return jinja_bool(expr);                  \
	}

QUESTION(isdigit, all(rt, s, jinja_is_digit))
QUESTION(isdecimal, all(rt, s, jinja_is_decimal))
QUESTION(isnumeric, all(rt, s, jinja_is_numeric))
QUESTION(isalpha, all(rt, s, jinja_is_alpha))
QUESTION(isalnum, all(rt, s, is_alnum))
QUESTION(isspace, all(rt, s, jinja_is_space_cp))
QUESTION(isprintable, jinja_len(s) == 0 || all(rt, s, jinja_is_printable))
QUESTION(isascii, jinja_str_is_ascii(rt, s))
QUESTION(islower, jinja_islower(rt, s))
QUESTION(isupper, jinja_isupper(rt, s))
QUESTION(isidentifier, jinja_is_identifier(jinja_bytes(rt, s)))

static val
m_istitle(struct rt *rt, val s, val *a)
{
	tl_str text = jinja_bytes(rt, s);
	bool in_word = false, found_one = false;

	(void)a;
	for (size_t i = 0; i < text.len;) {
		uint32_t cp;

		i += jinja_next(text, i, &cp);
		if (jinja_is_upper(cp) || jinja_is_title(cp)) {
			if (in_word)
				return jinja_bool(false);
			in_word = found_one = true;
		} else if (jinja_is_lower(cp)) {
			if (!in_word)
				return jinja_bool(false);
			found_one = true;
		} else {
			in_word = false;
		}
	}
	return jinja_bool(found_one);
}

static val
m_format(struct rt *rt, val s, const struct args *args)
{
	return jinja_format(rt, s, args);
}

static val
m_format_map(struct rt *rt, val s, val *a)
{
	struct args args = { 0 };
	const struct dict *d;

	if (a[0].kind != V_DICT)
		jinja_throw(
		    rt, "TypeError", "format_map() argument must be a mapping");
	d = jinja_dict(rt, a[0]);
	args.names = jinja_array(rt, d->n, sizeof(*args.names));
	args.kw = jinja_array(rt, d->n, sizeof(*args.kw));
	for (uint32_t i = 0; i < d->n; i++) {
		if (d->v[i].key.kind != V_STR)
			continue;
		args.names[args.nkw] =
		    jinja_str(rt, jinja_bytes(rt, d->v[i].key)).str;
		args.kw[args.nkw++] = d->v[i].value;
	}
	return jinja_format(rt, s, &args);
}

static val
m_refused(struct rt *rt, val s, const struct args *args)
{
	(void)s;
	(void)args;
	jinja_throw(rt, "NotImplementedError",
	    "encode(), translate() and maketrans() are not rendered here");
}

const struct method jinja_str_methods[] = {
	{ "capitalize", "/", { .fn = m_capitalize } },
	{ "casefold", "/", { .fn = m_casefold } },
	{ "center", "/width fillchar?", { .fn = m_center } },
	{ "count", "/sub start? end?", { .fn = m_count } },
	{ "encode", NULL, { .raw = m_refused } },
	{ "endswith", "/suffix start? end?", { .fn = m_endswith } },
	{ "expandtabs", "tabsize?", { .fn = m_expandtabs } },
	{ "find", "/sub start? end?", { .fn = m_find } },
	{ "format", NULL, { .raw = m_format } },
	{ "format_map", "/mapping", { .fn = m_format_map } },
	{ "index", "/sub start? end?", { .fn = m_index } },
	{ "isalnum", "/", { .fn = m_isalnum } },
	{ "isalpha", "/", { .fn = m_isalpha } },
	{ "isascii", "/", { .fn = m_isascii } },
	{ "isdecimal", "/", { .fn = m_isdecimal } },
	{ "isdigit", "/", { .fn = m_isdigit } },
	{ "isidentifier", "/", { .fn = m_isidentifier } },
	{ "islower", "/", { .fn = m_islower } },
	{ "isnumeric", "/", { .fn = m_isnumeric } },
	{ "isprintable", "/", { .fn = m_isprintable } },
	{ "isspace", "/", { .fn = m_isspace } },
	{ "istitle", "/", { .fn = m_istitle } },
	{ "isupper", "/", { .fn = m_isupper } },
	{ "join", "/iterable", { .fn = m_join } },
	{ "ljust", "/width fillchar?", { .fn = m_ljust } },
	{ "lower", "/", { .fn = m_lower } },
	{ "lstrip", "/chars?", { .fn = m_lstrip } },
	{ "maketrans", NULL, { .raw = m_refused } },
	{ "partition", "/sep", { .fn = m_partition } },
	{ "removeprefix", "/prefix", { .fn = m_removeprefix } },
	{ "removesuffix", "/suffix", { .fn = m_removesuffix } },
	{ "replace", "/old new count?", { .fn = m_replace } },
	{ "rfind", "/sub start? end?", { .fn = m_rfind } },
	{ "rindex", "/sub start? end?", { .fn = m_rindex } },
	{ "rjust", "/width fillchar?", { .fn = m_rjust } },
	{ "rpartition", "/sep", { .fn = m_rpartition } },
	{ "rsplit", "sep? maxsplit?", { .fn = m_rsplit } },
	{ "rstrip", "/chars?", { .fn = m_rstrip } },
	{ "split", "sep? maxsplit?", { .fn = m_split } },
	{ "splitlines", "keepends?", { .fn = m_splitlines } },
	{ "startswith", "/prefix start? end?", { .fn = m_startswith } },
	{ "strip", "/chars?", { .fn = m_strip } },
	{ "swapcase", "/", { .fn = m_swapcase } },
	{ "title", "/", { .fn = m_title } },
	{ "translate", NULL, { .raw = m_refused } },
	{ "upper", "/", { .fn = m_upper } },
	{ "zfill", "/width", { .fn = m_zfill } },
	{ NULL, NULL, { NULL } },
};
