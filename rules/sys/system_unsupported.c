/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

static const struct tl_turn *
find_system(const struct tl_conv *conv, size_t *at)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		*at = i;
		if (conv->turns[i].role == TL_ROLE_SYSTEM)
			return &conv->turns[i];
	}
	return NULL;
}

/* The template takes the conversation when its system turns are left out. */
static bool
renders_without(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	struct tl_turn *turns = TL_NEW(cx->arena, struct tl_turn, conv->nturns);
	struct tl_conv rest = *conv;
	struct tl_render render;

	rest.turns = turns;
	rest.nturns = 0;
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].role != TL_ROLE_SYSTEM)
			turns[rest.nturns++] = conv->turns[i];
	memset(&render, 0, sizeof(render));
	tl_template_render(recipe->template_, cx->arena, &rest, rest.nturns,
	    &recipe->render_options, &render);
	return render.fault == TL_RENDER_OK;
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	size_t at = 0;
	const struct tl_turn *t = find_system(conv, &at);
	const struct tl_trace *traces;

	if (t == NULL || cx->facts->recipe->template_ == NULL)
		return;
	if (render->fault == TL_RENDER_OK) {
		traces = tl_conv_trace(cx->arena, conv, &render->text);
		if (!traces[at].is_reached && !tl_is_space(t->text.str))
			tl_report(cx, tl_at_turn(t),
			    "the template leaves out the system text: %s",
			    tl_quote(cx, t->text.str, 0));
	} else if (render->fault != TL_RENDER_LIMIT &&
	    renders_without(cx, conv)) {
		tl_report(cx, tl_at_turn(t),
		    "the template refuses the system turn: %s",
		    tl_quote(cx, render->message, 200));
	}
}

const struct tl_rule tl_rule_system_unsupported = {
	.code = "SYS004",
	.name = "system-unsupported",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template refuses system turns or leaves them out",
	.why = "The instruction is in the data and not in the prompt that is "
	       "trained, or preprocessing stops.",
	.fix = "Move the system text into the first user turn, or choose a "
	       "template that has a place for it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"Be brief. hi\"},{\"role\":\"assistant\",\"content\":"
		       "\"hello\"}]}\n"),
	.also = "ROL009",
	.recipe = { .template_ = "gemma" },
	.check_render = check_render,
};
