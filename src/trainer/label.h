/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label.h - what policies share: marks, truncation, verdicts.
 */
#ifndef TRAINER_LABEL_H
#define TRAINER_LABEL_H

#include <turnlint/trainer.h>

/* --- marks --------------------------------------------------------------- */

/* What a range of the rendered text is. */
struct tl_mark {
	size_t beg, end;
	enum tl_reason reason;
	bool is_said; /* from the conversation, not from the template */
	size_t turn;  /* position in conv->turns or TL_NO_TURN */
};

/* Reasons for out->tokens by marks that cover the text in order.
 *
 * A token is trained iff it covers something trained and nothing that was said
 * and is masked.  Text of the template never decides: "▁yes", which in "[/INST]
 * yes" also covers the template's space, is what the model has to answer.
 * A token on the edge of a trained range gets TL_REASON_DETAIL_PARTIAL when
 * both sides belong to one turn, else TL_REASON_BOUNDARY. */
void tl_label_by_marks(struct tl_arena *a, struct tl_sample *out,
    const struct tl_mark *marks, size_t nmarks);
/* The same for one token; *at is where the search starts, and where it stopped:
 * the first mark that the token touches, or nmarks. */
enum tl_reason tl_mark_judge(const struct tl_mark *marks, size_t nmarks,
    size_t *at, struct tl_offset token);

/* Reasons by {% generation %} as transformers' assistant mask does it: the
 * tokens that hold the first and the last character of a block and all between;
 * to the end of the sequence when the last character has no token or the first
 * one. */
void tl_label_by_generation(struct tl_arena *a, struct tl_sample *out);

/* Give every token one reason. */
void tl_label_all(
    struct tl_arena *a, struct tl_sample *out, enum tl_reason reason);

/* Truncate to max tokens (0: no limit), turn out->reasons into labels and
 * counts, and judge: kept, truncated or blanked. */
enum tl_side { TL_SIDE_RIGHT, TL_SIDE_LEFT }; /* where tokens are cut */
void tl_label_finish(
    struct tl_arena *a, struct tl_sample *out, size_t max, enum tl_side side);

#define TL_NO_LABEL INT32_MIN

/* The same for frameworks that cut elsewhere: is_kept says what is left
 * (tokens.n), max is what it says there was room for.  own (or NULL) are labels
 * that are not the token itself, TL_NO_LABEL where there is none. */
void tl_label_finish_kept(struct tl_arena *a, struct tl_sample *out,
    const bool *is_kept, const int32_t *own, size_t max);

/* The sample was not built: says why.  fmt must not print raw data. */
void tl_label_fail(struct tl_arena *a, struct tl_sample *out,
    enum tl_verdict verdict, const char *fmt, ...) TL_PRINTF(4, 5);

#endif
