/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/buf.h>
#include <turnlint/str.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
tl_buf_init(struct tl_buf *b, struct tl_arena *a, size_t max)
{
	*b = (struct tl_buf){ .arena = a, .max = max > 0 ? max : SIZE_MAX / 4 };
}

void
tl_buf_clear(struct tl_buf *b)
{
	b->len = 0;
	b->is_cut = false;
}

/* Room for n more bytes, or false and is_cut. */
static bool
reserve(struct tl_buf *b, size_t n)
{
	size_t cap = b->cap;

	if (b->is_cut || n > b->max - b->len) {
		b->is_cut = true;
		return false;
	}
	if (n <= b->cap - b->len)
		return true;
	if (cap < 256)
		cap = 256;
	while (cap - b->len < n)
		cap *= 2;
	b->ptr = tl_arena_grow(b->arena, b->ptr, b->cap, cap, 1);
	b->cap = cap;
	return true;
}

void
tl_buf_put(struct tl_buf *b, tl_str s)
{
	if (s.len == 0 || !reserve(b, s.len))
		return;
	memcpy(b->ptr + b->len, s.ptr, s.len);
	b->len += s.len;
}

void
tl_buf_puts(struct tl_buf *b, const char *s)
{
	tl_buf_put(b, tl_str_from(s));
}

void
tl_buf_putc(struct tl_buf *b, char c)
{
	tl_buf_put(b, (tl_str){ &c, 1 });
}

void
tl_buf_pad(struct tl_buf *b, char c, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memset(b->ptr + b->len, c, n);
	b->len += n;
}

void
tl_buf_printf(struct tl_buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n < sizeof(small)) {
		tl_buf_put(b, (tl_str){ small, (size_t)n });
		return;
	}
	if (!reserve(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
tl_buf_put_codepoint(struct tl_buf *b, uint32_t cp)
{
	char bytes[4];

	tl_buf_put(b, (tl_str){ bytes, tl_utf8_put(bytes, cp) });
}

/* Code points that a terminal or a reader would not show as themselves. */
static bool
is_unsafe(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad)
		return true;
	if (cp < 0x600)
		return false;
	return cp == 0x61c || cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
	    cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
	    (cp >= 0xe0000 && cp <= 0xe007f);
}

static void
put_escape(struct tl_buf *b, uint32_t cp)
{
	switch (cp) {
	case '\n':
		tl_buf_puts(b, "\\n");
		break;
	case '\t':
		tl_buf_puts(b, "\\t");
		break;
	case '\r':
		tl_buf_puts(b, "\\r");
		break;
	default:
		tl_buf_printf(
		    b, cp < 0x80 ? "\\x%02x" : "\\u{%04x}", (unsigned)cp);
	}
}

void
tl_buf_put_escaped(struct tl_buf *b, tl_str s)
{
	size_t clean = 0, at = 0;

	while (at < s.len) {
		uint32_t cp;
		bool is_bad;
		size_t n = tl_utf8_next(s, at, &cp, &is_bad);

		if (is_bad || is_unsafe(cp)) {
			tl_buf_put(b, tl_str_slice(s, clean, at));
			if (is_bad)
				tl_buf_printf(
				    b, "\\x%02x", (unsigned char)s.ptr[at]);
			else
				put_escape(b, cp);
			clean = at + n;
		}
		at += n;
	}
	tl_buf_put(b, tl_str_slice(s, clean, s.len));
}

tl_str
tl_buf_str(const struct tl_buf *b)
{
	return (tl_str){ b->len > 0 ? b->ptr : "", b->len };
}
