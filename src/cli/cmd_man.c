/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint man: the manual pages that follow from tables.  `make install` runs
 * it; turnlint(1) is written by hand. */
#include "cli/config.h"

#include <string.h>

#include <turnlint/rule.h>

#define SOURCE_WIDTH 72 /* of a line of prose */

/* A line of text: the backslash spelled out, no control line by accident. */
static void
put_text(struct tl_buf *b, tl_str s)
{
	if (s.len > 0 && (s.ptr[0] == '.' || s.ptr[0] == '\''))
		tl_buf_puts(b, "\\&");
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			tl_buf_puts(b, "\\e");
		else
			tl_buf_putc(b, s.ptr[i]);
	}
	tl_buf_putc(b, '\n');
}

/* Prose: wrapped, for lines of the source are short as well. */
static void
put_prose(struct tl_buf *b, tl_str s)
{
	while (s.len > 0) {
		size_t end = s.len;

		if (end > SOURCE_WIDTH) {
			end = SOURCE_WIDTH;
			while (end > 0 && s.ptr[end] != ' ')
				end--;
			if (end == 0) /* one long word */
				end = tl_str_find_char(s, ' ', 0);
		}
		put_text(b, tl_str_slice(s, 0, end));
		s = tl_str_trim(tl_str_slice(s, end, s.len));
	}
}

/* Sentences, each on a line of its own, as mdoc wants it. */
static void
put_sentences(struct tl_buf *b, const char *text)
{
	tl_str s = tl_str_from(text);

	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find(s, TL_STR(". "), i);

		put_prose(
		    b, tl_str_slice(s, i, end == TL_NPOS ? s.len : end + 1));
		i = end == TL_NPOS ? s.len : end + 2;
	}
}

static void
put_lines(struct tl_buf *b, tl_str s)
{
	tl_buf_puts(b, ".Bd -literal -offset indent\n");
	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, '\n', i);
		struct tl_buf line;

		tl_buf_init(&line, b->arena, 0);
		tl_buf_put_escaped(&line, tl_str_slice(s, i, end));
		if (line.len == 0) /* an empty line is not allowed there */
			tl_buf_puts(b, "\\&\n");
		else
			put_text(b, tl_buf_str(&line));
		i = end == TL_NPOS ? s.len : end + 1;
	}
	tl_buf_puts(b, ".Ed\n");
}

static void
put_head(struct tl_buf *b, const char *title, const char *section,
    const char *name, const char *summary)
{
	tl_buf_puts(b, ".Dd November 20, 2026\n.Dt ");
	for (const char *p = title; *p != '\0'; p++)
		tl_buf_putc(
		    b, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
	tl_buf_printf(
	    b, " %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", section, name, summary);
}

static void
put_options(struct tl_buf *b, const char *title, const struct tl_opt *o)
{
	tl_buf_printf(b, ".Ss %s\n.Bl -tag -width Ds\n", title);
	for (; o->name != NULL; o++) {
		tl_buf_puts(b, ".It ");
		if (o->letter != 0)
			tl_buf_printf(b, "Fl %c , ", o->letter);
		tl_buf_printf(b, "Fl -%s", o->name);
		if (o->arg != NULL)
			tl_buf_printf(b, " Ar %s", o->arg);
		tl_buf_putc(b, '\n');
		put_prose(b, tl_str_from(o->help));
		if (o->choices != NULL)
			tl_buf_printf(b, "(%s).\n", o->choices);
	}
	tl_buf_puts(b, ".El\n");
}

static void
put_command(struct tl_cli *cli, const struct tl_command *c)
{
	struct tl_buf *b = &cli->out;
	char *name = tl_arena_printf(cli->arena, "turnlint-%s", c->name);

	put_head(b, name, "1", name, c->summary);
	tl_buf_printf(
	    b, ".Sh SYNOPSIS\n.Nm turnlint %s\n.Op Ar option ...\n", c->name);
	if (c->synopsis != NULL && c->synopsis[0] != '\0')
		put_prose(b, tl_str_from(c->synopsis));
	tl_buf_puts(b, ".Sh DESCRIPTION\n");
	put_sentences(b, c->description != NULL ? c->description : c->summary);
	if (c->opts != NULL)
		put_options(b, "Options", c->opts);
	if (c->uses_recipe)
		put_options(b, "The recipe", tl_recipe_opts);
	put_options(b, "Common options", tl_common_opts);
	if (c->manual != NULL)
		tl_buf_puts(b, c->manual);
	tl_buf_puts(b,
	    ".Sh EXIT STATUS\n"
	    "0 when all is well, 1 when there is something to report that\n"
	    "counts, 2 when the job could not be done, 130 when it was\n"
	    "interrupted.\nSee\n.Xr turnlint 1 .\n");
	if (c->examples != NULL) {
		tl_buf_puts(b, ".Sh EXAMPLES\n");
		put_lines(b, tl_str_from(c->examples));
	}
	tl_buf_puts(b,
	    ".Sh DIAGNOSTICS\n"
	    "Messages go to standard error, begin with\n.Dq turnlint:\n"
	    "and say what is wrong, where, and what to do.\n"
	    ".Sh SEE ALSO\n.Xr turnlint 1 ,\n.Xr turnlint.yaml 5 ,\n"
	    ".Xr turnlint-rules 7\n");
}

static void
put_rules(struct tl_buf *b)
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);

	put_head(b, "turnlint-rules", "7", "turnlint-rules",
	    "the rules of turnlint");
	tl_buf_puts(b,
	    ".Sh DESCRIPTION\n"
	    "Each rule has a code that is never given to another one, a name\n"
	    "that says the defect, and a default level.\n"
	    "Its two examples are run by the test suite.\n");
	for (size_t i = 0; i < n; i++) {
		const struct tl_rule *r = rules[i];

		tl_buf_printf(b, ".Ss %s %s (%s%s)\n", r->code, r->name,
		    tl_level_name(r->level),
		    r->is_preview ? ", in preview" : "");
		put_prose(b, tl_str_from(r->summary));
		tl_buf_puts(b, ".Pp\n");
		put_sentences(b, r->why);
		put_sentences(b, r->fix);
		if (r->bad.len > 0) {
			tl_buf_puts(b, ".Pp\nReported:\n");
			put_lines(b, r->bad);
		}
		if (r->good.len > 0) {
			tl_buf_puts(b, ".Pp\nNot reported:\n");
			put_lines(b, r->good);
		}
	}
	tl_buf_puts(b,
	    ".Sh SEE ALSO\n.Xr turnlint 1 ,\n"
	    ".Xr turnlint-check 1 ,\n.Xr turnlint-rule 1\n");
}

static void
put_keys(struct tl_buf *b, const char *title, const struct tl_key *k)
{
	tl_buf_printf(b, ".Ss %s\n.Bl -tag -width Ds\n", title);
	for (; k->name != NULL; k++) {
		tl_buf_printf(b, ".It Cm %s\n", k->name);
		put_prose(b, tl_str_from(k->help));
		if (k->choices != NULL)
			tl_buf_printf(b, "(%s).\n", k->choices);
	}
	tl_buf_puts(b, ".El\n");
}

static void
put_config(struct tl_buf *b)
{
	put_head(b, "turnlint.yaml", "5", "turnlint.yaml",
	    "configuration of turnlint");
	tl_buf_puts(b,
	    ".Sh DESCRIPTION\n"
	    "The file is called\n.Pa .turnlint.yaml\n"
	    "and is searched for from each input upward to the folder that "
	    "holds\n.Pa .git .\n"
	    "If there is none, the file named by\n.Ev TURNLINT_CONFIG\n"
	    "is read, or\n.Pa turnlint/config.yaml\nin\n"
	    ".Ev XDG_CONFIG_HOME .\n"
	    "The command line wins over the environment, that over the "
	    "configuration.\n"
	    "Files are never merged but by\n.Cm extends .\n"
	    "Values are taken as text:\n.Ql off\nand\n.Ql no\n"
	    "stay what they are.\n");
	put_keys(b, "Settings", tl_config_keys);
	put_keys(b, "In a recipe", tl_recipe_keys);
	put_keys(
	    b, "In a dataset, beside the keys of a recipe", tl_dataset_keys);
	tl_buf_puts(b,
	    ".Sh EXAMPLES\n"
	    ".Bd -literal -offset indent\n"
	    "recipes:\n"
	    "  main:\n"
	    "    tokenizer: models/mine\n"
	    "    trainer: reference\n"
	    "    sequence_len: 4096\n"
	    "datasets:\n"
	    "  - path: data/train/**/*.jsonl\n"
	    "    recipe: main\n"
	    "severity:\n"
	    "  SYS: info\n"
	    "per_file_ignores:\n"
	    "  data/legacy/**: [ROL, CNT003]\n"
	    "fail_on: warning\n"
	    ".Ed\n"
	    ".Sh SEE ALSO\n.Xr turnlint 1 ,\n.Xr turnlint-config 1\n");
}

/* The names of the pages, one a line: what `make` asks for. */
static void
list_pages(struct tl_cli *cli)
{
	size_t n;
	const struct tl_command *const *list = tl_commands(cli->arena, &n);

	for (size_t i = 0; i < n; i++)
		if (!list[i]->is_hidden)
			tl_buf_printf(
			    &cli->out, "turnlint-%s.1\n", list[i]->name);
	tl_buf_puts(&cli->out, "turnlint.yaml.5\nturnlint-rules.7\n");
}

static int
run(struct tl_cli *cli)
{
	const char *page = cli->nargs == 1 ? cli->args[0] : "";
	tl_str s = tl_str_from(page);
	const struct tl_command *c = NULL;

	if (cli->nargs == 0) {
		list_pages(cli);
		return TL_EXIT_CLEAN;
	}
	if (tl_str_starts(s, TL_STR("turnlint-")) &&
	    tl_str_ends(s, TL_STR(".1")))
		c = tl_command_find(tl_str_slice(s, 9, s.len - 2));
	if (c != NULL)
		put_command(cli, c);
	else if (strcmp(page, "turnlint-rules.7") == 0)
		put_rules(&cli->out);
	else if (strcmp(page, "turnlint.yaml.5") == 0)
		put_config(&cli->out);
	else
		return tl_cli_fail(cli,
		    "there is no page '%s'; 'turnlint man' "
		    "lists them",
		    page);
	return TL_EXIT_CLEAN;
}

const struct tl_command tl_command_man = {
	.name = "man",
	.summary = "print a manual page in mdoc",
	.synopsis = "[PAGE]",
	.is_hidden = true,
	.order = 99,
	.run = run,
};
