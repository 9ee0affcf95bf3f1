/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - one record's way from bytes to what is shown.
 *
 * The program's own template and tokenizer serve to show tokens but never raise
 * a finding, so the recipe that renders and the linter's need not be the same.
 */
#ifndef TURNLINT_VIEW_LOAD_H
#define TURNLINT_VIEW_LOAD_H

#include "lint/lint.h"
#include "view/paint.h"

struct tl_loader {
	const struct tl_recipe *recipe;
	bool lints_recipe; /* the linter has the same one */
	struct tl_worker *worker;
	struct tl_recipe_thread *thread;
};

struct tl_loader_setup {
	const struct tl_recipe *recipe;	     /* what is shown */
	const struct tl_recipe *lint_recipe; /* what the rules see, or NULL */
	struct tl_lint_options lint;
	tl_oom_fn *oom;
};

/* Everything lives in `a` and ends with it. */
enum tl_status tl_loader_init(struct tl_loader *l, struct tl_arena *a,
    const struct tl_loader_setup *setup, struct tl_error *err) TL_MUST_USE;

/* Take rec, whose bytes live in `a`, all the way. */
void tl_loader_show(struct tl_loader *l, struct tl_arena *a,
    const struct tl_record *rec, struct tl_shown *out);

/* What the recipe's others[i] makes of it; no findings. */
void tl_loader_other(struct tl_loader *l, size_t i, struct tl_arena *a,
    const struct tl_record *rec, struct tl_shown *out);

/* The conversation and the findings, no tokens unless a rule needs them. */
void tl_loader_findings(struct tl_loader *l, struct tl_arena *a,
    const struct tl_record *rec, struct tl_shown *out);

/* Only as far as the rendered text. */
void tl_loader_render(struct tl_loader *l, struct tl_arena *a,
    const struct tl_record *rec, struct tl_facts *out);

#endif
