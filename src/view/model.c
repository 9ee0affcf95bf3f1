/* SPDX-License-Identifier: Apache-2.0 */
#include "view/model_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SINGLE_BELOW_COLS 60
#define SINGLE_BELOW_ROWS 15
#define WIDE_COLS 140 /* room for the findings beside the tokens */
#define LONG_LIST_COLS 110

static void
free_arena(void *arg)
{
	tl_arena_free(arg);
}

static struct tl_arena *
new_arena(struct tl_arena *owner, tl_oom_fn *oom)
{
	struct tl_arena *a = tl_arena_new(oom, NULL);

	tl_arena_defer(owner, free_arena, a);
	return a;
}

struct tl_model *
tl_model_new(struct tl_arena *a, const struct tl_model_setup *setup)
{
	struct tl_model *m = TL_NEW(a, struct tl_model, 1);

	m->loader = setup->loader;
	m->reader = setup->reader;
	m->file = tl_reader_file(setup->reader);
	m->token_options = setup->token_options;
	m->arena = a;
	m->rec_arena = new_arena(a, setup->oom);
	m->lines_arena = new_arena(a, setup->oom);
	m->scratch = new_arena(a, setup->oom);
	m->cache = TL_NEW(a, struct tl_row, TL_ROW_CACHE);
	m->finding = TL_NPOS;
	tl_model_resize(m, 24, 80);
	return m;
}

void
tl_model_notice(struct tl_model *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->notice, sizeof(m->notice), fmt, ap);
	va_end(ap);
}

/* --- layout --- */

static void
layout_single(struct tl_layout *l, enum tl_pane focus)
{
	size_t body = l->rows > 2 ? l->rows - 2 : 1;
	size_t detail = focus == TL_PANE_TOKENS && body >= 8 ? 3 : 0;

	l->panes[focus] = (struct tl_rect){ 0, 1, l->cols, body - detail };
	if (detail > 0)
		l->panes[TL_PANE_DETAIL] =
		    (struct tl_rect){ 0, 1 + body - detail, l->cols, detail };
}

/* Rows of the findings when they stand under the tokens. */
static size_t
findings_height(const struct tl_layout *l, size_t body, size_t nfindings)
{
	size_t most = body / 3;

	/* Where lines are short, each takes two. */
	if (l->cols < LONG_LIST_COLS)
		nfindings *= 2;
	if (nfindings < 1)
		nfindings = 1;
	return 1 + (nfindings < most ? nfindings : most);
}

static void
layout_panes(struct tl_layout *l, size_t nfindings)
{
	const size_t detail = 4;
	size_t body = l->rows - 2 - detail;
	size_t list = l->cols >= LONG_LIST_COLS ? 30 : 22;
	size_t x = list + 1;
	size_t w = l->cols - x;

	l->panes[TL_PANE_LIST] = (struct tl_rect){ 0, 1, list, body };
	l->panes[TL_PANE_DETAIL] =
	    (struct tl_rect){ 0, 1 + body, l->cols, detail };
	if (l->cols >= WIDE_COLS) {
		size_t side = 44;

		w -= side + 1;
		l->panes[TL_PANE_FINDINGS] =
		    (struct tl_rect){ x + w + 1, 1, side, body };
		l->panes[TL_PANE_TOKENS] = (struct tl_rect){ x, 1, w, body };
	} else {
		size_t h = findings_height(l, body, nfindings);

		l->panes[TL_PANE_TOKENS] =
		    (struct tl_rect){ x, 1, w, body - h };
		l->panes[TL_PANE_FINDINGS] =
		    (struct tl_rect){ x, 1 + body - h, w, h };
	}
}

/* Place the panes; lines and scrolling follow. */
static void
lay_out(struct tl_model *m)
{
	struct tl_layout *l = &m->layout;
	size_t old_width = tl_model_inside(m, TL_PANE_TOKENS).w;

	memset(l->panes, 0, sizeof(l->panes));
	l->is_single =
	    l->cols < SINGLE_BELOW_COLS || l->rows < SINGLE_BELOW_ROWS;
	if (l->is_single)
		layout_single(l, m->focus);
	else
		layout_panes(l, m->has_record ? m->shown.nfindings : 0);
	if (tl_model_inside(m, TL_PANE_TOKENS).w != old_width)
		tl_lines_reset(m);
	tl_lines_show_cursor(m);
}

void
tl_model_resize(struct tl_model *m, size_t rows, size_t cols)
{
	m->layout.rows = rows;
	m->layout.cols = cols;
	if (!m->layout.is_single && m->focus == TL_PANE_DETAIL)
		m->focus = TL_PANE_TOKENS;
	lay_out(m);
}

struct tl_rect
tl_model_inside(const struct tl_model *m, enum tl_pane pane)
{
	struct tl_rect r = m->layout.panes[pane];

	if (r.h > 0) {
		r.y++;
		r.h--;
	}
	return r;
}

static void
set_focus(struct tl_model *m, enum tl_pane pane)
{
	m->focus = pane;
	lay_out(m);
}

size_t
tl_model_pane_height(const struct tl_model *m, enum tl_pane pane)
{
	size_t h = tl_model_inside(m, pane).h;

	return h > 0 ? h : 1;
}

/* --- the selected record --- */

static void
show_row(struct tl_model *m)
{
	size_t h = tl_model_pane_height(m, TL_PANE_LIST);

	if (m->row < m->top_row)
		m->top_row = m->row;
	else if (m->row >= m->top_row + h)
		m->top_row = m->row - h + 1;
}

void
tl_model_select(struct tl_model *m, size_t row)
{
	if (row != m->row)
		m->has_record = false;
	m->row = row;
	show_row(m);
}

/* Have the selected record; false if there is none. */
bool
tl_model_load(struct tl_model *m)
{
	if (m->has_record)
		return true;
	if (m->row >= tl_model_nrows(m))
		return false;
	tl_arena_reset(m->rec_arena);
	m->tokens = (struct tl_token_list){ 0 };
	m->cursor = 0;
	m->finding = TL_NPOS;
	m->hit = (tl_span){ 0, 0 };
	if (!tl_index_fetch(
		m, m->rec_arena, tl_model_record_of(m, m->row), &m->record)) {
		tl_model_notice(m, "cannot read: %s", m->read_error.message);
		return false;
	}
	tl_loader_show(m->loader, m->rec_arena, &m->record, &m->shown);
	tl_token_list_init(&m->tokens, &m->shown.facts, &m->token_options);
	m->has_record = true;
	tl_lines_reset(m);
	lay_out(m);
	return true;
}

void
tl_model_set_cursor(struct tl_model *m, size_t token)
{
	if (token >= m->tokens.n)
		return;
	m->cursor = token;
	m->want_column = TL_NPOS;
	tl_lines_show_cursor(m);
}

bool
tl_model_open(struct tl_model *m, tl_is_record_fn *is_it, void *ctx)
{
	for (size_t i = 0;; i++) {
		struct tl_record rec;

		tl_arena_reset(m->rec_arena);
		if (!tl_index_fetch(m, m->rec_arena, i, &rec))
			return false;
		if (!is_it(ctx, m->rec_arena, &rec))
			continue;
		m->has_record = false;
		tl_model_select(m, i);
		set_focus(m, TL_PANE_TOKENS);
		return true;
	}
}

/* --- requests --- */

static void
move_row(struct tl_model *m, bool is_down, size_t n)
{
	size_t nrows = tl_model_nrows(m);

	if (nrows == 0)
		return;
	if (!is_down)
		tl_model_select(m, m->row > n ? m->row - n : 0);
	else if (n < nrows - m->row)
		tl_model_select(m, m->row + n);
	else if (tl_model_rows_complete(m))
		tl_model_select(m, nrows - 1);
	else
		tl_model_start_job(m, TL_JOB_GOTO, 1, m->row + n);
}

static void
move_finding(struct tl_model *m, bool is_down, size_t n)
{
	size_t last = m->shown.nfindings;
	size_t at = m->finding;

	if (!tl_model_load(m) || last == 0)
		return;
	last--;
	if (at == TL_NPOS)
		at = 0;
	else if (is_down)
		at = n < last - at ? at + n : last;
	else
		at = at > n ? at - n : 0;
	tl_model_go_to_finding(m, at);
}

static void
move_vertically(struct tl_model *m, bool is_down, size_t n, bool is_page)
{
	switch (m->focus) {
	case TL_PANE_LIST:
		move_row(m, is_down, n);
		break;
	case TL_PANE_FINDINGS:
		move_finding(m, is_down, n);
		break;
	case TL_PANE_TOKENS:
	case TL_PANE_DETAIL:
		if (!tl_model_load(m) || m->tokens.n == 0)
			break;
		if (is_page)
			tl_lines_page(m, is_down, n);
		else
			tl_lines_move(m, is_down, n);
		break;
	case TL_PANE_COUNT:
		break;
	}
}

static void
move_token(struct tl_model *m, bool is_right, size_t n)
{
	if (!tl_model_load(m) || m->tokens.n == 0)
		return;
	if (is_right)
		tl_model_set_cursor(m,
		    n < m->tokens.n - m->cursor ? m->cursor + n
						: m->tokens.n - 1);
	else
		tl_model_set_cursor(m, m->cursor > n ? m->cursor - n : 0);
}

static void
move_to_end(struct tl_model *m, bool is_last)
{
	if (m->count > 0) {
		tl_model_start_job(m, TL_JOB_GOTO, 1, m->count - 1);
		return;
	}
	switch (m->focus) {
	case TL_PANE_LIST:
		tl_model_start_job(m, TL_JOB_GOTO, 1, is_last ? TL_NPOS : 0);
		break;
	case TL_PANE_FINDINGS:
		if (tl_model_load(m) && m->shown.nfindings > 0)
			tl_model_go_to_finding(
			    m, is_last ? m->shown.nfindings - 1 : 0);
		break;
	case TL_PANE_TOKENS:
	case TL_PANE_DETAIL:
		if (tl_model_load(m) && m->tokens.n > 0)
			tl_model_set_cursor(m, is_last ? m->tokens.n - 1 : 0);
		break;
	case TL_PANE_COUNT:
		break;
	}
}

static void
next_finding(struct tl_model *m, int step)
{
	if (tl_model_load(m) && m->shown.nfindings > 0) {
		size_t at = m->finding;

		if (step > 0 && at == TL_NPOS)
			at = 0;
		else if (step > 0)
			at++;
		else if (at == TL_NPOS)
			at = m->shown.nfindings; /* go to a record before */
		else
			at = at > 0 ? at - 1 : m->shown.nfindings;
		if (at < m->shown.nfindings) {
			tl_model_go_to_finding(m, at);
			return;
		}
	}
	tl_model_start_job(
	    m, TL_JOB_FINDING, step, step > 0 ? m->row + 1 : m->row - 1);
}

static void
next_trained(struct tl_model *m, bool is_next)
{
	size_t token;

	if (!tl_model_load(m) || m->tokens.n == 0)
		return;
	token = is_next ? tl_token_next_trained(&m->tokens, m->cursor)
			: tl_token_prev_trained(&m->tokens, m->cursor);
	/* The first token may begin a run and be the place to start from. */
	if (token == TL_NPOS) {
		tl_model_notice(m, "no %s trained run in this record",
		    is_next ? "further" : "earlier");
		return;
	}
	tl_model_set_cursor(m, token);
}

static void
search(struct tl_model *m, int step)
{
	if (m->pattern[0] == '\0') {
		tl_model_notice(
		    m, "nothing was searched yet: / asks for a text");
		return;
	}
	if (tl_model_load(m) && m->tokens.n > 0) {
		size_t beg = m->tokens.sample->tokens.offsets[m->cursor].beg;
		bool on_hit = m->hit.end > 0 &&
		    tl_token_at_byte(&m->tokens, m->hit.beg) == m->cursor;
		size_t from = on_hit ? m->hit.beg : beg;

		if (tl_model_search_here(
			m, step, step > 0 && on_hit ? from + 1 : from))
			return;
	}
	tl_model_start_job(
	    m, TL_JOB_SEARCH, step, step > 0 ? m->row + 1 : m->row - 1);
}

static void
change_focus(struct tl_model *m, bool is_next)
{
	size_t n = m->layout.is_single ? TL_PANE_COUNT : TL_PANE_DETAIL;
	size_t at = (size_t)m->focus < n ? (size_t)m->focus : 0;

	set_focus(m, (enum tl_pane)((at + (is_next ? 1 : n - 1)) % n));
}

static void
open_it(struct tl_model *m)
{
	if (m->focus == TL_PANE_LIST) {
		set_focus(m, TL_PANE_TOKENS);
	} else if (m->focus == TL_PANE_FINDINGS) {
		if (tl_model_load(m) && m->shown.nfindings > 0)
			tl_model_go_to_finding(
			    m, m->finding != TL_NPOS ? m->finding : 0);
		set_focus(m, TL_PANE_TOKENS);
	} else if (m->layout.is_single) {
		set_focus(m,
		    m->focus == TL_PANE_TOKENS ? TL_PANE_DETAIL
					       : TL_PANE_TOKENS);
	}
}

static void
next_marks(struct tl_model *m)
{
	static const struct {
		unsigned marks;
		const char *text;
	} sets[] = {
		{ TL_MARK_TRAINED, "marks: trained runs" },
		{ TL_MARK_TRAINED | TL_MARK_SPECIAL,
		    "marks: trained runs, special tokens" },
		{ TL_MARK_TRAINED | TL_MARK_SPECIAL | TL_MARK_TOKENS,
		    "marks: trained runs, special tokens, every token" },
		{ 0, "marks: none" },
	};
	size_t i = 0;

	while (i < TL_COUNT(sets) && sets[i].marks != m->token_options.marks)
		i++;
	i = (i + 1) % TL_COUNT(sets);
	m->token_options.marks = m->tokens.opt.marks = sets[i].marks;
	tl_model_notice(m, "%s", sets[i].text);
	tl_lines_reset(m);
	tl_lines_show_cursor(m);
}

static void
ask(struct tl_model *m, enum tl_prompt prompt)
{
	m->prompt = prompt;
	m->prompt_len = 0;
	m->prompt_text[0] = '\0';
}

static void
request(struct tl_model *m, enum tl_request r)
{
	size_t n = m->count > 0 ? m->count : 1;
	size_t page = tl_model_pane_height(m, m->focus);

	switch (r) {
	case TL_REQUEST_LEFT:
	case TL_REQUEST_RIGHT:
		move_token(m, r == TL_REQUEST_RIGHT, n);
		break;
	case TL_REQUEST_DOWN:
	case TL_REQUEST_UP:
		move_vertically(m, r == TL_REQUEST_DOWN, n, false);
		break;
	case TL_REQUEST_HALF_DOWN:
	case TL_REQUEST_HALF_UP:
		move_vertically(m, r == TL_REQUEST_HALF_DOWN,
		    page > 1 ? page / 2 : 1, true);
		break;
	case TL_REQUEST_PAGE_DOWN:
	case TL_REQUEST_PAGE_UP:
		move_vertically(m, r == TL_REQUEST_PAGE_DOWN, page, true);
		break;
	case TL_REQUEST_FIRST:
	case TL_REQUEST_LAST:
		move_to_end(m, r == TL_REQUEST_LAST);
		break;
	case TL_REQUEST_NEXT_RECORD:
	case TL_REQUEST_PREV_RECORD:
		move_row(m, r == TL_REQUEST_NEXT_RECORD, n);
		break;
	case TL_REQUEST_NEXT_FINDING:
	case TL_REQUEST_PREV_FINDING:
		next_finding(m, r == TL_REQUEST_NEXT_FINDING ? 1 : -1);
		break;
	case TL_REQUEST_NEXT_TRAINED:
	case TL_REQUEST_PREV_TRAINED:
		next_trained(m, r == TL_REQUEST_NEXT_TRAINED);
		break;
	case TL_REQUEST_SEARCH:
		ask(m, TL_PROMPT_SEARCH);
		break;
	case TL_REQUEST_SEARCH_NEXT:
	case TL_REQUEST_SEARCH_PREV:
		search(m, r == TL_REQUEST_SEARCH_NEXT ? 1 : -1);
		break;
	case TL_REQUEST_FILTER:
		ask(m, TL_PROMPT_FILTER);
		break;
	case TL_REQUEST_UNFILTER:
		tl_index_set_filter(m, TL_STR(""));
		show_row(m);
		break;
	case TL_REQUEST_NEXT_PANE:
	case TL_REQUEST_PREV_PANE:
		change_focus(m, r == TL_REQUEST_NEXT_PANE);
		break;
	case TL_REQUEST_OPEN:
		open_it(m);
		break;
	case TL_REQUEST_BACK:
		set_focus(m, TL_PANE_LIST);
		break;
	case TL_REQUEST_MARKS:
		next_marks(m);
		break;
	case TL_REQUEST_REDRAW:
		m->wants_redraw = true;
		break;
	case TL_REQUEST_HELP:
		m->shows_help = true;
		m->help_top = 0;
		break;
	case TL_REQUEST_QUIT:
		m->wants_quit = true;
		break;
	case TL_REQUEST_NONE:
	case TL_REQUEST_COUNT:
		break;
	}
}

/* --- keys --- */

static void
answer(struct tl_model *m)
{
	enum tl_prompt prompt = m->prompt;
	tl_str text = { m->prompt_text, m->prompt_len };

	m->prompt = TL_PROMPT_NONE;
	if (prompt == TL_PROMPT_FILTER) {
		tl_index_set_filter(m, tl_str_trim(text));
		return;
	}
	if (text.len > 0)
		memcpy(m->pattern, m->prompt_text, sizeof(m->pattern));
	m->hit = (tl_span){ 0, 0 };
	search(m, 1);
}

static void
prompt_key(struct tl_model *m, int key)
{
	char bytes[4];
	size_t n;

	if (key == TL_KEY_SPACE)
		key = ' ';
	if (key == TL_KEY_ENTER || key == '\n' || key == '\r') {
		answer(m);
	} else if (key == TL_KEY_ESCAPE) {
		m->prompt = TL_PROMPT_NONE;
	} else if (key == TL_KEY_BACKSPACE) {
		if (m->prompt_len == 0)
			m->prompt = TL_PROMPT_NONE;
		while (m->prompt_len > 0 &&
		    ((unsigned char)m->prompt_text[--m->prompt_len] & 0xc0) ==
			0x80)
			;
	} else if (key >= ' ' && key != 0x7f && key < TL_KEY_NONE) {
		n = tl_utf8_put(bytes, (uint32_t)key);
		if (m->prompt_len + n < sizeof(m->prompt_text)) {
			memcpy(m->prompt_text + m->prompt_len, bytes, n);
			m->prompt_len += n;
		}
	}
	m->prompt_text[m->prompt_len] = '\0';
}

static void
help_key(struct tl_model *m, int key)
{
	switch (tl_request_of_key(key)) {
	case TL_REQUEST_DOWN:
		m->help_top++;
		break;
	case TL_REQUEST_UP:
		m->help_top -= m->help_top > 0;
		break;
	case TL_REQUEST_PAGE_DOWN:
	case TL_REQUEST_HALF_DOWN:
		m->help_top += m->layout.rows / 2;
		break;
	case TL_REQUEST_PAGE_UP:
	case TL_REQUEST_HALF_UP:
		m->help_top -= m->help_top < m->layout.rows / 2
		    ? m->help_top
		    : m->layout.rows / 2;
		break;
	default:
		m->shows_help = false;
	}
}

void
tl_model_key(struct tl_model *m, int key)
{
	if (m->job != TL_JOB_NONE) {
		m->job = TL_JOB_NONE;
		tl_model_notice(m, "stopped");
	} else {
		m->notice[0] = '\0';
	}
	if (m->prompt != TL_PROMPT_NONE) {
		prompt_key(m, key);
		return;
	}
	if (m->shows_help) {
		help_key(m, key);
		return;
	}
	if ((key >= '1' && key <= '9') || (key == '0' && m->count > 0)) {
		if (m->count < 100000000)
			m->count = m->count * 10 + (size_t)(key - '0');
		return;
	}
	request(m, tl_request_of_key(key));
	m->count = 0;
}
