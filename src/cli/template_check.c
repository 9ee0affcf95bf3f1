/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template check: the rules about templates, over any template. */
#include "cli/template.h"
#include "lint/lint.h"

#include <turnlint/limits.h>

struct check {
	struct tl_cli *cli;
	const struct tl_writer *writer;
	struct tl_writer_cx cx;
	struct tl_lint_run run;
};

static void
on_finding(void *ctx, const struct tl_finding *f)
{
	struct check *ck = ctx;

	ck->writer->finding(&ck->cx, f);
	tl_cli_flush_some(ck->cli);
}

/* A .jinja file that does not compile is a finding; anything else that does
 * not load is a failure. */
static bool
check_one(struct check *ck, const char *what)
{
	struct tl_arena *a = ck->cli->arena;
	tl_str path = tl_str_from(what), source;
	struct tl_template *t;
	struct tl_error err, fault;

	if (tl_template_load(a, what, &t, &fault) == TL_OK) {
		if (tl_template_kind(t) != TL_TEMPLATE_JINJA) {
			tl_cli_fail(ck->cli,
			    "%s: the rules are about Jinja templates, not a "
			    "chat_template.json of PaddleNLP",
			    what);
			return false;
		}
		tl_lint_template(
		    &ck->run, path, tl_template_source(t), t, NULL);
		return true;
	}
	if (fault.line > 0 && tl_str_ends(path, TL_STR(".jinja")) &&
	    tl_file_read(a, what, TL_MAX_TEMPLATE_BYTES, &source, &err) ==
		TL_OK) {
		tl_lint_template(&ck->run, path, source, NULL, &fault);
		return true;
	}
	tl_cli_fail_error(ck->cli, what, &fault);
	return false;
}

static bool
set_up(struct check *ck)
{
	struct tl_cli *cli = ck->cli;
	const tl_str family = TL_STR("TPL");
	const struct tl_lint_options opt = {
		.select = &family,
		.nselect = 1,
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

int
tl_cli_template_check(struct tl_cli *cli)
{
	struct check ck = { .cli = cli };
	bool has_failed = false;

	if (cli->nargs < 2)
		return tl_cli_fail(cli,
		    "check which template? Name files, or some of 'turnlint "
		    "template list'");
	if (!set_up(&ck))
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
