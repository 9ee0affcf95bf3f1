/* SPDX-License-Identifier: Apache-2.0 */
#include "git/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <turnlint/limits.h>

/* Git knows the empty blob without storing it; libgit2 looks for it. */
#define EMPTY_BLOB "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

#define MAX_POINTER 1024 /* bytes; git-lfs never writes more */

static void
free_blob(void *arg)
{
	git_blob_free(arg);
}

static enum tl_status
read_blob(struct tl_repo *r, struct tl_arena *a, const git_oid *oid,
    tl_str path, struct tl_content *out, struct tl_error *err)
{
	char hex[41];
	const char *name = tl_arena_cstr(a, path);
	git_odb *odb;
	git_object_t type;
	git_blob *blob;
	size_t len = 0;
	int rc;

	git_oid_tostr(hex, sizeof(hex), oid);
	if (strcmp(hex, EMPTY_BLOB) == 0)
		return TL_OK;
	if (git_repository_odb(&odb, r->git) != 0)
		return tl_git_fail(err, TL_EIO, "cannot read objects");
	rc = git_odb_read_header(&len, &type, odb, oid);
	git_odb_free(odb);
	if (rc == 0 && len > TL_MAX_FILE_BYTES)
		return tl_fail(err, TL_ELIMIT,
		    "%s has %zu bytes as a git object, the limit is %zu; keep "
		    "files of this size in Git LFS",
		    name, len, TL_MAX_FILE_BYTES);
	if (rc == 0)
		rc = git_blob_lookup(&blob, r->git, oid);
	if (rc == GIT_ENOTFOUND)
		return tl_fail(err, TL_EIO,
		    "object %.10s of %s is not in this repository (a partial "
		    "or damaged clone); run: git fetch --refetch",
		    hex, name);
	if (rc != 0)
		return tl_git_fail(err, TL_EIO, "cannot read %s", name);
	tl_arena_defer(a, free_blob, blob);
	out->bytes.ptr = git_blob_rawcontent(blob);
	out->bytes.len = (size_t)git_blob_rawsize(blob);
	return TL_OK;
}

static enum tl_status
no_such_file(const struct tl_tree *tree, const char *path, struct tl_error *err)
{
	return tl_fail(err, TL_ENOENT, "%s has no file %s", tree->label, path);
}

static enum tl_status
read_from_tree(struct tl_repo *r, struct tl_arena *a,
    const struct tl_tree *tree, tl_str path, struct tl_content *out,
    struct tl_error *err)
{
	const char *name = tl_arena_cstr(a, path);
	git_tree *t;
	git_tree_entry *e = NULL;
	enum tl_status st = tl_git_tree(r, tree, &t, err);

	if (st != TL_OK)
		return st;
	if (git_tree_entry_bypath(&e, t, name) != 0 ||
	    git_tree_entry_type(e) != GIT_OBJECT_BLOB) {
		st = no_such_file(tree, name, err);
	} else {
		out->is_link = git_tree_entry_filemode(e) == GIT_FILEMODE_LINK;
		st = read_blob(r, a, git_tree_entry_id(e), path, out, err);
	}
	git_tree_entry_free(e);
	git_tree_free(t);
	return st;
}

static enum tl_status
read_from_index(struct tl_repo *r, struct tl_arena *a,
    const struct tl_tree *tree, tl_str path, int stage, struct tl_content *out,
    struct tl_error *err)
{
	const char *name = tl_arena_cstr(a, path);
	const git_index_entry *e;
	git_index *index;
	enum tl_status st = tl_git_index(r, &index, err);

	if (st != TL_OK)
		return st;
	e = git_index_get_bypath(index, name, stage);
	if (e == NULL || e->mode == GIT_FILEMODE_COMMIT) {
		st = no_such_file(tree, name, err);
	} else {
		out->is_link = e->mode == GIT_FILEMODE_LINK;
		st = read_blob(r, a, &e->id, path, out, err);
	}
	git_index_free(index);
	return st;
}

static enum tl_status
read_link(struct tl_arena *a, const char *path, size_t len,
    struct tl_content *out, struct tl_error *err)
{
	char *target = tl_arena_bytes(a, len + 1);
	ssize_t n = readlink(path, target, len + 1);

	if (n < 0)
		return tl_fail(err, TL_EIO, "cannot read the link %s: %s", path,
		    strerror(errno));
	out->is_link = true;
	out->bytes = (tl_str){ target, (size_t)n };
	return TL_OK;
}

/* The pointer that a small file holds, if it does; its text into *text. */
static bool
file_is_pointer(struct tl_arena *a, const char *path, size_t len, tl_str *text,
    struct tl_lfs_pointer *p)
{
	return len > 0 && len <= MAX_POINTER &&
	    tl_git_map(a, path, text, NULL) == TL_OK && tl_lfs_parse(*text, p);
}

static enum tl_status
read_from_workdir(struct tl_repo *r, struct tl_arena *a,
    const struct tl_tree *tree, tl_str path, struct tl_content *out,
    struct tl_error *err)
{
	const char *name = tl_arena_cstr(a, path);
	const char *disk = tl_arena_printf(a, "%s%s", tl_repo_workdir(r), name);
	struct tl_lfs_pointer p;
	struct stat sb;
	tl_str text;

	if (lstat(disk, &sb) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return no_such_file(tree, name, err);
		return tl_fail(err, TL_EIO, "%s: %s", disk, strerror(errno));
	}
	if (S_ISLNK(sb.st_mode))
		return read_link(a, disk, (size_t)sb.st_size, out, err);
	if (!S_ISREG(sb.st_mode))
		return tl_fail(
		    err, TL_EUNSUPPORTED, "%s is no regular file", disk);
	if (file_is_pointer(a, disk, (size_t)sb.st_size, &text, &p))
		out->bytes = text;
	else
		out->disk_path = disk;
	return TL_OK;
}

static enum tl_status
resolve_pointer(struct tl_repo *r, struct tl_arena *a, struct tl_content *c,
    struct tl_error *err)
{
	struct tl_error why;
	enum tl_status st;

	if (c->is_link || c->disk_path != NULL ||
	    !tl_lfs_parse(c->bytes, &c->lfs))
		return TL_OK;
	st = tl_repo_lfs_object(r, a, &c->lfs, &c->disk_path, &why);
	if (st == TL_ENOENT || st == TL_EIO) {
		c->is_lfs_missing = true;
		c->lfs_why = tl_arena_cstr(a, tl_str_from(why.message));
		return TL_OK;
	}
	if (st != TL_OK)
		return tl_fail(err, st, "%s", why.message);
	c->was_lfs = true;
	c->bytes = (tl_str){ 0 };
	return TL_OK;
}

enum tl_status
tl_repo_read(struct tl_repo *r, struct tl_arena *a, const struct tl_tree *tree,
    tl_str path, int stage, struct tl_content *out, struct tl_error *err)
{
	enum tl_status st = TL_OK;

	*out = (struct tl_content){ 0 };
	switch (tree->kind) {
	case TL_TREE_EMPTY:
		st = no_such_file(tree, tl_arena_cstr(a, path), err);
		break;
	case TL_TREE_COMMIT:
		st = read_from_tree(r, a, tree, path, out, err);
		break;
	case TL_TREE_INDEX:
		st = read_from_index(r, a, tree, path, stage, out, err);
		break;
	case TL_TREE_WORKDIR:
		st = read_from_workdir(r, a, tree, path, out, err);
		break;
	}
	return st == TL_OK ? resolve_pointer(r, a, out, err) : st;
}
