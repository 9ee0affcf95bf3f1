/* SPDX-License-Identifier: Apache-2.0 */
#include "io/source.h"

#include <turnlint/str.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#define IN_BYTES ((size_t)128 << 10)

enum kind { KIND_PLAIN, KIND_GZIP, KIND_ZSTD };

struct io_source {
	/* Raw bytes: from fd, or from mem when fd is -1. */
	int fd;
	bool is_stdin;
	bool can_seek;
	tl_str mem;
	uint64_t raw_done, raw_total;
	FILE *spool; /* what a pipe gave so far, or NULL */

	/* Raw bytes read but not yet used. */
	char *in;
	size_t in_at, in_len;
	bool is_raw_end;

	enum kind kind;
	bool is_between; /* at the end of a gzip member or zstd frame */
	z_stream gz;
	ZSTD_DStream *zst;
};

/* --- raw bytes --- */

static enum tl_status
read_fd(
    struct io_source *s, char *buf, size_t cap, size_t *n, struct tl_error *err)
{
	ssize_t got;

	do
		got = read(s->fd, buf, cap);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return tl_fail(err, TL_EIO, "cannot read: %s", strerror(errno));
	*n = (size_t)got;
	if (s->spool != NULL && fwrite(buf, 1, *n, s->spool) != *n)
		return tl_fail(err, TL_EIO,
		    "cannot keep standard input in a temporary file: %s",
		    strerror(errno));
	return TL_OK;
}

static enum tl_status
read_raw(
    struct io_source *s, char *buf, size_t cap, size_t *n, struct tl_error *err)
{
	enum tl_status st = TL_OK;

	*n = 0;
	if (s->fd >= 0) {
		st = read_fd(s, buf, cap, n, err);
	} else {
		tl_str rest =
		    tl_str_slice(s->mem, (size_t)s->raw_done, s->mem.len);

		*n = rest.len < cap ? rest.len : cap;
		if (*n > 0)
			memcpy(buf, rest.ptr, *n);
	}
	if (st != TL_OK)
		return st;
	s->raw_done += *n;
	s->is_raw_end = *n == 0;
	return TL_OK;
}

/* Fill an empty input buffer. */
static enum tl_status
refill(struct io_source *s, struct tl_error *err)
{
	assert(s->in_at == s->in_len);
	s->in_at = s->in_len = 0;
	if (s->is_raw_end)
		return TL_OK;
	return read_raw(s, s->in, IN_BYTES, &s->in_len, err);
}

/* The head must be as large as it can be, also when a pipe gives drops: the
 * magic numbers are read from it. */
static enum tl_status
fill_head(struct io_source *s, struct tl_error *err)
{
	while (s->in_len < IN_BYTES && !s->is_raw_end) {
		size_t n;
		enum tl_status st = read_raw(
		    s, s->in + s->in_len, IN_BYTES - s->in_len, &n, err);

		if (st != TL_OK)
			return st;
		s->in_len += n;
		if (s->fd < 0 || s->in_len >= 4096)
			break;
	}
	return TL_OK;
}

/* --- decompression --- */

static enum kind
kind_of(tl_str head)
{
	static const tl_str gzip = TL_LIT("\x1f\x8b\x08");
	static const tl_str zstd = TL_LIT("\x28\xb5\x2f\xfd");

	if (tl_str_starts(head, gzip))
		return KIND_GZIP;
	if (tl_str_starts(head, zstd))
		return KIND_ZSTD;
	return KIND_PLAIN;
}

static void
stop_decoder(struct io_source *s)
{
	if (s->kind == KIND_GZIP)
		inflateEnd(&s->gz);
	ZSTD_freeDStream(s->zst);
	s->zst = NULL;
	s->kind = KIND_PLAIN;
}

static enum tl_status
start_decoder(struct io_source *s, struct tl_error *err)
{
	enum kind kind = kind_of((tl_str){ s->in, s->in_len });

	if (kind == KIND_GZIP) {
		memset(&s->gz, 0, sizeof(s->gz));
		if (inflateInit2(&s->gz, 15 + 16) != Z_OK)
			return tl_fail(err, TL_EIO, "cannot start zlib");
	} else if (kind == KIND_ZSTD) {
		s->zst = ZSTD_createDStream();
		if (s->zst == NULL)
			return tl_fail(err, TL_EIO, "cannot start zstd");
	}
	s->kind = kind;
	s->is_between = false;
	return TL_OK;
}

static enum tl_status
read_plain(
    struct io_source *s, char *buf, size_t cap, size_t *n, struct tl_error *err)
{
	if (s->in_at == s->in_len) {
		*n = 0;
		return s->is_raw_end ? TL_OK : read_raw(s, buf, cap, n, err);
	}
	*n = s->in_len - s->in_at;
	if (*n > cap)
		*n = cap;
	memcpy(buf, s->in + s->in_at, *n);
	s->in_at += *n;
	return TL_OK;
}

/* Bytes behind the last gzip member that are no member are ignored, as gzip
 * itself does. */
static bool
ends_gzip(struct io_source *s)
{
	tl_str rest = { s->in + s->in_at, s->in_len - s->in_at };

	if (rest.len > 0 && (unsigned char)rest.ptr[0] == 0x1f)
		return inflateReset(&s->gz) != Z_OK;
	return true;
}

static enum tl_status
read_gzip(
    struct io_source *s, char *buf, size_t cap, size_t *n, struct tl_error *err)
{
	*n = 0;
	while (*n == 0) {
		enum tl_status st;
		size_t given;
		int rc;

		if (s->in_at == s->in_len) {
			st = refill(s, err);
			if (st != TL_OK)
				return st;
		}
		if (s->is_between && ends_gzip(s))
			return TL_OK;
		s->is_between = false;
		given = s->in_len - s->in_at;
		if (given == 0)
			return tl_fail(
			    err, TL_EIO, "the gzip data ends too early");
		s->gz.next_in = (unsigned char *)s->in + s->in_at;
		s->gz.avail_in = (unsigned)given;
		s->gz.next_out = (unsigned char *)buf;
		s->gz.avail_out = cap < 1u << 30 ? (unsigned)cap : 1u << 30;
		*n = s->gz.avail_out;
		rc = inflate(&s->gz, Z_NO_FLUSH);
		*n -= s->gz.avail_out;
		s->in_at += given - s->gz.avail_in;
		s->is_between = rc == Z_STREAM_END;
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return tl_fail(err, TL_EIO, "damaged gzip data: %s",
			    s->gz.msg != NULL ? s->gz.msg : "unknown error");
	}
	return TL_OK;
}

static enum tl_status
read_zstd(
    struct io_source *s, char *buf, size_t cap, size_t *n, struct tl_error *err)
{
	ZSTD_outBuffer out = { buf, cap, 0 };

	while (out.pos == 0) {
		ZSTD_inBuffer in;
		size_t rc;

		if (s->in_at == s->in_len) {
			enum tl_status st = refill(s, err);

			if (st != TL_OK)
				return st;
		}
		if (s->in_at == s->in_len && s->is_between)
			break;
		in = (ZSTD_inBuffer){ s->in, s->in_len, s->in_at };
		rc = ZSTD_decompressStream(s->zst, &out, &in);
		if (ZSTD_isError(rc))
			return tl_fail(err, TL_EIO, "damaged zstd data: %s",
			    ZSTD_getErrorName(rc));
		if (in.pos == s->in_len && s->is_raw_end && out.pos == 0 &&
		    rc != 0)
			return tl_fail(
			    err, TL_EIO, "the zstd data ends too early");
		s->is_between = rc == 0;
		s->in_at = in.pos;
	}
	*n = out.pos;
	return TL_OK;
}

/* --- the face --- */

static void
close_source(void *arg)
{
	struct io_source *s = arg;

	stop_decoder(s);
	if (s->fd >= 0 && !s->is_stdin)
		close(s->fd);
	if (s->spool != NULL)
		fclose(s->spool);
}

static struct io_source *
new_source(struct tl_arena *a)
{
	struct io_source *s = TL_NEW(a, struct io_source, 1);

	s->in = tl_arena_bytes(a, IN_BYTES);
	s->fd = -1;
	tl_arena_defer(a, close_source, s);
	return s;
}

/* Read the head and start: the end of every open. */
static enum tl_status
begin(struct io_source *s, struct tl_error *err)
{
	enum tl_status st = fill_head(s, err);

	return st == TL_OK ? start_decoder(s, err) : st;
}

static enum tl_status
open_fd(struct io_source *s, const char *path, struct tl_error *err)
{
	struct stat info;

	s->is_stdin = strcmp(path, "-") == 0;
	s->fd = s->is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return tl_fail(err, errno == ENOENT ? TL_ENOENT : TL_EIO,
		    "cannot open %s: %s", path, strerror(errno));
	if (fstat(s->fd, &info) != 0)
		return tl_fail(err, TL_EIO, "cannot examine %s: %s", path,
		    strerror(errno));
	if (S_ISDIR(info.st_mode))
		return tl_fail(err, TL_EIO, "%s is a directory", path);
	if (S_ISREG(info.st_mode)) {
		/* Standard input may already stand behind the start. */
		off_t here = lseek(s->fd, 0, SEEK_CUR);

		s->raw_total = (uint64_t)info.st_size;
		s->can_seek = here == 0;
	}
	return TL_OK;
}

enum tl_status
io_source_open(struct tl_arena *a, const char *path, struct io_source **out,
    struct tl_error *err)
{
	struct io_source *s = new_source(a);
	enum tl_status st = open_fd(s, path, err);

	*out = s;
	return st == TL_OK ? begin(s, err) : st;
}

enum tl_status
io_source_open_mem(struct tl_arena *a, tl_str bytes, struct io_source **out,
    struct tl_error *err)
{
	struct io_source *s = new_source(a);

	s->mem = bytes;
	s->raw_total = bytes.len;
	s->can_seek = true;
	*out = s;
	return begin(s, err);
}

const char *
io_source_compression(const struct io_source *s)
{
	switch (s->kind) {
	case KIND_GZIP:
		return "gzip";
	case KIND_ZSTD:
		return "zstd";
	case KIND_PLAIN:
		break;
	}
	return NULL;
}

tl_str
io_source_head(const struct io_source *s, bool *is_all)
{
	*is_all = s->is_raw_end ||
	    (s->raw_total > 0 && s->raw_total == s->raw_done) ||
	    (s->fd < 0 && s->in_len == s->mem.len);
	return (tl_str){ s->in, s->in_len };
}

enum tl_status
io_source_read(
    struct io_source *s, char *buf, size_t cap, size_t *n, struct tl_error *err)
{
	switch (s->kind) {
	case KIND_GZIP:
		return read_gzip(s, buf, cap, n, err);
	case KIND_ZSTD:
		return read_zstd(s, buf, cap, n, err);
	case KIND_PLAIN:
		break;
	}
	return read_plain(s, buf, cap, n, err);
}

enum tl_status
io_source_keep(struct io_source *s, struct tl_error *err)
{
	if (s->can_seek || s->spool != NULL)
		return TL_OK;
	assert(s->in_at == 0);
	s->spool = tmpfile();
	if (s->spool == NULL ||
	    fwrite(s->in, 1, s->in_len, s->spool) != s->in_len)
		return tl_fail(err, TL_EIO,
		    "cannot keep standard input in a temporary file: %s",
		    strerror(errno));
	return TL_OK;
}

/* Take what is left of a pipe into its temporary file, and read that from now
 * on. */
static enum tl_status
switch_to_spool(struct io_source *s, struct tl_error *err)
{
	int fd;

	while (!s->is_raw_end) {
		enum tl_status st;

		s->in_at = s->in_len;
		st = refill(s, err);
		if (st != TL_OK)
			return st;
	}
	if (fflush(s->spool) != 0)
		return tl_fail(err, TL_EIO,
		    "cannot keep standard input in a temporary file: %s",
		    strerror(errno));
	fd = dup(fileno(s->spool));
	if (fd < 0)
		return tl_fail(err, TL_EIO, "cannot duplicate a file: %s",
		    strerror(errno));
	if (!s->is_stdin)
		close(s->fd);
	fclose(s->spool);
	s->spool = NULL;
	s->fd = fd;
	s->is_stdin = false;
	s->can_seek = true;
	s->raw_total = s->raw_done;
	return TL_OK;
}

enum tl_status
io_source_seek(
    struct io_source *s, size_t offset, size_t *at, struct tl_error *err)
{
	enum tl_status st;

	if (s->spool != NULL) {
		st = switch_to_spool(s, err);
		if (st != TL_OK)
			return st;
	}
	if (!s->can_seek)
		return tl_fail(
		    err, TL_EUNSUPPORTED, "a pipe cannot be read again");
	*at = s->kind == KIND_PLAIN ? offset : 0;
	if (s->fd >= 0 && lseek(s->fd, (off_t)*at, SEEK_SET) < 0)
		return tl_fail(err, TL_EIO, "cannot seek: %s", strerror(errno));
	s->raw_done = *at;
	s->in_at = s->in_len = 0;
	s->is_raw_end = false;
	if (s->kind == KIND_PLAIN)
		return TL_OK;
	stop_decoder(s);
	return begin(s, err);
}

void
io_source_progress(const struct io_source *s, uint64_t *done, uint64_t *total)
{
	*done = s->raw_done - (s->in_len - s->in_at);
	*total = s->raw_total;
}
