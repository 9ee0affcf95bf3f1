/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint.h - running rules: which are on, over which records, with what result.
 *
 * A linter is set up once and const afterwards.  Each thread has a worker.
 * `check` streams whole files through tl_lint_file(); `show`, `view` and `diff`
 * ask a worker about single records.
 */
#ifndef TURNLINT_LINT_H
#define TURNLINT_LINT_H

#include <turnlint/report.h>

struct tl_rule_setting { /* SELECTOR=LEVEL or SELECTOR=off */
	tl_str selector;
	enum tl_level level;
	bool is_off;
};

struct tl_file_ignore {
	tl_str glob;	  /* tl_glob_match() on the path */
	tl_str selectors; /* separated by commas or spaces */
};

struct tl_lint_options {
	/* Selectors: code, prefix of a code, name, ALL.  Empty select means
	 * every rule that is not preview. */
	const tl_str *select;
	size_t nselect;
	const tl_str *ignore;
	size_t nignore;
	const tl_str *extend_select;
	size_t nextend_select;
	const struct tl_rule_setting *levels;
	size_t nlevels;
	const struct tl_file_ignore *file_ignores;
	size_t nfile_ignores;
	bool use_preview;
	bool ignores_needs;  /* call every rule for every record: tests prove
			      * that tl_rule.needs hides nothing */
	size_t max_per_rule; /* printed a rule and file; 0: no limit */
	size_t nthreads;     /* 0: one a core */
};

struct tl_linter;

/* Shell pattern against a path: * and ? stop at '/', ** does not, [a-z] and
 * [!a-z] are sets.  A pattern that does not start with '/' may begin to match
 * at any folder of the path; one without '/' is about the last name alone. */
bool tl_glob_match(tl_str glob, tl_str path);

/* recipe may be NULL: rules that need one are skipped and named in the
 * summary.  An unknown selector is TL_ECONFIG with a suggestion. */
enum tl_status tl_linter_new(struct tl_arena *a,
    const struct tl_lint_options *opt, const struct tl_recipe *recipe,
    struct tl_linter **out, struct tl_error *err) TL_MUST_USE;

/* Selectors as the configuration and the command line take them: false and a
 * sentence with the nearest known one. */
bool tl_selector_check(tl_str selector, struct tl_error *err);
/* Whether it names this rule. */
bool tl_selector_covers(tl_str selector, const struct tl_rule *rule);

bool tl_linter_has(const struct tl_linter *l, const struct tl_rule *rule);

struct tl_worker;
struct tl_worker *tl_worker_new(
    const struct tl_linter *l, tl_oom_fn *oom, void *ctx);
void tl_worker_free(struct tl_worker *w);

/* Take one record through the stages that the rules need (at least up to
 * `stage`) and run the record rules.  Facts and findings live in `a`; findings
 * are sorted by offset and code and not limited by max_per_rule. */
void tl_worker_record(struct tl_worker *w, struct tl_arena *a,
    struct tl_record *rec, enum tl_stage stage, struct tl_facts *facts,
    const struct tl_finding **findings, size_t *nfindings);

/* Called by tl_lint_file() in the order of the file, on the caller's thread;
 * the finding dies with the call. */
typedef void tl_finding_fn(void *ctx, const struct tl_finding *f);
/* Called at times with bytes done and total (0: unknown).  False stops the
 * run: the summary says it was interrupted. */
typedef bool tl_progress_fn(
    void *ctx, uint64_t done, uint64_t total, size_t nrecords);

struct tl_lint_run {
	const struct tl_linter *linter;
	tl_finding_fn *on_finding;
	tl_progress_fn *on_progress; /* or NULL */
	void *ctx;
	struct tl_arena *arena; /* the summary's */
	tl_oom_fn *oom;
	void *oom_ctx;
	struct tl_lint_pool *pool; /* made by the first file */
	struct tl_summary summary; /* adds up over files */
};

/* All records of one file, on the linter's threads; findings come out the same
 * for any number of threads.  TL_OK also when the data is bad; TL_EIO when it
 * could not be read to its end (what was found before is reported). */
enum tl_status tl_lint_file(struct tl_lint_run *run, struct tl_reader *r,
    struct tl_error *err) TL_MUST_USE;

/* The templates and the tokenizer of a folder; what cannot be read is left
 * out. */
void tl_template_site_open(
    struct tl_arena *a, const char *folder, struct tl_template_site *site);
/* Of a file that is named alone: the tokenizer of its folder and the sources in
 * the file, when it is a tokenizer_config.json or GGUF. */
void tl_template_site_of(
    struct tl_arena *a, const char *path, struct tl_template_site *site);

/* A template that is to be checked. */
struct tl_template_subject {
	tl_str path, source;
	const struct tl_template *template_; /* NULL: does not compile, or is
					      * not there */
	const struct tl_error *fault;	     /* why it does not compile */
	/* The JSON file whose string it is, or NULL; places are in it. */
	const struct tl_json_doc *doc;
	const struct tl_json *node;
	const struct tl_template_site *site;  /* or NULL */
	const struct tl_tokenizer *tokenizer; /* NULL: the site's, the recipe's
					       */
};

/* A template as a file: its text through the rules that look at templates. */
void tl_lint_template(
    struct tl_lint_run *run, const struct tl_template_subject *subject);

/* The recipe's tokenizer as what is checked.  tl_lint_file() does the same once
 * a run, where it does not count as a file. */
void tl_lint_tokenizer(struct tl_lint_run *run);

/* A trainer's own configuration as a file. */
struct tl_setup;
void tl_lint_setup(struct tl_lint_run *run, const struct tl_setup *setup);

/* After the last file: stop the threads, fill summary.rules and
 * summary.skipped. */
void tl_lint_finish(struct tl_lint_run *run);

#endif
