/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
is_binary(const struct tl_json *v)
{
	if (v->kind == TL_JSON_NULL)
		return true; /* as absent */
	return v->kind == TL_JSON_NUMBER &&
	    ((v->number >= 0 && v->number <= 0) ||
		(v->number >= 1 && v->number <= 1));
}

static const char *
shown(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	if (v->kind == TL_JSON_STRING)
		return tl_quote(cx, v->text, 0);
	if (v->kind == TL_JSON_NUMBER)
		return tl_arena_cstr(cx->arena, tl_str_slice(v->text, 0, 40));
	return tl_json_kind_name(v->kind);
}

static void
check_weight(const struct tl_rule_cx *cx, const struct tl_json *v, size_t turn)
{
	if (v == NULL || is_binary(v))
		return;
	tl_report_note(tl_report(cx, tl_in_turn(tl_at_node(v), turn),
			   "weight is %s, not 0 or 1", shown(cx, v)),
	    "trainers that weigh the loss at all know 0 and 1: this one is "
	    "rejected, or trains in full");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		check_weight(cx, t->weight_node, t->index);
		for (size_t k = 0; k < t->nparts; k++)
			check_weight(cx,
			    tl_json_get(t->parts[k].node, "weight"), t->index);
	}
}

const struct tl_rule tl_rule_weight_not_binary = {
	.code = "MSK003",
	.name = "weight-not-binary",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a weight is neither 0 nor 1",
	.why = "OpenAI, Together and Mistral reject the file; others train any "
	       "weight but 0 in full, so the intended fraction has no effect.",
	.fix = "Use 1 to train the turn and 0 to mask it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"weight\":0.5}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"weight\":1}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
