/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/detail.h>

#include <stdlib.h>

static int64_t
width_in(enum tl_detail_unit unit, uint32_t cp, size_t len)
{
	switch (unit) {
	case TL_UNIT_CODEPOINTS:
		return 1;
	case TL_UNIT_UTF16:
		return cp >= 0x10000 ? 2 : 1;
	case TL_UNIT_BYTES:
		break;
	}
	return (int64_t)len;
}

size_t
tl_detail_byte(tl_str text, enum tl_detail_unit unit, int64_t offset)
{
	int64_t n = 0;
	size_t at = 0;

	while (at < text.len && n < offset) {
		uint32_t cp;
		size_t len = tl_utf8_next(text, at, &cp, NULL);

		n += width_in(unit, cp, len);
		at += len;
	}
	return n == offset ? at : TL_NPOS;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static bool
cuts_word(tl_str text, size_t at)
{
	return at == TL_NPOS ||
	    (at > 0 && at < text.len && is_alnum(text.ptr[at - 1]) &&
		is_alnum(text.ptr[at]));
}

/* Edges of ranges that cut a word or lie outside, if offsets counted unit. */
static size_t
count_cuts(
    tl_str text, const struct tl_detail_facts *f, enum tl_detail_unit unit)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nsorted; i++) {
		const struct tl_detail *d = f->sorted[i].detail;

		n += cuts_word(text, tl_detail_byte(text, unit, d->beg));
		n += cuts_word(text, tl_detail_byte(text, unit, d->end + 1));
	}
	return n;
}

/* Ranges made elsewhere reach to the last unit of the text there, or to the
 * edges of its words; in code points they do not. */
static bool
fits_unit(tl_str text, const struct tl_detail_facts *f,
    enum tl_detail_unit unit, int64_t length, int64_t last)
{
	size_t cuts;

	if (length == f->length)
		return false;
	if (last >= f->length && (last == length - 1 || last == length))
		return last > f->length || f->ntouching == 0;
	cuts = count_cuts(text, f, TL_UNIT_CODEPOINTS);
	return cuts >= 2 && count_cuts(text, f, unit) == 0;
}

static void
guess_unit(tl_str text, struct tl_detail_facts *f)
{
	int64_t last = -1;

	/* Walking the text for each range: a few will tell as well. */
	if (f->nsorted == 0 || f->nsorted > 64)
		return;
	for (size_t i = 0; i < f->nsorted; i++)
		if (f->sorted[i].detail->end > last)
			last = f->sorted[i].detail->end;
	if (fits_unit(
		text, f, TL_UNIT_UTF16, (int64_t)tl_utf16_count(text), last))
		f->unit = TL_UNIT_UTF16;
	else if (fits_unit(text, f, TL_UNIT_BYTES, (int64_t)text.len, last))
		f->unit = TL_UNIT_BYTES;
}

static int
compare_ranges(const void *a, const void *b)
{
	const struct tl_range *x = a, *y = b;

	if (x->detail->beg != y->detail->beg)
		return x->detail->beg < y->detail->beg ? -1 : 1;
	if (x->detail->end != y->detail->end)
		return x->detail->end < y->detail->end ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

bool
tl_detail_facts(
    struct tl_arena *a, const struct tl_turn *turn, struct tl_detail_facts *out)
{
	struct tl_range *sorted;

	*out = (struct tl_detail_facts){ .unit = TL_UNIT_CODEPOINTS };
	if (turn->ndetails == 0 ||
	    !tl_json_is(turn->content_node, TL_JSON_STRING))
		return false;
	out->length = (int64_t)tl_utf8_count(turn->text.str);
	sorted = TL_NEW(a, struct tl_range, turn->ndetails);
	out->sorted = sorted;
	for (size_t i = 0; i < turn->ndetails; i++) {
		const struct tl_detail *d = &turn->details[i];

		if (!d->has_range)
			continue;
		out->is_out |= d->beg < 0 || d->beg >= out->length ||
		    d->end < 0 || d->end > out->length;
		if (d->beg > d->end) {
			out->nreversed++;
			continue;
		}
		out->touches_end |= d->end == out->length && d->beg < d->end;
		sorted[out->nsorted++] = (struct tl_range){ d, i };
	}
	if (out->nsorted > 0)
		qsort(sorted, out->nsorted, sizeof(*sorted), compare_ranges);
	for (size_t i = 1; i < out->nsorted; i++)
		out->ntouching +=
		    sorted[i - 1].detail->end == sorted[i].detail->beg &&
		    sorted[i - 1].detail->beg < sorted[i].detail->beg;
	guess_unit(turn->text.str, out);
	return true;
}
