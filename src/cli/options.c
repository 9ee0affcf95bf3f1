/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <turnlint/map.h>

const struct tl_opt tl_common_opts[] = {
	{ "color", 0, TL_OPT_CHOICE, "WHEN", "colour the output",
	    "auto always never" },
	{ "quiet", 'q', TL_OPT_FLAG, NULL, "say nothing but the result", NULL },
	{ "verbose", 'v', TL_OPT_FLAG, NULL,
	    "say more (with --version: of "
	    "the libraries)",
	    NULL },
	{ "help", 'h', TL_OPT_FLAG, NULL,
	    "print this help; -h is the short "
	    "form",
	    NULL },
	{ "version", 'V', TL_OPT_FLAG, NULL, "print the version", NULL },
	{ 0 },
};

const struct tl_opt tl_recipe_opts[] = {
	{ "format", 'f', TL_OPT_STRING, "NAME",
	    "how the records are laid out "
	    "(default: detect)",
	    NULL },
	{ "template", 't', TL_OPT_STRING, "NAME|FILE",
	    "chat template: the "
	    "name of a built-in, a .jinja file, a tokenizer_config.json, "
	    "PaddleNLP's chat_template.json (default: the tokenizer's own)",
	    NULL },
	{ "tokenizer", 'T', TL_OPT_STRING, "PATH",
	    "tokenizer.json, tokenizer.model, "
	    "tekken.json, a tiktoken or GGUF file, or a directory that "
	    "holds one",
	    NULL },
	{ "trainer", 0, TL_OPT_STRING, "NAME",
	    "whose masking rules apply "
	    "(default: reference); show, check and diff compare several",
	    NULL },
	{ "trainer-option", 0, TL_OPT_LIST, "KEY=VALUE",
	    "an option of the "
	    "trainer; of several, TRAINER.KEY=VALUE",
	    NULL },
	{ "tokenizer-option", 0, TL_OPT_LIST, "KEY=VALUE",
	    "an option of the "
	    "tokenizer",
	    NULL },
	{ "sequence-len", 0, TL_OPT_SIZE, "N",
	    "tokens after which the trainer "
	    "cuts a record",
	    NULL },
	{ "recipe", 'r', TL_OPT_STRING, "NAME",
	    "take the recipe of that name "
	    "from the configuration; show, check and diff compare several",
	    NULL },
	{ "config", 0, TL_OPT_STRING, "FILE",
	    "read this configuration "
	    "instead of searching for .turnlint.yaml",
	    NULL },
	{ "isolated", 0, TL_OPT_FLAG, NULL, "read no configuration", NULL },
	{ "axolotl", 0, TL_OPT_STRING, "FILE",
	    "take recipe and data sets from axolotl's own configuration",
	    NULL },
	{ "llama-factory", 0, TL_OPT_STRING, "FILE",
	    "take them from LLaMA-Factory's dataset_info.json or the YAML of "
	    "a run",
	    NULL },
	{ "lmflow", 0, TL_OPT_STRING, "FILE",
	    "take them from the script that starts a run of LMFlow", NULL },
	{ "paddlenlp", 0, TL_OPT_STRING, "FILE",
	    "take them from the JSON arguments of a run of PaddleNLP", NULL },
	{ "cache-dir", 0, TL_OPT_STRING, "DIR",
	    "where compiled tokenizers are kept (default: turnlint in "
	    "$XDG_CACHE_HOME or ~/.cache)",
	    NULL },
	{ "no-cache", 0, TL_OPT_FLAG, NULL,
	    "neither use nor keep compiled tokenizers", NULL },
	{ "now", 0, TL_OPT_STRING, "TIME",
	    "what strftime_now in a template "
	    "sees, as 2024-07-26T12:00:00",
	    NULL },
	{ "field-messages", 0, TL_OPT_STRING, "KEY",
	    "key of the list of "
	    "messages",
	    NULL },
	{ "field-role", 0, TL_OPT_STRING, "KEY", "key of a message's role",
	    NULL },
	{ "field-content", 0, TL_OPT_STRING, "KEY",
	    "key of a message's "
	    "content",
	    NULL },
	{ "field-system", 0, TL_OPT_STRING, "KEY",
	    "key of the system prompt "
	    "beside the messages",
	    NULL },
	{ "field-tools", 0, TL_OPT_STRING, "KEY", "key of the tools", NULL },
	{ "field-train", 0, TL_OPT_STRING, "KEY",
	    "key of a message's train "
	    "flag",
	    NULL },
	{ "field-train-detail", 0, TL_OPT_STRING, "KEY",
	    "key of a message's "
	    "train_detail",
	    NULL },
	{ "role-map", 0, TL_OPT_LIST, "TARGET=SOURCE",
	    "read role SOURCE of "
	    "the data as TARGET; replaces the format's own map",
	    NULL },
	{ 0 },
};

struct opt_value {
	const struct tl_opt *opt;
	const char **list; /* every value given, in order */
	size_t n;
	size_t size; /* TL_OPT_SIZE: the last one */
};

struct tl_cli_values {
	struct opt_value *v;
	size_t n;
	bool wants_short_help;
};

size_t
tl_opt_tables(const struct tl_command *cmd,
    const struct tl_opt *tables[TL_MAX_OPT_TABLES])
{
	size_t n = 0;

	if (cmd != NULL && cmd->opts != NULL)
		tables[n++] = cmd->opts;
	if (cmd != NULL && cmd->uses_recipe)
		tables[n++] = tl_recipe_opts;
	tables[n++] = tl_common_opts;
	return n;
}

void
tl_opts_init(struct tl_cli *cli)
{
	const struct tl_opt *tables[TL_MAX_OPT_TABLES];
	size_t ntables = tl_opt_tables(cli->command, tables);
	size_t n = 0;

	for (size_t t = 0; t < ntables; t++)
		for (const struct tl_opt *o = tables[t]; o->name != NULL; o++)
			n++;
	cli->values = TL_NEW(cli->arena, struct tl_cli_values, 1);
	cli->values->v = TL_NEW(cli->arena, struct opt_value, n);
	for (size_t t = 0; t < ntables; t++)
		for (const struct tl_opt *o = tables[t]; o->name != NULL; o++)
			cli->values->v[cli->values->n++].opt = o;
}

static struct opt_value *
find_long(const struct tl_cli_values *vs, tl_str name)
{
	for (size_t i = 0; i < vs->n; i++)
		if (tl_str_eq(name, tl_str_from(vs->v[i].opt->name)))
			return &vs->v[i];
	return NULL;
}

static struct opt_value *
find_letter(const struct tl_cli_values *vs, char letter)
{
	for (size_t i = 0; i < vs->n; i++)
		if (vs->v[i].opt->letter == letter)
			return &vs->v[i];
	return NULL;
}

static void
unknown_option(struct tl_cli *cli, tl_str name)
{
	const char **names = TL_NEW(cli->arena, const char *, cli->values->n);
	const char *near;

	for (size_t i = 0; i < cli->values->n; i++)
		names[i] = cli->values->v[i].opt->name;
	near = tl_str_nearest(name, names, cli->values->n);
	if (near != NULL)
		tl_cli_fail(cli, "unknown option '--%s'; did you mean '--%s'?",
		    tl_arena_cstr(cli->arena, name), near);
	else
		tl_cli_fail(cli,
		    "unknown option '--%s'; 'turnlint %s%s--help' "
		    "lists what there is",
		    tl_arena_cstr(cli->arena, name),
		    cli->command != NULL ? cli->command->name : "",
		    cli->command != NULL ? " " : "");
}

/* The idx-th word of a space-separated list; empty behind the last. */
static tl_str
word_at(const char *words, size_t idx)
{
	tl_str s = tl_str_from(words);
	size_t at = 0;

	for (;;) {
		size_t end = tl_str_find_char(s, ' ', at);

		if (end == TL_NPOS)
			end = s.len;
		if (idx-- == 0)
			return tl_str_slice(s, at, end);
		if (end == s.len)
			return (tl_str){ 0 };
		at = end + 1;
	}
}

static bool
check_choice(struct tl_cli *cli, const struct tl_opt *opt, const char *value)
{
	for (size_t i = 0; word_at(opt->choices, i).len > 0; i++)
		if (tl_str_eq(word_at(opt->choices, i), tl_str_from(value)))
			return true;
	tl_cli_fail(cli, "'%s' is no value for --%s: it takes one of: %s",
	    value, opt->name, opt->choices);
	return false;
}

static bool
set_value(struct tl_cli *cli, struct opt_value *v, const char *value)
{
	const struct tl_opt *o = v->opt;

	if (o->kind == TL_OPT_CHOICE && !check_choice(cli, o, value))
		return false;
	if (o->kind == TL_OPT_SIZE &&
	    !tl_str_to_size(tl_str_from(value), &v->size)) {
		tl_cli_fail(cli,
		    "'%s' is no value for --%s: it takes a "
		    "whole number",
		    value, o->name);
		return false;
	}
	v->list = tl_arena_grow(cli->arena, v->list, v->n * sizeof(*v->list),
	    (v->n + 1) * sizeof(*v->list), _Alignof(const char *));
	v->list[v->n++] = value;
	return true;
}

/* One word "--name", "--name=value"; *next is the word behind it or NULL and
 * becomes NULL when it was eaten. */
static bool
parse_long(struct tl_cli *cli, const char *word, const char **next)
{
	tl_str s = tl_str_from(word + 2);
	size_t eq = tl_str_find_char(s, '=', 0);
	tl_str name = tl_str_slice(s, 0, eq);
	struct opt_value *v = find_long(cli->values, name);
	const char *value = "";

	if (v == NULL) {
		unknown_option(cli, name);
		return false;
	}
	if (v->opt->kind == TL_OPT_FLAG) {
		if (eq != TL_NPOS) {
			tl_cli_fail(cli, "--%s takes no value", v->opt->name);
			return false;
		}
	} else if (eq != TL_NPOS) {
		value = word + 2 + eq + 1;
	} else if (*next != NULL) {
		value = *next;
		*next = NULL;
	} else {
		tl_cli_fail(cli, "--%s needs a value: --%s %s", v->opt->name,
		    v->opt->name, v->opt->arg);
		return false;
	}
	return set_value(cli, v, value);
}

/* "-abc", "-j4", "-j 4". */
static bool
parse_letters(struct tl_cli *cli, const char *word, const char **next)
{
	for (const char *p = word + 1; *p != '\0'; p++) {
		struct opt_value *v = find_letter(cli->values, *p);
		const char *value = "";

		if (v == NULL) {
			tl_str s = tl_str_from(p);
			size_t len = tl_utf8_len(s, 0);

			s = tl_str_slice(s, 0, len > 0 ? len : 1);
			tl_cli_fail(cli, "unknown option '-%s'",
			    tl_arena_cstr(cli->arena, s));
			return false;
		}
		if (*p == 'h')
			cli->values->wants_short_help = true;
		if (v->opt->kind != TL_OPT_FLAG) {
			if (p[1] != '\0') {
				value = p[1] == '=' ? p + 2 : p + 1;
			} else if (*next != NULL) {
				value = *next;
				*next = NULL;
			} else {
				tl_cli_fail(cli, "-%c needs a value: -%c %s",
				    *p, *p, v->opt->arg);
				return false;
			}
			return set_value(cli, v, value);
		}
		if (!set_value(cli, v, value))
			return false;
	}
	return true;
}

bool
tl_opts_parse(struct tl_cli *cli, const char *const *argv, size_t n,
    bool stop_early, size_t *used)
{
	const char **args = TL_NEW(cli->arena, const char *, n + 1);
	size_t nargs = 0, i;

	cli->first_path = TL_NPOS;
	for (i = 0; i < n; i++) {
		const char *word = argv[i];
		const char *next = i + 1 < n ? argv[i + 1] : NULL;
		const bool had_next = next != NULL;

		assert(word != NULL);
		if (strcmp(word, "--") == 0 && cli->first_path == TL_NPOS) {
			if (stop_early)
				break;
			cli->first_path = nargs;
		} else if (cli->first_path != TL_NPOS || word[0] != '-' ||
		    word[1] == '\0') {
			if (stop_early)
				break;
			args[nargs++] = word;
		} else if (word[1] == '-') {
			if (!parse_long(cli, word, &next))
				return false;
			i += had_next && next == NULL;
		} else {
			if (!parse_letters(cli, word, &next))
				return false;
			i += had_next && next == NULL;
		}
	}
	if (used != NULL)
		*used = i;
	cli->args = args;
	cli->nargs = nargs;
	cli->has_dashes = cli->first_path != TL_NPOS;
	if (!cli->has_dashes)
		cli->first_path = nargs;
	return true;
}

/* "sequence-len" to "TURNLINT_SEQUENCE_LEN". */
static const char *
env_name(struct tl_arena *a, const char *name)
{
	char *s = tl_arena_printf(a, "TURNLINT_%s", name);

	for (char *p = s; *p != '\0'; p++) {
		if (*p == '-')
			*p = '_';
		else if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
	return s;
}

static bool
is_from_env(const struct tl_opt *o)
{
	if (strcmp(o->name, "output-format") == 0)
		return true;
	/* TURNLINT_CONFIG comes behind the search for a file; for --cache-dir
	 * there is TURNLINT_CACHE. */
	if (o->kind == TL_OPT_FLAG || strcmp(o->name, "config") == 0 ||
	    strcmp(o->name, "cache-dir") == 0)
		return false;
	for (const struct tl_opt *r = tl_recipe_opts; r->name != NULL; r++)
		if (r == o)
			return true;
	return false;
}

bool
tl_opts_from_env(struct tl_cli *cli)
{
	for (size_t i = 0; i < cli->values->n; i++) {
		struct opt_value *v = &cli->values->v[i];
		const char *value;

		if (v->n > 0 || !is_from_env(v->opt))
			continue;
		value = getenv(env_name(cli->arena, v->opt->name));
		if (value == NULL || value[0] == '\0')
			continue;
		if (!set_value(cli, v, value))
			return false;
	}
	return true;
}

bool
tl_opts_wants_short_help(const struct tl_cli *cli)
{
	return cli->values->wants_short_help;
}

static const struct opt_value *
value_of(const struct tl_cli *cli, const char *name)
{
	const struct opt_value *v = find_long(cli->values, tl_str_from(name));

	assert(v != NULL);
	return v;
}

bool
tl_cli_has(const struct tl_cli *cli, const char *name)
{
	return value_of(cli, name)->n > 0;
}

bool
tl_cli_flag(const struct tl_cli *cli, const char *name)
{
	return value_of(cli, name)->n > 0;
}

const char *
tl_cli_string(const struct tl_cli *cli, const char *name, const char *fallback)
{
	const struct opt_value *v = value_of(cli, name);

	return v->n > 0 ? v->list[v->n - 1] : fallback;
}

const char *
tl_cli_variant(const struct tl_cli *cli, const char *name, const char *fallback)
{
	const struct opt_value *v = value_of(cli, name);

	if (v->n == 0)
		return fallback;
	return v->list[cli->variant < v->n ? cli->variant : v->n - 1];
}

size_t
tl_cli_size(const struct tl_cli *cli, const char *name, size_t fallback)
{
	const struct opt_value *v = value_of(cli, name);

	assert(v->opt->kind == TL_OPT_SIZE);
	return v->n > 0 ? v->size : fallback;
}

const char *const *
tl_cli_list(const struct tl_cli *cli, const char *name, size_t *n)
{
	const struct opt_value *v = value_of(cli, name);

	*n = v->n;
	return v->list;
}
