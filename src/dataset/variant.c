/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversations that differ from the record's in one thing: what a rule renders
 * to learn what a template does with it.
 */
#include <turnlint/conv.h>

#include <stdlib.h>
#include <string.h>

struct tl_turn *
tl_conv_copy(
    struct tl_arena *a, const struct tl_conv *conv, struct tl_conv *copy)
{
	struct tl_turn *turns = TL_NEW(a, struct tl_turn, conv->nturns);

	if (conv->nturns > 0)
		memcpy(turns, conv->turns, conv->nturns * sizeof(*turns));
	*copy = *conv;
	copy->turns = turns;
	return turns;
}

const struct tl_field *
tl_turn_field(const struct tl_turn *t, tl_str name)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (tl_str_eq(t->fields[i].name, name))
			return &t->fields[i];
	return NULL;
}

void
tl_turn_set_field(struct tl_arena *a, struct tl_turn *t, tl_str name,
    const struct tl_json *value)
{
	struct tl_field *fields = TL_NEW(a, struct tl_field, t->nfields + 1);
	size_t n = 0;
	bool is_set = value == NULL;

	for (size_t i = 0; i < t->nfields; i++) {
		fields[n] = t->fields[i];
		if (tl_str_eq(fields[n].name, name)) {
			if (value == NULL)
				continue;
			fields[n] =
			    (struct tl_field){ .name = name, .node = value };
			is_set = true;
		}
		n++;
	}
	if (!is_set)
		fields[n++] = (struct tl_field){ .name = name, .node = value };
	t->fields = fields;
	t->nfields = n;
}

const struct tl_json *
tl_json_string_like(struct tl_arena *a, const struct tl_json *v, tl_str text)
{
	struct tl_json *s = TL_NEW(a, struct tl_json, 1);

	if (v != NULL)
		*s = *v;
	s->kind = TL_JSON_STRING;
	s->text = text;
	s->first = NULL;
	s->nchildren = 0;
	return s;
}

const struct tl_json *
tl_json_swapped(struct tl_arena *a, const struct tl_json *v,
    tl_json_swap_fn *swap, void *ctx)
{
	const struct tl_json *other = swap(ctx, v);
	struct tl_json *copy = TL_NEW(a, struct tl_json, 1);
	const struct tl_json **link = &copy->first;

	*copy = *other;
	copy->next = NULL;
	if (other != v)
		return copy;
	copy->first = NULL;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		struct tl_json *child = TL_NEW(a, struct tl_json, 1);

		*child = *tl_json_swapped(a, c, swap, ctx);
		*link = child;
		link = &child->next;
	}
	return copy;
}

/* --- what was rendered --- */

/* Copies of a value have its bytes: those are compared, not addresses. */
struct tl_reached {
	tl_span *spans; /* sorted by beg */
	size_t n;
	size_t *ends; /* the last end among the spans up to each */
};

static int
compare(const void *pa, const void *pb)
{
	const tl_span *a = pa, *b = pb;

	return a->beg < b->beg ? -1 : a->beg > b->beg;
}

/* The spans that begin before byte `at`. */
static size_t
count_before(const tl_span *spans, size_t n, size_t at)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (spans[mid].beg < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct tl_reached *
tl_text_reached(struct tl_arena *a, const struct tl_text *rendered)
{
	struct tl_reached *r = TL_NEW(a, struct tl_reached, 1);
	const struct tl_json *before = NULL;
	size_t most = 0;

	r->spans = TL_NEW(a, tl_span, rendered->nruns);
	r->ends = TL_NEW(a, size_t, rendered->nruns);
	for (size_t i = 0; i < rendered->nruns; i++) {
		const struct tl_json *node = rendered->runs[i].node;

		if (node == NULL || node == before)
			continue;
		r->spans[r->n++] = node->span;
		before = node;
	}
	if (r->n > 0)
		qsort(r->spans, r->n, sizeof(*r->spans), compare);
	for (size_t i = 0; i < r->n; i++) {
		if (r->spans[i].end > most)
			most = r->spans[i].end;
		r->ends[i] = most;
	}
	return r;
}

/* Values lie within each other or apart: one that begins before v and reaches
 * to its end holds it, one that begins in v is a part of it. */
bool
tl_reached_has(const struct tl_reached *r, const struct tl_json *v)
{
	size_t at = count_before(r->spans, r->n, v->span.beg);

	return (at > 0 && r->ends[at - 1] >= v->span.end) ||
	    (at < r->n && r->spans[at].beg < v->span.end);
}

tl_span
tl_turn_thought(const struct tl_turn *t)
{
	const tl_str open_tag = TL_STR("<think>");
	tl_str s = t->text.str;
	size_t beg = tl_space_before(s), end;
	tl_str inner;

	if (!tl_str_starts(tl_str_slice(s, beg, s.len), open_tag))
		return (tl_span){ 0, 0 };
	beg += open_tag.len;
	end = tl_str_find(s, TL_STR("</think>"), beg);
	if (end == TL_NPOS)
		return (tl_span){ 0, 0 };
	inner = tl_str_slice(s, beg, end);
	if (tl_is_space(inner))
		return (tl_span){ 0, 0 };
	return (tl_span){ beg + tl_space_before(inner),
		end - tl_space_behind(inner) };
}
