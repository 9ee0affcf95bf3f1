/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->not_prefix;
	struct tl_report *r;
	tl_str a, b;

	(void)t;
	if (e->probe == NULL)
		return;
	a = e->probe->render.text.str;
	b = e->other->render.text.str;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "a further turn changes the text before it: %s becomes %s",
	    tl_quote(cx, tl_str_slice(a, e->at, a.len), 0),
	    tl_quote(cx, tl_str_slice(b, e->at, b.len), 0));
	tl_report_probe(r, "seen from", e->probe);
	tl_report_probe(r, "to", e->other);
}

const struct tl_rule tl_rule_not_prefix_preserving = {
	.code = "TPL004",
	.name = "not-prefix-preserving",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a further turn changes the text of earlier ones",
	.why = "The loss is taken on text that is never seen at inference, "
	       "where the conversation grows turn by turn; trainers that find "
	       "a turn by rendering with and without it get the wrong tokens.",
	.fix = "Print each turn the same whatever follows it, and the "
	       "generation prompt only when add_generation_prompt is true.",
	.bad = TL_LIT("{{- bos_token -}}\n"
		      "{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{{- '<|im_start|>assistant\\n' -}}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
