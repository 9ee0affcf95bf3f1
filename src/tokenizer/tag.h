/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag.h - a keyed hash of 122 bits, as fast as memory.
 *
 * Blocks of 1 KiB are folded by sums of products (NH, as in UMAC), and what
 * comes of each is a coefficient of a polynomial modulo 2^61 - 1; all that
 * twice, with other keys.  Two texts that were chosen without knowing the key
 * have the same tag with a chance below 2^-80.
 */
#ifndef TOKENIZER_TAG_H
#define TOKENIZER_TAG_H

#include <turnlint/str.h>

#define TL_TAG_SEED 32u
#define TL_TAG_BLOCK 1024u
#define TL_TAG_WORDS (TL_TAG_BLOCK / 8)

struct tl_tag {
	uint64_t v[2];
};

struct tl_tagger {
	uint64_t key[TL_TAG_WORDS + 2]; /* the second one begins two later */
	uint64_t point[2], sum[2];
	uint64_t nbytes;
	unsigned char block[TL_TAG_BLOCK];
	size_t nblock;
};

/* The secret key is made of the seed; begin anew with tl_tag_reset(). */
void tl_tag_init(struct tl_tagger *t, const unsigned char seed[TL_TAG_SEED]);
void tl_tag_reset(struct tl_tagger *t);
void tl_tag_add(struct tl_tagger *t, const void *bytes, size_t n);
struct tl_tag tl_tag_end(struct tl_tagger *t);

static inline bool
tl_tag_eq(struct tl_tag a, struct tl_tag b)
{
	return a.v[0] == b.v[0] && a.v[1] == b.v[1];
}

#endif
