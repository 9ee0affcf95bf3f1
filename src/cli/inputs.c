/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inputs.h"

#include <turnlint/limits.h>
#include <turnlint/path.h>
#include <turnlint/record.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FOLDER_DEPTH 64

static tl_str
last_name(tl_str path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.ptr[i - 1] == '/')
			return tl_str_slice(path, i, path.len);
	return path;
}

bool
tl_is_data_name(tl_str path)
{
	static const tl_str suffixes[] = { TL_LIT(".jsonl"), TL_LIT(".ndjson"),
		TL_LIT(".json") };
	static const char *const others[] = { "added_tokens.json",
		"chat_template.json", "composer.json", "config.json",
		"dataset_info.json", "dataset_infos.json",
		"generation_config.json", "package-lock.json", "package.json",
		"preprocessor_config.json", "special_tokens_map.json",
		"tokenizer.json", "tokenizer_config.json", "tsconfig.json",
		"vocab.json" };
	tl_str name = last_name(path);

	for (size_t i = 0; i < TL_COUNT(others); i++)
		if (tl_str_eq(name, tl_str_from(others[i])))
			return false;
	if (tl_str_ends(name, TL_STR(".gz")))
		name.len -= 3;
	else if (tl_str_ends(name, TL_STR(".zst")))
		name.len -= 4;
	for (size_t i = 0; i < TL_COUNT(suffixes); i++)
		if (tl_str_ends(name, suffixes[i]))
			return true;
	return false;
}

static bool
has_file(const char *folder, const char *name)
{
	char path[4096];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

	return n > 0 && (size_t)n < sizeof(path) && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode);
}

bool
tl_is_tokenizer(const char *path)
{
	static const char *const names[] = { "tokenizer.json",
		"tokenizer.model", "tekken.json" };
	static const char *const configs[] = { "tokenizer_config.json",
		"config.json", "params.json" };
	tl_str name = last_name(tl_str_from(path));
	bool has_tokenizer = false, has_config = false;
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	if (!S_ISDIR(st.st_mode)) {
		for (size_t i = 0; i < TL_COUNT(names); i++)
			if (tl_str_eq(name, tl_str_from(names[i])))
				return true;
		return tl_str_eq(name, tl_str_from(configs[0])) ||
		    tl_str_ends(name, TL_STR(".gguf")) ||
		    tl_str_ends(name, TL_STR(".tiktoken"));
	}
	/* Datasets may lie in files of such a name, but not beside a model's
	 * configuration. */
	for (size_t i = 0; i < TL_COUNT(names); i++) {
		has_tokenizer |= has_file(path, names[i]);
		has_config |= has_file(path, configs[i]);
	}
	return has_tokenizer && has_config;
}

/* Of the .jinja files in a folder those that speak of messages: others make
 * model cards and Dockerfiles. */
static bool
is_template(struct tl_cli *cli, const char *path)
{
	struct tl_error err;
	tl_str text;

	return tl_str_ends(tl_str_from(path), TL_STR(".jinja")) &&
	    tl_file_read(cli->arena, path, TL_MAX_TEMPLATE_BYTES, &text,
		&err) == TL_OK &&
	    tl_str_find(text, TL_STR("messages"), 0) != TL_NPOS;
}

static void
push(struct tl_cli *cli, struct tl_inputs *in, const char *path)
{
	if (in->n == in->cap) {
		size_t cap = in->cap > 0 ? 2 * in->cap : 16;

		in->list = tl_arena_grow(cli->arena, in->list,
		    in->n * sizeof(*in->list), cap * sizeof(*in->list),
		    _Alignof(const char *));
		in->cap = cap;
	}
	in->list[in->n++] = path;
}

static bool
is_excluded(struct tl_cli *cli, const char *path)
{
	size_t n;
	const char *const *globs = tl_cli_list(cli, "exclude", &n);
	const struct tl_config *config;

	for (size_t i = 0; i < n; i++)
		if (tl_glob_match(tl_str_from(globs[i]), tl_str_from(path)))
			return true;
	/* What is wrong with a configuration is said when the file is read. */
	if (!tl_cli_config(cli, path, &config) || config == NULL)
		return false;
	for (size_t i = 0; i < config->exclude.n; i++)
		if (tl_glob_match(config->exclude.list[i], tl_str_from(path)))
			return true;
	return false;
}

static int
cmp_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder, hidden ones left out, sorted. */
static const char **
list_folder(
    struct tl_cli *cli, struct tl_inputs *in, const char *path, size_t *n)
{
	struct tl_inputs names = { 0 };
	const struct dirent *e;
	DIR *d = opendir(path);

	*n = 0;
	if (d == NULL) {
		tl_cli_fail(cli, "%s: cannot read the folder: %s", path,
		    strerror(errno));
		in->has_failed = true;
		return NULL;
	}
	/* cppcheck-suppress readdirCalled -- one thread alone reads folders */
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			push(cli, &names,
			    tl_arena_cstr(cli->arena, tl_str_from(e->d_name)));
	closedir(d);
	if (names.n > 0)
		qsort(names.list, names.n, sizeof(*names.list), cmp_names);
	*n = names.n;
	return names.list;
}

/* Datasets are given by patterns of absolute paths. */
static bool
matches(struct tl_cli *cli, tl_str glob, const char *path)
{
	return tl_glob_match(
	    glob, tl_str_from(tl_path_absolute(cli->arena, path)));
}

static void
add_folder(struct tl_cli *cli, struct tl_inputs *in, const char *path,
    const tl_str *glob, unsigned depth)
{
	size_t n;
	const char **names = list_folder(cli, in, path, &n);
	tl_str s = tl_str_from(path);
	bool is_here = tl_str_eq(s, TL_STR("."));
	const char *slash = tl_str_ends(s, TL_STR("/")) ? "" : "/";

	for (size_t i = 0; i < n; i++) {
		const char *whole = is_here
		    ? names[i]
		    : tl_arena_printf(
			  cli->arena, "%s%s%s", path, slash, names[i]);
		struct stat st;

		/* Links to folders could go in circles. */
		if (lstat(whole, &st) != 0 || is_excluded(cli, whole))
			continue;
		if (S_ISDIR(st.st_mode) && depth < MAX_FOLDER_DEPTH) {
			add_folder(cli, in, whole, glob, depth + 1);
			continue;
		}
		if (S_ISLNK(st.st_mode) &&
		    (stat(whole, &st) != 0 || S_ISDIR(st.st_mode)))
			continue;
		if (glob != NULL ? matches(cli, *glob, whole)
				 : tl_is_data_name(tl_str_from(names[i])) ||
			    is_template(cli, whole))
			push(cli, in, whole);
	}
}

void
tl_inputs_add(struct tl_cli *cli, struct tl_inputs *in, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && tl_cli_flag(cli, "force-exclude") &&
	    is_excluded(cli, path))
		return;
	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 &&
	    S_ISDIR(st.st_mode)) {
		if (tl_is_tokenizer(path))
			push(cli, in, path);
		add_folder(cli, in, path, NULL, 0);
	} else {
		push(cli, in, path);
	}
}

/* The folder before the first part of a glob that has a wildcard. */
static tl_str
fixed_folder(tl_str glob)
{
	size_t slash = 0;

	for (size_t i = 0; i < glob.len; i++) {
		if (glob.ptr[i] == '/')
			slash = i;
		if (strchr("*?[", glob.ptr[i]) != NULL)
			return tl_str_slice(glob, 0, slash);
	}
	return (tl_str){ 0 };
}

/* As a user here would type it. */
static const char *
from_here(struct tl_cli *cli, tl_str path)
{
	const char *here = tl_path_absolute(cli->arena, ".");
	tl_str top = tl_str_from(here);

	if (tl_str_eq(path, top))
		return ".";
	if (tl_str_starts(path, top) && path.ptr[top.len] == '/')
		path = tl_str_slice(path, top.len + 1, path.len);
	return tl_arena_cstr(cli->arena, path);
}

void
tl_inputs_add_datasets(
    struct tl_cli *cli, struct tl_inputs *in, const struct tl_config *config)
{
	for (size_t i = 0; i < config->ndatasets; i++) {
		tl_str glob = config->datasets[i].path;
		tl_str folder = fixed_folder(glob);

		if (folder.ptr == NULL) {
			tl_inputs_add(cli, in, from_here(cli, glob));
			continue;
		}
		if (folder.len == 0)
			folder = TL_STR("/");
		add_folder(cli, in, from_here(cli, folder), &glob, 0);
	}
}

bool
tl_inputs_add_operands(struct tl_cli *cli, struct tl_inputs *in)
{
	const struct tl_config *config;

	for (size_t i = 0; i < cli->nargs; i++)
		tl_inputs_add(cli, in, cli->args[i]);
	if (cli->nargs > 0)
		return true;
	if (!tl_cli_config(cli, NULL, &config))
		return false;
	if (config != NULL)
		tl_inputs_add_datasets(cli, in, config);
	return true;
}
