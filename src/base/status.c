/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/base.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
tl_status_text(enum tl_status st)
{
	static const char *const texts[] = {
#define X(id, text) [TL_##id] = text,
		TL_STATUS_LIST(X)
#undef X
	};

	return texts[st];
}

/* Control bytes would drive a terminal: they become '?'.  A UTF-8 sequence
 * cut by the end of the array is removed. */
static void
make_printable(char *s)
{
	size_t len = strlen(s);
	size_t beg = len;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c == 0x7f)
			s[i] = '?';
	}
	while (beg > 0 && ((unsigned char)s[beg - 1] & 0xc0) == 0x80)
		beg--;
	if (beg > 0 && (unsigned char)s[beg - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)s[beg - 1];
		size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

		if (len - (beg - 1) < want)
			s[beg - 1] = '\0';
	}
}

static enum tl_status TL_PRINTF(5, 0) fail(struct tl_error *err,
    enum tl_status st, size_t line, size_t column, const char *fmt, va_list ap)
{
	if (err == NULL)
		return st;
	err->status = st;
	err->line = line;
	err->column = column;
	vsnprintf(err->message, sizeof(err->message), fmt, ap);
	make_printable(err->message);
	return st;
}

enum tl_status
tl_fail(struct tl_error *err, enum tl_status st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	st = fail(err, st, 0, 0, fmt, ap);
	va_end(ap);
	return st;
}

enum tl_status
tl_fail_at(struct tl_error *err, enum tl_status st, size_t line, size_t column,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	st = fail(err, st, line, column, fmt, ap);
	va_end(ap);
	return st;
}
