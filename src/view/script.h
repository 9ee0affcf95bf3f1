/* SPDX-License-Identifier: Apache-2.0 */
/* script.h - keys written down, for tests of the screen (see screen.h). */
#ifndef TURNLINT_VIEW_SCRIPT_H
#define TURNLINT_VIEW_SCRIPT_H

#include "view/keys.h"

enum tl_script_kind {
	TL_SCRIPT_KEY,
	TL_SCRIPT_RESIZE,
	TL_SCRIPT_DUMP,
	TL_SCRIPT_DUMP_ATTRIBUTES,
	TL_SCRIPT_BAD,
};

struct tl_script {
	tl_str text;
	size_t at;
	bool in_quotes;
};

struct tl_script_step {
	enum tl_script_kind kind;
	int key;
	size_t rows, cols;
	tl_str word;
};

/* The next step; false at the end. */
bool tl_script_next(struct tl_script *s, struct tl_script_step *out);

#endif
