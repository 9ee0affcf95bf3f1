/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openai: a list of messages with role and content, as OpenAI, transformers
 * and TRL take it.  Roles are not mapped and all keys reach the template.
 * mistral-finetune calls the list "interactions" if it likes.
 */
#include "format.h"

static const char *
list_key(const struct tl_json *root)
{
	if (tl_json_get(root, "messages") == NULL &&
	    tl_json_get(root, "interactions") != NULL)
		return "interactions";
	return "messages";
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *list, *m;

	(void)opt;
	list = tl_json_get(root, list_key(root));
	switch (tl_format_list_shape(list, &m)) {
	case TL_LIST_ABSENT:
		return tl_near(1, "\"messages\" is missing");
	case TL_LIST_NULL:
	case TL_LIST_OTHER:
	case TL_LIST_SCALARS:
		return tl_fit(30);
	case TL_LIST_EMPTY:
		return tl_fit(40);
	case TL_LIST_OBJECTS:
		break;
	}
	if (tl_json_get(m, "role") != NULL)
		return tl_fit(60);
	if (tl_json_get(m, "content") != NULL)
		return tl_fit(50);
	if (tl_json_get(m, "from") != NULL && tl_json_get(m, "value") != NULL)
		return tl_near(4,
		    "\"role\" and \"content\" are missing in "
		    "turn 0 (\"from\" and \"value\" belong under "
		    "\"conversations\")");
	return tl_near(4, "\"role\" is missing in turn 0");
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	static const char *const rivals[] = { "interactions", "conversations",
		NULL };
	static const char *const tool_rivals[] = { "available_tools", NULL };
	const struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("content"),
	};
	const char *key = list_key(root);
	const struct tl_json *tools = tl_json_get(root, "tools");

	conv->kind = TL_CONV_CHAT;
	tl_format_rivals(cx, root, "messages", rivals);
	tl_format_rivals(cx, root, "tools", tool_rivals);
	tl_format_tools(
	    cx, tools != NULL ? tools : tl_json_get(root, "available_tools"));
	tl_format_messages(
	    cx, root, tl_json_get(root, key), tl_str_from(key), &layout);
}

const struct tl_format tl_format_openai = {
	.name = "openai",
	.summary = "messages with role and content (OpenAI, TRL, "
		   "transformers)",
	.shape = "{\"messages\": [{\"role\": \"user\", \"content\": \"…\"}, "
		 "{\"role\": \"assistant\", \"content\": \"…\"}], "
		 "\"tools\": […]}",
	.family = "messages",
	.keys = { "messages", "interactions" },
	.detect = detect,
	.build = build,
};
