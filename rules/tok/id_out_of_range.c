/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A token beyond the embedding, one that is added where there is one: those
 * are what gets added without a thought of the model. */
static uint32_t
first_beyond(const struct tl_tokenizer *t, uint32_t rows, size_t *n)
{
	size_t size = tl_tokenizer_size(t);
	uint32_t found = 0;
	bool has_added = false;

	*n = 0;
	for (size_t id = rows; id < size; id++) {
		bool is_added =
		    (tl_tokenizer_flags(t, (uint32_t)id) & TL_TOKEN_ADDED) != 0;

		if (tl_tokenizer_piece(t, (uint32_t)id).len == 0)
			continue; /* a hole */
		if (*n == 0 || (is_added && !has_added))
			found = (uint32_t)id;
		has_added |= is_added;
		++*n;
	}
	return found;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	int64_t rows = tl_tokenizer_facts(t)->vocab_size;
	struct tl_report *r;
	uint32_t id;
	size_t n;

	if (rows < 0 || rows >= (int64_t)tl_tokenizer_size(t))
		return;
	id = first_beyond(t, (uint32_t)rows, &n);
	if (n == 0)
		return;
	r = tl_report(cx, tl_at_start(),
	    "token %s has id %u, but the model's embedding has %u rows "
	    "(vocab_size of config.json)",
	    tl_quote(cx, tl_tokenizer_piece(t, id), 0), (unsigned)id,
	    (unsigned)rows);
	if (n > 1)
		tl_report_note(r, "%zu tokens have such an id", n);
	tl_report_note(r,
	    "a text with it stops the training with an error of the GPU, or "
	    "reads memory that is not the embedding's");
}

const struct tl_rule tl_rule_id_out_of_range = {
	.code = "TOK010",
	.name = "id-out-of-range",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the tokenizer has ids that the model has no embedding for",
	.why = "An id is the number of a row of the embedding. One beyond its "
	       "end is an error at some step of the training, often hours "
	       "after the start and without a word of the token.",
	.fix = "Resize the embedding to the tokenizer "
	       "(resize_token_embeddings), or use the tokenizer that belongs "
	       "to the model.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .tokenizer = "samples/tokenizers/broken/too-few-rows",
	    .good_tokenizer = "samples/tokenizers/bpe-mini" },
	.check_tokenizer = check,
};
