/* SPDX-License-Identifier: Apache-2.0 */
/* https://dvc.org/doc/user-guide/project-structure/dvc-files and, for the
 * list of a folder, …/internal-files#structure-of-the-cache-directory */
#include <turnlint/rule.h>

/* The list of a folder's files: [{"md5": "…", "relpath": "…"}, …] */
static bool
is_folder_entry(const struct tl_json *v)
{
	return v != NULL && v->nchildren == 2 &&
	    tl_json_text(tl_json_get(v, "md5"), TL_STR("")).len == 32 &&
	    tl_json_is(tl_json_get(v, "relpath"), TL_JSON_STRING);
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	tl_str line = tl_str_trim(rec->bytes);
	bool is_list = rec->pos.index == 0 && is_folder_entry(rec->doc.root);
	bool is_file = tl_str_ends(cx->file->path, TL_STR(".dvc")) &&
	    rec->doc.root == NULL && tl_str_eq(line, TL_STR("outs:"));

	if (is_file)
		tl_report(cx, tl_at_record(),
		    "the file is a DVC pointer, its data is kept elsewhere");
	else if (is_list)
		tl_report(cx, tl_at_record(),
		    "the file is DVC's list of a folder, its data is kept "
		    "elsewhere");
}

const struct tl_rule tl_rule_dvc_pointer = {
	.code = "GIT002",
	.name = "dvc-pointer",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a DVC file stands where the data should be",
	.why = "DVC keeps large files outside the repository and leaves a "
	       "small YAML file, or for a folder a list of names and hashes. "
	       "A trainer that is given one of them reads no record.",
	.fix = "Run: dvc pull; then name the file itself, not its .dvc file.",
	.bad = TL_LIT("outs:\n"
		      "- md5: a304afb96060aad90176268345e10355\n"
		      "  size: 37891850\n"
		      "  path: train.jsonl\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "JSN001 JSN007",
	.filename = "train.jsonl.dvc",
	.check_record = check_record,
};
