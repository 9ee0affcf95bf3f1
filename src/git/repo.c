/* SPDX-License-Identifier: Apache-2.0 */
/* realpath() */
#define _XOPEN_SOURCE 700
#include "git/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
last_words(void)
{
	const git_error *e = git_error_last();

	return e != NULL && e->message != NULL ? e->message : "unknown error";
}

enum tl_status
tl_git_fail(struct tl_error *err, enum tl_status st, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return tl_fail(err, st, "%s: %s", what, last_words());
}

static void
close_repo(void *arg)
{
	struct tl_repo *r = arg;

	git_repository_free(r->git);
	git_libgit2_shutdown();
}

/* libgit2 1.5 says "not found" for a refused owner when there is no global
 * configuration to look safe.directory up in, so its words are read too. */
static enum tl_status
open_failure(int rc, const char *path, struct tl_error *err)
{
	const char *words = last_words();
	const char *where = path != NULL ? path : "the current folder";

	if (rc == GIT_EOWNER || strstr(words, "safe.directory") != NULL ||
	    strstr(words, "not owned by current user") != NULL)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "the repository of %s belongs to another user; if you "
		    "trust it, run: git config --global --add safe.directory "
		    "\"$(cd '%s' && git rev-parse --show-toplevel || pwd)\"",
		    where, path != NULL ? path : ".");
	if (strstr(words, "objectformat") != NULL)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "the repository of %s names its objects by SHA-256, which "
		    "libgit2 cannot read; compare exported files instead: "
		    "turnlint diff OLD_FILE NEW_FILE",
		    where);
	if (rc == GIT_ENOTFOUND)
		return tl_fail(
		    err, TL_ENOENT, "%s is not in a git repository", where);
	return tl_git_fail(err, TL_EUNSUPPORTED,
	    "cannot open the repository "
	    "of %s",
	    where);
}

static const char *
current_folder(struct tl_arena *a)
{
	char *p = realpath(".", NULL);
	const char *copy = NULL;

	if (p != NULL)
		copy = tl_arena_cstr(a, tl_str_from(p));
	free(p);
	return copy;
}

enum tl_status
tl_repo_open(struct tl_arena *a, const char *path, struct tl_repo **out,
    struct tl_error *err)
{
	struct tl_repo *r = TL_NEW(a, struct tl_repo, 1);
	int rc;

	if (git_libgit2_init() < 0)
		return tl_git_fail(err, TL_EIO, "libgit2 does not start");
	rc = git_repository_open_ext(&r->git, path,
	    path == NULL ? GIT_REPOSITORY_OPEN_FROM_ENV : 0, NULL);
	if (rc != 0) {
		enum tl_status st = open_failure(rc, path, err);

		git_libgit2_shutdown();
		return st;
	}
	r->arena = a;
	r->cwd = current_folder(a);
	tl_arena_defer(a, close_repo, r);
	*out = r;
	return TL_OK;
}

bool
tl_repo_is_bare(const struct tl_repo *r)
{
	return git_repository_is_bare(r->git) == 1;
}

bool
tl_repo_is_shallow(const struct tl_repo *r)
{
	return git_repository_is_shallow(r->git) == 1;
}

const char *
tl_repo_workdir(const struct tl_repo *r)
{
	return git_repository_workdir(r->git);
}

/* Append the components of s to b, resolving "." and "..".  b holds "" or
 * "/a/b"; false when ".." climbs above the root. */
static bool
append_components(char *b, size_t *len, tl_str s)
{
	size_t at = 0;

	while (at < s.len) {
		size_t end = tl_str_find_char(s, '/', at);
		tl_str part;

		if (end == TL_NPOS)
			end = s.len;
		part = tl_str_slice(s, at, end);
		at = end + 1;
		if (part.len == 0 || tl_str_eq(part, TL_STR(".")))
			continue;
		if (tl_str_eq(part, TL_STR(".."))) {
			if (*len == 0)
				return false;
			while (b[--*len] != '/')
				;
			continue;
		}
		b[(*len)++] = '/';
		memcpy(b + *len, part.ptr, part.len);
		*len += part.len;
	}
	return true;
}

/* Path `abs` below folder `top` (ends in a slash)? */
static bool
strip_top(tl_str abs, tl_str top, tl_str *out)
{
	tl_str bare_top = tl_str_slice(top, 0, top.len - 1);

	if (tl_str_eq(abs, bare_top)) {
		*out = (tl_str){ "", 0 };
		return true;
	}
	if (!tl_str_starts(abs, top))
		return false;
	*out = tl_str_slice(abs, top.len, abs.len);
	return true;
}

enum tl_status
tl_repo_path(const struct tl_repo *r, struct tl_arena *a, const char *arg,
    tl_str *out, struct tl_error *err)
{
	tl_str s = tl_str_from(arg);
	tl_str cwd = tl_str_from(r->cwd);
	const char *top = tl_repo_workdir(r);
	size_t len = 0;
	char *b;

	if (top == NULL) {
		*out = s; /* bare: there is no folder to be relative to */
		return TL_OK;
	}
	/* each component may gain one slash */
	b = tl_arena_bytes(a, 2 * (cwd.len + s.len) + 2);
	if ((!tl_str_starts(s, TL_STR("/")) &&
		!append_components(b, &len, cwd)) ||
	    !append_components(b, &len, s) ||
	    !strip_top((tl_str){ b, len }, tl_str_from(top), out))
		return tl_fail(err, TL_ENOENT,
		    "%s is outside the repository at %s", arg, top);
	return TL_OK;
}

enum tl_status
tl_git_tree(struct tl_repo *r, const struct tl_tree *t, git_tree **out,
    struct tl_error *err)
{
	git_oid oid;

	*out = NULL;
	if (t->kind != TL_TREE_COMMIT)
		return TL_OK;
	if (git_oid_fromstr(&oid, t->oid) != 0 ||
	    git_tree_lookup(out, r->git, &oid) != 0)
		return tl_git_fail(
		    err, TL_EIO, "cannot read the tree of %s", t->label);
	return TL_OK;
}

enum tl_status
tl_git_index(struct tl_repo *r, git_index **out, struct tl_error *err)
{
	if (git_repository_index(out, r->git) != 0)
		return tl_git_fail(err, TL_EIO, "cannot read the index");
	return TL_OK;
}
