/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vocab.h - strings to ids and back, and pairs of ids to what they merge to.
 *
 * Built once while loading, const afterwards.
 */
#ifndef TOKENIZER_VOCAB_H
#define TOKENIZER_VOCAB_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

#include <string.h>

#define TL_NO_ID UINT32_MAX
/* The largest id of a known tokenizer is near 270,000; the tables by id are
 * as long as the largest one. */
#define TL_MAX_TOKEN_ID ((1u << 21) - 2)

/* … and ids may leave holes, but a small file must not need large tables. */
static inline uint32_t
tl_max_id(size_t ntokens)
{
	size_t max = 65536 + 16 * ntokens;

	return max < TL_MAX_TOKEN_ID ? (uint32_t)max : TL_MAX_TOKEN_ID;
}

__extension__ typedef unsigned __int128 tl_u128;

/* Fold two words into one; the heart of both hash functions here. */
static inline uint64_t
tl_mix64(uint64_t a, uint64_t b)
{
	tl_u128 m =
	    (tl_u128)(a ^ 0x9E3779B97F4A7C15u) * (b ^ 0xD6E8FEB86659FD93u);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t tl_fast_hash(const char *p, size_t n);

struct tl_vocab_entry {
	tl_str key;
	uint32_t id;
};

struct tl_vocab {
	struct tl_arena *arena;
	struct tl_vocab_entry *entries; /* in the order of the file */
	size_t n, cap;
	uint64_t *slots; /* hash << 32 | entry + 1; 0 is free */
	size_t nslots;	 /* a power of two */
	tl_str *pieces;	 /* by id; ptr NULL for an id without a string */
	uint32_t npieces;
};

/* expected may be wrong; it only saves growing. */
void tl_vocab_init(struct tl_vocab *v, struct tl_arena *a, size_t expected);
/* Add or replace.  key's bytes must outlive the table. */
void tl_vocab_put(struct tl_vocab *v, tl_str key, uint32_t id);
uint32_t tl_vocab_find(const struct tl_vocab *v, tl_str key); /* or TL_NO_ID */
/* Ask for the memory that tl_vocab_find() will look at. */
void tl_vocab_aim(const struct tl_vocab *v, tl_str key);
/* Fill pieces and npieces; call after the last put. */
void tl_vocab_index(struct tl_vocab *v);

/* The ids of the strings of one char, without hashing. */
struct tl_char_ids {
	uint32_t **pages; /* by cp >> 8; NULL: none */
};

void tl_char_ids_build(
    struct tl_char_ids *c, struct tl_arena *a, const struct tl_vocab *v);

static inline uint32_t
tl_char_id(const struct tl_char_ids *c, uint32_t cp)
{
	const uint32_t *page = c->pages[cp >> 8];

	return page == NULL ? TL_NO_ID : page[cp & 255];
}

/* Pairs of ids that merge.  They are looked up several times for every new
 * word, and what counts is how much of the tables is in the near caches: so
 * the slots are small, and the rest is in the order of the ranks, because low
 * ranks are the frequent ones. */
#define TL_NO_RANK ((1u << 22) - 1) /* ranks are lower; lower merges first */
#define TL_PAIR_FILTER_BITS 21u

struct tl_pair {
	uint32_t a, b; /* TL_NO_ID: no pair has this rank */
	uint32_t id;   /* what they become */
};

struct tl_pairs {
	uint32_t *slots; /* ten bits of the hash, rank; all ones: free */
	size_t nslots;	 /* a power of two */
	struct tl_pair *ranks;
	size_t nranks;
	/* Most pairs that are asked for do not merge.  This Bloom filter says
	 * so from the nearest cache. */
	uint64_t *filter;
};

/* Room for ranks below count, which is at most TL_NO_RANK. */
void tl_pairs_init(struct tl_pairs *p, struct tl_arena *a, size_t count);
/* The last rank given to a pair counts, as in the reference. */
void tl_pairs_put(
    struct tl_pairs *p, uint32_t a, uint32_t b, uint32_t rank, uint32_t id);

/* Where a pair may be.  The steps of a search can be taken one by one for many
 * pairs, to wait for memory only once: aim, peek, tl_pairs_rank(). */
struct tl_pair_place {
	size_t bit, at;
	uint32_t tag;
};

static inline struct tl_pair_place
tl_pair_place(uint32_t a, uint32_t b)
{
	uint64_t hash = ((uint64_t)a << 32 | b) * 0x9E3779B97F4A7C15u;

	hash ^= hash >> 29;
	hash *= 0xD6E8FEB86659FD93u;
	return (struct tl_pair_place){
		(size_t)(hash >> (64 - TL_PAIR_FILTER_BITS)),
		(size_t)(hash >> 10 & UINT32_MAX), (uint32_t)hash << 22
	};
}

static inline bool
tl_pairs_filter(const struct tl_pairs *p, size_t bit)
{
	return (p->filter[bit / 64] >> (bit % 64)) & 1;
}

/* False: the two do not merge. */
static inline bool
tl_pairs_aim(const struct tl_pairs *p, uint32_t a, uint32_t b)
{
	struct tl_pair_place k = tl_pair_place(a, b);

	if (!tl_pairs_filter(p, k.bit))
		return false;
	__builtin_prefetch(&p->slots[k.at & (p->nslots - 1)]);
	return true;
}

static inline void
tl_pairs_peek(const struct tl_pairs *p, uint32_t a, uint32_t b)
{
	struct tl_pair_place k = tl_pair_place(a, b);
	uint32_t s = p->slots[k.at & (p->nslots - 1)];

	if ((s ^ k.tag) >> 22 == 0 && (s & TL_NO_RANK) < p->nranks)
		__builtin_prefetch(&p->ranks[s & TL_NO_RANK]);
}

/* The rank of a pair, or TL_NO_RANK. */
static inline uint32_t
tl_pairs_rank(const struct tl_pairs *p, uint32_t a, uint32_t b)
{
	struct tl_pair_place k = tl_pair_place(a, b);

	if (!tl_pairs_filter(p, k.bit))
		return TL_NO_RANK;
	for (size_t at = k.at;; at++) {
		uint32_t s = p->slots[at & (p->nslots - 1)];
		uint32_t rank = s & TL_NO_RANK;

		if (s == UINT32_MAX)
			return TL_NO_RANK;
		if ((s ^ k.tag) >> 22 == 0 && p->ranks[rank].a == a &&
		    p->ranks[rank].b == b)
			return rank;
	}
}

#endif
