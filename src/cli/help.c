/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the same tables that parse. */
#include "cli/cli.h"

#include <string.h>

#define HELP_COLUMN 28
#define MIN_WIDTH 60
#define MAX_WIDTH 100

static size_t
help_width(const struct tl_cli *cli)
{
	if (cli->width == 0)
		return 80;
	return cli->width < MIN_WIDTH ? MIN_WIDTH
	    : cli->width > MAX_WIDTH  ? MAX_WIDTH
				      : cli->width;
}

static void
heading(struct tl_cli *cli, const char *text)
{
	tl_buf_printf(&cli->out,
	    cli->use_colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

/* Words of text, wrapped, with indent spaces before each line but the first,
 * which starts in column `at`. */
static void
put_wrapped(
    struct tl_buf *b, const char *text, size_t at, size_t indent, size_t width)
{
	tl_str s = tl_str_from(text);
	bool is_first = true;

	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, ' ', i);
		tl_str word = tl_str_slice(s, i, end);
		size_t cells = tl_utf8_count(word);

		if (!is_first && at + 1 + cells > width) {
			tl_buf_putc(b, '\n');
			tl_buf_pad(b, ' ', indent);
			at = indent;
		} else if (!is_first) {
			tl_buf_putc(b, ' ');
			at++;
		}
		tl_buf_put(b, word);
		at += cells;
		is_first = false;
		i = end == TL_NPOS ? s.len : end + 1;
	}
	tl_buf_putc(b, '\n');
}

static void
put_option(struct tl_cli *cli, const struct tl_opt *o)
{
	struct tl_buf *b = &cli->out;
	size_t beg = b->len, at;

	if (o->letter != 0)
		tl_buf_printf(b, "  -%c, --%s", o->letter, o->name);
	else
		tl_buf_printf(b, "      --%s", o->name);
	if (o->arg != NULL)
		tl_buf_printf(b, " %s", o->arg);
	at = tl_utf8_count(tl_str_slice(tl_buf_str(b), beg, b->len));
	if (at + 2 > HELP_COLUMN) {
		tl_buf_putc(b, '\n');
		at = 0;
	}
	tl_buf_pad(b, ' ', HELP_COLUMN - at);
	if (o->choices == NULL)
		put_wrapped(
		    b, o->help, HELP_COLUMN, HELP_COLUMN, help_width(cli));
	else
		put_wrapped(b,
		    tl_arena_printf(cli->arena, "%s: %s", o->help, o->choices),
		    HELP_COLUMN, HELP_COLUMN, help_width(cli));
}

static void
put_options(struct tl_cli *cli, const char *title, const struct tl_opt *opts)
{
	heading(cli, title);
	for (; opts->name != NULL; opts++)
		put_option(cli, opts);
}

static void
put_lines(struct tl_cli *cli, const char *lines)
{
	tl_str s = tl_str_from(lines);

	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, '\n', i);

		tl_buf_puts(&cli->out, "  ");
		tl_buf_put(&cli->out, tl_str_slice(s, i, end));
		tl_buf_putc(&cli->out, '\n');
		i = end == TL_NPOS ? s.len : end + 1;
	}
}

static void
print_command(struct tl_cli *cli, const struct tl_command *cmd, bool is_long)
{
	struct tl_buf *b = &cli->out;

	tl_buf_printf(b, "turnlint %s: %s\n\nusage: turnlint %s [OPTION…]",
	    cmd->name, cmd->summary, cmd->name);
	if (cmd->synopsis != NULL && cmd->synopsis[0] != '\0')
		tl_buf_printf(b, " %s", cmd->synopsis);
	tl_buf_putc(b, '\n');
	if (cmd->examples != NULL) {
		heading(cli, "Examples");
		put_lines(cli, cmd->examples);
	}
	if (is_long && cmd->description != NULL) {
		tl_buf_putc(b, '\n');
		put_wrapped(b, cmd->description, 0, 0, help_width(cli));
	}
	if (cmd->opts != NULL)
		put_options(cli, "Options", cmd->opts);
	if (!is_long) {
		tl_buf_printf(b, "\n'turnlint %s --help' explains more%s.\n",
		    cmd->name,
		    cmd->uses_recipe
			? " and lists the options of the recipe (--template, "
			  "--tokenizer, …)"
			: "");
		return;
	}
	if (cmd->uses_recipe)
		put_options(cli,
		    "The recipe: how a record becomes tokens and "
		    "labels",
		    tl_recipe_opts);
	put_options(cli, "Common options", tl_common_opts);
}

static void
print_program(struct tl_cli *cli, bool is_long)
{
	struct tl_buf *b = &cli->out;
	size_t n;
	const struct tl_command *const *list = tl_commands(cli->arena, &n);

	tl_buf_puts(b,
	    "turnlint: lint chat datasets against the template, "
	    "tokenizer and trainer\nthat will consume them\n\n"
	    "usage: turnlint COMMAND [OPTION…] [OPERAND…]\n");
	heading(cli, "Examples");
	tl_buf_puts(b,
	    "  turnlint check data/train.jsonl\n"
	    "  turnlint check --template llama-3 --tokenizer models/llama3 "
	    "data/\n"
	    "  turnlint show data/train.jsonl:118\n");
	heading(cli, "Commands");
	for (size_t i = 0; i < n; i++) {
		if (list[i]->is_hidden)
			continue;
		tl_buf_printf(b, "  %-12s", list[i]->name);
		put_wrapped(b, list[i]->summary, 14, 14, help_width(cli));
	}
	if (is_long)
		put_options(cli, "Common options", tl_common_opts);
	tl_buf_puts(b,
	    "\n'turnlint COMMAND --help' explains one command, "
	    "'turnlint rule CODE' one rule.\n");
}

void
tl_help_print(struct tl_cli *cli, const struct tl_command *cmd, bool is_long)
{
	if (cmd != NULL)
		print_command(cli, cmd, is_long);
	else
		print_program(cli, is_long);
}
