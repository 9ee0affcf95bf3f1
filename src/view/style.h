/* SPDX-License-Identifier: Apache-2.0 */
/*
 * style.h - how things look: one table for terminals with 256 colours, with
 * 8 or 16, and with none, used by `show` and by the screen alike.
 *
 * Colours are Okabe and Ito's palette (safe for colour-blind eyes) as the
 * nearest xterm-256 index.  Nothing is told by colour alone: every row has a
 * column for terminals without it, and trained runs carry marks.
 */
#ifndef TURNLINT_VIEW_STYLE_H
#define TURNLINT_VIEW_STYLE_H

#include <turnlint/buf.h>

enum tl_attr {
	TL_ATTR_BOLD = 1u,
	TL_ATTR_DIM = 2u,
	TL_ATTR_ITALIC = 4u,
	TL_ATTR_UNDERLINE = 8u,
	TL_ATTR_REVERSE = 16u,
};

#define TL_COLOUR_NONE (-1)

/* X(id, foreground and background of 256, of 8, attributes with colour,
 *   attributes without colour) */
#define TL_STYLE_LIST(X)                                                 \
	X(PLAIN, -1, -1, -1, -1, 0, 0)                                   \
	X(TRAINED, 231, 25, 7, 4, TL_ATTR_BOLD, TL_ATTR_BOLD)            \
	X(MASKED, -1, -1, -1, -1, 0, 0)                                  \
	X(TEMPLATE, -1, -1, -1, -1, TL_ATTR_DIM, TL_ATTR_DIM)            \
	X(SPECIAL, 175, -1, 5, -1, TL_ATTR_BOLD, TL_ATTR_DIM)            \
	X(SPECIAL_TRAINED, 225, 25, 7, 4, TL_ATTR_BOLD | TL_ATTR_ITALIC, \
	    TL_ATTR_BOLD)                                                \
	X(BOUNDARY, 178, -1, 3, -1, TL_ATTR_REVERSE, TL_ATTR_REVERSE)    \
	X(CUT, 244, -1, -1, -1, TL_ATTR_DIM, TL_ATTR_DIM)                \
	X(RUN_MARK, 74, -1, 6, -1, TL_ATTR_BOLD, TL_ATTR_BOLD)           \
	X(HIT, 16, 221, 0, 3, 0, TL_ATTR_REVERSE | TL_ATTR_UNDERLINE)    \
	X(TITLE, -1, -1, -1, -1, TL_ATTR_REVERSE, TL_ATTR_REVERSE)       \
	X(HEADING, -1, -1, -1, -1, TL_ATTR_BOLD, TL_ATTR_BOLD)           \
	X(FOCUS, 74, -1, 6, -1, TL_ATTR_BOLD | TL_ATTR_REVERSE,          \
	    TL_ATTR_BOLD | TL_ATTR_REVERSE)                              \
	X(FAINT, -1, -1, -1, -1, TL_ATTR_DIM, TL_ATTR_DIM)               \
	X(ERROR, 166, -1, 1, -1, TL_ATTR_BOLD, TL_ATTR_BOLD)             \
	X(WARNING, 178, -1, 3, -1, TL_ATTR_BOLD, TL_ATTR_BOLD)           \
	X(INFO, 74, -1, 6, -1, 0, 0)

enum tl_style {
#define X(id, fg, bg, fg8, bg8, attrs, mono) TL_STYLE_##id,
	TL_STYLE_LIST(X)
#undef X
	    TL_STYLE_COUNT
};

enum tl_depth { TL_DEPTH_MONO, TL_DEPTH_8, TL_DEPTH_256 };

struct tl_look {
	int fg, bg; /* colour index or TL_COLOUR_NONE */
	unsigned attrs;
};

struct tl_look tl_style_look(enum tl_style style, enum tl_depth depth);
const char *tl_style_name(enum tl_style style); /* "trained" */

/* Append the SGR sequence that switches from anything to the style; extra are
 * further attributes. */
void tl_style_put_sgr(
    struct tl_buf *b, enum tl_style style, unsigned extra, enum tl_depth depth);

#endif
