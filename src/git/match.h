/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which record of the new side was which record of the old side.
 *
 * Works on hashes and word sets alone; what a record is, the caller knows.
 * Stages, each on what the former ones left over: the record's id, its exact
 * (canonical) value, its content without metadata, its prompt, its last reply,
 * similarity of its words.  The rest was added or removed.
 *
 * The result depends on the order and equality of hashes only, never on their
 * values, so the caller may key its hash function at random.  Time is n log n;
 * equal and similar records in any number do not change that.
 */
#ifndef TL_GIT_MATCH_H
#define TL_GIT_MATCH_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

/* Hashes of a record; 0: it has no such thing. */
struct tl_match_key {
	uint64_t id;
	uint64_t exact;	  /* never 0 */
	uint64_t content; /* all that training reads */
	uint64_t prompt;  /* the turns before the last reply */
	uint64_t reply;	  /* the last reply, if long enough to tell */
};

struct tl_match_side {
	const struct tl_match_key *keys;
	size_t n;
};

/* --- words of a record --------------------------------------------------- */

/* Collects the set of three-word sequences of a text. */
struct tl_shingles;
/* Words run over calls; tl_shingles_break() keeps two texts apart. */
void tl_shingles_put(struct tl_shingles *s, tl_str text);
void tl_shingles_break(struct tl_shingles *s);

/* Asked for the records that no hash could place: put its texts into s. */
typedef void tl_shingles_fn(
    void *ctx, bool is_new, size_t index, struct tl_shingles *s);

/* --- matching ------------------------------------------------------------ */

enum tl_match_kind {
	TL_MATCH_UNCHANGED,
	TL_MATCH_MOVED,	   /* equal, but its place among the others changed */
	TL_MATCH_METADATA, /* content equal, the rest not */
	TL_MATCH_EDITED,
	TL_MATCH_ADDED,
	TL_MATCH_REMOVED,
	TL_MATCH_KINDS,
};
const char *tl_match_kind_name(enum tl_match_kind k); /* "unchanged", … */

enum tl_match_by {
	TL_BY_NOTHING, /* added, removed */
	TL_BY_ID,
	TL_BY_EXACT,
	TL_BY_CONTENT,
	TL_BY_PROMPT,
	TL_BY_REPLY,
	TL_BY_SIMILARITY,
};
const char *tl_match_by_name(enum tl_match_by by); /* "id", … */

struct tl_match {
	enum tl_match_kind kind;
	enum tl_match_by by;
	size_t old, new_;  /* record numbers; TL_NPOS when there is none */
	bool is_moved;	   /* also for edited ones */
	double similarity; /* by similarity: Jaccard of the word sets */
};

enum tl_match_ids {
	TL_IDS_NONE, /* there are none on one side */
	TL_IDS_USED,
	TL_IDS_REPEATED,   /* most ids occur twice: not used */
	TL_IDS_RENUMBERED, /* the same ids stand on other contents: not used */
	TL_IDS_REPLACED,   /* used, but contents were found under new ids */
};

struct tl_match_options {
	double threshold; /* of similarity; 0: 0.5 */
	bool ignore_order;
	bool ignore_metadata;
};

struct tl_match_result {
	/* In the order of a diff: by new record; removed ones where they
	 * stood, before those added in the same place. */
	const struct tl_match *matches;
	size_t n;
	size_t counts[TL_MATCH_KINDS];
	size_t nmoved; /* of any kind */
	enum tl_match_ids ids;
};

/* Everything in *out lives in a. */
void tl_match_records(struct tl_arena *a, const struct tl_match_side *old,
    const struct tl_match_side *new_, const struct tl_match_options *opt,
    tl_shingles_fn *words, void *ctx, struct tl_match_result *out);

/* Longest strictly rising subsequence of n distinct numbers: sets keep[i] for
 * its members. */
void tl_longest_rising(
    struct tl_arena *scratch, const size_t *seq, size_t n, bool *keep);

#endif
