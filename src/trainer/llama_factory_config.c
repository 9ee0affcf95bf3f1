/* SPDX-License-Identifier: Apache-2.0 */
/* The options of llama-factory, and what it changes about the tokenizer. */
#include <turnlint/str.h>
#include <turnlint/yaml.h>

#include <string.h>

#include "llama_factory_work.h"
#include "names.h"
#include "options.h"

/* --- options -------------------------------------------------------------- */

static const char *const stages[] = { "sft", "pt", "rm", "dpo", "kto", NULL };
static const char *const formattings[] = { "alpaca", "sharegpt", "openai",
	NULL };
#define OPTION(name, kind, member, choices)                                    \
	{                                                                      \
		name, TL_OPTION_##kind, offsetof(struct tl_lf_config, member), \
		    choices                                                    \
	}

static const struct tl_option_spec specs[] = {
	OPTION("template", STR, template_, NULL),
	OPTION("cutoff_len", SIZE, cutoff_len, NULL),
	OPTION("train_on_prompt", BOOL, train_on_prompt, NULL),
	OPTION("mask_history", BOOL, mask_history, NULL),
	OPTION("packing", BOOL, packing, NULL),
	OPTION("neat_packing", BOOL, neat_packing, NULL),
	OPTION("tool_format", STR, tool_format, NULL),
	OPTION("default_system", STR, default_system, NULL),
	OPTION("enable_thinking", BOOL, enables_thinking, NULL),
	OPTION("preserve_thinking", BOOL, preserve_thinking, NULL),
	OPTION("stage", CHOICE, stage, stages),
	OPTION("formatting", CHOICE, formatting, formattings),
	OPTION("ranking", BOOL, ranking, NULL),
	OPTION("columns", MAP, columns, NULL),
	OPTION("tags", MAP, tags, NULL),
};

static const struct tl_option *
given(const struct tl_option *opts, size_t n, const char *name)
{
	const struct tl_option *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(opts[i].name, tl_str_from(name)))
			found = &opts[i];
	return found;
}

static bool
is_null(struct tl_arena *a, const struct tl_option *o)
{
	const struct tl_json *v;

	return tl_yaml_parse(a, o->value, &v, NULL) == TL_OK &&
	    v->kind == TL_JSON_NULL;
}

/* The entry of dataset_info.json, as far as it was given. */
static void
read_entry(struct tl_arena *a, struct tl_lf_config *c,
    const struct tl_option *opts, size_t n)
{
	c->entry = tl_lf_entry_default();
	if (c->columns != NULL)
		tl_lf_entry_columns(a, &c->entry, c->columns);
	if (c->tags != NULL)
		tl_lf_entry_tags(a, &c->entry, c->tags);
	if (given(opts, n, "formatting") != NULL) {
		c->entry.formatting = (enum tl_lf_formatting)c->formatting;
		c->entry.guesses_formatting = false;
	}
	if (given(opts, n, "ranking") != NULL) {
		c->entry.ranking = c->ranking;
		c->entry.guesses_ranking = false;
	}
}

static const struct tl_lf_template *
find(const char *name)
{
	size_t n;
	const struct tl_lf_template *all = tl_lf_templates(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

static enum tl_status
find_template(struct tl_arena *a, struct tl_lf_config *c, struct tl_error *err)
{
	size_t n;
	const struct tl_lf_template *all = tl_lf_templates(&n);
	const char **names = TL_NEW(a, const char *, n);

	for (size_t i = 0; i < n; i++) {
		names[i] = all[i].name;
		if (tl_str_eq(c->template_, tl_str_from(all[i].name)))
			c->t = &all[i];
	}
	if (c->t == NULL && c->template_.len > 0)
		return tl_fail_unknown(
		    a, err, "template", c->template_, names, n);
	return TL_OK;
}

static enum tl_status
check_options(const struct tl_lf_config *c, struct tl_error *err)
{
	if (c->mask_history && c->train_on_prompt)
		return tl_fail(err, TL_ECONFIG,
		    "LLaMA-Factory refuses mask_history together with "
		    "train_on_prompt");
	return TL_OK;
}

enum tl_status
tl_lf_configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct tl_lf_config *c = TL_NEW(a, struct tl_lf_config, 1);
	const struct tl_option *thinking = given(opts, n, "enable_thinking");
	const struct tl_option *system = given(opts, n, "default_system");
	enum tl_status st;

	c->enables_thinking = true;
	st = tl_options_read(
	    a, "llama-factory", specs, TL_COUNT(specs), opts, n, c, err);
	if (st == TL_OK)
		st = check_options(c, err);
	if (st == TL_OK)
		st = find_template(a, c, err);
	if (st != TL_OK)
		return st;
	read_entry(a, c, opts, n);
	c->says_packing = given(opts, n, "packing") != NULL;
	c->thinking =
	    c->enables_thinking ? TL_LF_THINKING_ON : TL_LF_THINKING_OFF;
	if (thinking != NULL && is_null(a, thinking))
		c->thinking = TL_LF_THINKING_NULL;
	/* An empty text is one, and takes the template's away. */
	if (system != NULL && c->default_system.len == 0 && !is_null(a, system))
		c->default_system = TL_STR("");
	*out = c;
	return TL_OK;
}

/* --- preparing ------------------------------------------------------------ */

static const struct tl_lf_slot own_function[] = { { TL_LF_STRING,
						      "{{content}}" },
	{ TL_LF_EOS, NULL }, { TL_LF_END, NULL } };

/* The writers of tools and calls, and the slot of calls. */
static enum tl_status
open_writer(struct tl_arena *a, struct tl_lf_config *c, struct tl_error *err)
{
	enum tl_lf_tools tools = c->t->tools, calls = c->t->calls;
	size_t n;
	const char *const *names = tl_lf_tools_names(&n);

	c->function = c->t->function;
	if (c->tool_format.len > 0) {
		tools = calls = tl_lf_tools_find(c->tool_format);
		if (tools == TL_LF_NTOOLS)
			return tl_fail_unknown(
			    a, err, "tool_format", c->tool_format, names, n);
		c->function = own_function;
		if ((c->t->traits & TL_LF_EFFICIENT_EOS) != 0) {
			static const struct tl_lf_slot bare[] = {
				{ TL_LF_STRING, "{{content}}" },
				{ TL_LF_END, NULL }
			};

			c->function = bare;
		}
	}
	return tl_lf_writer_open(a, tools, calls, &c->writer, err);
}

static void
read_words(struct tl_lf_config *c)
{
	const struct tl_lf_template *t = c->t;
	bool has_thought = t->thought_words[0] != NULL;
	bool has_call = t->call_words[0] != NULL;

	c->thought[0] =
	    tl_str_from(has_thought ? t->thought_words[0] : "<think>\n");
	c->thought[1] =
	    tl_str_from(has_thought ? t->thought_words[1] : "\n</think>\n\n");
	c->call[0] = tl_str_from(has_call ? t->call_words[0] : "<tool_call>");
	c->call[1] = tl_str_from(has_call ? t->call_words[1] : "</tool_call>");
	c->system = c->default_system.ptr != NULL
	    ? c->default_system
	    : tl_str_from(t->default_system);
}

static struct tl_added_token
special(tl_str s)
{
	return (struct tl_added_token){ .content = s, .is_special = true };
}

/* Stop words become special tokens, and the first of them eos where the
 * template says so. */
static enum tl_status
fix_tokenizer(struct tl_arena *a, struct tl_recipe *r,
    const struct tl_lf_template *t, struct tl_error *err)
{
	const char *const *stop = t->stop_words;
	struct tl_added_token added[8];
	struct tl_tokenizer_change change = { .added = added };

	if ((t->traits & TL_LF_REPLACE_EOS) != 0 && stop != NULL) {
		change.tokens.eos = tl_str_from(*stop++);
		if (!tl_str_eq(change.tokens.eos,
			tl_tokenizer_tokens(r->tokenizer).eos))
			added[change.nadded++] = special(change.tokens.eos);
	} else if (tl_tokenizer_eos(r->tokenizer) < 0) {
		change.tokens.eos = TL_STR("<|endoftext|>");
		added[change.nadded++] = special(change.tokens.eos);
	}
	if (tl_tokenizer_pad(r->tokenizer) < 0)
		change.tokens.pad = change.tokens.eos.len > 0
		    ? change.tokens.eos
		    : tl_tokenizer_tokens(r->tokenizer).eos;
	for (; stop != NULL && *stop != NULL && change.nadded < TL_COUNT(added);
	     stop++)
		added[change.nadded++] = special(tl_str_from(*stop));
	return tl_tokenizer_change(
	    a, r->tokenizer, &change, &r->tokenizer, err);
}

enum tl_status
tl_lf_prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct tl_lf_config *c = TL_NEW(a, struct tl_lf_config, 1);
	enum tl_status st = TL_OK;

	*c = *(const struct tl_lf_config *)r->trainer_config;
	r->trainer_config = c;
	if (c->t == NULL && r->tokenizer != NULL && r->template_ != NULL &&
	    !r->is_default_template)
		st = tl_lf_template_of(a, r, &c->t, err);
	else if (c->t == NULL)
		c->t = find("empty");
	if (st == TL_OK && c->train_on_prompt &&
	    (c->t->traits & TL_LF_EFFICIENT_EOS) != 0)
		st = tl_fail(err, TL_ECONFIG,
		    "LLaMA-Factory refuses train_on_prompt with the template "
		    "%s",
		    c->t->name);
	if (st == TL_OK)
		st = open_writer(a, c, err);
	if (st == TL_OK && r->tokenizer != NULL)
		st = fix_tokenizer(a, r, c->t, err);
	if (st != TL_OK)
		return st;
	read_words(c);
	/* A template with a name goes before the tokenizer's. */
	if (c->template_.len > 0) {
		r->template_ = tl_template_of(a, "llamafactory", c->template_);
		r->is_default_template = false;
	}
	if (c->cutoff_len == 0)
		c->cutoff_len = r->sequence_len > 0 ? r->sequence_len : 2048;
	if (c->packing || c->neat_packing)
		c->cutoff_len--;
	return TL_OK;
}
