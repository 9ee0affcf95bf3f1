/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wcache.h - finished words: the bytes of a piece to its tokens.
 *
 * Text repeats its words, so most pieces are found here.  One per encoder; of
 * fixed size: when it is full it starts anew.
 */
#ifndef TOKENIZER_WCACHE_H
#define TOKENIZER_WCACHE_H

#include "tok.h"

#define TL_WCACHE_INLINE 16u  /* bytes of a key kept in the entry itself */
#define TL_WCACHE_LONGEST 96u /* longer pieces are not kept */
#define TL_WCACHE_TOKENS 4u   /* tokens kept in the entry itself */

struct tl_wcache_token {
	uint32_t id;
	uint8_t beg, end; /* bytes of the piece, at chars */
};

struct tl_wcache_entry {
	uint64_t key[2]; /* the piece, or two hashes of a longer one */
	uint8_t len;	 /* of the piece; 0: a free entry */
	uint8_t flag;	 /* whatever else the tokens depend on */
	uint8_t n;	 /* tokens */
	bool is_pooled;	 /* tokens (and a long key) are in the pool at ids[0] */
	uint32_t ids[TL_WCACHE_TOKENS];
	uint8_t beg[TL_WCACHE_TOKENS], end[TL_WCACHE_TOKENS];
};

struct tl_wcache;

struct tl_wcache *tl_wcache_new(tl_oom_fn *oom, void *ctx);
void tl_wcache_free(struct tl_wcache *c);

/* The entry of a piece of 1 to TL_WCACHE_LONGEST bytes, or a free one with its
 * key filled in, for tl_wcache_fill(). */
struct tl_wcache_entry *tl_wcache_find(
    struct tl_wcache *c, tl_str text, size_t beg, size_t len, uint8_t flag);
void tl_wcache_fill(struct tl_wcache *c, struct tl_wcache_entry *w,
    tl_str piece, const struct tl_mtok *toks, size_t n);
const struct tl_wcache_token *tl_wcache_tokens(
    const struct tl_wcache *c, const struct tl_wcache_entry *w);

#endif
