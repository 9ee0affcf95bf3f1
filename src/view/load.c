/* SPDX-License-Identifier: Apache-2.0 */
#include "view/load.h"

static void
free_worker(void *arg)
{
	tl_worker_free(arg);
}

static void
free_thread(void *arg)
{
	tl_recipe_thread_free(arg);
}

enum tl_status
tl_loader_init(struct tl_loader *l, struct tl_arena *a,
    const struct tl_loader_setup *setup, struct tl_error *err)
{
	struct tl_linter *linter;
	enum tl_status st;

	st = tl_linter_new(a, &setup->lint, setup->lint_recipe, &linter, err);
	if (st != TL_OK)
		return st;
	*l = (struct tl_loader){ .recipe = setup->recipe,
		.lints_recipe = setup->lint_recipe == setup->recipe };
	l->worker = tl_worker_new(linter, setup->oom, NULL);
	tl_arena_defer(a, free_worker, l->worker);
	l->thread = tl_recipe_thread_new(setup->recipe, setup->oom, NULL);
	tl_arena_defer(a, free_thread, l->thread);
	return TL_OK;
}

/* Stages fill the record they are given; each run gets its own. */
static struct tl_record *
copy_record(struct tl_arena *a, const struct tl_record *rec)
{
	struct tl_record *copy = TL_NEW(a, struct tl_record, 1);

	*copy = *rec;
	copy->doc = (struct tl_json_doc){ 0 };
	return copy;
}

void
tl_loader_show(struct tl_loader *l, struct tl_arena *a,
    const struct tl_record *rec, struct tl_shown *out)
{
	*out = (struct tl_shown){ 0 };
	tl_worker_record(l->worker, a, copy_record(a, rec),
	    l->lints_recipe ? TL_STAGE_SAMPLE : TL_STAGE_RECORD, &out->facts,
	    &out->findings, &out->nfindings);
	if (!l->lints_recipe)
		tl_recipe_run(l->thread, a, copy_record(a, rec),
		    TL_STAGE_SAMPLE, &out->facts);
	out->facts.recipe = l->recipe;
}

void
tl_loader_other(struct tl_loader *l, size_t i, struct tl_arena *a,
    const struct tl_record *rec, struct tl_shown *out)
{
	*out = (struct tl_shown){ 0 };
	tl_recipe_run_other(l->thread, i, a, copy_record(a, rec), &out->facts);
}

void
tl_loader_findings(struct tl_loader *l, struct tl_arena *a,
    const struct tl_record *rec, struct tl_shown *out)
{
	*out = (struct tl_shown){ 0 };
	tl_worker_record(l->worker, a, copy_record(a, rec), TL_STAGE_CONV,
	    &out->facts, &out->findings, &out->nfindings);
}

void
tl_loader_render(struct tl_loader *l, struct tl_arena *a,
    const struct tl_record *rec, struct tl_facts *out)
{
	tl_recipe_run(l->thread, a, copy_record(a, rec), TL_STAGE_RENDER, out);
}
