/* SPDX-License-Identifier: Apache-2.0 */
#include "pyjson.h"

#include <string.h>

const struct tl_json *
tl_pyjson_scalar(struct tl_arena *a, enum tl_json_kind kind, tl_str text)
{
	struct tl_json *v = TL_NEW(a, struct tl_json, 1);

	v->kind = kind;
	v->text = text;
	return v;
}

struct tl_pyjson
tl_pyjson_new(struct tl_arena *a, enum tl_json_kind kind)
{
	struct tl_pyjson j = { TL_NEW(a, struct tl_json, 1), NULL };

	j.value->kind = kind;
	return j;
}

void
tl_pyjson_put(struct tl_arena *a, struct tl_pyjson *to, tl_str key,
    const struct tl_json *value)
{
	struct tl_json *copy = TL_NEW(a, struct tl_json, 1);

	*copy = *value;
	copy->key = key;
	copy->next = NULL;
	copy->index = to->value->nchildren++;
	if (to->last != NULL)
		to->last->next = copy;
	else
		to->value->first = copy;
	to->last = copy;
}

const struct tl_json *
tl_pyjson_loads(struct tl_arena *a, const struct tl_json *string)
{
	struct tl_json_doc *doc = TL_NEW(a, struct tl_json_doc, 1);

	if (tl_json_parse(a, string->text, doc) != TL_OK)
		return string;
	return doc->root;
}

enum tl_status
tl_pyjson_writer(
    struct tl_arena *a, struct tl_template **out, struct tl_error *err)
{
	return tl_template_compile(
	    a, TL_STR("json.dumps"), TL_STR("{{ value|tojson }}"), out, err);
}

enum tl_status
tl_pyjson_ascii_writer(
    struct tl_arena *a, struct tl_template **out, struct tl_error *err)
{
	return tl_template_compile(a, TL_STR("json.dumps"),
	    TL_STR("{{ value|tojson(ensure_ascii=true) }}"), out, err);
}

struct tl_text
tl_pyjson_dumps(struct tl_arena *a, const struct tl_template *writer,
    const struct tl_json *value)
{
	struct tl_pyjson vars = tl_pyjson_new(a, TL_JSON_OBJECT);
	struct tl_render_options opt = { .vars = vars.value };
	struct tl_conv nobody = { .kind = TL_CONV_CHAT };
	struct tl_render r = { .fault = TL_RENDER_OK };

	tl_pyjson_put(a, &vars, TL_STR("value"), value);
	tl_template_render(writer, a, &nobody, 0, &opt, &r);
	return r.text;
}

enum tl_status
tl_pyjson_printer(
    struct tl_arena *a, const struct tl_template **out, struct tl_error *err)
{
	struct tl_template *t = NULL;
	enum tl_status st = tl_template_compile(
	    a, TL_STR("str"), TL_STR("{{ value }}"), &t, err);

	*out = t;
	return st;
}

struct tl_text
tl_pyjson_print(struct tl_arena *a, const struct tl_template *printer,
    const struct tl_json *value)
{
	return tl_pyjson_dumps(a, printer, value);
}
