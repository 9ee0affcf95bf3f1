/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->random;
	struct tl_report *r;
	tl_str a, b;

	(void)t;
	if (e->probe != NULL) {
		r = tl_report(cx, tl_at_line(e->line, e->column),
		    "the text depends on chance: %s",
		    tl_quote(cx, e->probe->render.message, 100));
		tl_report_probe(r, "seen with", e->probe);
	}
	e = &p->clock;
	if (e->probe == NULL)
		return;
	a = e->probe->render.text.str;
	b = e->other->render.text.str;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "the text depends on the day: %s, another time %s",
	    tl_quote(cx, tl_str_slice(a, e->at, a.len), 24),
	    tl_quote(cx, tl_str_slice(b, e->at, b.len), 24));
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_nondeterministic = {
	.code = "TPL014",
	.name = "nondeterministic",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the text depends on the day or on chance",
	.why = "The same data gives other tokens on another day: runs cannot "
	       "be repeated, caches do not fit, and the model is told a date "
	       "that is none of its answers.",
	.fix = "Take the date from a variable with a fixed default, and give "
	       "it where the conversation is rendered.",
	.bad = TL_LIT("{{- '<|im_start|>system\\nToday is ' + strftime_now('%d "
		      "%B %Y') + '.<|im_end|>\\n' -}}\n"
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
