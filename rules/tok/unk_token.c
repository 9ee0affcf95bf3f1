/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_tokenizer *t = cx->facts->recipe->tokenizer;
	size_t first = 0, n = 0;
	struct tl_report *r;
	struct tl_offset o;

	for (size_t k = 0; s->is_built && k < s->tokens.n; k++)
		if ((tl_tokenizer_flags(t, s->tokens.ids[k]) & TL_TOKEN_UNK) !=
			0 &&
		    n++ == 0)
			first = k;
	if (n == 0)
		return;
	o = s->tokens.offsets[first];
	r = tl_report(cx, tl_at_rendered(&s->render.text, conv, o.beg, o.end),
	    "%s becomes the unknown token (id %u)",
	    tl_quote(cx, tl_str_slice(s->render.text.str, o.beg, o.end), 0),
	    (unsigned)s->tokens.ids[first]);
	if (n > 1)
		tl_report_note(r, "%zu unknown tokens in this record", n);
}

const struct tl_rule tl_rule_unk_token = {
	.code = "TOK006",
	.name = "unk-token",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "text becomes the unknown token",
	.why = "The tokenizer has no piece for this text: what it says is "
	       "lost, and in a reply the model learns to write the unknown "
	       "token. Some trainers pad with it and mask it.",
	.fix = "Use a tokenizer that covers the script, or take the text out.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi "
		      "<unk>\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "CNT005",
	.recipe = { .template_ = "llama-2",
	    .tokenizer = "samples/tokenizers/spm-mini" },
	.check_sample = check,
};
