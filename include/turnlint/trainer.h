/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trainer.h - a mask policy: whose rules decide what is trained.
 *
 * One file src/trainer/trainer_<name>.c each.  A policy gets the conversation
 * and makes the sample the way its framework does: it may render once and
 * label by provenance, or tokenize piece by piece.
 */
#ifndef TURNLINT_TRAINER_H
#define TURNLINT_TRAINER_H

#include <turnlint/recipe.h>

struct tl_trainer_cx {
	const struct tl_recipe *recipe;
	struct tl_encoder *encoder;
	struct tl_arena *arena;	     /* the record's: results go here */
	const struct tl_record *record;
	const struct tl_render *render; /* of the whole conversation, when the
					 * policy asked for it */
};

struct tl_trainer {
	const char *name; /* as --trainer takes it */
	const char *summary;
	bool wants_render; /* cx->render is to be filled (needs a template) */
	bool wants_bos;	   /* unused by policies that decide themselves */

	/* Options to an opaque, const configuration in the arena.  An unknown
	 * name is TL_ECONFIG with the nearest known one.  NULL: no options. */
	enum tl_status (*configure)(struct tl_arena *a,
	    const struct tl_option *opts, size_t n, const void **out,
	    struct tl_error *err);

	/* Fill out: tokens, labels, reasons, verdict.  Truncation to the
	 * recipe's sequence length is the policy's too. */
	void (*label)(const struct tl_trainer_cx *cx,
	    const struct tl_conv *conv, struct tl_sample *out);
};

const struct tl_trainer *const *tl_trainers(size_t *n);
const struct tl_trainer *tl_trainer_find(tl_str name);

#endif
