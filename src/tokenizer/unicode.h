/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unicode.h - what a code point is to the reference tokenizers.
 *
 * The reference mixes several versions of Unicode in one call, so these tables
 * are its own answers and not those of any system library.  See unicode.txt.
 */
#ifndef TOKENIZER_UNICODE_H
#define TOKENIZER_UNICODE_H

#include <turnlint/str.h>

/* Bits of tl_uni_mask(), in the order of CLASSES in unicode.py. */
enum {
	TL_UNI_L = 1u << 0,
	TL_UNI_LU = 1u << 1,
	TL_UNI_LL = 1u << 2,
	TL_UNI_LT = 1u << 3,
	TL_UNI_LM = 1u << 4,
	TL_UNI_LO = 1u << 5,
	TL_UNI_M = 1u << 6,
	TL_UNI_MN = 1u << 7,
	TL_UNI_N = 1u << 8,
	TL_UNI_ND = 1u << 9,
	TL_UNI_P = 1u << 10,
	TL_UNI_S = 1u << 11,
	TL_UNI_Z = 1u << 12,
	TL_UNI_C = 1u << 13,
	TL_UNI_CN = 1u << 14,
	TL_UNI_SPACE = 1u << 15, /* \s of the regex engine */
	TL_UNI_WORD = 1u << 16,	 /* \w of the regex engine */
	TL_UNI_DIGIT = 1u << 17, /* \d of the regex engine */
	TL_UNI_HAN = 1u << 18,
	TL_UNI_HIRAGANA = 1u << 19,
	TL_UNI_KATAKANA = 1u << 20,
	TL_UNI_HANGUL = 1u << 21,
	TL_UNI_WHITE = 1u << 22,       /* White_Space */
	TL_UNI_NUMERIC = 1u << 23,     /* what Digits isolates */
	TL_UNI_PUNCT = 1u << 24,       /* what Punctuation isolates */
	TL_UNI_RUST_WORD = 1u << 25,   /* \w of single_word and Whitespace */
	TL_UNI_ACCENT = 1u << 26,      /* what StripAccents removes */
	TL_UNI_BERT_ACCENT = 1u << 27, /* what BertNormalizer strips */
	TL_UNI_NMT_GONE = 1u << 28,    /* what Nmt removes */
	TL_UNI_BERT_GONE = 1u << 29,   /* what clean_text removes */
};

/* Text without any is NFC, or NFKC, already. */
#define TL_UNI_NFC_CHECK (1u << 30)
#define TL_UNI_NFKC_CHECK (1u << 31)

#define TL_UNI_LAST 0x10FFFFu

/* The tables, for the functions below. */
extern const uint32_t tl_uni_masks[];
extern const uint8_t tl_uni_kinds[];
extern const uint16_t tl_uni_class_first[];
extern const uint8_t tl_uni_class_second[];

static inline unsigned
tl_uni_class(uint32_t cp)
{
	return tl_uni_class_second[((size_t)tl_uni_class_first[cp >> 7] << 7) |
	    (cp & 127)];
}

static inline uint32_t
tl_uni_mask(uint32_t cp)
{
	return cp > TL_UNI_LAST ? 0 : tl_uni_masks[tl_uni_class(cp)];
}

/* What the expressions of pre-tokenizers tell apart, in one byte. */
enum tl_uni_kind {
	TL_KIND_L = 1u,	     /* \p{L} */
	TL_KIND_N = 2u,	     /* \p{N} */
	TL_KIND_W = 4u,	     /* \s */
	TL_KIND_UP = 16u,    /* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
	TL_KIND_LOW = 32u,   /* [\p{Ll}\p{Lm}\p{Lo}\p{M}] */
	TL_KIND_OTHER = 64u, /* [^\s\p{L}\p{N}] */
};

/* Of a char that there is. */
static inline unsigned
tl_uni_kind(uint32_t cp)
{
	return tl_uni_kinds[tl_uni_class(cp)];
}

/* Decode the char at s[at] of a text that is known to be UTF-8. */
static inline uint32_t
tl_uni_char(tl_str s, size_t at, size_t *len)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	uint32_t c = p[0];

	if (c < 0x80) {
		*len = 1;
		return c;
	}
	if (c < 0xE0) {
		*len = 2;
		return (c & 0x1F) << 6 | (p[1] & 0x3Fu);
	}
	if (c < 0xF0) {
		*len = 3;
		return (c & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
	}
	*len = 4;
	return (c & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 |
	    (p[3] & 0x3Fu);
}

/* The bit of a \p{NAME} the tables know, or 0. */
uint32_t tl_uni_property(tl_str name);
uint8_t tl_uni_ccc(uint32_t cp);
/* Blocks of 64 chars of which one has TL_UNI_NFC_CHECK, or the other, a bit
 * each. */
extern const uint64_t tl_uni_nfc_blocks[];
extern const uint64_t tl_uni_nfkc_blocks[];
/* The primary composite of a pair (Hangul included), or 0. */
uint32_t tl_uni_compose(uint32_t a, uint32_t b);

/* What decides where a grapheme cluster ends, in the order of CLUSTERS in
 * unicode.py.  Hangul syllables are counted out. */
enum {
	TL_UNI_GCB_CONTROL = 1u << 0,
	TL_UNI_GCB_PREPEND = 1u << 1,
	TL_UNI_GCB_EXTEND = 1u << 2,
	TL_UNI_GCB_SPACING = 1u << 3,
	TL_UNI_GCB_PICTOGRAPHIC = 1u << 4,
	TL_UNI_GCB_LINKER = 1u << 5,
	TL_UNI_GCB_CONSONANT = 1u << 6,
};
unsigned tl_uni_gcb(uint32_t cp);

/* The number of what UnicodeScripts keeps together; 0 goes with any. */
unsigned tl_uni_script(uint32_t cp);

/* Mappings: *n code points, or NULL when cp stays as it is. */
enum tl_uni_map {
	TL_UNI_MAP_NFD,	 /* Hangul is left to the caller */
	TL_UNI_MAP_NFKD, /* where it differs from NFD */
	TL_UNI_MAP_LOWER,
	TL_UNI_MAP_NMT,
	TL_UNI_MAP_BERTCLEAN,
};
const uint32_t *tl_uni_map(enum tl_uni_map map, uint32_t cp, size_t *n);

#endif
