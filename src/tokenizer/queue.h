/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.h - the pieces of a text on their way to tokens.
 *
 * Most words are known, and their tokens go at once to the others of the text.
 * New ones wait, so that many are merged at a time: then they wait for memory
 * together.  Where a word that waits belongs is written down, and its tokens
 * are put there at the end of the text.
 */
#ifndef TOKENIZER_QUEUE_H
#define TOKENIZER_QUEUE_H

#include "tok.h"
#include "wcache.h"

enum tl_word_kind {
	TL_MODEL_WORD,
	TL_BYTE_WORD,
	TL_META_WORD,
	TL_PREFIXED_WORD, /* the same behind a dummy "▁" */
};

#define TL_WORDS_AIMED 64u
#define TL_WORDS_NEW 64u

struct tl_aimed_word {
	const struct tl_piece *piece;
	uint32_t beg, end; /* in the piece */
	enum tl_word_kind kind;
	bool fits; /* the cache */
	struct tl_wcache_key key;
};

/* One that is merged, or an earlier one of the same bytes is. */
struct tl_new_word {
	struct tl_aimed_word word;
	struct tl_piece piece; /* the word's */
	uint32_t at;	       /* tokens in front of it, without late ones */
	struct tl_bpe_word *merged;
	bool is_first; /* of these bytes */
	uint64_t hash; /* as a whole token */
};

/* Tokens of words that have waited. */
struct tl_late_tokens {
	uint32_t *ids;
	struct tl_offset *offsets;
	size_t n, cap;
	/* Of each word: how many, and how many others are in front of them. */
	struct {
		uint32_t at, n;
	} * places;
	size_t nplaces, cap_places;
};

struct tl_word_queue {
	struct tl_aimed_word aimed[TL_WORDS_AIMED];
	size_t naimed;
	struct tl_new_word fresh[TL_WORDS_NEW];
	size_t nfresh;
	struct tl_bpe_word merges[TL_WORDS_NEW];
	struct tl_late_tokens late;
};

struct tl_word_queue *tl_queue_new(tl_oom_fn *oom, void *ctx);
void tl_queue_free(struct tl_word_queue *q);

/* The bytes [beg, end) of p, which must stay until they are settled. */
static inline void
tl_queue_add(struct tl_encoder *e, const struct tl_piece *p, size_t beg,
    size_t end, enum tl_word_kind kind)
{
	struct tl_word_queue *q = e->queue;
	struct tl_aimed_word *w = &q->aimed[q->naimed++];

	w->piece = p;
	w->beg = (uint32_t)beg;
	w->end = (uint32_t)end;
	w->kind = kind;
	w->fits = end - beg <= TL_WCACHE_LONGEST;
	if (w->fits)
		tl_wcache_aim(e->cache, (tl_str){ p->ptr, p->len }, beg,
		    end - beg, kind, &w->key);
}

static inline bool
tl_queue_is_full(const struct tl_encoder *e)
{
	return e->queue->naimed == TL_WORDS_AIMED;
}

/* Those that were aimed at: each is known or waits. */
enum tl_status tl_queue_settle(
    struct tl_encoder *e, struct tl_error *err) TL_MUST_USE;
/* The end of the text: the tokens of those that wait. */
enum tl_status tl_queue_end(
    struct tl_encoder *e, struct tl_error *err) TL_MUST_USE;
/* The text has failed. */
void tl_queue_drop(struct tl_encoder *e);

#endif
