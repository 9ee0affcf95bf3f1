/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preference: a prompt with a chosen and a rejected answer, as DPO and reward
 * models take it.
 *
 *	LLaMA-Factory	conversations (or messages) and two message objects;
 *			instruction, input and two strings
 *	TRL		prompt and two answers, strings or message lists;
 *			two whole conversations or texts without a prompt
 *	LMFlow		two objects with messages of their own
 *
 * The conversation is the prompt and the chosen answer; only the answer is
 * trained.  The rejected one is read for its faults and kept as conv->rejected.
 * Without a prompt the messages that both lists begin with are the prompt.
 */
#include "format.h"

#include <turnlint/buf.h>
#include <turnlint/limits.h>

static bool
is_answer(const struct tl_json *v)
{
	return tl_json_is(v, TL_JSON_STRING) || tl_json_is(v, TL_JSON_ARRAY) ||
	    tl_json_is(v, TL_JSON_OBJECT);
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *chosen = tl_json_get(root, "chosen");
	const struct tl_json *rejected = tl_json_get(root, "rejected");

	(void)opt;
	if (chosen != NULL && rejected != NULL)
		return is_answer(chosen) || is_answer(rejected)
		    ? tl_fit(70)
		    : tl_near(3, "\"chosen\" and \"rejected\" are no answers");
	if (chosen != NULL)
		return tl_near(3, "\"rejected\" is missing");
	if (rejected != NULL)
		return tl_near(3, "\"chosen\" is missing");
	return tl_near(0, NULL);
}

/* An answer and what is read of it. */
struct side {
	const char *name;
	const struct tl_json *node;
	const struct tl_json *messages; /* the list; the object itself when it
					 * is one message; NULL for others */
};

static struct side
side_of(const struct tl_json *root, const char *name)
{
	struct side s = { .name = name, .node = tl_json_get(root, name) };

	if (tl_json_is(s.node, TL_JSON_ARRAY))
		s.messages = s.node;
	else if (tl_json_is(s.node, TL_JSON_OBJECT))
		s.messages = tl_json_get(s.node, "messages") != NULL
		    ? tl_json_get(s.node, "messages")
		    : s.node;
	return s;
}

static size_t
length(const struct tl_json *list)
{
	return tl_json_is(list, TL_JSON_ARRAY) ? list->nchildren : 1;
}

static const struct tl_json *
first_message(const struct tl_json *messages)
{
	const struct tl_json *first = NULL;

	if (tl_json_is(messages, TL_JSON_OBJECT))
		return messages;
	tl_format_list_shape(messages, &first);
	return first;
}

static struct tl_message_layout
layout_of(const struct tl_format_cx *cx, const struct tl_json *messages)
{
	const struct tl_json *first = first_message(messages);

	if (tl_json_get(first, "from") != NULL ||
	    tl_json_get(first, "value") != NULL)
		return tl_format_sharegpt_layout(cx->opt, first);
	return (struct tl_message_layout){
		.role_key = tl_format_key(cx->opt->field_role, "role"),
		.content_key = tl_format_key(cx->opt->field_content, "content"),
	};
}

static bool
read_side(struct tl_format_cx *cx, const struct tl_json *root, struct side s)
{
	struct tl_message_layout layout = layout_of(cx, s.messages);

	layout.in_completion = true;
	if (s.messages != s.node || s.messages->kind == TL_JSON_ARRAY)
		return tl_format_messages(
		    cx, root, s.messages, tl_str_from(s.name), &layout);
	tl_format_message(cx, &layout, s.messages, cx->conv->nturns);
	return true;
}

static bool
is_same(
    struct tl_format_cx *cx, const struct tl_json *x, const struct tl_json *y)
{
	struct tl_buf a, b;

	tl_buf_init(&a, cx->arena, 0);
	tl_buf_init(&b, cx->arena, 0);
	tl_json_put_canonical(&a, x);
	tl_json_put_canonical(&b, y);
	return tl_str_eq(tl_buf_str(&a), tl_buf_str(&b));
}

/* What both conversations begin with is the prompt. */
static void
mark_prompt(struct tl_format_cx *cx, struct side chosen, struct side rejected)
{
	const struct tl_json *x = chosen.messages->first;
	const struct tl_json *y = rejected.messages->first;

	for (size_t i = 0; i < cx->conv->nturns && x != NULL && y != NULL;
	     x = x->next, y = y->next) {
		if (!is_same(cx, x, y))
			return;
		if (cx->turns[i].node == x)
			cx->turns[i++].in_completion = false;
	}
}

static void
wrong_type(
    struct tl_format_cx *cx, const struct tl_json *v, const char *expected)
{
	tl_format_issue(
	    cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN, tl_str_from(expected));
	cx->conv->is_broken = true;
}

static void
build_messages(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *prompt, tl_str prompt_key)
{
	struct side chosen = side_of(root, "chosen");
	struct side rejected = side_of(root, "rejected");
	struct tl_conv *conv = cx->conv;
	size_t nprompt;
	const struct tl_json *list;

	if (length(prompt) <= TL_MAX_TURNS &&
	    length(chosen.messages) <= TL_MAX_TURNS &&
	    length(rejected.messages) <= TL_MAX_TURNS)
		tl_format_reserve(cx,
		    length(prompt) + length(chosen.messages) +
			length(rejected.messages) + 1);
	if (prompt != NULL) {
		const struct tl_message_layout layout = layout_of(cx, prompt);

		if (!tl_format_messages(cx, root, prompt, prompt_key, &layout))
			return;
	}
	nprompt = conv->nturns;
	list = conv->messages;
	if (!read_side(cx, root, rejected))
		return;
	conv->nturns = nprompt; /* read for its issues alone */
	conv->messages = list;
	if (!read_side(cx, root, chosen))
		return;
	if (list != NULL)
		conv->messages = list;
	else if (tl_json_is(rejected.messages, TL_JSON_ARRAY) &&
	    tl_json_is(chosen.messages, TL_JSON_ARRAY))
		mark_prompt(cx, chosen, rejected);
	if (chosen.messages != chosen.node)
		root = chosen.node; /* LMFlow: columns of each side */
	tl_format_tools(cx, tl_json_get(root, "tools"));
	tl_format_system_column(cx, tl_json_get(root, "system"), false);
}

static void
build_texts(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *chosen)
{
	if (tl_json_get(root, "prompt") != NULL) {
		tl_format_pair(cx, root, "prompt", "chosen");
	} else if (tl_json_get(root, "instruction") != NULL) {
		cx->conv->kind = TL_CONV_CHAT;
		tl_format_instruction(cx, root, "chosen");
	} else {
		cx->conv->kind = TL_CONV_TEXT;
		cx->conv->text = tl_text_from_json(cx->arena, chosen);
	}
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	static const char *const lists[] = { "conversations", "messages" };
	const struct tl_json *chosen = tl_json_get(root, "chosen");
	const struct tl_json *rejected = tl_json_get(root, "rejected");
	const struct tl_json *prompt = tl_json_get(root, "prompt");
	const char *key = "prompt";

	conv->kind = TL_CONV_CHAT;
	conv->rejected = rejected;
	for (size_t i = 0; i < TL_COUNT(lists); i++) {
		if (prompt == NULL && tl_json_get(root, lists[i]) != NULL) {
			prompt = tl_json_get(root, lists[i]);
			key = lists[i];
		}
	}
	if (chosen == NULL || rejected == NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, root, TL_NO_TURN,
		    chosen == NULL ? TL_STR("chosen") : TL_STR("rejected"));
		conv->is_broken = true;
	} else if (!is_answer(chosen)) {
		wrong_type(cx, chosen, "a string, a message or messages");
	} else if (!is_answer(rejected)) {
		wrong_type(cx, rejected, "a string, a message or messages");
	} else if (tl_json_is(chosen, TL_JSON_STRING) !=
	    tl_json_is(rejected, TL_JSON_STRING)) {
		wrong_type(cx, rejected, "the same as \"chosen\" is");
	} else if (chosen->kind != TL_JSON_STRING) {
		/* A prompt in words beside whole conversations repeats their
		 * first turn. */
		if (tl_json_is(prompt, TL_JSON_STRING))
			prompt = NULL;
		build_messages(cx, root, prompt, tl_str_from(key));
	} else if (prompt != NULL && prompt->kind != TL_JSON_STRING) {
		wrong_type(cx, chosen,
		    "a message or messages, as the prompt is made of them");
	} else {
		build_texts(cx, root, chosen);
	}
}

const struct tl_format tl_format_preference = {
	.name = "preference",
	.summary = "a prompt with a chosen and a rejected answer (DPO: TRL, "
		   "LLaMA-Factory)",
	.shape = "{\"conversations\": [{\"from\": \"human\", \"value\": "
		 "\"…\"}], \"chosen\": {\"from\": \"gpt\", \"value\": \"…\"}, "
		 "\"rejected\": {\"from\": \"gpt\", \"value\": \"…\"}}",
	.family = "preference",
	.keys = { "chosen" },
	.detect = detect,
	.build = build,
};
