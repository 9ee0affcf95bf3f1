/* SPDX-License-Identifier: Apache-2.0 */
/* unsloth_markers.h - the texts in front of questions and of answers. */
#ifndef TRAINER_UNSLOTH_MARKERS_H
#define TRAINER_UNSLOTH_MARKERS_H

#include <turnlint/recipe.h>

/* Ids of a marker: those that must stand there, and those on its sides that
 * may. */
struct tl_unsloth_core {
	const uint32_t *must, *left, *right;
	size_t nmust, nleft, nright;
};

struct tl_unsloth_markers {
	tl_str instruction_part, response_part;
	struct tl_unsloth_core instruction, response;
};

/* Read instruction_part and response_part off the template of r as Unsloth does
 * when it is given neither: from the gaps between sentinels in three rounds. */
enum tl_status tl_unsloth_detect(struct tl_arena *a, const struct tl_recipe *r,
    struct tl_unsloth_markers *m, struct tl_error *err) TL_MUST_USE;

/* The ids to look for.  is_exact: those of the marker itself (force_match);
 * else what it has in common with its spellings with other white space, the
 * first of several longest (Unsloth takes any). */
enum tl_status tl_unsloth_resolve(struct tl_arena *a, const struct tl_recipe *r,
    bool is_exact, struct tl_unsloth_markers *m,
    struct tl_error *err) TL_MUST_USE;

#endif
