/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* What Windows-1252 has at 80 to 9F; 0 where it has nothing (Latin-1 then has
 * the C1 control of that number). */
static const uint16_t upper[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026,
	0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
	0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
	0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

/* The byte that was read as this code point, or -1. */
static int
byte_of(uint32_t cp)
{
	if (cp >= 0x80 && cp <= 0xff)
		return (int)cp;
	for (size_t i = 0; i < TL_COUNT(upper); i++)
		if (upper[i] == cp)
			return 0x80 + (int)i;
	return -1;
}

/* Up to max bytes that the characters from `at` on were read from; *len is
 * the length of those characters. */
static size_t
original(tl_str s, size_t at, char *out, size_t max, size_t *len)
{
	size_t n = 0, beg = at;

	while (n < max && at < s.len && (unsigned char)s.ptr[at] >= 0x80) {
		uint32_t cp;
		size_t step = tl_utf8_next(s, at, &cp, NULL);
		int byte = byte_of(cp);

		if (byte < 0)
			break;
		out[n++] = (char)byte;
		at += step;
	}
	*len = at - beg;
	return n;
}

/* Pairs and triples that other languages write as well, at the end of a quoted
 * word for instance, must not count: only those nobody writes do. */
static bool
is_telling(const unsigned char *b, size_t n)
{
	if (n == 2 && b[0] == 0xc3) /* é, ü, ñ, … but not û, à */
		return b[1] >= 0xa1 && b[1] != 0xab && b[1] != 0xbb;
	if (n == 2 && b[0] == 0xc2) /* ©, °, £, … but not «, » */
		return b[1] >= 0xa1 && b[1] != 0xab && b[1] != 0xbb;
	if (n == 3 && b[0] == 0xe2 && b[1] == 0x80)
		return true; /* quotes, dashes, … */
	if (n == 3 && b[0] == 0xef && b[1] == 0xbb)
		return b[2] == 0xbf;		       /* a byte order mark */
	return n == 4 && b[0] == 0xf0 && b[1] == 0x9f; /* emoji */
}

/* The length of the damaged character at `at`, or 0; out is what it was. */
static size_t
damaged(tl_str s, size_t at, char out[4], size_t *nout)
{
	char bytes[4];
	size_t n, len, want;

	n = original(s, at, bytes, sizeof(bytes), &len);
	want = tl_utf8_len((tl_str){ bytes, n }, 0);
	if (want < 2)
		return 0;
	original(s, at, bytes, want, &len);
	if (!is_telling((const unsigned char *)bytes, want))
		return 0;
	for (size_t i = 0; i < want; i++)
		out[i] = bytes[i];
	*nout = want;
	return len;
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	tl_str s = t->text.str;
	size_t n = 0, first = 0, first_len = 0, nmeant = 0;
	char meant[4];

	/* Â, Ã, â, ï and ð begin with this byte. */
	for (size_t at = 0;
	     (at = tl_str_find_char(s, '\xc3', at)) != TL_NPOS;) {
		char now[4];
		size_t nnow, len = damaged(s, at, now, &nnow);

		if (len == 0) {
			at++;
			continue;
		}
		if (n++ == 0) {
			first = at;
			first_len = len;
			nmeant = nnow;
			for (size_t i = 0; i < nnow; i++)
				meant[i] = now[i];
		}
		at += len;
	}
	if (n == 0)
		return;
	tl_report(cx, tl_at_said(t, first, first + first_len),
	    "%s is %s, UTF-8 that was read as Latin-1 (%zu place%s in this %s "
	    "turn)",
	    tl_quote(cx, tl_str_slice(s, first, first + first_len), 0),
	    tl_quote(cx, (tl_str){ meant, nmeant }, 0), n, n == 1 ? "" : "s",
	    tl_role_name(tl_turn_meant(t)));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].text_has & TL_HAS_HIGH)
			check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_mojibake = {
	.code = "CNT009",
	.name = "mojibake",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "UTF-8 that was read as Latin-1 or Windows-1252",
	.why = "The damage becomes tokens of its own, and the model learns to "
	       "write it.",
	.fix = "Encode the text as Windows-1252 and read it as UTF-8 again, or "
	       "take it from its source.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"a caf\xc3\x83\xc2\xa9\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"a caf\xc3\xa9\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_HAS_HIGH),
	.check_conv = check_conv,
};
