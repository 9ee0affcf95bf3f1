/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Something of the turn that is no text: a picture, a refusal, a thought. */
static bool
says_otherwise(const struct tl_turn *t)
{
	const struct tl_json *refusal = tl_json_get(t->node, "refusal");
	const struct tl_json *audio = tl_json_get(t->node, "audio");

	for (size_t i = 0; i < t->nparts; i++)
		if (t->parts[i].text.str.len == 0 &&
		    !tl_str_eq(t->parts[i].type, TL_STR("text")) &&
		    t->parts[i].type.len > 0)
			return true;
	return tl_json_text(refusal, TL_STR("")).len > 0 ||
	    tl_json_is(audio, TL_JSON_OBJECT) ||
	    tl_json_text(t->reasoning, TL_STR("")).len > 0;
}

static bool
is_empty(const struct tl_turn *t)
{
	const struct tl_json *v = t->content_node;

	if (v == NULL || t->text.str.len > 0 || t->ntool_calls > 0)
		return false;
	if (v->kind != TL_JSON_STRING && v->kind != TL_JSON_NULL &&
	    v->kind != TL_JSON_ARRAY)
		return false; /* SCH008 */
	return !says_otherwise(t);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role role = tl_turn_meant(t);

		/* A tool may well return nothing; SYS006 has the others. */
		if (role == TL_ROLE_SYSTEM || role == TL_ROLE_TOOL ||
		    !is_empty(t))
			continue;
		tl_report(cx, tl_at_turn(t), "the %s turn %s%s",
		    tl_role_name(role),
		    t->content_node->kind == TL_JSON_NULL ? "is null"
							  : "is empty",
		    role == TL_ROLE_ASSISTANT ? " and calls no tool" : "");
	}
	if (conv->kind == TL_CONV_TEXT && conv->text.str.len == 0)
		tl_report(cx,
		    tl_at_node(
			tl_json_get(cx->facts->record->doc.root, "text")),
		    "the text is empty");
}

const struct tl_rule tl_rule_empty_content = {
	.code = "CNT001",
	.name = "empty-content",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a turn has no text and no tool call",
	.why = "The only token left to train in such an answer is the end "
	       "marker: the model learns to answer with silence.",
	.fix = "Remove the turn and what belongs to it, or the record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_BLANK,
	.check_conv = check_conv,
};
