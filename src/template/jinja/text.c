/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - what filters and string methods share.
 *
 * Whatever copies bytes keeps their origin exactly; whatever rewrites them
 * keeps the value they were made from.
 */
#include "template/jinja/rt.h"

static val
marked_like(val model, val v)
{
	return jinja_is_marked(model) ? jinja_mark(v) : v;
}

/* An argument that has to be a string. */
val
jinja_str_arg(struct rt *rt, val v, const char *what)
{
	if (v.kind == V_STR)
		return v;
	jinja_throw(rt, "TypeError", "%s must be str, not %s", what,
	    jinja_type_name(v));
}

/* --- case ---------------------------------------------------------------- */

static void
put_cps(struct tl_buf *b, const uint32_t *cps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		jinja_put_cp(b, cps[i]);
}

/* Python's rule for a capital sigma: final when a cased letter stands before
 * it and none behind, case-ignorable characters aside. */
static bool
is_final_sigma(tl_str s, size_t at, size_t len)
{
	uint32_t cp = 0;
	size_t i = at;

	while (i > 0) {
		i -= jinja_prev(s, i, &cp);
		if (!jinja_is_case_ignorable(cp))
			break;
		cp = 0;
	}
	if (cp == 0 || !jinja_is_cased(cp))
		return false;
	for (i = at + len; i < s.len;) {
		i += jinja_next(s, i, &cp);
		if (!jinja_is_case_ignorable(cp))
			return !jinja_is_cased(cp);
	}
	return true;
}

static size_t
lower_at(tl_str s, size_t at, size_t len, uint32_t cp, uint32_t out[3])
{
	if (cp != 0x3a3)
		return jinja_to_lower(cp, out);
	out[0] = is_final_sigma(s, at, len) ? 0x3c2 : 0x3c3;
	return 1;
}

/* Which characters open a word for the filter `title`. */
static bool
opens_word(uint32_t cp)
{
	return cp == '-' || cp == '(' || cp == '{' || cp == '[' || cp == '<' ||
	    jinja_is_space_cp(cp);
}

/* how: u upper, l lower, f fold, s swapcase, c capitalize, t str.title(),
 * T the filter title. */
static void
map_one(struct tl_buf *b, tl_str s, size_t at, size_t len, uint32_t cp, int how,
    bool *is_start)
{
	uint32_t out[3];
	size_t n;

	switch (how) {
	case 'u':
		n = jinja_to_upper(cp, out);
		break;
	case 'f':
		n = jinja_to_fold(cp, out);
		break;
	case 's':
		if (jinja_is_upper(cp))
			n = lower_at(s, at, len, cp, out);
		else if (jinja_is_lower(cp))
			n = jinja_to_upper(cp, out);
		else {
			out[0] = cp;
			n = 1;
		}
		break;
	case 'c':
	case 't':
		n = *is_start ? jinja_to_title(cp, out)
			      : lower_at(s, at, len, cp, out);
		*is_start = how == 't' && !jinja_is_cased(cp);
		break;
	case 'T':
		if (opens_word(cp)) {
			out[0] = cp;
			n = 1;
			*is_start = true;
			break;
		}
		n = *is_start ? jinja_to_upper(cp, out)
			      : jinja_to_lower(cp, out);
		*is_start = false;
		break;
	default:
		n = lower_at(s, at, len, cp, out);
	}
	put_cps(b, out, n);
}

val
jinja_map_case(struct rt *rt, val v, int how)
{
	tl_str s = jinja_bytes(rt, v);
	struct sink out = { 0 };
	struct tl_buf b;
	struct seg one;
	uint32_t nsegs;
	const struct seg *segs = jinja_segs(rt, v, &one, &nsegs);
	bool is_start = true;
	size_t at = 0;

	jinja_step(rt, s.len / 16);
	tl_buf_init(&b, rt->arena, 0);
	for (uint32_t i = 0; i < nsegs; i++) {
		size_t end = at + segs[i].len, beg = at;

		tl_buf_clear(&b);
		while (at < end) {
			uint32_t cp;
			size_t n = jinja_next(s, at, &cp);

			map_one(&b, s, at, n, cp, how, &is_start);
			at += n;
		}
		if (tl_str_eq(tl_buf_str(&b), tl_str_slice(s, beg, end))) {
			jinja_put_seg(rt, &out, &segs[i]);
		} else if (segs[i].node != NULL) {
			jinja_put_derived(
			    rt, &out, tl_buf_str(&b), segs[i].node);
		} else {
			struct seg g = segs[i];
			tl_str copy = tl_arena_str(rt->arena, tl_buf_str(&b));

			g.ptr = copy.ptr;
			g.len = (uint32_t)copy.len;
			jinja_put_seg(rt, &out, &g);
		}
	}
	return marked_like(v, jinja_take(rt, &out));
}

static bool
has_only(
    struct rt *rt, val v, bool (*wanted)(uint32_t), bool (*unwanted)(uint32_t))
{
	tl_str s = jinja_bytes(rt, v);
	bool found = false;

	jinja_step(rt, s.len / 64);
	for (size_t i = 0; i < s.len;) {
		uint32_t cp;

		i += jinja_next(s, i, &cp);
		if (unwanted(cp) || jinja_is_title(cp))
			return false;
		found = found || wanted(cp);
	}
	return found;
}

bool
jinja_islower(struct rt *rt, val v)
{
	return has_only(rt, v, jinja_is_lower, jinja_is_upper);
}

bool
jinja_isupper(struct rt *rt, val v)
{
	return has_only(rt, v, jinja_is_upper, jinja_is_lower);
}

/* --- strip --------------------------------------------------------------- */

static bool
in_set(tl_str set, tl_str c)
{
	for (size_t i = 0; i < set.len;) {
		uint32_t cp;
		size_t n = jinja_next(set, i, &cp);

		if (n == c.len && memcmp(set.ptr + i, c.ptr, n) == 0)
			return true;
		i += n;
	}
	return false;
}

val
jinja_strip_chars(struct rt *rt, val v, val chars, bool left, bool right)
{
	tl_str s = jinja_bytes(rt, v), set = { "", 0 }, in = s;
	size_t beg;
	uint32_t cp;

	if (chars.kind == V_STR)
		set = jinja_bytes(rt, chars);
	else if (chars.kind != V_NONE && chars.kind != V_MISSING)
		jinja_throw(rt, "TypeError", "strip arg must be None or str");
	if (chars.kind == V_STR) {
		jinja_step(rt, s.len / 64 * (set.len + 1));
		while (left && s.len > 0) {
			size_t n = jinja_next(s, 0, &cp);

			if (!in_set(set, (tl_str){ s.ptr, n }))
				break;
			s.ptr += n;
			s.len -= n;
		}
		while (right && s.len > 0) {
			size_t n = jinja_prev(s, s.len, &cp);

			if (!in_set(set, (tl_str){ s.ptr + s.len - n, n }))
				break;
			s.len -= n;
		}
	} else {
		if (left)
			s = jinja_lstrip(s);
		if (right)
			s = jinja_rstrip(s);
	}
	beg = (size_t)(s.ptr - in.ptr);
	return marked_like(v, jinja_slice(rt, v, beg, beg + s.len));
}

/* --- searching -----------------------------------------------------------
 * A search may compare the whole needle at every place: that counts. */

static bool
matches(struct rt *rt, tl_str s, size_t at, tl_str needle)
{
	jinja_step(rt, 1 + needle.len / 1024);
	return memcmp(s.ptr + at, needle.ptr, needle.len) == 0;
}

size_t
jinja_find(struct rt *rt, tl_str s, tl_str needle, size_t from)
{
	if (from > s.len || needle.len > s.len - from)
		return TL_NPOS;
	if (needle.len == 0)
		return from;
	jinja_step(rt, (s.len - from) / 4096);
	for (size_t at = from; at <= s.len - needle.len; at++) {
		const char *p = memchr(
		    s.ptr + at, needle.ptr[0], s.len - needle.len - at + 1);

		if (p == NULL)
			break;
		at = (size_t)(p - s.ptr);
		if (needle.len == 1 || matches(rt, s, at, needle))
			return at;
	}
	return TL_NPOS;
}

/* The last place in [from, s.len). */
size_t
jinja_find_last(struct rt *rt, tl_str s, tl_str needle, size_t from)
{
	if (from > s.len || needle.len > s.len - from)
		return TL_NPOS;
	for (size_t at = s.len - needle.len + 1; at-- > from;) {
		if (needle.len == 0 ||
		    (s.ptr[at] == needle.ptr[0] && matches(rt, s, at, needle)))
			return at;
		if (at % 1024 == 0)
			jinja_step(rt, 1);
	}
	return TL_NPOS;
}

/* --- replace ------------------------------------------------------------- */

/* Put `to` before every character and at the end, at most count times. */
static val
replace_empty(struct rt *rt, val v, val to, int64_t count)
{
	tl_str s = jinja_bytes(rt, v);
	struct sink out = { 0 };
	size_t at = 0;

	while (count != 0) {
		uint32_t cp;
		size_t n;

		jinja_step(rt, 1);
		jinja_put_str(rt, &out, to);
		count--;
		if (at == s.len)
			break;
		n = jinja_next(s, at, &cp);
		jinja_put_slice(rt, &out, v, at, at + n);
		at += n;
	}
	jinja_put_slice(rt, &out, v, at, s.len);
	return jinja_take(rt, &out);
}

val
jinja_replace(struct rt *rt, val v, val from, val to, int64_t count)
{
	tl_str s = jinja_bytes(rt, v), old = jinja_bytes(rt, from);
	struct sink out = { 0 };
	size_t at = 0, hit;

	jinja_step(rt, s.len / 256);
	if (count < 0)
		count = INT64_MAX;
	if (old.len == 0)
		return replace_empty(rt, v, to, count);
	hit = jinja_find(rt, s, old, 0);
	if (hit == TL_NPOS || count == 0)
		return jinja_unmark(v);
	while (hit != TL_NPOS && count-- > 0) {
		jinja_step(rt, 1);
		jinja_put_slice(rt, &out, v, at, hit);
		jinja_put_str(rt, &out, to);
		at = hit + old.len;
		hit = jinja_find(rt, s, old, at);
	}
	jinja_put_slice(rt, &out, v, at, s.len);
	return jinja_take(rt, &out);
}

/* --- join and split ------------------------------------------------------ */

val
jinja_join(struct rt *rt, val sep, const struct seq *items)
{
	struct sink out = { 0 };

	for (size_t i = 0; i < items->n; i++) {
		jinja_step(rt, 1);
		if (i > 0)
			jinja_put_str(rt, &out, sep);
		jinja_print(rt, &out, items->v[i]);
	}
	return jinja_take(rt, &out);
}

struct pieces {
	val *v;
	size_t n, cap;
};

static void
add_piece(struct rt *rt, struct pieces *p, val v, size_t beg, size_t end)
{
	jinja_step(rt, 1);
	if (p->n == p->cap) {
		size_t cap = p->cap > 0 ? p->cap * 2 : 8;
		val *more = jinja_array(rt, cap, sizeof(val));

		if (p->n > 0)
			memcpy(more, p->v, p->n * sizeof(val));
		p->v = more;
		p->cap = cap;
	}
	p->v[p->n++] = marked_like(v, jinja_slice(rt, v, beg, end));
}

static val
list_of(struct rt *rt, const struct pieces *p)
{
	val *v, list = jinja_new_seq(rt, V_LIST, 0, &v);

	list.seq->v = p->v;
	list.seq->n = p->n;
	return list;
}

static void
reverse(struct pieces *p)
{
	for (size_t i = 0; i < p->n / 2; i++) {
		val v = p->v[i];

		p->v[i] = p->v[p->n - 1 - i];
		p->v[p->n - 1 - i] = v;
	}
}

static size_t
skip_space(tl_str s, size_t at)
{
	size_t n;

	while (at < s.len && (n = jinja_space_len(s, at)) > 0)
		at += n;
	return at;
}

static size_t
skip_word(tl_str s, size_t at)
{
	uint32_t cp;

	while (at < s.len && jinja_space_len(s, at) == 0)
		at += jinja_next(s, at, &cp);
	return at;
}

static void
split_words(struct rt *rt, struct pieces *p, val v, tl_str s, int64_t max)
{
	size_t at = skip_space(s, 0);

	while (at < s.len) {
		size_t end = skip_word(s, at);

		if (max-- == 0) {
			add_piece(rt, p, v, at, s.len);
			return;
		}
		add_piece(rt, p, v, at, end);
		at = skip_space(s, end);
	}
}

static void
rsplit_words(struct rt *rt, struct pieces *p, val v, tl_str s, int64_t max)
{
	size_t end = jinja_rstrip(s).len;
	uint32_t cp;

	while (end > 0) {
		size_t beg = end;

		if (max-- == 0) {
			add_piece(rt, p, v, 0, end);
			break;
		}
		while (beg > 0) {
			size_t n = jinja_prev(s, beg, &cp);

			if (jinja_is_space_cp(cp))
				break;
			beg -= n;
		}
		add_piece(rt, p, v, beg, end);
		end = jinja_rstrip((tl_str){ s.ptr, beg }).len;
	}
	reverse(p);
}

static void
split_at(
    struct rt *rt, struct pieces *p, val v, tl_str s, tl_str sep, int64_t max)
{
	size_t at = 0, hit;

	while (max-- != 0 && (hit = jinja_find(rt, s, sep, at)) != TL_NPOS) {
		add_piece(rt, p, v, at, hit);
		at = hit + sep.len;
	}
	add_piece(rt, p, v, at, s.len);
}

static void
rsplit_at(
    struct rt *rt, struct pieces *p, val v, tl_str s, tl_str sep, int64_t max)
{
	size_t end = s.len, hit;

	while (max-- != 0 &&
	    (hit = jinja_find_last(rt, (tl_str){ s.ptr, end }, sep, 0)) !=
		TL_NPOS) {
		add_piece(rt, p, v, hit + sep.len, end);
		end = hit;
	}
	add_piece(rt, p, v, 0, end);
	reverse(p);
}

val
jinja_split(struct rt *rt, val v, val sep, int64_t max, bool from_right)
{
	tl_str s = jinja_bytes(rt, v);
	struct pieces p = { NULL, 0, 0 };

	jinja_step(rt, s.len / 256);
	if (max < 0)
		max = -1;
	if (sep.kind == V_NONE || sep.kind == V_MISSING) {
		if (from_right)
			rsplit_words(rt, &p, v, s, max);
		else
			split_words(rt, &p, v, s, max);
		return list_of(rt, &p);
	}
	sep = jinja_str_arg(rt, sep, "must be str or None, separator");
	if (jinja_len(sep) == 0)
		jinja_throw(rt, "ValueError", "empty separator");
	if (from_right)
		rsplit_at(rt, &p, v, s, jinja_bytes(rt, sep), max);
	else
		split_at(rt, &p, v, s, jinja_bytes(rt, sep), max);
	return list_of(rt, &p);
}

val
jinja_splitlines(struct rt *rt, val v, bool keep)
{
	tl_str s = jinja_bytes(rt, v);
	struct pieces p = { NULL, 0, 0 };
	size_t beg = 0, at = 0;

	jinja_step(rt, s.len / 64);
	while (at < s.len) {
		uint32_t cp;
		size_t n = jinja_next(s, at, &cp);

		if (!jinja_is_line_break(cp)) {
			at += n;
			continue;
		}
		if (cp == '\r' && at + 1 < s.len && s.ptr[at + 1] == '\n')
			n = 2;
		add_piece(rt, &p, v, beg, keep ? at + n : at);
		at += n;
		beg = at;
	}
	if (beg < s.len)
		add_piece(rt, &p, v, beg, s.len);
	return list_of(rt, &p);
}

/* --- padding ------------------------------------------------------------- */

static void
pad(struct rt *rt, struct sink *out, val fill, int64_t n)
{
	if (n > 0)
		jinja_put_str(rt, out, jinja_repeat(rt, fill, n));
}

/* where: 'l' text left, 'r' text right, 'c' centred. */
val
jinja_center(struct rt *rt, val v, int64_t width, val fill, int where)
{
	int64_t len = (int64_t)jinja_str_count(rt, v);
	int64_t gap, left = 0;
	struct sink out = { 0 };

	if (fill.kind == V_MISSING)
		fill = jinja_str(rt, TL_STR(" "));
	if (fill.kind != V_STR || jinja_str_count(rt, fill) != 1)
		jinja_throw(rt, "TypeError",
		    "The fill character must be exactly one character long");
	if (width <= len)
		return v;
	gap = width - len;
	if (where == 'r')
		left = gap;
	else if (where == 'c')
		left = gap / 2 + (gap & width & 1);
	pad(rt, &out, fill, left);
	jinja_put_str(rt, &out, v);
	pad(rt, &out, fill, gap - left);
	return marked_like(v, jinja_take(rt, &out));
}
