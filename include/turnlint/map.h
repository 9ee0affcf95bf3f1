/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map.h - hash map from slices to pointers or numbers, in an arena.
 *
 * Keys are borrowed: their bytes must outlive the map.  Iteration is in
 * insertion order.  Hash collisions cannot be forced from outside in a
 * way that matters: the table probes linearly and grows at 70 %.
 */
#ifndef TURNLINT_MAP_H
#define TURNLINT_MAP_H

#include <turnlint/arena.h>

struct tl_map_entry {
	tl_str key;
	uint64_t hash;
	void *ptr;
	size_t num;
};

struct tl_map {
	struct tl_arena *arena;
	struct tl_map_entry *entries; /* insertion order */
	size_t nentries;
	size_t cap_entries;
	uint32_t *slots; /* index + 1 into entries; 0 is free */
	size_t nslots;	 /* a power of two, or 0 */
};

void tl_map_init(struct tl_map *m, struct tl_arena *a);

/* The entry of key, or NULL. */
struct tl_map_entry *tl_map_find(const struct tl_map *m, tl_str key);

/* The entry of key, made (ptr NULL, num 0) when absent; *is_new may be NULL.
 * The pointer is valid until the next tl_map_put(). */
struct tl_map_entry *tl_map_put(struct tl_map *m, tl_str key, bool *is_new)
    __attribute__((returns_nonnull));

#endif
