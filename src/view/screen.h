/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen.h - the viewer on a terminal, or on no terminal at all for tests.
 *
 * The only part that knows curses.  A screen is process-wide: one at a time.
 */
#ifndef TURNLINT_VIEW_SCREEN_H
#define TURNLINT_VIEW_SCREEN_H

#include "view/model.h"

struct tl_screen_options {
	bool use_colour;
	tl_oom_fn *oom;

	/* Scripted: no terminal is touched.  The script holds keys by name,
	 * separated by white space; "text" in quotes for characters one by
	 * one; resize:COLSxROWS; dump and dump-attributes, which append the
	 * screen to out as text; a # begins a comment. */
	bool is_scripted;
	tl_str script;
	size_t rows, cols;
	struct tl_buf *out;
};

/* True when the terminal's character set is not UTF-8. */
bool tl_screen_is_ascii(void);
/* Cells that curses gives a code point; negative when it knows none. */
int tl_screen_width(uint32_t cp);

/* Whether the terminal type (NULL: none given) is known and can move its
 * cursor. */
bool tl_screen_knows(const char *term, int fd);

/* Run until the user quits.  TL_EINTR after a signal that ends the program;
 * the terminal is restored in any case. */
enum tl_status tl_screen_run(struct tl_model *m,
    const struct tl_screen_options *opt, struct tl_error *err) TL_MUST_USE;

/* Give the terminal back, if it was taken: before a last message. */
void tl_screen_restore(void);

#endif
