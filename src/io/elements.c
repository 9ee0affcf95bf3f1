/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are elements of an array, alone or inside LMFlow's object, and
 * values that follow each other without any array.
 *
 * What is wrong between elements becomes the file's fault, and the reader goes
 * on with whatever looks like the next element.
 */
#include "io/reader.h"

#include <turnlint/str.h>

/* The rest of a value that is too long, without keeping it.  A broken one has
 * no end to find. */
static void
skip_value(struct tl_reader *r, struct io_walk *w)
{
	enum io_walk_end end = IO_WALK_MORE;

	w->may_wrap = true;
	while (end == IO_WALK_MORE && io_fill(r, 2) > 0) {
		w->at = 0;
		end = io_walk(w, io_rest(r));
		if (end == IO_WALK_BROKEN || w->at == 0)
			w->at = io_rest(r).len;
		io_consume(r, w->at);
	}
	if (end == IO_WALK_BROKEN)
		io_drain(r);
}

static void
take_too_long(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	struct io_walk w = { .may_wrap = true };
	enum io_walk_end end =
	    io_walk(&w, tl_str_slice(io_rest(r), 0, IO_CUT_BYTES));

	io_take(r, a, end == IO_WALK_MORE ? w.at : IO_CUT_BYTES, true, rec);
	if (end == IO_WALK_MORE)
		skip_value(r, &w);
	else
		io_drain(r);
	rec->is_last = io_is_last(r);
}

static void
take_value(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	struct io_extent e = io_find_extent(r);

	r->place = IO_AFTER_VALUE;
	r->was_cut_off = e.is_cut_off;
	if (e.is_too_long)
		take_too_long(r, a, rec);
	else
		io_take(r, a, e.len, false, rec);
}

/* Comments are no JSON, but elements stand behind them. */
static bool
skip_comment(struct tl_reader *r, const char *expected)
{
	tl_str rest;
	bool is_block;

	if (io_fill(r, 2) < 2)
		return false;
	rest = io_rest(r);
	is_block = tl_str_starts(rest, TL_STR("/*"));
	if (!is_block && rest.ptr[0] != '#' &&
	    !tl_str_starts(rest, TL_STR("//")))
		return false;
	io_fault(r, TL_JSON_LITERAL, r->here, "a comment", expected);
	while (io_fill(r, 2) > 0) {
		rest = io_rest(r);
		if (is_block && tl_str_starts(rest, TL_STR("*/"))) {
			io_consume(r, 2);
			break;
		}
		if (!is_block && rest.ptr[0] == '\n')
			break;
		io_consume(r, 1);
	}
	return true;
}

/* ']' was reached. */
static void
close_array(struct tl_reader *r)
{
	if (r->place == IO_AFTER_COMMA)
		io_fault(r, TL_JSON_TRAILING_COMMA, r->comma, "',' before ']'",
		    "']' or a further value");
	io_consume(r, 1);
	r->place =
	    r->file->container == TL_CONTAINER_LMFLOW ? IO_MEMBERS : IO_TAIL;
}

/* Behind the last bracket: nothing, or a second array, or elements that an
 * early bracket shut out. */
static void
read_tail(struct tl_reader *r)
{
	struct tl_record_pos pos;
	int c = io_skip_space(r);
	int first = c;

	if (c < 0) {
		r->place = IO_DONE;
		return;
	}
	pos = r->here;
	if (c == ',') {
		io_consume(r, 1);
		c = io_skip_space(r);
	}
	if (c == '{' || c == '[') {
		io_fault(r, TL_JSON_EXTRA, pos, io_describe(r, first),
		    "nothing after the array");
		r->place = c == '{' ? IO_AFTER_COMMA : IO_BEFORE;
		return;
	}
	io_fault(r, TL_JSON_SYNTAX, pos, io_describe(r, first),
	    "nothing after the array");
	io_drain(r);
}

/* --- the object around LMFlow's array --- */

/* The next n bytes parsed as one value, then consumed; NULL and the file's
 * fault when they are none. */
static const struct tl_json *
parse_piece(struct tl_reader *r, struct tl_arena *scratch, size_t n)
{
	struct tl_json_doc doc;
	tl_str text = tl_arena_str(scratch, tl_str_slice(io_rest(r), 0, n));
	enum tl_status st = tl_json_parse(scratch, text, &doc);

	if (st != TL_OK) {
		struct tl_record here = { .pos = r->here, .bytes = text };
		struct tl_record_pos pos = r->here;

		tl_record_locate(&here, doc.fault_at, &pos.line, &pos.column);
		pos.offset += doc.fault_at;
		io_fault(r, doc.fault, pos,
		    tl_arena_printf(r->arena, "%s", doc.found),
		    tl_arena_printf(r->arena, "%s", doc.expected));
	}
	io_consume(r, n);
	return st == TL_OK ? doc.root : NULL;
}

/* A member's value: the array of records is entered, "type" is kept, the rest
 * is only judged. */
static void
read_member_value(struct tl_reader *r, struct tl_arena *scratch, tl_str name)
{
	const struct tl_json *v;
	struct io_extent e;

	if (tl_str_eq(name, TL_STR("instances")) && io_peek(r) == '[') {
		r->place = IO_BEFORE;
		return;
	}
	e = io_find_extent(r);
	if (e.is_too_long || e.is_cut_off) {
		if (e.is_too_long)
			io_fault(r, TL_JSON_SYNTAX, r->here,
			    "more than 256 MiB", "a shorter value");
		else
			io_fault(r, TL_JSON_TRUNCATED, r->here, "end of input",
			    "the rest of the value");
		io_drain(r);
		return;
	}
	v = parse_piece(r, scratch, e.len);
	if (tl_str_eq(name, TL_STR("type")) && tl_json_is(v, TL_JSON_STRING))
		r->file->lmflow_type = tl_arena_str(r->arena, v->text);
}

static void
read_member(struct tl_reader *r, struct tl_arena *scratch)
{
	const struct tl_json *name;
	struct io_extent e = io_find_extent(r);
	int c;

	name = e.is_too_long ? NULL : parse_piece(r, scratch, e.len);
	c = io_skip_space(r);
	if (c != ':') {
		io_fault(r, c < 0 ? TL_JSON_TRUNCATED : TL_JSON_SYNTAX, r->here,
		    io_describe(r, c), "':' after the name");
		return;
	}
	io_consume(r, 1);
	if (io_skip_space(r) >= 0)
		read_member_value(r, scratch, tl_json_text(name, TL_STR("")));
}

/* One step among the members of the object. */
static void
read_members(struct tl_reader *r, struct tl_arena *scratch)
{
	bool is_next = r->members == IO_AFTER_VALUE;
	const char *expected =
	    is_next ? "',' or '}'" : "a name in double quotes";
	int c = io_skip_space(r);

	if (c == '}') {
		if (r->members == IO_AFTER_COMMA)
			io_fault(r, TL_JSON_TRAILING_COMMA, r->comma,
			    "',' before '}'", "'}' or a further member");
		io_consume(r, 1);
		r->place = IO_TAIL;
	} else if (c == '{' && r->members == IO_BEFORE) {
		io_consume(r, 1);
		r->members = IO_AFTER_OPEN;
	} else if (c == ',' && is_next) {
		r->comma = r->here;
		io_consume(r, 1);
		r->members = IO_AFTER_COMMA;
	} else if (c < 0) {
		if (!r->was_cut_off)
			io_fault(r, TL_JSON_TRUNCATED, r->here, "end of input",
			    expected);
		r->place = IO_DONE;
	} else if ((c == '/' || c == '#') && skip_comment(r, expected)) {
		return;
	} else if (c == '"' && !is_next) {
		r->members = IO_AFTER_VALUE;
		read_member(r, scratch);
	} else {
		io_fault(
		    r, TL_JSON_SYNTAX, r->here, io_describe(r, c), expected);
		if (c == '"')
			r->members = IO_AFTER_COMMA;
		else
			io_consume(r, 1);
	}
}

/* --- the layouts --- */

/* One step between elements.  True: an element begins here. */
static bool
read_separator(struct tl_reader *r)
{
	bool is_next = r->place == IO_AFTER_VALUE;
	const char *expected = is_next	? "',' or ']'"
	    : r->place == IO_AFTER_OPEN ? "a value or ']'"
					: "a value";
	int c = io_skip_space(r);

	if (c < 0) {
		if (!r->was_cut_off)
			io_fault(r, TL_JSON_TRUNCATED, r->here, "end of input",
			    expected);
		r->place = IO_DONE;
	} else if (r->place == IO_BEFORE) {
		io_consume(r, 1);
		r->place = IO_AFTER_OPEN;
	} else if (c == ',' && is_next) {
		r->comma = r->here;
		io_consume(r, 1);
		r->place = IO_AFTER_COMMA;
	} else if (c == ']') {
		close_array(r);
	} else if ((c == '/' || c == '#') && skip_comment(r, expected)) {
		return false;
	} else if (c == ',' || c == '}' || c == ':') {
		io_fault(
		    r, TL_JSON_SYNTAX, r->here, io_describe(r, c), expected);
		io_consume(r, 1);
	} else {
		if (is_next)
			io_fault(r, TL_JSON_SYNTAX, r->here, io_describe(r, c),
			    expected);
		return true;
	}
	return false;
}

enum tl_status
io_next_element(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	while (r->place != IO_DONE) {
		if (r->place == IO_MEMBERS) {
			read_members(r, a);
		} else if (r->place == IO_TAIL) {
			read_tail(r);
		} else if (read_separator(r)) {
			take_value(r, a, rec);
			return TL_OK;
		}
	}
	return TL_EEND;
}

enum tl_status
io_next_value(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	int c = io_skip_space(r);

	if (c < 0)
		return TL_EEND;
	if (r->place == IO_AFTER_VALUE && !r->file->is_array_in_jsonl)
		io_fault(r, TL_JSON_EXTRA, r->here, io_describe(r, c),
		    "nothing after the value");
	take_value(r, a, rec);
	return TL_OK;
}

enum tl_status
io_next_whole(struct tl_reader *r, struct tl_arena *a, struct tl_record *rec)
{
	size_t have;

	if (io_skip_space(r) < 0)
		return TL_EEND;
	have = io_fill(r, TL_MAX_RECORD_BYTES + 1);
	if (have > TL_MAX_RECORD_BYTES) {
		take_too_long(r, a, rec);
		io_drain(r);
	} else {
		io_take(r, a, have, false, rec);
	}
	r->was_cut_off = true;
	return TL_OK;
}
