/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structure stored as a string.  Some strings are the formats' own form and no
 * fault: the arguments of a tool call (OpenAI), and the tools of ShareGPT and
 * of LLaMA-Factory's v1 engine.  Those are wrong only when they are encoded
 * twice.
 */
#include <turnlint/rule.h>

/* The value that the text of v holds; NULL when it is no JSON, or does not
 * begin with one of the two openers. */
static const struct tl_json *
decode(const struct tl_rule_cx *cx, const struct tl_json *v, char opener,
    char other)
{
	tl_str text;
	struct tl_json_doc doc;

	if (!tl_json_is(v, TL_JSON_STRING))
		return NULL;
	text = tl_str_trim(v->text);
	if (text.len < 2 || (text.ptr[0] != opener && text.ptr[0] != other))
		return NULL;
	return tl_json_parse(cx->arena, text, &doc) == TL_OK ? doc.root : NULL;
}

/* v must be an array or an object, not the text of one. */
static void
check_structure(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	const struct tl_json *inner = decode(cx, v, '{', '[');
	struct tl_report *r;

	if (inner == NULL)
		return;
	r = tl_report(cx, tl_at_node(v),
	    "%s is a string that holds %s; expected %s itself",
	    tl_quote(cx, v->key, 0), tl_json_kind_name(inner->kind),
	    tl_json_kind_name(inner->kind));
	tl_report_edit(
	    r, TL_FIX_UNSAFE, v->span.beg, v->span.end, tl_str_trim(v->text));
}

/* v may be the text of a structure, but not the text of such a text. */
static void
check_text(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	const struct tl_json *text = decode(cx, v, '"', '"');
	const struct tl_json *inner = decode(cx, text, '{', '[');
	struct tl_report *r;

	if (inner == NULL)
		return;
	r = tl_report(cx, tl_at_node(v),
	    "%s is encoded as JSON twice: a string that holds a string that "
	    "holds %s",
	    tl_quote(cx, v->key, 0), tl_json_kind_name(inner->kind));
	tl_report_edit(
	    r, TL_FIX_UNSAFE, v->span.beg, v->span.end, tl_str_trim(v->text));
}

static void
check_call(const struct tl_rule_cx *cx, const struct tl_json *call)
{
	const struct tl_json *function = tl_json_get(call, "function");

	check_structure(cx, function);
	check_text(cx, tl_json_get(call, "arguments"));
	check_text(cx, tl_json_get(function, "arguments"));
}

static void
check_message(const struct tl_rule_cx *cx, const struct tl_json *message)
{
	const struct tl_json *calls = NULL, *call = NULL;

	if (!tl_json_is(message, TL_JSON_OBJECT))
		return;
	/* One walk for both: this runs for every message there is. */
	for (const struct tl_json *v = message->first; v != NULL; v = v->next) {
		if (tl_str_eq(v->key, TL_STR("tool_calls")))
			calls = v;
		else if (tl_str_eq(v->key, TL_STR("function_call")))
			call = v;
	}
	if (calls == NULL && call == NULL)
		return;
	check_structure(cx, calls);
	check_structure(cx, call);
	check_call(cx, call);
	if (tl_json_is(calls, TL_JSON_ARRAY))
		for (call = calls->first; call != NULL; call = call->next)
			check_call(cx, call);
}

static void
check_tools(const struct tl_rule_cx *cx, const struct tl_json *tools)
{
	if (!tl_json_is(tools, TL_JSON_ARRAY))
		return;
	for (const struct tl_json *t = tools->first; t != NULL; t = t->next) {
		const struct tl_json *function = tl_json_get(t, "function");

		check_structure(cx, function);
		check_structure(cx, tl_json_get(t, "parameters"));
		check_structure(cx, tl_json_get(function, "parameters"));
	}
}

static bool
has_tools_as_text(const struct tl_json *root)
{
	static const struct tl_format_options none = { 0 };
	const struct tl_format *v1 = tl_format_find(TL_STR("llamafactory_v1"));

	return tl_json_get(root, "conversations") != NULL ||
	    (tl_json_is(root, TL_JSON_OBJECT) &&
		v1->detect(root, &none).score > 0);
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	static const char *const lists[] = { "messages", "conversations",
		"conversation" };
	const struct tl_json *root = rec->doc.root;
	const struct tl_json *tools = tl_json_get(root, "tools");

	for (size_t i = 0; i < TL_COUNT(lists); i++) {
		const struct tl_json *list = tl_json_get(root, lists[i]);

		check_structure(cx, list);
		if (!tl_json_is(list, TL_JSON_ARRAY))
			continue;
		for (list = list->first; list != NULL; list = list->next)
			check_message(cx, list);
	}
	if (!tl_json_is(tools, TL_JSON_STRING) || has_tools_as_text(root))
		check_text(cx, tools);
	else
		check_structure(cx, tools);
	check_tools(cx, tools);
	check_structure(cx, tl_json_get(root, "functions"));
}

const struct tl_rule tl_rule_json_in_string = {
	.code = "JSN020",
	.name = "json-in-string",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "messages, tools or arguments encoded as a JSON string",
	.why = "Some trainers decode the string, others hand it to the "
	       "template as it is: the model is trained on backslashes and "
	       "quotes, or the record has no messages at all.",
	.fix = "Decode the string when writing the record "
	       "(json.loads, once more), so that it is an array or an object.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}],"
		      "\"tools\":\"[{\\\"type\\\":\\\"function\\\","
		      "\\\"function\\\":{\\\"name\\\":\\\"f\\\","
		      "\\\"parameters\\\":{\\\"type\\\":\\\"object\\\","
		      "\\\"properties\\\":{}}}}]\"}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}],"
		       "\"tools\":[{\"type\":\"function\","
		       "\"function\":{\"name\":\"f\","
		       "\"parameters\":{\"type\":\"object\","
		       "\"properties\":{}}}}]}\n"),
	.check_record = check_record,
};
