/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A schema of an object; without a type it may be one. */
static void
check_parameters(const struct tl_rule_cx *cx, const struct tl_json *p)
{
	const struct tl_json *type = tl_json_get(p, "type");

	if (p->kind != TL_JSON_OBJECT)
		tl_report(cx, tl_at_node(p),
		    "the tool's parameters are %s, not an object",
		    tl_json_kind_name(p->kind));
	else if (type != NULL && type->kind != TL_JSON_STRING)
		tl_report(cx, tl_at_node(type),
		    "the type of the tool's parameters is %s, not \"object\"",
		    tl_json_kind_name(type->kind));
	else if (type != NULL && !tl_str_eq(type->text, TL_STR("object")))
		tl_report(cx, tl_at_node(type),
		    "the type of the tool's parameters is %s, not \"object\"",
		    tl_quote(cx, type->text, 0));
}

static void
check_tool(const struct tl_rule_cx *cx, const struct tl_json *tool)
{
	const struct tl_json *f = tl_json_get(tool, "function");
	const struct tl_json *name, *parameters;

	if (tool->kind == TL_JSON_STRING)
		return; /* LMFlow's */
	if (f == NULL)
		f = tool;
	if (f->kind != TL_JSON_OBJECT) {
		tl_report(cx, tl_at_node(f), "the tool is %s, not an object",
		    tl_json_kind_name(f->kind));
		return;
	}
	name = tl_json_get(f, "name");
	if (!tl_json_is(name, TL_JSON_STRING) || name->text.len == 0)
		tl_report(cx, tl_at_node(name != NULL ? name : f),
		    "the tool has no name");
	parameters = tl_json_get(f, "parameters");
	if (parameters == NULL || parameters->kind == TL_JSON_NULL)
		return;
	check_parameters(cx, parameters);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (conv->tools == NULL)
		return;
	for (const struct tl_json *v = conv->tools->first; v != NULL;
	     v = v->next)
		check_tool(cx, v);
}

const struct tl_rule tl_rule_bad_tool_schema = {
	.code = "FNC009",
	.name = "bad-tool-schema",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a tool has no name, or parameters that are no schema of an "
		   "object",
	.why = "Loaders refuse the record, and the model sees a tool that it "
	       "cannot call.",
	.fix = "Describe the tool as {\"name\": …, \"parameters\": {\"type\": "
	       "\"object\", …}}.",
	.bad =
	    TL_LIT("{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
		   "\"mul\",\"parameters\":[\"a\",\"b\"]}}],"
		   "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		   "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT(
	    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
	    "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_TOOLS,
	.check_conv = check_conv,
};
