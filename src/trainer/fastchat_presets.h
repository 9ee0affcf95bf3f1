/* SPDX-License-Identifier: Apache-2.0 */
/* fastchat_presets.h - the named conversations that FastChat can train. */
#ifndef TRAINER_FASTCHAT_PRESETS_H
#define TRAINER_FASTCHAT_PRESETS_H

#include <turnlint/base.h>

enum tl_fastchat_style {
	TL_FASTCHAT_ADD_COLON_SINGLE,
	TL_FASTCHAT_ADD_COLON_TWO,
	TL_FASTCHAT_ADD_COLON_SPACE_SINGLE,
	TL_FASTCHAT_LLAMA2,
	TL_FASTCHAT_CHATML,
};

struct tl_fastchat_preset {
	const char *name;
	enum tl_fastchat_style style;
	const char *system; /* its own system text, or NULL */
	size_t nsystem; /* characters of one that is too long to stand here */
	const char *before, *behind; /* around the system text; NULL: nothing */
	bool has_fixed_system; /* `before` is all there is, whatever the system
				* text says */
	const char *roles[2];
	const char *sep, *sep2; /* sep2: NULL when there is none */
};

/* NULL when there is no such conversation. */
const struct tl_fastchat_preset *tl_fastchat_preset(tl_str name);
const struct tl_fastchat_preset *tl_fastchat_presets(size_t *n);

/* FastChat has the conversation, and no separators for its style: training
 * with it stops. */
bool tl_fastchat_is_untrainable(tl_str name);

#endif
