/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	size_t n = file->note_counts[TL_FILE_BOM];

	for (size_t i = 0; i < n && i < TL_MAX_FILE_NOTES; i++) {
		const struct tl_file_note *note = &file->notes[TL_FILE_BOM][i];
		size_t at = note->pos.offset;
		struct tl_report *r = tl_report(cx,
		    tl_at_file(note->pos, note->len),
		    at == 0
			? "byte order mark (EF BB BF) at the start of the file"
			: "byte order mark (EF BB BF) in front of a record: "
			  "two files were joined here");

		tl_report_edit(r, TL_FIX_SAFE, at, at + note->len, TL_STR(""));
	}
}

const struct tl_rule tl_rule_utf8_bom = {
	.code = "JSN002",
	.name = "utf8-bom",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the file or a line begins with a byte order mark",
	.why = "RFC 8259 forbids the mark. Python's json refuses the record "
	       "behind it, other loaders glue it to the first key, and the "
	       "record is lost or has no messages.",
	.fix = "Delete the three bytes; in Python write with encoding "
	       "\"utf-8\", not \"utf-8-sig\".",
	.bad = TL_LIT("\xef\xbb\xbf{\"messages\":[{\"role\":\"user\","
		      "\"content\":\"hi\"},{\"role\":\"assistant\","
		      "\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"What is U+FEFF in hex?\"},{\"role\":"
		       "\"assistant\",\"content\":\"EF BB BF\"}]}\n"),
	.check_file = check_file,
};
