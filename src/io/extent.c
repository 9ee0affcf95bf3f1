/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a value ends.  A sound value ends where its brackets close.  Behind a
 * broken one the reader must find the next element again: first by the line
 * that begins as the broken one's did, then by counting brackets with strings
 * that may span lines, then by the name its members begin with.
 */
#include "io/reader.h"
#include "json/skip.h"

#include <turnlint/str.h>

/* How far beyond a fault to look for the next element. */
#define RESYNC_BYTES ((size_t)1 << 20)

/* After so many bytes in vain, a value is taken to be broken sooner: a file
 * made of broken elements must not cost its size squared. */
#define WASTE_BYTES ((size_t)32 << 20)
#define HASTY_BYTES ((size_t)4 << 10)

/* --- brackets --- */

static void
open_bracket(struct io_walk *w, char c)
{
	if (w->depth < sizeof(w->types))
		w->types[w->depth] = (unsigned char)c;
	w->depth++;
}

static bool
close_bracket(struct io_walk *w, char c)
{
	w->depth--;
	return w->depth >= sizeof(w->types) ||
	    w->types[w->depth] == (c == '}' ? '{' : '[');
}

/* Inside a string.  False: the string or the text ends what can be read. */
static bool
walk_string(struct io_walk *w, tl_str text, enum io_walk_end *end)
{
	for (;;) {
		w->at = json_skip_plain(text.ptr, w->at, text.len, false);
		if (w->at == text.len) {
			*end = IO_WALK_MORE;
			return false;
		}
		switch (text.ptr[w->at]) {
		case '"':
			w->at++;
			w->in_string = false;
			return true;
		case '\\':
			if (text.len - w->at < 2) {
				*end = IO_WALK_MORE;
				return false;
			}
			w->at += text.ptr[w->at + 1] == '\n' ? 1 : 2;
			break;
		case '\n':
			if (!w->may_wrap) {
				*end = IO_WALK_BROKEN;
				return false;
			}
			w->at++;
			break;
		default:
			w->at++;
		}
	}
}

enum io_walk_end
io_walk(struct io_walk *w, tl_str text)
{
	enum io_walk_end end;

	while (w->in_string || w->at < text.len) {
		char c;

		if (w->in_string) {
			if (!walk_string(w, text, &end))
				return end;
			if (w->depth == 0)
				return IO_WALK_CLOSED;
			continue;
		}
		c = text.ptr[w->at];
		if (c == '"') {
			w->in_string = true;
		} else if (c == '{' || c == '[') {
			open_bracket(w, c);
		} else if (c == '}' || c == ']') {
			if (!close_bracket(w, c))
				return IO_WALK_BROKEN;
			if (w->depth == 0) {
				w->at++;
				return IO_WALK_CLOSED;
			}
		}
		w->at++;
	}
	return IO_WALK_MORE;
}

/* --- going on behind a broken value --- */

/* Bytes of s before `end` that belong to the value: not the blanks, nor the
 * comma that separates it from the next. */
static size_t
without_separator(tl_str s, size_t end)
{
	s = tl_str_trim(tl_str_slice(s, 0, end));
	if (tl_str_ends(s, TL_STR(",")))
		s = tl_str_trim(tl_str_slice(s, 0, s.len - 1));
	return s.len > 0 ? s.len : 1;
}

/* The value stands at the start of a line: the next one begins a line that is
 * indented the same, or a closing bracket that is indented less ends the array.
 * Returns the offset of that line's first byte, or TL_NPOS. */
static size_t
find_sibling_line(const struct tl_reader *r, tl_str s)
{
	size_t lf = 0;

	if (r->indent == IO_NO_INDENT)
		return TL_NPOS;
	while ((lf = tl_str_find_char(s, '\n', lf)) != TL_NPOS) {
		size_t at = ++lf;

		while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t'))
			at++;
		if (at == s.len)
			break;
		if (at - lf == r->indent && s.ptr[at] == s.ptr[0])
			return at;
		if (at - lf <= r->indent && s.ptr[at] == ']' &&
		    r->layout == IO_ELEMENTS)
			return at;
	}
	return TL_NPOS;
}

/* The name of an object's first member with its quotes, or an empty slice. */
static tl_str
first_name(tl_str s)
{
	size_t beg = 1, end;

	while (beg < s.len && tl_str_is_blank(tl_str_slice(s, beg, beg + 1)))
		beg++;
	if (s.ptr[0] != '{' || beg >= s.len || s.ptr[beg] != '"')
		return (tl_str){ NULL, 0 };
	end = json_skip_plain(s.ptr, beg + 1, s.len, false);
	if (end >= s.len || s.ptr[end] != '"')
		return (tl_str){ NULL, 0 };
	return tl_str_slice(s, beg, end + 1);
}

/* The next object that begins with the same name and follows a value or a
 * comma: its offset, or TL_NPOS. */
static size_t
find_sibling_name(tl_str s)
{
	tl_str name = first_name(s);
	size_t at;

	if (name.len == 0)
		return TL_NPOS;
	at = (size_t)(name.ptr - s.ptr) + name.len;
	while ((at = tl_str_find(s, name, at)) != TL_NPOS) {
		tl_str before = tl_str_trim(tl_str_slice(s, 0, at));
		size_t brace = before.len - 1;

		at += name.len;
		if (before.ptr[brace] != '{' || brace == 0)
			continue;
		before = tl_str_trim(tl_str_slice(s, 0, brace));
		if (tl_str_ends(before, TL_STR(",")) ||
		    tl_str_ends(before, TL_STR("}")))
			return brace;
	}
	return TL_NPOS;
}

/* A value whose strings hold raw line feeds but whose brackets close. */
static size_t
find_wrapped_end(tl_str s)
{
	struct io_walk w = { .may_wrap = true };
	size_t at;

	if (io_walk(&w, s) != IO_WALK_CLOSED)
		return TL_NPOS;
	for (at = w.at; at < s.len; at++)
		if (!tl_str_is_blank(tl_str_slice(s, at, at + 1)))
			break;
	return at == s.len || s.ptr[at] == ',' || s.ptr[at] == ']' ||
		s.ptr[at] == '}'
	    ? w.at
	    : TL_NPOS;
}

/* The length of the broken value at the window's start, or TL_NPOS when no
 * next one can be made out in the first `far` bytes. */
static size_t
resync(struct tl_reader *r, size_t far)
{
	size_t have = io_fill(r, far);
	tl_str s = tl_str_slice(io_rest(r), 0, have < far ? have : far);
	size_t at = find_sibling_line(r, s);

	if (at != TL_NPOS)
		return without_separator(s, at);
	at = find_wrapped_end(s);
	if (at != TL_NPOS)
		return at;
	at = find_sibling_name(s);
	return at != TL_NPOS ? without_separator(s, at) : TL_NPOS;
}

/* A number, a word, or whatever else is no string and no bracket. */
static size_t
scalar_len(struct tl_reader *r)
{
	size_t at = 0;

	while (at < IO_CUT_BYTES && io_fill(r, at + 1) > at) {
		char c = io_rest(r).ptr[at];

		if (c == ',' || c == ']' || c == '}' || c == '{' || c == '[' ||
		    c == '"' || tl_str_is_blank((tl_str){ &c, 1 }))
			break;
		at++;
	}
	return at > 0 ? at : 1;
}

struct io_extent
io_find_extent(struct tl_reader *r)
{
	struct io_walk w = { 0 };
	bool is_hasty = r->wasted > WASTE_BYTES;
	char c = io_rest(r).ptr[0];
	size_t have, len;

	if (c != '{' && c != '[' && c != '"')
		return (struct io_extent){ .len = scalar_len(r) };
	have = io_rest(r).len;
	for (;;) {
		tl_str text =
		    tl_str_slice(io_rest(r), 0, is_hasty ? HASTY_BYTES : have);
		enum io_walk_end end = io_walk(&w, text);

		if (end == IO_WALK_CLOSED && w.at <= TL_MAX_RECORD_BYTES)
			return (struct io_extent){ .len = w.at };
		if (end == IO_WALK_BROKEN)
			break;
		if (end == IO_WALK_CLOSED || have > TL_MAX_RECORD_BYTES)
			return (struct io_extent){ .is_too_long = true };
		if (text.len < have) {
			is_hasty = false;
			len = resync(r, HASTY_BYTES);
			if (len != TL_NPOS)
				return (struct io_extent){ .len = len };
			continue;
		}
		if (io_fill(r, have + 1) == have)
			break;
		have = io_rest(r).len;
	}
	len = resync(r, w.at + RESYNC_BYTES);
	if (len != TL_NPOS) {
		if (w.at > len)
			r->wasted += w.at - len;
		return (struct io_extent){ .len = len };
	}
	have = io_fill(r, TL_MAX_RECORD_BYTES + 1);
	if (have > TL_MAX_RECORD_BYTES)
		return (struct io_extent){ .is_too_long = true };
	return (struct io_extent){ .len = have, .is_cut_off = true };
}
