/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	(void)p;
	if (t == NULL && cx->fault == NULL)
		tl_report(
		    cx, tl_at_line(0, 0), "the tokenizer has no chat template");
}

const struct tl_rule tl_rule_no_template = {
	.code = "TPL032",
	.name = "no-template",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the tokenizer has no chat template",
	.why = "Each tool falls back on a template of its own or stops: what "
	       "is trained is not what is served.",
	.fix = "Put the template that the model is trained with into "
	       "chat_template.jinja beside the tokenizer.",
	.bad = TL_LIT("{\"tokenizer_class\": \"PreTrainedTokenizerFast\", "
		      "\"eos_token\": \"<|im_end|>\"}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.wants_broken = true,
	.check_template = check_template,
};
