/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* An instruction whose output is missing or no string: SCH018, SCH008. */
static bool
lacks_output(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind == TL_ISSUE_MISSING_OUTPUT ||
		    (issue->kind == TL_ISSUE_WRONG_TYPE &&
			tl_str_eq(issue->node->key, TL_STR("output"))))
			return true;
	}
	return false;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (conv->nturns == 0 || !tl_conv_has_roles(conv) || lacks_output(conv))
		return;
	for (size_t i = 0; i < conv->nturns; i++)
		if (tl_turn_meant(&conv->turns[i]) == TL_ROLE_ASSISTANT)
			return;
	tl_report(cx, tl_at_node(conv->messages),
	    "no turn is the assistant's: there is nothing to learn");
}

const struct tl_rule tl_rule_no_assistant_turn = {
	.code = "ROL007",
	.name = "no-assistant-turn",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the conversation has no assistant turn",
	.why = "No token of the record carries loss: it costs time, and a "
	       "batch of such records gives a loss that is not a number.",
	.fix = "Add the answer, or remove the record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":"
		      "\"hi\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
