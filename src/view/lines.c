/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the token pane, laid out as far as someone looked. */
#include "view/model_parts.h"

static size_t
pane_width(const struct tl_model *m)
{
	size_t w = tl_model_inside(m, TL_PANE_TOKENS).w;

	return w > 0 ? w : 1;
}

static void
add_line(struct tl_model *m, struct tl_token_pos at)
{
	if (m->nlines == m->cap_lines) {
		size_t cap = m->cap_lines > 0 ? m->cap_lines * 2 : 64;

		m->lines = tl_arena_grow(m->lines_arena, m->lines,
		    m->nlines * sizeof(*m->lines), cap * sizeof(*m->lines),
		    _Alignof(struct tl_token_pos));
		m->cap_lines = cap;
	}
	m->lines[m->nlines++] = at;
}

void
tl_lines_reset(struct tl_model *m)
{
	tl_arena_reset(m->lines_arena);
	m->lines = NULL;
	m->nlines = m->cap_lines = 0;
	m->top_line = 0;
	m->want_column = TL_NPOS;
	m->has_all_lines = m->tokens.n == 0;
	if (!m->has_all_lines)
		add_line(m, (struct tl_token_pos){ 0, 0 });
}

/* Know where the line behind the last known one begins. */
static void
extend(struct tl_model *m)
{
	struct tl_token_line line;

	tl_arena_reset(m->scratch);
	tl_token_line(&m->tokens, m->scratch, m->lines[m->nlines - 1],
	    pane_width(m), &line);
	if (line.next.token >= m->tokens.n)
		m->has_all_lines = true;
	else
		add_line(m, line.next);
}

static bool
has_line(struct tl_model *m, size_t line)
{
	while (!m->has_all_lines && m->nlines <= line)
		extend(m);
	return line < m->nlines;
}

bool
tl_model_line(struct tl_model *m, size_t line, struct tl_arena *a,
    struct tl_token_line *out)
{
	if (!has_line(m, line))
		return false;
	tl_token_line(&m->tokens, a, m->lines[line], pane_width(m), out);
	return true;
}

static bool
is_behind(struct tl_token_pos at, size_t token)
{
	return at.token > token || (at.token == token && at.glyph > 0);
}

size_t
tl_lines_of_token(struct tl_model *m, size_t token)
{
	size_t lo = 0, hi;

	while (!m->has_all_lines && !is_behind(m->lines[m->nlines - 1], token))
		extend(m);
	hi = m->nlines;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (is_behind(m->lines[mid], token))
			hi = mid;
		else
			lo = mid;
	}
	return lo;
}

static size_t
column_of_cursor(struct tl_model *m, size_t line)
{
	struct tl_token_line l;
	size_t x = 0;

	tl_arena_reset(m->scratch);
	if (!tl_model_line(m, line, m->scratch, &l))
		return 0;
	for (size_t i = 0; i < l.n && l.glyphs[i].token != m->cursor; i++)
		x += l.glyphs[i].glyph.width;
	return x;
}

/* The token that begins on the line and stands nearest before the column; or
 * TL_NPOS when none begins there. */
static size_t
token_at_column(struct tl_model *m, size_t line, size_t column)
{
	struct tl_token_line l;
	struct tl_token_pos at = m->lines[line];
	size_t x = 0, best = TL_NPOS;

	tl_arena_reset(m->scratch);
	if (!tl_model_line(m, line, m->scratch, &l))
		return TL_NPOS;
	for (size_t i = 0; i < l.n; i++) {
		bool begins_here =
		    l.glyphs[i].token > at.token || at.glyph == 0;

		if (begins_here && (x <= column || best == TL_NPOS))
			best = l.glyphs[i].token;
		x += l.glyphs[i].glyph.width;
	}
	return best;
}

void
tl_lines_move(struct tl_model *m, bool is_down, size_t n)
{
	size_t line = tl_lines_of_token(m, m->cursor);
	size_t token = TL_NPOS;

	if (m->want_column == TL_NPOS)
		m->want_column = column_of_cursor(m, line);
	while (n > 0 && (is_down ? has_line(m, line + 1) : line > 0)) {
		line = is_down ? line + 1 : line - 1;
		n--;
	}
	/* A line inside of one token has no token to stand on. */
	for (;;) {
		token = token_at_column(m, line, m->want_column);
		if (token != TL_NPOS ||
		    !(is_down ? has_line(m, line + 1) : line > 0))
			break;
		line = is_down ? line + 1 : line - 1;
	}
	if (token != TL_NPOS)
		m->cursor = token;
	tl_lines_show_cursor(m);
}

void
tl_lines_page(struct tl_model *m, bool is_down, size_t n)
{
	if (!is_down)
		m->top_line -= n < m->top_line ? n : m->top_line;
	else if (has_line(m, m->top_line + n))
		m->top_line += n;
	tl_lines_move(m, is_down, n);
}

void
tl_lines_show_cursor(struct tl_model *m)
{
	size_t height = tl_model_inside(m, TL_PANE_TOKENS).h;
	size_t line, end = m->top_line + height;

	if (m->tokens.n == 0 || height == 0)
		return;
	line = tl_lines_of_token(m, m->cursor);
	if (line + 1 == m->top_line)
		m->top_line = line;
	else if (line == end)
		m->top_line++;
	else if (line < m->top_line || line > end)
		/* A jump: show what stands before it, too. */
		m->top_line = line > height / 3 ? line - height / 3 : 0;
}
