/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A call may be spelled out in the text, as JSON, by the author's own means. */
static bool
may_call(const struct tl_turn *t)
{
	return tl_turn_meant(t) == TL_ROLE_ASSISTANT &&
	    (t->ntool_calls > 0 ||
		tl_str_find_char(t->text.str, '{', 0) != TL_NPOS ||
		tl_str_find_char(t->text.str, '`', 0) != TL_NPOS ||
		tl_str_find_char(t->text.str, '<', 0) != TL_NPOS);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_turn *before = NULL; /* the last turn but results */

	if (!tl_conv_has_roles(conv))
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (tl_turn_meant(t) != TL_ROLE_TOOL) {
			before = t;
			continue;
		}
		if (before == NULL || !may_call(before))
			tl_report(cx,
			    tl_in_turn(tl_at_node(t->role_node), t->index),
			    "a tool's result without a call before it");
	}
}

const struct tl_rule tl_rule_result_without_call = {
	.code = "FNC006",
	.name = "result-without-call",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a tool's result without a call before it",
	.why =
	    "Templates raise an error here, or the model learns that results "
	    "come from nowhere.",
	.fix = "Restore the assistant turn with the call, or remove the "
	       "result.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"tool\",\"tool_call_id\":\"c1\","
		      "\"content\":\"42\"},{\"role\":\"assistant\","
		      "\"content\":\"It is 42.\"}]}\n"),
	.good = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"c1\",\"content\":\"42\"},"
	    "{\"role\":\"assistant\",\"content\":\"It is 42.\"}]}\n"),
	.needs = TL_TRAIT_RESULTS,
	.check_conv = check_conv,
};
