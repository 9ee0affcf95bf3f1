/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Pieces of published vocabularies whose embeddings were found to be next to
 * untrained, as text ("Fishing for Magikarp", arXiv 2405.05417). */
static const tl_str known[] = {
	/* GPT-2 and r50k */
	TL_LIT(" SolidGoldMagikarp"),
	TL_LIT("SolidGoldMagikarp"),
	TL_LIT(" RandomRedditor"),
	TL_LIT(" RandomRedditorWithNo"),
	TL_LIT(" TheNitromeFan"),
	TL_LIT("TheNitromeFan"),
	TL_LIT(" davidjl"),
	TL_LIT(" Smartstocks"),
	TL_LIT(" petertodd"),
	TL_LIT(" attRot"),
	TL_LIT("rawdownloadcloneembedreportprint"),
	TL_LIT("rawdownload"),
	TL_LIT("cloneembedreportprint"),
	TL_LIT("embedreportprint"),
	TL_LIT("StreamerBot"),
	TL_LIT(" externalToEVA"),
	TL_LIT("externalToEVAOnly"),
	TL_LIT(" guiActiveUn"),
	TL_LIT("guiActiveUnfocused"),
	TL_LIT("ForgeModLoader"),
	TL_LIT(" unfocusedRange"),
	TL_LIT("InstoreAndOnline"),
	TL_LIT("BuyableInstoreAndOnline"),
	TL_LIT(" Adinida"),
	/* cl100k and what was made from it, Llama 3 among them */
	TL_LIT("_ForCanBeConverted"),
	TL_LIT("_ForCanBeConvertedToF"),
	TL_LIT("$PostalCodesNL"),
	TL_LIT("useRalativeImagePath"),
	TL_LIT("useRal"),
	TL_LIT("ablytyped"),
};

/* Names of places that were kept free in a vocabulary. */
static const tl_str reserved[] = { TL_LIT("<|reserved_special_token_"),
	TL_LIT("<|reserved_"), TL_LIT("<unused"), TL_LIT("[unused"),
	TL_LIT("<SPECIAL_"), TL_LIT("[control_"), TL_LIT("<reserved_"),
	TL_LIT("<|unused"), TL_LIT("<|dummy_"), TL_LIT("<extra_id_") };

enum kind { TRAINED, KNOWN, RESERVED };

static enum kind
kind_of(const struct tl_rule_cx *cx, uint32_t id)
{
	const struct tl_tokenizer *t = cx->facts->recipe->tokenizer;
	bool is_added = (tl_tokenizer_flags(t, id) & TL_TOKEN_ADDED) != 0;
	tl_str s = tl_tokenizer_piece(t, id);

	for (size_t i = 0; i < TL_COUNT(reserved); i++)
		if (tl_str_starts(s, reserved[i]))
			return RESERVED;
	if (is_added || s.len < 6)
		return TRAINED;
	s = tl_tokenizer_bytes(t, cx->arena, id);
	for (size_t i = 0; i < TL_COUNT(known); i++)
		if (tl_str_eq(s, known[i]))
			return KNOWN;
	return TRAINED;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	enum kind kind = TRAINED;
	size_t first = 0, n = 0;
	struct tl_report *r;
	struct tl_offset o;

	for (size_t k = 0; s->is_built && k < s->tokens.n; k++) {
		enum kind now = kind_of(cx, s->tokens.ids[k]);

		if (now == TRAINED || n++ > 0)
			continue;
		first = k;
		kind = now;
	}
	if (n == 0)
		return;
	o = s->tokens.offsets[first];
	r = tl_report(cx, tl_at_rendered(&s->render.text, conv, o.beg, o.end),
	    kind == KNOWN ? "%s is token %u, whose embedding is known to be "
			    "next to untrained"
			  : "%s is token %u, a place of the vocabulary that "
			    "was kept free",
	    tl_quote(cx, tl_str_slice(s->render.text.str, o.beg, o.end), 0),
	    (unsigned)s->tokens.ids[first]);
	if (n > 1)
		tl_report_note(r, "%zu such tokens in this record", n);
}

const struct tl_rule tl_rule_under_trained_token = {
	.code = "TOK012",
	.name = "under-trained-token",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.is_preview = true,
	.summary = "a token that the model was hardly trained on",
	.why = "Its embedding is still what it was initialized with: in a "
	       "prompt it makes the model say anything at all, and a few "
	       "examples do not train it.",
	.fix = "Spell it otherwise, or train its embedding on purpose and with "
	       "enough data.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"<|reserved_special_token_0|>hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "CNT005",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/broken/reserved" },
	.check_sample = check,
};
