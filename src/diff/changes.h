/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes.h - what changed between two versions of one record, value by value.
 */
#ifndef TL_DIFF_CHANGES_H
#define TL_DIFF_CHANGES_H

#include <turnlint/conv.h>

/* A value that differs; the whole of it where kinds differ or one is missing.
 * Objects are compared member by member; lists are aligned first, lists of
 * messages by role and content. */
struct tl_value_change {
	const struct tl_json *old, *new_; /* NULL: was not, is not there */
	size_t old_turn, new_turn; /* positions in the conversations' turns it
				    * belongs to, or TL_NO_TURN */
};

#define TL_MAX_VALUE_CHANGES 1000 /* of a record; more are counted */

struct tl_value_changes {
	struct tl_value_change *list;
	size_t n;
	size_t nall; /* found, also those not kept */
};

void tl_diff_values(struct tl_arena *a, const struct tl_json *old,
    const struct tl_conv *old_conv, const struct tl_json *new_,
    const struct tl_conv *new_conv, struct tl_value_changes *out);

#endif
