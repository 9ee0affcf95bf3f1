/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lcs.h - which of two sequences' elements are the same, in order.
 */
#ifndef TL_DIFF_LCS_H
#define TL_DIFF_LCS_H

#include <turnlint/arena.h>

/* Runs of both sequences that differ: [old_beg, old_end) became
 * [new_beg, new_end); one of them may be empty. */
struct tl_hunk {
	size_t old_beg, old_end, new_beg, new_end;
};

/* The hunks between two sequences of hashes, in order.  The common head and
 * tail are found first; a middle too large to align (a product of lengths
 * beyond 4 million) is one hunk. */
struct tl_hunk *tl_lcs_hunks(struct tl_arena *a, const uint64_t *old,
    size_t nold, const uint64_t *new_, size_t nnew, size_t *n);

#endif
