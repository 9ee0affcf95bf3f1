/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
is_media(tl_str type)
{
	static const char *const words[] = { "image", "video", "audio" };

	for (size_t i = 0; i < TL_COUNT(words); i++)
		if (tl_str_find(type, tl_str_from(words[i]), 0) != TL_NPOS)
			return true;
	return false;
}

static const struct tl_turn *
turn_with_media(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		for (size_t k = 0; k < conv->turns[i].nparts; k++)
			if (is_media(conv->turns[i].parts[k].type))
				return &conv->turns[i];
	return NULL;
}

/* A token that stands for a piece of media: a marker that nobody said. */
static bool
is_placeholder(const struct tl_rule_cx *cx, const struct tl_sample *s, size_t i)
{
	struct tl_offset o = s->tokens.offsets[i];
	tl_str text = tl_str_slice(s->render.text.str, o.beg, o.end);

	return s->speakers[i] == TL_NOBODY &&
	    (tl_tokenizer_flags(
		 cx->facts->recipe->tokenizer, s->tokens.ids[i]) &
		TL_TOKEN_ADDED) != 0 &&
	    (is_media(text) ||
		tl_str_find(text, TL_STR("vision"), 0) != TL_NPOS);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_turn *turn;
	size_t ncut = 0;

	if (!s->is_built || s->nkept == s->tokens.n)
		return;
	turn = turn_with_media(conv);
	if (turn == NULL)
		return;
	for (size_t i = 0; i < s->tokens.n; i++)
		if ((i < s->first_kept || i >= s->first_kept + s->nkept) &&
		    is_placeholder(cx, s, i))
			ncut++;
	if (ncut == 0)
		return;
	tl_report_note(tl_report(cx, tl_at_turn(turn),
			   "truncation cuts off %zu tokens that stand for "
			   "media",
			   ncut),
	    "the features of the media have no place left: the trainer stops "
	    "with an error");
}

const struct tl_rule tl_rule_media_cut = {
	.code = "LEN010",
	.name = "media-cut",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "truncation takes the tokens that stand for an image, a "
		   "video or a sound",
	.why = "Models count these tokens against the features of the media: "
	       "when one is missing, training stops with an error.",
	.fix = "Raise the sequence length, put the media in front, or split "
	       "the conversation.",
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
