/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dict.c - lists and dicts of our own, and JSON containers seen as such.
 *
 * A JSON object or a message answers lookups as it is.  Its keys as a Python
 * dict (a repeated key once, with its last value) are made when someone asks
 * for all of them, and kept for the rest of the rendering.
 */
#include "template/jinja/rt.h"

#define FEW 12 /* entries that are searched one by one */

/* --- native forms of JSON ------------------------------------------------ */

struct cached {
	const void *node;
	void *native;
};

struct jcache {
	struct cached *v;
	uint32_t n, cap; /* cap is a power of two */
};

static struct cached *
cache_slot(struct cached *v, uint32_t cap, const void *node)
{
	uint64_t h = (uint64_t)(uintptr_t)node * 0x9e3779b97f4a7c15u;
	uint32_t i = (uint32_t)(h >> 32) & (cap - 1);

	while (v[i].node != NULL && v[i].node != node)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

static void
cache_grow(struct rt *rt, struct jcache *c)
{
	uint32_t cap = c->cap > 0 ? c->cap * 2 : 32;
	struct cached *v = jinja_array(rt, cap, sizeof(*v));

	memset(v, 0, cap * sizeof(*v));
	for (uint32_t i = 0; i < c->cap; i++) {
		if (c->v[i].node != NULL)
			*cache_slot(v, cap, c->v[i].node) = c->v[i];
	}
	c->v = v;
	c->cap = cap;
}

/* Where the native form of a JSON container or message is kept. */
static struct cached *
cached(struct rt *rt, const void *node)
{
	struct cached *slot;

	if (rt->cache == NULL) {
		rt->cache = jinja_alloc(rt, sizeof(*rt->cache));
		*rt->cache = (struct jcache){ NULL, 0, 0 };
	}
	if (rt->cache->n * 2 >= rt->cache->cap)
		cache_grow(rt, rt->cache);
	slot = cache_slot(rt->cache->v, rt->cache->cap, node);
	if (slot->node == NULL) {
		slot->node = node;
		rt->cache->n++;
	}
	return slot;
}

/* --- lists --------------------------------------------------------------- */

val
jinja_new_seq(struct rt *rt, enum val_kind kind, size_t n, val **items)
{
	struct seq *s = jinja_alloc(rt, sizeof(*s));

	s->n = n;
	s->v = jinja_array(rt, n, sizeof(val));
	*items = s->v;
	return (val){ .kind = (uint8_t)kind, .seq = s };
}

struct seq *
jinja_seq(struct rt *rt, val v)
{
	struct cached *slot;
	struct seq *s;
	size_t i = 0;

	if (v.sub == L_TURNS)
		jinja_note_all(rt);
	if (v.sub != L_JSON)
		return v.seq;
	slot = cached(rt, v.json);
	if (slot->native != NULL)
		return slot->native;
	s = jinja_alloc(rt, sizeof(*s));
	s->n = v.json->nchildren;
	s->v = jinja_array(rt, s->n, sizeof(val));
	slot->native = s;
	jinja_step(rt, s->n / 8);
	for (const struct tl_json *c = v.json->first; c != NULL; c = c->next)
		s->v[i++] = jinja_from_json(rt, c);
	return s;
}

/* --- dicts --------------------------------------------------------------- */

struct dict *
jinja_new_dict(struct rt *rt, uint32_t cap)
{
	struct dict *d = jinja_alloc(rt, sizeof(*d));

	d->n = 0;
	d->cap = cap > 0 ? cap : 4;
	d->v = jinja_array(rt, d->cap, sizeof(*d->v));
	d->slots = NULL;
	d->nslots = 0;
	return d;
}

static bool
key_equal(struct rt *rt, const struct dict_entry *e, uint64_t h, val key)
{
	if (e->hash != h)
		return false;
	if (e->key.kind == V_STR && key.kind == V_STR)
		return tl_str_eq(jinja_bytes(rt, e->key), jinja_bytes(rt, key));
	return jinja_same(e->key, key) || jinja_equal(rt, e->key, key);
}

static struct dict_entry *
find(struct rt *rt, struct dict *d, val key, uint64_t h)
{
	if (d->slots == NULL) {
		for (uint32_t i = 0; i < d->n; i++) {
			if (key_equal(rt, &d->v[i], h, key))
				return &d->v[i];
		}
		return NULL;
	}
	for (uint32_t i = (uint32_t)h & (d->nslots - 1), n = 1;;
	     i = (i + 1) & (d->nslots - 1), n++) {
		if (d->slots[i] == 0)
			return NULL;
		if (n % 16 == 0) /* collisions can be made */
			jinja_step(rt, 1);
		if (key_equal(rt, &d->v[d->slots[i] - 1], h, key))
			return &d->v[d->slots[i] - 1];
	}
}

static void
add_slot(struct dict *d, uint32_t at)
{
	uint32_t i = (uint32_t)d->v[at].hash & (d->nslots - 1);

	while (d->slots[i] != 0)
		i = (i + 1) & (d->nslots - 1);
	d->slots[i] = at + 1;
}

static void
rehash(struct rt *rt, struct dict *d)
{
	d->nslots = d->nslots > 0 ? d->nslots * 2 : 64;
	d->slots = jinja_array(rt, d->nslots, sizeof(*d->slots));
	memset(d->slots, 0, d->nslots * sizeof(*d->slots));
	for (uint32_t i = 0; i < d->n; i++)
		add_slot(d, i);
}

struct dict_entry *
jinja_dict_find(struct rt *rt, struct dict *d, val key)
{
	return find(rt, d, key, jinja_hash(rt, key));
}

void
jinja_dict_put(struct rt *rt, struct dict *d, val key, val value)
{
	uint64_t h = jinja_hash(rt, key);
	struct dict_entry *e = find(rt, d, key, h);

	jinja_step(rt, 1);
	if (e != NULL) {
		e->value = value;
		return;
	}
	if (d->n == d->cap) {
		uint32_t cap = d->cap * 2;
		struct dict_entry *v = jinja_array(rt, cap, sizeof(*v));

		memcpy(v, d->v, d->n * sizeof(*v));
		d->v = v;
		d->cap = cap;
	}
	d->v[d->n] = (struct dict_entry){ key, value, h };
	d->n++;
	if (d->n > FEW && d->n * 2 > d->nslots)
		rehash(rt, d);
	else if (d->slots != NULL)
		add_slot(d, d->n - 1);
}

static val
field_value(struct rt *rt, const struct tl_field *f)
{
	return f->node != NULL ? jinja_from_json(rt, f->node)
			       : jinja_text(rt, &f->text);
}

/* A member's name is made from the object that has it. */
static val
key_of(struct rt *rt, tl_str name, const struct tl_json *object)
{
	val key = jinja_str(rt, name);

	if (object != NULL) {
		key.str->one.kind = TL_RUN_DERIVED;
		key.str->one.node = object;
	}
	return key;
}

static struct dict *
from_turn(struct rt *rt, const struct tl_turn *turn)
{
	struct dict *d = jinja_new_dict(rt, (uint32_t)turn->nfields);

	for (size_t i = 0; i < turn->nfields; i++)
		jinja_dict_put(rt, d,
		    key_of(rt, turn->fields[i].name, turn->node),
		    field_value(rt, &turn->fields[i]));
	return d;
}

static struct dict *
from_object(struct rt *rt, const struct tl_json *node)
{
	struct dict *d = jinja_new_dict(rt, node->nchildren);

	for (const struct tl_json *c = node->first; c != NULL; c = c->next)
		jinja_dict_put(
		    rt, d, key_of(rt, c->key, node), jinja_from_json(rt, c));
	return d;
}

struct dict *
jinja_dict(struct rt *rt, val v)
{
	struct cached *slot;
	struct dict *d;

	if (v.sub == D_DICT)
		return v.dict;
	if (v.sub == D_TURN) {
		jinja_note_read(rt, v.turn, true);
		jinja_note_read(rt, v.turn, false);
	}
	slot = cached(rt, v.p);
	if (slot->native != NULL)
		return slot->native;
	d = v.sub == D_TURN ? from_turn(rt, v.turn) : from_object(rt, v.json);
	/* The cache may have grown meanwhile. */
	cached(rt, v.p)->native = d;
	return d;
}

static bool
key_is(tl_str a, tl_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* A member by name without making the dict. */
static val
object_get(struct rt *rt, const struct tl_json *node, tl_str key)
{
	const struct tl_json *found = NULL;

	for (const struct tl_json *c = node->first; c != NULL; c = c->next) {
		if (key_is(c->key, key))
			found = c; /* the last one counts */
	}
	return found != NULL ? jinja_from_json(rt, found) : (val){ 0 };
}

val
jinja_dict_get_str(struct rt *rt, val d, tl_str key)
{
	if (d.sub == D_TURN) {
		const struct tl_turn *turn = d.turn;

		jinja_note_read(rt, turn, key_is(key, TL_STR("role")));
		for (size_t i = 0; i < turn->nfields; i++) {
			if (key_is(turn->fields[i].name, key))
				return field_value(rt, &turn->fields[i]);
		}
		return (val){ 0 };
	}
	if (d.sub == D_JSON && d.json->nchildren <= FEW)
		return object_get(rt, d.json, key);
	return jinja_dict_get(
	    rt, d, (val){ .kind = V_STR, .str = jinja_str(rt, key).str });
}

val
jinja_dict_get(struct rt *rt, val d, val key)
{
	struct dict_entry *e;

	if (key.kind == V_STR &&
	    (d.sub == D_TURN || (d.sub == D_JSON && d.json->nchildren <= FEW)))
		return jinja_dict_get_str(rt, d, jinja_bytes(rt, key));
	e = jinja_dict_find(rt, jinja_dict(rt, d), key);
	return e != NULL ? e->value : (val){ 0 };
}

size_t
jinja_dict_len(struct rt *rt, val d)
{
	if (d.sub == D_TURN) {
		jinja_note_read(rt, d.turn, false);
		return d.turn->nfields;
	}
	if (d.sub == D_JSON && d.json->nchildren < 2)
		return d.json->nchildren;
	return jinja_dict(rt, d)->n;
}
