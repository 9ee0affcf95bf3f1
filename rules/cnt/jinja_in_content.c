/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The first "{{" or "{%", or TL_NPOS. */
static size_t
find_tag(tl_str s)
{
	size_t at = 0;

	while ((at = tl_str_find_char(s, '{', at)) != TL_NPOS) {
		if (at + 1 < s.len &&
		    (s.ptr[at + 1] == '{' || s.ptr[at + 1] == '%'))
			return at;
		at++;
	}
	return TL_NPOS;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		size_t at = TL_NPOS;

		if (t->text_has & TL_HAS_BRACE)
			at = find_tag(t->text.str);
		if (at != TL_NPOS)
			tl_report(cx, tl_at_said(t, at, at + 2),
			    "%s in this %s turn opens a tag of a template",
			    tl_quote(
				cx, tl_str_slice(t->text.str, at, at + 2), 0),
			    tl_role_name(tl_turn_meant(t)));
	}
}

const struct tl_rule tl_rule_jinja_in_content = {
	.code = "CNT028",
	.name = "jinja-in-content",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "{{ or {% in the text of a turn",
	.why = "Tools that paste contents into a template before they render "
	       "it run the tag: the text changes or the run stops.",
	.fix = "Nothing, if your tools hand contents over as variables; else "
	       "escape the braces.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		      "\"What does {% raw %} do?\"},{\"role\":\"assistant\","
		      "\"content\":\"It keeps tags as they are.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"What is {a, b}?\"},{\"role\":\"assistant\","
		       "\"content\":\"A set.\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_HAS_BRACE),
	.check_conv = check_conv,
};
