/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The trainer finds its way by names that it was given. */
static bool
is_read(const struct tl_rule_cx *cx)
{
	const struct tl_sample *s = cx->facts->sample;

	return s != NULL && s->is_built && s->tokens.n > 0;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (is_read(cx))
		return;
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind != TL_ISSUE_NO_FORMAT)
			continue;
		tl_report(cx, tl_at_record(),
		    "the record fits no known format; %s",
		    tl_arena_cstr(cx->arena, issue->detail));
	}
}

const struct tl_rule tl_rule_unknown_format = {
	.code = "SCH001",
	.name = "unknown-format",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the record fits no known format",
	.why = "The loader finds no conversation in the record: it stops, or "
	       "leaves the record out.",
	.fix = "Rename the keys to those of the nearest format, or name the "
	       "format and its keys in the configuration.",
	.bad = TL_LIT("{\"question\":\"hi\",\"answer\":\"hello\"}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
