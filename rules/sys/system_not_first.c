/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	bool has_begun = false;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role role = tl_turn_meant(t);

		if (role != TL_ROLE_SYSTEM && role != TL_ROLE_DEVELOPER)
			has_begun = true;
		else if (role == TL_ROLE_SYSTEM && has_begun)
			tl_report(cx,
			    tl_in_turn(tl_at_node(t->role_node), t->index),
			    "system turn at position %zu, behind the beginning "
			    "of the conversation",
			    t->index);
	}
}

const struct tl_rule tl_rule_system_not_first = {
	.code = "SYS002",
	.name = "system-not-first",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a system turn stands behind other turns",
	.why =
	    "Templates drop a system turn there, raise an error, or move its "
	    "text to another place.",
	.fix = "Move the system turn to the front, or make it part of a user "
	       "turn.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"system\",\"content\":\"Be brief.\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
