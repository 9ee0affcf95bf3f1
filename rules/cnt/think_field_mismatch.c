/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thought that the template does not know in the form it is given: left out
 * also when its turn is the last one, or preceded by a second <think>.
 * Thoughts that only earlier turns lose are CNT015.
 */
#include <turnlint/rule.h>

static bool
has_field(const struct tl_turn *t)
{
	return tl_json_is(t->reasoning, TL_JSON_STRING) &&
	    !tl_is_space(t->reasoning->text);
}

struct rendered {
	const struct tl_reached *reached;
	const struct tl_trace *traces;
};

static struct rendered
look(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_text *text)
{
	return (struct rendered){
		.reached = tl_text_reached(cx->arena, text),
		.traces = tl_conv_trace(cx->arena, conv, text),
	};
}

/* The first turn from `from` on whose thought, as a field or in the text, is
 * not in what was rendered. */
static size_t
find_lost(const struct tl_conv *conv, struct rendered rendered, bool is_field,
    size_t from)
{
	for (size_t i = from; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		tl_span thought = tl_turn_thought(t);

		if (tl_turn_meant(t) != TL_ROLE_ASSISTANT)
			continue;
		if (is_field ? has_field(t) &&
			    !tl_reached_has(rendered.reached, t->reasoning)
			     : thought.end > thought.beg &&
			    !tl_trace_has(&rendered.traces[i], thought))
			return i;
	}
	return conv->nturns;
}

static void
check_form(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    struct rendered rendered, bool is_field)
{
	size_t i = find_lost(conv, rendered, is_field, 0);
	struct tl_render out;

	if (i == conv->nturns || !tl_render_instead(cx, conv, i + 1, &out) ||
	    find_lost(conv, look(cx, conv, &out.text), is_field, i) != i)
		return; /* only because a turn follows: CNT015 */
	for (; i < conv->nturns;
	     i = find_lost(conv, rendered, is_field, i + 1)) {
		const struct tl_turn *t = &conv->turns[i];
		tl_span s = tl_turn_thought(t);

		if (is_field)
			tl_report(cx,
			    tl_in_turn(tl_at_node(t->reasoning), t->index),
			    "the template leaves out the reasoning of this "
			    "turn: %s",
			    tl_quote(cx, t->reasoning->text, 0));
		else
			tl_report(cx, tl_at_said(t, s.beg, s.end),
			    "the template leaves out the <think> block in "
			    "this turn's text: %s",
			    tl_quote(cx,
				tl_str_slice(t->text.str, s.beg, s.end), 0));
	}
}

/* The run of the text that holds the turn's own <think>, or NULL. */
static const struct tl_run *
find_tag(const struct tl_text *rendered, const struct tl_turn *t)
{
	size_t beg = tl_turn_thought(t).beg;
	const struct tl_run *said = tl_text_run_at(&t->text, beg);
	size_t at;

	if (said == NULL || said->kind != TL_RUN_CONTENT)
		return NULL;
	at = said->src_beg + (beg - said->beg);
	return tl_text_find_source(rendered, said->node, at - 1, at, 0);
}

/* <think> written by the template between the turn's text and what was said
 * before it. */
static void
check_doubled(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_text *rendered)
{
	const struct tl_run *r;
	tl_span s = tl_turn_thought(t);

	if (s.end == s.beg)
		return;
	r = find_tag(rendered, t);
	if (r == NULL || r->kind != TL_RUN_CONTENT)
		return;
	while (r > rendered->runs && (r - 1)->kind == TL_RUN_TEMPLATE) {
		r--;
		if (tl_str_find(tl_str_slice(rendered->str, r->beg, r->end),
			TL_STR("<think>"), 0) == TL_NPOS)
			continue;
		tl_report(cx, tl_at_said(t, s.beg, s.end),
		    "the template writes a <think> of its own before the one "
		    "in this turn's text");
		return;
	}
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	struct rendered rendered;
	size_t last = conv->nturns;

	if (render->fault != TL_RENDER_OK || conv->kind != TL_CONV_CHAT)
		return;
	for (size_t i = 0; i < conv->nturns; i++)
		if (has_field(&conv->turns[i]) ||
		    tl_turn_thought(&conv->turns[i]).end > 0)
			last = i;
	if (last == conv->nturns)
		return;
	rendered = look(cx, conv, &render->text);
	check_form(cx, conv, rendered, true);
	check_form(cx, conv, rendered, false);
	/* Templates that write a block of their own do so in the last turn. */
	if (tl_turn_meant(&conv->turns[last]) == TL_ROLE_ASSISTANT)
		check_doubled(cx, &conv->turns[last], &render->text);
}

const struct tl_rule tl_rule_think_field_mismatch = {
	.code = "CNT014",
	.name = "think-field-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template does not take reasoning in the form it is "
		   "given",
	.why = "The reasoning is not trained, or stands in a second <think> "
	       "block.",
	.fix = "Move it to where the template looks: from <think> tags into "
	       "reasoning_content, or the reverse.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"<think>six sevens</think>\\n42\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"42\",\"reasoning_content\":\"six sevens\"}]}\n"),
	.recipe = { .template_ = "samples/templates/strict.jinja" },
	.check_render = check_render,
};
