/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role_likeness how;
		enum tl_role meant;
		const char *role;

		if (t->role != TL_ROLE_UNKNOWN ||
		    !tl_json_is(t->role_node, TL_JSON_STRING))
			continue;
		meant = tl_role_meant(t->role_text, &how);
		role = tl_quote(cx, t->role_text, 0);
		if (how == TL_ROLE_TYPO)
			tl_report(cx,
			    tl_in_turn(tl_at_node(t->role_node), t->index),
			    "unknown role %s; did you mean \"%s\"?", role,
			    tl_role_name(meant));
		else if (how == TL_ROLE_STRANGE)
			tl_report(cx,
			    tl_in_turn(tl_at_node(t->role_node), t->index),
			    "unknown role %s", role);
	}
}

const struct tl_rule tl_rule_unknown_role = {
	.code = "ROL001",
	.name = "unknown-role",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the role is none that the format knows",
	.why = "Trainers mask such a turn, drop the record or stop; a template "
	       "may print the unknown word as a header nobody ever uses.",
	.fix = "Use system, user, assistant or tool, or map the role in the "
	       "configuration.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},"
		      "{\"role\":\"critic\",\"content\":\"too short\"},"
		      "{\"role\":\"assistant\",\"content\":\"good day\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_UNKNOWN,
	.check_conv = check_conv,
};
