/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metaspace.c - the words of SentencePiece-like vocabularies: where a text may
 * be cut into them, which of them are one token, and a short way to the
 * symbols of the others.
 */
#include "tok.h"

#define META 0x2581u

/* --- where a text may be cut
 * --------------------------------------------------- */

static size_t
join_bit(uint32_t a, uint32_t b)
{
	return (size_t)(tl_mix64(a, b) >> (64 - TL_JOIN_BITS));
}

static bool
has_join(const struct tl_bpe *b, uint32_t x, uint32_t y)
{
	size_t bit;

	if (x < 128 && y < 128)
		return (b->ascii_joins[x * 2 + y / 64] >> (y % 64)) & 1;
	bit = join_bit(x, y);
	return (b->joins[bit / 64] >> (bit % 64)) & 1;
}

/* " " and "▁" are one. */
static uint32_t
folded(uint32_t cp)
{
	return cp == 0x2581 ? ' ' : cp;
}

bool
tl_bpe_is_cut(const struct tl_bpe *b, uint32_t prev, uint32_t cp)
{
	return b->can_cut &&
	    (b->can_cut_anywhere || (cp == ' ' && prev != ' ')) &&
	    !has_join(b, prev, cp);
}

/* The same for two chars below 128. */
static inline bool
is_ascii_cut(const struct tl_bpe_ascii *k, uint32_t prev, uint32_t cp)
{
	return (k->cuts[prev][cp / 64] >> (cp % 64)) & 1;
}

size_t
tl_bpe_next_cut(const struct tl_bpe *b, tl_str text, size_t at)
{
	uint32_t prev, cp;
	size_t next = at + tl_utf8_next(text, at, &prev, NULL);

	if (!b->can_cut)
		return text.len;
	prev = folded(prev);
	while (next < text.len) {
		size_t len = 1;

		cp = (unsigned char)text.ptr[next];
		if ((prev | cp) < 128) {
			if (is_ascii_cut(b->ascii, prev, cp))
				return next;
		} else {
			if (cp >= 128) {
				len = tl_utf8_next(text, next, &cp, NULL);
				cp = folded(cp);
			}
			if (tl_bpe_is_cut(b, prev, cp))
				return next;
		}
		prev = cp;
		next += len;
	}
	return text.len;
}

void
tl_bpe_add_joins(struct tl_bpe *b, struct tl_arena *a, tl_str piece)
{
	uint32_t prev = 0, cp;

	if (b->joins == NULL) {
		b->ascii_joins = TL_NEW(a, uint64_t, TL_ASCII_JOINS);
		b->joins = TL_NEW(a, uint64_t, TL_JOINS);
	}
	for (size_t at = 0; at < piece.len; prev = cp) {
		size_t len = tl_utf8_next(piece, at, &cp, NULL);

		cp = folded(cp);
		if (at > 0 && prev < 128 && cp < 128) {
			b->ascii_joins[prev * 2 + cp / 64] |= 1ull << (cp % 64);
		} else if (at > 0) {
			size_t bit = join_bit(prev, cp);

			b->joins[bit / 64] |= 1ull << (bit % 64);
		}
		at += len;
	}
}

bool
tl_bpe_knows_all_bytes(const struct tl_model *m)
{
	for (unsigned i = 0; i < 256; i++) {
		char c = (char)i;

		if (m->fallback_ids[i] == TL_NO_ID &&
		    (i >= 0x80 ||
			tl_vocab_find(&m->vocab, (tl_str){ &c, 1 }) ==
			    TL_NO_ID))
			return false;
	}
	return true;
}

/* A cut between two chars is safe when no result of a merge holds them side by
 * side: then no merge can reach across. */
static void
find_joins(struct tl_model *m, struct tl_arena *a)
{
	struct tl_bpe *b = &m->bpe;
	bool merges_bytes = false;
	uint8_t *seen = TL_NEW(a, uint8_t, m->vocab.npieces);

	tl_bpe_add_joins(b, a, TL_STR(""));
	for (size_t i = 0; i < 256; i++) {
		uint32_t id = m->fallback_ids[i];

		if (id != TL_NO_ID && id < m->vocab.npieces)
			seen[id] |= 2;
	}
	for (size_t i = 0; i < b->pairs.nslots; i++) {
		uint64_t slot = b->pairs.slots[i];
		uint32_t id;

		if (slot == TL_FREE_PAIR)
			continue;
		id = b->pairs.ids[slot & TL_NO_RANK];
		if (((seen[tl_pair_left(slot)] | seen[tl_pair_right(slot)]) &
			2) != 0)
			merges_bytes = true;
		if ((seen[id] & 1) == 0)
			tl_bpe_add_joins(b, a, tl_vocab_piece(&m->vocab, id));
		seen[id] |= 1;
	}
	b->can_cut_anywhere =
	    b->byte_fallback && tl_bpe_knows_all_bytes(m) && !merges_bytes;
	b->can_cut = !merges_bytes && !b->ignore_merges;
}

/* --- what new words ask for
 * ----------------------------------------------- */

void
tl_bpe_find_ascii(struct tl_bpe *b, struct tl_arena *a)
{
	struct tl_bpe_ascii *k = TL_NEW(a, struct tl_bpe_ascii, 1);
	uint32_t meta = tl_char_id(&b->chars, META);

	for (uint32_t c = 0; c < 128; c++)
		k->ids[c] = c == ' ' ? meta : tl_char_id(&b->chars, c);
	for (uint32_t x = 0; x < 128; x++)
		for (uint32_t y = 0; y < 128; y++) {
			uint32_t rank = TL_NO_RANK;

			if (k->ids[x] != TL_NO_ID && k->ids[y] != TL_NO_ID)
				rank = tl_pairs_rank(
				    &b->pairs, k->ids[x], k->ids[y]);
			k->pairs[x][y] = tl_bpe_pair(rank, 0);
			if (tl_bpe_is_cut(b, x, y))
				k->cuts[x][y / 64] |= 1ull << (y % 64);
		}
	b->ascii = k;
}

static inline uint32_t
stop_class(uint32_t cp)
{
	return cp == META ? ' ' : cp & 255;
}

/* A last char has the class 0 behind it. */
static inline bool
is_stop(const struct tl_bpe *b, uint32_t cp, uint32_t next)
{
	uint32_t x = stop_class(cp), y = stop_class(next);

	return b->stops != NULL && ((b->stops[x][y / 64] >> (y % 64)) & 1);
}

void
tl_bpe_add_stops(struct tl_bpe *b, struct tl_arena *a, tl_str piece)
{
	uint32_t x, y;
	size_t len = tl_utf8_next(piece, 0, &x, NULL);

	if (b->stops == NULL)
		b->stops = tl_arena_grow(
		    a, NULL, 0, 256 * sizeof(*b->stops), _Alignof(uint64_t));
	x = stop_class(x);
	if (len == piece.len) {
		memset(b->stops[x], 0xFF, sizeof(b->stops[x]));
		return;
	}
	(void)tl_utf8_next(piece, len, &y, NULL);
	y = stop_class(y);
	b->stops[x][y / 64] |= 1ull << (y % 64);
}

bool
tl_bpe_begin_known(const struct tl_bpe *b, tl_str piece, bool has_prefix,
    struct tl_bpe_word *w)
{
	const struct tl_bpe_ascii *k = b->ascii;
	uint32_t prev = ' ', cp;
	unsigned n = 0;

	w->open = 0;
	if (has_prefix) {
		w->ids[n] = k->ids[' '];
		w->starts[n++] = 0;
		if (w->ids[0] == TL_NO_ID)
			return false;
	}
	for (size_t at = 0, len; at < piece.len; at += len, prev = cp) {
		uint32_t id;

		len = tl_utf8_next(piece, at, &cp, NULL);
		id = cp < 128 ? k->ids[cp] : tl_char_id(&b->chars, cp);
		if (id == TL_NO_ID || (n > 0 && is_stop(b, prev, cp)))
			return false;
		if (n > 0 && (prev | cp) < 128)
			w->pairs[n - 1] = k->pairs[prev][cp] | (int32_t)(n - 1);
		else if (n > 0)
			w->open |= 1u << (n - 1);
		w->ids[n] = id;
		w->starts[n++] = (uint8_t)at;
	}
	if (is_stop(b, prev, 0))
		return false;
	w->n = n;
	w->starts[n] = (uint8_t)piece.len;
	w->alive = UINT32_MAX >> (TL_BPE_WORD_SYMBOLS - n);
	return true;
}

/* --- words that are a token
 * ----------------------------------------------------- */

/* s with "▁" for every " ": how the vocabulary spells it. */
static tl_str
spell(tl_str s, char out[3 * TL_WHOLE_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != ' ') {
			out[n++] = s.ptr[i];
			continue;
		}
		memcpy(out + n, "\u2581", 3);
		n += 3;
	}
	return (tl_str){ out, n };
}

/* … and back; false when it is too long. */
static bool
unspell(tl_str s, char out[TL_WHOLE_BYTES], tl_str *text)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len;) {
		bool is_meta =
		    s.len - i >= 3 && memcmp(s.ptr + i, "\u2581", 3) == 0;

		if (n == TL_WHOLE_BYTES)
			return false;
		out[n++] = is_meta ? ' ' : s.ptr[i];
		i += is_meta ? 3 : 1;
	}
	*text = (tl_str){ out, n };
	return n > 0;
}

uint64_t
tl_bpe_whole_aim(const struct tl_model *m, tl_str word)
{
	char out[3 * TL_WHOLE_BYTES];
	tl_str key = spell(word, out);
	uint64_t hash = tl_fast_hash(key.ptr, key.len);

	tl_vocab_aim(&m->vocab, hash);
	return hash;
}

uint32_t
tl_bpe_whole(const struct tl_model *m, tl_str word, uint64_t hash)
{
	char out[3 * TL_WHOLE_BYTES];
	size_t i = tl_vocab_entry(&m->vocab, spell(word, out), hash);

	if (i == m->vocab.n || !((m->bpe.wholes[i / 64] >> (i % 64)) & 1))
		return TL_NO_ID;
	return tl_vocab_id(&m->vocab, i);
}

/* By merging all of them. */
void
tl_bpe_find_wholes(struct tl_model *m, struct tl_arena *a)
{
	struct tl_bpe *b = &m->bpe;
	struct tl_arena *tmp = tl_arena_new_like(a);
	struct tl_bpe_word *words =
	    TL_NEW(tmp, struct tl_bpe_word, TL_BPE_WORDS);
	struct tl_bpe_word *list[TL_BPE_WORDS];
	size_t entries[TL_BPE_WORDS], n = 0;

	b->wholes = TL_NEW(a, uint64_t, m->vocab.n / 64 + 1);
	for (size_t i = 0; i < m->vocab.n; i++) {
		char out[TL_WHOLE_BYTES];
		tl_str text;

		if (unspell(tl_vocab_key(&m->vocab, i), out, &text) &&
		    tl_bpe_begin_known(b, text, false, &words[n])) {
			list[n] = &words[n];
			entries[n++] = i;
		}
		if (n == 0 || (n < TL_BPE_WORDS && i + 1 < m->vocab.n))
			continue;
		tl_bpe_merge_words(b, list, n);
		for (size_t k = 0; k < n; k++) {
			size_t e = entries[k];

			if (words[k].alive == 1 &&
			    words[k].ids[0] == tl_vocab_id(&m->vocab, e))
				b->wholes[e / 64] |= 1ull << (e % 64);
		}
		n = 0;
	}
	tl_arena_free(tmp);
}

void
tl_bpe_finish_metaspace(struct tl_model *m, struct tl_arena *a)
{
	struct tl_bpe *b = &m->bpe;

	if (b->joins == NULL)
		find_joins(m, a);
	tl_bpe_find_ascii(b, a);
}
