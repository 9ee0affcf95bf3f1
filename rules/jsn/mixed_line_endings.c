/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Write the lines of one kind as those of the other, when all are known. */
static void
propose(struct tl_report *r, const struct tl_file *file,
    enum tl_file_note_kind kind, tl_str ending)
{
	size_t n = file->note_counts[kind];

	for (size_t i = 0; i < n && n <= TL_MAX_FILE_NOTES; i++) {
		size_t at = file->notes[kind][i].pos.offset;

		tl_report_edit(
		    r, TL_FIX_SAFE, at, at + file->notes[kind][i].len, ending);
	}
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	size_t crlf = file->note_counts[TL_FILE_CRLF];
	size_t lf = file->note_counts[TL_FILE_LF];
	size_t cr = file->note_counts[TL_FILE_CR];
	bool is_dos = crlf > lf;
	enum tl_file_note_kind odd = is_dos ? TL_FILE_LF : TL_FILE_CRLF;
	tl_str ending = is_dos ? TL_STR("\r\n") : TL_STR("\n");
	struct tl_report *r;

	if (cr == 0 && (crlf == 0 || lf == 0))
		return;
	if (file->note_counts[odd] == 0)
		odd = TL_FILE_CR;
	r = tl_report(cx,
	    tl_at_file(file->notes[odd][0].pos, file->notes[odd][0].len),
	    "line endings are mixed: %zu LF, %zu CRLF, %zu CR alone", lf, crlf,
	    cr);
	propose(r, file, odd, ending);
	if (odd != TL_FILE_CR)
		propose(r, file, TL_FILE_CR, ending);
}

const struct tl_rule tl_rule_mixed_line_endings = {
	.code = "JSN010",
	.name = "mixed-line-endings",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "lines end in LF here and in CRLF or CR there",
	.why = "Files of two systems were joined. Tools that split at LF alone "
	       "see other records than those that split at any ending, so "
	       "line numbers and record counts differ.",
	.fix = "Give every line the same ending (dos2unix, or "
	       "* text=auto in .gitattributes).",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "{\"messages\":[{\"role\":\"user\",\"content\":\"bye\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"farewell\"}]}\r\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\r\n"
		       "{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"bye\"},{\"role\":\"assistant\",\"content\":"
		       "\"farewell\"}]}\r\n"),
	.check_file = check_file,
};
