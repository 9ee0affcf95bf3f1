/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
report_escapes(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	for (size_t i = 0; i < rec->doc.nnotes; i++) {
		const struct tl_json_note *note = &rec->doc.notes[i];
		tl_span span = note->span;
		struct tl_place at = tl_at_bytes(span.beg, span.end);
		struct tl_report *r;

		if (note->kind != TL_JSON_NOTE_NUL)
			continue;
		at.node = note->node;
		r = tl_report(cx, at, "a NUL character (\\u0000) in a string");
		tl_report_note(r,
		    "a reader written in C keeps only what "
		    "stands before it");
		tl_report_edit(
		    r, TL_FIX_UNSAFE, span.beg, span.end, TL_STR(""));
	}
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	size_t at = rec->doc.fault_at;
	struct tl_report *r;

	if (rec->doc.fault != TL_JSON_RAW_NUL) {
		report_escapes(cx, rec);
		return;
	}
	r = tl_report(cx, tl_at_bytes(at, at + 1),
	    "a raw NUL byte; expected %s", rec->doc.expected);
	tl_report_edit(r, TL_FIX_UNSAFE, at, at + 1, TL_STR(""));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_RAW_NUL, f)) != NULL)
		tl_report(cx, tl_at_file(f->pos, 1),
		    "a raw NUL byte between records; expected %s", f->expected);
}

const struct tl_rule tl_rule_embedded_nul = {
	.code = "JSN008",
	.name = "embedded-nul",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a NUL character in the data",
	.why = "Whatever reads the string in C ends it there: the rest of the "
	       "reply is lost without a message. A row of raw NUL bytes means "
	       "that a write was interrupted.",
	.fix = "Remove the character, and find out which step put it there.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"hello\\u0000 there\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"hello\\\\u0000 there\"}]}\n"),
	.needs = TL_TRAIT_REJECTED | TL_TRAIT_NOTES,
	.check_record = check_record,
	.check_file = check_file,
};
