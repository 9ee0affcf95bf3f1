/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokenizer.c - the plan of a tokenizer, and questions about it.
 */
#include "load.h"

#include <stdlib.h>

static const tl_str meta = TL_LIT("\u2581");

/* --- the plan
 * ---------------------------------------------------------------------- */

static bool
is_plain_bytes(const struct tl_pretok_step *s)
{
	return tl_pretok_is(s, "ByteLevel") && !s->add_prefix_space;
}

static bool
is_plain_split(const struct tl_pretok_step *s)
{
	return tl_pretok_is(s, "Split") && s->behavior == TL_SPLIT_ISOLATED &&
	    !s->invert;
}

static bool
is_sequence(const struct tl_pretok *p, const struct tl_known_sequence *k)
{
	for (size_t i = 0; i < TL_COUNT(k->sources); i++)
		if (!is_plain_split(&p->steps[i]) ||
		    !tl_str_eq(p->steps[i].pattern.source, k->sources[i]))
			return false;
	return true;
}

/* The scanner that does what all the pre-tokenizers do, or NULL. */
static tl_scan_fn *
find_scanner(const struct tl_pretok *p)
{
	const struct tl_pretok_step *s = p->steps, *last = s + p->n - 1;

	if (p->n == 0 || !is_plain_bytes(last))
		return NULL;
	if (p->n == 1 && last->use_regex)
		return s->pattern.scan;
	if (p->n == 2 && is_plain_split(s) && !last->use_regex)
		return s->pattern.scan;
	if (p->n == 2 && tl_pretok_is(s, "Digits") &&
	    s->behavior == TL_SPLIT_ISOLATED && last->use_regex)
		return tl_scan_digits_gpt2();
	if (p->n != 4 || last->use_regex)
		return NULL;
	for (const struct tl_known_sequence *k = tl_known_sequences;
	     k->name != NULL; k++)
		if (is_sequence(p, k))
			return k->scan;
	return NULL;
}

static void
plan_bytes(struct tl_tokenizer *t)
{
	bool is_nfc, is_nfkc;

	is_nfc = t->norm.n == 1 && tl_norm_is(&t->norm.steps[0], "NFC");
	is_nfkc = t->norm.n == 1 && tl_norm_is(&t->norm.steps[0], "NFKC");
	if (t->norm.n > 0 && !is_nfc && !is_nfkc)
		return;
	t->scan = find_scanner(&t->pretok);
	if (t->scan == NULL)
		return;
	t->needs_nfc = is_nfc;
	t->needs_nfkc = is_nfkc;
	t->plan = TL_PLAN_BYTES;
}

static bool
is_space_to_meta(const struct tl_norm_step *s)
{
	return tl_norm_is(s, "Replace") && s->pattern.regex == NULL &&
	    s->pattern.scan == NULL &&
	    tl_str_eq(s->pattern.literal, TL_STR(" ")) &&
	    tl_str_eq(s->text, meta);
}

/* A split at spaces, where all spaces have become something else. */
static bool
never_splits(const struct tl_pretok *p)
{
	const struct tl_pretok_step *s = p->steps;

	return p->n == 0 ||
	    (p->n == 1 && tl_pretok_is(s, "Split") &&
		s->pattern.regex == NULL && s->pattern.scan == NULL &&
		!s->invert && tl_str_eq(s->pattern.literal, TL_STR(" ")));
}

/* Where spaces become "▁" the tokens that are searched for behind that must be
 * found in the text itself. */
static bool
can_find_added(struct tl_tokenizer *t)
{
	return t->normalized_set.patterns.n == 0 || t->norm.n == 0 ||
	    tl_tokenizer_fold_added(t);
}

static void
plan_metaspace(struct tl_tokenizer *t)
{
	const struct tl_bpe *b = &t->model.bpe;
	const struct tl_norm *n = &t->norm;
	const struct tl_pretok *p = &t->pretok;

	if (b->prefix.len > 0 || b->suffix.len > 0 || b->ignore_merges ||
	    tl_vocab_find(&t->model.vocab, meta) == TL_NO_ID)
		return;
	/* Nothing may be dropped or come late: spans are sums here. */
	if (b->byte_fallback ? !tl_bpe_knows_all_bytes(&t->model)
			     : b->unk_id == TL_NO_ID)
		return;
	t->prepend = TL_PREPEND_NEVER;
	if (n->n == 0 && p->n == 1 && tl_pretok_is(p->steps, "Metaspace") &&
	    !p->steps[0].split && tl_str_eq(p->steps[0].text, meta)) {
		t->prepend = p->steps[0].prepend;
	} else if (never_splits(p) && n->n == 2 &&
	    tl_norm_is(&n->steps[0], "Prepend") &&
	    tl_str_eq(n->steps[0].text, meta) &&
	    is_space_to_meta(&n->steps[1])) {
		t->prepends_always = true;
	} else if (!never_splits(p) || n->n != 1 ||
	    !is_space_to_meta(&n->steps[0])) {
		return;
	}
	if (!can_find_added(t))
		return;
	t->plan = TL_PLAN_METASPACE;
	if (b->wholes == NULL && !b->has_no_merges)
		tl_bpe_find_wholes(&t->model, t->arena);
}

/* Leave the byte alphabet of the last step to the model, which then runs on
 * the bytes themselves. */
static void
find_byte_level(struct tl_tokenizer *t)
{
	size_t nlevels = 0, last = t->pretok.n - 1;

	for (size_t i = 0; i < t->pretok.n; i++)
		nlevels += tl_pretok_is(&t->pretok.steps[i], "ByteLevel");
	for (size_t i = 0; i < t->norm.n; i++)
		t->is_byte_level |= tl_norm_is(&t->norm.steps[i], "ByteLevel");
	t->is_byte_level |= nlevels > 0;
	if (t->model.kind != TL_MODEL_BPE)
		return;
	if (nlevels == 1 && tl_pretok_is(&t->pretok.steps[last], "ByteLevel")) {
		tl_bpe_finish(&t->model, t->arena, true);
		t->pretok.steps[last].is_raw = t->model.bpe.is_raw;
	} else {
		tl_bpe_finish(&t->model, t->arena, false);
	}
}

/* --- tables by id
 * --------------------------------------------------------------------- */

static int
compare_order(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Where two have the same id, the later one is its piece. */
static void
order_added(struct tl_tokenizer *t)
{
	t->added_order = TL_NEW(t->arena, uint64_t, t->nadded);
	for (size_t i = 0; i < t->nadded; i++)
		t->added_order[i] = (uint64_t)t->added[i].id << 32 | i;
	if (t->nadded > 0)
		qsort(t->added_order, t->nadded, sizeof(*t->added_order),
		    compare_order);
}

static void
index_ids(struct tl_tokenizer *t)
{
	const struct tl_vocab *v = &t->model.vocab;

	t->size = v->npieces;
	for (size_t i = 0; i < t->nadded; i++)
		if (t->added[i].id >= t->size)
			t->size = (size_t)t->added[i].id + 1;
	t->flags = TL_NEW(t->arena, uint8_t, t->size);
	for (size_t i = 0; i < 256; i++)
		if (t->model.fallback_ids[i] != TL_NO_ID)
			t->flags[t->model.fallback_ids[i]] |= TL_TOKEN_BYTE;
	for (size_t i = 0; i < t->nadded; i++) {
		const struct tl_added_token *k = &t->added[i];

		t->flags[k->id] |=
		    TL_TOKEN_ADDED | (k->is_special ? TL_TOKEN_SPECIAL : 0u);
	}
	if (t->unk >= 0 && (size_t)t->unk < t->size)
		t->flags[t->unk] |= TL_TOKEN_UNK;
}

static int64_t
id_of(const struct tl_tokenizer *t, tl_str s)
{
	return s.ptr == NULL ? -1 : tl_tokenizer_id(t, s);
}

/* What the model itself calls unknown, where no file says a name. */
static void
find_unk(struct tl_tokenizer *t)
{
	const struct tl_model *m = &t->model;
	uint32_t id = m->unk_id;

	if (m->kind == TL_MODEL_BPE)
		id = m->bpe.unk_id;
	if (m->kind == TL_MODEL_UNIGRAM)
		id = m->unigram.unk_id;
	t->unk = id_of(t, t->tokens.unk);
	if (t->unk >= 0 || id == TL_NO_ID)
		return;
	t->unk = id;
	if (t->tokens.unk.ptr == NULL && id < m->vocab.npieces)
		t->tokens.unk = tl_vocab_piece(&m->vocab, id);
}

/* What follows from the added and the special tokens. */
static void
find_ids(struct tl_tokenizer *t)
{
	tl_tokenizer_index_added(t);
	t->bos = id_of(t, t->tokens.bos);
	t->eos = id_of(t, t->tokens.eos);
	t->pad = id_of(t, t->tokens.pad);
	find_unk(t);
	order_added(t);
	index_ids(t);
}

void
tl_tokenizer_finish(struct tl_tokenizer *t)
{
	find_ids(t);
	find_byte_level(t);
	if (t->model.kind != TL_MODEL_BPE)
		return;
	if (t->model.bpe.is_raw)
		plan_bytes(t);
	else
		plan_metaspace(t);
}

enum tl_status
tl_tokenizer_change(struct tl_arena *a, const struct tl_tokenizer *t,
    const struct tl_tokenizer_change *change, const struct tl_tokenizer **out,
    struct tl_error *err)
{
	struct tl_tokenizer *copy = TL_NEW(a, struct tl_tokenizer, 1);
	const struct {
		tl_str from;
		tl_str *to;
	} named[] = {
		{ change->tokens.bos, &copy->tokens.bos },
		{ change->tokens.eos, &copy->tokens.eos },
		{ change->tokens.pad, &copy->tokens.pad },
		{ change->tokens.unk, &copy->tokens.unk },
	};
	enum tl_status st;

	*copy = *t;
	copy->arena = a;
	for (size_t i = 0; i < TL_COUNT(named); i++)
		if (named[i].from.ptr != NULL)
			*named[i].to = tl_arena_str(a, named[i].from);
	st = tl_tokenizer_add(copy, change->added, change->nadded, err);
	if (st != TL_OK)
		return st;
	find_ids(copy);
	if (copy->plan == TL_PLAN_METASPACE && !can_find_added(copy))
		copy->plan = TL_PLAN_STEPS;
	*out = copy;
	return TL_OK;
}

void
tl_tokenizer_add_template(
    struct tl_tokenizer *t, tl_str name, tl_str source, const char *origin)
{
	struct tl_named_template k = { tl_arena_str(t->arena, name),
		tl_arena_str(t->arena, source) };

	if (tl_str_eq(name, TL_STR("default")))
		k.name = TL_STR("");
	t->template_origin = origin;
	for (size_t i = 0; i < t->ntemplates; i++)
		if (tl_str_eq(t->templates[i].name, k.name)) {
			t->templates[i] = k;
			return;
		}
	t->templates = tl_arena_grow(t->arena, t->templates,
	    t->ntemplates * sizeof(k), (t->ntemplates + 1) * sizeof(k),
	    _Alignof(struct tl_named_template));
	t->templates[t->ntemplates++] = k;
}

/* --- questions
 * ------------------------------------------------------------------------ */

tl_str
tl_tokenizer_name(const struct tl_tokenizer *t)
{
	return t->name;
}

size_t
tl_tokenizer_size(const struct tl_tokenizer *t)
{
	return t->size;
}

struct tl_special_tokens
tl_tokenizer_tokens(const struct tl_tokenizer *t)
{
	return t->tokens;
}

int64_t
tl_tokenizer_bos(const struct tl_tokenizer *t)
{
	return t->bos;
}

int64_t
tl_tokenizer_eos(const struct tl_tokenizer *t)
{
	return t->eos;
}

int64_t
tl_tokenizer_pad(const struct tl_tokenizer *t)
{
	return t->pad;
}

int64_t
tl_tokenizer_unk(const struct tl_tokenizer *t)
{
	return t->unk;
}

tl_str
tl_tokenizer_chat_template(const struct tl_tokenizer *t, tl_str name)
{
	if (tl_str_eq(name, TL_STR("default")))
		name = TL_STR("");
	for (size_t i = 0; i < t->ntemplates; i++)
		if (tl_str_eq(t->templates[i].name, name))
			return t->templates[i].source;
	return (tl_str){ NULL, 0 };
}

const char *
tl_tokenizer_chat_template_origin(const struct tl_tokenizer *t)
{
	return t->template_origin;
}

tl_str
tl_tokenizer_piece(const struct tl_tokenizer *t, uint32_t id)
{
	size_t lo = 0, hi = t->nadded;

	if ((tl_tokenizer_flags(t, id) & TL_TOKEN_ADDED) == 0)
		return tl_vocab_piece(&t->model.vocab, id);
	while (hi - lo > 1) { /* the last one that is not behind id */
		size_t mid = lo + (hi - lo) / 2;

		if (t->added_order[mid] >> 32 <= id)
			lo = mid;
		else
			hi = mid;
	}
	return t->added[(uint32_t)t->added_order[lo]].content;
}

unsigned
tl_tokenizer_flags(const struct tl_tokenizer *t, uint32_t id)
{
	return id < t->size ? t->flags[id] : 0;
}

int64_t
tl_tokenizer_id(const struct tl_tokenizer *t, tl_str piece)
{
	uint32_t id = tl_vocab_find(&t->model.vocab, piece);

	for (size_t i = 0; i < t->nadded; i++)
		if (tl_str_eq(t->added[i].content, piece))
			return t->added[i].id;
	return id == TL_NO_ID ? -1 : (int64_t)id;
}

const struct tl_added_token *
tl_tokenizer_added(const struct tl_tokenizer *t, size_t *n)
{
	*n = t->nadded;
	return t->added;
}

const struct tl_tokenizer_facts *
tl_tokenizer_facts(const struct tl_tokenizer *t)
{
	return &t->facts;
}

/* Marks for spaces become spaces. */
static tl_str
unmark(struct tl_arena *a, tl_str s)
{
	struct tl_buf b;

	if (tl_str_find(s, meta, 0) == TL_NPOS)
		return s;
	tl_buf_init(&b, a, s.len);
	for (size_t at = 0; at < s.len;) {
		size_t end = tl_str_find(s, meta, at);

		tl_buf_put(&b, tl_str_slice(s, at, end));
		if (end == TL_NPOS)
			break;
		tl_buf_putc(&b, ' ');
		at = end + meta.len;
	}
	return tl_buf_str(&b);
}

bool
tl_tokenizer_normalize(
    const struct tl_tokenizer *t, struct tl_arena *a, tl_str s, tl_str *out)
{
	struct tl_piece p = { .ptr = s.ptr, .added = TL_NO_ID };
	bool fine = true;

	*out = s;
	if (s.len == 0 || s.len > TL_MAX_RENDER_BYTES ||
	    tl_utf8_check(s) != s.len)
		return true;
	if (t->spm != NULL) {
		fine = tl_spm_normalize(t->spm, a, s, out);
		*out = unmark(a, *out);
		return fine;
	}
	p.len = (uint32_t)s.len;
	for (size_t i = 0; i < t->norm.n && fine; i++) {
		const struct tl_norm one = { &t->norm.steps[i], 1 };

		if (!tl_norm_is(one.steps, "Prepend") &&
		    !tl_norm_is(one.steps, "ByteLevel"))
			fine = tl_norm_run(&one, a, &p);
	}
	*out = unmark(a, (tl_str){ p.ptr, p.len });
	return fine;
}

bool
tl_tokenizer_has_dummy_prefix(const struct tl_tokenizer *t)
{
	if (t->spm != NULL)
		return tl_spm_has_prefix(t->spm);
	for (size_t i = 0; i < t->norm.n; i++)
		if (tl_norm_is(&t->norm.steps[i], "Prepend") &&
		    t->norm.steps[i].text.len > 0)
			return true;
	for (size_t i = 0; i < t->pretok.n; i++) {
		const struct tl_pretok_step *s = &t->pretok.steps[i];

		if (tl_pretok_is(s, "Metaspace") &&
		    s->prepend != TL_PREPEND_NEVER)
			return true;
		if (tl_pretok_is(s, "ByteLevel") && s->add_prefix_space)
			return true;
	}
	return false;
}

enum tl_legacy
tl_tokenizer_legacy(const struct tl_tokenizer *t)
{
	if (!tl_tokenizer_has_dummy_prefix(t))
		return TL_LEGACY_UNSAID;
	if (t->spm != NULL)
		return tl_spm_is_legacy(t->spm) ? TL_LEGACY_YES : TL_LEGACY_NO;
	for (size_t i = 0; i < t->pretok.n; i++) {
		const struct tl_pretok_step *s = &t->pretok.steps[i];

		if (tl_pretok_is(s, "Metaspace"))
			return s->prepend == TL_PREPEND_FIRST ? TL_LEGACY_NO
							      : TL_LEGACY_YES;
	}
	for (size_t i = 0; i < t->norm.n; i++)
		if (tl_norm_is(&t->norm.steps[i], "Prepend"))
			return TL_LEGACY_YES;
	return TL_LEGACY_UNSAID;
}

tl_str
tl_tokenizer_bytes(
    const struct tl_tokenizer *t, struct tl_arena *a, uint32_t id)
{
	tl_str piece = tl_tokenizer_piece(t, id);
	unsigned flags = tl_tokenizer_flags(t, id);
	struct tl_buf b;

	if (flags & TL_TOKEN_ADDED)
		return piece;
	tl_buf_init(&b, a, 0);
	if (flags & TL_TOKEN_BYTE) {
		for (unsigned i = 0; i < 256; i++)
			if (t->model.fallback_ids[i] == id)
				tl_buf_putc(&b, (char)i);
		return tl_buf_str(&b);
	}
	if (t->is_byte_level)
		return tl_bytes_of_chars(piece, &b) ? tl_buf_str(&b) : piece;
	for (size_t at = 0; at < piece.len;) {
		bool is_meta =
		    tl_str_starts(tl_str_slice(piece, at, piece.len), meta);

		tl_buf_putc(&b, is_meta ? ' ' : piece.ptr[at]);
		at += is_meta ? meta.len : 1;
	}
	return tl_buf_str(&b);
}
