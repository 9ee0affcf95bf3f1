/* SPDX-License-Identifier: Apache-2.0 */
#include "unicode.h"

#define HANGUL_L 0x1100u
#define HANGUL_V 0x1161u
#define HANGUL_T 0x11A7u
#define HANGUL_S 0xAC00u
#define HANGUL_NL 19u
#define HANGUL_NV 21u
#define HANGUL_NT 28u

struct mapping {
	uint32_t cp;
	uint16_t at; /* in the pool */
	uint16_t n;
};

struct composition {
	uint32_t a, b, c;
};

#include "unicode_tables.inc"

uint32_t
tl_uni_property(tl_str name)
{
	static const char *const names[] = { "L", "Lu", "Ll", "Lt", "Lm", "Lo",
		"M", "Mn", "N", "Nd", "P", "S", "Z", "C", "Cn", "s", "w", "d",
		"Han", "Hiragana", "Katakana", "Hangul" };

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_eq(name, tl_str_from(names[i])))
			return 1u << i;
	return 0;
}

uint8_t
tl_uni_ccc(uint32_t cp)
{
	if (cp > TL_UNI_LAST)
		return 0;
	return ccc_second[((size_t)ccc_first[cp >> 7] << 7) | (cp & 127)];
}

unsigned
tl_uni_gcb(uint32_t cp)
{
	if (cp > TL_UNI_LAST)
		return 0;
	return gcb_second[((size_t)gcb_first[cp >> 7] << 7) | (cp & 127)];
}

unsigned
tl_uni_script(uint32_t cp)
{
	if (cp > TL_UNI_LAST)
		return 0;
	return script_second[((size_t)script_first[cp >> 7] << 7) | (cp & 127)];
}

uint32_t
tl_uni_compose(uint32_t a, uint32_t b)
{
	size_t lo = 0, hi = TL_COUNT(compositions);

	if (a - HANGUL_L < HANGUL_NL && b - HANGUL_V < HANGUL_NV)
		return HANGUL_S +
		    ((a - HANGUL_L) * HANGUL_NV + (b - HANGUL_V)) * HANGUL_NT;
	if (a - HANGUL_S < HANGUL_NL * HANGUL_NV * HANGUL_NT &&
	    (a - HANGUL_S) % HANGUL_NT == 0 && b > HANGUL_T &&
	    b - HANGUL_T < HANGUL_NT)
		return a + (b - HANGUL_T);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct composition *c = &compositions[mid];

		if (c->a == a && c->b == b)
			return c->c;
		if (c->a < a || (c->a == a && c->b < b))
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

const uint32_t *
tl_uni_map(enum tl_uni_map map, uint32_t cp, size_t *n)
{
	static const struct {
		const struct mapping *rows;
		size_t nrows;
		const uint32_t *pool;
	} maps[] = {
		{ nfd_rows, TL_COUNT(nfd_rows), nfd_pool },
		{ nfkd_rows, TL_COUNT(nfkd_rows), nfkd_pool },
		{ lower_rows, TL_COUNT(lower_rows), lower_pool },
		{ nmt_rows, TL_COUNT(nmt_rows), nmt_pool },
		{ bertclean_rows, TL_COUNT(bertclean_rows), bertclean_pool },
	};
	const struct mapping *rows = maps[map].rows;
	size_t lo = 0, hi = maps[map].nrows;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rows[mid].cp == cp) {
			*n = rows[mid].n;
			return maps[map].pool + rows[mid].at;
		}
		if (rows[mid].cp < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
