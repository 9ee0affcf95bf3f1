/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tok.h - the parts of a tokenizer and how a text runs through them:
 *
 *   text -> added tokens -> normalizer -> pre-tokenizer -> model -> post
 *
 * Every step is a row of a const table: its name in tokenizer.json, a parser
 * for its fields, and a function.  What goes from step to step are pieces:
 * bytes that know which bytes of the text they came from.
 */
#ifndef TOKENIZER_TOK_H
#define TOKENIZER_TOK_H

#include <turnlint/buf.h>
#include <turnlint/json.h>
#include <turnlint/limits.h>
#include <turnlint/map.h>
#include <turnlint/tokenizer.h>

#include "prefixes.h"
#include "vocab.h"

/* A stretch of text between two steps.  align has the source bytes of every
 * byte (all bytes of a char have the same); NULL means that the bytes are the
 * source from base on, unchanged. */
struct tl_piece {
	const char *ptr;
	uint32_t len;
	uint32_t base;
	const struct tl_offset *align;
	uint32_t added; /* the id of an added token, or TL_NO_ID */
};

struct tl_pieces {
	struct tl_piece *v;
	size_t n, cap;
	struct tl_arena *arena;
};

void tl_pieces_add(struct tl_pieces *list, const struct tl_piece *p);
/* Bytes [beg, end) of p as a piece of their own. */
struct tl_piece tl_piece_cut(const struct tl_piece *p, size_t beg, size_t end);
/* Source bytes that the bytes [beg, end) of p come from; beg < end. */
struct tl_offset tl_piece_span(
    const struct tl_piece *p, size_t beg, size_t end);
/* The empty span in front of p. */
struct tl_offset tl_piece_start(const struct tl_piece *p);

/* Changed text under construction. */
struct tl_ptext {
	char *ptr;
	struct tl_offset *align;
	size_t len, cap;
	struct tl_arena *arena;
};

void tl_ptext_init(struct tl_ptext *t, struct tl_arena *a, size_t expected);
void tl_ptext_put(struct tl_ptext *t, tl_str s, struct tl_offset at);
void tl_ptext_put_cp(struct tl_ptext *t, uint32_t cp, struct tl_offset at);
/* The bytes [beg, end) of p with their spans. */
void tl_ptext_copy(
    struct tl_ptext *t, const struct tl_piece *p, size_t beg, size_t end);
struct tl_piece tl_ptext_piece(const struct tl_ptext *t);

/* p in the byte alphabet. */
void tl_piece_to_byte_chars(struct tl_arena *a, struct tl_piece *p);
/* p with s in front, which has the span of the first char. */
void tl_piece_prepend(struct tl_arena *a, struct tl_piece *p, tl_str s);

/* --- patterns (regex.c, scan.c) ------------------------------------------ */

/* The end of the piece that starts at s[at]; at < s.len. */
typedef size_t tl_scan_fn(tl_str s, size_t at);

struct tl_pattern {
	tl_str source;	  /* of an expression */
	tl_str literal;	  /* when regex is NULL */
	void *regex;	  /* a compiled expression */
	tl_scan_fn *scan; /* the same by hand, for a well-known expression */
};

/* json is {"String": …} or {"Regex": …}. */
enum tl_status tl_pattern_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_pattern *out, struct tl_error *err) TL_MUST_USE;
enum tl_status tl_pattern_regex(struct tl_arena *a, tl_str source,
    struct tl_pattern *out, struct tl_error *err) TL_MUST_USE;
/* Expressions that are known by their exact spelling; a NULL name ends them. */
struct tl_known_pattern {
	const char *name;
	tl_str source;
	tl_scan_fn *scan;
};
extern const struct tl_known_pattern tl_known_patterns[];
tl_scan_fn *tl_scan_known(tl_str source); /* or NULL */
/* Three Splits, each into matches and what is between them. */
struct tl_known_sequence {
	const char *name;
	tl_str sources[3];
	tl_scan_fn *scan;
};
extern const struct tl_known_sequence tl_known_sequences[];
/* Digits, each alone, and then the expression of ByteLevel. */
tl_scan_fn *tl_scan_digits_gpt2(void);

/* … by the engine, even where there is a scanner (tests). */
enum tl_status tl_pattern_compile(struct tl_arena *a, tl_str source,
    struct tl_pattern *out, struct tl_error *err) TL_MUST_USE;
/* Matches from the left, as the reference iterates over them. */
struct tl_matcher {
	const struct tl_pattern *pattern;
	tl_str text;
	size_t at, last_end;
	void *region;
	bool has_failed; /* the engine gave up on this text */
};
void tl_matcher_init(
    struct tl_matcher *m, const struct tl_pattern *p, tl_str text);
bool tl_matcher_next(struct tl_matcher *m, size_t *beg, size_t *end);
void tl_matcher_clear(struct tl_matcher *m);

/* "the normalizer Foo is not supported". */
enum tl_status tl_unsupported(
    struct tl_error *err, const char *what, tl_str type);

#define TL_MAX_STEPS 64u /* of one kind, sequences flattened */
#define TL_MAX_STEPS_DEPTH 16u

/* --- steps -----------------------------------------------------------------
 */

struct tl_charsmap;

struct tl_norm_step {
	const struct tl_norm_op *op;
	struct tl_pattern pattern; /* Replace */
	tl_str text;		   /* Replace, Prepend */
	unsigned flags;		   /* Strip: 1 left, 2 right; Bert: see there */
	const struct tl_charsmap *map; /* Precompiled */
};

struct tl_norm {
	struct tl_norm_step *steps;
	size_t n;
};

/* json may be NULL or null. */
enum tl_status tl_norm_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm *out, struct tl_error *err) TL_MUST_USE;
/* False when a pattern gave up or the text became too long. */
bool tl_norm_run(
    const struct tl_norm *n, struct tl_arena *a, struct tl_piece *p);

enum tl_split_behavior {
	TL_SPLIT_REMOVED,
	TL_SPLIT_ISOLATED,
	TL_SPLIT_WITH_PREVIOUS,
	TL_SPLIT_WITH_NEXT,
	TL_SPLIT_CONTIGUOUS,
};

enum tl_prepend { TL_PREPEND_ALWAYS, TL_PREPEND_FIRST, TL_PREPEND_NEVER };

bool tl_norm_is(const struct tl_norm_step *s, const char *name);

struct tl_pretok_step {
	const struct tl_pretok_op *op;
	struct tl_pattern pattern;
	enum tl_split_behavior behavior;
	bool invert;
	bool add_prefix_space;	 /* ByteLevel */
	bool use_regex;		 /* ByteLevel */
	bool is_raw;		 /* ByteLevel: the model takes the bytes */
	bool split;		 /* Metaspace */
	enum tl_prepend prepend; /* Metaspace */
	tl_str text;		 /* Metaspace, CharDelimiterSplit */
	size_t length;		 /* FixedLength */
};

struct tl_pretok {
	struct tl_pretok_step *steps;
	size_t n;
};

enum tl_status tl_pretok_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok *out, struct tl_error *err) TL_MUST_USE;
/* On every piece that is not an added token.  False when a pattern gave up. */
bool tl_pretok_run(
    const struct tl_pretok *p, struct tl_arena *a, struct tl_pieces *list);
bool tl_pretok_is(const struct tl_pretok_step *s, const char *name);

/* The byte alphabet: U+0021 for byte 0x21, U+0120 for 0x20, … */
uint32_t tl_byte_char(unsigned char b);
int tl_char_byte(uint32_t cp); /* or -1 */
/* The bytes that a string in the byte alphabet stands for; false when it has a
 * char outside of the alphabet. */
bool tl_bytes_of_chars(tl_str s, struct tl_buf *out);

/* --- models ----------------------------------------------------------------
 */

/* A token of a piece; [beg, end) are bytes of the piece and may end inside a
 * char. */
struct tl_mtok {
	uint32_t id, beg, end;
};

struct tl_mtoks {
	struct tl_mtok *v;
	size_t n, cap;
};

#define TL_ASCII_JOINS ((size_t)128 * 2) /* words of 64 bits */
#define TL_JOIN_BITS 20u		 /* of the Bloom filter's size */
#define TL_JOINS (((size_t)1 << TL_JOIN_BITS) / 64)

/* Two bytes side by side, x and y; see bpe_bytes.c. */
struct tl_byte_pair {
	uint32_t rank;	 /* of the two, or TL_NO_RANK */
	uint32_t id;	 /* what they become */
	uint32_t before; /* the lowest with y behind a token that ends with x */
	uint32_t behind; /* … with x before a token that begins with y */
};

#define TL_BYTE_PAIRS ((size_t)1 << 16)
#define TL_PAIR_NEVER_SURE ((uint32_t)1 << 31) /* added to rank */

struct tl_bpe {
	struct tl_pairs pairs;
	struct tl_char_ids chars;
	tl_str prefix,
	    suffix;	  /* continuing_subword_prefix, end_of_word_suffix */
	tl_str unk_token; /* ptr NULL: unknown chars are dropped */
	uint32_t unk_id;  /* TL_NO_ID when it is not in the vocabulary */
	bool fuse_unk, byte_fallback, ignore_merges;
	bool has_no_merges; /* dropout 1 */

	/* Byte-level vocabularies run on the bytes themselves: */
	bool is_raw;
	uint32_t byte_ids[256]; /* the symbol of each byte */
	const struct tl_byte_pair *byte_pairs;
	struct tl_words raw;	  /* whole pieces as bytes, for ignore_merges */
	struct tl_vocab raw_long; /* … those that do not fit there */

	/* SentencePiece-style ones can be cut between two chars that no merge
	 * joins: */
	bool can_cut; /* before a "▁" that no merge joins */
	bool can_cut_anywhere;
	uint64_t *ascii_joins; /* [128][2]; " " stands for "▁" */
	uint64_t *joins;       /* a Bloom filter of all pairs */
	struct tl_bpe_ascii *ascii;
	uint64_t (*stops)[4]; /* NULL, or a bit for each two chars, modulo 256:
			       * a word that has them is no matter of merges */
	uint64_t *wholes;     /* a bit for each entry of the vocabulary whose
			       * chars merge to it, and NULL if not looked for */
};

/* What new words ask for most, about chars below 128; " " stands for "▁". */
struct tl_bpe_ascii {
	uint32_t ids[128];
	uint64_t cuts[128][2];	 /* places between two where a text is cut */
	int32_t pairs[128][128]; /* tl_bpe_pair() of place 0 */
};

/* A short piece while it is merged; see bpe.c. */
#define TL_BPE_WORD_SYMBOLS 32u
#define TL_BPE_WORDS 192u /* at a time */

/* A pair of this rank at this place, as struct tl_bpe_word has it: the smallest
 * is the next to merge. */
static inline int32_t
tl_bpe_pair(uint32_t rank, unsigned at)
{
	return rank == TL_NO_RANK ? INT32_MAX : (int32_t)(rank << 5 | at);
}

struct tl_bpe_word {
	uint32_t n;	     /* symbols at first */
	uint32_t alive;	     /* those that are left */
	uint32_t best;	     /* the next pair to merge */
	uint8_t left, right; /* of the last merge, where pairs may be */
	uint32_t open; /* the first pairs that are still to look up, by bit */
	uint8_t starts[TL_BPE_WORD_SYMBOLS + 1]; /* bytes of the piece */
	uint64_t hash_left, hash_right;
	uint32_t ids[TL_BPE_WORD_SYMBOLS];
	int32_t pairs[TL_BPE_WORD_SYMBOLS];
};

struct tl_unigram {
	struct tl_prefixes pieces; /* values: entries of scores */
	const double *scores;
	double min_score;
	uint32_t unk_id; /* or TL_NO_ID */
	bool byte_fallback;
};

enum tl_model_kind {
	TL_MODEL_BPE,
	TL_MODEL_UNIGRAM,
	TL_MODEL_WORDPIECE,
	TL_MODEL_WORDLEVEL,
};

struct tl_model {
	enum tl_model_kind kind;
	struct tl_vocab vocab;
	struct tl_bpe bpe;
	struct tl_unigram unigram;
	uint32_t fallback_ids[256]; /* of "<0xNN>", or TL_NO_ID */
	uint32_t unk_id;	    /* WordPiece, WordLevel */
	tl_str prefix;		    /* WordPiece: "##" */
	size_t max_chars;	    /* WordPiece: of a word */
};

/* --- added tokens (added.c)
 * --------------------------------------------------- */

/* The patterns of one pass; values index tl_tokenizer.added. */
struct tl_added_set {
	struct tl_prefixes patterns;
	uint64_t first[4]; /* the bytes a pattern begins with */
	uint64_t *two;	   /* … and their first two, 65,536 bits */
	int only_first;	   /* the one first byte, or -1 */
};

/* Split p at the tokens of the set; append the parts to out. */
void tl_added_split(const struct tl_tokenizer *t,
    const struct tl_added_set *set, const struct tl_piece *p,
    struct tl_pieces *out);
/* The longest pattern at text[at], or -1. */
int64_t tl_added_longest(
    const struct tl_added_set *set, tl_str text, size_t at);

/* --- post-processors (post.c) ----------------------------------------------
 */

enum tl_post_kind { TL_POST_TEMPLATE, TL_POST_TRIM };

#define TL_POST_TEXT UINT32_MAX /* the place of the text */

struct tl_post_step {
	enum tl_post_kind kind;
	uint32_t *parts; /* TL_POST_TEMPLATE: ids, or TL_POST_TEXT */
	size_t nparts;
	bool add_prefix_space; /* TL_POST_TRIM */
};

struct tl_post {
	struct tl_post_step *steps;
	size_t n;
};

enum tl_status tl_post_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_post *out, struct tl_error *err) TL_MUST_USE;

/* What a tokenizer.json says about the length of every text.  The library
 * obeys it; trainers switch it off. */
struct tl_stored {
	bool is_obeyed;
	bool truncates, cuts_left;
	size_t max;
	bool pads, pads_left;
	size_t length;	 /* 0: that of the text */
	size_t multiple; /* 0: any */
	uint32_t pad_id;
};

/* truncation and padding may be NULL or null. */
enum tl_status tl_stored_parse(const struct tl_json *truncation,
    const struct tl_json *padding, struct tl_stored *out,
    struct tl_error *err) TL_MUST_USE;

/* Whether the post-processor adds a token of this name. */
bool tl_post_adds(const struct tl_tokenizer *t, tl_str token);

/* A template of the text between two ids; -1: none. */
void tl_post_surround(
    struct tl_arena *a, struct tl_post_step *s, int64_t before, int64_t after);

/* --- the whole -------------------------------------------------------------
 */

/* How the encoder may take a short way; same result as the steps one by one. */
enum tl_plan {
	TL_PLAN_STEPS,
	TL_PLAN_BYTES,	   /* a scanner, then raw BPE */
	TL_PLAN_METASPACE, /* spaces become "▁", then BPE */
};

struct tl_named_template {
	tl_str name; /* "" or "default" for the default */
	tl_str source;
};

struct tl_tokenizer {
	struct tl_arena *arena;
	tl_str name;
	struct tl_norm norm;
	struct tl_pretok pretok;
	struct tl_model model;
	struct tl_post post;
	struct tl_stored stored;
	struct tl_tokenizer_facts facts;

	struct tl_added_token *added;
	size_t nadded;
	struct tl_added_set raw_set;	    /* normalized: false */
	struct tl_added_set normalized_set; /* normalized: true */
	/* The latter for TL_PLAN_METASPACE where the normalizer makes "▁" of
	 * spaces: as they are in the text, and without the space in front. */
	struct tl_added_set folded_set, front_set;
	size_t longest_added; /* bytes of the longest pattern */
	bool has_single_word; /* one that asks what is beside it */
	bool is_older;	      /* of a kind that added_tokens.json goes with */
	bool encodes_special; /* special tokens in the text are plain text */

	struct tl_spm *spm; /* then it does everything but added tokens */
	enum tl_plan plan;
	bool is_byte_level; /* the vocabulary is spelled in the byte alphabet */
	bool needs_nfc;	    /* TL_PLAN_BYTES: the normalizer is NFC, */
	bool needs_nfkc;    /* … or NFKC */
	tl_scan_fn *scan;   /* TL_PLAN_BYTES */
	enum tl_prepend prepend; /* TL_PLAN_METASPACE */
	bool prepends_always;	 /* … even before a "▁" (the legacy way) */

	size_t size; /* highest id + 1 */
	struct tl_special_tokens tokens;
	int64_t bos, eos, pad, unk;
	struct tl_named_template *templates;
	size_t ntemplates;
	const char *template_origin;
	uint64_t *added_order; /* id << 32 | index of added, ascending */
	uint8_t *flags;	       /* enum tl_token_flag, by id */
};

/* Append added tokens; their ids are given as the reference does it, not
 * taken from them. */
enum tl_status tl_tokenizer_add(struct tl_tokenizer *t,
    const struct tl_added_token *tokens, size_t n,
    struct tl_error *err) TL_MUST_USE;
/* Build the two sets of patterns. */
void tl_tokenizer_index_added(struct tl_tokenizer *t);
/* Build folded_set and front_set; false where a token looks at the white space
 * beside it. */
bool tl_tokenizer_fold_added(struct tl_tokenizer *t);

/* The encoder's working memory, as the models see it. */
struct tl_encoder {
	const struct tl_tokenizer *t;
	tl_oom_fn *oom;
	void *ctx;
	struct tl_arena *scratch; /* one text */
	struct tl_mtoks toks;	  /* one piece */
	struct tl_word_queue *queue;
	struct tl_wcache *cache;
	uint32_t *ids; /* the text's tokens so far */
	struct tl_offset *offsets;
	size_t n, cap;
	struct tl_bpe_work *bpe;
	tl_str text;
	bool is_plain;	 /* added tokens of the text are text */
	bool is_inside;	 /* it begins behind a cut */
	bool only_steps; /* never take the short way (tests) */
};

/* A growing array of the encoder: at least `want` elements. */
void *tl_encoder_grow(const struct tl_encoder *e, void *ptr, size_t *cap,
    size_t want, size_t size);
/* Room for n tokens of the text. */
void tl_encoder_room(struct tl_encoder *e, size_t n);
/* The string of token i of the text: its entry in the vocabulary, or the text
 * of an added token. */
tl_str tl_encoder_string(const struct tl_encoder *e, size_t i);
void tl_post_run(
    struct tl_encoder *e, const struct tl_post *p, bool adds_special);
void tl_mtoks_room(struct tl_encoder *e, size_t n); /* in e->toks */
void tl_mtoks_add(struct tl_encoder *e, uint32_t id, size_t beg, size_t end);

/* Tokens of a piece into e->toks (replaced).  TL_OK, or a failure with err. */
enum tl_status tl_model_encode(
    struct tl_encoder *e, tl_str piece, struct tl_error *err) TL_MUST_USE;
void tl_bpe_finish(struct tl_model *m, struct tl_arena *a, bool wants_raw);
void tl_bpe_finish_bytes(struct tl_model *m, struct tl_arena *a);
enum tl_status tl_bpe_encode(
    struct tl_encoder *e, tl_str piece, struct tl_error *err) TL_MUST_USE;
/* The bytes as they are: one symbol a byte. */
void tl_bpe_encode_raw(struct tl_encoder *e, tl_str piece);
/* The end of the symbol that piece[at] begins, a byte or two, and its id. */
size_t tl_bpe_next_symbol(
    const struct tl_bpe *b, tl_str piece, size_t at, uint32_t *id);
/* The id of a piece that is a token, for ignore_merges, or TL_NO_ID. */
uint32_t tl_bpe_find_whole(const struct tl_bpe *b, tl_str piece);
/* " " counts as "▁"; a dummy "▁" in front that takes no room when has_prefix.
 * Spans end at chars. */
void tl_bpe_encode_metaspace(
    struct tl_encoder *e, tl_str piece, bool has_prefix);
/* The same for many short pieces at a time: begin each, merge them all, ask
 * for the tokens of each (into e->toks).  Not for ignore_merges. */
/* False: there are too many symbols. */
bool tl_bpe_begin_raw(
    const struct tl_bpe *b, tl_str piece, struct tl_bpe_word *w) TL_MUST_USE;
void tl_bpe_begin_whole(tl_str piece, uint32_t id, struct tl_bpe_word *w);
void tl_bpe_begin_metaspace(
    struct tl_encoder *e, tl_str piece, bool has_prefix, struct tl_bpe_word *w);
/* … the same without an encoder, where every char is known and no stop is
 * there; false: it is not. */
bool tl_bpe_begin_known(const struct tl_bpe *b, tl_str piece, bool has_prefix,
    struct tl_bpe_word *w);
void tl_bpe_merge_words(
    const struct tl_bpe *b, struct tl_bpe_word *const *words, size_t n);
void tl_bpe_word_tokens(struct tl_encoder *e, const struct tl_bpe_word *w);
/* Byte fallback leaves no char unknown: each byte has a token, or is a char
 * that has one (Gemma's tab). */
bool tl_bpe_knows_all_bytes(const struct tl_model *m);
void tl_bpe_work_free(struct tl_bpe_work *w);
enum tl_status tl_unigram_encode(
    struct tl_encoder *e, tl_str piece, struct tl_error *err) TL_MUST_USE;

/* A SentencePiece model on a part of the text (spm.c). */
enum tl_status tl_spm_encode(struct tl_encoder *e, const struct tl_piece *p,
    struct tl_error *err) TL_MUST_USE;
/* The same word by word, between two cuts: is that possible?  What the words
 * are of, and whether a dummy "▁" is in front that takes no room. */
bool tl_spm_is_direct(const struct tl_spm *s);
/* … and a text can be cut. */
bool tl_spm_is_verbatim(const struct tl_spm *s);
enum tl_status tl_spm_prepare(struct tl_encoder *e, const struct tl_piece *p,
    struct tl_piece *out, bool *has_prefix, struct tl_error *err) TL_MUST_USE;
/* Tokens of a word into e->toks: the long way, and what is left to do when
 * merges have put them there. */
void tl_spm_word(struct tl_encoder *e, tl_str word, bool has_prefix);
void tl_spm_end_word(struct tl_encoder *e, tl_str word);
bool tl_spm_has_prefix(const struct tl_spm *s);
bool tl_spm_is_legacy(const struct tl_spm *s);

/* No merge crosses the place between two chars. */
bool tl_bpe_is_cut(const struct tl_bpe *b, uint32_t prev, uint32_t cp);
/* No cut between any two chars of piece. */
void tl_bpe_add_joins(struct tl_bpe *b, struct tl_arena *a, tl_str piece);
/* The first place behind at where text may be cut. */
size_t tl_bpe_next_cut(const struct tl_bpe *b, tl_str text, size_t at);
/* No word that has piece is a matter of merges. */
void tl_bpe_add_stops(struct tl_bpe *b, struct tl_arena *a, tl_str piece);
/* b->ascii, when chars, pairs and joins are there. */
void tl_bpe_find_ascii(struct tl_bpe *b, struct tl_arena *a);
void tl_bpe_finish_metaspace(struct tl_model *m, struct tl_arena *a);
/* b->wholes. */
void tl_bpe_find_wholes(struct tl_model *m, struct tl_arena *a);

/* Is the word between two cuts a token, where b->wholes is known?  Ask for the
 * memory first, and later for the id, or TL_NO_ID. */
#define TL_WHOLE_BYTES 24u
uint64_t tl_bpe_whole_aim(const struct tl_model *m, tl_str word);
uint32_t tl_bpe_whole(const struct tl_model *m, tl_str word, uint64_t hash);

/* For tests: never take the short way. */
void tl_encoder_only_steps(struct tl_encoder *e);

#endif
