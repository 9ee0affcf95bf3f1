/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to stdout and stderr, and in which colours. */
#include "cli/output.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FLUSH_BYTES ((size_t)64 << 10)

/* False when fd is gone; errno then says why. */
static bool
write_all(int fd, tl_str s)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s.ptr += n;
		s.len -= (size_t)n;
	}
	return true;
}

bool
tl_cli_flush(struct tl_cli *cli)
{
	tl_str s = tl_buf_str(&cli->out);

	if (cli->out_state == TL_OUT_OPEN && !write_all(cli->out_fd, s)) {
		cli->out_state = errno == EPIPE ? TL_OUT_CLOSED : TL_OUT_FAILED;
		if (cli->out_state == TL_OUT_FAILED)
			tl_cli_fail(cli, "cannot write the output: %s",
			    strerror(errno));
	}
	tl_buf_clear(&cli->out);
	return cli->out_state == TL_OUT_OPEN;
}

bool
tl_cli_flush_some(struct tl_cli *cli)
{
	if (cli->out.len < FLUSH_BYTES)
		return cli->out_state == TL_OUT_OPEN;
	return tl_cli_flush(cli);
}

int
tl_cli_finish(struct tl_cli *cli, int status)
{
	if (!tl_cli_flush(cli))
		return cli->out_state == TL_OUT_CLOSED ? TL_EXIT_PIPE
						       : TL_EXIT_FAILED;
	/* A full disk may show only now. */
	if (close(cli->out_fd) != 0 && errno != EBADF) {
		tl_cli_fail(
		    cli, "cannot write the output: %s", strerror(errno));
		return TL_EXIT_FAILED;
	}
	return status;
}

static void TL_PRINTF(3, 0)
    say(const struct tl_cli *cli, const char *kind, const char *fmt, va_list ap)
{
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	struct tl_buf b;
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	tl_buf_init(&b, a, 0);
	if (cli->on_stderr != NULL)
		cli->on_stderr(cli->on_stderr_ctx);
	tl_buf_puts(&b, "turnlint: ");
	tl_buf_puts(&b, kind);
	if (len > 0) {
		char *text = tl_arena_bytes(a, (size_t)len + 1);

		vsnprintf(text, (size_t)len + 1, fmt, ap);
		tl_buf_put_escaped(&b, tl_str_from(text));
	}
	tl_buf_putc(&b, '\n');
	(void)write_all(STDERR_FILENO, tl_buf_str(&b));
	tl_arena_free(a);
}

int
tl_cli_fail(const struct tl_cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(cli, "", fmt, ap);
	va_end(ap);
	return TL_EXIT_FAILED;
}

int
tl_cli_fail_error(
    const struct tl_cli *cli, const char *what, const struct tl_error *err)
{
	if (what[0] != '\0' && err->line > 0 && err->column > 0)
		return tl_cli_fail(cli, "%s:%zu:%zu: %s", what, err->line,
		    err->column, err->message);
	if (what[0] != '\0' && err->line > 0)
		return tl_cli_fail(
		    cli, "%s:%zu: %s", what, err->line, err->message);
	/* Many messages name the file themselves. */
	if (what[0] == '\0' ||
	    tl_str_find(tl_str_from(err->message), tl_str_from(what), 0) !=
		TL_NPOS)
		return tl_cli_fail(cli, "%s", err->message);
	return tl_cli_fail(cli, "%s: %s", what, err->message);
}

void
tl_cli_note(const struct tl_cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->is_quiet)
		return;
	va_start(ap, fmt);
	say(cli, "note: ", fmt, ap);
	va_end(ap);
}

void
tl_cli_oom(void *ctx, size_t wanted)
{
	char msg[96];
	int len;

	(void)ctx;
	len = snprintf(msg, sizeof(msg),
	    "turnlint: out of memory (%zu bytes wanted)\n", wanted);
	(void)write_all(STDERR_FILENO, (tl_str){ msg, (size_t)len });
	exit(TL_EXIT_FAILED);
}

/* Set and not empty. */
static bool
has_env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0';
}

/* Set to something else than "0", which says no. */
static bool
forces_colour(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0' && strcmp(v, "0") != 0;
}

static bool
wants_colour(const char *when, int fd)
{
	const char *term = getenv("TERM");
	const char *clicolor = getenv("CLICOLOR");

	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	if (has_env("NO_COLOR"))
		return false;
	if (forces_colour("FORCE_COLOR") || forces_colour("CLICOLOR_FORCE"))
		return true;
	if (clicolor != NULL && strcmp(clicolor, "0") == 0)
		return false;
	if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fd) != 0;
}

static size_t
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	size_t n;

	if (columns != NULL && tl_str_to_size(tl_str_from(columns), &n) &&
	    n > 0 && n < 10000)
		return n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		return ws.ws_col;
	return 0;
}

void
tl_cli_setup_output(struct tl_cli *cli)
{
	const char *when = tl_cli_string(cli, "color", "auto");

	cli->use_colour = wants_colour(when, STDOUT_FILENO);
	cli->use_colour_err = wants_colour(when, STDERR_FILENO);
	cli->is_quiet = tl_cli_flag(cli, "quiet");
	cli->is_verbose = tl_cli_flag(cli, "verbose");
	cli->width = terminal_width();
}

/* The one thing a signal handler may write. */
static volatile sig_atomic_t interrupted;

static void
on_signal(int sig)
{
	(void)sig;
	/* A second one does not wait. */
	if (interrupted)
		_exit(TL_EXIT_INTERRUPTED);
	interrupted = 1;
}

bool
tl_cli_interrupted(void)
{
	return interrupted != 0;
}

void
tl_cli_catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}
