/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->late_stop;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "%s, which ends a turn, is printed only once another message "
	    "follows",
	    tl_quote(cx, e->what, 0));
	tl_report_probe(r, "not there with", e->probe);
	tl_report_probe(r, "there with", e->other);
}

const struct tl_rule tl_rule_stop_in_next_turn = {
	.code = "TPL008",
	.name = "stop-in-next-turn",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the marker that ends a turn is printed by the next one",
	.why = "The last turn of each record never ends, and the end of the "
	       "others lies outside what is trained: the model does not learn "
	       "to stop.",
	.fix = "Print the marker right behind the content, in the same branch.",
	.bad = TL_LIT(
	    "{%- for m in messages -%}\n"
	    "{%- if m.role == 'user' -%}\n"
	    "{{- ('' if loop.first else eos_token) + 'USER: ' + m.content -}}\n"
	    "{%- else -%}\n"
	    "{{- ' ASSISTANT: ' + m.content -}}\n"
	    "{%- endif -%}\n"
	    "{%- endfor -%}\n"
	    "{%- if add_generation_prompt %}{{ ' ASSISTANT:' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
