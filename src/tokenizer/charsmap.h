/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charsmap.h - the maps of chars that SentencePiece compiles.
 */
#ifndef TOKENIZER_CHARSMAP_H
#define TOKENIZER_CHARSMAP_H

#include "tok.h"

/* A double array that maps strings to places in a text of replacements. */
struct tl_charsmap {
	const char *units; /* little endian, four bytes each */
	size_t nunits;
	tl_str strings; /* each ends in a zero byte */
};

/* An empty blob is no map.  blob must live as long as m. */
enum tl_status tl_charsmap_read(
    struct tl_charsmap *m, tl_str blob, struct tl_error *err) TL_MUST_USE;

/* Replace the piece's text as the normalizer Precompiled does, which is not
 * how SentencePiece itself uses the map. */
void tl_charsmap_apply(
    const struct tl_charsmap *m, struct tl_arena *a, struct tl_piece *piece);

#endif
