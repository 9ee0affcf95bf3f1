/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_turn *second = NULL;
	size_t n = 0;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (tl_turn_meant(t) == TL_ROLE_SYSTEM && ++n == 2)
			second = t;
	}
	if (second != NULL)
		tl_report(cx,
		    tl_in_turn(tl_at_node(second->role_node), second->index),
		    "%zu system turns; this is the second", n);
}

const struct tl_rule tl_rule_multiple_system = {
	.code = "SYS003",
	.name = "multiple-system",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "more than one system turn",
	.why = "In most trainers and templates only one of them survives, and "
	       "it is not the same one everywhere.",
	.fix = "Join the system texts into one turn at the front.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"system\",\"content\":"
		      "\"Be kind.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief and kind.\"},{\"role\":\"user\","
		       "\"content\":\"hi\"},{\"role\":\"assistant\","
		       "\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
