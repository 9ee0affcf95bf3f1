/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a file lays out its records: told from its first value, what follows it,
 * and, where both leave a choice, its name.
 *
 *	{…}\n{…}\n          lines
 *	{ over lines }      the whole file, or values if more follow
 *	{"instances": […    LMFlow
 *	[…]                 an array, or lines if every line has its own
 *
 * A broken first value must not hide the layout: a line that begins with '{'
 * where no value may stand says that the lines are records.
 */
#include "io/reader.h"
#include "json/skip.h"

#include <turnlint/str.h>

/* A first line longer than this is not searched for its end. */
#define PROBE_BYTES ((size_t)1 << 20)

enum probe_end {
	PROBE_CLOSED,
	PROBE_BROKEN,
	PROBE_TOO_LONG,
};

/* A look ahead that consumes nothing.  Offsets count from the window's start,
 * where the first value begins. */
struct probe {
	struct tl_reader *r;
	size_t at;
	size_t limit;
	bool has_instances;
	enum probe_end end;
};

static int
probe_peek(struct probe *p)
{
	if (p->at > TL_MAX_RECORD_BYTES ||
	    (p->at >= io_rest(p->r).len && io_fill(p->r, p->at + 1) <= p->at))
		return -1;
	return (unsigned char)io_rest(p->r).ptr[p->at];
}

static int
probe_space(struct probe *p)
{
	int c;

	while (
	    (c = probe_peek(p)) == ' ' || c == '\t' || c == '\n' || c == '\r')
		p->at++;
	return c;
}

static bool
stop(struct probe *p, enum probe_end end)
{
	p->end = end;
	return false;
}

/* Over one value; false when there is none or it does not end. */
static bool
probe_value(struct probe *p)
{
	int c = probe_peek(p);
	size_t beg = p->at;
	struct io_walk w = { 0 };

	if (c != '{' && c != '[' && c != '"') {
		while (c >= 0 && c != ',' && c != '}' && c != ']' && c != '{' &&
		    c != '\n') {
			p->at++;
			c = probe_peek(p);
		}
		return p->at > beg ? true : stop(p, PROBE_BROKEN);
	}
	for (;;) {
		size_t have = io_rest(p->r).len;
		enum io_walk_end end =
		    io_walk(&w, tl_str_slice(io_rest(p->r), beg, have));

		p->at = beg + w.at;
		if (end == IO_WALK_CLOSED)
			return true;
		if (end == IO_WALK_BROKEN)
			return stop(p, PROBE_BROKEN);
		if (have > p->limit)
			return stop(p, PROBE_TOO_LONG);
		if (io_fill(p->r, have + 1) == have)
			return stop(p, PROBE_BROKEN);
	}
}

static bool
has_newline(const struct probe *p, size_t beg, size_t end)
{
	return tl_str_find_char(
		   tl_str_slice(io_rest(p->r), 0, end), '\n', beg) != TL_NPOS;
}

/* Name, colon, value.  False when the walk is over. */
static bool
probe_member(struct probe *p)
{
	size_t beg = p->at;
	bool is_instances;
	tl_str name;

	if (probe_peek(p) != '"' || !probe_value(p))
		return stop(p, PROBE_BROKEN);
	name = tl_str_slice(io_rest(p->r), beg, p->at);
	is_instances = tl_str_eq(name, TL_STR("\"instances\""));
	if (probe_space(p) != ':')
		return stop(p, PROBE_BROKEN);
	p->at++;
	if (probe_space(p) == '[' && is_instances) {
		p->has_instances = true;
		p->limit = PROBE_BYTES;
		if (has_newline(p, 0, p->at))
			return stop(p, PROBE_TOO_LONG);
	}
	return probe_value(p);
}

/* Over the members of the object at the window's start. */
static void
probe_object(struct probe *p)
{
	p->at = 1;
	if (probe_space(p) == '}') {
		p->at++;
		p->end = PROBE_CLOSED;
		return;
	}
	while (probe_member(p)) {
		int c = probe_space(p);

		if (c == '}') {
			p->at++;
			p->end = PROBE_CLOSED;
			return;
		}
		if (c != ',') {
			p->end = PROBE_BROKEN;
			return;
		}
		p->at++;
		probe_space(p);
	}
}

/* The first byte of the first line behind `at` that is not blank, or -1;
 * p->at is moved there. */
static int
next_line_byte(struct probe *p, size_t at)
{
	int c;

	p->at = at;
	while ((c = probe_peek(p)) >= 0 && c != '\n')
		p->at++;
	return c < 0 ? -1 : probe_space(p);
}

/* Whether the line at p->at is one whole value. */
static bool
is_whole_line(struct probe *p)
{
	size_t beg = p->at;
	int c;

	if (!probe_value(p) || has_newline(p, beg, p->at))
		return false;
	while ((c = probe_peek(p)) == ' ' || c == '\t' || c == '\r')
		p->at++;
	return c == '\n' || c < 0;
}

static void
set(struct tl_reader *r, enum tl_container container, enum io_layout layout)
{
	r->file->container = container;
	r->layout = layout;
}

static void
set_lmflow(struct tl_reader *r)
{
	set(r, TL_CONTAINER_LMFLOW, IO_ELEMENTS);
	r->place = IO_MEMBERS;
	r->members = IO_BEFORE;
}

static bool
is_named(const struct tl_file *f, const char *suffix)
{
	tl_str path = f->path;

	if (tl_str_ends(path, TL_STR(".gz")))
		path.len -= 3;
	else if (tl_str_ends(path, TL_STR(".zst")))
		path.len -= 4;
	return tl_str_ends(path, tl_str_from(suffix));
}

static bool
is_named_jsonl(const struct tl_file *f)
{
	return is_named(f, ".jsonl") || is_named(f, ".ndjson");
}

/* The first object is sound and ends at p->at. */
static void
detect_closed_object(struct probe *p, bool is_jsonl)
{
	struct tl_reader *r = p->r;
	size_t end = p->at;
	bool is_one_line = !has_newline(p, 0, end);
	int next = probe_space(p);

	if (p->has_instances && !(is_one_line && next == '{'))
		set_lmflow(r);
	else if (is_one_line && (next >= 0 || !is_named(r->file, ".json")))
		set(r, TL_CONTAINER_JSONL, IO_LINES);
	else if (next == '{' || next == '[')
		set(r, TL_CONTAINER_SINGLE, IO_VALUES);
	else
		set(r, TL_CONTAINER_SINGLE, IO_WHOLE);
	r->file->is_array_in_jsonl = is_jsonl && !is_one_line;
}

/* The first object is broken at p->at. */
static void
detect_broken_object(struct probe *p, bool is_jsonl)
{
	struct tl_reader *r = p->r;
	bool is_first_line = !has_newline(p, 0, p->at);
	bool is_lines;
	int next;

	if (is_first_line) {
		next = next_line_byte(p, p->at);
		is_lines = next == '{' ||
		    (!p->has_instances && (next < 0 || is_jsonl));
	} else {
		is_lines = next_line_byte(p, 0) == '{' && is_whole_line(p);
	}
	if (p->has_instances && !is_lines) {
		set_lmflow(r);
		return;
	}
	if (is_lines) {
		set(r, TL_CONTAINER_JSONL, IO_LINES);
		return;
	}
	set(r, TL_CONTAINER_SINGLE, IO_VALUES);
	r->file->is_array_in_jsonl = is_jsonl;
}

static void
detect_object(struct tl_reader *r, bool is_jsonl)
{
	struct probe p = { .r = r, .limit = TL_MAX_RECORD_BYTES };

	probe_object(&p);
	switch (p.end) {
	case PROBE_CLOSED:
		detect_closed_object(&p, is_jsonl);
		break;
	case PROBE_BROKEN:
		detect_broken_object(&p, is_jsonl);
		break;
	case PROBE_TOO_LONG:
		if (p.has_instances)
			set_lmflow(r);
		else if (!has_newline(&p, 0, p.at))
			set(r, TL_CONTAINER_JSONL, IO_LINES);
		else
			set(r, TL_CONTAINER_SINGLE, IO_WHOLE);
		break;
	}
}

static void
detect_array(struct tl_reader *r, bool is_jsonl)
{
	struct probe p = { .r = r, .limit = PROBE_BYTES, .at = 1 };
	int element = probe_space(&p);
	bool is_closed, is_one_line;
	int next;

	p.at = 0;
	is_closed = probe_value(&p);
	is_one_line = !has_newline(&p, 0, p.at);
	next = is_closed ? probe_space(&p) : -1;
	if (is_closed && is_one_line &&
	    (next == '[' || next == '{' ||
		(is_jsonl && next < 0 && element != '{' && element != '[' &&
		    element != ']'))) {
		set(r, TL_CONTAINER_JSONL, IO_LINES);
		return;
	}
	set(r, TL_CONTAINER_ARRAY, IO_ELEMENTS);
	r->place = IO_BEFORE;
	r->file->is_array_in_jsonl = is_jsonl;
}

/* UTF-16 is told by its byte order mark, or by a NUL beside the bracket. */
static bool
is_utf16(tl_str s)
{
	return tl_str_starts(s, TL_STR("\xff\xfe")) ||
	    tl_str_starts(s, TL_STR("\xfe\xff")) ||
	    tl_str_starts(s, TL_STR("{\0")) ||
	    tl_str_starts(s, TL_STR("[\0")) ||
	    tl_str_starts(s, TL_STR("\0{")) || tl_str_starts(s, TL_STR("\0["));
}

/* To the first byte that is not blank: it is returned, -1 if there is none. */
static int
skip_blank_lines(struct tl_reader *r)
{
	int c;

	while ((c = io_peek(r)) == ' ' || c == '\t' || c == '\n' || c == '\r') {
		tl_str rest = io_rest(r);
		size_t n = 0;

		while (n < rest.len && rest.ptr[n] != '\n' &&
		    tl_str_is_blank(tl_str_slice(rest, n, n + 1)))
			n++;
		if (n < rest.len && rest.ptr[n] == '\n') {
			io_note(r, TL_FILE_BLANK_LINE, r->here, n + 1);
			io_consume_line(r, n);
		} else {
			io_consume(r, n);
		}
	}
	return c;
}

void
io_detect(struct tl_reader *r)
{
	bool is_jsonl = is_named_jsonl(r->file);
	int c;

	io_fill(r, IO_BOM.len);
	if (is_utf16(io_rest(r))) {
		io_fault(r, TL_JSON_BAD_UTF8, r->here, "UTF-16 text", "UTF-8");
		set(r, TL_CONTAINER_UNKNOWN, IO_ELEMENTS);
		io_drain(r);
		return;
	}
	while (io_fill(r, IO_BOM.len) >= IO_BOM.len &&
	    tl_str_starts(io_rest(r), IO_BOM))
		io_consume_bom(r);
	c = skip_blank_lines(r);
	r->file->is_blank = c < 0;
	if (c == '{')
		detect_object(r, is_jsonl);
	else if (c == '[')
		detect_array(r, is_jsonl);
	else
		set(r, c < 0 ? TL_CONTAINER_UNKNOWN : TL_CONTAINER_JSONL,
		    IO_LINES);
	if (r->file->container != TL_CONTAINER_JSONL)
		r->file->note_counts[TL_FILE_BLANK_LINE] = 0;
}
