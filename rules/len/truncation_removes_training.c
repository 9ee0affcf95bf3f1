/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	size_t first = 0;

	(void)conv;
	if (!s->is_built || s->ntrained > 0 || s->nwanted == 0)
		return;
	while (!tl_reason_is_trained((enum tl_reason)s->wanted[first]))
		first++;
	tl_report_note(tl_report(cx, tl_at_record(),
			   "no trained token is left within the sequence "
			   "length of %zu",
			   s->nkept),
	    "the first of %zu trained tokens is number %zu of %zu", s->nwanted,
	    first + 1, s->tokens.n);
}

const struct tl_rule tl_rule_truncation_removes_training = {
	.code = "LEN002",
	.name = "truncation-removes-training",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "all that is trained of a record lies beyond the sequence "
		   "length",
	.why = "What is left is prompt alone: the record is removed without a "
	       "word, or it costs a forward pass and the loss of its batch is "
	       "0/0.",
	.fix = "Shorten the prompt, raise the sequence length, or drop the "
	       "record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"Name "
		      "all the days of the week, from Monday to Sunday, and "
		      "the months, from January to December, and then all of "
		      "the letters.\"},"
		      "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "LEN001",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .sequence_len = 30 },
	.check_sample = check,
};
