/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sharegpt: conversations with from and value (axolotl, FastChat,
 * LLaMA-Factory, torchtune).  As in axolotl the first message decides which
 * keys hold role and text.  human, gpt and LLaMA-Factory's function_call and
 * observation are mapped; tools and system may stand beside the list.
 */
#include "format.h"

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *list, *m;
	bool has_role, has_text;

	list = tl_json_get_str(
	    root, tl_format_key(opt->field_messages, "conversations"));
	switch (tl_format_list_shape(list, &m)) {
	case TL_LIST_ABSENT:
		return tl_near(1, "\"conversations\" is missing");
	case TL_LIST_NULL:
	case TL_LIST_OTHER:
	case TL_LIST_SCALARS:
		return tl_fit(30);
	case TL_LIST_EMPTY:
		return tl_fit(40);
	case TL_LIST_OBJECTS:
		break;
	}
	has_role =
	    tl_json_get(m, "from") != NULL || tl_json_get(m, "role") != NULL;
	has_text = tl_json_get(m, "value") != NULL ||
	    tl_json_get(m, "text") != NULL || tl_json_get(m, "content") != NULL;
	if (has_role && has_text)
		return tl_fit(tl_json_get(m, "from") != NULL ? 58 : 52);
	if (has_role || tl_json_get(m, "value") != NULL)
		return tl_fit(50);
	if (has_text)
		return tl_near(4, "\"from\" is missing in turn 0");
	return tl_near(3, "\"from\" and \"value\" are missing in turn 0");
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	static const char *const rivals[] = { "messages", NULL };
	tl_str key = tl_format_key(cx->opt->field_messages, "conversations");
	const struct tl_json *list = tl_json_get_str(root, key);
	const struct tl_json *first = NULL;
	struct tl_message_layout layout;

	tl_format_list_shape(list, &first);
	layout = tl_format_sharegpt_layout(cx->opt, first);
	conv->kind = TL_CONV_CHAT;
	tl_format_rivals(cx, root, "conversations", rivals);
	tl_format_tools(cx, tl_json_get(root, "tools"));
	if (tl_format_messages(cx, root, list, key, &layout))
		tl_format_system_column(cx, tl_json_get(root, "system"), false);
}

const struct tl_format tl_format_sharegpt = {
	.name = "sharegpt",
	.summary = "conversations with from and value (ShareGPT, FastChat, "
		   "LLaMA-Factory)",
	.shape = "{\"conversations\": [{\"from\": \"human\", \"value\": "
		 "\"…\"}, {\"from\": \"gpt\", \"value\": \"…\"}], "
		 "\"system\": \"…\", \"tools\": \"[…]\"}",
	.family = "sharegpt",
	.keys = { "conversations" },
	.detect = detect,
	.build = build,
};
