/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static size_t
last_assistant(const struct tl_conv *conv)
{
	for (size_t i = conv->nturns; i-- > 0;)
		if (conv->turns[i].role == TL_ROLE_ASSISTANT)
			return i;
	return TL_NO_TURN;
}

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t, enum tl_reason why)
{
	tl_report_note(tl_report(cx, tl_at_turn(t),
			   "the last assistant turn is not trained"),
	    "%s", tl_reason_text(why));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_sample *s = cx->facts->sample;
	size_t last = last_assistant(conv);
	struct tl_turn_plan plan;

	if ((s != NULL && s->is_built) || last == TL_NO_TURN)
		return;
	tl_plan_turn(cx->arena, &conv->turns[last], &plan);
	if (tl_plan_is_trained(&plan))
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		struct tl_turn_plan other;

		tl_plan_turn(cx->arena, &conv->turns[i], &other);
		if (!tl_plan_is_trained(&other))
			continue;
		report(cx, &conv->turns[last],
		    plan.nstretches > 0 ? plan.stretches[0].reason : plan.base);
		return;
	}
}

static void
check_sample(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	size_t last = last_assistant(conv);
	const struct tl_turn_tokens *t;

	/* Nothing trained at all is MSK001. */
	if (!s->is_built || last == TL_NO_TURN || s->nwanted == 0)
		return;
	t = &s->turns[last];
	if (t->nsaid > 0 && t->ntrained == 0)
		report(cx, &conv->turns[last],
		    (enum tl_reason)s->wanted[t->first]);
}

const struct tl_rule tl_rule_last_turn_masked = {
	.code = "MSK023",
	.name = "last-turn-masked",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the last assistant turn is not trained",
	.why = "The conversation was most likely written for its last reply. "
	       "Masked, it only lends context to earlier ones, and context "
	       "that follows a reply has no effect on it.",
	.fix = "Check the flag of that turn; if it is right, cut the turn off.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},"
		      "{\"role\":\"user\",\"content\":\"and?\"},"
		      "{\"role\":\"assistant\",\"content\":\"welcome\","
		      "\"train\":false}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train\":false},"
		       "{\"role\":\"user\",\"content\":\"and?\"},"
		       "{\"role\":\"assistant\",\"content\":\"welcome\"}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check_conv,
	.check_sample = check_sample,
};
