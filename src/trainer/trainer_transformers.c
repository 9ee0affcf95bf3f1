/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transformers: apply_chat_template(…, tokenize=True, return_dict=True,
 * return_assistant_tokens_mask=True), with labels where the mask is 1.
 *
 * The record's messages are rendered and tokenized as they stand; tokens inside
 * {% generation %} are trained.  A template without the tag gives a mask of
 * zeros and one warning.  add_generation_prompt and truncation as its arguments
 * of that name; nothing is cut by default.
 */
#include "advice.h"
#include "options.h"
#include "whole.h"

#define WHO "transformers"

struct config {
	bool add_generation_prompt;
	bool truncation;
	size_t max_length; /* 0: the recipe's */
};

static const struct tl_option_spec specs[] = {
	{ "add_generation_prompt", TL_OPTION_BOOL,
	    offsetof(struct config, add_generation_prompt), NULL },
	{ "truncation", TL_OPTION_BOOL, offsetof(struct config, truncation),
	    NULL },
	{ "max_length", TL_OPTION_SIZE, offsetof(struct config, max_length),
	    NULL },
};

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	return tl_options_new(a, WHO, specs, TL_COUNT(specs), opts, n,
	    sizeof(struct config), out, err);
}

/* max_length counts with truncation=True only, and is the tokenizer's own when
 * it is not given. */
static size_t
length_of(const struct tl_trainer_cx *cx, const struct config *c)
{
	int64_t own = tl_tokenizer_facts(cx->recipe->tokenizer)->max_length;

	if (c->truncation && c->max_length > 0)
		return c->max_length;
	if (cx->recipe->sequence_len > 0 || !c->truncation || own < 0)
		return cx->recipe->sequence_len;
	return (size_t)own;
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct config *c = cx->recipe->trainer_config;
	struct tl_render_options opt = cx->recipe->render_options;
	bool has_tag;

	if (conv->kind != TL_CONV_CHAT || conv->is_broken) {
		tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
		    "apply_chat_template takes a list of messages, each an "
		    "object; the record has none");
		return;
	}
	opt.add_generation_prompt = c->add_generation_prompt;
	if (!tl_whole_render(cx, conv, &opt, WHO, out) ||
	    !tl_whole_encode(cx, 0, WHO, out))
		return;
	has_tag = tl_has_generation_tag(cx->recipe->template_);
	if (has_tag)
		tl_label_by_generation(cx->arena, out);
	else
		tl_label_all(cx->arena, out, TL_REASON_OUTSIDE_GENERATION);
	tl_label_finish(cx->arena, out, length_of(cx, c), TL_SIDE_RIGHT);
	if (!has_tag)
		out->why = TL_STR("the template has no {% generation %} tag: "
				  "the assistant mask is all zeros");
}

const struct tl_trainer tl_trainer_transformers = {
	.name = "transformers",
	.summary = "transformers: the assistant mask of apply_chat_template",
	.wants_render = true,
	.reads_record = true,
	.configure = configure,
	.label = label,
	.advise_stop = tl_advise_generation_block,
};
