/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	if (cx->file->container != TL_CONTAINER_JSONL)
		return;
	for (size_t i = 0; i < rec->doc.nnotes; i++) {
		const struct tl_json_note *note = &rec->doc.notes[i];
		tl_span span = note->span;
		struct tl_place at = tl_at_bytes(span.beg, span.end);
		struct tl_report *r;
		uint32_t cp;

		if (note->kind != TL_JSON_NOTE_LINE_SEPARATOR)
			continue;
		at.node = note->node;
		tl_utf8_next(rec->doc.text, span.beg, &cp, NULL);
		r = tl_report(
		    cx, at, "raw U+%04X in a line of JSONL", (unsigned)cp);
		tl_report_note(r,
		    "Python's str.splitlines() cuts the record "
		    "in two here");
		tl_report_edit(r, TL_FIX_SAFE, span.beg, span.end,
		    tl_str_from(
			tl_arena_printf(cx->arena, "\\u%04x", (unsigned)cp)));
	}
}

const struct tl_rule tl_rule_unicode_line_separator = {
	.code = "JSN011",
	.name = "unicode-line-separator",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a raw U+2028, U+2029 or U+0085 inside a line of JSONL",
	.why = "JSON allows it in a string, but line splitters that follow "
	       "Unicode (str.splitlines, Node's readline) end the line there: "
	       "two broken records instead of one good one.",
	.fix = "Write it as an escape; json.dumps does so by default "
	       "(ensure_ascii=True).",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"one\xe2\x80\xa8two\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"one\\u2028two\"}]}\n"),
	.needs = TL_TRAIT_NOTES,
	.check_record = check_record,
};
