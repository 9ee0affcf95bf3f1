/* SPDX-License-Identifier: Apache-2.0 */
#include "view/canvas.h"

#include <string.h>

#include <turnlint/str.h>

void
tl_canvas_init(
    struct tl_canvas *c, struct tl_arena *a, size_t rows, size_t cols)
{
	int (*width)(uint32_t) = c->width != NULL ? c->width : tl_utf8_width;

	*c = (struct tl_canvas){ .rows = rows,
		.cols = cols,
		.cells = TL_NEW(a, struct tl_cell, rows * cols + 1),
		.is_ascii = c->is_ascii,
		.width = width };
	for (size_t i = 0; i < rows * cols; i++)
		c->cells[i] = (struct tl_cell){ .text = " ",
			.len = 1,
			.width = 1,
			.style = TL_STYLE_PLAIN };
}

static struct tl_cell *
cell_at(struct tl_canvas *c, size_t y, size_t x)
{
	return &c->cells[y * c->cols + x];
}

/* What stands for a character on a terminal that knows ASCII alone. */
static uint32_t
to_ascii(uint32_t cp)
{
	switch (cp) {
	case 0x2502: /* │ */
		return '|';
	case 0x2500: /* ─ */
		return '-';
	case 0x2013: /* – */
	case 0x2014: /* — */
		return '-';
	case 0x2026: /* … */
		return '~';
	default:
		return cp < 0x7f ? cp : '?';
	}
}

static void
append(struct tl_cell *cell, uint32_t cp)
{
	char bytes[4];
	size_t n = tl_utf8_put(bytes, cp);

	if (n > sizeof(cell->text) - cell->len)
		return;
	memcpy(cell->text + cell->len, bytes, n);
	cell->len = (uint8_t)(cell->len + n);
}

/* One code point at x; returns the cells it takes. */
static size_t
put_codepoint(struct tl_canvas *c, size_t y, size_t x, size_t w, uint32_t cp,
    enum tl_style style, unsigned attrs)
{
	struct tl_cell *cell;
	int width;

	if (c->is_ascii)
		cp = to_ascii(cp);
	width = c->width(cp);
	if (cp < 0x20 || cp == 0x7f || width < 0) {
		cp = '?';
		width = 1;
	}
	if (width == 0) {
		/* A mark joins the character before it. */
		size_t base = x - 1;

		if (x > 1 && cell_at(c, y, base)->width == 0)
			base--;
		if (x > 0)
			append(cell_at(c, y, base), cp);
		return 0;
	}
	if ((size_t)width > w)
		return (size_t)width;
	cell = cell_at(c, y, x);
	*cell = (struct tl_cell){ .width = (uint8_t)width,
		.style = (uint8_t)style,
		.attrs = (uint8_t)attrs };
	append(cell, cp);
	if (width == 2)
		*cell_at(c, y, x + 1) =
		    (struct tl_cell){ .style = (uint8_t)style,
			    .attrs = (uint8_t)attrs };
	return (size_t)width;
}

size_t
tl_canvas_clip(struct tl_canvas *c, size_t y, size_t x, size_t w, tl_str text,
    enum tl_style style, unsigned attrs)
{
	size_t used = 0;

	if (y >= c->rows || x >= c->cols)
		return 0;
	if (w > c->cols - x)
		w = c->cols - x;
	for (size_t at = 0; at < text.len;) {
		uint32_t cp;
		size_t n = tl_utf8_next(text, at, &cp, NULL);
		size_t cells =
		    put_codepoint(c, y, x + used, w - used, cp, style, attrs);

		if (cells > w - used)
			break;
		used += cells;
		at += n;
	}
	return used;
}

/* Cells that text would take. */
static size_t
measure(const struct tl_canvas *c, tl_str text)
{
	size_t used = 0;

	for (size_t at = 0; at < text.len;) {
		uint32_t cp;
		int width;

		at += tl_utf8_next(text, at, &cp, NULL);
		width = c->width(c->is_ascii ? to_ascii(cp) : cp);
		used += width < 0 ? 1 : (size_t)width;
	}
	return used;
}

size_t
tl_canvas_put(struct tl_canvas *c, size_t y, size_t x, size_t w, tl_str text,
    enum tl_style style, unsigned attrs)
{
	size_t used;

	if (y >= c->rows || x >= c->cols)
		return 0;
	if (w > c->cols - x)
		w = c->cols - x;
	if (w == 0)
		return 0;
	if (measure(c, text) <= w)
		return tl_canvas_clip(c, y, x, w, text, style, attrs);
	used = tl_canvas_clip(c, y, x, w - 1, text, style, attrs);
	return used +
	    tl_canvas_clip(c, y, x + used, 1, TL_STR("…"), style, attrs);
}

void
tl_canvas_fill(struct tl_canvas *c, size_t y, size_t x, size_t w, char fill,
    enum tl_style style, unsigned attrs)
{
	for (size_t i = 0; i < w; i++)
		tl_canvas_clip(
		    c, y, x + i, 1, (tl_str){ &fill, 1 }, style, attrs);
}

/* Bytes of text that fit into w cells, ending behind a word if one ends. */
static size_t
fitting(const struct tl_canvas *c, tl_str text, size_t w)
{
	size_t used = 0, at = 0, word_end = 0;

	while (at < text.len) {
		uint32_t cp;
		size_t n = tl_utf8_next(text, at, &cp, NULL);
		int width = c->width(c->is_ascii ? to_ascii(cp) : cp);

		used += width < 0 ? 1 : (size_t)width;
		if (used > w)
			return word_end > 0 ? word_end : at > 0 ? at : n;
		at += n;
		if (cp == ' ')
			word_end = at;
	}
	return at;
}

size_t
tl_canvas_wrap(struct tl_canvas *c, struct tl_rect at, tl_str text,
    enum tl_style style, unsigned attrs)
{
	size_t row = 0;

	if (at.w == 0)
		return 0;
	while (text.len > 0 && row < at.h) {
		size_t n = row + 1 == at.h ? text.len : fitting(c, text, at.w);

		tl_canvas_put(c, at.y + row, at.x, at.w,
		    tl_str_slice(text, 0, n), style, attrs);
		text = tl_str_slice(text, n, text.len);
		row++;
	}
	return row;
}
