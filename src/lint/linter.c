/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up: which rules are on, which of them can run, what they need. */
#include "lint/linter.h"
#include "lint/select.h"

#include <string.h>

/* States hold sizes, doubles and pointers to constants. */
#define STATE_ALIGN 16

static const char *
lack_of(const struct tl_rule *r, const struct tl_recipe *recipe)
{
	bool has_template = recipe != NULL && recipe->template_ != NULL;
	bool has_tokenizer = recipe != NULL && recipe->tokenizer != NULL;
	bool can_render = recipe != NULL && recipe->can_render;
	bool can_tokenize = recipe != NULL && recipe->can_tokenize;

	if (r->check_record != NULL || r->check_conv != NULL)
		return NULL;
	if (r->check_sample != NULL && can_render && can_tokenize)
		return NULL;
	if (r->check_render != NULL && has_template)
		return NULL;
	if (r->check_tokenizer != NULL && has_tokenizer)
		return NULL;
	if (r->check_tokenizer != NULL)
		return has_template
		    ? "no tokenizer was given"
		    : "no tokenizer and no chat template were given";
	if (r->check_sample == NULL && r->check_render == NULL)
		return NULL;
	/* A trainer that needs none may have put it aside. */
	if (has_tokenizer && recipe->trainer != NULL &&
	    !recipe->trainer->wants_render && !has_template)
		return "this trainer uses no chat template, or none was given";
	if (r->check_sample == NULL)
		return "no chat template was given";
	if (!has_tokenizer && !has_template)
		return "no tokenizer and no chat template were given";
	return has_tokenizer ? "no chat template was given"
			     : "no tokenizer was given";
}

static void
add_to(struct tl_linter *l, int list, size_t i, enum tl_stage stage)
{
	l->lists[list][l->n[list]++] = i;
	if (stage > l->stage)
		l->stage = stage;
}

static void
add_rule(struct tl_linter *l, const struct tl_rule *r, enum tl_level level)
{
	size_t i = l->nactive++;
	struct tl_active *a = &l->active[i];
	bool can_render = l->recipe != NULL && l->recipe->template_ != NULL;
	bool can_sample = l->recipe != NULL && l->recipe->can_render &&
	    l->recipe->can_tokenize;

	a->rule = r;
	a->level = level;
	a->needs = l->opt.ignores_needs ? 0 : r->needs;
	a->state_at = l->state_size;
	l->state_size +=
	    (r->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
	a->lack = lack_of(r, l->recipe);
	a->can_run = a->lack == NULL;
	if (r->check_record != NULL)
		add_to(l, TL_ON_RECORD, i, TL_STAGE_RECORD);
	if (r->check_conv != NULL)
		add_to(l, TL_ON_CONV, i, TL_STAGE_CONV);
	if (r->check_render != NULL && can_render)
		add_to(l, TL_ON_RENDER, i, TL_STAGE_RENDER);
	if (r->check_sample != NULL && can_sample)
		add_to(l, TL_ON_SAMPLE, i, TL_STAGE_SAMPLE);
}

static void
add_profile(struct tl_arena *a, struct tl_linter *l)
{
	const struct tl_recipe *r = l->recipe;

	for (size_t i = 0; i < l->nactive; i++)
		if (l->active[i].rule->wants_profile && r != NULL &&
		    r->template_ != NULL) {
			l->profile = tl_profile_make(
			    a, r->template_, &r->render_options.tokens);
			return;
		}
}

enum tl_status
tl_linter_new(struct tl_arena *a, const struct tl_lint_options *opt,
    const struct tl_recipe *recipe, struct tl_linter **out,
    struct tl_error *err)
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);
	struct tl_linter *l = TL_NEW(a, struct tl_linter, 1);
	enum tl_status st = tl_select_check(opt, err);

	if (st != TL_OK)
		return st;
	l->opt = *opt;
	l->recipe = recipe;
	l->active = TL_NEW(a, struct tl_active, n);
	for (size_t i = 0; i < TL_COUNT(l->lists); i++)
		l->lists[i] = TL_NEW(a, size_t, n);
	for (size_t i = 0; i < n; i++) {
		enum tl_level level;

		if (tl_select_rule(opt, rules[i], &level))
			add_rule(l, rules[i], level);
	}
	add_profile(a, l);
	*out = l;
	return TL_OK;
}

bool
tl_linter_has(const struct tl_linter *l, const struct tl_rule *rule)
{
	for (size_t i = 0; i < l->nactive; i++)
		if (l->active[i].rule == rule)
			return true;
	return false;
}
