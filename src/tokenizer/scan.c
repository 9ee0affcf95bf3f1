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
	K_L = TL_KIND_L,
	K_N = TL_KIND_N,
	K_W = TL_KIND_W,
	K_NL = 8u, /* \r or \n */
	K_UP = TL_KIND_UP,
	K_LOW = TL_KIND_LOW,
	K_OTHER = TL_KIND_OTHER,
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
	return tl_uni_kind(tl_uni_char(s, at, len));
}

typedef unsigned class_fn(tl_str s, size_t at, size_t *len);

/* The end of the run of chars whose class has a bit of `any`. */
static inline size_t
run(tl_str s, size_t at, unsigned any)
{
	while (at < s.len) {
		unsigned char c = (unsigned char)s.ptr[at];
		size_t len = 1;

		if (((c < 0x80 ? ascii[c]
			       : tl_uni_kind(tl_uni_char(s, at, &len))) &
			any) == 0)
			break;
		at += len;
	}
	return at;
}

/* The same, where another class function says where the text ends. */
static inline size_t
run_of(tl_str s, size_t at, unsigned any, class_fn *class_of)
{
	size_t len;

	while (class_of(s, at, &len) & any)
		at += len;
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
static inline size_t
spaces_of(tl_str s, size_t at, bool newlines, class_fn *class_of)
{
	size_t end = at, after_newline = at, last = at, len;

	for (;; end += len) {
		unsigned k = class_of(s, end, &len);

		if (!(k & K_W))
			break;
		last = end;
		if (k & K_NL)
			after_newline = end + len;
	}
	if (newlines && after_newline > at)
		return after_newline;
	if (len == 0 || last == at)
		return end;
	return last; /* the last one goes with what follows */
}

static size_t
spaces(tl_str s, size_t at, bool newlines)
{
	return spaces_of(s, at, newlines, class_at);
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

static inline bool
is_spaced_letter(tl_str s, size_t at)
{
	unsigned char c;

	if (s.len - at < 2 || s.ptr[at] != ' ')
		return false;
	c = (unsigned char)s.ptr[at + 1] | 0x20;
	return c >= 'a' && c <= 'z';
}

/* Llama-3, cl100k, Qwen2: they differ in how many digits go together. */
static inline size_t
scan_cl100k(tl_str s, size_t at, size_t max_digits)
{
	size_t len, len2;
	unsigned k, k2;

	if (is_spaced_letter(s, at)) /* half of all pieces */
		return letters(s, at + 2);
	k = class_at(s, at, &len);
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

static inline size_t
scan_gpt2_like(tl_str s, size_t at, class_fn *class_of)
{
	size_t len, len2, end = contraction(s, at, false);
	unsigned k = class_of(s, at, &len), k2;

	if (end > at)
		return end;
	if (s.ptr[at] == ' ') {
		k2 = class_of(s, at + 1, &len2);
		if (len2 > 0 && !(k2 & K_W)) {
			k = k2;
			at++;
		}
	}
	if (k & K_L)
		return class_of == class_at ? letters(s, at)
					    : run_of(s, at, K_L, class_of);
	if (k & K_N)
		return run_of(s, at, K_N, class_of);
	if (!(k & K_W))
		return run_of(s, at, K_OTHER, class_of);
	return spaces_of(s, at, false, class_of);
}

static size_t
scan_gpt2(tl_str s, size_t at)
{
	return scan_gpt2_like(s, at, class_at);
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

/* --- several splits in a row -----------------------------------------------
 *
 * What an earlier split has cut off is the end of the text for a later one.
 */

/* Digits, each alone, then GPT-2's expression. */
static unsigned
class_but_digits(tl_str s, size_t at, size_t *len)
{
	unsigned k = class_at(s, at, len);
	size_t n;

	if (*len == 1 ? (k & K_N) != 0
		      : *len > 1 &&
		    (tl_uni_mask(tl_uni_char(s, at, &n)) & TL_UNI_NUMERIC) !=
			0) {
		*len = 0;
		return 0;
	}
	return k;
}

static size_t
scan_digits_gpt2(tl_str s, size_t at)
{
	size_t len, n;

	(void)class_but_digits(s, at, &len);
	if (len > 0)
		return scan_gpt2_like(s, at, class_but_digits);
	(void)tl_uni_char(s, at, &n);
	return at + n;
}

/* DeepSeek: numbers, then Chinese and kana, then an expression of its own. */
enum { D_N = 1u, D_CJK = 2u, D_W = 4u, D_NL = 8u, D_LM = 16u, D_PS = 32u };

static unsigned
deepseek_ascii(unsigned char c)
{
	unsigned k = ascii[c];
	bool is_sign = (k & K_OTHER) && c > ' ' && c < 0x7F;

	return ((k & K_N) ? D_N : 0u) | ((k & K_W) ? D_W : 0u) |
	    ((k & K_NL) ? D_NL : 0u) | ((k & K_L) ? D_LM : 0u) |
	    (is_sign ? D_PS : 0u);
}

static inline unsigned
deepseek_any(tl_str s, size_t at, size_t *len)
{
	uint32_t cp = tl_uni_char(s, at, len), m;

	if (cp < 0x80)
		return deepseek_ascii((unsigned char)cp);
	m = tl_uni_mask(cp);
	if (m & TL_UNI_N)
		return D_N;
	if ((cp >= 0x4E00 && cp <= 0x9FA5) || (cp >= 0x3040 && cp <= 0x30FF))
		return D_CJK;
	return ((m & TL_UNI_SPACE) ? D_W : 0u) |
	    ((m & (TL_UNI_L | TL_UNI_M)) ? D_LM : 0u) |
	    ((m & (TL_UNI_P | TL_UNI_S)) ? D_PS : 0u);
}

/* … for the last expression, to which the others are the end. */
static unsigned
deepseek_class(tl_str s, size_t at, size_t *len)
{
	unsigned k;

	*len = 0;
	if (at >= s.len)
		return 0;
	k = deepseek_any(s, at, len);
	if (k & (D_N | D_CJK))
		*len = 0;
	return *len == 0 ? 0 : k;
}

static bool
is_ascii_letter(tl_str s, size_t at)
{
	return at < s.len && (unsigned char)s.ptr[at] < 128 &&
	    (ascii[(unsigned char)s.ptr[at]] & K_L) != 0;
}

/* \s*[\r\n]+|\s+(?!\S)|\s+ in these classes. */
static size_t
deepseek_spaces(tl_str s, size_t at)
{
	size_t end = at, after_newline = at, last = at, len;
	unsigned k;

	while ((k = deepseek_class(s, end, &len)) & D_W) {
		last = end;
		end += len;
		if (k & D_NL)
			after_newline = end;
	}
	if (after_newline > at)
		return after_newline;
	return len == 0 || last == at ? end : last;
}

static inline size_t
deepseek_letters(tl_str s, size_t at)
{
	at = ascii_letters(s, at);
	if (at < s.len && (unsigned char)s.ptr[at] >= 0x80)
		return run_of(s, at, D_LM, deepseek_class);
	return at;
}

/* The end of a match of the last expression at s[at], or at. */
static size_t
deepseek_match(tl_str s, size_t at)
{
	size_t len, len2;
	unsigned k = deepseek_class(s, at, &len), k2;

	if (len == 0)
		return at;
	k2 = deepseek_class(s, at + len, &len2);
	if ((k & D_PS) && len == 1 && is_ascii_letter(s, at + 1))
		return ascii_letters(s, at + 1);
	if (!(k & (D_NL | D_PS)) && (k2 & D_LM))
		return deepseek_letters(s, at + len);
	if (k & D_LM)
		return deepseek_letters(s, at);
	if (k & D_PS || (s.ptr[at] == ' ' && (k2 & D_PS))) {
		at = run_of(s, at + len, D_PS, deepseek_class);
		return run_of(s, at, D_NL, deepseek_class);
	}
	return k & D_W ? deepseek_spaces(s, at) : at;
}

static size_t
scan_deepseek(tl_str s, size_t at)
{
	size_t len, end;
	unsigned k;

	if (is_spaced_letter(s, at))
		return deepseek_letters(s, at + 2);
	k = deepseek_any(s, at, &len);
	if (k & D_N) {
		for (size_t n = 0; n < 3 && at < s.len; n++, at += len)
			if (!(deepseek_any(s, at, &len) & D_N))
				break;
		return at;
	}
	if (k & D_CJK) {
		for (; at < s.len; at += len)
			if (!(deepseek_any(s, at, &len) & D_CJK))
				break;
		return at;
	}
	end = deepseek_match(s, at);
	if (end > at)
		return end;
	/* A char that nothing matches: up to the next that is matched. */
	for (;;) {
		at += len;
		(void)deepseek_class(s, at, &len);
		if (len == 0 || deepseek_match(s, at) > at)
			return at;
	}
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

#define CJK "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+"
#define PUNCT "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]"

const struct tl_known_sequence tl_known_sequences[] = {
	{ "deepseek",
	    { TL_LIT("\\p{N}{1,3}"), TL_LIT(CJK),
		TL_LIT(PUNCT "[A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?"
			     "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|"
			     "\\s*[\r\n]+|\\s+(?!\\S)|\\s+") },
	    scan_deepseek },
	{ NULL, { { NULL, 0 } }, NULL },
};

tl_scan_fn *
tl_scan_digits_gpt2(void)
{
	return scan_digits_gpt2;
}

tl_scan_fn *
tl_scan_known(tl_str source)
{
	for (const struct tl_known_pattern *k = tl_known_patterns;
	     k->name != NULL; k++)
		if (tl_str_eq(k->source, source))
			return k->scan;
	return NULL;
}
