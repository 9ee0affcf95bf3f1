/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/marker.h>
#include <turnlint/rule.h>

/* Special tokens, and added ones that frame turns though they are not marked
 * as special; not <think>, HTML or runs of blanks, which families add too. */
static bool
is_control(const struct tl_tokenizer *tok, uint32_t id)
{
	unsigned flags = tl_tokenizer_flags(tok, id);
	struct tl_marker_scan scan;
	const struct tl_marker *m;
	tl_str piece;
	size_t at;

	if (flags & TL_TOKEN_SPECIAL)
		return true;
	if (!(flags & TL_TOKEN_ADDED))
		return false;
	piece = tl_tokenizer_piece(tok, id);
	tl_marker_scan(&scan, piece);
	m = tl_marker_next(&scan, &at);
	return m != NULL && at == 0 && m->text.len == piece.len;
}

/* The EOS at the very end of a turn is CNT008's. */
static bool
is_closing_eos(const struct tl_rule_cx *cx, tl_str text, size_t beg)
{
	tl_str eos =
	    tl_marker_eos(text, cx->facts->recipe->render_options.tokens.eos);

	return eos.len > 0 && eos.ptr == text.ptr + beg;
}

static void
report(
    const struct tl_rule_cx *cx, struct tl_place at, uint32_t id, tl_str said)
{
	tl_report(cx, at,
	    "%s in the content becomes the control token %lu of this tokenizer",
	    tl_quote(cx, said, 0), (unsigned long)id);
}

static const struct tl_turn *
turn_of(const struct tl_sample *s, const struct tl_conv *conv, size_t at)
{
	size_t index = tl_sample_turn_at(s, conv, at);

	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].index == index)
			return &conv->turns[i];
	return NULL;
}

static void
check_built(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_tokenizer *tok = cx->facts->recipe->tokenizer;
	const struct tl_text *text = &s->render.text;

	for (size_t i = 0; i < s->tokens.n; i++) {
		struct tl_offset o = s->tokens.offsets[i];
		const struct tl_run *run;
		const struct tl_turn *t;

		if (o.beg == o.end || !is_control(tok, s->tokens.ids[i]))
			continue;
		run = tl_text_run_at(text, o.beg);
		if (run == NULL || run->kind != TL_RUN_CONTENT)
			continue;
		t = turn_of(s, conv, o.beg);
		if (t != NULL && tl_json_is(run->node, TL_JSON_STRING) &&
		    is_closing_eos(
			cx, run->node->text, run->src_beg + (o.beg - run->beg)))
			continue;
		report(cx, tl_at_rendered(text, conv, o.beg, o.end),
		    s->tokens.ids[i], tl_str_slice(text->str, o.beg, o.end));
	}
}

/* Without a rendered text each turn is looked at alone. */
static void
check_alone(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const struct tl_tokenizer *tok = cx->facts->recipe->tokenizer;
	struct tl_tokens tokens;

	if (tl_encode(cx->encoder, cx->arena, t->text.str, 0, &tokens, NULL) !=
	    TL_OK)
		return;
	for (size_t i = 0; i < tokens.n; i++) {
		struct tl_offset o = tokens.offsets[i];

		if (o.beg == o.end || !is_control(tok, tokens.ids[i]) ||
		    is_closing_eos(cx, t->text.str, o.beg))
			continue;
		report(cx, tl_at_said(t, o.beg, o.end), tokens.ids[i],
		    tl_str_slice(t->text.str, o.beg, o.end));
	}
}

static void
check_sample(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *sample)
{
	if (conv->kind != TL_CONV_CHAT)
		return; /* others may be rendered beforehand */
	if (sample->is_built) {
		check_built(cx, conv, sample);
		return;
	}
	for (size_t i = 0; i < conv->nturns; i++)
		check_alone(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_control_token_in_content = {
	.code = "CNT005",
	.name = "control-token-in-content",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "text of a turn becomes a control token of this tokenizer",
	.why = "The model reads it as the frame of a turn: a forged boundary "
	       "in the prompt, and an answer that stops early.",
	.fix = "Break the marker up in the data, or remove it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		      "\"what does <|im_start|> do?\"},{\"role\":"
		      "\"assistant\",\"content\":\"It opens a turn.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"what does im_start do?\"},{\"role\":\"assistant\","
		       "\"content\":\"It opens a turn.\"}]}\n"),
	.recipe = { .template_ = "chatml", .tokenizer = "default" },
	.check_sample = check_sample,
};
