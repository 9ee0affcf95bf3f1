/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff.h - two versions of a dataset file, record by record.
 *
 * Opening reads both sides once and keeps hashes and positions, not texts.
 * What is shown of a pair is read again when it is asked for.
 */
#ifndef TL_DIFF_DIFF_H
#define TL_DIFF_DIFF_H

#include <turnlint/buf.h>
#include <turnlint/recipe.h>

#include "diff/changes.h"
#include "diff/lcs.h"
#include "git/match.h"

/* Where a side comes from. */
struct tl_diff_source {
	const char *name;      /* for reports, and for the suffix */
	const char *disk_path; /* read this file, if set */
	tl_str bytes;	       /* else these */
	bool is_absent;	       /* there is no such file: no records */
};

struct tl_diff_options {
	const char *id_pointer; /* where a record's id stands; NULL: the first
				 * scalar among the usual names */
	struct tl_match_options match;
	bool (*is_stopped)(void); /* asked at times: end with TL_EINTR? */
};

enum { TL_DIFF_OLD, TL_DIFF_NEW };

struct tl_diff;

/* Everything lives in a, where also the sides are closed. */
enum tl_status tl_diff_open(struct tl_arena *a,
    const struct tl_diff_source sides[2], const struct tl_recipe *recipe,
    const struct tl_diff_options *opt, tl_oom_fn *oom, struct tl_diff **out,
    struct tl_error *err) TL_MUST_USE;

const struct tl_match_result *tl_diff_matches(const struct tl_diff *d);

struct tl_diff_side_info {
	size_t nrecords;
	size_t nbroken;		    /* are no JSON: compared as bytes */
	const struct tl_file *file; /* NULL: absent */
};
const struct tl_diff_side_info *tl_diff_side(const struct tl_diff *d, int side);

/* One version of a record, as far as it goes. */
struct tl_diff_record {
	const struct tl_record *rec; /* NULL: there is no such version */
	const struct tl_conv *conv;  /* NULL: not read (broken) */
	bool has_tokens;
	size_t ntokens, ntrained;
	const char *why; /* !has_tokens: what stood in the way; or NULL */
};

struct tl_diff_pair {
	const struct tl_match *match;
	struct tl_diff_record side[2];
	bool is_bytes; /* a version is no JSON: there are no changes to list */
	struct tl_value_changes changes; /* of an edited pair */
};

/* Read both versions of a match again, into a.  wants_tokens: how many there
 * are, by the recipe.  Pairs are read fastest in the order of the matches. */
enum tl_status tl_diff_pair(struct tl_diff *d, struct tl_arena *a,
    const struct tl_match *m, bool wants_tokens, struct tl_diff_pair *out,
    struct tl_error *err) TL_MUST_USE;

/* --- words -----------------------------------------------------------------
 */

/* Bytes of two texts that differ, grown to whole words; see tl_hunk. */
struct tl_hunk *tl_diff_words(
    struct tl_arena *a, tl_str old, tl_str new_, size_t *n);

#endif
