/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint render: the text that the chat template makes of records. */
#include <turnlint/recipe.h>

#include <string.h>

#include "cli/cli.h"

#define FIRST_FEW 3

static const struct tl_opt opts[] = {
	{ "output-format", 0, TL_OPT_CHOICE, "FORMAT",
	    "text for people and pipes, jsonl with the source of each byte",
	    "text jsonl" },
	{ "add-generation-prompt", 'g', TL_OPT_FLAG, NULL,
	    "end with what asks the model to answer, as at inference", NULL },
	{ "limit", 'n', TL_OPT_SIZE, "N",
	    "print N records from the addressed one on; 0 for all (default: "
	    "the addressed record; the first 3 of a bare FILE; jsonl: all)",
	    NULL },
	{ 0 },
};

struct job {
	struct tl_cli *cli;
	struct tl_recipe recipe; /* with the options of this command */
	struct tl_recipe_thread *thread;
	const char *path;
	bool is_jsonl;
	bool is_headed;	   /* more than one text may come: each gets a head */
	bool is_line_open; /* the last text did not end its line */
	bool was_limited;  /* a bare file had more than was printed */
	bool has_failed;
	size_t nshown;
};

/* --- one record ---------------------------------------------------------- */

/* Why there is no text. */
struct fault {
	tl_str message;
	size_t line, column; /* in the template; 0: not there */
};

static struct fault
fault_of(struct tl_arena *a, const struct tl_facts *f)
{
	const struct tl_json_doc *doc = &f->record->doc;

	if (f->record->is_cut)
		return (
		    struct fault){ .message = TL_STR(
				       "the record is larger than allowed") };
	if (doc->root == NULL)
		return (struct fault){ .message = tl_str_from(tl_arena_printf(a,
					   "this is no JSON: found %s, "
					   "expected %s",
					   doc->found, doc->expected)) };
	if (f->conv->is_broken)
		return (struct fault){ .message = TL_STR(
					   "the record is no conversation; "
					   "`turnlint check` says why") };
	if (f->render == NULL)
		return (struct fault){ .message = TL_STR(
					   "records of this format are not "
					   "rendered") };
	return (struct fault){ f->render->message, f->render->line,
		f->render->column };
}

/* To a terminal nothing of the data goes as it is but line ends. */
static void
put_shown(struct tl_buf *b, tl_str text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t lf = tl_str_find_char(text, '\n', at);
		size_t end = lf == TL_NPOS ? text.len : lf;

		tl_buf_put_escaped(b, tl_str_slice(text, at, end));
		tl_buf_putc(b, '\n');
		at = end + 1;
	}
}

static void
put_text(struct job *j, struct tl_arena *a, const struct tl_facts *f)
{
	struct tl_buf *b = &j->cli->out;
	const struct tl_record *rec = f->record;
	struct fault why;

	if (f->render == NULL || f->render->fault != TL_RENDER_OK) {
		why = fault_of(a, f);
		j->has_failed = true;
		tl_cli_flush(j->cli);
		if (why.line > 0)
			(void)tl_cli_fail(j->cli,
			    "%s:%zu: the template fails at line %zu: %s",
			    j->path, rec->pos.line, why.line,
			    tl_arena_cstr(a, why.message));
		else
			(void)tl_cli_fail(j->cli, "%s:%zu: %s", j->path,
			    rec->pos.line, tl_arena_cstr(a, why.message));
		return;
	}
	if (j->is_headed) {
		if (j->nshown > 0)
			tl_buf_puts(b, j->is_line_open ? "\n\n" : "\n");
		tl_buf_puts(b, "==> ");
		tl_buf_put_escaped(b, tl_str_from(j->path));
		tl_buf_printf(b, ":%zu <==\n", rec->pos.line);
	}
	if (j->cli->width > 0)
		put_shown(b, f->render->text.str);
	else
		tl_buf_put(b, f->render->text.str);
	j->is_line_open = j->cli->width == 0 &&
	    !tl_str_ends(f->render->text.str, TL_STR("\n"));
	j->nshown++;
}

/* --- jsonl --------------------------------------------------------------- */

static void
put_size(struct tl_buf *b, const char *key, size_t n, bool is_known)
{
	if (is_known)
		tl_buf_printf(b, ",\"%s\":%zu", key, n);
	else
		tl_buf_printf(b, ",\"%s\":null", key);
}

static void
put_runs(struct tl_buf *b, struct tl_arena *a, const struct tl_text *t)
{
	tl_buf_puts(b, ",\"runs\":[");
	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];
		bool is_content = r->kind == TL_RUN_CONTENT;

		tl_buf_printf(b,
		    "%s{\"begin\":%zu,\"end\":%zu,\"kind\":\"%s\",\"pointer\":",
		    i > 0 ? "," : "", r->beg, r->end,
		    tl_run_kind_name(r->kind));
		if (r->node != NULL)
			tl_json_put_string(b, tl_json_pointer(a, r->node));
		else
			tl_buf_puts(b, "null");
		put_size(b, "source_begin", r->src_beg, is_content);
		put_size(b, "source_end", r->src_end, is_content);
		put_size(b, "template_line", r->line, r->line > 0);
		put_size(b, "template_column", r->column, r->column > 0);
		tl_buf_putc(b, '}');
	}
	tl_buf_putc(b, ']');
}

static void
put_fault(struct tl_buf *b, const struct fault *why)
{
	tl_buf_puts(b, ",\"error\":{\"message\":");
	tl_json_put_string(b, why->message);
	put_size(b, "template_line", why->line, why->line > 0);
	put_size(b, "template_column", why->column, why->column > 0);
	tl_buf_putc(b, '}');
}

static void
put_jsonl(struct job *j, struct tl_arena *a, const struct tl_facts *f)
{
	struct tl_buf *b = &j->cli->out;
	const struct tl_render *r = f->render;
	tl_str id = tl_record_id(f->record);

	tl_buf_printf(b,
	    "{\"record\":%zu,\"line\":%zu,\"id\":", f->record->pos.index,
	    f->record->pos.line);
	if (id.len > 0)
		tl_json_put_string(b, id);
	else
		tl_buf_puts(b, "null");
	if (r == NULL || r->fault != TL_RENDER_OK) {
		struct fault why = fault_of(a, f);

		j->has_failed = true;
		put_fault(b, &why);
		tl_buf_puts(b, "}\n");
		return;
	}
	tl_buf_puts(b, ",\"text\":");
	tl_json_put_string(b, r->text.str);
	tl_buf_puts(b, ",\"generation\":[");
	for (size_t i = 0; i < r->ngeneration; i++)
		tl_buf_printf(b, "%s[%zu,%zu]", i > 0 ? "," : "",
		    r->generation[i].beg, r->generation[i].end);
	tl_buf_putc(b, ']');
	put_runs(b, a, &r->text);
	tl_buf_puts(b, "}\n");
	j->nshown++;
}

/* --- targets ------------------------------------------------------------- */

/* Records to print of a target; 0: all. */
static size_t
limit_of(const struct job *j, const struct tl_target *t)
{
	bool is_bare = t->line == 0 && t->id.ptr == NULL;

	if (tl_cli_has(j->cli, "limit"))
		return tl_cli_size(j->cli, "limit", 0);
	if (!is_bare)
		return 1;
	return j->is_jsonl ? 0 : FIRST_FEW;
}

static int
not_found(
    const struct job *j, const struct tl_target *t, const struct tl_file *file)
{
	if (t->id.ptr != NULL)
		return tl_cli_fail(j->cli, "%s: no record has the id '%s'",
		    t->path, tl_arena_cstr(j->cli->arena, t->id));
	if (t->line > 0)
		return tl_cli_fail(j->cli,
		    "%s: no record at line %zu (the file has %zu records)",
		    t->path, t->line, file->nrecords);
	if (file->is_lfs_pointer)
		return tl_cli_fail(j->cli,
		    "%s is a Git LFS pointer; run 'git lfs pull'", t->path);
	return tl_cli_fail(j->cli, "%s: no records in it", t->path);
}

static void
do_record(struct job *j, struct tl_arena *a, struct tl_record *rec)
{
	struct tl_facts facts;

	tl_recipe_run(j->thread, a, rec, TL_STAGE_RENDER, &facts);
	if (j->is_jsonl)
		put_jsonl(j, a, &facts);
	else
		put_text(j, a, &facts);
}

static int
do_matches(struct job *j, const struct tl_target *t, struct tl_reader *r,
    struct tl_arena *a)
{
	size_t limit = limit_of(j, t), n = 0;
	bool has_begun = false;
	struct tl_record rec;
	struct tl_error err;
	enum tl_status st;

	for (;;) {
		tl_arena_reset(a);
		st = tl_reader_next(r, a, &rec, &err);
		if (st != TL_OK || (limit > 0 && n == limit))
			break;
		if (!has_begun && t->id.ptr != NULL)
			(void)tl_record_parse(a, &rec);
		has_begun = has_begun || tl_target_matches(t, &rec);
		if (!has_begun)
			continue;
		do_record(j, a, &rec);
		n++;
		if (!tl_cli_flush_some(j->cli))
			return TL_EXIT_FAILED;
	}
	if (st == TL_OK && t->line == 0 && t->id.ptr == NULL &&
	    !tl_cli_has(j->cli, "limit"))
		j->was_limited = true;
	if (st != TL_OK && st != TL_EEND)
		return tl_cli_fail_error(j->cli, t->path, &err);
	return n > 0 ? TL_EXIT_CLEAN : not_found(j, t, tl_reader_file(r));
}

static int
do_target(struct job *j, const char *arg)
{
	struct tl_target t = tl_cli_target(j->cli, arg);
	struct tl_arena *file_arena = tl_arena_new(tl_cli_oom, NULL);
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	struct tl_reader *r;
	struct tl_error err;
	int status;

	j->path = t.path;
	j->is_headed = j->cli->nargs > 1 || limit_of(j, &t) != 1;
	if (tl_cli_reader(file_arena, t.path, &r, &err) == TL_OK)
		status = do_matches(j, &t, r, a);
	else
		status = tl_cli_fail_error(j->cli, t.path, &err);
	tl_arena_free(a);
	tl_arena_free(file_arena);
	return status;
}

static int
run(struct tl_cli *cli)
{
	struct job j = { .cli = cli };
	const struct tl_recipe *recipe;
	int status = TL_EXIT_CLEAN;

	if (cli->nargs == 0)
		return tl_cli_fail(cli,
		    "render needs a file: turnlint render FILE[:LINE|#ID]");
	recipe = tl_cli_recipe(
	    cli, tl_cli_target(cli, cli->args[0]).path, true, NULL);
	if (recipe == NULL)
		return TL_EXIT_FAILED;
	j.recipe = *recipe;
	j.recipe.render_options.add_generation_prompt =
	    tl_cli_flag(cli, "add-generation-prompt");
	j.is_jsonl =
	    strcmp(tl_cli_string(cli, "output-format", "text"), "jsonl") == 0;
	j.thread = tl_recipe_thread_new(&j.recipe, tl_cli_oom, NULL);
	for (size_t i = 0; i < cli->nargs; i++) {
		int st = do_target(&j, cli->args[i]);

		status = st > status ? st : status;
	}
	tl_recipe_thread_free(j.thread);
	if (!tl_cli_flush(cli) || j.has_failed)
		status = TL_EXIT_FAILED;
	if (recipe->is_default_template)
		tl_cli_note(cli,
		    "no template was given: using the built-in '%s'",
		    tl_arena_cstr(
			cli->arena, tl_template_name(recipe->template_)));
	if (j.was_limited)
		tl_cli_note(cli,
		    "the first %d records of a file are shown; FILE:LINE "
		    "addresses another, --limit N prints more",
		    FIRST_FEW);
	return status;
}

const struct tl_command tl_command_render = {
	.name = "render",
	.summary = "the text the chat template makes of records",
	.synopsis = "FILE[:LINE|#ID]…",
	.description =
	    "Renders records with the chat template and prints the text the "
	    "model would see. A record is addressed by its line or its id. "
	    "With --output-format jsonl each line also says where every byte "
	    "comes from: runs of the text with the JSON pointer and the bytes "
	    "of the value, or the line of the template.",
	.examples =
	    "turnlint render data.jsonl:12 --template llama-3\n"
	    "turnlint render data.jsonl#ex-7 --add-generation-prompt\n"
	    "turnlint render data.jsonl --output-format jsonl  # all records",
	.opts = opts,
	.uses_recipe = true,
	.order = 55,
	.run = run,
};
