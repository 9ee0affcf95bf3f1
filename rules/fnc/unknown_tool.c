/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/map.h>
#include <turnlint/rule.h>

/* {"type": "function", "function": {"name": …}} or {"name": …}. */
static const struct tl_json *
name_in(const struct tl_json *v)
{
	const struct tl_json *f = tl_json_get(v, "function");
	const struct tl_json *name =
	    tl_json_get(tl_json_is(f, TL_JSON_OBJECT) ? f : v, "name");

	return tl_json_is(name, TL_JSON_STRING) ? name : NULL;
}

/* False when some tool has no name to compare with. */
static bool
list_names(struct tl_map *names, const struct tl_json *tools)
{
	for (const struct tl_json *v = tools->first; v != NULL; v = v->next) {
		const struct tl_json *name = name_in(v);

		if (name == NULL)
			return false;
		tl_map_put(names, name->text, NULL);
	}
	return tools->first != NULL;
}

static void
check_call(const struct tl_rule_cx *cx, const struct tl_map *names,
    const struct tl_turn *t, const struct tl_json *name, struct tl_place at)
{
	if (name != NULL && tl_map_find(names, name->text) == NULL)
		tl_report(cx, tl_in_turn(at, t->index),
		    "%s is called but not among the record's tools (%zu)",
		    tl_quote(cx, name->text, 0), names->nentries);
}

/* LLaMA-Factory's turn: one call, or a list of them, as JSON in the text. */
static void
check_spelled(const struct tl_rule_cx *cx, const struct tl_map *names,
    const struct tl_turn *t)
{
	const struct tl_json_doc *doc = tl_turn_spelled_call(cx->arena, t);

	if (doc == NULL || doc->root == NULL)
		return; /* FNC001 */
	if (doc->root->kind != TL_JSON_ARRAY) {
		check_call(cx, names, t, name_in(doc->root), tl_at_turn(t));
		return;
	}
	for (const struct tl_json *c = doc->root->first; c != NULL; c = c->next)
		check_call(cx, names, t, name_in(c), tl_at_turn(t));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	struct tl_map names;

	if (conv->tools == NULL)
		return;
	tl_map_init(&names, cx->arena);
	if (!list_names(&names, conv->tools))
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		const struct tl_json *c =
		    t->tool_calls != NULL ? t->tool_calls->first : NULL;

		for (; c != NULL; c = c->next)
			check_call(
			    cx, &names, t, name_in(c), tl_at_node(name_in(c)));
		if (t->tool_calls == NULL && t->ntool_calls > 0)
			check_spelled(cx, &names, t);
	}
}

const struct tl_rule tl_rule_unknown_tool = {
	.code = "FNC003",
	.name = "unknown-tool",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a tool is called that the record does not declare",
	.why = "The model learns to call tools it was not given.",
	.fix = "Declare the tool, or correct the name.",
	.bad = TL_LIT(
	    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"add\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]}]}\n"),
	.good = TL_LIT(
	    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]}]}\n"),
	.needs = TL_TRAIT_CALLS,
	.check_conv = check_conv,
};
