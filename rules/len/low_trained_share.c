/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A short record is cheap, however little of it is trained. */
#define MIN_TOKENS 256
#define MIN_PERCENT 2

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	(void)conv;
	if (!s->is_built || s->ntrained == 0 || s->nkept < MIN_TOKENS ||
	    s->ntrained * 100 >= s->nkept * MIN_PERCENT)
		return;
	tl_report(cx, tl_at_record(), "%zu of %zu tokens are trained (%.1f %%)",
	    s->ntrained, s->nkept,
	    100.0 * (double)s->ntrained / (double)s->nkept);
}

#define DAYS                                                        \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday " \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
#define MONTH DAYS DAYS DAYS DAYS

const struct tl_rule tl_rule_low_trained_share = {
	.code = "LEN006",
	.name = "low-trained-share",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "hardly any token of a long record is trained",
	.why = "The record costs as much as any of its length and teaches next "
	       "to nothing.",
	.fix = "Shorten the prompt, train more of the record, or leave it out "
	       "if it is there for its length alone.",
	.bad = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"" MONTH MONTH
	    "none.\"},{\"role\":\"assistant\",\"content\":"
	    "\"No.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
