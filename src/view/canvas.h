/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canvas.h - a grid of cells to draw on, before any terminal is involved.
 *
 * Whatever is put here is safe text; a control character that got through
 * nevertheless becomes '?'.
 */
#ifndef TURNLINT_VIEW_CANVAS_H
#define TURNLINT_VIEW_CANVAS_H

#include "view/style.h"

struct tl_cell {
	char text[28]; /* a base and up to four marks */
	uint8_t len;   /* bytes of text */
	uint8_t width; /* 1 or 2; 0: covered by the wide one before */
	uint8_t style; /* enum tl_style */
	uint8_t attrs; /* further enum tl_attr */
};

struct tl_canvas {
	size_t rows, cols;
	struct tl_cell *cells; /* rows * cols */
	bool is_ascii;
	int (*width)(uint32_t cp);
};

struct tl_rect {
	size_t x, y, w, h;
};

/* Cells live in `a`; the canvas is blank. */
void tl_canvas_init(
    struct tl_canvas *c, struct tl_arena *a, size_t rows, size_t cols);

/* Put text at (y, x), at most w cells; what does not fit is cut, with an
 * ellipsis in the last cell.  Returns the cells used. */
size_t tl_canvas_put(struct tl_canvas *c, size_t y, size_t x, size_t w,
    tl_str text, enum tl_style style, unsigned attrs);

/* The same without an ellipsis. */
size_t tl_canvas_clip(struct tl_canvas *c, size_t y, size_t x, size_t w,
    tl_str text, enum tl_style style, unsigned attrs);

/* w cells of one ASCII character. */
void tl_canvas_fill(struct tl_canvas *c, size_t y, size_t x, size_t w,
    char fill, enum tl_style style, unsigned attrs);

/* Text wrapped at spaces into the rectangle; returns the rows used. */
size_t tl_canvas_wrap(struct tl_canvas *c, struct tl_rect at, tl_str text,
    enum tl_style style, unsigned attrs);

#endif
