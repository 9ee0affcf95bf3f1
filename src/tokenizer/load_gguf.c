/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_gguf.c - the vocabulary in a GGUF file: SentencePiece BPE ("llama"),
 * byte-level BPE ("gpt2"), SentencePiece Unigram ("t5"), WordPiece ("bert").
 *
 * Every count is checked against the bytes that are left before it is
 * believed.
 */
#include "gguf_pre.h"
#include "llama.h"
#include "spm.h"

#include <stdio.h>
#include <stdlib.h>

enum gguf_type {
	GGUF_U8,
	GGUF_I8,
	GGUF_U16,
	GGUF_I16,
	GGUF_U32,
	GGUF_I32,
	GGUF_F32,
	GGUF_BOOL,
	GGUF_STRING,
	GGUF_ARRAY,
	GGUF_U64,
	GGUF_I64,
	GGUF_F64,
	GGUF_TYPES,
};

enum { NORMAL = 1, UNKNOWN, CONTROL, USER, UNUSED, BYTE };

#define MAX_NESTING 4u
/* A piece of n chars can be cut in n - 1 places, each to be looked at. */
#define MAX_PIECE_BYTES 4096u

struct reader {
	tl_str s;
	size_t at;
	bool is_cut; /* something did not fit */
};

struct gguf_array {
	uint32_t type;
	uint64_t n;
	size_t at; /* of the first element */
};

struct gguf {
	tl_str s;
	tl_str model, pre;
	struct gguf_array tokens, scores, types, merges, map;
	int64_t bos, eos, pad, unk, cls, sep, eot, eom;
	int add_bos, add_eos, add_space_prefix; /* -1: not said */
	int drop_extra_spaces;
	struct tl_tokenizer *t;
	struct tl_error *err;
};

/* --- bytes
 * -------------------------------------------------------------------------- */

static uint64_t
take(struct reader *r, size_t size)
{
	uint64_t v = 0;

	if (size > r->s.len - r->at) {
		r->is_cut = true;
		r->at = r->s.len;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		v |= (uint64_t)(unsigned char)r->s.ptr[r->at + i] << (8 * i);
	r->at += size;
	return v;
}

static tl_str
take_string(struct reader *r)
{
	uint64_t n = take(r, 8);
	tl_str s;

	if (n > r->s.len - r->at) {
		r->is_cut = true;
		r->at = r->s.len;
		return (tl_str){ NULL, 0 };
	}
	s = (tl_str){ r->s.ptr + r->at, (size_t)n };
	r->at += (size_t)n;
	return s;
}

/* Bytes of a value of fixed size; 0 for strings, arrays and unknown types. */
static size_t
size_of(uint64_t type)
{
	static const uint8_t sizes[GGUF_TYPES] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0,
		8, 8, 8 };

	return type < GGUF_TYPES ? sizes[type] : 0;
}

static void
skip_elements(struct reader *r, uint64_t type, uint64_t n, unsigned depth)
{
	size_t size = size_of(type);

	if (size > 0) {
		if (n > (r->s.len - r->at) / size)
			r->is_cut = true;
		else
			r->at += (size_t)n * size;
		return;
	}
	if (depth > MAX_NESTING || (type != GGUF_STRING && type != GGUF_ARRAY))
		r->is_cut = true;
	for (; n > 0 && !r->is_cut; n--) {
		if (type == GGUF_STRING) {
			(void)take_string(r);
		} else {
			uint64_t inner = take(r, 4), count = take(r, 8);

			skip_elements(r, inner, count, depth + 1);
		}
	}
}

/* --- keys
 * ---------------------------------------------------------------------------
 */

static void
note_array(struct gguf *g, tl_str key, struct gguf_array array)
{
	const struct {
		const char *name;
		struct gguf_array *to;
	} wanted[] = {
		{ "tokenizer.ggml.tokens", &g->tokens },
		{ "tokenizer.ggml.scores", &g->scores },
		{ "tokenizer.ggml.token_type", &g->types },
		{ "tokenizer.ggml.merges", &g->merges },
		{ "tokenizer.ggml.precompiled_charsmap", &g->map },
	};

	for (size_t i = 0; i < TL_COUNT(wanted); i++)
		if (tl_str_eq(key, tl_str_from(wanted[i].name)))
			*wanted[i].to = array;
}

static void
note_string(struct gguf *g, tl_str key, tl_str value)
{
	tl_str named = TL_STR("tokenizer.chat_template.");

	if (tl_str_eq(key, TL_STR("tokenizer.ggml.model")))
		g->model = value;
	if (tl_str_eq(key, TL_STR("tokenizer.ggml.pre")))
		g->pre = value;
	if (tl_utf8_check(value) != value.len)
		return;
	if (tl_str_eq(key, TL_STR("tokenizer.chat_template")))
		tl_tokenizer_add_template(g->t, TL_STR(""), value, "GGUF");
	else if (tl_str_starts(key, named))
		tl_tokenizer_add_template(
		    g->t, tl_str_slice(key, named.len, key.len), value, "GGUF");
}

static void
note_number(struct gguf *g, tl_str key, uint64_t value)
{
	const struct {
		const char *name;
		int64_t *to;
	} ids[] = {
		{ "tokenizer.ggml.bos_token_id", &g->bos },
		{ "tokenizer.ggml.eos_token_id", &g->eos },
		{ "tokenizer.ggml.padding_token_id", &g->pad },
		{ "tokenizer.ggml.unknown_token_id", &g->unk },
		{ "tokenizer.ggml.cls_token_id", &g->cls },
		{ "tokenizer.ggml.seperator_token_id", &g->sep },
		{ "tokenizer.ggml.eot_token_id", &g->eot },
		{ "tokenizer.ggml.eom_token_id", &g->eom },
	};
	const struct {
		const char *name;
		int *to;
	} flags[] = {
		{ "tokenizer.ggml.add_bos_token", &g->add_bos },
		{ "tokenizer.ggml.add_eos_token", &g->add_eos },
		{ "tokenizer.ggml.add_space_prefix", &g->add_space_prefix },
		{ "tokenizer.ggml.remove_extra_whitespaces",
		    &g->drop_extra_spaces },
	};

	for (size_t i = 0; i < TL_COUNT(ids); i++)
		if (tl_str_eq(key, tl_str_from(ids[i].name)))
			*ids[i].to =
			    value > TL_MAX_TOKEN_ID ? -1 : (int64_t)value;
	for (size_t i = 0; i < TL_COUNT(flags); i++)
		if (tl_str_eq(key, tl_str_from(flags[i].name)))
			*flags[i].to = value != 0;
}

static enum tl_status
read_keys(struct gguf *g)
{
	struct reader r = { .s = g->s, .at = 4 };
	uint64_t version, npairs;

	if (!tl_is_gguf(g->s))
		return tl_fail(
		    g->err, TL_EPARSE, "it does not begin with GGUF");
	version = take(&r, 4);
	if (version < 2 || version > 3)
		return tl_fail(g->err, TL_EUNSUPPORTED,
		    "GGUF version %u is not supported (2 and 3 are)",
		    (unsigned)version);
	(void)take(&r, 8); /* tensors */
	npairs = take(&r, 8);
	for (uint64_t i = 0; i < npairs && !r.is_cut; i++) {
		tl_str key = take_string(&r);
		uint64_t type = take(&r, 4);

		if (type == GGUF_STRING) {
			note_string(g, key, take_string(&r));
		} else if (type == GGUF_ARRAY) {
			struct gguf_array array;

			array.type = (uint32_t)take(&r, 4);
			array.n = take(&r, 8);
			array.at = r.at;
			skip_elements(&r, array.type, array.n, 0);
			if (!r.is_cut)
				note_array(g, key, array);
		} else {
			if (size_of(type) == 0)
				r.is_cut = true;
			note_number(g, key, take(&r, size_of(type)));
		}
	}
	if (r.is_cut)
		return tl_fail(g->err, TL_EPARSE,
		    "the file is cut off or damaged at byte %zu", r.at);
	return TL_OK;
}

/* --- the vocabulary
 * ------------------------------------------------------------------ */

static enum tl_status
read_tokens(struct gguf *g)
{
	struct reader r = { .s = g->s, .at = g->tokens.at };
	struct tl_vocab *v = &g->t->model.vocab;
	struct tl_arena *a = g->t->arena;
	uint64_t work = 0;

	if (g->tokens.type != GGUF_STRING || g->tokens.n == 0)
		return tl_fail(g->err, TL_EPARSE,
		    "the file holds no vocabulary (tokenizer.ggml.tokens)");
	if (g->tokens.n > TL_MAX_TOKEN_ID)
		return tl_fail(g->err, TL_ELIMIT,
		    "the vocabulary has more than %u tokens", TL_MAX_TOKEN_ID);
	tl_vocab_init(v, a, (size_t)g->tokens.n);
	for (uint64_t i = 0; i < g->tokens.n; i++) {
		tl_str s = take_string(&r);

		if (tl_utf8_check(s) != s.len)
			return tl_fail(g->err, TL_EPARSE,
			    "token %u is not UTF-8", (unsigned)i);
		work += (uint64_t)s.len * s.len;
		if (s.len > MAX_PIECE_BYTES || work > TL_MAX_CUT_WORK)
			return tl_fail(g->err, TL_ELIMIT,
			    "token %u has %zu bytes: tokens are too long",
			    (unsigned)i, s.len);
		tl_vocab_put(v, tl_arena_str(a, s), (uint32_t)i);
	}
	tl_vocab_index(v);
	return TL_OK;
}

static int32_t
type_of(const struct gguf *g, size_t i)
{
	struct reader r = { .s = g->s, .at = g->types.at + 4 * i };

	if (g->types.type != GGUF_I32 || i >= g->types.n)
		return NORMAL;
	return (int32_t)take(&r, 4);
}

static float
score_of(const struct gguf *g, size_t i)
{
	struct reader r = { .s = g->s, .at = g->scores.at + 4 * i };
	uint32_t bits;
	float score;

	if (g->scores.type != GGUF_F32 || i >= g->scores.n)
		return 0;
	bits = (uint32_t)take(&r, 4);
	memcpy(&score, &bits, 4);
	return score;
}

static enum tl_status
add_special(struct gguf *g, bool control_only)
{
	const struct tl_vocab *v = &g->t->model.vocab;
	struct tl_added_token *k =
	    TL_NEW(g->t->arena, struct tl_added_token, v->npieces);
	size_t n = 0;

	for (uint32_t i = 0; i < v->npieces; i++) {
		int32_t type = type_of(g, i);

		if (type != CONTROL && type != USER &&
		    (type != UNKNOWN || control_only))
			continue;
		k[n++] =
		    (struct tl_added_token){ .content = tl_vocab_piece(v, i),
			    .is_special =
				control_only ? type == CONTROL : type != USER };
	}
	return tl_tokenizer_add(g->t, k, n, g->err);
}

static void
name_special(struct gguf *g)
{
	const struct tl_vocab *v = &g->t->model.vocab;
	const struct {
		int64_t id;
		tl_str *to;
	} named[] = {
		{ g->bos, &g->t->tokens.bos },
		{ g->eos, &g->t->tokens.eos },
		{ g->pad, &g->t->tokens.pad },
		{ g->unk, &g->t->tokens.unk },
	};

	for (size_t i = 0; i < TL_COUNT(named); i++)
		if (named[i].id >= 0 && named[i].id < v->npieces)
			*named[i].to = tl_vocab_piece(v, (uint32_t)named[i].id);
}

static void
set_post(struct gguf *g, bool default_bos)
{
	struct tl_post_step *s = TL_NEW(g->t->arena, struct tl_post_step, 1);
	bool adds_bos = g->add_bos < 0 ? default_bos : g->add_bos > 0;

	tl_post_surround(g->t->arena, s, adds_bos ? g->bos : -1,
	    g->add_eos > 0 ? g->eos : -1);
	g->t->post = (struct tl_post){ s, 1 };
}

/* --- SentencePiece BPE
 * ----------------------------------------------------------------- */

/* One way to cut a piece in two pieces. */
struct cut {
	float score;
	uint32_t whole, left, right;
};

/* The better score first, then the order of the pieces, then of the halves. */
static int
compare_cuts(const void *x, const void *y)
{
	const struct cut *a = x, *b = y;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	if (a->left != b->left)
		return a->left < b->left ? -1 : 1;
	return (a->right > b->right) - (a->right < b->right);
}

/* SentencePiece has no list of merges: any two neighbours whose concatenation
 * is a piece may merge, the best score first. */
static enum tl_status
derive_merges(struct gguf *g)
{
	const struct tl_vocab *v = &g->t->model.vocab;
	struct tl_arena *tmp = tl_arena_new_like(g->t->arena);
	struct cut *cuts = NULL;
	size_t n = 0, cap = 0;

	for (uint32_t id = 0; id < v->npieces; id++) {
		tl_str s = tl_vocab_piece(v, id);

		if (s.len == 0)
			continue;
		for (size_t at = tl_utf8_len(s, 0); at > 0 && at < s.len;
		     at += tl_utf8_len(s, at)) {
			struct cut c = { score_of(g, id), id,
				tl_vocab_find(v, tl_str_slice(s, 0, at)),
				tl_vocab_find(v, tl_str_slice(s, at, s.len)) };

			if (c.left == TL_NO_ID || c.right == TL_NO_ID)
				continue;
			if (n == cap) {
				cap = cap * 2 + 1024;
				cuts = tl_arena_grow(tmp, cuts,
				    n * sizeof(*cuts), cap * sizeof(*cuts),
				    _Alignof(struct cut));
			}
			cuts[n++] = c;
		}
	}
	if (n >= TL_NO_RANK) {
		tl_arena_free(tmp);
		return tl_fail(g->err, TL_ELIMIT,
		    "the pieces can be joined in too many ways");
	}
	if (n > 0)
		qsort(cuts, n, sizeof(*cuts), compare_cuts);
	tl_pairs_init(&g->t->model.bpe.pairs, g->t->arena, n, n);
	for (size_t i = 0; i < n; i++)
		tl_pairs_put(&g->t->model.bpe.pairs, cuts[i].left,
		    cuts[i].right, (uint32_t)i, cuts[i].whole);
	tl_arena_free(tmp);
	return TL_OK;
}

static enum tl_status
load_llama(struct gguf *g, enum tl_spm_prefix prefix)
{
	struct tl_bpe *b = &g->t->model.bpe;
	enum tl_status st;

	if (g->unk < 0)
		g->unk = 0;
	if (g->bos < 0)
		g->bos = 1;
	if (g->eos < 0)
		g->eos = 2;
	if (g->unk < (int64_t)g->t->model.vocab.npieces) {
		b->unk_id = (uint32_t)g->unk;
		b->unk_token = tl_vocab_piece(&g->t->model.vocab, b->unk_id);
	}
	b->fuse_unk = true;
	for (size_t i = 0; i < g->types.n && !b->byte_fallback; i++)
		b->byte_fallback = type_of(g, i) == BYTE;
	st = derive_merges(g);
	if (st != TL_OK)
		return st;
	if (g->add_space_prefix == 0)
		prefix = TL_SPM_NEVER;
	st = tl_tokenizer_read_as(g->t, prefix, g->err);
	if (st == TL_OK)
		st = add_special(g, false);
	set_post(g, true);
	return st;
}

/* --- byte-level BPE
 * ------------------------------------------------------------------- */

static enum tl_status
read_gguf_merges(struct gguf *g)
{
	struct reader r = { .s = g->s, .at = g->merges.at };
	const struct tl_vocab *v = &g->t->model.vocab;
	struct tl_pairs *pairs = &g->t->model.bpe.pairs;
	struct tl_buf both;

	if (g->merges.type != GGUF_STRING || g->merges.n == 0)
		return tl_fail(g->err, TL_EPARSE,
		    "the file holds no merges (tokenizer.ggml.merges)");
	/* skip_elements() has seen eight bytes a merge. */
	if (g->merges.n >= TL_NO_RANK)
		return tl_fail(g->err, TL_ELIMIT, "there are too many merges");
	tl_pairs_init(
	    pairs, g->t->arena, (size_t)g->merges.n, (size_t)g->merges.n);
	tl_buf_init(&both, g->t->arena, 0);
	for (uint64_t i = 0; i < g->merges.n; i++) {
		tl_str line = take_string(&r);
		size_t cut =
		    line.len == 0 ? TL_NPOS : tl_str_find_char(line, ' ', 1);
		uint32_t a = TL_NO_ID, b = TL_NO_ID, id = TL_NO_ID;

		if (cut != TL_NPOS) {
			a = tl_vocab_find(v, tl_str_slice(line, 0, cut));
			b = tl_vocab_find(
			    v, tl_str_slice(line, cut + 1, line.len));
			tl_buf_clear(&both);
			tl_buf_put(&both, tl_str_slice(line, 0, cut));
			tl_buf_put(
			    &both, tl_str_slice(line, cut + 1, line.len));
			id = tl_vocab_find(v, tl_buf_str(&both));
		}
		if (a == TL_NO_ID || b == TL_NO_ID || id == TL_NO_ID)
			return tl_fail(g->err, TL_EPARSE,
			    "merge %u has a part or a result that is not in "
			    "the vocabulary",
			    (unsigned)i);
		tl_pairs_put(pairs, a, b, (uint32_t)i, id);
	}
	return TL_OK;
}

static enum tl_status
load_gpt2(struct gguf *g)
{
	const struct tl_gguf_pre *pre;
	enum tl_status st;

	if (g->pre.ptr == NULL)
		return tl_fail(g->err, TL_EUNSUPPORTED,
		    "the file does not say how it splits text "
		    "(tokenizer.ggml.pre); its tokens would be a guess");
	pre = tl_gguf_pre_find(g->pre);
	if (pre == NULL)
		return tl_unsupported(g->err, "GGUF pre-tokenizer", g->pre);
	g->t->model.bpe.ignore_merges =
	    (pre->flags & TL_PRE_IGNORE_MERGES) != 0;
	st = read_gguf_merges(g);
	if (st == TL_OK)
		st = tl_tokenizer_set_steps(
		    g->t, pre->norm, pre->pretok, g->err);
	if (st == TL_OK)
		st = add_special(g, true);
	if ((pre->flags & TL_PRE_ADD_SEP) && g->add_eos < 0)
		g->add_eos = 1;
	set_post(g, (pre->flags & TL_PRE_ADD_BOS) != 0);
	return st;
}

/* --- SentencePiece Unigram ---------------------------------------------- */

static enum tl_status
load_t5(struct gguf *g)
{
	struct tl_arena *a = g->t->arena;
	const struct tl_vocab *v = &g->t->model.vocab;
	struct tl_spm *s = TL_NEW(a, struct tl_spm, 1);
	tl_str map = { NULL, 0 };
	enum tl_status st;

	*s = (struct tl_spm){ .kind = TL_SPM_UNIGRAM,
		.adds_prefix = g->add_space_prefix != 0,
		.drops_extra_spaces = g->drop_extra_spaces != 0,
		.escapes_spaces = true,
		.n = v->npieces,
		.pieces = TL_NEW(a, tl_str, v->npieces),
		.scores = TL_NEW(a, float, v->npieces),
		.types = TL_NEW(a, uint8_t, v->npieces) };
	for (uint32_t i = 0; i < v->npieces; i++) {
		int32_t type = type_of(g, i);

		s->pieces[i] = tl_vocab_piece(v, i);
		s->scores[i] = score_of(g, i);
		s->types[i] = type < 0 || type > 255 ? 255 : (uint8_t)type;
		s->byte_fallback |= type == BYTE;
	}
	if (size_of(g->map.type) == 1) /* as long as the file has bytes */
		map = tl_arena_str(
		    a, (tl_str){ g->s.ptr + g->map.at, (size_t)g->map.n });
	st = tl_charsmap_read(&s->map, map, g->err);
	if (st == TL_OK)
		st = tl_spm_finish(g->t, s, g->err);
	if (g->eos < 0)
		g->eos = 1;
	if (g->add_eos < 0)
		g->add_eos = 1;
	set_post(g, false);
	return st;
}

/* --- WordPiece ---------------------------------------------------------- */

static tl_str
behind(struct tl_arena *a, tl_str front, tl_str s)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_put(&b, front);
	tl_buf_put(&b, s);
	return tl_buf_str(&b);
}

/* Words begin with U+2581 here, and their other parts with nothing. */
static void
respell_words(struct gguf *g)
{
	struct tl_arena *a = g->t->arena;
	struct tl_vocab words, *v = &g->t->model.vocab;

	tl_vocab_init(&words, a, v->npieces);
	for (uint32_t i = 0; i < v->npieces; i++) {
		tl_str s = tl_vocab_piece(v, i);
		int32_t type = type_of(g, i);

		if (s.ptr == NULL)
			continue;
		if (tl_str_starts(s, TL_STR("\u2581")))
			s = tl_str_slice(s, strlen("\u2581"), s.len);
		else if (type != CONTROL && type != UNKNOWN)
			s = behind(a, TL_STR("##"), s);
		tl_vocab_put(&words, s, i);
	}
	tl_vocab_index(&words);
	*v = words;
}

static enum tl_status
load_bert(struct gguf *g)
{
	static const char norm[] =
	    "{\"type\":\"BertNormalizer\",\"clean_text\":true,"
	    "\"handle_chinese_chars\":true,\"strip_accents\":null,"
	    "\"lowercase\":true}";
	struct tl_model *m = &g->t->model;
	struct tl_post_step *s = TL_NEW(g->t->arena, struct tl_post_step, 1);
	enum tl_status st;

	m->kind = TL_MODEL_WORDPIECE;
	m->prefix = TL_STR("##");
	m->max_chars = 100;
	for (size_t i = 0; i < 256; i++)
		m->fallback_ids[i] = TL_NO_ID;
	respell_words(g);
	if (g->unk < 0)
		g->unk = 100;
	if (g->unk < m->vocab.npieces)
		m->unk_id = (uint32_t)g->unk;
	st = tl_tokenizer_set_steps(
	    g->t, norm, "{\"type\":\"BertPreTokenizer\"}", g->err);
	if (st == TL_OK)
		st = add_special(g, false);
	if (g->cls < 0)
		g->cls = g->bos;
	tl_post_surround(g->t->arena, s, g->cls, g->sep);
	g->t->post = (struct tl_post){ s, 1 };
	return st;
}

/* Generation ends at the end of a turn, too, where the file names it. */
static void
note_ends(struct gguf *g)
{
	const int64_t ends[] = { g->eos, g->eot, g->eom };
	struct tl_tokenizer_facts *f = &g->t->facts;
	uint32_t *ids = TL_NEW(g->t->arena, uint32_t, TL_COUNT(ends));
	size_t n = 0;

	for (size_t i = 0; i < TL_COUNT(ends); i++)
		if (ends[i] >= 0)
			ids[n++] = (uint32_t)ends[i];
	if (g->eot >= 0 || g->eom >= 0)
		f->eos[f->neos++] = (struct tl_eos_source){ "GGUF", ids, n };
}

bool
tl_is_gguf(tl_str bytes)
{
	return tl_str_starts(bytes, TL_STR("GGUF"));
}

enum tl_status
tl_load_gguf(tl_str bytes, enum tl_spm_prefix prefix, struct tl_tokenizer *t,
    struct tl_error *err)
{
	struct gguf g = { .s = bytes,
		.t = t,
		.err = err,
		.bos = -1,
		.eos = -1,
		.pad = -1,
		.unk = -1,
		.cls = -1,
		.sep = -1,
		.eot = -1,
		.eom = -1,
		.add_bos = -1,
		.add_eos = -1,
		.add_space_prefix = -1 };
	struct tl_model *m = &t->model;
	enum tl_status st = read_keys(&g);

	*m = (struct tl_model){ .kind = TL_MODEL_BPE, .unk_id = TL_NO_ID };
	m->bpe.unk_id = m->unigram.unk_id = TL_NO_ID;
	if (st == TL_OK)
		st = read_tokens(&g);
	if (st != TL_OK)
		return st;
	tl_model_find_fallback(m);
	if (tl_str_eq(g.model, TL_STR("llama")))
		st = load_llama(&g, prefix);
	else if (tl_str_eq(g.model, TL_STR("gpt2")))
		st = load_gpt2(&g);
	else if (tl_str_eq(g.model, TL_STR("t5")))
		st = load_t5(&g);
	else if (tl_str_eq(g.model, TL_STR("bert")))
		st = load_bert(&g);
	else
		st = tl_unsupported(err, "GGUF tokenizer", g.model);
	name_special(&g);
	note_ends(&g);
	return st;
}
