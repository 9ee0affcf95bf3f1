/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_setup *s)
{
	tl_report_setup(cx, s, TL_SETUP_REFUSED);
}

const struct tl_rule tl_rule_refused_setting = {
	.code = "CFG013",
	.name = "refused-setting",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the trainer stops at its configuration",
	.why = "The run ends before it begins, or after the data was prepared.",
	.fix = "Change the setting as the note says.",
	.bad = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  - "
		      "path: samples/clean/openai.jsonl\n    type: sharegpt\n"),
	.good = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  "
		       "- path: samples/clean/openai.jsonl\n    type: "
		       "chat_template\n    roles_to_train: [assistant]\n"),
	.filename = "axolotl.yml",
	.check_setup = check,
};
