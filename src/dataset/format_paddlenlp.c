/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paddlenlp: src and tgt, strings or parallel lists, and the context with the
 * template's variables.
 */
#include "format.h"

#include <turnlint/limits.h>

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	bool has_src = tl_json_get(root, "src") != NULL;
	bool has_tgt = tl_json_get(root, "tgt") != NULL;

	(void)opt;
	if (has_src && has_tgt)
		return tl_fit(46);
	if (has_src)
		return tl_near(3, "\"tgt\" is missing");
	if (has_tgt)
		return tl_near(3, "\"src\" is missing");
	return tl_near(0, NULL);
}

/* The first string of a side; a lone string is a list of one. */
static const struct tl_json *
first_of(const struct tl_json *side)
{
	return side->kind == TL_JSON_ARRAY ? side->first : side;
}

static size_t
length_of(const struct tl_json *side)
{
	return side->kind == TL_JSON_ARRAY ? side->nchildren : 1;
}

static bool
check_side(struct tl_format_cx *cx, const struct tl_json *root, const char *key)
{
	const struct tl_json *v = tl_json_get(root, key);

	if (v == NULL)
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, root, TL_NO_TURN,
		    tl_str_from(key));
	else if (v->kind == TL_JSON_ARRAY && v->nchildren == 0)
		tl_format_issue(cx, TL_ISSUE_EMPTY_MESSAGES, v, TL_NO_TURN,
		    tl_str_from(key));
	else if (length_of(v) > TL_MAX_TURNS / 2)
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN,
		    TL_STR("at most 500000 strings"));
	else
		return true;
	return false;
}

static void
add_side(struct tl_format_cx *cx, enum tl_role role, const struct tl_json *side,
    const struct tl_json *v)
{
	struct tl_text text = { 0 };
	struct tl_turn *turn;

	if (v->kind == TL_JSON_STRING)
		text = tl_text_from_json(cx->arena, v);
	else
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN,
		    v == side ? TL_STR("a string or a list of strings")
			      : TL_STR("a string"));
	turn = tl_format_plain_turn(cx, cx->conv->nturns, role, v, text);
	if (v->kind != TL_JSON_STRING)
		tl_turn_set_field(cx->arena, turn, TL_STR("content"), v);
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *src = tl_json_get(root, "src");
	const struct tl_json *tgt = tl_json_get(root, "tgt");
	const struct tl_json *context = tl_json_get(root, "context");
	bool has_src = check_side(cx, root, "src");
	bool has_tgt = check_side(cx, root, "tgt");
	const struct tl_json *user, *answer;

	conv->kind = TL_CONV_CHAT;
	if (!has_src || !has_tgt) {
		conv->is_broken = true;
		return;
	}
	if (length_of(src) != length_of(tgt))
		tl_format_issue(cx, TL_ISSUE_LENGTH_MISMATCH, tgt, TL_NO_TURN,
		    tl_str_from(tl_arena_printf(cx->arena,
			"\"src\" has %zu, \"tgt\" has %zu", length_of(src),
			length_of(tgt))));
	if (tl_json_is(context, TL_JSON_OBJECT))
		conv->context = context;
	else if (context != NULL && context->kind != TL_JSON_NULL)
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, context, TL_NO_TURN,
		    TL_STR("an object of template variables"));
	tl_format_reserve(cx, 2 * length_of(src));
	user = first_of(src);
	answer = first_of(tgt);
	while (user != NULL && answer != NULL) {
		add_side(cx, TL_ROLE_USER, src, user);
		add_side(cx, TL_ROLE_ASSISTANT, tgt, answer);
		user = user == src ? NULL : user->next;
		answer = answer == tgt ? NULL : answer->next;
	}
}

const struct tl_format tl_format_paddlenlp = {
	.name = "paddlenlp",
	.summary = "src and tgt, strings or parallel lists (PaddleNLP)",
	.shape = "{\"src\": [\"…\"], \"tgt\": [\"…\"], \"context\": "
		 "{\"system\": \"…\"}}",
	.family = "paddlenlp",
	.keys = { "src" },
	.detect = detect,
	.build = build,
};
