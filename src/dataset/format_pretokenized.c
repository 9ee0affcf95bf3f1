/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pretokenized: token ids made beforehand (axolotl, TRL), perhaps with labels
 * or masks.  There are no words to look at; what can be wrong is that the lists
 * do not go together.
 */
#include "format.h"

/* One value a token each. */
static const char *const parallel[] = { "labels", "attention_mask",
	"completion_mask", "assistant_masks", "position_ids", "token_type_ids",
	"loss_weights" };

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	(void)opt;
	if (tl_json_get(root, "input_ids") != NULL)
		return tl_fit(20);
	for (size_t i = 0; i < TL_COUNT(parallel); i++)
		if (tl_json_is(tl_json_get(root, parallel[i]), TL_JSON_ARRAY))
			return tl_near(3, "\"input_ids\" is missing");
	return tl_near(0, NULL);
}

/* A list of numbers, integers when they have to be. */
static bool
check_list(struct tl_format_cx *cx, const struct tl_json *list, bool is_integer)
{
	if (list->kind != TL_JSON_ARRAY) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, list, TL_NO_TURN,
		    TL_STR("a list, one number a token"));
		return false;
	}
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		int64_t i;

		if (is_integer ? tl_json_int(v, &i)
			       : tl_json_is(v, TL_JSON_NUMBER))
			continue;
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN,
		    is_integer ? TL_STR("an integer") : TL_STR("a number"));
		return false; /* the first of them says it */
	}
	return true;
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *ids = tl_json_get(root, "input_ids");

	conv->kind = TL_CONV_TOKENS;
	conv->is_broken = true;
	if (ids == NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, root, TL_NO_TURN,
		    TL_STR("input_ids"));
		return;
	}
	if (!check_list(cx, ids, true))
		return;
	for (size_t i = 0; i < TL_COUNT(parallel); i++) {
		const struct tl_json *v = tl_json_get(root, parallel[i]);

		if (v == NULL || v->kind == TL_JSON_NULL ||
		    !check_list(cx, v, tl_str_eq(v->key, TL_STR("labels"))) ||
		    v->nchildren == ids->nchildren)
			continue;
		tl_format_issue(cx, TL_ISSUE_LENGTH_MISMATCH, v, TL_NO_TURN,
		    tl_str_from(tl_arena_printf(cx->arena,
			"\"input_ids\" has %u elements, \"%s\" %u",
			(unsigned)ids->nchildren, parallel[i],
			(unsigned)v->nchildren)));
	}
}

const struct tl_format tl_format_pretokenized = {
	.name = "pretokenized",
	.summary = "token ids, perhaps with labels and masks (axolotl, TRL)",
	.shape = "{\"input_ids\": [1, 2, …], \"labels\": [-100, 2, …], "
		 "\"attention_mask\": [1, 1, …]}",
	.family = "pretokenized",
	.keys = { "input_ids" },
	.detect = detect,
	.build = build,
};
