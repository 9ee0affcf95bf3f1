/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint completion: scripts for the shells, from the option tables. */
#include "cli/cli.h"

#include <string.h>

/* What may stand behind an option, or NULL when it is a file name. */
static const char *
values_of(struct tl_cli *cli, const struct tl_opt *o)
{
	(void)cli;
	return o->choices;
}

/* Calls fn for each option of cmd. */
static void
each_option(struct tl_cli *cli, const struct tl_command *cmd,
    void (*fn)(struct tl_cli *cli, const struct tl_command *cmd,
	const struct tl_opt *o))
{
	const struct tl_opt *tables[TL_MAX_OPT_TABLES];
	size_t n = tl_opt_tables(cmd, tables);

	for (size_t t = 0; t < n; t++)
		for (const struct tl_opt *o = tables[t]; o->name != NULL; o++)
			fn(cli, cmd, o);
}

/* Help and summaries as the inside of a '…' word of any of the shells. */
static void
put_quoted(struct tl_buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			tl_buf_puts(b, "'\\''");
		else
			tl_buf_putc(b, *s);
	}
}

/* ---- bash ---------------------------------------------------------------- */

static void
bash_word(
    struct tl_cli *cli, const struct tl_command *cmd, const struct tl_opt *o)
{
	(void)cmd;
	tl_buf_printf(&cli->out, " --%s", o->name);
}

static void
bash_values(
    struct tl_cli *cli, const struct tl_command *cmd, const struct tl_opt *o)
{
	const char *values = values_of(cli, o);

	if (o->kind == TL_OPT_FLAG)
		return;
	tl_buf_printf(&cli->out, "\t%s:--%s", cmd->name, o->name);
	if (o->letter != 0)
		tl_buf_printf(&cli->out, " | %s:-%c", cmd->name, o->letter);
	if (values != NULL)
		tl_buf_printf(&cli->out, ") words='%s' ;;\n", values);
	else
		tl_buf_puts(&cli->out, ") files=1 ;;\n");
}

static void
put_bash(struct tl_cli *cli, const struct tl_command *const *list, size_t n)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b,
	    "# bash completion for turnlint\n"
	    "_turnlint() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} cmd= at=0 i words= files=\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tCOMPREPLY=()\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tcase ${COMP_WORDS[i]} in\n"
	    "\t\t-*) ;;\n"
	    "\t\t*) cmd=${COMP_WORDS[i]} at=$i; break ;;\n"
	    "\t\tesac\n"
	    "\tdone\n"
	    "\t[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	    "\t[[ $cur == = ]] && cur= prev=${COMP_WORDS[COMP_CWORD-1]} &&\n"
	    "\t    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
	    "\tcase $cmd:$prev in\n");
	for (size_t i = 0; i < n; i++)
		each_option(cli, list[i], bash_values);
	tl_buf_puts(b,
	    "\tesac\n\tif [[ -z $words && -z $files ]]; then\n"
	    "\t\tcase $cmd in\n\t\t'') words='");
	for (size_t i = 0; i < n; i++)
		tl_buf_printf(b, "%s ", list[i]->name);
	tl_buf_puts(b, "--help --version' ;;\n");
	for (size_t i = 0; i < n; i++) {
		tl_buf_printf(b,
		    "\t\t%s) if [[ $cur == -* ]]; then\n"
		    "\t\t\twords='",
		    list[i]->name);
		each_option(cli, list[i], bash_word);
		tl_buf_puts(b, "'\n");
		if (list[i]->words != NULL)
			tl_buf_printf(b,
			    "\t\telif ((COMP_CWORD == at + 1)); "
			    "then\n\t\t\twords='%s'\n",
			    list[i]->words);
		tl_buf_puts(b, "\t\telse files=1; fi ;;\n");
	}
	tl_buf_puts(b,
	    "\t\tesac\n\tfi\n"
	    "\tif [[ -n $words ]]; then\n"
	    "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	    "\telse\n"
	    "\t\tcompopt -o filenames 2>/dev/null\n"
	    "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	    "\tfi\n"
	    "}\n"
	    "complete -F _turnlint turnlint\n");
}

/* ---- zsh ----------------------------------------------------------------- */

/* Text inside the [] of an _arguments specification. */
static void
put_zsh_help(struct tl_buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			tl_buf_puts(b, "'\\''");
		else if (*s == '[' || *s == ']' || *s == ':')
			tl_buf_printf(b, "\\%c", *s);
		else
			tl_buf_putc(b, *s);
	}
}

static void
zsh_option(
    struct tl_cli *cli, const struct tl_command *cmd, const struct tl_opt *o)
{
	struct tl_buf *b = &cli->out;
	const char *values = values_of(cli, o);
	const char *many = o->kind == TL_OPT_LIST ? "*" : "";

	(void)cmd;
	if (o->letter != 0)
		tl_buf_printf(b, "\t\t\t\t%s{-%c,--%s}'",
		    o->kind == TL_OPT_LIST ? "\\*" : "", o->letter, o->name);
	else
		tl_buf_printf(b, "\t\t\t\t'%s--%s", many, o->name);
	if (o->kind != TL_OPT_FLAG)
		tl_buf_putc(b, '=');
	tl_buf_putc(b, '[');
	put_zsh_help(b, o->help);
	tl_buf_putc(b, ']');
	if (o->kind != TL_OPT_FLAG) {
		tl_buf_putc(b, ':');
		put_zsh_help(b, o->arg);
		if (values != NULL)
			tl_buf_printf(b, ":(%s)", values);
		else
			tl_buf_puts(b, ":_files");
	}
	tl_buf_puts(b, "' \\\n");
}

static void
put_zsh(struct tl_cli *cli, const struct tl_command *const *list, size_t n)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b,
	    "#compdef turnlint\n"
	    "_turnlint() {\n"
	    "\tlocal -a commands\n"
	    "\tlocal line state\n"
	    "\tcommands=(\n");
	for (size_t i = 0; i < n; i++) {
		tl_buf_printf(b, "\t\t'%s:", list[i]->name);
		put_quoted(b, list[i]->summary);
		tl_buf_puts(b, "'\n");
	}
	tl_buf_puts(b,
	    "\t)\n"
	    "\t_arguments -C '1:command:->command' '*::arg:->args'\n"
	    "\tcase $state in\n"
	    "\tcommand) _describe command commands ;;\n"
	    "\targs)\n"
	    "\t\tcase $line[1] in\n");
	for (size_t i = 0; i < n; i++) {
		tl_buf_printf(
		    b, "\t\t%s)\n\t\t\t_arguments -s \\\n", list[i]->name);
		each_option(cli, list[i], zsh_option);
		if (list[i]->words != NULL)
			tl_buf_printf(
			    b, "\t\t\t\t'1:word:(%s)' \\\n", list[i]->words);
		tl_buf_puts(b, "\t\t\t\t'*:file:_files' ;;\n");
	}
	tl_buf_puts(b, "\t\tesac ;;\n\tesac\n}\n_turnlint \"$@\"\n");
}

/* ---- fish ---------------------------------------------------------------- */

static void
fish_option(
    struct tl_cli *cli, const struct tl_command *cmd, const struct tl_opt *o)
{
	struct tl_buf *b = &cli->out;
	const char *values = values_of(cli, o);

	tl_buf_printf(b,
	    "complete -c turnlint -n "
	    "'__fish_seen_subcommand_from %s' -l %s",
	    cmd->name, o->name);
	if (o->letter != 0)
		tl_buf_printf(b, " -s %c", o->letter);
	if (values != NULL)
		tl_buf_printf(b, " -x -a '%s'", values);
	else if (o->kind != TL_OPT_FLAG)
		tl_buf_puts(b, " -r");
	tl_buf_puts(b, " -d '");
	/* Inside quotes fish knows \' where a POSIX shell needs '\''. */
	for (const char *s = o->help; *s != '\0'; s++)
		tl_buf_printf(b, *s == '\'' ? "\\%c" : "%c", *s);
	tl_buf_puts(b, "'\n");
}

static void
put_fish(struct tl_cli *cli, const struct tl_command *const *list, size_t n)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b, "# fish completion for turnlint\n");
	for (size_t i = 0; i < n; i++) {
		tl_buf_printf(b,
		    "complete -c turnlint -f -n "
		    "__fish_use_subcommand -a %s -d '",
		    list[i]->name);
		put_quoted(b, list[i]->summary);
		tl_buf_puts(b, "'\n");
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i]->words != NULL)
			tl_buf_printf(b,
			    "complete -c turnlint -f -n "
			    "'__fish_seen_subcommand_from %s' -a '%s'\n",
			    list[i]->name, list[i]->words);
		each_option(cli, list[i], fish_option);
	}
}

static int
run(struct tl_cli *cli)
{
	size_t n;
	const struct tl_command *const *list = tl_commands(cli->arena, &n);
	const char *shell = cli->nargs == 1 ? cli->args[0] : "";

	if (strcmp(shell, "bash") == 0)
		put_bash(cli, list, n);
	else if (strcmp(shell, "zsh") == 0)
		put_zsh(cli, list, n);
	else if (strcmp(shell, "fish") == 0)
		put_fish(cli, list, n);
	else
		return tl_cli_fail(cli,
		    "name one shell: turnlint completion "
		    "bash|zsh|fish");
	return TL_EXIT_CLEAN;
}

const struct tl_command tl_command_completion = {
	.name = "completion",
	.summary = "print a completion script for a shell",
	.synopsis = "bash|zsh|fish",
	.words = "bash zsh fish",
	.description =
	    "The script is made from the same tables that parse the "
	    "command line; 'make install' puts all three where the shells "
	    "look for them.",
	.examples = "source <(turnlint completion bash)   # in ~/.bashrc\n"
		    "turnlint completion zsh >~/.zfunc/_turnlint\n"
		    "turnlint completion fish "
		    ">~/.config/fish/completions/turnlint.fish",
	.order = 90,
	.run = run,
};
