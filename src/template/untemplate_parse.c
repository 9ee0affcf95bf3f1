/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk through a text along a grammar's edges: each value ends where the
 * first of its edges matches, the longest of those that match there.  No value
 * holds the text of one of its own edges: who reads the text could not tell
 * either.  A dead end is left for another edge at the same place.  A budget
 * keeps the search linear in the text.
 */
#include "template/untemplate.h"

#include <turnlint/limits.h>

#define MAX_DEAD_ENDS 64
#define WORK_PER_BYTE 48
#define WORK_AT_LEAST ((size_t)1 << 16)
#define WORK_PER_STEP 16

struct frame {
	struct ut_step step;
	/* The edge tried last, among those of the state. */
	size_t last_k; /* TL_NPOS: none yet */
	bool is_stuck; /* nothing was found so far */
};

struct found { /* of an edge: no match in [from, at) */
	size_t from, at;
	bool is_known;
};

struct ut_parse {
	struct tl_arena *a;
	const struct ut_grammar *g;
	tl_str text;
	struct frame *frames;
	size_t n, cap;
	struct found *found; /* g->nedges */
	size_t work, budget;
	size_t ndead;
	struct ut_walk farthest;
};

/* --- one edge ------------------------------------------------------------- */

/* Behind the literal at text[at], or TL_NPOS. */
static size_t
match(
    const struct ut_literal *lit, tl_str text, size_t at, struct ut_date *date)
{
	size_t done = 0;

	for (size_t i = 0; i <= lit->ndates; i++) {
		size_t upto =
		    i < lit->ndates ? lit->dates[i].at : lit->text.len;
		tl_str part = tl_str_slice(lit->text, done, upto);
		size_t len;

		if (at > text.len ||
		    !tl_str_starts(tl_str_slice(text, at, text.len), part))
			return TL_NPOS;
		at += part.len;
		done = upto;
		if (i == lit->ndates)
			break;
		len = ut_date_read(lit->dates[i].format, text, at, date);
		if (len == 0)
			return TL_NPOS;
		at += len;
	}
	return at;
}

static tl_str
first_part(const struct ut_literal *lit)
{
	return lit->ndates > 0 ? tl_str_slice(lit->text, 0, lit->dates[0].at)
			       : lit->text;
}

/* The first match of edge e from `lower` on. */
static size_t
find(struct ut_parse *p, const struct ut_edge *e, size_t lower)
{
	struct found *f = &p->found[e - p->g->edges];
	tl_str part = first_part(&e->lit);
	struct ut_date date;
	size_t at = lower;

	if (f->is_known && f->from <= lower && lower <= f->at)
		return f->at;
	do {
		at = tl_str_find(p->text, part, at);
	} while (at != TL_NPOS &&
	    match(&e->lit, p->text, at, &date) == TL_NPOS && ++at);
	p->work += (at == TL_NPOS ? p->text.len : at) - lower;
	*f = (struct found){ lower, at, true };
	return at;
}

/* Where the text ends with the literal, white space at its end left out or
 * not; TL_NPOS if it does not, or only before `lower`. */
static size_t
find_end(tl_str text, tl_str lit, size_t lower)
{
	size_t least = lit.len;

	while (least > 0 &&
	    (lit.ptr[least - 1] == '\n' || lit.ptr[least - 1] == ' '))
		least--;
	for (size_t len = lit.len + 1; len-- > least;)
		if (tl_str_ends(text, tl_str_slice(lit, 0, len)) &&
		    text.len - len >= lower)
			return text.len - len;
	return TL_NPOS;
}

/* --- one value ------------------------------------------------------------ */

static void
take(struct ut_parse *p, struct frame *f, size_t k, size_t at)
{
	const struct ut_edge *e = &p->g->edges[p->g->first[f->step.state] + k];

	f->last_k = k;
	f->is_stuck = false;
	f->step.edge = e;
	f->step.end = at;
	f->step.date = (struct ut_date){ 0 };
	f->step.next = e->to == UT_END
	    ? p->text.len
	    : match(&e->lit, p->text, at, &f->step.date);
}

/* The next edge that matches at the one place where the value ends. */
static bool
next_here(struct ut_parse *p, struct frame *f, size_t n, size_t at)
{
	const struct ut_edge *edges = &p->g->edges[p->g->first[f->step.state]];
	struct ut_date date;

	for (size_t k = f->last_k + 1; k < n; k++) { /* TL_NPOS + 1 is 0 */
		bool is_match = edges[k].to == UT_END
		    ? find_end(p->text, edges[k].lit.text, at) == at
		    : match(&edges[k].lit, p->text, at, &date) != TL_NPOS;

		if (is_match) {
			take(p, f, k, at);
			return true;
		}
	}
	return false;
}

static bool
next_edge(struct ut_parse *p, struct frame *f)
{
	const struct ut_grammar *g = p->g;
	const struct ut_edge *edges = &g->edges[g->first[f->step.state]];
	size_t n =
	    (size_t)(g->first[f->step.state + 1] - g->first[f->step.state]);
	size_t best = TL_NPOS, best_k = 0;

	if (f->step.state == UT_START)
		return next_here(p, f, n, 0);
	if (ut_is_json(f->step.state)) {
		if (f->step.end == TL_NPOS)
			return false;
		return next_here(p, f, n, f->step.end);
	}
	if (f->last_k != TL_NPOS)
		return next_here(p, f, n, f->step.end);
	for (size_t k = 0; k < n; k++) {
		size_t at = edges[k].to == UT_END
		    ? find_end(p->text, edges[k].lit.text, f->step.beg)
		    : find(p, &edges[k], f->step.beg);

		if (at < best) {
			best = at;
			best_k = k;
		}
	}
	if (best == TL_NPOS)
		return false;
	take(p, f, best_k, best);
	return true;
}

static void
push(struct ut_parse *p, ut_state state, size_t beg)
{
	struct frame *f;

	if (p->n == p->cap) {
		size_t cap = p->cap > 0 ? 2 * p->cap : 32;

		p->frames =
		    tl_arena_grow(p->a, p->frames, p->n * sizeof(*p->frames),
			cap * sizeof(*p->frames), _Alignof(struct frame));
		p->cap = cap;
	}
	f = &p->frames[p->n++];
	*f = (struct frame){ .step = { .state = state, .beg = beg },
		.last_k = TL_NPOS,
		.is_stuck = true };
	p->work += WORK_PER_STEP;
	if (ut_is_json(state)) {
		f->step.end = ut_json_end(p->text, beg);
		p->work +=
		    (f->step.end == TL_NPOS ? p->text.len : f->step.end) - beg;
	}
}

/* --- the walk ------------------------------------------------------------- */

static void
copy_walk(struct ut_parse *p, struct ut_walk *w, bool is_complete)
{
	struct ut_step *steps = TL_NEW(p->a, struct ut_step, p->n);

	w->steps = steps;
	w->n = p->n;
	w->ncontent = 0;
	w->is_complete = is_complete;
	for (size_t i = 0; i < p->n; i++) {
		steps[i] = p->frames[i].step;
		if (i + 1 == p->n && !is_complete) {
			steps[i].edge = NULL;
			steps[i].end = p->text.len;
		}
		if (i > 0)
			w->ncontent += steps[i].end - steps[i].beg;
	}
}

struct ut_parse *
ut_parse_new(struct tl_arena *a, const struct ut_grammar *g, tl_str text)
{
	struct ut_parse *p = TL_NEW(a, struct ut_parse, 1);

	p->a = a;
	p->g = g;
	p->text = text;
	p->found = TL_NEW(a, struct found, g->nedges);
	if (tl_mul_overflows(text.len, WORK_PER_BYTE, &p->budget) ||
	    tl_add_overflows(p->budget, WORK_AT_LEAST, &p->budget))
		p->budget = TL_NPOS;
	push(p, UT_START, 0);
	return p;
}

static void
dead_end(struct ut_parse *p)
{
	const struct frame *f = &p->frames[p->n - 1];
	const struct ut_walk *best = &p->farthest;

	if (f->is_stuck &&
	    (best->n == 0 || f->step.beg > best->steps[best->n - 1].beg))
		copy_walk(p, &p->farthest, false);
	p->ndead++;
	p->n--;
}

bool
ut_parse_next(struct ut_parse *p, struct ut_walk *out)
{
	while (p->n > 0 && p->ndead < MAX_DEAD_ENDS && p->work < p->budget) {
		struct frame *f = &p->frames[p->n - 1];

		if (!next_edge(p, f)) {
			dead_end(p);
			continue;
		}
		if (f->step.edge->to == UT_END) {
			copy_walk(p, out, true);
			p->ndead++; /* coming back for another counts */
			return true;
		}
		if (p->n > TL_MAX_TURNS)
			break;
		push(p, f->step.edge->to, f->step.next);
	}
	if (p->n > 0) /* out of budget */
		dead_end(p);
	return false;
}

void
ut_parse_farthest(const struct ut_parse *p, struct ut_walk *out)
{
	*out = p->farthest;
}
