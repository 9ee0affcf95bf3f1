/* SPDX-License-Identifier: Apache-2.0 */
/* pyset.h - in which order CPython keeps tuples of integers in a set. */
#ifndef TRAINER_PYSET_H
#define TRAINER_PYSET_H

#include <turnlint/arena.h>

struct tl_pytuple {
	const uint32_t *list;
	size_t n;
};

/* The tuple that pop() takes from a set they were added to in this order; there
 * is at least one, and none twice.  As in CPython 3.8 and later, 64 bits. */
size_t tl_pyset_pop(struct tl_arena *a, const struct tl_pytuple *t, size_t n);

#endif
