/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_parts.h - what the files of the model share: the index of records
 * (index.c), the lines of the token pane (lines.c), requests (model.c).
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
/* Scroll so that the cursor is on the screen. */
void tl_lines_show_cursor(struct tl_model *m);

#endif
