/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct tl_report *r;

	(void)conv;
	if (!s->is_built || s->nkept >= s->tokens.n)
		return;
	r = tl_report(cx, tl_at_record(),
	    "%zu tokens, %zu more than the sequence length of %zu", s->tokens.n,
	    s->tokens.n - s->nkept, s->nkept);
	tl_report_note(r, "of %zu trained tokens %zu are cut", s->nwanted,
	    s->nwanted - s->ntrained);
}

const struct tl_rule tl_rule_over_length = {
	.code = "LEN001",
	.name = "over-length",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a record has more tokens than the sequence length",
	.why = "The trainer cuts it off, mostly within a reply, or drops it.",
	.fix = "Shorten or split the conversation, or raise the sequence "
	       "length.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},"
		      "{\"role\":\"user\",\"content\":\"Name all the days of "
		      "the week, from Monday to Sunday, and the months, from "
		      "January to December, and then all of the letters.\"},"
		      "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .sequence_len = 40 },
	.check_sample = check,
};
