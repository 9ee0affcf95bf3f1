/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		const struct tl_turn_tokens *t = &s->turns[i];
		size_t n = 0;

		for (size_t k = t->first; k < t->stop; k++)
			n += s->speakers[k] == i &&
			    s->wanted[k] == TL_REASON_NOT_FOUND;
		if (n == 0)
			continue;
		tl_report_note(
		    tl_report(cx, tl_at_turn(&conv->turns[i]),
			"the trainer cannot find this turn among the tokens of "
			"the conversation and leaves it masked"),
		    "%zu token%s should be trained, and the marker behind "
		    "them",
		    n, n == 1 ? "" : "s");
	}
}

const struct tl_rule tl_rule_turn_boundary_not_found = {
	.code = "MSK017",
	.name = "turn-boundary-not-found",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the trainer does not find a turn that it should train",
	.why = "axolotl looks for a turn by comparing two renderings of the "
	       "conversation. When they do not differ, or not where it looks, "
	       "the turn stays masked; a warning in the log is all one sees.",
	.fix = "Reword the reply, or use a template that prints it as it is "
	       "and not in another form in a shorter conversation.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"[[dummy_message]]\"},{\"role\":\"user\",\"content\":"
		      "\"Really?\"},{\"role\":\"assistant\",\"content\":"
		      "\"Yes.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "MSK019 MSK020",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "axolotl" },
	.check_sample = check,
};
