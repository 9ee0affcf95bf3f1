/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->final_newline;
	tl_str s = tl_template_source(t);
	size_t end = s.len;
	struct tl_report *r;

	if (e->probe == NULL)
		return;
	while (end > 0 && (s.ptr[end - 1] == '\n' || s.ptr[end - 1] == '\r'))
		end--;
	r = tl_report(cx, tl_at_bytes(end, s.len),
	    "the line breaks at the end of the file are printed: the text ends "
	    "in %s",
	    tl_quote(cx,
		tl_str_slice(e->probe->render.text.str, e->at,
		    e->probe->render.text.str.len),
		0));
	tl_report_edit(r, TL_FIX_SAFE, end, s.len, TL_STR("\n"));
	tl_report_probe(r, "seen with", e->probe);
}

const struct tl_rule tl_rule_trailing_newline_emitted = {
	.code = "TPL035",
	.name = "trailing-newline-emitted",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the line breaks at the end of the file are printed",
	.why = "Each conversation ends in a token behind its EOS, and the last "
	       "turn of training differs from the same turn with others behind "
	       "it.",
	.fix = "Delete the blank lines at the end of the file, or end the last "
	       "tag with -%}.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' + m.content + "
		      "'<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif %}\n"
		      "\n"
		      "\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL028 TPL029 TPL002 TPL004 TPL006 TPL018",
	.filename = "example.jinja",
	.check_template = check_template,
};
