/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skip.h - the fast way through the plain bytes of a JSON string.
 */
#ifndef TURNLINT_JSON_SKIP_H
#define TURNLINT_JSON_SKIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define JSON_ONES UINT64_C(0x0101010101010101)
#define JSON_HIGHS UINT64_C(0x8080808080808080)

#ifdef __SSE2__

/* Sixteen bytes at a time; *at stands behind what is known to be plain. */
static inline bool
json_skip_wide(const char *p, size_t *at, size_t len, bool stop_at_high)
{
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);

	for (; len - *at >= 16; *at += 16) {
		__m128i v = _mm_loadu_si128((const void *)(p + *at));
		__m128i hit = _mm_or_si128(
		    _mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash));
		int mask;

		hit = _mm_or_si128(
		    hit, _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
		if (stop_at_high)
			hit = _mm_or_si128(hit, v);
		mask = _mm_movemask_epi8(hit);
		if (mask != 0) {
			*at += (size_t)__builtin_ctz((unsigned)mask);
			return true;
		}
	}
	return false;
}

#else

/* Eight bytes at a time in a plain register. */
static inline bool
json_skip_wide(const char *p, size_t *at, size_t len, bool stop_at_high)
{
	for (; len - *at >= 8; *at += 8) {
		uint64_t w, quote, slash, hit;

		memcpy(&w, p + *at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		w = __builtin_bswap64(w);
#endif
		quote = w ^ (JSON_ONES * '"');
		slash = w ^ (JSON_ONES * '\\');
		/* The lowest byte marked is a true hit; borrows only spoil
		 * those above it. */
		hit = (((w - JSON_ONES * 0x20) & ~w) |
			  ((quote - JSON_ONES) & ~quote) |
			  ((slash - JSON_ONES) & ~slash)) &
		    JSON_HIGHS;
		if (stop_at_high)
			hit |= w & JSON_HIGHS;
		if (hit != 0) {
			*at += (size_t)__builtin_ctzll(hit) / 8;
			return true;
		}
	}
	return false;
}

#endif

/* The first '"', '\\' or control byte, and with stop_at_high also the first
 * non-ASCII byte, in p[at, len); len if there is none. */
static inline size_t
json_skip_plain(const char *p, size_t at, size_t len, bool stop_at_high)
{
	if (json_skip_wide(p, &at, len, stop_at_high))
		return at;
	while (at < len) {
		unsigned char c = (unsigned char)p[at];

		if (c == '"' || c == '\\' || c < 0x20 ||
		    (stop_at_high && c >= 0x80))
			break;
		at++;
	}
	return at;
}

#endif
