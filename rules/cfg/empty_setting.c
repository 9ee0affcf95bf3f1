/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_setup *s)
{
	tl_report_setup(cx, s, TL_SETUP_NULL);
}

const struct tl_rule tl_rule_empty_setting = {
	.code = "CFG011",
	.name = "empty-setting",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "an empty setting falls back to a default",
	.why =
	    "The trainer drops what is empty before it reads it: the default "
	    "holds, which is often not what an empty value was meant to say.",
	.fix = "Write the value that is meant, or remove the key.",
	.bad = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  - "
		      "path: samples/clean/openai.jsonl\n    type: "
		      "chat_template\n    roles_to_train:\n"),
	.good = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  "
		       "- path: samples/clean/openai.jsonl\n    type: "
		       "chat_template\n    roles_to_train: [assistant]\n"),
	.filename = "axolotl.yml",
	.check_setup = check,
};
