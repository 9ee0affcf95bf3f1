/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pygmalion: conversations with role and value; the roles are system, human
 * and bot.
 */
#include "format.h"

/* The bot speaks within the first messages, or it is another format. */
static bool
has_bot(const struct tl_json *list)
{
	const struct tl_json *m = list->first;

	for (int i = 0; i < 3 && m != NULL; i++, m = m->next)
		if (tl_str_eq(tl_json_text(tl_json_get(m, "role"), TL_STR("")),
			TL_STR("bot")))
			return true;
	return false;
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *list = tl_json_get(root, "conversations");
	const struct tl_json *m = NULL;

	(void)opt;
	tl_format_list_shape(list, &m);
	if (tl_json_get(m, "role") == NULL || tl_json_get(m, "value") == NULL)
		return tl_near(0, NULL);
	return has_bot(list) ? tl_fit(57) : tl_near(0, NULL);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	static const struct tl_role_map roles[] = {
		{ TL_LIT("user"), TL_LIT("human") },
		{ TL_LIT("assistant"), TL_LIT("bot") },
	};
	const struct tl_message_layout layout = {
		.role_key = TL_STR("role"),
		.content_key = TL_STR("value"),
		.roles = roles,
		.nroles = TL_COUNT(roles),
	};
	tl_str key = TL_STR("conversations");

	conv->kind = TL_CONV_CHAT;
	tl_format_messages(cx, root, tl_json_get_str(root, key), key, &layout);
}

const struct tl_format tl_format_pygmalion = {
	.name = "pygmalion",
	.summary = "conversations with role and value; human and bot "
		   "(axolotl's pygmalion)",
	.shape = "{\"conversations\": [{\"role\": \"human\", \"value\": "
		 "\"…\"}, {\"role\": \"bot\", \"value\": \"…\"}]}",
	.family = "pygmalion",
	.keys = { "conversations" },
	.detect = detect,
	.build = build,
};
