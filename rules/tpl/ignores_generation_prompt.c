/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->prompt_ignored;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "add_generation_prompt changes nothing, though %s stands in front "
	    "of an answer",
	    tl_quote(cx, e->what, 0));
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_ignores_generation_prompt = {
	.code = "TPL019",
	.name = "ignores-generation-prompt",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "add_generation_prompt has no effect",
	.why =
	    "Inference begins without the header of the assistant's turn: the "
	    "model may continue the user's turn or print the header itself.",
	.fix =
	    "Print the header at the end when add_generation_prompt is true.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
