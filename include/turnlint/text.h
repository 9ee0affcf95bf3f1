/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - text that remembers where each byte came from.
 *
 * A text is bytes plus a list of runs that covers them without gaps, in order.
 * A run says which bytes of which JSON string, or which place of a template,
 * made it.  Slices and concatenations keep exact origins; a filter that
 * rewrites bytes leaves TL_RUN_DERIVED runs that name only the source.
 *
 * Texts are immutable and live in the arena they were made in; they borrow
 * the JSON tree they point to.
 */
#ifndef TURNLINT_TEXT_H
#define TURNLINT_TEXT_H

#include <turnlint/json.h>

enum tl_run_kind {
	TL_RUN_TEMPLATE, /* literal text of the template, or computed by it */
	TL_RUN_CONTENT,	 /* bytes copied from a JSON string, one to one */
	TL_RUN_DERIVED,	 /* made from a JSON value, rewritten on the way */
	TL_RUN_ADDED,	 /* put there by an adapter or a trainer */
};

const char *tl_run_kind_name(enum tl_run_kind kind); /* "template", … */

struct tl_run {
	size_t beg, end; /* bytes of the text */
	enum tl_run_kind kind;
	uint32_t line, column;	    /* template place, 1-based; 0 if none.  Set
				     * for content too: the {{ }} that put it */
	const struct tl_json *node; /* content, derived: the source value */
	size_t src_beg, src_end;    /* content: bytes of node->text */
};

struct tl_text {
	tl_str str;
	const struct tl_run *runs;
	size_t nruns;
};

/* The whole of a JSON string as one content run (empty: no run). */
struct tl_text tl_text_from_json(struct tl_arena *a, const struct tl_json *v);
/* Bytes put there by us; borrowed. */
struct tl_text tl_text_added(struct tl_arena *a, tl_str s);
struct tl_text tl_text_concat(
    struct tl_arena *a, const struct tl_text *parts, size_t n);
struct tl_text tl_text_slice(
    struct tl_arena *a, struct tl_text t, size_t beg, size_t end);

/* The run that holds byte `at`, or NULL beyond the end.  Binary search. */
const struct tl_run *tl_text_run_at(const struct tl_text *t, size_t at);

/* First run that touches bytes [src_beg, src_end) of node, from index `from`
 * on; NULL if none.  With this a caller walks all places a value reached. */
const struct tl_run *tl_text_find_source(const struct tl_text *t,
    const struct tl_json *node, size_t src_beg, size_t src_end, size_t from);

#endif
