/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
has_assistant(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (tl_turn_meant(&conv->turns[i]) == TL_ROLE_ASSISTANT)
			return true;
	return false;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_turn *t;
	enum tl_role role;

	/* Without any assistant turn ROL007 says it all. */
	if (conv->nturns == 0 || !tl_conv_has_roles(conv) ||
	    !has_assistant(conv))
		return;
	t = &conv->turns[conv->nturns - 1];
	role = tl_turn_meant(t);
	if (role == TL_ROLE_ASSISTANT || role == TL_ROLE_UNKNOWN)
		return;
	tl_report(cx,
	    tl_in_turn(tl_at_node(t->role_node != NULL ? t->role_node
						       : t->content_node),
		t->index),
	    "the conversation ends with a turn of role \"%s\", not with the "
	    "assistant",
	    tl_role_name(role));
}

const struct tl_rule tl_rule_last_turn_not_assistant = {
	.code = "ROL006",
	.name = "last-turn-not-assistant",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the last turn is not the assistant's",
	.why = "Nothing behind the last answer is trained: some trainers cut "
	       "the turn off, others skip the record.",
	.fix = "Add the answer, or remove the turn.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},"
		      "{\"role\":\"user\",\"content\":\"6*7?\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":null,"
		       "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\","
		       "\"function\":{\"name\":\"mul\",\"arguments\":"
		       "\"{\\\"a\\\":6,\\\"b\\\":7}\"}}]}]}\n"),
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
