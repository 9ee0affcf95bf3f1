/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The value's own name, or its place in a list. */
static const char *
name_of(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	if (v->key.ptr != NULL)
		return tl_quote(cx, v->key, 0);
	if (v->parent != NULL && v->parent->key.ptr != NULL)
		return tl_arena_printf(cx->arena, "element %u of %s",
		    (unsigned)v->index, tl_quote(cx, v->parent->key, 0));
	return "the value";
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind == TL_ISSUE_WRONG_TYPE)
			tl_report(cx, tl_at_issue(issue),
			    "%s is %s, expected %s", name_of(cx, issue->node),
			    tl_json_kind_name(issue->node->kind),
			    tl_arena_cstr(cx->arena, issue->detail));
	}
}

const struct tl_rule tl_rule_wrong_type = {
	.code = "SCH008",
	.name = "wrong-type",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a value is not of the type that its key asks for",
	.why = "The trainer stops, or writes Python's spelling of the value, "
	       "such as {'a': True}, into the text that is trained.",
	.fix = "Give the value the expected type at its source.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":42}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"42\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
