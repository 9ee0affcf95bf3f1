/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_model.c - the member "model" of a tokenizer.json.
 */
#include "load.h"

#include <math.h>
#include <stdio.h>

struct reading {
	struct tl_arena *a;
	tl_str text;
	const struct tl_bigjson *big;
	const struct tl_image *img; /* or NULL */
	const struct tl_json *json; /* the model */
	struct tl_model *m;
	struct tl_error *err;
};

static enum tl_status
fail_big(
    const struct reading *r, const struct tl_bigreader *big, const char *what)
{
	return tl_fail(
	    r->err, TL_EPARSE, "%s is malformed at byte %zu", what, big->at);
}

/* --- vocabulary
 * -------------------------------------------------------------------- */

static enum tl_status
read_vocab(struct reading *r)
{
	struct tl_bigreader in = { tl_str_slice(r->text, 0, r->big->vocab.end),
		r->big->vocab.beg, r->a };
	char *to;

	if (r->big->vocab.beg == r->big->vocab.end)
		return tl_fail(
		    r->err, TL_EPARSE, "the model has no vocabulary");
	tl_vocab_init(&r->m->vocab, r->a, r->big->nvocab);
	to = tl_arena_bytes(r->a, r->big->vocab.end - r->big->vocab.beg);
	(void)tl_big_accept(&in, '{');
	if (tl_big_accept(&in, '}')) {
		tl_vocab_index(&r->m->vocab);
		return TL_OK;
	}
	do {
		tl_str key;
		uint32_t id;

		if (!tl_big_string(&in, &key) || !tl_big_accept(&in, ':') ||
		    !tl_big_uint(&in, &id))
			return fail_big(r, &in, "the vocabulary");
		if (id > tl_max_id(r->big->nvocab))
			return tl_fail(r->err, TL_ELIMIT,
			    "the vocabulary has id %u, above the limit of %u",
			    id, tl_max_id(r->big->nvocab));
		memcpy(to, key.ptr, key.len);
		tl_vocab_put(&r->m->vocab, (tl_str){ to, key.len }, id);
		to += key.len;
	} while (tl_big_accept(&in, ','));
	if (!tl_big_accept(&in, '}') || in.at != r->big->vocab.end)
		return fail_big(r, &in, "the vocabulary");
	tl_vocab_index(&r->m->vocab);
	return TL_OK;
}

void
tl_model_find_fallback(struct tl_model *m)
{
	for (unsigned i = 0; i < 256; i++) {
		char name[8];
		int n = snprintf(name, sizeof(name), "<0x%02X>", i);

		m->fallback_ids[i] =
		    tl_vocab_find(&m->vocab, (tl_str){ name, (size_t)n });
	}
}

/* --- merges
 * ------------------------------------------------------------------------- */

static bool
read_merge(struct tl_bigreader *in, tl_str *a, tl_str *b, bool *is_comment)
{
	size_t cut;
	tl_str line;

	*is_comment = false;
	if (tl_big_accept(in, '['))
		return tl_big_string(in, a) && tl_big_accept(in, ',') &&
		    tl_big_string(in, b) && tl_big_accept(in, ']');
	if (!tl_big_string(in, &line))
		return false;
	if (tl_str_starts(line, TL_STR("#version"))) {
		*is_comment = true;
		return true;
	}
	cut = tl_str_find_char(line, ' ', 0);
	if (cut == TL_NPOS || tl_str_find_char(line, ' ', cut + 1) != TL_NPOS)
		return false;
	*a = tl_str_slice(line, 0, cut);
	*b = tl_str_slice(line, cut + 1, line.len);
	return true;
}

static enum tl_status
put_merge(
    struct reading *r, struct tl_buf *both, tl_str a, tl_str b, uint32_t rank)
{
	struct tl_model *m = r->m;
	uint32_t ia = tl_vocab_find(&m->vocab, a);
	uint32_t ib = tl_vocab_find(&m->vocab, b), id = TL_NO_ID;

	tl_buf_clear(both);
	tl_buf_put(both, a);
	tl_buf_put(both, tl_str_slice(b, m->bpe.prefix.len, b.len));
	if (ia != TL_NO_ID && ib != TL_NO_ID)
		id = tl_vocab_find(&m->vocab, tl_buf_str(both));
	if (id == TL_NO_ID)
		return tl_fail(r->err, TL_EPARSE,
		    "merge %u has a part or a result that is not in the "
		    "vocabulary",
		    rank);
	tl_pairs_put(&m->bpe.pairs, ia, ib, rank, id);
	return TL_OK;
}

static enum tl_status
read_merges(struct reading *r)
{
	struct tl_bigreader in = { tl_str_slice(r->text, 0, r->big->merges.end),
		r->big->merges.beg, r->a };
	struct tl_buf both;
	uint32_t rank = 0;

	if (r->big->merges.beg == r->big->merges.end)
		return tl_fail(r->err, TL_EPARSE, "the model has no merges");
	if (r->big->nmerges >= TL_NO_RANK)
		return tl_fail(
		    r->err, TL_ELIMIT, "there are %zu merges", r->big->nmerges);
	tl_pairs_init(&r->m->bpe.pairs, r->a, r->big->nmerges, r->big->nmerges);
	tl_buf_init(&both, r->a, 0);
	(void)tl_big_accept(&in, '[');
	if (tl_big_accept(&in, ']')) {
		r->m->bpe.pairs.nranks = 0;
		return TL_OK;
	}
	do {
		tl_str a, b;
		bool is_comment;
		enum tl_status st;

		if (!read_merge(&in, &a, &b, &is_comment))
			return fail_big(r, &in, "the list of merges");
		if (is_comment)
			continue;
		st = put_merge(r, &both, a, b, rank++);
		if (st != TL_OK)
			return st;
	} while (tl_big_accept(&in, ','));
	if (!tl_big_accept(&in, ']') || in.at != r->big->merges.end)
		return fail_big(r, &in, "the list of merges");
	r->m->bpe.pairs.nranks = rank; /* comments have none */
	return TL_OK;
}

/* --- the models
 * ---------------------------------------------------------------------- */

static tl_str
text_field(const struct reading *r, const char *name)
{
	const struct tl_json *v = tl_json_get(r->json, name);

	if (!tl_json_is(v, TL_JSON_STRING))
		return (tl_str){ NULL, 0 };
	return tl_arena_str(r->a, v->text);
}

static bool
flag_field(const struct reading *r, const char *name)
{
	return tl_json_bool(tl_json_get(r->json, name), false);
}

static enum tl_status
read_bpe(struct reading *r)
{
	const struct tl_json *dropout = tl_json_get(r->json, "dropout");
	struct tl_bpe *b = &r->m->bpe;
	enum tl_status st = TL_OK;

	if (r->img != NULL)
		tl_image_model(r->img, r->a, r->m);
	else
		st = read_vocab(r);
	if (st != TL_OK)
		return st;
	b->prefix = text_field(r, "continuing_subword_prefix");
	b->suffix = text_field(r, "end_of_word_suffix");
	b->unk_token = text_field(r, "unk_token");
	b->unk_id = b->unk_token.ptr == NULL
	    ? TL_NO_ID
	    : tl_vocab_find(&r->m->vocab, b->unk_token);
	b->fuse_unk = flag_field(r, "fuse_unk");
	b->byte_fallback = flag_field(r, "byte_fallback");
	b->ignore_merges = flag_field(r, "ignore_merges");
	if (tl_json_is(dropout, TL_JSON_NUMBER)) {
		if (dropout->number < 0 || dropout->number > 1)
			return tl_fail(r->err, TL_EPARSE,
			    "the model's dropout is not between 0 and 1");
		if (dropout->number > 0 && dropout->number < 1)
			return tl_fail(r->err, TL_EUNSUPPORTED,
			    "the model has a dropout: its tokens are random");
		b->has_no_merges = dropout->number > 0;
	}
	tl_model_find_fallback(r->m);
	return r->img != NULL ? TL_OK : read_merges(r);
}

static enum tl_status
read_unigram(struct reading *r)
{
	const struct tl_json *list = tl_json_get(r->json, "vocab");
	const struct tl_json *unk = tl_json_get(r->json, "unk_id");
	struct tl_unigram *u = &r->m->unigram;
	double *scores;
	tl_str *keys;
	uint32_t *entries;
	size_t n = 0;

	if (!tl_json_is(list, TL_JSON_ARRAY))
		return tl_fail(r->err, TL_EPARSE,
		    "the Unigram model has no list of pieces");
	if (list->nchildren > TL_MAX_TOKEN_ID)
		return tl_fail(r->err, TL_ELIMIT, "too many pieces");
	scores = TL_NEW(r->a, double, list->nchildren);
	keys = TL_NEW(r->a, tl_str, list->nchildren);
	entries = TL_NEW(r->a, uint32_t, list->nchildren);
	tl_vocab_init(&r->m->vocab, r->a, list->nchildren);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		const struct tl_json *piece = tl_json_at(v, 0);
		const struct tl_json *score = tl_json_at(v, 1);

		if (!tl_json_is(piece, TL_JSON_STRING) ||
		    !tl_json_is(score, TL_JSON_NUMBER))
			return tl_fail(r->err, TL_EPARSE,
			    "piece %zu of the Unigram model is not "
			    "[string, number]",
			    n);
		if (!isfinite(score->number))
			return tl_fail(r->err, TL_EPARSE,
			    "the score of piece %zu of the Unigram model is "
			    "out of range",
			    n);
		scores[n] = score->number;
		if (n == 0 || scores[n] < u->min_score)
			u->min_score = scores[n];
		tl_vocab_put(
		    &r->m->vocab, tl_arena_str(r->a, piece->text), (uint32_t)n);
		n++;
	}
	tl_vocab_index(&r->m->vocab);
	for (size_t i = 0; i < r->m->vocab.n; i++) {
		keys[i] = r->m->vocab.entries[i].key;
		entries[i] = r->m->vocab.entries[i].id;
	}
	tl_prefixes_build(&u->pieces, r->a, keys, entries, r->m->vocab.n);
	u->scores = scores;
	u->unk_id = TL_NO_ID;
	if (tl_json_is(unk, TL_JSON_NUMBER)) {
		int64_t id;

		if (!tl_json_int(unk, &id) || id < 0 || id >= (int64_t)n)
			return tl_fail(r->err, TL_EPARSE,
			    "the model's unk_id is not one of its pieces");
		u->unk_id = (uint32_t)id;
	}
	u->byte_fallback = flag_field(r, "byte_fallback");
	tl_model_find_fallback(r->m);
	return TL_OK;
}

static enum tl_status
read_words(struct reading *r)
{
	const struct tl_json *max =
	    tl_json_get(r->json, "max_input_chars_per_word");
	tl_str unk = text_field(r, "unk_token");
	int64_t n = 100;
	enum tl_status st = read_vocab(r);

	if (st != TL_OK)
		return st;
	if (unk.ptr == NULL)
		unk = r->m->kind == TL_MODEL_WORDPIECE ? TL_STR("[UNK]")
						       : TL_STR("<unk>");
	r->m->unk_id = tl_vocab_find(&r->m->vocab, unk);
	r->m->prefix = text_field(r, "continuing_subword_prefix");
	if (r->m->prefix.ptr == NULL)
		r->m->prefix = TL_STR("##");
	if (max != NULL && (!tl_json_int(max, &n) || n < 0))
		return tl_fail(r->err, TL_EPARSE,
		    "max_input_chars_per_word is not a number of chars");
	r->m->max_chars = (size_t)n;
	return TL_OK;
}

/* The type, or what the fields say when it is left out. */
static tl_str
model_type(const struct tl_json *json)
{
	const struct tl_json *type = tl_json_get(json, "type");

	if (type != NULL)
		return tl_json_text(type, TL_STR("?"));
	if (tl_json_get(json, "merges") != NULL)
		return TL_STR("BPE");
	if (tl_json_is(tl_json_get(json, "vocab"), TL_JSON_ARRAY))
		return TL_STR("Unigram");
	if (tl_json_get(json, "max_input_chars_per_word") != NULL)
		return TL_STR("WordPiece");
	return TL_STR("WordLevel");
}

enum tl_status
tl_load_model(struct tl_arena *a, tl_str text, const struct tl_bigjson *big,
    const struct tl_image *img, const struct tl_json *json, struct tl_model *m,
    struct tl_error *err)
{
	struct reading r = { a, text, big, img, json, m, err };
	tl_str type = model_type(json);

	*m = (struct tl_model){ .unk_id = TL_NO_ID };
	m->bpe.unk_id = m->unigram.unk_id = TL_NO_ID;
	for (size_t i = 0; i < 256; i++)
		m->fallback_ids[i] = TL_NO_ID;
	if (!tl_json_is(json, TL_JSON_OBJECT))
		return tl_fail(err, TL_EPARSE, "the tokenizer has no model");
	if (tl_str_eq(type, TL_STR("BPE")))
		return read_bpe(&r);
	m->kind = TL_MODEL_UNIGRAM;
	if (tl_str_eq(type, TL_STR("Unigram")))
		return read_unigram(&r);
	m->kind = TL_MODEL_WORDPIECE;
	if (tl_str_eq(type, TL_STR("WordPiece")))
		return read_words(&r);
	m->kind = TL_MODEL_WORDLEVEL;
	if (tl_str_eq(type, TL_STR("WordLevel")))
		return read_words(&r);
	return tl_unsupported(err, "model", type);
}
