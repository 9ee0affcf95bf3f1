/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - the readers of the files a tokenizer comes in.
 */
#ifndef TOKENIZER_LOAD_H
#define TOKENIZER_LOAD_H

#include "bigjson.h"
#include "tok.h"

/* The readers fill norm, pretok, model, post and the added tokens; everything
 * they keep is copied into t->arena. */
enum tl_status tl_load_json(
    tl_str text, struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
enum tl_status tl_load_model(struct tl_arena *a, tl_str text,
    const struct tl_bigjson *big, const struct tl_json *json,
    struct tl_model *m, struct tl_error *err) TL_MUST_USE;
/* The ids of "<0x00>" … "<0xFF>". */
void tl_model_find_fallback(struct tl_model *m);

enum tl_spm_prefix { TL_SPM_LEGACY, TL_SPM_NONLEGACY, TL_SPM_NEVER };
enum tl_status tl_load_gguf(tl_str bytes, enum tl_spm_prefix prefix,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_gguf(tl_str bytes);
enum tl_status tl_load_spm(tl_str bytes, enum tl_spm_prefix prefix,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_spm(tl_str bytes);
/* A tiktoken file; pattern (ptr NULL: not said) or else path names the
 * encoding. */
enum tl_status tl_load_ranks(tl_str text, tl_str pattern, tl_str path,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_ranks(tl_str text);
enum tl_status tl_load_tekken(
    tl_str text, struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;
bool tl_is_tekken(tl_str text);
void tl_spm_set_prefix(struct tl_spm *s, enum tl_spm_prefix prefix);

/* tokenizer_config.json.  Special tokens and templates always; added tokens
 * and BOS/EOS of the class only when changes_ids. */
enum tl_status tl_load_config(tl_str text, bool changes_ids,
    struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;

enum tl_status tl_load_added(
    tl_str text, struct tl_tokenizer *t, struct tl_error *err) TL_MUST_USE;

/* Remember a chat template; "default" is "". */
void tl_tokenizer_add_template(
    struct tl_tokenizer *t, tl_str name, tl_str source, const char *origin);

struct tl_tokenizer *tl_tokenizer_blank(struct tl_arena *a);
/* A file of any kind in memory, with nothing beside it; ranks are taken for
 * those of cl100k_base. */
enum tl_status tl_tokenizer_load_mem(struct tl_arena *a, tl_str bytes,
    struct tl_tokenizer **out, struct tl_error *err) TL_MUST_USE;

/* Build what follows from the parts: sets, tables by id, the plan. */
void tl_tokenizer_finish(struct tl_tokenizer *t);

#endif
