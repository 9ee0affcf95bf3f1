/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choices.c - --tokenizer-option: what the caller of a framework can say.
 */
#include "load.h"

#include <inttypes.h>

#include <turnlint/yaml.h>

static bool
to_bool(tl_str v, bool *out)
{
	*out = tl_str_eq(v, TL_STR("true"));
	return *out || tl_str_eq(v, TL_STR("false"));
}

/* Options that are strings; false when name is none of them. */
static bool
read_string(tl_str name, tl_str value, struct tl_choices *c)
{
	const struct {
		const char *name;
		tl_str *to;
	} strings[] = {
		{ "pattern", &c->pattern },
		{ "bos_token", &c->tokens.bos },
		{ "eos_token", &c->tokens.eos },
		{ "pad_token", &c->tokens.pad },
		{ "unk_token", &c->tokens.unk },
		{ "add_tokens", &c->add_tokens },
		{ "add_special_tokens", &c->add_special_tokens },
		{ "added_tokens_overrides", &c->overrides },
	};

	for (size_t i = 0; i < TL_COUNT(strings); i++)
		if (tl_str_eq(name, tl_str_from(strings[i].name))) {
			*strings[i].to = value;
			return true;
		}
	return false;
}

static enum tl_status
read_length(tl_str value, struct tl_choices *c, struct tl_error *err)
{
	size_t n;

	if (!tl_str_to_size(value, &n) || n > TL_MAX_TOKENS)
		return tl_fail(err, TL_ECONFIG,
		    "the tokenizer option model_max_length must be a number "
		    "of tokens");
	c->max_length = (int64_t)n;
	return TL_OK;
}

static enum tl_status
read_option(
    tl_str name, tl_str value, struct tl_choices *c, struct tl_error *err)
{
	const struct {
		const char *name;
		int *to;
	} bools[] = {
		{ "use_fast", &c->is_fast },
		{ "legacy", &c->is_legacy },
		{ "config", &c->uses_config },
		{ "split_special_tokens", &c->splits_special },
		{ "stored_lengths", &c->obeys_stored },
		{ "add_bos_token", &c->adds_bos },
		{ "add_eos_token", &c->adds_eos },
		{ "add_prefix_space", &c->prefixes_space },
	};
	size_t i = 0;
	bool b;

	if (read_string(name, value, c))
		return TL_OK;
	if (tl_str_eq(name, TL_STR("model_max_length")))
		return read_length(value, c, err);
	while (
	    i < TL_COUNT(bools) && !tl_str_eq(name, tl_str_from(bools[i].name)))
		i++;
	if (i == TL_COUNT(bools))
		return tl_fail(err, TL_ECONFIG,
		    "there is no such tokenizer option; there are use_fast, "
		    "legacy, add_bos_token, add_eos_token, add_prefix_space, "
		    "bos_token, eos_token, pad_token, unk_token, "
		    "split_special_tokens, add_tokens, add_special_tokens, "
		    "added_tokens_overrides, model_max_length, config, "
		    "stored_lengths and pattern");
	if (!to_bool(value, &b))
		return tl_fail(err, TL_ECONFIG,
		    "the tokenizer option %s must be true or false",
		    bools[i].name);
	*bools[i].to = b;
	return TL_OK;
}

enum tl_status
tl_choices_read(const struct tl_tokenizer_options *opt, struct tl_choices *c,
    struct tl_error *err)
{
	enum tl_status st = TL_OK;

	*c = (struct tl_choices){ .is_fast = 1,
		.is_legacy = -1,
		.uses_config = 1,
		.splits_special = -1,
		.adds_bos = -1,
		.adds_eos = -1,
		.prefixes_space = -1,
		.max_length = -1 };
	for (size_t i = 0; opt != NULL && i < opt->n && st == TL_OK; i++)
		st = read_option(opt->names[i], opt->values[i], c, err);
	return st;
}

enum tl_spm_prefix
tl_choices_prefix(const struct tl_choices *c)
{
	return c->is_legacy == 0 ? TL_SPM_NONLEGACY : TL_SPM_LEGACY;
}

/* A special token that is not in the vocabulary is added to it. */
static enum tl_status
set_token(
    struct tl_tokenizer *t, tl_str given, tl_str *to, struct tl_error *err)
{
	struct tl_added_token k = { .content = given, .is_special = true };

	if (given.len == 0)
		return TL_OK;
	k.content = *to = tl_arena_str(t->arena, given);
	for (size_t i = 0; i < t->nadded; i++)
		if (tl_str_eq(t->added[i].content, given))
			return TL_OK;
	return tl_tokenizer_add(t, &k, 1, err);
}

/* transformers searches for tokens that are not special behind the
 * normalizer. */
static enum tl_status
add_named(
    struct tl_tokenizer *t, tl_str names, bool is_special, struct tl_error *err)
{
	enum tl_status st = TL_OK;

	while (names.len > 0 && st == TL_OK) {
		size_t comma = tl_str_find_char(names, ',', 0);
		struct tl_added_token k = {
			.content = tl_arena_str(t->arena,
			    tl_str_trim(tl_str_slice(names, 0, comma))),
			.is_special = is_special,
			.is_normalized = !is_special
		};

		st = tl_tokenizer_add(t, &k, 1, err);
		names = comma == TL_NPOS
		    ? (tl_str){ NULL, 0 }
		    : tl_str_slice(names, comma + 1, names.len);
	}
	return st;
}

static enum tl_status
rename_token(
    struct tl_tokenizer *t, const struct tl_json *v, struct tl_error *err)
{
	int64_t id;

	if (v->kind != TL_JSON_STRING || !tl_str_to_int(v->key, &id))
		return tl_fail(err, TL_ECONFIG,
		    "the tokenizer option added_tokens_overrides takes a map "
		    "of ids to strings");
	for (size_t i = 0; i < t->nadded; i++)
		if (t->added[i].id == id) {
			t->added[i].content = tl_arena_str(t->arena, v->text);
			return TL_OK;
		}
	return tl_fail(err, TL_ECONFIG,
	    "added_tokens_overrides: %" PRId64 " is no added token", id);
}

static enum tl_status
rename_tokens(struct tl_tokenizer *t, tl_str yaml, struct tl_error *err)
{
	const struct tl_json *map;
	enum tl_status st;

	if (yaml.len == 0)
		return TL_OK;
	st = tl_yaml_parse(t->arena, yaml, &map, err);
	if (st == TL_OK && map->kind != TL_JSON_OBJECT)
		return tl_fail(err, TL_ECONFIG,
		    "the tokenizer option added_tokens_overrides takes a map "
		    "of ids to strings");
	for (const struct tl_json *v = st == TL_OK ? map->first : NULL;
	     v != NULL && st == TL_OK; v = v->next)
		st = rename_token(t, v, err);
	return st;
}

static enum tl_status
change_tokens(
    const struct tl_choices *c, struct tl_tokenizer *t, struct tl_error *err)
{
	enum tl_status st = rename_tokens(t, c->overrides, err);

	if (st == TL_OK)
		st = add_named(t, c->add_tokens, false, err);
	if (st == TL_OK)
		st = add_named(t, c->add_special_tokens, true, err);
	return st;
}

enum tl_status
tl_choices_apply(
    const struct tl_choices *c, struct tl_tokenizer *t, struct tl_error *err)
{
	const struct {
		tl_str given;
		tl_str *to;
	} tokens[] = {
		{ c->tokens.bos, &t->tokens.bos },
		{ c->tokens.eos, &t->tokens.eos },
		{ c->tokens.unk, &t->tokens.unk },
		{ c->tokens.pad, &t->tokens.pad },
	};
	enum tl_status st = change_tokens(c, t, err);

	for (size_t i = 0; i < TL_COUNT(tokens) && st == TL_OK; i++)
		st = set_token(t, tokens[i].given, tokens[i].to, err);
	if (c->splits_special >= 0)
		t->encodes_special = c->splits_special > 0;
	t->stored.is_obeyed = c->obeys_stored > 0;
	if (c->max_length >= 0)
		t->facts.max_length = c->max_length;
	if (c->is_legacy >= 0) {
		t->facts.is_legacy = c->is_legacy > 0;
		tl_tokenizer_set_legacy(t, c->is_legacy > 0);
	}
	if (c->prefixes_space >= 0)
		tl_tokenizer_prefix_space(t, c->prefixes_space != 0);
	if (c->adds_bos >= 0 || c->adds_eos >= 0)
		tl_tokenizer_surround(t,
		    c->adds_bos < 0 ? tl_post_adds(t, t->tokens.bos)
				    : c->adds_bos > 0,
		    c->adds_eos < 0 ? tl_post_adds(t, t->tokens.eos)
				    : c->adds_eos > 0);
	return st;
}
