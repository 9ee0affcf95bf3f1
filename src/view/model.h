/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h - the viewer without a screen: which records there are, which one is
 * looked at, where the cursor stands, what is being searched.
 *
 * Keys go in through tl_model_key(); work that may take long (finding out how
 * many records there are, searching, counting findings) is done in slices by
 * tl_model_work() while no key comes.  A key stops a search or a jump.
 *
 * The file may be of any size: the index keeps one position in
 * TL_INDEX_STEP records, and rows are linted when they are on the screen.
 */
#ifndef TURNLINT_VIEW_MODEL_H
#define TURNLINT_VIEW_MODEL_H

#include "view/canvas.h"
#include "view/keys.h"
#include "view/load.h"

#define TL_INDEX_STEP 64
#define TL_ROW_CACHE 512
#define TL_PROMPT_MAX 256

enum tl_pane {
	TL_PANE_LIST,
	TL_PANE_TOKENS,
	TL_PANE_FINDINGS,
	TL_PANE_DETAIL,
	TL_PANE_COUNT
};

/* What the list says about a record. */
struct tl_row {
	size_t record;
	bool is_known;
	size_t counts[TL_LEVEL_ERROR + 1]; /* findings by level */
	char label[96]; /* its id or how it begins: safe text */
};

enum tl_job {
	TL_JOB_NONE,
	TL_JOB_GOTO,	/* read on until the list row exists */
	TL_JOB_FINDING, /* look for a record with findings */
	TL_JOB_SEARCH,	/* look for a record with the text */
};

enum tl_prompt { TL_PROMPT_NONE, TL_PROMPT_SEARCH, TL_PROMPT_FILTER };

/* Where the panes are; a pane that is not shown has no height. */
struct tl_layout {
	size_t rows, cols;
	bool is_single;			     /* one pane at a time */
	struct tl_rect panes[TL_PANE_COUNT]; /* headings included */
};

struct tl_model {
	struct tl_loader *loader;
	struct tl_reader *reader;
	const struct tl_file *file;
	struct tl_arena *arena;	    /* the index and all that stays */
	struct tl_arena *rec_arena; /* the selected record */
	struct tl_arena *lines_arena;
	struct tl_arena *scratch;
	struct tl_token_options token_options;

	/* The index. */
	struct tl_record_pos *steps; /* of each TL_INDEX_STEP-th record */
	size_t nsteps, cap_steps;
	size_t nindexed;	    /* records known to exist */
	size_t reader_at;	    /* record the reader would give next */
	struct tl_error read_error; /* status TL_OK: none */

	/* The list: all records, or those that pass the filter. */
	char filter[TL_PROMPT_MAX]; /* "" for none */
	size_t *matches;
	size_t nmatches, cap_matches;
	size_t filter_next; /* record to be tested next */
	size_t row;	    /* selected */
	size_t top_row;
	struct tl_row *cache; /* TL_ROW_CACHE, by record modulo */

	/* The selected record. */
	struct tl_record record;
	struct tl_shown shown;
	struct tl_token_list tokens;
	size_t cursor;	/* token */
	size_t finding; /* TL_NPOS: none visited yet */
	tl_span hit;	/* bytes of the rendered text found by a search */

	/* Lines of the token pane, as far as they were needed. */
	struct tl_token_pos *lines;
	size_t nlines, cap_lines;
	size_t top_line;
	size_t want_column; /* the cell the cursor tries to keep; TL_NPOS */

	struct tl_layout layout;
	size_t help_top;

	/* How much of all that is known. */
	bool is_complete; /* the index has every record */
	bool has_record;  /* the selected one is loaded */
	bool has_all_lines;

	bool shows_help;
	enum tl_pane focus;
	enum tl_prompt prompt;
	char prompt_text[TL_PROMPT_MAX];
	size_t prompt_len;
	char pattern[TL_PROMPT_MAX]; /* of the last search */
	size_t count;		     /* digits typed; 0: none */

	size_t job_row;	  /* row to look at next, or to go to */
	size_t job_start; /* row where it began */
	enum tl_job job;
	int job_step; /* +1 or -1 */
	bool job_wrapped;

	char notice[160];
	bool wants_quit;
	bool wants_redraw; /* everything, as after another program wrote */
};

struct tl_model_setup {
	struct tl_loader *loader;
	struct tl_reader *reader;
	struct tl_token_options token_options;
	tl_oom_fn *oom;
};

/* The model lives in `a`. */
struct tl_model *tl_model_new(
    struct tl_arena *a, const struct tl_model_setup *setup);

/* Give the screen's size; at least 1 by 1. */
void tl_model_resize(struct tl_model *m, size_t rows, size_t cols);

/* Whether this is the record that is wanted.  rec is not parsed yet; `a` may be
 * used to do so. */
typedef bool tl_is_record_fn(
    void *ctx, struct tl_arena *a, struct tl_record *rec);

/* Go to the first record that is_it accepts, reading as far as that takes.
 * False if there is none. */
bool tl_model_open(struct tl_model *m, tl_is_record_fn *is_it, void *ctx);

/* Do a bit of work; false when nothing is left to do. */
bool tl_model_work(struct tl_model *m);

/* React to a key. */
void tl_model_key(struct tl_model *m, int key);

/* Records in the list, as far as known. */
size_t tl_model_nrows(const struct tl_model *m);
bool tl_model_rows_complete(const struct tl_model *m);
/* The record number of a row. */
size_t tl_model_record_of(const struct tl_model *m, size_t row);
/* What is known of a row; NULL when nothing yet. */
const struct tl_row *tl_model_row(const struct tl_model *m, size_t row);

/* The inside of a pane, without its heading. */
struct tl_rect tl_model_inside(const struct tl_model *m, enum tl_pane pane);

/* The line of the token pane; false beyond the last. */
bool tl_model_line(struct tl_model *m, size_t line, struct tl_arena *a,
    struct tl_token_line *out);

/* The token that a finding points at; TL_NPOS if none. */
size_t tl_model_finding_token(
    const struct tl_model *m, const struct tl_finding *f);

#endif
