/* SPDX-License-Identifier: Apache-2.0 */
#include "io/reader.h"

#include <turnlint/str.h>

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP ((size_t)256 << 10)
#define LEAST_READ ((size_t)64 << 10)
/* The longest record, and what is looked at behind it. */
#define LARGEST_CAP (TL_MAX_RECORD_BYTES + ((size_t)2 << 20))
#define PEEK_BYTES ((size_t)64 << 10)

/* Room behind r->end, by moving what is unread to the front or by growing. */
static bool
make_room(struct tl_reader *r, size_t n)
{
	size_t unread = r->end - r->beg;
	size_t cap = r->cap > 0 ? r->cap : FIRST_CAP;
	char *grown;

	if (r->beg > 0 &&
	    (r->cap - r->beg < n || r->cap - r->end < LEAST_READ)) {
		memmove(r->buf, r->buf + r->beg, unread);
		r->beg = 0;
		r->end = unread;
	}
	while (cap - r->end < LEAST_READ || cap - r->beg < n)
		cap *= 2;
	if (cap > LARGEST_CAP && LARGEST_CAP - r->end >= LEAST_READ &&
	    LARGEST_CAP - r->beg >= n)
		cap = LARGEST_CAP;
	if (cap == r->cap)
		return true;
	grown = realloc(r->buf, cap);
	if (grown == NULL) {
		r->io_status = tl_fail(&r->io_error, TL_EIO,
		    "out of memory for a record of %zu bytes", n);
		return false;
	}
	r->buf = grown;
	r->cap = cap;
	return true;
}

size_t
io_fill(struct tl_reader *r, size_t n)
{
	while (r->end - r->beg < n && !r->is_eof) {
		size_t got = 0;
		enum tl_status st = TL_EIO;

		if (make_room(r, n))
			st = r->io_status =
			    io_source_read(r->source, r->buf + r->end,
				r->cap - r->end, &got, &r->io_error);
		r->is_eof = st != TL_OK || got == 0;
		r->end += got;
	}
	return r->end - r->beg;
}

void
io_note(struct tl_reader *r, enum tl_file_note_kind kind,
    struct tl_record_pos pos, size_t len)
{
	struct tl_file *f = r->file;

	if (pos.offset + len <= r->noted)
		return;
	if (f->note_counts[kind] < TL_MAX_FILE_NOTES)
		f->notes[kind][f->note_counts[kind]] =
		    (struct tl_file_note){ pos, len };
	f->note_counts[kind]++;
}

void
io_fault(struct tl_reader *r, enum tl_json_fault fault,
    struct tl_record_pos pos, const char *found, const char *expected)
{
	struct tl_file *f = r->file;

	for (size_t i = 0; i < f->nfaults; i++)
		if (f->faults[i].kind == fault &&
		    f->faults[i].pos.index == pos.index)
			return;
	if (f->nfaults < TL_MAX_FILE_NOTES)
		f->faults[f->nfaults++] =
		    (struct tl_file_fault){ fault, pos, found, expected };
}

const char *
io_describe(struct tl_reader *r, int c)
{
	if (c < 0)
		return "end of input";
	if (c > 0x20 && c < 0x7f)
		return tl_arena_printf(r->arena, "'%c'", c);
	return tl_arena_printf(r->arena, "byte 0x%02x", (unsigned)c);
}

/* Code points, quickly where they are ASCII. */
static size_t
count_columns(tl_str s)
{
	size_t at = 0, n = 0;

	while (at < s.len) {
		uint64_t w;
		size_t step;

		if (s.len - at >= 8) {
			memcpy(&w, s.ptr + at, 8);
			if ((w & UINT64_C(0x8080808080808080)) == 0) {
				at += 8;
				n += 8;
				continue;
			}
		}
		step = tl_utf8_len(s, at);
		at += step > 0 ? step : 1;
		n++;
	}
	return n;
}

/* The line feed at s.ptr[lf] ends the line that goes on at s.ptr[at], where
 * r->here still stands for s.ptr[0]. */
static void
note_line_end(struct tl_reader *r, tl_str s, size_t at, size_t lf)
{
	char before = lf > 0 ? s.ptr[lf - 1] : r->prev;
	bool has_cr = before == '\r';
	enum tl_file_note_kind kind = has_cr ? TL_FILE_CRLF : TL_FILE_LF;
	struct tl_record_pos pos = r->here;

	pos.offset += lf - has_cr;
	if (r->file->note_counts[kind] < TL_MAX_FILE_NOTES)
		pos.column += count_columns(tl_str_slice(s, at, lf - has_cr));
	io_note(r, kind, pos, has_cr ? 2 : 1);
}

static void
pass(struct tl_reader *r, size_t n)
{
	if (n == 0)
		return;
	r->prev = r->buf[r->beg + n - 1];
	r->beg += n;
	r->here.offset += n;
	if (r->noted < r->here.offset)
		r->noted = r->here.offset;
}

static void
next_line(struct tl_reader *r)
{
	r->here.line++;
	r->here.column = 1;
	r->indent = 0;
}

void
io_consume(struct tl_reader *r, size_t n)
{
	tl_str s = { r->buf + r->beg, n };
	tl_str last;
	size_t at = 0, lf;

	while ((lf = tl_str_find_char(s, '\n', at)) != TL_NPOS) {
		note_line_end(r, s, at, lf);
		next_line(r);
		at = lf + 1;
	}
	last = tl_str_slice(s, at, n);
	r->here.column += count_columns(last);
	if (r->indent != IO_NO_INDENT)
		r->indent =
		    tl_str_is_blank(last) ? r->indent + last.len : IO_NO_INDENT;
	pass(r, n);
}

void
io_consume_bom(struct tl_reader *r)
{
	io_note(r, TL_FILE_BOM, r->here, IO_BOM.len);
	pass(r, IO_BOM.len);
}

void
io_consume_line(struct tl_reader *r, size_t n)
{
	note_line_end(r, io_rest(r), 0, n);
	next_line(r);
	pass(r, n + 1);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Blank bytes at the front of s. */
static size_t
blank_len(tl_str s)
{
	size_t n = 0;

	while (n < s.len && is_space(s.ptr[n]))
		n++;
	return n;
}

int
io_skip_space(struct tl_reader *r)
{
	int c;

	while ((c = io_peek(r)) >= 0 && is_space((char)c))
		io_consume(r, blank_len(io_rest(r)));
	return c;
}

void
io_drain(struct tl_reader *r)
{
	while (io_peek(r) >= 0)
		io_consume(r, io_rest(r).len);
	r->place = IO_DONE;
}

bool
io_is_last(struct tl_reader *r)
{
	size_t n = 1;

	for (;;) {
		size_t have = io_fill(r, n);
		size_t blank = blank_len(io_rest(r));

		if (blank < have)
			return false;
		if (have < n)
			return true;
		if (have >= PEEK_BYTES)
			return false;
		n = have + 1;
	}
}

/* The next n bytes as a record, blank ends left out.  Returns how many of them
 * are still to be consumed. */
static size_t
make_record(struct tl_reader *r, struct tl_arena *a, size_t n, bool is_cut,
    struct tl_record *rec)
{
	tl_str s = tl_str_slice(io_rest(r), 0, n);
	size_t blank = blank_len(s);
	size_t end = n;

	while (end > blank && is_space(s.ptr[end - 1]))
		end--;
	if (blank > 0)
		io_consume(r, blank);
	*rec = (struct tl_record){
		.file = r->file,
		.pos = r->here,
		.bytes = tl_arena_str(a, tl_str_slice(s, blank, end)),
		.is_cut = is_cut,
	};
	rec->doc.text = rec->bytes;
	r->here.index++;
	if (r->file->nrecords < r->here.index)
		r->file->nrecords = r->here.index;
	if (is_cut)
		io_note(
		    r, TL_FILE_LONG_LINE, rec->pos, TL_MAX_RECORD_BYTES + 1);
	else if (rec->bytes.len > TL_MAX_LINE_BYTES)
		io_note(r, TL_FILE_LONG_LINE, rec->pos, rec->bytes.len);
	return n - blank;
}

void
io_take(struct tl_reader *r, struct tl_arena *a, size_t n, bool is_cut,
    struct tl_record *rec)
{
	io_consume(r, make_record(r, a, n, is_cut, rec));
	rec->is_last = !is_cut && io_is_last(r);
}

void
io_take_line(
    struct tl_reader *r, struct tl_arena *a, size_t n, struct tl_record *rec)
{
	io_consume_line(r, make_record(r, a, n, false, rec));
	rec->is_last = io_is_last(r);
}
