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

		if (traces[i].ncopied > t->text.str.len)
			tl_report(cx, tl_at_turn(t),
			    "the template renders the text of this %s turn "
			    "more than once: %zu bytes of it became %zu",
			    tl_role_name(tl_turn_meant(t)), t->text.str.len,
			    traces[i].ncopied);
	}
}

const struct tl_rule tl_rule_turn_rendered_twice = {
	.code = "ROL011",
	.name = "turn-rendered-twice",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the text of a turn stands twice in what the template "
		   "renders",
	.why = "The text counts twice in the loss, and the prompt is one that "
	       "the model is never given later.",
	.fix = "Correct the template, or choose another one.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"text\":\"hi, hello\"}\n"),
	.recipe = { .template_ = "samples/templates/repeating.jinja" },
	.check_render = check_render,
};
