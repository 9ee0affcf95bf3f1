/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input_output: axolotl's template-free type.  Segments of text, each with a
 * label that says whether it is trained; nothing is put between them.
 */
#include "format.h"

#include <turnlint/limits.h>

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	(void)opt;
	if (tl_json_get(root, "segments") != NULL)
		return tl_fit(42);
	return tl_near(0, "\"segments\" is missing");
}

/* Python's idea of it. */
static bool
is_truthy(const struct tl_json *v)
{
	switch (v->kind) {
	case TL_JSON_NULL:
	case TL_JSON_FALSE:
		return false;
	case TL_JSON_TRUE:
		return true;
	case TL_JSON_NUMBER:
		return v->number != 0;
	case TL_JSON_STRING:
		return v->text.len > 0;
	case TL_JSON_ARRAY:
	case TL_JSON_OBJECT:
		break;
	}
	return v->nchildren > 0;
}

static void
read_segment(struct tl_format_cx *cx, const struct tl_json *v, size_t i,
    struct tl_segment *out)
{
	const struct tl_json *label = tl_json_get(v, "label");
	const struct tl_json *text = tl_json_get(v, "text");

	out->node = v;
	if (v->kind != TL_JSON_OBJECT) {
		tl_format_issue(cx, TL_ISSUE_NOT_AN_OBJECT, v, i, TL_STR(""));
		return;
	}
	if (label == NULL)
		tl_format_issue(
		    cx, TL_ISSUE_MISSING_KEY, v, i, TL_STR("label"));
	else if (label->kind != TL_JSON_TRUE && label->kind != TL_JSON_FALSE)
		tl_format_issue(
		    cx, TL_ISSUE_WRONG_TYPE, label, i, TL_STR("true or false"));
	if (label != NULL)
		out->is_trained = is_truthy(label);
	if (text == NULL)
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, v, i, TL_STR("text"));
	else if (text->kind != TL_JSON_STRING)
		tl_format_issue(
		    cx, TL_ISSUE_WRONG_TYPE, text, i, TL_STR("a string"));
	else
		out->text = tl_text_from_json(cx->arena, text);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *list = tl_json_get(root, "segments");
	struct tl_segment *segments;
	size_t n = 0;

	conv->kind = TL_CONV_SEGMENTS;
	conv->is_broken = true;
	if (list == NULL || list->kind == TL_JSON_NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_MESSAGES,
		    list != NULL ? list : root, TL_NO_TURN, TL_STR("segments"));
		return;
	}
	if (list->kind != TL_JSON_ARRAY || list->nchildren > TL_MAX_TURNS) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, list, TL_NO_TURN,
		    TL_STR("a list of segments"));
		return;
	}
	if (list->nchildren == 0) {
		tl_format_issue(cx, TL_ISSUE_EMPTY_MESSAGES, list, TL_NO_TURN,
		    TL_STR("segments"));
		return;
	}
	segments = TL_NEW(cx->arena, struct tl_segment, list->nchildren);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next, n++)
		read_segment(cx, v, n, &segments[n]);
	conv->segments = segments;
	conv->nsegments = n;
	conv->is_broken = false;
}

const struct tl_format tl_format_input_output = {
	.name = "input_output",
	.summary = "segments of text with a label each (axolotl's "
		   "input_output)",
	.shape = "{\"segments\": [{\"label\": false, \"text\": \"…\"}, "
		 "{\"label\": true, \"text\": \"…\"}]}",
	.family = "input_output",
	.keys = { "segments" },
	.detect = detect,
	.build = build,
};
