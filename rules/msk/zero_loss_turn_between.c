/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	bool has_before = false;
	size_t masked = TL_NO_TURN; /* since the last trained one */
	struct tl_turn_plan plan;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->role != TL_ROLE_ASSISTANT)
			continue;
		tl_plan_turn(cx->arena, t, &plan);
		if (!tl_plan_is_trained(&plan)) {
			if (has_before && masked == TL_NO_TURN)
				masked = i;
			continue;
		}
		if (masked != TL_NO_TURN)
			tl_report(cx, tl_at_turn(&conv->turns[masked]),
			    "masked assistant turn between trained ones");
		has_before = true;
		masked = TL_NO_TURN;
	}
}

const struct tl_rule tl_rule_zero_loss_turn_between = {
	.code = "MSK027",
	.name = "zero-loss-turn-between",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.is_preview = true,
	.summary = "a masked assistant turn stands between trained ones",
	.why = "Flags that switch a turn off in the middle of a conversation "
	       "are often left over from an edit of its neighbours.",
	.fix = "Check the flag; if the reply is bad, rewrite it, since the "
	       "turns behind it learn to follow it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},"
		      "{\"role\":\"user\",\"content\":\"and?\"},"
		      "{\"role\":\"assistant\",\"content\":\"welcome\","
		      "\"train\":false},"
		      "{\"role\":\"user\",\"content\":\"so?\"},"
		      "{\"role\":\"assistant\",\"content\":\"so.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train\":false},"
		       "{\"role\":\"user\",\"content\":\"and?\"},"
		       "{\"role\":\"assistant\",\"content\":\"welcome\"}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
