/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repo.h - what a git repository holds: trees, the index, the worktree, and the
 * files that differ between two of them.
 *
 * libgit2 stays behind this header.  Everything comes out as plain data in the
 * arena that was passed; what borrows from the repository lives as long as the
 * arena the repository was opened in.  A repository belongs to one thread.
 *
 * Paths inside a repository are UTF-8 or whatever bytes the tree holds, with
 * '/' between folders, relative to the top.  Nothing is ever written.
 */
#ifndef TL_GIT_REPO_H
#define TL_GIT_REPO_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

struct tl_repo;

/* Open the repository that holds path, a folder or a file; NULL: the one of the
 * current folder, as GIT_DIR and GIT_INDEX_FILE have it (hooks need that).
 * TL_ENOENT when there is none; TL_EUNSUPPORTED for one that cannot be read,
 * with the cure in the message.  Closed by the arena. */
enum tl_status tl_repo_open(struct tl_arena *a, const char *path,
    struct tl_repo **out, struct tl_error *err) TL_MUST_USE;

bool tl_repo_is_bare(const struct tl_repo *r);
bool tl_repo_is_shallow(const struct tl_repo *r);
/* To be put behind "no such revision": how a shallow clone gets the history it
 * lacks; "" for any other repository. */
const char *tl_repo_history_hint(const struct tl_repo *r);
/* With a slash at the end; NULL when bare. */
const char *tl_repo_workdir(const struct tl_repo *r);

/* What the user typed, seen from the current folder, as a path inside the
 * repository: "." and ".." are resolved in the text, the top is "".
 * TL_ENOENT when it lies outside. */
enum tl_status tl_repo_path(const struct tl_repo *r, struct tl_arena *a,
    const char *arg, tl_str *out, struct tl_error *err) TL_MUST_USE;

/* --- revisions ----------------------------------------------------------- */

/* One side of a comparison. */
enum tl_tree_kind {
	TL_TREE_EMPTY,	 /* what HEAD is before the first commit */
	TL_TREE_COMMIT,	 /* the tree of a revision */
	TL_TREE_INDEX,	 /* what is staged */
	TL_TREE_WORKDIR, /* the files */
};

struct tl_tree {
	enum tl_tree_kind kind;
	char oid[41];	   /* of a COMMIT's tree, in hex */
	const char *label; /* for people: "HEAD~1", "index", "worktree" */
};

struct tl_tree_pair {
	struct tl_tree old, new_;
};

/* True when spec names something with a tree: "main", "HEAD~2", "A..B". */
bool tl_repo_is_revision(struct tl_repo *r, const char *spec);

/* The two sides that `git diff` would compare, by its grammar: nothing is index
 * and worktree; is_cached is HEAD (or the one revision given) and index; REV is
 * REV and worktree; A B and A..B are two trees; A...B is the merge base and B.
 * An empty end of a range is HEAD. */
enum tl_status tl_repo_resolve(struct tl_repo *r, struct tl_arena *a,
    const char *const *revs, size_t nrevs, bool is_cached,
    struct tl_tree_pair *out, struct tl_error *err) TL_MUST_USE;

/* "REV:path" and ":path" (the index; also ":0:path", and ":1:", ":2:", ":3:"
 * in a conflict).  False when spec is neither; then nothing is filled.  The
 * path of "REV:./x" is relative to the current folder. */
struct tl_blob_name {
	struct tl_tree tree;
	tl_str path;
	int stage; /* of the index */
};
enum tl_status tl_repo_blob_name(struct tl_repo *r, struct tl_arena *a,
    const char *spec, struct tl_blob_name *out,
    struct tl_error *err) TL_MUST_USE;

/* --- files that differ --------------------------------------------------- */

enum tl_change_kind {
	TL_CHANGE_ADDED,
	TL_CHANGE_DELETED,
	TL_CHANGE_MODIFIED,
	TL_CHANGE_RENAMED, /* perhaps modified too */
	TL_CHANGE_TYPE,	   /* file, symbolic link, submodule */
	TL_CHANGE_UNMERGED,
};

struct tl_change {
	enum tl_change_kind kind;
	tl_str old_path, new_path; /* both set, also for an added file;
				    * NUL-terminated */
	bool is_link;		   /* a symbolic link on either side */
	bool is_submodule;	   /* on either side */
};

/* Files that differ between the two sides, sorted by path.  paths (inside the
 * repository; a folder means all below it; * ? [ match as in git, across
 * slashes) narrow the list; none: all.  Untracked files are left out, and so
 * are submodules and files a sparse checkout leaves out. */
enum tl_status tl_repo_changes(struct tl_repo *r, struct tl_arena *a,
    const struct tl_tree_pair *trees, const tl_str *paths, size_t npaths,
    struct tl_change **out, size_t *n, struct tl_error *err) TL_MUST_USE;

/* Does path lie in the folder spec, equal it, or match it as a pattern? */
bool tl_git_path_matches(struct tl_arena *scratch, tl_str path, tl_str spec);

/* --- contents ------------------------------------------------------------ */

/* The text that stands for a large file kept outside. */
struct tl_lfs_pointer {
	tl_str oid;    /* 64 hex digits of a SHA-256 */
	uint64_t size; /* bytes of the object */
};

/* Is this the text of a pointer?  Fields borrow bytes. */
bool tl_lfs_parse(tl_str bytes, struct tl_lfs_pointer *out);

struct tl_content {
	/* On disk: read it there; bytes is empty.  Otherwise bytes, borrowed
	 * from the repository. */
	const char *disk_path;
	tl_str bytes;
	bool is_link;	     /* bytes are the target's name */
	bool was_lfs;	     /* a pointer stood there, resolved */
	bool is_lfs_missing; /* a pointer stands there; bytes are its text */
	const char *lfs_why; /* is_lfs_missing: one sentence */
	struct tl_lfs_pointer lfs;
};

/* The file `path` as the tree has it, LFS pointers resolved.  TL_ENOENT when
 * the tree has no such file. */
enum tl_status tl_repo_read(struct tl_repo *r, struct tl_arena *a,
    const struct tl_tree *tree, tl_str path, int stage, struct tl_content *out,
    struct tl_error *err) TL_MUST_USE;

/* Where the object of a pointer lies: TL_ENOENT when it was not fetched,
 * TL_EIO when the file there has another size. */
enum tl_status tl_repo_lfs_object(const struct tl_repo *r, struct tl_arena *a,
    const struct tl_lfs_pointer *p, const char **path,
    struct tl_error *err) TL_MUST_USE;

/* A whole file mapped for reading, for callers that need bytes; unmapped by
 * the arena.  Meant for LFS objects, which nobody rewrites. */
enum tl_status tl_git_map(struct tl_arena *a, const char *path, tl_str *out,
    struct tl_error *err) TL_MUST_USE;

/* The data for which the pointer in the file at path stands: the object of the
 * repository that holds the file, mapped.  TL_EPARSE when the file is no
 * pointer, else as tl_repo_open() and tl_repo_lfs_object(). */
enum tl_status tl_lfs_follow(struct tl_arena *a, const char *path, tl_str *out,
    struct tl_error *err) TL_MUST_USE;

#endif
