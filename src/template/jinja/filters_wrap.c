/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filters_wrap.c - the filter wordwrap, which is Python's textwrap: a text is
 * cut into chunks (words, gaps, parts of hyphenated words), and lines are
 * filled with them.
 */
#include "template/jinja/number.h"
#include "template/jinja/rt.h"

struct wrapper {
	struct rt *rt;
	uint32_t *cp; /* the paragraph's code points */
	size_t *at;   /* their offsets, and the end */
	size_t n;
	size_t *chunk; /* where chunks begin (code points), and the end */
	size_t nchunks;
	int64_t width;
	bool breaks_words, breaks_hyphens, is_float;
};

/* textwrap's own idea of white space. */
static bool
is_gap(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_word(uint32_t c)
{
	return c == '_' || jinja_is_alpha(c) || jinja_is_numeric(c);
}

static bool
is_letter(uint32_t c)
{
	return is_word(c) && !jinja_is_decimal(c);
}

static bool
is_word_punct(uint32_t c)
{
	return is_word(c) ||
	    (c < 0x80 && c > ' ' && strchr("!\"'&.,?", (int)c) != NULL);
}

/* Two dashes or more at i, with a word behind them: how many. */
static size_t
em_dash(const struct wrapper *w, size_t i)
{
	size_t n = 0;

	while (i + n < w->n && w->cp[i + n] == '-')
		n++;
	return n >= 2 && i + n < w->n && is_word(w->cp[i + n]) ? n : 0;
}

/* A hyphen at i behind which a word may be broken. */
static bool
is_break(const struct wrapper *w, size_t i)
{
	const uint32_t *c = w->cp;
	size_t k = i + 1;

	if (c[i] != '-' || i < 2 || !is_letter(c[i - 1]))
		return false;
	if (!is_letter(c[i - 2]) &&
	    !(i >= 3 && c[i - 2] == '-' && is_letter(c[i - 3])))
		return false;
	if (k >= w->n || !is_letter(c[k]))
		return false;
	k++;
	k += k < w->n && c[k] == '-';
	return k < w->n && is_letter(c[k]);
}

static size_t
chunk_end(const struct wrapper *w, size_t at)
{
	size_t i = at;

	if (is_gap(w->cp[at])) {
		while (i < w->n && is_gap(w->cp[i]))
			i++;
		return i;
	}
	if (w->breaks_hyphens && at > 0 && is_word_punct(w->cp[at - 1]) &&
	    em_dash(w, at) > 0)
		return at + em_dash(w, at);
	for (i = at + 1; i < w->n && !is_gap(w->cp[i]); i++) {
		if (!w->breaks_hyphens)
			continue;
		if (is_break(w, i))
			return i + 1;
		if (is_word_punct(w->cp[i - 1]) && em_dash(w, i) > 0)
			return i;
	}
	return i;
}

static void
prepare(struct wrapper *w, tl_str s)
{
	struct rt *rt = w->rt;

	jinja_step(rt, s.len / 4);
	w->cp = jinja_array(rt, s.len + 1, sizeof(*w->cp));
	w->at = jinja_array(rt, s.len + 1, sizeof(*w->at));
	w->chunk = jinja_array(rt, s.len + 2, sizeof(*w->chunk));
	w->n = w->nchunks = 0;
	for (size_t i = 0; i < s.len;) {
		w->at[w->n] = i;
		i += jinja_next(s, i, &w->cp[w->n++]);
	}
	w->at[w->n] = s.len;
	for (size_t i = 0; i < w->n; i = chunk_end(w, i))
		w->chunk[w->nchunks++] = i;
	w->chunk[w->nchunks] = w->n;
}

static bool
is_blank(const struct wrapper *w, size_t beg, size_t end)
{
	for (size_t i = beg; i < end; i++) {
		if (!jinja_is_space_cp(w->cp[i]))
			return false;
	}
	return true;
}

/* How much of the chunk [beg, end), which no line can hold, goes on this line
 * with `room` left. */
static size_t
part_of(const struct wrapper *w, size_t beg, size_t end, size_t room)
{
	size_t cut = beg + room;
	bool has_other = false;

	if (!w->breaks_hyphens || end - beg <= room)
		return cut < end ? cut : end;
	for (size_t i = cut; i-- > beg;) {
		if (w->cp[i] != '-')
			continue;
		for (size_t k = beg; k < i; k++)
			has_other = has_other || w->cp[k] != '-';
		return i > beg && has_other ? i + 1 : cut;
	}
	return cut;
}

static void
wrap(struct wrapper *w, val text, val newline, struct sink *out)
{
	size_t i = 0, at = w->nchunks > 0 ? w->chunk[0] : 0;
	bool has_lines = false;

	while (i < w->nchunks) {
		size_t beg, last, end = w->chunk[i + 1], room;

		jinja_step(w->rt, 1);
		if (has_lines && is_blank(w, at, end)) {
			at = end;
			if (++i == w->nchunks)
				break;
		}
		beg = last = at;
		while (i < w->nchunks &&
		    (int64_t)(w->chunk[i + 1] - beg) <= w->width) {
			last = at;
			at = w->chunk[++i];
		}
		end = i < w->nchunks ? w->chunk[i + 1] : at;
		/* textwrap lets one character pass where none fits. */
		room = w->width > 0 ? (size_t)w->width - (at - beg) : 1;
		if (i < w->nchunks && (int64_t)(end - at) > w->width) {
			if (w->breaks_words) {
				if (w->is_float && w->width > 0)
					jinja_throw(w->rt, "TypeError",
					    "slice indices must be integers or "
					    "None or have an __index__ "
					    "method");
				last = at;
				at = part_of(w, at, end, room);
			} else if (at == beg) {
				last = at;
				at = end;
				i++;
			}
		}
		/* Only the last chunk may be a gap that is dropped. */
		end = is_blank(w, last, at) ? last : at;
		if (end == beg && last == beg)
			continue;
		if (has_lines)
			jinja_put_str(w->rt, out, newline);
		jinja_put_slice(w->rt, out, text, w->at[beg], w->at[end]);
		has_lines = true;
	}
}

/* A float is as good as its floor until a word has to be cut. */
static int64_t
width_arg(struct rt *rt, val v)
{
	int64_t width = 79;

	if (v.kind == V_MISSING)
		return width;
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (v.kind == V_BIG)
		v = jinja_int(v.big->is_negative ? -1 : INT64_MAX);
	if (!jinja_index(v, &width) && v.kind != V_FLOAT)
		jinja_throw(rt, "TypeError",
		    "'<=' not supported between instances of '%s' and 'int'",
		    jinja_type_name(v));
	if (v.kind == V_FLOAT && v.f > 0)
		return v.f < 1e9 ? (int64_t)v.f : 1000000000;
	if (v.kind == V_FLOAT) {
		char digits[40];

		digits[jinja_float_repr(v.f, digits)] = '\0';
		jinja_throw(
		    rt, "ValueError", "invalid width %s (must be > 0)", digits);
	}
	if (width <= 0)
		jinja_throw(rt, "ValueError",
		    "invalid width %lld (must be > 0)", (long long)width);
	return width;
}

val
jinja_wordwrap(struct rt *rt, val v, val *a)
{
	struct wrapper w = { .rt = rt,
		.breaks_words = a[1].kind == V_MISSING || jinja_truth(rt, a[1]),
		.breaks_hyphens =
		    a[3].kind == V_MISSING || jinja_truth(rt, a[3]) };
	val newline = a[2];
	struct sink out = { 0 };
	const struct seq *lines;

	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (v.kind != V_STR)
		jinja_throw(rt, "AttributeError",
		    "'%s' object has no attribute 'splitlines'",
		    jinja_type_name(v));
	if (newline.kind == V_NONE || newline.kind == V_MISSING)
		newline = jinja_str(rt, TL_STR("\n"));
	newline = jinja_str_arg(rt, newline, "wrapstring");
	lines = jinja_splitlines(rt, v, false).seq;
	w.is_float = a[0].kind == V_FLOAT;
	if (lines->n > 0)
		w.width = width_arg(rt, a[0]);
	for (size_t i = 0; i < lines->n; i++) {
		if (i > 0)
			jinja_put_str(rt, &out, newline);
		prepare(&w, jinja_bytes(rt, lines->v[i]));
		wrap(&w, lines->v[i], newline, &out);
	}
	return jinja_take(rt, &out);
}
