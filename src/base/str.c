/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/str.h>

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <utf8proc.h>

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
tl_str_eq_nocase(tl_str a, tl_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

int
tl_str_cmp(tl_str a, tl_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

tl_str
tl_str_trim(tl_str s)
{
	size_t beg = 0, end = s.len;

	while (beg < end && is_space(s.ptr[beg]))
		beg++;
	while (end > beg && is_space(s.ptr[end - 1]))
		end--;
	return tl_str_slice(s, beg, end);
}

bool
tl_str_is_blank(tl_str s)
{
	return tl_str_trim(s).len == 0;
}

size_t
tl_str_find(tl_str s, tl_str needle, size_t from)
{
	if (from > s.len || needle.len > s.len - from)
		return TL_NPOS;
	if (needle.len == 0)
		return from;
	for (size_t at = from; at <= s.len - needle.len;) {
		const char *p = memchr(
		    s.ptr + at, needle.ptr[0], s.len - needle.len - at + 1);

		if (p == NULL)
			return TL_NPOS;
		at = (size_t)(p - s.ptr);
		if (memcmp(p, needle.ptr, needle.len) == 0)
			return at;
		at++;
	}
	return TL_NPOS;
}

size_t
tl_str_find_char(tl_str s, char c, size_t from)
{
	const char *p;

	if (from >= s.len)
		return TL_NPOS;
	p = memchr(s.ptr + from, c, s.len - from);
	return p != NULL ? (size_t)(p - s.ptr) : TL_NPOS;
}

bool
tl_str_to_size(tl_str s, size_t *out)
{
	size_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c < '0' || c > '9' || tl_mul_overflows(n, 10, &n) ||
		    tl_add_overflows(n, (size_t)(c - '0'), &n))
			return false;
	}
	*out = n;
	return true;
}

bool
tl_str_to_int(tl_str s, int64_t *out)
{
	bool is_negative = s.len > 0 && s.ptr[0] == '-';
	size_t n;

	if (!tl_str_to_size(tl_str_slice(s, is_negative, s.len), &n) ||
	    n > (size_t)INT64_MAX)
		return false;
	*out = is_negative ? -(int64_t)n : (int64_t)n;
	return true;
}

uint64_t
tl_hash_mix(uint64_t h, tl_str s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return h;
}

uint64_t
tl_str_hash(tl_str s)
{
	return tl_hash_mix(0xcbf29ce484222325u, s);
}

#define MAX_NAME 64

size_t
tl_str_distance(tl_str a, tl_str b, size_t limit)
{
	size_t row[MAX_NAME + 1];

	if (a.len > MAX_NAME || b.len > MAX_NAME)
		return tl_str_eq(a, b) ? 0 : limit + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t best = diagonal +
			    (lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]));

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.len] <= limit ? row[b.len] : limit + 1;
}

const char *
tl_str_nearest(tl_str s, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t limit = s.len < 9 ? 2 : s.len < 12 ? 3 : 4;
	size_t least = limit + 1;

	for (size_t i = 0; i < n; i++) {
		tl_str name = tl_str_from(names[i]);
		size_t d = tl_str_distance(s, name, limit);

		if (d < least && d < name.len) {
			least = d;
			best = names[i];
		}
	}
	return best;
}

/* Whether the continuation bytes of a sequence of n at p are right, with the
 * narrower range that the lead byte asks of the first of them. */
static bool
continues(const unsigned char *p, size_t n, unsigned char lo, unsigned char hi)
{
	if (p[1] < lo || p[1] > hi)
		return false;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t
tl_utf8_len(tl_str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t n = s.len - at;
	unsigned char c = p[0];

	if (c < 0x80)
		return 1;
	if (c < 0xc2)
		return 0;
	if (c < 0xe0)
		return n >= 2 && continues(p, 2, 0x80, 0xbf) ? 2 : 0;
	if (c < 0xf0)
		return n >= 3 &&
			continues(p, 3, c == 0xe0 ? 0xa0 : 0x80,
			    c == 0xed ? 0x9f : 0xbf)
		    ? 3
		    : 0;
	if (c < 0xf5)
		return n >= 4 &&
			continues(p, 4, c == 0xf0 ? 0x90 : 0x80,
			    c == 0xf4 ? 0x8f : 0xbf)
		    ? 4
		    : 0;
	return 0;
}

size_t
tl_utf8_next(tl_str s, size_t at, uint32_t *cp, bool *is_bad)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	size_t n = tl_utf8_len(s, at);

	if (is_bad != NULL)
		*is_bad = n == 0;
	switch (n) {
	case 1:
		*cp = p[0];
		return 1;
	case 2:
		*cp = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3fu);
		return 2;
	case 3:
		*cp = (uint32_t)(p[0] & 0x0f) << 12 |
		    (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3fu);
		return 3;
	case 4:
		*cp = (uint32_t)(p[0] & 0x07) << 18 |
		    (uint32_t)(p[1] & 0x3f) << 12 |
		    (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3fu);
		return 4;
	default:
		*cp = 0xfffd;
		return 1;
	}
}

size_t
tl_utf8_put(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t
tl_str_ascii(tl_str s, size_t at)
{
	const uint64_t high = 0x8080808080808080u;
	size_t i = at;

	while (i < s.len && s.len - i >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, s.ptr + i, sizeof(word));
		if (word & high)
			break;
		i += sizeof(word);
	}
	while (i < s.len && (unsigned char)s.ptr[i] < 0x80)
		i++;
	return i - at;
}

struct survey {
	bool high, angle, square, brace, hash;
};

#ifdef __SSE2__

#define SURVEY_BYTES 16

static inline void
survey_block(struct survey *v, const char *p)
{
	__m128i b = _mm_loadu_si128((const void *)p);
	__m128i angle = _mm_cmpeq_epi8(b, _mm_set1_epi8('<'));
	__m128i square = _mm_cmpeq_epi8(b, _mm_set1_epi8('['));
	__m128i brace = _mm_cmpeq_epi8(b, _mm_set1_epi8('{'));
	__m128i hash = _mm_cmpeq_epi8(b, _mm_set1_epi8('#'));
	__m128i any = _mm_or_si128(_mm_or_si128(angle, square),
	    _mm_or_si128(_mm_or_si128(brace, hash), b));

	/* The high bit of b itself marks what is beyond ASCII. */
	if (_mm_movemask_epi8(any) == 0)
		return;
	v->high |= _mm_movemask_epi8(b) != 0;
	v->angle |= _mm_movemask_epi8(angle) != 0;
	v->square |= _mm_movemask_epi8(square) != 0;
	v->brace |= _mm_movemask_epi8(brace) != 0;
	v->hash |= _mm_movemask_epi8(hash) != 0;
}

#else

#define SURVEY_BYTES 8
#define ONES UINT64_C(0x0101010101010101)

/* Some byte of w is 0. */
static inline bool
has_zero(uint64_t w)
{
	return ((w - ONES) & ~w & (ONES * 0x80)) != 0;
}

static inline void
survey_block(struct survey *v, const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	v->high |= (w & (ONES * 0x80)) != 0;
	v->angle |= has_zero(w ^ (ONES * '<'));
	v->square |= has_zero(w ^ (ONES * '['));
	v->brace |= has_zero(w ^ (ONES * '{'));
	v->hash |= has_zero(w ^ (ONES * '#'));
}

#endif

unsigned
tl_str_survey(tl_str s)
{
	struct survey v = { 0 };
	char rest[SURVEY_BYTES] = { 0 };
	size_t i = 0;

	for (; s.len - i >= SURVEY_BYTES; i += SURVEY_BYTES)
		survey_block(&v, s.ptr + i);
	/* The last block again, shifted back, or all of a short text. */
	if (i > 0 && i < s.len) {
		survey_block(&v, s.ptr + s.len - SURVEY_BYTES);
	} else if (i < s.len) {
		memcpy(rest, s.ptr, s.len);
		survey_block(&v, rest);
	}
	return (v.high ? TL_HAS_HIGH : 0u) | (v.angle ? TL_HAS_ANGLE : 0u) |
	    (v.square ? TL_HAS_SQUARE : 0u) | (v.brace ? TL_HAS_BRACE : 0u) |
	    (v.hash ? TL_HAS_HASH : 0u);
}

/* --- is it UTF-8? ----------------------------------------------------------
 *
 * An automaton, a step a byte.  A state is where it stands in a row of bits,
 * so that a step is one shift: row of the byte >> state.
 */

enum {
	U_OK = 0,  /* between sequences */
	U_BAD = 6, /* for good */
	U_1 = 12,  /* one continuation byte is missing, … */
	U_2 = 18,
	U_3 = 24,
	U_E0 = 30, /* … the first of them from a narrower range */
	U_ED = 36,
	U_F0 = 42,
	U_F4 = 48,
};

#define TO(from, to) ((uint64_t)(to) << (from))
#define STAYS_BAD TO(U_BAD, U_BAD)
/* Lead bytes: whoever waits for a continuation is disappointed. */
#define LEAD(to)                                                      \
	(TO(U_OK, to) | STAYS_BAD | TO(U_1, U_BAD) | TO(U_2, U_BAD) | \
	    TO(U_3, U_BAD) | TO(U_E0, U_BAD) | TO(U_ED, U_BAD) |      \
	    TO(U_F0, U_BAD) | TO(U_F4, U_BAD))
#define NEXT(e0, ed, f0, f4)                                            \
	(TO(U_OK, U_BAD) | STAYS_BAD | TO(U_1, U_OK) | TO(U_2, U_1) |   \
	    TO(U_3, U_2) | TO(U_E0, e0) | TO(U_ED, ed) | TO(U_F0, f0) | \
	    TO(U_F4, f4))
#define X4(row) row, row, row, row
#define X16(row) X4(row), X4(row), X4(row), X4(row)

static const uint64_t utf8_rows[256] = { X16(LEAD(U_OK)), X16(LEAD(U_OK)),
	X16(LEAD(U_OK)), X16(LEAD(U_OK)), X16(LEAD(U_OK)), X16(LEAD(U_OK)),
	X16(LEAD(U_OK)), X16(LEAD(U_OK)),
	X16(NEXT(U_BAD, U_1, U_BAD, U_2)),	      /* 80 */
	X16(NEXT(U_BAD, U_1, U_2, U_BAD)),	      /* 90 */
	X16(NEXT(U_1, U_BAD, U_2, U_BAD)),	      /* A0 */
	X16(NEXT(U_1, U_BAD, U_2, U_BAD)),	      /* B0 */
	LEAD(U_BAD), LEAD(U_BAD),		      /* C0 */
	LEAD(U_1), LEAD(U_1), X4(LEAD(U_1)),	      /* C2 */
	X4(LEAD(U_1)), X4(LEAD(U_1)), X16(LEAD(U_1)), /* D0 */
	LEAD(U_E0), LEAD(U_2), LEAD(U_2), LEAD(U_2), X4(LEAD(U_2)),
	X4(LEAD(U_2)), LEAD(U_2), LEAD(U_ED), LEAD(U_2), LEAD(U_2), LEAD(U_F0),
	LEAD(U_3), LEAD(U_3), LEAD(U_3), LEAD(U_F4), LEAD(U_BAD), LEAD(U_BAD),
	LEAD(U_BAD), X4(LEAD(U_BAD)), X4(LEAD(U_BAD)) };

static bool
is_utf8(tl_str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	uint64_t state = U_OK;
	size_t at = 0;

	for (; s.len - at >= 8; at += 8) {
		uint64_t word;

		memcpy(&word, p + at, sizeof(word));
		if ((word & 0x8080808080808080u) == 0 && (state & 63) == U_OK)
			continue;
		for (size_t i = 0; i < 8; i++)
			state = utf8_rows[p[at + i]] >> (state & 63);
	}
	for (; at < s.len; at++)
		state = utf8_rows[p[at]] >> (state & 63);
	return (state & 63) == U_OK;
}

size_t
tl_utf8_check(tl_str s)
{
	size_t at = 0;

	if (is_utf8(s))
		return s.len;
	while (at < s.len) {
		size_t n = tl_utf8_len(s, at);

		if (n == 0)
			return at;
		at += n;
	}
	return s.len;
}

size_t
tl_utf8_count(tl_str s)
{
	size_t count = 0;

	for (size_t at = 0; at < s.len; count++) {
		size_t n = tl_utf8_len(s, at);

		at += n > 0 ? n : 1;
	}
	return count;
}

size_t
tl_utf8_offset(tl_str s, size_t n)
{
	size_t at = 0;

	for (; n > 0 && at < s.len; n--) {
		size_t step = tl_utf8_len(s, at);

		at += step > 0 ? step : 1;
	}
	return at;
}

size_t
tl_utf16_count(tl_str s)
{
	size_t count = 0;

	for (size_t at = 0; at < s.len;) {
		size_t n = tl_utf8_len(s, at);

		count += n == 4 ? 2 : 1;
		at += n > 0 ? n : 1;
	}
	return count;
}

int
tl_utf8_width(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7f)
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

size_t
tl_utf8_cluster(tl_str s, size_t at)
{
	utf8proc_int32_t state = 0;
	uint32_t cp, next;

	if (at >= s.len)
		return s.len;
	at += tl_utf8_next(s, at, &cp, NULL);
	while (at < s.len) {
		size_t len = tl_utf8_next(s, at, &next, NULL);

		if (utf8proc_grapheme_break_stateful(
			(utf8proc_int32_t)cp, (utf8proc_int32_t)next, &state))
			break;
		at += len;
		cp = next;
	}
	return at;
}
