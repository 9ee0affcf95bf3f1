/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template check: the rules about templates, over any template. */
#include "cli/template.h"
#include "lint/lint.h"

#include <turnlint/limits.h>

#include <string.h>
#include <sys/stat.h>

#define MAX_CONFIG_BYTES ((size_t)64 << 20)

struct check {
	struct tl_cli *cli;
	const struct tl_writer *writer;
	struct tl_writer_cx cx;
	struct tl_lint_run run;
	const struct tl_tokenizer *tokenizer; /* of --tokenizer, or NULL */
};

static void
on_finding(void *ctx, const struct tl_finding *f)
{
	struct check *ck = ctx;

	ck->writer->finding(&ck->cx, f);
	tl_cli_flush_some(ck->cli);
}

/* The string of a JSON file that is this template. */
static const struct tl_json *
find_string(const struct tl_json *root, tl_str text)
{
	const struct tl_json *t = tl_json_get(root, "chat_template");

	if (tl_json_is(root, TL_JSON_STRING))
		t = root;
	for (const struct tl_json *e = tl_json_is(t, TL_JSON_ARRAY) ? t->first
								    : NULL;
	     e != NULL; e = e->next) {
		const struct tl_json *v = tl_json_get(e, "template");

		if (tl_json_is(v, TL_JSON_STRING) && tl_str_eq(v->text, text))
			return v;
	}
	return tl_json_is(t, TL_JSON_STRING) && tl_str_eq(t->text, text) ? t
									 : NULL;
}

/* Findings about a template in a JSON file have their place there. */
static void
find_place(struct tl_arena *a, struct tl_template_subject *subject)
{
	size_t hash = tl_str_find_char(subject->path, '#', 0);
	tl_str path = tl_str_slice(subject->path, 0, hash), bytes;
	struct tl_json_doc *doc;
	struct tl_error err;

	if (!tl_str_ends(path, TL_STR(".json")) ||
	    tl_file_read(a, tl_arena_cstr(a, path), MAX_CONFIG_BYTES, &bytes,
		&err) != TL_OK)
		return;
	doc = TL_NEW(a, struct tl_json_doc, 1);
	if (tl_json_parse(a, bytes, doc) != TL_OK)
		return;
	subject->node = find_string(doc->root, subject->source);
	if (subject->node == NULL)
		return;
	subject->doc = doc;
	subject->path = path;
}

/* Compile and check; a fault of the source is a finding. */
static void
check_source(struct check *ck, struct tl_template_subject *subject)
{
	struct tl_template *t;
	struct tl_error *fault = TL_NEW(ck->cli->arena, struct tl_error, 1);

	if (tl_template_compile(ck->cli->arena, subject->path, subject->source,
		&t, fault) == TL_OK)
		subject->template_ = t;
	else
		subject->fault = fault;
	find_place(ck->cli->arena, subject);
	tl_lint_template(&ck->run, subject);
}

/* Of each name that template which transformers would take. */
static void
check_sources(struct check *ck, const char *where, const char *join,
    const struct tl_template_site *site)
{
	struct tl_arena *a = ck->cli->arena;
	struct tl_map seen;

	tl_map_init(&seen, a);
	for (size_t i = 0; i < site->nsources; i++) {
		const struct tl_template_source *from = &site->sources[i];
		struct tl_template_subject subject = {
			.source = from->text,
			.site = site,
			.tokenizer = ck->tokenizer,
		};
		const char *path = tl_arena_printf(
		    a, "%s%s%s", where, join, tl_arena_cstr(a, from->file));
		bool is_new;

		tl_map_put(&seen, from->name, &is_new);
		if (!is_new)
			continue;
		if (!tl_str_eq(from->name, TL_STR("default")))
			path = tl_arena_printf(
			    a, "%s#%s", path, tl_arena_cstr(a, from->name));
		subject.path = tl_str_from(path);
		check_source(ck, &subject);
	}
}

/* There is a tokenizer and no template. */
static void
check_nothing(
    struct check *ck, const char *path, const struct tl_template_site *site)
{
	tl_lint_template(&ck->run,
	    &(struct tl_template_subject){
		.path = tl_str_from(path),
		.site = site,
		.tokenizer = ck->tokenizer,
	    });
}

static bool
check_folder(struct check *ck, const char *folder)
{
	struct tl_arena *a = ck->cli->arena;
	struct tl_template_site *site = TL_NEW(a, struct tl_template_site, 1);

	tl_template_site_open(a, folder, site);
	if (site->nsources > 0) {
		check_sources(ck, folder,
		    tl_str_ends(tl_str_from(folder), TL_STR("/")) ? "" : "/",
		    site);
	} else if (site->tokenizer != NULL || site->has_config) {
		check_nothing(ck, folder, site);
	} else {
		tl_cli_fail(ck->cli,
		    "%s: the folder holds neither a template nor a tokenizer",
		    folder);
		return false;
	}
	return true;
}

/* With its slash; "" for a name alone. */
static const char *
folder_of(struct tl_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL
	    ? ""
	    : tl_arena_cstr(a, (tl_str){ path, (size_t)(slash + 1 - path) });
}

/* A file that holds templates beside other things. */
static bool
check_gguf(
    struct check *ck, const char *path, const struct tl_template_site *site)
{
	if (site->tokenizer == NULL) {
		tl_cli_fail(
		    ck->cli, "%s: no tokenizer can be read from it", path);
		return false;
	}
	if (site->nsources > 0)
		check_sources(ck, folder_of(ck->cli->arena, path), "", site);
	else
		check_nothing(ck, path, site);
	return true;
}

static bool
check_template(struct check *ck, struct tl_template_subject *subject,
    const struct tl_template *t)
{
	if (tl_template_kind(t) != TL_TEMPLATE_JINJA) {
		tl_cli_fail(ck->cli,
		    "%s: the rules are about Jinja templates, not a "
		    "chat_template.json of PaddleNLP",
		    tl_arena_cstr(ck->cli->arena, subject->path));
		return false;
	}
	subject->source = tl_template_source(t);
	subject->template_ = t;
	find_place(ck->cli->arena, subject);
	tl_lint_template(&ck->run, subject);
	return true;
}

/* A built-in or a file, which may be broken or hold none. */
static bool
check_named(
    struct check *ck, const char *what, const struct tl_template_site *site)
{
	struct tl_arena *a = ck->cli->arena;
	struct tl_template_subject subject = {
		.path = tl_str_from(what),
		.site = site,
		.tokenizer = ck->tokenizer,
	};
	struct tl_template *t;
	struct tl_error err, fault;

	if (tl_template_load(a, what, &t, &fault) == TL_OK)
		return check_template(ck, &subject, t);
	if (fault.line > 0 && tl_str_ends(subject.path, TL_STR(".jinja")) &&
	    tl_file_read(a, what, TL_MAX_TEMPLATE_BYTES, &subject.source,
		&err) == TL_OK) {
		subject.fault = &fault;
		tl_lint_template(&ck->run, &subject);
		return true;
	}
	if (fault.status == TL_ENOENT && site != NULL && site->has_config &&
	    tl_str_ends(subject.path, TL_STR("tokenizer_config.json"))) {
		check_nothing(ck, what, site);
		return true;
	}
	tl_cli_fail_error(ck->cli, what, &fault);
	return false;
}

static bool
is_builtin(tl_str name)
{
	size_t n;
	const struct tl_template_builtin *list = tl_template_builtins(&n);
	const struct tl_template_alias *aliases;

	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(name, tl_str_from(list[i].name)))
			return true;
	aliases = tl_template_aliases(&n);
	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(name, tl_str_from(aliases[i].name)))
			return true;
	return false;
}

static bool
check_one(struct check *ck, const char *what)
{
	struct tl_arena *a = ck->cli->arena;
	struct tl_template_site *site = TL_NEW(a, struct tl_template_site, 1);
	struct stat st;

	if (is_builtin(tl_str_from(what)) || stat(what, &st) != 0)
		return check_named(ck, what, NULL);
	if (S_ISDIR(st.st_mode))
		return check_folder(ck, what);
	tl_template_site_of(a, what, site);
	if (tl_str_ends(tl_str_from(what), TL_STR(".gguf")))
		return check_gguf(ck, what, site);
	if (site->nsources == 0)
		return check_named(ck, what, site);
	check_sources(ck, folder_of(a, what), "", site);
	return true;
}

static bool
set_up(struct check *ck)
{
	struct tl_cli *cli = ck->cli;
	static const tl_str families[] = { TL_LIT("TPL"), TL_LIT("CFG") };
	const struct tl_lint_options opt = {
		.select = families,
		.nselect = TL_COUNT(families),
		.nthreads = 1,
	};
	const char *format = tl_cli_string(cli, "output-format", "text");
	struct tl_linter *linter;
	struct tl_error err;

	if (tl_linter_new(cli->arena, &opt, NULL, &linter, &err) != TL_OK) {
		tl_cli_fail_error(cli, "", &err);
		return false;
	}
	ck->writer = tl_writer_find(
	    tl_str_from(strcmp(format, "text") == 0 ? "full" : format));
	ck->cx = (struct tl_writer_cx){
		.out = &cli->out,
		.use_colour = cli->use_colour,
		.width = cli->width,
		.version = TL_VERSION,
		.scratch = tl_arena_new_like(cli->arena),
	};
	tl_map_init(&ck->cx.explained, cli->arena);
	ck->run = (struct tl_lint_run){
		.linter = linter,
		.on_finding = on_finding,
		.ctx = ck,
		.arena = cli->arena,
		.oom = tl_cli_oom,
	};
	if (ck->writer->begin != NULL)
		ck->writer->begin(&ck->cx);
	return true;
}

static bool
load_tokenizer(struct check *ck)
{
	const char *path = tl_cli_string(ck->cli, "tokenizer", NULL);
	struct tl_tokenizer *t;
	struct tl_error err;

	if (path == NULL)
		return true;
	if (tl_tokenizer_load(ck->cli->arena, path, NULL, &t, &err) != TL_OK) {
		tl_cli_fail_error(ck->cli, path, &err);
		return false;
	}
	ck->tokenizer = t;
	return true;
}

int
tl_cli_template_check(struct tl_cli *cli)
{
	struct check ck = { .cli = cli };
	bool has_failed = false;

	if (cli->nargs < 2)
		return tl_cli_fail(cli,
		    "check which template? Name files, or some of 'turnlint "
		    "template list'");
	if (!load_tokenizer(&ck) || !set_up(&ck))
		return TL_EXIT_FAILED;
	for (size_t i = 1; i < cli->nargs; i++)
		if (!check_one(&ck, cli->args[i])) {
			has_failed = true;
			ck.run.summary.nunreadable++;
		}
	tl_lint_finish(&ck.run);
	if (ck.writer->end != NULL &&
	    (ck.run.summary.nfiles > 0 || !has_failed))
		ck.writer->end(&ck.cx, &ck.run.summary);
	tl_arena_free(ck.cx.scratch);
	if (has_failed)
		return TL_EXIT_FAILED;
	return ck.run.summary.counts[TL_LEVEL_ERROR] > 0 ? TL_EXIT_FINDINGS
							 : TL_EXIT_CLEAN;
}
