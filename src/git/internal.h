/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal.h - what the files of this folder share.
 */
#ifndef TL_GIT_INTERNAL_H
#define TL_GIT_INTERNAL_H

#include <git2.h>

#include "git/repo.h"

struct tl_repo {
	git_repository *git;
	struct tl_arena *arena;
	const char *cwd; /* physical; NULL when it is gone */
};

/* TL_EIO, or st when given, with "<what>: <libgit2's own words>". */
enum tl_status tl_git_fail(struct tl_error *err, enum tl_status st,
    const char *fmt, ...) TL_PRINTF(3, 4);

/* The tree object of a side; NULL for EMPTY.  The caller frees it. */
enum tl_status tl_git_tree(struct tl_repo *r, const struct tl_tree *t,
    git_tree **out, struct tl_error *err) TL_MUST_USE;

/* The index as it is on disk now; the caller frees it. */
enum tl_status tl_git_index(
    struct tl_repo *r, git_index **out, struct tl_error *err) TL_MUST_USE;

#endif
