/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - reading a trainer's options by table. */
#ifndef TRAINER_OPTIONS_H
#define TRAINER_OPTIONS_H

#include <turnlint/recipe.h>

/* A value is YAML, as in the trainer's own configuration; a text need not be
 * quoted.  null leaves a default alone, where there is one to leave. */
enum tl_option_kind {
	TL_OPTION_BOOL,	  /* true, false and YAML's other spellings, 1, 0 */
	TL_OPTION_SIZE,	  /* a non-negative integer; null is 0 */
	TL_OPTION_STR,	  /* any text; null is the empty slice */
	TL_OPTION_CHOICE, /* one of choices, as an int */
	TL_OPTION_LIST,	  /* an array; null is NULL */
	TL_OPTION_MAP,	  /* an object; null is NULL */
};

struct tl_option_spec {
	const char *name;
	enum tl_option_kind kind;
	size_t offset; /* of the member in the configuration: bool, size_t,
			* tl_str, int, const struct tl_json * */
	const char *const *choices; /* ended by NULL */
};

/* Read opts into config by the table.  The last of several counts. */
enum tl_status tl_options_read(struct tl_arena *a, const char *trainer,
    const struct tl_option_spec *specs, size_t nspecs,
    const struct tl_option *opts, size_t nopts, void *config,
    struct tl_error *err) TL_MUST_USE;

/* The same into a new configuration of that size, all zero where nothing is
 * said. */
enum tl_status tl_options_new(struct tl_arena *a, const char *trainer,
    const struct tl_option_spec *specs, size_t nspecs,
    const struct tl_option *opts, size_t nopts, size_t size, const void **out,
    struct tl_error *err) TL_MUST_USE;

#endif
