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
#define TL_MAX_TOKEN_ID (1u << 22)

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
/* Fill pieces and npieces; call after the last put. */
void tl_vocab_index(struct tl_vocab *v);

struct tl_pair {
	uint32_t a, b;
	uint32_t rank; /* lower merges first */
	uint32_t id;   /* of the concatenation; TL_NO_ID: a free slot */
};

struct tl_pairs {
	struct tl_pair *slots;
	size_t nslots; /* a power of two */
};

void tl_pairs_init(struct tl_pairs *p, struct tl_arena *a, size_t count);
/* The last rank given to a pair counts, as in the reference.  At most count
 * distinct pairs. */
void tl_pairs_put(
    struct tl_pairs *p, uint32_t a, uint32_t b, uint32_t rank, uint32_t id);

static inline const struct tl_pair *
tl_pairs_find(const struct tl_pairs *p, uint32_t a, uint32_t b)
{
	uint64_t key = (uint64_t)a << 32 | b;
	size_t at = (size_t)((key * 0x9E3779B97F4A7C15u) >> 32);

	for (;; at++) {
		const struct tl_pair *s = &p->slots[at & (p->nslots - 1)];

		if (s->id == TL_NO_ID)
			return NULL;
		if (s->a == a && s->b == b)
			return s;
	}
}

#endif
