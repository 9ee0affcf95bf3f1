/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normalize.c - the normalizers of tokenizer.json, one row each.
 */
#include "base64.h"
#include "charsmap.h"
#include "nform.h"
#include "unicode.h"

struct tl_norm_op {
	const char *name;
	enum tl_status (*parse)(struct tl_arena *a, const struct tl_json *json,
	    struct tl_norm_step *s, struct tl_error *err); /* NULL: no fields */
	bool (*run)(const struct tl_norm_step *s, struct tl_arena *a,
	    struct tl_piece *p);
};

enum { STRIP_LEFT = 1u, STRIP_RIGHT = 2u };
enum {
	BERT_CLEAN = 1u,
	BERT_CHINESE = 2u,
	BERT_ACCENTS = 4u,
	BERT_LOWER = 8u,
};

/* --- one char at a time ------------------------------------------------------
 */

/* Rewrites one char; false: it is removed.  *n code points at *to, or *to
 * NULL to leave it. */
typedef bool char_fn(uint32_t cp, const uint32_t **to, size_t *n);

static void
map_chars(struct tl_arena *a, struct tl_piece *p, char_fn *fn)
{
	tl_str s = { p->ptr, p->len };
	struct tl_ptext out;

	tl_ptext_init(&out, a, s.len + s.len / 8);
	for (size_t at = 0, len; at < s.len; at += len) {
		const uint32_t *to = NULL;
		uint32_t cp;
		size_t n = 0;
		struct tl_offset span;

		len = tl_utf8_next(s, at, &cp, NULL);
		if (!fn(cp, &to, &n))
			continue;
		span = tl_piece_span(p, at, at + len);
		if (to == NULL)
			tl_ptext_put(&out, tl_str_slice(s, at, at + len), span);
		for (size_t i = 0; i < n; i++)
			tl_ptext_put_cp(&out, to[i], span);
	}
	*p = tl_ptext_piece(&out);
}

static bool
lower_char(uint32_t cp, const uint32_t **to, size_t *n)
{
	*to = tl_uni_map(TL_UNI_MAP_LOWER, cp, n);
	return true;
}

static bool
nmt_char(uint32_t cp, const uint32_t **to, size_t *n)
{
	*to = tl_uni_map(TL_UNI_MAP_NMT, cp, n);
	return !(tl_uni_mask(cp) & TL_UNI_NMT_GONE);
}

static bool
accent_char(uint32_t cp, const uint32_t **to, size_t *n)
{
	(void)to;
	(void)n;
	return !(tl_uni_mask(cp) & TL_UNI_ACCENT);
}

static bool
bert_accent_char(uint32_t cp, const uint32_t **to, size_t *n)
{
	(void)to;
	(void)n;
	return !(tl_uni_mask(cp) & TL_UNI_BERT_ACCENT);
}

static bool
bert_clean_char(uint32_t cp, const uint32_t **to, size_t *n)
{
	*to = tl_uni_map(TL_UNI_MAP_BERTCLEAN, cp, n);
	return !(tl_uni_mask(cp) & TL_UNI_BERT_GONE);
}

static bool
run_lower(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	map_chars(a, p, lower_char);
	return true;
}

static bool
run_nmt(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	map_chars(a, p, nmt_char);
	return true;
}

static bool
run_strip_accents(
    const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	map_chars(a, p, accent_char);
	return true;
}

/* --- normal forms
 * -------------------------------------------------------------- */

static bool
run_nfc(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	tl_nform_apply(TL_NFC, a, p);
	return true;
}

static bool
run_nfd(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	tl_nform_apply(TL_NFD, a, p);
	return true;
}

static bool
run_nfkc(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	tl_nform_apply(TL_NFKC, a, p);
	return true;
}

static bool
run_nfkd(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	tl_nform_apply(TL_NFKD, a, p);
	return true;
}

/* --- Strip
 * ----------------------------------------------------------------------- */

static enum tl_status
parse_strip(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm_step *s, struct tl_error *err)
{
	(void)a;
	(void)err;
	if (tl_json_bool(tl_json_get(json, "strip_left"), false))
		s->flags |= STRIP_LEFT;
	if (tl_json_bool(tl_json_get(json, "strip_right"), false))
		s->flags |= STRIP_RIGHT;
	return TL_OK;
}

static bool
run_strip(
    const struct tl_norm_step *step, struct tl_arena *a, struct tl_piece *p)
{
	tl_str s = { p->ptr, p->len };
	size_t beg = 0, end = s.len;

	(void)a;
	while ((step->flags & STRIP_LEFT) && beg < end) {
		uint32_t cp;
		size_t len = tl_utf8_next(s, beg, &cp, NULL);

		if (!(tl_uni_mask(cp) & TL_UNI_WHITE))
			break;
		beg += len;
	}
	while ((step->flags & STRIP_RIGHT) && beg < end) {
		size_t at = end - 1;
		uint32_t cp;

		while (at > beg && ((unsigned char)s.ptr[at] & 0xC0) == 0x80)
			at--;
		(void)tl_utf8_next(s, at, &cp, NULL);
		if (!(tl_uni_mask(cp) & TL_UNI_WHITE))
			break;
		end = at;
	}
	*p = tl_piece_cut(p, beg, end);
	return true;
}

/* --- Replace, Prepend, ByteLevel
 * --------------------------------------------------- */

static enum tl_status
parse_replace(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm_step *s, struct tl_error *err)
{
	const struct tl_json *content = tl_json_get(json, "content");

	if (!tl_json_is(content, TL_JSON_STRING))
		return tl_fail(
		    err, TL_EPARSE, "the normalizer Replace has no content");
	s->text = tl_arena_str(a, content->text);
	return tl_pattern_parse(
	    a, tl_json_get(json, "pattern"), &s->pattern, err);
}

/* A text may become longer, but not without end: a few steps that replace a
 * char by many would fill any memory. */
static size_t
most_bytes(size_t len)
{
	size_t most = 64 * len + ((size_t)1 << 20);

	return most < TL_MAX_RENDER_BYTES ? most : TL_MAX_RENDER_BYTES;
}

/* New text has the span of the last matched char, or of the char before an
 * empty match. */
static struct tl_offset
replaced_span(const struct tl_piece *p, size_t end)
{
	size_t beg = end;

	if (end == 0) {
		struct tl_offset at = tl_piece_start(p);

		return at;
	}
	do
		beg--;
	while (beg > 0 && ((unsigned char)p->ptr[beg] & 0xC0) == 0x80);
	return tl_piece_span(p, beg, end);
}

static bool
run_replace(
    const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	struct tl_ptext out;
	struct tl_matcher m;
	size_t done = 0, beg, end, most = most_bytes(p->len) + s->text.len;
	bool fine;

	tl_matcher_init(&m, &s->pattern, (tl_str){ p->ptr, p->len });
	tl_ptext_init(&out, a, p->len + p->len / 2);
	while (out.len <= most && tl_matcher_next(&m, &beg, &end)) {
		tl_ptext_copy(&out, p, done, beg);
		tl_ptext_put(&out, s->text, replaced_span(p, end));
		done = end;
	}
	fine = !m.has_failed && out.len <= most;
	tl_matcher_clear(&m);
	tl_ptext_copy(&out, p, done, p->len);
	*p = tl_ptext_piece(&out);
	return fine;
}

static enum tl_status
parse_prepend(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm_step *s, struct tl_error *err)
{
	const struct tl_json *v = tl_json_get(json, "prepend");

	if (!tl_json_is(v, TL_JSON_STRING))
		return tl_fail(
		    err, TL_EPARSE, "the normalizer Prepend has no prepend");
	s->text = tl_arena_str(a, v->text);
	return TL_OK;
}

static bool
run_prepend(
    const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	if (p->len > 0)
		tl_piece_prepend(a, p, s->text);
	return true;
}

static bool
run_bytes(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	(void)s;
	tl_piece_to_byte_chars(a, p);
	return true;
}

/* --- BertNormalizer
 * ------------------------------------------------------------------ */

static enum tl_status
parse_bert(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm_step *s, struct tl_error *err)
{
	bool lower = tl_json_bool(tl_json_get(json, "lowercase"), true);

	(void)a;
	(void)err;
	if (tl_json_bool(tl_json_get(json, "clean_text"), true))
		s->flags |= BERT_CLEAN;
	if (tl_json_bool(tl_json_get(json, "handle_chinese_chars"), true))
		s->flags |= BERT_CHINESE;
	if (tl_json_bool(tl_json_get(json, "strip_accents"), lower))
		s->flags |= BERT_ACCENTS;
	if (lower)
		s->flags |= BERT_LOWER;
	return TL_OK;
}

static bool
is_bert_chinese(uint32_t cp)
{
	static const uint32_t blocks[][2] = { { 0x4E00, 0x9FFF },
		{ 0x3400, 0x4DBF }, { 0x20000, 0x2A6DF }, { 0x2A700, 0x2B73F },
		{ 0x2B740, 0x2B81F }, { 0x2B920, 0x2CEAF }, { 0xF900, 0xFAFF },
		{ 0x2F800, 0x2FA1F } };

	for (size_t i = 0; i < TL_COUNT(blocks); i++)
		if (cp >= blocks[i][0] && cp <= blocks[i][1])
			return true;
	return false;
}

static void
space_chinese(struct tl_arena *a, struct tl_piece *p)
{
	tl_str s = { p->ptr, p->len };
	struct tl_ptext out;

	tl_ptext_init(&out, a, s.len + s.len / 2);
	for (size_t at = 0, len; at < s.len; at += len) {
		struct tl_offset span;
		uint32_t cp;
		bool is_chinese;

		len = tl_utf8_next(s, at, &cp, NULL);
		span = tl_piece_span(p, at, at + len);
		is_chinese = is_bert_chinese(cp);
		if (is_chinese)
			tl_ptext_put_cp(&out, ' ', span);
		tl_ptext_put_cp(&out, cp, span);
		if (is_chinese)
			tl_ptext_put_cp(&out, ' ', span);
	}
	*p = tl_ptext_piece(&out);
}

static bool
run_bert(const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	if (s->flags & BERT_CLEAN)
		map_chars(a, p, bert_clean_char);
	if (s->flags & BERT_CHINESE)
		space_chinese(a, p);
	if (s->flags & BERT_ACCENTS) {
		tl_nform_apply(TL_NFD, a, p);
		map_chars(a, p, bert_accent_char);
	}
	if (s->flags & BERT_LOWER)
		map_chars(a, p, lower_char);
	return true;
}

/* --- Precompiled
 * ------------------------------------------------------------------ */

static enum tl_status
parse_precompiled(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm_step *s, struct tl_error *err)
{
	const struct tl_json *v = tl_json_get(json, "precompiled_charsmap");
	struct tl_charsmap *map = TL_NEW(a, struct tl_charsmap, 1);
	struct tl_buf blob;

	tl_buf_init(&blob, a, v == NULL ? 0 : v->text.len);
	if (!tl_json_is(v, TL_JSON_STRING) || !tl_base64_put(&blob, v->text))
		return tl_fail(err, TL_EPARSE,
		    "the normalizer Precompiled has no precompiled_charsmap "
		    "in base64");
	s->map = map;
	return tl_charsmap_read(map, tl_buf_str(&blob), err);
}

static bool
run_precompiled(
    const struct tl_norm_step *s, struct tl_arena *a, struct tl_piece *p)
{
	tl_charsmap_apply(s->map, a, p);
	return true;
}

/* --- the table
 * --------------------------------------------------------------------- */

static const struct tl_norm_op ops[] = {
	{ "NFC", NULL, run_nfc },
	{ "NFD", NULL, run_nfd },
	{ "NFKC", NULL, run_nfkc },
	{ "NFKD", NULL, run_nfkd },
	{ "Lowercase", NULL, run_lower },
	{ "Nmt", NULL, run_nmt },
	{ "StripAccents", NULL, run_strip_accents },
	{ "ByteLevel", NULL, run_bytes },
	{ "Strip", parse_strip, run_strip },
	{ "Replace", parse_replace, run_replace },
	{ "Prepend", parse_prepend, run_prepend },
	{ "BertNormalizer", parse_bert, run_bert },
	{ "Precompiled", parse_precompiled, run_precompiled },
};

/* The type, or what the fields say when it is left out. */
static tl_str
type_of(const struct tl_json *json)
{
	const struct tl_json *type = tl_json_get(json, "type");

	if (type != NULL)
		return tl_json_text(type, TL_STR("?"));
	if (tl_json_get(json, "strip_left") != NULL)
		return TL_STR("Strip");
	if (tl_json_get(json, "prepend") != NULL)
		return TL_STR("Prepend");
	if (tl_json_get(json, "clean_text") != NULL)
		return TL_STR("BertNormalizer");
	if (tl_json_get(json, "pattern") != NULL)
		return TL_STR("Replace");
	if (tl_json_get(json, "normalizers") != NULL)
		return TL_STR("Sequence");
	if (tl_json_get(json, "precompiled_charsmap") != NULL)
		return TL_STR("Precompiled");
	return TL_STR("?");
}

static enum tl_status
parse_one(struct tl_arena *a, const struct tl_json *json, struct tl_norm *out,
    size_t depth, struct tl_error *err)
{
	tl_str type = type_of(json);
	const struct tl_json *list = tl_json_get(json, "normalizers");

	if (depth > TL_MAX_STEPS_DEPTH || out->n > TL_MAX_STEPS)
		return tl_fail(err, TL_ELIMIT, "too many normalizers");
	if (tl_str_eq(type, TL_STR("Sequence"))) {
		if (!tl_json_is(list, TL_JSON_ARRAY))
			return tl_fail(err, TL_EPARSE,
			    "the normalizer Sequence has no normalizers");
		for (const struct tl_json *v = list->first; v != NULL;
		     v = v->next) {
			enum tl_status st =
			    parse_one(a, v, out, depth + 1, err);

			if (st != TL_OK)
				return st;
		}
		return TL_OK;
	}
	for (size_t i = 0; i < TL_COUNT(ops); i++) {
		struct tl_norm_step step = { .op = &ops[i] };
		enum tl_status st = TL_OK;

		if (!tl_str_eq(type, tl_str_from(ops[i].name)))
			continue;
		if (ops[i].parse != NULL)
			st = ops[i].parse(a, json, &step, err);
		if (st != TL_OK)
			return st;
		out->steps = tl_arena_grow(a, out->steps, out->n * sizeof(step),
		    (out->n + 1) * sizeof(step), _Alignof(struct tl_norm_step));
		out->steps[out->n++] = step;
		return TL_OK;
	}
	return tl_unsupported(err, "normalizer", type);
}

enum tl_status
tl_norm_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_norm *out, struct tl_error *err)
{
	*out = (struct tl_norm){ 0 };
	if (json == NULL || json->kind == TL_JSON_NULL)
		return TL_OK;
	return parse_one(a, json, out, 0, err);
}

bool
tl_norm_run(const struct tl_norm *n, struct tl_arena *a, struct tl_piece *p)
{
	size_t most = most_bytes(p->len);

	for (size_t i = 0; i < n->n; i++)
		if (!n->steps[i].op->run(&n->steps[i], a, p) || p->len > most)
			return false;
	return true;
}

bool
tl_norm_is(const struct tl_norm_step *s, const char *name)
{
	return strcmp(s->op->name, name) == 0;
}
