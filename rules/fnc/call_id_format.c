/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#define ID_LEN 9 /* what Mistral's models know */

static bool
is_mistral_id(tl_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z'))
			return false;
	}
	return s.len == ID_LEN;
}

/* Nine digits made from the old id, so that those that agree still do. */
static tl_str
new_id(struct tl_arena *a, tl_str old)
{
	unsigned hash = 2166136261u;

	for (size_t i = 0; i < old.len; i++)
		hash = (hash ^ (unsigned char)old.ptr[i]) * 16777619u;
	return tl_str_from(tl_arena_printf(a, "%09u", hash % 1000000000u));
}

static const struct tl_json *
fixed(void *ctx, const struct tl_json *v)
{
	struct tl_arena *a = ctx;

	if (v->kind != TL_JSON_STRING || is_mistral_id(v->text) ||
	    (!tl_str_eq(v->key, TL_STR("id")) &&
		!tl_str_eq(v->key, TL_STR("tool_call_id"))))
		return v;
	return tl_json_string_like(a, v, new_id(a, v->text));
}

/* The first id that is not as Mistral wants it. */
static const struct tl_json *
find(const struct tl_conv *conv, size_t *turn)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		const struct tl_json *c =
		    t->tool_calls != NULL ? t->tool_calls->first : NULL;

		*turn = t->index;
		for (; c != NULL; c = c->next) {
			const struct tl_json *id = tl_json_get(c, "id");

			if (tl_json_is(id, TL_JSON_STRING) &&
			    !is_mistral_id(id->text))
				return id;
		}
		if (tl_json_is(t->tool_call_id, TL_JSON_STRING) &&
		    !is_mistral_id(t->tool_call_id->text))
			return t->tool_call_id;
	}
	return NULL;
}

/* It fails, and with other ids it does not. */
static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	static const tl_str keys[] = { TL_LIT("tool_calls"),
		TL_LIT("tool_call_id") };
	const struct tl_json *id;
	struct tl_conv other;
	struct tl_turn *turns;
	struct tl_render out;
	size_t turn = TL_NO_TURN;

	if (render->fault == TL_RENDER_OK || render->fault == TL_RENDER_LIMIT)
		return;
	id = find(conv, &turn);
	if (id == NULL)
		return;
	turns = tl_conv_copy(cx->arena, conv, &other);
	for (size_t i = 0; i < conv->nturns; i++) {
		for (size_t k = 0; k < TL_COUNT(keys); k++) {
			const struct tl_field *f =
			    tl_turn_field(&turns[i], keys[k]);

			if (f != NULL && f->node != NULL)
				tl_turn_set_field(cx->arena, &turns[i], keys[k],
				    tl_json_swapped(
					cx->arena, f->node, fixed, cx->arena));
		}
	}
	if (tl_render_instead(cx, &other, other.nturns, &out))
		tl_report(cx, tl_in_turn(tl_at_node(id), turn),
		    "call id %s is not nine letters and digits, and the "
		    "template fails on it: %s",
		    tl_quote(cx, id->text, 0),
		    tl_quote(cx, render->message, 200));
}

const struct tl_rule tl_rule_call_id_format = {
	.code = "FNC008",
	.name = "call-id-format",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template wants call ids of nine letters and digits",
	.why = "Preprocessing stops at this record: Mistral's templates take "
	       "no other ids.",
	.fix = "Give the call, and its result, an id of nine letters and "
	       "digits.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":\"\","
		      "\"tool_calls\":[{\"id\":\"call_1\",\"type\":"
		      "\"function\",\"function\":{\"name\":\"mul\","
		      "\"arguments\":{}}}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":\"\","
		       "\"tool_calls\":[{\"id\":\"a1b2c3d4e\",\"type\":"
		       "\"function\",\"function\":{\"name\":\"mul\","
		       "\"arguments\":{}}}]}]}\n"),
	.also = "ROL009",
	.recipe = { .template_ = "samples/templates/strict.jinja" },
	.check_render = check_render,
};
