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

/* One of an image has no entries but the tables they come from, and takes
 * nothing new. */
struct tl_vocab {
	struct tl_arena *arena;
	struct tl_vocab_entry *entries; /* in the order of the file */
	size_t n, cap;
	const char *keys;     /* one behind the other */
	const uint32_t *ends; /* … where each ends; NULL: there are entries */
	const uint32_t *ids;
	uint64_t *slots;       /* hash << 32 | entry + 1; that 0: free */
	size_t nslots;	       /* a power of two */
	const uint32_t *by_id; /* entry + 1, or 0 */
	uint32_t npieces;
};

static inline tl_str
tl_vocab_key(const struct tl_vocab *v, size_t i)
{
	uint32_t beg;

	if (v->ends == NULL)
		return v->entries[i].key;
	beg = i == 0 ? 0 : v->ends[i - 1];
	return (tl_str){ v->keys + beg, v->ends[i] - beg };
}

static inline uint32_t
tl_vocab_id(const struct tl_vocab *v, size_t i)
{
	return v->ends == NULL ? v->entries[i].id : v->ids[i];
}

/* The string of an id; ptr NULL when it has none. */
static inline tl_str
tl_vocab_piece(const struct tl_vocab *v, uint32_t id)
{
	uint32_t at = id < v->npieces ? v->by_id[id] : 0;

	return at == 0 ? (tl_str){ NULL, 0 } : tl_vocab_key(v, at - 1);
}

/* expected may be wrong; it only saves growing. */
void tl_vocab_init(struct tl_vocab *v, struct tl_arena *a, size_t expected);
/* Add or replace.  key's bytes must outlive the table. */
void tl_vocab_put(struct tl_vocab *v, tl_str key, uint32_t id);
uint32_t tl_vocab_find(const struct tl_vocab *v, tl_str key); /* or TL_NO_ID */
/* The same in steps, by tl_fast_hash(): ask for the slot, for the entry it
 * names, look.  The entry is n where there is none. */
static inline void
tl_vocab_aim(const struct tl_vocab *v, uint64_t hash)
{
	__builtin_prefetch(&v->slots[hash & (v->nslots - 1)]);
}
void tl_vocab_peek(const struct tl_vocab *v, uint64_t hash);
size_t tl_vocab_entry(const struct tl_vocab *v, tl_str key, uint64_t hash);
/* Fill by_id and npieces; call after the last put. */
void tl_vocab_index(struct tl_vocab *v);

#define TL_CHAR_PAGES ((0x10FFFFu >> 8) + 1)

/* The ids of the strings of one char, without hashing. */
struct tl_char_ids {
	uint32_t **pages; /* by cp >> 8; NULL: none */
};

void tl_char_ids_build(
    struct tl_char_ids *c, struct tl_arena *a, const struct tl_vocab *v);

void tl_char_ids_put(
    struct tl_char_ids *c, struct tl_arena *a, uint32_t cp, uint32_t id);

static inline uint32_t
tl_char_id(const struct tl_char_ids *c, uint32_t cp)
{
	const uint32_t *page = c->pages[cp >> 8];

	return page == NULL ? TL_NO_ID : page[cp & 255];
}

/* Pairs of ids that merge.  They are looked up several times for every new
 * word, and what counts is how often that waits for memory: so a slot has all
 * of a pair, and what low ranks merge to, the frequent ones, lies together. */
#define TL_NO_RANK ((1u << 22) - 1) /* ranks are lower; lower merges first */
#define TL_PAIR_FILTER_BITS 21u
#define TL_FREE_PAIR UINT64_MAX

struct tl_pairs {
	uint64_t *slots; /* both ids in 21 bits each, the rank in 22 */
	size_t nslots;	 /* a power of two */
	uint32_t *ids;	 /* by rank: what the pair becomes */
	size_t nranks;
	/* Most pairs that are asked for do not merge.  This Bloom filter says
	 * so from the nearest cache. */
	uint64_t *filter;
};

/* Room for count pairs and for ranks below nranks, which is at most
 * TL_NO_RANK. */
void tl_pairs_init(
    struct tl_pairs *p, struct tl_arena *a, size_t count, size_t nranks);
/* The last rank given to a pair counts, as in the reference.  All pairs of a
 * rank become the same id. */
void tl_pairs_put(
    struct tl_pairs *p, uint32_t a, uint32_t b, uint32_t rank, uint32_t id);

static inline uint64_t
tl_pair_key(uint32_t a, uint32_t b)
{
	return (uint64_t)a << 21 | b;
}

static inline uint32_t
tl_pair_left(uint64_t slot)
{
	return (uint32_t)(slot >> 43);
}

static inline uint32_t
tl_pair_right(uint64_t slot)
{
	return (uint32_t)(slot >> 22) & ((1u << 21) - 1);
}

/* A search can be taken in steps for many pairs, to wait for memory only
 * once: aim, find. */
static inline uint64_t
tl_pair_hash(uint32_t a, uint32_t b)
{
	return tl_pair_key(a, b) * 0x9E3779B97F4A7C15u;
}

static inline bool
tl_pairs_filter(const struct tl_pairs *p, uint64_t hash)
{
	size_t bit = (size_t)(hash >> (64 - TL_PAIR_FILTER_BITS));

	return (p->filter[bit / 64] >> (bit % 64)) & 1;
}

static inline size_t
tl_pair_slot(const struct tl_pairs *p, uint64_t hash)
{
	return (size_t)(hash >> 20) & (p->nslots - 1);
}

/* False: the two do not merge. */
static inline bool
tl_pairs_aim(const struct tl_pairs *p, uint64_t hash)
{
	if (!tl_pairs_filter(p, hash))
		return false;
	__builtin_prefetch(&p->slots[tl_pair_slot(p, hash)]);
	return true;
}

/* The rank of a pair, or TL_NO_RANK. */
static inline uint32_t
tl_pairs_find(const struct tl_pairs *p, uint64_t hash, uint32_t a, uint32_t b)
{
	uint64_t key = tl_pair_key(a, b);

	for (size_t at = tl_pair_slot(p, hash);;
	     at = (at + 1) & (p->nslots - 1)) {
		uint64_t s = p->slots[at];

		if (s >> 22 == key)
			return (uint32_t)s & TL_NO_RANK;
		if (s == TL_FREE_PAIR)
			return TL_NO_RANK;
	}
}

static inline uint32_t
tl_pairs_rank(const struct tl_pairs *p, uint32_t a, uint32_t b)
{
	uint64_t hash = tl_pair_hash(a, b);

	return tl_pairs_filter(p, hash) ? tl_pairs_find(p, hash, a, b)
					: TL_NO_RANK;
}

/* --- words as bytes --------------------------------------------------------
 */

#define TL_WORD_BYTES 24u

/* A word and its id, so small that its bytes are here; zeros behind them. */
struct tl_word {
	uint64_t bytes[TL_WORD_BYTES / 8];
	uint32_t len, id;
};

struct tl_words {
	struct tl_word *v; /* in the order of the ids */
	size_t n;
	/* Upper bits of the hash, place in v + 1; 0: free.  Most words that are
	 * asked for are not here, and then v is not touched. */
	uint32_t *slots;
	size_t nslots; /* a power of two */
};

#define TL_WORD_PLACE ((1u << 21) - 1)

static inline uint32_t
tl_word_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 53) << 21;
}

static inline uint64_t
tl_word_hash(const uint64_t bytes[3], size_t len)
{
	return tl_mix64(
	    tl_mix64(bytes[0], bytes[1]), bytes[2] ^ (uint64_t)len << 58);
}

void tl_words_init(struct tl_words *w, struct tl_arena *a, size_t count);
/* Each word once. */
void tl_words_put(struct tl_words *w, tl_str word, uint32_t id);
uint32_t tl_words_find(
    const struct tl_words *w, const uint64_t bytes[3], size_t len);

/* A search for many: aim, peek, find. */
static inline void
tl_words_aim(const struct tl_words *w, uint64_t hash)
{
	__builtin_prefetch(&w->slots[hash & (w->nslots - 1)]);
}

static inline void
tl_words_peek(const struct tl_words *w, uint64_t hash)
{
	uint32_t s = w->slots[hash & (w->nslots - 1)];

	if (s != 0 && (s & ~TL_WORD_PLACE) == tl_word_tag(hash))
		__builtin_prefetch(&w->v[(s & TL_WORD_PLACE) - 1]);
}

#endif
