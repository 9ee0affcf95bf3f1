/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - a line on stderr that says how far a long run is.
 *
 * Drawn when stderr is a terminal, from half a second on, ten times a second
 * at most, and taken away before anything else is printed.
 */
#ifndef TURNLINT_CLI_PROGRESS_H
#define TURNLINT_CLI_PROGRESS_H

#include "cli/cli.h"

struct tl_progress {
	struct tl_cli *cli;
	bool is_on, is_drawn;
	double started, drawn; /* seconds */
	size_t nfiles, file;   /* which one it is at, 1-based */
	const char *path;
};

/* when: auto, always or never. */
void tl_progress_init(
    struct tl_progress *p, struct tl_cli *cli, const char *when);
void tl_progress_show(
    struct tl_progress *p, uint64_t done, uint64_t total, size_t nrecords);
void tl_progress_clear(struct tl_progress *p);

#endif
