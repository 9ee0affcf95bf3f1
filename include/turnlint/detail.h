/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detail.h - the ranges of train_detail, as the rules look at them.
 *
 * Offsets count code points of the turn's text, both ends inclusive.  Authors
 * get that wrong in known ways; which one is guessed here once for all rules.
 */
#ifndef TURNLINT_DETAIL_H
#define TURNLINT_DETAIL_H

#include <turnlint/conv.h>

enum tl_detail_unit { TL_UNIT_CODEPOINTS, TL_UNIT_UTF16, TL_UNIT_BYTES };

struct tl_range {
	const struct tl_detail *detail;
	size_t index; /* in the turn's list */
};

struct tl_detail_facts {
	int64_t length;		  /* of the text, in code points */
	enum tl_detail_unit unit; /* what the offsets seem to count */
	/* Ranges with two integers and begin <= end, by begin then end. */
	const struct tl_range *sorted;
	size_t nsorted;
	size_t nreversed;
	bool is_out;	  /* an offset lies outside the text */
	bool touches_end; /* an end equals the length */
	size_t ntouching; /* ends that equal the next begin */
};

/* False when there is nothing to judge: no ranges, or the content is no
 * string.  Works in `a`. */
bool tl_detail_facts(struct tl_arena *a, const struct tl_turn *turn,
    struct tl_detail_facts *out);

/* Byte in text of an offset counted in `unit`; TL_NPOS when it lies outside or
 * inside a character. */
size_t tl_detail_byte(tl_str text, enum tl_detail_unit unit, int64_t offset);

#endif
