/* SPDX-License-Identifier: Apache-2.0 */
#include "view/draw.h"

#include <string.h>

#include <turnlint/trainer.h>

struct drawing {
	struct tl_drawing *out;
	struct tl_canvas *canvas;
	struct tl_arena *arena;
	struct tl_model *model;
};

static void
put_rule(struct drawing *d, size_t y, size_t x, size_t w)
{
	for (size_t i = 0; i < w; i++)
		tl_canvas_clip(
		    d->canvas, y, x + i, 1, TL_STR("─"), TL_STYLE_FAINT, 0);
}

/* The row above a pane: its name, and something to know about it. */
static void
put_heading(struct drawing *d, enum tl_pane pane, const char *name, tl_str more)
{
	struct tl_rect r = d->model->layout.panes[pane];
	bool has_focus = d->model->focus == pane;
	enum tl_style style = has_focus ? TL_STYLE_FOCUS : TL_STYLE_HEADING;
	struct tl_buf b;

	if (r.h == 0)
		return;
	if (has_focus)
		tl_canvas_fill(d->canvas, r.y, r.x, r.w, ' ', style, 0);
	else
		put_rule(d, r.y, r.x, r.w);
	tl_buf_init(&b, d->arena, 0);
	tl_buf_printf(&b, " %s ", name);
	if (more.len > 0) {
		tl_buf_putc(&b, ' ');
		tl_buf_put(&b, more);
		tl_buf_putc(&b, ' ');
	}
	tl_canvas_put(d->canvas, r.y, r.x + !has_focus, r.w - !has_focus,
	    tl_buf_str(&b), style, 0);
}

/* The end of a path: the last two names are enough to know it by. */
static void
put_tail(struct tl_buf *b, tl_str path)
{
	size_t slashes = 0, at = path.len;

	while (at > 0 && slashes < 2)
		slashes += path.ptr[--at] == '/';
	if (slashes == 2 && at > 0) {
		tl_buf_puts(b, "…");
		path = tl_str_slice(path, at, path.len);
	}
	tl_buf_put_escaped(b, path);
}

static void
draw_title(struct drawing *d)
{
	const struct tl_model *m = d->model;
	const struct tl_recipe *recipe = m->loader->recipe;
	size_t cols = d->canvas->cols;
	struct tl_buf b;

	tl_buf_init(&b, d->arena, 0);
	if (tl_model_nrows(m) > 0)
		tl_buf_printf(&b, " %zu/%zu%s ", m->row + 1, tl_model_nrows(m),
		    tl_model_rows_complete(m) ? "" : "+");
	tl_buf_putc(&b, ' ');
	put_tail(&b, m->file->path);
	if (m->has_record) {
		tl_str id = tl_record_id(m->shown.facts.record);

		tl_buf_printf(&b, ":%zu", m->record.pos.line);
		if (id.len > 0) {
			tl_buf_puts(&b, "  id ");
			tl_buf_put_escaped(&b, tl_str_slice(id, 0, 40));
		}
	}
	tl_buf_puts(&b, "  tpl ");
	put_tail(&b,
	    recipe->template_ != NULL ? tl_template_name(recipe->template_)
				      : TL_STR("none"));
	tl_buf_puts(&b, recipe->is_default_template ? " (default)" : "");
	tl_buf_puts(&b, "  tok ");
	put_tail(&b,
	    recipe->tokenizer != NULL ? tl_tokenizer_name(recipe->tokenizer)
				      : TL_STR("none"));
	tl_buf_puts(&b, recipe->is_default_tokenizer ? " (default)" : "");
	tl_buf_printf(&b, "  trainer %s", recipe->trainer->name);
	if (recipe->sequence_len > 0)
		tl_buf_printf(&b, "  seq %zu", recipe->sequence_len);
	tl_canvas_fill(d->canvas, 0, 0, cols, ' ', TL_STYLE_TITLE, 0);
	tl_canvas_put(d->canvas, 0, 0, cols, tl_buf_str(&b), TL_STYLE_TITLE, 0);
}

/* --- records --- */

static size_t
put_count(struct drawing *d, size_t y, size_t x, size_t w, size_t count,
    char letter, enum tl_style style, unsigned attrs)
{
	char *text;

	if (count == 0)
		return 0;
	text = tl_arena_printf(d->arena, "%c%zu ", letter, count);
	return tl_canvas_clip(
	    d->canvas, y, x, w, tl_str_from(text), style, attrs);
}

static void
draw_row(struct drawing *d, struct tl_rect in, size_t y, size_t row)
{
	const struct tl_model *m = d->model;
	const struct tl_row *r = tl_model_row(m, row);
	bool is_selected = row == m->row;
	unsigned attrs = is_selected ? TL_ATTR_REVERSE : 0;
	size_t w = in.w, x = in.x, used;
	char *number = tl_arena_printf(d->arena, "%c%5zu ",
	    is_selected ? '>' : ' ', tl_model_record_of(m, row) + 1);

	tl_canvas_fill(d->canvas, y, x, w, ' ', TL_STYLE_PLAIN, attrs);
	used = tl_canvas_clip(
	    d->canvas, y, x, w, tl_str_from(number), TL_STYLE_PLAIN, attrs);
	if (r == NULL) {
		tl_canvas_put(d->canvas, y, x + used, w - used, TL_STR("…"),
		    TL_STYLE_FAINT, attrs);
		return;
	}
	used += put_count(d, y, x + used, w - used, r->counts[TL_LEVEL_ERROR],
	    'E', TL_STYLE_ERROR, attrs);
	used += put_count(d, y, x + used, w - used, r->counts[TL_LEVEL_WARNING],
	    'W', TL_STYLE_WARNING, attrs);
	used += put_count(d, y, x + used, w - used, r->counts[TL_LEVEL_INFO],
	    'I', TL_STYLE_INFO, attrs);
	tl_canvas_put(d->canvas, y, x + used, w - used, tl_str_from(r->label),
	    TL_STYLE_PLAIN, attrs);
}

static void
draw_list(struct drawing *d)
{
	const struct tl_model *m = d->model;
	struct tl_rect in = tl_model_inside(m, TL_PANE_LIST);
	struct tl_buf b;

	tl_buf_init(&b, d->arena, 0);
	if (m->filter[0] != '\0') {
		tl_buf_puts(&b, "& ");
		tl_buf_put_escaped(&b, tl_str_from(m->filter));
	}
	put_heading(d, TL_PANE_LIST, "records", tl_buf_str(&b));
	for (size_t i = 0; i < in.h; i++)
		if (m->top_row + i < tl_model_nrows(m))
			draw_row(d, in, in.y + i, m->top_row + i);
	if (in.h > 0 && tl_model_nrows(m) == 0)
		tl_canvas_put(d->canvas, in.y, in.x, in.w,
		    tl_model_rows_complete(m) ? TL_STR(" no records")
					      : TL_STR(" reading …"),
		    TL_STYLE_FAINT, 0);
}

/* --- tokens --- */

static bool
is_hit(const struct tl_model *m, size_t token)
{
	struct tl_offset o = m->tokens.sample->tokens.offsets[token];

	return o.beg < m->hit.end && o.end > m->hit.beg;
}

static void
draw_glyph(
    struct drawing *d, const struct tl_placed *p, size_t y, size_t x, size_t w)
{
	const struct tl_model *m = d->model;
	enum tl_style style = tl_token_style(&m->tokens, p->token);
	unsigned attrs = 0;

	if (p->glyph.kind == TL_GLYPH_MARK)
		style = TL_STYLE_RUN_MARK;
	else if (is_hit(m, p->token))
		style = TL_STYLE_HIT;
	if (p->glyph.kind != TL_GLYPH_MARK && p->token % 2 == 1)
		attrs |= TL_ATTR_UNDERLINE;
	if (p->glyph.kind != TL_GLYPH_MARK && p->token == m->cursor) {
		if (d->out->cursor_y == 0) {
			d->out->cursor_y = y;
			d->out->cursor_x = x;
		}
		attrs |= TL_ATTR_REVERSE;
	}
	tl_canvas_put(d->canvas, y, x, w, p->glyph.text, style, attrs);
}

static void
draw_tokens(struct drawing *d)
{
	struct tl_model *m = d->model;
	struct tl_rect in = tl_model_inside(m, TL_PANE_TOKENS);

	put_heading(d, TL_PANE_TOKENS, "tokens",
	    m->has_record ? tl_shown_counts(&m->shown, d->arena) : TL_STR(""));
	if (in.h == 0 || !m->has_record)
		return;
	if (m->tokens.n == 0) {
		struct tl_buf b;

		tl_buf_init(&b, d->arena, 0);
		tl_buf_puts(&b, "no tokens: ");
		tl_buf_put(&b, tl_token_list_why(&m->tokens, d->arena));
		tl_canvas_wrap(
		    d->canvas, in, tl_buf_str(&b), TL_STYLE_WARNING, 0);
		return;
	}
	for (size_t i = 0; i < in.h; i++) {
		struct tl_token_line line;
		size_t x = 0;

		if (!tl_model_line(m, m->top_line + i, d->arena, &line))
			break;
		for (size_t k = 0; k < line.n && x < in.w; k++) {
			draw_glyph(
			    d, &line.glyphs[k], in.y + i, in.x + x, in.w - x);
			x += line.glyphs[k].glyph.width;
		}
	}
}

/* What the looks mean, at the right end of the row above the detail. */
static void
draw_legend(struct drawing *d)
{
	static const struct {
		const char *text;
		enum tl_style style;
	} parts[] = {
		{ " ⟦", TL_STYLE_RUN_MARK },
		{ "trained", TL_STYLE_TRAINED },
		{ "⟧", TL_STYLE_RUN_MARK },
		{ " masked ", TL_STYLE_MASKED },
		{ "template", TL_STYLE_TEMPLATE },
		{ " ", TL_STYLE_PLAIN },
		{ "special", TL_STYLE_SPECIAL },
		{ " ", TL_STYLE_PLAIN },
	};
	const size_t width = 36;
	struct tl_rect r = d->model->layout.panes[TL_PANE_DETAIL];
	bool is_ascii = d->canvas->is_ascii;
	size_t x;

	if (r.h == 0 || r.w < 60)
		return;
	x = r.x + r.w - width - 1;
	for (size_t i = 0; i < TL_COUNT(parts); i++) {
		const char *text = parts[i].text;

		if (is_ascii && parts[i].style == TL_STYLE_RUN_MARK)
			text = i == 0 ? " [[" : "]]";
		x += tl_canvas_clip(d->canvas, r.y, x, width, tl_str_from(text),
		    parts[i].style, 0);
	}
}

static void
draw_detail(struct drawing *d)
{
	struct tl_model *m = d->model;
	struct tl_rect in = tl_model_inside(m, TL_PANE_DETAIL);
	struct tl_token_words w;
	tl_str lines[3];

	put_heading(d, TL_PANE_DETAIL, "token", TL_STR(""));
	if (in.h == 0 || !m->has_record || m->tokens.n == 0)
		return;
	w = tl_token_describe(&m->tokens, d->arena, m->cursor);
	lines[0] = w.what;
	lines[1] = w.why;
	lines[2] = w.source;
	for (size_t i = 0; i < TL_COUNT(lines) && in.h > 0; i++) {
		struct tl_rect at = in;
		size_t left = TL_COUNT(lines) - 1 - i;
		size_t used;

		if (at.h > left)
			at.h -= left;
		else
			at.h = 1;
		used = tl_canvas_wrap(d->canvas, at, lines[i],
		    i == 1 ? TL_STYLE_HEADING : TL_STYLE_PLAIN, 0);
		in.y += used;
		in.h -= used;
	}
}

/* --- findings --- */

/* The first finding to draw, so that the current one fits. */
static size_t
first_finding(const struct tl_model *m, size_t rows_each, size_t h)
{
	size_t fit = h / rows_each > 0 ? h / rows_each : 1;

	if (m->finding == TL_NPOS || m->finding < fit)
		return 0;
	return m->finding - fit + 1;
}

static void
draw_findings(struct drawing *d)
{
	const struct tl_model *m = d->model;
	struct tl_rect in = tl_model_inside(m, TL_PANE_FINDINGS);
	size_t n = m->has_record ? m->shown.nfindings : 0;
	size_t rows_each = in.w >= 80 || in.h < 2 ? 1 : in.h < 12 ? 2 : 4;
	const char *more = "none";

	if (n > 0)
		more = m->finding != TL_NPOS
		    ? tl_arena_printf(d->arena, "%zu/%zu", m->finding + 1, n)
		    : tl_arena_printf(d->arena, "%zu", n);
	put_heading(d, TL_PANE_FINDINGS, "findings",
	    tl_str_from(m->has_record ? more : ""));
	for (size_t i = first_finding(m, rows_each, in.h); i < n && in.h > 0;
	     i++) {
		const struct tl_finding *f = &m->shown.findings[i];
		struct tl_rect at = in;
		size_t used;

		at.h = at.h < rows_each ? at.h : rows_each;
		used = tl_canvas_wrap(d->canvas, at,
		    tl_finding_words(f, d->arena), tl_finding_style(f),
		    i == m->finding ? TL_ATTR_REVERSE : 0);
		in.y += used;
		in.h -= used;
	}
}

/* --- the rest --- */

static void
draw_separators(struct drawing *d)
{
	const struct tl_layout *l = &d->model->layout;

	for (int p = 0; p < TL_PANE_COUNT; p++) {
		struct tl_rect r = l->panes[p];

		if (r.h == 0 || r.x == 0)
			continue;
		for (size_t i = 0; i < r.h; i++)
			tl_canvas_clip(d->canvas, r.y + i, r.x - 1, 1,
			    TL_STR("│"), TL_STYLE_FAINT, 0);
	}
}

static void
draw_status(struct drawing *d)
{
	const struct tl_model *m = d->model;
	size_t y = d->canvas->rows - 1, w = d->canvas->cols;
	struct tl_buf b;

	tl_buf_init(&b, d->arena, 0);
	if (m->prompt != TL_PROMPT_NONE) {
		size_t used;

		tl_buf_putc(&b, m->prompt == TL_PROMPT_SEARCH ? '/' : '&');
		tl_buf_put_escaped(
		    &b, (tl_str){ m->prompt_text, m->prompt_len });
		used = tl_canvas_put(
		    d->canvas, y, 0, w, tl_buf_str(&b), TL_STYLE_HEADING, 0);
		d->out->cursor_y = y;
		d->out->cursor_x = used < w ? used : w - 1;
		return;
	}
	if (m->count > 0)
		tl_buf_printf(&b, "%zu", m->count);
	else if (m->notice[0] != '\0')
		tl_buf_put_escaped(&b, tl_str_from(m->notice));
	else if (m->read_error.status != TL_OK)
		tl_buf_put_escaped(&b, tl_str_from(m->read_error.message));
	else
		tl_buf_puts(&b,
		    "? help  q quit  [ ] record  t trained  e finding  "
		    "/ search  Tab pane");
	tl_canvas_put(d->canvas, y, 0, w, tl_buf_str(&b), TL_STYLE_FAINT, 0);
}

/* Lines of the help, numbered; draws those in sight. */
struct help {
	struct drawing *d;
	size_t line;
};

static void
help_line(struct help *h, tl_str keys, tl_str text, enum tl_style style)
{
	size_t top = h->d->model->help_top;
	size_t line = h->line++;
	size_t rows = h->d->canvas->rows, w = h->d->canvas->cols;
	size_t left = w >= 60 ? 18 : 12;

	if (line < top || line - top + 1 >= rows)
		return;
	line = line - top;
	if (w < left + 2)
		left = w / 2;
	tl_canvas_put(
	    h->d->canvas, line, 1, left - 1, keys, TL_STYLE_HEADING, 0);
	tl_canvas_put(
	    h->d->canvas, line, left + 1, w - left - 1, text, style, 0);
}

static void
draw_help(struct drawing *d)
{
	static const struct {
		const char *sign, *text;
		enum tl_style style;
	} signs[] = {
		{ "⟦ ⟧", "trained: bold, on blue, between these marks",
		    TL_STYLE_TRAINED },
		{ "", "masked: data that is not trained", TL_STYLE_MASKED },
		{ "", "masked: text of the template", TL_STYLE_TEMPLATE },
		{ "", "masked: a special token", TL_STYLE_SPECIAL },
		{ "", "masked: at a boundary, worth a look",
		    TL_STYLE_BOUNDARY },
		{ "‹cut›", "from here on cut off by the sequence length",
		    TL_STYLE_CUT },
		{ "· ⏎ ⇥", "space, newline, tab", TL_STYLE_PLAIN },
		{ "‹U+200D›", "a character that would not be seen",
		    TL_STYLE_PLAIN },
		{ "‹F0 9F+98+80=😀›", "a character of three tokens, as bytes",
		    TL_STYLE_PLAIN },
		{ "underline", "every other token, to show where they end",
		    TL_STYLE_PLAIN },
	};
	struct help h = { .d = d };
	size_t last;

	help_line(&h, TL_STR("keys"), TL_STR("j k move, other keys leave help"),
	    TL_STYLE_FAINT);
	for (int r = TL_REQUEST_NONE + 1; r < TL_REQUEST_COUNT; r++) {
		struct tl_request_info info =
		    tl_request_info((enum tl_request)r);

		help_line(&h, tl_str_from(info.keys), tl_str_from(info.help),
		    TL_STYLE_PLAIN);
	}
	help_line(&h, TL_STR(""), TL_STR(""), TL_STYLE_PLAIN);
	for (size_t i = 0; i < TL_COUNT(signs); i++)
		help_line(&h, tl_str_from(signs[i].sign),
		    tl_str_from(signs[i].text), signs[i].style);
	last = h.line;
	/* Do not scroll past the end. */
	if (d->model->help_top + 1 > last)
		d->model->help_top = last > 0 ? last - 1 : 0;
}

void
tl_draw(struct tl_drawing *out, struct tl_arena *a, struct tl_model *m)
{
	struct drawing d = {
		.out = out, .canvas = &out->canvas, .arena = a, .model = m
	};

	tl_arena_reset(a);
	tl_canvas_init(&out->canvas, a, m->layout.rows, m->layout.cols);
	out->cursor_y = out->cursor_x = 0;
	if (m->shows_help) {
		draw_help(&d);
		return;
	}
	draw_title(&d);
	draw_list(&d);
	draw_tokens(&d);
	draw_findings(&d);
	draw_detail(&d);
	draw_legend(&d);
	draw_separators(&d);
	draw_status(&d);
}
