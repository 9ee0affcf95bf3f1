/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/map.h>
#include <turnlint/rule.h>

/* The ids of the calls since the last turn that was no result.  num is 1 once
 * a result came. */
struct ids {
	struct tl_map of_turn;
	struct tl_map of_record; /* every id so far */
	size_t ncalls;
	bool has_all; /* every call of the turn has an id */
};

static void
take_calls(
    const struct tl_rule_cx *cx, struct ids *ids, const struct tl_turn *t)
{
	tl_map_init(&ids->of_turn, cx->arena);
	ids->has_all = t->tool_calls != NULL;
	ids->ncalls = t->ntool_calls;
	if (t->tool_calls == NULL)
		return;
	for (const struct tl_json *c = t->tool_calls->first; c != NULL;
	     c = c->next) {
		const struct tl_json *id = tl_json_get(c, "id");
		bool is_new;

		if (!tl_json_is(id, TL_JSON_STRING)) {
			ids->has_all = false;
			continue;
		}
		tl_map_put(&ids->of_record, id->text, &is_new);
		if (!is_new)
			tl_report(cx, tl_in_turn(tl_at_node(id), t->index),
			    "call id %s is given twice in this record",
			    tl_quote(cx, id->text, 0));
		tl_map_put(&ids->of_turn, id->text, NULL);
	}
}

static void
check_result(
    const struct tl_rule_cx *cx, struct ids *ids, const struct tl_turn *t)
{
	const struct tl_json *id = t->tool_call_id;
	struct tl_map_entry *e;

	if (ids->ncalls == 0)
		return; /* FNC006 */
	if (!tl_json_is(id, TL_JSON_STRING)) {
		if (ids->has_all)
			tl_report(cx, tl_at_turn(t),
			    "the result has no tool_call_id, but its call has "
			    "an id");
		return;
	}
	e = tl_map_find(&ids->of_turn, id->text);
	if (e == NULL)
		tl_report(cx, tl_in_turn(tl_at_node(id), t->index),
		    "tool_call_id %s is not the id of a call before it",
		    tl_quote(cx, id->text, 0));
	else if (e->num++ > 0)
		tl_report(cx, tl_in_turn(tl_at_node(id), t->index),
		    "a second result for call %s", tl_quote(cx, id->text, 0));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	struct ids ids = { 0 };

	tl_map_init(&ids.of_turn, cx->arena);
	tl_map_init(&ids.of_record, cx->arena);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (tl_turn_meant(t) == TL_ROLE_TOOL)
			check_result(cx, &ids, t);
		else
			take_calls(cx, &ids, t);
	}
}

const struct tl_rule tl_rule_call_id_mismatch = {
	.code = "FNC007",
	.name = "call-id-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the id of a tool call or its result is missing, doubled or "
		   "unmatched",
	.why = "A result is attached to the wrong call, or the template raises "
	       "an error.",
	.fix = "Give each result the id of the call it answers.",
	.bad = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"c2\",\"content\":\"42\"},"
	    "{\"role\":\"assistant\",\"content\":\"It is 42.\"}]}\n"),
	.good = TL_LIT(
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"6*7?\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"mul\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"c1\",\"content\":\"42\"},"
	    "{\"role\":\"assistant\",\"content\":\"It is 42.\"}]}\n"),
	.needs = TL_TRAIT_CALLS,
	.check_conv = check_conv,
};
