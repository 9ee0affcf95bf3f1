/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/output.h"

static void
print_version(struct tl_cli *cli)
{
	static const struct {
		const char *name, *version;
	} libraries[] = {
#define LIBRARY(name, version) { name, version },
#include "libraries.inc"
#undef LIBRARY
	};

	tl_buf_puts(&cli->out, "turnlint " TL_VERSION "\n");
	if (!tl_cli_flag(cli, "verbose"))
		return;
	for (size_t i = 0; i < TL_COUNT(libraries); i++)
		tl_buf_printf(&cli->out, "  %s %s\n", libraries[i].name,
		    libraries[i].version);
}

static int
unknown_command(struct tl_cli *cli, const char *word)
{
	size_t n;
	const struct tl_command *const *list = tl_commands(cli->arena, &n);
	const char **names = TL_NEW(cli->arena, const char *, n);
	const char *near;

	if (access(word, F_OK) == 0) {
		tl_cli_fail(cli, "'%s' is a file, no command", word);
		return tl_cli_fail(cli,
		    "hint: did you mean 'turnlint check "
		    "%s'?",
		    word);
	}
	for (size_t i = 0; i < n; i++)
		names[i] = list[i]->name;
	near = tl_str_nearest(tl_str_from(word), names, n);
	if (near != NULL)
		return tl_cli_fail(cli,
		    "unknown command '%s'; did you mean "
		    "'%s'?",
		    word, near);
	return tl_cli_fail(cli,
	    "unknown command '%s'; 'turnlint --help' "
	    "lists what there is",
	    word);
}

/* Help or version were asked for: print and true. */
static bool
answered(struct tl_cli *cli)
{
	if (tl_cli_flag(cli, "help"))
		tl_help_print(
		    cli, cli->command, !tl_opts_wants_short_help(cli));
	else if (tl_cli_flag(cli, "version"))
		print_version(cli);
	else
		return false;
	return true;
}

/* What is said of the cache goes where every reader of a tokenizer looks for
 * it, before there are threads. */
static bool
place_cache(struct tl_cli *cli)
{
	const char *path;
	char here[PATH_MAX];
	struct stat sb;

	if (!cli->command->uses_recipe)
		return true;
	path = tl_cli_string(cli, "cache-dir", NULL);
	if (path != NULL && path[0] == '\0') {
		tl_cli_fail(
		    cli, "--cache-dir needs a folder; --no-cache is for none");
		return false;
	}
	if (path != NULL && stat(path, &sb) == 0 && !S_ISDIR(sb.st_mode)) {
		tl_cli_fail(cli, "--cache-dir: %s is not a folder", path);
		return false;
	}
	if (path != NULL && path[0] != '/') {
		if (getcwd(here, sizeof(here)) == NULL) {
			tl_cli_fail(cli,
			    "--cache-dir: %s: where we are has no name", path);
			return false;
		}
		path = tl_arena_printf(cli->arena, "%s/%s", here, path);
	}
	if (tl_cli_flag(cli, "no-cache"))
		path = "";
	return path == NULL || setenv("TURNLINT_CACHE", path, 1) == 0;
}

static int
run_command(struct tl_cli *cli, const char *const *argv, size_t n)
{
	tl_opts_init(cli);
	if (!tl_opts_parse(cli, argv, n, false, NULL))
		return TL_EXIT_FAILED;
	tl_cli_setup_output(cli);
	if (answered(cli))
		return TL_EXIT_CLEAN;
	if (!tl_opts_from_env(cli) || !place_cache(cli))
		return TL_EXIT_FAILED;
	return cli->command->run(cli);
}

/* Options before the command are the common ones: find the command. */
static int
run(struct tl_cli *cli, const char *const *argv, size_t n)
{
	const char **rest = TL_NEW(cli->arena, const char *, n + 1);
	size_t used;

	tl_opts_init(cli);
	if (!tl_opts_parse(cli, argv, n, true, &used))
		return TL_EXIT_FAILED;
	tl_cli_setup_output(cli);
	if (used < n && strcmp(argv[used], "help") == 0) {
		if (used + 1 < n) {
			cli->command =
			    tl_command_find(tl_str_from(argv[used + 1]));
			if (cli->command == NULL)
				return unknown_command(cli, argv[used + 1]);
		}
		tl_help_print(cli, cli->command, true);
		return TL_EXIT_CLEAN;
	}
	if (used == n || strcmp(argv[used], "--") == 0) {
		if (answered(cli))
			return TL_EXIT_CLEAN;
		tl_help_print(cli, NULL, false);
		cli->out_fd = STDERR_FILENO;
		return TL_EXIT_FAILED;
	}
	cli->command = tl_command_find(tl_str_from(argv[used]));
	if (cli->command == NULL)
		return unknown_command(cli, argv[used]);
	for (size_t i = 0; i < n - 1; i++)
		rest[i] = argv[i < used ? i : i + 1];
	return run_command(cli, rest, n - 1);
}

int
main(int argc, char **argv)
{
	struct tl_cli cli = { .out_fd = STDOUT_FILENO };
	int status;

	/* For the widths of the terminal view; numbers stay in the C locale. */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN); /* write() says EPIPE instead */
	cli.arena = tl_arena_new(tl_cli_oom, NULL);
	tl_buf_init(&cli.out, cli.arena, 0);
	status = run(&cli, (const char *const *)argv + 1,
	    argc > 0 ? (size_t)argc - 1 : 0);
	status = tl_cli_finish(&cli, status);
	tl_arena_free(cli.arena);
	return status;
}
