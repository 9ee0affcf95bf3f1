/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: which tokens of a text its train_detail ranges train.
 *
 * The text is tokenized alone.  A token ends where the next one begins; a range
 * is first moved to the edges of tokens, mostly outward.
 */
#include "axolotl.h"

/* Where a token begins and ends, in code points, both inclusive.  A piece of a
 * character that is not the last one ends before it begins. */
struct extent {
	double beg, end;
};

static struct extent *
extents_of(struct tl_arena *a, tl_str text, const struct tl_tokens *t)
{
	struct extent *x = TL_NEW(a, struct extent, t->n);
	size_t at = 0, points = 0; /* code points before byte `at` */

	for (size_t i = 0; i < t->n; i++) {
		size_t beg = t->offsets[i].beg;

		if (beg < at)
			at = points = 0;
		while (at < beg) {
			size_t len =
			    tl_utf8_next(text, at, &(uint32_t){ 0 }, NULL);

			if (at + len > beg)
				break;
			at += len;
			points++;
		}
		x[i].beg = (double)points;
		if (i > 0)
			x[i - 1].end = x[i].beg - 1;
	}
	x[t->n - 1].end = (double)tl_utf8_count(text) - 1;
	return x;
}

/* The range moved to the edges of tokens; false: axolotl leaves it out. */
static bool
adjust(const struct extent *x, size_t n, const struct ax_range *r,
    struct extent *out)
{
	size_t first = 0, stop = n;

	while (first < n && x[first].beg < r->beg)
		first++;
	if (first > 0 && x[first - 1].end > r->beg)
		first--;
	while (stop > 0 && x[stop - 1].end > r->end)
		stop--;
	if (stop < n && x[stop].beg < r->end)
		stop++;
	if (first >= stop)
		return false;
	*out = (struct extent){ x[first].beg, x[stop - 1].end };
	return true;
}

static const char *
fault_of(const struct ax_range *r)
{
	if (!r->has_beg)
		return "KeyError: 'begin_offset'";
	if (!r->has_end)
		return "KeyError: 'end_offset'";
	return r->is_number ? NULL : "TypeError: an offset is no number";
}

static void
train(const struct extent *x, size_t n, struct extent range, uint8_t *fates)
{
	for (size_t i = 0; i < n; i++)
		if (x[i].beg >= range.beg && x[i].end <= range.end)
			fates[i] = AX_TRAINED;
}

/* What a range to be trained covers and will not be, unless another one does
 * it. */
static void
touch(
    const struct extent *x, size_t n, const struct ax_range *r, uint8_t *fates)
{
	for (size_t i = 0; i < n; i++)
		if (fates[i] == AX_MASKED && x[i].beg <= x[i].end &&
		    x[i].beg <= r->end && x[i].end >= r->beg)
			fates[i] = AX_TORN;
}

bool
ax_train_details(struct ax_work *w, tl_str text, const struct ax_details *d,
    uint8_t **fates, size_t *n)
{
	struct tl_tokens t;
	struct tl_error err;
	struct extent *x;

	if (d->is_bad) {
		ax_abort(w->cx, w->out, "TypeError: %s is no list of objects",
		    ax_shown(w->a, w->config->field_training_detail));
		return false;
	}
	if (tl_encode(w->cx->encoder, w->a, text, 0, &t, &err) != TL_OK) {
		ax_abort(w->cx, w->out, "%s", err.message);
		return false;
	}
	if (t.n == 0) {
		ax_abort(w->cx, w->out,
		    "IndexError: the text with train_detail has no tokens");
		return false;
	}
	x = extents_of(w->a, text, &t);
	*fates = TL_NEW(w->a, uint8_t, t.n);
	*n = t.n;
	for (size_t i = 0; i < d->n; i++) {
		const struct ax_range *r = &d->list[i];
		const char *fault = fault_of(r);
		struct extent range;

		if (fault == NULL && r->is_trained)
			touch(x, t.n, r, *fates);
		if (fault == NULL && !adjust(x, t.n, r, &range))
			continue;
		if (fault == NULL && !r->has_train)
			fault = "KeyError: 'train'";
		if (fault != NULL) {
			ax_abort(w->cx, w->out, "%s (in a train_detail range)",
			    fault);
			return false;
		}
		if (r->is_trained)
			train(x, t.n, range, *fates);
	}
	return true;
}
