/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Where s has the words, whatever their case; TL_NPOS: nowhere. */
static size_t
find_words(tl_str s, const char *words, size_t from)
{
	size_t n = strlen(words);

	for (size_t i = from; i + n <= s.len; i++) {
		size_t k = 0;

		while (k < n && lower(s.ptr[i + k]) == words[k])
			k++;
		if (k == n)
			return i;
	}
	return TL_NPOS;
}

/* It asks for JSON and nothing else. */
static bool
demands_json(tl_str s)
{
	static const char *const demands[] = { "only json", "json only",
		"only in json", "only with json", "only valid json",
		"valid json only", "nothing but json", "reply in json",
		"respond in json", "answer in json", "respond with json",
		"reply with json", "answer with json", "always output json",
		"output json", "return json", "return only a json",
		"only a json object", "respond with a json",
		"reply with a json", "answer with a json" };

	for (size_t i = 0; i < TL_COUNT(demands); i++)
		if (find_words(s, demands[i], 0) != TL_NPOS)
			return true;
	return false;
}

/* s without the fence of a block of code around it. */
static tl_str
unfenced(tl_str s)
{
	size_t line;

	s = tl_str_trim(s);
	if (!tl_str_starts(s, TL_STR("```")) ||
	    !tl_str_ends(s, TL_STR("```")) || s.len < 7)
		return s;
	line = tl_str_find_char(s, '\n', 0);
	if (line == TL_NPOS || line > s.len - 3)
		return s;
	return tl_str_trim(tl_str_slice(s, line, s.len - 3));
}

static bool
is_json(const struct tl_rule_cx *cx, tl_str s)
{
	struct tl_json_doc doc;

	return tl_json_parse(cx->arena, unfenced(s), &doc) == TL_OK;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	bool is_demanded = false;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		enum tl_role role = tl_turn_meant(t);

		if (role == TL_ROLE_SYSTEM)
			is_demanded = demands_json(t->text.str);
		if (!is_demanded || role != TL_ROLE_ASSISTANT ||
		    t->ntool_calls > 0 || tl_is_space(t->text.str) ||
		    is_json(cx, t->text.str))
			continue;
		tl_report(cx, tl_at_turn(t),
		    "the system prompt asks for JSON, and the answer is none: "
		    "%s",
		    tl_quote(cx, t->text.str, 60));
		return;
	}
}

#define SYSTEM                                                                 \
	"{\"messages\":[{\"role\":\"system\",\"content\":\"Reply in JSON.\"}," \
	"{\"role\":\"user\",\"content\":\"6*7?\"},"

const struct tl_rule tl_rule_system_contradicts_format = {
	.code = "SYS010",
	.name = "system-contradicts-format",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.is_preview = true,
	.summary = "the system prompt asks for JSON and the answer is none",
	.why = "The model learns that what the system prompt says need not be "
	       "done.",
	.fix = "Take the demand out of the prompt, or answer as it asks.",
	.bad = TL_LIT(
	    SYSTEM "{\"role\":\"assistant\",\"content\":\"It is 42.\"}]}\n"),
	.good = TL_LIT(SYSTEM "{\"role\":\"assistant\",\"content\":"
			      "\"{\\\"answer\\\": 42}\"}]}\n"),
	.needs = TL_TRAIT_SYSTEM,
	.check_conv = check_conv,
};
