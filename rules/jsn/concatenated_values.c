/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;
	tl_str first;
	struct tl_report *r;

	if (doc->fault != TL_JSON_EXTRA)
		return;
	r = tl_report(cx, tl_at_bytes(doc->fault_at, doc->fault_at + 1),
	    "a second value begins here: found %s, expected %s", doc->found,
	    doc->expected);
	if (cx->file->container != TL_CONTAINER_JSONL)
		return;
	first = tl_str_trim(tl_str_slice(doc->text, 0, doc->fault_at));
	if (tl_str_ends(first, TL_STR(",")))
		first = tl_str_trim(tl_str_slice(first, 0, first.len - 1));
	tl_report_edit(r, TL_FIX_SAFE, first.len, doc->fault_at, TL_STR("\n"));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_EXTRA, f)) != NULL)
		tl_report(cx, tl_at_file(f->pos, 1),
		    "a second value begins here: found %s, expected %s",
		    f->found, f->expected);
}

const struct tl_rule tl_rule_concatenated_values = {
	.code = "JSN022",
	.name = "concatenated-values",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "two values where one is expected",
	.why = "A line feed is missing between two records. Lenient parsers "
	       "read the first and ignore the second without a word; strict "
	       "ones refuse both.",
	.fix = "Put each record on a line of its own.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]} "
		      "{\"messages\":[{\"role\":\"user\",\"content\":\"bye\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"farewell\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		       "{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"bye\"},{\"role\":\"assistant\",\"content\":"
		       "\"farewell\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
