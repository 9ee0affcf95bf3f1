/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

/* The first instance that does not fit, and how many there are. */
struct state {
	size_t nrecords;
	struct tl_record_pos pos;
	size_t len;
	char detail[200];
};

static void
merge(void *into, const void *from)
{
	struct state *s = into;
	const struct state *other = from;
	size_t n = s->nrecords + other->nrecords;

	if (other->nrecords > 0 &&
	    (s->nrecords == 0 || other->pos.index < s->pos.index))
		*s = *other;
	s->nrecords = n;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_record *rec = cx->facts->record;

	for (size_t i = 0; i < conv->nissues; i++) {
		const struct tl_issue *issue = &conv->issues[i];
		struct state here = {
			.nrecords = 1, .pos = rec->pos, .len = rec->bytes.len
		};

		if (issue->kind != TL_ISSUE_LMFLOW_TYPE)
			continue;
		if (issue->detail.len < sizeof(here.detail))
			memcpy(
			    here.detail, issue->detail.ptr, issue->detail.len);
		merge(cx->state, &here);
	}
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;

	if (s->nrecords == 0)
		return;
	if (s->nrecords == 1)
		tl_report(cx, tl_at_file(s->pos, s->len), "%s (type: %s)",
		    s->detail, tl_quote(cx, file->lmflow_type, 0));
	else
		tl_report(cx, tl_at_file(s->pos, s->len),
		    "%s (type: %s; the first of %zu instances)", s->detail,
		    tl_quote(cx, file->lmflow_type, 0), s->nrecords);
}

const struct tl_rule tl_rule_lmflow_type_mismatch = {
	.code = "SCH019",
	.name = "lmflow-type-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "LMFlow's \"type\" does not fit the keys of the instances",
	.why = "LMFlow stops with a ValueError that names the fields it "
	       "requires.",
	.fix = "Set \"type\" to what the instances are: conversation, "
	       "text2text or text_only.",
	.bad = TL_LIT("{\"type\":\"text_only\",\"instances\":["
		      "{\"input\":\"hi\",\"output\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"type\":\"text2text\",\"instances\":["
		       "{\"input\":\"hi\",\"output\":\"hello\"}]}\n"),
	.filename = "example.json",
	.needs = TL_TRAIT_ISSUES,
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_conv = check_conv,
	.wants_broken = true,
	.check_file = check_file,
};
