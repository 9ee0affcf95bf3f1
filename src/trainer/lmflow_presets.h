/* SPDX-License-Identifier: Apache-2.0 */
/* lmflow_presets.h - the conversation templates LMFlow brings along. */
#ifndef TRAINER_LMFLOW_PRESETS_H
#define TRAINER_LMFLOW_PRESETS_H

#include <turnlint/base.h>

/* What a slot is made of: each piece is tokenized on its own. */
enum tl_lmflow_piece_kind {
	TL_LMFLOW_END,
	TL_LMFLOW_STRING, /* text with {{content}} */
	TL_LMFLOW_BOS,	  /* the tokenizer's id */
	TL_LMFLOW_EOS,
};

struct tl_lmflow_piece {
	enum tl_lmflow_piece_kind kind;
	const char *text;
};

enum tl_lmflow_trait {
	TL_LMFLOW_SYSTEM_IN_USER = 1u, /* system text goes into the first
					* user slot */
	TL_LMFLOW_BARE_START = 2u,     /* without system, the first user slot
					* loses its newline */
	TL_LMFLOW_FORCE_SYSTEM = 4u,   /* the system slot is always there */
	TL_LMFLOW_FOR_TOOL = 8u,       /* roles are looked at; tools go into
					* the system text */
	TL_LMFLOW_TAG_TOOLS = 16u,     /* … each within <tool> */
	TL_LMFLOW_DROP_13 = 32u, /* a last id 13 is dropped from the end */
};

struct tl_lmflow_preset {
	const char *name;
	struct tl_lmflow_piece system[3], user[3], assistant[3];
	struct tl_lmflow_piece function[3], observation[3]; /* for tools */
	struct tl_lmflow_piece starter, stopper;
	unsigned traits;
};

/* NULL when there is no preset of that name. */
const struct tl_lmflow_preset *tl_lmflow_preset(tl_str name);

/* The names of all presets. */
const char *const *tl_lmflow_preset_names(size_t *n);

/* A Jinja preset that a built-in template renders like: what stands between
 * these two is within its {% generation %} blocks. */
struct tl_lmflow_tags {
	const char *name;
	const char *header, *end;
	bool has_header; /* the header is in the block */
};

/* NULL when there is none of that name. */
const struct tl_lmflow_tags *tl_lmflow_tags(tl_str name);

/* LMFlow has presets that are Jinja templates. */
bool tl_lmflow_is_jinja_preset(tl_str name);

#endif
