/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	(void)t;
	(void)p;
	if (cx->fault != NULL)
		tl_report(cx, tl_at_line(cx->fault->line, cx->fault->column),
		    "%s", cx->fault->message);
}

const struct tl_rule tl_rule_syntax_error = {
	.code = "TPL001",
	.name = "syntax-error",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template does not parse",
	.why = "Nothing can be rendered: the trainer and every server that "
	       "loads the template stop with an error.",
	.fix = "Correct the syntax at the place that is named; jinja2 refuses "
	       "it there as well.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{ m.content }\n"
		      "{%- endfor -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.wants_broken = true,
	.check_template = check_template,
};
