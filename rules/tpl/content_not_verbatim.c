/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	static const char *const roles[] = { "a system message",
		"a user's message", "an assistant's message" };

	(void)t;
	for (size_t i = 0; i < TL_COUNT(roles); i++) {
		const struct tl_proof *e = &p->altered[i];
		struct tl_report *r;

		if (e->probe == NULL)
			continue;
		r = tl_report(cx, tl_at_line(e->line, e->column),
		    "%s is changed: it is printed as %s", roles[i],
		    tl_quote(cx, e->what, 100));
		tl_report_probe(r, "seen with", e->probe);
	}
}

const struct tl_rule tl_rule_content_not_verbatim = {
	.code = "TPL020",
	.name = "content-not-verbatim",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a content is changed on its way into the text",
	.why = "The model is trained on another text than the data has: "
	       "escaped, folded, cut or turned around.",
	.fix = "Print the content as it is.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content | lower "
		      "+ '<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL028 TPL002 TPL006 TPL021",
	.filename = "example.jinja",
	.check_template = check_template,
};
