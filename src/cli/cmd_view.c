/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint view: records, tokens and findings on the terminal. */
#include "cli/cli.h"

#include <unistd.h>

#include "cli/loading.h"
#include "view/screen.h"

#define MAX_SCRIPT ((size_t)1 << 20)

static const struct tl_opt opts[] = {
	{ "script", 0, TL_OPT_STRING, "FILE",
	    "for tests: take keys from FILE and touch no terminal", NULL },
	{ "dump-screen", 0, TL_OPT_FLAG, NULL,
	    "for tests: print the screen at the end of the script", NULL },
	{ "screen-size", 0, TL_OPT_STRING, "COLSxROWS",
	    "for tests: the size of the screen (default: 80x24)", NULL },
	{ 0 },
};

/* The message must not vanish with the screen. */
static void
oom(void *ctx, size_t wanted)
{
	tl_screen_restore();
	tl_cli_oom(ctx, wanted);
}

static bool
is_target(void *ctx, struct tl_arena *a, struct tl_record *rec)
{
	const struct tl_target *t = ctx;

	if (t->id.ptr != NULL)
		(void)tl_record_parse(a, rec);
	return tl_target_matches(t, rec);
}

static bool
parse_size(const char *s, struct tl_screen_options *opt)
{
	tl_str size = tl_str_from(s);
	size_t x = tl_str_find_char(size, 'x', 0);

	return x != TL_NPOS &&
	    tl_str_to_size(tl_str_slice(size, 0, x), &opt->cols) &&
	    tl_str_to_size(tl_str_slice(size, x + 1, size.len), &opt->rows) &&
	    opt->cols >= 1 && opt->cols <= 1000 && opt->rows >= 1 &&
	    opt->rows <= 1000;
}

/* The options that make a run without a terminal; false when they are wrong. */
static bool
set_up_script(struct tl_cli *cli, struct tl_screen_options *opt)
{
	const char *path = tl_cli_string(cli, "script", NULL);
	const char *size = tl_cli_string(cli, "screen-size", "80x24");
	bool wants_dump = tl_cli_flag(cli, "dump-screen");
	struct tl_error err;
	struct tl_buf script;
	tl_str text = TL_STR("");

	opt->is_scripted = path != NULL || wants_dump;
	if (!opt->is_scripted)
		return true;
	if (!parse_size(size, opt)) {
		tl_cli_fail(cli, "'%s' is no size of a screen: 80x24", size);
		return false;
	}
	if (path != NULL &&
	    tl_file_read(cli->arena, path, MAX_SCRIPT, &text, &err) != TL_OK) {
		tl_cli_fail_error(cli, path, &err);
		return false;
	}
	tl_buf_init(&script, cli->arena, 0);
	tl_buf_put(&script, text);
	if (wants_dump)
		tl_buf_puts(&script, "\ndump\n");
	opt->script = tl_buf_str(&script);
	opt->out = &cli->out;
	return true;
}

static int
look(struct tl_cli *cli, struct tl_target *target, struct tl_model *m)
{
	struct tl_screen_options opt = { .oom = oom };
	bool is_addressed = target->line > 0 || target->id.ptr != NULL;
	struct tl_error err;
	enum tl_status st;

	if (!set_up_script(cli, &opt))
		return TL_EXIT_FAILED;
	if (is_addressed && !tl_model_open(m, is_target, target)) {
		if (m->read_error.status != TL_OK)
			return tl_cli_fail_error(
			    cli, target->path, &m->read_error);
		if (target->line > 0)
			return tl_cli_fail(cli, "%s: no record at line %zu",
			    target->path, target->line);
		return tl_cli_fail(cli, "%s: no record has the id '%s'",
		    target->path, tl_arena_cstr(cli->arena, target->id));
	}
	opt.use_colour = cli->use_colour;
	st = tl_screen_run(m, &opt, &err);
	if (st == TL_EINTR)
		return TL_EXIT_INTERRUPTED;
	if (st != TL_OK)
		return tl_cli_fail_error(cli, "view", &err);
	return TL_EXIT_CLEAN;
}

static int
view(struct tl_cli *cli, struct tl_arena *a, struct tl_target *target)
{
	struct tl_model_setup setup = { .oom = oom };
	struct tl_loader loader;
	struct tl_error err;

	if (!tl_cli_loader(cli, target->path, a, oom, &loader))
		return TL_EXIT_FAILED;
	if (tl_cli_reader(a, target->path, &setup.reader, &err) != TL_OK ||
	    tl_reader_keep(setup.reader, &err) != TL_OK)
		return tl_cli_fail_error(cli, target->path, &err);
	setup.loader = &loader;
	setup.token_options = (struct tl_token_options){
		.marks = TL_MARK_TRAINED,
		.is_ascii = tl_screen_is_ascii(),
		.width = tl_screen_width,
	};
	return look(cli, target, tl_model_new(a, &setup));
}

static int
run(struct tl_cli *cli)
{
	struct tl_target target = { .path = "-" };
	struct tl_arena *a;
	int status;

	if (cli->nargs > 1)
		return tl_cli_fail(cli, "view takes one file");
	if (cli->nargs == 1)
		target = tl_cli_target(cli, cli->args[0]);
	else if (isatty(STDIN_FILENO))
		return tl_cli_fail(cli,
		    "view needs a file: turnlint view FILE[:LINE], or data on "
		    "standard input");
	a = tl_arena_new(oom, NULL);
	status = view(cli, a, &target);
	tl_arena_free(a);
	return status;
}

const struct tl_command tl_command_view = {
	.name = "view",
	.summary = "walk records token by token on the terminal",
	.synopsis = "[FILE[:LINE|#ID]]",
	.description =
	    "Shows the records of a file with their findings, the tokens of "
	    "the selected record, trained or masked, and for the selected "
	    "token its id, bytes, source and the reason of its label. Opens "
	    "files of any size at once. Press ? for the keys.",
	.examples = "turnlint view data.jsonl  # the first record\n"
		    "turnlint view data.jsonl:118  # the record at line 118\n"
		    "zcat data.jsonl.gz | turnlint view  # standard input\n",
	.opts = opts,
	.uses_recipe = true,
	.order = 30,
	.run = run,
};
