/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* v is a string, doc is what stands in it. */
static void
check_doc(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_json *v, const struct tl_json_doc *doc, const char *what)
{
	if (doc->root != NULL) {
		if (doc->root->kind != TL_JSON_OBJECT &&
		    doc->root->kind != TL_JSON_ARRAY)
			tl_report(cx, tl_in_turn(tl_at_node(v), t->index),
			    "%s are %s, not an object: %s", what,
			    tl_json_kind_name(doc->root->kind),
			    tl_quote(cx, v->text, 0));
		return;
	}
	if (tl_str_is_blank(v->text))
		tl_report(cx, tl_in_turn(tl_at_node(v), t->index),
		    "%s are an empty string, not JSON", what);
	else
		tl_report(cx,
		    tl_in_turn(
			tl_at_text(v, doc->fault_at, doc->fault_at), t->index),
		    "%s are not JSON: found %s, expected %s", what, doc->found,
		    doc->expected);
}

static void
check_text(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_json *v, const char *what)
{
	struct tl_json_doc doc = { 0 };

	if (!tl_json_is(v, TL_JSON_STRING))
		return;
	(void)!tl_json_parse(cx->arena, v->text, &doc);
	check_doc(cx, t, v, &doc, what);
}

static void
check_calls(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const struct tl_json *calls = t->tool_calls;

	if (calls == NULL)
		return;
	for (const struct tl_json *c = calls->first; c != NULL; c = c->next) {
		const struct tl_json *f = tl_json_get(c, "function");

		check_text(cx, t, tl_json_get(f != NULL ? f : c, "arguments"),
		    "the arguments of the call");
	}
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		const struct tl_json *old =
		    tl_json_get(t->node, "function_call");
		const struct tl_json_doc *spelled;

		check_calls(cx, t);
		check_text(cx, t, tl_json_get(old, "arguments"),
		    "the arguments of the call");
		spelled = tl_turn_spelled_call(cx->arena, t);
		if (spelled != NULL &&
		    tl_json_is(t->content_node, TL_JSON_STRING))
			check_doc(cx, t, t->content_node, spelled,
			    "the words of the call");
	}
}

const struct tl_rule tl_rule_arguments_not_json = {
	.code = "FNC001",
	.name = "arguments-not-json",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the arguments of a tool call are a string that is not JSON",
	.why = "The model learns calls that no program can run; trainers that "
	       "parse the arguments stop here.",
	.fix = "Write the arguments as one JSON object.",
	.bad = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{a: 6, b: 7}\"}}]}]}\n"),
	.good = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{\\\"a\\\": 6, \\\"b\\\": "
	    "7}\"}}]}]}\n"),
	.needs = TL_TRAIT_CALLS | TL_TRAIT_MEMBERS | TL_TRAIT_UNKNOWN,
	.check_conv = check_conv,
};
