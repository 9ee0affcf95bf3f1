/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const char *
quote_value(const struct tl_rule_cx *cx, const struct tl_record *rec,
    const struct tl_json *v)
{
	if (v->kind == TL_JSON_STRING)
		return tl_quote(cx, v->text, 0);
	return tl_quote(
	    cx, tl_str_slice(rec->doc.text, v->span.beg, v->span.end), 0);
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	for (size_t i = 0; i < rec->doc.nnotes; i++) {
		const struct tl_json *v = rec->doc.notes[i].node;
		const struct tl_json *first;
		struct tl_report *r;

		if (rec->doc.notes[i].kind != TL_JSON_NOTE_DUPLICATE_KEY)
			continue;
		first = v->parent->first;
		while (!tl_str_eq(first->key, v->key))
			first = first->next;
		r = tl_report(cx, tl_at_key(v),
		    "key %s is in this object twice", tl_quote(cx, v->key, 0));
		tl_report_note(r,
		    "the first value is %s, this one is %s; Python and "
		    "JavaScript keep the last, others the first",
		    quote_value(cx, rec, first), quote_value(cx, rec, v));
	}
}

const struct tl_rule tl_rule_duplicate_key = {
	.code = "JSN005",
	.name = "duplicate-key",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "an object has the same key twice",
	.why = "Which value counts depends on the parser: two stacks train on "
	       "two different datasets, and some loaders stop.",
	.fix = "Keep the value that is meant and delete the other member.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"content\":\"good day\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_NOTES,
	.check_record = check_record,
};
