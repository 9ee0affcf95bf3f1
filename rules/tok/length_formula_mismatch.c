/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Vicuna's text, and the arithmetic that FastChat's trainer and those that
 * copied it do on it. */
static const tl_str turn_end = TL_LIT("</s>");
static const tl_str reply = TL_LIT(" ASSISTANT: ");

struct sums {
	size_t total; /* tokens of the whole text that are no padding */
	size_t sum;   /* what the turns add up to */
	size_t turns;
	const char *stop; /* why the count ended early, or NULL */
	bool is_fine;	  /* everything could be tokenized */
};

static bool
is_vicuna(tl_str text)
{
	return tl_str_find(text, reply, 0) != TL_NPOS &&
	    tl_str_find(text, TL_STR("USER: "), 0) != TL_NPOS &&
	    tl_str_find(text, turn_end, 0) != TL_NPOS;
}

static size_t
count_parts(tl_str turn)
{
	size_t n = 1;

	for (size_t at = 0; (at = tl_str_find(turn, reply, at)) != TL_NPOS;
	     at += reply.len)
		n++;
	return n;
}

static bool
encode(const struct tl_rule_cx *cx, tl_str text, struct tl_tokens *out)
{
	struct tl_error err;

	return tl_encode(cx->encoder, cx->arena, text, TL_ENCODE_SPECIAL, out,
		   &err) == TL_OK;
}

/* The trainer pads with the unknown token. */
static void
count_total(
    const struct tl_rule_cx *cx, const struct tl_tokens *k, struct sums *s)
{
	int64_t unk = tl_tokenizer_unk(cx->facts->recipe->tokenizer);

	for (size_t i = 0; i < k->n; i++)
		s->total += (int64_t)k->ids[i] != unk;
}

static void
add_up(const struct tl_rule_cx *cx, tl_str text, struct sums *s)
{
	const struct tl_tokenizer *t = cx->facts->recipe->tokenizer;
	bool is_legacy = tl_tokenizer_facts(t)->is_legacy;
	struct tl_tokens k;

	*s = (struct sums){ .sum = 1 };
	if (!encode(cx, text, &k))
		return;
	count_total(cx, &k, s);
	for (size_t at = 0; at <= text.len;) {
		size_t end = tl_str_find(text, turn_end, at);
		tl_str turn = tl_str_slice(text, at, end);

		if (turn.len == 0)
			break;
		if (count_parts(turn) != 2) {
			s->stop = count_parts(turn) == 1
			    ? "has no reply behind \" ASSISTANT: \""
			    : "says \" ASSISTANT: \" more than once";
			break;
		}
		if (!encode(cx, turn, &k))
			return;
		s->sum += k.n - (s->turns > 0 && !is_legacy);
		s->turns++;
		if (end == TL_NPOS)
			break;
		at = end + turn_end.len;
	}
	s->is_fine = true;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *sample)
{
	tl_str text = sample->render.text.str, bos;
	struct tl_report *r;
	struct sums s;

	(void)conv;
	if (!sample->is_built || !is_vicuna(text))
		return;
	/* The trainer's text has no BOS: its tokenizer adds that. */
	bos = tl_tokenizer_tokens(cx->facts->recipe->tokenizer).bos;
	if (bos.len > 0 && tl_str_starts(text, bos))
		text = tl_str_slice(text, bos.len, text.len);
	add_up(cx, text, &s);
	if (!s.is_fine || s.sum == s.total)
		return;
	r = tl_report(cx, tl_at_record(),
	    "the turns add up to %zu tokens and the text has %zu: FastChat's "
	    "trainer leaves the whole record out of the loss",
	    s.sum, s.total);
	if (s.stop != NULL)
		tl_report_note(r, "its count ends at turn %zu, which %s",
		    s.turns + 1, s.stop);
	else
		tl_report_note(r,
		    "it counts each turn alone, with BOS, %s the dummy prefix "
		    "of the tokenizer (legacy %s)",
		    tl_tokenizer_facts(cx->facts->recipe->tokenizer)->is_legacy
			? "and with"
			: "and without",
		    tl_tokenizer_facts(cx->facts->recipe->tokenizer)->is_legacy
			? "true"
			: "false");
}

const struct tl_rule tl_rule_length_formula_mismatch = {
	.code = "TOK003",
	.name = "length-formula-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "FastChat's count of tokens fails, and the record is ignored",
	.why = "FastChat's trainer and its copies find replies by counting the "
	       "tokens of each turn. When the sum is not that of the text, "
	       "every label of the record is masked, with a warning that "
	       "scrolls by.",
	.fix = "End every conversation with a reply, keep </s> and ASSISTANT: "
	       "out of the texts, and use the tokenizer the trainer was "
	       "written for.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":\"Be "
		      "brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello ASSISTANT: "
		      "hi\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":\"Be "
		       "brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "TOK014 CNT005",
	.recipe = { .template_ = "vicuna",
	    .tokenizer = "samples/tokenizers/spm-mini" },
	.check_sample = check,
};
