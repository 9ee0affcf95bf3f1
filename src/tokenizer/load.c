/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - which file a path stands for, and what lies beside it.
 */
#include "load.h"

#include <dirent.h>
#include <sys/stat.h>
#include <turnlint/record.h>

#include "cache.h"

/* The tokenizer stands in front of the weights. */
#define MAX_GGUF_HEAD ((size_t)128 << 20)

static const unsigned char default_tokenizer[] = {
#include "default_tokenizer.inc"
};
static const unsigned char default_config[] = {
#include "default_tokenizer_config.inc"
};

bool
tl_is_file(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}

const char *
tl_path_join(struct tl_arena *a, const char *folder, const char *name)
{
	size_t n = strlen(folder);

	if (n == 0)
		return name;
	return tl_arena_printf(
	    a, "%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name);
}

/* The only file of a folder with such a name, or NULL. */
static const char *
find_by_suffix(struct tl_arena *a, const char *folder, const char *suffix)
{
	DIR *dir = opendir(folder);
	const struct dirent *d;
	const char *found = NULL;
	size_t n = 0;

	if (dir == NULL)
		return NULL;
	while ((d = readdir(dir)) != NULL) {
		if (!tl_str_ends(tl_str_from(d->d_name), tl_str_from(suffix)))
			continue;
		found = tl_path_join(a, folder, d->d_name);
		n++;
	}
	(void)closedir(dir);
	return n == 1 ? found : NULL;
}

/* The file to read and the folder it lies in. */
static enum tl_status
resolve(struct tl_arena *a, const char *path, bool is_slow, const char **file,
    const char **folder, struct tl_error *err)
{
	/* What wins where there are several. */
	static const char *const names[] = { "tokenizer.json",
		"tokenizer.model", "tekken.json" };
	static const char *const suffixes[] = { ".tiktoken", ".gguf" };
	struct stat sb;
	const char *slash;

	if (stat(path, &sb) != 0)
		return tl_fail(
		    err, TL_ENOENT, "%s: there is no such file", path);
	if (!S_ISDIR(sb.st_mode)) {
		slash = strrchr(path, '/');
		*folder = slash == NULL
		    ? ""
		    : tl_arena_cstr(
			  a, (tl_str){ path, (size_t)(slash - path) + 1 });
		*file = path;
		if (tl_str_eq(tl_str_from(slash == NULL ? path : slash + 1),
			TL_STR("tokenizer_config.json")))
			*file = tl_path_join(a, *folder, "tokenizer.json");
		return TL_OK;
	}
	*folder = path;
	if (is_slow) {
		*file = tl_path_join(a, path, "tokenizer.model");
		if (tl_is_file(*file))
			return TL_OK;
		return tl_fail(err, TL_ENOENT,
		    "%s: the folder has no tokenizer.model, which a slow "
		    "tokenizer (use_fast=false) is made of",
		    path);
	}
	for (size_t i = 0; i < TL_COUNT(names); i++) {
		*file = tl_path_join(a, path, names[i]);
		if (tl_is_file(*file))
			return TL_OK;
	}
	for (size_t i = 0; i < TL_COUNT(suffixes); i++) {
		*file = find_by_suffix(a, path, suffixes[i]);
		if (*file != NULL)
			return TL_OK;
	}
	return tl_fail(err, TL_ENOENT,
	    "%s: the folder has no tokenizer.json, tokenizer.model or "
	    "tekken.json, and no single .tiktoken or .gguf file",
	    path);
}

enum tl_status
tl_fail_in(struct tl_error *err, enum tl_status st, const char *file)
{
	struct tl_error inner;

	if (err == NULL)
		return st;
	inner = *err;
	return tl_fail_at(
	    err, st, inner.line, inner.column, "%s: %s", file, inner.message);
}

static enum tl_status
load_text(tl_str text, tl_str path, const struct tl_choices *c,
    struct tl_tokenizer *t, struct tl_error *err)
{
	if (tl_is_gguf(text))
		return tl_load_gguf(text, tl_choices_prefix(c), t, err);
	if (tl_is_spm(text))
		return tl_load_spm(text, tl_choices_prefix(c), t, err);
	if (tl_is_ranks(text))
		return tl_load_ranks(text, c->pattern, path, t, err);
	if (tl_is_tekken(text))
		return tl_load_tekken(text, t, err);
	if (!tl_str_starts(tl_str_trim(text), TL_STR("{")))
		return tl_fail(err, TL_EUNSUPPORTED,
		    "this is no tokenizer of a known kind: tokenizer.json, "
		    "SentencePiece, tiktoken, tekken.json or GGUF");
	return tl_load_json(text, t, err);
}

/* What is beside it may disagree. */
static void
note_path(struct tl_tokenizer *t, const char *file, const char *folder,
    struct tl_arena *tmp)
{
	tl_str name = tl_str_from(file);
	const char *model = tl_path_join(tmp, folder, "tokenizer.model");

	t->facts.path = tl_arena_str(t->arena, name);
	if (tl_str_ends(name, TL_STR("tokenizer.json")) && tl_is_file(model))
		t->facts.model_path =
		    tl_arena_cstr(t->arena, tl_str_from(model));
}

/* What is remembered of loading until the tokenizer is finished. */
struct loading {
	struct tl_arena *tmp;
	struct tl_cache cache;
	tl_str text; /* of the file; empty when its image was found */
};

static enum tl_status
read_source(struct loading *l, const char *file, struct tl_error *err)
{
	if (tl_str_ends(tl_str_from(file), TL_STR(".gguf")))
		return tl_file_read_head(
		    l->tmp, file, MAX_GGUF_HEAD, &l->text, err);
	return tl_file_read(l->tmp, file, TL_MAX_FILE_BYTES, &l->text, err);
}

/* False leaves t as it was. */
static bool
load_cached(struct loading *l, const char *file, const struct tl_choices *c,
    struct tl_tokenizer *t)
{
	struct tl_tokenizer before = *t;
	struct tl_image img;
	enum tl_status st;

	if (!tl_cache_find(&l->cache, t->arena, file, &img))
		return false;
	st = tl_load_image(&img, tl_choices_prefix(c), t, NULL);
	if (st != TL_OK)
		*t = before;
	return st == TL_OK;
}

static enum tl_status
load_file(struct loading *l, const char *path, const struct tl_choices *c,
    struct tl_tokenizer *t, struct tl_error *err)
{
	const char *file = NULL, *folder = "";
	enum tl_status st =
	    resolve(l->tmp, path, c->is_fast == 0, &file, &folder, err);

	if (st != TL_OK)
		return st;
	t->name = tl_arena_str(t->arena, tl_str_from(path));
	note_path(t, file, folder, l->tmp);
	if (!load_cached(l, file, c, t)) {
		st = read_source(l, file, err);
		if (st != TL_OK)
			return st;
		st = load_text(l->text, tl_str_from(file), c, t, err);
	}
	if (st != TL_OK)
		return tl_fail_in(err, st, file);
	if (c->is_fast == 0 && t->spm == NULL)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "%s: use_fast=false is for SentencePiece models", file);
	return tl_load_beside(folder, c, t, l->tmp, err);
}

tl_str
tl_load_rest(struct tl_arena *a, tl_str source, const struct tl_tokenizer *t)
{
	struct tl_bigjson big;

	if (t->spm != NULL && tl_spm_is_direct(t->spm) && tl_is_spm(source))
		return tl_spm_rest(a, source);
	if (t->model.kind == TL_MODEL_BPE) {
		tl_bigjson_find(source, &big);
		if (big.nvocab > 0 && big.nmerges > 0)
			return tl_bigjson_rest(a, source, &big);
	}
	return (tl_str){ NULL, 0 };
}

enum tl_status
tl_load_image(const struct tl_image *img, enum tl_spm_prefix prefix,
    struct tl_tokenizer *t, struct tl_error *err)
{
	return tl_image_is_spm(img) ? tl_load_spm_image(img, prefix, t, err)
				    : tl_load_json_image(img, t, err);
}

/* For the next time. */
static void
keep(struct loading *l, const struct tl_tokenizer *t)
{
	tl_str rest;

	if (l->text.len < TL_CACHE_SMALLEST)
		return;
	rest = tl_load_rest(l->tmp, l->text, t);
	if (rest.ptr != NULL)
		tl_cache_keep(
		    &l->cache, l->tmp, l->text, rest, &t->model, t->spm);
}

static enum tl_status
load_default(
    const struct tl_choices *c, struct tl_tokenizer *t, struct tl_error *err)
{
	/* Both end in a zero byte that is not theirs. */
	tl_str json = { (const char *)default_tokenizer,
		sizeof(default_tokenizer) - 1 };
	tl_str config = { (const char *)default_config,
		sizeof(default_config) - 1 };
	enum tl_status st;

	if (json.len == 0)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "this program was built without a tokenizer");
	t->name = TL_STR("bpe-mini");
	st = tl_load_json(json, t, err);
	if (st == TL_OK && config.len > 0)
		st = tl_load_config(
		    config, (tl_str){ NULL, 0 }, c->uses_config > 0, t, err);
	return st;
}

struct tl_tokenizer *
tl_tokenizer_blank(struct tl_arena *a)
{
	struct tl_tokenizer *t = TL_NEW(a, struct tl_tokenizer, 1);

	t->arena = a;
	t->bos = t->eos = t->pad = t->unk = -1;
	t->facts = (struct tl_tokenizer_facts){ .path = TL_STR(""),
		.vocab_size = -1,
		.max_length = -1,
		.is_legacy = true,
		.truncates_to = -1 };
	return t;
}

enum tl_status
tl_tokenizer_load(struct tl_arena *a, const char *path,
    const struct tl_tokenizer_options *opt, struct tl_tokenizer **out,
    struct tl_error *err)
{
	struct tl_tokenizer *t = tl_tokenizer_blank(a);
	struct loading l = { .text = { NULL, 0 } };
	struct tl_choices c;
	enum tl_status st = tl_choices_read(opt, &c, err);

	if (st != TL_OK)
		return st;
	l.tmp = tl_arena_new_like(a);
	tl_cache_open(&l.cache, l.tmp);
	st = path == NULL ? load_default(&c, t, err)
			  : load_file(&l, path, &c, t, err);
	if (st == TL_OK)
		st = tl_choices_apply(&c, t, err);
	if (st == TL_OK) {
		tl_tokenizer_finish(t);
		keep(&l, t);
		*out = t;
	}
	tl_cache_close(&l.cache);
	tl_arena_free(l.tmp);
	return st;
}

enum tl_status
tl_tokenizer_load_mem(struct tl_arena *a, tl_str bytes,
    struct tl_tokenizer **out, struct tl_error *err)
{
	struct tl_tokenizer *t = tl_tokenizer_blank(a);
	struct tl_choices c;
	enum tl_status st = tl_choices_read(NULL, &c, err);

	if (st == TL_OK)
		st = load_text(bytes, TL_STR("cl100k_base"), &c, t, err);
	if (st != TL_OK)
		return st;
	tl_tokenizer_finish(t);
	*out = t;
	return TL_OK;
}
