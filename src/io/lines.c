/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are lines.
 */
#include "io/reader.h"

#include <turnlint/str.h>

/* Length of the line at the window's start without its line feed, or TL_NPOS
 * when it is longer than a record may be.  *has_lf: there is a line feed. */
static size_t
line_len(struct tl_reader *r, bool *has_lf)
{
	size_t searched = 0;

	for (;;) {
		tl_str rest = io_rest(r);
		size_t lf = tl_str_find_char(rest, '\n', searched);

		*has_lf = lf != TL_NPOS;
		if (*has_lf)
			return lf <= TL_MAX_RECORD_BYTES ? lf : TL_NPOS;
		if (rest.len > TL_MAX_RECORD_BYTES)
			return TL_NPOS;
		searched = rest.len;
		if (io_fill(r, rest.len + 1) == rest.len)
			return rest.len;
	}
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
		n = line_len(r, &has_lf);
		if (n == TL_NPOS) {
			io_take(r, a, IO_CUT_BYTES, true, rec);
			skip_line(r);
			rec->is_last = io_is_last(r);
			return TL_OK;
		}
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
