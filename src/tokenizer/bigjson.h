/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bigjson.h - the two large members of a tokenizer.json without a tree.
 *
 * A vocabulary and its merges are a million values.  They are found in the
 * text, cut out of it (the tree of the rest is small) and read straight into
 * the tables.
 */
#ifndef TOKENIZER_BIGJSON_H
#define TOKENIZER_BIGJSON_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

struct tl_bigjson {
	tl_span vocab;		/* the object {…}; empty if not found */
	tl_span merges;		/* the array […]; empty if not found */
	size_t nvocab, nmerges; /* upper bounds of the numbers of elements */
};

/* Where model.vocab and model.merges stand.  Finds nothing in text that is not
 * JSON at all; what it skips is not judged. */
void tl_bigjson_find(tl_str text, struct tl_bigjson *out);
/* text with both replaced by empty values. */
tl_str tl_bigjson_rest(
    struct tl_arena *a, tl_str text, const struct tl_bigjson *b);
/* The offset in text of an offset in the rest. */
size_t tl_bigjson_origin(const struct tl_bigjson *b, size_t at);

/* A strict reader of the simple values within. */
struct tl_bigreader {
	tl_str text;
	size_t at;
	struct tl_arena *arena; /* for strings with escapes */
};

/* Skip white space; true (and step over it) when c is next. */
bool tl_big_accept(struct tl_bigreader *r, char c);
/* A string, decoded; it borrows the text unless it has escapes. */
bool tl_big_string(struct tl_bigreader *r, tl_str *out);
bool tl_big_uint(struct tl_bigreader *r, uint32_t *out);

#endif
