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

/* The string stands in the text as a JSON string: its quote is printed because
 * of it, and what follows is escaped. */
static bool
is_encoded_again(const struct tl_rule_cx *cx, const struct tl_json *v,
    const struct tl_text *rendered)
{
	struct tl_buf b;
	tl_str needle;

	tl_buf_init(&b, cx->arena, 0);
	tl_json_put_string(&b, v->text);
	needle = tl_buf_str(&b);
	for (size_t i = 0; i < rendered->nruns; i++) {
		const struct tl_run *r = &rendered->runs[i];

		if (r->kind != TL_RUN_DERIVED || r->node == NULL ||
		    r->node->span.beg < v->span.beg ||
		    r->node->span.end > v->span.end)
			continue;
		return tl_str_starts(
		    tl_str_slice(rendered->str, r->beg, rendered->str.len),
		    needle);
	}
	return false;
}

/* Python's {'a': 1}: no JSON begins so. */
static bool
is_printed_as_python(const struct tl_json *v, const struct tl_text *rendered)
{
	for (size_t i = 0; i < rendered->nruns; i++) {
		const struct tl_run *r = &rendered->runs[i];

		if (r->node != NULL && r->node->span.beg >= v->span.beg &&
		    r->node->span.end <= v->span.end)
			return tl_str_starts(tl_str_slice(rendered->str, r->beg,
						 rendered->str.len),
			    TL_STR("{'"));
	}
	return false;
}

static void
check_call(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_json *v, const struct tl_text *rendered)
{
	if (is_object_text(cx, v) && is_encoded_again(cx, v, rendered))
		tl_report_note(
		    tl_report(cx, tl_in_turn(tl_at_node(v), t->index),
			"the arguments are a string, and the template encodes "
			"them as JSON once more"),
		    "what is trained is a string with escaped quotes, not an "
		    "object");
	else if (tl_json_is(v, TL_JSON_OBJECT) &&
	    is_printed_as_python(v, rendered))
		tl_report(cx, tl_in_turn(tl_at_node(v), t->index),
		    "the arguments are an object, and the template prints it "
		    "as Python does, not as JSON");
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
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->tool_calls == NULL)
			continue;
		for (const struct tl_json *c = t->tool_calls->first; c != NULL;
		     c = c->next)
			check_call(cx, t, arguments_of(c), &render->text);
	}
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
