/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glaive: axolotl's sharegpt.load_glaive.  The whole conversation is one
 * string with USER:, ASSISTANT: and FUNCTION RESPONSE: markers; pieces are
 * stripped, and neighbours of the same sender are joined.
 */
#include "format.h"

#include <turnlint/limits.h>

static const struct marker {
	tl_str text;
	enum tl_role role;
} markers[] = {
	{ TL_LIT("USER: "), TL_ROLE_USER },
	{ TL_LIT("ASSISTANT: "), TL_ROLE_ASSISTANT },
	{ TL_LIT("FUNCTION RESPONSE: "), TL_ROLE_TOOL },
};

/* The next marker from `from` on, or NULL; *at is its place. */
static const struct marker *
next_marker(tl_str s, size_t from, size_t *at)
{
	for (size_t i = from; i < s.len; i++) {
		tl_str rest = tl_str_slice(s, i, s.len);

		for (size_t k = 0; k < TL_COUNT(markers); k++) {
			if (!tl_str_starts(rest, markers[k].text))
				continue;
			*at = i;
			return &markers[k];
		}
	}
	*at = s.len;
	return NULL;
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *chat = tl_json_get(root, "chat");

	(void)opt;
	if (tl_json_is(chat, TL_JSON_STRING) &&
	    tl_str_find(chat->text, markers[0].text, 0) != TL_NPOS)
		return tl_fit(30);
	return tl_near(0, NULL);
}

static size_t
count_pieces(tl_str chat)
{
	size_t n = 0, at = 0;
	const struct marker *m;

	while ((m = next_marker(chat, at, &at)) != NULL) {
		at += m->text.len;
		n++;
	}
	return n;
}

static void
add_piece(struct tl_format_cx *cx, const struct tl_json *chat,
    enum tl_role role, struct tl_text text)
{
	struct tl_conv *conv = cx->conv;
	struct tl_turn *last;

	if (conv->nturns > 0 && cx->turns[conv->nturns - 1].role == role) {
		last = &cx->turns[--conv->nturns];
		text = tl_text_concat(
		    cx->arena, (struct tl_text[]){ last->text, text }, 2);
		*last = (struct tl_turn){ 0 };
	}
	tl_format_plain_turn(cx, conv->nturns, role, chat, text);
}

/* "SYSTEM: " in front of the system text is no part of it. */
static void
add_system(struct tl_format_cx *cx, const struct tl_json *system)
{
	const tl_str prefix = TL_STR("SYSTEM: ");
	struct tl_text text;

	if (!tl_json_is(system, TL_JSON_STRING))
		return;
	text = tl_text_from_json(cx->arena, system);
	if (tl_str_starts(text.str, prefix))
		text = tl_text_slice(cx->arena, text, prefix.len, text.str.len);
	if (text.str.len > 0)
		tl_format_plain_turn(
		    cx, TL_NO_TURN, TL_ROLE_SYSTEM, system, text);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *chat = tl_json_get(root, "chat");
	struct tl_text whole;
	const struct marker *m;
	size_t at = 0, npieces, nsystem;
	bool ok;

	conv->kind = TL_CONV_CHAT;
	whole = tl_format_string(cx, root, "chat", &ok);
	npieces = count_pieces(whole.str);
	if (!ok || npieces == 0 || npieces > TL_MAX_TURNS) {
		if (ok)
			tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, chat,
			    TL_NO_TURN,
			    TL_STR("a text with \"USER: \" and "
				   "\"ASSISTANT: \" markers"));
		conv->is_broken = true;
		return;
	}
	tl_format_reserve(cx, npieces + 1);
	add_system(cx, tl_json_get(root, "system"));
	nsystem = conv->nturns;
	m = next_marker(whole.str, 0, &at);
	while (m != NULL) {
		size_t beg = at + m->text.len, end;
		const struct marker *next = next_marker(whole.str, beg, &end);
		tl_str piece = tl_str_trim(tl_str_slice(whole.str, beg, end));

		beg = (size_t)(piece.ptr - whole.str.ptr);
		add_piece(cx, chat, m->role,
		    tl_text_slice(cx->arena, whole, beg, beg + piece.len));
		m = next;
		at = end;
	}
	for (size_t i = nsystem; i < conv->nturns; i++)
		cx->turns[i].index = i - nsystem;
}

const struct tl_format tl_format_glaive = {
	.name = "glaive",
	.summary = "one text with USER: and ASSISTANT: markers (axolotl's "
		   "sharegpt.load_glaive)",
	.shape = "{\"system\": \"SYSTEM: …\", \"chat\": \"USER: … ASSISTANT: "
		 "… FUNCTION RESPONSE: …\"}",
	.family = "glaive",
	.keys = { "chat" },
	.detect = detect,
	.build = build,
};
