/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* How trainers take padding out of the loss: by its id, or by its place. */
static const struct {
	const char *trainer;
	bool by_id;
} known[] = {
	{ "axolotl", false },
	{ "llama-factory", false },
	{ "lmflow", false },
	{ "mistral-finetune", false },
	{ "openai", false },
	{ "torchtune", false },
	{ "trl", false },
	{ "fastchat", true },
};

enum { BY_PLACE, BY_ID, MAYBE };

static int
masking_of(const struct tl_trainer *t)
{
	for (size_t i = 0; i < TL_COUNT(known); i++)
		if (tl_str_eq(
			tl_str_from(t->name), tl_str_from(known[i].trainer)))
			return known[i].by_id ? BY_ID : BY_PLACE;
	return MAYBE;
}

/* The template ends replies with another token: no harm is done to it. */
static bool
ends_otherwise(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	struct tl_special_tokens tokens = tl_tokenizer_tokens(t);
	const struct tl_profile *p;

	if (recipe->template_ == NULL || !recipe->trainer->wants_render)
		return false;
	p = tl_profile_make(cx->arena, recipe->template_, &tokens);
	return p != NULL && p->stop.len > 0 &&
	    tl_str_find(p->stop, tokens.eos, 0) == TL_NPOS;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	int masking = masking_of(cx->facts->recipe->trainer);
	int64_t eos = tl_tokenizer_eos(t);
	struct tl_report *r;

	if (eos < 0 || tl_tokenizer_pad(t) != eos || masking == BY_PLACE ||
	    ends_otherwise(cx, t))
		return;
	r = tl_report(cx, tl_at_start(),
	    "the pad token is the EOS token: %s (id %u)",
	    tl_quote(cx, tl_tokenizer_tokens(t).eos, 0), (unsigned)eos);
	if (masking == BY_ID)
		tl_report_note(r,
		    "the trainer masks padding by its id: the end of every "
		    "reply is masked with it, and the model never learns to "
		    "stop");
	else
		tl_report_note(r,
		    "a collator that masks padding by its id "
		    "(DataCollatorForLanguageModeling) masks the end of every "
		    "reply with it, and the model never learns to stop");
}

const struct tl_rule tl_rule_pad_equals_eos = {
	.code = "TOK005",
	.name = "pad-equals-eos",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the pad token is the EOS token, and may be masked as such",
	.why = "Collators that find padding by its id take every EOS out of "
	       "the loss with it. The model is never trained to end a reply "
	       "and goes on talking.",
	.fix = "Give the tokenizer a pad token of its own, one that the "
	       "vocabulary holds for such uses.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .tokenizer = "samples/tokenizers/broken/pad-is-eos",
	    .good_tokenizer = "samples/tokenizers/bpe-mini" },
	.check_tokenizer = check,
};
