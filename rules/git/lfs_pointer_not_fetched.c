/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	static const struct tl_record_pos start = { .line = 1, .column = 1 };
	struct tl_report *r;

	if (!file->is_lfs_pointer)
		return;
	r = tl_report(cx, tl_at_file(start, 0),
	    "the file is a Git LFS pointer, its data (object %s) is not here",
	    tl_quote(cx, tl_str_slice(file->lfs_oid, 0, 10), 0));
	tl_report_note(r,
	    "nothing was checked: a trainer reads these three "
	    "lines as data and fails, or trains on none of the records");
}

const struct tl_rule tl_rule_lfs_pointer_not_fetched = {
	.code = "GIT001",
	.name = "lfs-pointer-not-fetched",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a Git LFS pointer stands where the data should be",
	.why = "Git LFS keeps large files outside the repository and leaves a "
	       "text of three lines in their place. A clone without git-lfs, "
	       "or a CI checkout without its lfs option, hands that text to "
	       "the trainer: the dataset is empty or does not load.",
	.fix = "Run: git lfs pull --include=FILE (in GitHub Actions: "
	       "actions/checkout with lfs: true).",
	.bad = TL_LIT("version https://git-lfs.github.com/spec/v1\n"
		      "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b12"
		      "58daaa5e2ca24d17e2393\n"
		      "size 12345\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.check_file = check_file,
};
