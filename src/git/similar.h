/* SPDX-License-Identifier: Apache-2.0 */
/*
 * similar.h - pairs of records that share words, found without comparing all
 * with all.
 */
#ifndef TL_GIT_SIMILAR_H
#define TL_GIT_SIMILAR_H

#include "git/match.h"

struct tl_similar_side {
	const size_t *records; /* the numbers of those to be placed, rising */
	size_t n;
};

struct tl_similar_pair {
	size_t old, new_; /* record numbers */
	double similarity;
	size_t distance; /* from where the old one was expected */
};

/* Pairs of at least `threshold`, the most similar first, then the nearest,
 * then by number; a record occurs in several.  expected[i] is the old number
 * at which the i-th new record of the list would stand if nothing moved. */
void tl_similar_pairs(struct tl_arena *a, const struct tl_similar_side *old,
    const struct tl_similar_side *new_, const size_t *expected,
    double threshold, tl_shingles_fn *words, void *ctx,
    struct tl_similar_pair **out, size_t *n);

#endif
