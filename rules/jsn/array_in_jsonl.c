/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	static const struct tl_record_pos start = { .line = 1, .column = 1 };
	struct tl_report *r;

	if (!file->is_array_in_jsonl)
		return;
	r = tl_report(cx, tl_at_file(start, 1),
	    file->container == TL_CONTAINER_ARRAY
		? "a .jsonl file that holds one JSON array"
		: "a .jsonl file whose records span many lines");
	tl_report_note(r,
	    "expected one object a line; the records were "
	    "checked all the same");
}

const struct tl_rule tl_rule_array_in_jsonl = {
	.code = "JSN017",
	.name = "array-in-jsonl",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "one array, or pretty-printed JSON, in a .jsonl file",
	.why = "A loader that goes by the name parses line by line: every "
	       "line is invalid, or the whole dataset is one record.",
	.fix = "Rename the file to .json, or write one record a line "
	       "(jq -c '.[]' FILE).",
	.bad = TL_LIT("[\n{\"messages\":[{\"role\":\"user\",\"content\":\"hi\""
		      "},{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "]\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_file = check_file,
};
