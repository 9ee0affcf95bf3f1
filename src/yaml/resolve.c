/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver of PyYAML's SafeLoader: YAML 1.1 with its own expressions. */
#include "resolve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TAG "tag:yaml.org,2002:"

static bool
is_word(tl_str s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (tl_str_eq(s, tl_str_from(*words)))
			return true;
	return false;
}

static bool
is_null(tl_str s)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL",
		NULL };

	return is_word(s, words);
}

static bool
is_true(tl_str s)
{
	static const char *const words[] = { "yes", "Yes", "YES", "true",
		"True", "TRUE", "on", "On", "ON", NULL };

	return is_word(s, words);
}

static bool
is_false(tl_str s)
{
	static const char *const words[] = { "no", "No", "NO", "false", "False",
		"FALSE", "off", "Off", "OFF", NULL };

	return is_word(s, words);
}

/* --- shapes ----------------------------------------------------------------
 */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
skip_sign(tl_str s)
{
	return s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
}

/* Index behind the characters of `set` from `at` on. */
static size_t
skip_set(tl_str s, size_t at, const char *set)
{
	while (
	    at < s.len && s.ptr[at] != '\0' && strchr(set, s.ptr[at]) != NULL)
		at++;
	return at;
}

#define DIGITS "0123456789_"

/* (:[0-5]?[0-9])+ from `at` on; TL_NPOS when there is none. */
static size_t
skip_sixties(tl_str s, size_t at)
{
	bool is_some = false;

	while (at + 1 < s.len && s.ptr[at] == ':' && is_digit(s.ptr[at + 1])) {
		is_some = true;
		at += 2;
		if (at < s.len && is_digit(s.ptr[at]) && s.ptr[at - 1] <= '5')
			at++;
	}
	return is_some ? at : TL_NPOS;
}

enum base { NOT_INT = 0, SIXTY = 60 };

static int
base_of_int(tl_str s)
{
	size_t at = skip_sign(s), end;
	tl_str rest = tl_str_slice(s, at, s.len);

	if (rest.len == 0 || !is_digit(rest.ptr[0]))
		return NOT_INT;
	if (rest.len > 2 && tl_str_starts(rest, TL_STR("0b")))
		return skip_set(rest, 2, "01_") == rest.len ? 2 : NOT_INT;
	if (rest.len > 2 && tl_str_starts(rest, TL_STR("0x")))
		return skip_set(rest, 2, DIGITS "abcdefABCDEF") == rest.len
		    ? 16
		    : NOT_INT;
	if (rest.ptr[0] == '0' && rest.len > 1)
		return skip_set(rest, 1, "01234567_") == rest.len ? 8 : NOT_INT;
	end = skip_set(rest, 0, DIGITS);
	if (end == rest.len)
		return 10;
	return rest.ptr[0] != '0' && skip_sixties(rest, end) == rest.len
	    ? SIXTY
	    : NOT_INT;
}

/* ([eE][-+][0-9]+)? up to the end. */
static bool
is_exponent(tl_str s, size_t at)
{
	size_t digits = at + 2;

	if (at == s.len)
		return true;
	return s.len > digits && (s.ptr[at] == 'e' || s.ptr[at] == 'E') &&
	    (s.ptr[at + 1] == '-' || s.ptr[at + 1] == '+') &&
	    skip_set(s, digits, "0123456789") == s.len;
}

static bool
is_infinite(tl_str s)
{
	static const char *const words[] = { ".inf", ".Inf", ".INF", NULL };

	return is_word(tl_str_slice(s, skip_sign(s), s.len), words);
}

static bool
is_nan(tl_str s)
{
	static const char *const words[] = { ".nan", ".NaN", ".NAN", NULL };

	return is_word(s, words);
}

static bool
is_float(tl_str s)
{
	size_t at = skip_sign(s), end;

	if (is_infinite(s) || is_nan(s))
		return true;
	if (s.len > 1 && s.ptr[0] == '.' && is_digit(s.ptr[1]))
		return is_exponent(s, skip_set(s, 1, DIGITS));
	if (at == s.len || !is_digit(s.ptr[at]))
		return false;
	end = skip_set(s, at, DIGITS);
	if (end < s.len && s.ptr[end] == '.')
		return is_exponent(s, skip_set(s, end + 1, DIGITS));
	end = skip_sixties(s, end);
	return end != TL_NPOS && end < s.len && s.ptr[end] == '.' &&
	    skip_set(s, end + 1, DIGITS) == s.len;
}

/* --- values ----------------------------------------------------------------
 */

/* Without the underscores. */
static char *
digits_of(struct tl_arena *a, tl_str s)
{
	char *out = tl_arena_bytes(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != '_')
			out[n++] = s.ptr[i];
	out[n] = '\0';
	return out;
}

static void
set_number(struct tl_json *out, const char *text, double number)
{
	out->kind = TL_JSON_NUMBER;
	out->text = tl_str_from(text);
	out->number = number;
}

/* The value of digits in base 2, 8 or 16, or of 1:30:00. */
static bool
to_magnitude(const char *p, int base, uint64_t *out)
{
	uint64_t part = 0, total = 0;

	for (; *p != '\0'; p++) {
		uint64_t digit;

		if (*p == ':') {
			if (__builtin_mul_overflow(total + part, 60, &total))
				return false;
			part = 0;
			continue;
		}
		digit = (uint64_t)(is_digit(*p) ? *p - '0'
						: (*p | 0x20) - 'a' + 10);
		if (__builtin_mul_overflow(
			part, (uint64_t)(base == SIXTY ? 10 : base), &part) ||
		    __builtin_add_overflow(part, digit, &part))
			return false;
	}
	return !__builtin_add_overflow(total, part, out);
}

static const char *
make_int(struct tl_arena *a, tl_str s, int base, struct tl_json *out)
{
	const char *p = digits_of(a, s);
	const char *sign = *p == '-' ? "-" : "";
	uint64_t n;

	p += *p == '-' || *p == '+';
	if (base == 10) {
		const char *text = tl_arena_printf(a, "%s%s", sign, p);

		set_number(out, text, strtod(text, NULL));
		return NULL;
	}
	p += base == 2 || base == 16 ? 2 : 0;
	if (*p == '\0')
		return "a number without digits";
	if (!to_magnitude(p, base, &n))
		return "a number beyond 64 bits";
	if (n == 0)
		sign = "";
	set_number(out,
	    tl_arena_printf(a, "%s%llu", sign, (unsigned long long)n),
	    *sign == '-' ? -(double)n : (double)n);
	return NULL;
}

/* The shortest text that reads back as d, as Python prints it. */
static const char *
float_text(struct tl_arena *a, double d)
{
	int digits = 0, exponent;
	char s[40];

	do
		snprintf(s, sizeof(s), "%.*e", digits, d);
	while (digits++ < 16 && (strtod(s, NULL) < d || strtod(s, NULL) > d));
	exponent = atoi(strchr(s, 'e') + 1);
	if (exponent < -4 || exponent >= 16)
		return tl_arena_printf(a, "%s", s);
	return tl_arena_printf(
	    a, "%.*f", digits - 1 > exponent ? digits - 1 - exponent : 1, d);
}

static void
make_float(struct tl_arena *a, tl_str s, struct tl_json *out)
{
	const char *p = digits_of(a, s);
	bool is_negative = *p == '-';
	double total = 0, number;
	const char *colon;

	if (is_nan(s)) {
		set_number(out, "NaN", (double)NAN);
		return;
	}
	p += skip_sign(s);
	if (is_infinite(s)) {
		set_number(out, is_negative ? "-Infinity" : "Infinity",
		    is_negative ? -HUGE_VAL : HUGE_VAL);
		return;
	}
	while ((colon = strchr(p, ':')) != NULL) {
		total = (total + strtod(p, NULL)) * 60;
		p = colon + 1;
	}
	number = total + strtod(p, NULL);
	if (is_negative)
		number = -number;
	set_number(out, float_text(a, number), number);
}

static void
make_string(tl_str s, struct tl_json *out)
{
	out->kind = TL_JSON_STRING;
	out->text = s;
}

static const char *
resolve_plain(struct tl_arena *a, tl_str s, struct tl_json *out)
{
	int base = base_of_int(s);

	if (tl_str_eq(s, TL_STR("=")) || tl_str_eq(s, TL_STR("<<")))
		return "a value that must be quoted";
	if (is_null(s))
		out->kind = TL_JSON_NULL;
	else if (is_true(s))
		out->kind = TL_JSON_TRUE;
	else if (is_false(s))
		out->kind = TL_JSON_FALSE;
	else if (base != NOT_INT)
		return make_int(a, s, base, out);
	else if (is_float(s))
		make_float(a, s, out);
	else
		make_string(s, out);
	return NULL;
}

/* A tag asks for a conversion, whatever the text looks like. */
static const char *
resolve_tagged(
    struct tl_arena *a, tl_str s, const char *tag, struct tl_json *out)
{
	if (strcmp(tag, TAG "str") == 0) {
		make_string(s, out);
		return NULL;
	}
	if (strcmp(tag, TAG "null") == 0) {
		out->kind = TL_JSON_NULL;
		return NULL;
	}
	if (strcmp(tag, TAG "bool") == 0) {
		if (!is_true(s) && !is_false(s))
			return "no boolean";
		out->kind = is_true(s) ? TL_JSON_TRUE : TL_JSON_FALSE;
		return NULL;
	}
	if (strcmp(tag, TAG "int") == 0)
		return base_of_int(s) != NOT_INT
		    ? make_int(a, s, base_of_int(s), out)
		    : "no whole number";
	if (strcmp(tag, TAG "float") == 0) {
		if (!is_float(s) && base_of_int(s) != 10)
			return "no number";
		make_float(a, s, out);
		return NULL;
	}
	return "a tag that a configuration has no use for";
}

const char *
yaml_resolve(
    struct tl_arena *a, tl_str value, const char *tag, struct tl_json *out)
{
	return tag == NULL ? resolve_plain(a, value, out)
			   : resolve_tagged(a, value, tag, out);
}
