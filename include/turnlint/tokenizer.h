/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokenizer.h - from text to ids with byte offsets.
 *
 * A tokenizer is loaded once, is const afterwards and is shared by all
 * threads; each thread has an encoder with its own cache.  Ids and offsets are
 * equal to those of the reference library for the file it was loaded from.
 */
#ifndef TURNLINT_TOKENIZER_H
#define TURNLINT_TOKENIZER_H

#include <turnlint/template.h>

/* Bytes [beg, end) of the text a token covers; a text has at most
 * 4 GiB (TL_MAX_RENDER_BYTES).  Empty for tokens a post-processor added. */
struct tl_offset {
	uint32_t beg, end;
};

struct tl_tokens {
	size_t n;
	const uint32_t *ids;
	const struct tl_offset *offsets;
};

struct tl_tokenizer;

struct tl_tokenizer_options {
	tl_str *names; /* --tokenizer-option NAME=VALUE, in order */
	tl_str *values;
	size_t n;
};

/* path: a file of any kind that is known (tokenizer.json, SentencePiece,
 * tiktoken, tekken.json, GGUF), or a directory that holds one of them and
 * perhaps tokenizer_config.json.  NULL: the small tokenizer that is part of
 * the program.  Everything lives in `a`.  opt may be NULL. */
enum tl_status tl_tokenizer_load(struct tl_arena *a, const char *path,
    const struct tl_tokenizer_options *opt, struct tl_tokenizer **out,
    struct tl_error *err) TL_MUST_USE;

tl_str tl_tokenizer_name(const struct tl_tokenizer *t); /* for reports */
size_t tl_tokenizer_size(const struct tl_tokenizer *t); /* highest id + 1 */

/* bos, eos, pad, unk as text (ptr NULL: none) and as ids (-1: none). */
struct tl_special_tokens tl_tokenizer_tokens(const struct tl_tokenizer *t);
int64_t tl_tokenizer_bos(const struct tl_tokenizer *t);
int64_t tl_tokenizer_eos(const struct tl_tokenizer *t);
int64_t tl_tokenizer_pad(const struct tl_tokenizer *t);
int64_t tl_tokenizer_unk(const struct tl_tokenizer *t);

/* The chat template found beside or in the tokenizer, or an empty slice; name
 * picks among named ones ("" for the default). */
tl_str tl_tokenizer_chat_template(const struct tl_tokenizer *t, tl_str name);
/* Where that came from: "tokenizer_config.json", …; NULL if none. */
const char *tl_tokenizer_chat_template_origin(const struct tl_tokenizer *t);

/* The token's string in the vocabulary ("Ġhi", "▁hi", "<0x0A>"), or an empty
 * slice for an id that has none. */
tl_str tl_tokenizer_piece(const struct tl_tokenizer *t, uint32_t id);
/* The bytes the token stands for, in the arena ("Ġhi" is " hi"). */
tl_str tl_tokenizer_bytes(
    const struct tl_tokenizer *t, struct tl_arena *a, uint32_t id);
int64_t tl_tokenizer_id(const struct tl_tokenizer *t, tl_str piece); /* or -1 */

enum tl_token_flag {
	TL_TOKEN_ADDED = 1u,   /* an added token: matched before the model */
	TL_TOKEN_SPECIAL = 2u, /* … that is special */
	TL_TOKEN_BYTE = 4u,    /* byte fallback */
	TL_TOKEN_UNK = 8u,
};
unsigned tl_tokenizer_flags(const struct tl_tokenizer *t, uint32_t id);

/* Added tokens, for rules that look at them. */
struct tl_added_token {
	tl_str content;
	uint32_t id;
	bool is_special, is_lstrip, is_rstrip, is_single_word, is_normalized;
};
const struct tl_added_token *tl_tokenizer_added(
    const struct tl_tokenizer *t, size_t *n);

/* Whether words behind a special token get a dummy prefix of their own, as
 * transformers' Llama tokenizers say by `legacy`; others say nothing of it. */
enum tl_legacy { TL_LEGACY_UNSAID, TL_LEGACY_YES, TL_LEGACY_NO };
enum tl_legacy tl_tokenizer_legacy(const struct tl_tokenizer *t);

/* What a framework does to a tokenizer before it trains: other special tokens,
 * and tokens added to the vocabulary. */
struct tl_tokenizer_change {
	struct tl_special_tokens tokens; /* ptr NULL: as it was */
	/* Their ids are given as the reference does it; those of tokens that
	 * are there stay. */
	const struct tl_added_token *added;
	size_t nadded;
};
/* A changed copy in `a`, which borrows the model of t. */
enum tl_status tl_tokenizer_change(struct tl_arena *a,
    const struct tl_tokenizer *t, const struct tl_tokenizer_change *change,
    const struct tl_tokenizer **out, struct tl_error *err) TL_MUST_USE;

/* The ids at which generation ends, as a file beside the tokenizer says. */
struct tl_eos_source {
	const char *file; /* "generation_config.json" */
	const uint32_t *ids;
	size_t n;
};

/* What the tokenizer's files say beyond which text becomes which ids. */
struct tl_tokenizer_facts {
	tl_str path; /* of the file that was read; "" for the built-in one */
	const char *model_path; /* tokenizer.model beside a tokenizer.json that
				 * was read, or NULL */
	/* The first is what model.generate() obeys. */
	struct tl_eos_source eos[2];
	size_t neos;
	int64_t vocab_size;   /* rows of the embedding (config.json), or -1 */
	int64_t max_length;   /* model_max_length, or -1: none that binds */
	bool is_legacy;	      /* what the class says of itself */
	int64_t truncates_to; /* stored in the tokenizer.json; -1: nothing */
	bool has_padding;     /* … likewise */
};
const struct tl_tokenizer_facts *tl_tokenizer_facts(
    const struct tl_tokenizer *t);

/* What the tokenizer's normalizer makes of a text, with its marks for spaces
 * and dummy prefixes taken back: s itself where nothing is changed.  False when
 * a regular expression gave up. */
bool tl_tokenizer_normalize(
    const struct tl_tokenizer *t, struct tl_arena *a, tl_str s, tl_str *out);

/* True when the first word of a text gets a dummy prefix (SentencePiece's
 * leading "▁"). */
bool tl_tokenizer_has_dummy_prefix(const struct tl_tokenizer *t);

/* Per-thread working memory; freed with tl_encoder_free(). */
struct tl_encoder;
struct tl_encoder *tl_encoder_new(
    const struct tl_tokenizer *t, tl_oom_fn *oom, void *ctx);
void tl_encoder_free(struct tl_encoder *e);

enum tl_encode_flag {
	TL_ENCODE_SPECIAL = 1u, /* add_special_tokens=True */
	TL_ENCODE_PLAIN = 2u,	/* no added token is looked for: markers that
				 * are spelled out are text, as for tiktoken and
				 * SentencePiece */
	TL_ENCODE_INSIDE = 4u,	/* the text goes on behind a cut of another */
};

/* ids and offsets go into `a`.  Text must be valid UTF-8 (invalid bytes give
 * TL_EPARSE).  TL_ELIMIT beyond TL_MAX_TOKENS. */
enum tl_status tl_encode(struct tl_encoder *e, struct tl_arena *a, tl_str text,
    unsigned flags, struct tl_tokens *out, struct tl_error *err) TL_MUST_USE;

/* The last place where a text can be cut, so that for every text that agrees
 * with it up to `limit` the ids are those of the bytes in front, and then those
 * of the rest with TL_ENCODE_INSIDE; 0: none is known.  It only counts when a
 * token of the text begins there. */
size_t tl_tokenizer_cut(
    const struct tl_tokenizer *t, tl_str text, size_t limit);

#endif
