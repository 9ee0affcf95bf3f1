/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t, size_t beg,
    size_t end, const char *edge)
{
	const struct tl_run *run = tl_text_run_at(&t->text, beg);
	struct tl_report *r;

	r = tl_report(cx, tl_at_said(t, beg, end),
	    "the template strips %s of this %s turn: %s", edge,
	    tl_role_name(tl_turn_meant(t)),
	    tl_quote(cx, tl_str_slice(t->text.str, beg, end), 0));
	if (run->kind == TL_RUN_CONTENT && end <= run->end)
		tl_report_edit_text(r, cx, TL_FIX_SAFE, run->node,
		    run->src_beg + (beg - run->beg),
		    run->src_beg + (end - run->beg), TL_STR(""));
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	const struct tl_trace *traces;

	if (conv->kind != TL_CONV_CHAT || render->fault != TL_RENDER_OK)
		return;
	traces = tl_conv_trace(cx->arena, conv, &render->text);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		size_t before = tl_space_before(t->text.str);
		size_t behind = tl_space_behind(t->text.str);

		if (!traces[i].is_reached || !traces[i].is_exact ||
		    before == t->text.str.len)
			continue;
		if (traces[i].beg > 0 && traces[i].beg <= before)
			report(cx, t, 0, traces[i].beg, "white space in front");
		if (traces[i].end < t->text.str.len &&
		    traces[i].end >= t->text.str.len - behind)
			report(cx, t, traces[i].end, t->text.str.len,
			    "white space at the end");
	}
}

const struct tl_rule tl_rule_stripped_whitespace = {
	.code = "CNT003",
	.name = "stripped-whitespace",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "white space at the edge of a turn that the template "
		   "removes",
	.why = "What is trained is not what the data says, and character "
	       "offsets into the turn, as in train_detail, no longer fit.",
	.fix = "Remove the white space from the data.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\" hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "llama-3" },
	.check_render = check_render,
};
