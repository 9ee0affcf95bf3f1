/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_setup *s)
{
	tl_report_setup(cx, s, TL_SETUP_UNKNOWN);
}

const struct tl_rule tl_rule_unknown_setting = {
	.code = "CFG012",
	.name = "unknown-setting",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the trainer does not know a setting of its configuration",
	.why = "It is dropped without a word: a typing error turns the setting "
	       "off.",
	.fix = "Correct the name, or remove the setting.",
	.bad = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  - "
		      "path: samples/clean/openai.jsonl\n    type: "
		      "chat_template\n    role_to_train: [assistant]\n"),
	.good = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  "
		       "- path: samples/clean/openai.jsonl\n    type: "
		       "chat_template\n    roles_to_train: [assistant]\n"),
	.filename = "axolotl.yml",
	.check_setup = check,
};
