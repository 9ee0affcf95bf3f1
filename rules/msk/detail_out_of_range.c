/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <inttypes.h>

static void
report(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail *d, const char *key, int64_t offset, int64_t length)
{
	const struct tl_json *v = tl_json_get(d->node, key);
	struct tl_report *r = tl_report(cx, tl_in_turn(tl_at_node(v), t->index),
	    "%s %" PRId64 " is outside the text of %" PRId64 " characters", key,
	    offset, length);

	if (offset < 0 ? d->end < 0 : d->beg >= length) {
		tl_report_note(r,
		    "the range covers nothing: its characters "
		    "stay masked");
		return;
	}
	tl_report_note(r, "the range is cut to the text");
	tl_report_edit(r, TL_FIX_UNSAFE, v->span.beg, v->span.end,
	    tl_str_from(tl_arena_printf(
		cx->arena, "%" PRId64, offset < 0 ? 0 : length - 1)));
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct tl_detail_facts f;

		if (!tl_detail_facts(cx->arena, t, &f) ||
		    f.unit != TL_UNIT_CODEPOINTS || !f.is_out)
			continue;
		for (size_t k = 0; k < t->ndetails; k++) {
			const struct tl_detail *d = &t->details[k];

			if (!d->has_range)
				continue;
			if (d->beg < 0 || d->beg >= f.length)
				report(
				    cx, t, d, "begin_offset", d->beg, f.length);
			if (d->end < 0 || d->end > f.length)
				report(
				    cx, t, d, "end_offset", d->end, f.length);
		}
	}
}

const struct tl_rule tl_rule_detail_out_of_range = {
	.code = "MSK006",
	.name = "detail-out-of-range",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "an offset of train_detail lies outside the text",
	.why = "The trainer cuts the range or leaves it out with a line in a "
	       "log that nobody reads: other words are trained than were "
	       "chosen.",
	.fix = "Count again: offsets are code points of this turn's content, "
	       "from 0 to its length minus 1.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":12,\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":4,\"train\":true}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
