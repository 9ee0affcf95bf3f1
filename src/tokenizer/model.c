/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.c - the models other than BPE, and the choice between them.
 */
#include "tok.h"

static enum tl_status
missing_unk(struct tl_error *err)
{
	return tl_fail(err, TL_EUNSUPPORTED,
	    "the text has something the vocabulary does not know, and the "
	    "tokenizer has no unknown token for it");
}

static enum tl_status
wordlevel(struct tl_encoder *e, tl_str word, struct tl_error *err)
{
	const struct tl_model *m = &e->t->model;
	uint32_t id = tl_vocab_find(&m->vocab, word);

	if (id == TL_NO_ID)
		id = m->unk_id;
	if (id == TL_NO_ID)
		return missing_unk(err);
	tl_mtoks_add(e, id, 0, word.len);
	return TL_OK;
}

/* The longest piece word[beg, *end), shortening *end; TL_NO_ID if none. */
static uint32_t
longest_piece(const struct tl_encoder *e, tl_str word, size_t beg, size_t *end)
{
	const struct tl_model *m = &e->t->model;
	struct tl_buf s;

	tl_buf_init(&s, e->scratch, 0);
	if (beg > 0)
		tl_buf_put(&s, m->prefix);
	tl_buf_put(&s, tl_str_slice(word, beg, word.len));
	for (*end = word.len; *end > beg;) {
		tl_str key = tl_buf_str(&s);
		uint32_t id;

		key.len -= word.len - *end;
		id = tl_vocab_find(&m->vocab, key);
		if (id != TL_NO_ID)
			return id;
		do
			--*end;
		while (*end > beg &&
		    ((unsigned char)word.ptr[*end] & 0xC0) == 0x80);
	}
	return TL_NO_ID;
}

static enum tl_status
wordpiece(struct tl_encoder *e, tl_str word, struct tl_error *err)
{
	const struct tl_model *m = &e->t->model;
	bool is_known = tl_utf8_count(word) <= m->max_chars;

	for (size_t at = 0, end; is_known && at < word.len; at = end) {
		uint32_t id = longest_piece(e, word, at, &end);

		if (id == TL_NO_ID)
			is_known = false;
		else
			tl_mtoks_add(e, id, at, end);
	}
	if (is_known)
		return TL_OK;
	if (m->unk_id == TL_NO_ID)
		return missing_unk(err);
	e->toks.n = 0;
	tl_mtoks_add(e, m->unk_id, 0, word.len);
	return TL_OK;
}

/* --- Unigram
 * ---------------------------------------------------------------------- */

struct node {
	double score;	/* of the best way to here */
	uint32_t from;	/* byte where its last piece begins */
	uint32_t entry; /* of the vocabulary; TL_NO_ID: unknown */
	bool is_reached;
};

static void
offer(struct node *to, double score, size_t from, uint32_t entry)
{
	if (to->is_reached && !(score > to->score))
		return;
	*to = (struct node){ score, (uint32_t)from, entry, true };
}

/* Ties keep the piece that begins earlier.  False when a char is unknown and
 * there is no unknown token. */
static bool
find_best(const struct tl_unigram *u, tl_str s, struct node *nodes)
{
	nodes[0].is_reached = true;
	for (size_t at = 0, len; at < s.len; at += len) {
		struct tl_prefix_search p = tl_prefix_search_begin(&u->pieces);
		bool has_single = false;

		len = tl_utf8_len(s, at);
		for (size_t end = at; end < s.len;) {
			int64_t hit;

			if (!tl_prefix_search_feed(
				&p, (unsigned char)s.ptr[end++]))
				break;
			hit = tl_prefix_search_hit(&p);
			if (hit < 0)
				continue;
			offer(&nodes[end],
			    nodes[at].score + u->scores[u->pieces.values[hit]],
			    at, u->pieces.values[hit]);
			has_single |= end == at + len;
		}
		if (has_single)
			continue;
		if (u->unk_id == TL_NO_ID)
			return false;
		offer(&nodes[at + len], nodes[at].score + u->min_score - 10, at,
		    TL_NO_ID);
	}
	return true;
}

static void
put_string(struct tl_encoder *e, tl_str word, size_t beg, size_t end)
{
	const struct tl_model *m = &e->t->model;
	tl_str s = tl_str_slice(word, beg, end);
	uint32_t id = tl_vocab_find(&m->vocab, s);
	size_t known = 0;

	while (m->unigram.byte_fallback && known < s.len &&
	    m->fallback_ids[(unsigned char)s.ptr[known]] != TL_NO_ID)
		known++;
	if (id != TL_NO_ID || known < s.len) {
		tl_mtoks_add(
		    e, id != TL_NO_ID ? id : m->unigram.unk_id, beg, end);
		return;
	}
	for (size_t i = 0; i < s.len; i++)
		tl_mtoks_add(
		    e, m->fallback_ids[(unsigned char)s.ptr[i]], beg, end);
}

static bool
is_unknown(const struct tl_unigram *u, const struct node *n)
{
	return n->entry == TL_NO_ID || n->entry == u->unk_id;
}

static enum tl_status
unigram(struct tl_encoder *e, tl_str word, struct tl_error *err)
{
	const struct tl_unigram *u = &e->t->model.unigram;
	struct node *nodes = TL_NEW(e->scratch, struct node, word.len + 1);
	size_t *ends = TL_NEW(e->scratch, size_t, word.len + 1);
	size_t n = 0, at = 0;

	if (!find_best(u, word, nodes))
		return missing_unk(err);
	for (size_t end = word.len; end > 0; end = nodes[end].from)
		ends[n++] = end;
	while (n > 0) {
		size_t end = ends[--n];

		/* Neighbours that are unknown become one. */
		while (is_unknown(u, &nodes[end]) && n > 0 &&
		    is_unknown(u, &nodes[ends[n - 1]]))
			end = ends[--n];
		put_string(e, word, at, end);
		at = end;
	}
	return TL_OK;
}

enum tl_status
tl_model_encode(struct tl_encoder *e, tl_str piece, struct tl_error *err)
{
	e->toks.n = 0;
	switch (e->t->model.kind) {
	case TL_MODEL_BPE:
		break;
	case TL_MODEL_UNIGRAM:
		return unigram(e, piece, err);
	case TL_MODEL_WORDPIECE:
		return wordpiece(e, piece, err);
	case TL_MODEL_WORDLEVEL:
		return wordlevel(e, piece, err);
	}
	return tl_bpe_encode(e, piece, err);
}
