/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lmflow_text2text: an instance of LMFlow's type "text2text".  Only the output
 * is trained; no template is applied.
 */
#include "format.h"

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	bool has_input = tl_json_get(root, "input") != NULL;
	bool has_output = tl_json_get(root, "output") != NULL;

	(void)opt;
	if (has_input && has_output)
		return tl_fit(40);
	if (has_input)
		return tl_near(2, "\"output\" is missing");
	if (has_output)
		return tl_near(2, "\"input\" is missing");
	return tl_near(0, NULL);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	(void)conv;
	tl_format_pair(cx, root, "input", "output");
}

const struct tl_format tl_format_lmflow_text2text = {
	.name = "lmflow_text2text",
	.summary = "input and output without a template (LMFlow's text2text)",
	.shape = "{\"input\": \"…\", \"output\": \"…\"}",
	.family = "text2text",
	.keys = { "input" },
	.detect = detect,
	.build = build,
};
