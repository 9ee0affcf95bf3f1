/* SPDX-License-Identifier: Apache-2.0 */
#include "git/internal.h"

#include <fnmatch.h>
#include <stdlib.h>

bool
tl_git_path_matches(struct tl_arena *scratch, tl_str path, tl_str spec)
{
	while (tl_str_ends(spec, TL_STR("/")))
		spec.len--;
	if (spec.len == 0)
		return true;
	if (tl_str_starts(path, spec) &&
	    (path.len == spec.len || path.ptr[spec.len] == '/'))
		return true;
	if (tl_str_find_char(spec, '*', 0) == TL_NPOS &&
	    tl_str_find_char(spec, '?', 0) == TL_NPOS &&
	    tl_str_find_char(spec, '[', 0) == TL_NPOS)
		return false;
	return fnmatch(tl_arena_cstr(scratch, spec),
		   tl_arena_cstr(scratch, path), 0) == 0;
}

static bool
is_wanted(struct tl_arena *scratch, const struct tl_change *c,
    const tl_str *paths, size_t npaths)
{
	for (size_t i = 0; i < npaths; i++) {
		if (tl_git_path_matches(scratch, c->old_path, paths[i]) ||
		    tl_git_path_matches(scratch, c->new_path, paths[i]))
			return true;
	}
	return npaths == 0;
}

static bool
change_kind(git_delta_t status, enum tl_change_kind *out)
{
	switch (status) {
	case GIT_DELTA_ADDED:
		*out = TL_CHANGE_ADDED;
		return true;
	case GIT_DELTA_DELETED:
		*out = TL_CHANGE_DELETED;
		return true;
	case GIT_DELTA_MODIFIED:
		*out = TL_CHANGE_MODIFIED;
		return true;
	case GIT_DELTA_RENAMED:
		*out = TL_CHANGE_RENAMED;
		return true;
	case GIT_DELTA_TYPECHANGE:
		*out = TL_CHANGE_TYPE;
		return true;
	case GIT_DELTA_CONFLICTED:
		*out = TL_CHANGE_UNMERGED;
		return true;
	default:
		return false;
	}
}

/* A sparse checkout leaves the file out: it is absent, not deleted. */
static bool
is_left_out(git_index *index, const git_diff_delta *d)
{
	const git_index_entry *e;

	if (index == NULL || d->status != GIT_DELTA_DELETED)
		return false;
	e = git_index_get_bypath(index, d->old_file.path, 0);
	return e != NULL &&
	    (e->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE) != 0;
}

static bool
has_mode(const git_diff_delta *d, git_filemode_t mode)
{
	return d->old_file.mode == mode || d->new_file.mode == mode;
}

static int
by_path(const void *a, const void *b)
{
	const struct tl_change *x = a, *y = b;

	return tl_str_cmp(x->new_path, y->new_path);
}

static void
collect(git_diff *diff, git_index *index, struct tl_arena *a,
    const tl_str *paths, size_t npaths, struct tl_change **out, size_t *n)
{
	struct tl_arena *scratch = tl_arena_new_like(a);
	size_t ndeltas = git_diff_num_deltas(diff);
	struct tl_change *list = TL_NEW(a, struct tl_change, ndeltas);

	*n = 0;
	for (size_t i = 0; i < ndeltas; i++) {
		const git_diff_delta *d = git_diff_get_delta(diff, i);
		struct tl_change *c = &list[*n];

		if (!change_kind(d->status, &c->kind) || is_left_out(index, d))
			continue;
		c->old_path = tl_str_from(d->old_file.path);
		c->new_path = tl_str_from(d->new_file.path);
		c->is_link = has_mode(d, GIT_FILEMODE_LINK);
		c->is_submodule = has_mode(d, GIT_FILEMODE_COMMIT);
		tl_arena_reset(scratch);
		if (c->is_submodule || !is_wanted(scratch, c, paths, npaths))
			continue;
		c->old_path.ptr = tl_arena_cstr(a, c->old_path);
		c->new_path.ptr = tl_arena_cstr(a, c->new_path);
		(*n)++;
	}
	tl_arena_free(scratch);
	qsort(list, *n, sizeof(*list), by_path);
	*out = list;
}

static int
compare(struct tl_repo *r, const struct tl_tree_pair *trees, git_tree *old_tree,
    git_tree *new_tree, git_index *index, git_diff **diff)
{
	git_diff_options opt;

	git_diff_options_init(&opt, GIT_DIFF_OPTIONS_VERSION);
	opt.flags = GIT_DIFF_INCLUDE_TYPECHANGE;
	opt.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
	switch (trees->new_.kind) {
	case TL_TREE_WORKDIR:
		return trees->old.kind == TL_TREE_INDEX
		    ? git_diff_index_to_workdir(diff, r->git, index, &opt)
		    : git_diff_tree_to_workdir_with_index(
			  diff, r->git, old_tree, &opt);
	case TL_TREE_INDEX:
		return git_diff_tree_to_index(
		    diff, r->git, old_tree, index, &opt);
	case TL_TREE_EMPTY:
	case TL_TREE_COMMIT:
		break;
	}
	return git_diff_tree_to_tree(diff, r->git, old_tree, new_tree, &opt);
}

enum tl_status
tl_repo_changes(struct tl_repo *r, struct tl_arena *a,
    const struct tl_tree_pair *trees, const tl_str *paths, size_t npaths,
    struct tl_change **out, size_t *n, struct tl_error *err)
{
	git_diff_find_options similar;
	git_tree *old_tree = NULL, *new_tree = NULL;
	git_index *index = NULL;
	git_diff *diff = NULL;
	enum tl_status st;

	git_diff_find_options_init(&similar, GIT_DIFF_FIND_OPTIONS_VERSION);
	similar.flags = GIT_DIFF_FIND_RENAMES;
	st = tl_git_tree(r, &trees->old, &old_tree, err);
	if (st == TL_OK)
		st = tl_git_tree(r, &trees->new_, &new_tree, err);
	if (st == TL_OK && trees->new_.kind >= TL_TREE_INDEX)
		st = tl_git_index(r, &index, err);
	if (st == TL_OK &&
	    (compare(r, trees, old_tree, new_tree, index, &diff) != 0 ||
		git_diff_find_similar(diff, &similar) != 0))
		st = tl_git_fail(err, TL_EIO, "cannot compare %s with %s",
		    trees->old.label, trees->new_.label);
	if (st == TL_OK)
		collect(diff,
		    trees->new_.kind == TL_TREE_WORKDIR ? index : NULL, a,
		    paths, npaths, out, n);
	git_diff_free(diff);
	git_index_free(index);
	git_tree_free(new_tree);
	git_tree_free(old_tree);
	return st;
}
