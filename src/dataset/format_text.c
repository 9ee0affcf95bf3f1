/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: one string, plain or rendered beforehand; every token is trained.
 */
#include "format.h"

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *v = tl_json_get(root, "text");

	(void)opt;
	if (v == NULL)
		return tl_near(0, "\"text\" is missing");
	return tl_fit(tl_json_is(v, TL_JSON_STRING) ? 20 : 10);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	bool ok;

	conv->kind = TL_CONV_TEXT;
	conv->text = tl_format_string(cx, root, "text", &ok);
	conv->is_broken = !ok;
}

const struct tl_format tl_format_text = {
	.name = "text",
	.summary = "one text, plain or rendered beforehand (pre-training, "
		   "TRL)",
	.shape = "{\"text\": \"…\"}",
	.family = "text",
	.keys = { "text" },
	.detect = detect,
	.build = build,
};
