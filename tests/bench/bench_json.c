/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_json FILE [TURNLINT]: how fast a JSONL file is parsed, in MB/s of one
 * core:
 *
 *	cjson    cJSON alone: parse and free each line
 *	parse    tl_json_parse() of each line, spans and notes included
 *	reader   the reader finds the records, then tl_json_parse()
 *	check    the program: turnlint check -j 1, rules and report included
 *
 * The last column is the processor time in units of cjson's.  The best of
 * ROUNDS counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include <turnlint/record.h>

#define ROUNDS 5

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The line at *at without its line feed; *at moves behind it. */
static tl_str
next_line(tl_str text, size_t *at)
{
	size_t beg = *at;
	size_t lf = tl_str_find_char(text, '\n', beg);
	size_t end = lf != TL_NPOS ? lf : text.len;

	*at = end + 1;
	return tl_str_slice(text, beg, end);
}

static size_t
run_cjson(tl_str text)
{
	size_t n = 0;

	for (size_t at = 0; at < text.len;) {
		tl_str line = next_line(text, &at);
		cJSON *root = cJSON_ParseWithLength(line.ptr, line.len);

		n += root != NULL;
		cJSON_Delete(root);
	}
	return n;
}

static size_t
run_parse(tl_str text)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	size_t n = 0;

	for (size_t at = 0; at < text.len;) {
		tl_str line = next_line(text, &at);
		struct tl_json_doc doc;

		n += tl_json_parse(a, line, &doc) == TL_OK;
		tl_arena_reset(a);
	}
	tl_arena_free(a);
	return n;
}

static size_t
run_reader(const char *path)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_arena *each = tl_arena_new(NULL, NULL);
	struct tl_reader *r;
	struct tl_record rec;
	size_t n = 0;

	if (tl_reader_open(a, tl_str_from(path), &r, NULL) == TL_OK)
		while (tl_reader_next(r, each, &rec, NULL) == TL_OK) {
			n += tl_record_parse(each, &rec) == TL_OK;
			tl_arena_reset(each);
		}
	tl_arena_free(each);
	tl_arena_free(a);
	return n;
}

/* Processor seconds of the program over the file, or 0 when it cannot run. */
static double
run_check(const char *program, const char *path)
{
	struct rusage before, after;
	int status;
	pid_t child;

	getrusage(RUSAGE_CHILDREN, &before);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stdout) != NULL)
			execl(program, program, "check", "--isolated", "-j",
			    "1", path, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return 0;
	getrusage(RUSAGE_CHILDREN, &after);
	return (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec +
		   after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
	    (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec +
		after.ru_stime.tv_usec - before.ru_stime.tv_usec) /
	    1e6;
}

static void
bench_check(const char *program, const char *path, size_t nbytes, double unit)
{
	double best = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		double t = run_check(program, path);

		if (t <= 0) {
			printf("check    skipped: %s check fails\n", program);
			return;
		}
		if (t < best)
			best = t;
	}
	printf("%-8s %8.1f MB/s %17s %6.2f\n", "check",
	    (double)nbytes / 1e6 / best, "", best / unit);
}

static double
report(const char *name, double seconds, size_t nbytes, size_t nrecords,
    double unit)
{
	printf("%-8s %8.1f MB/s %9zu records %6.2f\n", name,
	    (double)nbytes / 1e6 / seconds, nrecords,
	    unit > 0 ? seconds / unit : 1.0);
	return seconds;
}

int
main(int argc, char **argv)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_error err;
	double best[3] = { 1e9, 1e9, 1e9 };
	size_t n[3];
	double unit;
	tl_str text;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_json FILE [TURNLINT]\n");
		return 2;
	}
	if (tl_file_read(a, argv[1], (size_t)4 << 30, &text, &err) != TL_OK) {
		fprintf(stderr, "bench_json: %s\n", err.message);
		return 2;
	}
	/* cJSON comes first, while its hooks are still malloc() and free():
	 * tl_json_parse() sets its own. */
	for (int what = 0; what < 3; what++)
		for (int i = 0; i < ROUNDS; i++) {
			double start = now();

			n[what] = what == 0 ? run_cjson(text)
			    : what == 1	    ? run_parse(text)
					    : run_reader(argv[1]);
			if (now() - start < best[what])
				best[what] = now() - start;
		}
	unit = report("cjson", best[0], text.len, n[0], 0);
	report("parse", best[1], text.len, n[1], unit);
	report("reader", best[2], text.len, n[2], unit);
	if (argc > 2)
		bench_check(argv[2], argv[1], text.len, unit);
	tl_arena_free(a);
	return n[0] == n[1] && n[1] == n[2] ? 0 : 1;
}
