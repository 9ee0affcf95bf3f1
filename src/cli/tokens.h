/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.h - the tokens of one text as turnlint tokenize prints them, alone or
 * beside those of another tokenizer.
 */
#ifndef TURNLINT_CLI_TOKENS_H
#define TURNLINT_CLI_TOKENS_H

#include "cli/cli.h"

/* Which text is meant. */
struct tl_text_place {
	const struct tl_record *rec; /* NULL: from the command line */
	size_t turn;		     /* or TL_NO_TURN */
};

/* A text and what a tokenizer makes of it. */
struct tl_tokenized {
	const struct tl_tokenizer *tokenizer;
	tl_str text;
	struct tl_tokens tokens;
	struct tl_arena *arena; /* lives as long as the text */
};

/* "{", with the place where there is one. */
void tl_put_place(struct tl_buf *b, struct tl_text_place p);
/* ids, offsets, tokens (strings of the vocabulary), bytes (hexadecimal): the
 * members of a JSON object. */
void tl_put_tokens_json(
    struct tl_buf *b, const struct tl_tokenized *k, bool in_chars);
void tl_put_tokens_table(
    struct tl_buf *b, const struct tl_tokenized *k, bool in_chars);

/* A stretch of text that two tokenizers cut or number otherwise: bytes
 * [beg, end), tokens [a, a_end) of the one and [b, b_end) of the other. */
struct tl_token_change {
	size_t beg, end;
	size_t a, a_end, b, b_end;
};

/* Changes between common places of both; *n of them in the arena. */
const struct tl_token_change *tl_token_changes(
    const struct tl_tokenized *a, const struct tl_tokenized *b, size_t *n);
void tl_put_changes_json(struct tl_buf *out, const struct tl_tokenized *a,
    const struct tl_tokenized *b, const struct tl_token_change *list, size_t n);
/* At most `max` of them, and how many more there are. */
void tl_put_changes_table(struct tl_buf *out, const struct tl_tokenized *a,
    const struct tl_tokenized *b, const struct tl_token_change *list, size_t n,
    size_t max);

#endif
