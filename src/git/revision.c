/* SPDX-License-Identifier: Apache-2.0 */
#include "git/internal.h"

#include <stdio.h>
#include <string.h>

const char *
tl_repo_history_hint(const struct tl_repo *r)
{
	return tl_repo_is_shallow(r)
	    ? "; this clone is shallow: fetch more history (git fetch "
	      "--unshallow, or fetch-depth: 0 in CI)"
	    : "";
}

static enum tl_status
fail_revision(const struct tl_repo *r, const char *spec, struct tl_error *err)
{
	return tl_fail(err, TL_ENOENT, "%s is no revision of this repository%s",
	    spec, tl_repo_history_hint(r));
}

/* The object spec names, peeled to `type`. */
static int
lookup(git_object **out, struct tl_repo *r, const char *spec, git_object_t type)
{
	git_object *o;
	int rc = git_revparse_single(&o, r->git, spec);

	if (rc != 0)
		return rc;
	rc = git_object_peel(out, o, type);
	git_object_free(o);
	return rc;
}

static enum tl_status
resolve_tree(struct tl_repo *r, struct tl_arena *a, const char *spec,
    struct tl_tree *out, struct tl_error *err)
{
	git_object *o;

	if (strcmp(spec, "HEAD") == 0 &&
	    git_repository_head_unborn(r->git) == 1) {
		*out = (struct tl_tree){ .kind = TL_TREE_EMPTY,
			.label = "HEAD (no commit yet)" };
		return TL_OK;
	}
	if (lookup(&o, r, spec, GIT_OBJECT_TREE) != 0)
		return fail_revision(r, spec, err);
	out->kind = TL_TREE_COMMIT;
	out->label = tl_arena_cstr(a, tl_str_from(spec));
	git_oid_tostr(out->oid, sizeof(out->oid), git_object_id(o));
	git_object_free(o);
	return TL_OK;
}

/* Split "A..B" and "A...B"; an empty end is HEAD.  False for neither. */
static bool
split_range(struct tl_arena *a, const char *spec, const char **beg,
    const char **end, bool *is_symmetric)
{
	const char *dots = strstr(spec, "..");
	tl_str head;

	/* "../x" and "a/../b" are paths */
	if (dots == NULL || dots[2] == '/' || (dots > spec && dots[-1] == '/'))
		return false;
	*is_symmetric = dots[2] == '.';
	head = (tl_str){ spec, (size_t)(dots - spec) };
	*beg = head.len > 0 ? tl_arena_cstr(a, head) : "HEAD";
	*end = dots + 2 + *is_symmetric;
	if (**end == '\0')
		*end = "HEAD";
	return head.len > 0 || dots[2 + *is_symmetric] != '\0';
}

static enum tl_status
resolve_merge_base(struct tl_repo *r, const char *beg, const char *end,
    struct tl_arena *a, struct tl_tree *out, struct tl_error *err)
{
	git_object *one = NULL, *two = NULL;
	git_oid base;
	char hex[41];
	enum tl_status st = TL_OK;

	if (lookup(&one, r, beg, GIT_OBJECT_COMMIT) != 0) {
		st = fail_revision(r, beg, err);
	} else if (lookup(&two, r, end, GIT_OBJECT_COMMIT) != 0) {
		st = fail_revision(r, end, err);
	} else if (git_merge_base(&base, r->git, git_object_id(one),
		       git_object_id(two)) != 0) {
		st = tl_fail(err, TL_ENOENT, "%s and %s have no merge base%s",
		    beg, end, tl_repo_history_hint(r));
	} else {
		git_oid_tostr(hex, sizeof(hex), &base);
		st = resolve_tree(r, a, hex, out, err);
		out->label = tl_arena_printf(a, "%.10s", hex);
	}
	git_object_free(one);
	git_object_free(two);
	return st;
}

static enum tl_status
resolve_range(struct tl_repo *r, struct tl_arena *a, const char *beg,
    const char *end, bool is_symmetric, struct tl_tree_pair *out,
    struct tl_error *err)
{
	enum tl_status st;

	if (is_symmetric)
		st = resolve_merge_base(r, beg, end, a, &out->old, err);
	else
		st = resolve_tree(r, a, beg, &out->old, err);
	return st == TL_OK ? resolve_tree(r, a, end, &out->new_, err) : st;
}

bool
tl_repo_is_revision(struct tl_repo *r, const char *spec)
{
	struct tl_arena *a = tl_arena_new_like(r->arena);
	struct tl_tree_pair pair = { 0 };
	const char *beg, *end;
	bool is_symmetric, is_rev;

	if (split_range(a, spec, &beg, &end, &is_symmetric))
		is_rev = resolve_range(r, a, beg, end, is_symmetric, &pair,
			     NULL) == TL_OK;
	else
		is_rev = resolve_tree(r, a, spec, &pair.old, NULL) == TL_OK;
	tl_arena_free(a);
	return is_rev;
}

static enum tl_status
resolve_one(struct tl_repo *r, struct tl_arena *a, const char *spec,
    bool is_cached, struct tl_tree_pair *out, struct tl_error *err)
{
	const char *beg, *end;
	bool is_symmetric;

	if (!split_range(a, spec, &beg, &end, &is_symmetric))
		return resolve_tree(r, a, spec, &out->old, err);
	if (is_cached)
		return tl_fail(err, TL_ECONFIG,
		    "--cached compares one revision with the index, not the "
		    "range %s",
		    spec);
	return resolve_range(r, a, beg, end, is_symmetric, out, err);
}

enum tl_status
tl_repo_resolve(struct tl_repo *r, struct tl_arena *a, const char *const *revs,
    size_t nrevs, bool is_cached, struct tl_tree_pair *out,
    struct tl_error *err)
{
	const struct tl_tree index = { .kind = TL_TREE_INDEX,
		.label = "index" };
	const struct tl_tree workdir = { .kind = TL_TREE_WORKDIR,
		.label = "worktree" };
	enum tl_status st = TL_OK;

	*out = (struct tl_tree_pair){ 0 };
	if (nrevs > 2 || (is_cached && nrevs > 1))
		return tl_fail(
		    err, TL_ECONFIG, "too many revisions: %s", revs[nrevs - 1]);
	if (nrevs == 2) {
		st = resolve_tree(r, a, revs[0], &out->old, err);
		return st == TL_OK
		    ? resolve_tree(r, a, revs[1], &out->new_, err)
		    : st;
	}
	out->new_ = is_cached ? index : workdir;
	if (nrevs == 1)
		st = resolve_one(r, a, revs[0], is_cached, out, err);
	else if (is_cached)
		st = resolve_tree(r, a, "HEAD", &out->old, err);
	else
		out->old = index;
	if (st != TL_OK)
		return st;
	if (tl_repo_is_bare(r) && out->new_.kind >= TL_TREE_INDEX)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "a bare repository has no index and no worktree: name two "
		    "revisions");
	return TL_OK;
}

/* ":path", ":0:path" … ":3:path" */
static const char *
index_path(const char *spec, int *stage)
{
	*stage = 0;
	if (spec[1] >= '0' && spec[1] <= '3' && spec[2] == ':') {
		*stage = spec[1] - '0';
		return spec + 3;
	}
	return spec + 1;
}

enum tl_status
tl_repo_blob_name(struct tl_repo *r, struct tl_arena *a, const char *spec,
    struct tl_blob_name *out, struct tl_error *err)
{
	const char *colon = strchr(spec, ':');
	const char *path;
	enum tl_status st;

	*out = (struct tl_blob_name){ 0 };
	if (colon == NULL || colon[1] == '\0')
		return tl_fail(
		    err, TL_ENOENT, "%s names no file in a revision", spec);
	if (colon == spec) {
		out->tree =
		    (struct tl_tree){ .kind = TL_TREE_INDEX, .label = "index" };
		path = index_path(spec, &out->stage);
	} else {
		tl_str rev = { spec, (size_t)(colon - spec) };

		st = resolve_tree(r, a, tl_arena_cstr(a, rev), &out->tree, err);
		if (st != TL_OK)
			return st;
		path = colon + 1;
	}
	if (strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0)
		return tl_repo_path(r, a, path, &out->path, err);
	out->path = tl_str_from(path);
	return TL_OK;
}
