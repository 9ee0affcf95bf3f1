/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_setup *s)
{
	tl_report_setup(cx, s, TL_SETUP_MISSING);
}

const struct tl_rule tl_rule_missing_input = {
	.code = "CFG014",
	.name = "missing-input",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary =
	    "data or tokenizer of the configuration are not on this machine",
	.why = "What cannot be read is not checked.",
	.fix = "Fetch it, or name it on the command line.",
	.bad = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  - "
		      "path: tatsu-lab/alpaca\n    type: alpaca\n"),
	.good = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  "
		       "- path: samples/clean/openai.jsonl\n    type: "
		       "chat_template\n    roles_to_train: [assistant]\n"),
	.filename = "axolotl.yml",
	.check_setup = check,
};
