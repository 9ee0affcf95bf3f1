/* SPDX-License-Identifier: Apache-2.0 */
#include "view/screen.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include <ncurses.h>

#include "view/draw.h"
#include "view/script.h"

#define WORK_MS 30 /* of work between two looks at the keyboard and screen */

/* Signal handlers and atexit() have no other place to look.  What is written
 * to stderr while the screen is up is kept and comes out behind it. */
static volatile sig_atomic_t is_on;
static volatile sig_atomic_t ended_by;
static int real_stderr = -1;
static int kept_stderr = -1;

struct screen {
	struct tl_model *model;
	const struct tl_screen_options *opt;
	struct tl_arena *arena; /* of the drawing */
	struct tl_drawing drawing;
	enum tl_depth depth;
	SCREEN *terminal;
	FILE *in, *out;
	sigset_t waiting; /* signals blocked while we wait, as they were */
};

bool
tl_screen_is_ascii(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

int
tl_screen_width(uint32_t cp)
{
	return wcwidth((wchar_t)cp);
}

/* --- taking and giving back --- */

static void
release_stderr(void)
{
	char bytes[512];
	ssize_t n;

	if (real_stderr < 0)
		return;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	real_stderr = -1;
	if (lseek(kept_stderr, 0, SEEK_SET) == 0)
		while ((n = read(kept_stderr, bytes, sizeof(bytes))) > 0)
			if (write(STDERR_FILENO, bytes, (size_t)n) < n)
				break;
	close(kept_stderr);
}

static void
keep_stderr(void)
{
	char path[] = "/tmp/turnlint-XXXXXX";

	if (!isatty(STDERR_FILENO))
		return;
	kept_stderr = mkstemp(path);
	if (kept_stderr < 0)
		return;
	unlink(path);
	real_stderr = dup(STDERR_FILENO);
	if (real_stderr < 0)
		close(kept_stderr);
	else
		dup2(kept_stderr, STDERR_FILENO);
}

void
tl_screen_restore(void)
{
	if (!is_on)
		return;
	is_on = 0;
	endwin();
	release_stderr();
}

static void
on_end(int sig)
{
	ended_by = sig;
}

static void
on_fault(int sig)
{
	tl_screen_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* The signals that end us or change the size come in only while we wait for a
 * key, so that none is missed between a look at its flag and the wait. */
static void
catch_signals(struct screen *s)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	static const int faults[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE };
	struct sigaction sa;
	sigset_t blocked;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sa.sa_handler = on_end;
	for (size_t i = 0; i < TL_COUNT(ends); i++) {
		sigaction(ends[i], &sa, NULL);
		sigaddset(&blocked, ends[i]);
	}
	sa.sa_handler = on_fault;
	for (size_t i = 0; i < TL_COUNT(faults); i++)
		sigaction(faults[i], &sa, NULL);
	sigprocmask(SIG_BLOCK, &blocked, &s->waiting);
}

static FILE *
open_stream(bool is_scripted, int fd, const char *mode)
{
	const char *path = is_scripted ? "/dev/null" : "/dev/tty";

	/* Standard streams may be data; the terminal is asked for by name. */
	if (!is_scripted && isatty(fd))
		return fdopen(dup(fd), mode);
	return fopen(path, mode);
}

static void
set_up_colours(struct screen *s)
{
	s->depth = TL_DEPTH_MONO;
	if (!s->opt->use_colour || !has_colors())
		return;
	start_color();
	use_default_colors();
	if (COLORS < 8 || COLOR_PAIRS <= TL_STYLE_COUNT)
		return;
	/* With more than 256 (direct colour), numbers from 8 on mean others. */
	s->depth = COLORS == 256 ? TL_DEPTH_256 : TL_DEPTH_8;
	for (int i = 0; i < TL_STYLE_COUNT; i++) {
		struct tl_look look = tl_style_look((enum tl_style)i, s->depth);

		init_pair((short)(i + 1), (short)look.fg, (short)look.bg);
	}
}

static enum tl_status
take_terminal(struct screen *s, struct tl_error *err)
{
	const char *term = getenv("TERM");
	bool is_scripted = s->opt->is_scripted;

	s->in = open_stream(is_scripted, STDIN_FILENO, "r");
	s->out = open_stream(is_scripted, STDOUT_FILENO, "w");
	if (s->in == NULL || s->out == NULL)
		return tl_fail(
		    err, TL_EIO, "view needs a terminal: %s", strerror(errno));
	if (term != NULL && tl_screen_knows(term, fileno(s->out)))
		s->terminal = newterm(term, s->out, s->in);
	if (s->terminal == NULL)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "the terminal type '%s' is not known or cannot move its "
		    "cursor; set TERM",
		    term != NULL ? term : "");
	if (!is_scripted) {
		is_on = 1;
		atexit(tl_screen_restore);
		keep_stderr();
		catch_signals(s);
	}
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	timeout(0);
	set_up_colours(s);
	if (is_scripted)
		resizeterm((int)s->opt->rows, (int)s->opt->cols);
	return TL_OK;
}

static void
close_streams(struct screen *s)
{
	if (s->terminal != NULL) {
		if (s->opt->is_scripted)
			endwin();
		else
			sigprocmask(SIG_SETMASK, &s->waiting, NULL);
		tl_screen_restore();
		delscreen(s->terminal);
	}
	if (s->in != NULL)
		fclose(s->in);
	if (s->out != NULL)
		fclose(s->out);
}

/* --- drawing --- */

static attr_t
curses_attrs(unsigned attrs)
{
	attr_t a = A_NORMAL;

	if (attrs & TL_ATTR_BOLD)
		a |= A_BOLD;
	if (attrs & TL_ATTR_DIM)
		a |= A_DIM;
	if (attrs & TL_ATTR_ITALIC)
		a |= A_ITALIC;
	if (attrs & TL_ATTR_UNDERLINE)
		a |= A_UNDERLINE;
	if (attrs & TL_ATTR_REVERSE)
		a |= A_REVERSE;
	return a;
}

static void
put_cell(const struct screen *s, size_t y, size_t x, const struct tl_cell *cell)
{
	struct tl_look look =
	    tl_style_look((enum tl_style)cell->style, s->depth);
	tl_str text = { cell->text, cell->len };
	wchar_t wide[CCHARW_MAX + 1];
	size_t n = 0;
	cchar_t cc;
	/* Reverse on reverse would be plain again: bold tells it apart. */
	unsigned attrs = look.attrs | cell->attrs;

	if (look.attrs & cell->attrs & TL_ATTR_REVERSE)
		attrs = (attrs & ~(unsigned)TL_ATTR_REVERSE) | TL_ATTR_BOLD;
	for (size_t at = 0; at < text.len && n < CCHARW_MAX;) {
		uint32_t cp;

		at += tl_utf8_next(text, at, &cp, NULL);
		wide[n++] = (wchar_t)cp;
	}
	wide[n] = L'\0';
	if (setcchar(&cc, wide, curses_attrs(attrs),
		s->depth != TL_DEPTH_MONO ? (short)(cell->style + 1) : 0,
		NULL) == OK)
		mvadd_wch((int)y, (int)x, &cc);
}

static void
paint(struct screen *s)
{
	const struct tl_canvas *c = &s->drawing.canvas;

	tl_draw(&s->drawing, s->arena, s->model);
	erase();
	for (size_t y = 0; y < c->rows; y++)
		for (size_t x = 0; x < c->cols; x++) {
			const struct tl_cell *cell = &c->cells[y * c->cols + x];

			if (cell->width > 0)
				put_cell(s, y, x, cell);
		}
	move((int)s->drawing.cursor_y, (int)s->drawing.cursor_x);
	if (s->model->wants_redraw)
		clearok(curscr, TRUE);
	s->model->wants_redraw = false;
	refresh();
}

static void
take_size(struct screen *s)
{
	int rows, cols;

	getmaxyx(stdscr, rows, cols);
	if (rows > 0 && cols > 0)
		tl_model_resize(s->model, (size_t)rows, (size_t)cols);
}

/* --- keys --- */

/* A key of curses as one of ours; TL_KEY_NONE for those we do not know. */
static int
our_key(bool is_code, wint_t key)
{
	static const struct {
		int code, key;
	} codes[] = {
		{ KEY_UP, TL_KEY_UP },
		{ KEY_DOWN, TL_KEY_DOWN },
		{ KEY_LEFT, TL_KEY_LEFT },
		{ KEY_RIGHT, TL_KEY_RIGHT },
		{ KEY_HOME, TL_KEY_HOME },
		{ KEY_END, TL_KEY_END },
		{ KEY_PPAGE, TL_KEY_PAGE_UP },
		{ KEY_NPAGE, TL_KEY_PAGE_DOWN },
		{ KEY_ENTER, TL_KEY_ENTER },
		{ KEY_BTAB, TL_KEY_BACK_TAB },
		{ KEY_BACKSPACE, TL_KEY_BACKSPACE },
		{ KEY_F(1), TL_KEY_F1 },
		{ KEY_F(3), TL_KEY_F3 },
		{ KEY_F(4), TL_KEY_F4 },
		{ KEY_F(10), TL_KEY_F10 },
	};

	if (!is_code) {
		switch (key) {
		case '\r':
		case '\n':
			return TL_KEY_ENTER;
		case '\t':
			return TL_KEY_TAB;
		case 0x1b:
			return TL_KEY_ESCAPE;
		case 0x7f:
		case '\b':
			return TL_KEY_BACKSPACE;
		default:
			return (int)key;
		}
	}
	for (size_t i = 0; i < TL_COUNT(codes); i++)
		if ((int)key == codes[i].code)
			return codes[i].key;
	return TL_KEY_NONE;
}

/* Handle the keys that wait; false when there was none. */
static bool
handle_keys(struct screen *s)
{
	bool had_key = false;
	wint_t key;
	int rc;

	while (!s->model->wants_quit && (rc = get_wch(&key)) != ERR) {
		had_key = true;
		if (rc == KEY_CODE_YES && key == KEY_RESIZE)
			take_size(s);
		else
			tl_model_key(
			    s->model, our_key(rc == KEY_CODE_YES, key));
	}
	return had_key;
}

/* True when a key waits.  Without a limit in milliseconds (-1) it also ends for
 * a signal. */
static bool
wait_for_key(struct screen *s, int ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };
	int fd = fileno(s->in);
	fd_set fds;

	assert(fd < FD_SETSIZE);
	FD_ZERO(&fds);
	FD_SET(fd, &fds);
	return pselect(fd + 1, &fds, NULL, NULL, ms < 0 ? NULL : &limit,
		   &s->waiting) > 0;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Work until it is done, a key comes, or the screen should be drawn again. */
static bool
work(struct screen *s)
{
	int64_t end = now_ms() + WORK_MS;

	do {
		if (!tl_model_work(s->model))
			return false;
	} while (now_ms() < end && !wait_for_key(s, 0));
	return true;
}

static enum tl_status
interact(struct screen *s, struct tl_error *err)
{
	bool has_work = true;

	take_size(s);
	while (!s->model->wants_quit) {
		paint(s);
		if (ended_by != 0)
			return tl_fail(err, TL_EINTR, "ended by a signal");
		if (!has_work)
			wait_for_key(s, -1);
		if (!handle_keys(s) && !has_work && ended_by == 0 &&
		    wait_for_key(s, 0))
			/* Readable, but nothing to read: it is gone. */
			return tl_fail(err, TL_EINTR, "the terminal is gone");
		has_work = work(s);
	}
	return TL_OK;
}

/* --- scripts --- */

/* One letter for how a cell looks: its colours if it has any, else its
 * attributes. */
static char
look_letter(attr_t attrs, short pair)
{
	static const char letters[] = {
		[TL_STYLE_TRAINED] = 'T',
		[TL_STYLE_SPECIAL_TRAINED] = 'S',
		[TL_STYLE_SPECIAL] = 's',
		[TL_STYLE_TEMPLATE] = 't',
		[TL_STYLE_BOUNDARY] = 'X',
		[TL_STYLE_CUT] = 'c',
		[TL_STYLE_RUN_MARK] = 'm',
		[TL_STYLE_HIT] = 'H',
		[TL_STYLE_ERROR] = 'E',
		[TL_STYLE_WARNING] = 'W',
		[TL_STYLE_INFO] = 'I',
		[TL_STYLE_COUNT] = 0,
	};

	if (attrs & A_REVERSE)
		return 'R';
	if (pair > 0 && letters[pair - 1] != 0)
		return letters[pair - 1];
	if (attrs & A_BOLD)
		return 'b';
	if (attrs & A_DIM)
		return 'd';
	return attrs & A_UNDERLINE ? 'u' : '.';
}

static void
strip_spaces(struct tl_buf *b, size_t from, char blank)
{
	while (b->len > from && b->ptr[b->len - 1] == blank)
		b->len--;
}

/* One row of what curses holds, as text and as letters. */
static void
dump_row(struct tl_buf *b, int y, int cols, bool wants_letters)
{
	size_t from = b->len;

	for (int x = 0; x < cols; x++) {
		wchar_t wide[CCHARW_MAX + 1] = { 0 };
		cchar_t cc;
		attr_t attrs;
		short pair;
		int width;

		mvin_wch(y, x, &cc);
		if (getcchar(&cc, wide, &attrs, &pair, NULL) != OK)
			continue;
		width = wcwidth(wide[0]);
		if (wants_letters) {
			tl_buf_pad(
			    b, look_letter(attrs, pair), width > 1 ? 2 : 1);
		} else {
			for (size_t i = 0; wide[i] != L'\0'; i++)
				tl_buf_put_codepoint(b, (uint32_t)wide[i]);
		}
		x += width > 1;
	}
	strip_spaces(b, from, wants_letters ? '.' : ' ');
	tl_buf_putc(b, '\n');
}

static void
dump(struct screen *s, bool wants_attributes)
{
	struct tl_buf *b = s->opt->out;
	int rows, cols;

	paint(s);
	getmaxyx(stdscr, rows, cols);
	tl_buf_printf(b, "== %dx%d\n", cols, rows);
	for (int y = 0; y < rows; y++)
		dump_row(b, y, cols, false);
	if (!wants_attributes)
		return;
	tl_buf_puts(b, "-- attributes\n");
	for (int y = 0; y < rows; y++)
		dump_row(b, y, cols, true);
}

static enum tl_status
run_script(struct screen *s, struct tl_error *err)
{
	struct tl_script script = { .text = s->opt->script };
	struct tl_script_step step;

	tl_model_resize(s->model, s->opt->rows, s->opt->cols);
	while (!s->model->wants_quit) {
		while (tl_model_work(s->model))
			;
		if (!tl_script_next(&script, &step))
			break;
		switch (step.kind) {
		case TL_SCRIPT_KEY:
			tl_model_key(s->model, step.key);
			break;
		case TL_SCRIPT_RESIZE:
			resizeterm((int)step.rows, (int)step.cols);
			tl_model_resize(s->model, step.rows, step.cols);
			break;
		case TL_SCRIPT_DUMP:
		case TL_SCRIPT_DUMP_ATTRIBUTES:
			dump(s, step.kind == TL_SCRIPT_DUMP_ATTRIBUTES);
			break;
		case TL_SCRIPT_BAD:
			return tl_fail(err, TL_EPARSE,
			    "script: '%.*s' is neither a key nor a command",
			    (int)(step.word.len < 40 ? step.word.len : 40),
			    step.word.ptr);
		}
	}
	return TL_OK;
}

enum tl_status
tl_screen_run(struct tl_model *m, const struct tl_screen_options *opt,
    struct tl_error *err)
{
	struct screen s = { .model = m, .opt = opt };
	enum tl_status st;

	s.arena = tl_arena_new(opt->oom, NULL);
	s.drawing.canvas.is_ascii = tl_screen_is_ascii();
	s.drawing.canvas.width = tl_screen_width;
	st = take_terminal(&s, err);
	if (st == TL_OK)
		st = opt->is_scripted ? run_script(&s, err) : interact(&s, err);
	close_streams(&s);
	tl_arena_free(s.arena);
	return st;
}
