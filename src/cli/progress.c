/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DELAY 0.5    /* seconds before the first drawing */
#define INTERVAL 0.1 /* … between two */
#define BAR 24	     /* cells */
#define MAX_NAME 40  /* bytes of the path that are shown */

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
clear_before_message(void *ctx)
{
	tl_progress_clear(ctx);
}

void
tl_progress_init(struct tl_progress *p, struct tl_cli *cli, const char *when)
{
	const char *term = getenv("TERM");
	const char *ci = getenv("CI");

	memset(p, 0, sizeof(*p));
	p->cli = cli;
	p->started = now();
	p->is_on = strcmp(when, "always") == 0;
	if (strcmp(when, "auto") == 0)
		p->is_on = isatty(STDERR_FILENO) && term != NULL &&
		    strcmp(term, "dumb") != 0 && (ci == NULL || !*ci) &&
		    !cli->is_quiet;
	if (p->is_on) {
		cli->on_stderr = clear_before_message;
		cli->on_stderr_ctx = p;
	}
}

/* Bytes as "1.2 GB". */
static void
put_bytes(struct tl_buf *b, double n)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	size_t u = 0;

	while (n >= 1000 && u + 1 < TL_COUNT(units)) {
		n /= 1000;
		u++;
	}
	tl_buf_printf(b, u == 0 ? "%.0f %s" : "%.1f %s", n, units[u]);
}

static void
put_bar(struct tl_buf *b, double share)
{
	size_t full = (size_t)(share * BAR);

	tl_buf_putc(b, '[');
	tl_buf_pad(b, '#', full);
	tl_buf_pad(b, '.', BAR - full);
	tl_buf_printf(b, "] %3.0f %%  ", share * 100);
}

void
tl_progress_show(
    struct tl_progress *p, uint64_t done, uint64_t total, size_t nrecords)
{
	double at = now(), took = at - p->started;
	double share = total > 0 ? (double)done / (double)total : 0;
	struct tl_arena *a;
	struct tl_buf b;
	tl_str name;

	if (!p->is_on || took < DELAY || at - p->drawn < INTERVAL)
		return;
	a = tl_arena_new(tl_cli_oom, NULL);
	tl_buf_init(&b, a, 0);
	tl_buf_puts(&b, "\r\033[K");
	if (total > 0)
		put_bar(&b, share > 1 ? 1 : share);
	put_bytes(&b, (double)done);
	tl_buf_printf(
	    &b, "  %zu records  %.0f/s", nrecords, (double)nrecords / took);
	if (total > 0 && share > 0.01 && p->nfiles == 1)
		tl_buf_printf(&b, "  %.0f s left", took / share - took);
	if (p->nfiles > 1)
		tl_buf_printf(&b, "  file %zu of %zu", p->file, p->nfiles);
	name = tl_str_from(p->path);
	tl_buf_puts(&b, "  ");
	if (name.len > MAX_NAME) {
		name = tl_str_slice(name, name.len - MAX_NAME, name.len);
		tl_buf_puts(&b, "…");
	}
	tl_buf_put_escaped(&b, name);
	p->is_drawn = true;
	p->drawn = at;
	(void)!write(STDERR_FILENO, b.ptr, b.len);
	tl_arena_free(a);
}

void
tl_progress_clear(struct tl_progress *p)
{
	if (!p->is_drawn)
		return;
	p->is_drawn = false;
	(void)!write(STDERR_FILENO, "\r\033[K", 4);
}
