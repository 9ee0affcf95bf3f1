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
		if (how != TL_ROLE_SPELLING)
			continue;
		r = tl_report(cx,
		    tl_in_turn(tl_at_node(t->role_node), t->index),
		    "role %s differs from \"%s\" by its spelling",
		    tl_quote(cx, t->role_text, 0), tl_role_name(meant));
		tl_report_edit_text(r, cx, TL_FIX_UNSAFE, t->role_node, 0,
		    t->role_node->text.len, tl_str_from(tl_role_name(meant)));
	}
}

const struct tl_rule tl_rule_role_spelling = {
	.code = "ROL003",
	.name = "role-spelling",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the role differs from a known one by case or blanks",
	.why =
	    "Templates compare roles letter by letter: the turn is left out, or"
	    "printed under a header that the model never sees again.",
	.fix = "Spell the role as the format has it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"User\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant \",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_UNKNOWN,
	.check_conv = check_conv,
};
