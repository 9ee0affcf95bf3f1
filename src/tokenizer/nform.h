/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKENIZER_NFORM_H
#define TOKENIZER_NFORM_H

#include "tok.h"

/* Chars that a text becomes, to be laid over it by their number. */
struct tl_nchar {
	uint32_t cp;
	int32_t change; /* 1: has no source char; -n: swallowed n of them */
};

struct tl_nchars {
	struct tl_nchar *v;
	size_t n, cap;
	struct tl_arena *arena;
};

void tl_nchars_add(struct tl_nchars *p, uint32_t cp, int32_t change);
/* Replace the piece's text by the parts. */
void tl_nchars_lay(
    const struct tl_nchars *parts, struct tl_arena *a, struct tl_piece *piece);

enum tl_nform { TL_NFC, TL_NFD, TL_NFKC, TL_NFKD };

/* Replace the piece's text by its normal form, unless it is that already; text
 * and spans in `a`. */
void tl_nform_apply(
    enum tl_nform form, struct tl_arena *a, struct tl_piece *piece);

#endif
