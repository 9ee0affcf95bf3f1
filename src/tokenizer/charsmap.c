/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charsmap.c - the normalizer Precompiled: a short grapheme cluster is looked
 * up as a whole and a longer one char by char, and always the shortest entry
 * that the text begins with replaces all of what was looked up.
 */
#include "charsmap.h"

#include "nform.h"
#include "unicode.h"

#define LONGEST_CLUSTER 5u /* in bytes, of those that are looked up whole */

enum tl_status
tl_charsmap_read(struct tl_charsmap *m, tl_str blob, struct tl_error *err)
{
	uint32_t size = 0;

	*m = (struct tl_charsmap){ 0 };
	if (blob.len == 0)
		return TL_OK;
	for (unsigned i = 0; i < 4 && blob.len >= 4; i++)
		size |= (uint32_t)(unsigned char)blob.ptr[i] << (8 * i);
	if (size == 0 || size % 4 != 0 || size >= blob.len - 4)
		return tl_fail(
		    err, TL_EPARSE, "the normalizer's map of chars is damaged");
	m->units = blob.ptr + 4;
	m->nunits = size / 4;
	m->strings = tl_str_slice(blob, 4 + (size_t)size, blob.len);
	if (m->strings.ptr[m->strings.len - 1] != '\0' ||
	    tl_utf8_check(m->strings) != m->strings.len)
		return tl_fail(err, TL_EPARSE,
		    "the replacements in the normalizer's map are damaged");
	return TL_OK;
}

/* --- grapheme clusters -----------------------------------------------------
 */

enum hangul { HANGUL_NONE, HANGUL_L, HANGUL_V, HANGUL_T, HANGUL_LV };

static enum hangul
hangul_of(uint32_t cp)
{
	if ((cp >= 0x1100 && cp <= 0x115F) || (cp >= 0xA960 && cp <= 0xA97C))
		return HANGUL_L;
	if ((cp >= 0x1160 && cp <= 0x11A7) || (cp >= 0xD7B0 && cp <= 0xD7C6))
		return HANGUL_V;
	if ((cp >= 0x11A8 && cp <= 0x11FF) || (cp >= 0xD7CB && cp <= 0xD7FB))
		return HANGUL_T;
	if (cp >= 0xAC00 && cp <= 0xD7A3) /* with a T it goes on as one */
		return (cp - 0xAC00) % 28 == 0 ? HANGUL_LV : HANGUL_T;
	return HANGUL_NONE;
}

static bool
hangul_joins(enum hangul before, uint32_t cp)
{
	enum hangul h = hangul_of(cp);
	bool is_syllable = cp >= 0xAC00 && cp <= 0xD7A3;

	switch (before) {
	case HANGUL_L:
		return h == HANGUL_L || h == HANGUL_V || is_syllable;
	case HANGUL_V:
	case HANGUL_LV:
		return h == HANGUL_V || (h == HANGUL_T && !is_syllable);
	case HANGUL_T:
		return h == HANGUL_T && !is_syllable;
	case HANGUL_NONE:
		break;
	}
	return false;
}

#define ZWJ 0x200Du
#define ZWNJ 0x200Cu

/* The last char of a cluster, and what came before it as far as it counts. */
struct cluster {
	uint32_t cp;
	unsigned gcb;
	bool has_pictograph; /* … and nothing but what extends it since */
	bool has_consonant;  /* … likewise */
	bool has_linker;     /* since the consonant */
};

static void
take_char(struct cluster *c, uint32_t cp, unsigned gcb)
{
	bool extends = (gcb & TL_UNI_GCB_EXTEND) != 0;

	c->has_pictograph = (gcb & TL_UNI_GCB_PICTOGRAPHIC) ||
	    (c->has_pictograph && (extends || cp == ZWJ));
	if (gcb & TL_UNI_GCB_CONSONANT) {
		c->has_consonant = true;
		c->has_linker = false;
	} else if (cp == ZWNJ || (!extends && cp != ZWJ)) {
		c->has_consonant = false;
	} else if (gcb & TL_UNI_GCB_LINKER) {
		c->has_linker = true;
	}
	c->cp = cp;
	c->gcb = gcb;
}

/* Pairs of regional indicators are left out: they are never short. */
static bool
joins(const struct cluster *c, uint32_t cp, unsigned gcb)
{
	if (c->cp == '\r' && cp == '\n')
		return true;
	if ((c->gcb | gcb) & TL_UNI_GCB_CONTROL)
		return false;
	if ((gcb & (TL_UNI_GCB_EXTEND | TL_UNI_GCB_SPACING)) || cp == ZWJ ||
	    (c->gcb & TL_UNI_GCB_PREPEND))
		return true;
	if ((gcb & TL_UNI_GCB_PICTOGRAPHIC) && c->cp == ZWJ &&
	    c->has_pictograph)
		return true;
	if ((gcb & TL_UNI_GCB_CONSONANT) && c->has_consonant && c->has_linker)
		return true;
	return hangul_joins(hangul_of(c->cp), cp);
}

static size_t
cluster_end(tl_str s, size_t at)
{
	struct cluster c = { 0 };
	uint32_t cp;

	at += tl_utf8_next(s, at, &cp, NULL);
	take_char(&c, cp, tl_uni_gcb(cp));
	while (at < s.len) {
		size_t len = tl_utf8_next(s, at, &cp, NULL);
		unsigned gcb = tl_uni_gcb(cp);

		if (!joins(&c, cp, gcb))
			break;
		take_char(&c, cp, gcb);
		at += len;
	}
	return at;
}

/* --- the map ---------------------------------------------------------------
 */

/* The replacement of the shortest entry that s begins with. */
static bool
find(const struct tl_charsmap *m, tl_str s, tl_str *to)
{
	struct tl_charsmap_walk w = tl_charsmap_begin(m);

	for (size_t at = 0; at < s.len && s.ptr[at] != '\0'; at++) {
		if (!tl_charsmap_step(&w, (unsigned char)s.ptr[at]))
			return false;
		if (!w.is_entry)
			continue;
		if (w.place >= m->strings.len ||
		    ((unsigned char)m->strings.ptr[w.place] & 0xC0) == 0x80)
			return false;
		*to = tl_charsmap_text(m, w.place);
		return true;
	}
	return false;
}

/* Without a source char of their own are the last of the new ones; chars that
 * are too many go with the last one there is. */
static void
replace(struct tl_nchars *parts, size_t nold, tl_str to)
{
	size_t nnew = tl_utf8_count(to), i = 0;

	for (size_t at = 0; at < to.len; i++) {
		uint32_t cp;

		at += tl_utf8_next(to, at, &cp, NULL);
		tl_nchars_add(parts, cp, i < nold ? 0 : 1);
	}
	if (nnew < nold && parts->n > 0)
		parts->v[parts->n - 1].change -= (int32_t)(nold - nnew);
}

static bool
map_char(const struct tl_charsmap *m, struct tl_nchars *parts, tl_str s)
{
	uint32_t cp;
	tl_str to;

	if (find(m, s, &to)) {
		replace(parts, 1, to);
		return true;
	}
	(void)tl_utf8_next(s, 0, &cp, NULL);
	tl_nchars_add(parts, cp, 0);
	return false;
}

void
tl_charsmap_apply(
    const struct tl_charsmap *m, struct tl_arena *a, struct tl_piece *piece)
{
	tl_str s = { piece->ptr, piece->len };
	struct tl_nchars parts = { .arena = a };
	bool is_changed = false;

	for (size_t at = 0, end; at < s.len; at = end) {
		tl_str to;

		end = cluster_end(s, at);
		if (end - at <= LONGEST_CLUSTER &&
		    find(m, tl_str_slice(s, at, end), &to)) {
			replace(&parts, tl_utf8_count(tl_str_slice(s, at, end)),
			    to);
			is_changed = true;
			continue;
		}
		while (at < end) {
			size_t len = tl_utf8_len(s, at);

			is_changed |=
			    map_char(m, &parts, tl_str_slice(s, at, at + len));
			at += len;
		}
	}
	if (is_changed)
		tl_nchars_lay(&parts, a, piece);
}
