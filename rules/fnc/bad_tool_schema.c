/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Parameters are a schema of an object; without a type they may be one. */
static const char *
fault_of_parameters(const struct tl_json *p)
{
	const struct tl_json *type = tl_json_get(p, "type");

	if (p->kind != TL_JSON_OBJECT)
		return "parameters are not an object";
	if (type != NULL &&
	    !tl_str_eq(tl_json_text(type, TL_STR("")), TL_STR("object")))
		return "parameters are not the schema of an object";
	return NULL;
}

static void
check_tool(const struct tl_rule_cx *cx, const struct tl_json *tool)
{
	const struct tl_json *f = tl_json_get(tool, "function");
	const struct tl_json *name, *parameters;
	const char *fault;

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
	fault = fault_of_parameters(parameters);
	if (fault != NULL)
		tl_report(cx, tl_at_node(parameters), "the tool's %s", fault);
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
	.check_conv = check_conv,
};
