/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Length of the conflict marker that s begins with, or 0: seven times one sign,
 * then the end or a blank and a label.  In an array the label is a record of
 * its own to the reader. */
static size_t
marker_length(tl_str s)
{
	static const tl_str markers[] = { TL_LIT("<<<<<<<"), TL_LIT("|||||||"),
		TL_LIT("======="), TL_LIT(">>>>>>>") };

	for (size_t i = 0; i < TL_COUNT(markers); i++) {
		size_t len = markers[i].len;

		if (tl_str_starts(s, markers[i]) &&
		    tl_str_is_blank(
			tl_str_slice(s, len, len < s.len ? len + 1 : len)))
			return len;
	}
	return 0;
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	size_t len = rec->doc.root == NULL ? marker_length(rec->bytes) : 0;

	if (len > 0)
		tl_report(cx, tl_at_bytes(0, len),
		    "conflict marker %s left by a merge",
		    tl_quote(cx, tl_str_slice(rec->bytes, 0, len), 0));
}

const struct tl_rule tl_rule_merge_conflict_markers = {
	.code = "GIT011",
	.name = "merge-conflict-markers",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a line is a conflict marker left by a merge",
	.why = "The line is no JSON, so the loader stops or skips it; and both "
	       "versions of the record between the markers are trained on.",
	.fix = "Keep one side of the conflict and delete the markers.",
	.bad = TL_LIT("<<<<<<< HEAD\n"
		      "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "=======\n"
		      "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hey\"}]}\n"
		      ">>>>>>> topic\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"what is <<<<<<< HEAD?\"},{\"role\":\"assistant\","
		       "\"content\":\"A conflict marker.\"}]}\n"),
	.also = "JSN001",
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
};
