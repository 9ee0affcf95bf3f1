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
	{ "diff", tl_cli_template_diff },
};

#define WORDS "list|show|profile|check|diff"

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

static const char manual[] =
    ".Sh PROFILES\n"
    "A profile is drawn from small conversations that the template renders:\n"
    "where each part of them went is read off the text.\n"
    "With\n.Fl F Cm json\n"
    "it is one object a template, with these members:\n"
    ".Bl -tag -width Ds\n"
    ".It Cm name , usable\n"
    "The operand, and whether a question and its answer render at all.\n"
    ".It Cm facts\n"
    "What becomes of a part, by its name:\n"
    ".Cm fate\n"
    "is kept (byte for byte), stripped (of white space on its ends),\n"
    "altered, dropped, empty (a turn without words is printed), raised (the\n"
    "template refuses it), failed (rendering ends in an error) or untried;\n"
    ".Cm message\n"
    "and\n"
    ".Cm line\n"
    "belong to the last three.\n"
    ".It Cm grammar , system_anywhere\n"
    "The orders of S (system), U (user) and A (assistant) that render, with\n"
    "|, ?, * and + as in a regular expression; it agrees with all orders of\n"
    "up to four turns and with some longer ones.\n"
    "null when no simple rule does.\n"
    "If\n"
    ".Cm system_anywhere\n"
    "is true, it is about the other turns.\n"
    ".It Cm orders\n"
    "Some orders, also with C (a tool call) and T (its result), and whether\n"
    "they render.\n"
    ".It Cm refusals\n"
    "Each message with which orders are refused, its place in the template\n"
    "and the shortest of those orders.\n"
    ".It Cm needs_tools , takes_lists_only\n"
    "It renders only with a list of tools; only contents that are lists of\n"
    "parts arrive.\n"
    ".It Cm system_merged , system_last_only\n"
    "The system message stands inside the user's turn; it is printed only\n"
    "when a user has the last word.\n"
    ".It Cm default_system , default_system_added\n"
    "What is printed when the data has no system message, and whether it\n"
    "stands beside the data's own.\n"
    ".It Cm users_merged , assistants_merged\n"
    "Two messages of one role in a row become one turn.\n"
    ".It Cm stop , stop_printed\n"
    "What ends an assistant's turn, and when it is printed: with the turn or\n"
    "with the next turn.\n"
    ".It Cm bos , bos_each_later_round , bos_in_front , eos\n"
    "How many of these tokens a round has, and whether BOS comes first.\n"
    ".It Cm generation_prompt , generation_prompt_after_answer\n"
    "What add_generation_prompt adds behind a question, behind an answer.\n"
    ".It Cm can_continue_final_message\n"
    "The words of the last answer can be found in the text, so that what\n"
    "follows them can be cut off.\n"
    ".It Cm generation_spans\n"
    "The {% generation %} blocks: none, right or wrong.\n"
    ".It Cm prefix_preserving , generation_prompt_consistent\n"
    "Earlier text stays as it is when turns come; the generation prompt is\n"
    "how the answer begins.\n"
    ".It Cm date_dependent , random\n"
    "The text depends on the day, on chance.\n"
    ".It Cm hides_history_thoughts\n"
    "Thoughts are printed in the last turn alone.\n"
    ".It Cm steps , growth\n"
    "Steps of the engine for 4, 8 and 16 rounds, and whether they grow\n"
    "linear or quadratic.\n"
    ".It Cm variables\n"
    "Variables that the template reads and that transformers does not always\n"
    "pass: the place where they are read,\n"
    ".Cm guarded\n"
    "(asked whether defined),\n"
    ".Cm needed\n"
    "(nothing renders without) and the value that changes a text.\n"
    ".El\n"
    ".Sh COMMENTS\n"
    "A comment {# turnlint: ignore[TPL014] reason #} silences the rules that\n"
    "it names (codes, prefixes of codes or names, separated by commas) on the\n"
    "lines it stands on, and on the next one when nothing else stands there;\n"
    "file-ignore[...] does for the whole template.\n"
    "CFG001 reports those that silence nothing, CFG002 unknown names, CFG003\n"
    "those without a reason.\n"
    ".Sh COMPARING TEMPLATES\n"
    "diff takes two templates, prints the facts that differ with what that\n"
    "means for the training, and the smallest conversation that comes out\n"
    "otherwise.\n"
    "A template without special tokens of its own gets those of the other.\n"
    "The exit status is 0 when neither a fact nor a text differs, else 1.\n"
    "With\n"
    ".Fl F Cm json\n"
    "it is one object with\n"
    ".Cm a , b , same , same_source ,\n"
    ".Cm facts\n"
    "(each with key, title, a, b and cost),\n"
    ".Cm conversations\n"
    "(how many were tried) and\n"
    ".Cm texts\n"
    "(each with conversation, add_generation_prompt, the text, raised or\n"
    "failed of a and b, and\n"
    ".Cm at ,\n"
    "the first byte that differs).\n";

const struct tl_command tl_command_template = {
	.name = "template",
	.summary =
	    "list the built-in templates, show, probe, check or compare some",
	.synopsis = "list|show|profile|check|diff [NAME|FILE…]",
	.words = "list show profile check diff",
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
	    "files too. diff takes two templates and says how they differ, "
	    "with what it means for the training.",
	.manual = manual,
	.examples = "turnlint template list\n"
		    "turnlint template show llama-3\n"
		    "turnlint template show models/mine   # its own template\n"
		    "turnlint template profile llama-3\n"
		    "turnlint template check my.jinja\n"
		    "turnlint template diff qwen-2.5 my.jinja\n"
		    "turnlint template list -F jsonl      # for a program",
	.opts = opts,
	.order = 62,
	.run = run,
};
