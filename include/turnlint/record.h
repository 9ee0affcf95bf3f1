/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - from files to records.
 *
 * A reader opens a path, standard input or a blob in memory, sees through gzip
 * and zstd, finds out how records are laid out, and hands them out one by one.
 * It holds at most one record and one read buffer, whatever the container.
 */
#ifndef TURNLINT_RECORD_H
#define TURNLINT_RECORD_H

#include <turnlint/json.h>

enum tl_container {
	TL_CONTAINER_UNKNOWN,
	TL_CONTAINER_JSONL,  /* one value a line */
	TL_CONTAINER_ARRAY,  /* elements of one array */
	TL_CONTAINER_LMFLOW, /* elements of "instances" */
	TL_CONTAINER_SINGLE, /* one object; or several, each over many lines */
};

/* Where a record starts in its (decompressed) file. */
struct tl_record_pos {
	size_t index;  /* 0-based number of the record in the file */
	size_t line;   /* 1-based line of its first byte */
	size_t column; /* 1-based code point column of its first byte */
	size_t offset; /* byte offset of its first byte */
};

struct tl_record {
	const struct tl_file *file;
	struct tl_record_pos pos;
	tl_str bytes;		/* the record's text */
	struct tl_json_doc doc; /* doc.text is bytes; root may be NULL */
	bool is_last;		/* nothing but whitespace follows in the file */
	bool is_cut; /* over TL_MAX_RECORD_BYTES: bytes are only its beginning,
		      * doc is not parsed */
};

/* What was noticed about a file beside its records.  Positions are of the
 * decompressed bytes. */
enum tl_file_note_kind {
	TL_FILE_BOM,	    /* JSN002 */
	TL_FILE_CRLF,	    /* a line that ends in CRLF */
	TL_FILE_LF,	    /* a line that ends in LF */
	TL_FILE_CR,	    /* a CR without LF between records */
	TL_FILE_BLANK_LINE, /* JSN014 */
	TL_FILE_LONG_LINE,  /* JSN021 */
	TL_FILE_NOTE_KINDS,
};

struct tl_file_note {
	struct tl_record_pos pos; /* index: of the next record */
	size_t len;		  /* bytes concerned; of a record that is cut:
				   * TL_MAX_RECORD_BYTES + 1 */
};

#define TL_MAX_FILE_NOTES 64 /* kept a kind; all are counted */

struct tl_file_fault {
	enum tl_json_fault kind;
	struct tl_record_pos pos;     /* index: of the next record */
	const char *found, *expected; /* as in struct tl_json_doc */
};

struct tl_file {
	tl_str path;   /* as given, for reports; "<stdin>" for "-" */
	size_t number; /* position on the command line */
	enum tl_container container;
	const char *compression; /* NULL, "gzip", "zstd" */

	/* Complete only when the reader reached the end. */
	size_t nbytes; /* decompressed */
	size_t nrecords;
	struct tl_record_pos end_pos; /* behind the last byte */
	bool has_final_newline;	      /* or is empty */
	bool is_blank;		      /* no byte but whitespace */
	bool is_lfs_pointer;	      /* GIT001: nothing was read */
	tl_str lfs_oid;		      /* 64 hex digits when is_lfs_pointer */
	bool is_array_in_jsonl; /* JSN017: named .jsonl, but is one array or
				 * object over many lines (see container) */
	tl_str lmflow_type;	/* value of "type"; ptr NULL if none */
	/* What is wrong between records (an array that is never closed, a
	 * comment, …): one of a kind between two records, and of those the
	 * first ones. */
	struct tl_file_fault faults[TL_MAX_FILE_NOTES];
	size_t nfaults;

	size_t note_counts[TL_FILE_NOTE_KINDS];
	struct tl_file_note notes[TL_FILE_NOTE_KINDS][TL_MAX_FILE_NOTES];
};

/* The first fault of that kind behind `last` (NULL: from the beginning), or
 * NULL. */
const struct tl_file_fault *tl_file_next_fault(const struct tl_file *f,
    enum tl_json_fault kind, const struct tl_file_fault *last);

struct tl_reader;

/* Open path ("-" is standard input).  The file struct is made in the arena
 * and filled while reading.  The reader is closed by the arena. */
enum tl_status tl_reader_open(struct tl_arena *a, tl_str path,
    struct tl_reader **out, struct tl_error *err) TL_MUST_USE;

/* As above for bytes in memory (a git blob, an example); path is only for
 * reports and for the suffix that hints at the container.  Bytes are borrowed.
 */
enum tl_status tl_reader_open_mem(struct tl_arena *a, tl_str path, tl_str bytes,
    struct tl_reader **out, struct tl_error *err) TL_MUST_USE;

/* Say before the first tl_reader_next() that records of a pipe will be sought:
 * it is then kept in an unlinked temporary file.  For other input it does
 * nothing. */
enum tl_status tl_reader_keep(
    struct tl_reader *r, struct tl_error *err) TL_MUST_USE;

/* The container is known after the first tl_reader_next(). */
const struct tl_file *tl_reader_file(const struct tl_reader *r);

/* The next record's bytes, copied into `a`, not yet parsed (doc is empty).
 * TL_OK, TL_EEND, or TL_EIO with err filled. */
enum tl_status tl_reader_next(struct tl_reader *r, struct tl_arena *a,
    struct tl_record *rec, struct tl_error *err) TL_MUST_USE;

/* Go to a record that was seen before; the next one read is that one.
 * Compressed input is read again from its start; a pipe must have been kept
 * (tl_reader_keep()), else TL_EUNSUPPORTED. */
enum tl_status tl_reader_seek(struct tl_reader *r,
    const struct tl_record_pos *pos, struct tl_error *err) TL_MUST_USE;

/* Bytes consumed of the file on disk and its size (0: unknown); progress. */
void tl_reader_progress(
    const struct tl_reader *r, uint64_t *done, uint64_t *total);

/* Fill rec->doc.  Returns what tl_json_parse() returns, TL_ESKIP for a record
 * that is cut. */
enum tl_status tl_record_parse(struct tl_arena *a, struct tl_record *rec);

/* The record's own name: the text of the first scalar among id, uuid,
 * conversation_id, _id, sample_id, or an empty slice. */
tl_str tl_record_id(const struct tl_record *rec);

/* Line and column (1-based; code points) of a byte offset in rec->bytes. */
void tl_record_locate(
    const struct tl_record *rec, size_t at, size_t *line, size_t *column);

/* Slurp a whole file (template, tokenizer, configuration), at most max bytes;
 * NUL-terminated behind the slice. */
enum tl_status tl_file_read(struct tl_arena *a, const char *path, size_t max,
    tl_str *out, struct tl_error *err) TL_MUST_USE;
/* The same of a file that may be larger: its first max bytes. */
enum tl_status tl_file_read_head(struct tl_arena *a, const char *path,
    size_t max, tl_str *out, struct tl_error *err) TL_MUST_USE;

#endif
