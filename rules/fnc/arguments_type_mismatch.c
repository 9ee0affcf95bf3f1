/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const struct tl_json *
arguments_of(const struct tl_json *call)
{
	const struct tl_json *f = tl_json_get(call, "function");

	return tl_json_get(
	    tl_json_is(f, TL_JSON_OBJECT) ? f : call, "arguments");
}

/* The string holds an object, as it should. */
static bool
is_object_text(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	struct tl_json_doc doc = { 0 };

	return tl_json_is(v, TL_JSON_STRING) &&
	    tl_json_parse(cx->arena, v->text, &doc) == TL_OK &&
	    doc.root->kind == TL_JSON_OBJECT;
}

/* The arguments of one call, in the order of the record. */
struct given {
	const struct tl_json *v;
	const struct tl_turn *turn;
	bool is_seen; /* something of it was rendered before */
};

static struct given *
list_arguments(
    const struct tl_rule_cx *cx, const struct tl_conv *conv, size_t *n)
{
	struct given *list;
	size_t max = 0;

	*n = 0;
	for (size_t i = 0; i < conv->nturns; i++)
		max += conv->turns[i].ntool_calls;
	list = TL_NEW(cx->arena, struct given, max);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		const struct tl_json *c =
		    t->tool_calls != NULL ? t->tool_calls->first : NULL;

		for (; c != NULL; c = c->next) {
			const struct tl_json *v = arguments_of(c);

			if (v != NULL &&
			    (v->kind == TL_JSON_OBJECT ||
				is_object_text(cx, v)))
				list[(*n)++] =
				    (struct given){ .v = v, .turn = t };
		}
	}
	return list;
}

/* Those that node is, or is a part of.  Copies have the bytes of what they are
 * made from. */
static struct given *
find(struct given *list, size_t n, const struct tl_json *node)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (list[mid].v->span.end <= node->span.beg)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && list[lo].v->span.beg <= node->span.beg &&
		list[lo].v->span.end >= node->span.end
	    ? &list[lo]
	    : NULL;
}

/* text, which begins where the arguments do: the string stands in it as a JSON
 * string. */
static bool
is_encoded_again(
    const struct tl_rule_cx *cx, const struct tl_json *v, tl_str text)
{
	struct tl_buf b;

	tl_buf_init(&b, cx->arena, 0);
	tl_json_put_string(&b, v->text);
	return tl_str_starts(text, tl_buf_str(&b));
}

/* {'key': stands there, or shortly before: no JSON is written so.  The braces
 * and the keys that Python prints come from no value of their own. */
static bool
is_printed_as_python(const struct tl_rule_cx *cx, const struct tl_json *v,
    const struct tl_text *rendered, size_t at)
{
	tl_str key = v->first != NULL ? v->first->key : TL_STR("");
	size_t reach = key.len + 16;
	tl_str needle = tl_str_from(tl_arena_printf(
	    cx->arena, "{'%s': ", tl_arena_cstr(cx->arena, key)));

	return v->first != NULL &&
	    tl_str_find(tl_str_slice(rendered->str, at > reach ? at - reach : 0,
			    at + needle.len),
		needle, 0) != TL_NPOS;
}

static void
check_given(const struct tl_rule_cx *cx, const struct given *g,
    const struct tl_text *rendered, size_t at)
{
	struct tl_place place = tl_in_turn(tl_at_node(g->v), g->turn->index);

	if (g->v->kind == TL_JSON_OBJECT) {
		if (is_printed_as_python(cx, g->v, rendered, at))
			tl_report(cx, place,
			    "the arguments are an object, and the template "
			    "prints it as Python does, not as JSON");
	} else if (is_encoded_again(cx, g->v,
		       tl_str_slice(rendered->str, at, rendered->str.len))) {
		tl_report_note(
		    tl_report(cx, place,
			"the arguments are a string, and the template encodes "
			"them as JSON once more"),
		    "what is trained is a string with escaped quotes, not an "
		    "object");
	}
}

/* Where something of the arguments is first printed tells how they are. */
static void
check_printed(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_text *rendered)
{
	size_t n;
	struct given *list = list_arguments(cx, conv, &n);
	const struct tl_json *before = NULL;

	for (size_t i = 0; i < rendered->nruns && n > 0; i++) {
		const struct tl_run *r = &rendered->runs[i];
		struct given *g;

		if (r->node == NULL || r->node == before)
			continue;
		before = r->node;
		g = find(list, n, r->node);
		if (g == NULL || g->is_seen)
			continue;
		g->is_seen = true;
		check_given(cx, g, rendered, r->beg);
	}
}

static const struct tl_json *
as_text(void *ctx, const struct tl_json *v)
{
	struct tl_arena *a = ctx;
	struct tl_buf b;

	if (v->kind != TL_JSON_OBJECT ||
	    !tl_str_eq(v->key, TL_STR("arguments")))
		return v;
	tl_buf_init(&b, a, 0);
	tl_json_put(&b, v);
	return tl_json_string_like(a, v, tl_buf_str(&b));
}

static const struct tl_json *
as_object(void *ctx, const struct tl_json *v)
{
	struct tl_arena *a = ctx;
	struct tl_json_doc doc = { 0 };
	struct tl_json *copy;

	if (v->kind != TL_JSON_STRING ||
	    !tl_str_eq(v->key, TL_STR("arguments")) ||
	    tl_json_parse(a, v->text, &doc) != TL_OK ||
	    doc.root->kind != TL_JSON_OBJECT)
		return v;
	copy = TL_NEW(a, struct tl_json, 1);
	*copy = *doc.root;
	copy->key = v->key;
	return copy;
}

/* It fails, and with the arguments in the other form it does not. */
static void
check_failure(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	static tl_json_swap_fn *const swaps[] = { as_text, as_object };
	const struct tl_turn *first = NULL;

	for (size_t i = 0; i < TL_COUNT(swaps); i++) {
		struct tl_conv other;
		struct tl_turn *turns = tl_conv_copy(cx->arena, conv, &other);
		struct tl_render out;

		for (size_t k = 0; k < conv->nturns; k++) {
			const tl_str key = TL_STR("tool_calls");
			const struct tl_field *f =
			    tl_turn_field(&turns[k], key);

			if (f == NULL || !tl_json_is(f->node, TL_JSON_ARRAY))
				continue;
			if (first == NULL)
				first = &conv->turns[k];
			tl_turn_set_field(cx->arena, &turns[k], key,
			    tl_json_swapped(
				cx->arena, f->node, swaps[i], cx->arena));
		}
		if (first == NULL || first->tool_calls == NULL)
			return;
		if (!tl_render_instead(cx, &other, other.nturns, &out))
			continue;
		tl_report(cx,
		    tl_in_turn(
			tl_at_node(arguments_of(first->tool_calls->first)),
			first->index),
		    "the template fails on arguments that are %s, and takes "
		    "%s: %s",
		    i == 0 ? "an object" : "a string",
		    i == 0 ? "a string" : "an object",
		    tl_quote(cx, render->message, 200));
		return;
	}
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	if (render->fault == TL_RENDER_LIMIT || conv->kind != TL_CONV_CHAT)
		return;
	if (render->fault != TL_RENDER_OK) {
		check_failure(cx, conv, render);
		return;
	}
	check_printed(cx, conv, &render->text);
}

const struct tl_rule tl_rule_arguments_type_mismatch = {
	.code = "FNC002",
	.name = "arguments-type-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the arguments of a call are a string where the template "
		   "wants an object, or the reverse",
	.why = "A string that is encoded once more trains calls with escaped "
	       "quotes, an object printed as Python does trains calls that "
	       "are no JSON; other templates stop.",
	.fix = "Write the arguments as the template wants them: parse the "
	       "string into an object, or encode the object.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":\"\","
		      "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		      "{\"name\":\"mul\",\"arguments\":\"{\\\"a\\\": 6}\"}}]}"
		      "]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":\"\","
		       "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		       "{\"name\":\"mul\",\"arguments\":{\"a\":6}}}]}]}\n"),
	.recipe = { .template_ = "samples/templates/strict.jinja" },
	.check_render = check_render,
};
