/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint show: the token view of records, printed. */
#include <turnlint/untemplate.h>

#include <stdlib.h>
#include <string.h>

#include "cli/loading.h"
#include "view/paint.h"

#define FIRST_FEW 3

static const struct tl_opt opts[] = {
	{ "output-format", 0, TL_OPT_CHOICE, "FORMAT",
	    "how to print (default: ansi on a colour terminal, else plain)",
	    "plain ansi html jsonl" },
	{ "limit", 'n', TL_OPT_SIZE, "N",
	    "print N records from the addressed one on; 0 for all (default: "
	    "the addressed record; the first 3 of a bare FILE; jsonl: all)",
	    NULL },
	{ "as-chat", 0, TL_OPT_FLAG, NULL,
	    "a text that a chat template rendered: label it as if its turns "
	    "were given",
	    NULL },
	{ "reasons", 0, TL_OPT_FLAG, NULL,
	    "list each run of tokens with its source and its reason", NULL },
	{ "boundaries", 0, TL_OPT_FLAG, NULL,
	    "put a mark between any two tokens", NULL },
	{ "width", 'w', TL_OPT_SIZE, "N",
	    "wrap at N columns (default: the terminal's, else 80)", NULL },
	{ 0 },
};

/* The recipe with the template that made a text. */
struct as_chat {
	struct as_chat *next;
	struct tl_recipe recipe;
	struct tl_recipe_thread *thread;
	char now[32]; /* the day it was rendered on, or "" */
};

struct show {
	struct tl_cli *cli;
	struct tl_untemplater *untemplater; /* with --as-chat */
	struct as_chat *chats;
	struct tl_loader loader;
	const struct tl_painter *painter;
	struct tl_paint paint;
	struct tl_arena *scratch;
	bool was_limited; /* a bare file had more than was printed */
};

static enum tl_depth
colour_depth(void)
{
	const char *colorterm = getenv("COLORTERM");
	const char *term = getenv("TERM");

	if (colorterm != NULL &&
	    (strcmp(colorterm, "truecolor") == 0 ||
		strcmp(colorterm, "24bit") == 0))
		return TL_DEPTH_256;
	if (term != NULL && strstr(term, "256color") != NULL)
		return TL_DEPTH_256;
	return TL_DEPTH_8;
}

static void
free_thread(void *arg)
{
	tl_recipe_thread_free(arg);
}

static struct as_chat *
chat_for(struct show *s, const struct tl_unframed *u)
{
	const char *now = u->now != NULL ? u->now : "";
	struct as_chat *c;

	for (c = s->chats; c != NULL; c = c->next)
		if (c->recipe.template_ == u->template_ &&
		    strcmp(c->now, now) == 0)
			return c;
	c = TL_NEW(s->cli->arena, struct as_chat, 1);
	c->next = s->chats;
	s->chats = c;
	snprintf(c->now, sizeof(c->now), "%s", now);
	c->recipe = *s->loader.recipe;
	c->recipe.template_ = u->template_;
	c->recipe.is_default_template = false;
	c->recipe.format = tl_format_find(TL_STR("openai"));
	c->recipe.format_options = NULL;
	c->recipe.can_render = true;
	if (!u->is_own)
		c->recipe.render_options.tokens =
		    tl_template_tokens(u->template_);
	if (now[0] != '\0')
		c->recipe.render_options.now = c->now;
	c->thread = tl_recipe_thread_new(&c->recipe, tl_cli_oom, NULL);
	tl_arena_defer(s->cli->arena, free_thread, c->thread);
	return c;
}

/* A text as the conversations in it; false when it is to be shown as it is. */
static bool
show_as_chat(struct show *s, struct tl_arena *a, const struct tl_record *rec)
{
	struct tl_shown text, shown;
	struct tl_unframed u;
	struct as_chat *c;

	tl_loader_findings(&s->loader, a, rec, &text);
	if (text.facts.conv == NULL || text.facts.conv->is_broken ||
	    text.facts.conv->kind != TL_CONV_TEXT)
		return false;
	tl_untemplate(s->untemplater, a, text.facts.conv->text.str, &u);
	if (u.how < TL_UNFRAME_UNCLOSED || u.is_doubtful) {
		tl_cli_note(s->cli,
		    "line %zu: no template is known to have made this text; "
		    "`turnlint check` says more",
		    rec->pos.line);
		return false;
	}
	tl_cli_note(s->cli, "line %zu: shown as %zu turn%s that %s renders",
	    rec->pos.line, u.nturns, u.nturns == 1 ? "" : "s", u.name);
	c = chat_for(s, &u);
	for (size_t i = 0; i < u.nconvs; i++) {
		struct tl_record *made = TL_NEW(a, struct tl_record, 1);

		*made = *rec;
		made->bytes = u.convs[i].json;
		made->doc = (struct tl_json_doc){ 0 };
		shown = (struct tl_shown){ 0 };
		tl_recipe_run(
		    c->thread, a, made, TL_STAGE_SAMPLE, &shown.facts);
		s->painter->record(&s->paint, a, &shown);
	}
	return true;
}

static void
show_record(struct show *s, struct tl_arena *a, const struct tl_record *rec)
{
	struct tl_shown shown;

	if (s->untemplater != NULL && show_as_chat(s, a, rec))
		return;
	tl_loader_show(&s->loader, a, rec, &shown);
	s->painter->record(&s->paint, a, &shown);
	for (size_t i = 0; i < s->loader.recipe->nothers; i++) {
		struct tl_shown other;

		tl_loader_other(&s->loader, i, a, rec, &other);
		if (s->painter->other != NULL)
			s->painter->other(&s->paint, a, &shown, &other);
		else
			s->painter->record(&s->paint, a, &other);
	}
}

/* Records to print of a target; 0: all. */
static size_t
limit_of(const struct show *s, const struct tl_target *t)
{
	bool is_bare = t->line == 0 && t->id.ptr == NULL;

	if (tl_cli_has(s->cli, "limit"))
		return tl_cli_size(s->cli, "limit", 0);
	if (!is_bare)
		return 1;
	return s->painter == &tl_painter_jsonl ? 0 : FIRST_FEW;
}

static int
not_found(
    const struct show *s, const struct tl_target *t, const struct tl_file *file)
{
	if (t->id.ptr != NULL)
		return tl_cli_fail(s->cli,
		    "%s: no record has the id '%s' (%zu records were read)",
		    t->path, tl_arena_cstr(s->cli->arena, t->id),
		    file->nrecords);
	if (t->line > 0)
		return tl_cli_fail(s->cli,
		    "%s: no record at line %zu (the file has %zu records)",
		    t->path, t->line, file->nrecords);
	if (file->is_lfs_pointer)
		return tl_cli_fail(s->cli,
		    "%s is a Git LFS pointer; run 'git lfs pull'", t->path);
	return tl_cli_fail(s->cli, "%s: no records in it", t->path);
}

/* The matches of one target, in the order of the file. */
static int
show_matches(struct show *s, const struct tl_target *t, struct tl_reader *r,
    struct tl_arena *a)
{
	size_t limit = limit_of(s, t);
	size_t nshown = 0;
	bool has_begun = false;
	struct tl_error err;
	struct tl_record rec;
	enum tl_status st;

	for (;;) {
		tl_arena_reset(a);
		st = tl_reader_next(r, a, &rec, &err);
		if (st != TL_OK)
			break;
		if (limit > 0 && nshown == limit) {
			s->was_limited |= t->line == 0 && t->id.ptr == NULL &&
			    !tl_cli_has(s->cli, "limit");
			return TL_EXIT_CLEAN;
		}
		if (!has_begun && t->id.ptr != NULL)
			(void)tl_record_parse(a, &rec);
		has_begun = has_begun || tl_target_matches(t, &rec);
		if (!has_begun)
			continue;
		show_record(s, a, &rec);
		nshown++;
		if (!tl_cli_flush_some(s->cli))
			return TL_EXIT_FAILED;
		if (limit == 1 && (t->line > 0 || t->id.ptr != NULL))
			return TL_EXIT_CLEAN;
	}
	if (st != TL_EEND)
		return tl_cli_fail_error(s->cli, t->path, &err);
	return nshown > 0 ? TL_EXIT_CLEAN : not_found(s, t, tl_reader_file(r));
}

static int
show_target(struct show *s, const char *arg)
{
	struct tl_target t = tl_cli_target(s->cli, arg);
	struct tl_arena *file_arena = tl_arena_new(tl_cli_oom, NULL);
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	struct tl_reader *r;
	struct tl_error err;
	int status;

	if (tl_cli_reader(file_arena, t.path, &r, &err) == TL_OK)
		status = show_matches(s, &t, r, a);
	else
		status = tl_cli_fail_error(s->cli, t.path, &err);
	tl_arena_free(a);
	tl_arena_free(file_arena);
	return status;
}

static void
set_painter(struct show *s)
{
	struct tl_cli *cli = s->cli;
	const char *name = tl_cli_string(
	    cli, "output-format", cli->use_colour ? "ansi" : "plain");

	s->painter = tl_painter_find(tl_str_from(name));
	s->paint = (struct tl_paint){ .out = &cli->out,
		.scratch = s->scratch,
		.depth = colour_depth(),
		.width = tl_cli_size(cli, "width", cli->width),
		.marks = tl_cli_flag(cli, "boundaries") ? TL_MARK_TOKENS : 0,
		.want_reasons = tl_cli_flag(cli, "reasons") };
}

static struct tl_untemplater *
new_untemplater(const struct show *s)
{
	const struct tl_recipe *r = s->loader.recipe;
	bool has_own = !r->is_default_template;

	return tl_untemplater_new(has_own ? r->template_ : NULL,
	    has_own ? &r->render_options.tokens : NULL, tl_cli_oom, NULL);
}

static int
run(struct tl_cli *cli)
{
	struct show s = { .cli = cli };
	int status = TL_EXIT_CLEAN;

	if (cli->nargs == 0)
		return tl_cli_fail(
		    cli, "show needs a file: turnlint show FILE[:LINE|#ID]");
	if (!tl_cli_loader(cli, tl_cli_target(cli, cli->args[0]).path,
		cli->arena, tl_cli_oom, &s.loader))
		return TL_EXIT_FAILED;
	s.scratch = tl_arena_new(tl_cli_oom, NULL);
	if (tl_cli_flag(cli, "as-chat"))
		s.untemplater = new_untemplater(&s);
	set_painter(&s);
	if (s.painter->begin != NULL)
		s.painter->begin(&s.paint);
	for (size_t i = 0; i < cli->nargs; i++) {
		int st = show_target(&s, cli->args[i]);

		status = st > status ? st : status;
	}
	if (s.painter->end != NULL)
		s.painter->end(&s.paint);
	tl_arena_free(s.scratch);
	tl_untemplater_free(s.untemplater);
	tl_cli_flush(cli);
	tl_cli_note_defaults(cli, s.loader.recipe);
	if (s.was_limited)
		tl_cli_note(cli,
		    "the first %d records of a file are shown; "
		    "FILE:LINE addresses another, --limit N prints more",
		    FIRST_FEW);
	return status;
}

const struct tl_command tl_command_show = {
	.name = "show",
	.summary = "print the tokens of records, trained or masked, and why",
	.synopsis = "FILE[:LINE|#ID]…",
	.description =
	    "Renders records with the chat template, tokenizes them and prints "
	    "the tokens in reading order: what is trained and what is masked, "
	    "special tokens and white space made visible, then one line a "
	    "finding. A record is addressed by its line or its id.",
	.examples =
	    "turnlint show data.jsonl:12  # the record at line 12\n"
	    "turnlint show data.jsonl#ex-7 --reasons  # by id, with reasons\n"
	    "turnlint show data.jsonl --output-format html >tokens.html\n"
	    "turnlint show data.jsonl:12 --trainer trl --trainer reference  # "
	    "where they differ\n"
	    "turnlint show --as-chat texts.jsonl  # the mask a text could "
	    "have\n",
	.opts = opts,
	.uses_recipe = true,
	.order = 20,
	.run = run,
};
