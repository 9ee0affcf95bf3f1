/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	for (size_t i = 0; i < rec->doc.nnotes; i++) {
		const struct tl_json_note *note = &rec->doc.notes[i];
		tl_span span = note->span;
		struct tl_place at = tl_at_bytes(span.beg, span.end);
		struct tl_report *r;

		if (note->kind != TL_JSON_NOTE_LONE_SURROGATE)
			continue;
		at.node = note->node;
		r = tl_report(cx, at,
		    "%s is half of a surrogate pair, without the other half",
		    tl_quote(cx,
			tl_str_slice(rec->doc.text, span.beg, span.end), 0));
		tl_report_edit(
		    r, TL_FIX_UNSAFE, span.beg, span.end, TL_STR("\\ufffd"));
	}
}

const struct tl_rule tl_rule_lone_surrogate = {
	.code = "JSN004",
	.name = "lone-surrogate",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "an escape is half of a surrogate pair",
	.why = "No UTF-8 text can hold it: the tokenizer raises in the middle "
	       "of the run, or the model is trained on a replacement "
	       "character.",
	.fix = "Write the whole character again from its source; the text was "
	       "cut inside of it, often an emoji at a length limit.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"hello \\ud83d\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"hello \\ud83d\\ude00\"}]}\n"),
	.needs = TL_TRAIT_NOTES,
	.check_record = check_record,
};
