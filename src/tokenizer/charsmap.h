/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charsmap.h - the maps of chars that SentencePiece compiles.
 */
#ifndef TOKENIZER_CHARSMAP_H
#define TOKENIZER_CHARSMAP_H

#include "tok.h"

/* A double array that maps strings to places in a text of replacements. */
struct tl_charsmap {
	const char *units; /* little endian, four bytes each */
	size_t nunits;
	tl_str strings; /* each ends in a zero byte */
};

/* A walk down the array, a byte a step, from the empty string. */
struct tl_charsmap_walk {
	const struct tl_charsmap *map;
	size_t pos;
	bool is_entry; /* what was walked is an entry … */
	uint32_t place; /* … whose replacement begins here, if within strings */
};

static inline uint32_t
tl_charsmap_unit(const struct tl_charsmap *m, size_t at)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)(unsigned char)m->units[4 * at + i] << (8 * i);
	return v;
}

static inline size_t
tl_charsmap_offset(uint32_t unit)
{
	return (size_t)(unit >> 10) << ((unit & (1u << 9)) >> 6);
}

static inline struct tl_charsmap_walk
tl_charsmap_begin(const struct tl_charsmap *m)
{
	return (struct tl_charsmap_walk){
		.map = m,
		.pos = m->nunits == 0
		    ? 0
		    : tl_charsmap_offset(tl_charsmap_unit(m, 0)),
	};
}

/* One byte further; false when no entry begins like that.  Places out of range
 * end the walk: the file may be damaged. */
static inline bool
tl_charsmap_step(struct tl_charsmap_walk *w, unsigned char c)
{
	uint32_t unit;

	w->pos ^= c;
	if (w->pos >= w->map->nunits)
		return false;
	unit = tl_charsmap_unit(w->map, w->pos);
	if ((unit & 0x800000FFu) != c)
		return false;
	w->pos ^= tl_charsmap_offset(unit);
	w->is_entry = ((unit >> 8) & 1) != 0;
	if (!w->is_entry)
		return true;
	if (w->pos >= w->map->nunits)
		return false;
	w->place = tl_charsmap_unit(w->map, w->pos) & 0x7FFFFFFFu;
	return true;
}

/* The replacement that begins at place. */
static inline tl_str
tl_charsmap_text(const struct tl_charsmap *m, size_t place)
{
	return tl_str_slice(
	    m->strings, place, tl_str_find_char(m->strings, '\0', place));
}

/* An empty blob is no map.  blob must live as long as m. */
enum tl_status tl_charsmap_read(
    struct tl_charsmap *m, tl_str blob, struct tl_error *err) TL_MUST_USE;

/* Replace the piece's text as the normalizer Precompiled does, which is not
 * how SentencePiece itself uses the map. */
void tl_charsmap_apply(
    const struct tl_charsmap *m, struct tl_arena *a, struct tl_piece *piece);

#endif
