/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	tl_str s = tl_template_source(t);
	const tl_str crlf = TL_STR("\r\n");
	size_t at, n = 0;
	struct tl_report *r;

	(void)p;
	if (tl_str_starts(s, TL_STR("\xef\xbb\xbf"))) {
		r = tl_report(cx, tl_at_bytes(0, 3),
		    "the template begins with a byte order mark, which is "
		    "printed");
		tl_report_edit(r, TL_FIX_SAFE, 0, 3, TL_STR(""));
	}
	at = tl_str_find(s, crlf, 0);
	if (at == TL_NPOS)
		return;
	r = tl_report(
	    cx, tl_at_bytes(at, at + 1), "lines of the template end in CR LF");
	for (; at != TL_NPOS; at = tl_str_find(s, crlf, at + 2)) {
		tl_report_edit(r, TL_FIX_SAFE, at, at + 1, TL_STR(""));
		n++;
	}
	tl_report_note(r, "%zu line%s", n, n == 1 ? "" : "s");
}

const struct tl_rule tl_rule_bom_or_crlf_in_template = {
	.code = "TPL034",
	.name = "bom-or-crlf-in-template",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the template has a byte order mark or Windows line ends",
	.why = "The mark is printed in front of every conversation as a token "
	       "nobody sees. Line ends of two bytes are folded by jinja2 and "
	       "printed by other engines, so training and serving differ.",
	.fix =
	    "Save the file as UTF-8 without a mark and with plain line feeds.",
	.bad = TL_LIT("{%- for m in messages -%}\r\n"
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
