/* SPDX-License-Identifier: Apache-2.0 */
/*
 * staged.h - the data files of the git index that a commit would change.
 */
#ifndef TURNLINT_CLI_STAGED_H
#define TURNLINT_CLI_STAGED_H

#include "cli/cli.h"
#include "git/repo.h"

struct tl_staged {
	struct tl_repo *repo;
	struct tl_tree index;
	const tl_str *paths; /* inside the repository */
	size_t n;
};

struct tl_staged_file {
	const char *path;	   /* inside the repository */
	const char *worktree_path; /* where its configuration is searched */
	tl_str bytes;
};

/* What differs from HEAD below the operands (none: everywhere) and has the name
 * of data or is an operand itself.  False after saying what is wrong. */
bool tl_staged_open(struct tl_cli *cli, struct tl_staged *out);

/* The i-th file as the index has it, LFS pointers resolved when the object is
 * here; lives in `a`.  False after saying what is wrong. */
bool tl_staged_read(struct tl_cli *cli, const struct tl_staged *s, size_t i,
    struct tl_arena *a, struct tl_staged_file *out);

#endif
