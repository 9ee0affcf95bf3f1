/* SPDX-License-Identifier: Apache-2.0 */
#include "vocab.h"

#include <assert.h>

static uint64_t
load(const char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

uint64_t
tl_fast_hash(const char *p, size_t n)
{
	uint64_t h = n;

	for (; n > 16; p += 16, n -= 16)
		h = tl_mix64(load(p, 8) ^ h, load(p + 8, 8));
	if (n > 8)
		return tl_mix64(load(p, 8) ^ h, load(p + 8, n - 8));
	return tl_mix64(n > 0 ? load(p, n) ^ h : h, n);
}

static size_t
power_of_two(size_t atleast)
{
	size_t n = 16;

	while (n < atleast)
		n *= 2;
	return n;
}

void
tl_vocab_init(struct tl_vocab *v, struct tl_arena *a, size_t expected)
{
	*v = (struct tl_vocab){ .arena = a };
	v->cap = expected + 1;
	v->entries = TL_NEW(a, struct tl_vocab_entry, v->cap);
	v->nslots = power_of_two(v->cap * 2);
	v->slots = TL_NEW(a, uint64_t, v->nslots);
}

/* The slot of key, or the free slot where it belongs. */
static uint64_t *
find_slot(const struct tl_vocab *v, tl_str key, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);

	for (size_t at = (size_t)hash;; at++) {
		uint64_t *s = &v->slots[at & (v->nslots - 1)];

		if ((uint32_t)*s == 0)
			return s;
		if ((uint32_t)(*s >> 32) == tag &&
		    tl_str_eq(tl_vocab_key(v, (uint32_t)*s - 1), key))
			return s;
	}
}

static void
grow(struct tl_vocab *v)
{
	size_t cap = v->cap * 2;

	v->entries =
	    tl_arena_grow(v->arena, v->entries, v->n * sizeof(*v->entries),
		cap * sizeof(*v->entries), _Alignof(struct tl_vocab_entry));
	v->cap = cap;
	v->nslots = power_of_two(cap * 2);
	v->slots = TL_NEW(v->arena, uint64_t, v->nslots);
	for (size_t i = 0; i < v->n; i++) {
		tl_str key = v->entries[i].key;
		uint64_t hash = tl_fast_hash(key.ptr, key.len);

		*find_slot(v, key, hash) = (hash >> 32) << 32 | (i + 1);
	}
}

void
tl_vocab_put(struct tl_vocab *v, tl_str key, uint32_t id)
{
	uint64_t hash = tl_fast_hash(key.ptr, key.len);
	uint64_t *s = find_slot(v, key, hash);

	assert(v->ends == NULL); /* what an image holds cannot be changed */
	if ((uint32_t)*s != 0) {
		v->entries[(uint32_t)*s - 1].id = id;
		return;
	}
	if (v->n == v->cap) {
		grow(v);
		s = find_slot(v, key, hash);
	}
	v->entries[v->n] = (struct tl_vocab_entry){ key, id };
	*s = (hash >> 32) << 32 | ++v->n;
}

uint32_t
tl_vocab_find(const struct tl_vocab *v, tl_str key)
{
	uint64_t s = *find_slot(v, key, tl_fast_hash(key.ptr, key.len));

	return (uint32_t)s == 0 ? TL_NO_ID : tl_vocab_id(v, (uint32_t)s - 1);
}

void
tl_vocab_peek(const struct tl_vocab *v, uint64_t hash)
{
	uint64_t s = v->slots[hash & (v->nslots - 1)];
	uint32_t i = (uint32_t)s - 1;

	if ((uint32_t)s == 0 || s >> 32 != hash >> 32)
		return;
	if (v->ends == NULL)
		__builtin_prefetch(&v->entries[i]);
	else
		__builtin_prefetch(v->keys + v->ends[i]);
}

size_t
tl_vocab_entry(const struct tl_vocab *v, tl_str key, uint64_t hash)
{
	uint32_t found = (uint32_t)*find_slot(v, key, hash);

	return found == 0 ? v->n : found - 1;
}

void
tl_vocab_index(struct tl_vocab *v)
{
	uint32_t max = 0, *by_id;

	for (size_t i = 0; i < v->n; i++)
		if (v->entries[i].id >= max)
			max = v->entries[i].id + 1;
	by_id = TL_NEW(v->arena, uint32_t, (size_t)max + 1);
	for (size_t i = 0; i < v->n; i++)
		by_id[v->entries[i].id] = (uint32_t)i + 1;
	v->by_id = by_id;
	v->npieces = max;
}

void
tl_char_ids_put(
    struct tl_char_ids *c, struct tl_arena *a, uint32_t cp, uint32_t id)
{
	uint32_t *page = c->pages[cp >> 8];

	if (page == NULL) {
		page = TL_NEW(a, uint32_t, 256);
		for (size_t k = 0; k < 256; k++)
			page[k] = TL_NO_ID;
		c->pages[cp >> 8] = page;
	}
	page[cp & 255] = id;
}

void
tl_char_ids_build(
    struct tl_char_ids *c, struct tl_arena *a, const struct tl_vocab *v)
{
	c->pages = TL_NEW(a, uint32_t *, TL_CHAR_PAGES);
	for (size_t i = 0; i < v->n; i++) {
		tl_str key = tl_vocab_key(v, i);
		uint32_t cp;

		if (key.len == 0 || key.len > 4 ||
		    tl_utf8_next(key, 0, &cp, NULL) != key.len)
			continue;
		tl_char_ids_put(c, a, cp, tl_vocab_id(v, i));
	}
}

void
tl_pairs_init(
    struct tl_pairs *p, struct tl_arena *a, size_t count, size_t nranks)
{
	p->nslots = power_of_two(count + count / 4 + 1);
	p->slots = tl_arena_grow(
	    a, NULL, 0, p->nslots * sizeof(*p->slots), _Alignof(uint64_t));
	memset(p->slots, 0xFF, p->nslots * sizeof(*p->slots));
	p->ids = TL_NEW(a, uint32_t, nranks);
	p->nranks = nranks;
	p->filter = TL_NEW(a, uint64_t, (1u << TL_PAIR_FILTER_BITS) / 64);
}

void
tl_pairs_put(
    struct tl_pairs *p, uint32_t a, uint32_t b, uint32_t rank, uint32_t id)
{
	uint64_t hash = tl_pair_hash(a, b), key = tl_pair_key(a, b);
	size_t bit = (size_t)(hash >> (64 - TL_PAIR_FILTER_BITS));
	size_t at = tl_pair_slot(p, hash);

	assert(a <= TL_MAX_TOKEN_ID && b <= TL_MAX_TOKEN_ID);
	p->filter[bit / 64] |= 1ull << (bit % 64);
	while (p->slots[at] != TL_FREE_PAIR && p->slots[at] >> 22 != key)
		at = (at + 1) & (p->nslots - 1);
	p->slots[at] = key << 22 | rank;
	p->ids[rank] = id;
}

/* --- words -----------------------------------------------------------------
 */

void
tl_words_init(struct tl_words *w, struct tl_arena *a, size_t count)
{
	*w = (struct tl_words){ .v = TL_NEW(a, struct tl_word, count),
		.nslots = power_of_two(count * 2) };
	w->slots = TL_NEW(a, uint32_t, w->nslots);
}

void
tl_words_put(struct tl_words *w, tl_str word, uint32_t id)
{
	struct tl_word *k = &w->v[w->n];
	uint64_t hash;
	size_t at;

	memcpy(k->bytes, word.ptr, word.len);
	k->len = (uint32_t)word.len;
	k->id = id;
	hash = tl_word_hash(k->bytes, word.len);
	at = (size_t)hash;
	while (w->slots[at & (w->nslots - 1)] != 0)
		at++;
	w->slots[at & (w->nslots - 1)] = tl_word_tag(hash) | (uint32_t)++w->n;
}

uint32_t
tl_words_find(const struct tl_words *w, const uint64_t bytes[3], size_t len)
{
	uint64_t hash = tl_word_hash(bytes, len);
	uint32_t tag = tl_word_tag(hash);

	for (size_t at = (size_t)hash;; at++) {
		uint32_t s = w->slots[at & (w->nslots - 1)];
		const struct tl_word *k;

		if (s == 0)
			return TL_NO_ID;
		if ((s & ~TL_WORD_PLACE) != tag)
			continue;
		k = &w->v[(s & TL_WORD_PLACE) - 1];
		if (((k->bytes[0] ^ bytes[0]) | (k->bytes[1] ^ bytes[1]) |
			(k->bytes[2] ^ bytes[2]) | (k->len ^ len)) == 0)
			return k->id;
	}
}
