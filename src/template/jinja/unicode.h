/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unicode.h - what Python's str knows about code points.
 *
 * Strings are UTF-8 in which a template's lone surrogate escapes may appear
 * as three bytes of their own; every other sequence is well-formed.
 */
#ifndef JINJA_UNICODE_H
#define JINJA_UNICODE_H

#include <turnlint/buf.h>
#include <turnlint/str.h>

/* Decode the sequence at s[at], surrogates allowed; its length in bytes. */
size_t jinja_next(tl_str s, size_t at, uint32_t *cp);
size_t jinja_prev(tl_str s, size_t at, uint32_t *cp); /* the one that ends */
size_t jinja_put(char out[4], uint32_t cp);
void jinja_put_cp(struct tl_buf *b, uint32_t cp);
size_t jinja_count(tl_str s);		 /* code points */
size_t jinja_offset(tl_str s, size_t n); /* byte offset of the n-th */
bool jinja_is_ascii(tl_str s);

/* str.isspace()'s set. */
bool jinja_is_space_cp(uint32_t cp);
size_t jinja_space_len(tl_str s, size_t at); /* bytes of one, or 0 */
bool jinja_is_space(tl_str s);		     /* all of it, or empty */
tl_str jinja_strip(tl_str s);
tl_str jinja_lstrip(tl_str s);
tl_str jinja_rstrip(tl_str s);
bool jinja_is_line_break(uint32_t cp); /* of str.splitlines() */

size_t jinja_word_len(tl_str s, size_t at); /* a name's character, or 0 */
bool jinja_is_identifier(tl_str s);
bool jinja_char_by_name(tl_str name, uint32_t *cp);

bool jinja_is_printable(uint32_t cp);
bool jinja_is_alpha(uint32_t cp);
bool jinja_is_decimal(uint32_t cp);
bool jinja_is_digit(uint32_t cp);
bool jinja_is_numeric(uint32_t cp);
bool jinja_is_lower(uint32_t cp);
bool jinja_is_upper(uint32_t cp);
bool jinja_is_title(uint32_t cp);
bool jinja_is_cased(uint32_t cp);
bool jinja_is_case_ignorable(uint32_t cp);
int jinja_digit_value(uint32_t cp); /* decimal digit, or -1 */

/* Full case mappings, 1 to 3 code points; the number of them. */
size_t jinja_to_upper(uint32_t cp, uint32_t out[3]);
size_t jinja_to_lower(uint32_t cp, uint32_t out[3]);
size_t jinja_to_title(uint32_t cp, uint32_t out[3]);
size_t jinja_to_fold(uint32_t cp, uint32_t out[3]);

#endif
