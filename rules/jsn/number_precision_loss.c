/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <math.h>

/* The value a double keeps, as an integer where the literal is one. */
static const char *
as_double(const struct tl_rule_cx *cx, const struct tl_json *v)
{
	for (size_t i = 0; i < v->text.len; i++)
		if (v->text.ptr[i] == '.' || v->text.ptr[i] == 'e' ||
		    v->text.ptr[i] == 'E')
			return tl_arena_printf(cx->arena, "%.17g", v->number);
	return tl_arena_printf(cx->arena, "%.0f", v->number);
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	for (size_t i = 0; i < rec->doc.nnotes; i++) {
		const struct tl_json *v = rec->doc.notes[i].node;
		const char *kept, *literal;

		if (rec->doc.notes[i].kind != TL_JSON_NOTE_PRECISION)
			continue;
		literal = tl_quote(cx, v->text, 0);
		kept = isfinite(v->number) ? as_double(cx, v) : "infinity";
		if (tl_str_eq(tl_str_from(kept), v->text))
			tl_report(cx, tl_at_node(v),
			    "number %s is beyond 2^53: a double does not tell "
			    "it from its neighbours",
			    literal);
		else
			tl_report(cx, tl_at_node(v),
			    "number %s does not survive a double: it becomes "
			    "%.40s",
			    literal, kept);
	}
}

const struct tl_rule tl_rule_number_precision_loss = {
	.code = "JSN015",
	.name = "number-precision-loss",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a number that changes when it is read as a double",
	.why = "JavaScript, pandas and many other readers keep every number as "
	       "a double: after one pass two ids are the same, or a value in "
	       "a tool call is another one.",
	.fix = "Write ids and exact decimals as strings.",
	.bad = TL_LIT("{\"id\":9007199254740993,\"messages\":[{\"role\":"
		      "\"user\",\"content\":\"hi\"},{\"role\":\"assistant\","
		      "\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"id\":9007199254740992,\"messages\":[{\"role\":"
		       "\"user\",\"content\":\"hi\"},{\"role\":\"assistant\","
		       "\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_NOTES,
	.check_record = check_record,
};
