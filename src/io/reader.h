/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h - what the parts of the reader share.
 *
 *	window.c    a window on the decompressed bytes that knows its line and
 *	            column
 *	extent.c    where a value ends, and where to go on behind a broken one
 *	detect.c    how the file lays out its records
 *	lines.c     records that are lines
 *	elements.c  records that are elements of an array, or follow each other
 *	reader.c    the public face
 */
#ifndef TURNLINT_IO_READER_H
#define TURNLINT_IO_READER_H

#include "io/source.h"

#include <turnlint/limits.h>
#include <turnlint/record.h>

/* Of a record that is over its limit this much is kept, for the report. */
#define IO_CUT_BYTES ((size_t)64 << 10)

enum io_layout {
	IO_LINES,    /* a record a line */
	IO_ELEMENTS, /* elements of an array */
	IO_VALUES,   /* values that follow each other over many lines */
	IO_WHOLE,    /* all of the file is one */
};

/* Where in an array, or in the object around it, the reader stands. */
enum io_place {
	IO_BEFORE,	/* the opening bracket is to come */
	IO_AFTER_OPEN,	/* '[' was read */
	IO_AFTER_VALUE, /* an element was read */
	IO_AFTER_COMMA,
	IO_MEMBERS, /* LMFlow: among the members of the object */
	IO_TAIL,    /* behind the last bracket */
	IO_DONE,
};

struct tl_reader {
	struct tl_arena *arena;
	struct tl_file *file;
	struct io_source *source;

	/* The window: bytes [beg, end) of buf are read and not yet consumed;
	 * `here` is the place of buf[beg]. */
	char *buf;
	size_t beg, end, cap;
	bool is_eof;
	struct tl_record_pos here;
	char prev;     /* the byte before here */
	size_t noted;  /* notes before this offset are in the file already */
	size_t indent; /* blank bytes of this line before here, or IO_NO_INDENT
			* when others stand there too, or too many */
	enum tl_status io_status;
	struct tl_error io_error;

	/* Lines: the end of the line at here, once it is known.  A line with
	 * lone carriage returns holds many records. */
	bool has_line_end, line_has_lf;
	size_t line_end; /* offset in the file */

	bool is_detected;
	enum io_layout layout;
	enum io_place place;
	enum io_place members;	    /* the same for LMFlow's object */
	struct tl_record_pos comma; /* the last one between elements */
	bool was_cut_off; /* the last element ran into the end of the file */
	size_t wasted;	  /* bytes looked at in vain behind broken elements */
};

#define IO_BOM TL_STR("\xef\xbb\xbf")

#define IO_NO_INDENT ((size_t)-1)
#define IO_MAX_INDENT 1024

/* --- window.c --- */

/* Try to have at least n unread bytes; returns how many there are.  Fewer than
 * n means the end of the file, or of what could be read. */
size_t io_fill(struct tl_reader *r, size_t n);

/* The unread bytes. */
static inline tl_str
io_rest(const struct tl_reader *r)
{
	return (tl_str){ r->buf + r->beg, r->end - r->beg };
}

/* The next byte, or -1. */
static inline int
io_peek(struct tl_reader *r)
{
	if (r->beg == r->end && io_fill(r, 1) == 0)
		return -1;
	return (unsigned char)r->buf[r->beg];
}

/* Pass over n unread bytes; lines, columns and line endings are counted. */
void io_consume(struct tl_reader *r, size_t n);
/* Pass over the byte order mark that stands there, and note it.  It takes no
 * column. */
void io_consume_bom(struct tl_reader *r);
/* Pass over one whole line: n bytes without its line feed. */
void io_consume_line(struct tl_reader *r, size_t n);
/* Pass over JSON whitespace; returns the next byte or -1. */
int io_skip_space(struct tl_reader *r);

/* Pass over all the rest: there are no more records. */
void io_drain(struct tl_reader *r);

/* Whether nothing but whitespace follows.  Looks 64 KiB ahead: more blank
 * bytes than that count as something. */
bool io_is_last(struct tl_reader *r);

void io_note(struct tl_reader *r, enum tl_file_note_kind kind,
    struct tl_record_pos pos, size_t len);
/* Keep what is wrong between records: one of a kind before each record. */
void io_fault(struct tl_reader *r, enum tl_json_fault fault,
    struct tl_record_pos pos, const char *found, const char *expected);
/* "'}'": what a message calls this byte, -1 for the end. */
const char *io_describe(struct tl_reader *r, int c);

/* The next n unread bytes as a record, blank ends left out, then consumed.
 * is_cut: the record goes on behind them. */
void io_take(struct tl_reader *r, struct tl_arena *a, size_t n, bool is_cut,
    struct tl_record *rec);
/* The same for a whole line of n bytes and its line feed. */
void io_take_line(
    struct tl_reader *r, struct tl_arena *a, size_t n, struct tl_record *rec);

/* --- extent.c --- */

/* A walk over brackets and strings that can stop and go on. */
struct io_walk {
	size_t at; /* bytes behind the first one of the value */
	size_t depth;
	bool in_string;
	bool may_wrap; /* strings may hold raw line feeds */
	unsigned char types[TL_MAX_JSON_DEPTH]; /* of the open brackets */
};

enum io_walk_end {
	IO_WALK_CLOSED, /* at stands behind the value */
	IO_WALK_MORE,	/* the text ended first */
	IO_WALK_BROKEN, /* at stands where the brackets cannot go on */
};

enum io_walk_end io_walk(struct io_walk *w, tl_str text);

/* How far the value at the window's start reaches. */
struct io_extent {
	size_t len;	  /* bytes; 0 when is_too_long */
	bool is_cut_off;  /* the file ends inside of it */
	bool is_too_long; /* over TL_MAX_RECORD_BYTES */
};

struct io_extent io_find_extent(struct tl_reader *r);

/* --- the layouts --- */

void io_detect(struct tl_reader *r);
enum tl_status io_next_line(
    struct tl_reader *r, struct tl_arena *a, struct tl_record *rec);
enum tl_status io_next_element(
    struct tl_reader *r, struct tl_arena *a, struct tl_record *rec);
enum tl_status io_next_value(
    struct tl_reader *r, struct tl_arena *a, struct tl_record *rec);
enum tl_status io_next_whole(
    struct tl_reader *r, struct tl_arena *a, struct tl_record *rec);

#endif
