/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/marker.h>
#include <turnlint/rule.h>

/* The tokenizer's BOS in front of the text, or an empty slice. */
static tl_str
bos_of(const struct tl_rule_cx *cx, tl_str text)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	tl_str bos = { NULL, 0 };

	if (recipe != NULL && recipe->tokenizer != NULL)
		bos = recipe->render_options.tokens.bos;
	if (bos.len > 0 && tl_str_starts(tl_str_trim(text), bos))
		return bos;
	return (tl_str){ NULL, 0 };
}

/* "the template chatml makes it of 2 turns, byte for byte" */
static const char *
how_sure(const struct tl_rule_cx *cx, const struct tl_unframed *u, size_t len)
{
	const char *name = tl_quote(cx, tl_str_from(u->name), 80);
	const char *turns = tl_arena_printf(
	    cx->arena, "%zu turn%s", u->nturns, u->nturns == 1 ? "" : "s");
	const char *of = u->nconvs < 2
	    ? turns
	    : tl_arena_printf(
		  cx->arena, "%zu conversations, %s", u->nconvs, turns);

	switch (u->how) {
	case TL_UNFRAME_EXACT:
		return tl_arena_printf(cx->arena,
		    "the template %s makes it of %s%s", name, of,
		    u->is_doubtful || u->has_rival ? ", and perhaps of others"
						   : ", byte for byte");
	case TL_UNFRAME_UNCLOSED:
		return tl_arena_printf(cx->arena,
		    "the template %s makes it of %s, but for the end, %s", name,
		    of, tl_quote(cx, u->fault.what, 0));
	case TL_UNFRAME_PARTIAL:
		return tl_arena_printf(cx->arena,
		    "up to byte %zu of %zu it is of the template %s",
		    u->explained, len, name);
	case TL_UNFRAME_NONE:
	case TL_UNFRAME_UNTRIED:
		break;
	}
	return NULL;
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	tl_str text = t->text.str;
	const struct tl_marker *m = tl_marker_opening(text);
	tl_str bos = bos_of(cx, text);
	const char *role = tl_role_name(tl_turn_meant(t));
	struct tl_unframed u;

	if (m == NULL && bos.len == 0)
		return;
	tl_untemplate(cx->untemplater, cx->arena, text, &u);
	if (u.how != TL_UNFRAME_NONE)
		tl_report(cx, tl_at_turn(t),
		    "the text of this %s turn is already templated: %s", role,
		    how_sure(cx, &u, text.len));
	else if (m != NULL)
		tl_report(cx, tl_at_turn(t),
		    "the text of this %s turn is already templated: it begins "
		    "with %s (%s)",
		    role, tl_quote(cx, m->text, 0), m->family);
	else
		tl_report(cx, tl_at_turn(t),
		    "the text of this %s turn is already templated: it begins "
		    "with the BOS %s",
		    role, tl_quote(cx, bos, 0));
}

static void
check_text(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	tl_str text = conv->text.str;
	const struct tl_unframed *u = tl_unframed_text(cx, conv);
	const struct tl_marker *m;
	struct tl_report *r;

	if (u->how != TL_UNFRAME_NONE) {
		r = tl_report(cx, tl_at_node(conv->text.runs[0].node),
		    "the text is a rendered chat: %s",
		    how_sure(cx, u, text.len));
		if (u->lacks_bos)
			tl_report_note(r,
			    "the template prints a BOS in front, which a "
			    "tokenizer adds as well");
		return;
	}
	m = tl_marker_opening(text);
	if (m != NULL)
		tl_report(cx, tl_at_node(conv->text.runs[0].node),
		    "the text is a rendered chat: it begins with %s (%s), but "
		    "no known template goes on so",
		    tl_quote(cx, m->text, 0), m->family);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (conv->kind == TL_CONV_TEXT) {
		check_text(cx, conv);
		return;
	}
	if (conv->kind != TL_CONV_CHAT)
		return; /* others may be rendered beforehand */
	for (size_t i = 0; i < conv->nturns; i++)
		if (cx->facts->recipe != NULL ||
		    conv->turns[i].text_has & TL_MARKER_BYTES)
			check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_already_templated = {
	.code = "CNT007",
	.name = "already-templated",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a text was rendered by a chat template already",
	.why = "Templated again, the model learns two frames around each turn; "
	       "trained as plain text, the user's words carry loss too.",
	.fix = "Take the text apart into messages (turnlint convert --to "
	       "openai), or train it with an empty template and a mask of its "
	       "own.",
	.bad = TL_LIT("{\"text\":\"<|im_start|>user\\nhi<|im_end|>\\n"
		      "<|im_start|>assistant\\nhello<|im_end|>\\n\"}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_conv = check_conv,
};
