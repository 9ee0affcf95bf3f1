/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/trainer.h>

#include <string.h>

#include "names.h"

#define DEFAULT_TEMPLATE "chatml"
#define DEFAULT_TRAINER "reference"

struct tl_recipe_thread {
	struct tl_arena *arena; /* holds this struct */
	const struct tl_recipe *recipe;
	struct tl_encoder *encoder;	  /* NULL without a tokenizer */
	struct tl_recipe_thread **others; /* of recipe->others */
};

static enum tl_status
open_format(struct tl_arena *a, const char *name, const struct tl_format **out,
    struct tl_error *err)
{
	size_t n;
	const struct tl_format *const *formats = tl_formats(&n);
	const char **names = TL_NEW(a, const char *, n);

	if (name == NULL)
		return TL_OK;
	*out = tl_format_find(tl_str_from(name));
	if (*out != NULL)
		return TL_OK;
	for (size_t i = 0; i < n; i++)
		names[i] = formats[i]->name;
	return tl_fail_unknown(a, err, "format", tl_str_from(name), names, n);
}

static enum tl_status
open_trainer(struct tl_arena *a, const struct tl_recipe_spec *spec,
    struct tl_recipe *r, struct tl_error *err)
{
	const char *name =
	    spec->trainer != NULL ? spec->trainer : DEFAULT_TRAINER;
	size_t n;
	const struct tl_trainer *const *all = tl_trainers(&n);
	const char **names = TL_NEW(a, const char *, n);

	r->trainer = tl_trainer_find(tl_str_from(name));
	if (r->trainer == NULL) {
		for (size_t i = 0; i < n; i++)
			names[i] = all[i]->name;
		return tl_fail_unknown(
		    a, err, "trainer", tl_str_from(name), names, n);
	}
	if (r->trainer->configure != NULL)
		return r->trainer->configure(a, spec->trainer_options,
		    spec->ntrainer_options, &r->trainer_config, err);
	if (spec->ntrainer_options > 0)
		return tl_fail(
		    err, TL_ECONFIG, "the trainer %s has no options", name);
	return TL_OK;
}

static enum tl_status
open_tokenizer(struct tl_arena *a, const struct tl_recipe_spec *spec,
    struct tl_recipe *r, struct tl_error *err)
{
	struct tl_tokenizer_options opt = { .n = spec->ntokenizer_options };
	struct tl_tokenizer *t = NULL;
	enum tl_status st;

	r->is_default_tokenizer = spec->tokenizer == NULL && spec->use_defaults;
	if (spec->tokenizer == NULL && !r->is_default_tokenizer) {
		if (opt.n > 0)
			return tl_fail(err, TL_ECONFIG,
			    "a tokenizer option needs a tokenizer");
		return TL_OK;
	}
	opt.names = TL_NEW(a, tl_str, opt.n);
	opt.values = TL_NEW(a, tl_str, opt.n);
	for (size_t i = 0; i < opt.n; i++) {
		opt.names[i] = spec->tokenizer_options[i].name;
		opt.values[i] = spec->tokenizer_options[i].value;
	}
	st = tl_tokenizer_load(a, spec->tokenizer, &opt, &t, err);
	if (st == TL_OK)
		r->tokenizer = t;
	return st;
}

/* The template of that name in the folder of the tokenizer. */
static bool
is_beside(struct tl_arena *a, const char *tokenizer, const char *name,
    struct tl_template **out)
{
	const char *slash = strrchr(tokenizer, '/');
	tl_str folder = slash == NULL
	    ? TL_STR(".")
	    : (tl_str){ tokenizer, (size_t)(slash - tokenizer) };
	struct tl_error err;

	return tl_template_load(a, tl_arena_printf(a, "%s#%s", tokenizer, name),
		   out, &err) == TL_OK ||
	    tl_template_load(a,
		tl_arena_printf(a, "%s#%s", tl_arena_cstr(a, folder), name),
		out, &err) == TL_OK;
}

/* By its own name, or by the one it has in the tokenizer's set: in the file
 * itself, or in the folder of it, where transformers looks for
 * additional_chat_templates. */
static enum tl_status
load_template(struct tl_arena *a, const struct tl_recipe_spec *spec,
    const char *name, const struct tl_recipe *r, struct tl_template **out,
    struct tl_error *err)
{
	enum tl_status st = tl_template_load(a, name, out, err);
	tl_str source = { NULL, 0 };

	if (st != TL_ENOENT || r->tokenizer == NULL || r->is_default_tokenizer)
		return st;
	source = tl_tokenizer_chat_template(r->tokenizer, tl_str_from(name));
	if (source.len > 0)
		return tl_template_compile(
		    a, tl_str_from(name), source, out, err);
	return is_beside(a, spec->tokenizer, name, out) ? TL_OK : st;
}

/* axolotl's tokenizer_default_fallback_NAME: the tokenizer's own template, or
 * NAME when it has none.  NULL: the tokenizer's own. */
static const char *
wanted_template(
    struct tl_arena *a, const struct tl_recipe_spec *spec, bool has_own)
{
	const tl_str fallback = TL_STR("tokenizer_default_fallback_");
	const char *name = spec->template_;

	if (name == NULL || !tl_str_starts(tl_str_from(name), fallback))
		return name;
	return has_own ? NULL
		       : tl_arena_printf(a, "axolotl:%s", name + fallback.len);
}

static enum tl_status
add_tool_use(struct tl_arena *a, const struct tl_recipe *r,
    struct tl_template *t, struct tl_error *err)
{
	tl_str source =
	    tl_tokenizer_chat_template(r->tokenizer, TL_STR("tool_use"));
	struct tl_template *tool_use;
	enum tl_status st;

	if (source.len == 0)
		return TL_OK;
	st = tl_template_compile(a, TL_STR("tool_use"), source, &tool_use, err);
	if (st == TL_OK)
		tl_template_set_tool_use(t, tool_use);
	return st;
}

static enum tl_status
open_template(struct tl_arena *a, const struct tl_recipe_spec *spec,
    struct tl_recipe *r, struct tl_error *err)
{
	struct tl_template *t = NULL;
	const char *wanted;
	enum tl_status st = TL_OK;
	tl_str source = { NULL, 0 };

	if (spec->is_tokenizer_only)
		return TL_OK;
	if (r->tokenizer != NULL && !r->is_default_tokenizer)
		source = tl_tokenizer_chat_template(r->tokenizer, TL_STR(""));
	wanted = wanted_template(a, spec, source.len > 0);
	if (wanted != NULL) {
		st = load_template(a, spec, wanted, r, &t, err);
	} else if (source.len > 0) {
		const char *from =
		    tl_tokenizer_chat_template_origin(r->tokenizer);

		st = tl_template_compile(a,
		    tl_str_from(from != NULL ? from : "chat_template"), source,
		    &t, err);
		if (st == TL_OK)
			st = add_tool_use(a, r, t, err);
	} else if (spec->use_defaults) {
		r->is_default_template = true;
		st = tl_template_load(a, DEFAULT_TEMPLATE, &t, err);
	}
	if (st == TL_OK)
		r->template_ = t;
	return st;
}

enum tl_status
tl_recipe_open(struct tl_arena *a, const struct tl_recipe_spec *spec,
    struct tl_recipe **out, struct tl_error *err)
{
	struct tl_recipe *r = TL_NEW(a, struct tl_recipe, 1);
	enum tl_status st;

	st = open_format(a, spec->format, &r->format, err);
	if (st == TL_OK)
		st = open_trainer(a, spec, r, err);
	if (st == TL_OK)
		st = open_tokenizer(a, spec, r, err);
	if (st == TL_OK)
		st = open_template(a, spec, r, err);
	if (st != TL_OK)
		return st;
	r->title = spec->name != NULL ? spec->name : r->trainer->name;
	r->format_options = spec->format_options;
	r->sequence_len = spec->sequence_len;
	r->render_options.now = spec->now;
	if (r->trainer->prepare != NULL)
		st = r->trainer->prepare(a, r, err);
	if (st != TL_OK)
		return st;
	/* A template that was asked for is not given the tokens of a tokenizer
	 * that only fills the gap. */
	if (r->tokenizer != NULL &&
	    (!r->is_default_tokenizer || spec->template_ == NULL))
		r->render_options.tokens = tl_tokenizer_tokens(r->tokenizer);
	else if (r->template_ != NULL)
		r->render_options.tokens = tl_template_tokens(r->template_);
	r->can_render = r->template_ != NULL || !r->trainer->wants_render ||
	    r->trainer->takes_plain;
	r->can_tokenize = r->tokenizer != NULL;
	*out = r;
	return TL_OK;
}

struct tl_recipe_thread *
tl_recipe_thread_new(const struct tl_recipe *r, tl_oom_fn *oom, void *ctx)
{
	struct tl_arena *a = tl_arena_new(oom, ctx);
	struct tl_recipe_thread *t = TL_NEW(a, struct tl_recipe_thread, 1);

	t->arena = a;
	t->recipe = r;
	if (r->tokenizer != NULL)
		t->encoder = tl_encoder_new(r->tokenizer, oom, ctx);
	t->others = TL_NEW(a, struct tl_recipe_thread *, r->nothers);
	for (size_t i = 0; i < r->nothers; i++)
		t->others[i] = tl_recipe_thread_new(r->others[i], oom, ctx);
	return t;
}

void
tl_recipe_thread_free(struct tl_recipe_thread *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->recipe->nothers; i++)
		tl_recipe_thread_free(t->others[i]);
	if (t->encoder != NULL)
		tl_encoder_free(t->encoder);
	tl_arena_free(t->arena);
}

struct tl_encoder *
tl_recipe_encoder(struct tl_recipe_thread *t)
{
	return t->encoder;
}

/* What the trained text is before any trainer: the template on a
 * conversation; texts and segments as they stand, since nothing templates
 * them again.  NULL when there is no template for a conversation. */
static const struct tl_render *
render(
    const struct tl_recipe *r, struct tl_arena *a, const struct tl_conv *conv)
{
	struct tl_render *out = TL_NEW(a, struct tl_render, 1);
	struct tl_text *parts;

	switch (conv->kind) {
	case TL_CONV_TEXT:
		out->text = conv->text;
		return out;
	case TL_CONV_SEGMENTS:
		parts = TL_NEW(a, struct tl_text, conv->nsegments);
		for (size_t i = 0; i < conv->nsegments; i++)
			parts[i] = conv->segments[i].text;
		out->text = tl_text_concat(a, parts, conv->nsegments);
		return out;
	case TL_CONV_TOKENS:
		return NULL;
	case TL_CONV_CHAT:
	case TL_CONV_PAIR:
		break;
	}
	if (r->template_ == NULL)
		return NULL;
	tl_template_render(
	    r->template_, a, conv, conv->nturns, &r->render_options, out);
	return out;
}

static const struct tl_sample *
label(struct tl_recipe_thread *t, struct tl_arena *a,
    const struct tl_facts *facts)
{
	const struct tl_recipe *r = t->recipe;
	struct tl_sample *out = TL_NEW(a, struct tl_sample, 1);
	struct tl_trainer_cx cx = {
		.recipe = r,
		.encoder = t->encoder,
		.arena = a,
		.record = facts->record,
		.render = facts->render,
	};

	r->trainer->label(&cx, facts->conv, out);
	if (out->is_built)
		tl_sample_index(a, facts->conv, out);
	return out;
}

void
tl_recipe_run(struct tl_recipe_thread *t, struct tl_arena *a,
    struct tl_record *rec, enum tl_stage stage, struct tl_facts *out)
{
	const struct tl_recipe *r = t->recipe;
	struct tl_conv *conv;

	memset(out, 0, sizeof(*out));
	out->record = rec;
	out->recipe = r;
	if (rec->is_cut)
		return;
	if (rec->doc.root == NULL && tl_record_parse(a, rec) != TL_OK)
		return;
	if (stage < TL_STAGE_CONV)
		return;
	conv = TL_NEW(a, struct tl_conv, 1);
	tl_conv_build(a, rec, r->format, r->format_options, conv);
	out->conv = conv;
	if (stage < TL_STAGE_RENDER ||
	    (conv->is_broken && !r->trainer->reads_record))
		return;
	if (!conv->is_broken)
		out->render = render(r, a, conv);
	if (r->tokenizer != NULL && stage >= TL_STAGE_SAMPLE)
		out->sample = label(t, a, out);
}

void
tl_recipe_run_other(struct tl_recipe_thread *t, size_t i, struct tl_arena *a,
    struct tl_record *rec, struct tl_facts *out)
{
	tl_recipe_run(t->others[i], a, rec, TL_STAGE_SAMPLE, out);
}
