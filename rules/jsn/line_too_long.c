/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <turnlint/limits.h>

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	size_t n = file->note_counts[TL_FILE_LONG_LINE];

	for (size_t i = 0; i < n && i < TL_MAX_FILE_NOTES; i++) {
		const struct tl_file_note *note =
		    &file->notes[TL_FILE_LONG_LINE][i];
		struct tl_report *r;

		if (note->len > TL_MAX_RECORD_BYTES) {
			r = tl_report(cx, tl_at_file(note->pos, 0),
			    "the record is longer than %zu MiB",
			    TL_MAX_RECORD_BYTES >> 20);
			tl_report_note(r, "nothing in it was checked");
			continue;
		}
		tl_report(cx, tl_at_file(note->pos, 0),
		    "the record has %zu bytes; expected at most %zu MiB",
		    note->len, TL_MAX_LINE_BYTES >> 20);
	}
}

const struct tl_rule tl_rule_line_too_long = {
	.code = "JSN021",
	.name = "line-too-long",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a record of more than 64 MiB",
	.why = "No context window holds it, so it is cut or dropped, after "
	       "every data worker has had it in memory. It is nearly always "
	       "an image in base64, or lines that lost their line feeds.",
	.fix = "Look at the record's beginning, and split it or move the "
	       "binary data into files of its own.",
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_file = check_file,
};
