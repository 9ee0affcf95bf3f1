/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->ndetails == 0 ||
		    tl_json_is(t->content_node, TL_JSON_STRING))
			continue;
		tl_report_note(
		    tl_report(cx,
			tl_in_turn(tl_at_key(t->detail_node), t->index),
			"train_detail on a turn whose content is %s",
			t->content_node != NULL
			    ? tl_json_kind_name(t->content_node->kind)
			    : "absent"),
		    "offsets count the characters of a string: axolotl stops "
		    "with an error here");
	}
}

const struct tl_rule tl_rule_detail_on_non_string = {
	.code = "MSK015",
	.name = "detail-on-non-string",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "train_detail stands on a content that is no string",
	.why = "There is no text the offsets could count in; the trainer "
	       "raises and the whole run stops.",
	.fix = "Make the content a string, or give the parts of a list train "
	       "flags of their own.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
		      "\"text\":\"hello\"}],\"train_detail\":[{"
		      "\"begin_offset\":0,\"end_offset\":4,"
		      "\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":4,\"train\":true}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
