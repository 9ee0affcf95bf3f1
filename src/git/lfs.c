/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git LFS keeps a pointer in the tree and the data beside the repository:
 * https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 * libgit2 runs no smudge filter, so the object is looked up here.
 */
#include "git/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_POINTER 1024
#define OID_LEN 64

static bool
is_hex(tl_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
	}
	return true;
}

/* The next line without its end. */
static tl_str
next_line(tl_str s, size_t *at)
{
	size_t end = tl_str_find_char(s, '\n', *at);
	tl_str line = tl_str_slice(s, *at, end == TL_NPOS ? s.len : end);

	*at = end == TL_NPOS ? s.len : end + 1;
	return tl_str_ends(line, TL_STR("\r"))
	    ? tl_str_slice(line, 0, line.len - 1)
	    : line;
}

bool
tl_lfs_parse(tl_str bytes, struct tl_lfs_pointer *out)
{
	static const tl_str version =
	    TL_LIT("version https://git-lfs.github.com/spec/v1");
	static const tl_str oid = TL_LIT("oid sha256:");
	static const tl_str size = TL_LIT("size ");
	size_t at = 0, n;
	bool has_size = false;

	*out = (struct tl_lfs_pointer){ 0 };
	if (bytes.len > MAX_POINTER ||
	    !tl_str_eq(next_line(bytes, &at), version))
		return false;
	while (at < bytes.len) {
		tl_str line = next_line(bytes, &at);

		if (tl_str_starts(line, oid)) {
			out->oid = tl_str_slice(line, oid.len, line.len);
		} else if (tl_str_starts(line, size)) {
			has_size = tl_str_to_size(
			    tl_str_slice(line, size.len, line.len), &n);
			if (has_size)
				out->size = n;
		}
	}
	return has_size && out->oid.len == OID_LEN && is_hex(out->oid);
}

/* The folder that holds objects/: lfs.storage, relative to the git folder that
 * all worktrees share; "lfs" there by default. */
static const char *
storage(const struct tl_repo *r, struct tl_arena *a)
{
	git_config *config = NULL;
	git_buf set = GIT_BUF_INIT;
	const char *dir = "lfs";

	if (git_repository_config(&config, r->git) == 0 &&
	    git_config_get_path(&set, config, "lfs.storage") == 0 &&
	    set.size > 0)
		dir = tl_arena_cstr(a, tl_str_from(set.ptr));
	git_buf_dispose(&set);
	git_config_free(config);
	if (dir[0] == '/')
		return dir;
	return tl_arena_printf(
	    a, "%s%s", git_repository_commondir(r->git), dir);
}

enum tl_status
tl_repo_lfs_object(const struct tl_repo *r, struct tl_arena *a,
    const struct tl_lfs_pointer *p, const char **path, struct tl_error *err)
{
	/* 64 hex digits (see tl_lfs_parse()): the name cannot leave the
	 * storage folder */
	const char *oid = tl_arena_cstr(a, p->oid);
	const char *file = tl_arena_printf(
	    a, "%s/objects/%.2s/%.2s/%s", storage(r, a), oid, oid + 2, oid);
	struct stat sb;

	if (stat(file, &sb) != 0 || !S_ISREG(sb.st_mode))
		return tl_fail(err, TL_ENOENT,
		    "LFS object %.10s (%llu bytes) was not fetched; run: git "
		    "lfs pull",
		    oid, (unsigned long long)p->size);
	if ((uint64_t)sb.st_size != p->size)
		return tl_fail(err, TL_EIO,
		    "LFS object %.10s has %llu bytes, its pointer says %llu; "
		    "delete %s and run: git lfs pull",
		    oid, (unsigned long long)sb.st_size,
		    (unsigned long long)p->size, file);
	*path = file;
	return TL_OK;
}

struct mapping {
	void *ptr;
	size_t len;
};

static void
unmap(void *arg)
{
	struct mapping *m = arg;

	munmap(m->ptr, m->len);
}

enum tl_status
tl_git_map(
    struct tl_arena *a, const char *path, tl_str *out, struct tl_error *err)
{
	struct mapping *m = TL_NEW(a, struct mapping, 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat sb;

	if (fd < 0 || fstat(fd, &sb) != 0) {
		int why = errno;

		if (fd >= 0)
			close(fd);
		return tl_fail(err, TL_EIO, "%s: %s", path, strerror(why));
	}
	*out = (tl_str){ "", 0 };
	m->len = (size_t)sb.st_size;
	if (m->len > 0) {
		m->ptr = mmap(NULL, m->len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (m->ptr == MAP_FAILED) {
			close(fd);
			return tl_fail(
			    err, TL_EIO, "%s: %s", path, strerror(errno));
		}
		*out = (tl_str){ m->ptr, m->len };
		tl_arena_defer(a, unmap, m);
	}
	close(fd);
	return TL_OK;
}

enum tl_status
tl_lfs_follow(
    struct tl_arena *a, const char *path, tl_str *out, struct tl_error *err)
{
	struct tl_lfs_pointer p;
	struct tl_repo *r;
	const char *object;
	struct stat sb;
	tl_str text;
	enum tl_status st;

	/* a pipe must not be opened, what is in it would be lost */
	if (stat(path, &sb) != 0 || !S_ISREG(sb.st_mode) ||
	    sb.st_size > MAX_POINTER ||
	    tl_git_map(a, path, &text, NULL) != TL_OK ||
	    !tl_lfs_parse(text, &p))
		return tl_fail(err, TL_EPARSE, "%s is no LFS pointer", path);
	st = tl_repo_open(a, path, &r, err);
	if (st == TL_OK)
		st = tl_repo_lfs_object(r, a, &p, &object, err);
	return st == TL_OK ? tl_git_map(a, object, out, err) : st;
}
