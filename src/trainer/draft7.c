/* SPDX-License-Identifier: Apache-2.0 */
#include "draft7.h"

#include <math.h>

enum kind {
	KIND_STRING,
	KIND_STRINGS, /* a list of different ones */
	KIND_BOOLEAN,
	KIND_NUMBER,
	KIND_POSITIVE, /* a number above 0 */
	KIND_COUNT,    /* an integer from 0 on */
	KIND_ARRAY,
	KIND_SCHEMA,
	KIND_SCHEMAS, /* a list of at least one */
	KIND_ITEMS,   /* a schema or such a list */
	KIND_MEMBERS, /* an object of schemas */
	KIND_DEPENDENCIES,
	KIND_TYPE,
};

static const struct {
	const char *name;
	enum kind kind;
} keywords[] = {
	{ "$id", KIND_STRING },
	{ "$schema", KIND_STRING },
	{ "$ref", KIND_STRING },
	{ "$comment", KIND_STRING },
	{ "title", KIND_STRING },
	{ "description", KIND_STRING },
	{ "readOnly", KIND_BOOLEAN },
	{ "examples", KIND_ARRAY },
	{ "multipleOf", KIND_POSITIVE },
	{ "maximum", KIND_NUMBER },
	{ "exclusiveMaximum", KIND_NUMBER },
	{ "minimum", KIND_NUMBER },
	{ "exclusiveMinimum", KIND_NUMBER },
	{ "maxLength", KIND_COUNT },
	{ "minLength", KIND_COUNT },
	{ "pattern", KIND_STRING },
	{ "additionalItems", KIND_SCHEMA },
	{ "items", KIND_ITEMS },
	{ "maxItems", KIND_COUNT },
	{ "minItems", KIND_COUNT },
	{ "uniqueItems", KIND_BOOLEAN },
	{ "contains", KIND_SCHEMA },
	{ "maxProperties", KIND_COUNT },
	{ "minProperties", KIND_COUNT },
	{ "required", KIND_STRINGS },
	{ "additionalProperties", KIND_SCHEMA },
	{ "definitions", KIND_MEMBERS },
	{ "properties", KIND_MEMBERS },
	{ "patternProperties", KIND_MEMBERS },
	{ "dependencies", KIND_DEPENDENCIES },
	{ "propertyNames", KIND_SCHEMA },
	{ "enum", KIND_ARRAY },
	{ "type", KIND_TYPE },
	{ "format", KIND_STRING },
	{ "contentMediaType", KIND_STRING },
	{ "contentEncoding", KIND_STRING },
	{ "if", KIND_SCHEMA },
	{ "then", KIND_SCHEMA },
	{ "else", KIND_SCHEMA },
	{ "allOf", KIND_SCHEMAS },
	{ "anyOf", KIND_SCHEMAS },
	{ "oneOf", KIND_SCHEMAS },
	{ "not", KIND_SCHEMA },
};

static bool
is_type(const struct tl_json *v)
{
	static const char *const types[] = { "array", "boolean", "integer",
		"null", "number", "object", "string" };

	for (size_t i = 0; i < TL_COUNT(types); i++)
		if (tl_json_is(v, TL_JSON_STRING) &&
		    tl_str_eq(v->text, tl_str_from(types[i])))
			return true;
	return false;
}

static bool
are_strings(const struct tl_json *v)
{
	if (v->kind != TL_JSON_ARRAY)
		return false;
	for (const struct tl_json *p = v->first; p != NULL; p = p->next) {
		if (p->kind != TL_JSON_STRING)
			return false;
		for (const struct tl_json *q = v->first; q != p; q = q->next)
			if (tl_str_eq(p->text, q->text))
				return false;
	}
	return true;
}

/* Every child of a list or an object. */
static bool
all(const struct tl_json *v, bool (*is_good)(const struct tl_json *))
{
	for (const struct tl_json *p = v->first; p != NULL; p = p->next)
		if (!is_good(p))
			return false;
	return true;
}

static bool
are_schemas(const struct tl_json *v)
{
	return v->kind == TL_JSON_ARRAY && v->nchildren > 0 &&
	    all(v, tl_draft7_is_schema);
}

static bool
is_dependency(const struct tl_json *v)
{
	return tl_draft7_is_schema(v) || are_strings(v);
}

static bool
is_good(const struct tl_json *v, enum kind kind)
{
	bool is_number = v->kind == TL_JSON_NUMBER;

	switch (kind) {
	case KIND_STRING:
		return v->kind == TL_JSON_STRING;
	case KIND_STRINGS:
		return are_strings(v);
	case KIND_BOOLEAN:
		return v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE;
	case KIND_NUMBER:
		return is_number;
	case KIND_POSITIVE:
		return is_number && v->number > 0;
	case KIND_COUNT:
		return is_number && v->number >= 0 &&
		    !(floor(v->number) < v->number);
	case KIND_ARRAY:
		return v->kind == TL_JSON_ARRAY;
	case KIND_SCHEMA:
		return tl_draft7_is_schema(v);
	case KIND_SCHEMAS:
		return are_schemas(v);
	case KIND_ITEMS:
		return tl_draft7_is_schema(v) || are_schemas(v);
	case KIND_MEMBERS:
		return v->kind == TL_JSON_OBJECT && all(v, tl_draft7_is_schema);
	case KIND_DEPENDENCIES:
		return v->kind == TL_JSON_OBJECT && all(v, is_dependency);
	case KIND_TYPE:
		return is_type(v) ||
		    (are_strings(v) && v->nchildren > 0 && all(v, is_type));
	}
	return false;
}

bool
tl_draft7_is_schema(const struct tl_json *v)
{
	if (v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE)
		return true;
	if (v->kind != TL_JSON_OBJECT)
		return false;
	for (size_t i = 0; i < TL_COUNT(keywords); i++) {
		const struct tl_json *word = tl_json_get(v, keywords[i].name);

		if (word != NULL && !is_good(word, keywords[i].kind))
			return false;
	}
	return true;
}
