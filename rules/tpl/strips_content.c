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
		const struct tl_proof *e = &p->stripped[i];
		struct tl_report *r;

		/* TPL020 tells where more than that is lost. */
		if (e->probe == NULL || p->altered[i].probe != NULL)
			continue;
		r = tl_report(cx, tl_at_line(e->line, e->column),
		    "white space around %s is removed", roles[i]);
		tl_report_probe(r, "seen with", e->probe);
	}
}

const struct tl_rule tl_rule_strips_content = {
	.code = "TPL013",
	.name = "strips-content",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "white space around a content is removed",
	.why = "Offsets into the content, as in train_detail, and lengths no "
	       "longer agree with what is trained; white space that the data "
	       "has on purpose is lost.",
	.fix = "Clean the data instead, or know that it happens.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content | trim "
		      "+ '<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006 TPL021",
	.filename = "example.jinja",
	.check_template = check_template,
};
