/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->control;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "the template prints the control character U+%04X",
	    (unsigned)(unsigned char)e->probe->render.text.str.ptr[e->at]);
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_escape_in_literal = {
	.code = "TPL012",
	.name = "escape-in-literal",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "an escape in a string of the template became a control character",
	.why = "In a Jinja string \\b is a backspace and \\x07 a bell: LaTeX "
	       "such as \\boxed loses its first letters, and each record is "
	       "trained with the debris.",
	.fix = "Write \\\\boxed for a backslash.",
	.bad = TL_LIT("{{- '<|im_start|>system\\nPut the result in "
		      "\\boxed{}.<|im_end|>\\n' -}}\n"
		      "{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
