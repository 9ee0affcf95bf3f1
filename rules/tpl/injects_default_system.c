/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* Where the template prints that slice of the base's text. */
static struct tl_place
place_of(const struct tl_profile *p, tl_str what)
{
	const struct tl_text *t = &p->base->render.text;
	size_t at = tl_str_find(t->str, what, 0);
	const struct tl_run *r = at == TL_NPOS ? NULL : tl_text_run_at(t, at);

	return r == NULL ? tl_at_line(0, 0) : tl_at_line(r->line, r->column);
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	struct tl_report *r;

	(void)t;
	if (p->default_system.len == 0 || tl_is_space(p->default_system))
		return;
	r = tl_report(cx, place_of(p, p->default_system),
	    "the template adds a system prompt when the data has none: %s",
	    tl_quote(cx, p->default_system, 120));
	tl_report_probe(r, "seen with", p->base);
}

const struct tl_rule tl_rule_injects_default_system = {
	.code = "TPL033",
	.name = "injects-default-system",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "the template adds a system prompt of its own",
	.why = "Records without a system turn are trained with a prompt that "
	       "nobody sees in the data, and that other engines may not send.",
	.fix = "Put the prompt that is meant into the data, or an empty one.",
	.bad =
	    TL_LIT("{%- if messages[0].role != 'system' -%}\n"
		   "{{- '<|im_start|>system\\nYou are kind.<|im_end|>\\n' -}}\n"
		   "{%- endif -%}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
