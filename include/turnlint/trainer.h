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
	struct tl_arena *arena; /* the record's: results go here */
	const struct tl_record *record;
	const struct tl_render *render; /* of the whole conversation, when the
					 * policy asked for it */
};

struct tl_trainer {
	const char *name; /* as --trainer takes it */
	const char *summary;
	bool wants_render; /* labels the rendered text (needs a template);
			    * false: makes its own, piece by piece */
	bool reads_record; /* by itself, so that it is asked about records that
			    * their format cannot read, too */
	bool takes_plain;  /* … and has a use for records without one, too */

	/* Options to an opaque, const configuration in the arena.  An unknown
	 * name is TL_ECONFIG with the nearest known one.  NULL: no options. */
	enum tl_status (*configure)(struct tl_arena *a,
	    const struct tl_option *opts, size_t n, const void **out,
	    struct tl_error *err);

	/* Change the recipe, all parts of which are open, as the framework does
	 * before it looks at a record: tokens it adds to the tokenizer
	 * (tl_tokenizer_change()), a template of its own, a default sequence
	 * length, what it reads off the template.  NULL: nothing to do. */
	enum tl_status (*prepare)(
	    struct tl_arena *a, struct tl_recipe *r, struct tl_error *err);

	/* Fill out: tokens, labels, reasons, verdict.  Truncation to the
	 * recipe's sequence length is the policy's too. */
	void (*label)(const struct tl_trainer_cx *cx,
	    const struct tl_conv *conv, struct tl_sample *out);

	/* What to change so that token k of the sample, which ends a reply and
	 * is masked, is trained: a sentence in `a`, or NULL where nothing is
	 * known.  NULL: for none. */
	const char *(*advise_stop)(struct tl_arena *a,
	    const struct tl_recipe *r, const struct tl_sample *s, size_t k);
};

const struct tl_trainer *const *tl_trainers(size_t *n);
const struct tl_trainer *tl_trainer_find(tl_str name);

/* --- a turn's own flags ----------------------------------------------------
 */

/* A stretch of a turn's text with one fate.  Bytes of turn->text. */
struct tl_stretch {
	size_t beg, end;
	enum tl_reason reason;
};

/* What a turn's own flags (train, weight, train_detail, flags of parts) make
 * of it.  Precedence as in axolotl: train, then part flags, then train_detail,
 * then weight, then the role. */
struct tl_turn_plan {
	enum tl_reason base;   /* what the turn says beside its content */
	enum tl_reason closer; /* the marker that ends the turn */
	/* The content: covers turn->text, in order; none when every byte has
	 * `base`. */
	const struct tl_stretch *stretches;
	size_t nstretches;
};

void tl_plan_turn(
    struct tl_arena *a, const struct tl_turn *turn, struct tl_turn_plan *out);

/* Something the turn says is trained. */
bool tl_plan_is_trained(const struct tl_turn_plan *plan);

/* Of bytes [beg, end) of the turn's text those that its flags train. */
size_t tl_plan_count_trained(
    const struct tl_turn_plan *plan, size_t beg, size_t end);

/* The bytes of the turn's text that a token covers; false when it covers
 * anything else. */
bool tl_token_in_turn(const struct tl_turn *t, const struct tl_sample *s,
    size_t token, size_t *beg, size_t *end);

/* A flag as Python's truthiness sees it: what is no boolean still counts.
 * node may be NULL.  UNSET stays UNSET. */
enum tl_flag tl_flag_truth(enum tl_flag flag, const struct tl_json *node);

#endif
