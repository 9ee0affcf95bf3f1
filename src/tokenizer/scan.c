/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.c - the well-known pre-tokenizer expressions by hand.
 *
 * Each of these expressions matches at every place of every text, so a scanner
 * only has to say where the piece that starts here ends.  The first
 * alternative that matches wins, not the longest.  A unit test compares them
 * with the regex engine.
 */
#include "tok.h"
#include "unicode.h"

enum {
	K_L = 1u,      /* \p{L} */
	K_N = 2u,      /* \p{N} */
	K_W = 4u,      /* \s */
	K_NL = 8u,     /* \r or \n */
	K_UP = 16u,    /* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
	K_LOW = 32u,   /* [\p{Ll}\p{Lm}\p{Lo}\p{M}] */
	K_OTHER = 64u, /* [^\s\p{L}\p{N}] */
};

#define W K_W
#define E (K_W | K_NL)
#define N K_N
#define U (K_L | K_UP)
#define L (K_L | K_LOW)
#define O K_OTHER
/* clang-format off */
static const uint8_t ascii[128] = {
	O, O, O, O, O, O, O, O, O, W, E, W, W, E, O, O,
	O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	W, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
	N, N, N, N, N, N, N, N, N, N, O, O, O, O, O, O,
	O, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U,
	U, U, U, U, U, U, U, U, U, U, U, O, O, O, O, O,
	O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, L, O, O, O, O, O,
};
/* clang-format on */
#undef W
#undef E
#undef N
#undef U
#undef L
#undef O

static unsigned
wide_class(tl_str s, size_t at, size_t *len)
{
	const uint32_t upper = TL_UNI_LU | TL_UNI_LT, lower = TL_UNI_LL;
	const uint32_t both = TL_UNI_LM | TL_UNI_LO | TL_UNI_M;
	uint32_t m = tl_uni_mask(tl_uni_char(s, at, len));

	return ((m & TL_UNI_L) != 0 ? K_L : 0u) |
	    ((m & TL_UNI_N) != 0 ? K_N : 0u) |
	    ((m & TL_UNI_SPACE) != 0 ? K_W : 0u) |
	    ((m & (upper | both)) != 0 ? K_UP : 0u) |
	    ((m & (lower | both)) != 0 ? K_LOW : 0u) |
	    ((m & (TL_UNI_L | TL_UNI_N | TL_UNI_SPACE)) == 0 ? K_OTHER : 0u);
}

/* The class of the char at s[at] and its length; at the end class 0, length
 * 0. */
static inline unsigned
class_at(tl_str s, size_t at, size_t *len)
{
	if (at >= s.len) {
		*len = 0;
		return 0;
	}
	if ((unsigned char)s.ptr[at] < 0x80) {
		*len = 1;
		return ascii[(unsigned char)s.ptr[at]];
	}
	return wide_class(s, at, len);
}

/* The end of the run of chars whose class has a bit of `any`. */
static inline size_t
run(tl_str s, size_t at, unsigned any)
{
	while (at < s.len) {
		unsigned char c = (unsigned char)s.ptr[at];
		size_t len = 1;

		if (((c < 0x80 ? ascii[c] : wide_class(s, at, &len)) & any) ==
		    0)
			break;
		at += len;
	}
	return at;
}

#define BYTES(b) ((uint64_t)(b)*0x0101010101010101u)

/* ASCII letters from s[at] on, eight bytes at a time. */
static inline size_t
ascii_letters(tl_str s, size_t at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (s.len - at >= 8) {
		uint64_t word, low, is_letter;

		memcpy(&word, s.ptr + at, sizeof(word));
		low = (word | BYTES(0x20)) & BYTES(0x7F);
		is_letter = (low + BYTES(0x80 - 'a')) &
		    ~(low + BYTES(0x80 - 'z' - 1)) & ~word & BYTES(0x80);
		if (is_letter != BYTES(0x80))
			return at +
			    (size_t)__builtin_ctzll(~is_letter & BYTES(0x80)) /
			    8;
		at += 8;
	}
#endif
	while (at < s.len && (unsigned char)s.ptr[at] < 0x80 &&
	    (ascii[(unsigned char)s.ptr[at]] & K_L))
		at++;
	return at;
}

static inline size_t
letters(tl_str s, size_t at)
{
	at = ascii_letters(s, at);
	if (at < s.len && (unsigned char)s.ptr[at] >= 0x80)
		return run(s, at, K_L);
	return at;
}

/* 's 't 're 've 'm 'll 'd: the end of the one at s[at], or at. */
static size_t
contraction(tl_str s, size_t at, bool ignores_case)
{
	unsigned char c, d;
	unsigned char bit = ignores_case ? 0x20 : 0;

	if (s.len - at < 2 || s.ptr[at] != '\'')
		return at;
	c = (unsigned char)s.ptr[at + 1] | bit;
	if (c == 's' || c == 't' || c == 'm' || c == 'd')
		return at + 2;
	if (s.len - at < 3)
		return at;
	/* U+017F is an s to whom case does not matter. */
	if (ignores_case && (unsigned char)s.ptr[at + 1] == 0xC5 &&
	    (unsigned char)s.ptr[at + 2] == 0xBF)
		return at + 3;
	d = (unsigned char)s.ptr[at + 2] | bit;
	if ((c == 'r' && d == 'e') || (c == 'v' && d == 'e') ||
	    (c == 'l' && d == 'l'))
		return at + 3;
	return at;
}

/* \s*[\r\n]+|\s+(?!\S)|\s+ ; without the first when newlines is false. */
static size_t
spaces(tl_str s, size_t at, bool newlines)
{
	size_t end = at, after_newline = at, last = at, len;

	for (;; end += len) {
		unsigned k = class_at(s, end, &len);

		if (!(k & K_W))
			break;
		last = end;
		if (k & K_NL)
			after_newline = end + len;
	}
	if (newlines && after_newline > at)
		return after_newline;
	if (end == s.len || last == at)
		return end;
	return last; /* the last one goes with what follows */
}

/* \p{N}{1,max} */
static size_t
digits(tl_str s, size_t at, size_t max)
{
	size_t len;

	for (size_t n = 0; n < max; n++, at += len)
		if (!(class_at(s, at, &len) & K_N))
			break;
	return at;
}

/* Llama-3, cl100k, Qwen2: they differ in how many digits go together. */
static inline size_t
scan_cl100k(tl_str s, size_t at, size_t max_digits)
{
	size_t len, len2;
	unsigned k = class_at(s, at, &len), k2;

	if (k & K_L)
		return letters(s, at + len);
	if (k & K_N)
		return digits(s, at, max_digits);
	if (s.ptr[at] == '\'') {
		size_t end = contraction(s, at, true);

		if (end > at)
			return end;
	}
	k2 = class_at(s, at + len, &len2);
	if (!(k & K_NL) && (k2 & K_L))
		return letters(s, at + len + len2);
	if (!(k & K_W) ||
	    (s.ptr[at] == ' ' && len2 > 0 && !(k2 & (K_W | K_L | K_N)))) {
		size_t end = run(s, at + len, K_OTHER);

		return run(s, end, K_NL);
	}
	return spaces(s, at, true);
}

static size_t
scan_llama3(tl_str s, size_t at)
{
	return scan_cl100k(s, at, 3);
}

static size_t
scan_qwen2(tl_str s, size_t at)
{
	return scan_cl100k(s, at, 1);
}

static size_t
scan_gpt2(tl_str s, size_t at)
{
	size_t len, len2, end = contraction(s, at, false);
	unsigned k = class_at(s, at, &len), k2;

	if (end > at)
		return end;
	if (s.ptr[at] == ' ') {
		k2 = class_at(s, at + 1, &len2);
		if (len2 > 0 && !(k2 & K_W)) {
			k = k2;
			at++;
		}
	}
	if (k & K_L)
		return letters(s, at);
	if (k & K_N)
		return run(s, at, K_N);
	if (!(k & K_W))
		return run(s, at, K_OTHER);
	return spaces(s, at, false);
}

/* [UP]*[LOW]+ from at, else [UP]+[LOW]*: the end, or at.  UP and LOW share
 * Lm, Lo and M.  *is_second tells the alternatives apart. */
static size_t
cased_word(tl_str s, size_t at, bool *is_second)
{
	size_t up = at, after_low = at, len;
	unsigned k;

	for (;; up += len) {
		k = class_at(s, up, &len);
		if (!(k & K_UP))
			break;
		if (k & K_LOW)
			after_low = up + len;
	}
	*is_second = false;
	if (k & K_LOW)
		return run(s, up, K_LOW);
	if (after_low > at)
		return after_low; /* given back by [UP]* */
	*is_second = true;
	return up;
}

/* The two cased alternatives, with or without one char in front; the end, or
 * at. */
static size_t
cased(tl_str s, size_t at)
{
	size_t len, ends[2], begs[2], n = 0;
	bool second[2];
	unsigned k = class_at(s, at, &len);

	if (!(k & (K_NL | K_L | K_N)))
		begs[n++] = at + len;
	begs[n++] = at;
	for (size_t i = 0; i < n; i++) {
		ends[i] = cased_word(s, begs[i], &second[i]);
		if (ends[i] > begs[i] && !second[i])
			return ends[i];
	}
	for (size_t i = 0; i < n; i++)
		if (ends[i] > begs[i])
			return ends[i];
	return at;
}

static inline size_t
scan_o200k_like(tl_str s, size_t at, size_t max_digits, bool contractions)
{
	size_t len, len2, end = cased(s, at);
	unsigned k, k2;

	if (end > at)
		return contractions ? contraction(s, end, true) : end;
	k = class_at(s, at, &len);
	if (k & K_N)
		return digits(s, at, max_digits);
	k2 = class_at(s, at + len, &len2);
	if (!(k & K_W) ||
	    (s.ptr[at] == ' ' && len2 > 0 && !(k2 & (K_W | K_L | K_N)))) {
		end = run(s, at + len, K_OTHER);
		while (end < s.len &&
		    (s.ptr[end] == '\r' || s.ptr[end] == '\n' ||
			s.ptr[end] == '/'))
			end++;
		return end;
	}
	return spaces(s, at, true);
}

static size_t
scan_tekken(tl_str s, size_t at)
{
	return scan_o200k_like(s, at, 1, false);
}

static size_t
scan_o200k(tl_str s, size_t at)
{
	return scan_o200k_like(s, at, 3, true);
}

#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define SPACES "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define FRONT "[^\\r\\n\\p{L}\\p{N}]?"
#define CL100K(digits)                           \
	CONTRACTIONS "|" FRONT "\\p{L}+|" digits \
		     "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" SPACES
#define O200K(tail, digits)                                               \
	FRONT UPPER "*" LOWER "+" tail "|" FRONT UPPER "+" LOWER "*" tail \
		    "|" digits "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" SPACES

const struct tl_known_pattern tl_known_patterns[] = {
	{ "gpt2",
	    TL_LIT("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+|"
		   " ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"),
	    scan_gpt2 },
	{ "llama3", TL_LIT(CL100K("\\p{N}{1,3}")), scan_llama3 },
	{ "qwen2", TL_LIT(CL100K("\\p{N}")), scan_qwen2 },
	{ "tekken", TL_LIT(O200K("", "\\p{N}")), scan_tekken },
	{ "o200k", TL_LIT(O200K(CONTRACTIONS "?", "\\p{N}{1,3}")), scan_o200k },
	{ NULL, { NULL, 0 }, NULL },
};

tl_scan_fn *
tl_scan_known(tl_str source)
{
	for (const struct tl_known_pattern *k = tl_known_patterns;
	     k->name != NULL; k++)
		if (tl_str_eq(k->source, source))
			return k->scan;
	return NULL;
}
