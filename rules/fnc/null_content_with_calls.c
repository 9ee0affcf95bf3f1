/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
is_null_with_calls(const struct tl_turn *t)
{
	return t->ntool_calls > 0 &&
	    (t->content_node == NULL || t->content_node->kind == TL_JSON_NULL);
}

static size_t
count(tl_str text, tl_str word)
{
	size_t n = 0;

	for (size_t at = 0; (at = tl_str_find(text, word, at)) != TL_NPOS;
	     at += word.len)
		n++;
	return n;
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	static const struct tl_json empty = { .kind = TL_JSON_STRING,
		.text = TL_LIT("") };
	const tl_str none = TL_STR("None");
	const struct tl_turn *first = NULL;
	struct tl_conv other;
	struct tl_turn *turns;
	struct tl_render out;

	if (render->fault == TL_RENDER_LIMIT)
		return;
	for (size_t i = 0; i < conv->nturns && first == NULL; i++)
		if (is_null_with_calls(&conv->turns[i]))
			first = &conv->turns[i];
	if (first == NULL)
		return;
	turns = tl_conv_copy(cx->arena, conv, &other);
	for (size_t i = 0; i < conv->nturns; i++)
		if (is_null_with_calls(&turns[i]))
			tl_turn_set_field(
			    cx->arena, &turns[i], TL_STR("content"), &empty);
	if (!tl_render_instead(cx, &other, other.nturns, &out))
		return;
	if (render->fault != TL_RENDER_OK)
		tl_report(cx, tl_at_turn(first),
		    "the template fails where a turn with tool calls has no "
		    "content, and takes \"\": %s",
		    tl_quote(cx, render->message, 200));
	else if (count(render->text.str, none) > count(out.text.str, none))
		tl_report(cx, tl_at_turn(first),
		    "the template writes \"None\" for the content that this "
		    "turn with tool calls does not have");
}

const struct tl_rule tl_rule_null_content_with_calls = {
	.code = "FNC013",
	.name = "null-content-with-calls",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the template does not take a turn with tool calls and no "
		   "content",
	.why = "Preprocessing stops, or the word None is trained before every "
	       "call.",
	.fix = "Write \"content\": \"\" beside the calls.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":null,"
		      "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		      "{\"name\":\"mul\",\"arguments\":{}}}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":\"\","
		       "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		       "{\"name\":\"mul\",\"arguments\":{}}}]}]}\n"),
	.also = "ROL009",
	.recipe = { .template_ = "samples/templates/strict.jinja" },
	.check_render = check_render,
};
