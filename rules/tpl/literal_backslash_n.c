/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->backslash_n;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "the text has a backslash and an n: a line break that was escaped "
	    "twice");
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_literal_backslash_n = {
	.code = "TPL011",
	.name = "literal-backslash-n",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "the text has a backslash and an n where a line break was meant",
	.why = "The template was copied in escaped form, so the model is "
	       "trained on the two characters \\n in every record and meets a "
	       "real line break at inference.",
	.fix = "Unescape the template: write \\n in a Jinja string, not \\\\n; "
	       "outside of strings press return.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\\\n' + m.content + "
		      "'<|im_end|>' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
