/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint convert: records of any format as messages. */
#include <turnlint/map.h>
#include <turnlint/untemplate.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/convert.h"
#include "cli/inputs.h"

#define MAX_REPORTS 20 /* printed a file; all are counted */

static const struct tl_opt opts[] = {
	{ "to", 0, TL_OPT_CHOICE, "FORMAT",
	    "openai: messages with role and content (default); sharegpt: "
	    "conversations with from and value, as LLaMA-Factory reads them",
	    "openai sharegpt" },
	{ "output-file", 'o', TL_OPT_STRING, "FILE",
	    "write the records to FILE instead of stdout", NULL },
	{ "exclude", 0, TL_OPT_LIST, "GLOB",
	    "leave out paths that match when folders are searched", NULL },
	{ "force-exclude", 0, TL_OPT_FLAG, NULL,
	    "also leave out excluded files that are named themselves", NULL },
	{ 0 },
};

/* What happened to the records of a file. */
struct tally {
	size_t nread, nwritten, nrefused;
	size_t nseveral; /* texts that held more than one conversation */
	size_t nunclosed, nopen, nrival;
	struct tl_map templates; /* name -> texts it made */
};

struct job {
	struct tl_cli *cli;
	const struct tl_recipe *recipe;
	struct tl_recipe_thread *thread;
	struct tl_untemplater *untemplater;
	struct tl_arena *arena; /* one record's */
	const char *path;
	bool to_sharegpt;
	struct tally tally;
	bool has_refused;
};

/* --- what cannot be done -------------------------------------------------- */

static void
refuse(struct job *j, size_t line, size_t column, const char *why)
{
	j->has_refused = true;
	if (j->tally.nrefused++ >= MAX_REPORTS)
		return;
	tl_cli_flush(j->cli);
	(void)tl_cli_fail(j->cli, "%s:%zu:%zu: not converted: %s", j->path,
	    line, column, why);
}

static void
refuse_record(struct job *j, const struct tl_record *rec, const char *why)
{
	refuse(j, rec->pos.line, rec->pos.column, why);
}

/* The place is byte `at` of the record. */
static void
refuse_at(
    struct job *j, const struct tl_record *rec, size_t at, const char *why)
{
	size_t line, column;

	tl_record_locate(rec, at, &line, &column);
	refuse(j, line, column, why);
}

/* --- texts ---------------------------------------------------------------- */

static const char *
quote(struct tl_arena *a, tl_str s)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_putc(&b, '"');
	tl_buf_put_escaped(&b, tl_str_slice(s, 0, tl_utf8_offset(s, 40)));
	tl_buf_putc(&b, '"');
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

/* Why the turns of a text are not known, and the byte of it that shows it. */
static const char *
why_not(struct tl_arena *a, const struct tl_unframed *u, size_t *at)
{
	*at = u->how == TL_UNFRAME_EXACT ? u->doubt.beg : u->fault.beg;
	if (u->how == TL_UNFRAME_NONE)
		return "no known template made this text";
	if (u->how == TL_UNFRAME_EXACT)
		return "a marker stands inside a turn, so where that turn ends "
		       "is not known";
	switch (u->fault.kind) {
	case TL_FRAME_MARKER:
		return tl_arena_printf(a,
		    "the text follows the template %s up to here, then %s "
		    "stands inside a turn",
		    u->name, quote(a, u->fault.what));
	case TL_FRAME_BEHIND:
		return tl_arena_printf(a,
		    "the text follows the template %s up to here, then no turn "
		    "follows",
		    u->name);
	case TL_FRAME_UNCLOSED:
	case TL_FRAME_ALTERED:
	case TL_FRAME_WHOLE:
		break;
	}
	return tl_arena_printf(a,
	    "the text is like that of the template %s, which would print "
	    "something else from here on",
	    u->name);
}

static void
put_conv(struct job *j, const struct tl_record *rec, const struct tl_conv *conv,
    const struct tl_conv *of)
{
	struct convert_cx cx = { .out = &j->cli->out,
		.arena = j->arena,
		.to_sharegpt = j->to_sharegpt };
	size_t before = j->cli->out.len;

	if (convert_put(&cx, rec->doc.root, conv, of)) {
		j->tally.nwritten++;
		return;
	}
	j->cli->out.len = before;
	if (cx.node != NULL && conv == of)
		refuse_at(j, rec, cx.node->span.beg, cx.why);
	else
		refuse_record(j, rec, cx.why);
}

static void
do_text(struct job *j, const struct tl_record *rec, const struct tl_conv *conv)
{
	const struct tl_json *node =
	    conv->text.nruns > 0 ? conv->text.runs[0].node : NULL;
	struct tl_unframed u = { .how = TL_UNFRAME_NONE };
	const char *why;
	size_t at;

	tl_untemplate(j->untemplater, j->arena, conv->text.str, &u);
	if (u.how < TL_UNFRAME_UNCLOSED || u.is_doubtful) {
		why = why_not(j->arena, &u, &at);
		if (node != NULL)
			refuse_at(j, rec,
			    tl_json_raw_span(rec->bytes, node, at,
				at + (at < node->text.len))
				.beg,
			    why);
		else
			refuse_record(j, rec, why);
		return;
	}
	j->tally.nseveral += u.nconvs > 1;
	j->tally.nunclosed += u.how == TL_UNFRAME_UNCLOSED;
	j->tally.nopen += u.ends_open;
	j->tally.nrival += u.has_rival;
	tl_map_put(&j->tally.templates,
	    tl_arena_str(j->cli->arena, tl_str_from(u.name)), NULL)
	    ->num++;
	for (size_t i = 0; i < u.nconvs; i++) {
		struct tl_record *made = TL_NEW(j->arena, struct tl_record, 1);
		struct tl_conv *c = TL_NEW(j->arena, struct tl_conv, 1);

		made->bytes = u.convs[i].json;
		if (tl_record_parse(j->arena, made) != TL_OK)
			continue; /* it was rendered already */
		tl_conv_build(
		    j->arena, made, tl_format_find(TL_STR("openai")), NULL, c);
		put_conv(j, rec, c, conv);
	}
}

/* --- records -------------------------------------------------------------- */

/* A reading that would lose something. */
static bool
is_lossy(struct job *j, const struct tl_record *rec, const struct tl_conv *conv)
{
	for (size_t i = 0; i < rec->doc.nnotes; i++)
		if (rec->doc.notes[i].kind == TL_JSON_NOTE_LONE_SURROGATE) {
			refuse_at(j, rec, rec->doc.notes[i].span.beg,
			    "half a surrogate pair is no character");
			return true;
		}
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind == TL_ISSUE_UNKNOWN_KEY)
			continue; /* kept */
		refuse_at(j, rec,
		    issue->at_key ? issue->node->key_span.beg
				  : issue->node->span.beg,
		    convert_issue(j->arena, issue));
		return true;
	}
	return false;
}

static void
do_record(struct job *j, struct tl_record *rec)
{
	struct tl_facts f;

	j->tally.nread++;
	tl_recipe_run(j->thread, j->arena, rec, TL_STAGE_CONV, &f);
	if (rec->is_cut) {
		refuse_record(j, rec, "the record is larger than allowed");
		return;
	}
	if (rec->doc.root == NULL) {
		refuse_at(j, rec, rec->doc.fault_at,
		    tl_arena_printf(j->arena,
			"this is no JSON: found %s, expected %s",
			rec->doc.found, rec->doc.expected));
		return;
	}
	if (is_lossy(j, rec, f.conv))
		return;
	switch (f.conv->is_broken ? TL_CONV_TOKENS : f.conv->kind) {
	case TL_CONV_TEXT:
		do_text(j, rec, f.conv);
		break;
	case TL_CONV_SEGMENTS:
		refuse_record(j, rec,
		    "its labels belong to segments of text, not to turns");
		break;
	case TL_CONV_TOKENS:
		refuse_record(j, rec, "it has token ids, no words");
		break;
	case TL_CONV_CHAT:
	case TL_CONV_PAIR:
		put_conv(j, rec, f.conv, f.conv);
		break;
	}
}

static void
summarise(const struct job *j)
{
	const struct tally *t = &j->tally;
	struct tl_buf b;

	tl_buf_init(&b, j->cli->arena, 0);
	tl_buf_printf(&b,
	    "%s: %zu record%s read, %zu written, %zu not converted", j->path,
	    t->nread, t->nread == 1 ? "" : "s", t->nwritten, t->nrefused);
	if (t->templates.nentries > 0)
		tl_buf_puts(&b, "; texts by");
	for (size_t i = 0; i < t->templates.nentries; i++) {
		const struct tl_map_entry *e = &t->templates.entries[i];

		tl_buf_puts(&b, i > 0 ? ", " : " ");
		tl_buf_put_escaped(&b, e->key);
		tl_buf_printf(&b, " (%zu)", e->num);
	}
	tl_buf_putc(&b, '\0');
	tl_cli_note(j->cli, "%s", b.ptr);
	if (t->nrefused > MAX_REPORTS)
		tl_cli_note(j->cli,
		    "the first %d records that were not converted are named "
		    "above",
		    MAX_REPORTS);
	if (t->nseveral > 0)
		tl_cli_note(j->cli,
		    "%zu text%s held several conversations, one behind the "
		    "other: each is a record now",
		    t->nseveral, t->nseveral == 1 ? "" : "s");
	if (t->nunclosed > 0)
		tl_cli_note(j->cli,
		    "%zu text%s ended before the last turn was closed; it may "
		    "be cut",
		    t->nunclosed, t->nunclosed == 1 ? "" : "s");
	if (t->nopen > 0)
		tl_cli_note(j->cli,
		    "%zu text%s ended where the assistant is asked to answer: "
		    "there is no answer",
		    t->nopen, t->nopen == 1 ? "" : "s");
	if (t->nrival > 0)
		tl_cli_note(j->cli,
		    "%zu text%s may have had a system prompt: the template "
		    "puts it in front of the user's words with nothing but "
		    "white space in between, and so it stays there",
		    t->nrival, t->nrival == 1 ? "" : "s");
}

static int
do_file(struct job *j, const char *path)
{
	struct tl_arena *file_arena = tl_arena_new(tl_cli_oom, NULL);
	struct tl_reader *r;
	struct tl_record rec;
	struct tl_error err;
	enum tl_status st;
	int status = TL_EXIT_CLEAN;

	j->path = path;
	j->tally = (struct tally){ 0 };
	tl_map_init(&j->tally.templates, j->cli->arena);
	st = tl_cli_reader(file_arena, path, &r, &err);
	while (st == TL_OK) {
		tl_arena_reset(j->arena);
		st = tl_reader_next(r, j->arena, &rec, &err);
		if (st != TL_OK)
			break;
		do_record(j, &rec);
		if (!tl_cli_flush_some(j->cli) || tl_cli_interrupted())
			break;
	}
	tl_cli_flush(j->cli);
	if (st != TL_OK && st != TL_EEND)
		status = tl_cli_fail_error(j->cli, path, &err);
	else
		summarise(j);
	tl_arena_free(file_arena);
	return status;
}

/* --- the command ---------------------------------------------------------- */

/* False, after saying so, when the output would overwrite an input. */
static bool
open_output(struct tl_cli *cli, const struct tl_inputs *in)
{
	const char *path = tl_cli_string(cli, "output-file", NULL);
	struct stat to, from;
	int fd;

	if (path == NULL || strcmp(path, "-") == 0)
		return true;
	for (size_t i = 0; stat(path, &to) == 0 && i < in->n; i++)
		if (S_ISREG(to.st_mode) && stat(in->list[i], &from) == 0 &&
		    to.st_dev == from.st_dev && to.st_ino == from.st_ino) {
			tl_cli_fail(
			    cli, "%s is read: write to another file", path);
			return false;
		}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		tl_cli_fail(cli, "cannot write %s: %s", path, strerror(errno));
		return false;
	}
	cli->out_fd = fd;
	return true;
}

static int
run(struct tl_cli *cli)
{
	struct job j = { .cli = cli };
	struct tl_inputs in = { 0 };
	int status = TL_EXIT_CLEAN;

	for (size_t i = 0; i < cli->nargs; i++)
		tl_inputs_add(cli, &in, cli->args[i]);
	if (in.n == 0)
		return in.has_failed ? TL_EXIT_FAILED
				     : tl_cli_fail(cli,
					   "convert what? Name files, folders "
					   "with data, or - for stdin");
	j.recipe = tl_cli_recipe(cli, in.list[0], false, NULL);
	if (j.recipe == NULL || !open_output(cli, &in))
		return TL_EXIT_FAILED;
	j.to_sharegpt =
	    strcmp(tl_cli_string(cli, "to", "openai"), "sharegpt") == 0;
	j.thread = tl_recipe_thread_new(j.recipe, tl_cli_oom, NULL);
	j.arena = tl_arena_new(tl_cli_oom, NULL);
	j.untemplater = tl_untemplater_new(j.recipe->template_,
	    &j.recipe->render_options.tokens, tl_cli_oom, NULL);
	if (tl_cli_has(cli, "template"))
		tl_untemplater_force(j.untemplater);
	tl_cli_catch_signals();
	for (size_t i = 0; i < in.n && !tl_cli_interrupted(); i++) {
		int st = do_file(&j, in.list[i]);

		status = st > status ? st : status;
	}
	tl_untemplater_free(j.untemplater);
	tl_recipe_thread_free(j.thread);
	tl_arena_free(j.arena);
	if (!tl_cli_flush(cli) || in.has_failed)
		return TL_EXIT_FAILED;
	if (tl_cli_interrupted())
		return TL_EXIT_INTERRUPTED;
	return status == TL_EXIT_CLEAN && j.has_refused ? TL_EXIT_FINDINGS
							: status;
}

const struct tl_command tl_command_convert = {
	.name = "convert",
	.summary = "records of any format as messages; rendered text back "
		   "into turns",
	.synopsis = "[PATH…|-]",
	.description =
	    "Reads the formats that check reads and prints one record a line. "
	    "A text that a chat template rendered is taken apart again: by the "
	    "template of this run, or the built-in that explains most of it. "
	    "Only what that template renders to the same bytes is printed. "
	    "Flags, weights, tools, calls and keys beside the messages stay. A "
	    "record that cannot be converted without loss is named on stderr, "
	    "and the exit status is 1.",
	.examples =
	    "turnlint convert --to openai data.json >messages.jsonl\n"
	    "turnlint convert rendered.jsonl -o messages.jsonl  # text "
	    "columns\n"
	    "turnlint convert --template llama-2 dump.jsonl  # no other one\n",
	.opts = opts,
	.uses_recipe = true,
	.order = 55,
	.run = run,
};
