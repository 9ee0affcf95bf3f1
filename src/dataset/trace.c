/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of the turns' texts in a rendered one, read off its runs.
 */
#include "format.h"

#include <stdlib.h>

/* Python's str.isspace(). */
static bool
is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || (cp >= 0x1c && cp <= 0x20) ||
	    cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	    (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

size_t
tl_space_before(tl_str s)
{
	size_t at = 0;

	while (at < s.len) {
		uint32_t cp;
		size_t len = tl_utf8_next(s, at, &cp, NULL);

		if (!is_space(cp))
			break;
		at += len;
	}
	return at;
}

size_t
tl_space_behind(tl_str s)
{
	size_t end = s.len;

	while (end > 0) {
		size_t at = end - 1;
		uint32_t cp;

		while (at > 0 && end - at < 4 &&
		    ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
			at--;
		if (tl_utf8_next(s, at, &cp, NULL) != end - at || !is_space(cp))
			break;
		end = at;
	}
	return s.len - end;
}

bool
tl_is_space(tl_str s)
{
	return tl_space_before(s) == s.len;
}

#define MAX_CODE ((size_t)1 << 16) /* bytes between two runs of backticks */

size_t
tl_code_end(tl_str s, size_t at)
{
	size_t ticks = 0, end;

	if (s.len - at > MAX_CODE)
		s = tl_str_slice(s, 0, at + MAX_CODE);
	while (at + ticks < s.len && s.ptr[at + ticks] == '`')
		ticks++;
	end = tl_str_find(s, tl_str_slice(s, at, at + ticks), at + ticks);
	return end == TL_NPOS ? at + ticks : end + ticks;
}

/* Where bytes of the data belong in the turns' texts. */
struct source {
	const struct tl_json *node;
	size_t beg, end; /* bytes of node->text */
	size_t turn;
	size_t at;     /* of the turn's text, where beg stands */
	bool is_whole; /* a value that holds the text: no bytes of its own */
};

static int
compare(const void *pa, const void *pb)
{
	const struct source *a = pa, *b = pb;
	uintptr_t na = (uintptr_t)a->node, nb = (uintptr_t)b->node;

	if (na != nb)
		return na < nb ? -1 : 1;
	if (a->beg != b->beg)
		return a->beg < b->beg ? -1 : 1;
	return a->turn < b->turn ? -1 : a->turn > b->turn;
}

static struct source *
list_sources(struct tl_arena *a, const struct tl_conv *conv, size_t *n)
{
	struct source *list;
	size_t max = 0;

	for (size_t i = 0; i < conv->nturns; i++)
		max += conv->turns[i].text.nruns + 2;
	list = TL_NEW(a, struct source, max);
	*n = 0;
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		for (size_t k = 0; k < t->text.nruns; k++) {
			const struct tl_run *r = &t->text.runs[k];

			if (r->kind == TL_RUN_CONTENT)
				list[(*n)++] =
				    (struct source){ r->node, r->src_beg,
					    r->src_end, i, r->beg, false };
		}
		if (tl_json_is(t->content_node, TL_JSON_ARRAY))
			list[(*n)++] = (struct source){ .node = t->content_node,
				.turn = i,
				.is_whole = true };
		if (t->node != NULL)
			list[(*n)++] = (struct source){
				.node = t->node, .turn = i, .is_whole = true
			};
	}
	qsort(list, *n, sizeof(*list), compare);
	return list;
}

/* The first source of that node which ends behind byte `from` of it; sources
 * of one node do not overlap. */
static size_t
find(const struct source *list, size_t n, const struct tl_json *node,
    size_t from)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct source *s = &list[mid];

		if ((uintptr_t)s->node < (uintptr_t)node ||
		    (s->node == node && !s->is_whole && s->end <= from))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
note_rewritten(struct tl_trace *t)
{
	t->is_reached = true;
	t->is_exact = false;
}

static void
note_copied(struct tl_trace *t, const struct source *s, const struct tl_run *r)
{
	size_t beg = r->src_beg > s->beg ? r->src_beg : s->beg;
	size_t end = r->src_end < s->end ? r->src_end : s->end;

	if (beg >= end)
		return;
	t->ncopied += end - beg;
	beg = beg - s->beg + s->at;
	end = end - s->beg + s->at;
	if (!t->is_reached || beg < t->beg)
		t->beg = beg;
	if (!t->is_reached || end > t->end)
		t->end = end;
	t->is_reached = true;
}

bool
tl_trace_has(const struct tl_trace *t, tl_span s)
{
	if (!t->is_reached)
		return false;
	return !t->is_exact || (t->beg < s.end && t->end > s.beg);
}

const struct tl_trace *
tl_conv_trace(struct tl_arena *a, const struct tl_conv *conv,
    const struct tl_text *rendered)
{
	struct tl_trace *traces = TL_NEW(a, struct tl_trace, conv->nturns);
	size_t n;
	const struct source *list = list_sources(a, conv, &n);

	for (size_t i = 0; i < conv->nturns; i++)
		traces[i].is_exact = true;
	for (size_t i = 0; i < rendered->nruns; i++) {
		const struct tl_run *r = &rendered->runs[i];

		if (r->node == NULL)
			continue;
		for (size_t k = find(list, n, r->node, r->src_beg);
		     k < n && list[k].node == r->node &&
		     (list[k].is_whole || r->src_beg == r->src_end ||
			 list[k].beg < r->src_end);
		     k++) {
			struct tl_trace *t = &traces[list[k].turn];

			if (r->kind == TL_RUN_CONTENT && !list[k].is_whole)
				note_copied(t, &list[k], r);
			else
				note_rewritten(t);
		}
	}
	return traces;
}
