/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prompt_completion: TRL's two columns, both strings or both message lists.
 * Only the completion is trained.
 */
#include "format.h"

#include <turnlint/limits.h>

/* Other names of the two columns. */
static bool
has_question_and_answer(const struct tl_json *root)
{
	static const char *const questions[] = { "question", "query",
		"instruction", "input", "user", "human" };
	static const char *const answers[] = { "answer", "response", "output",
		"reply", "assistant", "bot", "target", "solution" };
	bool has_question = false, has_answer = false;

	for (size_t i = 0; i < TL_COUNT(questions); i++)
		has_question |= tl_json_get(root, questions[i]) != NULL;
	for (size_t i = 0; i < TL_COUNT(answers); i++)
		has_answer |= tl_json_get(root, answers[i]) != NULL;
	return has_question && has_answer;
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	bool has_prompt = tl_json_get(root, "prompt") != NULL;
	bool has_completion = tl_json_get(root, "completion") != NULL;

	(void)opt;
	if (has_prompt && has_completion)
		return tl_fit(46);
	if (has_prompt)
		return tl_near(2, "\"completion\" is missing");
	if (has_completion)
		return tl_near(2, "\"prompt\" is missing");
	if (has_question_and_answer(root))
		return tl_near(2, "\"prompt\" and \"completion\" are missing");
	return tl_near(0, NULL);
}

static void
build_lists(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *prompt, const struct tl_json *completion)
{
	struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("content"),
	};

	cx->conv->kind = TL_CONV_CHAT;
	if (prompt->nchildren <= TL_MAX_TURNS &&
	    completion->nchildren <= TL_MAX_TURNS)
		tl_format_reserve(
		    cx, (size_t)prompt->nchildren + completion->nchildren + 1);
	tl_format_tools(cx, tl_json_get(root, "tools"));
	if (!tl_format_messages(cx, root, prompt, TL_STR("prompt"), &layout))
		return;
	layout.in_completion = true;
	tl_format_messages(cx, root, completion, TL_STR("completion"), &layout);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *prompt = tl_json_get(root, "prompt");
	const struct tl_json *completion = tl_json_get(root, "completion");
	bool has_list = tl_json_is(prompt, TL_JSON_ARRAY);

	if (has_list && tl_json_is(completion, TL_JSON_ARRAY)) {
		build_lists(cx, root, prompt, completion);
	} else if (has_list && completion != NULL) {
		conv->kind = TL_CONV_CHAT;
		conv->is_broken = true;
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, completion, TL_NO_TURN,
		    TL_STR("a list of messages, as the prompt is one"));
	} else {
		tl_format_pair(cx, root, "prompt", "completion");
	}
}

const struct tl_format tl_format_prompt_completion = {
	.name = "prompt_completion",
	.summary = "prompt and completion, strings or message lists (TRL)",
	.shape = "{\"prompt\": \"…\", \"completion\": \"…\"}",
	.family = "prompt_completion",
	.keys = { "prompt" },
	.detect = detect,
	.build = build,
};
