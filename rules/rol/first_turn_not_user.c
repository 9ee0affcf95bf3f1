/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (!tl_conv_has_roles(conv))
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role role = tl_turn_meant(t);

		if (role == TL_ROLE_SYSTEM || role == TL_ROLE_DEVELOPER)
			continue;
		if (role == TL_ROLE_ASSISTANT || role == TL_ROLE_TOOL)
			tl_report(cx,
			    tl_in_turn(tl_at_node(t->role_node != NULL
					       ? t->role_node
					       : t->content_node),
				t->index),
			    "the conversation starts with %s, not with a user",
			    role == TL_ROLE_TOOL ? "a tool's result"
						 : "an assistant turn");
		return;
	}
}

const struct tl_rule tl_rule_first_turn_not_user = {
	.code = "ROL005",
	.name = "first-turn-not-user",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the first turn behind the system prompt is not the user's",
	.why = "Some trainers drop the turn or the record without a word; the "
	       "others teach the model to speak first.",
	.fix = "Restore the user's turn, or remove what comes before the first "
	       "one.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"assistant\",\"content\":"
		      "\"How can I help?\"},{\"role\":\"user\",\"content\":"
		      "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		      "\"42\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief.\"},{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"42\"}]}\n"),
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
