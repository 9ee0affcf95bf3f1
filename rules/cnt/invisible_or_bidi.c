/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
in(uint32_t cp, uint32_t first, uint32_t last)
{
	return cp >= first && cp <= last;
}

/* Characters nobody sees, that reorder what is seen, or that have no meaning
 * of their own. */
static const char *
what_is(uint32_t cp)
{
	if (cp == 0x200b || cp == 0x2060 || cp == 0xfeff || cp == 0x180e)
		return "zero-width character";
	if (cp == 0x200c || cp == 0x200d)
		return "zero-width joiner";
	if (cp == 0xad)
		return "soft hyphen";
	if (in(cp, 0x202a, 0x202e) || in(cp, 0x2066, 0x2069) ||
	    in(cp, 0x200e, 0x200f) || cp == 0x61c)
		return "bidirectional control";
	if (in(cp, 0xe0000, 0xe007f))
		return "tag character";
	if (in(cp, 0xe000, 0xf8ff) || in(cp, 0xf0000, 0xffffd) ||
	    in(cp, 0x100000, 0x10fffd))
		return "private-use character";
	return NULL;
}

static bool
is_arabic(uint32_t cp)
{
	return in(cp, 0x600, 0x8ff) || in(cp, 0xfb50, 0xfdff) ||
	    in(cp, 0xfe70, 0xfeff);
}

static bool
is_right_to_left(uint32_t cp)
{
	return is_arabic(cp) || in(cp, 0x590, 0x5ff) || in(cp, 0xfb1d, 0xfb4f);
}

/* Devanagari to Sinhala. */
static bool
is_indic(uint32_t cp)
{
	return in(cp, 0x900, 0xdff);
}

/* Thai, Lao, Tibetan, Myanmar, Khmer write without spaces and break lines at
 * U+200B. */
static bool
is_unspaced(uint32_t cp)
{
	return in(cp, 0xe00, 0x109f) || in(cp, 0x1780, 0x17ff);
}

static bool
is_pictograph(uint32_t cp)
{
	return in(cp, 0x1f000, 0x1faff) || in(cp, 0x2190, 0x2bff) ||
	    cp == 0xfe0f;
}

struct scan {
	uint32_t before; /* the code point in front */
	bool in_flag;	 /* behind a black flag and its tags */
	bool is_rtl;	 /* some character so far runs from right to left */
};

/* Where the character does its work. */
static bool
is_in_place(const struct scan *s, uint32_t cp)
{
	switch (cp) {
	case 0x200b:
		return is_unspaced(s->before);
	case 0x200c:
		return is_arabic(s->before) || is_indic(s->before);
	case 0x200d:
		return is_pictograph(s->before) || is_indic(s->before) ||
		    is_arabic(s->before);
	case 0x200e:
	case 0x200f:
	case 0x61c:
		return s->is_rtl;
	}
	return in(cp, 0xe0020, 0xe007f) && s->in_flag;
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	struct scan scan = { 0 };
	tl_str s = t->text.str;
	const char *first_what = NULL;
	uint32_t first_cp = 0;
	size_t n = 0, first = 0, first_len = 0, len;

	for (size_t at = 0; at < s.len; at += len) {
		const char *what;
		uint32_t cp;

		len = tl_str_ascii(s, at);
		if (len > 0) {
			scan.before = (unsigned char)s.ptr[at + len - 1];
			scan.in_flag = false;
			continue;
		}
		len = tl_utf8_next(s, at, &cp, NULL);
		what = what_is(cp);
		if (what != NULL && !is_in_place(&scan, cp) && n++ == 0) {
			first_what = what;
			first_cp = cp;
			first = at;
			first_len = len;
		}
		scan.is_rtl |= is_right_to_left(cp);
		scan.in_flag =
		    cp == 0x1f3f4 || (scan.in_flag && in(cp, 0xe0020, 0xe007f));
		scan.before = cp;
	}
	if (n == 1)
		tl_report(cx, tl_at_said(t, first, first + first_len),
		    "%s U+%04lX in this %s turn", first_what,
		    (unsigned long)first_cp, tl_role_name(tl_turn_meant(t)));
	else if (n > 1)
		tl_report(cx, tl_at_said(t, first, first + first_len),
		    "%s U+%04lX in this %s turn, the first of %zu invisible "
		    "characters",
		    first_what, (unsigned long)first_cp,
		    tl_role_name(tl_turn_meant(t)), n);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].text_has & TL_HAS_HIGH)
			check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_invisible_or_bidi = {
	.code = "CNT011",
	.name = "invisible-or-bidi",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a text holds characters that are not seen or that reorder "
		   "what is seen",
	.why = "They become tokens of their own that nobody reviewed: hidden "
	       "instructions, or words the model no longer recognises.",
	.fix = "Remove the characters unless the script needs them.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"hel\xe2\x80\x8blo\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello "
		       "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_HAS_HIGH),
	.check_conv = check_conv,
};
