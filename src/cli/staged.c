/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/staged.h"

#include "cli/inputs.h"

static bool
is_wanted(const struct tl_change *c, const tl_str *specs, size_t nspecs)
{
	if (c->kind == TL_CHANGE_DELETED || c->is_link || c->is_submodule)
		return false;
	for (size_t i = 0; i < nspecs; i++)
		if (tl_str_eq(specs[i], c->new_path))
			return true;
	return tl_is_data_name(c->new_path);
}

bool
tl_staged_open(struct tl_cli *cli, struct tl_staged *out)
{
	struct tl_arena *a = cli->arena;
	tl_str *specs = TL_NEW(a, tl_str, cli->nargs);
	struct tl_tree_pair trees;
	struct tl_change *changes;
	struct tl_error err;
	tl_str *paths;
	size_t n;

	*out = (struct tl_staged){ 0 };
	if (tl_repo_open(a, NULL, &out->repo, &err) != TL_OK)
		goto fail;
	for (size_t i = 0; i < cli->nargs; i++)
		if (tl_repo_path(out->repo, a, cli->args[i], &specs[i], &err) !=
		    TL_OK)
			goto fail;
	if (tl_repo_resolve(out->repo, a, NULL, 0, true, &trees, &err) !=
		TL_OK ||
	    tl_repo_changes(out->repo, a, &trees, specs, cli->nargs, &changes,
		&n, &err) != TL_OK)
		goto fail;
	paths = TL_NEW(a, tl_str, n);
	for (size_t i = 0; i < n; i++)
		if (is_wanted(&changes[i], specs, cli->nargs))
			paths[out->n++] = changes[i].new_path;
	out->paths = paths;
	out->index = trees.new_;
	return true;
fail:
	tl_cli_fail_error(cli, "--staged", &err);
	return false;
}

bool
tl_staged_read(struct tl_cli *cli, const struct tl_staged *s, size_t i,
    struct tl_arena *a, struct tl_staged_file *out)
{
	const char *top = tl_repo_workdir(s->repo);
	struct tl_content content;
	struct tl_error err;

	out->path = tl_arena_cstr(a, s->paths[i]);
	/* Kept as a key of what was found out: lives as long as the run. */
	out->worktree_path = tl_arena_printf(
	    cli->arena, "%s%s", top != NULL ? top : "", out->path);
	if (tl_repo_read(s->repo, a, &s->index, s->paths[i], 0, &content,
		&err) != TL_OK) {
		tl_cli_fail_error(cli, out->path, &err);
		return false;
	}
	out->bytes = content.bytes;
	if (content.disk_path != NULL &&
	    tl_git_map(a, content.disk_path, &out->bytes, &err) != TL_OK) {
		tl_cli_fail_error(cli, out->path, &err);
		return false;
	}
	return true;
}
