/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
has_field(const struct tl_turn *t)
{
	return tl_json_is(t->reasoning, TL_JSON_STRING) &&
	    !tl_is_space(t->reasoning->text);
}

static bool
has_thought(const struct tl_turn *t)
{
	return tl_turn_meant(t) == TL_ROLE_ASSISTANT &&
	    (has_field(t) || tl_turn_thought(t).end > 0);
}

/* Of a turn with a thought: it is not in what was rendered. */
static bool
is_lost(const struct tl_turn *t, const struct tl_reached *reached,
    const struct tl_trace *trace)
{
	return has_field(t) ? !tl_reached_has(reached, t->reasoning)
			    : !tl_trace_has(trace, tl_turn_thought(t));
}

/* With the turn as the last one the thought is there. */
static bool
is_kept_at_end(
    const struct tl_rule_cx *cx, const struct tl_conv *conv, size_t i)
{
	struct tl_render out;

	return tl_render_instead(cx, conv, i + 1, &out) &&
	    !is_lost(&conv->turns[i], tl_text_reached(cx->arena, &out.text),
		&tl_conv_trace(cx->arena, conv, &out.text)[i]);
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	size_t first = conv->nturns, n = 0, nthoughts = 0;
	const struct tl_reached *reached = NULL;
	const struct tl_trace *traces = NULL;
	const struct tl_turn *t;
	tl_span s;

	if (render->fault != TL_RENDER_OK || conv->kind != TL_CONV_CHAT)
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		if (!has_thought(&conv->turns[i]))
			continue;
		if (nthoughts++ == 0) {
			reached = tl_text_reached(cx->arena, &render->text);
			traces = tl_conv_trace(cx->arena, conv, &render->text);
		}
		if (is_lost(&conv->turns[i], reached, &traces[i]) && n++ == 0)
			first = i;
	}
	if (n == 0 || !is_kept_at_end(cx, conv, first))
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
