/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openai: what the fine-tuning services of OpenAI's format say they train.
 *
 * Assistant messages whose weight is not 0 carry loss, all others none; flags
 * of other frameworks have no effect.  Neither template nor tokenizer of the
 * service is public: the mask is drawn on the recipe's, by provenance, and the
 * marker that ends a trained message is trained with it.  A file with a record
 * that breaks the documented format is refused.
 */
#include "whole.h"

#include <turnlint/buf.h>

#define WHO "the service"

static bool
is_known_role(tl_str role)
{
	static const char *const known[] = { "system", "developer", "user",
		"assistant", "tool", "function" };

	for (size_t i = 0; i < TL_COUNT(known); i++)
		if (tl_str_eq(role, tl_str_from(known[i])))
			return true;
	return false;
}

static bool
says_something(const struct tl_turn *t)
{
	static const char *const keys[] = { "tool_calls", "function_call",
		"refusal", "audio" };

	if (t->content_node != NULL && t->content_node->kind != TL_JSON_NULL)
		return true;
	if (t->role != TL_ROLE_ASSISTANT || t->node == NULL)
		return false;
	for (size_t i = 0; i < TL_COUNT(keys); i++) {
		const struct tl_json *v = tl_json_get(t->node, keys[i]);

		if (v != NULL && v->kind != TL_JSON_NULL)
			return true;
	}
	return false;
}

/* Why the service refuses the message, or NULL. */
static const char *
fault_of(const struct tl_turn *t)
{
	const struct tl_json *weight = t->weight_node;

	if (t->role_node == NULL || !is_known_role(t->role_node->text))
		return "its role is none of system, developer, user, "
		       "assistant, tool and function";
	if (!says_something(t))
		return "it has no content";
	if (weight == NULL || weight->kind == TL_JSON_NULL)
		return NULL;
	if (t->role != TL_ROLE_ASSISTANT)
		return "only assistant messages have a weight";
	if (weight->kind != TL_JSON_NUMBER ||
	    (weight->number != 0 && weight->number != 1))
		return "its weight is neither 0 nor 1";
	return NULL;
}

static bool
is_accepted(const struct tl_trainer_cx *cx, const struct tl_conv *chat,
    struct tl_sample *out)
{
	bool has_answer = false;

	for (size_t i = 0; i < chat->nturns; i++) {
		const char *fault = fault_of(&chat->turns[i]);

		if (fault != NULL) {
			tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
			    WHO " refuses the file: message %zu: %s", i, fault);
			return false;
		}
		has_answer |= chat->turns[i].role == TL_ROLE_ASSISTANT;
	}
	if (!has_answer)
		tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
		    WHO " refuses the file: the record has no assistant "
			"message");
	return has_answer;
}

/* Without the flags of other frameworks. */
static const struct tl_conv *
with_weights_only(struct tl_arena *a, const struct tl_conv *chat)
{
	struct tl_conv *copy = TL_NEW(a, struct tl_conv, 1);
	struct tl_turn *turns = tl_conv_copy(a, chat, copy);

	for (size_t i = 0; i < chat->nturns; i++) {
		struct tl_part *parts =
		    TL_NEW(a, struct tl_part, turns[i].nparts);

		for (size_t k = 0; k < turns[i].nparts; k++) {
			parts[k] = turns[i].parts[k];
			parts[k].train = TL_FLAG_UNSET;
		}
		turns[i].parts = parts;
		turns[i].train = TL_FLAG_UNSET;
		turns[i].train_node = NULL;
		turns[i].detail_node = NULL;
		turns[i].details = NULL;
		turns[i].ndetails = 0;
	}
	return copy;
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct tl_trainer *reference =
	    tl_trainer_find(TL_STR("reference"));
	const struct tl_conv *chat = tl_whole_conv(cx, conv, "openai");
	struct tl_render render = { .fault = TL_RENDER_OK };
	struct tl_trainer_cx own = *cx;

	if (chat->is_broken) {
		tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
		    WHO " refuses the file: the record has no list of "
			"messages");
		return;
	}
	if (!is_accepted(cx, chat, out))
		return;
	if (cx->recipe->template_ != NULL) {
		tl_template_render(cx->recipe->template_, cx->arena, chat,
		    chat->nturns, &cx->recipe->render_options, &render);
		own.render = &render;
	}
	reference->label(&own, with_weights_only(cx->arena, chat), out);
}

const struct tl_trainer tl_trainer_openai = {
	.name = "openai",
	.summary = "OpenAI's format: assistant messages whose weight is not 0",
	.wants_render = true,
	.reads_record = true,
	.label = label,
};
