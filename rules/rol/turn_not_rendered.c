/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	const struct tl_trace *traces;

	if (render->fault != TL_RENDER_OK || conv->nturns == 0)
		return;
	traces = tl_conv_trace(cx->arena, conv, &render->text);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (traces[i].is_reached || tl_is_space(t->text.str) ||
		    tl_turn_meant(t) == TL_ROLE_SYSTEM) /* SYS004 */
			continue;
		if (t->text.nruns > 0 && t->text.runs[0].node == NULL)
			continue; /* the format's own words */
		tl_report(cx, tl_at_turn(t),
		    "the template leaves out the text of this %s turn: %s",
		    tl_role_name(tl_turn_meant(t)),
		    tl_quote(cx, t->text.str, 0));
	}
}

const struct tl_rule tl_rule_turn_not_rendered = {
	.code = "ROL010",
	.name = "turn-not-rendered",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "the text of a turn is absent from what the template renders",
	.why = "The turn is in the data and not in the training: neither "
	       "context nor target, and nothing says so.",
	.fix = "Choose a template that renders the turn, or move its text to "
	       "where the template looks.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		      "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		      "\"Let me see.\"},{\"role\":\"tool\",\"content\":"
		      "\"42\"},{\"role\":\"assistant\",\"content\":"
		      "\"It is 42.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"It is 42.\"}]}\n"),
	.also = "FNC006",
	.recipe = { .template_ = "samples/templates/forgetful.jinja" },
	.check_render = check_render,
};
