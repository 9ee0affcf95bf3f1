/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/record.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_BYTES ((size_t)64 << 10)

/* 0 bytes: the end. */
static enum tl_status
read_some(int fd, char *buf, size_t n, const char *path, size_t *got,
    struct tl_error *err)
{
	ssize_t r;

	do
		r = read(fd, buf, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return tl_fail(
		    err, TL_EIO, "cannot read %s: %s", path, strerror(errno));
	*got = (size_t)r;
	return TL_OK;
}

static enum tl_status
read_all(struct tl_arena *a, int fd, size_t hint, const char *path, size_t max,
    tl_str *out, struct tl_error *err)
{
	size_t cap = hint > 0 && hint < max ? hint + 1 : FIRST_BYTES;
	size_t len = 0;
	char *buf = tl_arena_bytes(a, cap + 1);

	for (;;) {
		size_t got;
		enum tl_status st =
		    read_some(fd, buf + len, cap - len, path, &got, err);

		if (st != TL_OK)
			return st;
		if (got == 0)
			break;
		len += got;
		if (len > max)
			return tl_fail(err, TL_ELIMIT,
			    "%s is larger than %zu bytes", path, max);
		if (len == cap) {
			buf = tl_arena_grow(a, buf, cap + 1, 2 * cap + 1, 1);
			cap *= 2;
		}
	}
	buf[len] = '\0';
	*out = (tl_str){ buf, len };
	return TL_OK;
}

static enum tl_status
read_head(struct tl_arena *a, int fd, const char *path, size_t max, tl_str *out,
    struct tl_error *err)
{
	char *buf = tl_arena_bytes(a, max + 1);
	size_t len = 0;

	while (len < max) {
		size_t got;
		enum tl_status st =
		    read_some(fd, buf + len, max - len, path, &got, err);

		if (st != TL_OK)
			return st;
		if (got == 0)
			break;
		len += got;
	}
	buf[len] = '\0';
	*out = (tl_str){ buf, len };
	return TL_OK;
}

static enum tl_status
read_file(struct tl_arena *a, const char *path, size_t max, bool is_cut,
    tl_str *out, struct tl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	enum tl_status st;

	if (fd < 0)
		return tl_fail(err, errno == ENOENT ? TL_ENOENT : TL_EIO,
		    "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &info) != 0)
		st = tl_fail(err, TL_EIO, "cannot examine %s: %s", path,
		    strerror(errno));
	else if (S_ISDIR(info.st_mode))
		st = tl_fail(err, TL_EIO, "%s is a directory", path);
	else if (S_ISREG(info.st_mode) && (uintmax_t)info.st_size > max)
		st = is_cut ? read_head(a, fd, path, max, out, err)
			    : tl_fail(err, TL_ELIMIT,
				  "%s is larger than %zu bytes", path, max);
	else
		st = read_all(a, fd,
		    S_ISREG(info.st_mode) ? (size_t)info.st_size : 0, path, max,
		    out, err);
	close(fd);
	return st;
}

enum tl_status
tl_file_read(struct tl_arena *a, const char *path, size_t max, tl_str *out,
    struct tl_error *err)
{
	return read_file(a, path, max, false, out, err);
}

enum tl_status
tl_file_read_head(struct tl_arena *a, const char *path, size_t max, tl_str *out,
    struct tl_error *err)
{
	return read_file(a, path, max, true, out, err);
}
