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
is_left_out(const struct tl_json *call, const struct tl_text *rendered)
{
	const struct tl_json *f = function_of(call);
	const struct tl_json *name = tl_json_get(f, "name");
	const struct tl_json *arguments = tl_json_get(f, "arguments");

	if (!has_something(name) && !has_something(arguments))
		return false; /* nothing to render */
	return !(has_something(name) && tl_text_has_value(rendered, name)) &&
	    !(has_something(arguments) &&
		tl_text_has_value(rendered, arguments));
}

/* The template says something else when the turn calls nothing: what became of
 * the calls cannot be told from the text's origins. */
static bool
is_noticed(const struct tl_rule_cx *cx, const struct tl_conv *conv, size_t turn,
    const struct tl_render *render)
{
	struct tl_conv other;
	struct tl_turn *turns = tl_conv_copy(cx->arena, conv, &other);
	struct tl_render out;

	tl_turn_set_field(cx->arena, &turns[turn], TL_STR("tool_calls"), NULL);
	return tl_render_instead(cx, &other, other.nturns, &out) &&
	    !tl_str_eq(out.text.str, render->text.str);
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_conv *conv, size_t i,
    const struct tl_render *render)
{
	const struct tl_turn *t = &conv->turns[i];
	const struct tl_json *first = NULL, *name;
	unsigned n = 0;

	for (const struct tl_json *c = t->tool_calls->first; c != NULL;
	     c = c->next) {
		if (!is_left_out(c, &render->text))
			continue;
		if (first == NULL)
			first = c;
		n++;
	}
	if (n == 0 || (n == t->ntool_calls && is_noticed(cx, conv, i, render)))
		return;
	name = tl_json_get(function_of(first), "name");
	if (n == 1)
		tl_report(cx, tl_in_turn(tl_at_node(first), t->index),
		    "the template leaves out the call of %s",
		    tl_quote(cx, tl_json_text(name, TL_STR("")), 0));
	else
		tl_report(cx, tl_in_turn(tl_at_node(first), t->index),
		    "the template leaves out %u calls of this turn, the first "
		    "of %s",
		    n, tl_quote(cx, tl_json_text(name, TL_STR("")), 0));
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	if (render->fault != TL_RENDER_OK || conv->kind != TL_CONV_CHAT)
		return;
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].tool_calls != NULL)
			check_turn(cx, conv, i, render);
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
