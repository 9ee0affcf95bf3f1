/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.h - two recipes on one record: do they train the same tokens?
 */
#ifndef TURNLINT_COMPARE_H
#define TURNLINT_COMPARE_H

#include <turnlint/recipe.h>

enum tl_agreement {
	TL_AGREE,	  /* the same tokens with the same labels */
	TL_AGREE_ON_LOSS, /* both do without the record, for whatever reason */
	TL_OTHER_LABELS,  /* the same tokens, some labels differ */
	TL_OTHER_TOKENS,
	TL_ONE_SIDED, /* one trains the record, the other has no tokens or
		       * drops it */
};
const char *tl_agreement_name(enum tl_agreement a); /* "same", … */

/* Tokens [first, stop) whose labels differ, for one pair of reasons. */
struct tl_label_change {
	size_t first, stop;
	enum tl_reason reasons[2];
	bool is_trained[2];
};

struct tl_comparison {
	enum tl_agreement agreement;
	size_t first_other; /* OTHER_TOKENS: the first that differs */
	size_t ntokens[2], ntrained[2];
	size_t nchanged;		       /* tokens whose labels differ */
	const struct tl_label_change *changes; /* OTHER_LABELS: in order */
	size_t nchanges;
};

/* What two recipes make of one record.  Either sample may be NULL.  Everything
 * lives in `a`. */
void tl_compare_samples(struct tl_arena *a, const struct tl_sample *one,
    const struct tl_sample *other, struct tl_comparison *out);

/* Whether the recipe has the record in its training data. */
bool tl_sample_is_used(const struct tl_sample *s);

#endif
