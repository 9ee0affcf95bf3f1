/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recipe.h - format + template + tokenizer + trainer + sequence length, and
 * the one way a record takes through them.
 */
#ifndef TURNLINT_RECIPE_H
#define TURNLINT_RECIPE_H

#include <turnlint/sample.h>

struct tl_option { /* NAME=VALUE as the user gave it */
	tl_str name, value;
};

/* What was asked for; from the command line, the configuration, or both. */
struct tl_recipe_spec {
	const char *name;      /* of the configuration's recipe, or NULL */
	const char *format;    /* or NULL: detect */
	const char *template_; /* or NULL: the tokenizer's own */
	const char *tokenizer; /* or NULL */
	const char *trainer;   /* or NULL: reference */
	size_t sequence_len;   /* tokens; 0: no limit */
	const struct tl_option *trainer_options;
	size_t ntrainer_options;
	const struct tl_option *tokenizer_options;
	size_t ntokenizer_options;
	const struct tl_format_options *format_options; /* or NULL */
	const char *now;	/* fixed clock for strftime_now, or NULL */
	bool is_tokenizer_only; /* nothing will be rendered: no template */
	bool use_defaults; /* fill in the program's own template, tokenizer or
			    * both where none is given (show, view, demo) */
};

struct tl_trainer;

/* Built once, const afterwards, shared by all threads. */
struct tl_recipe {
	const struct tl_format *format; /* NULL: detect */
	const struct tl_format_options *format_options;
	const struct tl_template *template_;  /* NULL: none */
	const struct tl_tokenizer *tokenizer; /* NULL: none */
	const struct tl_trainer *trainer;     /* never NULL */
	const void *trainer_config; /* what trainer->configure() made */
	size_t sequence_len;
	struct tl_render_options render_options;
	bool is_default_template; /* the program's own was filled in */
	bool is_default_tokenizer;
	const char *title; /* what comparisons call it: the name it has in the
			    * configuration, else the trainer's */
	/* Further recipes that the user wants compared with this one. */
	const struct tl_recipe *const *others;
	size_t nothers;
	bool is_plain; /* nothing is rendered along with something else, nothing
			* that did not change left as it was: to compare */
	bool can_render; /* has a template, or a trainer that needs none */
	bool can_tokenize;
};

enum tl_status tl_recipe_open(struct tl_arena *a,
    const struct tl_recipe_spec *spec, struct tl_recipe **out,
    struct tl_error *err) TL_MUST_USE;

/* Per-thread working memory of a recipe. */
struct tl_recipe_thread;
struct tl_recipe_thread *tl_recipe_thread_new(
    const struct tl_recipe *r, tl_oom_fn *oom, void *ctx);
void tl_recipe_thread_free(struct tl_recipe_thread *t);

/* How far a record is to be taken. */
enum tl_stage {
	TL_STAGE_RECORD, /* parsed */
	TL_STAGE_CONV,	 /* read through its format */
	TL_STAGE_RENDER, /* rendered */
	TL_STAGE_SAMPLE, /* tokens and labels */
};

/* Everything known about one record; a stage that was not reached is NULL. */
struct tl_facts {
	const struct tl_record *record;
	const struct tl_conv *conv;
	const struct tl_render *render; /* the template on the whole
					 * conversation; may have failed */
	const struct tl_sample *sample; /* by the trainer; may be !is_built */
	const struct tl_recipe *recipe;
};

/* Take rec (bytes filled, not parsed) up to `stage`; all results live in
 * `a`. */
void tl_recipe_run(struct tl_recipe_thread *t, struct tl_arena *a,
    struct tl_record *rec, enum tl_stage stage, struct tl_facts *out);

/* What another recipe (t's recipe->others[i]) makes of rec, which is not to be
 * parsed yet. */
void tl_recipe_run_other(struct tl_recipe_thread *t, size_t i,
    struct tl_arena *a, struct tl_record *rec, struct tl_facts *out);

/* Contents of turns whose ids differ when they are tokenized alone, as trainers
 * that join pieces do it and as tools look for them; for a trainer that itself
 * joins pieces, those that differ from the whole text.  Computed once a
 * sample. */
const struct tl_pieces *tl_sample_pieces(
    const struct tl_facts *facts, struct tl_encoder *e, struct tl_arena *a);

/* The encoder of this thread, NULL without a tokenizer. */
struct tl_encoder *tl_recipe_encoder(struct tl_recipe_thread *t);

#endif
