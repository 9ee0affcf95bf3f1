/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;
	tl_span span = tl_json_fault_span(doc);

	if (doc->fault == TL_JSON_SYNTAX)
		tl_report(cx, tl_at_bytes(span.beg, span.end),
		    "not valid JSON: found %s, expected %s", doc->found,
		    doc->expected);
	else if (doc->fault == TL_JSON_TRUNCATED && !rec->is_last)
		tl_report(cx, tl_at_bytes(span.beg, span.end),
		    "not valid JSON: the record ends where %s was expected",
		    doc->expected);
	else if (doc->fault == TL_JSON_RAW_CONTROL &&
	    doc->text.ptr[doc->fault_at] == '\n')
		tl_report(cx, tl_at_bytes(span.beg, span.end),
		    "not valid JSON: a string reaches the end of its line; "
		    "expected '\"' to close it");
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_SYNTAX, f)) != NULL) {
		struct tl_report *r;

		r = tl_report(cx, tl_at_file(f->pos, 1),
		    "not valid JSON between two records: found %s, expected %s",
		    f->found, f->expected);
		tl_report_note(r,
		    "a JSON loader takes a file whole or not at all: no "
		    "record of it is trained on");
	}
}

const struct tl_rule tl_rule_invalid_json = {
	.code = "JSN001",
	.name = "invalid-json",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a record is not valid JSON",
	.why = "A strict loader stops at this record and the run does not "
	       "start; a lenient one drops it without a word, and the model "
	       "is trained on less than was paid for.",
	.fix = "Correct the bytes at the place shown, or write the file again "
	       "with a JSON library instead of by joining strings.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\" \"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
