/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
is_zero(const struct tl_turn *t)
{
	return t->has_weight && t->weight >= 0 && t->weight <= 0 &&
	    tl_flag_truth(t->train, t->train_node) != TL_FLAG_TRUE;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_turn *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->role != TL_ROLE_ASSISTANT)
			continue;
		if (!is_zero(t))
			return;
		last = t;
		n++;
	}
	if (n == 0)
		return;
	tl_report_note(
	    tl_report(cx,
		tl_in_turn(tl_at_node(last->weight_node), last->index),
		n == 1 ? "the only assistant turn has weight 0"
		       : "all %zu assistant turns have weight 0",
		n),
	    "no token of this record is trained");
}

const struct tl_rule tl_rule_all_weights_zero = {
	.code = "MSK005",
	.name = "all-weights-zero",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "every assistant turn has weight 0",
	.why = "The record costs a forward pass and teaches nothing; a batch "
	       "of such records has a loss of 0/0. Providers reject the file.",
	.fix = "Give the turns that are to be learned weight 1, or drop the "
	       "record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"weight\":0}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"weight\":0},{\"role\":\"user\",\"content\":\"and?\"},"
		       "{\"role\":\"assistant\",\"content\":\"welcome\","
		       "\"weight\":1}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
