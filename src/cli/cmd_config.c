/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME ".turnlint.yaml"

/* The configuration that is meant: the operand, --config, or what is found
 * from here; NULL after a message. */
static const struct tl_config *
wanted(struct tl_cli *cli)
{
	const struct tl_config *c;

	if (cli->nargs > 1)
		return tl_cli_load_config(cli, cli->args[1]);
	if (!tl_cli_config(cli, NULL, &c))
		return NULL;
	if (c == NULL)
		tl_cli_fail(cli,
		    "there is no " FILE_NAME " from here upward; "
		    "'turnlint config init' makes one");
	return c;
}

/* A file can be right in form and name a template that does not load. */
static int
check(struct tl_cli *cli)
{
	const struct tl_config *c = wanted(cli);
	int status = TL_EXIT_CLEAN;

	if (c == NULL)
		return TL_EXIT_FAILED;
	for (size_t i = 0; i < c->nrecipes; i++)
		if (tl_cli_open_recipe(cli, &c->recipes[i], false, NULL) ==
		    NULL)
			status = tl_cli_fail(cli, "that was recipe '%s'",
			    tl_arena_cstr(cli->arena, c->recipes[i].name));
	for (size_t i = 0; i < c->ndatasets; i++)
		if (c->datasets[i].recipe.len == 0 &&
		    tl_cli_open_recipe(cli, &c->datasets[i].own, false, NULL) ==
			NULL)
			status = tl_cli_fail(cli, "that was dataset '%s'",
			    tl_arena_cstr(cli->arena, c->datasets[i].path));
	if (status == TL_EXIT_CLEAN && !cli->is_quiet) {
		tl_buf_put_escaped(&cli->out, c->path);
		tl_buf_printf(&cli->out,
		    ": fine (%zu recipe%s, %zu "
		    "dataset%s)\n",
		    c->nrecipes, c->nrecipes == 1 ? "" : "s", c->ndatasets,
		    c->ndatasets == 1 ? "" : "s");
	}
	return status;
}

/* What holds for one data file, or here. */
static int
show(struct tl_cli *cli)
{
	const char *path = cli->nargs > 1 ? cli->args[1] : NULL;
	const struct tl_config_recipe *recipe;
	const struct tl_config *c;

	if (!tl_cli_config(cli, path, &c) ||
	    !tl_cli_config_recipe(cli, c, path, &recipe))
		return TL_EXIT_FAILED;
	if (c == NULL) {
		tl_buf_puts(&cli->out, "# no configuration is in use\n");
		return TL_EXIT_CLEAN;
	}
	tl_buf_puts(&cli->out, "# from ");
	tl_buf_put_escaped(&cli->out, c->path);
	tl_buf_putc(&cli->out, '\n');
	if (path != NULL) {
		tl_buf_puts(&cli->out, "# recipe of ");
		tl_buf_put_escaped(&cli->out, tl_str_from(path));
		tl_buf_puts(&cli->out, ": ");
		if (recipe != NULL && recipe->name.len > 0)
			tl_buf_put_escaped(&cli->out, recipe->name);
		else
			tl_buf_puts(&cli->out,
			    recipe != NULL ? "in place in its dataset"
					   : "none");
		tl_buf_putc(&cli->out, '\n');
	}
	tl_config_put(&cli->out, c);
	return TL_EXIT_CLEAN;
}

/* A first configuration that says nothing and shows everything. */
static void
put_start(struct tl_buf *b)
{
	const struct {
		const char *title;
		const struct tl_key *keys;
		size_t indent;
	} parts[] = {
		{ "Settings", tl_config_keys, 0 },
		{ "In a recipe (recipes: NAME:)", tl_recipe_keys, 4 },
		{ "In a dataset (datasets: -), beside the keys of a recipe",
		    tl_dataset_keys, 4 },
	};

	tl_buf_puts(b,
	    "# turnlint configuration; 'turnlint config check' "
	    "checks it.\n"
	    "# Every key there is, with what it does:\n");
	for (size_t i = 0; i < TL_COUNT(parts); i++) {
		tl_buf_printf(b, "#\n# %s:\n", parts[i].title);
		for (const struct tl_key *k = parts[i].keys; k->name != NULL;
		     k++) {
			tl_buf_puts(b, "#");
			tl_buf_pad(b, ' ', parts[i].indent + 1);
			tl_buf_printf(b, "%s: %s", k->name, k->help);
			if (k->choices != NULL)
				tl_buf_printf(b, " (%s)", k->choices);
			tl_buf_putc(b, '\n');
		}
	}
	tl_buf_puts(b,
	    "\n"
	    "# recipes:\n"
	    "#   main:\n"
	    "#     template: chatml\n"
	    "#     tokenizer: models/mine\n"
	    "#     trainer: reference\n"
	    "#     sequence_len: 4096\n"
	    "# datasets:\n"
	    "#   - path: data/*.jsonl\n"
	    "#     recipe: main\n"
	    "# per_file_ignores:\n"
	    "#   data/legacy/**: [ROL, CNT003]\n"
	    "fail_on: error\n");
}

static int
init(struct tl_cli *cli)
{
	const char *path = cli->nargs > 1 ? cli->args[1] : FILE_NAME;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return tl_cli_fail(
		    cli, "cannot make %s: %s", path, strerror(errno));
	tl_cli_note(cli, "writing %s", path);
	cli->out_fd = fd;
	put_start(&cli->out);
	return TL_EXIT_CLEAN;
}

static int
schema(struct tl_cli *cli)
{
	tl_config_put_schema(&cli->out);
	return TL_EXIT_CLEAN;
}

static int
run(struct tl_cli *cli)
{
	static const struct {
		const char *word;
		int (*fn)(struct tl_cli *cli);
	} words[] = {
		{ "check", check },
		{ "show", show },
		{ "init", init },
		{ "schema", schema },
	};
	const char *names[TL_COUNT(words)];
	const char *near;

	for (size_t i = 0; i < TL_COUNT(words); i++) {
		names[i] = words[i].word;
		if (cli->nargs > 0 && strcmp(cli->args[0], names[i]) == 0) {
			if (cli->nargs > 2)
				return tl_cli_fail(cli,
				    "config %s takes one "
				    "file, not '%s' as well",
				    names[i], cli->args[2]);
			return words[i].fn(cli);
		}
	}
	if (cli->nargs == 0)
		return tl_cli_fail(cli,
		    "say what to do: turnlint config "
		    "check|show|init|schema");
	near =
	    tl_str_nearest(tl_str_from(cli->args[0]), names, TL_COUNT(names));
	if (near != NULL)
		return tl_cli_fail(cli,
		    "unknown word '%s'; did you mean "
		    "'turnlint config %s'?",
		    cli->args[0], near);
	return tl_cli_fail(cli,
	    "unknown word '%s': it is turnlint config "
	    "check|show|init|schema",
	    cli->args[0]);
}

const struct tl_command tl_command_config = {
	.name = "config",
	.summary = "check, show or start a configuration",
	.synopsis = "check|show|init|schema [FILE]",
	.words = "check show init schema",
	.description =
	    "check reads a configuration (FILE, or the one that is "
	    "found from here) and opens every recipe in it; an unknown key is "
	    "named with the nearest known one. show prints what holds for a "
	    "data file. init writes a first " FILE_NAME ". schema prints a "
	    "JSON Schema for editors.",
	.examples = "turnlint config init\n"
		    "turnlint config check\n"
		    "turnlint config show data/train.jsonl",
	.uses_recipe = true,
	.order = 65,
	.run = run,
};
