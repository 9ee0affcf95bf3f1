/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - the readers of the files a tokenizer comes in.
 */
#ifndef TOKENIZER_LOAD_H
#define TOKENIZER_LOAD_H

#include "bigjson.h"
#include "image.h"
#include "tok.h"

/* The readers fill norm, pretok, model, post and the added tokens; everything
 * they keep is copied into t->arena. */
enum tl_status tl_load_json(
    tl_str text, struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
enum tl_status tl_load_json_image(const struct tl_image *img,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
/* img is NULL, or has the tables that are then not read from the text. */
enum tl_status tl_load_model(struct tl_arena *a, tl_str text,
    const struct tl_bigjson *big, const struct tl_image *img,
    const struct tl_json *json, struct tl_model *m,
    struct tl_error *err) TL_MUST_USE;
/* The ids of "<0x00>" … "<0xFF>". */
void tl_model_find_fallback(struct tl_model *m);

enum tl_spm_prefix { TL_SPM_LEGACY, TL_SPM_NONLEGACY, TL_SPM_NEVER };
enum tl_status tl_load_gguf(tl_str bytes, enum tl_spm_prefix prefix,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_gguf(tl_str bytes);
enum tl_status tl_load_spm(tl_str bytes, enum tl_spm_prefix prefix,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_spm(tl_str bytes);
enum tl_status tl_load_spm_image(const struct tl_image *img,
    enum tl_spm_prefix prefix, struct tl_tokenizer *t,
    struct tl_error *err) TL_MUST_USE;
/* The file without its pieces. */
tl_str tl_spm_rest(struct tl_arena *a, tl_str bytes);
/* What an image keeps of the source of t besides the tables; ptr NULL: there is
 * no image of such ones. */
tl_str tl_load_rest(
    struct tl_arena *a, tl_str source, const struct tl_tokenizer *t);
enum tl_status tl_load_image(const struct tl_image *img,
    enum tl_spm_prefix prefix, struct tl_tokenizer *t,
    struct tl_error *err) TL_MUST_USE;
/* A tiktoken file; pattern (ptr NULL: not said) or else path names the
 * encoding. */
enum tl_status tl_load_ranks(tl_str text, tl_str pattern, tl_str path,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_ranks(tl_str text);
enum tl_status tl_load_tekken(
    tl_str text, struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_tekken(tl_str text);
/* What the model's normalizer makes of s, without a dummy prefix; false when
 * it becomes too long. */
bool tl_spm_normalize(
    const struct tl_spm *m, struct tl_arena *a, tl_str s, tl_str *out);
void tl_spm_set_prefix(struct tl_spm *s, enum tl_spm_prefix prefix);

/* tokenizer_config.json.  Special tokens and templates always; added tokens
 * and BOS/EOS of the class only when changes_ids. */
/* --tokenizer-option NAME=VALUE. */
struct tl_choices {
	tl_str pattern; /* of a rank file */
	/* 1 and 0; -1: not said */
	int is_fast, is_legacy, uses_config, splits_special, obeys_stored,
	    adds_bos, adds_eos, prefixes_space;
	struct tl_special_tokens tokens;
	/* Names with commas between them; a YAML map of ids to names. */
	tl_str add_tokens, add_special_tokens, overrides;
	int64_t max_length; /* -1: not said */
};

enum tl_status tl_choices_read(const struct tl_tokenizer_options *opt,
    struct tl_choices *c, struct tl_error *err) TL_MUST_USE;
/* How a SentencePiece vocabulary is to be read. */
enum tl_spm_prefix tl_choices_prefix(const struct tl_choices *c);
/* What was chosen over what the files say. */
enum tl_status tl_choices_apply(const struct tl_choices *c,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;

/* The files of a folder that a tokenizer's file lies in. */
enum tl_status tl_load_beside(const char *folder, const struct tl_choices *c,
    struct tl_tokenizer *t, struct tl_arena *tmp,
    struct tl_error *err) TL_MUST_USE;
/* tokenizer_config.json, and special_tokens_map.json (ptr NULL: none), which
 * counts where the former has no added_tokens_decoder. */
enum tl_status tl_load_config(tl_str text, tl_str map, bool changes_ids,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
enum tl_status tl_load_added(
    tl_str text, struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
/* generation_config.json or config.json, by its name. */
enum tl_status tl_load_model_config(const char *name, tl_str text,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
/* Whether the class of a tokenizer_config.json makes its own
 * post-processor. */
void tl_tokenizer_surround(
    struct tl_tokenizer *t, bool adds_bos, bool adds_eos);
/* Put no dummy prefix in front; for byte-level tokenizers also the other way
 * round. */
void tl_tokenizer_prefix_space(struct tl_tokenizer *t, bool wants);
/* Read a tokenizer.json of Llama's kind as converted with this setting. */
void tl_tokenizer_set_legacy(struct tl_tokenizer *t, bool is_legacy);
bool tl_is_file(const char *path);
const char *tl_path_join(
    struct tl_arena *a, const char *folder, const char *name);
/* Put the file's name in front of what is wrong with it. */
enum tl_status tl_fail_in(
    struct tl_error *err, enum tl_status st, const char *file);

/* Remember a chat template; "default" is "". */
void tl_tokenizer_add_template(
    struct tl_tokenizer *t, tl_str name, tl_str source, const char *origin);

/* Where merges are derived, every cut of every token is looked up: the squares
 * of their lengths add up to no more than this. */
#define TL_MAX_CUT_WORK ((uint64_t)1 << 31)
#define TL_MAX_CONFIG_BYTES ((size_t)64 << 20)

struct tl_tokenizer *tl_tokenizer_blank(struct tl_arena *a);
/* A file of any kind in memory, with nothing beside it; ranks are taken for
 * those of cl100k_base. */
enum tl_status tl_tokenizer_load_mem(struct tl_arena *a, tl_str bytes,
    struct tl_tokenizer **out, struct tl_error *err) TL_MUST_USE;

/* Build what follows from the parts: sets, tables by id, the plan. */
void tl_tokenizer_finish(struct tl_tokenizer *t);

#endif
