/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* "turn 3 (assistant)" */
static const char *
turn_name(const struct tl_rule_cx *cx, const struct tl_frame_fault *f)
{
	if (f->turn == TL_NO_TURN)
		return "the text";
	return tl_arena_printf(
	    cx->arena, "turn %zu (%s)", f->turn, tl_role_name(f->role));
}

static void
report_fault(const struct tl_rule_cx *cx, const struct tl_json *node,
    const struct tl_unframed *u)
{
	const struct tl_frame_fault *f = &u->fault;
	struct tl_place at = tl_at_text(node, f->beg, f->end);
	const char *turn = turn_name(cx, f);
	const char *what = tl_quote(cx, f->what, 0);

	switch (f->kind) {
	case TL_FRAME_WHOLE:
		return;
	case TL_FRAME_UNCLOSED:
		tl_report(cx, at,
		    "the text ends before %s is closed: %s is missing", turn,
		    what);
		return;
	case TL_FRAME_MARKER:
		if (f->family != NULL)
			tl_report(cx, at,
			    "%s of %s templates stands inside %s of a text "
			    "that %s made",
			    what, f->family, turn, u->name);
		else
			tl_report(cx, at,
			    "%s stands inside %s: the turn is not closed "
			    "before it, or says it",
			    what, turn);
		return;
	case TL_FRAME_BEHIND:
		tl_report(cx, at,
		    "%s is closed, and %s behind it opens no turn that %s "
		    "knows",
		    turn, what, u->name);
		return;
	case TL_FRAME_ALTERED:
		tl_report(cx, at,
		    "from here on, in %s, the template %s would print "
		    "something else",
		    turn, u->name);
		return;
	}
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_unframed *u;
	const struct tl_json *node;
	size_t len = conv->text.str.len;

	if (conv->kind != TL_CONV_TEXT || len == 0)
		return;
	u = tl_unframed_text(cx, conv);
	node = conv->text.runs[0].node;
	report_fault(cx, node, u);
	if (u->ends_open && u->fault.kind == TL_FRAME_WHOLE)
		tl_report(cx, tl_at_text(node, len, len),
		    "the text ends where the assistant is asked to answer: "
		    "there is no answer");
}

const struct tl_rule tl_rule_broken_frame = {
	.code = "CNT031",
	.name = "broken-frame",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a rendered text leaves a turn open or mixes markers",
	.why = "The model learns turns that never end, or markers that its "
	       "template does not have.",
	.fix = "Close the turn, or take out the marker that stands in it; "
	       "best render the text again from its messages.",
	.bad = TL_LIT("{\"text\":\"<|im_start|>user\\nhi<|im_end|>\\n"
		      "<|im_start|>assistant\\nhello\"}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "CNT007",
	.check_conv = check_conv,
};
