/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <inttypes.h>

static void
report_reversed(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail *d)
{
	const struct tl_json *beg = tl_json_get(d->node, "begin_offset");
	const struct tl_json *end = tl_json_get(d->node, "end_offset");
	struct tl_report *r =
	    tl_report(cx, tl_in_turn(tl_at_node(d->node), t->index),
		"begin_offset %" PRId64 " is larger than end_offset %" PRId64,
		d->beg, d->end);

	tl_report_note(r,
	    "the range is ignored: what it was to cover is "
	    "masked unless another range trains it");
	tl_report_edit(
	    r, TL_FIX_UNSAFE, beg->span.beg, beg->span.end, end->text);
	tl_report_edit(
	    r, TL_FIX_UNSAFE, end->span.beg, end->span.end, beg->text);
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const struct tl_detail *before = NULL;

	for (size_t k = 0; k < t->ndetails; k++) {
		const struct tl_detail *d = &t->details[k];

		if (!d->has_range)
			continue;
		if (d->beg > d->end)
			report_reversed(cx, t, d);
		else if (before != NULL && d->beg < before->beg)
			tl_report_note(
			    tl_report(cx,
				tl_in_turn(tl_at_node(d->node), t->index),
				"range %" PRId64 "-%" PRId64
				" stands behind one that begins at %" PRId64,
				d->beg, d->end, before->beg),
			    "labels do not depend on the order, but ranges "
			    "out of order are mostly made wrongly");
		if (d->beg <= d->end)
			before = d;
	}
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_detail_reversed = {
	.code = "MSK010",
	.name = "detail-reversed",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a range of train_detail is reversed or out of order",
	.why = "A range whose begin lies behind its end covers nothing: the "
	       "trainer skips it and the text stays masked.",
	.fix = "Write begin_offset before end_offset, and the ranges in the "
	       "order of the text.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"one two three\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":6,\"train\":true},{\"begin_offset\":12,"
		      "\"end_offset\":7,\"train\":false}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"one two three\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":6,\"train\":true},{\"begin_offset\":7,"
		       "\"end_offset\":12,\"train\":false}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
