/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const struct tl_json *
first_alone(struct tl_arena *a, const struct tl_json *calls)
{
	struct tl_json *list = TL_NEW(a, struct tl_json, 1);
	struct tl_json *call = TL_NEW(a, struct tl_json, 1);

	*list = *calls;
	*call = *calls->first;
	call->next = NULL;
	list->first = call;
	list->nchildren = 1;
	return list;
}

/* It fails, and with one call a turn it does not. */
static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	const tl_str key = TL_STR("tool_calls");
	const struct tl_turn *first = NULL;
	struct tl_conv other;
	struct tl_turn *turns;
	struct tl_render out;

	if (render->fault == TL_RENDER_OK || render->fault == TL_RENDER_LIMIT)
		return;
	for (size_t i = 0; i < conv->nturns && first == NULL; i++)
		if (conv->turns[i].tool_calls != NULL &&
		    conv->turns[i].ntool_calls > 1)
			first = &conv->turns[i];
	if (first == NULL)
		return;
	turns = tl_conv_copy(cx->arena, conv, &other);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_field *f = tl_turn_field(&turns[i], key);

		if (f != NULL && tl_json_is(f->node, TL_JSON_ARRAY) &&
		    f->node->nchildren > 1)
			tl_turn_set_field(cx->arena, &turns[i], key,
			    first_alone(cx->arena, f->node));
	}
	if (tl_render_instead(cx, &other, other.nturns, &out))
		tl_report(cx,
		    tl_in_turn(tl_at_node(first->tool_calls), first->index),
		    "%zu calls in one turn, and the template takes one: %s",
		    first->ntool_calls, tl_quote(cx, render->message, 200));
}

const struct tl_rule tl_rule_parallel_calls_unsupported = {
	.code = "FNC012",
	.name = "parallel-calls-unsupported",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a turn calls several tools and the template takes one call",
	.why = "Preprocessing stops at this record.",
	.fix = "Make a turn of each call, with its result behind it, or choose "
	       "a template that takes several.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
		      "{\"role\":\"assistant\",\"content\":\"\","
		      "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		      "{\"name\":\"mul\",\"arguments\":{}}},{\"type\":"
		      "\"function\",\"function\":{\"name\":\"mul\","
		      "\"arguments\":{}}}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"6*7?\"},{\"role\":\"assistant\",\"content\":\"\","
		       "\"tool_calls\":[{\"type\":\"function\",\"function\":"
		       "{\"name\":\"mul\",\"arguments\":{}}}]}]}\n"),
	.also = "ROL009",
	.recipe = { .template_ = "samples/templates/strict.jinja" },
	.check_render = check_render,
};
