/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wcache.h - finished words: the bytes of a piece to its tokens.
 *
 * Text repeats its words, so most pieces are found here.  One per encoder; of
 * fixed size: a new word takes the place of a rare one.
 *
 * What counts is how much of this is in the near caches.  So there are two
 * tables, small entries for what most words are and wide ones for the others;
 * and a search has two halves: aim at many words first, which asks for their
 * entries, then look at them.
 */
#ifndef TOKENIZER_WCACHE_H
#define TOKENIZER_WCACHE_H

#include "tok.h"

#define TL_WCACHE_LONGEST 24u /* bytes of a word */
#define TL_WCACHE_TOKENS 6u   /* … and tokens */
#define TL_WCACHE_WIDE ((size_t)1 << 15)

#define TL_WCACHE_SHORT 15u
#define TL_WCACHE_FEW 3u
#define TL_WCACHE_SMALL ((size_t)1 << 17)

/* Half a cache line; the two places where a word may be share one. */
struct tl_wcache_small {
	uint64_t key[2]; /* the word, zeros, and in the last byte the tag */
	uint32_t ids[TL_WCACHE_FEW];
	uint32_t spans; /* begin and end of each in four bits; n << 24 */
};

struct tl_wcache_wide {
	uint64_t key[TL_WCACHE_LONGEST / 8]; /* the word, then zeros */
	uint32_t ids[TL_WCACHE_TOKENS];
	uint8_t spans[TL_WCACHE_TOKENS][2]; /* begin and end in the word */
	uint16_t tag;
	uint16_t n; /* tokens */
};

struct tl_wcache {
	struct tl_wcache_small *small;
	struct tl_wcache_wide *wide;
	void *block;
};

struct tl_wcache *tl_wcache_new(tl_oom_fn *oom, void *ctx);
void tl_wcache_free(struct tl_wcache *c);

struct tl_wcache_key {
	uint64_t word[TL_WCACHE_LONGEST / 8];
	uint64_t hash;
	uint16_t tag; /* the length, and what else the tokens depend on */
};

/* Bytes of a word of that length in each of its three parts. */
extern const uint64_t tl_wcache_masks[TL_WCACHE_LONGEST + 1][3];

static inline struct tl_wcache_small *
tl_wcache_small_at(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	return &c->small[(key->hash & (TL_WCACHE_SMALL / 2 - 1)) * 2];
}

static inline struct tl_wcache_wide *
tl_wcache_wide_at(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	return &c->wide[(key->hash & (TL_WCACHE_WIDE / 2 - 1)) * 2];
}

/* The word text[beg, beg + len), 1 to TL_WCACHE_LONGEST bytes; flag is 0 to 3.
 */
static inline void
tl_wcache_aim(const struct tl_wcache *c, tl_str text, size_t beg, size_t len,
    unsigned flag, struct tl_wcache_key *key)
{
	uint64_t *w = key->word;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (text.len - beg >= TL_WCACHE_LONGEST) {
		const uint64_t *mask = tl_wcache_masks[len];

		memcpy(w, text.ptr + beg, TL_WCACHE_LONGEST);
		w[0] &= mask[0];
		w[1] &= mask[1];
		w[2] &= mask[2];
	} else
#endif
	{
		w[0] = w[1] = w[2] = 0;
		memcpy(w, text.ptr + beg, len);
	}
	key->tag = (uint16_t)(len | flag << 6);
	key->hash = tl_mix64(w[0] ^ (uint64_t)flag << 56, w[1]);
	if (len <= TL_WCACHE_SHORT) {
		__builtin_prefetch(tl_wcache_small_at(c, key));
	} else {
		key->hash = tl_mix64(key->hash, w[2]);
		__builtin_prefetch(tl_wcache_wide_at(c, key));
	}
}

/* An entry for a short word may say that the wide table has it, and one of both
 * kinds that it waits; then the first id tells where. */
#define TL_WCACHE_WAITS (14u << 24)
#define TL_WCACHE_WIDE_WAITS UINT16_MAX
#define TL_WCACHE_ELSEWHERE (15u << 24)

static inline bool
tl_wcache_is_small(
    const struct tl_wcache_small *e, const struct tl_wcache_key *key)
{
	return ((e->key[0] ^ key->word[0]) |
		   (e->key[1] ^ (key->word[1] | (uint64_t)key->tag << 56))) ==
	    0;
}

/* The small entry of a short word, or NULL.  New words come to the second
 * place, and one that is met again there changes to the first: a word that is
 * met once only does not drive out those that are frequent. */
static inline const struct tl_wcache_small *
tl_wcache_find_small(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	struct tl_wcache_small *e = tl_wcache_small_at(c, key), first;

	if (tl_wcache_is_small(e, key))
		return e;
	if (!tl_wcache_is_small(e + 1, key))
		return NULL;
	first = e[0];
	e[0] = e[1];
	e[1] = first;
	return e;
}

static inline bool
tl_wcache_is_wide(
    const struct tl_wcache_wide *e, const struct tl_wcache_key *key)
{
	return ((e->key[0] ^ key->word[0]) | (e->key[1] ^ key->word[1]) |
		   (e->key[2] ^ key->word[2]) |
		   (uint64_t)(e->tag ^ key->tag)) == 0;
}

static inline const struct tl_wcache_wide *
tl_wcache_find_wide(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	struct tl_wcache_wide *e = tl_wcache_wide_at(c, key), first;

	if (tl_wcache_is_wide(e, key))
		return e;
	if (!tl_wcache_is_wide(e + 1, key))
		return NULL;
	first = e[0];
	e[0] = e[1];
	e[1] = first;
	return e;
}

/* The tokens of a word, at most TL_WCACHE_TOKENS, when it is known. */
bool tl_wcache_get(const struct tl_wcache *c, const struct tl_wcache_key *key,
    struct tl_mtok *toks, size_t *n);

/* The tokens of a word come soon that go to the wide table. */
static inline void
tl_wcache_aim_wide(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	__builtin_prefetch(tl_wcache_wide_at(c, key));
}

/* Keep the tokens of a word that was not found, or that waits. */
void tl_wcache_put(const struct tl_wcache *c, const struct tl_wcache_key *key,
    const struct tl_mtok *toks, size_t n);
/* A word that was not found waits. */
void tl_wcache_wait(
    const struct tl_wcache *c, const struct tl_wcache_key *key, uint32_t which);
/* … and does not any more. */
void tl_wcache_forget(
    const struct tl_wcache *c, const struct tl_wcache_key *key);

#endif
