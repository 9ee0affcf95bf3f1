/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any JSON through every trainer; the first byte says which.  What must hold
 * whatever the record looks like: a label is the token's id or none, reasons
 * say the same as labels, offsets lie in the text, the counts are those of the
 * lists, and whatever is not kept has a reason.
 */
#include <turnlint/recipe.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BPE "samples/tokenizers/bpe-mini"
#define SPM "samples/tokenizers/spm-mini"

static const struct {
	const char *trainer, *template_, *tokenizer;
	const char *options[10]; /* name, value, …, NULL */
	size_t sequence_len;
} specs[] = {
	{ "reference", "chatml", BPE, { NULL }, 0 },
	{ "reference", "llama-2", SPM, { NULL }, 30 },
	{ "axolotl", "chatml", BPE,
	    { "message_field_training", "train",
		"message_field_training_detail", "train_detail",
		"split_thinking", "true", "train_on_eos", "all" },
	    0 },
	{ "axolotl", "chatml", BPE,
	    { "profile", "seed", "field_messages", "messages" }, 40 },
	{ "axolotl", NULL, SPM, { "type", "llama2_chat" }, 60 },
	{ "axolotl", NULL, SPM, { "type", "sharegpt" }, 60 },
	{ "axolotl", NULL, BPE, { "type", "alpaca" }, 60 },
	{ "axolotl", NULL, BPE, { "type", "completion" }, 10 },
	{ "axolotl", NULL, BPE, { "type", "input_output" }, 0 },
	{ "llama-factory", NULL, BPE,
	    { "template", "qwen", "formatting", "openai" }, 60 },
	{ "llama-factory", NULL, BPE,
	    { "template", "llama2", "formatting", "sharegpt", "mask_history",
		"true" },
	    30 },
	{ "llama-factory", NULL, BPE,
	    { "template", "chatml", "formatting", "alpaca", "stage", "pt" },
	    30 },
	{ "lmflow", NULL, BPE, { "conversation_template", "chatml" }, 0 },
	{ "lmflow", NULL, BPE,
	    { "disable_group_texts", "false", "block_size", "8" }, 0 },
	{ "fastchat", NULL, SPM, { "legacy", "true" }, 0 },
	{ "fastchat", NULL, SPM, { "legacy", "false", "template", "llama-2" },
	    64 },
	{ "paddlenlp", "chatml", BPE,
	    { "src_length", "10", "max_length", "30" }, 0 },
	{ "trl", "chatml", BPE, { NULL }, 30 },
	{ "trl", "chatml", BPE, { "completion_only_loss", "true" }, 0 },
	{ "transformers", "chatml", BPE, { NULL }, 0 },
	{ "openai", "chatml", BPE, { NULL }, 0 },
	{ "unsloth", "chatml", BPE, { NULL }, 0 },
	{ "torchtune", NULL, BPE, { NULL }, 30 },
	{ "mistral-finetune", NULL, SPM, { NULL }, 0 },
};

/* Opened once and kept for the whole run. */
static struct tl_recipe_thread *threads[TL_COUNT(specs)];

static void
open_all(void)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);

	for (size_t i = 0; i < TL_COUNT(specs); i++) {
		struct tl_option list[5];
		struct tl_recipe_spec spec = {
			.trainer = specs[i].trainer,
			.template_ = specs[i].template_,
			.tokenizer = specs[i].tokenizer,
			.sequence_len = specs[i].sequence_len,
			.trainer_options = list,
		};
		const char *const *o = specs[i].options;
		struct tl_recipe *r;

		for (size_t k = 0;
		     k < TL_COUNT(specs[i].options) && o[k] != NULL; k += 2)
			list[spec.ntrainer_options++] =
			    (struct tl_option){ tl_str_from(o[k]),
				    tl_str_from(o[k + 1]) };
		/* What a trainer asks of template and tokenizer may be too
		 * much for the small ones. */
		if (tl_recipe_open(a, &spec, &r, NULL) == TL_OK)
			threads[i] = tl_recipe_thread_new(r, NULL, NULL);
	}
}

static void
check_token(const struct tl_sample *s, const struct tl_conv *conv, size_t i)
{
	struct tl_offset o = s->tokens.offsets[i];
	bool is_trained = s->labels[i] != TL_IGNORE;

	assert(o.beg <= o.end && o.end <= s->render.text.str.len);
	assert(!is_trained || s->labels[i] == (int32_t)s->tokens.ids[i]);
	assert(s->reasons[i] < TL_REASON_COUNT);
	assert(
	    is_trained == tl_reason_is_trained((enum tl_reason)s->reasons[i]));
	assert(s->speakers[i] == TL_NOBODY || s->speakers[i] < conv->nturns);
}

static void
check_sample(const struct tl_sample *s, const struct tl_conv *conv)
{
	size_t ntrained = 0;

	assert(s->verdict == TL_VERDICT_KEPT || s->why.len > 0);
	if (!s->is_built) {
		assert(s->why.len > 0);
		return;
	}
	for (size_t i = 0; i < s->tokens.n; i++) {
		check_token(s, conv, i);
		ntrained += s->labels[i] != TL_IGNORE;
	}
	assert(ntrained == s->ntrained && ntrained <= s->nwanted);
	assert(s->nkept <= s->tokens.n);
	assert(s->has_gaps || s->first_kept + s->nkept <= s->tokens.n);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn_tokens *t = &s->turns[i];

		assert(t->beg <= t->end && t->end <= s->render.text.str.len);
		assert(t->first <= t->stop && t->stop <= s->tokens.n);
		assert(
		    t->ntrained <= t->nsaid && t->nsaid <= t->stop - t->first);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_open;
	struct tl_arena *a;
	struct tl_record rec = { .is_cut = false };
	struct tl_facts f;
	size_t which;

	if (!is_open)
		open_all();
	is_open = true;
	if (size == 0 || threads[data[0] % TL_COUNT(specs)] == NULL)
		return 0;
	which = data[0] % TL_COUNT(specs);
	a = tl_arena_new(NULL, NULL);
	rec.bytes = (tl_str){ (const char *)data + 1, size - 1 };
	tl_recipe_run(threads[which], a, &rec, TL_STAGE_SAMPLE, &f);
	if (f.sample != NULL && f.conv != NULL)
		check_sample(f.sample, f.conv);
	tl_arena_free(a);
	return 0;
}
