/* SPDX-License-Identifier: Apache-2.0 */
#include "view/style.h"

struct row {
	const char *name;
	int fg256, bg256, fg8, bg8;
	unsigned attrs, mono;
};

static const struct row rows[] = {
#define X(id, fg, bg, fg8, bg8, attrs, mono) \
	[TL_STYLE_##id] = { #id, fg, bg, fg8, bg8, attrs, mono },
	TL_STYLE_LIST(X)
#undef X
};

struct tl_look
tl_style_look(enum tl_style style, enum tl_depth depth)
{
	const struct row *r = &rows[style];

	switch (depth) {
	case TL_DEPTH_256:
		return (struct tl_look){ r->fg256, r->bg256, r->attrs };
	case TL_DEPTH_8:
		return (struct tl_look){ r->fg8, r->bg8, r->attrs };
	case TL_DEPTH_MONO:
		break;
	}
	return (struct tl_look){ TL_COLOUR_NONE, TL_COLOUR_NONE, r->mono };
}

const char *
tl_style_name(enum tl_style style)
{
	return rows[style].name;
}

void
tl_style_put_sgr(
    struct tl_buf *b, enum tl_style style, unsigned extra, enum tl_depth depth)
{
	static const struct {
		unsigned attr;
		char code;
	} codes[] = { { TL_ATTR_BOLD, '1' }, { TL_ATTR_DIM, '2' },
		{ TL_ATTR_ITALIC, '3' }, { TL_ATTR_UNDERLINE, '4' },
		{ TL_ATTR_REVERSE, '7' } };
	struct tl_look look = tl_style_look(style, depth);
	unsigned attrs = look.attrs | extra;

	tl_buf_puts(b, "\x1b[0");
	for (size_t i = 0; i < TL_COUNT(codes); i++)
		if (attrs & codes[i].attr)
			tl_buf_printf(b, ";%c", codes[i].code);
	if (look.fg != TL_COLOUR_NONE)
		tl_buf_printf(
		    b, depth == TL_DEPTH_256 ? ";38;5;%d" : ";3%d", look.fg);
	if (look.bg != TL_COLOUR_NONE)
		tl_buf_printf(
		    b, depth == TL_DEPTH_256 ? ";48;5;%d" : ";4%d", look.bg);
	tl_buf_putc(b, 'm');
}
