/* SPDX-License-Identifier: Apache-2.0 */
/*
 * side.h - one side of a comparison: its records' hashes, and the way back to
 * their bytes.
 */
#ifndef TL_DIFF_SIDE_H
#define TL_DIFF_SIDE_H

#include "diff/diff.h"
#include "diff/hash.h"

#include <stdio.h>

struct tl_side {
	struct tl_arena *arena;
	struct tl_reader *reader; /* NULL: absent */
	struct tl_diff_side_info info;
	struct tl_match_key *keys;
	struct tl_record_pos *places;
	size_t cap;
	size_t next; /* the record the reader is at */
	FILE *spool; /* bytes of all records, when the input cannot seek */
	size_t spool_len;
	size_t *spool_at; /* cap + 1 places in it */
};

enum tl_status tl_side_open(struct tl_side *s, struct tl_arena *a,
    const struct tl_diff_source *from, struct tl_error *err) TL_MUST_USE;

/* Read everything once and hash it. */
enum tl_status tl_side_index(struct tl_side *s, struct tl_recipe_thread *t,
    const struct tl_hash_key *key, const struct tl_diff_options *opt,
    struct tl_error *err) TL_MUST_USE;

/* The bytes of record i, again. */
enum tl_status tl_side_read(struct tl_side *s, struct tl_arena *a, size_t i,
    struct tl_record *rec, struct tl_error *err) TL_MUST_USE;

#endif
