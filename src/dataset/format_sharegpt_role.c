/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sharegpt_role: axolotl's sharegpt.load_role, conversations with role and
 * value.
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
	if (tl_json_get(m, "value") == NULL)
		return tl_near(0, "\"value\" is missing in turn 0");
	return tl_fit(tl_json_get(m, "from") == NULL ? 56 : 40);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("value"),
		.roles = tl_sharegpt_roles,
		.nroles = tl_nsharegpt_roles,
	};
	tl_str key = TL_STR("conversations");

	conv->kind = TL_CONV_CHAT;
	tl_format_tools(cx, tl_json_get(root, "tools"));
	if (tl_format_messages(
		cx, root, tl_json_get_str(root, key), key, &layout))
		tl_format_system_column(cx, tl_json_get(root, "system"), false);
}

const struct tl_format tl_format_sharegpt_role = {
	.name = "sharegpt_role",
	.summary = "conversations with role and value (axolotl's "
		   "sharegpt.load_role)",
	.shape = "{\"conversations\": [{\"role\": \"human\", \"value\": "
		 "\"…\"}, {\"role\": \"gpt\", \"value\": \"…\"}]}",
	.family = "sharegpt_role",
	.keys = { "conversations" },
	.detect = detect,
	.build = build,
};
