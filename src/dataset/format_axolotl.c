/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: type chat_template.  The keys of the list, of role, content, train
 * and train_detail are the user's; a roles map given replaces the default one;
 * a system column becomes the first turn; the list may be a JSON string.
 * Behaviour: axolotl's chat_template strategy, v0.7 and later.
 */
#include "format.h"

static const struct tl_role_map default_roles[] = {
	{ TL_LIT("user"), TL_LIT("human") },
	{ TL_LIT("assistant"), TL_LIT("gpt") },
};

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	tl_str key = tl_format_key(opt->field_messages, "messages");
	tl_str role_key = tl_format_key(opt->field_role, "role");
	const struct tl_json *list = tl_json_get_str(root, key);
	const struct tl_json *m = NULL;

	if (tl_json_is(list, TL_JSON_STRING))
		return tl_str_starts(tl_str_trim(list->text), TL_STR("["))
		    ? tl_fit(55)
		    : tl_near(0, NULL);
	tl_format_list_shape(list, &m);
	if (tl_json_get_str(m, role_key) == NULL)
		return tl_near(0, NULL);
	if (opt->field_messages.len > 0 || opt->field_role.len > 0 ||
	    opt->field_content.len > 0)
		return tl_fit(62);
	if (tl_json_is(tl_json_get(root, "system"), TL_JSON_STRING))
		return tl_fit(62);
	return tl_near(0, NULL);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	static const char *const rivals[] = { "conversations", "interactions",
		NULL };
	const struct tl_format_options *opt = cx->opt;
	const struct tl_message_layout layout = {
		.role_key = tl_format_key(opt->field_role, "role"),
		.content_key = tl_format_key(opt->field_content, "content"),
		.roles = opt->nroles > 0 ? opt->roles : default_roles,
		.nroles =
		    opt->nroles > 0 ? opt->nroles : TL_COUNT(default_roles),
		.as_axolotl = true,
	};
	tl_str key = tl_format_key(opt->field_messages, "messages");
	const struct tl_json *list = tl_json_get_str(root, key);

	conv->kind = TL_CONV_CHAT;
	if (opt->field_messages.len == 0)
		tl_format_rivals(cx, root, "messages", rivals);
	tl_format_tools(cx,
	    tl_json_get_str(root, tl_format_key(opt->field_tools, "tools")));
	if (conv->tools != NULL)
		conv->tools = tl_format_as_axolotl(cx, conv->tools);
	if (tl_json_is(list, TL_JSON_STRING)) {
		const struct tl_json *inner = tl_format_nested(cx, list);

		if (inner != NULL)
			list = inner;
	}
	if (!tl_format_messages(cx, root, list, key, &layout))
		return;
	tl_format_system_column(cx,
	    tl_json_get_str(root, tl_format_key(opt->field_system, "system")),
	    true);
}

const struct tl_format tl_format_axolotl = {
	.name = "axolotl",
	.summary = "messages with keys and roles as configured (axolotl's "
		   "chat_template)",
	.shape = "{\"messages\": [{\"role\": \"user\", \"content\": \"…\"}, "
		 "{\"role\": \"assistant\", \"content\": \"…\", \"train\": "
		 "true}], \"system\": \"…\", \"tools\": […]}",
	.family = "messages",
	.keys = { "messages" },
	.detect = detect,
	.build = build,
};
