/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama-factory: the labels of LLaMA-Factory (its v0 engine).
 *
 * A record becomes messages through an entry of dataset_info.json.  Each
 * message is written by a template of its own, string by string; messages make
 * pairs of a source, masked, and a target, trained; pairs are cut one by one
 * to what is left of cutoff_len.
 */
#include <turnlint/str.h>

#include <string.h>

#include "llama_factory_work.h"

static void
fail(struct tl_lf_work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

/* --- pairs ---------------------------------------------------------------- */

/* Where the tokens of a source and its target lie, and how many are kept. */
struct pair {
	size_t beg, mid, end;
	size_t nsource, ntarget;
};

static void
emit_pairs(struct tl_lf_work *w, const struct tl_lf_message *m, size_t n,
    bool thinks_last_only, struct pair *pairs)
{
	bool is_reasoning = (w->c->t->traits & TL_LF_REASONING) != 0;

	for (size_t i = 0; i + 1 < n && !w->join.has_failed; i += 2) {
		struct pair *p = &pairs[i / 2];
		bool adds = is_reasoning &&
		    tl_lf_has_no_thought(w, &m[i + 1]) &&
		    (!thinks_last_only || i + 2 == n);

		p->beg = w->join.ntokens;
		tl_lf_emit_message(w, &m[i], i, &tl_lf_source);
		if (adds && w->c->thinking != TL_LF_THINKING_ON)
			tl_lf_emit_empty_thought(w, TL_REASON_TEMPLATE);
		p->mid = w->join.ntokens;
		if (adds && w->c->thinking == TL_LF_THINKING_ON)
			tl_lf_emit_empty_thought(w, TL_REASON_HEADER);
		tl_lf_emit_message(w, &m[i + 1], i + 1, &tl_lf_target);
		p->end = w->join.ntokens;
	}
}

/* How many tokens of a source and of a target are kept of `cut`. */
static void
infer(size_t nsource, size_t ntarget, size_t cut, struct pair *p)
{
	size_t max = cut;

	if (ntarget * 2 < cut)
		max = cut;
	else if (nsource * 2 < cut)
		max = cut - nsource;
	else
		max = (size_t)((double)cut *
		    ((double)ntarget / (double)(nsource + ntarget)));
	p->ntarget = max < ntarget ? max : ntarget;
	p->nsource = cut - p->ntarget < nsource ? cut - p->ntarget : nsource;
}

/* Share out cutoff_len: from the first pair on, or from the last when the
 * history is masked. */
static void
cut_pairs(struct tl_lf_work *w, struct pair *pairs, size_t n)
{
	size_t cutoff = w->c->cutoff_len;
	size_t total = (w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0;

	for (size_t k = 0; k < n && total < cutoff; k++) {
		struct pair *p = &pairs[w->c->mask_history ? n - 1 - k : k];

		infer(p->mid - p->beg, p->end - p->mid, cutoff - total, p);
		total += p->nsource + p->ntarget;
	}
}

/* --- labels --------------------------------------------------------------- */

static void
keep(bool *is_kept, size_t beg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		is_kept[beg + i] = true;
}

/* Labels that efficient_eos puts on the first token of what follows an
 * answer: eos, where there should be nothing. */
static void
label_pairs(struct tl_lf_work *w, struct pair *pairs, size_t n, bool *is_kept)
{
	bool is_efficient = (w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0;
	int64_t eos = tl_tokenizer_eos(w->join.cx->recipe->tokenizer);

	for (size_t i = 0; i < n; i++) {
		const struct pair *p = &pairs[i];
		bool is_first = w->c->mask_history ? i + 1 == n : i == 0;
		bool is_there = p->nsource + p->ntarget > 0;

		keep(is_kept, p->beg, p->nsource);
		keep(is_kept, p->mid, p->ntarget);
		if (w->c->train_on_prompt)
			tl_join_label(&w->join, p->beg, p->mid, true);
		if (w->c->mask_history && !is_first)
			tl_join_label(&w->join, p->mid, p->end, false);
		if (!is_efficient || is_first || !is_there)
			continue;
		if (p->nsource == 0)
			fail(w,
			    "a prompt without tokens gets the label of the "
			    "answer before it: more labels than tokens");
		else
			tl_join_label_as(&w->join, p->beg, (uint32_t)eos);
	}
}

static void
finish(struct tl_lf_work *w, struct pair *pairs, size_t n)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	bool is_efficient = (w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0;
	size_t ntokens = w->join.ntokens;
	bool *is_kept = TL_NEW(w->a, bool, ntokens + 1);

	cut_pairs(w, pairs, n);
	if (is_efficient) {
		tl_join_id(&w->join, tl_tokenizer_eos(t),
		    tl_tokenizer_tokens(t).eos, TL_REASON_EOS);
		is_kept[ntokens] = true;
	}
	label_pairs(w, pairs, n, is_kept);
	tl_lf_check_missing(w, is_kept);
	if (tl_join_finish(&w->join))
		tl_label_finish_kept(w->a, w->join.out, is_kept, w->join.labels,
		    w->c->cutoff_len);
}

/* --- records -------------------------------------------------------------- */

static const char *const media[] = { "image", "video", "audio" };

/* Pictures, films and sounds: as many as there are places for them. */
static bool
check_media(struct tl_lf_work *w, const struct tl_lf_message *m, size_t n)
{
	bool takes_media = (w->c->t->traits & TL_LF_MEDIA) != 0;

	for (size_t k = 0; k < TL_COUNT(media); k++) {
		tl_str hole =
		    tl_str_from(tl_arena_printf(w->a, "<%s>", media[k]));
		size_t nfiles = w->example.nmedia[k], nholes = 0;

		if (nfiles > 0 && !takes_media) {
			fail(w,
			    tl_arena_printf(w->a,
				"This model does not support %s input",
				media[k]));
			return false;
		}
		for (size_t i = 0; takes_media && i < n; i++)
			for (size_t at = 0;
			     (at = tl_str_find(
				  m[i].content.text.str, hole, at)) != TL_NPOS;
			     at += hole.len)
				nholes++;
		if (takes_media && nholes != nfiles) {
			fail(w,
			    tl_arena_printf(w->a,
				"the number of %ss, %zu, does not match the "
				"number of <%s> in the messages, %zu",
				media[k], nfiles, media[k], nholes));
			return false;
		}
		if (nfiles > 0) {
			tl_label_fail(w->a, w->join.out, TL_VERDICT_KEPT,
			    "how many tokens a picture, a film or a sound "
			    "becomes depends on the file: not computed");
			return false;
		}
	}
	return true;
}

/* The record has no system text, and the template's own is not here. */
static bool
check_system(struct tl_lf_work *w)
{
	const struct tl_lf_template *t = w->c->t;

	if (t->ndefault == 0 || w->c->default_system.ptr != NULL ||
	    (w->example.system.is_text && w->example.system.text.str.len > 0))
		return true;
	tl_label_fail(w->a, w->join.out, TL_VERDICT_KEPT,
	    "turnlint does not carry the default system prompt of the "
	    "template %s (%zu characters): give it as the option "
	    "default_system",
	    t->name, t->ndefault);
	return false;
}

static void
drop(struct tl_lf_work *w, const char *why)
{
	tl_label_fail(w->a, w->join.out, TL_VERDICT_DROPPED,
	    "LLaMA-Factory warns \"%s\" and drops the record", why);
}

/* All messages: the prompt and one answer. */
static struct tl_lf_message *
messages_of(struct tl_lf_work *w, size_t answer, size_t *n)
{
	size_t nprompt = w->example.nprompt;
	struct tl_lf_message *m =
	    TL_NEW(w->a, struct tl_lf_message, nprompt + 1);

	if (nprompt > 0)
		memcpy(m, w->example.prompt, nprompt * sizeof(*m));
	m[nprompt] = w->example.response[answer];
	*n = nprompt + 1;
	return m;
}

static void
label_supervised(struct tl_lf_work *w)
{
	bool drops_history = w->c->mask_history && !w->c->preserve_thinking;
	struct tl_lf_message *m;
	struct pair *pairs;
	size_t n;

	if (w->example.nprompt % 2 != 1 || w->example.nresponse != 1) {
		drop(w,
		    w->example.warning != NULL ? w->example.warning
					       : "Dropped invalid example");
		return;
	}
	m = messages_of(w, 0, &n);
	if (!check_system(w) || !check_media(w, m, n))
		return;
	pairs = TL_NEW(w->a, struct pair, n / 2);
	tl_lf_remove_thoughts(w, m, n,
	    drops_history || w->c->thinking == TL_LF_THINKING_OFF,
	    w->c->thinking == TL_LF_THINKING_OFF);
	emit_pairs(w, m, n, drops_history, pairs);
	if (!w->join.has_failed)
		finish(w, pairs, n / 2);
}

/* --- preferences and feedback --------------------------------------------- */

/* The conversation up to one answer: all of it is the source, but for that
 * answer. */
static void
emit_oneturn(struct tl_lf_work *w, size_t answer, struct pair *p)
{
	bool is_reasoning = (w->c->t->traits & TL_LF_REASONING) != 0;
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	struct tl_lf_message *m;
	bool adds;
	size_t n;

	m = messages_of(w, answer, &n);
	if (!check_system(w) || !check_media(w, m, n))
		return;
	tl_lf_remove_thoughts(w, m, n, !w->c->preserve_thinking,
	    w->c->thinking == TL_LF_THINKING_OFF);
	for (size_t i = 0; i + 1 < n; i++)
		tl_lf_emit_message(w, &m[i], i, &tl_lf_source);
	adds = is_reasoning && tl_lf_has_no_thought(w, &m[n - 1]);
	if (adds && w->c->thinking != TL_LF_THINKING_ON)
		tl_lf_emit_empty_thought(w, TL_REASON_TEMPLATE);
	p->mid = w->join.ntokens;
	if (adds && w->c->thinking == TL_LF_THINKING_ON)
		tl_lf_emit_empty_thought(w, TL_REASON_HEADER);
	tl_lf_emit_message(w, &m[n - 1], n - 1, &tl_lf_target);
	if ((w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0)
		tl_join_id(&w->join, tl_tokenizer_eos(t),
		    tl_tokenizer_tokens(t).eos, TL_REASON_EOS);
	p->end = w->join.ntokens;
}

/* How many tokens the answer beside has; both are cut alike. */
static size_t
other_length(const struct tl_lf_work *w, size_t answer)
{
	struct tl_sample out = { .is_built = false };
	struct tl_lf_work other = *w;
	struct pair p = { .beg = 0 };

	tl_join_init(&other.join, w->join.cx, &out, w->join.framework);
	emit_oneturn(&other, answer, &p);
	return p.end - p.mid;
}

static void
finish_oneturn(struct tl_lf_work *w, struct pair *p, size_t nother)
{
	size_t n = p->end - p->mid;
	bool *is_kept = TL_NEW(w->a, bool, w->join.ntokens + 1);

	infer(p->mid, n > nother ? n : nother, w->c->cutoff_len, p);
	keep(is_kept, 0, p->nsource);
	keep(is_kept, p->mid, p->ntarget < n ? p->ntarget : n);
	tl_lf_check_missing(w, is_kept);
	if (tl_join_finish(&w->join))
		tl_label_finish_kept(
		    w->a, w->join.out, is_kept, NULL, w->c->cutoff_len);
}

static bool
says_something(const struct tl_lf_value *v)
{
	return v->node != NULL &&
	    tl_flag_truth(TL_FLAG_INVALID, v->node) == TL_FLAG_TRUE;
}

/* The chosen answer; the rejected one is stored beside it.  Feedback: the one
 * that is not empty. */
static void
label_preference(struct tl_lf_work *w)
{
	const struct tl_lf_example *e = &w->example;
	bool is_feedback = w->c->stage == TL_LF_STAGE_KTO;
	struct pair p = { .beg = 0 };
	size_t nother = 0, answer = 0;

	if (e->nprompt % 2 != 1 || e->nresponse < 2) {
		drop(w,
		    e->warning != NULL ? e->warning
				       : "Dropped invalid example");
		return;
	}
	if (is_feedback && !says_something(&e->response[0].content))
		answer = 1;
	emit_oneturn(w, answer, &p);
	if (!is_feedback)
		nother = other_length(w, 1);
	if (!w->join.has_failed && p.end > 0)
		finish_oneturn(w, &p, nother);
}

/* --- plain text ----------------------------------------------------------- */

/* Records are laid into sequences of cutoff_len; by default texts are. */
static bool
packs(const struct tl_lf_config *c)
{
	if (c->neat_packing || c->says_packing)
		return c->neat_packing || c->packing;
	return c->stage == TL_LF_STAGE_PT;
}

/* The tokenizer puts bos in front of a text. */
static bool
adds_bos(struct tl_lf_work *w)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	struct tl_tokens tokens;

	return tl_tokenizer_bos(t) >= 0 &&
	    tl_encode(w->join.cx->encoder, w->a, TL_STR(""), TL_ENCODE_SPECIAL,
		&tokens, NULL) == TL_OK &&
	    tokens.n > 0 && tokens.ids[0] == tl_tokenizer_bos(t);
}

/* The first message and eos, all of it trained. */
static void
label_text(struct tl_lf_work *w)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	tl_str eos = tl_tokenizer_tokens(t).eos;
	struct tl_chunks c = { .n = 0 };

	if (w->example.nprompt == 0) {
		fail(w, "the record has no prompt (list index out of range)");
		return;
	}
	if (!w->example.prompt[0].content.is_text) {
		fail(w, "the prompt is not a string");
		return;
	}
	if (strcmp(w->c->t->name, "llama3") == 0)
		eos = TL_STR("<|end_of_text|>");
	if (!packs(w->c) && adds_bos(w))
		tl_chunks_literal(
		    w->a, &c, tl_tokenizer_tokens(t).bos, TL_REASON_ALL);
	tl_chunks_add(w->a, &c, w->example.prompt[0].content.text,
	    TL_REASON_ALL, true, w->example.prompt[0].content.turn);
	tl_chunks_literal(w->a, &c, eos, TL_REASON_ALL);
	tl_join_string(&w->join, &c, 0);
	/* Packed texts are one stream, cut into blocks. */
	if (tl_join_finish(&w->join))
		tl_label_finish(w->a, w->join.out,
		    packs(w->c) ? 0 : w->c->cutoff_len, TL_SIDE_RIGHT);
}

static void
label_example(struct tl_lf_work *w)
{
	bool wants_ranking =
	    w->c->stage == TL_LF_STAGE_RM || w->c->stage == TL_LF_STAGE_DPO;

	if (w->example.error != NULL)
		fail(w, w->example.error);
	else if (w->example.ranking != wants_ranking)
		fail(w,
		    wants_ranking ? "the stage is one of preferences, the "
				    "dataset is not (\"ranking\")"
				  : "a dataset of preferences (\"ranking\") "
				    "is not applicable in this stage");
	else if (w->c->stage == TL_LF_STAGE_SFT)
		label_supervised(w);
	else if (w->c->stage == TL_LF_STAGE_PT)
		label_text(w);
	else
		label_preference(w);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct tl_lf_config *c = cx->recipe->trainer_config;
	struct tl_lf_work w = {
		.c = c,
		.a = cx->arena,
		.conv = conv,
		.now = cx->recipe->render_options.now,
	};

	tl_join_init(&w.join, cx, out, "LLaMA-Factory");
	tl_lf_convert(cx, conv, &c->entry, &c->writer, &w.example);
	label_example(&w);
	if (packs(c))
		out->pack_len = c->cutoff_len;
}

const struct tl_trainer tl_trainer_llama_factory = {
	.name = "llama-factory",
	.summary = "LLaMA-Factory: its templates, cutoff_len, mask_history",
	.reads_record = true,
	.configure = tl_lf_configure,
	.prepare = tl_lf_prepare,
	.label = label,
};
