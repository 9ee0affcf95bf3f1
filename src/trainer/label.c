/* SPDX-License-Identifier: Apache-2.0 */
#include "label.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <turnlint/str.h>

enum tl_reason
tl_mark_judge(
    const struct tl_mark *marks, size_t n, size_t *at, struct tl_offset o)
{
	const struct tl_mark *trained = NULL, *masked = NULL, *first = NULL;
	size_t beg = o.beg;
	/* An empty token stands before the byte at its place. */
	size_t end = o.end > o.beg ? o.end : beg + 1;

	/* Offsets may step back a little (byte tokens of one character). */
	while (*at > 0 && marks[*at - 1].end > beg)
		--*at;
	while (*at < n && marks[*at].end <= beg)
		++*at;
	for (size_t i = *at; i < n && marks[i].beg < end; i++) {
		const struct tl_mark *m = &marks[i];

		if (first == NULL)
			first = m;
		if (tl_reason_is_trained(m->reason)) {
			if (trained == NULL ||
			    (m->is_said && !trained->is_said))
				trained = m;
		} else if (m->is_said && masked == NULL) {
			masked = m;
		}
	}
	if (trained == NULL)
		return masked != NULL ? masked->reason
		    : first != NULL   ? first->reason
				      : TL_REASON_TEMPLATE;
	if (masked == NULL)
		return trained->reason;
	return trained->turn == masked->turn ? TL_REASON_DETAIL_PARTIAL
					     : TL_REASON_BOUNDARY;
}

void
tl_label_by_marks(struct tl_arena *a, struct tl_sample *out,
    const struct tl_mark *marks, size_t nmarks)
{
	uint8_t *reasons = TL_NEW(a, uint8_t, out->tokens.n);
	size_t at = 0;

	for (size_t i = 0; i < out->tokens.n; i++) {
		reasons[i] = (uint8_t)tl_mark_judge(
		    marks, nmarks, &at, out->tokens.offsets[i]);
	}
	out->reasons = reasons;
}

/* The token that holds the character around byte `at`: transformers'
 * char_to_token(), the first of several.  TL_NPOS when there is none. */
static size_t
token_at(const struct tl_tokens *t, size_t at)
{
	size_t lo = 0, hi = t->n;

	/* Ends never step back. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->offsets[mid].end <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo > 0 && t->offsets[lo - 1].end > at)
		lo--;
	return lo < t->n && t->offsets[lo].beg <= at ? lo : TL_NPOS;
}

/* First byte of the character before `end`. */
static size_t
last_char(tl_str s, size_t end)
{
	while (end > 0 && ((unsigned char)s.ptr[--end] & 0xc0) == 0x80)
		;
	return end;
}

void
tl_label_by_generation(struct tl_arena *a, struct tl_sample *out)
{
	size_t n = out->tokens.n;
	uint8_t *reasons = TL_NEW(a, uint8_t, n);

	memset(reasons, TL_REASON_OUTSIDE_GENERATION, n);
	for (size_t i = 0; i < out->render.ngeneration; i++) {
		tl_span g = out->render.generation[i];
		size_t first = token_at(&out->tokens, g.beg), last;

		if (first == TL_NPOS)
			break;
		last = token_at(
		    &out->tokens, last_char(out->render.text.str, g.end));
		if (last == TL_NPOS || last == 0)
			last = n - 1;
		for (size_t t = first; t <= last; t++)
			reasons[t] = TL_REASON_GENERATION;
	}
	out->reasons = reasons;
}

void
tl_label_all(struct tl_arena *a, struct tl_sample *out, enum tl_reason reason)
{
	uint8_t *reasons = TL_NEW(a, uint8_t, out->tokens.n);

	memset(reasons, (int)reason, out->tokens.n);
	out->reasons = reasons;
}

static void
give_verdict(struct tl_arena *a, struct tl_sample *out, size_t max)
{
	size_t n = out->tokens.n;

	out->verdict = TL_VERDICT_KEPT;
	if (out->nkept < n && n - out->nkept != n - max) {
		out->verdict = TL_VERDICT_TRUNCATED;
		out->why = tl_str_from(tl_arena_printf(a,
		    "%zu tokens do not fit the sequence length of %zu: %zu "
		    "are cut",
		    n, max, n - out->nkept));
	} else if (out->nkept < n) {
		out->verdict = TL_VERDICT_TRUNCATED;
		out->why = tl_str_from(tl_arena_printf(a,
		    "%zu tokens, %zu more than the sequence length of %zu", n,
		    n - out->nkept, max));
	}
	if (out->ntrained > 0)
		return;
	out->verdict = TL_VERDICT_BLANKED;
	if (out->nwanted > 0)
		out->why = tl_str_from(tl_arena_printf(a,
		    "%zu tokens: all that would be trained lies beyond the "
		    "sequence length of %zu",
		    n, max));
	else
		out->why = tl_str_from("no token is trained");
}

static void
find_kept(struct tl_sample *out, const bool *is_kept)
{
	size_t stop = 0;

	out->nkept = 0;
	for (size_t i = 0; i < out->tokens.n; i++) {
		if (!is_kept[i])
			continue;
		if (out->nkept++ == 0)
			out->first_kept = i;
		stop = i + 1;
	}
	out->has_gaps = out->nkept < stop - out->first_kept;
}

void
tl_label_finish_kept(struct tl_arena *a, struct tl_sample *out,
    const bool *is_kept, const int32_t *own, size_t max)
{
	size_t n = out->tokens.n;
	int32_t *labels = TL_NEW(a, int32_t, n);
	uint8_t *reasons = TL_NEW(a, uint8_t, n);

	assert(out->reasons != NULL || n == 0);
	out->wanted = out->reasons;
	find_kept(out, is_kept);
	for (size_t i = 0; i < n; i++) {
		bool is_trained =
		    tl_reason_is_trained((enum tl_reason)out->wanted[i]);

		out->nwanted += is_trained;
		out->ntrained += is_trained && is_kept[i];
		reasons[i] = is_kept[i] ? out->wanted[i] : TL_REASON_TRUNCATED;
		labels[i] = TL_IGNORE;
		if (is_trained && is_kept[i])
			labels[i] = own != NULL && own[i] != TL_NO_LABEL
			    ? own[i]
			    : (int32_t)out->tokens.ids[i];
	}
	out->reasons = reasons;
	out->labels = labels;
	out->is_built = true;
	give_verdict(a, out, max);
}

void
tl_label_finish(
    struct tl_arena *a, struct tl_sample *out, size_t max, enum tl_side side)
{
	size_t n = out->tokens.n;
	size_t nkept = max > 0 && max < n ? max : n;
	size_t first = side == TL_SIDE_LEFT ? n - nkept : 0;
	bool *is_kept = TL_NEW(a, bool, n);

	for (size_t i = first; i < first + nkept; i++)
		is_kept[i] = true;
	tl_label_finish_kept(a, out, is_kept, NULL, max);
}

void
tl_label_fail(struct tl_arena *a, struct tl_sample *out,
    enum tl_verdict verdict, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len > 0) {
		char *s = tl_arena_bytes(a, (size_t)len + 1);

		vsnprintf(s, (size_t)len + 1, fmt, again);
		out->why = (tl_str){ s, (size_t)len };
	}
	va_end(again);
	out->is_built = false;
	out->verdict = verdict;
}
