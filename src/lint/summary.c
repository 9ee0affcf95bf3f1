/* SPDX-License-Identifier: Apache-2.0 */
/* What a run adds up to. */
#include "lint/runner.h"

#include <string.h>

static tl_str
family(const struct tl_rule *r)
{
	return (tl_str){ r->code, 3 };
}

/* Every active rule of the family is kept from running by `why`. */
static bool
is_whole_family(const struct tl_linter *l, tl_str fam, const char *why)
{
	for (size_t i = 0; i < l->nactive; i++)
		if (tl_str_eq(family(l->active[i].rule), fam) &&
		    (l->active[i].lack == NULL ||
			strcmp(l->active[i].lack, why) != 0))
			return false;
	return true;
}

/* "LEN, TOK, MSK003": families where the whole of one is concerned. */
static tl_str
list_lacking(struct tl_arena *a, const struct tl_linter *l, const char *why)
{
	tl_str last = { 0 };
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];
		tl_str fam = family(act->rule);
		bool is_whole;

		if (act->lack == NULL || strcmp(act->lack, why) != 0)
			continue;
		is_whole = is_whole_family(l, fam, why);
		if (is_whole && tl_str_eq(fam, last))
			continue;
		last = fam;
		if (b.len > 0)
			tl_buf_puts(&b, ", ");
		tl_buf_put(&b, is_whole ? fam : tl_str_from(act->rule->code));
	}
	return tl_buf_str(&b);
}

static void
fill_skipped(struct tl_lint_run *run)
{
	const struct tl_linter *l = run->linter;
	struct tl_skipped *list =
	    TL_NEW(run->arena, struct tl_skipped, l->nactive);
	size_t n = 0;

	for (size_t i = 0; i < l->nactive; i++) {
		const char *why = l->active[i].lack;
		size_t k = 0;

		if (why == NULL)
			continue;
		while (k < n && !tl_str_eq(list[k].why, tl_str_from(why)))
			k++;
		if (k < n)
			continue;
		list[n].why = tl_str_from(why);
		list[n++].what = list_lacking(run->arena, l, why);
	}
	run->summary.skipped = list;
	run->summary.nskipped = n;
}

static void
fill_rules(struct tl_lint_run *run)
{
	const struct tl_linter *l = run->linter;
	struct tl_rule_count *list =
	    TL_NEW(run->arena, struct tl_rule_count, l->nactive);
	size_t n = 0;

	for (size_t i = 0; i < l->nactive; i++) {
		const struct rule_tally *t = &run->pool->counts[i];

		if (t->nfindings == 0)
			continue;
		list[n++] = (struct tl_rule_count){
			.rule = l->active[i].rule,
			.nfindings = t->nfindings,
			.nrecords = t->nrecords,
			.nhidden = t->nhidden,
		};
	}
	run->summary.rules = list;
	run->summary.nrules = n;
}

void
tl_lint_finish(struct tl_lint_run *run)
{
	const struct tl_recipe *recipe = run->linter->recipe;

	fill_skipped(run);
	if (run->pool != NULL)
		fill_rules(run);
	if (recipe != NULL && recipe->can_tokenize && recipe->can_render)
		run->summary.trainer = recipe->trainer->name;
	tl_lint_pool_free(run->pool);
	run->pool = NULL;
}
