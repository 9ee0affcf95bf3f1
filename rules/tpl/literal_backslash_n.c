/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* Take a backslash from every \\\\n in the strings of a tag. */
static void
fix_tag(struct tl_report *r, tl_str source, tl_span tag)
{
	char quote = '\0';

	for (size_t i = tag.beg; i + 1 < tag.end; i++) {
		char c = source.ptr[i];

		if (quote == '\0') {
			quote = c == '\'' || c == '"' ? c : '\0';
			continue;
		}
		if (c == quote) {
			quote = '\0';
			continue;
		}
		if (c != '\\')
			continue;
		i++; /* what it escapes is no quote */
		if (source.ptr[i] == '\\' && i + 1 < tag.end &&
		    source.ptr[i + 1] == 'n')
			tl_report_edit(r, TL_FIX_SAFE, i, i + 1, TL_STR(""));
	}
}

/* Who copied one tag in escaped form copied all of them. */
static void
fix(struct tl_report *r, tl_str source)
{
	size_t at = 0;

	while ((at = tl_str_find(source, TL_STR("{{"), at)) != TL_NPOS) {
		size_t end = tl_str_find(source, TL_STR("}}"), at);

		if (end == TL_NPOS)
			return;
		fix_tag(r, source, (tl_span){ at, end });
		at = end;
	}
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->backslash_n;
	struct tl_report *r;

	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "the text has a backslash and an n: a line break that was escaped "
	    "twice");
	tl_report_probe(r, "seen with", e->probe);
	fix(r, tl_template_source(t));
}

const struct tl_rule tl_rule_literal_backslash_n = {
	.code = "TPL011",
	.name = "literal-backslash-n",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "the text has a backslash and an n where a line break was meant",
	.why = "The template was copied in escaped form, so the model is "
	       "trained on the two characters \\n in every record and meets a "
	       "real line break at inference.",
	.fix = "Unescape the template: write \\n in a Jinja string, not \\\\n; "
	       "outside of strings press return.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\\\n' + m.content + "
		      "'<|im_end|>' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
