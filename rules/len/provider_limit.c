/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* What the hosted service takes for one example of its common models; the
 * recipe's sequence length says otherwise. */
#define LIMIT 16385

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	size_t limit = cx->facts->recipe->sequence_len > 0
	    ? cx->facts->recipe->sequence_len
	    : LIMIT;

	(void)conv;
	if (s->tokens.n <= limit)
		return;
	tl_report(cx, tl_at_record(),
	    "%zu tokens, %zu more than a hosted service takes for one example",
	    s->tokens.n, s->tokens.n - limit);
}

const struct tl_rule tl_rule_provider_limit = {
	.code = "LEN009",
	.name = "provider-limit",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.is_preview = true,
	.summary = "a record is longer than a hosted service takes",
	.why = "The service cuts the example off or refuses the file.",
	.fix = "Shorten or split the conversation; --sequence-len N sets the "
	       "limit of your model (16385 tokens without).",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"Name "
		      "all the days of the week, from Monday to Sunday, and "
		      "the months, from January to December.\"},"
		      "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.also = "LEN001 LEN002",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "openai",
	    .sequence_len = 30 },
	.check_sample = check,
};
