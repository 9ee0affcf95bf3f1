/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json *root = rec->doc.root;
	const struct tl_json *instances = tl_json_get(root, "instances");

	if (cx->file->container == TL_CONTAINER_LMFLOW ||
	    !tl_json_is(instances, TL_JSON_ARRAY) ||
	    !tl_json_is(tl_json_get(root, "type"), TL_JSON_STRING))
		return;
	tl_report(cx, tl_at_key(instances),
	    "LMFlow's wrapper with %u instances stands where one record is "
	    "expected",
	    (unsigned)instances->nchildren);
}

/* A wrapper that is alone in its file is read for what it is, but other
 * loaders go by the name. */
static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_record_pos start = { .line = 1, .column = 1 };

	if (file->container == TL_CONTAINER_LMFLOW &&
	    tl_str_ends(file->path, TL_STR(".jsonl")))
		tl_report(cx, tl_at_file(start, 1),
		    "a .jsonl file holds one LMFlow object with %zu instances",
		    file->nrecords);
}

const struct tl_rule tl_rule_nested_instances_in_jsonl = {
	.code = "SCH021",
	.name = "nested-instances-in-jsonl",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "LMFlow's {\"type\", \"instances\"} object stands where "
		   "records are expected",
	.why = "A loader of JSON lines takes the whole list for one record, "
	       "finds no conversation in it and trains nothing.",
	.fix = "Write one instance a line, or name the file .json for LMFlow.",
	.bad = TL_LIT("{\"type\":\"text_only\",\"instances\":["
		      "{\"text\":\"one\"}]}\n"
		      "{\"type\":\"text_only\",\"instances\":["
		      "{\"text\":\"two\"}]}\n"),
	.good = TL_LIT("{\"text\":\"one\"}\n{\"text\":\"two\"}\n"),
	.check_record = check_record,
	.check_file = check_file,
};
