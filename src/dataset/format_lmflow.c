/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lmflow: an instance of LMFlow's type "conversation".  The system text and
 * the tools, a list of strings, stand beside the messages.
 */
#include "format.h"

static bool
has_string_tools(const struct tl_json *root)
{
	const struct tl_json *tools = tl_json_get(root, "tools");

	return tl_json_is(tools, TL_JSON_ARRAY) &&
	    tl_json_is(tools->first, TL_JSON_STRING);
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *m = NULL;

	(void)opt;
	tl_format_list_shape(tl_json_get(root, "messages"), &m);
	if (tl_json_get(m, "role") == NULL)
		return tl_near(0, NULL);
	if (has_string_tools(root) ||
	    (tl_json_get(root, "conversation_id") != NULL &&
		tl_json_is(tl_json_get(root, "system"), TL_JSON_STRING)))
		return tl_fit(64);
	return tl_near(0, NULL);
}

/* LMFlow knows roles and contents that the reader of messages takes for
 * others. */
static void
judge_turns(struct tl_format_cx *cx)
{
	for (size_t i = 0; i < cx->conv->nturns; i++) {
		struct tl_turn *t = &cx->turns[i];

		if (tl_str_eq(t->role_text, TL_STR("observation")))
			t->role = TL_ROLE_TOOL;
		if (tl_json_is(t->content_node, TL_JSON_ARRAY))
			tl_format_issue(cx, TL_ISSUE_WRONG_TYPE,
			    t->content_node, t->index, TL_STR("a string"));
	}
}

static void
judge_tools(struct tl_format_cx *cx, const struct tl_json *tools)
{
	if (!tl_json_is(tools, TL_JSON_ARRAY))
		return;
	for (const struct tl_json *v = tools->first; v != NULL; v = v->next)
		if (v->kind != TL_JSON_STRING)
			tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN,
			    TL_STR("a string (LMFlow's tools are strings)"));
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("content"),
	};
	static const char *const rivals[] = { "interactions", "conversations",
		NULL };
	static const char *const tool_rivals[] = { "available_tools", NULL };
	tl_str key = TL_STR("messages");
	const struct tl_json *tools = tl_json_get(root, "tools");

	conv->kind = TL_CONV_CHAT;
	tl_format_rivals(cx, root, "messages", rivals);
	tl_format_rivals(cx, root, "tools", tool_rivals);
	tl_format_tools(cx, tools);
	judge_tools(cx, tools);
	if (!tl_format_messages(
		cx, root, tl_json_get_str(root, key), key, &layout))
		return;
	judge_turns(cx);
	tl_format_system_column(cx, tl_json_get(root, "system"), false);
}

const struct tl_format tl_format_lmflow = {
	.name = "lmflow",
	.summary = "messages with system and tools beside them (LMFlow's "
		   "conversation)",
	.shape = "{\"conversation_id\": 1, \"system\": \"…\", \"tools\": "
		 "[\"…\"], \"messages\": [{\"role\": \"user\", \"content\": "
		 "\"…\"}, {\"role\": \"assistant\", \"content\": \"…\"}]}",
	.family = "messages",
	.keys = { "messages" },
	.detect = detect,
	.build = build,
};
