/* SPDX-License-Identifier: Apache-2.0 */
/* list.h - lists that grow in an arena. */
#ifndef TRAINER_LIST_H
#define TRAINER_LIST_H

#include <turnlint/arena.h>

/* list with room for `more` elements behind its n; *cap is kept. */
static inline void *
tl_list_room(struct tl_arena *a, void *list, size_t n, size_t *cap, size_t more,
    size_t size)
{
	size_t want = *cap > 0 ? *cap : 16;

	if (n + more <= *cap)
		return list;
	while (want < n + more)
		want *= 2;
	list = tl_arena_grow(
	    a, list, *cap * size, want * size, _Alignof(max_align_t));
	*cap = want;
	return list;
}

/* Append a value: TL_PUSH(a, l, n, cap, (struct x){ … }). */
#define TL_PUSH(a, list, n, cap, ...)                              \
	do {                                                       \
		(list) = tl_list_room(                             \
		    (a), (list), (n), &(cap), 1, sizeof(*(list))); \
		(list)[(n)++] = __VA_ARGS__;                       \
	} while (0)

#endif
