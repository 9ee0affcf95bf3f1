/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;

	if (doc->fault == TL_JSON_TRUNCATED && rec->is_last)
		tl_report(cx, tl_at_bytes(doc->text.len, doc->text.len),
		    "the last record is incomplete: the file ends where %s "
		    "was expected",
		    doc->expected);
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_TRUNCATED, f)) != NULL) {
		struct tl_report *r;

		r = tl_report(cx, tl_at_file(f->pos, 0),
		    "the file is incomplete: it ends where %s was expected",
		    f->expected);
		tl_report_note(r,
		    "%zu records were read; how many are missing cannot be "
		    "told",
		    file->nrecords);
	}
}

const struct tl_rule tl_rule_truncated_last_line = {
	.code = "JSN012",
	.name = "truncated-last-line",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the file ends in the middle of a record",
	.why = "An export, a download or a copy was interrupted. The last "
	       "record does not load, and unknown ones behind it are missing "
	       "from the training.",
	.fix = "Export or download the file again and compare its size with "
	       "the source's.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "{\"messages\":[{\"role\":\"user\",\"content\":"
		      "\"by"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
