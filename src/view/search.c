/* SPDX-License-Identifier: Apache-2.0 */
#include "view/search.h"

#include <turnlint/rule.h>

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
has_capital(tl_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_upper(s.ptr[i]))
			return true;
	return false;
}

static bool
matches_at(tl_str text, tl_str pattern, size_t at, bool has_case)
{
	tl_str s = tl_str_slice(text, at, at + pattern.len);

	return has_case ? tl_str_eq(s, pattern) : tl_str_eq_nocase(s, pattern);
}

size_t
tl_search_next(tl_str text, tl_str pattern, size_t from)
{
	bool has_case = has_capital(pattern);

	if (pattern.len == 0 || pattern.len > text.len)
		return TL_NPOS;
	if (has_case)
		return tl_str_find(text, pattern, from);
	for (size_t at = from; at <= text.len - pattern.len; at++)
		if (matches_at(text, pattern, at, false))
			return at;
	return TL_NPOS;
}

size_t
tl_search_prev(tl_str text, tl_str pattern, size_t before)
{
	bool has_case = has_capital(pattern);
	size_t at;

	if (pattern.len == 0 || pattern.len > text.len)
		return TL_NPOS;
	at = text.len - pattern.len + 1;
	if (at > before)
		at = before;
	while (at-- > 0)
		if (matches_at(text, pattern, at, has_case))
			return at;
	return TL_NPOS;
}

/* The value behind v in document order, root's own. */
static const struct tl_json *
next_value(const struct tl_json *v, const struct tl_json *root)
{
	if (v->first != NULL)
		return v->first;
	while (v != root && v->next == NULL)
		v = v->parent;
	return v != root ? v->next : NULL;
}

static bool
has_text(const struct tl_json *root, tl_str text)
{
	for (const struct tl_json *v = root; v != NULL; v = next_value(v, root))
		if (v->kind == TL_JSON_STRING &&
		    tl_search_next(v->text, text, 0) != TL_NPOS)
			return true;
	return false;
}

/* Three capitals and at most three digits. */
static bool
is_code(tl_str word)
{
	if (word.len < 3 || word.len > 6)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.ptr[i];

		if (i < 3 ? !is_upper(c) : c < '0' || c > '9')
			return false;
	}
	return true;
}

static bool
word_holds(tl_str word, const struct tl_json *root,
    const struct tl_finding *findings, size_t n)
{
	for (int level = TL_LEVEL_INFO; level <= TL_LEVEL_ERROR; level++) {
		const char *name = tl_level_name((enum tl_level)level);

		if (!tl_str_eq(word, tl_str_from(name)))
			continue;
		for (size_t i = 0; i < n; i++)
			if ((int)findings[i].level == level)
				return true;
		return false;
	}
	if (!is_code(word))
		return has_text(root, word);
	for (size_t i = 0; i < n; i++)
		if (tl_str_starts(tl_str_from(findings[i].rule->code), word))
			return true;
	return false;
}

bool
tl_filter_passes(tl_str filter, const struct tl_json *root,
    const struct tl_finding *findings, size_t nfindings)
{
	for (size_t at = 0; at < filter.len;) {
		size_t end = tl_str_find_char(filter, ' ', at);
		tl_str word = tl_str_slice(filter, at, end);

		if (word.len > 0 &&
		    !word_holds(word, root, findings, nfindings))
			return false;
		at = end == TL_NPOS ? filter.len : end + 1;
	}
	return true;
}
