/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	(void)t;
	for (size_t i = 0; i < p->ncrash; i++) {
		const struct tl_proof *e = &p->crash[i];
		struct tl_report *r = tl_report(cx,
		    tl_at_line(e->line, e->column), "rendering fails on %s",
		    tl_arena_cstr(cx->arena, e->what));

		tl_report_note(r, "it ends with %s",
		    tl_quote(cx, e->probe->render.message, 200));
		tl_report_probe(r, "seen with", e->probe);
	}
}

const struct tl_rule tl_rule_crashes_on_edge_input = {
	.code = "TPL030",
	.name = "crashes-on-edge-input",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "rendering fails on a form of message that the template "
		   "otherwise takes",
	.why = "Preprocessing stops at the first such record, perhaps hours "
	       "into the run.",
	.fix = "Test for the missing value, or refuse it with raise_exception "
	       "and a sentence that says what to do.",
	.bad = TL_LIT(
	    "{%- if tools -%}\n"
	    "{{- '<|im_start|>tools\\n' + tools | tojson + '<|im_end|>\\n' "
	    "-}}\n"
	    "{%- endif -%}\n"
	    "{%- for m in messages -%}\n"
	    "{{- '<|im_start|>' + m.role + '\\n' -}}\n"
	    "{%- if m.role == 'assistant' -%}\n"
	    "{%- generation -%}\n"
	    "{{- m.content + '' -}}\n"
	    "{%- if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif -%}\n"
	    "{{- '<|im_end|>\\n' -}}\n"
	    "{%- endgeneration -%}\n"
	    "{%- else -%}\n"
	    "{{- m.content + '<|im_end|>\\n' -}}\n"
	    "{%- endif -%}\n"
	    "{%- endfor -%}\n"
	    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% "
	    "endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL022",
	.filename = "example.jinja",
	.check_template = check_template,
};
