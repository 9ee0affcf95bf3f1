/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alpaca: instruction, input, output; system and history as LLaMA-Factory
 * has them.  The user's text is the parts that are not empty, joined by a
 * newline.
 */
#include "format.h"

#include <turnlint/limits.h>

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	(void)opt;
	if (tl_json_get(root, "instruction") != NULL)
		return tl_fit(tl_json_get(root, "output") != NULL ? 48 : 44);
	if (tl_json_get(root, "input") != NULL &&
	    tl_json_get(root, "output") != NULL)
		return tl_near(2, "\"instruction\" is missing");
	return tl_near(0, "\"instruction\" and \"output\" are missing");
}

/* The two strings of a history entry become turns. */
static bool
add_round(struct tl_format_cx *cx, const struct tl_json *pair)
{
	const struct tl_json *user, *answer;

	if (!tl_json_is(pair, TL_JSON_ARRAY) || pair->nchildren != 2)
		return false;
	user = pair->first;
	answer = user->next;
	if (user->kind != TL_JSON_STRING || answer->kind != TL_JSON_STRING)
		return false;
	tl_format_plain_turn(cx, cx->conv->nturns, TL_ROLE_USER, user,
	    tl_text_from_json(cx->arena, user));
	tl_format_plain_turn(cx, cx->conv->nturns, TL_ROLE_ASSISTANT, answer,
	    tl_text_from_json(cx->arena, answer));
	return true;
}

static void
add_history(struct tl_format_cx *cx, const struct tl_json *history)
{
	if (history == NULL || history->kind == TL_JSON_NULL)
		return;
	if (history->kind != TL_JSON_ARRAY) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, history, TL_NO_TURN,
		    TL_STR("a list of [user, assistant] pairs"));
		return;
	}
	for (const struct tl_json *v = history->first; v != NULL; v = v->next)
		if (!add_round(cx, v))
			tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN,
			    TL_STR("a list of two strings, what the user and "
				   "what the assistant said"));
}

/* instruction and input in one text of up to two content runs. */
static struct tl_text
user_text(struct tl_format_cx *cx, const struct tl_json *root)
{
	static const char *const keys[] = { "instruction", "input" };
	struct tl_text parts[3];
	size_t n = 0;

	for (size_t i = 0; i < TL_COUNT(keys); i++) {
		const struct tl_json *v = tl_json_get(root, keys[i]);

		if (v == NULL || v->kind == TL_JSON_NULL)
			continue;
		if (v->kind != TL_JSON_STRING) {
			tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN,
			    TL_STR("a string"));
			continue;
		}
		if (v->text.len == 0)
			continue;
		if (n > 0)
			parts[n++] = tl_text_added(cx->arena, TL_STR("\n"));
		parts[n++] = tl_text_from_json(cx->arena, v);
	}
	return tl_text_concat(cx->arena, parts, n);
}

static void
add_answer(struct tl_format_cx *cx, const struct tl_json *root, const char *key)
{
	const struct tl_json *v = tl_json_get(root, key);

	if (v == NULL || v->kind == TL_JSON_NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_OUTPUT,
		    v != NULL ? v : root, TL_NO_TURN,
		    tl_json_get(root, "response") != NULL ? TL_STR("response")
							  : TL_STR(""));
		return;
	}
	if (v->kind != TL_JSON_STRING) {
		tl_format_issue(
		    cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN, TL_STR("a string"));
		return;
	}
	tl_format_plain_turn(cx, cx->conv->nturns, TL_ROLE_ASSISTANT, v,
	    tl_text_from_json(cx->arena, v))
	    ->in_completion = true;
}

void
tl_format_instruction(
    struct tl_format_cx *cx, const struct tl_json *root, const char *answer)
{
	struct tl_conv *conv = cx->conv;
	const struct tl_json *instruction = tl_json_get(root, "instruction");
	const struct tl_json *history = tl_json_get(root, "history");
	size_t nrounds = 0;

	conv->kind = TL_CONV_CHAT;
	if (instruction == NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, root, TL_NO_TURN,
		    TL_STR("instruction"));
		conv->is_broken = true;
		return;
	}
	if (tl_json_is(history, TL_JSON_ARRAY))
		nrounds = history->nchildren;
	if (nrounds > TL_MAX_TURNS) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, history, TL_NO_TURN,
		    TL_STR("at most 1000000 rounds"));
		conv->is_broken = true;
		return;
	}
	tl_format_reserve(cx, 2 * nrounds + 3);
	add_history(cx, history);
	tl_format_plain_turn(
	    cx, conv->nturns, TL_ROLE_USER, instruction, user_text(cx, root));
	add_answer(cx, root, answer);
	tl_format_system_column(cx, tl_json_get(root, "system"), false);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	(void)conv;
	tl_format_instruction(cx, root, "output");
}

const struct tl_format tl_format_alpaca = {
	.name = "alpaca",
	.summary = "instruction, input and output, perhaps with history "
		   "(Alpaca, LLaMA-Factory)",
	.shape = "{\"instruction\": \"…\", \"input\": \"…\", \"output\": "
		 "\"…\", \"system\": \"…\", \"history\": [[\"…\", \"…\"]]}",
	.family = "alpaca",
	.keys = { "instruction" },
	.detect = detect,
	.build = build,
};
