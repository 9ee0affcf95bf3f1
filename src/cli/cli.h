/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h - the command line: option tables, and what every command shares.
 *
 * A command is one file src/cli/cmd_<name>.c that defines
 *
 *	const struct tl_command tl_command_<name> = { … };
 *
 * Options are data: parsing, --help, completion and the manual read the same
 * tables.  Only this folder writes to stdout and stderr or reads the
 * environment.
 */
#ifndef TURNLINT_CLI_H
#define TURNLINT_CLI_H

#include <stdio.h>

#include <turnlint/buf.h>
#include <turnlint/recipe.h>

#define TL_EXIT_CLEAN 0
#define TL_EXIT_FINDINGS 1
#define TL_EXIT_FAILED 2
#define TL_EXIT_INTERRUPTED 130 /* by SIGINT; what was finished is printed */
#define TL_EXIT_PIPE 141	/* the reader of stdout went away */

enum tl_opt_kind {
	TL_OPT_FLAG,   /* --name */
	TL_OPT_STRING, /* --name VALUE or --name=VALUE; the last one counts */
	TL_OPT_SIZE,   /* … a non-negative integer */
	TL_OPT_LIST,   /* may be repeated; all values count */
	TL_OPT_CHOICE, /* one of choices */
};

struct tl_command;

struct tl_opt {
	const char *name; /* without dashes; NULL ends a table */
	char letter;	  /* 0: none */
	enum tl_opt_kind kind;
	const char *arg;     /* "N", "FILE"; NULL for flags */
	const char *help;    /* one sentence, no full stop */
	const char *choices; /* "auto always never" or NULL */
};

/* --format, --template, --tokenizer, --trainer, --trainer-option,
 * --tokenizer-option, --sequence-len, --recipe, --config, --isolated,
 * --cache-dir, --no-cache, --now and the field mappings: for commands whose
 * uses_recipe is set. */
extern const struct tl_opt tl_recipe_opts[];
/* --color, --quiet, --help …: every command has them. */
extern const struct tl_opt tl_common_opts[];

/* The tables a command takes its options from: its own, the recipe's when it
 * uses one, the common ones.  Returns how many.  cmd may be NULL. */
#define TL_MAX_OPT_TABLES 3
size_t tl_opt_tables(const struct tl_command *cmd,
    const struct tl_opt *tables[TL_MAX_OPT_TABLES]);

struct tl_cli;

struct tl_command {
	const char *name;
	const char *summary;  /* one line for the list of commands */
	const char *synopsis; /* "[PATH…|-]" */
	const char *words; /* what the first operand may be, when it is one of
			    * a few words: "init show"; or NULL */
	const char *description;   /* a paragraph for --help and the manual */
	const char *manual;	   /* further sections of the manual, as mdoc */
	const char *examples;	   /* lines "command  # what it does" */
	const struct tl_opt *opts; /* its own, ended by a NULL name; or NULL */
	bool uses_recipe;
	bool is_tokenizer_only;		/* … but renders nothing */
	bool is_hidden;			/* not in the list of commands */
	int order;			/* place in it */
	int (*run)(struct tl_cli *cli); /* the exit status */
};

/* By order; the list is made in the arena. */
const struct tl_command *const *tl_commands(struct tl_arena *a, size_t *n);
const struct tl_command *tl_command_find(tl_str name);

struct tl_cli {
	const struct tl_command *command;
	struct tl_arena *arena;	 /* the run's */
	const char *const *args; /* operands, "--" removed */
	size_t nargs;
	bool has_dashes;   /* "--" was given */
	size_t first_path; /* operands from here on stood behind "--"; nargs if
			    * there was none */
	struct tl_buf out; /* stdout; sent by tl_cli_flush() */
	int out_fd;	   /* where it is sent: 1, or -o FILE */
	enum { TL_OUT_OPEN, TL_OUT_CLOSED, TL_OUT_FAILED } out_state;
	bool use_colour;     /* on stdout, after --color, NO_COLOR, … */
	bool use_colour_err; /* on stderr */
	bool is_quiet;
	bool is_verbose;
	size_t width;	/* of the terminal, 0 when stdout is none */
	size_t variant; /* which of several --recipe and --trainer counts */
	struct tl_cli_values *values;
	struct tl_config_cache *configs; /* made on first use */
	const struct tl_setup *setup;	 /* of --axolotl and its like, once read
					  */
	const char *recipe_failure;	 /* the last one, said once; or NULL */
	void (*on_stderr)(void *ctx);	 /* before each message on stderr: a
					  * progress bar makes room; or NULL */
	void *on_stderr_ctx;
};

/* What was given for an option of the tables; asserts that it is in one. */
bool tl_cli_flag(const struct tl_cli *cli, const char *name);
bool tl_cli_has(const struct tl_cli *cli, const char *name);
const char *tl_cli_string(
    const struct tl_cli *cli, const char *name, const char *fallback);
/* Of several values that of the variant, or the last one. */
const char *tl_cli_variant(
    const struct tl_cli *cli, const char *name, const char *fallback);
size_t tl_cli_size(const struct tl_cli *cli, const char *name, size_t fallback);
const char *const *tl_cli_list(
    const struct tl_cli *cli, const char *name, size_t *n);

/* Print "turnlint: <sentence>" on stderr; returns TL_EXIT_FAILED. */
int tl_cli_fail(const struct tl_cli *cli, const char *fmt, ...) TL_PRINTF(2, 3);
/* As above with err's message, its line and column, and what to do. */
int tl_cli_fail_error(
    const struct tl_cli *cli, const char *what, const struct tl_error *err);
/* A note on stderr unless --quiet. */
void tl_cli_note(const struct tl_cli *cli, const char *fmt, ...)
    TL_PRINTF(2, 3);

/* Send what is in cli->out; false when stdout is gone.  The command then
 * returns whatever it has: main turns it into TL_EXIT_PIPE for a closed pipe,
 * in silence, and into TL_EXIT_FAILED for any other fault. */
bool tl_cli_flush(struct tl_cli *cli);
/* The same once there is much of it: for loops that print. */
bool tl_cli_flush_some(struct tl_cli *cli);

/* True after SIGINT or SIGTERM, when tl_cli_catch_signals() was called. */
bool tl_cli_interrupted(void);
void tl_cli_catch_signals(void);

/* Usage, examples and options of a command (NULL: of the program). */
void tl_help_print(
    struct tl_cli *cli, const struct tl_command *cmd, bool is_long);

/* The recipe of this run: command line over environment over configuration
 * (found from `path`, which may be NULL) over defaults.  *has_recipe says
 * whether anything but the program's own defaults was chosen.  Prints what is
 * wrong and returns NULL on failure. */
const struct tl_recipe *tl_cli_recipe(
    struct tl_cli *cli, const char *path, bool use_defaults, bool *has_recipe);
/* --recipe and --trainer may be given several times: the first of each is
 * tl_cli_recipe()'s, and the recipes of the others are its others. */
/* Says on stderr that the built-in template or tokenizer is in use, if so. */
void tl_cli_note_defaults(const struct tl_cli *cli, const struct tl_recipe *r);

/* tl_reader_open(), seeing through a Git LFS pointer whose object was fetched:
 * the data is read, path stays the name in reports. */
enum tl_status tl_cli_reader(struct tl_arena *a, const char *path,
    struct tl_reader **out, struct tl_error *err) TL_MUST_USE;

/* FILE, FILE:LINE or FILE#ID (when FILE as a whole does not exist). */
struct tl_target {
	const char *path;
	size_t line; /* 0: none */
	tl_str id;   /* ptr NULL: none */
};
struct tl_target tl_cli_target(struct tl_cli *cli, const char *arg);
/* True when rec is what the target names (always, for a bare path). */
bool tl_target_matches(const struct tl_target *t, const struct tl_record *rec);

/* The out-of-memory handler of every arena: message and exit status 2. */
void tl_cli_oom(void *ctx, size_t wanted);

#endif
