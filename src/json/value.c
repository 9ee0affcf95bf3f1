/* SPDX-License-Identifier: Apache-2.0 */
#include "json/internal.h"

#include <turnlint/buf.h>

tl_span
tl_json_fault_span(const struct tl_json_doc *doc)
{
	size_t at = doc->fault_at;
	tl_str rest = tl_str_slice(doc->text, at, doc->text.len);
	tl_str found = tl_str_from(doc->found);
	size_t n;

	if (rest.len == 0)
		return (tl_span){ doc->text.len, doc->text.len };
	/* A word is its own description. */
	if (tl_str_starts(rest, found))
		return (tl_span){ at, at + found.len };
	n = tl_utf8_len(rest, 0);
	return (tl_span){ at, at + (n > 0 ? n : 1) };
}

const struct tl_json *
tl_json_get_str(const struct tl_json *obj, tl_str key)
{
	const struct tl_json *found = NULL;

	if (obj == NULL || obj->kind != TL_JSON_OBJECT)
		return NULL;
	/* Length and first byte settle most members without a call. */
	for (const struct tl_json *v = obj->first; v != NULL; v = v->next)
		if (v->key.len == key.len &&
		    (key.len == 0 || v->key.ptr[0] == key.ptr[0]) &&
		    tl_str_eq(v->key, key))
			found = v;
	return found;
}

const struct tl_json *
tl_json_at(const struct tl_json *array, size_t i)
{
	const struct tl_json *v;

	if (array == NULL || array->kind != TL_JSON_ARRAY ||
	    i >= array->nchildren)
		return NULL;
	for (v = array->first; i > 0; i--)
		v = v->next;
	return v;
}

tl_str
tl_json_text(const struct tl_json *v, tl_str fallback)
{
	return tl_json_is(v, TL_JSON_STRING) ? v->text : fallback;
}

bool
tl_json_bool(const struct tl_json *v, bool fallback)
{
	if (tl_json_is(v, TL_JSON_TRUE))
		return true;
	if (tl_json_is(v, TL_JSON_FALSE))
		return false;
	return fallback;
}

bool
tl_json_int(const struct tl_json *v, int64_t *out)
{
	return tl_json_is(v, TL_JSON_NUMBER) && tl_str_to_int(v->text, out);
}

const char *
tl_json_kind_name(enum tl_json_kind kind)
{
	switch (kind) {
	case TL_JSON_NULL:
		return "null";
	case TL_JSON_FALSE:
		return "false";
	case TL_JSON_TRUE:
		return "true";
	case TL_JSON_NUMBER:
		return "a number";
	case TL_JSON_STRING:
		return "a string";
	case TL_JSON_ARRAY:
		return "an array";
	case TL_JSON_OBJECT:
		return "an object";
	}
	return "nothing";
}

/* --- pointers --- */

static void
put_pointer_name(struct tl_buf *b, tl_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '~')
			tl_buf_puts(b, "~0");
		else if (name.ptr[i] == '/')
			tl_buf_puts(b, "~1");
		else
			tl_buf_putc(b, name.ptr[i]);
	}
}

tl_str
tl_json_pointer(struct tl_arena *a, const struct tl_json *v)
{
	const struct tl_json *path[TL_MAX_JSON_DEPTH];
	size_t n = 0;
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	for (; v != NULL && v->parent != NULL; v = v->parent)
		path[n++] = v;
	while (n > 0) {
		v = path[--n];
		tl_buf_putc(&b, '/');
		if (v->parent->kind == TL_JSON_OBJECT)
			put_pointer_name(&b, v->key);
		else
			tl_buf_printf(&b, "%u", v->index);
	}
	return tl_buf_str(&b);
}

/* Whether a name equals a pointer's token, in which ~0 is ~ and ~1 is /. */
static bool
is_token(tl_str name, tl_str token)
{
	size_t at = 0;

	for (size_t i = 0; i < token.len; i++, at++) {
		char c = token.ptr[i];

		if (c == '~' && i + 1 < token.len) {
			i++;
			c = token.ptr[i] == '0' ? '~' : '/';
		}
		if (at >= name.len || name.ptr[at] != c)
			return false;
	}
	return at == name.len;
}

static const struct tl_json *
step_into(const struct tl_json *v, tl_str token)
{
	const struct tl_json *found = NULL;
	size_t i;

	if (v->kind == TL_JSON_ARRAY) {
		if (token.len > 1 && token.ptr[0] == '0')
			return NULL;
		return tl_str_to_size(token, &i) ? tl_json_at(v, i) : NULL;
	}
	if (v->kind != TL_JSON_OBJECT)
		return NULL;
	for (v = v->first; v != NULL; v = v->next)
		if (is_token(v->key, token))
			found = v;
	return found;
}

const struct tl_json *
tl_json_resolve(const struct tl_json *root, tl_str pointer)
{
	size_t at = 0;

	while (root != NULL && at < pointer.len) {
		size_t end;

		if (pointer.ptr[at] != '/')
			return NULL;
		end = tl_str_find_char(pointer, '/', at + 1);
		if (end == TL_NPOS)
			end = pointer.len;
		root = step_into(root, tl_str_slice(pointer, at + 1, end));
		at = end;
	}
	return root;
}

/* --- decoded bytes back to the document --- */

tl_span
tl_json_raw_span(
    tl_str doc_text, const struct tl_json *v, size_t beg, size_t end)
{
	tl_span inner = v->span;
	tl_span found;
	tl_str raw;
	size_t decoded = 0, step, n;

	if (v->kind == TL_JSON_STRING) {
		/* A value out of JSON inside a string is escaped twice. */
		if (v->span.beg >= doc_text.len ||
		    doc_text.ptr[v->span.beg] != '"')
			return v->span;
		inner = (tl_span){ v->span.beg + 1, v->span.end - 1 };
	} else if (v->kind != TL_JSON_NUMBER)
		return v->span;
	raw = tl_str_slice(doc_text, inner.beg, inner.end);
	if (end > v->text.len)
		end = v->text.len;
	if (beg > end)
		beg = end;
	/* An escape is longer than what it stands for: here are none. */
	if (raw.len == v->text.len)
		return (tl_span){ inner.beg + beg, inner.beg + end };

	found = (tl_span){ inner.end, inner.end };
	for (size_t at = 0; at < raw.len; at += step, decoded += n) {
		uint32_t cp;

		step = json_unit(raw, at, &cp);
		n = cp == TL_JSON_PLAIN ? 1 : json_utf8_size(cp);
		if (beg >= decoded && beg < decoded + n)
			found.beg = inner.beg + at;
		if (end <= decoded + n && found.beg < inner.end) {
			found.end =
			    beg == end ? found.beg : inner.beg + at + step;
			break;
		}
	}
	return found;
}
