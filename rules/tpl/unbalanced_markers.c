/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->unbalanced;
	struct tl_report *r;

	(void)t;
	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "markers do not pair up: %s", tl_arena_cstr(cx->arena, e->what));
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_unbalanced_markers = {
	.code = "TPL031",
	.name = "unbalanced-markers",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "some orders of roles open more turns than they close",
	.why = "The structure of such records is broken: a turn that never "
	       "ends swallows the next one.",
	.fix = "Close a turn where it is printed, or refuse the order with "
	       "raise_exception.",
	.bad = TL_LIT(
	    "{%- for m in messages -%}\n"
	    "{%- if m.role == 'user' -%}\n"
	    "{{- '[INST] ' + m.content -}}\n"
	    "{%- elif m.role == 'assistant' -%}\n"
	    "{{- ' [/INST] ' + m.content + eos_token -}}\n"
	    "{%- else -%}\n"
	    "{{- raise_exception('unknown role') -}}\n"
	    "{%- endif -%}\n"
	    "{%- endfor -%}\n"
	    "{%- if add_generation_prompt %}{{ ' [/INST]' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006 TPL015",
	.filename = "example.jinja",
	.check_template = check_template,
};
