/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint completion: scripts for the shells, from the option tables. */
#include "cli/cli.h"

#include <string.h>

#include <turnlint/report.h>

enum value_kind { VALUE_FILE, VALUE_WORDS, VALUE_WORD_OR_FILE, VALUE_RULES };

/* What may stand behind an option; *words is set where words may. */
static enum value_kind
values_of(struct tl_cli *cli, const struct tl_opt *o, const char **words)
{
	static const char *const rules[] = { "select", "ignore",
		"extend-select", "severity" };
	enum value_kind kind = VALUE_WORDS;
	struct tl_buf b;
	size_t n;

	*words = o->choices;
	if (o->choices != NULL)
		return VALUE_WORDS;
	for (size_t i = 0; i < TL_COUNT(rules); i++)
		if (strcmp(o->name, rules[i]) == 0)
			return VALUE_RULES;
	tl_buf_init(&b, cli->arena, 0);
	if (strcmp(o->name, "format") == 0) {
		const struct tl_format *const *list = tl_formats(&n);

		for (size_t i = 0; i < n; i++)
			tl_buf_printf(&b, "%s ", list[i]->name);
	} else if (strcmp(o->name, "trainer") == 0) {
		const struct tl_trainer *const *list = tl_trainers(&n);

		for (size_t i = 0; i < n; i++)
			tl_buf_printf(&b, "%s ", list[i]->name);
	} else if (strcmp(o->name, "output-format") == 0) {
		const struct tl_writer *const *list = tl_writers(&n);

		for (size_t i = 0; i < n; i++)
			tl_buf_printf(&b, "%s ", list[i]->name);
	}
	if (strcmp(o->name, "template") == 0) {
		const struct tl_template_builtin *list =
		    tl_template_builtins(&n);

		kind = VALUE_WORD_OR_FILE;
		for (size_t i = 0; i < n; i++)
			tl_buf_printf(&b, "%s ", list[i].name);
	}
	if (b.len == 0)
		return VALUE_FILE;
	b.ptr[b.len - 1] = '\0';
	*words = b.ptr;
	return kind;
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

static void
put_rules(
    struct tl_buf *b, void (*put)(struct tl_buf *b, const struct tl_rule *r))
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);

	for (size_t i = 0; i < n; i++)
		put(b, rules[i]);
}

/* What stands where the first operand does. */
static bool
takes_rules(const struct tl_command *cmd)
{
	return strcmp(cmd->name, "rule") == 0;
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
	const char *words;
	enum value_kind kind = values_of(cli, o, &words);

	if (o->kind == TL_OPT_FLAG)
		return;
	tl_buf_printf(&cli->out, "\t%s:--%s", cmd->name, o->name);
	if (o->letter != 0)
		tl_buf_printf(&cli->out, " | %s:-%c", cmd->name, o->letter);
	if (kind == VALUE_WORDS)
		tl_buf_printf(&cli->out, ") words='%s' ;;\n", words);
	else if (kind == VALUE_WORD_OR_FILE)
		tl_buf_printf(&cli->out, ") words='%s' files=1 ;;\n", words);
	else if (kind == VALUE_RULES)
		tl_buf_puts(&cli->out, ") words=$rules ;;\n");
	else
		tl_buf_puts(&cli->out, ") files=1 ;;\n");
}

static void
bash_rule(struct tl_buf *b, const struct tl_rule *r)
{
	tl_buf_printf(b, " %s", r->code);
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
	    "\tlocal rules='");
	put_rules(b, bash_rule);
	tl_buf_puts(b,
	    "'\n\tCOMPREPLY=()\n"
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
		tl_buf_puts(b,
		    takes_rules(list[i]) ? "\t\telse words=$rules; fi ;;\n"
					 : "\t\telse files=1; fi ;;\n");
	}
	tl_buf_puts(b,
	    "\t\tesac\n\tfi\n"
	    "\tif [[ -n $files ]]; then\n"
	    "\t\tcompopt -o filenames 2>/dev/null\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	    "\tfi\n"
	    "\tif [[ -n $words ]]; then\n"
	    "\t\tCOMPREPLY+=($(compgen -W \"$words\" -- \"$cur\"))\n"
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
	const char *words;
	enum value_kind kind = values_of(cli, o, &words);
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
		if (kind == VALUE_WORDS)
			tl_buf_printf(b, ":(%s)", words);
		else if (kind == VALUE_WORD_OR_FILE)
			tl_buf_printf(b, ":{compadd %s; _files}", words);
		else if (kind == VALUE_RULES)
			tl_buf_puts(b, ":{_values -s , rule $rules}");
		else
			tl_buf_puts(b, ":_files");
	}
	tl_buf_puts(b, "' \\\n");
}

static void
zsh_rule(struct tl_buf *b, const struct tl_rule *r)
{
	tl_buf_printf(b, "\t\t'%s[%s]'\n", r->code, r->name);
}

static void
put_zsh(struct tl_cli *cli, const struct tl_command *const *list, size_t n)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b,
	    "#compdef turnlint\n"
	    "_turnlint() {\n"
	    "\tlocal -a commands rules\n"
	    "\tlocal line state\n"
	    "\trules=(\n");
	put_rules(b, zsh_rule);
	tl_buf_puts(b, "\t)\n\tcommands=(\n");
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
		tl_buf_puts(b,
		    takes_rules(list[i])
			? "\t\t\t\t'*:rule:{_values rule $rules}' ;;\n"
			: "\t\t\t\t'*:file:_files' ;;\n");
	}
	tl_buf_puts(b, "\t\tesac ;;\n\tesac\n}\n_turnlint \"$@\"\n");
}

/* ---- fish ---------------------------------------------------------------- */

static void
fish_option(
    struct tl_cli *cli, const struct tl_command *cmd, const struct tl_opt *o)
{
	struct tl_buf *b = &cli->out;
	const char *words;
	enum value_kind kind = values_of(cli, o, &words);

	tl_buf_printf(b,
	    "complete -c turnlint -n "
	    "'__fish_seen_subcommand_from %s' -l %s",
	    cmd->name, o->name);
	if (o->letter != 0)
		tl_buf_printf(b, " -s %c", o->letter);
	if (kind == VALUE_WORDS)
		tl_buf_printf(b, " -x -a '%s'", words);
	else if (kind == VALUE_WORD_OR_FILE)
		tl_buf_printf(b, " -r -a '%s'", words);
	else if (kind == VALUE_RULES)
		tl_buf_puts(b, " -x -a '(__turnlint_rules)'");
	else if (o->kind != TL_OPT_FLAG)
		tl_buf_puts(b, " -r");
	tl_buf_puts(b, " -d '");
	/* Inside quotes fish knows \' where a POSIX shell needs '\''. */
	for (const char *s = o->help; *s != '\0'; s++)
		tl_buf_printf(b, *s == '\'' ? "\\%c" : "%c", *s);
	tl_buf_puts(b, "'\n");
}

static void
fish_rule(struct tl_buf *b, const struct tl_rule *r)
{
	tl_buf_printf(b, " %s %s", r->code, r->name);
}

static void
put_fish(struct tl_cli *cli, const struct tl_command *const *list, size_t n)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b,
	    "# fish completion for turnlint\n"
	    "function __turnlint_rules\n\tprintf '%s\\t%s\\n'");
	put_rules(b, fish_rule);
	tl_buf_puts(b, "\nend\n");
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
		if (takes_rules(list[i]))
			tl_buf_printf(b,
			    "complete -c turnlint -f -n "
			    "'__fish_seen_subcommand_from %s' -a "
			    "'(__turnlint_rules)'\n",
			    list[i]->name);
		each_option(cli, list[i], fish_option);
	}
}

static const struct tl_command *const *
visible_commands(struct tl_cli *cli, size_t *n)
{
	size_t nall;
	const struct tl_command *const *all = tl_commands(cli->arena, &nall);
	const struct tl_command **list =
	    TL_NEW(cli->arena, const struct tl_command *, nall);

	*n = 0;
	for (size_t i = 0; i < nall; i++)
		if (!all[i]->is_hidden)
			list[(*n)++] = all[i];
	return list;
}

static int
run(struct tl_cli *cli)
{
	size_t n;
	const struct tl_command *const *list = visible_commands(cli, &n);
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
