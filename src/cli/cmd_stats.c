/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint stats: what the trainer makes of whole data sets, in numbers. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "cli/progress.h"
#include "cli/stats.h"

#define BATCH 32
#define MAX_THREADS 64

static const struct tl_opt opts[] = {
	{ "output-format", 0, TL_OPT_CHOICE, "FORMAT",
	    "how to print (default: text)", "text json" },
	{ "jobs", 'j', TL_OPT_SIZE, "N", "threads (default: one a core)",
	    NULL },
	{ "exclude", 0, TL_OPT_LIST, "GLOB",
	    "leave out files that match when a folder is searched", NULL },
	{ "force-exclude", 0, TL_OPT_FLAG, NULL,
	    "leave them out also when they are named", NULL },
	{ "progress", 0, TL_OPT_CHOICE, "WHEN",
	    "say on stderr how far it is (default: auto)",
	    "auto always never" },
	{ 0 },
};

/* One file, read by all threads in turn. */
struct feed {
	pthread_mutex_t lock;
	struct tl_reader *reader;
	enum tl_status status; /* why the reading ended; TL_OK: it did not */
	struct tl_error err;
	const char *path;
	size_t file;
	struct tl_progress *progress;
};

struct worker {
	pthread_t thread;
	const struct tl_recipe *recipe;
	struct feed *feed;
	struct tl_arena *own;
	struct stats stats;
};

struct run {
	struct tl_cli *cli;
	const struct tl_recipe *recipe;
	struct stats stats;
	struct tl_progress progress;
	size_t nthreads;
	int status;
};

/* The next records; 0 at the end. */
static size_t
take(struct feed *f, struct tl_arena *a, struct tl_record *recs)
{
	size_t n = 0;

	pthread_mutex_lock(&f->lock);
	while (n < BATCH && f->status == TL_OK) {
		if (tl_cli_interrupted())
			f->status = TL_EEND;
		else
			f->status =
			    tl_reader_next(f->reader, a, &recs[n], &f->err);
		n += f->status == TL_OK;
	}
	pthread_mutex_unlock(&f->lock);
	return n;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct tl_recipe_thread *t =
	    tl_recipe_thread_new(w->recipe, tl_cli_oom, NULL);
	struct tl_arena *in = tl_arena_new(tl_cli_oom, NULL);
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	struct tl_record recs[BATCH];
	size_t n;

	while ((n = take(w->feed, in, recs)) > 0) {
		for (size_t i = 0; i < n; i++) {
			struct tl_facts facts;

			tl_recipe_run(t, a, &recs[i], TL_STAGE_SAMPLE, &facts);
			stats_add(
			    &w->stats, &facts, w->feed->path, w->feed->file);
			tl_arena_reset(a);
		}
		tl_arena_reset(in);
	}
	tl_arena_free(a);
	tl_arena_free(in);
	tl_recipe_thread_free(t);
	return NULL;
}

static void
count_file(struct run *r, struct feed *f)
{
	struct worker workers[MAX_THREADS] = { 0 };
	size_t nstarted = 0;

	for (size_t i = 0; i < r->nthreads; i++) {
		struct worker *w = &workers[i];

		w->own = tl_arena_new(tl_cli_oom, NULL);
		w->recipe = r->recipe;
		w->feed = f;
		stats_init(&w->stats, w->own);
		if (i > 0 && pthread_create(&w->thread, NULL, work, w) != 0) {
			tl_arena_free(w->own);
			break;
		}
		nstarted++;
	}
	work(&workers[0]);
	for (size_t i = 0; i < nstarted; i++) {
		if (i > 0)
			pthread_join(workers[i].thread, NULL);
		stats_merge(&r->stats, &workers[i].stats);
		tl_arena_free(workers[i].own);
	}
}

static void
read_file(struct run *r, const char *path, size_t number)
{
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	struct feed f = { .path = path, .file = number, .status = TL_OK };

	pthread_mutex_init(&f.lock, NULL);
	if (tl_cli_reader(a, path, &f.reader, &f.err) != TL_OK) {
		r->status = tl_cli_fail_error(r->cli, path, &f.err);
	} else {
		/* the name in reports: "<stdin>" for "-" */
		f.path = tl_arena_cstr(
		    r->cli->arena, tl_reader_file(f.reader)->path);
		tl_progress_show(&r->progress, 0, 0, r->stats.nrecords);
		count_file(r, &f);
		if (f.status != TL_EEND)
			r->status = tl_cli_fail_error(r->cli, path, &f.err);
	}
	pthread_mutex_destroy(&f.lock);
	tl_arena_free(a);
}

static bool
collect(struct tl_cli *cli, struct tl_inputs *in)
{
	if (!tl_inputs_add_operands(cli, in))
		return false;
	if (in->n == 0 && !in->has_failed)
		tl_cli_fail(cli,
		    "nothing to count: name files or folders, or list "
		    "datasets in .turnlint.yaml");
	return in->n > 0;
}

static size_t
threads(const struct tl_cli *cli)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = tl_cli_size(cli, "jobs", 0);

	if (n == 0)
		n = cores > 0 ? (size_t)cores : 1;
	return n < MAX_THREADS ? n : MAX_THREADS;
}

static int
run(struct tl_cli *cli)
{
	struct run r = { .cli = cli, .status = TL_EXIT_CLEAN };
	struct tl_inputs in = { 0 };
	bool has_recipe;

	if (!collect(cli, &in))
		return TL_EXIT_FAILED;
	if (in.has_failed)
		r.status = TL_EXIT_FAILED;
	r.recipe = tl_cli_recipe(cli, in.list[0], true, &has_recipe);
	if (r.recipe == NULL)
		return TL_EXIT_FAILED;
	r.nthreads = threads(cli);
	stats_init(&r.stats, cli->arena);
	tl_cli_catch_signals();
	tl_progress_init(
	    &r.progress, cli, tl_cli_string(cli, "progress", "auto"));
	r.progress.nfiles = in.n;
	for (size_t i = 0; i < in.n && !tl_cli_interrupted(); i++) {
		r.progress.file = i + 1;
		r.progress.path = in.list[i];
		read_file(&r, in.list[i], i);
	}
	tl_progress_clear(&r.progress);
	cli->on_stderr = NULL;
	stats_finish(&r.stats);
	if (strcmp(tl_cli_string(cli, "output-format", "text"), "json") == 0)
		stats_print_json(cli, &r.stats, r.recipe);
	else
		stats_print(cli, &r.stats, r.recipe);
	tl_cli_flush(cli);
	tl_cli_note_defaults(cli, r.recipe);
	return tl_cli_interrupted() ? TL_EXIT_INTERRUPTED : r.status;
}

const struct tl_command tl_command_stats = {
	.name = "stats",
	.summary = "count tokens, what is trained, and what the trainer loses",
	.synopsis = "[PATH…|-]",
	.description =
	    "Takes every record through the recipe and prints what the trainer "
	    "makes of the data: records kept, truncated, dropped, blanked or "
	    "fatal, with the reason; tokens and trained tokens by role; the "
	    "lengths as percentiles and as a plot; and what each sequence "
	    "length would cost.",
	.examples =
	    "turnlint stats train.jsonl --tokenizer model/\n"
	    "turnlint stats data/ --trainer trl --sequence-len 2048  # what "
	    "is lost\n"
	    "turnlint stats train.jsonl --output-format json | jq "
	    ".verdicts\n",
	.opts = opts,
	.uses_recipe = true,
	.order = 35,
	.run = run,
};
