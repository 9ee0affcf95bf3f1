/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/template.h"

#include <string.h>

static const struct {
	const char *name;
	int (*fn)(struct tl_cli *cli);
} words[] = {
	{ "list", tl_cli_template_list },
	{ "show", tl_cli_template_show },
	{ "profile", tl_cli_template_profile },
	{ "check", tl_cli_template_check },
};

#define WORDS "list|show|profile|check"

bool
tl_cli_template_jsonl(const struct tl_cli *cli)
{
	return strcmp(tl_cli_string(cli, "output-format", "text"), "text") != 0;
}

static int
run(struct tl_cli *cli)
{
	const char *names[TL_COUNT(words)];
	const char *near;

	if (cli->nargs == 0)
		return tl_cli_fail(
		    cli, "say what to do: turnlint template " WORDS);
	for (size_t i = 0; i < TL_COUNT(words); i++) {
		names[i] = words[i].name;
		if (strcmp(cli->args[0], names[i]) == 0)
			return words[i].fn(cli);
	}
	near =
	    tl_str_nearest(tl_str_from(cli->args[0]), names, TL_COUNT(names));
	if (near != NULL)
		return tl_cli_fail(cli,
		    "unknown word '%s'; did you mean 'turnlint template %s'?",
		    cli->args[0], near);
	return tl_cli_fail(cli,
	    "unknown word '%s': it is turnlint template " WORDS, cli->args[0]);
}

static const struct tl_opt opts[] = {
	{ "output-format", 'F', TL_OPT_CHOICE, "NAME",
	    "for people or for programs", "text json jsonl" },
	{ "tokenizer", 'T', TL_OPT_STRING, "PATH",
	    "check: the tokenizer that the templates go with (default: the "
	    "one beside them)",
	    NULL },
	{ 0 },
};

const struct tl_command tl_command_template = {
	.name = "template",
	.summary = "list the built-in templates, show, probe or check one",
	.synopsis = "list|show|profile|check [NAME|FILE…]",
	.words = "list show profile check",
	.description =
	    "list names the templates that are part of the program, with the "
	    "special tokens of their family, the marker that ends a turn and "
	    "the names other programs give them. show prints the Jinja text "
	    "of a template: of a built-in, or of whatever --template takes, "
	    "such as a tokenizer_config.json. profile renders small "
	    "conversations "
	    "and says what became of each part: which roles and orders of "
	    "roles it takes, what it does with tools, reasoning and lists, "
	    "what ends a turn, whether earlier text stays as turns come. check "
	    "runs the TPL "
	    "rules, with the tokenizer that stands beside the template, and "
	    "on all templates of a folder; turnlint check runs them on .jinja "
	    "files too.",
	.examples = "turnlint template list\n"
		    "turnlint template show llama-3\n"
		    "turnlint template show models/mine   # its own template\n"
		    "turnlint template profile llama-3\n"
		    "turnlint template check my.jinja\n"
		    "turnlint template list -F jsonl      # for a program",
	.opts = opts,
	.order = 62,
	.run = run,
};
