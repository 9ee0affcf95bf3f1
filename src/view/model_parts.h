/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_parts.h - what the files of the model share: the index of records
 * (index.c), the lines of the token pane (lines.c), work in slices (jobs.c),
 * requests (model.c).
 */
#ifndef TURNLINT_VIEW_MODEL_PARTS_H
#define TURNLINT_VIEW_MODEL_PARTS_H

#include "view/model.h"

/* --- index.c --- */

/* Read record i, which must be known to exist, into `a`; false and
 * m->read_error when the file fails. */
bool tl_index_fetch(
    struct tl_model *m, struct tl_arena *a, size_t i, struct tl_record *rec);
/* Learn of more rows of the list, or that there are no more. */
void tl_index_extend_rows(struct tl_model *m);
/* Learn of more records. */
void tl_index_extend(struct tl_model *m);
/* Find out what the list says of a record. */
void tl_index_fill_row(struct tl_model *m, size_t record);
void tl_index_set_filter(struct tl_model *m, tl_str filter);

/* --- lines.c --- */

void tl_lines_reset(struct tl_model *m);
/* The line on which a token begins. */
size_t tl_lines_of_token(struct tl_model *m, size_t token);
/* Move the cursor by n lines, keeping its column. */
void tl_lines_move(struct tl_model *m, bool is_down, size_t n);
/* The same, and scroll as far. */
void tl_lines_page(struct tl_model *m, bool is_down, size_t n);
/* Scroll so that the cursor is on the screen. */
void tl_lines_show_cursor(struct tl_model *m);

/* --- jobs.c --- */

void tl_model_start_job(
    struct tl_model *m, enum tl_job job, int step, size_t row);
void tl_model_go_to_finding(struct tl_model *m, size_t i);
/* Go to the hit of the pattern that is next to byte `from` in the loaded
 * record; false if there is none. */
bool tl_model_search_here(struct tl_model *m, int step, size_t from);

/* --- model.c --- */

/* What the last line says until the next key. */
void tl_model_notice(struct tl_model *m, const char *fmt, ...) TL_PRINTF(2, 3);
void tl_model_select(struct tl_model *m, size_t row);
/* Have the selected record; false if there is none. */
bool tl_model_load(struct tl_model *m);
void tl_model_set_cursor(struct tl_model *m, size_t token);
/* Rows of a pane, at least 1. */
size_t tl_model_pane_height(const struct tl_model *m, enum tl_pane pane);

#endif
