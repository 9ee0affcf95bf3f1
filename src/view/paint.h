/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paint.h - records on paper: what `turnlint show` prints.
 *
 * A painter appends to a buffer, which the command sends on after each
 * record.  All painters take text from tokens.h, so none of them can let a
 * control character of the data through.
 */
#ifndef TURNLINT_VIEW_PAINT_H
#define TURNLINT_VIEW_PAINT_H

#include <turnlint/finding.h>

#include "view/tokens.h"

/* One record, its tokens and its findings. */
struct tl_shown {
	struct tl_facts facts;
	const struct tl_finding *findings;
	size_t nfindings;
};

struct tl_paint {
	struct tl_buf *out;
	struct tl_arena *scratch; /* reset for each line or token: a record may
				   * be large */
	enum tl_depth depth;	  /* colours, for ansi */
	size_t width;		  /* columns; 0: 80 */
	unsigned marks;		  /* further enum tl_token_mark */
	bool want_reasons;	  /* list the runs and why they are so */
	size_t nrecords;	  /* painted so far */
};

struct tl_painter {
	const char *name;		   /* as --output-format takes it */
	void (*begin)(struct tl_paint *p); /* may be NULL */
	/* `a` is the record's arena. */
	void (*record)(
	    struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r);
	/* The record once more, by another recipe: what differs.  NULL: it is
	 * painted as a record of its own. */
	void (*other)(struct tl_paint *p, struct tl_arena *a,
	    const struct tl_shown *r, const struct tl_shown *other);
	void (*end)(struct tl_paint *p); /* may be NULL */
};

extern const struct tl_painter tl_painter_plain;
extern const struct tl_painter tl_painter_ansi;
extern const struct tl_painter tl_painter_html;
extern const struct tl_painter tl_painter_jsonl;

const struct tl_painter *tl_painter_find(tl_str name); /* or NULL */

/* --- shared by the painters and the screen ----------------------------------
 */

/* "data.jsonl:7  record 6  id ex-7": safe to print. */
tl_str tl_shown_place(const struct tl_shown *r, struct tl_arena *a);
/* "template chatml (built in)  tokenizer bpe-mini (built in)  trainer …" */
tl_str tl_recipe_words(const struct tl_recipe *r, struct tl_arena *a);
/* "41 tokens, 7 trained (17.1 %), kept"; empty without tokens. */
tl_str tl_shown_counts(const struct tl_shown *r, struct tl_arena *a);
/* "error[MSK001] /messages: nothing is trained" */
tl_str tl_finding_words(const struct tl_finding *f, struct tl_arena *a);
enum tl_style tl_finding_style(const struct tl_finding *f);
/* "tokens 5-19 (15)  trained  content  /messages/1/content …" */
tl_str tl_token_run_words(
    const struct tl_token_list *l, struct tl_arena *a, struct tl_token_run run);

#endif
