/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* The letter behind the backslash that stands for c, or NUL. */
static char
letter_of(char c)
{
	static const char pairs[] = "\aa\bb\ff\vv";

	for (size_t i = 0; pairs[i] != '\0'; i += 2)
		if (pairs[i] == c)
			return pairs[i + 1];
	return '\0';
}

/* Double the backslashes before that letter in the tag. */
static void
fix(struct tl_report *r, tl_str source, tl_span tag, char letter)
{
	for (size_t i = tag.beg; letter != '\0' && i + 1 < tag.end; i++) {
		if (source.ptr[i] != '\\')
			continue;
		if (source.ptr[i + 1] == letter)
			tl_report_edit(r, TL_FIX_UNSAFE, i, i, TL_STR("\\"));
		i++;
	}
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->control;
	struct tl_report *r;

	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "the template prints the control character U+%04X",
	    (unsigned)(unsigned char)e->probe->render.text.str.ptr[e->at]);
	tl_report_probe(r, "seen with", e->probe);
	fix(r, tl_template_source(t),
	    tl_line_span(tl_template_source(t), e->line, e->column),
	    letter_of(e->probe->render.text.str.ptr[e->at]));
}

const struct tl_rule tl_rule_escape_in_literal = {
	.code = "TPL012",
	.name = "escape-in-literal",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "an escape in a string of the template became a control character",
	.why = "In a Jinja string \\b is a backspace and \\x07 a bell: LaTeX "
	       "such as \\boxed loses its first letters, and each record is "
	       "trained with the debris.",
	.fix = "Write \\\\boxed for a backslash.",
	.bad = TL_LIT("{{- '<|im_start|>system\\nPut the result in "
		      "\\boxed{}.<|im_end|>\\n' -}}\n"
		      "{%- for m in messages -%}\n"
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
