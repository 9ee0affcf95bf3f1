/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_json.c - tokenizer.json.
 */
#include "load.h"

static const char *const known_keys[] = { "version", "truncation", "padding",
	"added_tokens", "normalizer", "pre_tokenizer", "post_processor",
	"decoder", "model" };

static enum tl_status
check_keys(const struct tl_json *root, struct tl_error *err)
{
	const struct tl_json *version = tl_json_get(root, "version");

	if (!tl_json_is(root, TL_JSON_OBJECT))
		return tl_fail(err, TL_EPARSE, "it is not an object");
	for (const struct tl_json *v = root->first; v != NULL; v = v->next) {
		size_t i = 0;

		while (i < TL_COUNT(known_keys) &&
		    !tl_str_eq(v->key, tl_str_from(known_keys[i])))
			i++;
		if (i == TL_COUNT(known_keys))
			return tl_unsupported(err, "member", v->key);
	}
	if (version != NULL &&
	    !tl_str_eq(tl_json_text(version, TL_STR("")), TL_STR("1.0")))
		return tl_unsupported(
		    err, "version", tl_json_text(version, TL_STR("?")));
	return TL_OK;
}

static enum tl_status
read_added_token(struct tl_arena *a, const struct tl_json *v,
    struct tl_added_token *k, struct tl_error *err)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "special", &k->is_special },
		{ "lstrip", &k->is_lstrip },
		{ "rstrip", &k->is_rstrip },
		{ "single_word", &k->is_single_word },
		{ "normalized", &k->is_normalized },
	};
	const struct tl_json *content = tl_json_get(v, "content");
	const struct tl_json *id = tl_json_get(v, "id");
	int64_t n;

	if (!tl_json_is(content, TL_JSON_STRING) ||
	    !tl_json_is(id, TL_JSON_NUMBER))
		return tl_fail(
		    err, TL_EPARSE, "an added token has no id or no content");
	/* It does not count, but the reference wants one that could. */
	if (!tl_json_int(id, &n) || n < 0 || n > UINT32_MAX)
		return tl_fail(err, TL_EPARSE,
		    "the id of an added token is no number of a token");
	k->content = tl_arena_str(a, content->text);
	for (size_t i = 0; i < TL_COUNT(flags); i++) {
		const struct tl_json *f = tl_json_get(v, flags[i].name);

		if (!tl_json_is(f, TL_JSON_TRUE) &&
		    !tl_json_is(f, TL_JSON_FALSE))
			return tl_fail(err, TL_EPARSE,
			    "an added token has no flag \"%s\"", flags[i].name);
		*flags[i].flag = tl_json_bool(f, false);
	}
	return TL_OK;
}

static enum tl_status
read_added(
    const struct tl_json *list, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_added_token *tokens;
	size_t n = 0;

	if (list == NULL)
		return TL_OK;
	if (!tl_json_is(list, TL_JSON_ARRAY))
		return tl_fail(err, TL_EPARSE, "added_tokens is no list");
	tokens = TL_NEW(t->arena, struct tl_added_token, list->nchildren);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		enum tl_status st =
		    read_added_token(t->arena, v, &tokens[n++], err);

		if (st != TL_OK)
			return st;
	}
	return tl_tokenizer_add(t, tokens, n, err);
}

static enum tl_status
parse_rest(struct tl_arena *tmp, tl_str text, const struct tl_bigjson *big,
    struct tl_json_doc *doc, struct tl_error *err)
{
	tl_str rest = tl_bigjson_rest(tmp, text, big);
	size_t at, line = 1, column = 1;

	if (tl_json_parse(tmp, rest, doc) == TL_OK)
		return TL_OK;
	at = tl_bigjson_origin(big, doc->fault_at);
	for (size_t i = 0; i < at && i < text.len; i++) {
		bool starts_char = ((unsigned char)text.ptr[i] & 0xC0) != 0x80;

		if (text.ptr[i] == '\n') {
			line++;
			column = 1;
		} else if (starts_char) {
			column++;
		}
	}
	return tl_fail_at(err, TL_EPARSE, line, column,
	    "it is not valid JSON: found %s, expected %s",
	    doc->found == NULL ? "?" : doc->found,
	    doc->expected == NULL ? "?" : doc->expected);
}

/* Everything but the large members, which text or img has. */
static enum tl_status
load_root(const struct tl_json *root, tl_str text, const struct tl_bigjson *big,
    const struct tl_image *img, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *a = t->arena;
	enum tl_status st = check_keys(root, err);

	if (st == TL_OK)
		st = tl_load_model(a, text, big, img,
		    tl_json_get(root, "model"), &t->model, err);
	if (st == TL_OK)
		st = tl_norm_parse(
		    a, tl_json_get(root, "normalizer"), &t->norm, err);
	if (st == TL_OK)
		st = tl_pretok_parse(
		    a, tl_json_get(root, "pre_tokenizer"), &t->pretok, err);
	if (st == TL_OK)
		st = tl_post_parse(
		    a, tl_json_get(root, "post_processor"), &t->post, err);
	if (st == TL_OK)
		st = tl_stored_parse(tl_json_get(root, "truncation"),
		    tl_json_get(root, "padding"), &t->stored, err);
	if (st == TL_OK && t->stored.truncates)
		t->facts.truncates_to = (int64_t)t->stored.max;
	t->facts.has_padding = t->stored.pads;
	if (st == TL_OK)
		st = read_added(tl_json_get(root, "added_tokens"), t, err);
	return st;
}

enum tl_status
tl_load_json(tl_str text, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	struct tl_bigjson big;
	struct tl_json_doc doc;
	size_t bad = tl_utf8_check(text);
	enum tl_status st = TL_OK;

	if (bad < text.len)
		st =
		    tl_fail(err, TL_EPARSE, "it is not UTF-8 at byte %zu", bad);
	tl_bigjson_find(text, &big);
	if (st == TL_OK)
		st = parse_rest(tmp, text, &big, &doc, err);
	if (st == TL_OK)
		st = load_root(doc.root, text, &big, NULL, t, err);
	tl_arena_free(tmp);
	return st;
}

enum tl_status
tl_load_json_image(
    const struct tl_image *img, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	const struct tl_bigjson none = { .nvocab = 0 };
	struct tl_json_doc doc;
	enum tl_status st =
	    tl_json_parse(tmp, img->part[TL_IMAGE_REST], &doc) == TL_OK
	    ? TL_OK
	    : tl_fail(err, TL_EPARSE, "the image is damaged");

	if (st == TL_OK)
		st = load_root(doc.root, TL_STR(""), &none, img, t, err);
	tl_arena_free(tmp);
	return st;
}
