/* SPDX-License-Identifier: Apache-2.0 */
/* filters_text.c - filters that make text of their subject. */
#include "template/jinja/rt.h"

/* soft_str(): marks stay. */
static val
soft(struct rt *rt, val v)
{
	return jinja_to_str(rt, v);
}

static val
do_string(struct rt *rt, val v, val *a)
{
	(void)a;
	return soft(rt, v);
}

static val
do_upper(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_map_case(rt, soft(rt, v), 'u');
}

static val
do_lower(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_map_case(rt, soft(rt, v), 'l');
}

static val
do_capitalize(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_map_case(rt, soft(rt, v), 'c');
}

static val
do_title(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_unmark(jinja_map_case(rt, soft(rt, v), 'T'));
}

static val
do_trim(struct rt *rt, val v, val *a)
{
	return jinja_strip_chars(rt, soft(rt, v), a[0], true, true);
}

static int64_t
int_arg(struct rt *rt, val v, int64_t fallback)
{
	int64_t i;

	if (v.kind == V_MISSING)
		return fallback;
	if (jinja_index(v, &i))
		return i;
	if (v.kind == V_BIG)
		jinja_throw(rt, "OverflowError",
		    "Python int too large to convert to C ssize_t");
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	jinja_throw(rt, "TypeError",
	    "'%s' object cannot be interpreted as an integer",
	    jinja_type_name(v));
}

static val
do_replace(struct rt *rt, val v, val *a)
{
	int64_t count = a[2].kind == V_NONE ? -1 : int_arg(rt, a[2], -1);

	if (rt->autoescape) {
		if (jinja_is_marked(a[0]) ||
		    (jinja_is_marked(a[1]) && !jinja_is_marked(v)))
			v = jinja_escape(rt, v);
		v = soft(rt, v);
		a[0] = soft(rt, a[0]);
		a[1] = soft(rt, a[1]);
		if (!jinja_is_marked(v))
			return jinja_replace(rt, v, a[0], a[1], count);
		return jinja_mark(jinja_replace(rt, v, jinja_escape(rt, a[0]),
		    jinja_escape(rt, a[1]), count));
	}
	return jinja_unmark(jinja_replace(
	    rt, soft(rt, v), soft(rt, a[0]), soft(rt, a[1]), count));
}

static val
do_center(struct rt *rt, val v, val *a)
{
	return jinja_center(
	    rt, soft(rt, v), int_arg(rt, a[0], 80), (val){ 0 }, 'c');
}

static val
do_safe(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_mark(soft(rt, v));
}

static val
do_escape(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_escape(rt, v);
}

static val
do_forceescape(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_escape(rt, jinja_unmark(soft(rt, v)));
}

/* --- indent -------------------------------------------------------------- */

/* A marked text in front of lines that are not: Python adds, and thereby
 * escapes. */
static val
indent_by_marked(
    struct rt *rt, const struct seq *lines, val width, bool first, bool blank)
{
	struct sink out = { 0 };
	val v;

	for (size_t i = 0; i < lines->n; i++) {
		val line = lines->v[i];

		if (i > 0)
			jinja_put_str(rt, &out, jinja_str(rt, TL_STR("\n")));
		if (i > 0 && blank)
			jinja_put_str(rt, &out, width);
		if (blank)
			line = jinja_escape(rt, line);
		else if (i > 0 && jinja_len(line) > 0)
			line = jinja_add(rt, width, line);
		jinja_put_str(rt, &out, line);
	}
	v = jinja_take(rt, &out);
	if (blank)
		v = jinja_mark(v);
	return first ? jinja_add(rt, width, v) : v;
}

static val
do_indent(struct rt *rt, val v, val *a)
{
	val width = a[0];
	bool first = a[1].kind != V_MISSING && jinja_truth(rt, a[1]);
	bool blank = a[2].kind != V_MISSING && jinja_truth(rt, a[2]);
	struct sink out = { 0 };
	val newline = jinja_str(rt, TL_STR("\n"));
	bool is_marked = jinja_is_marked(v);
	const struct seq *lines;

	if (width.kind != V_STR)
		width = jinja_repeat(
		    rt, jinja_str(rt, TL_STR(" ")), int_arg(rt, width, 4));
	if (is_marked)
		width = jinja_escape(rt, jinja_mark(width));
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (v.kind != V_STR)
		jinja_throw(rt, "TypeError",
		    "unsupported operand type(s) for +=: '%s' and 'str'",
		    jinja_type_name(v));
	lines = jinja_splitlines(rt, jinja_add(rt, v, newline), false).seq;
	if (!is_marked && jinja_is_marked(width))
		return indent_by_marked(rt, lines, width, first, blank);
	for (size_t i = 0; i < lines->n; i++) {
		bool is_blank = jinja_len(lines->v[i]) == 0;

		if (i > 0)
			jinja_put_str(rt, &out, newline);
		if (i == 0 ? first : (blank || !is_blank))
			jinja_put_str(rt, &out, width);
		jinja_put_str(rt, &out, lines->v[i]);
	}
	v = jinja_take(rt, &out);
	return is_marked ? jinja_mark(v) : v;
}

/* --- join ---------------------------------------------------------------- */

static val
do_join(struct rt *rt, val v, val *a)
{
	val sep = a[0].kind == V_MISSING ? jinja_str(rt, TL_STR("")) : a[0];
	struct attr_path *path = NULL;
	struct sink out = { 0 };
	struct iter it;
	bool is_first = true, is_marked = false;

	if (a[1].kind != V_MISSING && a[1].kind != V_NONE)
		path = jinja_attr_path(rt, a[1]);
	if (rt->autoescape) {
		v = jinja_list_of(rt, v, V_LIST);
		for (size_t i = 0; i < v.seq->n; i++) {
			if (path != NULL)
				v.seq->v[i] =
				    jinja_attr_get(rt, path, v.seq->v[i], NULL);
			is_marked = is_marked || jinja_is_marked(v.seq->v[i]);
		}
		path = NULL;
		is_marked = is_marked || jinja_is_marked(sep);
		if (is_marked)
			sep = jinja_escape(rt, sep);
	}
	sep = soft(rt, sep);
	jinja_iter(rt, &it, v);
	for (val item; jinja_next_item(rt, &it, &item);) {
		if (path != NULL)
			item = jinja_attr_get(rt, path, item, NULL);
		if (!is_first)
			jinja_put_str(rt, &out, sep);
		is_first = false;
		if (is_marked)
			item = jinja_escape(rt, item);
		jinja_print(rt, &out, item);
	}
	v = jinja_take(rt, &out);
	return is_marked ? jinja_mark(v) : v;
}

/* --- format, truncate, words --------------------------------------------- */

static val
do_format(struct rt *rt, val v, const struct args *args)
{
	val *items, arg;
	struct dict *d;

	if (args->npos > 0 && args->nkw > 0)
		jinja_throw(rt, "FilterArgumentError",
		    "can't handle positional and keyword arguments at the "
		    "same time");
	if (args->nkw == 0) {
		arg = jinja_new_seq(rt, V_TUPLE, args->npos, &items);
		for (size_t i = 0; i < args->npos; i++)
			items[i] = args->pos[i];
		return jinja_percent(rt, soft(rt, v), arg);
	}
	d = jinja_new_dict(rt, (uint32_t)args->nkw);
	for (size_t i = 0; i < args->nkw; i++)
		jinja_dict_put(rt, d,
		    (val){ .kind = V_STR,
			.str = (struct jstr *)(uintptr_t)args->names[i] },
		    args->kw[i]);
	return jinja_percent(
	    rt, soft(rt, v), (val){ .kind = V_DICT, .dict = d });
}

static val
do_truncate(struct rt *rt, val v, val *a)
{
	val length = a[0].kind == V_MISSING ? jinja_int(255) : a[0];
	bool kill_words = a[1].kind != V_MISSING && jinja_truth(rt, a[1]);
	val end = a[2].kind == V_MISSING ? jinja_str(rt, TL_STR("...")) : a[2];
	val leeway =
	    a[3].kind == V_MISSING || a[3].kind == V_NONE ? jinja_int(5) : a[3];
	val end_len = jinja_int((int64_t)jinja_length(rt, end));
	val head;

	if (!jinja_less(rt, length, end_len, ">="))
		jinja_throw(rt, "AssertionError",
		    "expected length >= %lld, got a smaller one",
		    (long long)end_len.i);
	if (!jinja_less(rt, leeway, jinja_int(0), ">="))
		jinja_throw(rt, "AssertionError", "expected leeway >= 0");
	if (jinja_less(rt, jinja_int((int64_t)jinja_length(rt, v)),
		jinja_add(rt, length, leeway), "<="))
		return v;
	head = jinja_get_slice(rt, v, jinja_none(),
	    jinja_arith(rt, N_SUB, length, end_len), jinja_none());
	if (!kill_words && head.kind == V_STR)
		head =
		    jinja_split(rt, head, jinja_str(rt, TL_STR(" ")), 1, true)
			.seq->v[0];
	return jinja_add(rt, head, end);
}

static val
do_wordcount(struct rt *rt, val v, val *a)
{
	tl_str s = jinja_bytes(rt, soft(rt, v));
	bool in_word = false;
	int64_t n = 0;

	(void)a;
	jinja_step(rt, s.len / 64);
	for (size_t i = 0; i < s.len;) {
		uint32_t cp;
		bool is_word;

		i += jinja_next(s, i, &cp);
		is_word =
		    cp == '_' || jinja_is_alpha(cp) || jinja_is_numeric(cp);
		n += is_word && !in_word;
		in_word = is_word;
	}
	return jinja_int(n);
}

/* --- striptags, urlencode, filesizeformat -------------------------------- */

/* The few entities that templates meet; others stay as they are. */
static bool
entity_at(tl_str s, size_t at, uint32_t *cp, size_t *len)
{
	static const struct {
		const char *name;
		uint32_t cp;
	} names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' }, { "&nbsp;", 0xa0 } };
	size_t i = at + 2;
	unsigned base = 10;
	uint32_t v = 0;

	for (size_t k = 0; k < TL_COUNT(names); k++) {
		if (tl_str_starts(tl_str_slice(s, at, s.len),
			tl_str_from(names[k].name))) {
			*cp = names[k].cp;
			*len = strlen(names[k].name);
			return true;
		}
	}
	if (i >= s.len || s.ptr[at + 1] != '#')
		return false;
	if ((s.ptr[i] | 0x20) == 'x') {
		base = 16;
		i++;
	}
	for (; i < s.len && s.ptr[i] != ';' && v < 0x110000; i++) {
		char c = (char)(s.ptr[i] | 0x20);
		unsigned d = s.ptr[i] >= '0' && s.ptr[i] <= '9'
		    ? (unsigned)(s.ptr[i] - '0')
		    : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
					   : 99;

		if (d >= base)
			return false;
		v = v * base + d;
	}
	if (i >= s.len || v == 0 || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return false;
	*cp = v;
	*len = i + 1 - at;
	return true;
}

/* Leave out what stands between `open` and `close`. */
static val
cut_between(struct rt *rt, val v, tl_str open, tl_str close)
{
	tl_str s = jinja_bytes(rt, v);
	struct sink out = { 0 };
	size_t at = 0, beg, end;

	while ((beg = jinja_find(rt, s, open, at)) != TL_NPOS &&
	    (end = jinja_find(rt, s, close, beg + open.len)) != TL_NPOS) {
		jinja_step(rt, 1);
		jinja_put_slice(rt, &out, v, at, beg);
		at = end + close.len;
	}
	jinja_put_slice(rt, &out, v, at, s.len);
	return jinja_take(rt, &out);
}

static val
do_striptags(struct rt *rt, val v, val *a)
{
	struct sink out = { 0 };
	tl_str s;
	size_t clean = 0;

	(void)a;
	v = cut_between(
	    rt, jinja_unmark(soft(rt, v)), TL_STR("<!--"), TL_STR("-->"));
	v = cut_between(rt, v, TL_STR("<"), TL_STR(">"));
	v = jinja_join(rt, jinja_str(rt, TL_STR(" ")),
	    jinja_split(rt, v, jinja_none(), -1, false).seq);
	s = jinja_bytes(rt, v);
	for (size_t i = 0; i < s.len;) {
		uint32_t cp;
		size_t n;
		char bytes[4];

		if (s.ptr[i] != '&' || !entity_at(s, i, &cp, &n)) {
			i++;
			continue;
		}
		jinja_put_slice(rt, &out, v, clean, i);
		jinja_put_derived(rt, &out,
		    (tl_str){ bytes, jinja_put(bytes, cp) },
		    jinja_origin(rt, v));
		i += n;
		clean = i;
	}
	jinja_put_slice(rt, &out, v, clean, s.len);
	return jinja_take(rt, &out);
}

static void
put_quoted(struct rt *rt, struct sink *out, val v, bool is_query)
{
	val text = soft(rt, v);
	tl_str s = jinja_bytes(rt, text);
	const struct tl_json *origin = jinja_origin(rt, text);
	char hex[4] = "%";

	jinja_step(rt, s.len / 16);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool is_plain = (c >= '0' && c <= '9') ||
		    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
		    c == '.' || c == '-' || c == '~' || (c == '/' && !is_query);

		if (is_plain) {
			jinja_put_slice(rt, out, text, i, i + 1);
		} else if (c == ' ' && is_query) {
			jinja_put_derived(rt, out, TL_STR("+"), origin);
		} else {
			hex[1] = "0123456789ABCDEF"[c >> 4];
			hex[2] = "0123456789ABCDEF"[c & 15];
			jinja_put_derived(rt, out, (tl_str){ hex, 3 }, origin);
		}
	}
}

static val
do_urlencode(struct rt *rt, val v, val *a)
{
	struct sink out = { 0 };
	struct iter it;
	bool is_first = true;

	(void)a;
	if (v.kind == V_STR || !jinja_is_iterable(v)) {
		put_quoted(rt, &out, v, false);
		return jinja_take(rt, &out);
	}
	if (v.kind == V_DICT)
		v = (val){ .kind = V_VIEW,
			.sub = W_ITEMS,
			.dict = jinja_dict(rt, v) };
	jinja_iter(rt, &it, v);
	for (val pair; jinja_next_item(rt, &it, &pair);) {
		const struct seq *s = jinja_list_of(rt, pair, V_LIST).seq;

		if (s->n != 2)
			jinja_throw(rt, "ValueError",
			    "not enough values to unpack (expected 2, got "
			    "%zu)",
			    s->n);
		if (!is_first)
			jinja_put_lit(rt, &out, TL_STR("&"));
		is_first = false;
		put_quoted(rt, &out, s->v[0], true);
		jinja_put_lit(rt, &out, TL_STR("="));
		put_quoted(rt, &out, s->v[1], true);
	}
	return jinja_take(rt, &out);
}

static val
do_filesizeformat(struct rt *rt, val v, val *a)
{
	static const char *const decimal[] = { "kB", "MB", "GB", "TB", "PB",
		"EB", "ZB", "YB" };
	static const char *const binary[] = { "KiB", "MiB", "GiB", "TiB", "PiB",
		"EiB", "ZiB", "YiB" };
	bool is_binary = a[0].kind != V_MISSING && jinja_truth(rt, a[0]);
	double base = is_binary ? 1024 : 1000, bytes, unit;
	size_t i;

	if (!jinja_float_of(rt, v, &bytes))
		jinja_throw(
		    rt, "ValueError", "could not convert string to float");
	if (bytes == 1)
		return jinja_str(rt, TL_STR("1 Byte"));
	if (bytes < base) {
		if (!jinja_float_to_int(rt->arena, bytes, &v))
			jinja_throw(rt, "OverflowError",
			    "cannot convert float infinity to integer");
		return jinja_cstr(rt,
		    tl_arena_printf(rt->arena, "%s Bytes",
			tl_arena_cstr(
			    rt->arena, jinja_bytes(rt, jinja_to_str(rt, v)))));
	}
	unit = base * base;
	for (i = 0; i < 7 && !(bytes < unit); i++)
		unit *= base;
	return jinja_cstr(rt,
	    tl_arena_printf(rt->arena, "%.1f %s", base * bytes / unit,
		is_binary ? binary[i] : decimal[i]));
}

/* --- xmlattr ------------------------------------------------------------- */

static val
do_xmlattr(struct rt *rt, val v, val *a)
{
	bool autospace = a[0].kind == V_MISSING || jinja_truth(rt, a[0]);
	struct sink out = { 0 };
	const struct dict *d;

	if (v.kind != V_DICT)
		jinja_throw(rt, "AttributeError",
		    "'%s' object has no attribute 'items'", jinja_type_name(v));
	d = jinja_dict(rt, v);
	for (uint32_t i = 0; i < d->n; i++) {
		val value = d->v[i].value, key = soft(rt, d->v[i].key);
		tl_str name = jinja_bytes(rt, key);

		if (value.kind == V_NONE || value.kind == V_UNDEF)
			continue;
		if (d->v[i].key.kind != V_STR)
			jinja_throw(rt, "TypeError",
			    "expected string or bytes-like object, got '%s'",
			    jinja_type_name(d->v[i].key));
		for (size_t k = 0; k < name.len; k++) {
			if (strchr(" \t\n\r\f\v/>=", name.ptr[k]) != NULL)
				jinja_throw(rt, "ValueError",
				    "Invalid character in attribute name: "
				    "'%s'",
				    tl_arena_cstr(rt->arena, name));
		}
		if (out.n > 0 || autospace)
			jinja_put_lit(rt, &out, TL_STR(" "));
		jinja_put_str(rt, &out, jinja_escape(rt, key));
		jinja_put_lit(rt, &out, TL_STR("=\""));
		jinja_put_str(rt, &out, jinja_escape(rt, value));
		jinja_put_lit(rt, &out, TL_STR("\""));
	}
	v = jinja_take(rt, &out);
	return rt->autoescape ? jinja_mark(v) : v;
}

static val
do_urlize(struct rt *rt, val v, const struct args *args)
{
	(void)v;
	(void)args;
	jinja_throw(rt, "NotImplementedError",
	    "the filter urlize makes links of HTML; it is not rendered here");
}

const struct filter jinja_filters_text[] = {
	{ "capitalize", "do_capitalize", "", { .fn = do_capitalize } },
	{ "center", "do_center", "width?", { .fn = do_center } },
	{ "e", "escape", "/", { .fn = do_escape } },
	{ "escape", "escape", "/", { .fn = do_escape } },
	{ "filesizeformat", "do_filesizeformat", "binary?",
	    { .fn = do_filesizeformat } },
	{ "forceescape", "do_forceescape", "", { .fn = do_forceescape } },
	{ "format", "do_format", NULL, { .raw = do_format } },
	{ "indent", "do_indent", "width? first? blank?", { .fn = do_indent } },
	{ "join", "sync_do_join", "d? attribute?", { .fn = do_join } },
	{ "lower", "do_lower", "", { .fn = do_lower } },
	{ "pprint", "do_pprint", "", { .fn = jinja_pprint } },
	{ "replace", "do_replace", "old new count?", { .fn = do_replace } },
	{ "safe", "do_mark_safe", "", { .fn = do_safe } },
	{ "string", "soft_str", "/", { .fn = do_string } },
	{ "striptags", "do_striptags", "", { .fn = do_striptags } },
	{ "title", "do_title", "", { .fn = do_title } },
	{ "tojson", "tojson", NULL, { .raw = jinja_tojson } },
	{ "trim", "do_trim", "chars?", { .fn = do_trim } },
	{ "truncate", "do_truncate", "length? killwords? end? leeway?",
	    { .fn = do_truncate } },
	{ "upper", "do_upper", "", { .fn = do_upper } },
	{ "urlencode", "do_urlencode", "", { .fn = do_urlencode } },
	{ "urlize", "do_urlize", NULL, { .raw = do_urlize } },
	{ "wordcount", "do_wordcount", "", { .fn = do_wordcount } },
	{ "wordwrap", "do_wordwrap",
	    "width? break_long_words? wrapstring? break_on_hyphens?",
	    { .fn = jinja_wordwrap } },
	{ "xmlattr", "do_xmlattr", "autospace?", { .fn = do_xmlattr } },
	{ NULL, NULL, NULL, { NULL } },
};
