/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A sign or two of a rare script are no reason to speak. */
#define MIN_TOKENS 16
#define MIN_PERCENT 30

struct heavy {
	size_t turn;	 /* position in conv->turns */
	size_t nbytes;	 /* tokens that are no whole chars */
	size_t n;	 /* tokens of the turn */
	size_t beg, end; /* what the first such run covers */
};

/* A byte, or bytes that are no text without their neighbours. */
static bool
is_partial(const struct tl_rule_cx *cx, uint32_t id)
{
	const struct tl_tokenizer *t = cx->facts->recipe->tokenizer;
	unsigned flags = tl_tokenizer_flags(t, id);
	tl_str bytes;

	if (flags & TL_TOKEN_ADDED)
		return false;
	if (flags & TL_TOKEN_BYTE)
		return true;
	bytes = tl_tokenizer_bytes(t, cx->arena, id);
	return tl_utf8_check(bytes) != bytes.len;
}

static bool
is_heavy(const struct heavy *h)
{
	return h->nbytes >= MIN_TOKENS && h->nbytes * 100 >= h->n * MIN_PERCENT;
}

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, const struct heavy *h, size_t nturns)
{
	struct tl_report *r = tl_report(cx,
	    tl_in_turn(tl_at_rendered(&s->render.text, conv, h->beg, h->end),
		conv->turns[h->turn].index),
	    "%zu of the %zu tokens of this turn are no more than parts of "
	    "characters, such as those of %s",
	    h->nbytes, h->n,
	    tl_quote(cx, tl_str_slice(s->render.text.str, h->beg, h->end), 0));

	if (nturns > 1)
		tl_report_note(
		    r, "%zu turns of this record are like that", nturns);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct heavy now = { .turn = TL_NOBODY }, first = { 0 };
	size_t nturns = 0;

	for (size_t k = 0; s->is_built && k <= s->tokens.n; k++) {
		size_t turn = k < s->tokens.n ? s->speakers[k] : TL_NOBODY;

		if (turn != now.turn) {
			if (is_heavy(&now) && nturns++ == 0)
				first = now;
			now = (struct heavy){ .turn = turn };
		}
		if (turn == TL_NOBODY)
			continue;
		now.n++;
		if (!is_partial(cx, s->tokens.ids[k]))
			continue;
		if (now.nbytes++ == 0)
			now.beg = s->tokens.offsets[k].beg;
		if (now.nbytes <= MIN_TOKENS)
			now.end = s->tokens.offsets[k].end;
	}
	if (nturns > 0)
		report(cx, conv, s, &first, nturns);
}

const struct tl_rule tl_rule_byte_fallback_heavy = {
	.code = "TOK007",
	.name = "byte-fallback-heavy",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "much of a turn is tokenized byte by byte",
	.why = "The vocabulary was not made for this script: three or four "
	       "tokens a character eat the sequence length, and the model has "
	       "seen next to nothing of them.",
	.fix = "Train such data on a model whose tokenizer covers the script, "
	       "or extend the vocabulary.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"\u179f\u17bd\u179f\u17d2\u178f\u17b8\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello "
		       "\u179f\"}]}\n"),
	.recipe = { .template_ = "llama-2",
	    .tokenizer = "samples/tokenizers/spm-mini" },
	.check_sample = check,
};
