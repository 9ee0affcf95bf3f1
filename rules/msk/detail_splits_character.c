/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <inttypes.h>
#include <stdlib.h>

/* What a range covers when its offsets count `unit`. */
static tl_str
covered(tl_str text, enum tl_detail_unit unit, const struct tl_detail *d)
{
	size_t beg = tl_detail_byte(text, unit, d->beg);
	size_t end = tl_detail_byte(text, unit, d->end + 1);

	return beg == TL_NPOS
	    ? (tl_str){ NULL, 0 }
	    : tl_str_slice(text, beg, end == TL_NPOS ? text.len : end);
}

static void
propose(const struct tl_rule_cx *cx, struct tl_report *r, tl_str text,
    enum tl_detail_unit unit, const struct tl_json *v, int64_t offset,
    int64_t more)
{
	size_t at = tl_detail_byte(text, unit, offset + more);
	int64_t right;

	if (v == NULL || at == TL_NPOS)
		return;
	right = (int64_t)tl_utf8_count(tl_str_slice(text, 0, at)) - more;
	if (right != offset)
		tl_report_edit(r, TL_FIX_UNSAFE, v->span.beg, v->span.end,
		    tl_str_from(tl_arena_printf(cx->arena, "%" PRId64, right)));
}

/* All offsets of the turn count something else than code points. */
static void
report_unit(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail_facts *f)
{
	tl_str text = t->text.str;
	const struct tl_detail *d = f->sorted[f->nsorted - 1].detail;
	struct tl_report *r;

	for (size_t k = f->nsorted; k-- > 0;)
		if (!tl_str_eq(covered(text, f->unit, f->sorted[k].detail),
			covered(text, TL_UNIT_CODEPOINTS, f->sorted[k].detail)))
			d = f->sorted[k].detail;
	r = tl_report(cx, tl_in_turn(tl_at_node(d->node), t->index),
	    "offsets count %s; train_detail counts code points, %" PRId64
	    " in this text",
	    f->unit == TL_UNIT_BYTES ? "bytes" : "UTF-16 units", f->length);
	tl_report_note(r,
	    "range %" PRId64 "-%" PRId64 " now covers %s, meant was %s", d->beg,
	    d->end, tl_quote(cx, covered(text, TL_UNIT_CODEPOINTS, d), 0),
	    tl_quote(cx, covered(text, f->unit, d), 0));
	for (size_t k = 0; k < f->nsorted; k++) {
		d = f->sorted[k].detail;
		propose(cx, r, text, f->unit,
		    tl_json_get(d->node, "begin_offset"), d->beg, 0);
		propose(cx, r, text, f->unit,
		    tl_json_get(d->node, "end_offset"), d->end, 1);
	}
}

/* Where a range begins or ends, in code points. */
struct edge {
	int64_t at; /* the first character that is on the other side */
	const struct tl_detail *detail;
	bool is_end;
};

static int
compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
report_edge(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct edge *e, tl_str character)
{
	const char *key = e->is_end ? "end_offset" : "begin_offset";
	const struct tl_json *v = tl_json_get(e->detail->node, key);

	tl_report_note(tl_report(cx, tl_in_turn(tl_at_node(v), t->index),
			   "%s %" PRId64 " falls inside the character %s", key,
			   e->is_end ? e->detail->end : e->detail->beg,
			   tl_quote(cx, character, 0)),
	    "a part of it is in the range, the rest is not: its tokens are "
	    "torn apart");
}

/* Walk the text character by character, as a reader sees them, and the edges
 * beside it. */
static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t,
    const struct tl_detail_facts *f)
{
	struct edge *edges = TL_NEW(cx->arena, struct edge, 2 * f->nsorted);
	tl_str text = t->text.str;
	int64_t cp = 0;
	size_t k = 0, n = 0;

	for (size_t i = 0; i < f->nsorted; i++) {
		const struct tl_detail *d = f->sorted[i].detail;

		edges[n++] = (struct edge){ d->beg, d, false };
		if (d->end < f->length)
			edges[n++] = (struct edge){ d->end + 1, d, true };
	}
	if (n > 0)
		qsort(edges, n, sizeof(*edges), compare_edges);
	for (size_t at = 0, end; at < text.len && k < n; at = end) {
		end = tl_utf8_cluster(text, at);
		while (k < n && edges[k].at <= cp)
			k++;
		cp += (int64_t)tl_utf8_count(tl_str_slice(text, at, end));
		/* The end of one range and the begin of the next are one edge.
		 */
		for (; k < n && edges[k].at < cp; k++)
			if (k == 0 || edges[k].at != edges[k - 1].at)
				report_edge(cx, t, &edges[k],
				    tl_str_slice(text, at, end));
	}
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct tl_detail_facts f;

		if (!tl_detail_facts(cx->arena, t, &f) ||
		    (size_t)f.length == t->text.str.len)
			continue;
		if (f.unit != TL_UNIT_CODEPOINTS)
			report_unit(cx, t, &f);
		else
			check_turn(cx, t, &f);
	}
}

const struct tl_rule tl_rule_detail_splits_character = {
	.code = "MSK011",
	.name = "detail-splits-character",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "an offset of train_detail falls inside a character, or "
		   "counts bytes or UTF-16 units",
	.why =
	    "train_detail counts code points. Offsets made in JavaScript or "
	    "in bytes are off by one or more for every emoji and every "
	    "accented letter before them: the neighbours' words are trained.",
	.fix = "Compute the offsets in code points (len() in Python, "
	       "Array.from(text).length in JavaScript).",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"\xf0\x9f\x91\x8b"
		      "\xf0\x9f\x91\x8b one two\",\"train_detail\":[{"
		      "\"begin_offset\":0,\"end_offset\":7,\"train\":false},{"
		      "\"begin_offset\":8,\"end_offset\":11,"
		      "\"train\":true}]}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"\xf0\x9f\x91\x8b"
		       "\xf0\x9f\x91\x8b one two\",\"train_detail\":[{"
		       "\"begin_offset\":0,\"end_offset\":5,\"train\":false},{"
		       "\"begin_offset\":6,\"end_offset\":9,"
		       "\"train\":true}]}]}\n"),
	.needs = TL_TRAIT_FLAGS,
	.check_conv = check,
};
