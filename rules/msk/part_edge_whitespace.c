/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
has_flags(const struct tl_turn *t)
{
	for (size_t i = 0; i < t->nparts; i++)
		if (t->parts[i].train != TL_FLAG_UNSET)
			return true;
	return false;
}

/* Without a flag of its own a part is trained as soon as another has one. */
static bool
is_trained(const struct tl_part *p)
{
	return p->train != TL_FLAG_FALSE;
}

static size_t
count_blanks(tl_str s)
{
	size_t n = 0;

	while (n < s.len &&
	    (s.ptr[s.len - 1 - n] == ' ' || s.ptr[s.len - 1 - n] == '\t'))
		n++;
	return n;
}

static const struct tl_json *
text_node(const struct tl_part *p)
{
	return p->text.nruns == 1 && p->text.runs[0].kind == TL_RUN_CONTENT
	    ? p->text.runs[0].node
	    : NULL;
}

static void
check_edge(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_part *p, const struct tl_part *next)
{
	tl_str text = p->text.str, other = next->text.str;
	size_t n = count_blanks(text);
	const struct tl_json *a = text_node(p), *b = text_node(next);
	struct tl_report *r;

	if (n == 0 || other.len == 0 || is_trained(p) == is_trained(next))
		return;
	r = tl_report(cx, tl_in_turn(tl_at_node(p->node), t->index),
	    "this content part ends with white space, and the next one %s",
	    is_trained(next) ? "is trained where it is not"
			     : "is not trained where it is");
	tl_report_note(r,
	    "most tokens begin with the space in front of a word: the token "
	    "across the edge goes the way of one part alone");
	if (a == NULL || b == NULL)
		return;
	tl_report_edit_text(
	    r, cx, TL_FIX_UNSAFE, a, text.len - n, text.len, TL_STR(""));
	tl_report_edit_text(r, cx, TL_FIX_UNSAFE, b, 0, 0,
	    tl_str_slice(text, text.len - n, text.len));
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		for (size_t k = 0; k + 1 < t->nparts && has_flags(t); k++)
			check_edge(cx, t, &t->parts[k], &t->parts[k + 1]);
	}
}

const struct tl_rule tl_rule_part_edge_whitespace = {
	.code = "MSK014",
	.name = "part-edge-whitespace",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a content part ends with a space where training begins or "
		   "ends",
	.why = "The space and the first word of the next part are one token. "
	       "It is trained or masked as a whole, so one of the parts gets "
	       "what was meant for the other.",
	.fix = "Move the space to the beginning of the next part.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":["
		      "{\"type\":\"text\",\"text\":\"Let me think. \","
		      "\"train\":false},{\"type\":\"text\",\"text\":"
		      "\"It is four.\",\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":["
		       "{\"type\":\"text\",\"text\":\"Let me think.\","
		       "\"train\":false},{\"type\":\"text\",\"text\":"
		       "\" It is four.\",\"train\":true}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
