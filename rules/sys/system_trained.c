/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_sample(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->role != TL_ROLE_SYSTEM && t->role != TL_ROLE_DEVELOPER)
			continue;
		if (s->turns[i].ntrained > 0)
			tl_report(cx, tl_at_turn(t),
			    "%zu of %zu tokens of the system text are trained",
			    s->turns[i].ntrained, s->turns[i].nsaid);
	}
}

const struct tl_rule tl_rule_system_trained = {
	.code = "SYS009",
	.name = "system-trained",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "words of the system prompt are trained",
	.why = "The model learns to recite its instructions instead of "
	       "following them.",
	.fix = "Take train: true off the turn, or choose a trainer (or its "
	       "option) that trains the assistant alone.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\",\"train\":true},"
		      "{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "MSK021",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check_sample,
};
