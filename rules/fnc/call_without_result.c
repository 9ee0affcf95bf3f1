/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	size_t i = 0;

	while (i < conv->nturns) {
		const struct tl_turn *t = &conv->turns[i++];
		size_t nresults = 0;

		while (t->ntool_calls > 0 && i < conv->nturns &&
		    tl_turn_meant(&conv->turns[i]) == TL_ROLE_TOOL) {
			nresults++;
			i++;
		}
		/* A call that ends the conversation is what is trained. */
		if (i == conv->nturns || nresults >= t->ntool_calls)
			continue;
		if (t->tool_calls == NULL && nresults > 0)
			continue; /* how many it makes is in its text */
		tl_report(cx,
		    tl_in_turn(tl_at_node(t->tool_calls != NULL ? t->tool_calls
								: t->role_node),
			t->index),
		    "%zu tool call%s, %zu result%s before the next turn",
		    t->ntool_calls, t->ntool_calls == 1 ? "" : "s", nresults,
		    nresults == 1 ? "" : "s");
	}
}

const struct tl_rule tl_rule_call_without_result = {
	.code = "FNC005",
	.name = "call-without-result",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a tool call is not followed by its result",
	.why = "The model learns to go on without waiting for the tool; some "
	       "validators reject the record.",
	.fix = "Add the tool's turn, or remove the call.",
	.bad = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]},{\"role\":\"user\","
	    "\"content\":\"well?\"},{\"role\":\"assistant\",\"content\":"
	    "\"It is 42.\"}]}\n"),
	.good = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"c1\",\"content\":\"42\"},"
	    "{\"role\":\"assistant\",\"content\":\"It is 42.\"}]}\n"),
	.needs = TL_TRAIT_CALLS,
	.check_conv = check_conv,
};
