/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal.h - what the scanner, the cJSON adapter and the value functions of
 * this room share.
 */
#ifndef TURNLINT_JSON_INTERNAL_H
#define TURNLINT_JSON_INTERNAL_H

#include <turnlint/json.h>
#include <turnlint/limits.h>

/* Nodes are made in document order and never move. */
struct json_chunk {
	struct json_chunk *next;
	size_t n, cap;
	struct tl_json *nodes;
};

/* What the scanner leaves for the adapter. */
struct json_scan {
	struct tl_arena *arena;
	struct tl_json_doc *doc;
	const char *base;
	size_t len;
	size_t at;

	struct json_chunk *first_chunk, *chunk;
	struct tl_json **stack; /* open containers, TL_MAX_JSON_DEPTH at most */
	size_t depth;
	struct tl_json *prev; /* last finished child of the open container */

	/* A copy of the text, same length, in which everything that cJSON
	 * would refuse is replaced; NULL when nothing had to be. */
	char *patched;

	struct tl_json_note *notes;
	size_t nnotes, cap_notes;
};

/* Judge s->doc->text.  True: the nodes stand in the chunks, linked, with
 * spans, number texts and decoded lengths; strings have a text.ptr only where
 * cJSON's must not be used.  False: doc->fault and the rest say why. */
bool json_scan_document(struct json_scan *s);

void json_add_note(struct json_scan *s, enum tl_json_note_kind kind,
    tl_span span, const struct tl_json *node);

/* One unit of a valid raw string (without its quotes) at raw[at]: an escape, a
 * surrogate pair of escapes, or one plain byte.  Returns the raw bytes it
 * takes; *cp is its code point, TL_JSON_PLAIN for a plain byte, U+FFFD for a
 * lone surrogate. */
#define TL_JSON_PLAIN UINT32_MAX
size_t json_unit(tl_str raw, size_t at, uint32_t *cp);

static inline size_t
json_utf8_size(uint32_t cp)
{
	return cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
}

/* Whether the literal of a number names a value that a double keeps: an
 * integer within 2^53, or a decimal that comes back digit for digit. */
bool json_number_is_exact(
    struct tl_arena *scratch, tl_str literal, double value);

#endif
