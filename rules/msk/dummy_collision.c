/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t i)
{
	const struct tl_turn_tokens *t = &s->turns[i];
	size_t n = 0, first = 0, last = 0;
	struct tl_report *r;
	tl_str text;

	for (size_t k = t->first; k < t->stop; k++) {
		if (s->speakers[k] != i ||
		    s->wanted[k] != TL_REASON_DUMMY_OVERLAP)
			continue;
		if (n++ == 0)
			first = last = k;
		else if (k == last + 1)
			last = k;
	}
	if (n == 0)
		return;
	text = tl_str_slice(s->render.text.str, s->tokens.offsets[first].beg,
	    s->tokens.offsets[last].end);
	r = tl_report(cx,
	    tl_at_rendered(&s->render.text, conv, s->tokens.offsets[first].beg,
		s->tokens.offsets[last].end),
	    "%s of a trained turn is masked: the trainer's dummy message has "
	    "the same token%s there",
	    tl_quote(cx, text, 0), last > first ? "s" : "");
	tl_report_note(r,
	    "axolotl finds a turn by putting [[dummy_message]] in its place; "
	    "what both have in common at either end is left out (%zu of %zu "
	    "tokens)",
	    n, t->nsaid);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	for (size_t i = 0; s->is_built && i < conv->nturns; i++)
		check_turn(cx, conv, s, i);
}

const struct tl_rule tl_rule_dummy_collision = {
	.code = "MSK018",
	.name = "dummy-collision",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a reply begins or ends like the trainer's dummy message",
	.why = "axolotl compares the reply with [[dummy_message]] token by "
	       "token. Brackets at its ends (wiki links, lists of lists) are "
	       "the same in both, count as text of the template, and are not "
	       "trained.",
	.fix = "Let the reply begin and end otherwise, for instance with a "
	       "word, or train with a version that looks for turns in "
	       "another way.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"[[1, 2], [3, 4]]\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"It is [[1, 2], [3, 4]].\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "axolotl" },
	.check_sample = check,
};
