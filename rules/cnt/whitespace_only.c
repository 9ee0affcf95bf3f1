/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role role = tl_turn_meant(t);

		/* A tool may well return blanks; SYS006 has the others. */
		if (role == TL_ROLE_SYSTEM || role == TL_ROLE_TOOL ||
		    t->ntool_calls > 0 || t->text.str.len == 0 ||
		    !tl_is_space(t->text.str))
			continue;
		tl_report(cx, tl_at_turn(t),
		    "the %s turn holds white space only: %s",
		    tl_role_name(role), tl_quote(cx, t->text.str, 0));
	}
	if (conv->kind == TL_CONV_TEXT && conv->text.str.len > 0 &&
	    tl_is_space(conv->text.str))
		tl_report(cx, tl_at_node(conv->text.runs[0].node),
		    "the text holds white space only: %s",
		    tl_quote(cx, conv->text.str, 0));
}

const struct tl_rule tl_rule_whitespace_only = {
	.code = "CNT002",
	.name = "whitespace-only",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a turn holds nothing but white space",
	.why = "Templates that trim leave an empty turn, the others train the "
	       "blanks: either way the model learns to answer with silence.",
	.fix = "Remove the turn and what belongs to it, or the record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\" \\n\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_BLANK,
	.check_conv = check_conv,
};
