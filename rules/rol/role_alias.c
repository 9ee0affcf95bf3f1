/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role_likeness how;
		enum tl_role meant;
		struct tl_report *r;

		if (t->role != TL_ROLE_UNKNOWN ||
		    !tl_json_is(t->role_node, TL_JSON_STRING))
			continue;
		meant = tl_role_meant(t->role_text, &how);
		if (how != TL_ROLE_ALIAS)
			continue;
		r = tl_report(cx,
		    tl_in_turn(tl_at_node(t->role_node), t->index),
		    "role %s is another framework's word for \"%s\"",
		    tl_quote(cx, t->role_text, 0), tl_role_name(meant));
		tl_report_edit_text(r, cx, TL_FIX_UNSAFE, t->role_node, 0,
		    t->role_node->text.len, tl_str_from(tl_role_name(meant)));
	}
}

const struct tl_rule tl_rule_role_alias = {
	.code = "ROL002",
	.name = "role-alias",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the role is another framework's word for one that is known",
	.why = "Only some trainers map it: others mask the turn or stop, and a "
	       "template prints the word as it is.",
	.fix =
	    "Use the role that the format has, or map it in the configuration.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"human\",\"content\":\"hi\"},"
		      "{\"role\":\"gpt\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_UNKNOWN,
	.check_conv = check_conv,
};
