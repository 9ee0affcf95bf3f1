/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of calls against the schema of the tool.  What is checked is
 * what has one meaning in every draft: type, required, properties,
 * additionalProperties false, items, enum.  A schema with $ref or a choice of
 * schemas is left alone, as are types that JSON Schema does not know.
 */
#include <turnlint/map.h>
#include <turnlint/rule.h>

#include <math.h>

#define MAX_DEPTH 32 /* of schemas within schemas */

static bool
is_of_type(const struct tl_json *v, tl_str type, bool *is_known)
{
	static const struct {
		tl_str name;
		enum tl_json_kind kind;
	} types[] = {
		{ TL_LIT("string"), TL_JSON_STRING },
		{ TL_LIT("number"), TL_JSON_NUMBER },
		{ TL_LIT("integer"), TL_JSON_NUMBER },
		{ TL_LIT("object"), TL_JSON_OBJECT },
		{ TL_LIT("array"), TL_JSON_ARRAY },
		{ TL_LIT("null"), TL_JSON_NULL },
		{ TL_LIT("boolean"), TL_JSON_TRUE },
	};

	for (size_t i = 0; i < TL_COUNT(types); i++) {
		if (!tl_str_eq(types[i].name, type))
			continue;
		if (tl_str_eq(type, TL_STR("integer")) &&
		    v->kind == TL_JSON_NUMBER)
			return floor(v->number) == v->number;
		return v->kind == types[i].kind ||
		    (types[i].kind == TL_JSON_TRUE && v->kind == TL_JSON_FALSE);
	}
	*is_known = false;
	return true;
}

/* The type allows v, or cannot be judged. */
static bool
fits_type(const struct tl_json *v, const struct tl_json *type)
{
	bool is_known = true;

	if (tl_json_is(type, TL_JSON_STRING))
		return is_of_type(v, type->text, &is_known);
	if (!tl_json_is(type, TL_JSON_ARRAY))
		return true;
	for (const struct tl_json *t = type->first; t != NULL; t = t->next)
		if (t->kind != TL_JSON_STRING ||
		    is_of_type(v, t->text, &is_known) || !is_known)
			return true;
	return false;
}

static bool
is_scalar_equal(const struct tl_json *a, const struct tl_json *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == TL_JSON_NUMBER)
		return !(a->number < b->number) && !(a->number > b->number);
	return a->kind != TL_JSON_STRING || tl_str_eq(a->text, b->text);
}

/* Of an enum of scalars; true when it cannot be judged. */
static bool
is_among(const struct tl_json *v, const struct tl_json *list)
{
	if (!tl_json_is(list, TL_JSON_ARRAY) || v->kind >= TL_JSON_ARRAY)
		return true;
	for (const struct tl_json *e = list->first; e != NULL; e = e->next)
		if (e->kind >= TL_JSON_ARRAY || is_scalar_equal(v, e))
			return true;
	return false;
}

static bool
is_simple(const struct tl_json *schema)
{
	static const char *const choices[] = { "$ref", "anyOf", "oneOf",
		"allOf", "not", "if" };

	if (!tl_json_is(schema, TL_JSON_OBJECT))
		return false;
	for (size_t i = 0; i < TL_COUNT(choices); i++)
		if (tl_json_get(schema, choices[i]) != NULL)
			return false;
	return true;
}

struct call {
	const struct tl_rule_cx *cx;
	const struct tl_turn *turn;
	const char *name;	    /* of the tool, quoted */
	const struct tl_json *text; /* the arguments when they are a string:
				     * the place of all that is in them */
};

static struct tl_place
place_of(const struct call *c, const struct tl_json *v)
{
	if (c->text == NULL)
		return tl_in_turn(tl_at_node(v), c->turn->index);
	if (c->text->kind != TL_JSON_STRING)
		return tl_at_turn(c->turn);
	return tl_in_turn(
	    tl_at_text(c->text, v->span.beg, v->span.end), c->turn->index);
}

/* "city", or "the arguments" at the top. */
static const char *
label(const struct call *c, const struct tl_json *v)
{
	while (v != NULL && v->parent != NULL && v->key.ptr == NULL)
		v = v->parent;
	if (v == NULL || v->key.ptr == NULL ||
	    tl_str_eq(v->key, TL_STR("arguments")))
		return "the argument";
	return tl_quote(c->cx, v->key, 0);
}

static const char *
type_name(const struct call *c, const struct tl_json *type)
{
	struct tl_buf b;

	if (type->kind == TL_JSON_STRING)
		return tl_quote(c->cx, type->text, 0);
	tl_buf_init(&b, c->cx->arena, 0);
	tl_json_put(&b, type);
	return tl_arena_cstr(c->cx->arena, tl_str_slice(tl_buf_str(&b), 0, 80));
}

/* Required keys that v does not have, as one finding. */
static void
check_required(const struct call *c, const struct tl_json *v,
    const struct tl_json *required)
{
	struct tl_buf b;
	size_t n = 0;

	if (!tl_json_is(required, TL_JSON_ARRAY))
		return;
	tl_buf_init(&b, c->cx->arena, 0);
	for (const struct tl_json *k = required->first; k != NULL;
	     k = k->next) {
		if (k->kind != TL_JSON_STRING ||
		    tl_json_get_str(v, k->text) != NULL)
			continue;
		if (n++ > 0)
			tl_buf_puts(&b, ", ");
		tl_buf_puts(&b, tl_quote(c->cx, k->text, 0));
	}
	if (n == 0)
		return;
	if (v->key.ptr != NULL && !tl_str_eq(v->key, TL_STR("arguments")))
		tl_report(c->cx, place_of(c, v),
		    "%s in the call of %s lacks %s, which the tool requires",
		    label(c, v), c->name,
		    tl_arena_cstr(c->cx->arena, tl_buf_str(&b)));
	else
		tl_report(c->cx, place_of(c, v),
		    "the call of %s lacks %s, which the tool requires", c->name,
		    tl_arena_cstr(c->cx->arena, tl_buf_str(&b)));
}

static void
check_object(
    const struct call *c, const struct tl_json *v, const struct tl_json *schema)
{
	const struct tl_json *properties = tl_json_get(schema, "properties");

	check_required(c, v, tl_json_get(schema, "required"));
	if (!tl_json_is(
		tl_json_get(schema, "additionalProperties"), TL_JSON_FALSE) ||
	    tl_json_get(schema, "patternProperties") != NULL)
		return;
	for (const struct tl_json *m = v->first; m != NULL; m = m->next)
		if (tl_json_get_str(properties, m->key) == NULL)
			tl_report(c->cx, place_of(c, m),
			    "the call of %s gives %s, which the tool does not "
			    "take",
			    c->name, tl_quote(c->cx, m->key, 0));
}

static void
check_value(const struct call *c, const struct tl_json *v,
    const struct tl_json *schema, unsigned depth)
{
	const struct tl_json *type = tl_json_get(schema, "type");

	if (!is_simple(schema) || depth > MAX_DEPTH ||
	    (v->kind == TL_JSON_NULL &&
		tl_json_is(tl_json_get(schema, "nullable"), TL_JSON_TRUE)))
		return;
	if (!fits_type(v, type)) {
		tl_report(c->cx, place_of(c, v),
		    "%s in the call of %s is %s, the tool takes %s",
		    label(c, v), c->name, tl_json_kind_name(v->kind),
		    type_name(c, type));
		return;
	}
	if (!is_among(v, tl_json_get(schema, "enum"))) {
		tl_report(c->cx, place_of(c, v),
		    "%s in the call of %s is none of the values that the tool "
		    "takes",
		    label(c, v), c->name);
		return;
	}
	if (v->kind == TL_JSON_OBJECT) {
		const struct tl_json *properties =
		    tl_json_get(schema, "properties");

		check_object(c, v, schema);
		for (const struct tl_json *m = v->first; m != NULL; m = m->next)
			check_value(c, m, tl_json_get_str(properties, m->key),
			    depth + 1);
	} else if (v->kind == TL_JSON_ARRAY) {
		for (const struct tl_json *e = v->first; e != NULL; e = e->next)
			check_value(
			    c, e, tl_json_get(schema, "items"), depth + 1);
	}
}

static const struct tl_json *
function_of(const struct tl_json *v)
{
	const struct tl_json *f = tl_json_get(v, "function");

	return tl_json_is(f, TL_JSON_OBJECT) ? f : v;
}

/* text is NULL when the call is an object of the record, else the string it
 * stands in. */
static void
check_call(const struct tl_rule_cx *cx, const struct tl_map *tools,
    const struct tl_turn *t, const struct tl_json *call,
    const struct tl_json *text)
{
	const struct tl_json *f = function_of(call);
	const struct tl_json *name = tl_json_get(f, "name");
	const struct tl_json *arguments = tl_json_get(f, "arguments");
	struct call c = { .cx = cx, .turn = t, .text = text };
	struct tl_json_doc doc = { 0 };
	const struct tl_map_entry *e;

	if (!tl_json_is(name, TL_JSON_STRING) || arguments == NULL)
		return;
	e = tl_map_find(tools, name->text);
	if (e == NULL || e->num == 0)
		return; /* FNC003, or two tools of that name */
	if (arguments->kind == TL_JSON_STRING) {
		if (tl_json_parse(cx->arena, arguments->text, &doc) != TL_OK)
			return; /* FNC001 */
		if (text == NULL)
			c.text = arguments;
		arguments = doc.root;
	}
	if (arguments->kind != TL_JSON_OBJECT)
		return; /* FNC001 */
	c.name = tl_quote(cx, name->text, 0);
	check_value(&c, arguments,
	    tl_json_get(
		function_of(tl_json_at(cx->facts->conv->tools, e->num - 1)),
		"parameters"),
	    0);
}

/* Names and 1-based positions; 0 for a name given twice. */
static void
list_tools(struct tl_map *tools, const struct tl_json *list)
{
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		const struct tl_json *f = function_of(v);
		const struct tl_json *name = tl_json_get(f, "name");
		struct tl_map_entry *e;
		bool is_new;

		if (!tl_json_is(name, TL_JSON_STRING))
			continue;
		e = tl_map_put(tools, name->text, &is_new);
		e->num = is_new ? v->index + 1 : 0;
	}
}

/* LLaMA-Factory's turn: one call, or a list of them, as JSON in the text. */
static void
check_spelled(const struct tl_rule_cx *cx, const struct tl_map *tools,
    const struct tl_turn *t)
{
	const struct tl_json_doc *doc = tl_turn_spelled_call(cx->arena, t);

	if (doc == NULL || doc->root == NULL ||
	    !tl_json_is(t->content_node, TL_JSON_STRING))
		return;
	if (doc->root->kind == TL_JSON_OBJECT)
		check_call(cx, tools, t, doc->root, t->content_node);
	else if (doc->root->kind == TL_JSON_ARRAY)
		for (const struct tl_json *c = doc->root->first; c != NULL;
		     c = c->next)
			check_call(cx, tools, t, c, t->content_node);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	struct tl_map tools;

	if (conv->tools == NULL)
		return;
	tl_map_init(&tools, cx->arena);
	list_tools(&tools, conv->tools);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->tool_calls == NULL) {
			if (t->ntool_calls > 0)
				check_spelled(cx, &tools, t);
			continue;
		}
		for (const struct tl_json *c = t->tool_calls->first; c != NULL;
		     c = c->next)
			check_call(cx, &tools, t, c, NULL);
	}
}

const struct tl_rule tl_rule_arguments_schema_violation = {
	.code = "FNC004",
	.name = "arguments-schema-violation",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the arguments of a call are not what the tool's schema "
		   "says",
	.why = "The model learns calls that the tool will refuse.",
	.fix = "Correct the arguments, or the schema.",
	.bad = TL_LIT(
	    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"parameters\":{\"type\":\"object\",\"properties\":"
	    "{\"a\":{\"type\":\"number\"}}}}}],"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{\\\"a\\\": \\\"six\\\"}\"}}]}]}\n"),
	.good = TL_LIT(
	    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"parameters\":{\"type\":\"object\",\"properties\":"
	    "{\"a\":{\"type\":\"number\"}}}}}],"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{\\\"a\\\": 6}\"}}]}]}\n"),
	.needs = TL_TRAIT_CALLS,
	.check_conv = check_conv,
};
