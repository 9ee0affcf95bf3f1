/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - a JSON text as a tree in which every value knows its bytes.
 *
 * A strict scanner (RFC 8259 and UTF-8) judges the text and notes spans in
 * document order; cJSON builds the tree; the two are paired node by node.
 * Members keep their order and duplicates.  Numbers keep their text.  Strings
 * keep embedded NULs.
 *
 * The tree lives in the arena it was parsed into and borrows the text, which
 * must live as long.  Everything reachable from a document is read-only.
 */
#ifndef TURNLINT_JSON_H
#define TURNLINT_JSON_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

enum tl_json_kind {
	TL_JSON_NULL,
	TL_JSON_FALSE,
	TL_JSON_TRUE,
	TL_JSON_NUMBER,
	TL_JSON_STRING,
	TL_JSON_ARRAY,
	TL_JSON_OBJECT,
};

struct tl_json {
	enum tl_json_kind kind;
	uint32_t nchildren;
	uint32_t index;	  /* position among the parent's children */
	tl_span span;	  /* the value, quotes and brackets included; bytes of
			   * the document text */
	tl_span key_span; /* the member's name with quotes; empty if none */
	tl_str key;	  /* the member's decoded name; ptr NULL if none */
	tl_str text;	  /* string: decoded bytes, UTF-8 (a lone surrogate
			   * escape gives U+FFFD); number: its literal */
	double number;	  /* of a number: the nearest double (cJSON's) */
	const struct tl_json *parent; /* NULL at the root */
	const struct tl_json *first;  /* first child */
	const struct tl_json *next;   /* next sibling */
};

/* Why a text was rejected: which JSN rule reports it. */
enum tl_json_fault {
	TL_JSON_OK,
	TL_JSON_SYNTAX,		/* JSN001 */
	TL_JSON_BAD_UTF8,	/* JSN003 */
	TL_JSON_TRAILING_COMMA, /* JSN006 */
	TL_JSON_LITERAL,	/* JSN007: None, NaN, '…', comments */
	TL_JSON_RAW_NUL,	/* JSN008 */
	TL_JSON_RAW_CONTROL,	/* JSN009 */
	TL_JSON_TRUNCATED,	/* JSN012 when on the last line, else JSN001 */
	TL_JSON_TOO_DEEP,	/* JSN018 */
	TL_JSON_EXTRA,		/* JSN022: a second value behind the first */
	TL_JSON_EMPTY,		/* no value at all */
};

/* Things a valid text may contain and a reader may trip over. */
enum tl_json_note_kind {
	TL_JSON_NOTE_LONE_SURROGATE, /* JSN004; span of the escape */
	TL_JSON_NOTE_DUPLICATE_KEY,  /* JSN005; node is the later member */
	TL_JSON_NOTE_NUL,	     /* JSN008; span of the \u0000 escape */
	TL_JSON_NOTE_LINE_SEPARATOR, /* JSN011; raw U+2028, U+2029, U+0085 */
	TL_JSON_NOTE_PRECISION,	     /* JSN015; node is the number */
};

struct tl_json_note {
	enum tl_json_note_kind kind;
	tl_span span;		    /* bytes of the document text */
	const struct tl_json *node; /* the value it belongs to; NULL when the
				     * text was rejected */
};

struct tl_json_doc {
	tl_str text;		    /* borrowed */
	const struct tl_json *root; /* NULL when rejected */
	const struct tl_json_note *notes;
	size_t nnotes; /* at most TL_MAX_FINDINGS_PER_RECORD */

	enum tl_json_fault fault;
	size_t fault_at;      /* byte offset in text */
	const char *found;    /* "'}'", "end of input": safe to print */
	const char *expected; /* "a value", "',' or ']'" */
};

/* Parse the whole of text, which must hold exactly one value.  Returns TL_OK
 * and doc->root, or TL_EPARSE and the fault.  Surrounding JSON whitespace is
 * allowed; a byte order mark is not. */
enum tl_status tl_json_parse(
    struct tl_arena *a, tl_str text, struct tl_json_doc *doc) TL_MUST_USE;

/* The bytes of the text that doc->found describes, for a doc with a fault;
 * empty at the end of the text. */
tl_span tl_json_fault_span(const struct tl_json_doc *doc);

/* The last member of that name (as Python's json keeps it), or NULL; also
 * NULL when obj is NULL or no object. */
const struct tl_json *tl_json_get_str(const struct tl_json *obj, tl_str key);
static inline const struct tl_json *
tl_json_get(const struct tl_json *obj, const char *key)
{
	return tl_json_get_str(obj, tl_str_from(key));
}
const struct tl_json *tl_json_at(const struct tl_json *array, size_t i);

/* Convenience reads; the fallback is returned for a missing or other kind. */
static inline bool
tl_json_is(const struct tl_json *v, enum tl_json_kind kind)
{
	return v != NULL && v->kind == kind;
}
tl_str tl_json_text(const struct tl_json *v, tl_str fallback); /* strings */
bool tl_json_bool(const struct tl_json *v, bool fallback);
/* True and *out when v is a number written as an integer that fits. */
bool tl_json_int(const struct tl_json *v, int64_t *out);
const char *tl_json_kind_name(enum tl_json_kind kind); /* "an object" */

/* RFC 6901 pointer from the root to v ("" for the root), in the arena. */
tl_str tl_json_pointer(struct tl_arena *a, const struct tl_json *v);
/* The value a pointer names, or NULL. */
const struct tl_json *tl_json_resolve(
    const struct tl_json *root, tl_str pointer);

/* Where the decoded bytes [beg, end) of string v stand in the document text:
 * the span covers whole escapes.  beg == end gives an empty span. */
tl_span tl_json_raw_span(
    tl_str doc_text, const struct tl_json *v, size_t beg, size_t end);

struct tl_buf;
/* Append s as a JSON string with quotes.  Invalid UTF-8 becomes U+FFFD; control
 * characters, DEL, U+2028 and U+2029 are escaped, so a line stays a line. */
void tl_json_put_string(struct tl_buf *b, tl_str s);
/* Append v in compact form: order and number text kept. */
void tl_json_put(struct tl_buf *b, const struct tl_json *v);
/* Append v canonically (keys sorted by code unit, RFC 8785 strings, number
 * text kept): equal for records that differ only in spelling. */
void tl_json_put_canonical(struct tl_buf *b, const struct tl_json *v);

#endif
