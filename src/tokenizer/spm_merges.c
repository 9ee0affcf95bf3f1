/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm_merges.c - which symbols of a SentencePiece BPE model join.
 *
 * The model has no list of merges: two neighbours join when their text is a
 * piece.  All ways to cut all pieces in two are looked up once, so that a text
 * needs no strings any more.  A half that is a single char needs no piece of
 * its own: it has an id behind theirs.
 */
#include "spm.h"

#include <stdlib.h>

struct row {
	float score;
	uint32_t id;
};

struct cut {
	uint32_t whole, left, right;
};

struct deriving {
	struct tl_spm *s;
	struct tl_arena *tmp;
	struct row *rows; /* pieces, the best score first */
	size_t nrows;
	struct cut *cuts; /* in their order */
	size_t n, cap;
};

static int
compare_rows(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static void
sort_pieces(struct deriving *d)
{
	const struct tl_spm *s = d->s;
	bool is_sorted = true;

	d->rows = TL_NEW(d->tmp, struct row, s->words.n + 1);
	for (size_t i = 0; i < s->words.n; i++) {
		uint32_t id = s->words.entries[i].id;
		struct row *row = &d->rows[d->nrows];

		/* A user-defined piece is found before anything merges. */
		if (tl_utf8_len(s->pieces[id], 0) == s->pieces[id].len ||
		    s->types[id] == TL_SPM_USER)
			continue;
		*row = (struct row){ s->scores[id], id };
		is_sorted &= d->nrows == 0 || compare_rows(row - 1, row) < 0;
		d->nrows++;
	}
	if (!is_sorted)
		qsort(d->rows, d->nrows, sizeof(*d->rows), compare_rows);
}

static uint32_t
name_chars(struct deriving *d, struct tl_arena *a)
{
	struct tl_spm *s = d->s;
	uint32_t next = (uint32_t)s->n;

	tl_char_ids_build(&s->chars, a, &s->words);
	for (size_t i = 0; i < d->nrows; i++) {
		tl_str piece = s->pieces[d->rows[i].id];

		for (size_t at = 0; at < piece.len;) {
			uint32_t cp;

			at += tl_utf8_next(piece, at, &cp, NULL);
			if (tl_char_id(&s->chars, cp) == TL_NO_ID)
				tl_char_ids_put(&s->chars, a, cp, next++);
		}
	}
	return next;
}

static uint32_t
symbol_of(const struct tl_spm *s, tl_str text)
{
	uint32_t cp;

	if (tl_utf8_next(text, 0, &cp, NULL) == text.len)
		return tl_char_id(&s->chars, cp);
	return tl_vocab_find(&s->words, text);
}

static void
add_cuts(struct deriving *d, uint32_t id)
{
	const struct tl_spm *s = d->s;
	tl_str piece = s->pieces[id];

	for (size_t at = tl_utf8_len(piece, 0); at < piece.len;
	     at += tl_utf8_len(piece, at)) {
		struct cut c = { .whole = id };

		c.left = symbol_of(s, tl_str_slice(piece, 0, at));
		if (c.left == TL_NO_ID)
			continue;
		c.right = symbol_of(s, tl_str_slice(piece, at, piece.len));
		if (c.right == TL_NO_ID)
			continue;
		if (d->n == d->cap) {
			size_t cap = d->cap * 2 + 1024;

			d->cuts =
			    tl_arena_grow(d->tmp, d->cuts, d->n * sizeof(c),
				cap * sizeof(c), _Alignof(struct cut));
			d->cap = cap;
		}
		d->cuts[d->n++] = c;
	}
}

static bool
is_tie(const struct deriving *d, size_t i)
{
	const struct cut *c = &d->cuts[i];

	return i > 0 && !(d->s->scores[c[-1].whole] > d->s->scores[c->whole]);
}

/* Ways to make a piece share a rank.  Where several pieces have the same score
 * they cannot: then the ranks are distinct, and orders say what ties. */
static void
put_pairs(const struct deriving *d, struct tl_arena *a)
{
	struct tl_spm *s = d->s;
	uint8_t *has_ties = TL_NEW(d->tmp, uint8_t, d->n);

	s->orders = TL_NEW(a, uint32_t, d->n);
	s->has_tie = TL_NEW(a, uint8_t, s->n);
	for (size_t i = 0; i < d->n; i++) {
		uint32_t order = is_tie(d, i) ? s->orders[i - 1] : (uint32_t)i;

		s->orders[i] = order;
		if (d->cuts[order].whole != d->cuts[i].whole)
			has_ties[order] = 1;
	}
	tl_pairs_init(&s->pairs, a, d->n, d->n);
	for (size_t i = 0; i < d->n; i++) {
		const struct cut *c = &d->cuts[i];
		uint32_t order = s->orders[i];

		s->has_tie[c->whole] = has_ties[order];
		tl_pairs_put(&s->pairs, c->left, c->right,
		    has_ties[order] ? (uint32_t)i : order, c->whole);
	}
}

enum tl_status
tl_spm_derive_merges(struct tl_spm *s, struct tl_arena *a, struct tl_error *err)
{
	struct deriving d = { .s = s, .tmp = tl_arena_new_like(a) };
	enum tl_status st = TL_OK;
	uint64_t work = 0;

	sort_pieces(&d);
	if (name_chars(&d, a) > TL_MAX_TOKEN_ID)
		st = tl_fail(
		    err, TL_ELIMIT, "the pieces have too many different chars");
	for (size_t i = 0; i < d.nrows && st == TL_OK; i++) {
		uint64_t len = s->pieces[d.rows[i].id].len;

		work += len * len;
		if (work > TL_MAX_CUT_WORK)
			st = tl_fail(err, TL_ELIMIT,
			    "piece %u has %zu bytes: pieces are too long",
			    d.rows[i].id, (size_t)len);
		else
			add_cuts(&d, d.rows[i].id);
		if (d.n >= TL_NO_RANK)
			st = tl_fail(err, TL_ELIMIT,
			    "the pieces can be joined in too many ways");
	}
	if (st == TL_OK)
		put_pairs(&d, a);
	tl_arena_free(d.tmp);
	return st;
}
