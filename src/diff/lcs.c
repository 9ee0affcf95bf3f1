/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/lcs.h"

#define MAX_CELLS ((size_t)4 << 20)

/* Lengths of the longest common subsequence of old[i..) and new_[j..). */
struct table {
	const uint64_t *old, *new_;
	size_t nold, nnew;
	uint16_t *cells;
};

static uint16_t *
cell(const struct table *t, size_t i, size_t j)
{
	return &t->cells[i * (t->nnew + 1) + j];
}

static void
fill(struct table *t)
{
	for (size_t i = t->nold; i-- > 0;) {
		for (size_t j = t->nnew; j-- > 0;) {
			uint16_t down = *cell(t, i + 1, j);
			uint16_t right = *cell(t, i, j + 1);

			if (t->old[i] == t->new_[j])
				*cell(t, i, j) =
				    (uint16_t)(*cell(t, i + 1, j + 1) + 1);
			else
				*cell(t, i, j) = down > right ? down : right;
		}
	}
}

/* Walk the table and note what lies between equal elements. */
static size_t
walk(const struct table *t, size_t at, struct tl_hunk *out)
{
	size_t i = 0, j = 0, n = 0;

	while (i < t->nold || j < t->nnew) {
		struct tl_hunk h = { at + i, 0, at + j, 0 };

		while (i < t->nold || j < t->nnew) {
			bool both = i < t->nold && j < t->nnew;

			if (both && t->old[i] == t->new_[j])
				break;
			if (j == t->nnew ||
			    (both && *cell(t, i + 1, j) >= *cell(t, i, j + 1)))
				i++;
			else
				j++;
		}
		h.old_end = at + i;
		h.new_end = at + j;
		if (h.old_beg < h.old_end || h.new_beg < h.new_end)
			out[n++] = h;
		while (i < t->nold && j < t->nnew && t->old[i] == t->new_[j]) {
			i++;
			j++;
		}
	}
	return n;
}

struct tl_hunk *
tl_lcs_hunks(struct tl_arena *a, const uint64_t *old, size_t nold,
    const uint64_t *new_, size_t nnew, size_t *n)
{
	size_t head = 0, ncells;
	struct table t;
	struct tl_hunk *out;

	while (head < nold && head < nnew && old[head] == new_[head])
		head++;
	while (nold > head && nnew > head && old[nold - 1] == new_[nnew - 1]) {
		nold--;
		nnew--;
	}
	*n = 0;
	if (head == nold && head == nnew)
		return NULL;
	t = (struct table){ .old = old + head,
		.new_ = new_ + head,
		.nold = nold - head,
		.nnew = nnew - head };
	/* a common length fits 16 bits: it is at most the square root of the
	 * cells, unless one side is empty and it is 0 */
	if (tl_mul_overflows(t.nold + 1, t.nnew + 1, &ncells) ||
	    ncells > MAX_CELLS || t.nold == 0 || t.nnew == 0) {
		out = TL_NEW(a, struct tl_hunk, 1);
		*out = (struct tl_hunk){ head, nold, head, nnew };
		*n = 1;
		return out;
	}
	t.cells = TL_NEW(a, uint16_t, ncells);
	fill(&t);
	out =
	    TL_NEW(a, struct tl_hunk, (t.nold < t.nnew ? t.nold : t.nnew) + 1);
	*n = walk(&t, head, out);
	return out;
}
