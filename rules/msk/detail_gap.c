/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <inttypes.h>

struct gaps {
	int64_t beg, end; /* the first one */
	int64_t ncharacters;
	size_t n;
};

static void
add_gap(struct gaps *g, int64_t beg, int64_t end)
{
	if (beg >= end)
		return;
	if (g->n++ == 0) {
		g->beg = beg;
		g->end = end;
	}
	g->ncharacters += end - beg;
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail_facts *f)
{
	struct gaps g = { 0, 0, 0, 0 };
	tl_str text = t->text.str;
	int64_t covered = 0; /* first character that may be in no range */
	struct tl_report *r;
	size_t beg, end;

	for (size_t k = 0; k < f->nsorted; k++) {
		const struct tl_detail *d = f->sorted[k].detail;

		add_gap(&g, covered, d->beg < f->length ? d->beg : f->length);
		if (d->end >= covered)
			covered = d->end + 1;
	}
	add_gap(&g, covered, f->length);
	if (g.n == 0)
		return;
	beg = tl_utf8_offset(text, (size_t)g.beg);
	end = tl_utf8_offset(text, (size_t)g.end);
	r = tl_report(cx,
	    tl_in_turn(tl_at_text(t->content_node, beg, end), t->index),
	    "no range of train_detail covers %s (characters %" PRId64
	    " to %" PRId64 ")",
	    tl_quote(cx, tl_str_slice(text, beg, end), 0), g.beg, g.end - 1);
	tl_report_note(r,
	    "what no range covers is masked: %" PRId64 " of %" PRId64
	    " characters, in %zu place%s",
	    g.ncharacters, f->length, g.n, g.n == 1 ? "" : "s");
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct tl_detail_facts f;

		/* Ranges that are wrong themselves have findings of their own;
		 * a turn with train false is masked anyway. */
		if (tl_detail_facts(cx->arena, t, &f) && f.nreversed == 0 &&
		    f.unit == TL_UNIT_CODEPOINTS && !f.is_out &&
		    tl_flag_truth(t->train, t->train_node) != TL_FLAG_FALSE)
			check_turn(cx, t, &f);
	}
}

const struct tl_rule tl_rule_detail_gap = {
	.code = "MSK008",
	.name = "detail-gap",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "characters of a turn are in no range of train_detail",
	.why = "As soon as a turn has ranges, everything outside them is "
	       "masked: the model is not taught words that were never excluded "
	       "on purpose.",
	.fix = "Cover the whole text, with train false where it must be "
	       "masked.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"one two three\","
		      "\"train_detail\":[{\"begin_offset\":0,"
		      "\"end_offset\":6,\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"one two three\","
		       "\"train_detail\":[{\"begin_offset\":0,"
		       "\"end_offset\":6,\"train\":true},{\"begin_offset\":7,"
		       "\"end_offset\":12,\"train\":false}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
