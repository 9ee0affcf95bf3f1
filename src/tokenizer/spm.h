/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm.h - a SentencePiece model: its own normalizer, model and spans.
 *
 * The steps of tokenizer.json come near to it but give other spans, and other
 * ids where a normalizer map is used; so this runs beside them.
 */
#ifndef TOKENIZER_SPM_H
#define TOKENIZER_SPM_H

#include "charsmap.h"
#include "load.h"

enum tl_spm_kind {
	TL_SPM_UNIGRAM = 1,
	TL_SPM_BPE,
	TL_SPM_WORD,
	TL_SPM_CHAR,
};

/* The numbers of the file format. */
enum tl_spm_type {
	TL_SPM_NORMAL = 1,
	TL_SPM_UNKNOWN,
	TL_SPM_CONTROL,
	TL_SPM_USER,
	TL_SPM_UNUSED,
	TL_SPM_BYTE,
};

struct tl_spm {
	enum tl_spm_kind kind;
	bool adds_prefix;
	bool drops_extra_spaces;
	bool escapes_spaces;
	bool space_is_suffix;
	bool byte_fallback;
	bool only_first; /* the prefix only where the whole text begins */
	struct tl_charsmap map;

	size_t n;
	tl_str *pieces;
	float *scores;
	uint8_t *types; /* enum tl_spm_type */

	/* What follows from these, by tl_spm_finish(): */
	struct tl_vocab words;	  /* pieces that text can become */
	struct tl_vocab reserved; /* the others */
	struct tl_prefixes users; /* user-defined pieces */
	struct tl_prefixes trie;  /* Unigram: words */
	struct tl_pairs pairs;	  /* BPE: what joins, the best first */
	uint32_t *orders;	  /* … by rank, equal where the scores are */
	uint8_t *has_tie;	  /* … by piece: another one has its score */
	struct tl_char_ids chars; /* … a text's first symbols; ids from n on
				   * are no pieces */
	uint32_t unk_id;
	uint32_t byte_ids[256];
	float min_score, max_score; /* of the normal pieces */
	bool has_unused;
	bool has_twins;	     /* of words among the reserved */
	bool plain[128];     /* chars that the normalizer leaves as they are */
	bool is_direct;	     /* BPE: a word's tokens depend on it alone */
	bool is_verbatim;    /* … and but for spaces it is as in the text, */
	bool has_meta_users; /* … unless that has a "▁" itself */
};

/* BPE: fill pairs, orders and chars. */
enum tl_status tl_spm_derive_merges(
    struct tl_spm *s, struct tl_arena *a, struct tl_error *err) TL_MUST_USE;
/* Check the pieces, build the tables, and make t a tokenizer of s.  What s
 * holds is in t->arena. */
enum tl_status tl_spm_finish(
    struct tl_tokenizer *t, struct tl_spm *s, struct tl_error *err) TL_MUST_USE;
/* The same with the tables of an image. */
enum tl_status tl_spm_finish_image(struct tl_tokenizer *t, struct tl_spm *s,
    const struct tl_image *img, struct tl_error *err) TL_MUST_USE;

#endif
