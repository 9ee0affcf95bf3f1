/* SPDX-License-Identifier: Apache-2.0 */
#include "bigjson.h"

#include <string.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_space(tl_str s, size_t *at)
{
	while (*at < s.len && is_space(s.ptr[*at]))
		++*at;
}

/* *at stands on the opening quote; false when the string is not closed. */
static bool
skip_string(tl_str s, size_t *at)
{
	for (++*at; *at < s.len; ++*at) {
		if (s.ptr[*at] == '"') {
			++*at;
			return true;
		}
		if (s.ptr[*at] == '\\')
			++*at;
	}
	return false;
}

/* Step over one value of any kind; *ncommas counts those on its own level. */
static bool
skip_value(tl_str s, size_t *at, size_t *ncommas)
{
	size_t depth = 0;

	*ncommas = 0;
	skip_space(s, at);
	while (*at < s.len) {
		switch (s.ptr[*at]) {
		case '"':
			if (!skip_string(s, at))
				return false;
			break;
		case '{':
		case '[':
			depth++;
			++*at;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return true;
			depth--;
			++*at;
			break;
		case ',':
			if (depth == 0)
				return true;
			if (depth == 1)
				++*ncommas;
			++*at;
			continue;
		default:
			++*at;
			continue;
		}
		if (depth == 0)
			return true;
	}
	return false;
}

/* Call the member's name and value at *at; steps behind "{" and ",".  False at
 * the end of the object or where this is no JSON. */
static bool
next_member(tl_str s, size_t *at, tl_str *name)
{
	size_t beg;

	skip_space(s, at);
	if (*at >= s.len || (s.ptr[*at] != '{' && s.ptr[*at] != ','))
		return false;
	++*at;
	skip_space(s, at);
	beg = *at;
	if (*at >= s.len || s.ptr[*at] != '"' || !skip_string(s, at))
		return false;
	*name = tl_str_slice(s, beg + 1, *at - 1);
	skip_space(s, at);
	if (*at >= s.len || s.ptr[*at] != ':')
		return false;
	++*at;
	skip_space(s, at);
	return *at < s.len;
}

static void
find_in_model(tl_str s, size_t at, struct tl_bigjson *out)
{
	tl_str name;
	size_t ncommas;

	while (next_member(s, &at, &name)) {
		size_t beg = at;

		if (!skip_value(s, &at, &ncommas))
			return;
		if (tl_str_eq(name, TL_STR("vocab")) && s.ptr[beg] == '{') {
			out->vocab = (tl_span){ beg, at };
			out->nvocab = ncommas + 1;
		}
		if (tl_str_eq(name, TL_STR("merges")) && s.ptr[beg] == '[') {
			out->merges = (tl_span){ beg, at };
			out->nmerges = ncommas + 1;
		}
	}
}

void
tl_bigjson_find(tl_str s, struct tl_bigjson *out)
{
	size_t at = 0, ncommas;
	tl_str name;

	*out = (struct tl_bigjson){ 0 };
	while (next_member(s, &at, &name)) {
		size_t beg = at;

		if (tl_str_eq(name, TL_STR("model")) && s.ptr[at] == '{') {
			*out = (struct tl_bigjson){ 0 };
			find_in_model(s, beg, out);
		}
		if (!skip_value(s, &at, &ncommas))
			return;
	}
}

/* The two spans in the order of the text. */
static void
in_order(const struct tl_bigjson *b, tl_span spans[2])
{
	bool swap = b->merges.beg < b->vocab.beg;

	spans[swap] = b->vocab;
	spans[!swap] = b->merges;
}

tl_str
tl_bigjson_rest(struct tl_arena *a, tl_str text, const struct tl_bigjson *b)
{
	char *to = tl_arena_bytes(a, text.len + 4);
	tl_span spans[2];
	size_t n = 0, done = 0;

	in_order(b, spans);
	for (size_t i = 0; i < 2; i++) {
		if (spans[i].beg == spans[i].end)
			continue;
		memcpy(to + n, text.ptr + done, spans[i].beg - done);
		n += spans[i].beg - done;
		to[n++] = text.ptr[spans[i].beg];
		to[n++] = text.ptr[spans[i].end - 1];
		done = spans[i].end;
	}
	if (text.len > done) /* an empty text may have no place */
		memcpy(to + n, text.ptr + done, text.len - done);
	return (tl_str){ to, n + text.len - done };
}

size_t
tl_bigjson_origin(const struct tl_bigjson *b, size_t at)
{
	tl_span spans[2];

	in_order(b, spans);
	for (size_t i = 0; i < 2; i++)
		if (spans[i].beg != spans[i].end && at > spans[i].beg)
			at += spans[i].end - spans[i].beg - 2;
	return at;
}

/* --- reading
 * ---------------------------------------------------------------------- */

bool
tl_big_accept(struct tl_bigreader *r, char c)
{
	skip_space(r->text, &r->at);
	if (r->at >= r->text.len || r->text.ptr[r->at] != c)
		return false;
	r->at++;
	return true;
}

static bool
hex4(tl_str s, size_t at, uint32_t *out)
{
	*out = 0;
	if (s.len < 4 || at > s.len - 4)
		return false;
	for (size_t i = at; i < at + 4; i++) {
		char c = s.ptr[i];
		uint32_t d;

		if (c >= '0' && c <= '9')
			d = (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (uint32_t)((c | 0x20) - 'a') + 10;
		else
			return false;
		*out = *out * 16 + d;
	}
	return true;
}

/* The escape at s[*at] (its backslash) to out; returns the bytes put, 0 when
 * it is none. */
static size_t
unescape(tl_str s, size_t *at, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p;
	uint32_t cp, low;

	if (*at + 1 >= s.len || s.ptr[*at + 1] == 0)
		return 0;
	p = strchr(from, s.ptr[*at + 1]);
	if (p != NULL) {
		*at += 2;
		*out = to[p - from];
		return 1;
	}
	if (s.ptr[*at + 1] != 'u' || !hex4(s, *at + 2, &cp))
		return 0;
	*at += 6;
	if (cp >= 0xD800 && cp < 0xE000) {
		if (cp >= 0xDC00 || s.len - *at < 6 || s.ptr[*at] != '\\' ||
		    s.ptr[*at + 1] != 'u' || !hex4(s, *at + 2, &low) ||
		    low < 0xDC00 || low > 0xDFFF)
			return 0;
		*at += 6;
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
	}
	return tl_utf8_put(out, cp);
}

static bool
string_with_escapes(struct tl_bigreader *r, size_t beg, tl_str *out)
{
	size_t at = beg, end = beg, n = 0;
	tl_str s = r->text;
	char *to;

	while (end < s.len && s.ptr[end] != '"')
		end += s.ptr[end] == '\\' ? 2 : 1;
	if (end >= s.len)
		return false;
	to = tl_arena_bytes(r->arena, end - beg + 4);
	while (at < end) {
		if ((unsigned char)s.ptr[at] < 0x20)
			return false;
		if (s.ptr[at] == '\\') {
			size_t put = unescape(s, &at, to + n);

			if (put == 0)
				return false;
			n += put;
		} else {
			to[n++] = s.ptr[at++];
		}
	}
	r->at = end + 1;
	*out = (tl_str){ to, n };
	return true;
}

bool
tl_big_string(struct tl_bigreader *r, tl_str *out)
{
	size_t beg, at;

	if (!tl_big_accept(r, '"'))
		return false;
	beg = r->at;
	for (at = beg; at < r->text.len; at++) {
		unsigned char c = (unsigned char)r->text.ptr[at];

		if (c == '"') {
			r->at = at + 1;
			*out = (tl_str){ r->text.ptr + beg, at - beg };
			return true;
		}
		if (c == '\\')
			return string_with_escapes(r, beg, out);
		if (c < 0x20)
			return false;
	}
	return false;
}

bool
tl_big_uint(struct tl_bigreader *r, uint32_t *out)
{
	uint64_t v = 0;
	size_t beg;

	skip_space(r->text, &r->at);
	for (beg = r->at; r->at < r->text.len; r->at++) {
		char c = r->text.ptr[r->at];

		if (c < '0' || c > '9')
			break;
		v = v * 10 + (uint64_t)(c - '0');
		if (v > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)v;
	return r->at > beg && (r->at - beg == 1 || r->text.ptr[beg] != '0');
}
