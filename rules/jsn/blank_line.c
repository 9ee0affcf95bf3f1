/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	size_t n = file->note_counts[TL_FILE_BLANK_LINE];
	struct tl_report *r = NULL;

	for (size_t i = 0; i < n && i < TL_MAX_FILE_NOTES; i++) {
		const struct tl_file_note *note =
		    &file->notes[TL_FILE_BLANK_LINE][i];
		size_t at = note->pos.offset;

		r = tl_report(cx, tl_at_file(note->pos, note->len),
		    "blank line; expected a record");
		tl_report_edit(r, TL_FIX_SAFE, at, at + note->len, TL_STR(""));
	}
	if (n > TL_MAX_FILE_NOTES)
		tl_report_note(
		    r, "and %zu more blank lines", n - TL_MAX_FILE_NOTES);
}

const struct tl_rule tl_rule_blank_line = {
	.code = "JSN014",
	.name = "blank-line",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "an empty line in a JSONL file",
	.why = "Loaders that parse every line fail on it; those that skip it "
	       "count lines and records differently, so a line number in a "
	       "log names another record.",
	.fix = "Delete the line.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "\n"
		      "{\"messages\":[{\"role\":\"user\",\"content\":\"bye\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"farewell\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		       "{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"bye\"},{\"role\":\"assistant\",\"content\":"
		       "\"farewell\"}]}\n"),
	.check_file = check_file,
};
