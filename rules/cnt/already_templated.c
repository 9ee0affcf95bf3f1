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

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const struct tl_marker *m = tl_marker_opening(t->text.str);
	tl_str bos = bos_of(cx, t->text.str);

	if (m != NULL)
		tl_report(cx, tl_at_turn(t),
		    "the text of this %s turn is already templated: it begins "
		    "with %s (%s)",
		    tl_role_name(tl_turn_meant(t)), tl_quote(cx, m->text, 0),
		    m->family);
	else if (bos.len > 0)
		tl_report(cx, tl_at_turn(t),
		    "the text of this %s turn is already templated: it begins "
		    "with the BOS %s",
		    tl_role_name(tl_turn_meant(t)), tl_quote(cx, bos, 0));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (conv->kind == TL_CONV_CHAT) {
		for (size_t i = 0; i < conv->nturns; i++)
			if (cx->facts->recipe != NULL ||
			    conv->turns[i].text_has & TL_MARKER_BYTES)
				check_turn(cx, &conv->turns[i]);
	} else if (conv->kind == TL_CONV_TEXT) {
		const struct tl_marker *m = tl_marker_opening(conv->text.str);

		if (m != NULL)
			tl_report(cx, tl_at_node(conv->text.runs[0].node),
			    "the text is a rendered chat: it begins with %s "
			    "(%s)",
			    tl_quote(cx, m->text, 0), m->family);
	}
}

const struct tl_rule tl_rule_already_templated = {
	.code = "CNT007",
	.name = "already-templated",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a text was rendered by a chat template already",
	.why = "Templated again, the model learns two frames around each turn; "
	       "trained as plain text, the user's words carry loss too.",
	.fix = "Take the text apart into messages, or train it with an empty "
	       "template and a mask of its own.",
	.bad = TL_LIT("{\"text\":\"<|im_start|>user\\nhi<|im_end|>\\n"
		      "<|im_start|>assistant\\nhello<|im_end|>\\n\"}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_conv = check_conv,
};
