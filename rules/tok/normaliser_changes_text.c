/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

struct change {
	size_t turn;	 /* position in conv->turns */
	size_t beg, end; /* bytes of the turn's text that change */
	tl_str to;
};

static size_t
back_to_char(tl_str s, size_t at)
{
	while (
	    at > 0 && at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80)
		at--;
	return at;
}

static size_t
on_to_char(tl_str s, size_t at)
{
	while (at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80)
		at++;
	return at;
}

/* The first place where they differ, as whole chars with one before. */
static void
find_change(tl_str from, tl_str to, struct change *c)
{
	size_t beg = 0, end = 0;

	while (beg < from.len && beg < to.len && from.ptr[beg] == to.ptr[beg])
		beg++;
	beg = back_to_char(from, beg);
	while (end < from.len - beg && end < to.len - beg &&
	    from.ptr[from.len - 1 - end] == to.ptr[to.len - 1 - end])
		end++;
	/* A mark that is swallowed shows with its letter. */
	c->beg = beg > 0 ? back_to_char(from, beg - 1) : 0;
	c->end = on_to_char(from, from.len - end);
	c->to = tl_str_slice(to, c->beg, on_to_char(to, to.len - end));
}

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct change *c, size_t nturns)
{
	const struct tl_turn *t = &conv->turns[c->turn];
	struct tl_report *r = tl_report(cx, tl_at_said(t, c->beg, c->end),
	    "the tokenizer's normalizer makes %s of %s", tl_quote(cx, c->to, 0),
	    tl_quote(cx, tl_str_slice(t->text.str, c->beg, c->end), 0));

	tl_report_note(
	    r, "that is what is trained, and what the model will write");
	if (nturns > 1)
		tl_report_note(r, "%zu turns of this record change", nturns);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_tokenizer *t = cx->facts->recipe->tokenizer;
	struct change first = { 0 };
	size_t nturns = 0;

	for (size_t i = 0; s->is_built && i < conv->nturns; i++) {
		tl_str from = conv->turns[i].text.str, to;

		if (!tl_tokenizer_normalize(t, cx->arena, from, &to) ||
		    tl_str_eq(from, to))
			continue;
		if (nturns++ > 0)
			continue;
		first.turn = i;
		find_change(from, to, &first);
	}
	if (nturns > 0)
		report(cx, conv, &first, nturns);
}

const struct tl_rule tl_rule_normaliser_changes_text = {
	.code = "TOK011",
	.name = "normaliser-changes-text",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the tokenizer's normalizer changes the text",
	.why = "The model is trained on another text than the data has: lower "
	       "case, folded widths, accents gone, spaces run together. It "
	       "can never write what was swallowed.",
	.fix = "Normalize the data in the same way, so that what is read is "
	       "what is trained, or use a tokenizer that keeps the text.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"\uff28\uff29 \u2460\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"HI 1\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/broken/folds" },
	.check_sample = check,
};
