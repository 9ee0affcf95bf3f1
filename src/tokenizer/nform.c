/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nform.c - NFC, NFD, NFKC, NFKD as the reference computes them, with spans.
 *
 * It makes (char, change) pairs first and lays them over the source afterwards,
 * by position: a mark that a composition swallowed is covered by no char.
 */
#include "nform.h"

#include "unicode.h"

void
tl_nchars_add(struct tl_nchars *p, uint32_t cp, int32_t change)
{
	if (p->n == p->cap) {
		size_t cap = p->cap * 2 + 64;

		p->v = tl_arena_grow(p->arena, p->v, p->n * sizeof(*p->v),
		    cap * sizeof(*p->v), _Alignof(struct tl_nchar));
		p->cap = cap;
	}
	p->v[p->n++] = (struct tl_nchar){ cp, change };
}

static void
decompose(struct tl_nchars *p, uint32_t cp, bool is_compat)
{
	const uint32_t *to = NULL;
	size_t n = 0;

	if (cp >= 0xAC00 && cp <= 0xD7A3) {
		uint32_t s = cp - 0xAC00;

		tl_nchars_add(p, 0x1100 + s / 588, 0);
		tl_nchars_add(p, 0x1161 + s % 588 / 28, 1);
		if (s % 28 != 0)
			tl_nchars_add(p, 0x11A7 + s % 28, 1);
		return;
	}
	if (cp >= 0xA0 && is_compat)
		to = tl_uni_map(TL_UNI_MAP_NFKD, cp, &n);
	if (cp >= 0xA0 && to == NULL)
		to = tl_uni_map(TL_UNI_MAP_NFD, cp, &n);
	if (to == NULL) {
		tl_nchars_add(p, cp, 0);
		return;
	}
	for (size_t i = 0; i < n; i++)
		tl_nchars_add(p, to[i], i == 0 ? 0 : 1);
}

/* Stable, by combining class; runs are short but need not be. */
static void
sort_run(struct tl_nchars *p, struct tl_nchar *tmp, size_t beg, size_t end)
{
	size_t counts[256] = { 0 }, at = 0;

	for (size_t i = beg; i < end; i++)
		counts[tl_uni_ccc(p->v[i].cp)]++;
	for (size_t c = 0; c < 256; c++) {
		size_t n = counts[c];

		counts[c] = at;
		at += n;
	}
	for (size_t i = beg; i < end; i++)
		tmp[counts[tl_uni_ccc(p->v[i].cp)]++] = p->v[i];
	for (size_t i = beg; i < end; i++)
		p->v[i] = tmp[i - beg];
}

static void
sort_marks(struct tl_nchars *p)
{
	struct tl_nchar *tmp = NULL;

	for (size_t i = 0, end; i < p->n; i = end) {
		end = i + 1;
		if (tl_uni_ccc(p->v[i].cp) == 0)
			continue;
		while (end < p->n && tl_uni_ccc(p->v[end].cp) != 0)
			end++;
		if (end - i < 2)
			continue;
		if (tmp == NULL)
			tmp = TL_NEW(p->arena, struct tl_nchar, p->n);
		sort_run(p, tmp, i, end);
	}
}

static void
compose(struct tl_nchars *p)
{
	size_t out = 0, starter = SIZE_MAX;
	unsigned last_ccc = 0; /* of the last part behind the starter */

	for (size_t i = 0; i < p->n; i++) {
		struct tl_nchar part = p->v[i];
		unsigned ccc = tl_uni_ccc(part.cp);

		if (starter != SIZE_MAX &&
		    (out == starter + 1 || last_ccc < ccc)) {
			uint32_t c = tl_uni_compose(p->v[starter].cp, part.cp);

			if (c != 0) {
				p->v[starter].cp = c;
				p->v[starter].change += part.change - 1;
				continue;
			}
		}
		p->v[out] = part;
		if (ccc == 0)
			starter = out;
		last_ccc = ccc;
		out++;
	}
	p->n = out;
}

static void
decompose_all(struct tl_nchars *p, tl_str s, bool is_compat)
{
	for (size_t i = 0; i < s.len;) {
		uint32_t cp;

		i += tl_utf8_next(s, i, &cp, NULL);
		decompose(p, cp, is_compat);
	}
	sort_marks(p);
}

/* --- laying ----------------------------------------------------------------
 */

/* The parts of p with their spans. */
static void
lay(const struct tl_nchars *parts, const struct tl_piece *piece,
    struct tl_ptext *out)
{
	tl_str s = { piece->ptr, piece->len };
	size_t at = 0, prev = 0;

	for (size_t i = 0; i < parts->n; i++) {
		const struct tl_nchar *p = &parts->v[i];
		struct tl_offset span = tl_piece_start(piece);

		if (p->change > 0) {
			if (at > 0)
				span = tl_piece_span(piece, prev, at);
		} else {
			size_t len = tl_utf8_len(s, at);

			span = tl_piece_span(piece, at, at + len);
			prev = at;
			at += len;
			for (int32_t k = p->change; k < 0 && at < s.len; k++) {
				prev = at;
				at += tl_utf8_len(s, at);
			}
		}
		tl_ptext_put_cp(out, p->cp, span);
	}
}

void
tl_nchars_lay(
    const struct tl_nchars *parts, struct tl_arena *a, struct tl_piece *piece)
{
	struct tl_ptext out;

	tl_ptext_init(&out, a, piece->len + piece->len / 2);
	lay(parts, piece, &out);
	*piece = tl_ptext_piece(&out);
}

/* --- composition -----------------------------------------------------------
 *
 * Most chars neither change nor have to do with others.  So it is only tried
 * around the unsafe ones: from the char in front of them to the next safe one,
 * whose first part begins something new.
 */

struct unsafe {
	const uint64_t *blocks;
	uint32_t bit;	     /* of tl_uni_mask() */
	unsigned char first; /* byte of the first one */
};

static const struct unsafe nfc = { tl_uni_nfc_blocks, TL_UNI_NFC_CHECK, 0xCC };
static const struct unsafe nfkc = { tl_uni_nfkc_blocks, TL_UNI_NFKC_CHECK,
	0xC2 };

static inline bool
is_unsafe(const struct unsafe *u, tl_str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	uint32_t block;
	size_t len;

	if (p[0] < u->first)
		return false;
	if (p[0] < 0xE0)
		block = p[0] & 31u;
	else if (p[0] < 0xF0)
		block = (p[0] & 15u) << 6 | (p[1] & 63u);
	else
		block = (p[0] & 7u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
	return ((u->blocks[block / 64] >> (block % 64)) & 1) &&
	    (tl_uni_mask(tl_uni_char(s, at, &len)) & u->bit) != 0;
}

/* The next unsafe char from at on. */
static inline size_t
next_unsafe(const struct unsafe *u, tl_str s, size_t at)
{
	while (at < s.len) {
		unsigned char c = (unsigned char)s.ptr[at];
		uint64_t eight;

		if (c >= 0x80) {
			if (is_unsafe(u, s, at))
				break;
			at += c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
		} else if (s.len - at >= 8) {
			memcpy(&eight, s.ptr + at, 8);
			at += (eight & 0x8080808080808080u) == 0 ? 8 : 1;
		} else {
			at++;
		}
	}
	return at;
}

/* Are the parts just the chars of s? */
static bool
are_same(const struct tl_nchars *parts, tl_str s)
{
	size_t n = 0;

	for (size_t at = 0, len; at < s.len; at += len, n++)
		if (n == parts->n || parts->v[n].change != 0 ||
		    parts->v[n].cp != tl_uni_char(s, at, &len))
			return false;
	return n == parts->n;
}

static void
compose_unsafe(
    const struct unsafe *u, struct tl_arena *a, struct tl_piece *piece)
{
	tl_str s = { piece->ptr, piece->len };
	struct tl_nchars parts = { .arena = a };
	struct tl_ptext out = { .arena = NULL };
	size_t done = 0;

	for (size_t at = 0; (at = next_unsafe(u, s, at)) < s.len;) {
		size_t beg = at;
		struct tl_piece cut;

		if (beg > 0)
			beg--;
		while (beg > 0 && ((unsigned char)s.ptr[beg] & 0xC0) == 0x80)
			beg--;
		while (at < s.len && is_unsafe(u, s, at))
			at += tl_utf8_len(s, at);
		parts.n = 0;
		decompose_all(&parts, tl_str_slice(s, beg, at), u == &nfkc);
		compose(&parts);
		if (are_same(&parts, tl_str_slice(s, beg, at)))
			continue;
		if (out.arena == NULL)
			tl_ptext_init(&out, a, s.len + s.len / 2);
		tl_ptext_copy(&out, piece, done, beg);
		cut = tl_piece_cut(piece, beg, at);
		lay(&parts, &cut, &out);
		done = at;
	}
	if (out.arena == NULL)
		return;
	tl_ptext_copy(&out, piece, done, s.len);
	*piece = tl_ptext_piece(&out);
}

void
tl_nform_apply(enum tl_nform form, struct tl_arena *a, struct tl_piece *piece)
{
	tl_str s = { piece->ptr, piece->len };
	struct tl_nchars parts = { .arena = a };

	if (form == TL_NFC || form == TL_NFKC) {
		compose_unsafe(form == TL_NFC ? &nfc : &nfkc, a, piece);
		return;
	}
	decompose_all(&parts, s, form == TL_NFKD);
	tl_nchars_lay(&parts, a, piece);
}
