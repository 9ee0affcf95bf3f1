/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_config.c - tokenizer_config.json: what the training framework makes of
 * a tokenizer beyond its own file.
 */
#include "load.h"

#include <stdlib.h>

static bool
is_llama_like(tl_str name)
{
	static const char *const names[] = { "LlamaTokenizer",
		"CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		tl_str n = tl_str_from(names[i]);

		if (tl_str_starts(name, n) &&
		    (name.len == n.len ||
			tl_str_eq(tl_str_slice(name, n.len, name.len),
			    TL_STR("Fast"))))
			return true;
	}
	return false;
}

/* A special token is a string or an object with its content. */
static tl_str
content_of(const struct tl_json *v)
{
	if (tl_json_is(v, TL_JSON_OBJECT))
		v = tl_json_get(v, "content");
	return tl_json_text(v, (tl_str){ NULL, 0 });
}

static void
read_named(const struct tl_json *root, struct tl_tokenizer *t)
{
	const struct {
		const char *name;
		tl_str *to;
	} named[] = {
		{ "bos_token", &t->tokens.bos },
		{ "eos_token", &t->tokens.eos },
		{ "pad_token", &t->tokens.pad },
		{ "unk_token", &t->tokens.unk },
	};

	for (size_t i = 0; i < TL_COUNT(named); i++) {
		tl_str s = content_of(tl_json_get(root, named[i].name));

		if (s.ptr != NULL)
			*named[i].to = tl_arena_str(t->arena, s);
	}
}

static void
read_templates(const struct tl_json *root, struct tl_tokenizer *t)
{
	const struct tl_json *v = tl_json_get(root, "chat_template");
	static const char origin[] = "tokenizer_config.json";

	if (tl_json_is(v, TL_JSON_STRING))
		tl_tokenizer_add_template(t, TL_STR(""), v->text, origin);
	if (!tl_json_is(v, TL_JSON_ARRAY))
		return;
	for (v = v->first; v != NULL; v = v->next) {
		const struct tl_json *name = tl_json_get(v, "name");
		const struct tl_json *source = tl_json_get(v, "template");

		if (tl_json_is(name, TL_JSON_STRING) &&
		    tl_json_is(source, TL_JSON_STRING))
			tl_tokenizer_add_template(
			    t, name->text, source->text, origin);
	}
}

/* --- tokens that only the configuration knows
 * ------------------------------------- */

static int
compare_ids(const void *x, const void *y)
{
	const struct tl_added_token *a = x, *b = y;

	return (a->id > b->id) - (a->id < b->id);
}

static bool
is_added(const struct tl_tokenizer *t, tl_str content)
{
	for (size_t i = 0; i < t->nadded; i++)
		if (tl_str_eq(t->added[i].content, content))
			return true;
	return false;
}

static bool
flag(const struct tl_json *v, const char *name, bool fallback)
{
	return tl_json_bool(tl_json_get(v, name), fallback);
}

static enum tl_status
add_decoder(
    const struct tl_json *map, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_added_token *k;
	size_t n = 0;

	if (!tl_json_is(map, TL_JSON_OBJECT))
		return TL_OK;
	k = TL_NEW(t->arena, struct tl_added_token, map->nchildren);
	for (const struct tl_json *v = map->first; v != NULL; v = v->next) {
		tl_str content = content_of(v);
		size_t id;

		if (content.len == 0 || !tl_str_to_size(v->key, &id) ||
		    id > TL_MAX_TOKEN_ID)
			continue;
		k[n++] = (struct tl_added_token){
			.content = tl_arena_str(t->arena, content),
			.id = (uint32_t)id,
			.is_special = flag(v, "special", false),
			.is_lstrip = flag(v, "lstrip", false),
			.is_rstrip = flag(v, "rstrip", false),
			.is_single_word = flag(v, "single_word", false),
			.is_normalized = flag(v, "normalized", true),
		};
	}
	if (n > 0)
		qsort(k, n, sizeof(*k), compare_ids);
	return tl_tokenizer_add(t, k, n, err);
}

static enum tl_status
add_one(struct tl_tokenizer *t, const struct tl_json *v, struct tl_error *err)
{
	tl_str content = content_of(v);
	bool is_object = tl_json_is(v, TL_JSON_OBJECT);
	struct tl_added_token k = { .is_special = true };

	if (content.len == 0 || is_added(t, content))
		return TL_OK;
	k.content = tl_arena_str(t->arena, content);
	if (is_object) {
		k.is_lstrip = flag(v, "lstrip", false);
		k.is_rstrip = flag(v, "rstrip", false);
		k.is_single_word = flag(v, "single_word", false);
		k.is_normalized = flag(v, "normalized", false);
	}
	return tl_tokenizer_add(t, &k, 1, err);
}

static enum tl_status
add_named(
    const struct tl_json *root, struct tl_tokenizer *t, struct tl_error *err)
{
	static const char *const names[] = { "bos_token", "eos_token",
		"unk_token", "sep_token", "pad_token", "cls_token",
		"mask_token" };
	static const char *const lists[] = { "additional_special_tokens",
		"extra_special_tokens" };
	enum tl_status st = TL_OK;

	for (size_t i = 0; i < TL_COUNT(names) && st == TL_OK; i++)
		st = add_one(t, tl_json_get(root, names[i]), err);
	for (size_t i = 0; i < TL_COUNT(lists); i++) {
		const struct tl_json *v = tl_json_get(root, lists[i]);

		if (!tl_json_is(v, TL_JSON_ARRAY) &&
		    !tl_json_is(v, TL_JSON_OBJECT))
			continue;
		for (v = v->first; v != NULL && st == TL_OK; v = v->next)
			st = add_one(t, v, err);
	}
	return st;
}

/* added_tokens.json: contents to ids, which are those of the older
 * tokenizers: as the file has them. */
enum tl_status
tl_load_added(tl_str text, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	struct tl_added_token *k;
	struct tl_json_doc doc;
	struct tl_map ids;
	enum tl_status st = TL_OK;
	size_t n = 0;

	if (tl_json_parse(tmp, text, &doc) != TL_OK ||
	    !tl_json_is(doc.root, TL_JSON_OBJECT)) {
		tl_arena_free(tmp);
		return tl_fail(err, TL_EPARSE, "it is not a JSON object");
	}
	k = TL_NEW(tmp, struct tl_added_token, doc.root->nchildren);
	for (const struct tl_json *v = doc.root->first; v != NULL;
	     v = v->next) {
		int64_t id;

		if (!tl_json_int(v, &id) || id < 0 ||
		    id > (int64_t)tl_max_id(t->model.vocab.npieces)) {
			st = tl_fail(err, TL_EPARSE,
			    "an added token has no id, or one out of range");
			break;
		}
		k[n++] = (struct tl_added_token){
			.content = tl_arena_str(t->arena, v->key),
			.id = (uint32_t)id,
		};
	}
	if (st == TL_OK && n > 0) {
		qsort(k, n, sizeof(*k), compare_ids);
		st = tl_tokenizer_add(t, k, n, err);
	}
	tl_map_init(&ids, tmp);
	for (size_t i = 0; i < n; i++)
		tl_map_put(&ids, k[i].content, NULL)->num = k[i].id;
	for (size_t i = 0; i < t->nadded && st == TL_OK; i++) {
		const struct tl_map_entry *e =
		    tl_map_find(&ids, t->added[i].content);

		if (e != NULL)
			t->added[i].id = (uint32_t)e->num;
	}
	tl_arena_free(tmp);
	return st;
}

/* Llama-like classes write their own post-processor: BOS, text, EOS. */
static void
set_post(const struct tl_json *root, struct tl_tokenizer *t)
{
	t->post = (struct tl_post){ 0 };
	tl_tokenizer_surround(t, flag(root, "add_bos_token", true),
	    flag(root, "add_eos_token", false));
}

static void
set_prefix(const struct tl_json *root, bool is_llama, struct tl_tokenizer *t)
{
	static const tl_str others[] = { TL_LIT("GPT2Tokenizer"),
		TL_LIT("RobertaTokenizer"), TL_LIT("BartTokenizer"),
		TL_LIT("BloomTokenizer"), TL_LIT("GPTNeoXTokenizer") };
	const struct tl_json *v = tl_json_get(root, "add_prefix_space");
	tl_str class =
	    tl_json_text(tl_json_get(root, "tokenizer_class"), TL_STR(""));

	if (!tl_json_is(v, TL_JSON_TRUE) && !tl_json_is(v, TL_JSON_FALSE))
		return;
	/* Llama's is converted anew, without what it would put in front. */
	if (is_llama && tl_json_is(v, TL_JSON_FALSE))
		tl_tokenizer_prefix_space(t, false);
	for (size_t i = 0; i < TL_COUNT(others); i++)
		if (tl_str_starts(class, others[i]))
			tl_tokenizer_prefix_space(
			    t, tl_json_is(v, TL_JSON_TRUE));
}

static void
read_length(const struct tl_json *root, struct tl_tokenizer *t)
{
	int64_t n;

	/* 1e30 says that there is none. */
	if (tl_json_int(tl_json_get(root, "model_max_length"), &n) && n > 0 &&
	    n < INT32_MAX)
		t->facts.max_length = n;
}

static enum tl_status
parse_object(struct tl_arena *tmp, tl_str text, const struct tl_json **root,
    struct tl_error *err)
{
	struct tl_json_doc doc;

	*root = NULL;
	if (text.ptr == NULL)
		return TL_OK;
	if (tl_json_parse(tmp, text, &doc) != TL_OK)
		return tl_fail(err, TL_EPARSE,
		    "it is not valid JSON at byte %zu: found %s, expected %s",
		    doc.fault_at, doc.found == NULL ? "?" : doc.found,
		    doc.expected == NULL ? "?" : doc.expected);
	if (!tl_json_is(doc.root, TL_JSON_OBJECT))
		return tl_fail(err, TL_EPARSE, "it is not a JSON object");
	*root = doc.root;
	return TL_OK;
}

static enum tl_status
change_ids(const struct tl_json *root, const struct tl_json *map,
    struct tl_tokenizer *t, struct tl_error *err)
{
	bool is_llama = is_llama_like(
	    tl_json_text(tl_json_get(root, "tokenizer_class"), TL_STR("")));
	enum tl_status st =
	    add_decoder(tl_json_get(root, "added_tokens_decoder"), t, err);

	if (st == TL_OK)
		st = add_named(map, t, err);
	if (st == TL_OK)
		st = add_named(root, t, err);
	if (st != TL_OK)
		return st;
	if (is_llama)
		set_post(root, t);
	set_prefix(root, is_llama, t);
	if (t->spm != NULL && !flag(root, "legacy", true))
		tl_spm_set_prefix(t->spm, TL_SPM_NONLEGACY);
	if (flag(root, "split_special_tokens", false))
		t->encodes_special = true;
	return TL_OK;
}

enum tl_status
tl_load_config(tl_str text, tl_str map, bool changes_ids,
    struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	const struct tl_json *root, *special = NULL;
	enum tl_status st = parse_object(tmp, text, &root, err);

	if (st == TL_OK && tl_json_get(root, "added_tokens_decoder") == NULL)
		st = parse_object(tmp, map, &special, err);
	if (st == TL_OK) {
		read_named(root, t);
		read_named(special, t);
		read_templates(root, t);
		read_length(root, t);
		t->facts.is_legacy = flag(root, "legacy", true);
	}
	if (st == TL_OK && changes_ids)
		st = change_ids(root, special, t, err);
	tl_arena_free(tmp);
	return st;
}

/* --- the model's files
 * --------------------------------------------------------- */

/* One id or a list of them. */
static void
read_eos(const char *name, const struct tl_json *v, struct tl_tokenizer *t)
{
	struct tl_tokenizer_facts *f = &t->facts;
	const struct tl_json *first = v, *end = NULL;
	uint32_t *ids;
	size_t n = 0;

	if (v == NULL || f->neos == TL_COUNT(f->eos))
		return;
	if (v->kind == TL_JSON_ARRAY)
		first = v->first;
	else
		end = v->next;
	ids = TL_NEW(t->arena, uint32_t, v->nchildren + 1);
	for (; first != end; first = first->next) {
		int64_t id;

		if (tl_json_int(first, &id) && id >= 0 && id <= TL_MAX_TOKEN_ID)
			ids[n++] = (uint32_t)id;
	}
	if (n > 0)
		f->eos[f->neos++] = (struct tl_eos_source){ name, ids, n };
}

enum tl_status
tl_load_model_config(
    const char *name, tl_str text, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	const struct tl_json *root, *v;
	enum tl_status st = parse_object(tmp, text, &root, err);
	int64_t n;

	if (st == TL_OK) {
		read_eos(name, tl_json_get(root, "eos_token_id"), t);
		v = tl_json_get(root, "vocab_size");
		if (v == NULL) /* of a model that also sees or hears */
			v = tl_json_get(
			    tl_json_get(root, "text_config"), "vocab_size");
		if (tl_json_int(v, &n) && n > 0)
			t->facts.vocab_size = n;
	}
	tl_arena_free(tmp);
	return st;
}
