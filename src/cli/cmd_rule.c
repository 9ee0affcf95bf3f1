/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "lint/lint.h"

#include <string.h>

#include <turnlint/rule.h>

#define WIDTH 80

static void
heading(struct tl_cli *cli, const char *text)
{
	tl_buf_printf(&cli->out,
	    cli->use_colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

/* Wrapped at words, two spaces before each line. */
static void
put_paragraph(struct tl_cli *cli, const char *text)
{
	tl_str s = tl_str_from(text);
	size_t at = 0;

	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, ' ', i);
		tl_str word = tl_str_slice(s, i, end);
		size_t cells = tl_utf8_count(word);

		if (at > 0 && at + 1 + cells > WIDTH) {
			tl_buf_putc(&cli->out, '\n');
			at = 0;
		}
		tl_buf_puts(&cli->out, at == 0 ? "  " : " ");
		tl_buf_put(&cli->out, word);
		at += cells + (at == 0 ? 2 : 1);
		i = end == TL_NPOS ? s.len : end + 1;
	}
	tl_buf_putc(&cli->out, '\n');
}

/* An example is a file: what must not reach a terminal is spelled out. */
static void
put_example(struct tl_cli *cli, tl_str file)
{
	for (size_t i = 0; i < file.len;) {
		size_t end = tl_str_find_char(file, '\n', i);

		tl_buf_puts(&cli->out, "  ");
		tl_buf_put_escaped(&cli->out, tl_str_slice(file, i, end));
		tl_buf_putc(&cli->out, '\n');
		i = end == TL_NPOS ? file.len : end + 1;
	}
	if (file.ptr == NULL)
		tl_buf_puts(&cli->out, "  (too large to print)\n");
	else if (file.len == 0)
		tl_buf_puts(&cli->out, "  (an empty file)\n");
}

/* What must be given so that the rule can run; NULL: nothing. */
static const char *
needs(const struct tl_rule *r)
{
	if (r->check_record != NULL || r->check_conv != NULL)
		return NULL;
	if (r->check_template != NULL)
		return "a template as the file to check";
	if (r->check_setup != NULL)
		return "the trainer's own configuration (--axolotl FILE, …)";
	if (r->check_tokenizer != NULL)
		return "a tokenizer";
	if (r->check_sample != NULL)
		return "a chat template and a tokenizer";
	if (r->check_render != NULL)
		return "a chat template";
	return NULL;
}

static void
put_recipe(struct tl_cli *cli, const struct tl_rule_recipe *r)
{
	const struct {
		const char *option, *value;
	} parts[] = {
		{ "format", r->format },
		{ "template", r->template_ },
		{ "tokenizer", r->tokenizer },
		{ "trainer", r->trainer },
		{ "trainer-option", r->trainer_option },
	};
	bool is_first = true;

	for (size_t i = 0; i < TL_COUNT(parts); i++) {
		if (parts[i].value == NULL)
			continue;
		tl_buf_printf(&cli->out,
		    is_first ? " (with --%s %s" : " --%s %s", parts[i].option,
		    parts[i].value);
		is_first = false;
	}
	if (r->sequence_len > 0) {
		tl_buf_printf(&cli->out,
		    is_first ? " (with --sequence-len %zu"
			     : " --sequence-len %zu",
		    r->sequence_len);
		is_first = false;
	}
	if (!is_first)
		tl_buf_putc(&cli->out, ')');
}

static void
put_example_heading(
    struct tl_cli *cli, const char *text, struct tl_rule_recipe recipe)
{
	tl_buf_printf(
	    &cli->out, cli->use_colour ? "\n\033[1m%s\033[0m" : "\n%s", text);
	put_recipe(cli, &recipe);
	tl_buf_putc(&cli->out, '\n');
}

static void
explain(struct tl_cli *cli, const struct tl_rule *r)
{
	struct tl_buf *b = &cli->out;
	struct tl_rule_recipe good = r->recipe;

	if (good.good_tokenizer != NULL)
		good.tokenizer = good.good_tokenizer;
	tl_buf_printf(b, cli->use_colour ? "\033[1m%s %s\033[0m\n" : "%s %s\n",
	    r->code, r->name);
	tl_buf_printf(b, "  %s, since %s%s", tl_level_name(r->level), r->since,
	    r->is_preview ? ", in preview: runs with --preview or when "
			    "selected by its code"
			  : "");
	if (needs(r) != NULL)
		tl_buf_printf(b, "; needs %s", needs(r));
	tl_buf_puts(b, "\n\n");
	put_paragraph(cli, r->summary);
	heading(cli, "Why it matters");
	put_paragraph(cli, r->why);
	heading(cli, "What to do");
	put_paragraph(cli, r->fix);
	put_example_heading(cli, "Reported", r->recipe);
	put_example(cli, r->bad);
	put_example_heading(cli, "Not reported", good);
	put_example(cli, r->good);
}

static void
put_member(struct tl_buf *b, const char *key, const char *value)
{
	tl_buf_printf(b, ",\"%s\":", key);
	if (value != NULL)
		tl_json_put_string(b, tl_str_from(value));
	else
		tl_buf_puts(b, "null");
}

static void
put_json(struct tl_buf *b, const struct tl_rule *r)
{
	tl_buf_printf(b, "{\"code\":\"%s\"", r->code);
	put_member(b, "name", r->name);
	put_member(b, "severity", tl_level_name(r->level));
	put_member(b, "since", r->since);
	tl_buf_printf(b, ",\"preview\":%s", r->is_preview ? "true" : "false");
	put_member(b, "needs", needs(r));
	put_member(b, "summary", r->summary);
	put_member(b, "why", r->why);
	put_member(b, "fix", r->fix);
	tl_buf_puts(b, ",\"bad\":");
	tl_json_put_string(b, r->bad);
	tl_buf_puts(b, ",\"good\":");
	tl_json_put_string(b, r->good);
	tl_buf_puts(b, "}\n");
}

static void
put_row(struct tl_cli *cli, const struct tl_rule *r)
{
	tl_buf_printf(&cli->out, "%s  %-7s  %-32s  %s%s\n", r->code,
	    tl_level_name(r->level), r->name, r->summary,
	    r->is_preview ? " (preview)" : "");
}

/* One selector: a rule is explained, a group is listed. */
static bool
answer(struct tl_cli *cli, tl_str sel, bool as_json)
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);
	const struct tl_rule *one = tl_rule_find(sel);
	struct tl_error err;

	if (!tl_selector_check(sel, &err)) {
		tl_cli_fail_error(cli, "", &err);
		return false;
	}
	if (one != NULL && !as_json) {
		explain(cli, one);
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (!tl_selector_covers(sel, rules[i]))
			continue;
		if (as_json)
			put_json(&cli->out, rules[i]);
		else
			put_row(cli, rules[i]);
	}
	return true;
}

static int
run(struct tl_cli *cli)
{
	bool as_json =
	    strcmp(tl_cli_string(cli, "output-format", "text"), "jsonl") == 0;
	int status = TL_EXIT_CLEAN;

	if (cli->nargs == 0)
		answer(cli, TL_STR("ALL"), as_json);
	for (size_t i = 0; i < cli->nargs; i++) {
		if (i > 0 && !as_json)
			tl_buf_putc(&cli->out, '\n');
		if (!answer(cli, tl_str_from(cli->args[i]), as_json))
			status = TL_EXIT_FAILED;
	}
	return status;
}

static const struct tl_opt opts[] = {
	{ "output-format", 'F', TL_OPT_CHOICE, "NAME",
	    "for people or for "
	    "programs",
	    "text jsonl" },
	{ 0 },
};

const struct tl_command tl_command_rule = {
	.name = "rule",
	.summary = "explain a rule, or list them",
	.synopsis = "[CODE|NAME|PREFIX…]",
	.description =
	    "A code or a name gives the whole explanation with an "
	    "example that is reported and one that is not; the test suite "
	    "runs both. A prefix such as MSK lists that family, nothing lists "
	    "all rules.",
	.examples = "turnlint rule TOK002      # explain one\n"
		    "turnlint rule MSK         # list a family\n"
		    "turnlint rule -F jsonl    # all, for a program",
	.opts = opts,
	.order = 60,
	.run = run,
};
