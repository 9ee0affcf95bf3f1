/* SPDX-License-Identifier: Apache-2.0 */
#include "io/reader.h"

#include <turnlint/str.h>

#include <assert.h>
#include <stdlib.h>

#define LFS_MAX 1024

static void
close_reader(void *arg)
{
	struct tl_reader *r = arg;

	free(r->buf);
}

/* A Git LFS pointer is small and says so in its first line. */
static bool
read_lfs_pointer(struct tl_file *f, struct tl_arena *a, tl_str head)
{
	static const tl_str version =
	    TL_LIT("version https://git-lfs.github.com/spec/v1");
	static const tl_str key = TL_LIT("\noid sha256:");
	size_t at, end;

	if (head.len > LFS_MAX || !tl_str_starts(head, version) ||
	    (head.len > version.len && head.ptr[version.len] != '\n' &&
		head.ptr[version.len] != '\r'))
		return false;
	f->is_lfs_pointer = true;
	at = tl_str_find(head, key, 0);
	if (at == TL_NPOS)
		return true;
	at += key.len;
	for (end = at; end < head.len; end++) {
		char c = head.ptr[end];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			break;
	}
	if (end - at == 64)
		f->lfs_oid = tl_arena_str(a, tl_str_slice(head, at, end));
	return true;
}

static struct tl_reader *
new_reader(struct tl_arena *a, tl_str path)
{
	struct tl_reader *r = TL_NEW(a, struct tl_reader, 1);

	r->arena = a;
	r->here = (struct tl_record_pos){ .line = 1, .column = 1 };
	r->file = TL_NEW(a, struct tl_file, 1);
	r->file->path = tl_arena_str(a, path);
	tl_arena_defer(a, close_reader, r);
	return r;
}

static void
begin(struct tl_reader *r)
{
	bool is_all;
	tl_str head = io_source_head(r->source, &is_all);

	r->file->compression = io_source_compression(r->source);
	if (is_all && read_lfs_pointer(r->file, r->arena, head)) {
		r->file->nbytes = head.len;
		r->file->has_final_newline = tl_str_ends(head, TL_STR("\n"));
		r->is_detected = true;
		r->layout = IO_ELEMENTS;
		r->place = IO_DONE;
	}
}

enum tl_status
tl_reader_open(struct tl_arena *a, tl_str path, struct tl_reader **out,
    struct tl_error *err)
{
	bool is_stdin = tl_str_eq(path, TL_STR("-"));
	struct tl_reader *r =
	    new_reader(a, is_stdin ? TL_STR("<stdin>") : path);
	enum tl_status st =
	    io_source_open(a, tl_arena_cstr(a, path), &r->source, err);

	if (st != TL_OK)
		return st;
	begin(r);
	*out = r;
	return TL_OK;
}

enum tl_status
tl_reader_open_mem(struct tl_arena *a, tl_str path, tl_str bytes,
    struct tl_reader **out, struct tl_error *err)
{
	struct tl_reader *r = new_reader(a, path);
	enum tl_status st = io_source_open_mem(a, bytes, &r->source, err);

	if (st != TL_OK)
		return st;
	begin(r);
	*out = r;
	return TL_OK;
}

enum tl_status
tl_reader_keep(struct tl_reader *r, struct tl_error *err)
{
	assert(r->end == 0 && r->here.offset == 0);
	return io_source_keep(r->source, err);
}

const struct tl_file *
tl_reader_file(const struct tl_reader *r)
{
	return r->file;
}

static enum tl_status
next(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	switch (r->layout) {
	case IO_LINES:
		return io_next_line(r, a, rec);
	case IO_ELEMENTS:
		return io_next_element(r, a, rec);
	case IO_VALUES:
		return io_next_value(r, a, rec);
	case IO_WHOLE:
		return io_next_whole(r, a, rec);
	}
	return TL_EEND;
}

/* Reading failed and the last record may lack its end. */
static bool
is_torn(const struct tl_reader *r)
{
	if (r->io_status == TL_OK || r->beg < r->end)
		return false;
	return r->layout == IO_LINES ? r->prev != '\n' : r->was_cut_off;
}

static void
finish_file(struct tl_reader *r)
{
	struct tl_file *f = r->file;

	f->nbytes = r->here.offset;
	f->end_pos = r->here;
	f->has_final_newline = f->nbytes == 0 || r->prev == '\n';
}

enum tl_status
tl_reader_next(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec,
    struct tl_error *err)
{
	enum tl_status st;

	if (!r->is_detected) {
		io_detect(r);
		r->is_detected = true;
	}
	st = next(r, a, rec);
	if (st == TL_OK && !is_torn(r))
		return TL_OK;
	if (st == TL_OK)
		r->file->nrecords--;
	if (r->io_status != TL_OK) {
		if (err != NULL)
			*err = r->io_error;
		return r->io_status;
	}
	if (!r->file->is_lfs_pointer)
		finish_file(r);
	return st;
}

/* Pass over what comes before pos in a stream that began again. */
static void
skip_to(struct tl_reader *r, size_t offset)
{
	while (r->here.offset < offset && io_peek(r) >= 0) {
		size_t n = r->end - r->beg;

		if (n > offset - r->here.offset)
			n = offset - r->here.offset;
		r->beg += n;
		r->here.offset += n;
	}
}

/* The indent of a record, told from the bytes before it as io_consume() told
 * it on the way. */
static size_t
indent_behind(tl_str before, bool is_file_start)
{
	size_t n = 0;

	while (is_file_start && tl_str_starts(before, IO_BOM))
		before = tl_str_slice(before, IO_BOM.len, before.len);
	while (n < before.len) {
		char c = before.ptr[before.len - 1 - n];

		if (c == '\n')
			return n;
		if (!tl_str_is_blank((tl_str){ &c, 1 }))
			return IO_NO_INDENT;
		n++;
	}
	return is_file_start ? n : IO_NO_INDENT;
}

enum tl_status
tl_reader_seek(
    struct tl_reader *r, const struct tl_record_pos *pos, struct tl_error *err)
{
	size_t back =
	    pos->offset < IO_MAX_INDENT + 1 ? pos->offset : IO_MAX_INDENT + 1;
	enum tl_status st;
	size_t at;
	tl_str before;

	if (!r->is_detected) {
		io_detect(r);
		r->is_detected = true;
	}
	st = io_source_seek(r->source, pos->offset - back, &at, err);
	if (st != TL_OK)
		return st;
	r->beg = r->end = 0;
	r->is_eof = false;
	r->io_status = TL_OK;
	r->here = (struct tl_record_pos){ .offset = at };
	skip_to(r, pos->offset - back);
	io_fill(r, back);
	before = tl_str_slice(io_rest(r), 0, back);
	r->indent = indent_behind(before, back == pos->offset);
	r->prev = before.len > 0 ? before.ptr[before.len - 1] : '\0';
	r->beg += before.len;
	r->here = *pos;
	r->place = IO_AFTER_COMMA;
	r->members = IO_AFTER_VALUE;
	r->was_cut_off = false;
	r->has_line_end = false;
	return TL_OK;
}

void
tl_reader_progress(const struct tl_reader *r, uint64_t *done, uint64_t *total)
{
	io_source_progress(r->source, done, total);
}
