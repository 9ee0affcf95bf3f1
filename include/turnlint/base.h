/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base.h - slices, spans, status codes: the words every other header uses.
 *
 * Everything here is plain data; nothing allocates.
 */
#ifndef TURNLINT_BASE_H
#define TURNLINT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes.  Not NUL-terminated; may hold NUL and invalid UTF-8.
 * ptr may be NULL only when len is 0. */
typedef struct tl_str {
	const char *ptr;
	size_t len; /* bytes */
} tl_str;

/* A half-open range [beg, end) of bytes; each user says of which text. */
typedef struct tl_span {
	size_t beg;
	size_t end;
} tl_span;

/* A literal as a slice: TL_STR() in expressions, TL_LIT() in static tables.
 * Both keep embedded NULs. */
#define TL_LIT(lit)                    \
	{                              \
		(lit), sizeof(lit) - 1 \
	}
#define TL_STR(lit) ((tl_str)TL_LIT(lit))

#define TL_MUST_USE __attribute__((warn_unused_result))
#define TL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define TL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Why an operation could not be done.  What is wrong with the user's *data*
 * is never a status but a finding (finding.h). */
#define TL_STATUS_LIST(X)                          \
	X(OK, "success")                           \
	X(ESKIP, "skipped: a finding says why")    \
	X(EEND, "no more input")                   \
	X(EIO, "input or output error")            \
	X(ENOENT, "not found")                     \
	X(EPARSE, "malformed input")               \
	X(ELIMIT, "a limit was reached")           \
	X(EUNSUPPORTED, "not supported")           \
	X(ECONFIG, "wrong configuration or usage") \
	X(EINTR, "interrupted")

enum tl_status {
#define X(id, text) TL_##id,
	TL_STATUS_LIST(X)
#undef X
};

/* Static text of a status; never NULL. */
const char *tl_status_text(enum tl_status st);

/* Detail of a failed operation, in the caller's storage.  A function that
 * takes a struct tl_error * fills it whenever it returns a failure and leaves
 * it alone on success; NULL is allowed and means "not interested". */
struct tl_error {
	enum tl_status status;
	size_t line; /* 1-based in the file named by the message; 0: unknown */
	size_t column;	    /* 1-based, code points; 0: unknown */
	char message[1024]; /* one sentence, NUL-terminated, safe to print */
};

/* Fill err (may be NULL) and return st.  Bytes that do not fit are cut; bytes
 * that must not reach a terminal are escaped. */
enum tl_status tl_fail(struct tl_error *err, enum tl_status st, const char *fmt,
    ...) TL_PRINTF(3, 4);

/* As tl_fail(), with a place. */
enum tl_status tl_fail_at(struct tl_error *err, enum tl_status st, size_t line,
    size_t column, const char *fmt, ...) TL_PRINTF(5, 6);

/* Sizes: true if the result does not fit; *out is then unspecified. */
static inline bool
tl_add_overflows(size_t a, size_t b, size_t *out)
{
	return __builtin_add_overflow(a, b, out);
}

static inline bool
tl_mul_overflows(size_t a, size_t b, size_t *out)
{
	return __builtin_mul_overflow(a, b, out);
}

#endif
