/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Several tool results may follow each other, and several system turns are
 * another rule's matter. */
static bool
must_alternate(enum tl_role role)
{
	return role == TL_ROLE_USER || role == TL_ROLE_ASSISTANT;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 1; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role role = tl_turn_meant(t);

		if (!must_alternate(role) ||
		    role != tl_turn_meant(&conv->turns[i - 1]))
			continue;
		tl_report(cx,
		    tl_in_turn(
			tl_at_node(t->role_node != NULL ? t->role_node
							: t->content_node),
			t->index),
		    "turn %zu is %s's like the one before it", t->index,
		    role == TL_ROLE_USER ? "the user" : "the assistant");
	}
}

const struct tl_rule tl_rule_consecutive_same_role = {
	.code = "ROL004",
	.name = "consecutive-same-role",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "two turns of the same role follow each other",
	.why = "Many templates raise an error here, others write two headers "
	       "in a row, a pattern that never occurs when the model is used.",
	.fix = "Join the two turns, or restore the one that is missing between "
	       "them.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"user\",\"content\":\"are you there?\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"},"
		       "{\"role\":\"user\",\"content\":\"are you there?\"},"
		       "{\"role\":\"assistant\",\"content\":\"yes\"}]}\n"),
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
