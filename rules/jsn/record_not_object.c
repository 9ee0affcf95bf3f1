/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json *root = rec->doc.root;

	if (root != NULL && root->kind != TL_JSON_OBJECT)
		tl_report(cx, tl_at_record(),
		    "the record is %s; expected an object",
		    tl_json_kind_name(root->kind));
}

const struct tl_rule tl_rule_record_not_object = {
	.code = "JSN016",
	.name = "record-not-object",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a record is an array, a string or a number",
	.why = "A record without keys has no column for the conversation: "
	       "table loaders stop with a type error, others skip the record.",
	.fix = "Wrap the value in an object, such as {\"messages\": […]}.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "[{\"role\":\"user\",\"content\":\"bye\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"farewell\"}]\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "SCH001",
	.check_record = check_record,
};
