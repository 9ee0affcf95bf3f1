/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The turn that is trained right before token `cut`. */
static size_t
turn_before(const struct tl_sample *s, size_t cut)
{
	while (cut-- > 0) {
		if (!tl_reason_is_trained((enum tl_reason)s->wanted[cut]))
			return TL_NO_TURN;
		if (s->speakers[cut] != TL_NOBODY)
			return s->speakers[cut];
	}
	return TL_NO_TURN;
}

static bool
is_cut(const struct tl_sample *s, size_t i)
{
	return s->reasons[i] == TL_REASON_TRUNCATED;
}

/* What is lost from token `cut` on, behind one that is kept. */
static void
check_cut(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t cut)
{
	size_t turn = turn_before(s, cut), lost = 0;
	struct tl_report *r;

	if (turn == TL_NO_TURN)
		return;
	/* Its own words, and the end marker behind them. */
	for (size_t k = cut; k < s->tokens.n && is_cut(s, k) &&
	     (s->speakers[k] == turn || s->speakers[k] == TL_NOBODY) &&
	     tl_reason_is_trained((enum tl_reason)s->wanted[k]);
	     k++)
		lost++;
	if (lost == 0)
		return;
	r = tl_report(cx, tl_at_turn(&conv->turns[turn]),
	    "the sequence length of %zu cuts this reply: its last %zu tokens "
	    "are lost",
	    s->nkept, lost);
	tl_report_note(r,
	    "with them goes the marker that ends it: the model learns a reply "
	    "without an end");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	if (!s->is_built)
		return;
	/* Some trainers cut each round. */
	for (size_t i = s->first_kept + 1; i < s->tokens.n; i++)
		if (is_cut(s, i) && !is_cut(s, i - 1))
			check_cut(cx, conv, s, i);
}

const struct tl_rule tl_rule_truncation_cuts_reply = {
	.code = "LEN003",
	.name = "truncation-cuts-reply",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "truncation takes the end of a trained reply",
	.why = "The model is taught a reply that breaks off, and not the "
	       "marker that ends it: it learns to stop too late or never.",
	.fix = "Shorten or split the conversation so that it ends with a "
	       "whole reply, or raise the sequence length.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"Monday, Tuesday, "
		      "Wednesday, Thursday, Friday, Saturday, Sunday; January, "
		      "February, March, April, May, June and July.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "LEN001",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .sequence_len = 40 },
	.check_sample = check,
};
