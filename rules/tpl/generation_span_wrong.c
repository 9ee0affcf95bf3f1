/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->bad_generation;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column), "%s",
	    tl_arena_cstr(cx->arena, e->what));
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_generation_span_wrong = {
	.code = "TPL003",
	.name = "generation-span-wrong",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a {% generation %} block covers the wrong part of a turn",
	.why = "With the header inside, the model is trained to print what the "
	       "server prints for it; with the end marker outside, it never "
	       "learns to stop.",
	.fix = "Begin the block behind the header that add_generation_prompt "
	       "prints and end it behind the marker that closes the turn.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{%- if m.role == 'assistant' -%}\n"
		      "{%- generation -%}{{- '<|im_start|>assistant\\n' + "
		      "m.content + '<|im_end|>\\n' -}}{%- endgeneration -%}\n"
		      "{%- else -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endif -%}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
