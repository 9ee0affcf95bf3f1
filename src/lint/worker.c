/* SPDX-License-Identifier: Apache-2.0 */
/* One thread's part: a record through its stages and the rules over it. */
#include "lint/ignores.h"
#include "lint/linter.h"
#include "lint/select.h"

#include <stdlib.h>
#include <string.h>

/* It knows the run's own template beside the built-ins. */
static struct tl_untemplater *
new_untemplater(const struct tl_recipe *r, tl_oom_fn *oom, void *ctx)
{
	bool has_own = r != NULL && !r->is_default_template;

	return tl_untemplater_new(has_own ? r->template_ : NULL,
	    has_own ? &r->render_options.tokens : NULL, oom, ctx);
}

struct tl_worker *
tl_worker_new(const struct tl_linter *l, tl_oom_fn *oom, void *ctx)
{
	struct tl_arena *own = tl_arena_new(oom, ctx);
	struct tl_worker *w = TL_NEW(own, struct tl_worker, 1);

	w->linter = l;
	w->own = own;
	w->oom = oom;
	w->oom_ctx = ctx;
	w->arena = tl_arena_new(oom, ctx);
	w->own_states =
	    tl_arena_alloc(own, l->state_size, 1, _Alignof(max_align_t));
	w->states = w->own_states;
	w->is_off = TL_NEW(own, bool, l->nactive);
	if (l->recipe != NULL)
		w->thread = tl_recipe_thread_new(l->recipe, oom, ctx);
	w->untemplater = new_untemplater(l->recipe, oom, ctx);
	return w;
}

void
tl_worker_free(struct tl_worker *w)
{
	if (w == NULL)
		return;
	if (w->thread != NULL)
		tl_recipe_thread_free(w->thread);
	tl_untemplater_free(w->untemplater);
	tl_arena_free(w->arena);
	tl_arena_free(w->own);
}

/* Per-file ignores, worked out once a file. */
static void
enter_file(struct tl_worker *w, const struct tl_file *file)
{
	const struct tl_linter *l = w->linter;

	if (w->off_file == file)
		return;
	w->off_file = file;
	for (size_t i = 0; l->opt.nfile_ignores > 0 && i < l->nactive; i++)
		w->is_off[i] =
		    tl_select_file_off(&l->opt, l->active[i].rule, file->path);
}

static void
run_stage(struct tl_record *rec, struct tl_worker *w, struct tl_arena *a,
    enum tl_stage stage, struct tl_facts *facts)
{
	struct tl_conv *conv;

	if (w->thread != NULL) {
		tl_recipe_run(w->thread, a, rec, stage, facts);
		return;
	}
	memset(facts, 0, sizeof(*facts));
	facts->record = rec;
	if (rec->is_cut ||
	    (rec->doc.root == NULL && tl_record_parse(a, rec) != TL_OK))
		return;
	if (stage < TL_STAGE_CONV)
		return;
	conv = TL_NEW(a, struct tl_conv, 1);
	tl_conv_build(a, rec, NULL, NULL, conv);
	facts->conv = conv;
}

static void
call(const struct tl_rule_cx *cx, int list, const struct tl_facts *f)
{
	const struct tl_rule *r = cx->rule;

	switch (list) {
	case TL_ON_RECORD:
		r->check_record(cx, f->record);
		break;
	case TL_ON_CONV:
		if (!f->conv->is_broken || r->wants_broken)
			r->check_conv(cx, f->conv);
		break;
	case TL_ON_RENDER:
		r->check_render(cx, f->conv, f->render);
		break;
	case TL_ON_SAMPLE:
		r->check_sample(cx, f->conv, f->sample);
		break;
	}
}

static void
run_rules(struct tl_worker *w, struct tl_sink *sink, struct tl_rule_cx *cx,
    const struct tl_facts *f)
{
	const struct tl_linter *l = w->linter;
	const bool reached[] = {
		[TL_ON_RECORD] = true,
		[TL_ON_CONV] = f->conv != NULL,
		[TL_ON_RENDER] = f->render != NULL,
		[TL_ON_SAMPLE] = f->sample != NULL && !f->conv->is_broken,
	};
	const unsigned traits = tl_facts_traits(f);

	for (int list = 0; list < (int)TL_COUNT(reached); list++) {
		if (!reached[list])
			continue;
		for (size_t k = 0; k < l->n[list]; k++) {
			size_t i = l->lists[list][k];
			const struct tl_active *act = &l->active[i];

			if (list <= TL_ON_CONV && act->needs != 0 &&
			    !(act->needs & traits))
				continue;
			if (w->is_off[i])
				continue;
			cx->rule = act->rule;
			cx->state = w->states + act->state_at;
			sink->level = act->level;
			call(cx, list, f);
		}
	}
}

static void
count(struct tl_tally *t, const struct tl_facts *f)
{
	t->nrecords++;
	if (f->sample == NULL)
		return;
	t->has_tokens = true;
	if (f->sample->verdict != TL_VERDICT_DROPPED) {
		t->ntokens += f->sample->nkept;
		t->ntrained += f->sample->ntrained;
	}
	t->nverdicts[f->sample->verdict]++;
}

/* What a file of this record alone would be told at its end. */
static void
tell_of_record(struct tl_worker *w, struct tl_sink *sink, struct tl_rule_cx cx)
{
	const struct tl_linter *l = w->linter;

	cx.facts = NULL;
	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];

		if (!act->rule->tells_of_record || !act->can_run ||
		    w->is_off[i])
			continue;
		cx.rule = act->rule;
		cx.state = w->states + act->state_at;
		sink->level = act->level;
		act->rule->check_file(&cx, cx.file);
	}
}

void
tl_worker_record(struct tl_worker *w, struct tl_arena *a, struct tl_record *rec,
    enum tl_stage stage, struct tl_facts *facts,
    const struct tl_finding **findings, size_t *nfindings)
{
	struct tl_sink sink;
	struct tl_unframed unframed = { .how = TL_UNFRAME_UNTRIED };
	struct tl_rule_cx cx = {
		.facts = facts,
		.file = rec->file,
		.arena = a,
		.thread = w->thread,
		.untemplater = w->untemplater,
		.unframed = &unframed,
		.sink = &sink,
		.profile = w->linter->profile,
	};

	bool is_single = w->states == w->own_states;

	enter_file(w, rec->file);
	if (stage < w->linter->stage)
		stage = w->linter->stage;
	if (is_single)
		memset(w->own_states, 0, w->linter->state_size);
	run_stage(rec, w, a, stage, facts);
	if (w->thread != NULL)
		cx.encoder = tl_recipe_encoder(w->thread);
	tl_sink_begin(&sink, a, rec->file, rec);
	sink.conv = facts->conv;
	run_rules(w, &sink, &cx, facts);
	if (is_single)
		tell_of_record(w, &sink, cx);
	*findings = tl_sink_finish(&sink, nfindings);
	if (w->tally != NULL)
		count(w->tally, facts);
}

const struct tl_finding *
tl_worker_file(struct tl_worker *w, struct tl_arena *a,
    const struct tl_file *file, unsigned char *states, size_t *n)
{
	const struct tl_linter *l = w->linter;
	struct tl_sink sink;
	struct tl_rule_cx cx = {
		.file = file,
		.arena = a,
		.thread = w->thread,
		.sink = &sink,
	};

	enter_file(w, file);
	if (w->thread != NULL)
		cx.encoder = tl_recipe_encoder(w->thread);
	tl_sink_begin(&sink, a, file, NULL);
	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];

		if (act->rule->check_file == NULL || !act->can_run ||
		    w->is_off[i])
			continue;
		cx.rule = act->rule;
		cx.state = states + act->state_at;
		sink.level = act->level;
		act->rule->check_file(&cx, file);
	}
	return tl_sink_finish(&sink, n);
}

/* The tokenizer that a template goes with, and an encoder of it; *own is to be
 * freed. */
static void
find_tokenizer(struct tl_worker *w, const struct tl_template_subject *subject,
    struct tl_rule_cx *cx, struct tl_encoder **own)
{
	const struct tl_recipe *recipe = w->linter->recipe;

	*own = NULL;
	cx->tokenizer = subject->tokenizer;
	if (cx->tokenizer == NULL && subject->site != NULL)
		cx->tokenizer = subject->site->tokenizer;
	if (cx->tokenizer != NULL) {
		cx->encoder = *own =
		    tl_encoder_new(cx->tokenizer, w->oom, w->oom_ctx);
	} else if (recipe != NULL) {
		cx->tokenizer = recipe->tokenizer;
		cx->encoder = tl_recipe_encoder(w->thread);
	}
}

static const struct tl_profile *
make_profile(
    const struct tl_rule_cx *cx, const struct tl_template_subject *subject)
{
	struct tl_special_tokens tokens = { 0 };

	if (subject->template_ == NULL)
		return NULL;
	if (cx->tokenizer != NULL)
		tokens = tl_tokenizer_tokens(cx->tokenizer);
	else if (subject->site != NULL)
		tokens = subject->site->tokens;
	return tl_profile_make(cx->arena, subject->template_, &tokens);
}

/* Run the rules about templates; tells the comments which did. */
static void
run_template_rules(struct tl_worker *w, struct tl_rule_cx *cx,
    const struct tl_template_subject *subject, const struct tl_profile *p,
    struct tl_ignore *ignores, size_t nignores)
{
	const struct tl_linter *l = w->linter;

	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];

		if (act->rule->check_template == NULL || w->is_off[i] ||
		    (p == NULL && !act->rule->wants_broken))
			continue;
		cx->rule = act->rule;
		cx->sink->level = act->level;
		act->rule->check_template(cx, subject->template_, p);
		tl_ignores_judge(ignores, nignores, act->rule);
	}
}

static int
cmp_findings(const void *a, const void *b)
{
	const struct tl_finding *x = a, *y = b;

	if (x->byte_offset != y->byte_offset)
		return x->byte_offset < y->byte_offset ? -1 : 1;
	return strcmp(x->rule->code, y->rule->code);
}

/* What the comments do not silence, and what there is to say about them. */
static const struct tl_finding *
apply_ignores(struct tl_worker *w, struct tl_rule_cx *cx,
    struct tl_ignore *ignores, size_t nignores, size_t *n)
{
	const struct tl_linter *l = w->linter;
	struct tl_sink *sink = cx->sink;
	const struct tl_json *embedded = sink->embedded;
	const struct tl_finding *all = tl_sink_finish(sink, n), *more;
	struct tl_finding *left;
	size_t nleft = 0, nmore;

	if (nignores == 0)
		return all;
	left = TL_NEW(cx->arena, struct tl_finding, *n + nignores * l->nactive);
	for (size_t i = 0; i < *n; i++)
		if (!tl_ignores_cover(ignores, nignores, &all[i]))
			left[nleft++] = all[i];
	tl_sink_begin(sink, cx->arena, sink->file, sink->rec);
	sink->is_template = true;
	sink->embedded = embedded;
	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];

		if (act->rule->check_ignores == NULL || w->is_off[i])
			continue;
		cx->rule = act->rule;
		sink->level = act->level;
		act->rule->check_ignores(cx, ignores, nignores);
	}
	more = tl_sink_finish(sink, &nmore);
	for (size_t i = 0; i < nmore; i++)
		left[nleft++] = more[i];
	qsort(left, nleft, sizeof(*left), cmp_findings);
	*n = nleft;
	return left;
}

const struct tl_finding *
tl_worker_template(struct tl_worker *w, struct tl_arena *a,
    const struct tl_record *rec, const struct tl_template_subject *subject,
    size_t *n)
{
	const struct tl_finding *list;
	struct tl_encoder *own;
	struct tl_ignore *ignores;
	struct tl_sink sink;
	size_t nignores;
	struct tl_rule_cx cx = {
		.file = rec->file,
		.arena = a,
		.thread = w->thread,
		.sink = &sink,
		.fault = subject->fault,
		.site = subject->site,
	};

	find_tokenizer(w, subject, &cx, &own);
	enter_file(w, rec->file);
	tl_sink_begin(&sink, a, rec->file, rec);
	sink.is_template = true;
	sink.embedded = subject->node;
	ignores = tl_ignores_read(a, subject->source, &nignores);
	run_template_rules(
	    w, &cx, subject, make_profile(&cx, subject), ignores, nignores);
	list = apply_ignores(w, &cx, ignores, nignores, n);
	if (own != NULL)
		tl_encoder_free(own);
	return list;
}

const struct tl_finding *
tl_worker_tokenizer(struct tl_worker *w, struct tl_arena *a,
    const struct tl_file *file, size_t *n)
{
	const struct tl_linter *l = w->linter;
	const struct tl_facts facts = { .recipe = l->recipe };
	struct tl_sink sink;
	struct tl_rule_cx cx = {
		.facts = &facts,
		.file = file,
		.arena = a,
		.encoder = tl_recipe_encoder(w->thread),
		.thread = w->thread,
		.sink = &sink,
	};

	enter_file(w, file);
	tl_sink_begin(&sink, a, file, NULL);
	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];

		if (act->rule->check_tokenizer == NULL || w->is_off[i])
			continue;
		cx.rule = act->rule;
		sink.level = act->level;
		act->rule->check_tokenizer(&cx, l->recipe->tokenizer);
	}
	return tl_sink_finish(&sink, n);
}
