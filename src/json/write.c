/* SPDX-License-Identifier: Apache-2.0 */
#include "json/internal.h"

#include <turnlint/buf.h>

#include <stdlib.h>

/* The escape of a character that has a short one, or NULL. */
static const char *
short_escape(uint32_t cp)
{
	switch (cp) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	}
	return NULL;
}

static void
put_escape(struct tl_buf *b, uint32_t cp)
{
	const char *e = short_escape(cp);

	if (e != NULL)
		tl_buf_puts(b, e);
	else
		tl_buf_printf(b, "\\u%04x", (unsigned)cp);
}

void
tl_json_put_string(struct tl_buf *b, tl_str s)
{
	size_t clean = 0, at = 0;

	tl_buf_putc(b, '"');
	while (at < s.len) {
		uint32_t cp;
		bool is_bad;
		size_t n = tl_utf8_next(s, at, &cp, &is_bad);

		if (is_bad || cp < 0x20 || cp == '"' || cp == '\\' ||
		    (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029) {
			tl_buf_put(b, tl_str_slice(s, clean, at));
			if (is_bad)
				tl_buf_put_codepoint(b, 0xfffd);
			else
				put_escape(b, cp);
			clean = at + n;
		}
		at += n;
	}
	tl_buf_put(b, tl_str_slice(s, clean, s.len));
	tl_buf_putc(b, '"');
}

/* RFC 8785: escape nothing that need not be. */
static void
put_string_canonical(struct tl_buf *b, tl_str s)
{
	size_t clean = 0;

	tl_buf_putc(b, '"');
	for (size_t at = 0; at < s.len; at++) {
		unsigned char c = (unsigned char)s.ptr[at];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		tl_buf_put(b, tl_str_slice(s, clean, at));
		put_escape(b, c);
		clean = at + 1;
	}
	tl_buf_put(b, tl_str_slice(s, clean, s.len));
	tl_buf_putc(b, '"');
}

/* UTF-16 code unit order, told from UTF-8: it differs from byte order only in
 * that surrogates (lead bytes from F0) come before U+E000 to U+FFFF. */
static int
by_code_unit(tl_str a, tl_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < n; i++) {
		unsigned x = (unsigned char)a.ptr[i];
		unsigned y = (unsigned char)b.ptr[i];

		if (x == y)
			continue;
		if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
			return x >= 0xf0 ? -1 : 1;
		return x < y ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int
by_name(const void *left, const void *right)
{
	const struct tl_json *a = *(const struct tl_json *const *)left;
	const struct tl_json *b = *(const struct tl_json *const *)right;
	int c = by_code_unit(a->key, b->key);

	return c != 0 ? c : (a->index > b->index) - (a->index < b->index);
}

struct style {
	void (*put_string)(struct tl_buf *b, tl_str s);
	bool is_sorted;
};

/* The depth of v is bounded by TL_MAX_JSON_DEPTH, and so is the recursion. */
static void put(
    struct tl_buf *b, const struct tl_json *v, const struct style *style);

static void
put_member(struct tl_buf *b, const struct tl_json *v, bool is_first,
    const struct style *style)
{
	if (!is_first)
		tl_buf_putc(b, ',');
	if (v->key.ptr != NULL) {
		style->put_string(b, v->key);
		tl_buf_putc(b, ':');
	}
	put(b, v, style);
}

static void
put_sorted(
    struct tl_buf *b, const struct tl_json *object, const struct style *style)
{
	const struct tl_json **members =
	    TL_NEW(b->arena, const struct tl_json *, object->nchildren);
	size_t n = 0;

	for (const struct tl_json *v = object->first; v != NULL; v = v->next)
		members[n++] = v;
	qsort(members, n, sizeof(const struct tl_json *), by_name);
	for (size_t i = 0; i < n; i++)
		put_member(b, members[i], i == 0, style);
}

static void
put_container(
    struct tl_buf *b, const struct tl_json *v, const struct style *style)
{
	bool is_object = v->kind == TL_JSON_OBJECT;

	tl_buf_putc(b, is_object ? '{' : '[');
	if (is_object && style->is_sorted && v->nchildren > 1)
		put_sorted(b, v, style);
	else
		for (const struct tl_json *c = v->first; c != NULL; c = c->next)
			put_member(b, c, c == v->first, style);
	tl_buf_putc(b, is_object ? '}' : ']');
}

static void
put(struct tl_buf *b, const struct tl_json *v, const struct style *style)
{
	switch (v->kind) {
	case TL_JSON_NULL:
	case TL_JSON_FALSE:
	case TL_JSON_TRUE:
		tl_buf_puts(b, tl_json_kind_name(v->kind));
		break;
	case TL_JSON_NUMBER:
		tl_buf_put(b, v->text);
		break;
	case TL_JSON_STRING:
		style->put_string(b, v->text);
		break;
	case TL_JSON_ARRAY:
	case TL_JSON_OBJECT:
		put_container(b, v, style);
		break;
	}
}

void
tl_json_put(struct tl_buf *b, const struct tl_json *v)
{
	static const struct style plain = { tl_json_put_string, false };

	put(b, v, &plain);
}

void
tl_json_put_canonical(struct tl_buf *b, const struct tl_json *v)
{
	static const struct style canonical = { put_string_canonical, true };

	put(b, v, &canonical);
}
