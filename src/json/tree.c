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

/* Memory of the parse that is under way: one piece of the arena, as large as
 * cJSON can need, handed out from front to back. */
struct pool {
	struct tl_arena *arena;
	char *at, *end;
};

/* cJSON's hooks take no context and are one for the process, so the pool must
 * stand in a variable of the thread.  NULL outside of tl_json_parse(): then the
 * hooks are malloc() and free(). */
static _Thread_local struct pool *current_pool;

static void *
hook_malloc(size_t size)
{
	struct pool *pool = current_pool;
	size_t rounded = (size + _Alignof(cJSON) - 1) & -_Alignof(cJSON);
	char *p;

	if (pool == NULL)
		return malloc(size);
	if (rounded > (size_t)(pool->end - pool->at))
		return tl_arena_grow(
		    pool->arena, NULL, 0, size, _Alignof(cJSON));
	p = pool->at;
	pool->at += rounded;
	return p;
}

static void
hook_free(void *p)
{
	if (current_pool == NULL)
		free(p);
}

static void
set_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ hook_malloc, hook_free });
}

/* An item a node, and the strings: no longer than the text, each with a NUL and
 * rounded up. */
static size_t
pool_size(const struct json_scan *s)
{
	size_t n = 0;

	for (const struct json_chunk *c = s->first_chunk; c != NULL;
	     c = c->next)
		n += c->n;
	return n * (sizeof(cJSON) + 2 * _Alignof(cJSON)) + s->len;
}

static const cJSON *
build(const struct json_scan *s)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *text = s->patched != NULL ? s->patched : s->base;
	size_t size = pool_size(s);
	struct pool pool = { .arena = s->arena };
	const cJSON *item;

	pthread_once(&once, set_hooks);
	pool.at = tl_arena_grow(s->arena, NULL, 0, size, _Alignof(cJSON));
	pool.end = pool.at + size;
	current_pool = &pool;
	item = cJSON_ParseWithLength(text, s->len);
	current_pool = NULL;
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

static void
pair(struct json_scan *s, struct tl_json *v, const cJSON *item)
{
	static const int types[] = {
		[TL_JSON_NULL] = cJSON_NULL,
		[TL_JSON_FALSE] = cJSON_False,
		[TL_JSON_TRUE] = cJSON_True,
		[TL_JSON_NUMBER] = cJSON_Number,
		[TL_JSON_STRING] = cJSON_String,
		[TL_JSON_ARRAY] = cJSON_Array,
		[TL_JSON_OBJECT] = cJSON_Object,
	};

	assert((item->type & 0xff) == types[v->kind]);
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

/* --- duplicate names --- */

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
	qsort(names, n, sizeof(const struct tl_json *), by_name);
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
	struct tl_json *stack[TL_MAX_JSON_DEPTH];
	struct json_scan s = { .stack = stack,
		.arena = a,
		.doc = doc,
		.base = text.ptr,
		.len = text.len };
	const cJSON *item;

	*doc = (struct tl_json_doc){ .text = text };
	if (!json_scan_document(&s)) {
		/* The tree of a rejected text is never finished. */
		for (size_t i = 0; i < s.nnotes; i++)
			s.notes[i].node = NULL;
		doc->notes = s.notes;
		doc->nnotes = s.nnotes;
		return TL_EPARSE;
	}
	item = build(&s);
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
