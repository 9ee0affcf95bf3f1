/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Propose to take the member v out of its object. */
static void
propose_removal(struct tl_report *r, const struct tl_json *v)
{
	const struct tl_json *before = NULL;

	if (v->next != NULL) {
		tl_report_edit(r, TL_FIX_UNSAFE, v->key_span.beg,
		    v->next->key_span.beg, TL_STR(""));
		return;
	}
	for (const struct tl_json *m = v->parent->first; m != v; m = m->next)
		before = m;
	if (before != NULL)
		tl_report_edit(r, TL_FIX_UNSAFE, before->span.end, v->span.end,
		    TL_STR(""));
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct tl_report *r;

		if (t->weight_node == NULL ||
		    t->weight_node->kind == TL_JSON_NULL ||
		    t->role == TL_ROLE_ASSISTANT || t->role == TL_ROLE_UNKNOWN)
			continue;
		r = tl_report(cx,
		    tl_in_turn(tl_at_key(t->weight_node), t->index),
		    "weight on a %s turn", tl_role_name(t->role));
		tl_report_note(r,
		    "only the weights of assistant turns are read: the turn "
		    "is masked whatever stands here");
		propose_removal(r, t->weight_node);
	}
}

const struct tl_rule tl_rule_weight_on_wrong_role = {
	.code = "MSK004",
	.name = "weight-on-wrong-role",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a weight stands on a turn that is not the assistant's",
	.why = "The weight is ignored, or the provider rejects the file. Often "
	       "it was meant for the reply next to it, which is then trained "
	       "or masked against the author's will.",
	.fix = "Move the weight to the assistant turn it is meant for, or "
	       "remove it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\","
		      "\"weight\":0},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"weight\":1}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
