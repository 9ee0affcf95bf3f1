/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The turn has a thought, and it is not in what was rendered. */
static bool
has_lost(const struct tl_turn *t, const struct tl_text *rendered)
{
	tl_span thought = tl_turn_thought(t);

	if (tl_turn_meant(t) != TL_ROLE_ASSISTANT)
		return false;
	if (tl_json_is(t->reasoning, TL_JSON_STRING) &&
	    !tl_is_space(t->reasoning->text))
		return !tl_text_has_value(rendered, t->reasoning);
	return thought.end > thought.beg &&
	    !tl_text_has_said(rendered, t, thought.beg, thought.end);
}

static bool
has_thought(const struct tl_turn *t)
{
	static const struct tl_text nothing = { 0 };

	return has_lost(t, &nothing);
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	size_t first = conv->nturns, n = 0, nthoughts = 0;
	struct tl_render out;
	const struct tl_turn *t;
	tl_span s;

	if (render->fault != TL_RENDER_OK || conv->kind != TL_CONV_CHAT)
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		nthoughts += has_thought(&conv->turns[i]);
		if (!has_lost(&conv->turns[i], &render->text))
			continue;
		n++;
		if (first == conv->nturns)
			first = i;
	}
	/* With the turn as the last one the thought is there. */
	if (n == 0 || !tl_render_instead(cx, conv, first + 1, &out) ||
	    has_lost(&conv->turns[first], &out.text))
		return; /* CNT014 */
	t = &conv->turns[first];
	s = tl_turn_thought(t);
	tl_report(cx,
	    s.end > s.beg ? tl_at_said(t, s.beg, s.end)
			  : tl_in_turn(tl_at_node(t->reasoning), t->index),
	    "the template leaves out the reasoning of earlier turns: %zu of "
	    "%zu thoughts in this record, the first in turn %zu",
	    n, nthoughts, t->index);
}

const struct tl_rule tl_rule_history_reasoning_lost = {
	.code = "CNT015",
	.name = "history-reasoning-lost",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the template leaves out the reasoning of earlier turns",
	.why = "Only the last thought of the conversation is trained: the "
	       "earlier answers are learned as given without thinking.",
	.fix = "Make a record of each prefix that ends with a thought, or "
	       "choose a template that keeps them.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":\"42\","
		      "\"reasoning_content\":\"six sevens\"},"
		      "{\"role\":\"user\",\"content\":\"6*8?\"},"
		      "{\"role\":\"assistant\",\"content\":\"48\","
		      "\"reasoning_content\":\"six more\"}]}\n"),
	.good =
	    TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		   "{\"role\":\"assistant\",\"content\":\"42\"},"
		   "{\"role\":\"user\",\"content\":\"6*8?\"},"
		   "{\"role\":\"assistant\",\"content\":\"48\","
		   "\"reasoning_content\":\"six more\"}]}\n"),
	.recipe = { .template_ = "samples/templates/strict.jinja" },
	.check_render = check_render,
};
