/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const char *
what_happens(enum tl_render_fault fault)
{
	switch (fault) {
	case TL_RENDER_OK:
	case TL_RENDER_ERROR:
		break;
	case TL_RENDER_INPUT:
		return "the template does not take this conversation";
	case TL_RENDER_RAISED:
		return "the template raises an exception";
	case TL_RENDER_LIMIT:
		return "the template does not end within its limits";
	}
	return "the template fails";
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	struct tl_report *r;

	if (render->fault == TL_RENDER_OK)
		return;
	r = tl_report(cx, tl_at_node(conv->messages), "%s: %s",
	    what_happens(render->fault), tl_quote(cx, render->message, 200));
	if (render->line > 0)
		tl_report_note(r, "at line %zu, column %zu of the template",
		    render->line, render->column);
}

const struct tl_rule tl_rule_template_raises = {
	.code = "ROL009",
	.name = "template-raises",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template cannot render this record",
	.why = "Preprocessing stops at this record, sometimes after hours.",
	.fix = "Change the record to what the message asks for, remove it, or "
	       "choose a template that takes it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"user\",\"content\":\"hello?\"},"
		      "{\"role\":\"assistant\",\"content\":\"yes\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "ROL004",
	.recipe = { .template_ = "gemma" },
	.check_render = check_render,
};
