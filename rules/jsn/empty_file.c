/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	static const struct tl_record_pos start = { .line = 1, .column = 1 };

	if (!file->is_blank)
		return;
	if (file->nbytes == 0)
		tl_report(cx, tl_at_file(start, 0), "the file is empty");
	else
		tl_report(cx, tl_at_file(start, 0),
		    "the file holds nothing but whitespace (%zu bytes)",
		    file->nbytes);
}

const struct tl_rule tl_rule_empty_file = {
	.code = "JSN019",
	.name = "empty-file",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a file without a record",
	.why = "The loader makes an empty split of it, or leaves the split "
	       "out: the run trains on less, or evaluates on nothing.",
	.fix = "Export the file again, or take it out of the dataset list.",
	.bad = TL_LIT("\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_file = check_file,
};
