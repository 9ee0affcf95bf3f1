/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wcache.h - finished words: the bytes of a piece to its tokens.
 *
 * Text repeats its words, so most pieces are found here.  One per encoder; of
 * fixed size: a new word takes the place of an older one.  An entry is one
 * cache line; words that do not fit are not kept.
 */
#ifndef TOKENIZER_WCACHE_H
#define TOKENIZER_WCACHE_H

#include "tok.h"

#define TL_WCACHE_LONGEST 24u /* bytes of a word */
#define TL_WCACHE_TOKENS 6u   /* … and tokens */

struct tl_wcache_entry {
	uint64_t key[TL_WCACHE_LONGEST / 8]; /* the word, then zeros */
	uint32_t ids[TL_WCACHE_TOKENS];
	uint8_t beg[TL_WCACHE_TOKENS], end[TL_WCACHE_TOKENS];
	uint8_t len;  /* of the word; 0: a free entry */
	uint8_t flag; /* whatever else the tokens depend on */
	uint8_t n;    /* tokens */
};

struct tl_wcache;

struct tl_wcache *tl_wcache_new(tl_oom_fn *oom, void *ctx);
void tl_wcache_free(struct tl_wcache *c);

/* The word text[beg, beg + len), 1 to TL_WCACHE_LONGEST bytes. */
struct tl_wcache_key {
	uint64_t word[TL_WCACHE_LONGEST / 8];
	struct tl_wcache_entry *pair; /* the two places where it may be */
	uint8_t len, flag;
};
const struct tl_wcache_entry *tl_wcache_find(struct tl_wcache *c, tl_str text,
    size_t beg, size_t len, uint8_t flag, struct tl_wcache_key *key);
/* Keep the tokens of a word that was not found. */
void tl_wcache_put(
    const struct tl_wcache_key *key, const struct tl_mtok *toks, size_t n);

#endif
