/* SPDX-License-Identifier: Apache-2.0 */
#include "prefixes.h"

#include <stdlib.h>

struct row {
	tl_str key;
	uint32_t value;
};

static int
compare_rows(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int c = tl_str_cmp(a->key, b->key);

	return c != 0 ? c : (a->value > b->value) - (a->value < b->value);
}

void
tl_prefixes_build(struct tl_prefixes *p, struct tl_arena *a, const tl_str *keys,
    const uint32_t *values, size_t n)
{
	struct row *rows = TL_NEW(a, struct row, n);

	*p = (struct tl_prefixes){ .keys = TL_NEW(a, tl_str, n),
		.values = TL_NEW(a, uint32_t, n) };
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct row){ keys[i], values[i] };
	qsort(rows, n, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].key.len == 0 ||
		    (p->n > 0 && tl_str_eq(p->keys[p->n - 1], rows[i].key)))
			continue;
		p->keys[p->n] = rows[i].key;
		p->values[p->n++] = rows[i].value;
	}
}

/* The first key of the range whose next byte is not below c. */
static size_t
lower_bound(const struct tl_prefix_search *s, unsigned c)
{
	size_t lo = s->lo, hi = s->hi;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		tl_str k = s->p->keys[mid];

		if (k.len <= s->depth || (unsigned char)k.ptr[s->depth] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
tl_prefix_search_feed(struct tl_prefix_search *s, unsigned char c)
{
	s->lo = lower_bound(s, c);
	s->hi = lower_bound(s, c + 1u);
	s->depth++;
	return s->lo < s->hi;
}
