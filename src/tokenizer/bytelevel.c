/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytelevel.c - the alphabet in which byte-level vocabularies are spelled: a
 * printable char for every byte.
 */
#include "tok.h"

static bool
is_itself(unsigned c)
{
	return (c >= 0x21 && c <= 0x7E) || (c >= 0xA1 && c <= 0xAC) ||
	    c >= 0xAE;
}

/* The other 68 in ascending order: 00-20, 7F-A0, AD. */
uint32_t
tl_byte_char(unsigned char b)
{
	if (is_itself(b))
		return b;
	if (b <= 0x20)
		return 0x100u + b;
	if (b <= 0xA0)
		return 0x121u + b - 0x7Fu;
	return 0x143;
}

int
tl_char_byte(uint32_t cp)
{
	if (cp < 0x100)
		return is_itself(cp) ? (int)cp : -1;
	if (cp <= 0x120)
		return (int)cp - 0x100;
	if (cp <= 0x142)
		return (int)cp - 0x121 + 0x7F;
	return cp == 0x143 ? 0xAD : -1;
}

bool
tl_bytes_of_chars(tl_str s, struct tl_buf *out)
{
	for (size_t at = 0; at < s.len;) {
		uint32_t cp;
		int b;

		at += tl_utf8_next(s, at, &cp, NULL);
		b = tl_char_byte(cp);
		if (b < 0)
			return false;
		tl_buf_putc(out, (char)b);
	}
	return true;
}

void
tl_piece_to_byte_chars(struct tl_arena *a, struct tl_piece *p)
{
	tl_str s = { p->ptr, p->len };
	struct tl_ptext out;

	tl_ptext_init(&out, a, s.len * 2);
	for (size_t at = 0, len; at < s.len; at += len) {
		struct tl_offset span;

		len = tl_utf8_len(s, at);
		span = tl_piece_span(p, at, at + len);
		for (size_t i = 0; i < len; i++)
			tl_ptext_put_cp(&out,
			    tl_byte_char((unsigned char)s.ptr[at + i]), span);
	}
	*p = tl_ptext_piece(&out);
}
