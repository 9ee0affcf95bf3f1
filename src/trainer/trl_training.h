/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trl_training.h - the templates that TRL puts in place of known ones when
 * assistant_only_loss is set.
 *
 * It knows them by their whole text, and its own differ from them by
 * {% generation %} tags, some in more.  Ours of the same name render the same
 * text; where their blocks begin or end elsewhere, the difference is told here.
 */
#ifndef TRAINER_TRL_TRAINING_H
#define TRAINER_TRL_TRAINING_H

#include <turnlint/template.h>

/* For which records ours renders what TRL's does. */
enum tl_trl_scope {
	TL_TRL_NONE,
	TL_TRL_ANY,
	TL_TRL_STRINGS, /* every content is one */
	TL_TRL_PLAIN,	/* … and there are no tools, calls and results, and no
			 * system message but a first that says something */
};

struct tl_trl_training {
	uint64_t hash;	  /* tl_str_hash() of the text that is replaced */
	const char *name; /* of ours, behind "trl:" */
	const char *before, *behind; /* what TRL trains around our blocks */
	enum tl_trl_scope scope;
};

/* NULL: TRL does not know the text either. */
const struct tl_trl_training *tl_trl_training(tl_str source);

/* Move the blocks of a render of ours to where TRL has them. */
void tl_trl_training_move(struct tl_arena *a, const struct tl_trl_training *t,
    tl_str eos, struct tl_render *r);

#endif
