/* SPDX-License-Identifier: Apache-2.0 */
/* A set of CPython is a table with open addressing: a run of neighbours is
 * looked at, then a jump is made that takes in more and more of the hash. */
#include "pyset.h"

#include <assert.h>

#define NEIGHBOURS 9
#define JUMP_SHIFT 5

struct table {
	size_t *at; /* number of a tuple and 1; 0: nobody */
	uint64_t mask;
	size_t used;
};

static uint64_t
hash_of(const struct tl_pytuple *t)
{
	const uint64_t prime1 = 11400714785074694791u;
	const uint64_t prime2 = 14029467366897019727u;
	const uint64_t prime5 = 2870177450012600261u;
	uint64_t acc = prime5;

	for (size_t i = 0; i < t->n; i++) {
		acc += t->list[i] * prime2;
		acc = (acc << 31 | acc >> 33) * prime1;
	}
	acc += t->n ^ (prime5 ^ 3527539u);
	return acc == UINT64_MAX ? 1546275796u : acc;
}

static void
insert(struct table *s, size_t which, uint64_t hash)
{
	uint64_t i = hash & s->mask, jump = hash;

	for (;;) {
		uint64_t more = i + NEIGHBOURS <= s->mask ? NEIGHBOURS : 0;

		for (uint64_t k = i; k <= i + more; k++)
			if (s->at[k] == 0) {
				s->at[k] = which + 1;
				s->used++;
				return;
			}
		jump >>= JUMP_SHIFT;
		i = (i * 5 + 1 + jump) & s->mask;
	}
}

static struct table
grown(struct tl_arena *a, const struct table *s, const struct tl_pytuple *t)
{
	struct table out = { .mask = 8 };

	while (out.mask <= s->used * 4)
		out.mask *= 2;
	out.at = TL_NEW(a, size_t, out.mask--);
	for (uint64_t i = 0; i <= s->mask; i++)
		if (s->at[i] != 0)
			insert(&out, s->at[i] - 1, hash_of(&t[s->at[i] - 1]));
	return out;
}

size_t
tl_pyset_pop(struct tl_arena *a, const struct tl_pytuple *t, size_t n)
{
	struct table s = { .at = TL_NEW(a, size_t, 8), .mask = 7 };
	uint64_t i = 0;

	assert(n > 0);
	for (size_t k = 0; k < n; k++) {
		insert(&s, k, hash_of(&t[k]));
		if (s.used * 5 >= s.mask * 3)
			s = grown(a, &s, t);
	}
	while (s.at[i] == 0)
		i++;
	return s.at[i] - 1;
}
