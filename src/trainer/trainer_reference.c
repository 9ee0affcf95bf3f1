/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference: the mask one would draw by hand.
 *
 * Conversations: render once, tokenize the text as it stands (the template
 * writes BOS, so the tokenizer adds nothing), train what assistant turns say
 * and the marker that ends them, mask the rest; train, weight and train_detail
 * of the data are honoured (plan.c).
 *
 * Whose text the template's own literals are:
 *  - between two things a turn says ("</think>", the frame of a tool call):
 *    the turn's;
 *  - in front of reasoning or tool calls, behind the generation prompt: the
 *    turn's, since the model has to write it;
 *  - behind the last thing it says: the end marker, up to and including the
 *    first special token, or without one to the end of what the template
 *    writes for this turn, less white space.  A marker that only appears with
 *    the next turn's rendering is the next turn's;
 *  - {% generation %} decides these where the template has it around the turn.
 *
 * Pairs go through the template as user and assistant; without a template
 * they are joined, the completion is trained and closed by the tokenizer's EOS.
 * Texts are trained whole, as they stand.  Segments by their labels.
 */
#include <turnlint/buf.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "whole.h"

/* Bytes that may be rendered again to find the edges of turns, as a multiple
 * of the text: bounds the work on a record of a million empty turns. */
#define RENDER_FACTOR 64
#define RENDER_EXTRA ((size_t)1 << 20)

/* Text of the template that belongs to a turn. */
struct claim {
	size_t beg, end;
	enum tl_reason reason;
	size_t turn;
};

/* A literal that was once proven to frame a turn: found again at the same
 * place of the template it needs no proof. */
enum frame_kind {
	FRAME_CLOSER, /* stands behind what a turn says */
	FRAME_OPENER, /* … in front of it */
	FRAME_SILENT, /* from the turn before to the end of one that is empty */
};

struct frame {
	enum frame_kind kind;
	uint32_t line, column;
	tl_str bytes;
	size_t stop; /* SILENT: where in bytes the stop token begins */
};

enum run_use {
	RUN_LITERAL, /* the template's */
	RUN_HEADER,  /* a turn's role, name, … */
	RUN_SAID,    /* what a turn says */
	RUN_OTHER,   /* of the record, but of no turn: tools, … */
};

struct run_info {
	enum run_use use;
	size_t turn;
};

#define NO_RUN ((size_t)-1)

struct turn_info {
	struct tl_turn_plan plan;
	size_t first_said, last_said; /* runs, or NO_RUN */
};

struct work {
	const struct tl_trainer_cx *cx;
	const struct tl_conv *conv;
	struct tl_arena *a;
	const struct tl_text *text;
	const struct tl_tokens *tokens;
	struct run_info *runs;
	struct turn_info *turns;
	tl_span *generation; /* sorted */
	size_t ngeneration;
	struct frame *frames;
	size_t nframes, cap_frames;
	struct claim *claims;
	size_t nclaims, cap_claims;
	struct tl_mark *marks;
	size_t nmarks, cap_marks;
	size_t render_budget;
	size_t part; /* of a turn's text, where the search begins */
};

/* --- what the runs are ---------------------------------------------------- */

static void
classify(struct work *w)
{
	size_t hint = 0;

	for (size_t i = 0; i < w->text->nruns; i++) {
		const struct tl_run *r = &w->text->runs[i];
		struct run_info *info = &w->runs[i];
		struct turn_info *t;

		info->turn = TL_NO_TURN;
		if (r->node == NULL)
			continue;
		info->use = RUN_OTHER;
		info->turn = tl_turn_of_run(w->conv, r, hint);
		if (info->turn == TL_NO_TURN)
			continue;
		hint = info->turn;
		t = &w->turns[info->turn];
		info->use = RUN_HEADER;
		if (!tl_turn_says(&w->conv->turns[info->turn], r->node))
			continue;
		info->use = RUN_SAID;
		if (t->first_said == NO_RUN)
			t->first_said = i;
		t->last_said = i;
	}
}

/* Beginning of the first run from i on that somebody said. */
static size_t
next_said(const struct work *w, size_t i)
{
	for (; i < w->text->nruns; i++)
		if (w->runs[i].use == RUN_SAID || w->runs[i].use == RUN_OTHER)
			return w->text->runs[i].beg;
	return w->text->str.len;
}

/* End of the last run before i that is not the template's. */
static size_t
previous_end(const struct work *w, size_t i)
{
	while (i-- > 0)
		if (w->runs[i].use != RUN_LITERAL)
			return w->text->runs[i].end;
	return 0;
}

static size_t
run_index_at(const struct work *w, size_t at)
{
	const struct tl_run *r = tl_text_run_at(w->text, at);

	return r != NULL ? (size_t)(r - w->text->runs) : w->text->nruns;
}

/* --- rendering again ------------------------------------------------------ */

/* The first n turns alone; false when the template refuses them. */
static bool
render_first(struct work *w, size_t n, bool with_prompt, struct tl_render *out)
{
	struct tl_render_options opt = w->cx->recipe->render_options;

	if (w->render_budget < w->text->str.len)
		return false;
	opt.add_generation_prompt = with_prompt;
	tl_template_render(
	    w->cx->recipe->template_, w->a, w->conv, n, &opt, out);
	w->render_budget -= w->text->str.len;
	return out->fault == TL_RENDER_OK;
}

/* What the template writes behind turn t when nothing follows it.  at: where
 * that begins in the whole text. */
static tl_str
tail_of(struct work *w, size_t t, size_t at)
{
	struct tl_render p = { .fault = TL_RENDER_OK };
	tl_str all = w->text->str;

	if (t == w->conv->nturns - 1)
		return tl_str_slice(all, at, all.len);
	if (!render_first(w, t + 1, false, &p))
		return (tl_str){ NULL, 0 };
	for (size_t i = p.text.nruns; i-- > 0;) {
		const struct tl_run *r = &p.text.runs[i];

		if (r->node != NULL && tl_turn_of_run(w->conv, r, t) == t &&
		    tl_turn_says(&w->conv->turns[t], r->node))
			return tl_str_slice(p.text.str, r->end, p.text.str.len);
	}
	/* It says nothing: its text begins where it does in the whole. */
	return tl_str_slice(p.text.str, at, p.text.str.len);
}

/* Where the model takes over in turn t: behind the generation prompt.  In
 * [from, to] of the text, or TL_NPOS. */
static size_t
takeover(struct work *w, size_t t, size_t from, size_t to)
{
	struct tl_render with = { .fault = TL_RENDER_OK }, without = with;
	tl_str all = w->text->str, prompt;
	size_t at = TL_NPOS;

	if (!render_first(w, t, true, &with))
		return TL_NPOS;
	if (with.text.str.len >= from && with.text.str.len <= to &&
	    tl_str_starts(all, with.text.str))
		return with.text.str.len;
	/* Earlier turns are rendered otherwise when others follow: look for
	 * the prompt alone. */
	if (!render_first(w, t, false, &without) ||
	    !tl_str_starts(with.text.str, without.text.str))
		return TL_NPOS;
	prompt = tl_str_slice(
	    with.text.str, without.text.str.len, with.text.str.len);
	if (prompt.len == 0)
		return TL_NPOS;
	for (size_t i = from; i + prompt.len <= to; i++)
		if (tl_str_starts(tl_str_slice(all, i, to), prompt))
			at = i + prompt.len;
	return at;
}

/* --- frames --------------------------------------------------------------- */

static const struct frame *
find_frame(const struct work *w, enum frame_kind kind, const struct tl_run *r,
    tl_str text)
{
	for (size_t i = 0; i < w->nframes; i++) {
		const struct frame *f = &w->frames[i];

		if (f->kind == kind && f->line == r->line &&
		    f->column == r->column &&
		    (kind == FRAME_OPENER ? tl_str_ends(text, f->bytes)
					  : tl_str_starts(text, f->bytes)))
			return f;
	}
	return NULL;
}

static void
add_frame(struct work *w, enum frame_kind kind, const struct tl_run *r,
    tl_str bytes, size_t stop)
{
	TL_PUSH(w->a, w->frames, w->nframes, w->cap_frames,
	    (struct frame){ kind, r->line, r->column, bytes, stop });
}

/* --- claims --------------------------------------------------------------- */

static void
claim(struct work *w, size_t beg, size_t end, enum tl_reason reason, size_t t)
{
	if (beg < end)
		TL_PUSH(w->a, w->claims, w->nclaims, w->cap_claims,
		    (struct claim){ beg, end, reason, t });
}

static const tl_span *
generation_at(const struct work *w, size_t at)
{
	size_t lo = 0, hi = w->ngeneration;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->generation[mid].beg <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && at < w->generation[lo - 1].end ? &w->generation[lo - 1]
							: NULL;
}

/* The first special token within bytes [beg, end), or TL_NPOS. */
static size_t
find_special(const struct work *w, size_t beg, size_t end)
{
	const struct tl_tokens *tk = w->tokens;
	size_t lo = 0, hi = tk->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (tk->offsets[mid].beg < beg)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < tk->n && tk->offsets[lo].end <= end; lo++)
		if ((tl_tokenizer_flags(w->cx->recipe->tokenizer, tk->ids[lo]) &
			TL_TOKEN_SPECIAL) != 0)
			return lo;
	return TL_NPOS;
}

/* Where the marker behind byte `at` of turn t ends (at: there is none).  It
 * lies before `limit`, where somebody speaks again. */
static size_t
find_closer(struct work *w, size_t t, size_t at, size_t limit)
{
	size_t i = run_index_at(w, at);
	tl_str rest = tl_str_slice(w->text->str, at, limit), tail;
	const struct frame *known;
	size_t common = 0, special, end;

	if (rest.len == 0)
		return at;
	known = find_frame(w, FRAME_CLOSER, &w->text->runs[i], rest);
	if (known != NULL)
		return at + known->bytes.len;
	tail = tail_of(w, t, at);
	while (common < rest.len && common < tail.len &&
	    rest.ptr[common] == tail.ptr[common])
		common++;
	special = find_special(w, at, at + common);
	if (special != TL_NPOS) {
		end = w->tokens->offsets[special].end;
	} else {
		end = at;
		if (w->conv->turns[t].role == TL_ROLE_ASSISTANT)
			end += common;
		while (end > at &&
		    tl_str_is_blank(tl_str_slice(w->text->str, end - 1, end)))
			end--;
	}
	if (tail.len > 0)
		add_frame(w, FRAME_CLOSER, &w->text->runs[i],
		    tl_str_slice(w->text->str, at, end), 0);
	return end;
}

static void
claim_closer(struct work *w, size_t t)
{
	struct turn_info *ti = &w->turns[t];
	size_t at = w->text->runs[ti->last_said].end;
	size_t limit = next_said(w, ti->last_said + 1);
	const tl_span *g = generation_at(w, at - 1);
	size_t end;

	if (g != NULL)
		end = g->end < limit ? g->end : limit;
	else
		end = find_closer(w, t, at, limit);
	claim(w, at, end, ti->plan.closer, t);
}

static void
claim_opener(struct work *w, size_t t)
{
	struct turn_info *ti = &w->turns[t];
	const struct tl_run *said = &w->text->runs[ti->first_said];
	size_t from = previous_end(w, ti->first_said);
	const tl_span *g = generation_at(w, said->beg);
	tl_str before = tl_str_slice(w->text->str, from, said->beg);
	const struct frame *known;
	size_t beg;

	if (g != NULL) {
		enum tl_reason r = tl_reason_is_trained(ti->plan.base)
		    ? TL_REASON_GENERATION
		    : ti->plan.base;

		claim(w, g->beg > from ? g->beg : from, said->beg, r, t);
		return;
	}
	if (before.len == 0 ||
	    tl_turn_has_content(&w->conv->turns[t], said->node))
		return;
	known = find_frame(w, FRAME_OPENER, said - 1, before);
	if (known != NULL) {
		beg = said->beg - known->bytes.len;
	} else {
		beg = takeover(w, t, from, said->beg);
		if (beg == TL_NPOS)
			return;
		add_frame(w, FRAME_OPENER, said - 1,
		    tl_str_slice(w->text->str, beg, said->beg), 0);
	}
	claim(w, beg, said->beg, ti->plan.base, t);
}

/* The last special token of what the template writes for silent turn t, which
 * stands in [from, limit]; only white space follows it.  The first one may be
 * that of the header, when there is no generation prompt to tell them apart. */
static bool
prove_stop(struct work *w, size_t t, size_t from, size_t limit, tl_span *out)
{
	size_t at = takeover(w, t, from, limit), common = 0, k;
	tl_str rest, tail;

	if (at == TL_NPOS || at >= limit)
		return false;
	rest = tl_str_slice(w->text->str, at, limit);
	tail = tail_of(w, t, at);
	while (common < rest.len && common < tail.len &&
	    rest.ptr[common] == tail.ptr[common])
		common++;
	*out = (tl_span){ at, at };
	while ((k = find_special(w, out->end, at + common)) != TL_NPOS)
		*out = (tl_span){ w->tokens->offsets[k].beg,
			w->tokens->offsets[k].end };
	return out->end > at &&
	    tl_str_is_blank(tl_str_slice(w->text->str, out->end, at + common));
}

static bool
find_stop(struct work *w, size_t t, size_t from, size_t limit, tl_span *out)
{
	const struct tl_run *r = tl_text_run_at(w->text, from);
	bool is_next = t > 0 && w->turns[t - 1].last_said != NO_RUN;
	const struct frame *known = NULL;

	if (is_next && r != NULL)
		known = find_frame(w, FRAME_SILENT, r,
		    tl_str_slice(w->text->str, from, limit));
	if (known != NULL) {
		*out = (tl_span){ from + known->stop, from + known->bytes.len };
		return true;
	}
	if (!prove_stop(w, t, from, limit, out))
		return false;
	if (is_next && r != NULL)
		add_frame(w, FRAME_SILENT, r,
		    tl_str_slice(w->text->str, from, out->end),
		    out->beg - from);
	return true;
}

/* An assistant turn that leaves no byte of its own in the text still ends.
 * What the template makes up in front of its end is not said by the turn. */
static void
claim_silent(struct work *w, size_t t, size_t last_run)
{
	size_t from = last_run != NO_RUN ? w->text->runs[last_run].end : 0;
	size_t limit = next_said(w, last_run != NO_RUN ? last_run + 1 : 0);
	const tl_span *g;
	tl_span stop;

	if (!find_stop(w, t, from, limit, &stop))
		return;
	g = generation_at(w, stop.beg);
	if (g != NULL) {
		stop.beg = g->beg > from ? g->beg : from;
		stop.end = g->end < limit ? g->end : limit;
	}
	claim(w, stop.beg, stop.end, w->turns[t].plan.closer, t);
}

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->beg != y->beg)
		return x->beg < y->beg ? -1 : 1;
	return (x->turn > y->turn) - (x->turn < y->turn);
}

static void
make_claims(struct work *w)
{
	size_t last_run = NO_RUN; /* of the turns so far */

	for (size_t t = 0; t < w->conv->nturns; t++) {
		struct turn_info *ti = &w->turns[t];
		bool is_assistant = w->conv->turns[t].role == TL_ROLE_ASSISTANT;

		if (ti->first_said == NO_RUN) {
			if (is_assistant)
				claim_silent(w, t, last_run);
			continue;
		}
		last_run = ti->last_said;
		if (!is_assistant && ti->plan.closer == TL_REASON_TEMPLATE)
			continue;
		claim_opener(w, t);
		claim_closer(w, t);
	}
	if (w->nclaims > 0)
		qsort(
		    w->claims, w->nclaims, sizeof(*w->claims), compare_claims);
}

/* --- marks ---------------------------------------------------------------- */

static void
mark(struct work *w, size_t beg, size_t end, enum tl_reason reason,
    bool is_said, size_t turn)
{
	if (beg < end)
		TL_PUSH(w->a, w->marks, w->nmarks, w->cap_marks,
		    (struct tl_mark){ beg, end, reason, is_said, turn });
}

/* Bytes [beg, end) of the turn's text stand at `at` of the rendered text. */
static void
mark_stretches(struct work *w, size_t at, size_t beg, size_t end, size_t turn)
{
	const struct tl_turn_plan *p = &w->turns[turn].plan;
	size_t lo = 0, hi = p->nstretches;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->stretches[mid].end <= beg)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < p->nstretches && p->stretches[lo].beg < end; lo++) {
		const struct tl_stretch *s = &p->stretches[lo];
		size_t b = s->beg > beg ? s->beg : beg;
		size_t e = s->end < end ? s->end : end;

		mark(w, at + (b - beg), at + (e - beg), s->reason, true, turn);
	}
}

/* The one fate of the whole content, for text made of it by a filter. */
static enum tl_reason
whole_fate(const struct tl_turn_plan *p)
{
	for (size_t i = 1; i < p->nstretches; i++)
		if (tl_reason_is_trained(p->stretches[i].reason) !=
		    tl_reason_is_trained(p->stretches[0].reason))
			return TL_REASON_DETAIL_PARTIAL;
	return p->stretches[0].reason;
}

static void
mark_said(struct work *w, const struct tl_run *r, size_t turn)
{
	const struct tl_turn *t = &w->conv->turns[turn];
	const struct tl_turn_plan *p = &w->turns[turn].plan;
	size_t at = r->beg, nruns = t->text.nruns;

	if (p->nstretches == 0 || !tl_turn_has_content(t, r->node)) {
		mark(w, r->beg, r->end, p->base, true, turn);
		return;
	}
	/* A rendering mostly keeps the order of the parts. */
	for (size_t k = 0;
	     k < nruns && at < r->end && r->kind == TL_RUN_CONTENT; k++) {
		size_t i = (w->part + k) % nruns;
		const struct tl_run *s = &t->text.runs[i];
		size_t b = r->src_beg + (at - r->beg), e, n;

		if (s->node != r->node || s->src_beg > b || s->src_end <= b)
			continue;
		e = s->src_end < r->src_end ? s->src_end : r->src_end;
		n = e - b;
		b = s->beg + (b - s->src_beg);
		mark_stretches(w, at, b, b + n, turn);
		at += n;
		w->part = i;
		k = 0;
	}
	mark(w, at, r->end, whole_fate(p), true, turn);
}

/* Template text [beg, end): what is claimed is its turn's. */
static void
mark_literal(struct work *w, size_t beg, size_t end, size_t *next)
{
	while (*next < w->nclaims && beg < end) {
		const struct claim *c = &w->claims[*next];

		if (c->beg >= end)
			break;
		if (c->end <= beg) {
			++*next;
			continue;
		}
		if (c->beg > beg) {
			mark(w, beg, c->beg, TL_REASON_TEMPLATE, false,
			    TL_NO_TURN);
			beg = c->beg;
		}
		mark(w, beg, c->end < end ? c->end : end, c->reason, false,
		    c->turn);
		beg = c->end < end ? c->end : end;
	}
	mark(w, beg, end, TL_REASON_TEMPLATE, false, TL_NO_TURN);
}

/* The marks from `from` on stand between two things turn `turn` says: its own
 * when both sides are trained. */
static void
mark_gap(struct work *w, size_t from, size_t to, size_t turn)
{
	const struct tl_turn_plan *p = &w->turns[turn].plan;
	enum tl_reason before = w->marks[from - 1].reason;
	enum tl_reason after = w->marks[to].reason;
	enum tl_reason r = before;

	if (tl_reason_is_trained(before) && tl_reason_is_trained(after))
		r = tl_reason_is_trained(p->base) ? p->base : before;
	else if (tl_reason_is_trained(before))
		r = after;
	for (size_t i = from; i < to; i++) {
		w->marks[i].reason = r;
		w->marks[i].turn = turn;
	}
}

static void
make_marks(struct work *w)
{
	size_t next = 0, gap = 0, speaker = TL_NO_TURN;

	for (size_t i = 0; i < w->text->nruns; i++) {
		const struct tl_run *r = &w->text->runs[i];
		size_t first = w->nmarks;

		switch (w->runs[i].use) {
		case RUN_LITERAL:
			mark_literal(w, r->beg, r->end, &next);
			break;
		case RUN_HEADER:
			mark_literal(w, r->beg, r->end, &next);
			speaker = TL_NO_TURN;
			break;
		case RUN_OTHER:
			mark(w, r->beg, r->end, TL_REASON_PROMPT, true,
			    TL_NO_TURN);
			speaker = TL_NO_TURN;
			break;
		case RUN_SAID:
			mark_said(w, r, w->runs[i].turn);
			if (speaker == w->runs[i].turn && gap > 0)
				mark_gap(w, gap, first, speaker);
			speaker = w->runs[i].turn;
			gap = w->nmarks;
			break;
		}
	}
}

/* --- the kinds of records --------------------------------------------------
 */

static int
compare_spans(const void *a, const void *b)
{
	const tl_span *x = a, *y = b;

	return (x->beg > y->beg) - (x->beg < y->beg);
}

static void
label_chat(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	struct tl_arena *a = cx->arena;
	struct work w = {
		.cx = cx,
		.conv = conv,
		.a = a,
		.text = &out->render.text,
		.tokens = &out->tokens,
		.runs = TL_NEW(a, struct run_info, out->render.text.nruns),
		.turns = TL_NEW(a, struct turn_info, conv->nturns),
		.generation = TL_NEW(a, tl_span, out->render.ngeneration),
		.ngeneration = out->render.ngeneration,
		.render_budget =
		    RENDER_FACTOR * out->render.text.str.len + RENDER_EXTRA,
	};

	if (w.ngeneration > 0) {
		memcpy(w.generation, out->render.generation,
		    w.ngeneration * sizeof(*w.generation));
		qsort(w.generation, w.ngeneration, sizeof(*w.generation),
		    compare_spans);
	}
	for (size_t i = 0; i < conv->nturns; i++) {
		tl_plan_turn(a, &conv->turns[i], &w.turns[i].plan);
		w.turns[i].first_said = w.turns[i].last_said = NO_RUN;
	}
	classify(&w);
	make_claims(&w);
	make_marks(&w);
	tl_label_by_marks(a, out, w.marks, w.nmarks);
}

static void
label_segments(
    struct tl_arena *a, const struct tl_conv *conv, struct tl_sample *out)
{
	struct tl_mark *marks = TL_NEW(a, struct tl_mark, conv->nsegments);
	size_t at = 0, n = 0;

	for (size_t i = 0; i < conv->nsegments; i++) {
		size_t end = at + conv->segments[i].text.str.len;

		if (end > at)
			marks[n++] = (struct tl_mark){ at, end,
				conv->segments[i].is_trained
				    ? TL_REASON_SEGMENT
				    : TL_REASON_SEGMENT_MASKED,
				true, i };
		at = end;
	}
	tl_label_by_marks(a, out, marks, n);
}

/* prompt + completion + EOS, when there is no template to put them in. */
static struct tl_text
join_pair(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_mark marks[3])
{
	struct tl_text parts[3] = { conv->prompt, conv->completion };
	tl_str eos = tl_tokenizer_tokens(cx->recipe->tokenizer).eos;
	size_t n = 2, at = 0;

	if (eos.len > 0 && !tl_str_ends(conv->completion.str, eos))
		parts[n++] = tl_text_added(cx->arena, eos);
	for (size_t i = 0; i < 3; i++) {
		size_t end = at + (i < n ? parts[i].str.len : 0);

		marks[i] = (struct tl_mark){ at, end,
			i == 0	     ? TL_REASON_PROMPT
			    : i == 1 ? TL_REASON_COMPLETION
				     : TL_REASON_EOS,
			i < 2, i };
		at = end;
	}
	return tl_text_concat(cx->arena, parts, n);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	struct tl_arena *a = cx->arena;
	struct tl_mark pair[3];
	bool is_joined = cx->render == NULL && conv->kind == TL_CONV_PAIR;

	if (is_joined) {
		out->render.text = join_pair(cx, conv, pair);
	} else if (cx->render == NULL) {
		tl_label_fail(a, out, TL_VERDICT_KEPT,
		    "there is no template to put the conversation in");
		return;
	} else {
		out->render = *cx->render;
	}
	if (out->render.fault != TL_RENDER_OK) {
		tl_whole_fail_render(cx, NULL, out);
		return;
	}
	if (!tl_whole_encode(cx, 0, NULL, out))
		return;
	if (is_joined)
		tl_label_by_marks(a, out, pair, TL_COUNT(pair));
	else if (conv->kind == TL_CONV_TEXT)
		tl_label_all(a, out, TL_REASON_ALL);
	else if (conv->kind == TL_CONV_SEGMENTS)
		label_segments(a, conv, out);
	else
		label_chat(cx, conv, out);
	tl_label_finish(a, out, cx->recipe->sequence_len, TL_SIDE_RIGHT);
}

const struct tl_trainer tl_trainer_reference = {
	.name = "reference",
	.summary = "trains what the assistant says and the marker that ends it",
	.wants_render = true,
	.label = label,
};
