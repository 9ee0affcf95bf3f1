/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linter.h - the linter and its workers from inside.
 */
#ifndef TURNLINT_LINT_LINTER_H
#define TURNLINT_LINT_LINTER_H

#include "lint/lint.h"
#include "lint/sink.h"

/* A rule that is on. */
struct tl_active {
	const struct tl_rule *rule;
	enum tl_level level;
	unsigned needs;	  /* the rule's, or 0 */
	size_t state_at;  /* offset of its block in a batch's states */
	bool can_run;	  /* the facts it lives on are there */
	const char *lack; /* why not */
};

struct tl_linter {
	struct tl_lint_options opt;
	const struct tl_recipe *recipe;	  /* or NULL */
	const struct tl_profile *profile; /* of its template, when an active
					   * rule wants it */
	struct tl_active *active;
	size_t nactive;
	/* Indices into active, by callback; n[TL_ON_…] of them. */
	size_t *lists[4];
	size_t n[4];
	size_t state_size;
	enum tl_stage stage; /* that the rules need */
};

enum { TL_ON_RECORD, TL_ON_CONV, TL_ON_RENDER, TL_ON_SAMPLE };

/* What a batch of records adds to the summary. */
struct tl_tally {
	size_t nrecords, ntokens, ntrained;
	bool has_tokens;
	size_t nverdicts[TL_VERDICT_ABORTS + 1];
};

struct tl_worker {
	const struct tl_linter *linter;
	struct tl_recipe_thread *thread; /* NULL without a recipe */
	struct tl_untemplater *untemplater;
	tl_oom_fn *oom;
	void *oom_ctx;
	struct tl_arena *arena;	   /* reset for each record of a batch */
	struct tl_arena *own;	   /* lives as long as the worker */
	unsigned char *states;	   /* of the batch at work */
	unsigned char *own_states; /* for single records */
	bool *is_off;		   /* by active rule, for off_file */
	const struct tl_file *off_file;
	struct tl_tally *tally; /* of the batch at work, or NULL */
};

/* What the record has: enum tl_trait. */
unsigned tl_facts_traits(const struct tl_facts *f);

/* The findings of check_file callbacks; states are the whole file's. */
const struct tl_finding *tl_worker_file(struct tl_worker *w, struct tl_arena *a,
    const struct tl_file *file, unsigned char *states, size_t *n);

/* The findings of check_template callbacks. */
const struct tl_finding *tl_worker_template(struct tl_worker *w,
    struct tl_arena *a, const struct tl_record *rec,
    const struct tl_template_subject *subject, size_t *n);

/* The findings of check_setup callbacks; rec has the file's text. */
const struct tl_finding *tl_worker_setup(struct tl_worker *w,
    struct tl_arena *a, const struct tl_record *rec,
    const struct tl_setup *setup, size_t *n);

/* The findings of check_tokenizer callbacks on the recipe's tokenizer. */
const struct tl_finding *tl_worker_tokenizer(struct tl_worker *w,
    struct tl_arena *a, const struct tl_file *file, size_t *n);

#endif
