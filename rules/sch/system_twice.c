/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The system text beside the messages, or NULL. */
static const struct tl_json *
system_column(const struct tl_rule_cx *cx)
{
	static const char *const keys[] = { "system", "system_prompt" };
	const struct tl_json *root = cx->facts->record->doc.root;

	for (size_t i = 0; i < TL_COUNT(keys); i++) {
		const struct tl_json *v = tl_json_get(root, keys[i]);

		if (tl_json_is(v, TL_JSON_STRING) && !tl_is_space(v->text))
			return v;
	}
	return NULL;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_json *column;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->node == NULL || tl_turn_meant(t) != TL_ROLE_SYSTEM)
			continue;
		column = system_column(cx);
		if (column != NULL)
			tl_report(cx, tl_at_node(column),
			    "the record has a system text in %s and another in "
			    "turn %zu",
			    tl_quote(cx, column->key, 0), t->index);
		return;
	}
}

const struct tl_rule tl_rule_system_twice = {
	.code = "SCH013",
	.name = "system-twice",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a system text stands beside the messages and another one "
		   "among them",
	.why = "One of them is ignored, and which one depends on the trainer; "
	       "some stop.",
	.fix = "Keep the one that is meant.",
	.bad = TL_LIT("{\"system\":\"Be brief.\",\"conversations\":["
		      "{\"from\":\"system\",\"value\":\"Be kind.\"},"
		      "{\"from\":\"human\",\"value\":\"hi\"},"
		      "{\"from\":\"gpt\",\"value\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"system\":\"Be brief.\",\"conversations\":["
		       "{\"from\":\"human\",\"value\":\"hi\"},"
		       "{\"from\":\"gpt\",\"value\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_SYSTEM,
	.check_conv = check_conv,
};
