/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str.h - operations on slices, and UTF-8.
 *
 * Nothing here allocates and nothing looks at the locale.
 */
#ifndef TURNLINT_STR_H
#define TURNLINT_STR_H

#include <string.h>

#include <turnlint/base.h>

/* Inline are those that rules call for each turn and the readers for each key:
 * the length of a literal is then known, and most comparisons end at the first
 * byte. */

/* NULL gives the empty slice. */
static inline tl_str
tl_str_from(const char *cstr)
{
	return (tl_str){ cstr, cstr != NULL ? strlen(cstr) : 0 };
}

static inline bool
tl_str_eq(tl_str a, tl_str b)
{
	return a.len == b.len &&
	    (a.len == 0 ||
		(a.ptr[0] == b.ptr[0] && memcmp(a.ptr, b.ptr, a.len) == 0));
}

static inline bool
tl_str_starts(tl_str s, tl_str prefix)
{
	return s.len >= prefix.len &&
	    tl_str_eq((tl_str){ s.ptr, prefix.len }, prefix);
}

static inline bool
tl_str_ends(tl_str s, tl_str suffix)
{
	return s.len >= suffix.len &&
	    (suffix.len == 0 ||
		tl_str_eq((tl_str){ s.ptr + (s.len - suffix.len), suffix.len },
		    suffix));
}

/* Clamped to s. */
static inline tl_str
tl_str_slice(tl_str s, size_t beg, size_t end)
{
	if (end > s.len)
		end = s.len;
	if (beg >= end)
		return (tl_str){ NULL, 0 };
	return (tl_str){ s.ptr + beg, end - beg };
}

bool tl_str_eq_nocase(tl_str a, tl_str b); /* ASCII case only */
int tl_str_cmp(tl_str a, tl_str b);	   /* by bytes */
tl_str tl_str_trim(tl_str s);		   /* ASCII whitespace on both ends */
bool tl_str_is_blank(tl_str s);		   /* only ASCII whitespace, or empty */

#define TL_NPOS ((size_t)-1)
size_t tl_str_find(tl_str s, tl_str needle, size_t from); /* or TL_NPOS */
size_t tl_str_find_char(tl_str s, char c, size_t from);	  /* or TL_NPOS */

/* Whole of s as a decimal integer; false on anything else or overflow. */
bool tl_str_to_size(tl_str s, size_t *out);
bool tl_str_to_int(tl_str s, int64_t *out);

/* FNV-1a, 64 bits; for hash tables, not for security. */
uint64_t tl_str_hash(tl_str s);
uint64_t tl_hash_mix(uint64_t h, tl_str s); /* continue a hash */

/* Edit distance of two names, at most limit + 1; for "did you mean". */
size_t tl_str_distance(tl_str a, tl_str b, size_t limit);

/* The nearest of n names, or NULL when none is near: two edits, and up to four
 * for long names. */
const char *tl_str_nearest(tl_str s, const char *const *names, size_t n);

/* --- UTF-8 (Unicode 3.9 table 3-7: no surrogates, nothing over 10FFFF) --- */

/* Bytes of the well-formed sequence at s[at], 1 to 4, or 0 when malformed. */
size_t tl_utf8_len(tl_str s, size_t at);

/* Decode the sequence at s[at].  Returns its length in bytes.  A malformed
 * byte gives U+FFFD, length 1 and *is_bad true (is_bad may be NULL). */
size_t tl_utf8_next(tl_str s, size_t at, uint32_t *cp, bool *is_bad);

/* Encode into out[4]; returns the length.  cp must be a scalar value. */
size_t tl_utf8_put(char out[4], uint32_t cp);

/* Which kinds of bytes s has, found in one walk for all who would look for
 * one of them. */
enum tl_str_has {
	TL_HAS_HIGH = 1u,   /* beyond ASCII */
	TL_HAS_ANGLE = 2u,  /* '<' */
	TL_HAS_SQUARE = 4u, /* '[' */
	TL_HAS_BRACE = 8u,  /* '{' */
	TL_HAS_HASH = 16u,  /* '#' */
};
unsigned tl_str_survey(tl_str s);

/* Bytes of ASCII from s[at] on. */
size_t tl_str_ascii(tl_str s, size_t at);

/* Offset of the first malformed byte, or s.len when s is well-formed. */
size_t tl_utf8_check(tl_str s);

/* Code points in s; a malformed byte counts as one. */
size_t tl_utf8_count(tl_str s);

/* Byte offset of the n-th code point (s.len when there are not so many). */
size_t tl_utf8_offset(tl_str s, size_t n);

/* End of the grapheme cluster (what a reader takes for one character) that
 * begins at s[at]; s.len at the end. */
size_t tl_utf8_cluster(tl_str s, size_t at);
/* UTF-16 code units of s. */
size_t tl_utf16_count(tl_str s);

/* Terminal cells of a code point: 0, 1 or 2 (utf8proc). */
int tl_utf8_width(uint32_t cp);

#endif
