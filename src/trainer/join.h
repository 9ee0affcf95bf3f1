/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join.h - a sample made of pieces that are tokenized one by one.
 *
 * Most frameworks do not tokenize one rendered text: they tokenize pieces, one
 * string at a time, put ids in between, and label by piece or by counting
 * tokens.  A joiner does the same, and keeps of each token where its text came
 * from.
 *
 *	tl_join_init(&j, cx, out, "LMFlow");
 *	tl_chunks_literal(a, &c, TL_STR("[INST] "), …);	a string from
 *	tl_chunks_add(a, &c, turn->text, …);		its parts
 *	tl_join_string(&j, &c, 0);		one call of the tokenizer
 *	tl_join_id(&j, tl_tokenizer_eos(t), …);	an id
 *	tl_join_label(&j, first, stop, true);	when the framework counts
 *	if (tl_join_finish(&j))
 *		tl_label_finish(a, out, max, TL_SIDE_RIGHT);
 */
#ifndef TRAINER_JOIN_H
#define TRAINER_JOIN_H

#include "label.h"

/* Some text of a string.  `reason` is trained or masked as the framework has
 * it; when chunks of both kinds make one string, a token that covers both goes
 * by the rule of tl_label_by_marks(). */
struct tl_chunk {
	struct tl_text text;
	enum tl_reason reason;
	bool is_said; /* from the conversation, not from the template */
	size_t turn;  /* position in conv->turns or TL_NO_TURN */
};

/* What one string is made of.  Start with all zero. */
struct tl_chunks {
	struct tl_chunk *list;
	size_t n, cap;
	size_t len; /* bytes */
};

/* An empty text adds nothing. */
void tl_chunks_add(struct tl_arena *a, struct tl_chunks *c, struct tl_text text,
    enum tl_reason reason, bool is_said, size_t turn);
/* Text of the template: not said, nobody's turn.  `s` is borrowed. */
void tl_chunks_literal(
    struct tl_arena *a, struct tl_chunks *c, tl_str s, enum tl_reason reason);
void tl_chunks_append(
    struct tl_arena *a, struct tl_chunks *c, const struct tl_chunks *more);
/* Bytes [beg, end) of all the chunks together. */
struct tl_chunks tl_chunks_slice(
    struct tl_arena *a, const struct tl_chunks *c, size_t beg, size_t end);
/* The text of all chunks. */
struct tl_text tl_chunks_text(struct tl_arena *a, const struct tl_chunks *c);

struct tl_join {
	const struct tl_trainer_cx *cx;
	struct tl_arena *a;
	struct tl_sample *out;
	const char *framework; /* "LMFlow", for messages */
	bool has_failed;       /* out says why; later calls do nothing */

	struct tl_text *texts; /* all chunks so far */
	struct tl_mark *marks; /* … and what they are */
	size_t ntexts, cap_texts, nmarks, cap_marks;
	size_t len; /* bytes so far */

	size_t ntokens;
	/* Per token: */
	uint32_t *ids;
	struct tl_offset *offsets; /* bytes of the joined text */
	uint8_t *reasons;	   /* enum tl_reason */
	bool *is_said;		   /* it covers something said */
	int32_t *labels; /* ones of their own; NULL, or TL_NO_LABEL: none */
	size_t cap_ids, cap_offsets, cap_reasons, cap_is_said;
};

void tl_join_init(struct tl_join *j, const struct tl_trainer_cx *cx,
    struct tl_sample *out, const char *framework);

/* The framework stops with an error at this record: `why` goes behind
 * "<framework> stops with an error: ".  The first one counts. */
void tl_join_fail(struct tl_join *j, const char *why);

/* Tokenize the chunks as one string (flags: enum tl_encode_flag) and append its
 * tokens.  Returns how many there are. */
size_t tl_join_string(
    struct tl_join *j, const struct tl_chunks *c, unsigned flags);
/* … behind `before`, whose tokens are left out: as many as it has alone.  That
 * is how frameworks keep SentencePiece from adding a space. */
size_t tl_join_string_behind(struct tl_join *j, tl_str before,
    const struct tl_chunks *c, unsigned flags);
/* Append tokens that were made of the chunks' text, by whatever steps. */
void tl_join_tokens(
    struct tl_join *j, const struct tl_chunks *c, const struct tl_tokens *t);
/* Append a token by its id; `text` is what it stands for in the joined text
 * (may be empty).  A negative id is a failure. */
void tl_join_id(
    struct tl_join *j, int64_t id, tl_str text, enum tl_reason reason);

/* How many tokens a string has; nothing is appended.  For frameworks that
 * measure parts of a text. */
size_t tl_join_count(struct tl_join *j, tl_str s, unsigned flags);

/* Label tokens [first, stop) trained or masked, whatever their chunks say; the
 * reasons become those that fit: content, header or end marker when trained. */
void tl_join_label(
    struct tl_join *j, size_t first, size_t stop, bool is_trained);

/* The label of token i is another token; all tokens are there. */
void tl_join_label_as(struct tl_join *j, size_t i, uint32_t id);

/* Text, tokens and reasons into the sample; tl_label_finish() is next.  False
 * when something failed. */
bool tl_join_finish(struct tl_join *j);

#endif
