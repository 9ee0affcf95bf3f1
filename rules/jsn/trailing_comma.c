/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;
	size_t at = doc->fault_at;
	struct tl_report *r;

	if (doc->fault != TL_JSON_TRAILING_COMMA)
		return;
	r = tl_report(cx, tl_at_bytes(at, at + 1),
	    "trailing comma: found %s, expected %s", doc->found, doc->expected);
	tl_report_edit(r, TL_FIX_SAFE, at, at + 1, TL_STR(""));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while (
	    (f = tl_file_next_fault(file, TL_JSON_TRAILING_COMMA, f)) != NULL) {
		size_t at = f->pos.offset;
		struct tl_report *r;

		r = tl_report(cx, tl_at_file(f->pos, 1),
		    "trailing comma after the last record: found %s, expected "
		    "%s",
		    f->found, f->expected);
		tl_report_edit(r, TL_FIX_SAFE, at, at + 1, TL_STR(""));
	}
}

const struct tl_rule tl_rule_trailing_comma = {
	.code = "JSN006",
	.name = "trailing-comma",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a comma stands before a closing bracket",
	.why = "JavaScript allows it, JSON does not: strict loaders refuse "
	       "the record, or the whole file when it ends an array.",
	.fix = "Delete the comma.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"},]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
