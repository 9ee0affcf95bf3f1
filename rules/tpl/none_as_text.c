/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->none_as_text;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "a missing content is printed as %s", tl_quote(cx, e->what, 0));
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_none_as_text = {
	.code = "TPL021",
	.name = "none-as-text",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a missing value is printed as a word",
	.why = "None or null becomes a part of the conversation, and the model "
	       "learns to say it.",
	.fix = "Test the value first: {{ message.content or '' }}.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' -}}{{- m.content "
		      "-}}{{- '<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
