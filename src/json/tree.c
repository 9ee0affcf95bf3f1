/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter: cJSON builds the tree of a text the scanner accepted, and each
 * of its items is paired with the node of the same place.  Both are in
 * document order, so the pairing is one walk.
 */
#include "json/internal.h"

#include <assert.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

/* cJSON's hooks take no context and are one for the process, so the arena of
 * the parse that is under way in this thread must stand in a variable.  NULL
 * outside of tl_json_parse(): then the hooks are malloc() and free(). */
static _Thread_local struct tl_arena *current_arena;

static void *
hook_malloc(size_t size)
{
	if (current_arena == NULL)
		return malloc(size);
	return tl_arena_grow(current_arena, NULL, 0, size, _Alignof(cJSON));
}

static void
hook_free(void *p)
{
	if (current_arena == NULL)
		free(p);
}

static void
set_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ hook_malloc, hook_free });
}

static const cJSON *
build(struct tl_arena *a, const char *text, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const cJSON *item;

	pthread_once(&once, set_hooks);
	current_arena = a;
	item = cJSON_ParseWithLength(text, len);
	current_arena = NULL;
	return item;
}

/* The value of a literal that is too long for cJSON. */
static double
long_number(struct tl_arena *a, tl_str literal)
{
	char *copy = tl_arena_cstr(a, literal);
	char *point = strchr(copy, '.');

	if (point != NULL)
		*point = localeconv()->decimal_point[0];
	return strtod(copy, NULL);
}

static void
check_number(struct json_scan *s, struct tl_json *v, const cJSON *item)
{
	bool was_patched =
	    s->patched != NULL && s->patched[v->span.beg + 1] == ' ';

	v->number =
	    was_patched ? long_number(s->arena, v->text) : item->valuedouble;
	if (!json_number_is_exact(s->arena, v->text, v->number))
		json_add_note(s, TL_JSON_NOTE_PRECISION, v->span, v);
}

static int
kind_of(const cJSON *item)
{
	switch (item->type & 0xff) {
	case cJSON_NULL:
		return TL_JSON_NULL;
	case cJSON_False:
		return TL_JSON_FALSE;
	case cJSON_True:
		return TL_JSON_TRUE;
	case cJSON_Number:
		return TL_JSON_NUMBER;
	case cJSON_String:
		return TL_JSON_STRING;
	case cJSON_Array:
		return TL_JSON_ARRAY;
	case cJSON_Object:
		return TL_JSON_OBJECT;
	}
	return -1;
}

static void
pair(struct json_scan *s, struct tl_json *v, const cJSON *item)
{
	assert(kind_of(item) == (int)v->kind);
	if (v->key_span.end > 0 && v->key.ptr == NULL)
		v->key.ptr = item->string;
	if (v->kind == TL_JSON_STRING && v->text.ptr == NULL)
		v->text.ptr = item->valuestring;
	if (v->kind == TL_JSON_NUMBER)
		check_number(s, v, item);
}

/* Nodes in the order they were made, items in preorder. */
static void
pair_all(struct json_scan *s, const cJSON *item)
{
	const cJSON *stack[TL_MAX_JSON_DEPTH];
	size_t depth = 0;

	for (struct json_chunk *c = s->first_chunk; c != NULL; c = c->next)
		for (size_t i = 0; i < c->n; i++) {
			struct tl_json *v = &c->nodes[i];

			assert(item != NULL);
			pair(s, v, item);
			if (v->nchildren > 0) {
				stack[depth++] = item;
				item = item->child;
				continue;
			}
			while (item->next == NULL && depth > 0)
				item = stack[--depth];
			item = item->next;
		}
	assert(item == NULL);
}

/* --- duplicate names
 * ---------------------------------------------------------- */

/* Up to here every pair of names is compared; beyond, they are sorted: no
 * choice of names makes that slow, as it could a hash table. */
#define FEW_NAMES 16

static int
by_name(const void *left, const void *right)
{
	const struct tl_json *a = *(const struct tl_json *const *)left;
	const struct tl_json *b = *(const struct tl_json *const *)right;
	int c = tl_str_cmp(a->key, b->key);

	return c != 0 ? c : (a->index > b->index) - (a->index < b->index);
}

static void
note_duplicate(struct json_scan *s, const struct tl_json *v)
{
	json_add_note(s, TL_JSON_NOTE_DUPLICATE_KEY, v->key_span, v);
}

static void
find_duplicates_few(struct json_scan *s, const struct tl_json *object)
{
	const struct tl_json *seen[FEW_NAMES];
	size_t n = 0;

	for (const struct tl_json *v = object->first; v != NULL; v = v->next) {
		for (size_t i = 0; i < n; i++)
			if (seen[i]->key.len == v->key.len &&
			    tl_str_eq(seen[i]->key, v->key)) {
				note_duplicate(s, v);
				break;
			}
		seen[n++] = v;
	}
}

static void
find_duplicates_many(struct json_scan *s, const struct tl_json *object)
{
	const struct tl_json **names =
	    TL_NEW(s->arena, const struct tl_json *, object->nchildren);
	size_t n = 0;

	for (const struct tl_json *v = object->first; v != NULL; v = v->next)
		names[n++] = v;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n; i++)
		if (tl_str_eq(names[i - 1]->key, names[i]->key))
			note_duplicate(s, names[i]);
}

static int
by_place(const void *left, const void *right)
{
	const struct tl_json_note *a = left, *b = right;

	if (a->span.beg != b->span.beg)
		return a->span.beg < b->span.beg ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

static void
find_duplicates(struct json_scan *s)
{
	for (struct json_chunk *c = s->first_chunk; c != NULL; c = c->next)
		for (size_t i = 0; i < c->n; i++) {
			const struct tl_json *v = &c->nodes[i];

			if (v->kind != TL_JSON_OBJECT || v->nchildren < 2)
				continue;
			if (v->nchildren <= FEW_NAMES)
				find_duplicates_few(s, v);
			else
				find_duplicates_many(s, v);
		}
}

enum tl_status
tl_json_parse(struct tl_arena *a, tl_str text, struct tl_json_doc *doc)
{
	struct json_scan s = {
		.arena = a, .doc = doc, .base = text.ptr, .len = text.len
	};
	const cJSON *item;

	*doc = (struct tl_json_doc){ .text = text };
	if (!json_scan_document(&s)) {
		doc->notes = s.notes;
		doc->nnotes = s.nnotes;
		return TL_EPARSE;
	}
	item = build(a, s.patched != NULL ? s.patched : text.ptr, text.len);
	assert(item != NULL);
	pair_all(&s, item);
	find_duplicates(&s);
	if (s.nnotes > 1)
		qsort(s.notes, s.nnotes, sizeof(*s.notes), by_place);
	doc->root = s.first_chunk->nodes;
	doc->notes = s.notes;
	doc->nnotes = s.nnotes;
	return TL_OK;
}
