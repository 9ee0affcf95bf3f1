/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* m.content, m['content']: what can be followed by an "or" as it is. */
static bool
is_path(tl_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '_' && c != '.' &&
		    c != '[' && c != ']' && c != '\'' && c != '"')
			return false;
	}
	return s.len > 0;
}

/* Print nothing for what is missing, where the tag prints just that. */
static void
fix(struct tl_report *r, tl_str source, tl_span tag)
{
	tl_str s = tl_str_slice(source, tag.beg, tag.end);
	size_t end = tl_str_find(s, TL_STR("}}"), 0);

	if (end == TL_NPOS)
		return;
	if (end > 0 && s.ptr[end - 1] == '-')
		end--;
	end -= tl_space_behind(tl_str_slice(s, 0, end));
	if (is_path(tl_str_slice(s, 0, end)))
		tl_report_edit(r, TL_FIX_UNSAFE, tag.beg + end, tag.beg + end,
		    TL_STR(" or ''"));
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_proof *e = &p->none_as_text;
	struct tl_report *r;

	if (e->probe == NULL)
		return;
	r = tl_report(cx, tl_at_line(e->line, e->column),
	    "a missing content is printed as %s", tl_quote(cx, e->what, 0));
	tl_report_probe(r, "seen with", e->probe);
	fix(r, tl_template_source(t),
	    tl_line_span(tl_template_source(t), e->line, e->column));
}

const struct tl_rule tl_rule_none_as_text = {
	.code = "TPL021",
	.name = "none-as-text",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a missing value is printed as a word",
	.why = "None or null becomes a part of the conversation, and the model "
	       "learns to say it.",
	.fix = "Test the value first: {{ message.content or '' }}.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|im_start|>' + m.role + '\\n' -}}{{- m.content "
		      "-}}{{- '<|im_end|>\\n' -}}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt %}{{ "
		      "'<|im_start|>assistant\\n' }}{% endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL002 TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
