/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
details_train(const struct tl_turn *t)
{
	for (size_t i = 0; i < t->ndetails; i++)
		if (tl_flag_truth(t->details[i].train,
			tl_json_get(t->details[i].node, "train")) ==
		    TL_FLAG_TRUE)
			return true;
	return false;
}

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_json *at, const char *what, const char *now)
{
	tl_report_note(
	    tl_report(cx, tl_in_turn(tl_at_node(at), t->index), "%s", what),
	    "%s", now);
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	enum tl_flag train = tl_flag_truth(t->train, t->train_node);
	bool is_weighed = t->has_weight && t->role == TL_ROLE_ASSISTANT;
	bool is_zero = is_weighed && t->weight >= 0 && t->weight <= 0;

	if (train == TL_FLAG_FALSE && details_train(t))
		report(cx, t, t->train_node,
		    "train is false, train_detail trains a part",
		    "train wins: nothing of the turn is trained");
	if (train == TL_FLAG_FALSE && is_weighed && !is_zero)
		report(cx, t, t->train_node, "train is false, weight is not 0",
		    "trainers read one of the two: those with weights train "
		    "the turn, the others mask it");
	if (train == TL_FLAG_TRUE && is_zero)
		report(cx, t, t->weight_node, "weight is 0, train is true",
		    "trainers read one of the two: those with weights mask "
		    "the turn, the others train it");
	if (train == TL_FLAG_UNSET && is_zero && details_train(t))
		report(cx, t, t->weight_node,
		    "weight is 0, train_detail trains a part",
		    "trainers read one of the two: those with weights mask "
		    "the turn, the others train the ranges");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_flag_conflict = {
	.code = "MSK016",
	.name = "flag-conflict",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "two flags of a turn say the opposite",
	.why = "Which of train, train_detail and weight wins is up to the "
	       "trainer, so the same file gives other labels elsewhere.",
	.fix = "Keep one of the flags.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"train\":true,\"weight\":0},"
		      "{\"role\":\"user\",\"content\":\"and?\"},"
		      "{\"role\":\"assistant\",\"content\":\"welcome\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train\":true,\"weight\":1}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
