/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template_diff.h - two templates over the same conversations.
 *
 * Facts of both profiles are compared, and the texts of many small
 * conversations.  A template without special tokens of its own gets those of
 * the other, so that names of tokens are no difference.
 */
#ifndef TURNLINT_TEMPLATE_DIFF_H
#define TURNLINT_TEMPLATE_DIFF_H

#include <turnlint/profile.h>

/* A fact that is not the same.  a and b say what each does and may hold the
 * template's own text. */
struct tl_fact_difference {
	const char *key;   /* "stop", "call_object" */
	const char *title; /* for people */
	tl_str a, b;
	const char *cost; /* to the training, one sentence without full stop */
};

/* A conversation whose texts differ, or that one of them does not render. */
struct tl_text_difference {
	const struct tl_probe *a, *b;
	size_t at; /* first byte that differs, of two texts */
};

struct tl_template_diff {
	const struct tl_profile *a, *b;
	const struct tl_fact_difference *facts;
	size_t nfacts;
	const struct tl_text_difference *texts; /* short conversations first */
	size_t ntexts;
	size_t nprobes; /* conversations compared */
};

/* Everything lives in `arena`.  The tokens may be NULL or have NULL members.
 * NULL when one of them is no Jinja template. */
const struct tl_template_diff *tl_template_diff_make(struct tl_arena *arena,
    const struct tl_template *a, const struct tl_special_tokens *a_tokens,
    const struct tl_template *b, const struct tl_special_tokens *b_tokens);

static inline bool
tl_template_diff_is_empty(const struct tl_template_diff *d)
{
	return d->nfacts == 0 && d->ntexts == 0;
}

#endif
