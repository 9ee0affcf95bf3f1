/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/marker.h>
#include <turnlint/rule.h>

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	tl_str known = { NULL, 0 };

	if (conv->kind != TL_CONV_CHAT)
		return;
	if (recipe != NULL)
		known = recipe->render_options.tokens.eos;
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		tl_str eos = { NULL, 0 };
		size_t at;

		if (known.len > 0 || t->text_has & TL_MARKER_BYTES)
			eos = tl_marker_eos(t->text.str, known);
		if (eos.len == 0)
			continue;
		at = (size_t)(eos.ptr - t->text.str.ptr);
		tl_report(cx, tl_at_said(t, at, at + eos.len),
		    "the %s turn ends with the EOS %s",
		    tl_role_name(tl_turn_meant(t)), tl_quote(cx, eos, 0));
	}
}

const struct tl_rule tl_rule_literal_eos = {
	.code = "CNT008",
	.name = "literal-eos",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a turn ends with the EOS string",
	.why = "The template or the trainer puts one there as well: the end is "
	       "doubled, or the model learns to spell the marker as text.",
	.fix = "Remove the string from the data.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"hello</s>\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_conv = check_conv,
};
