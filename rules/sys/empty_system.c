/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		const struct tl_json *v = t->content_node;

		if (tl_turn_meant(t) != TL_ROLE_SYSTEM || v == NULL ||
		    !tl_is_space(t->text.str))
			continue;
		if (v->kind == TL_JSON_STRING || v->kind == TL_JSON_NULL)
			tl_report(cx, tl_at_turn(t), "the system turn is %s",
			    v->kind == TL_JSON_NULL    ? "null"
				: t->text.str.len == 0 ? "empty"
						       : "blank");
	}
}

const struct tl_rule tl_rule_empty_system = {
	.code = "SYS006",
	.name = "empty-system",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the system turn is there but empty",
	.why = "The template prints an empty system block instead of its "
	       "default text or of none: a prompt that is never used later.",
	.fix = "Remove the turn, or fill it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":\"\"},"
		      "{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_SYSTEM,
	.check_conv = check_conv,
};
