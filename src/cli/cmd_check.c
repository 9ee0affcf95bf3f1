/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config.h"
#include "cli/inputs.h"
#include "cli/setup.h"
#include "cli/progress.h"
#include "cli/selection.h"
#include "cli/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <turnlint/limits.h>
#include <turnlint/report.h>

#define DEFAULT_MAX_PER_RULE 20

/* Files that share a configuration and a recipe. */
struct job {
	const struct tl_config *config;
	const struct tl_config_recipe *from;
	struct tl_lint_run run;
	enum tl_level fail_on;
	bool never_fails;
	bool is_setup; /* for the trainer's own configuration alone */
	struct job *next;
};

struct check {
	struct tl_cli *cli;
	const struct tl_writer *writer;
	struct tl_writer_cx cx;
	struct tl_progress progress;
	struct job *jobs, **last_job;
	struct tl_arena *file_arena; /* reset for each file */
	tl_str stdin_name;
	bool is_stdin;	/* the file at work */
	size_t nfailed; /* files that could not be read, jobs not set up */
	bool is_stopped;
};

/* ---- settings
 * -----------------------------------------------------------------*/

/* The values of a list option, each perhaps several joined by commas. */
static struct tl_names
split_list(struct tl_cli *cli, const char *name)
{
	size_t nwords, n = 0, total = 0;
	const char *const *words = tl_cli_list(cli, name, &nwords);
	tl_str *list;

	for (size_t i = 0; i < nwords; i++)
		total += strlen(words[i]) + 1;
	list = TL_NEW(cli->arena, tl_str, total);
	for (size_t i = 0; i < nwords; i++) {
		tl_str s = tl_str_from(words[i]);

		for (size_t at = 0; at < s.len;) {
			size_t end = tl_str_find_char(s, ',', at);
			tl_str part = tl_str_trim(tl_str_slice(s, at, end));

			if (part.len > 0)
				list[n++] = part;
			at = end == TL_NPOS ? s.len : end + 1;
		}
	}
	return (struct tl_names){ list, n };
}

static struct tl_names
concat(struct tl_cli *cli, struct tl_names a, struct tl_names b)
{
	tl_str *list = TL_NEW(cli->arena, tl_str, a.n + b.n);

	for (size_t i = 0; i < a.n; i++)
		list[i] = a.list[i];
	for (size_t i = 0; i < b.n; i++)
		list[a.n + i] = b.list[i];
	return (struct tl_names){ list, a.n + b.n };
}

/* Levels of the configuration, already in opt, then those of --severity,
 * which win. */
static bool
add_levels(struct tl_cli *cli, struct tl_lint_options *opt)
{
	struct tl_names given = split_list(cli, "severity");
	struct tl_rule_setting *list =
	    TL_NEW(cli->arena, struct tl_rule_setting, opt->nlevels + given.n);

	for (size_t i = 0; i < opt->nlevels; i++)
		list[i] = opt->levels[i];
	for (size_t i = 0; i < given.n; i++) {
		struct tl_rule_setting *l = &list[opt->nlevels + i];
		size_t eq = tl_str_find_char(given.list[i], '=', 0);

		l->selector = tl_str_slice(given.list[i], 0, eq);
		if (eq == TL_NPOS ||
		    !tl_cli_parse_level(
			tl_str_slice(given.list[i], eq + 1, given.list[i].len),
			l)) {
			tl_cli_fail(cli,
			    "--severity takes CODE=error, "
			    "CODE=warning, CODE=info or CODE=off, not '%s'",
			    tl_arena_cstr(cli->arena, given.list[i]));
			return false;
		}
	}
	opt->levels = list;
	opt->nlevels += given.n;
	return true;
}

/* The command line over the configuration: --select stands instead of all its
 * selection, --ignore and --extend-select add to it. */
static bool
make_options(
    struct check *ck, const struct tl_config *c, struct tl_lint_options *opt)
{
	struct tl_cli *cli = ck->cli;
	struct tl_names select = split_list(cli, "select");
	struct tl_names ignore = split_list(cli, "ignore");
	struct tl_names extend = split_list(cli, "extend-select");

	tl_cli_selection(cli, c, opt);
	if (c != NULL && select.n == 0) {
		select = c->select;
		ignore = concat(cli, c->ignore, ignore);
		extend = concat(cli, c->extend_select, extend);
	}
	opt->select = select.list;
	opt->nselect = select.n;
	opt->ignore = ignore.list;
	opt->nignore = ignore.n;
	opt->extend_select = extend.list;
	opt->nextend_select = extend.n;
	opt->use_preview = opt->use_preview || tl_cli_flag(cli, "preview");
	opt->nthreads = tl_cli_size(cli, "jobs", 0);
	opt->max_per_rule = ck->writer->is_machine ? 0 : DEFAULT_MAX_PER_RULE;
	if (c != NULL && c->has_max_per_rule)
		opt->max_per_rule = c->max_per_rule;
	opt->max_per_rule = tl_cli_size(cli, "max-per-rule", opt->max_per_rule);
	return add_levels(cli, opt);
}

static void
set_fail_on(struct check *ck, struct job *job)
{
	const char *given = tl_cli_string(ck->cli, "fail-on", NULL);
	tl_str s = TL_STR("error");
	struct tl_rule_setting level = { .level = TL_LEVEL_ERROR };

	if (job->config != NULL && job->config->fail_on.len > 0)
		s = job->config->fail_on;
	if (given != NULL)
		s = tl_str_from(given);
	job->never_fails = !tl_cli_parse_level(s, &level); /* "none" */
	job->fail_on = level.level;
}

/* ---- jobs
 * ---------------------------------------------------------------------*/

static void
on_finding(void *ctx, const struct tl_finding *f)
{
	struct check *ck = ctx;
	struct tl_finding named;

	if (ck->is_stdin && ck->stdin_name.len > 0) {
		named = *f;
		named.path = ck->stdin_name;
		f = &named;
	}
	ck->writer->finding(&ck->cx, f);
	if (ck->cli->out.len >= 4096)
		tl_progress_clear(&ck->progress);
	tl_cli_flush_some(ck->cli);
}

static bool
on_progress(void *ctx, uint64_t done, uint64_t total, size_t nrecords)
{
	struct check *ck = ctx;

	tl_progress_show(&ck->progress, done, total, nrecords);
	ck->is_stopped =
	    tl_cli_interrupted() || ck->cli->out_state != TL_OUT_OPEN;
	return !ck->is_stopped;
}

static bool
set_up(struct check *ck, struct job *job)
{
	struct tl_cli *cli = ck->cli;
	struct tl_lint_options opt;
	const struct tl_recipe *recipe;
	struct tl_linter *linter;
	struct tl_error err;
	bool has_recipe;

	recipe = tl_cli_open_recipe(cli, job->from, false, &has_recipe);
	if (recipe == NULL || !make_options(ck, job->config, &opt))
		return false;
	if (tl_linter_new(cli->arena, &opt, has_recipe ? recipe : NULL, &linter,
		&err) != TL_OK) {
		tl_cli_fail_error(cli, "", &err);
		return false;
	}
	set_fail_on(ck, job);
	job->run = (struct tl_lint_run){
		.linter = linter,
		.on_finding = on_finding,
		.on_progress = on_progress,
		.ctx = ck,
		.arena = cli->arena,
		.oom = tl_cli_oom,
	};
	return true;
}

/* The job of a file; made on first use, NULL after saying what is wrong. */
static struct job *
job_for(struct check *ck, const char *path)
{
	const struct tl_config *config;
	const struct tl_config_recipe *from;
	struct job *job;

	if (!tl_cli_config(ck->cli, path, &config) ||
	    !tl_cli_config_recipe(ck->cli, config, path, &from))
		return NULL;
	for (job = ck->jobs; job != NULL; job = job->next)
		if (job->config == config && job->from == from)
			return job->run.linter != NULL ? job : NULL;
	job = TL_NEW(ck->cli->arena, struct job, 1);
	job->config = config;
	job->from = from;
	*ck->last_job = job;
	ck->last_job = &job->next;
	return set_up(ck, job) ? job : NULL;
}

/* ---- files
 * --------------------------------------------------------------------*/

static void
check_reader(
    struct check *ck, struct job *job, struct tl_reader *r, const char *path)
{
	struct tl_error err;

	if (tl_lint_file(&job->run, r, &err) == TL_OK)
		return;
	tl_cli_fail_error(ck->cli, path, &err);
	ck->nfailed++;
	job->run.summary.nunreadable++;
}

/* What stands around a template: of a model's own, all that its folder has. */
static const struct tl_template_site *
site_of(struct check *ck, const char *path)
{
	static const char own[] = "/chat_template.jinja";
	struct tl_template_site *site =
	    TL_NEW(ck->file_arena, struct tl_template_site, 1);
	tl_str s = tl_str_from(path);

	if (tl_str_ends(s, TL_STR(own)))
		tl_template_site_open(ck->file_arena,
		    tl_arena_cstr(ck->file_arena,
			tl_str_slice(s, 0, s.len - (sizeof(own) - 1))),
		    site);
	else
		tl_template_site_of(ck->file_arena, path, site);
	return site;
}

/* A template's own file. */
static void
check_template(struct check *ck, struct job *job, const char *path)
{
	const struct tl_template_site *site;
	struct tl_template *t = NULL;
	struct tl_error err, fault;
	tl_str source;

	if (tl_file_read(ck->file_arena, path, TL_MAX_TEMPLATE_BYTES, &source,
		&err) != TL_OK) {
		tl_cli_fail_error(ck->cli, path, &err);
		ck->nfailed++;
		job->run.summary.nunreadable++;
		return;
	}
	if (tl_template_compile(
		ck->file_arena, tl_str_from(path), source, &t, &fault) != TL_OK)
		t = NULL;
	site = site_of(ck, path);
	tl_lint_template(&job->run,
	    &(struct tl_template_subject){
		.path = tl_str_from(path),
		.source = source,
		.template_ = t,
		.fault = t == NULL ? &fault : NULL,
		.site = site,
	    });
}

/* A tokenizer is its own recipe. */
static void
check_tokenizer(struct check *ck, const char *path)
{
	struct tl_cli *cli = ck->cli;
	const struct tl_config *config;
	const struct tl_config_recipe *from;
	struct tl_config_recipe *own =
	    TL_NEW(cli->arena, struct tl_config_recipe, 1);
	struct job *job = TL_NEW(cli->arena, struct job, 1);

	if (tl_cli_string(cli, "tokenizer", NULL) != NULL) {
		tl_cli_fail(cli,
		    "%s: a tokenizer is checked as it is: leave out "
		    "--tokenizer",
		    path);
		ck->nfailed++;
		return;
	}
	if (!tl_cli_config(cli, path, &config) ||
	    !tl_cli_config_recipe(cli, config, path, &from)) {
		ck->nfailed++;
		return;
	}
	if (from != NULL)
		*own = *from;
	own->tokenizer = tl_str_from(path);
	job->config = config;
	job->from = own;
	*ck->last_job = job;
	ck->last_job = &job->next;
	if (set_up(ck, job))
		tl_lint_tokenizer(&job->run);
	else
		ck->nfailed++;
}

static void
check_path(struct check *ck, const char *path)
{
	struct tl_reader *r;
	struct tl_error err;
	struct job *job;

	ck->is_stdin = strcmp(path, "-") == 0;
	if (!ck->is_stdin && tl_is_tokenizer(path)) {
		check_tokenizer(ck, path);
		return;
	}
	job = job_for(ck,
	    ck->is_stdin ? tl_cli_string(ck->cli, "stdin-filename", NULL)
			 : path);
	if (job == NULL) {
		ck->nfailed++;
		return;
	}
	tl_arena_reset(ck->file_arena);
	if (tl_str_ends(tl_str_from(path), TL_STR(".jinja"))) {
		check_template(ck, job, path);
		return;
	}
	if (tl_cli_reader(ck->file_arena, path, &r, &err) != TL_OK) {
		tl_cli_fail_error(ck->cli, path, &err);
		ck->nfailed++;
		job->run.summary.nunreadable++;
		return;
	}
	check_reader(ck, job, r, path);
}

static void
check_staged_file(struct check *ck, const struct tl_staged_file *f)
{
	struct tl_reader *r;
	struct tl_error err;
	struct job *job = job_for(ck, f->worktree_path);

	ck->is_stdin = false;
	if (job == NULL) {
		ck->nfailed++;
		return;
	}
	if (tl_reader_open_mem(ck->file_arena, tl_str_from(f->path), f->bytes,
		&r, &err) != TL_OK) {
		tl_cli_fail_error(ck->cli, f->path, &err);
		ck->nfailed++;
		return;
	}
	check_reader(ck, job, r, f->path);
}

/* ---- the whole
 * -----------------------------------------------------------------*/

static void
add_rules(struct tl_cli *cli, struct tl_summary *to, const struct tl_summary *s)
{
	struct tl_rule_count *list =
	    TL_NEW(cli->arena, struct tl_rule_count, to->nrules + s->nrules);
	size_t i = 0, k = 0, n = 0;

	while (i < to->nrules || k < s->nrules) {
		int order = i == to->nrules ? 1
		    : k == s->nrules
		    ? -1
		    : strcmp(to->rules[i].rule->code, s->rules[k].rule->code);

		list[n] = order <= 0 ? to->rules[i] : s->rules[k];
		if (order == 0) {
			list[n].nfindings += s->rules[k].nfindings;
			list[n].nrecords += s->rules[k].nrecords;
			list[n].nhidden += s->rules[k].nhidden;
		}
		i += order <= 0;
		k += order >= 0;
		n++;
	}
	to->rules = list;
	to->nrules = n;
}

static void
add_skipped(
    struct tl_cli *cli, struct tl_summary *to, const struct tl_summary *s)
{
	struct tl_skipped *list =
	    TL_NEW(cli->arena, struct tl_skipped, to->nskipped + s->nskipped);
	size_t n = 0;

	for (; n < to->nskipped; n++)
		list[n] = to->skipped[n];
	for (size_t k = 0; k < s->nskipped; k++) {
		size_t i = 0;

		while (i < n &&
		    !(tl_str_eq(list[i].what, s->skipped[k].what) &&
			tl_str_eq(list[i].why, s->skipped[k].why)))
			i++;
		if (i == n)
			list[n++] = s->skipped[k];
	}
	to->skipped = list;
	to->nskipped = n;
}

static void
add_summary(
    struct tl_cli *cli, struct tl_summary *to, const struct tl_summary *s)
{
	to->nfiles += s->nfiles;
	to->ntemplates += s->ntemplates;
	to->nrecords += s->nrecords;
	to->nrecords_found += s->nrecords_found;
	for (size_t i = 0; i < TL_COUNT(to->counts); i++)
		to->counts[i] += s->counts[i];
	to->nfixable += s->nfixable;
	to->nfixable_unsafe += s->nfixable_unsafe;
	to->ntokens += s->ntokens;
	to->ntrained += s->ntrained;
	to->has_tokens |= s->has_tokens;
	for (size_t i = 0; i < TL_COUNT(to->nverdicts); i++)
		to->nverdicts[i] += s->nverdicts[i];
	to->nunreadable += s->nunreadable;
	to->is_interrupted |= s->is_interrupted;
	if (to->trainer == NULL)
		to->trainer = s->trainer;
	else if (s->trainer != NULL && strcmp(to->trainer, s->trainer) != 0)
		to->trainer = "as configured";
	add_rules(cli, to, s);
	add_skipped(cli, to, s);
}

static bool
reaches(const struct job *job)
{
	for (size_t l = (size_t)job->fail_on; l <= TL_LEVEL_ERROR; l++)
		if (!job->never_fails && job->run.summary.counts[l] > 0)
			return true;
	return false;
}

static int
finish(struct check *ck)
{
	struct tl_summary all = { 0 };
	bool has_findings = false, has_run = false;

	for (struct job *j = ck->jobs; j != NULL; j = j->next) {
		if (j->run.linter == NULL)
			continue;
		tl_lint_finish(&j->run);
		/* It has no data that a rule could have looked at. */
		if (j->is_setup)
			j->run.summary.nskipped = 0;
		add_summary(ck->cli, &all, &j->run.summary);
		has_findings |= reaches(j);
		has_run = true;
	}
	tl_progress_clear(&ck->progress);
	if (!has_run && ck->nfailed > 0) {
		tl_buf_clear(&ck->cli->out);
		return TL_EXIT_FAILED;
	}
	all.is_interrupted |= tl_cli_interrupted();
	if (!ck->cli->is_quiet || ck->writer->is_machine || ck->cx.nwritten > 0)
		if (ck->writer->end != NULL)
			ck->writer->end(&ck->cx, &all);
	if (all.is_interrupted)
		return TL_EXIT_INTERRUPTED;
	if (ck->nfailed > 0)
		return TL_EXIT_FAILED;
	if (has_findings && !tl_cli_flag(ck->cli, "exit-zero"))
		return TL_EXIT_FINDINGS;
	return TL_EXIT_CLEAN;
}

static bool
choose_writer(struct check *ck)
{
	struct tl_cli *cli = ck->cli;
	const char *name = tl_cli_string(cli, "output-format", NULL);
	const struct tl_config *config;
	const struct tl_writer *const *all;
	const char *names[64];
	const char *near;
	size_t n;

	if (name == NULL) {
		if (!tl_cli_config(cli, NULL, &config))
			return false;
		name = config != NULL && config->output_format.len > 0
		    ? tl_arena_cstr(cli->arena, config->output_format)
		    : "full";
	}
	ck->writer = tl_writer_find(tl_str_from(name));
	if (ck->writer != NULL)
		return true;
	all = tl_writers(&n);
	for (size_t i = 0; i < n && i < TL_COUNT(names); i++)
		names[i] = all[i]->name;
	near = tl_str_nearest(tl_str_from(name), names, n);
	if (near != NULL)
		tl_cli_fail(cli,
		    "unknown output format '%s'; did you mean "
		    "'%s'?",
		    name, near);
	else
		tl_cli_fail(cli,
		    "unknown output format '%s'; there are full, "
		    "concise, json and jsonl",
		    name);
	return false;
}

static bool
open_output(struct check *ck)
{
	struct tl_cli *cli = ck->cli;
	const char *path = tl_cli_string(cli, "output-file", NULL);

	if (path != NULL && strcmp(path, "-") != 0) {
		int fd =
		    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

		if (fd < 0) {
			tl_cli_fail(
			    cli, "cannot write %s: %s", path, strerror(errno));
			return false;
		}
		cli->out_fd = fd;
		cli->width = 0;
		cli->use_colour =
		    strcmp(tl_cli_string(cli, "color", "auto"), "always") == 0;
	}
	ck->cx.out = &cli->out;
	ck->cx.use_colour = cli->use_colour;
	ck->cx.want_statistics = tl_cli_flag(cli, "statistics");
	ck->cx.width = cli->width;
	ck->cx.version = TL_VERSION;
	ck->cx.scratch = tl_arena_new(tl_cli_oom, NULL);
	tl_map_init(&ck->cx.explained, cli->arena);
	return true;
}

/* The operands, or what the configuration says; false after a message. */
/* What is wrong with the trainer's own configuration. */
static bool
check_setup(struct check *ck)
{
	const struct tl_setup *setup;
	struct job *job;

	if (!tl_cli_setup(ck->cli, &setup))
		return false;
	if (setup == NULL)
		return true;
	job = TL_NEW(ck->cli->arena, struct job, 1);
	if (!tl_cli_config(ck->cli, NULL, &job->config))
		return false;
	*ck->last_job = job;
	ck->last_job = &job->next;
	if (!set_up(ck, job))
		return false;
	job->is_setup = true;
	tl_lint_setup(&job->run, setup);
	return true;
}

static bool
collect(struct check *ck, struct tl_inputs *in)
{
	struct tl_cli *cli = ck->cli;

	if (!tl_inputs_add_operands(cli, in))
		return false;
	ck->nfailed += in->has_failed;
	if (in->n > 0 || in->has_failed || cli->setup != NULL ||
	    tl_cli_flag(cli, "allow-empty"))
		return true;
	/* A hook names files that are then all excluded. */
	if (cli->nargs > 0 && tl_cli_flag(cli, "force-exclude"))
		return true;
	if (cli->nargs > 0)
		tl_cli_fail(cli,
		    "nothing to check: no .jsonl, .json or "
		    ".ndjson file there (--allow-empty makes that fine)");
	else
		tl_cli_fail(cli,
		    "nothing to check: name files or folders, or "
		    "list datasets in .turnlint.yaml");
	return false;
}

static bool
check_files(struct check *ck)
{
	struct tl_inputs in = { 0 };

	if (!check_setup(ck) || !collect(ck, &in))
		return false;
	ck->progress.nfiles = in.n;
	for (size_t i = 0; i < in.n && !ck->is_stopped; i++) {
		ck->progress.file = i + 1;
		ck->progress.path = in.list[i];
		check_path(ck, in.list[i]);
	}
	return true;
}

static bool
check_staged(struct check *ck)
{
	struct tl_staged staged;

	if (!tl_staged_open(ck->cli, &staged))
		return false;
	ck->progress.nfiles = staged.n;
	for (size_t i = 0; i < staged.n && !ck->is_stopped; i++) {
		struct tl_staged_file f;

		tl_arena_reset(ck->file_arena);
		ck->progress.file = i + 1;
		if (!tl_staged_read(ck->cli, &staged, i, ck->file_arena, &f)) {
			ck->nfailed++;
			continue;
		}
		ck->progress.path = f.path;
		check_staged_file(ck, &f);
	}
	return true;
}

static int
run(struct tl_cli *cli)
{
	struct check ck = { .cli = cli };
	bool is_done;
	int status;

	ck.last_job = &ck.jobs;
	if (!choose_writer(&ck) || !open_output(&ck))
		return TL_EXIT_FAILED;
	ck.stdin_name = tl_str_from(tl_cli_string(cli, "stdin-filename", ""));
	ck.file_arena = tl_arena_new(tl_cli_oom, NULL);
	tl_cli_catch_signals();
	tl_progress_init(
	    &ck.progress, cli, tl_cli_string(cli, "progress", "auto"));
	if (ck.writer->begin != NULL)
		ck.writer->begin(&ck.cx);
	is_done =
	    tl_cli_flag(cli, "staged") ? check_staged(&ck) : check_files(&ck);
	if (is_done) {
		status = finish(&ck);
	} else {
		tl_buf_clear(&cli->out);
		status = TL_EXIT_FAILED;
	}
	cli->on_stderr = NULL;
	tl_arena_free(ck.cx.scratch);
	tl_arena_free(ck.file_arena);
	return status;
}

static const struct tl_opt opts[] = {
	{ "select", 's', TL_OPT_LIST, "RULES",
	    "run these rules alone: codes, "
	    "prefixes of codes (MSK), names, or ALL, joined by commas",
	    NULL },
	{ "ignore", 'i', TL_OPT_LIST, "RULES", "do not run these rules", NULL },
	{ "extend-select", 0, TL_OPT_LIST, "RULES", "run these rules, too",
	    NULL },
	{ "severity", 0, TL_OPT_LIST, "RULE=LEVEL",
	    "set the level of rules: "
	    "error, warning, info or off",
	    NULL },
	{ "preview", 0, TL_OPT_FLAG, NULL, "let rules in preview run", NULL },
	{ "fail-on", 0, TL_OPT_CHOICE, "LEVEL",
	    "the lowest level that makes "
	    "the exit status 1 (default: error)",
	    "error warning info none" },
	{ "exit-zero", 0, TL_OPT_FLAG, NULL, "exit with 0 whatever is found",
	    NULL },
	{ "output-format", 'F', TL_OPT_STRING, "NAME",
	    "how findings are "
	    "printed: full (default), concise, json, jsonl",
	    NULL },
	{ "output-file", 'o', TL_OPT_STRING, "FILE", "write them there", NULL },
	{ "max-per-rule", 0, TL_OPT_SIZE, "N",
	    "print at most N findings a "
	    "rule and file, 0 for all (default: 20, json and jsonl: all)",
	    NULL },
	{ "statistics", 0, TL_OPT_FLAG, NULL, "count the findings by rule",
	    NULL },
	{ "staged", 0, TL_OPT_FLAG, NULL,
	    "check what is staged in the git "
	    "index instead of the files",
	    NULL },
	{ "stdin-filename", 0, TL_OPT_STRING, "NAME",
	    "name of what is read "
	    "from '-', for reports and configuration",
	    NULL },
	{ "exclude", 0, TL_OPT_LIST, "GLOB",
	    "leave out files that match when "
	    "a folder is searched",
	    NULL },
	{ "force-exclude", 0, TL_OPT_FLAG, NULL,
	    "leave them out also when "
	    "they are named",
	    NULL },
	{ "allow-empty", 0, TL_OPT_FLAG, NULL, "nothing to check is fine",
	    NULL },
	{ "jobs", 'j', TL_OPT_SIZE, "N", "threads (default: one a core)",
	    NULL },
	{ "progress", 0, TL_OPT_CHOICE, "WHEN", "show a progress bar",
	    "auto always never" },
	{ 0 },
};

const struct tl_command tl_command_check = {
	.name = "check",
	.summary = "lint datasets",
	.synopsis = "[PATH…|-]",
	.description =
	    "Reads every record of the files, of the data files "
	    "below the folders, of standard input, or of the datasets that the "
	    "configuration lists, and says what is wrong in it. A tokenizer, "
	    "or the folder of a model that holds one, is checked as such: "
	    "its special tokens, and what the files beside it say. Without a "
	    "template and a tokenizer the rules that need them do not run and "
	    "are named at the end. The exit status is 1 when something was "
	    "found at or above --fail-on, 2 when a file could not be read or "
	    "anything else kept the job from being done.",
	.examples =
	    "turnlint check data/train.jsonl     # what needs no recipe\n"
	    "turnlint check -t llama-3 -T models/llama-3 data/\n"
	    "turnlint check --select MSK,TOK002 --statistics data/\n"
	    "zcat data.jsonl.gz | turnlint check -F jsonl -",
	.opts = opts,
	.uses_recipe = true,
	.order = 10,
	.run = run,
};
