/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.h - the tokens of a record as something to look at.
 *
 * A token list wraps the facts of one record.  It says for each token what is
 * drawn (glyphs: safe, visible text with its width in cells), whether and why
 * it is trained, and where it came from.  Escaping happens here and nowhere
 * else: a glyph's text may be sent to any terminal, log or page.
 *
 * Glyphs are made on demand, so a painter pays for what it shows.  Everything
 * is made in the arena given; the list borrows the facts.  No curses, no I/O.
 */
#ifndef TURNLINT_VIEW_TOKENS_H
#define TURNLINT_VIEW_TOKENS_H

#include <turnlint/buf.h>
#include <turnlint/recipe.h>

#include "view/style.h"

enum tl_token_state {
	TL_TOKEN_TRAINED,
	TL_TOKEN_MASKED,
	TL_TOKEN_CUT, /* beyond the sequence length */
};

enum tl_glyph_kind {
	TL_GLYPH_TEXT,	/* as in the data: one base and its marks */
	TL_GLYPH_SPACE, /* a space, shown as a dot */
	TL_GLYPH_BREAK, /* a newline, shown as a bent arrow */
	TL_GLYPH_TAB,
	TL_GLYPH_ESCAPE, /* spelled out: a code point or bytes */
	TL_GLYPH_MARK,	 /* not data: where a run begins, … */
};

struct tl_glyph {
	tl_str text;	/* safe UTF-8 */
	unsigned width; /* cells */
	enum tl_glyph_kind kind;
	bool ends_line; /* the line ends behind it */
	bool is_open;	/* bytes of a character that later tokens end */
};

/* Marks put between the tokens. */
enum tl_token_mark {
	TL_MARK_TRAINED = 1u, /* around trained runs, and where the cut is */
	TL_MARK_SPECIAL = 2u, /* around special tokens */
	TL_MARK_TOKENS = 4u,  /* between any two tokens */
};

struct tl_token_options {
	unsigned marks;
	bool is_ascii; /* the terminal knows no other characters */
	/* Cells of a code point; 0: drawn onto the one before; negative: not
	 * to be trusted, spell it out.  NULL: tl_utf8_width(). */
	int (*width)(uint32_t cp);
};

struct tl_token_list {
	const struct tl_facts *facts;
	const struct tl_sample *sample;	      /* NULL: no tokens */
	const struct tl_tokenizer *tokenizer; /* or NULL */
	struct tl_token_options opt;
	size_t n;
};

/* opt may be NULL. */
void tl_token_list_init(struct tl_token_list *l, const struct tl_facts *facts,
    const struct tl_token_options *opt);

/* Why there are no tokens, one safe sentence in the arena; empty when there
 * are. */
tl_str tl_token_list_why(const struct tl_token_list *l, struct tl_arena *a);

enum tl_token_state tl_token_state(const struct tl_token_list *l, size_t i);
enum tl_reason tl_token_reason(const struct tl_token_list *l, size_t i);
bool tl_token_is_special(const struct tl_token_list *l, size_t i);
enum tl_style tl_token_style(const struct tl_token_list *l, size_t i);

/* What is drawn for token i, in order; at least one glyph. */
size_t tl_token_glyphs(const struct tl_token_list *l, struct tl_arena *a,
    size_t i, const struct tl_glyph **out);

/* A place among the glyphs: glyph g of token i; {n, 0} is the end. */
struct tl_token_pos {
	size_t token;
	size_t glyph;
};

struct tl_placed {
	struct tl_glyph glyph;
	size_t token;
};

struct tl_token_line {
	const struct tl_placed *glyphs;
	size_t n;
	size_t width;	/* cells used */
	bool ends_hard; /* behind a newline or the last token */
	struct tl_token_pos next;
};

/* The line that begins at `at`, at most width cells wide (at least one glyph
 * however wide).  Lines break behind newlines, else before a token, else
 * inside it. */
void tl_token_line(const struct tl_token_list *l, struct tl_arena *a,
    struct tl_token_pos at, size_t width, struct tl_token_line *out);

/* Where bytes of a token come from. */
struct tl_token_source {
	enum tl_run_kind kind;
	size_t turn;	       /* message index or TL_NO_TURN */
	tl_str role;	       /* of that turn, as the template sees it */
	tl_str pointer;	       /* of the JSON value; ptr NULL: none */
	size_t beg, end;       /* content: bytes of the value's decoded text */
	uint32_t line, column; /* in the template; 0: none */
};

struct tl_token_info {
	uint32_t id;
	tl_str piece;		 /* raw: escape before printing */
	tl_str bytes;		 /* raw */
	struct tl_offset offset; /* bytes of the rendered text */
	int32_t label;
	enum tl_token_state state;
	enum tl_reason reason;
	unsigned flags; /* enum tl_token_flag */
	const struct tl_token_source *sources;
	size_t nsources;
};

void tl_token_info(const struct tl_token_list *l, struct tl_arena *a, size_t i,
    struct tl_token_info *out);

/* A token in words, safe to print: what it is, where it is from, why it is or
 * is not trained. */
struct tl_token_words {
	tl_str what;
	tl_str source;
	tl_str why;
};
struct tl_token_words tl_token_describe(
    const struct tl_token_list *l, struct tl_arena *a, size_t i);

/* "20 61 6E", with something before it. */
void tl_token_put_hex(struct tl_buf *b, tl_str bytes, const char *before);

/* The sources alone, as in the words. */
tl_str tl_token_source_words(
    const struct tl_token_list *l, struct tl_arena *a, size_t i);

/* Neighbours of one state, reason and source value, [beg, end). */
struct tl_token_run {
	size_t beg, end;
	enum tl_token_state state;
	enum tl_reason reason;
};

/* The run that begins at token i. */
struct tl_token_run tl_token_run_at(const struct tl_token_list *l, size_t i);

/* The next (previous) token that begins a stretch of trained tokens, seen from
 * token i; TL_NPOS if there is none. */
size_t tl_token_next_trained(const struct tl_token_list *l, size_t i);
size_t tl_token_prev_trained(const struct tl_token_list *l, size_t i);

/* The token that covers byte `at` of the rendered text, or the nearest one
 * before it; TL_NPOS without tokens. */
size_t tl_token_at_byte(const struct tl_token_list *l, size_t at);

#endif
