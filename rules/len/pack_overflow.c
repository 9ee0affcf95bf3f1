/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	(void)conv;
	if (s->pack_len == 0 || s->tokens.n <= s->pack_len)
		return;
	tl_report_note(tl_report(cx, tl_at_record(),
			   "%zu tokens, %zu more than a pack of %zu holds",
			   s->tokens.n, s->tokens.n - s->pack_len, s->pack_len),
	    "%s packs records into sequences: this one is cut, split or left "
	    "out",
	    cx->facts->recipe->trainer->name);
}

const struct tl_rule tl_rule_pack_overflow = {
	.code = "LEN008",
	.name = "pack-overflow",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a record is longer than the packs of a trainer that packs",
	.why =
	    "A pack holds whole records: what does not fit is cut off, split "
	    "away from its prompt, or dropped.",
	.fix = "Shorten or split the conversation, or raise the length of the "
	       "packs.",
	.bad =
	    TL_LIT("{\"text\":\"Name all the days of the week, from Monday to "
		   "Sunday, and the months, from January to December, and "
		   "then all of the letters.\"}\n"),
	.good = TL_LIT("{\"text\":\"Name all the days of the week.\"}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "trl",
	    .trainer_option = "packing=true",
	    .sequence_len = 30 },
	.check_sample = check,
};
