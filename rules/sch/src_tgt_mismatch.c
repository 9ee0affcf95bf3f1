/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];

		if (issue->kind == TL_ISSUE_LENGTH_MISMATCH)
			tl_report(cx, tl_at_issue(issue),
			    "the lists differ in length: %s",
			    tl_arena_cstr(cx->arena, issue->detail));
	}
}

const struct tl_rule tl_rule_src_tgt_mismatch = {
	.code = "SCH020",
	.name = "src-tgt-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "parallel lists differ in length",
	.why = "Questions and answers, tokens and labels are paired by "
	       "position: from the gap on everything is learned for another "
	       "partner, or the trainer stops.",
	.fix = "Add what is missing, or remove what is too much.",
	.bad = TL_LIT("{\"src\":[\"hi\",\"bye\"],\"tgt\":[\"hello\"]}\n"),
	.good = TL_LIT("{\"src\":[\"hi\",\"bye\"],\"tgt\":[\"hello\","
		       "\"see you\"]}\n"),
	.needs = TL_TRAIT_ISSUES,
	.check_conv = check_conv,
	.wants_broken = true,
};
