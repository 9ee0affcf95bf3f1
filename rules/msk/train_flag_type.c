/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A flag that means a boolean to anybody who reads it. */
static const char *
meant(const struct tl_json *v)
{
	if (v->kind == TL_JSON_STRING) {
		if (tl_str_eq_nocase(tl_str_trim(v->text), TL_STR("true")))
			return "true";
		if (tl_str_eq_nocase(tl_str_trim(v->text), TL_STR("false")))
			return "false";
	}
	if (v->kind == TL_JSON_NUMBER && v->number >= 1 && v->number <= 1)
		return "true";
	if (v->kind == TL_JSON_NUMBER && v->number >= 0 && v->number <= 0)
		return "false";
	return NULL;
}

static const char *
shown(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	if (v->kind == TL_JSON_STRING)
		return tl_quote(cx, v->text, 0);
	if (v->kind == TL_JSON_NUMBER)
		return tl_arena_printf(cx->arena, "the number %s",
		    tl_arena_cstr(cx->arena, tl_str_slice(v->text, 0, 40)));
	return tl_json_kind_name(v->kind);
}

static void
check_flag(const struct tl_rule_cx *cx, const struct tl_json *v, size_t turn)
{
	struct tl_report *r;
	enum tl_flag truth;
	const char *fix;

	if (v == NULL || v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE)
		return;
	fix = meant(v);
	truth = tl_flag_truth(TL_FLAG_INVALID, v);
	r = tl_report(cx, tl_in_turn(tl_at_node(v), turn),
	    "%s is %s, not true or false", tl_arena_cstr(cx->arena, v->key),
	    shown(cx, v));
	if (truth == TL_FLAG_UNSET)
		tl_report_note(r,
		    "it counts as absent: the role decides whether the turn "
		    "is trained");
	else
		tl_report_note(r,
		    "Python takes it for %s: the text %s trained; other "
		    "trainers reject the record",
		    truth == TL_FLAG_TRUE ? "true" : "false",
		    truth == TL_FLAG_TRUE ? "is" : "is not");
	if (fix != NULL)
		tl_report_edit(r,
		    (truth == TL_FLAG_TRUE) == (fix[0] == 't') ? TL_FIX_SAFE
							       : TL_FIX_UNSAFE,
		    v->span.beg, v->span.end, tl_str_from(fix));
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		check_flag(cx, t->train_node, t->index);
		for (size_t k = 0; k < t->ndetails; k++)
			check_flag(cx, tl_json_get(t->details[k].node, "train"),
			    t->index);
		for (size_t k = 0; k < t->nparts; k++)
			check_flag(cx, tl_json_get(t->parts[k].node, "train"),
			    t->index);
	}
}

const struct tl_rule tl_rule_train_flag_type = {
	.code = "MSK002",
	.name = "train-flag-type",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a train flag is not true or false",
	.why = "Trainers in Python test a flag for truth: the string \"false\" "
	       "is true, so a turn that should be masked is trained. Others "
	       "reject the record.",
	.fix = "Write true or false without quotes, or leave the key out.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"train\":\"false\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train\":true}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
