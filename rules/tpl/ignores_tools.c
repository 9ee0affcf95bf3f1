/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	static const struct {
		enum tl_profile_fact fact;
		const char *what;
	} parts[] = {
		{ TL_PF_TOOLS, "the list of tools" },
		{ TL_PF_CALL_OBJECT, "a tool call" },
		{ TL_PF_RESULT, "a tool's result" },
	};

	(void)t;
	for (size_t i = 0; i < TL_COUNT(parts); i++) {
		const struct tl_fact *f = &p->facts[parts[i].fact];
		struct tl_report *r;

		if (f->fate != TL_FATE_DROPPED ||
		    (parts[i].fact == TL_PF_CALL_OBJECT &&
			p->facts[TL_PF_CALL_STRING].fate == TL_FATE_KEPT))
			continue;
		r = tl_report(cx, tl_at_line(f->line, f->column),
		    "%s is not printed", parts[i].what);
		tl_report_probe(r, "seen with", f->probe);
	}
}

const struct tl_rule tl_rule_ignores_tools = {
	.code = "TPL006",
	.name = "ignores-tools",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "tools, tool calls or tool results do not reach the text",
	.why = "Records with tools are trained as if there were none: answers "
	       "that refer to a result nobody has shown.",
	.fix = "Print them, raise_exception where they must not be, or keep "
	       "such records out of the data.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002",
	.filename = "example.jinja",
	.check_template = check_template,
};
