/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The text is the same without them. */
static bool
is_same_without(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	struct tl_conv other = *conv;
	struct tl_render out;

	other.tools = NULL;
	return tl_render_instead(cx, &other, other.nturns, &out) &&
	    tl_str_eq(out.text.str, render->text.str);
}

static size_t
count_calls(const struct tl_conv *conv)
{
	size_t n = 0;

	for (size_t i = 0; i < conv->nturns; i++)
		n += conv->turns[i].ntool_calls;
	return n;
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	unsigned ntools;
	size_t ncalls = count_calls(conv);
	struct tl_report *r;

	if (conv->tools == NULL || render->fault != TL_RENDER_OK ||
	    tl_reached_has(
		tl_text_reached(cx->arena, &render->text), conv->tools) ||
	    !is_same_without(cx, conv, render))
		return;
	ntools = (unsigned)conv->tools->nchildren;
	r = tl_report(cx, tl_at_node(conv->tools),
	    ntools == 1 ? "the template leaves out the record's tool"
			: "the template leaves out the record's %u tools",
	    ntools);
	if (ncalls > 0)
		tl_report_note(r,
		    "the conversation calls a tool %zu time%s, and the prompt "
		    "does not say that there is any",
		    ncalls, ncalls == 1 ? "" : "s");
}

const struct tl_rule tl_rule_tools_not_rendered = {
	.code = "FNC010",
	.name = "tools-not-rendered",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template leaves out the tools of the record",
	.why = "The model learns to call tools that the prompt does not name: "
	       "it will invent calls, and not heed the tools it is given.",
	.fix = "Choose a template that renders tools, or describe them in the "
	       "system turn.",
	.bad = TL_LIT("{\"tools\":[{\"type\":\"function\",\"function\":"
		      "{\"name\":\"mul\",\"parameters\":{\"type\":\"object\","
		      "\"properties\":{}}}}],\"messages\":[{\"role\":\"user\","
		      "\"content\":\"6*7?\"},{\"role\":\"assistant\","
		      "\"content\":\"42\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"42\"}]}\n"),
	.recipe = { .template_ = "chatml" },
	.check_render = check_render,
};
