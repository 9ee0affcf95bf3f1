/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_setup *s)
{
	tl_report_setup(cx, s, TL_SETUP_NO_EFFECT);
}

const struct tl_rule tl_rule_setting_without_effect = {
	.code = "CFG010",
	.name = "setting-without-effect",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a setting of the trainer's configuration does nothing",
	.why = "The author believes that something is on that is off: the data "
	       "is trained otherwise than the file says.",
	.fix = "Do what the note says, or remove the setting.",
	.bad = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  - "
		      "path: samples/clean/openai.jsonl\n    type: "
		      "chat_template\n    train_on_inputs: true\n"),
	.good = TL_LIT("base_model: samples/tokenizers/bpe-mini\ndatasets:\n  "
		       "- path: samples/clean/openai.jsonl\n    type: "
		       "chat_template\n    roles_to_train: [assistant]\n"),
	.filename = "axolotl.yml",
	.check_setup = check,
};
