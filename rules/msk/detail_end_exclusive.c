/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <inttypes.h>

/* An end that looks like the first character behind the range. */
static bool
is_exclusive(const struct tl_detail_facts *f, size_t k)
{
	const struct tl_detail *d = f->sorted[k].detail;

	if (d->end == f->length && d->beg < d->end)
		return true;
	return k + 1 < f->nsorted && d->end == f->sorted[k + 1].detail->beg &&
	    d->beg < d->end;
}

static struct tl_report *
report(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail_facts *f, size_t k)
{
	const struct tl_detail *d = f->sorted[k].detail;
	const struct tl_json *v = tl_json_get(d->node, "end_offset");
	struct tl_place at = tl_in_turn(tl_at_node(v), t->index);

	if (d->end == f->length)
		return tl_report(cx, at,
		    "end_offset %" PRId64 " is the length of the text; ends "
		    "are inclusive, the last character is %" PRId64,
		    d->end, f->length - 1);
	return tl_report(cx, at,
	    "end_offset %" PRId64 " is the next range's begin_offset; ends "
	    "are inclusive, so both ranges hold that character",
	    d->end);
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail_facts *f)
{
	struct tl_report *r = NULL;
	size_t n = 0;

	for (size_t k = 0; k < f->nsorted; k++) {
		const struct tl_detail *d = f->sorted[k].detail;
		const struct tl_json *v = tl_json_get(d->node, "end_offset");

		if (!is_exclusive(f, k))
			continue;
		if (n++ == 0)
			r = report(cx, t, f, k);
		tl_report_edit(r, TL_FIX_UNSAFE, v->span.beg, v->span.end,
		    tl_str_from(
			tl_arena_printf(cx->arena, "%" PRId64, d->end - 1)));
	}
	if (n > 1)
		tl_report_note(r,
		    "%zu of the turn's %zu ranges look as if their ends were "
		    "meant to be exclusive",
		    n, t->ndetails);
	if (f->ntouching > 0)
		tl_report_note(r,
		    "where one of the two ranges has train true, the shared "
		    "character is trained");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct tl_detail_facts f;

		if (tl_detail_facts(cx->arena, t, &f) &&
		    f.unit == TL_UNIT_CODEPOINTS &&
		    (f.touches_end || f.ntouching > 0))
			check_turn(cx, t, &f);
	}
}

const struct tl_rule tl_rule_detail_end_exclusive = {
	.code = "MSK009",
	.name = "detail-end-exclusive",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "an end_offset was written as if ends were exclusive",
	.why = "train_detail counts both ends in, unlike a Python slice. "
	       "Each range takes one character too many, and with it a token "
	       "that was meant to be masked, or trained.",
	.fix = "Subtract 1 from every end_offset of the turn.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"one two three\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":7,\"train\":false},{\"begin_offset\":7,"
		      "\"end_offset\":13,\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"one two three\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":6,\"train\":false},{\"begin_offset\":7,"
		       "\"end_offset\":12,\"train\":true}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
