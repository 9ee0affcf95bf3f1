/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ultrachat: axolotl's sharegpt.load_ultrachat, messages with role and
 * content.  The shape is openai's, so it is never detected, only named.
 */
#include "format.h"

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	(void)root;
	(void)opt;
	return tl_near(0, NULL);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("content"),
		.roles = tl_sharegpt_roles,
		.nroles = tl_nsharegpt_roles,
	};
	tl_str key = TL_STR("messages");

	conv->kind = TL_CONV_CHAT;
	tl_format_messages(cx, root, tl_json_get_str(root, key), key, &layout);
}

const struct tl_format tl_format_ultrachat = {
	.name = "ultrachat",
	.summary = "messages with role and content (axolotl's "
		   "sharegpt.load_ultrachat)",
	.shape = "{\"messages\": [{\"role\": \"user\", \"content\": \"…\"}, "
		 "{\"role\": \"assistant\", \"content\": \"…\"}]}",
	.family = "messages",
	.detect = detect,
	.build = build,
};
