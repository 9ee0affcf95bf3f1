/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_fact *f = &p->facts[TL_PF_SYSTEM];
	struct tl_report *r;

	(void)t;
	if (f->fate != TL_FATE_DROPPED)
		return;
	r = tl_report(cx, tl_at_line(f->line, f->column), "%s",
	    p->is_system_last_only ? "a system message is printed only when a "
				     "user has the last word"
				   : "a system message is not printed");
	tl_report_probe(r, "seen with", f->probe);
}

const struct tl_rule tl_rule_ignores_system = {
	.code = "TPL005",
	.name = "ignores-system",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a system message does not reach the text",
	.why = "The instructions of every record with a system message are "
	       "lost in silence: the model is trained on answers without the "
	       "rules they follow.",
	.fix = "Print the system message, or raise_exception where there must "
	       "be none.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{%- if m.role != 'system' -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endif -%}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL028 TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
