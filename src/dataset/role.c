/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

static const char *const role_names[] = {
	[TL_ROLE_SYSTEM] = "system",
	[TL_ROLE_DEVELOPER] = "developer",
	[TL_ROLE_USER] = "user",
	[TL_ROLE_ASSISTANT] = "assistant",
	[TL_ROLE_TOOL] = "tool",
	[TL_ROLE_UNKNOWN] = "unknown",
};

const char *
tl_role_name(enum tl_role role)
{
	return role_names[role];
}

/* What the roles are called, and by whom. */
static const struct role_word {
	tl_str word;
	enum tl_role role;
	bool is_exact; /* templates know the word itself */
} role_words[] = {
	{ TL_LIT("user"), TL_ROLE_USER, true },
	{ TL_LIT("assistant"), TL_ROLE_ASSISTANT, true },
	{ TL_LIT("system"), TL_ROLE_SYSTEM, true },
	{ TL_LIT("tool"), TL_ROLE_TOOL, true },
	{ TL_LIT("developer"), TL_ROLE_DEVELOPER, true },
	{ TL_LIT("function"), TL_ROLE_TOOL, true }, /* OpenAI's old name */
	{ TL_LIT("ipython"), TL_ROLE_TOOL, true },  /* Llama 3.1 */
	{ TL_LIT("human"), TL_ROLE_USER, false },
	{ TL_LIT("prompter"), TL_ROLE_USER, false }, /* Open Assistant */
	{ TL_LIT("customer"), TL_ROLE_USER, false },
	{ TL_LIT("gpt"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("chatgpt"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("bot"), TL_ROLE_ASSISTANT, false },	 /* Pygmalion */
	{ TL_LIT("chatbot"), TL_ROLE_ASSISTANT, false }, /* Cohere */
	{ TL_LIT("model"), TL_ROLE_ASSISTANT, false },	 /* Gemma */
	{ TL_LIT("ai"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("bing"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("bard"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("function_call"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("tool_call"), TL_ROLE_ASSISTANT, false },
	{ TL_LIT("observation"), TL_ROLE_TOOL, false }, /* GLM */
	{ TL_LIT("function_response"), TL_ROLE_TOOL, false },
	{ TL_LIT("tool_response"), TL_ROLE_TOOL, false },
};

enum tl_role
tl_role_of(tl_str text)
{
	for (size_t i = 0; i < TL_COUNT(role_words); i++)
		if (role_words[i].is_exact &&
		    tl_str_eq(role_words[i].word, text))
			return role_words[i].role;
	return TL_ROLE_UNKNOWN;
}

enum tl_role
tl_role_meant(tl_str text, enum tl_role_likeness *how)
{
	tl_str word = tl_str_trim(text);

	*how = TL_ROLE_EXACT;
	for (size_t i = 0; i < TL_COUNT(role_words); i++) {
		const struct role_word *w = &role_words[i];

		if (!tl_str_eq_nocase(w->word, word))
			continue;
		if (!w->is_exact)
			*how = TL_ROLE_ALIAS;
		else if (!tl_str_eq(w->word, text))
			*how = TL_ROLE_SPELLING;
		return w->role;
	}
	*how = TL_ROLE_TYPO;
	for (size_t i = 0; i < TL_COUNT(role_words); i++) {
		const struct role_word *w = &role_words[i];

		/* Two edits of a short word make another word. */
		if (w->is_exact && w->word.len >= 6 &&
		    tl_str_distance(word, w->word, 2) <= 2)
			return w->role;
	}
	for (size_t i = 0; i < TL_COUNT(role_words); i++) {
		const struct role_word *w = &role_words[i];

		if (w->is_exact && w->word.len < 6 &&
		    tl_str_distance(word, w->word, 1) <= 1)
			return w->role;
	}
	*how = TL_ROLE_STRANGE;
	return TL_ROLE_UNKNOWN;
}

enum tl_role
tl_turn_meant(const struct tl_turn *t)
{
	enum tl_role_likeness how;

	if (t->role != TL_ROLE_UNKNOWN)
		return t->role;
	return tl_role_meant(t->role_text, &how);
}

bool
tl_conv_has_roles(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (t->role == TL_ROLE_UNKNOWN &&
		    !tl_json_is(t->role_node, TL_JSON_STRING))
			return false;
	}
	return true;
}
