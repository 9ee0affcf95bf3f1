/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const struct tl_json *
function_of(const struct tl_json *call)
{
	const struct tl_json *f = tl_json_get(call, "function");

	return tl_json_is(f, TL_JSON_OBJECT) ? f : call;
}

static bool
has_something(const struct tl_json *v)
{
	return v != NULL && v->kind != TL_JSON_NULL &&
	    (v->kind == TL_JSON_STRING
		    ? v->text.len > 0
		    : v->kind < TL_JSON_ARRAY || v->nchildren > 0);
}

/* Neither the call's name nor its arguments are there. */
static bool
is_left_out(const struct tl_json *call, const struct tl_reached *reached)
{
	const struct tl_json *f = function_of(call);
	const struct tl_json *name = tl_json_get(f, "name");
	const struct tl_json *arguments = tl_json_get(f, "arguments");

	if (!has_something(name) && !has_something(arguments))
		return false; /* nothing to render */
	return !(has_something(name) && tl_reached_has(reached, name)) &&
	    !(has_something(arguments) && tl_reached_has(reached, arguments));
}

/* How many of the turn's calls are left out; *first is the first of them. */
static unsigned
count_left_out(const struct tl_turn *t, const struct tl_reached *reached,
    const struct tl_json **first)
{
	unsigned n = 0;

	if (t->tool_calls == NULL)
		return 0;
	for (const struct tl_json *c = t->tool_calls->first; c != NULL;
	     c = c->next)
		if (is_left_out(c, reached) && n++ == 0)
			*first = c;
	return n;
}

/* The template says something else when those turns call nothing: what became
 * of the calls cannot be told from the text's origins. */
static bool
is_noticed(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render, const struct tl_reached *reached)
{
	struct tl_conv other;
	struct tl_turn *turns = tl_conv_copy(cx->arena, conv, &other);
	const struct tl_json *first;
	struct tl_render out;

	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].ntool_calls > 0 &&
		    count_left_out(&conv->turns[i], reached, &first) ==
			conv->turns[i].ntool_calls)
			tl_turn_set_field(
			    cx->arena, &turns[i], TL_STR("tool_calls"), NULL);
	return tl_render_instead(cx, &other, other.nturns, &out) &&
	    !tl_str_eq(out.text.str, render->text.str);
}

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t, unsigned n,
    const struct tl_json *first)
{
	const struct tl_json *name = tl_json_get(function_of(first), "name");
	const char *quoted = tl_quote(cx, tl_json_text(name, TL_STR("")), 0);
	struct tl_place at = tl_in_turn(tl_at_node(first), t->index);

	if (n == 1)
		tl_report(
		    cx, at, "the template leaves out the call of %s", quoted);
	else
		tl_report(cx, at,
		    "the template leaves out %u calls of this turn, the first "
		    "of %s",
		    n, quoted);
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	const struct tl_reached *reached;
	const struct tl_json *first = NULL;
	size_t i = 0;
	unsigned n;

	while (i < conv->nturns && conv->turns[i].tool_calls == NULL)
		i++;
	if (i == conv->nturns || render->fault != TL_RENDER_OK)
		return;
	reached = tl_text_reached(cx->arena, &render->text);
	while (i < conv->nturns &&
	    count_left_out(&conv->turns[i], reached, &first) == 0)
		i++;
	if (i == conv->nturns || is_noticed(cx, conv, render, reached))
		return;
	for (; i < conv->nturns; i++) {
		n = count_left_out(&conv->turns[i], reached, &first);
		if (n > 0)
			report(cx, &conv->turns[i], n, first);
	}
}

const struct tl_rule tl_rule_tool_calls_not_rendered = {
	.code = "FNC011",
	.name = "tool-calls-not-rendered",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template leaves out a tool call",
	.why = "The call is the answer that was to be learned: in its place an "
	       "empty turn is trained, and the result comes from nowhere.",
	.fix = "Choose a template that renders tool_calls, or write the call "
	       "into the content as the model is to say it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":\"\","
		      "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		      "{\"name\":\"mul\",\"arguments\":\"{}\"}}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":"
		       "\"mul(6, 7)\"}]}\n"),
	.recipe = { .template_ = "chatml" },
	.check_render = check_render,
};
