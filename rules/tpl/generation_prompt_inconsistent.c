/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->prompt_not_prefix;
	struct tl_report *r;
	tl_str a, b;

	(void)t;
	if (e->probe == NULL)
		return;
	a = e->probe->render.text.str;
	b = e->other->render.text.str;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "the generation prompt goes on with %s where the whole "
	    "conversation has %s",
	    tl_quote(cx, tl_str_slice(a, e->at, a.len), 0),
	    tl_quote(cx, tl_str_slice(b, e->at, b.len), 0));
	tl_report_probe(r, "seen with", e->probe);
	tl_report_probe(r, "against", e->other);
}

const struct tl_rule tl_rule_generation_prompt_inconsistent = {
	.code = "TPL018",
	.name = "generation-prompt-inconsistent",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the prompt with add_generation_prompt is no beginning of "
		   "the whole conversation",
	.why = "At inference the model continues a text that it was never "
	       "trained on, and trainers that split prompt from answer at its "
	       "length cut in the wrong place.",
	.fix = "Let add_generation_prompt print exactly what stands in front "
	       "of an assistant turn.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n<think>\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
