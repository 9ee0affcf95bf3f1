/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: type chat_template, the labels of one row.
 *
 * The whole conversation is tokenized once.  Each turn to be trained is looked
 * for (axolotl_find.c), its span labelled, and the first end marker within
 * three tokens of the span's end counts as the turn's.
 */
#include "axolotl.h"

#define NEAR 3 /* tokens between a turn and its end marker */

/* A turn as it is processed. */
struct turn {
	size_t index;
	const struct ax_turn *t;
	bool should_train;
	struct ax_found found;
};

/* --- whose token it is ------------------------------------------------------
 */

void
ax_find_speakers(struct ax_work *w)
{
	const struct tl_text *text = &w->out->render.text;
	const struct tl_tokens *tk = &w->out->tokens;
	uint32_t *runs = TL_NEW(w->a, uint32_t, text->nruns);
	size_t hint = 0, at = 0;

	w->speakers = TL_NEW(w->a, uint32_t, tk->n);
	for (size_t i = 0; i < text->nruns; i++) {
		const struct tl_json *node = text->runs[i].node;
		size_t t = tl_turn_of_run(&w->row.conv, &text->runs[i], hint);

		runs[i] = TL_NOBODY;
		if (t == TL_NO_TURN)
			continue;
		hint = t;
		if (tl_turn_says(&w->row.conv.turns[t], node))
			runs[i] = (uint32_t)t;
	}
	for (size_t i = 0; i < tk->n; i++) {
		struct tl_offset o = tk->offsets[i];

		w->speakers[i] = TL_NOBODY;
		while (at > 0 && text->runs[at - 1].end > o.beg)
			at--;
		while (at < text->nruns && text->runs[at].end <= o.beg)
			at++;
		for (size_t k = at; w->speakers[i] == TL_NOBODY &&
		     k < text->nruns && text->runs[k].beg < o.end;
		     k++)
			w->speakers[i] = runs[k];
	}
}

/* --- reasons ----------------------------------------------------------------
 */

static bool
is_role(const struct ax_turn *t, const char *name)
{
	const struct tl_field *f = t->role;
	tl_str s;

	if (f == NULL)
		return tl_str_eq(TL_STR(""), tl_str_from(name));
	s = f->node != NULL ? tl_json_text(f->node, TL_STR("")) : f->text.str;
	return tl_str_eq(s, tl_str_from(name));
}

/* Why a token of a trained turn is trained. */
static enum tl_reason
trained_reason(const struct ax_turn *t, const struct ax_details *d)
{
	if (d != NULL)
		return d->is_parts ? TL_REASON_PART : TL_REASON_DETAIL;
	if (t->training != NULL)
		return TL_REASON_TRAIN_FLAG;
	return is_role(t, "assistant") ? TL_REASON_CONTENT
				       : TL_REASON_ROLE_TRAINED;
}

/* Why a token that a turn says is masked. */
static enum tl_reason
masked_reason(const struct turn *turn)
{
	const struct ax_turn *t = turn->t;

	if (!turn->should_train)
		return t->training != NULL ? TL_REASON_TRAIN_FALSE
		    : t->details.is_present || t->reasoning_details.is_present
		    ? TL_REASON_DETAIL_GAP
		    : TL_REASON_ROLE;
	if (!turn->found.is_found)
		return TL_REASON_NOT_FOUND;
	if (t->details.n > 0 || t->reasoning_details.n > 0)
		return t->details.is_parts ? TL_REASON_PART_MASKED
					   : TL_REASON_DETAIL_MASKED;
	if (turn->found.is_misplaced)
		return TL_REASON_SPAN_MISSED;
	return TL_REASON_DUMMY_OVERLAP;
}

static void
give_masked_reasons(struct ax_work *w, const struct turn *turns)
{
	for (size_t i = 0; i < w->out->tokens.n; i++)
		if (w->speakers[i] != TL_NOBODY &&
		    w->reasons[i] == TL_REASON_TEMPLATE)
			w->reasons[i] =
			    (uint8_t)masked_reason(&turns[w->speakers[i]]);
}

static void
train_token(
    struct ax_work *w, size_t i, const struct turn *turn, enum tl_reason reason)
{
	if (w->speakers[i] != TL_NOBODY && w->speakers[i] != turn->index)
		reason = TL_REASON_MISPLACED;
	else if (turn->found.is_misplaced && w->speakers[i] == TL_NOBODY)
		reason = TL_REASON_MISPLACED;
	w->reasons[i] = (uint8_t)reason;
}

/* --- one turn ---------------------------------------------------------------
 */

static bool
wants(const struct ax_work *w, const struct ax_turn *t)
{
	const struct ax_config *c = w->config;

	if (t->training != NULL)
		return ax_truth(t->training);
	if (t->details.is_present || t->reasoning_details.is_present)
		return t->details.n > 0 || t->reasoning_details.n > 0;
	if (c->train_on_inputs)
		return true;
	for (size_t i = 0; i < c->roles_to_train.n; i++) {
		const struct tl_field *f = t->role;
		tl_str role = f == NULL ? TL_STR("")
		    : f->node != NULL
		    ? tl_json_text(f->node, (tl_str){ NULL, 0 })
		    : f->text.str;

		if (f != NULL && role.ptr != NULL &&
		    tl_str_eq(role, c->roles_to_train.list[i]))
			return true;
	}
	return false;
}

static bool
text_of_field(struct ax_work *w, const struct tl_field *f, tl_str *out)
{
	*out = f != NULL && f->node == NULL ? f->text.str : TL_STR("");
	if (f != NULL && f->node == NULL)
		return true;
	if (f != NULL && f->node->kind == TL_JSON_STRING) {
		*out = f->node->text;
		return true;
	}
	ax_abort(w->cx, w->out,
	    "`train_detail` is not supported when the content is not a "
	    "string");
	return false;
}

/* The tokens that the details of a text alone train, laid from token `beg` of
 * the conversation on, one by one. */
static bool
lay_details(struct ax_work *w, const struct turn *turn,
    const struct tl_field *field, const struct ax_details *d, size_t beg)
{
	uint8_t *fates;
	tl_str text;
	size_t n;

	if (!text_of_field(w, field, &text) ||
	    !ax_train_details(w, text, d, &fates, &n))
		return false;
	for (size_t i = 0; i < n && beg + i < w->out->tokens.n; i++)
		if (fates[i] == AX_TRAINED)
			train_token(
			    w, beg + i, turn, trained_reason(turn->t, d));
		else if (fates[i] == AX_TORN && !d->is_parts &&
		    w->reasons[beg + i] == TL_REASON_TEMPLATE)
			w->reasons[beg + i] = TL_REASON_DETAIL_PARTIAL;
	return true;
}

static bool
train_turn(struct ax_work *w, const struct turn *turn)
{
	const struct ax_turn *t = turn->t;
	const struct ax_found *f = &turn->found;

	if (!f->is_found)
		return true;
	if (t->details.n > 0)
		return lay_details(w, turn, t->content, &t->details, f->beg);
	if (t->reasoning_details.n > 0)
		return true;
	for (size_t i = f->beg; i < f->end && i < w->out->tokens.n; i++)
		train_token(w, i, turn, trained_reason(t, NULL));
	return true;
}

static bool
train_reasoning(struct ax_work *w, struct turn *turn)
{
	const struct ax_turn *t = turn->t;
	struct ax_found f;

	if (t->reasoning_details.n == 0 || t->thinking == NULL)
		return true;
	if (!ax_find_turn(w, turn->index, AX_REASONING_ONLY, &f))
		return false;
	return !f.is_found ||
	    lay_details(w, turn, t->thinking, &t->reasoning_details, f.beg);
}

/* --- end markers ------------------------------------------------------------
 */

/* One kind of end marker over the turns of a row. */
struct marker {
	bool is_eot;
	int option;  /* enum ax_eos */
	size_t last; /* TL_NPOS: none yet */
};

static bool
is_marker(const struct ax_work *w, const struct marker *m, size_t i)
{
	uint32_t id = w->out->tokens.ids[i];

	return m->is_eot ? ax_is_eot(w->config, id)
			 : w->config->eos_id == (int64_t)id;
}

/* The marker behind the span.  axolotl says -1 for a turn that was not found
 * and looks from there: at the last token, which then counts as none, and on
 * from the first. */
static size_t
find_marker(
    const struct ax_work *w, const struct marker *m, bool is_found, size_t end)
{
	size_t n = w->out->tokens.n;
	size_t from = is_found ? end : 0, limit;

	if (!is_found && n > 0 && is_marker(w, m, n - 1))
		return TL_NPOS;
	limit = is_found ? end + NEAR + 1 : NEAR;
	for (size_t i = from; i < n && i < limit; i++)
		if (is_marker(w, m, i))
			return i;
	return TL_NPOS;
}

static void
handle_marker(struct ax_work *w, struct marker *m, const struct turn *turn)
{
	size_t i = find_marker(w, m, turn->found.is_found, turn->found.end);

	if (i == TL_NPOS)
		return;
	m->last = i;
	if (m->option == AX_ALL || (m->option == AX_TURN && turn->should_train))
		train_token(w, i, turn, TL_REASON_EOS);
	else if (turn->should_train && w->reasons[i] == TL_REASON_TEMPLATE)
		w->reasons[i] = TL_REASON_EOS_MASKED;
}

static bool
process(struct ax_work *w, struct turn *turn, struct marker markers[2])
{
	if (!ax_find_turn(w, turn->index, ax_part_of(turn->t), &turn->found))
		return false;
	if (turn->should_train &&
	    (!train_turn(w, turn) || !train_reasoning(w, turn)))
		return false;
	for (size_t i = 0; i < 2; i++)
		handle_marker(w, &markers[i], turn);
	return true;
}

static void
handle_last(struct ax_work *w, const struct marker *m)
{
	if (m->option == AX_LAST && m->last != TL_NPOS)
		w->reasons[m->last] = TL_REASON_EOS;
}

/* --- a row ------------------------------------------------------------------
 */

void
ax_render(struct ax_work *w, const struct tl_conv *conv, bool adds_prompt,
    struct tl_render *r)
{
	struct tl_render_options opt = w->cx->recipe->render_options;

	opt.vars = w->config->kwargs;
	opt.add_generation_prompt = adds_prompt;
	tl_template_render(
	    w->cx->recipe->template_, w->a, conv, conv->nturns, &opt, r);
}

bool
ax_take_render(
    struct ax_work *w, const struct tl_render *r, struct tl_tokens *t)
{
	struct tl_error err;

	if (r->fault != TL_RENDER_OK) {
		ax_abort(w->cx, w->out,
		    "the template does not render this row: %s",
		    ax_shown(w->a, r->message));
		return false;
	}
	if (tl_encode(w->cx->encoder, w->a, r->text.str, 0, t, &err) == TL_OK)
		return true;
	ax_abort(w->cx, w->out, "%s", err.message);
	return false;
}

void
ax_label_chat(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	struct ax_work w = {
		.cx = cx, .config = c, .a = cx->arena, .out = out
	};
	struct marker markers[] = {
		{ true, c->train_on_eot, TL_NPOS },
		{ false, c->train_on_eos, TL_NPOS },
	};

	struct turn *turns;
	bool *wanted;

	if (c->profile == AX_SEED) {
		ax_label_seed(&w, conv);
		return;
	}
	if (!ax_read_row(cx, c, conv, &w.row, out))
		return;
	turns = TL_NEW(w.a, struct turn, w.row.conv.nturns);
	wanted = TL_NEW(w.a, bool, w.row.conv.nturns);
	for (size_t i = 0; i < w.row.conv.nturns; i++) {
		turns[i] = (struct turn){ .index = i, .t = &w.row.turns[i] };
		turns[i].should_train = wants(&w, turns[i].t);
		wanted[i] = turns[i].should_train ||
		    c->train_on_eos == AX_ALL || c->train_on_eot == AX_ALL;
	}
	if (!ax_render_all(&w, wanted))
		return;
	ax_find_speakers(&w);
	w.reasons = TL_NEW(w.a, uint8_t, out->tokens.n);
	memset(w.reasons, TL_REASON_TEMPLATE, out->tokens.n);
	for (size_t i = 0; i < w.row.conv.nturns; i++)
		if (wanted[i] && !process(&w, &turns[i], markers))
			return;
	handle_last(&w, &markers[0]);
	handle_last(&w, &markers[1]);
	give_masked_reasons(&w, turns);
	out->reasons = w.reasons;
	ax_finish(cx, c, out);
}
