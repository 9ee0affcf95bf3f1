/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->no_stop;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "no token ends an assistant turn: the text stops with the answer");
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_missing_stop = {
	.code = "TPL007",
	.name = "missing-stop",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "nothing ends an assistant turn",
	.why =
	    "A model that never sees an end behind its answers does not stop: "
	    "it goes on until the limit, often with a user turn of its own.",
	.fix = "Print the end-of-turn or EOS token behind each assistant turn, "
	       "also the last one.",
	.bad =
	    TL_LIT("{%- for m in messages -%}\n"
		   "{{- '### ' + m.role + ':\\n' + m.content + '\\n\\n' -}}\n"
		   "{%- endfor -%}\n"
		   "{%- if add_generation_prompt %}{{ '### assistant:\\n' }}{% "
		   "endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
