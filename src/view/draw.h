/* SPDX-License-Identifier: Apache-2.0 */
/* draw.h - the model onto a canvas. */
#ifndef TURNLINT_VIEW_DRAW_H
#define TURNLINT_VIEW_DRAW_H

#include "view/canvas.h"
#include "view/model.h"

struct tl_drawing {
	struct tl_canvas canvas;
	size_t cursor_y, cursor_x; /* where the terminal's cursor belongs */
};

/* Draw all of it; cells and scratch live in `a`, which is reset.  Set is_ascii
 * and width of d->canvas before the first call. */
void tl_draw(struct tl_drawing *d, struct tl_arena *a, struct tl_model *m);

#endif
