/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpe_bytes.c - byte pair encoding where the symbols are bytes at first.
 *
 * Half of the merges of a new word need no search.  Two bytes x, y become one
 * symbol in any case, and nothing is changed by doing it at once, when their
 * rank is lower than that of
 *   - every pair of a symbol that ends with the byte in front of x, and x;
 *   - every pair of y, and a symbol that begins with the byte behind y;
 *   - every pair that x and y as one symbol are a part of.
 * For as long as they stand side by side their pair can be merged, so only
 * pairs of that rank or a lower one are: none with x or y alone, and none with
 * the symbol of both had it been there.  That is how chars of two bytes come
 * about, mostly.
 */
#include "tok.h"

/* What the entries of the table are for two bytes x, y side by side. */
static inline size_t
key_of(const unsigned char *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* --- the table -------------------------------------------------------------
 */

/* The byte a token begins or ends with, or -1: no bytes make it. */
struct token_ends {
	int16_t first, last;
	bool is_byte;
};

static struct token_ends
ends_of(tl_str piece)
{
	struct token_ends t = { -1, -1, false };
	size_t len, at = piece.len;
	uint32_t cp;

	if (piece.len == 0)
		return t;
	len = tl_utf8_next(piece, 0, &cp, NULL);
	t.first = (int16_t)tl_char_byte(cp);
	t.is_byte = len == piece.len;
	do
		at--;
	while (at > 0 && ((unsigned char)piece.ptr[at] & 0xC0) == 0x80);
	(void)tl_utf8_next(piece, at, &cp, NULL);
	t.last = (int16_t)tl_char_byte(cp);
	return t;
}

static void
lower(uint32_t *to, uint32_t rank)
{
	if (*to > rank)
		*to = rank;
}

/* Two strings may have one id in a damaged vocabulary. */
static bool
is_one_to_one(const struct tl_vocab *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->by_id[tl_vocab_id(v, i)] != i + 1)
			return false;
	return true;
}

/* What every pair says about its neighbours, and the lowest rank that each id
 * is a part of. */
static void
note_pairs(const struct tl_model *m, struct tl_arena *a,
    struct tl_byte_pair *table, uint32_t *lowest)
{
	const struct tl_pairs *pairs = &m->bpe.pairs;
	uint32_t nids = m->vocab.npieces;
	struct token_ends *ends = TL_NEW(a, struct token_ends, nids);

	for (uint32_t id = 0; id < nids; id++)
		ends[id] = ends_of(tl_vocab_piece(&m->vocab, id));
	for (size_t i = 0; i < pairs->nslots; i++) {
		uint64_t slot = pairs->slots[i];
		uint32_t left = tl_pair_left(slot), right = tl_pair_right(slot);
		uint32_t rank = slot & TL_NO_RANK;
		struct token_ends l, r;

		if (slot == TL_FREE_PAIR)
			continue;
		lower(&lowest[left], rank);
		lower(&lowest[right], rank);
		l = ends[left];
		r = ends[right];
		if (l.last < 0 || r.first < 0)
			continue; /* no bytes become this */
		if (r.is_byte)
			lower(&table[l.last << 8 | r.first].before, rank);
		if (l.is_byte)
			lower(&table[l.last << 8 | r.first].behind, rank);
	}
}

static void
find_byte_pairs(struct tl_model *m, struct tl_arena *a)
{
	struct tl_bpe *b = &m->bpe;
	struct tl_byte_pair *table =
	    TL_NEW(a, struct tl_byte_pair, TL_BYTE_PAIRS);
	uint32_t *lowest = TL_NEW(a, uint32_t, m->vocab.npieces);
	bool is_sane = is_one_to_one(&m->vocab);

	for (size_t i = 0; i < m->vocab.npieces; i++)
		lowest[i] = TL_NO_RANK;
	for (size_t i = 0; i < TL_BYTE_PAIRS; i++)
		table[i].before = table[i].behind = TL_NO_RANK;
	note_pairs(m, a, table, lowest);
	for (size_t i = 0; i < TL_BYTE_PAIRS; i++) {
		uint32_t rank = tl_pairs_rank(
		    &b->pairs, b->byte_ids[i >> 8], b->byte_ids[i & 255]);

		table[i].rank = rank;
		if (rank == TL_NO_RANK)
			continue;
		table[i].id = b->pairs.ids[rank];
		if (!is_sane || lowest[table[i].id] <= rank)
			table[i].rank |= TL_PAIR_NEVER_SURE;
	}
	b->byte_pairs = table;
}

static bool
is_in_utf8(unsigned byte)
{
	return byte != 0xC0 && byte != 0xC1 && byte < 0xF5;
}

/* Every byte that a text can have has a symbol, so nothing is unknown. */
static bool
find_bytes(struct tl_model *m)
{
	for (unsigned i = 0; i < 256; i++) {
		char utf8[4];
		tl_str s = { utf8,
			tl_utf8_put(utf8, tl_byte_char((unsigned char)i)) };

		m->bpe.byte_ids[i] = tl_vocab_find(&m->vocab, s);
		if (m->bpe.byte_ids[i] == TL_NO_ID && is_in_utf8(i))
			return false;
	}
	return m->bpe.prefix.len == 0 && m->bpe.suffix.len == 0;
}

/* The vocabulary as bytes.  Where the table of short words is there already,
 * only the long ones are left. */
static void
find_raw(struct tl_model *m, struct tl_arena *a)
{
	struct tl_bpe *b = &m->bpe;
	bool has_short = b->raw.nslots > 0;
	struct tl_buf one;

	if (!has_short)
		tl_words_init(&b->raw, a, m->vocab.n);
	tl_vocab_init(&b->raw_long, a, 1024);
	tl_buf_init(&one, a, 0);
	for (size_t i = 0; i < m->vocab.n; i++) {
		tl_str key = tl_vocab_key(&m->vocab, i);
		uint32_t id = tl_vocab_id(&m->vocab, i);

		/* A byte is at least a byte in the alphabet. */
		if (has_short && key.len <= TL_WORD_BYTES)
			continue;
		tl_buf_clear(&one);
		if (!tl_bytes_of_chars(key, &one) || one.len == 0)
			continue;
		if (one.len > TL_WORD_BYTES)
			tl_vocab_put(&b->raw_long,
			    tl_arena_str(a, tl_buf_str(&one)), id);
		else if (!has_short)
			tl_words_put(&b->raw, tl_buf_str(&one), id);
	}
}

void
tl_bpe_finish_bytes(struct tl_model *m, struct tl_arena *a)
{
	m->bpe.is_raw = find_bytes(m);
	if (!m->bpe.is_raw)
		return;
	if (m->bpe.byte_pairs == NULL)
		find_byte_pairs(m, a);
	if (m->bpe.ignore_merges)
		find_raw(m, a);
}

/* --- a word ----------------------------------------------------------------
 */

uint32_t
tl_bpe_find_whole(const struct tl_bpe *b, tl_str piece)
{
	uint64_t bytes[TL_WORD_BYTES / 8] = { 0 };

	if (piece.len > TL_WORD_BYTES)
		return tl_vocab_find(&b->raw_long, piece);
	memcpy(bytes, piece.ptr, piece.len);
	return tl_words_find(&b->raw, bytes, piece.len);
}

size_t
tl_bpe_next_symbol(
    const struct tl_bpe *b, tl_str piece, size_t at, uint32_t *id)
{
	static const struct tl_byte_pair none = { .before = TL_NO_RANK,
		.behind = TL_NO_RANK };
	const struct tl_byte_pair *t = b->byte_pairs, *cur, *prev, *next;
	const unsigned char *p = (const unsigned char *)piece.ptr + at;

	*id = b->byte_ids[p[0]];
	if (piece.len - at < 2)
		return at + 1;
	cur = &t[key_of(p)];
	prev = at == 0 ? &none : &t[key_of(p - 1)];
	next = piece.len - at < 3 ? &none : &t[key_of(p + 1)];
	if (cur->rank >= prev->before || cur->rank >= next->behind)
		return at + 1;
	*id = cur->id;
	return at + 2;
}

/* Pairs of bytes have their ranks here, the others are asked for later. */
static void
find_first_pairs(
    const struct tl_byte_pair *t, const unsigned char *p, struct tl_bpe_word *w)
{
	w->open = 0;
	for (unsigned i = 0; i + 1 < w->n; i++) {
		unsigned beg = w->starts[i];

		if (w->starts[i + 2] - beg == 2)
			w->pairs[i] = tl_bpe_pair(
			    t[key_of(p + beg)].rank & ~TL_PAIR_NEVER_SURE, i);
		else
			w->open |= (uint32_t)1 << i;
	}
}

bool
tl_bpe_begin_raw(const struct tl_bpe *b, tl_str piece, struct tl_bpe_word *w)
{
	const struct tl_byte_pair *t = b->byte_pairs;
	const unsigned char *p = (const unsigned char *)piece.ptr;
	uint32_t before = TL_NO_RANK;
	bool was_sure = false;
	unsigned n = 0;

	for (unsigned i = 0; i + 1 < piece.len; i++) {
		const struct tl_byte_pair *cur = &t[key_of(p + i)];
		uint32_t behind = i + 2 < piece.len
		    ? t[key_of(p + i + 1)].behind
		    : TL_NO_RANK;
		bool is_sure = (cur->rank < before) & (cur->rank < behind);

		if (n == TL_BPE_WORD_SYMBOLS - 1)
			return false;
		w->ids[n] = is_sure ? cur->id : b->byte_ids[p[i]];
		w->starts[n] = (uint8_t)i;
		/* Two that are sure never share a byte. */
		n += !was_sure;
		was_sure = is_sure;
		before = cur->before;
	}
	if (!was_sure) {
		w->ids[n] = b->byte_ids[p[piece.len - 1]];
		w->starts[n++] = (uint8_t)(piece.len - 1);
	}
	w->starts[n] = (uint8_t)piece.len;
	w->n = n;
	w->alive = UINT32_MAX >> (TL_BPE_WORD_SYMBOLS - n);
	find_first_pairs(t, p, w);
	return true;
}
