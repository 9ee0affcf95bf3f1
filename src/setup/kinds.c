/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/kinds.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define LONGEST_SHOWN 40 /* bytes of a value in a message */

/* Digits with single underscores between them. */
static size_t
skip_digits(tl_str s, size_t i)
{
	size_t beg = i;

	while (i < s.len &&
	    ((s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
		(s.ptr[i] == '_' && i > beg && s.ptr[i - 1] != '_' &&
		    i + 1 < s.len && s.ptr[i + 1] >= '0' &&
		    s.ptr[i + 1] <= '9')))
		i++;
	return i;
}

static size_t
skip_sign(tl_str s)
{
	return s.len > 0 && (s.ptr[0] == '+' || s.ptr[0] == '-') ? 1 : 0;
}

/* "+5", "1_000", "5.00" */
static bool
is_int_text(tl_str s)
{
	size_t beg = skip_sign(s = tl_str_trim(s)), i = skip_digits(s, beg);

	if (i == beg)
		return false;
	if (i + 1 < s.len && s.ptr[i] == '.')
		for (i++; i < s.len && s.ptr[i] == '0';)
			i++;
	return i == s.len;
}

/* "5.", ".5", "1e-4", "inf" */
static bool
is_float_text(tl_str s)
{
	static const char *const words[] = { "inf", "infinity", "nan" };
	size_t beg = skip_sign(s = tl_str_trim(s)), i = skip_digits(s, beg);
	size_t digits = i - beg, exponent;

	for (size_t k = 0; k < TL_COUNT(words); k++)
		if (tl_str_eq_nocase(
			tl_str_slice(s, beg, s.len), tl_str_from(words[k])))
			return true;
	if (i < s.len && s.ptr[i] == '.') {
		beg = i + 1;
		i = skip_digits(s, beg);
		digits += i - beg;
	}
	if (digits > 0 && i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
		exponent = i + 1 + skip_sign(tl_str_slice(s, i + 1, s.len));
		i = skip_digits(s, exponent);
		if (i == exponent)
			return false;
	}
	return digits > 0 && i == s.len;
}

bool
setup_bool(const struct tl_json *v, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "0", false },
		{ "off", false },
		{ "f", false },
		{ "false", false },
		{ "n", false },
		{ "no", false },
		{ "1", true },
		{ "on", true },
		{ "t", true },
		{ "true", true },
		{ "y", true },
		{ "yes", true },
	};

	if (v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE) {
		*out = v->kind == TL_JSON_TRUE;
		return true;
	}
	if (v->kind == TL_JSON_NUMBER) {
		*out = v->number > 0;
		return v->number >= 0 && v->number <= 1 &&
		    v->number == floor(v->number);
	}
	for (size_t i = 0; v->kind == TL_JSON_STRING && i < TL_COUNT(words);
	     i++)
		if (tl_str_eq_nocase(v->text, tl_str_from(words[i].word))) {
			*out = words[i].value;
			return true;
		}
	return false;
}

bool
setup_int(const struct tl_json *v, int64_t *out)
{
	char digits[32];
	size_t n = 0;

	if (v->kind == TL_JSON_NUMBER) {
		*out = (int64_t)v->number;
		return v->number == floor(v->number) && fabs(v->number) < 9e18;
	}
	if (v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE)
		*out = v->kind == TL_JSON_TRUE;
	if (v->kind != TL_JSON_STRING)
		return v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE;
	if (!is_int_text(v->text))
		return false;
	for (size_t i = 0; i < v->text.len && v->text.ptr[i] != '.'; i++)
		if (strchr("+_ \t\r\n", v->text.ptr[i]) == NULL &&
		    n < sizeof(digits))
			digits[n++] = v->text.ptr[i];
	return tl_str_to_int((tl_str){ digits, n }, out);
}

static bool
is_scalar_of(const struct tl_json *v, unsigned kinds)
{
	bool is_bool = v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE;
	bool is_text = v->kind == TL_JSON_STRING;
	bool value;
	int64_t n;

	return ((kinds & SETUP_TEXT) != 0 && is_text) ||
	    ((kinds & SETUP_BOOL) != 0 && setup_bool(v, &value)) ||
	    ((kinds & SETUP_INT) != 0 &&
		((is_text && is_int_text(v->text)) || setup_int(v, &n))) ||
	    ((kinds & SETUP_FLOAT) != 0 &&
		(is_bool || v->kind == TL_JSON_NUMBER ||
		    (is_text && is_float_text(v->text))));
}

/* The first member that is not of the kinds. */
static const struct tl_json *
wrong_member(const struct tl_json *v, unsigned *kinds)
{
	unsigned wanted = *kinds;

	for (const struct tl_json *x = v->first; x != NULL; x = x->next) {
		const struct tl_json *wrong;

		*kinds = wanted | SETUP_REQUIRED;
		wrong = setup_wrong(x, kinds);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

const struct tl_json *
setup_wrong(const struct tl_json *v, unsigned *kinds)
{
	unsigned of = *kinds & ~(unsigned)SETUP_REQUIRED;

	if (v->kind == TL_JSON_NULL)
		return (*kinds & SETUP_REQUIRED) != 0 ? v : NULL;
	if (of == SETUP_ANY || is_scalar_of(v, of) ||
	    (v->kind == TL_JSON_ARRAY && (of & SETUP_LIST) != 0) ||
	    (v->kind == TL_JSON_OBJECT && (of & SETUP_MAP) != 0))
		return NULL;
	if (v->kind == TL_JSON_ARRAY && (of & SETUP_TEXTS) != 0)
		*kinds = SETUP_TEXT;
	else if (v->kind == TL_JSON_OBJECT && (of & SETUP_TEXT_MAP) != 0)
		*kinds = SETUP_TEXT;
	else if (v->kind == TL_JSON_OBJECT && (of & SETUP_TEXTS_MAP) != 0)
		*kinds = SETUP_TEXTS;
	else
		return v;
	return wrong_member(v, kinds);
}

const char *
setup_kinds_name(struct tl_arena *a, unsigned kinds)
{
	static const char *const names[] = { "a string", "a whole number",
		"a number", "true or false", "a list of strings", "a list",
		"a map", "a map of strings", "a map of lists of strings" };
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	for (size_t i = 0; i < TL_COUNT(names); i++) {
		if ((kinds & 1u << i) == 0)
			continue;
		if (b.len > 0)
			tl_buf_puts(&b, " or ");
		tl_buf_puts(&b, names[i]);
	}
	return tl_arena_cstr(a, tl_buf_str(&b));
}

const char *
setup_value_name(struct tl_arena *a, const struct tl_json *v)
{
	tl_str scalar = tl_yaml_scalar(v);
	bool is_long = scalar.len > LONGEST_SHOWN;

	switch (v->kind) {
	case TL_JSON_NULL:
		return "an empty value";
	case TL_JSON_ARRAY:
		return "a list";
	case TL_JSON_OBJECT:
		return "a map";
	case TL_JSON_STRING:
		return is_long
		    ? "this string"
		    : tl_arena_printf(a, "\"%s\"", tl_arena_cstr(a, v->text));
	default:
		return is_long ? "this number" : tl_arena_cstr(a, scalar);
	}
}

void
setup_option_of(struct reading *r, struct options *o, const char *name,
    const struct tl_json *v, unsigned kinds)
{
	bool flag;
	int64_t n;

	if (v == NULL)
		return;
	if (kinds == SETUP_BOOL && setup_bool(v, &flag))
		setup_option_text(
		    r, o, name, flag ? TL_STR("true") : TL_STR("false"));
	else if (kinds == SETUP_INT && setup_int(v, &n))
		setup_option_text(r, o, name,
		    tl_str_from(tl_arena_printf(r->a, "%" PRId64, n)));
	else
		setup_option(r, o, name, v);
}
