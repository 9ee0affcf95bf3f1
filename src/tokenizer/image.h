/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.h - the compiled form of a tokenizer.json: its tables as they are in
 * memory, and the rest of the text.
 *
 * Reading 17 MB of JSON takes the time of a commit hook.  An image holds the
 * large tables of a BPE model; all else is read from the rest of the text as
 * if there were no image.  It is for this machine and this version alone.
 *
 * An image is believed only when its tag is right, and even then nothing in
 * it is used as an index that was not looked at.
 */
#ifndef TOKENIZER_IMAGE_H
#define TOKENIZER_IMAGE_H

#include "tag.h"
#include "tok.h"

enum tl_image_part {
	TL_IMAGE_REST,	/* the file without vocabulary and merges */
	TL_IMAGE_KEYS,	/* the vocabulary's strings, one behind the other */
	TL_IMAGE_ENDS,	/* … where each ends, uint32_t */
	TL_IMAGE_IDS,	/* … their ids, uint32_t */
	TL_IMAGE_BY_ID, /* … struct tl_vocab */
	TL_IMAGE_SLOTS,
	TL_IMAGE_RANKS, /* struct tl_pairs: ids */
	TL_IMAGE_PAIR_SLOTS,
	TL_IMAGE_FILTER,
	TL_IMAGE_WORDS, /* struct tl_words; may be empty */
	TL_IMAGE_WORD_SLOTS,
	TL_IMAGE_BYTE_PAIRS,  /* struct tl_byte_pair; may be empty */
	TL_IMAGE_ASCII_JOINS, /* of struct tl_bpe; may be empty */
	TL_IMAGE_JOINS,
	TL_IMAGE_WHOLES,
	/* Of a SentencePiece model alone; see struct tl_spm: */
	TL_IMAGE_SCORES,
	TL_IMAGE_TYPES,
	TL_IMAGE_ORDERS,
	TL_IMAGE_TIES,
	TL_IMAGE_CHARS, /* of its text's first symbols: char, id */
	TL_IMAGE_PARTS,
};

/* Where the tag of all the rest stands: 16 bytes. */
#define TL_IMAGE_TAG_AT 40u

struct tl_image {
	char *base;
	size_t size;
	tl_str part[TL_IMAGE_PARTS];
	bool can_cut, can_cut_anywhere;
};

/* How the parts are laid out; base and size are given.  key: the tag of the
 * source.  False: it is not an image of it, or damaged. */
bool tl_image_open(
    struct tl_image *img, struct tl_tagger *tagger, struct tl_tag key);
/* The vocabulary and the merges of m.  What they need lives in a or in the
 * image. */
void tl_image_model(
    const struct tl_image *img, struct tl_arena *a, struct tl_model *m);

/* Is it one of a SentencePiece model?  What it has of that. */
bool tl_image_is_spm(const struct tl_image *img);
void tl_image_spm(
    const struct tl_image *img, struct tl_arena *a, struct tl_spm *s);

/* The image of a finished BPE model, in a; s is NULL or has words that go by
 * themselves. */
tl_str tl_image_make(struct tl_arena *a, struct tl_tagger *tagger,
    struct tl_tag key, tl_str rest, const struct tl_model *m,
    const struct tl_spm *s);

#endif
