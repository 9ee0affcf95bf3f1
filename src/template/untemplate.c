/* SPDX-License-Identifier: Apache-2.0 */
#include "template/untemplate.h"

#include <turnlint/marker.h>

#include <stdlib.h>
#include <string.h>

#define MAX_MARKERS 64
#define MAX_BARE 512 /* bytes of a system prompt without a marker */
#define MAX_PROOFS 6 /* walks of one template that are rendered again */
#define MAX_TAILS 4  /* pieces that are cut off a text's end */

/* Templates whose markers are plain words have this one. */
static const tl_str word = TL_LIT("ASSISTANT:");

struct candidate {
	struct ut_grammar g;
	bool is_known;	 /* anchor was sought */
	bool is_learned; /* edges are there */
	size_t size;	 /* of the source: of templates that explain a text
			  * equally well the simplest is named */
};

struct tl_untemplater {
	struct tl_arena *arena;	  /* holds this struct, and what is learned */
	struct tl_arena *scratch; /* of the one template at work on a text */
	struct candidate *list;	  /* the own one first */
	size_t n;
	bool has_own;
};

/* --- templates ------------------------------------------------------------ */

struct tl_untemplater *
tl_untemplater_new(const struct tl_template *own,
    const struct tl_special_tokens *tokens, tl_oom_fn *oom, void *ctx)
{
	struct tl_arena *a = tl_arena_new(oom, ctx);
	struct tl_untemplater *u = TL_NEW(a, struct tl_untemplater, 1);
	size_t nbuiltins;
	const struct tl_template_builtin *b = tl_template_builtins(&nbuiltins);

	u->arena = a;
	u->scratch = tl_arena_new(oom, ctx);
	u->list = TL_NEW(a, struct candidate, nbuiltins + 1);
	if (own != NULL) {
		struct candidate *c = &u->list[u->n++];

		u->has_own = true;
		c->g.t = own;
		c->g.name = tl_arena_cstr(a, tl_template_name(own));
		c->g.is_own = true;
		c->g.tokens =
		    tokens != NULL ? *tokens : tl_template_tokens(own);
	}
	for (size_t i = 0; i < nbuiltins; i++) {
		struct candidate *c = &u->list[u->n++];

		c->g.name = b[i].name;
		c->g.tokens = b[i].tokens;
		c->size = b[i].source_len;
	}
	return u;
}

void
tl_untemplater_free(struct tl_untemplater *u)
{
	if (u == NULL)
		return;
	tl_arena_free(u->scratch);
	tl_arena_free(u->arena);
}

void
tl_untemplater_force(struct tl_untemplater *u)
{
	u->n = u->has_own ? 1 : 0;
}

/* The anchor, found at the first asking. */
static tl_str
anchor_of(struct tl_untemplater *u, struct candidate *c)
{
	struct tl_template *t;
	struct tl_error err;

	if (c->is_known)
		return c->g.anchor;
	c->is_known = true;
	if (c->g.t == NULL) {
		if (tl_template_load(u->arena, c->g.name, &t, &err) != TL_OK)
			return c->g.anchor;
		c->g.t = t;
	}
	c->g.anchor = ut_anchor(u->arena, c->g.t, &c->g.tokens);
	return c->g.anchor;
}

/* --- which of them a text may be of --------------------------------------- */

struct marks {
	const struct tl_marker *list[MAX_MARKERS]; /* those in the text */
	size_t n;
	bool has_word;
};

static bool
has_mark(const struct marks *m, const struct tl_marker *x)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i] == x)
			return true;
	return false;
}

static void
find_marks(tl_str text, struct marks *out)
{
	struct tl_marker_scan scan;
	const struct tl_marker *m;
	size_t at;

	out->n = 0;
	tl_marker_scan(&scan, text);
	while ((m = tl_marker_next(&scan, &at)) != NULL)
		if (!has_mark(out, m) && out->n < MAX_MARKERS)
			out->list[out->n++] = m;
	out->has_word = tl_str_find(text, word, 0) != TL_NPOS;
}

static bool
may_be(struct tl_untemplater *u, struct candidate *c, tl_str text,
    const struct marks *marks)
{
	tl_str anchor;
	struct tl_marker_scan scan;
	const struct tl_marker *m;
	size_t at;

	if (!c->g.is_own && marks->n == 0 && !marks->has_word)
		return false;
	anchor = anchor_of(u, c);
	if (anchor.len == 0)
		return false;
	/* Every marker of the anchor must be there; a text with one turn has
	 * not the whole of it. */
	tl_marker_scan(&scan, anchor);
	m = tl_marker_next(&scan, &at);
	if (m == NULL)
		return tl_str_find(text, anchor, 0) != TL_NPOS;
	while (m != NULL) {
		if (has_mark(marks, m))
			return true;
		m = tl_marker_next(&scan, &at);
	}
	return false;
}

bool
tl_unframe_likely(struct tl_untemplater *u, tl_str text)
{
	struct tl_marker_scan scan;
	tl_str anchor;
	size_t at;

	tl_marker_scan(&scan, text);
	if (tl_marker_next(&scan, &at) != NULL ||
	    tl_str_find(text, word, 0) != TL_NPOS)
		return true;
	if (!u->has_own)
		return false;
	anchor = anchor_of(u, &u->list[0]);
	return anchor.len > 0 && tl_str_find(text, anchor, 0) != TL_NPOS;
}

/* --- one template on a text ----------------------------------------------- */

/* What one template makes of a text, in a few words: one text may have a
 * million turns, and all templates are tried. */
struct attempt {
	struct candidate *c;
	size_t order;
	bool is_complete;
	bool is_farfetched;
	size_t ncontent;
	size_t explained; /* of one that is not exact */
	bool has_rival;
	tl_span rival;
};

/* The walk goes by words of the template, not by white space or BOS alone. */
static bool
is_solid(const struct ut_grammar *g, const struct ut_walk *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n && n < 2; i++) {
		const struct ut_edge *e = w->steps[i].edge;

		if (e == NULL || e->core.len == 0)
			continue;
		if (i == 0 && tl_str_eq(e->core, g->tokens.bos))
			continue;
		n += i == 0 ? 2 : 1;
	}
	return n >= 2;
}

/* The text may begin with anything (a system prompt without a marker), and
 * pages about templates do: what is not exact must then look like it. */
static bool
is_farfetched(const struct ut_grammar *g, const struct ut_walk *w)
{
	tl_str core = w->steps[0].edge->core;

	if (core.len > 0 && !tl_str_eq(core, g->tokens.bos))
		return false;
	for (size_t i = 1; i < w->n; i++) {
		const struct ut_edge *e = w->steps[i].edge;
		struct tl_marker_scan scan;
		size_t at;

		if (e == NULL)
			continue;
		tl_marker_scan(&scan, e->core);
		if (tl_marker_next(&scan, &at) != NULL)
			return w->steps[1].end - w->steps[1].beg > MAX_BARE;
	}
	return true;
}

/* Take over what was built in the scratch arena. */
static void
set_built(struct tl_arena *a, struct tl_unframed *out, const struct attempt *t,
    const struct ut_walk *w, const struct ut_built *b)
{
	const struct ut_step *last = &w->steps[w->n - 1];
	struct tl_unframed_conv *convs =
	    TL_NEW(a, struct tl_unframed_conv, b->nconvs);
	struct tl_unframed_value *values =
	    TL_NEW(a, struct tl_unframed_value, b->nvalues);

	for (size_t i = 0; i < b->nconvs; i++) {
		convs[i] = b->convs[i];
		convs[i].json = tl_arena_str(a, b->convs[i].json);
	}
	for (size_t i = 0; i < b->nvalues; i++)
		values[i] = b->values[i];
	out->template_ = t->c->g.t;
	out->name = t->c->g.name;
	out->is_own = t->c->g.is_own;
	out->convs = convs;
	out->nconvs = b->nconvs;
	out->values = values;
	out->nvalues = b->nvalues;
	out->nturns = b->nturns;
	out->lacks_bos =
	    w->steps[0].edge != NULL && w->steps[0].edge->lacks_bos;
	out->ends_open = last->edge != NULL && last->edge->has_prompt;
	if (b->now != NULL)
		out->now = tl_arena_cstr(a, tl_str_from(b->now));
}

/* The turn that the fault stands in. */
static void
place_fault(struct tl_unframed *out)
{
	for (size_t i = 0;
	     i < out->nvalues && out->values[i].beg <= out->fault.beg; i++) {
		out->fault.turn = out->values[i].turn;
		out->fault.role = out->values[i].role;
	}
}

/* The first walk through the text: complete, or the farthest. */
static struct ut_parse *
begin(struct tl_untemplater *u, const struct candidate *c, tl_str text,
    struct ut_walk *w)
{
	struct ut_parse *p;

	tl_arena_reset(u->scratch);
	p = ut_parse_new(u->scratch, &c->g, text);
	if (!ut_parse_next(p, w))
		ut_parse_farthest(p, w);
	return p;
}

/* The first walk that renders to the same text, rather one that leaves no
 * doubt. */
static bool
try_exact(struct tl_untemplater *u, struct tl_arena *a, struct attempt *t,
    tl_str text, struct tl_unframed *out)
{
	struct ut_walk w;
	struct ut_parse *p = begin(u, t->c, text, &w);
	struct ut_built b;
	bool is_exact = false;

	for (size_t i = 0; i < MAX_PROOFS; i++) {
		struct tl_unframed try = { .how = TL_UNFRAME_EXACT,
			.explained = text.len };

		ut_build(u->scratch, &t->c->g, text, &w, &b);
		if (i == 0)
			t->explained = b.same;
		if (b.is_same && tl_is_space(b.rest)) {
			try.values = b.values;
			ut_find_doubts(&t->c->g, text, &w, &try);
			if (!is_exact || !try.is_doubtful) {
				set_built(a, &try, t, &w, &b);
				*out = try;
			}
			is_exact = true;
			if (!try.is_doubtful)
				break;
		}
		if (!ut_parse_next(p, &w))
			break;
	}
	return is_exact;
}

/* --- the best of them ----------------------------------------------------- */

static int
by_template(const struct attempt *a, const struct attempt *b)
{
	if (a->c->g.is_own != b->c->g.is_own)
		return a->c->g.is_own ? -1 : 1;
	if (a->c->size != b->c->size)
		return a->c->size < b->c->size ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Less content is more of the template; the user's own template goes first,
 * then the simplest. */
static int
by_content(const void *x, const void *y)
{
	const struct attempt *a = x, *b = y;

	if (a->is_complete != b->is_complete)
		return a->is_complete ? -1 : 1;
	if (a->ncontent != b->ncontent)
		return a->ncontent < b->ncontent ? -1 : 1;
	return by_template(a, b);
}

static int
by_explained(const void *x, const void *y)
{
	const struct attempt *a = x, *b = y;

	if (a->explained != b->explained)
		return a->explained > b->explained ? -1 : 1;
	return by_content(x, y);
}

static void
sum_up(struct attempt *t, tl_str text, const struct ut_walk *w)
{
	const struct ut_grammar *g = &t->c->g;
	struct tl_unframed u = { .how = TL_UNFRAME_UNTRIED };

	t->is_complete = w->is_complete;
	t->is_farfetched = is_farfetched(g, w);
	t->ncontent = w->ncontent;
	t->explained = w->steps[w->n - 1].beg;
	if (w->is_complete)
		ut_find_rival(g, text, w, &u);
	t->has_rival = u.has_rival;
	t->rival = u.rival;
}

/* Every template that may have made the text; what explains most of it comes
 * first. */
static size_t
attempt_all(struct tl_untemplater *u, tl_str text, struct attempt *list)
{
	struct marks marks;
	size_t n = 0;

	find_marks(text, &marks);
	for (size_t i = 0; i < u->n; i++) {
		struct candidate *c = &u->list[i];
		struct ut_walk w;

		if (!may_be(u, c, text, &marks))
			continue;
		if (!c->is_learned) {
			ut_learn(u->arena, &c->g);
			c->is_learned = true;
		}
		(void)begin(u, c, text, &w);
		if (w.n < 2 || !is_solid(&c->g, &w))
			continue;
		list[n] = (struct attempt){ .c = c, .order = i };
		sum_up(&list[n++], text, &w);
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), by_content);
	return n;
}

/* A template whose text this is but for what closes the last turn. */
static bool
find_unclosed(struct tl_untemplater *u, struct tl_arena *a, tl_str text,
    const struct attempt *list, size_t n, struct tl_unframed *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct attempt *t = &list[i];
		struct tl_unframed try = { .how = TL_UNFRAME_UNCLOSED,
			.explained = text.len };
		struct ut_walk w;
		struct ut_built b;

		if (t->is_complete || t->is_farfetched)
			continue;
		(void)begin(u, t->c, text, &w);
		ut_find_fault(&t->c->g, text, &w, &try);
		if (try.fault.kind != TL_FRAME_UNCLOSED)
			continue;
		ut_build(u->scratch, &t->c->g, text, &w, &b);
		if (!b.is_same)
			continue;
		set_built(a, &try, t, &w, &b);
		place_fault(&try);
		*out = try;
		return true;
	}
	return false;
}

/* No template renders the text: how far the best one goes, and why not
 * farther. */
static void
explain(struct tl_untemplater *u, struct tl_arena *a, tl_str text,
    struct attempt *list, size_t n, struct tl_unframed *out)
{
	struct attempt *t = &list[0];
	struct ut_walk w;
	struct ut_built b;

	qsort(list, n, sizeof(*list), by_explained);
	if (t->is_farfetched)
		return;
	(void)begin(u, t->c, text, &w);
	out->how = TL_UNFRAME_PARTIAL;
	out->explained = t->explained;
	ut_find_fault(&t->c->g, text, &w, out);
	ut_build(u->scratch, &t->c->g, text, &w, &b);
	set_built(a, out, t, &w, &b);
	place_fault(out);
}

/* What explains as much of the text, be it another template, may read it
 * otherwise. */
static void
find_rivals(const struct attempt *list, size_t n, const struct attempt *best,
    struct tl_unframed *out)
{
	for (size_t i = 0; i < n && !out->has_rival; i++) {
		if (!list[i].is_complete || list[i].ncontent != best->ncontent)
			continue;
		out->has_rival = list[i].has_rival;
		out->rival = list[i].rival;
	}
}

/* The best template that renders the text; a match that leaves no doubt before
 * one that does. */
static bool
find_exact(struct tl_untemplater *u, struct tl_arena *a, tl_str text,
    struct attempt *list, size_t n, struct tl_unframed *out)
{
	struct tl_unframed first = { .how = TL_UNFRAME_NONE };

	for (size_t i = 0; i < n && list[i].is_complete; i++) {
		struct tl_unframed try = { .how = TL_UNFRAME_NONE };

		if (!try_exact(u, a, &list[i], text, &try))
			continue;
		if (first.how == TL_UNFRAME_NONE || !try.is_doubtful)
			first = try;
		if (try.is_doubtful)
			continue;
		find_rivals(list, n, &list[i], &first);
		break;
	}
	*out = first;
	return first.how == TL_UNFRAME_EXACT;
}

/* EOS that someone put behind the rendered text, and further white space. */
static bool
find_with_tail(struct tl_untemplater *u, struct tl_arena *a, tl_str text,
    struct tl_unframed *out)
{
	struct attempt *list = TL_NEW(a, struct attempt, u->n);
	tl_str rest = text;

	for (size_t i = 0; i < MAX_TAILS; i++) {
		size_t len = tl_space_behind(rest);

		if (len == 0)
			len = tl_marker_eos(rest, (tl_str){ NULL, 0 }).len;
		if (len == 0)
			break;
		rest.len -= len;
		if (find_exact(
			u, a, rest, list, attempt_all(u, rest, list), out) &&
		    !out->is_doubtful) {
			out->tail = tl_str_slice(text, rest.len, text.len);
			return true;
		}
	}
	return false;
}

void
tl_untemplate(struct tl_untemplater *u, struct tl_arena *a, tl_str text,
    struct tl_unframed *out)
{
	struct attempt *list = TL_NEW(a, struct attempt, u->n);
	size_t n = attempt_all(u, text, list);
	struct tl_unframed doubtful;

	if (find_exact(u, a, text, list, n, out) && !out->is_doubtful)
		return;
	doubtful = *out;
	if (find_with_tail(u, a, text, out) ||
	    find_unclosed(u, a, text, list, n, out))
		return;
	*out = doubtful;
	if (out->how == TL_UNFRAME_NONE && n > 0)
		explain(u, a, text, list, n, out);
}
