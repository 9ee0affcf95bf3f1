/* SPDX-License-Identifier: Apache-2.0 */
#include "template/jinja/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct mapping {
	uint32_t cp;
	uint32_t to[3];
};

struct range32 {
	uint32_t lo, hi;
};

#include "template/jinja/unicode_tables.h"

size_t
jinja_next(tl_str s, size_t at, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t left = s.len - at;

	if (p[0] < 0x80 || left < 2) {
		*cp = p[0];
		return 1;
	}
	if (p[0] < 0xe0) {
		*cp = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
		return 2;
	}
	if (p[0] < 0xf0 && left >= 3) {
		*cp = (uint32_t)(p[0] & 0xf) << 12 |
		    (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
		return 3;
	}
	if (left >= 4) {
		*cp = (uint32_t)(p[0] & 7) << 18 |
		    (uint32_t)(p[1] & 0x3f) << 12 |
		    (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
		return 4;
	}
	*cp = p[0];
	return 1;
}

size_t
jinja_prev(tl_str s, size_t at, uint32_t *cp)
{
	size_t n = 1;

	while (n < 4 && n < at && ((unsigned char)s.ptr[at - n] & 0xc0) == 0x80)
		n++;
	jinja_next((tl_str){ s.ptr, at }, at - n, cp);
	return n;
}

size_t
jinja_put(char out[4], uint32_t cp)
{
	if (cp < 0xd800 || cp > 0xdfff)
		return tl_utf8_put(out, cp);
	out[0] = (char)(0xe0 | cp >> 12);
	out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[2] = (char)(0x80 | (cp & 0x3f));
	return 3;
}

void
jinja_put_cp(struct tl_buf *b, uint32_t cp)
{
	char bytes[4];

	tl_buf_put(b, (tl_str){ bytes, jinja_put(bytes, cp) });
}

size_t
jinja_count(tl_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

size_t
jinja_offset(tl_str s, size_t n)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (((unsigned char)s.ptr[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	}
	return i;
}

bool
jinja_is_ascii(tl_str s)
{
	size_t i = 0;

	for (; i + 8 <= s.len; i += 8) {
		uint64_t w;

		memcpy(&w, s.ptr + i, 8);
		if ((w & 0x8080808080808080u) != 0)
			return false;
	}
	for (; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/* --- white space --------------------------------------------------------- */

bool
jinja_is_space_cp(uint32_t cp)
{
	if (cp < 0x80)
		return cp == ' ' || (cp >= 9 && cp <= 13) ||
		    (cp >= 0x1c && cp <= 0x1f);
	return cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	    (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

size_t
jinja_space_len(tl_str s, size_t at)
{
	uint32_t cp;
	size_t n = jinja_next(s, at, &cp);

	return jinja_is_space_cp(cp) ? n : 0;
}

bool
jinja_is_space(tl_str s)
{
	size_t at = 0, n;

	while (at < s.len && (n = jinja_space_len(s, at)) > 0)
		at += n;
	return at == s.len;
}

tl_str
jinja_lstrip(tl_str s)
{
	size_t n;

	while (s.len > 0 && (n = jinja_space_len(s, 0)) > 0) {
		s.ptr += n;
		s.len -= n;
	}
	return s;
}

tl_str
jinja_rstrip(tl_str s)
{
	while (s.len > 0) {
		uint32_t cp;
		size_t n = jinja_prev(s, s.len, &cp);

		if (!jinja_is_space_cp(cp))
			break;
		s.len -= n;
	}
	return s;
}

tl_str
jinja_strip(tl_str s)
{
	return jinja_lstrip(jinja_rstrip(s));
}

bool
jinja_is_line_break(uint32_t cp)
{
	return (cp >= 10 && cp <= 13) || (cp >= 0x1c && cp <= 0x1e) ||
	    cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

/* --- classes ------------------------------------------------------------- */

static bool
in_ranges(const struct range32 *r, size_t n, uint32_t cp)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cp < r[mid].lo)
			hi = mid;
		else if (cp > r[mid].hi)
			lo = mid + 1;
		else
			return true;
	}
	return false;
}

#define IN(table, cp) in_ranges((table), TL_COUNT(table), (cp))

/* The category, as the Unicode version of our reference Python has it. */
static utf8proc_category_t
category(uint32_t cp)
{
	if (cp >= 0xd800 && cp <= 0xdfff)
		return UTF8PROC_CATEGORY_CS;
	if (cp > 0x10ffff || (cp >= 0x80 && IN(later_than_python, cp)))
		return UTF8PROC_CATEGORY_CN;
	return utf8proc_category((utf8proc_int32_t)cp);
}

static bool
is_letter_category(utf8proc_category_t c)
{
	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

bool
jinja_is_printable(uint32_t cp)
{
	if (cp < 0x7f)
		return cp >= 0x20;
	switch (category(cp)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_ZS:
		return false;
	default:
		return true;
	}
}

bool
jinja_is_alpha(uint32_t cp)
{
	return is_letter_category(category(cp));
}

bool
jinja_is_decimal(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_ND;
}

bool
jinja_is_digit(uint32_t cp)
{
	return jinja_is_decimal(cp) || IN(not_nd_digit, cp);
}

bool
jinja_is_numeric(uint32_t cp)
{
	return jinja_is_decimal(cp) || IN(not_nd_numeric, cp);
}

bool
jinja_is_lower(uint32_t cp)
{
	if (category(cp) == UTF8PROC_CATEGORY_LL)
		return !IN(ll_not_lower, cp);
	return IN(not_ll_lower, cp);
}

bool
jinja_is_upper(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_LU || IN(not_lu_upper, cp);
}

bool
jinja_is_title(uint32_t cp)
{
	return category(cp) == UTF8PROC_CATEGORY_LT;
}

bool
jinja_is_cased(uint32_t cp)
{
	return jinja_is_lower(cp) || jinja_is_upper(cp) || jinja_is_title(cp);
}

bool
jinja_is_case_ignorable(uint32_t cp)
{
	return IN(case_ignorable, cp);
}

int
jinja_digit_value(uint32_t cp)
{
	uint32_t zero = cp;

	if (cp < 0x80)
		return cp >= '0' && cp <= '9' ? (int)(cp - '0') : -1;
	if (!jinja_is_decimal(cp))
		return -1;
	/* The mathematical digits are five runs of ten without a gap. */
	if (cp >= 0x1d7ce && cp <= 0x1d7ff)
		return (int)((cp - 0x1d7ce) % 10);
	while (zero > 0 && cp - zero < 9 && jinja_is_decimal(zero - 1))
		zero--;
	return (int)(cp - zero);
}

size_t
jinja_word_len(tl_str s, size_t at)
{
	uint32_t cp;
	size_t n = jinja_next(s, at, &cp);
	utf8proc_category_t c;

	if (cp < 0x80)
		return cp == '_' || (cp >= '0' && cp <= '9') ||
			((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z')
		    ? n
		    : 0;
	c = category(cp);
	return is_letter_category(c) || jinja_is_numeric(cp) ||
		c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC ||
		c == UTF8PROC_CATEGORY_PC || cp == 0xb7
	    ? n
	    : 0;
}

static bool
is_word(uint32_t cp)
{
	return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
	    (cp >= '0' && cp <= '9') || cp == '_';
}

bool
jinja_is_identifier(tl_str s)
{
	for (size_t at = 0, n; at < s.len; at += n) {
		uint32_t cp;
		utf8proc_category_t c;

		n = jinja_next(s, at, &cp);
		if (cp < 0x80) {
			if (is_word(cp) && (at > 0 || cp < '0' || cp > '9'))
				continue;
			return false;
		}
		c = category(cp);
		if (is_letter_category(c) || c == UTF8PROC_CATEGORY_NL)
			continue;
		if (at == 0 ||
		    !(c == UTF8PROC_CATEGORY_ND || c == UTF8PROC_CATEGORY_MN ||
			c == UTF8PROC_CATEGORY_MC ||
			c == UTF8PROC_CATEGORY_PC || cp == 0xb7))
			return false;
	}
	return s.len > 0;
}

/* --- names --------------------------------------------------------------- */

static bool
hex_name(tl_str name, const char *prefix, uint32_t *cp)
{
	size_t n = strlen(prefix);
	uint32_t v = 0;

	if (!tl_str_starts(name, tl_str_from(prefix)) || name.len < n + 4 ||
	    name.len > n + 5)
		return false;
	for (size_t i = n; i < name.len; i++) {
		const char *digits = "0123456789ABCDEF";
		const char *d = memchr(digits, name.ptr[i], 16);

		if (d == NULL)
			return false;
		v = v * 16 + (uint32_t)(d - digits);
	}
	*cp = v;
	return category(v) == UTF8PROC_CATEGORY_LO;
}

/* The longest of the jamos that s begins with at *at. */
static int
jamo(tl_str s, size_t *at, const char *const *names, int n)
{
	size_t longest = 0;
	int found = -1;

	for (int i = 0; i < n; i++) {
		tl_str name = tl_str_from(names[i]);

		if (name.len < longest || (name.len == longest && found >= 0) ||
		    !tl_str_starts(tl_str_slice(s, *at, s.len), name))
			continue;
		found = i;
		longest = name.len;
	}
	*at += longest;
	return found;
}

/* "HANGUL SYLLABLE GAG": composed of the short names of its jamos. */
static bool
hangul_name(tl_str s, uint32_t *cp)
{
	static const char *const lead[] = { "G", "GG", "N", "D", "DD", "R", "M",
		"B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H" };
	static const char *const vowel[] = { "A", "AE", "YA", "YAE", "EO", "E",
		"YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE",
		"WI", "YU", "EU", "YI", "I" };
	static const char *const tail[] = { "", "G", "GG", "GS", "N", "NJ",
		"NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M",
		"B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H" };
	size_t at = sizeof("HANGUL SYLLABLE ") - 1;
	int l, v, t;

	if (!tl_str_starts(s, TL_STR("HANGUL SYLLABLE ")))
		return false;
	l = jamo(s, &at, lead, (int)TL_COUNT(lead));
	v = jamo(s, &at, vowel, (int)TL_COUNT(vowel));
	t = jamo(s, &at, tail, (int)TL_COUNT(tail));
	if (l < 0 || v < 0 || t < 0 || at != s.len)
		return false;
	*cp = 0xac00 + (uint32_t)((l * 21 + v) * 28 + t);
	return true;
}

bool
jinja_char_by_name(tl_str name, uint32_t *cp)
{
	char upper[96];
	tl_str s = { upper, name.len };
	size_t lo = 0, hi = TL_COUNT(char_names);

	if (name.len >= sizeof(upper))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	}
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = tl_str_cmp(s, tl_str_from(char_names[mid].name));

		if (cmp == 0) {
			*cp = char_names[mid].cp;
			return true;
		}
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return hex_name(s, "CJK UNIFIED IDEOGRAPH-", cp) || hangul_name(s, cp);
}

/* --- case ---------------------------------------------------------------- */

static const struct mapping *
find_mapping(const struct mapping *m, size_t n, uint32_t cp)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cp == m[mid].cp)
			return &m[mid];
		if (cp < m[mid].cp)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static size_t
map(const struct mapping *table, size_t n, uint32_t cp, uint32_t simple,
    uint32_t out[3])
{
	const struct mapping *m = find_mapping(table, n, cp);

	if (m == NULL) {
		out[0] = simple;
		return 1;
	}
	memcpy(out, m->to, sizeof(m->to));
	return m->to[1] == 0 ? 1 : m->to[2] == 0 ? 2 : 3;
}

size_t
jinja_to_upper(uint32_t cp, uint32_t out[3])
{
	if (cp < 0x80) {
		out[0] = cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
		return 1;
	}
	return map(upper_map, TL_COUNT(upper_map), cp,
	    (uint32_t)utf8proc_toupper((utf8proc_int32_t)cp), out);
}

size_t
jinja_to_lower(uint32_t cp, uint32_t out[3])
{
	if (cp < 0x80) {
		out[0] = cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
		return 1;
	}
	return map(lower_map, TL_COUNT(lower_map), cp,
	    (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp), out);
}

size_t
jinja_to_title(uint32_t cp, uint32_t out[3])
{
	if (cp < 0x80)
		return jinja_to_upper(cp, out);
	return map(title_map, TL_COUNT(title_map), cp,
	    (uint32_t)utf8proc_totitle((utf8proc_int32_t)cp), out);
}

size_t
jinja_to_fold(uint32_t cp, uint32_t out[3])
{
	if (cp < 0x80)
		return jinja_to_lower(cp, out);
	return map(fold_map, TL_COUNT(fold_map), cp,
	    (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp), out);
}
