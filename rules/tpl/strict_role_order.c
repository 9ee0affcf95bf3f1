/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* The probed orders that end so, and the first of them.  What tools add is
 * another matter. */
static const char *
list_orders(const struct tl_rule_cx *cx, const struct tl_profile *p,
    enum tl_render_fault fault, const struct tl_probe **first)
{
	struct tl_buf b;

	tl_buf_init(&b, cx->arena, 0);
	for (size_t i = 0; i < p->norders; i++) {
		const struct tl_probe *o = p->orders[i];

		if (o->render.fault != fault || o->letters[0] == '!')
			continue;
		tl_buf_printf(
		    &b, "%s%s", *first != NULL ? ", " : "", o->letters);
		if (*first == NULL)
			*first = o;
	}
	tl_buf_puts(&b, *first == NULL ? "none" : "");
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_probe *first = NULL;
	struct tl_report *r;
	const char *good, *bad;

	(void)t;
	good = list_orders(cx, p, TL_RENDER_OK, &first);
	first = NULL;
	bad = list_orders(cx, p, TL_RENDER_RAISED, &first);
	if (first == NULL)
		return;
	r = tl_report(cx, tl_at_line(first->render.line, first->render.column),
	    "the template refuses some orders of roles: %s", bad);
	tl_report_note(
	    r, "S is system, U user, A assistant; accepted are %s", good);
	tl_report_note(
	    r, "it says %s", tl_quote(cx, first->render.message, 200));
	tl_report_probe(r, "seen with", first);
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
