/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinds.h - which values a setting takes.
 *
 * The schemas are pydantic's, in its lax mode: "512" and 512.0 pass for a whole
 * number, "yes" and 1 for true; a string takes nothing but a string.
 */
#ifndef SETUP_KINDS_H
#define SETUP_KINDS_H

#include "setup/setup.h"

enum setup_kinds {
	SETUP_ANY = 0,
	SETUP_TEXT = 1,
	SETUP_INT = 2,
	SETUP_FLOAT = 4,
	SETUP_BOOL = 8,
	SETUP_TEXTS = 16, /* a list of strings */
	SETUP_LIST = 32,
	SETUP_MAP = 64,
	SETUP_TEXT_MAP = 128,  /* … of strings */
	SETUP_TEXTS_MAP = 256, /* … of lists of strings */
	SETUP_REQUIRED = 512,  /* null does not pass */
};

/* A value in v, or v itself, that has to be of one of the kinds and is not;
 * *kinds becomes those.  NULL when all pass. */
const struct tl_json *setup_wrong(const struct tl_json *v, unsigned *kinds);

/* "a string or a list of strings" */
const char *setup_kinds_name(struct tl_arena *a, unsigned kinds);
/* What v is: "a map", "2.5", "\"hot\"". */
const char *setup_value_name(struct tl_arena *a, const struct tl_json *v);

/* As setup_option(), with what pydantic makes of the value: "off" is false. */
void setup_option_of(struct reading *r, struct options *o, const char *name,
    const struct tl_json *v, unsigned kinds);

/* A whole number that pydantic reads as one. */
bool setup_int(const struct tl_json *v, int64_t *out);
/* Python's true and false of a setting that pydantic reads as one. */
bool setup_bool(const struct tl_json *v, bool *out);

#endif
