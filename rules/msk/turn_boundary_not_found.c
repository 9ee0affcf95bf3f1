/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static size_t
count(const struct tl_sample *s, size_t turn, enum tl_reason reason)
{
	const struct tl_turn_tokens *t = &s->turns[turn];
	size_t n = 0;

	for (size_t k = t->first; k < t->stop; k++)
		n += s->speakers[k] == turn && s->wanted[k] == reason;
	return n;
}

/* The tokens behind `from` that the trainer took for the turn's. */
static tl_span
find_taken(const struct tl_sample *s, size_t from)
{
	size_t stop;

	while (from < s->tokens.n && s->wanted[from] != TL_REASON_MISPLACED)
		from++;
	for (stop = from;
	     stop < s->tokens.n && s->wanted[stop] == TL_REASON_MISPLACED;
	     stop++)
		continue;
	return (tl_span){ from, stop };
}

static void
report_missed(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t turn, size_t n)
{
	const struct tl_turn_tokens *t = &s->turns[turn];
	tl_span taken = find_taken(s, t->first);
	struct tl_report *r = tl_report(cx, tl_at_turn(&conv->turns[turn]),
	    "the trainer looks for this turn in the wrong place: %zu of its "
	    "%zu tokens are masked",
	    n, t->nsaid);

	tl_report_note(r,
	    "the conversation cut off behind this turn is not the beginning of "
	    "the whole one: the template writes a turn in another way when "
	    "others follow (it drops its thought, say)");
	if (taken.beg < taken.end)
		tl_report_note(r, "trained in its place: %s (%zu token%s)",
		    tl_quote(cx,
			tl_str_slice(s->render.text.str,
			    s->tokens.offsets[taken.beg].beg,
			    s->tokens.offsets[taken.end - 1].end),
			0),
		    taken.end - taken.beg,
		    taken.end - taken.beg == 1 ? "" : "s");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		size_t n = count(s, i, TL_REASON_NOT_FOUND);
		size_t nmissed = count(s, i, TL_REASON_SPAN_MISSED);

		if (n > 0)
			tl_report_note(
			    tl_report(cx, tl_at_turn(&conv->turns[i]),
				"the trainer cannot find this turn among the "
				"tokens of the conversation and leaves it "
				"masked"),
			    "%zu token%s should be trained, and the marker "
			    "behind them",
			    n, n == 1 ? "" : "s");
		else if (nmissed > 0)
			report_missed(cx, conv, s, i, nmissed);
	}
}

const struct tl_rule tl_rule_turn_boundary_not_found = {
	.code = "MSK017",
	.name = "turn-boundary-not-found",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the trainer does not find a turn that it should train",
	.why = "axolotl looks for a turn by comparing two renderings of the "
	       "conversation up to it. When they do not differ, the turn stays "
	       "masked, and a warning in the log is all one sees; when they "
	       "are not the beginning of the whole, other tokens are trained, "
	       "and nothing says so.",
	.fix = "Reword the reply, or use a template that prints it as it is "
	       "and not in another form in a shorter conversation. Thoughts "
	       "that a template drops: take them out of all turns but the "
	       "last, or make a record of each prefix.",
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
