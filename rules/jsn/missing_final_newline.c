/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

struct state {
	bool is_truncated; /* the last record is; JSN012 says so */
};

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	struct state *s = cx->state;

	if (rec->is_last && rec->doc.fault == TL_JSON_TRUNCATED)
		s->is_truncated = true;
}

static void
merge(void *into, const void *from)
{
	struct state *s = into;
	const struct state *other = from;

	s->is_truncated |= other->is_truncated;
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;
	struct tl_report *r;

	if (file->container != TL_CONTAINER_JSONL || file->has_final_newline ||
	    s->is_truncated)
		return;
	r = tl_report(cx, tl_at_file(file->end_pos, 0),
	    "no line feed at the end of the last line");
	tl_report_edit(
	    r, TL_FIX_SAFE, file->nbytes, file->nbytes, TL_STR("\n"));
}

const struct tl_rule tl_rule_missing_final_newline = {
	.code = "JSN013",
	.name = "missing-final-newline",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "the last line of a JSONL file has no line feed",
	.why = "The next append, or cat with another shard, glues two records "
	       "into one line that does not parse.",
	.fix = "End the file with a line feed.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_record = check_record,
	.check_file = check_file,
};
