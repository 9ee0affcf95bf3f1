/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_fact *said = &p->facts[TL_PF_ASSISTANT];
	struct tl_report *r;

	(void)t;
	if (!p->is_usable || p->has_generation_spans)
		return;
	r = tl_report(cx, tl_at_line(said->line, said->column),
	    "no {%% generation %%} block marks what the assistant says: "
	    "assistant-only loss trains nothing");
	tl_report_probe(r, "seen with", p->base);
}

const struct tl_rule tl_rule_no_generation_tags = {
	.code = "TPL002",
	.name = "no-generation-tags",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "no {% generation %} block is printed for an assistant turn",
	.why = "A trainer that learns only from assistant turns through the "
	       "template asks it for the mask; without the blocks every token "
	       "is masked and nothing is trained.",
	.fix = "Put {% generation %} and {% endgeneration %} around the answer "
	       "and the marker that ends it.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
