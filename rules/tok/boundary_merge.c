/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#define MAX_ASKED 64 /* renderings a record */

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t token, size_t edge)
{
	struct tl_offset o = s->tokens.offsets[token];
	tl_str text = s->render.text.str;
	struct tl_report *r =
	    tl_report(cx, tl_at_rendered(&s->render.text, conv, edge, o.end),
		"token %s (id %u) holds text on both sides of the edge between "
		"%s and %s",
		tl_quote(cx, tl_str_slice(text, o.beg, o.end), 0),
		(unsigned)s->tokens.ids[token],
		tl_quote(cx, tl_str_slice(text, o.beg, edge), 0),
		tl_quote(cx, tl_str_slice(text, edge, o.end), 0));

	tl_report_note(
	    r, "it is %s", tl_reason_text((enum tl_reason)s->wanted[token]));
	tl_report_note(r,
	    "at inference the prompt ends at that edge: the model never sees "
	    "this token there");
}

/* Byte at which the model takes over in turn t: the end of the prompt when
 * generation starts there; TL_NPOS when that cannot be told. */
static size_t
takeover(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t t)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	struct tl_render_options opt = recipe->render_options;
	struct tl_render out = { .fault = TL_RENDER_OK };

	if (recipe->template_ == NULL || !recipe->trainer->wants_render)
		return TL_NPOS;
	opt.add_generation_prompt = true;
	tl_template_render(recipe->template_, cx->arena, conv, t, &opt, &out);
	if (out.fault != TL_RENDER_OK ||
	    !tl_str_starts(s->render.text.str, out.text.str))
		return TL_NPOS;
	return out.text.str.len;
}

/* The first token of a reply reaches back before its words: that is bad when
 * it reaches into the prompt.  The template is asked once for each place of
 * it; `harmless` is the last one that did no harm. */
static void
check_start(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s, size_t turn, const struct tl_run **harmless,
    size_t *nasked)
{
	const struct tl_turn_tokens *t = &s->turns[turn];
	struct tl_offset o = s->tokens.offsets[t->first];
	const struct tl_run *run;
	size_t edge;

	if (o.beg >= t->beg || o.end <= t->beg || *nasked >= MAX_ASKED)
		return;
	run = tl_text_run_at(&s->render.text, o.beg);
	if (run == NULL ||
	    (*harmless != NULL && run->line == (*harmless)->line &&
		run->column == (*harmless)->column))
		return;
	++*nasked;
	edge = takeover(cx, conv, s, turn);
	if (edge == TL_NPOS)
		return;
	if (o.beg < edge && edge < o.end)
		report(cx, conv, s, t->first, edge);
	else
		*harmless = run;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_run *harmless = NULL;
	size_t nasked = 0;

	if (!s->is_built)
		return;
	for (size_t k = 0; k < s->tokens.n; k++) {
		struct tl_offset o = s->tokens.offsets[k];
		const struct tl_run *run;

		if (s->wanted[k] != TL_REASON_BOUNDARY)
			continue;
		run = tl_text_run_at(&s->render.text, o.beg);
		report(cx, conv, s, k, run != NULL ? run->end : o.end);
	}
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].role == TL_ROLE_ASSISTANT &&
		    s->turns[i].ntrained > 0)
			check_start(cx, conv, s, i, &harmless, &nasked);
}

const struct tl_rule tl_rule_boundary_merge = {
	.code = "TOK001",
	.name = "boundary-merge",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "one token holds the end of the prompt and the start of "
		   "the reply",
	.why = "Such a token is trained with a part of the prompt, or masked "
	       "with a part of the answer. At inference the prompt is cut "
	       "right there, so the model meets tokens it was not trained on.",
	.fix = "Remove the white space on the edge of the reply, or use a "
	       "template with a special token at that place.",
	.bad = TL_LIT("{\"segments\":[{\"label\":false,\"text\":\"the ans\"},"
		      "{\"label\":true,\"text\":\"wer is here\"}]}\n"),
	.good = TL_LIT("{\"segments\":[{\"label\":false,\"text\":\"the "
		       "answer\"},{\"label\":true,\"text\":\" is here\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
