/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

#define MAX_SHOWN 12u

/* All that it refuses with that message. */
static const char *
list_orders(const struct tl_rule_cx *cx, const struct tl_refusal *refusal)
{
	struct tl_buf b;

	tl_buf_init(&b, cx->arena, 0);
	for (size_t i = 0; i < refusal->norders && i < MAX_SHOWN; i++)
		tl_buf_printf(
		    &b, "%s%s", i > 0 ? ", " : "", refusal->orders[i]->letters);
	if (refusal->norders > MAX_SHOWN)
		tl_buf_printf(
		    &b, " and %zu more", refusal->norders - MAX_SHOWN);
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	(void)t;
	for (size_t i = 0; i < p->nrefusals; i++) {
		const struct tl_refusal *f = &p->refusals[i];
		struct tl_report *r;

		if (!f->is_raised)
			continue;
		r = tl_report(cx, tl_at_line(f->line, f->column),
		    "the template refuses some orders of roles: %s",
		    list_orders(cx, f));
		if (p->grammar.len > 0)
			tl_report_note(r,
			    "S is system, U user, A assistant; accepted are "
			    "%s%s",
			    tl_arena_cstr(cx->arena, p->grammar),
			    p->has_system_anywhere ? ", with S anywhere" : "");
		else
			tl_report_note(r, "S is system, U user, A assistant");
		tl_report_note(r, "it says %s", tl_quote(cx, f->message, 200));
		tl_report_probe(r, "seen with", f->orders[0]);
	}
}

const struct tl_rule tl_rule_strict_role_order = {
	.code = "TPL015",
	.name = "strict-role-order",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "the template raises on some orders of roles",
	.why = "A record in such an order cannot be rendered: the trainer "
	       "drops it or stops.",
	.fix = "Keep the data to the orders that are accepted; the rules "
	       "ROL004 and ROL009 find the records.",
	.bad =
	    TL_LIT("{%- for m in messages -%}\n"
		   "{%- if (m.role == 'user') != (loop.index0 % 2 == 0) -%}\n"
		   "{{- raise_exception('Roles must alternate') -}}\n"
		   "{%- endif -%}\n"
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
