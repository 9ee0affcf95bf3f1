/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON inside a JSON string: parsed, and placed where it stands in the record.
 */
#include "format.h"

#include <string.h>

static unsigned
hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];

		v = v << 4 |
		    (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

/* Length of the escape at p (of a valid string), and of what it decodes to. */
static size_t
escape_len(const char *p, const char *end, size_t *decoded)
{
	unsigned u;

	*decoded = 1;
	if (p[1] != 'u')
		return 2;
	u = hex4(p + 2);
	if (u >= 0xd800 && u < 0xdc00 && end - p >= 12 && p[6] == '\\' &&
	    p[7] == 'u') {
		unsigned low = hex4(p + 8);

		if (low >= 0xdc00 && low < 0xe000) {
			*decoded = 4;
			return 12;
		}
	}
	*decoded = u < 0x80 ? 1 : u < 0x800 ? 2 : 3;
	return 6;
}

/* For each byte of v's decoded text, and its end, the byte of the record it
 * starts at. */
static size_t *
raw_offsets(struct tl_format_cx *cx, const struct tl_json *v)
{
	size_t *map = TL_NEW(cx->arena, size_t, v->text.len + 1);
	const char *base = cx->doc_text.ptr;
	const char *p = base + v->span.beg + 1;
	const char *end = base + v->span.end - 1;
	size_t n = 0;

	while (p < end && n < v->text.len) {
		size_t len = 1, decoded = 1;

		if (*p == '\\')
			len = escape_len(p, end, &decoded);
		for (size_t i = 0; i < decoded && n < v->text.len; i++)
			map[n++] = (size_t)(p - base);
		p += len;
	}
	while (n <= v->text.len)
		map[n++] = (size_t)(end - base);
	return map;
}

/* Where a span of the inner text stands in the record.  Inside a string that
 * is itself inside one (map is NULL) it is all of that string. */
static tl_span
moved(tl_span s, const size_t *map, tl_span outer)
{
	return map != NULL ? (tl_span){ map[s.beg], map[s.end] } : outer;
}

/* Depth is bounded by the parser's limit. */
static struct tl_json *
copy_moved(struct tl_arena *a, const struct tl_json *v,
    const struct tl_json *parent, const size_t *map, tl_span outer)
{
	struct tl_json *copy = TL_NEW(a, struct tl_json, 1);
	const struct tl_json **link = &copy->first;

	*copy = *v;
	copy->parent = parent;
	copy->first = NULL;
	copy->next = NULL;
	copy->span = moved(v->span, map, outer);
	if (v->key.ptr != NULL)
		copy->key_span = moved(v->key_span, map, outer);
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		struct tl_json *child = copy_moved(a, c, copy, map, outer);

		*link = child;
		link = &child->next;
	}
	return copy;
}

/* The value inside string v, in v's place under parent; NULL if there is
 * none. */
static struct tl_json *
parse_inside(struct tl_format_cx *cx, const struct tl_json *v,
    const struct tl_json *parent)
{
	struct tl_json_doc doc = { 0 };
	const size_t *map = NULL;
	struct tl_json *root;

	if (v->kind != TL_JSON_STRING ||
	    tl_json_parse(cx->arena, v->text, &doc) != TL_OK)
		return NULL;
	if (cx->doc_text.ptr[v->span.beg] == '"')
		map = raw_offsets(cx, v);
	root = copy_moved(cx->arena, doc.root, parent, map, v->span);
	root->key = v->key;
	root->key_span = v->key_span;
	root->index = v->index;
	return root;
}

const struct tl_json *
tl_format_nested(struct tl_format_cx *cx, const struct tl_json *v)
{
	return parse_inside(cx, v, v->parent);
}

/* {"function": {"arguments": "…"}}: axolotl parses what is in it. */
static bool
is_call_text(const struct tl_json *v)
{
	return v->kind == TL_JSON_STRING &&
	    tl_str_eq(v->key, TL_STR("arguments")) && v->parent != NULL &&
	    tl_str_eq(v->parent->key, TL_STR("function"));
}

/* A null member is dropped. */
static bool
is_dropped(const struct tl_json *v)
{
	return v->kind == TL_JSON_NULL && v->parent != NULL &&
	    v->parent->kind == TL_JSON_OBJECT;
}

static bool
needs_change(const struct tl_json *v)
{
	for (const struct tl_json *c = v->first; c != NULL; c = c->next)
		if (is_dropped(c) || is_call_text(c) || needs_change(c))
			return true;
	return false;
}

static struct tl_json *
copy_changed(struct tl_format_cx *cx, const struct tl_json *v,
    const struct tl_json *parent)
{
	struct tl_json *copy = NULL;
	const struct tl_json **link;

	if (is_call_text(v))
		copy = parse_inside(cx, v, parent);
	if (copy != NULL)
		return copy;
	copy = TL_NEW(cx->arena, struct tl_json, 1);
	link = &copy->first;
	*copy = *v;
	copy->parent = parent;
	copy->first = NULL;
	copy->next = NULL;
	copy->nchildren = 0;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		struct tl_json *child;

		if (is_dropped(c))
			continue;
		child = copy_changed(cx, c, copy);
		copy->nchildren++;
		*link = child;
		link = &child->next;
	}
	return copy;
}

const struct tl_json *
tl_format_as_axolotl(struct tl_format_cx *cx, const struct tl_json *v)
{
	return needs_change(v) ? copy_changed(cx, v, v->parent) : v;
}
