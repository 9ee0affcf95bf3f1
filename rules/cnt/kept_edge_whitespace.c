/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t, size_t beg,
    size_t end, const char *verb)
{
	const struct tl_run *run = tl_text_run_at(&t->text, beg);
	struct tl_report *r;

	r = tl_report(cx, tl_at_said(t, beg, end),
	    "the %s turn %s with %s, which the template keeps",
	    tl_role_name(tl_turn_meant(t)), verb,
	    tl_quote(cx, tl_str_slice(t->text.str, beg, end), 0));
	if (run->kind == TL_RUN_CONTENT && end <= run->end)
		tl_report_edit_text(r, cx, TL_FIX_UNSAFE, run->node,
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
		size_t len = t->text.str.len;
		size_t before = tl_space_before(t->text.str);
		size_t behind = tl_space_behind(t->text.str);

		/* A tool's result is the same when the model is used. */
		if (!traces[i].is_reached || !traces[i].is_exact ||
		    before == len || tl_turn_meant(t) == TL_ROLE_TOOL)
			continue;
		if (before > 0 && traces[i].beg == 0)
			report(cx, t, 0, before, "begins");
		if (behind > 0 && traces[i].end == len)
			report(cx, t, len - behind, len, "ends");
	}
}

const struct tl_rule tl_rule_kept_edge_whitespace = {
	.code = "CNT004",
	.name = "kept-edge-whitespace",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "white space at the edge of a turn that reaches the trained "
		   "text",
	.why = "It melts into the first or last token of the turn, so the "
	       "model sees other tokens than it will when it is used, and "
	       "newlines double.",
	.fix = "Remove the white space, unless it is meant.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\\n\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml" },
	.check_render = check_render,
};
