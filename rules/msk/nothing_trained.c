/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The first assistant turn; NULL if there is none (ROL007). */
static const struct tl_turn *
first_assistant(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].role == TL_ROLE_ASSISTANT)
			return &conv->turns[i];
	return NULL;
}

/* Every assistant turn is off by its weight: MSK005. */
static bool
is_all_weights(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		struct tl_turn_plan plan;

		tl_plan_turn(cx->arena, &conv->turns[i], &plan);
		if (conv->turns[i].role == TL_ROLE_ASSISTANT &&
		    plan.base != TL_REASON_WEIGHT_ZERO)
			return false;
	}
	return true;
}

/* Why nothing of this turn is trained. */
static enum tl_reason
cause(const struct tl_turn_plan *plan)
{
	return plan->nstretches > 0 ? plan->stretches[0].reason : plan->base;
}

static void
report(const struct tl_rule_cx *cx, struct tl_place at, const char *why)
{
	tl_report_note(
	    tl_report(cx, at, "no token of this record is trained"), "%s", why);
}

/* Without labels: what the flags alone decide. */
static void
check_turns(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_turn *first = first_assistant(conv);
	enum tl_reason why = TL_REASON_ROLE;

	if (first == NULL || is_all_weights(cx, conv))
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		struct tl_turn_plan plan;

		tl_plan_turn(cx->arena, &conv->turns[i], &plan);
		if (tl_plan_is_trained(&plan))
			return;
		if (&conv->turns[i] == first)
			why = cause(&plan);
	}
	report(cx, tl_at_turn(first), tl_reason_text(why));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_sample *s = cx->facts->sample;

	if (s != NULL && s->is_built)
		return;
	if (conv->kind != TL_CONV_SEGMENTS) {
		check_turns(cx, conv);
		return;
	}
	for (size_t i = 0; i < conv->nsegments; i++)
		if (conv->segments[i].is_trained)
			return;
	if (conv->nsegments > 0)
		report(cx, tl_at_record(),
		    "the label of every segment is "
		    "false");
}

static void
check_sample(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_turn *first = first_assistant(conv);
	const char *why;
	size_t t;

	if (!s->is_built || s->nwanted > 0 ||
	    (conv->nturns > 0 && (first == NULL || is_all_weights(cx, conv))))
		return;
	why = s->why.len > 0 ? tl_arena_cstr(cx->arena, s->why)
			     : "the record has no tokens";
	if (first == NULL) {
		report(cx, tl_at_record(), why);
		return;
	}
	t = (size_t)(first - conv->turns);
	if (s->turns[t].nsaid > 0)
		why = tl_reason_text(
		    (enum tl_reason)s->wanted[s->turns[t].first]);
	report(cx, tl_at_turn(first), why);
}

const struct tl_rule tl_rule_nothing_trained = {
	.code = "MSK001",
	.name = "nothing-trained",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "no token of a record is trained",
	.why = "The record costs a forward pass and teaches nothing; a batch "
	       "of such records has a loss of 0/0, which is NaN.",
	.fix = "Take back the flag that masks the reply, or drop the record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"train\":false}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train\":true}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check_conv,
	.check_sample = check_sample,
};
