/* SPDX-License-Identifier: Apache-2.0 */
/* What in a text does not go with its template. */
#include "template/untemplate.h"

#include <turnlint/marker.h>

/* --- markers -------------------------------------------------------------- */

struct mark {
	size_t at;
	tl_str what;
	const char *family; /* NULL: the template's own words */
};

static void
take_nearer(struct mark *best, size_t at, tl_str what, const char *family)
{
	if (at < best->at)
		*best = (struct mark){ at, what, family };
}

/* The first marker in bytes [beg, end) of the text: a known one, one of the
 * template's words, its BOS or EOS. */
static struct mark
first_mark(const struct ut_grammar *g, tl_str text, size_t beg, size_t end)
{
	tl_str s = tl_str_slice(text, beg, end);
	const tl_str tokens[] = { g->tokens.bos, g->tokens.eos };
	struct mark best = { .at = TL_NPOS };
	struct tl_marker_scan scan;
	const struct tl_marker *m;
	size_t at;

	tl_marker_scan(&scan, s);
	m = tl_marker_next(&scan, &at);
	if (m != NULL)
		take_nearer(&best, at, m->text, m->family);
	for (size_t i = 0; i < g->nwords; i++)
		take_nearer(
		    &best, tl_str_find(s, g->words[i], 0), g->words[i], NULL);
	for (size_t i = 0; i < TL_COUNT(tokens); i++)
		if (tokens[i].len > 0)
			take_nearer(&best, tl_str_find(s, tokens[i], 0),
			    tokens[i], NULL);
	if (best.at != TL_NPOS)
		best.at += beg;
	return best;
}

/* The template prints this marker itself. */
static bool
is_own(const struct ut_grammar *g, tl_str what)
{
	for (size_t i = 0; i < g->nedges; i++)
		if (tl_str_find(g->edges[i].lit.text, what, 0) != TL_NPOS)
			return true;
	return false;
}

/* --- an exact match ------------------------------------------------------- */

/* Another edge with the same text leads to a value that could end within this
 * one. */
static bool
has_rival(const struct ut_grammar *g, tl_str text, const struct ut_step *from,
    const struct ut_step *s, tl_span *out)
{
	tl_str value = tl_str_slice(text, s->beg, s->end);

	for (size_t i = g->first[from->state]; i < g->first[from->state + 1];
	     i++) {
		const struct ut_edge *e = &g->edges[i];

		if (e->to == from->edge->to || e->to == UT_END ||
		    !tl_str_eq(e->lit.text, from->edge->lit.text))
			continue;
		for (size_t k = g->first[e->to]; k < g->first[e->to + 1]; k++) {
			tl_str way = g->edges[k].lit.text;
			size_t at = tl_str_find(value, way, 0);

			if (g->edges[k].to != s->state || at == TL_NPOS)
				continue;
			*out = (tl_span){ s->beg + at, s->beg + at + way.len };
			return true;
		}
	}
	return false;
}

/* Where an edge's text stands in a value that a marker was found in. */
static void
find_cores(const struct ut_grammar *g, tl_str text, const struct ut_step *s,
    struct tl_unframed *out)
{
	tl_str value = tl_str_slice(text, s->beg, s->end);
	size_t best = TL_NPOS, len = 0;

	for (size_t i = 0; i < g->nedges; i++) {
		tl_str core = g->edges[i].core;
		size_t at;

		if (core.len == 0 || g->edges[i].starts_over)
			continue;
		at = tl_str_find(value, core, 0);
		if (at < best) {
			best = at;
			len = core.len;
		}
	}
	if (best == TL_NPOS || out->is_doubtful)
		return;
	out->is_doubtful = true;
	out->doubt = (tl_span){ s->beg + best, s->beg + best + len };
}

void
ut_find_rival(const struct ut_grammar *g, tl_str text, const struct ut_walk *w,
    struct tl_unframed *out)
{
	for (size_t i = 1; i < w->n && !out->has_rival; i++)
		if (!ut_is_json(w->steps[i].state))
			out->has_rival = has_rival(g, text, &w->steps[i - 1],
			    &w->steps[i], &out->rival);
}

void
ut_find_doubts(const struct ut_grammar *g, tl_str text, const struct ut_walk *w,
    struct tl_unframed *out)
{
	ut_find_rival(g, text, w, out);
	for (size_t i = 1; i < w->n; i++) {
		const struct ut_step *s = &w->steps[i];
		const struct tl_unframed_value *v = &out->values[i - 1];
		struct mark m;

		if (ut_is_json(s->state))
			continue;
		m = first_mark(g, text, s->beg, s->end);
		if (m.at == TL_NPOS)
			continue;
		find_cores(g, text, s, out);
		if (out->fault.kind == TL_FRAME_WHOLE)
			out->fault = (struct tl_frame_fault){
				.kind = TL_FRAME_MARKER,
				.beg = m.at,
				.end = m.at + m.what.len,
				.role = v->role,
				.turn = v->turn,
				.what = m.what,
				.family = is_own(g, m.what) ? NULL : m.family,
			};
	}
}

/* --- a walk that ended ---------------------------------------------------- */

/* What closes a value of that kind at the end of a text; its bytes that the
 * text ends with are in *nhave. */
static tl_str
closer_of(const struct ut_grammar *g, tl_str text, const struct ut_step *s,
    size_t *nhave)
{
	tl_str best = { NULL, 0 };

	*nhave = 0;
	for (size_t i = g->first[s->state]; i < g->first[s->state + 1]; i++) {
		const struct ut_edge *e = &g->edges[i];

		if (e->to != UT_END || e->has_prompt || e->core.len == 0)
			continue;
		if (best.len > 0 && best.len <= e->lit.text.len)
			continue;
		best = e->lit.text;
	}
	for (size_t n = best.len; n > 0; n--)
		if (s->beg + n <= text.len &&
		    tl_str_ends(text, tl_str_slice(best, 0, n))) {
			*nhave = n;
			break;
		}
	return best;
}

/* The markers of the closer that are not there whole. */
static tl_str
missing(tl_str closer, size_t nhave)
{
	while (nhave > 0 && closer.ptr[nhave - 1] != '>' &&
	    closer.ptr[nhave - 1] != '\n')
		nhave--;
	return tl_str_trim(tl_str_slice(closer, nhave, closer.len));
}

/* The way out of value s that ends a text, when it stands at byte `at`: behind
 * it. */
static size_t
behind_end(
    const struct ut_grammar *g, tl_str text, const struct ut_step *s, size_t at)
{
	size_t best = TL_NPOS;

	for (size_t i = g->first[s->state]; i < g->first[s->state + 1]; i++) {
		const struct ut_edge *e = &g->edges[i];
		tl_str lit = e->lit.text;
		size_t space = tl_space_before(lit);

		/* A marker was found, the white space before it not. */
		if (e->to != UT_END || e->has_prompt || e->core.len == 0 ||
		    at < s->beg + space)
			continue;
		if (tl_str_starts(
			tl_str_slice(text, at - space, text.len), lit) &&
		    (best == TL_NPOS || at - space + lit.len > best))
			best = at - space + lit.len;
	}
	return best;
}

void
ut_find_fault(const struct ut_grammar *g, tl_str text, struct ut_walk *w,
    struct tl_unframed *out)
{
	struct ut_step *s = &w->steps[w->n - 1];
	struct tl_frame_fault f = { .role = ut_role_of(s->state),
		.turn = TL_NO_TURN };
	size_t nhave, behind;
	tl_str closer;
	struct mark m;

	if (w->is_complete) {
		f.kind = TL_FRAME_ALTERED;
		f.beg = out->explained;
		f.end = f.beg + (f.beg < text.len);
		out->fault = f;
		return;
	}
	m = first_mark(g, text, s->beg, text.len);
	closer = closer_of(g, text, s, &nhave);
	if (m.at == TL_NPOS || m.at >= text.len - nhave) {
		s->end = text.len - nhave;
		f.kind = TL_FRAME_UNCLOSED;
		f.beg = s->end;
		f.end = text.len;
		f.what = missing(closer, nhave);
		out->fault = f;
		return;
	}
	behind = behind_end(g, text, s, m.at);
	if (behind != TL_NPOS && behind < text.len) {
		size_t lf = tl_str_find_char(text, '\n', behind);

		f.kind = TL_FRAME_BEHIND;
		f.beg = behind;
		f.end = lf == TL_NPOS ? text.len : lf;
		f.what = tl_str_slice(text, f.beg, f.end);
	} else {
		f.kind = TL_FRAME_MARKER;
		f.beg = m.at;
		f.end = m.at + m.what.len;
		f.what = m.what;
		f.family = is_own(g, m.what) ? NULL : m.family;
	}
	s->end = f.beg;
	out->explained = f.beg;
	out->fault = f;
}
