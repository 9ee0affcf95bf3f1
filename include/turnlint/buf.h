/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a growing byte buffer in an arena, for building text.
 *
 * A buffer has a maximum size.  What would pass it is left out and
 * is_cut is set; nothing is ever half an UTF-8 sequence because of that when
 * only whole sequences were put.
 */
#ifndef TURNLINT_BUF_H
#define TURNLINT_BUF_H

#include <turnlint/arena.h>

struct tl_buf {
	struct tl_arena *arena;
	char *ptr;
	size_t len;
	size_t cap;
	size_t max; /* bytes */
	bool is_cut;
};

/* max 0 means no limit but memory. */
void tl_buf_init(struct tl_buf *b, struct tl_arena *a, size_t max);
void tl_buf_clear(struct tl_buf *b); /* keeps the storage */
void tl_buf_put(struct tl_buf *b, tl_str s);
void tl_buf_puts(struct tl_buf *b, const char *s);
void tl_buf_putc(struct tl_buf *b, char c);
void tl_buf_pad(struct tl_buf *b, char c, size_t n);
void tl_buf_printf(struct tl_buf *b, const char *fmt, ...) TL_PRINTF(2, 3);
void tl_buf_put_codepoint(struct tl_buf *b, uint32_t cp); /* as UTF-8 */

/* Append s so that it may be sent to a terminal or a log line: control
 * characters, ESC, invalid UTF-8, bidi controls and zero-width characters
 * become \n, \t, \xNN or \u{NNNN}; everything else is copied. */
void tl_buf_put_escaped(struct tl_buf *b, tl_str s);

/* What was built; valid until the next put or the end of the arena. */
tl_str tl_buf_str(const struct tl_buf *b);

#endif
