/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lmflow_text: an instance of LMFlow's type "text_only".  The shape is that of
 * text, so only the file's type or the user can name it.
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
	bool ok;

	conv->kind = TL_CONV_TEXT;
	conv->text = tl_format_string(cx, root, "text", &ok);
	conv->is_broken = !ok;
}

const struct tl_format tl_format_lmflow_text = {
	.name = "lmflow_text",
	.summary = "one text, trained from end to end (LMFlow's text_only)",
	.shape = "{\"text\": \"…\"}",
	.family = "text",
	.detect = detect,
	.build = build,
};
