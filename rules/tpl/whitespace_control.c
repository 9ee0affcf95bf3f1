/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static size_t
common_prefix(tl_str a, tl_str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	while (n > 0 && n < a.len && ((unsigned char)a.ptr[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* The probe whose text differs without the settings, and that text. */
static const struct tl_probe *
find_difference(const struct tl_rule_cx *cx, const struct tl_profile *p,
    const struct tl_template *other, const struct tl_probe **with)
{
	for (size_t i = 0; i <= p->norders; i++) {
		const struct tl_probe *o = i == 0 ? p->base : p->orders[i - 1];
		const struct tl_probe *again;

		if (!tl_probe_ok(o))
			continue;
		again = tl_probe_again(cx->arena, other, p, o);
		if (!tl_probe_ok(again) ||
		    tl_str_eq(o->render.text.str, again->render.text.str))
			continue;
		*with = o;
		return again;
	}
	return NULL;
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_probe *with, *without;
	const struct tl_run *run;
	struct tl_template *other;
	struct tl_report *r;
	struct tl_error err;
	tl_str a, b;
	size_t at;

	if (!p->is_usable ||
	    tl_template_elsewhere(
		cx->arena, t, TL_ELSEWHERE_NO_TRIM, &other, &err) != TL_OK)
		return;
	without = find_difference(cx, p, other, &with);
	if (without == NULL)
		return;
	a = with->render.text.str;
	b = without->render.text.str;
	at = common_prefix(a, b);
	run =
	    tl_text_run_at(&without->render.text, at < b.len ? at : b.len - 1);
	r = tl_report(cx, tl_at_line(run->line, run->column),
	    "white space between tags is printed where trim_blocks and "
	    "lstrip_blocks are off: %s instead of %s",
	    tl_quote(cx, tl_str_slice(b, at, b.len), 24),
	    tl_quote(cx, tl_str_slice(a, at, a.len), 24));
	tl_report_probe(r, "seen with", with);
}

const struct tl_rule tl_rule_whitespace_control = {
	.code = "TPL029",
	.name = "whitespace-control",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the text depends on trim_blocks and lstrip_blocks",
	.why = "transformers sets both; engines that do not print line breaks "
	       "and indentation that the model has never been trained on.",
	.fix = "Write {%- and -%} where white space must go, so that the "
	       "settings do not matter.",
	.bad = TL_LIT("{% set first = messages[0] %}\n"
		      "{{ bos_token }}" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
