/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/map.h>
#include <turnlint/str.h>

void
tl_map_init(struct tl_map *m, struct tl_arena *a)
{
	*m = (struct tl_map){ .arena = a };
}

/* The slot that holds key, or the free one where it belongs. */
static size_t
probe(const struct tl_map *m, tl_str key, uint64_t hash)
{
	size_t mask = m->nslots - 1;
	size_t i = (size_t)(hash ^ hash >> 32) & mask;

	for (;; i = (i + 1) & mask) {
		const struct tl_map_entry *e;

		if (m->slots[i] == 0)
			return i;
		e = &m->entries[m->slots[i] - 1];
		if (e->hash == hash && tl_str_eq(e->key, key))
			return i;
	}
}

struct tl_map_entry *
tl_map_find(const struct tl_map *m, tl_str key)
{
	size_t i;

	if (m->nslots == 0)
		return NULL;
	i = probe(m, key, tl_str_hash(key));
	return m->slots[i] != 0 ? &m->entries[m->slots[i] - 1] : NULL;
}

static void
rehash(struct tl_map *m)
{
	m->nslots = m->nslots > 0 ? m->nslots * 2 : 16;
	m->slots = TL_NEW(m->arena, uint32_t, m->nslots);
	for (size_t i = 0; i < m->nentries; i++) {
		const struct tl_map_entry *e = &m->entries[i];

		m->slots[probe(m, e->key, e->hash)] = (uint32_t)i + 1;
	}
}

struct tl_map_entry *
tl_map_put(struct tl_map *m, tl_str key, bool *is_new)
{
	uint64_t hash = tl_str_hash(key);
	struct tl_map_entry *e;
	size_t i;

	if ((m->nentries + 1) * 10 > m->nslots * 7)
		rehash(m);
	i = probe(m, key, hash);
	if (is_new != NULL)
		*is_new = m->slots[i] == 0;
	if (m->slots[i] != 0)
		return &m->entries[m->slots[i] - 1];
	if (m->nentries == m->cap_entries) {
		size_t cap = m->cap_entries > 0 ? m->cap_entries * 2 : 8;

		m->entries = tl_arena_grow(m->arena, m->entries,
		    m->nentries * sizeof(*e), cap * sizeof(*e),
		    _Alignof(struct tl_map_entry));
		m->cap_entries = cap;
	}
	e = &m->entries[m->nentries++];
	*e = (struct tl_map_entry){ .key = key, .hash = hash };
	m->slots[i] = (uint32_t)m->nentries;
	return e;
}
