/* SPDX-License-Identifier: Apache-2.0 */
/* From libyaml's events to a tree. */
#include <turnlint/map.h>
#include <turnlint/yaml.h>

#include <yaml.h>

#include "resolve.h"

struct node {
	struct tl_json json;
	tl_str scalar;
	size_t line, column;
	size_t key_line, key_column;
	bool has_odd_key;
	bool is_open; /* its children are still being read */
};

struct composer {
	struct tl_arena *arena;
	yaml_parser_t parser;
	tl_str text;
	size_t nchars, nbytes; /* a place of the text both ways */
	struct tl_map anchors; /* to their nodes */
	size_t nnodes;
	struct tl_error *err;
};

static const struct node *
node_of(const struct tl_json *v)
{
	return (const struct node *)(const void *)v;
}

tl_str
tl_yaml_scalar(const struct tl_json *v)
{
	return node_of(v)->scalar;
}

void
tl_yaml_place(const struct tl_json *v, size_t *line, size_t *column)
{
	*line = node_of(v)->line;
	*column = node_of(v)->column;
}

void
tl_yaml_key_place(const struct tl_json *v, size_t *line, size_t *column)
{
	if (v->key.ptr == NULL) {
		tl_yaml_place(v, line, column);
		return;
	}
	*line = node_of(v)->key_line;
	*column = node_of(v)->key_column;
}

bool
tl_yaml_has_odd_key(const struct tl_json *v)
{
	return node_of(v)->has_odd_key;
}

static void
fail(struct composer *c, const yaml_mark_t *m, enum tl_status st,
    const char *what)
{
	tl_fail_at(c->err, st, m->line + 1, m->column + 1, "%s", what);
}

static bool
next_event(struct composer *c, yaml_event_t *e)
{
	const yaml_parser_t *p = &c->parser;
	const yaml_mark_t *m = &p->problem_mark;

	if (yaml_parser_parse(&c->parser, e))
		return true;
	fail(c, m, TL_EPARSE,
	    p->context == NULL
		? tl_arena_printf(c->arena, "not YAML: %s",
		      p->problem != NULL ? p->problem : "bad input")
		: tl_arena_printf(
		      c->arena, "not YAML: %s %s", p->problem, p->context));
	return false;
}

/* libyaml counts characters.  Events come in the order of the text, but for a
 * few steps back. */
static size_t
byte_at(struct composer *c, size_t chars)
{
	if (chars < c->nchars)
		c->nchars = c->nbytes = 0;
	for (; c->nchars < chars && c->nbytes < c->text.len; c->nchars++)
		c->nbytes +=
		    tl_utf8_next(c->text, c->nbytes, &(uint32_t){ 0 }, NULL);
	return c->nbytes;
}

static tl_span
span_of(struct composer *c, const yaml_event_t *e)
{
	size_t beg = byte_at(c, e->start_mark.index);

	return (tl_span){ beg, byte_at(c, e->end_mark.index) };
}

/* NULL at the limit. */
static struct node *
alloc_node(struct composer *c, const yaml_mark_t *m)
{
	if (++c->nnodes <= TL_MAX_YAML_NODES)
		return TL_NEW(c->arena, struct node, 1);
	fail(c, m, TL_ELIMIT, "too many values");
	return NULL;
}

static struct node *
new_node(struct composer *c, const yaml_event_t *e)
{
	struct node *n = alloc_node(c, &e->start_mark);

	if (n == NULL)
		return NULL;
	n->line = e->start_mark.line + 1;
	n->column = e->start_mark.column + 1;
	n->json.span = span_of(c, e);
	return n;
}

static bool
remember(struct composer *c, const yaml_event_t *e, const yaml_char_t *anchor,
    struct node *n)
{
	struct tl_map_entry *entry;
	bool is_new;

	if (anchor == NULL)
		return true;
	if (c->anchors.nentries == TL_MAX_YAML_ANCHORS) {
		fail(c, &e->start_mark, TL_ELIMIT, "too many anchors");
		return false;
	}
	entry = tl_map_put(&c->anchors,
	    tl_arena_str(c->arena, tl_str_from((const char *)anchor)), &is_new);
	if (!is_new) {
		fail(c, &e->start_mark, TL_EPARSE,
		    "an anchor of this name stands before");
		return false;
	}
	entry->ptr = n;
	return true;
}

/* --- lists and maps --------------------------------------------------------
 */

struct list {
	struct tl_json *last;
	struct node *owner;
};

static void
append(struct list *l, struct node *child)
{
	struct tl_json *owner = &l->owner->json;

	child->json.parent = owner;
	child->json.index = owner->nchildren++;
	if (l->last == NULL)
		owner->first = &child->json;
	else
		l->last->next = &child->json;
	l->last = &child->json;
}

/* A copy with all that is in it: what an alias stands for. */
static struct node *
copy(struct composer *c, const yaml_mark_t *m, const struct node *from)
{
	struct node *n;
	struct list l;

	if (from->is_open) {
		fail(c, m, TL_EPARSE, "an alias within what it stands for");
		return NULL;
	}
	n = alloc_node(c, m);
	if (n == NULL)
		return NULL;
	*n = *from;
	n->json.first = n->json.next = NULL;
	n->json.nchildren = 0;
	l = (struct list){ NULL, n };
	for (const struct tl_json *v = from->json.first; v != NULL;
	     v = v->next) {
		struct node *child = copy(c, m, node_of(v));

		if (child == NULL)
			return NULL;
		append(&l, child);
	}
	return n;
}

static struct node *compose(
    struct composer *c, yaml_event_t *e, unsigned depth);

static bool
compose_list(struct composer *c, struct node *n, unsigned depth)
{
	struct list l = { NULL, n };

	for (;;) {
		struct node *child;
		yaml_event_t e;
		bool is_end;

		if (!next_event(c, &e))
			return false;
		is_end = e.type == YAML_SEQUENCE_END_EVENT;
		if (is_end)
			n->json.span.end = byte_at(c, e.end_mark.index);
		child = is_end ? NULL : compose(c, &e, depth + 1);
		yaml_event_delete(&e);
		if (is_end)
			return true;
		if (child == NULL)
			return false;
		append(&l, child);
	}
}

static bool
is_merge_key(const yaml_event_t *e)
{
	return e->type == YAML_SCALAR_EVENT && e->data.scalar.plain_implicit &&
	    strcmp((const char *)e->data.scalar.value, "<<") == 0;
}

/* The name of a member and its place. */
static void
set_key(struct composer *c, const yaml_event_t *e, struct node *child)
{
	struct tl_json plain = { .kind = TL_JSON_STRING };
	tl_str name = tl_arena_str(c->arena,
	    (tl_str){
		(const char *)e->data.scalar.value, e->data.scalar.length });

	if (e->data.scalar.plain_implicit && !is_merge_key(e) &&
	    yaml_resolve(c->arena, name, NULL, &plain) != NULL)
		plain.kind = TL_JSON_NULL;
	child->has_odd_key = plain.kind != TL_JSON_STRING;
	child->json.key = name.len > 0 ? name : TL_STR("");
	child->json.key_span = span_of(c, e);
	child->key_line = e->start_mark.line + 1;
	child->key_column = e->start_mark.column + 1;
}

/* A member: its name is event e. */
static struct node *
compose_member(struct composer *c, const yaml_event_t *e, unsigned depth)
{
	struct node *child;
	yaml_event_t value;

	if (e->type != YAML_SCALAR_EVENT) {
		fail(c, &e->start_mark, TL_EPARSE,
		    e->type == YAML_ALIAS_EVENT
			? "an alias cannot be a name here"
			: "a name was expected here, not a list or a map");
		return NULL;
	}
	if (!next_event(c, &value))
		return NULL;
	child = compose(c, &value, depth + 1);
	yaml_event_delete(&value);
	if (child != NULL)
		set_key(c, e, child);
	return child;
}

/* Append copies of the members of map `from` whose names are not known yet. */
static bool
merge_map(struct composer *c, struct list *l, struct tl_map *names,
    const struct tl_json *from, const yaml_mark_t *m)
{
	for (const struct tl_json *v = from->first; v != NULL; v = v->next) {
		struct node *child;

		if (tl_map_find(names, v->key) != NULL ||
		    tl_json_get_str(from, v->key) != v)
			continue;
		tl_map_put(names, v->key, NULL);
		child = copy(c, m, node_of(v));
		if (child == NULL)
			return false;
		append(l, child);
	}
	return true;
}

/* What a merge key holds: a map, or a list of them of which the first wins. */
static bool
merge(struct composer *c, struct list *l, struct tl_map *names,
    const struct node *value)
{
	const struct tl_json *v = &value->json;
	yaml_mark_t m = { .line = value->key_line - 1,
		.column = value->key_column - 1 };
	bool is_one = v->kind == TL_JSON_OBJECT;

	if (is_one)
		return merge_map(c, l, names, v, &m);
	is_one = v->kind != TL_JSON_ARRAY;
	for (v = v->first; v != NULL && !is_one; v = v->next) {
		is_one = v->kind != TL_JSON_OBJECT;
		if (!is_one && !merge_map(c, l, names, v, &m))
			return false;
	}
	if (is_one)
		fail(c, &m, TL_EPARSE, "<< takes a map or a list of maps");
	return !is_one;
}

struct members {
	struct node **own, **merges;
	size_t nown, nmerges, cap_own, cap_merges;
};

static void
push(struct composer *c, struct node ***list, size_t *n, size_t *cap,
    struct node *child)
{
	if (*n == *cap) {
		size_t want = *cap > 0 ? 2 * *cap : 8;

		*list = tl_arena_grow(c->arena, *list, *cap * sizeof(**list),
		    want * sizeof(**list), _Alignof(struct node *));
		*cap = want;
	}
	(*list)[(*n)++] = child;
}

/* What is merged goes first, as in Python, and never over what is there. */
static bool
link_members(struct composer *c, struct node *n, const struct members *m)
{
	struct list l = { NULL, n };
	struct tl_map names;

	tl_map_init(&names, c->arena);
	for (size_t i = 0; m->nmerges > 0 && i < m->nown; i++)
		tl_map_put(&names, m->own[i]->json.key, NULL);
	/* Of several merges the last one wins. */
	for (size_t i = m->nmerges; i > 0; i--)
		if (!merge(c, &l, &names, m->merges[i - 1]))
			return false;
	for (size_t i = 0; i < m->nown; i++)
		append(&l, m->own[i]);
	return true;
}

static bool
compose_map(struct composer *c, struct node *n, unsigned depth)
{
	struct members m = { NULL, NULL, 0, 0, 0, 0 };

	for (;;) {
		struct node *child;
		yaml_event_t e;
		bool is_end, is_merge;

		if (!next_event(c, &e))
			return false;
		is_end = e.type == YAML_MAPPING_END_EVENT;
		is_merge = is_merge_key(&e);
		if (is_end)
			n->json.span.end = byte_at(c, e.end_mark.index);
		child = is_end ? NULL : compose_member(c, &e, depth);
		yaml_event_delete(&e);
		if (is_end)
			return link_members(c, n, &m);
		if (child == NULL)
			return false;
		if (is_merge)
			push(c, &m.merges, &m.nmerges, &m.cap_merges, child);
		else
			push(c, &m.own, &m.nown, &m.cap_own, child);
	}
}

/* --- values ----------------------------------------------------------------
 */

/* Explicit tags of lists and maps other than their own. */
static bool
is_foreign_tag(const yaml_char_t *tag, const char *own)
{
	return tag != NULL && strcmp((const char *)tag, "!") != 0 &&
	    strcmp((const char *)tag, own) != 0;
}

static struct node *
compose_scalar(struct composer *c, const yaml_event_t *e)
{
	struct node *n = new_node(c, e);
	const char *tag = (const char *)e->data.scalar.tag;
	const char *fault;

	if (n == NULL || !remember(c, e, e->data.scalar.anchor, n))
		return NULL;
	n->scalar = tl_arena_str(c->arena,
	    (tl_str){
		(const char *)e->data.scalar.value, e->data.scalar.length });
	if (tag == NULL || strcmp(tag, "!") == 0)
		tag = e->data.scalar.plain_implicit ? NULL : YAML_STR_TAG;
	fault = yaml_resolve(c->arena, n->scalar, tag, &n->json);
	if (fault == NULL)
		return n;
	fail(c, &e->start_mark, TL_EPARSE, fault);
	return NULL;
}

static struct node *
compose_collection(struct composer *c, const yaml_event_t *e, unsigned depth)
{
	bool is_list = e->type == YAML_SEQUENCE_START_EVENT;
	const yaml_char_t *anchor = is_list ? e->data.sequence_start.anchor
					    : e->data.mapping_start.anchor;
	struct node *n;

	if (is_list ? is_foreign_tag(e->data.sequence_start.tag, YAML_SEQ_TAG)
		    : is_foreign_tag(e->data.mapping_start.tag, YAML_MAP_TAG)) {
		fail(c, &e->start_mark, TL_EPARSE,
		    "a tag that a configuration has no use for");
		return NULL;
	}
	n = new_node(c, e);
	if (n == NULL || !remember(c, e, anchor, n))
		return NULL;
	n->json.kind = is_list ? TL_JSON_ARRAY : TL_JSON_OBJECT;
	n->is_open = true;
	if (is_list ? !compose_list(c, n, depth) : !compose_map(c, n, depth))
		return NULL;
	n->is_open = false;
	return n;
}

static struct node *
compose_alias(struct composer *c, const yaml_event_t *e)
{
	struct tl_map_entry *entry = tl_map_find(
	    &c->anchors, tl_str_from((const char *)e->data.alias.anchor));

	if (entry != NULL) {
		struct node *n = copy(c, &e->start_mark, entry->ptr);

		if (n != NULL)
			n->json.key = (tl_str){ NULL, 0 };
		return n;
	}
	fail(c, &e->start_mark, TL_EPARSE, "no anchor of this name");
	return NULL;
}

static struct node *
compose(struct composer *c, yaml_event_t *e, unsigned depth)
{
	if (depth > TL_MAX_YAML_DEPTH) {
		fail(c, &e->start_mark, TL_ELIMIT, "nested too deeply");
		return NULL;
	}
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return compose_scalar(c, e);
	case YAML_ALIAS_EVENT:
		return compose_alias(c, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return compose_collection(c, e, depth);
	default:
		fail(
		    c, &e->start_mark, TL_EPARSE, "not YAML: a value expected");
		return NULL;
	}
}

/* Whether a second document follows is told by the event behind the first. */
static bool
compose_stream(struct composer *c, struct node **root)
{
	unsigned ndocuments = 0;
	bool is_fine = true, is_end = false;

	while (is_fine && !is_end) {
		yaml_event_t e;

		if (!next_event(c, &e))
			return false;
		is_end = e.type == YAML_STREAM_END_EVENT;
		if (e.type == YAML_DOCUMENT_START_EVENT) {
			if (++ndocuments > 1) {
				fail(c, &e.start_mark, TL_EPARSE,
				    "a second document");
				is_fine = false;
			}
		} else if (!is_end && e.type != YAML_STREAM_START_EVENT &&
		    e.type != YAML_DOCUMENT_END_EVENT) {
			*root = compose(c, &e, 0);
			is_fine = *root != NULL;
		}
		yaml_event_delete(&e);
	}
	return is_fine;
}

enum tl_status
tl_yaml_parse(struct tl_arena *a, tl_str text, const struct tl_json **out,
    struct tl_error *err)
{
	struct tl_error own = { .status = TL_OK };
	struct composer c = {
		.arena = a, .text = text, .err = err != NULL ? err : &own
	};
	size_t bad = tl_utf8_check(text);
	struct node *root = NULL;
	bool is_fine;

	if (bad < text.len)
		return tl_fail(
		    err, TL_EPARSE, "not YAML: byte %zu is not UTF-8", bad);
	if (tl_str_starts(text, TL_STR("\xef\xbb\xbf")))
		c.text = text = tl_str_slice(text, 3, text.len);
	tl_map_init(&c.anchors, a);
	if (!yaml_parser_initialize(&c.parser))
		return tl_fail(err, TL_EIO, "out of memory");
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &c.parser, (const unsigned char *)text.ptr, text.len);
	is_fine = compose_stream(&c, &root);
	yaml_parser_delete(&c.parser);
	if (!is_fine)
		return c.err->status;
	if (root == NULL) {
		root = TL_NEW(a, struct node, 1);
		root->line = root->column = 1;
	}
	*out = &root->json;
	return TL_OK;
}
