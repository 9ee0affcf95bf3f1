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

/* A walk through a string of the record and its decoded text side by side.
 * Spans are asked for in the order of the text, so it never turns back. */
struct walk {
	const char *base; /* of the record */
	const char *p;	  /* in the record */
	const char *end;
	size_t at; /* in the decoded text */
	tl_span whole;
	bool is_inner; /* a string inside a string: all places are its own */
};

static void
begin_walk(
    struct walk *w, const struct tl_format_cx *cx, const struct tl_json *v)
{
	w->base = cx->doc_text.ptr;
	w->p = w->base + v->span.beg + 1;
	w->end = w->base + v->span.end - 1;
	w->at = 0;
	w->whole = v->span;
	w->is_inner = w->base[v->span.beg] != '"';
}

/* The byte of the record where byte `at` of the text stands. */
static size_t
raw_offset(struct walk *w, size_t at)
{
	while (w->at < at && w->p < w->end) {
		size_t left = (size_t)(w->end - w->p);
		size_t step = at - w->at < left ? at - w->at : left;
		const char *slash = memchr(w->p, '\\', step);
		size_t len, decoded;

		if (slash != NULL)
			step = (size_t)(slash - w->p);
		w->p += step;
		w->at += step;
		if (slash == NULL)
			continue;
		len = escape_len(w->p, w->end, &decoded);
		/* Inside of what the escape stands for. */
		if (w->at + decoded > at)
			break;
		w->p += len;
		w->at += decoded;
	}
	return (size_t)(w->p - w->base);
}

static tl_span
moved(struct walk *w, tl_span s)
{
	tl_span out;

	if (w->is_inner)
		return w->whole;
	out.beg = raw_offset(w, s.beg);
	out.end = raw_offset(w, s.end);
	return out;
}

/* Depth is bounded by the parser's limit. */
static struct tl_json *
copy_moved(struct tl_arena *a, const struct tl_json *v,
    const struct tl_json *parent, struct walk *w)
{
	struct tl_json *copy =
	    tl_arena_grow(a, NULL, 0, sizeof(*copy), _Alignof(struct tl_json));
	const struct tl_json **link = &copy->first;

	*copy = *v;
	copy->parent = parent;
	copy->first = NULL;
	copy->next = NULL;
	if (v->key.ptr != NULL)
		copy->key_span = moved(w, v->key_span);
	copy->span = moved(w, (tl_span){ v->span.beg, v->span.beg });
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		struct tl_json *child = copy_moved(a, c, copy, w);

		*link = child;
		link = &child->next;
	}
	if (!w->is_inner)
		copy->span.end = raw_offset(w, v->span.end);
	return copy;
}

/* The value inside string v, in v's place under parent; NULL if there is
 * none. */
static struct tl_json *
parse_inside(struct tl_format_cx *cx, const struct tl_json *v,
    const struct tl_json *parent)
{
	struct tl_json_doc doc = { 0 };
	struct tl_json *root;
	struct walk w;

	if (v->kind != TL_JSON_STRING ||
	    tl_json_parse(cx->arena, v->text, &doc) != TL_OK)
		return NULL;
	begin_walk(&w, cx, v);
	root = copy_moved(cx->arena, doc.root, parent, &w);
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
