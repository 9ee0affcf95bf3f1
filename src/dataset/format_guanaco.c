/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guanaco: axolotl's sharegpt.load_guanaco, conversations with role and text;
 * the user is called prompter.
 */
#include "format.h"

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *m = NULL;

	(void)opt;
	tl_format_list_shape(tl_json_get(root, "conversations"), &m);
	if (tl_json_get(m, "role") == NULL)
		return tl_near(0, "\"role\" is missing in turn 0");
	if (tl_json_get(m, "text") == NULL)
		return tl_near(0, "\"text\" is missing in turn 0");
	return tl_fit(tl_json_get(m, "from") == NULL ? 55 : 40);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	static const struct tl_role_map roles[] = {
		{ TL_LIT("user"), TL_LIT("prompter") },
	};
	const struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("text"),
		.roles = roles,
		.nroles = TL_COUNT(roles),
	};
	tl_str key = TL_STR("conversations");

	conv->kind = TL_CONV_CHAT;
	tl_format_messages(cx, root, tl_json_get_str(root, key), key, &layout);
}

const struct tl_format tl_format_guanaco = {
	.name = "guanaco",
	.summary = "conversations with role and text (axolotl's "
		   "sharegpt.load_guanaco)",
	.shape = "{\"conversations\": [{\"role\": \"prompter\", \"text\": "
		 "\"…\"}, {\"role\": \"assistant\", \"text\": \"…\"}]}",
	.family = "guanaco",
	.keys = { "conversations" },
	.detect = detect,
	.build = build,
};
