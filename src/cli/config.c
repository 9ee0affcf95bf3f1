/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config.h"
#include "cli/setup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <turnlint/map.h>
#include <turnlint/path.h>

static const char *const file_names[] = { ".turnlint.yaml", ".turnlint.yml" };

struct tl_config_cache {
	struct tl_map files;   /* path -> struct tl_config */
	struct tl_map folders; /* folder -> path of its file, or NULL */
};

static struct tl_config_cache *
cache_of(struct tl_cli *cli)
{
	if (cli->configs == NULL) {
		cli->configs = TL_NEW(cli->arena, struct tl_config_cache, 1);
		tl_map_init(&cli->configs->files, cli->arena);
		tl_map_init(&cli->configs->folders, cli->arena);
	}
	return cli->configs;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Upward from folder (absolute, no slash at the end) to the one that holds
 * .git, or to the border of the file system. */
static const char *
search_upward(struct tl_cli *cli, tl_str folder)
{
	struct tl_map_entry *e;
	struct stat first, here;
	bool is_new;
	tl_str at = folder;

	e = tl_map_put(&cache_of(cli)->folders, folder, &is_new);
	if (!is_new)
		return e->ptr;
	if (stat(tl_arena_cstr(
		     cli->arena, folder.len > 0 ? folder : TL_STR("/")),
		&first) != 0)
		return NULL;
	for (;;) {
		const char *dir = tl_arena_cstr(cli->arena, at);

		if (stat(at.len > 0 ? dir : "/", &here) != 0 ||
		    here.st_dev != first.st_dev)
			return NULL;
		for (size_t i = 0; i < TL_COUNT(file_names); i++) {
			char *path = tl_arena_printf(
			    cli->arena, "%s/%s", dir, file_names[i]);

			if (!is_file(path))
				continue;
			e->ptr = path;
			return path;
		}
		if (access(tl_arena_printf(cli->arena, "%s/.git", dir), F_OK) ==
			0 ||
		    at.len == 0)
			return NULL;
		while (at.len > 0 && at.ptr[at.len - 1] != '/')
			at.len--;
		at.len -= at.len > 0;
	}
}

/* Of $TURNLINT_CONFIG, $XDG_CONFIG_HOME and the home folder. */
static const char *
user_config(struct tl_cli *cli)
{
	const char *env = getenv("TURNLINT_CONFIG");
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	const char *path = NULL;

	if (env != NULL && env[0] != '\0')
		return env;
	if (xdg != NULL && xdg[0] != '\0')
		path =
		    tl_arena_printf(cli->arena, "%s/turnlint/config.yaml", xdg);
	else if (home != NULL && home[0] != '\0')
		path = tl_arena_printf(
		    cli->arena, "%s/.config/turnlint/config.yaml", home);
	return path != NULL && is_file(path) ? path : NULL;
}

struct tl_config *
tl_cli_load_config(struct tl_cli *cli, const char *path)
{
	struct tl_config_faults *faults =
	    TL_NEW(cli->arena, struct tl_config_faults, 1);
	struct tl_config *c;

	path = tl_path_absolute(cli->arena, path);
	if (tl_config_load(cli->arena, path, &c, faults) == TL_OK)
		return c;
	for (size_t i = 0; i < faults->n; i++) {
		const struct tl_config_fault *f = &faults->list[i];

		if (f->line > 0)
			tl_cli_fail(cli, "%s:%zu:%zu: %s", f->path, f->line,
			    f->column, f->message);
		else if (tl_str_find(tl_str_from(f->message),
			     tl_str_from(f->path), 0) != TL_NPOS)
			tl_cli_fail(cli, "%s", f->message);
		else
			tl_cli_fail(cli, "%s: %s", f->path, f->message);
	}
	return NULL;
}

static bool
find_config(struct tl_cli *cli, const char *path, const struct tl_config **out)
{
	const char *file = tl_cli_string(cli, "config", NULL);
	struct tl_map_entry *e;
	bool is_new;

	*out = NULL;
	if (tl_cli_flag(cli, "isolated"))
		return true;
	if (file == NULL) {
		tl_str s = tl_str_from(
		    tl_path_absolute(cli->arena, path != NULL ? path : "."));
		struct stat st;

		/* A folder is searched from itself on. */
		if (path != NULL &&
		    !(stat(path, &st) == 0 && S_ISDIR(st.st_mode))) {
			while (s.len > 0 && s.ptr[s.len - 1] != '/')
				s.len--;
		}
		if (s.len > 0 && s.ptr[s.len - 1] == '/')
			s.len--;
		file = search_upward(cli, s);
	}
	if (file == NULL)
		file = user_config(cli);
	if (file == NULL)
		return true;
	e = tl_map_put(&cache_of(cli)->files, tl_str_from(file), &is_new);
	if (is_new)
		e->ptr = tl_cli_load_config(cli, file);
	*out = e->ptr;
	return *out != NULL;
}

/* What the trainer's own configuration says, one for each .turnlint.yaml that
 * it is laid over. */
bool
tl_cli_config(
    struct tl_cli *cli, const char *path, const struct tl_config **out)
{
	const struct tl_setup *setup;
	struct tl_map_entry *e;
	tl_str key;
	bool is_new;

	if (!find_config(cli, path, out) || !tl_cli_setup(cli, &setup))
		return false;
	if (setup == NULL)
		return true;
	key = tl_str_from(
	    tl_arena_printf(cli->arena, "setup %p", (const void *)*out));
	e = tl_map_put(&cache_of(cli)->files, key, &is_new);
	if (is_new)
		e->ptr = tl_cli_setup_config(cli, setup, *out);
	*out = e->ptr;
	return true;
}

bool
tl_cli_config_recipe(struct tl_cli *cli, const struct tl_config *config,
    const char *path, const struct tl_config_recipe **out)
{
	const char *name = tl_cli_variant(cli, "recipe", NULL);
	const char **names;
	const char *near;

	*out = NULL;
	if (name == NULL) {
		if (config != NULL)
			*out = tl_config_recipe_for(config,
			    tl_str_from(tl_path_absolute(
				cli->arena, path != NULL ? path : ".")));
		return true;
	}
	if (config == NULL) {
		tl_cli_fail(cli,
		    "--recipe %s: no configuration was found that "
		    "could have it",
		    name);
		return false;
	}
	*out = tl_config_recipe_find(config, tl_str_from(name));
	if (*out != NULL)
		return true;
	names = TL_NEW(cli->arena, const char *, config->nrecipes);
	for (size_t i = 0; i < config->nrecipes; i++)
		names[i] = tl_arena_cstr(cli->arena, config->recipes[i].name);
	near = tl_str_nearest(tl_str_from(name), names, config->nrecipes);
	tl_cli_fail(cli, "there is no recipe '%s' in %s%s%s%s", name,
	    tl_arena_cstr(cli->arena, config->path),
	    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
	return false;
}
