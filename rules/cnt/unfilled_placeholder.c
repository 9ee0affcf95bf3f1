/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#define MAX_NAME 40 /* bytes of a placeholder's name */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

/* {{name}} at the beginning of s: its length, or 0. */
static size_t
braces_length(tl_str s)
{
	size_t at = 2, name;

	if (!tl_str_starts(s, TL_STR("{{")))
		return 0;
	while (at < s.len && s.ptr[at] == ' ')
		at++;
	name = at;
	while (at < s.len && at - name < MAX_NAME && is_word(s.ptr[at]))
		at++;
	if (at == name)
		return 0;
	while (at < s.len && s.ptr[at] == ' ')
		at++;
	return tl_str_starts(tl_str_slice(s, at, s.len), TL_STR("}}")) ? at + 2
								       : 0;
}

/* {first_name} at the beginning of s: its length, or 0.  In one pair of braces
 * code and formulas write all sorts of names: only these speak for
 * themselves. */
static size_t
brace_length(tl_str s)
{
	static const tl_str names[] = { TL_LIT("{name}"), TL_LIT("{NAME}"),
		TL_LIT("{first_name}"), TL_LIT("{last_name}"),
		TL_LIT("{full_name}"), TL_LIT("{user_name}"),
		TL_LIT("{username}"), TL_LIT("{customer_name}"),
		TL_LIT("{company_name}"), TL_LIT("{product_name}"),
		TL_LIT("{your_name}"), TL_LIT("{company}"), TL_LIT("{email}") };

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_starts(s, names[i]))
			return names[i].len;
	return 0;
}

/* The line around s[at] makes a string out of names: print(f"Hi {name}"). */
static bool
is_formatted(tl_str s, size_t at)
{
	size_t beg = at;

	while (beg > 0 && s.ptr[beg - 1] != '\n')
		beg--;
	s = tl_str_slice(s, beg, at);
	return tl_str_find(s, TL_STR("f\""), 0) != TL_NPOS ||
	    tl_str_find(s, TL_STR("f'"), 0) != TL_NPOS ||
	    tl_str_find_char(s, '`', 0) != TL_NPOS ||
	    tl_str_find_char(s, '(', 0) != TL_NPOS;
}

/* [YOUR NAME], [INSERT DATE HERE]: capitals, and one of the words that ask
 * to be replaced in front.  The length, or 0. */
static size_t
brackets_length(tl_str s)
{
	static const tl_str asks[] = { TL_LIT("[YOUR "), TL_LIT("[INSERT "),
		TL_LIT("[ENTER ") };
	bool asks_so = false;
	size_t at = 1;

	for (size_t i = 0; i < TL_COUNT(asks); i++)
		asks_so |= tl_str_starts(s, asks[i]);
	if (!asks_so)
		return 0;
	while (at < s.len && at < MAX_NAME &&
	    ((s.ptr[at] >= 'A' && s.ptr[at] <= 'Z') || s.ptr[at] == ' ' ||
		s.ptr[at] == '_'))
		at++;
	return at < s.len && s.ptr[at] == ']' ? at + 1 : 0;
}

/* The first placeholder from `at` on that is no code: \text{{x}} of LaTeX,
 * ${{x}} of a workflow, `{{x}}` of an explanation. */
static size_t
find_placeholder(tl_str s, size_t at, size_t *len)
{
	while (at < s.len) {
		tl_str rest = tl_str_slice(s, at, s.len);
		char before = at > 0 ? s.ptr[at - 1] : ' ';

		*len = 0;
		if (s.ptr[at] == '`') {
			at = tl_code_end(s, at);
			continue;
		}
		if (s.ptr[at] == '{' && before != '$' && before != '\\' &&
		    before != '{' && before != '}' && before != '_' &&
		    before != '^' && !is_word(before)) {
			*len = braces_length(rest);
			if (*len == 0 && before != '/' &&
			    brace_length(rest) > 0 && !is_formatted(s, at))
				*len = brace_length(rest);
		} else if (s.ptr[at] == '[')
			*len = brackets_length(rest);
		if (*len > 0)
			return at;
		at++;
	}
	return TL_NPOS;
}

/* Something like a placeholder, in code or not: nearly no text has one, and
 * only those that have are walked byte by byte. */
static bool
may_hold_one(const struct tl_turn *t)
{
	tl_str s = t->text.str;
	size_t at = t->text_has & TL_HAS_BRACE ? 0 : s.len;

	for (; (at = tl_str_find_char(s, '{', at)) != TL_NPOS; at++) {
		tl_str rest = tl_str_slice(s, at, s.len);

		if (braces_length(rest) > 0 || brace_length(rest) > 0)
			return true;
	}
	at = t->text_has & TL_HAS_SQUARE ? 0 : s.len;
	for (; (at = tl_str_find_char(s, '[', at)) != TL_NPOS; at++)
		if (brackets_length(tl_str_slice(s, at, s.len)) > 0)
			return true;
	return false;
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	static const tl_str debris[] = { TL_LIT("None"), TL_LIT("undefined"),
		TL_LIT("nan"), TL_LIT("NaN") };
	const char *role = tl_role_name(tl_turn_meant(t));
	tl_str s = t->text.str;
	tl_str word = tl_str_trim(s);
	size_t n = 0, first = 0, first_len = 0, at = 0, len;

	for (size_t i = 0; i < TL_COUNT(debris); i++)
		if (tl_str_eq(word, debris[i]))
			tl_report(cx, tl_at_turn(t),
			    "the whole text of this %s turn is %s", role,
			    tl_quote(cx, word, 0));
	if (!may_hold_one(t))
		return;
	while ((at = find_placeholder(s, at, &len)) != TL_NPOS) {
		if (n++ == 0) {
			first = at;
			first_len = len;
		}
		at += len;
	}
	if (n > 0)
		tl_report(cx, tl_at_said(t, first, first + first_len),
		    "placeholder %s was not filled in (%zu in this %s turn)",
		    tl_quote(cx, tl_str_slice(s, first, first + first_len), 0),
		    n, role);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_unfilled_placeholder = {
	.code = "CNT022",
	.name = "unfilled-placeholder",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a placeholder was not filled in",
	.why = "The model learns to write the placeholder instead of what "
	       "belongs there.",
	.fix = "Fill the placeholder in before the training.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		      "\"Who are you?\"},{\"role\":\"assistant\",\"content\":"
		      "\"I am {{name}}.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"Who are you?\"},{\"role\":\"assistant\",\"content\":"
		       "\"I am Ada. [Your turn]\"}]}\n"),
	.also = "CNT028",
	.check_conv = check_conv,
};
