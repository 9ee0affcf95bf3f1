/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are lines.
 */
#include "io/reader.h"

#include <turnlint/str.h>

/* Find the line's end.  False: the line is longer than a record may be. */
static bool
find_line_end(struct tl_reader *r)
{
	size_t searched = 0;

	if (r->has_line_end && r->here.offset <= r->line_end)
		return true;
	for (;;) {
		tl_str rest = io_rest(r);
		size_t lf = tl_str_find_char(rest, '\n', searched);

		r->line_has_lf = lf != TL_NPOS;
		searched = r->line_has_lf ? lf : rest.len;
		if (searched > TL_MAX_RECORD_BYTES)
			return false;
		if (r->line_has_lf || io_fill(r, rest.len + 1) == rest.len)
			break;
	}
	r->has_line_end = true;
	r->line_end = r->here.offset + searched;
	return true;
}

/* A carriage return between two records ends a line for some readers: the
 * offset of the first one outside of strings and brackets, or TL_NPOS. */
static size_t
find_lone_cr(tl_str line)
{
	struct io_walk w = { 0 };

	if (line.len == 0 ||
	    tl_str_find_char(tl_str_slice(line, 0, line.len - 1), '\r', 0) ==
		TL_NPOS)
		return TL_NPOS;
	while (w.at < line.len - 1) {
		char c = line.ptr[w.at];

		if (c == '\r')
			return w.at;
		if (c != '{' && c != '[' && c != '"') {
			w.at++;
			continue;
		}
		if (io_walk(&w, line) != IO_WALK_CLOSED)
			break;
	}
	return TL_NPOS;
}

/* The rest of a line that is too long, without keeping it. */
static void
skip_line(struct tl_reader *r)
{
	while (io_peek(r) >= 0) {
		tl_str rest = io_rest(r);
		size_t lf = tl_str_find_char(rest, '\n', 0);

		io_consume(r, lf != TL_NPOS ? lf + 1 : rest.len);
		if (lf != TL_NPOS)
			break;
	}
}

enum tl_status
io_next_line(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	while (io_peek(r) >= 0) {
		bool has_lf;
		size_t n, cr;
		tl_str line;

		while (r->here.column == 1 &&
		    io_fill(r, IO_BOM.len) >= IO_BOM.len &&
		    tl_str_starts(io_rest(r), IO_BOM))
			io_consume_bom(r);
		if (!find_line_end(r)) {
			io_take(r, a, IO_CUT_BYTES, true, rec);
			skip_line(r);
			rec->is_last = io_is_last(r);
			return TL_OK;
		}
		n = r->line_end - r->here.offset;
		has_lf = r->line_has_lf;
		line = tl_str_slice(io_rest(r), 0, n);
		if (tl_str_is_blank(line)) {
			if (n + has_lf > 0)
				io_note(
				    r, TL_FILE_BLANK_LINE, r->here, n + has_lf);
			io_consume(r, n + has_lf);
			continue;
		}
		cr = find_lone_cr(line);
		if (cr != TL_NPOS) {
			bool is_blank =
			    tl_str_is_blank(tl_str_slice(line, 0, cr));

			if (is_blank)
				io_consume(r, cr);
			else
				io_take(r, a, cr, false, rec);
			io_note(r, TL_FILE_CR, r->here, 1);
			io_consume(r, 1);
			if (is_blank)
				continue;
			rec->is_last = io_is_last(r);
		} else if (has_lf) {
			io_take_line(r, a, n, rec);
		} else {
			io_take(r, a, n, false, rec);
		}
		return TL_OK;
	}
	return TL_EEND;
}
