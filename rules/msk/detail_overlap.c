/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <inttypes.h>

#define MAX_REPORTS 20 /* a turn */

static bool
is_trained(const struct tl_detail *d)
{
	return tl_flag_truth(d->train, tl_json_get(d->node, "train")) ==
	    TL_FLAG_TRUE;
}

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail *a, const struct tl_detail *b)
{
	int64_t end = a->end < b->end ? a->end : b->end;
	struct tl_report *r =
	    tl_report(cx, tl_in_turn(tl_at_node(b->node), t->index),
		"ranges %" PRId64 "-%" PRId64 " and %" PRId64 "-%" PRId64
		" overlap",
		a->beg, a->end, b->beg, b->end);
	tl_str both = tl_str_slice(t->text.str,
	    tl_utf8_offset(t->text.str, (size_t)(b->beg > 0 ? b->beg : 0)),
	    tl_utf8_offset(t->text.str, (size_t)(end >= 0 ? end + 1 : 0)));

	if (is_trained(a) == is_trained(b))
		tl_report_note(
		    r, "both say the same about %s", tl_quote(cx, both, 0));
	else
		tl_report_note(r,
		    "%s is in a range with train true and in one with train "
		    "false: true wins, in whatever order they stand",
		    tl_quote(cx, both, 0));
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		const struct tl_detail *far = NULL;
		struct tl_detail_facts f;
		size_t n = 0;

		if (!tl_detail_facts(cx->arena, t, &f) ||
		    f.unit != TL_UNIT_CODEPOINTS)
			continue;
		for (size_t k = 0; k < f.nsorted && n < MAX_REPORTS; k++) {
			const struct tl_detail *d = f.sorted[k].detail;

			/* An end that is the next begin is MSK009. */
			if (far != NULL && d->beg <= far->end &&
			    (d->beg < far->end || d->beg == far->beg)) {
				report(cx, t, far, d);
				n++;
			}
			if (far == NULL || d->end > far->end)
				far = d;
		}
	}
}

const struct tl_rule tl_rule_detail_overlap = {
	.code = "MSK007",
	.name = "detail-overlap",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "two ranges of train_detail overlap",
	.why = "Where they differ, the range with train true wins whatever the "
	       "order: text that was meant to be masked is trained.",
	.fix = "Let each range end one character before the next begins.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"one two three\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":6,\"train\":true},{\"begin_offset\":3,"
		      "\"end_offset\":12,\"train\":false}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"one two three\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":6,\"train\":true},{\"begin_offset\":7,"
		       "\"end_offset\":12,\"train\":false}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
