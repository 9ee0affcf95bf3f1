/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jokes: axolotl's sharegpt_jokes.  title, text and explanation become four
 * turns, the user's being always the same.
 */
#include "format.h"

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	(void)opt;
	if (tl_json_get(root, "text") == NULL ||
	    tl_json_get(root, "title") == NULL)
		return tl_near(0, NULL);
	if (tl_json_get(root, "explanation") == NULL)
		return tl_near(0, NULL);
	return tl_fit(30);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *text = tl_json_get(root, "text");
	const struct tl_json *explanation = tl_json_get(root, "explanation");
	bool has_title, has_text, has_explanation;
	struct tl_text joke[3];
	struct tl_text funny;

	conv->kind = TL_CONV_CHAT;
	joke[0] = tl_format_string(cx, root, "title", &has_title);
	joke[1] = tl_text_added(cx->arena, TL_STR(" "));
	joke[2] = tl_format_string(cx, root, "text", &has_text);
	funny = tl_format_string(cx, root, "explanation", &has_explanation);
	if (!has_text || !has_explanation) {
		conv->is_broken = true;
		return;
	}
	tl_format_reserve(cx, 4);
	tl_format_plain_turn(cx, 0, TL_ROLE_USER, NULL,
	    tl_text_added(cx->arena, TL_STR("Tell me a joke.")));
	tl_format_plain_turn(cx, 1, TL_ROLE_ASSISTANT, text,
	    joke[0].str.len > 0 ? tl_text_concat(cx->arena, joke, 3) : joke[2]);
	tl_format_plain_turn(cx, 2, TL_ROLE_USER, NULL,
	    tl_text_added(cx->arena, TL_STR("Why is that joke funny?")));
	tl_format_plain_turn(cx, 3, TL_ROLE_ASSISTANT, explanation, funny);
}

const struct tl_format tl_format_jokes = {
	.name = "jokes",
	.summary = "title, text and explanation (axolotl's sharegpt_jokes)",
	.shape = "{\"title\": \"…\", \"text\": \"…\", \"explanation\": \"…\"}",
	.family = "jokes",
	.keys = { "explanation" },
	.detect = detect,
	.build = build,
};
