/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

#include <turnlint/limits.h>

#include <string.h>

struct tl_format_fit
tl_fit(int score)
{
	return (struct tl_format_fit){ .score = score };
}

struct tl_format_fit
tl_near(int nearness, const char *missing)
{
	return (
	    struct tl_format_fit){ .nearness = nearness, .missing = missing };
}

bool
tl_format_has(const struct tl_json *obj, const char *key)
{
	const struct tl_json *v = tl_json_get(obj, key);

	return v != NULL && v->kind != TL_JSON_NULL;
}

tl_str
tl_format_key(tl_str configured, const char *own)
{
	return configured.len > 0 ? configured : tl_str_from(own);
}

enum tl_list_shape
tl_format_list_shape(const struct tl_json *list, const struct tl_json **first)
{
	if (list == NULL)
		return TL_LIST_ABSENT;
	if (list->kind == TL_JSON_NULL)
		return TL_LIST_NULL;
	if (list->kind != TL_JSON_ARRAY)
		return TL_LIST_OTHER;
	if (list->first == NULL)
		return TL_LIST_EMPTY;
	if (list->first->kind != TL_JSON_OBJECT)
		return TL_LIST_SCALARS;
	*first = list->first;
	return TL_LIST_OBJECTS;
}

static void
add_issue(struct tl_format_cx *cx, struct tl_issue issue)
{
	size_t n = cx->conv->nissues;

	if (n >= TL_MAX_FINDINGS_PER_RECORD)
		return;
	if (n == cx->cap_issues) {
		cx->cap_issues = n > 0 ? 2 * n : 8;
		cx->issues = tl_arena_grow(cx->arena, cx->issues,
		    n * sizeof(*cx->issues),
		    cx->cap_issues * sizeof(*cx->issues),
		    _Alignof(struct tl_issue));
		cx->conv->issues = cx->issues;
	}
	cx->issues[n] = issue;
	cx->conv->nissues = n + 1;
}

void
tl_format_issue(struct tl_format_cx *cx, enum tl_issue_kind kind,
    const struct tl_json *node, size_t turn, tl_str detail)
{
	add_issue(cx,
	    (struct tl_issue){
		.kind = kind, .node = node, .turn = turn, .detail = detail });
}

void
tl_format_key_issue(struct tl_format_cx *cx, enum tl_issue_kind kind,
    const struct tl_json *node, size_t turn, tl_str detail)
{
	add_issue(cx,
	    (struct tl_issue){ .kind = kind,
		.node = node,
		.at_key = true,
		.turn = turn,
		.detail = detail });
}

struct tl_text
tl_format_derived(struct tl_arena *a, tl_str s, const struct tl_json *node)
{
	struct tl_run *run;

	if (s.len == 0)
		return (struct tl_text){ .str = s };
	run = TL_NEW(a, struct tl_run, 1);
	*run = (struct tl_run){ .end = s.len,
		.kind = TL_RUN_DERIVED,
		.node = node,
		.src_end = node->text.len };
	return (struct tl_text){ .str = s, .runs = run, .nruns = 1 };
}

void
tl_format_reserve(struct tl_format_cx *cx, size_t n)
{
	if (n <= cx->cap_turns)
		return;
	cx->turns = TL_NEW(cx->arena, struct tl_turn, n);
	cx->cap_turns = n;
	cx->conv->turns = cx->turns;
}

struct tl_turn *
tl_format_turn(struct tl_format_cx *cx, size_t index)
{
	struct tl_turn *t = &cx->turns[cx->conv->nturns++];

	t->index = index;
	return t;
}

/* role and content, as a template sees them. */
static void
set_plain_fields(struct tl_format_cx *cx, struct tl_turn *t)
{
	struct tl_field *f = TL_NEW(cx->arena, struct tl_field, 2);

	f[0].name = TL_STR("role");
	f[0].text = tl_text_added(cx->arena, t->role_text);
	f[1].name = TL_STR("content");
	f[1].text = t->text;
	t->fields = f;
	t->nfields = 2;
}

struct tl_turn *
tl_format_plain_turn(struct tl_format_cx *cx, size_t index, enum tl_role role,
    const struct tl_json *content, struct tl_text text)
{
	struct tl_turn *t = tl_format_turn(cx, index);

	t->role = role;
	t->role_text = tl_str_from(tl_role_name(role));
	t->content_node = content;
	t->text = text;
	set_plain_fields(cx, t);
	return t;
}

struct tl_text
tl_format_string(struct tl_format_cx *cx, const struct tl_json *obj,
    const char *key, bool *ok)
{
	const struct tl_json *v = tl_json_get(obj, key);

	*ok = false;
	if (v == NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, obj, TL_NO_TURN,
		    tl_str_from(key));
	} else if (v->kind != TL_JSON_STRING) {
		tl_format_issue(
		    cx, TL_ISSUE_WRONG_TYPE, v, TL_NO_TURN, TL_STR("a string"));
	} else {
		*ok = true;
		return tl_text_from_json(cx->arena, v);
	}
	return (struct tl_text){ 0 };
}

void
tl_format_pair(struct tl_format_cx *cx, const struct tl_json *root,
    const char *prompt, const char *completion)
{
	struct tl_conv *conv = cx->conv;
	bool has_prompt, has_completion;

	conv->kind = TL_CONV_PAIR;
	conv->prompt = tl_format_string(cx, root, prompt, &has_prompt);
	conv->completion =
	    tl_format_string(cx, root, completion, &has_completion);
	if (!has_prompt || !has_completion) {
		conv->is_broken = true;
		return;
	}
	tl_format_reserve(cx, 2);
	tl_format_plain_turn(
	    cx, 0, TL_ROLE_USER, tl_json_get(root, prompt), conv->prompt);
	tl_format_plain_turn(cx, 1, TL_ROLE_ASSISTANT,
	    tl_json_get(root, completion), conv->completion)
	    ->in_completion = true;
}

void
tl_format_system_column(
    struct tl_format_cx *cx, const struct tl_json *column, bool takes_blank)
{
	struct tl_conv *conv = cx->conv;
	struct tl_turn *t;

	if (column == NULL || column->kind == TL_JSON_NULL)
		return;
	if (column->kind != TL_JSON_STRING) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, column, TL_NO_TURN,
		    TL_STR("a string"));
		return;
	}
	if (!takes_blank && tl_str_is_blank(column->text))
		return;
	if (conv->nturns > 0 && cx->turns[0].role == TL_ROLE_SYSTEM)
		return;
	tl_format_reserve(cx, 1);
	memmove(cx->turns + 1, cx->turns, conv->nturns * sizeof(*cx->turns));
	conv->nturns++;
	t = &cx->turns[0];
	memset(t, 0, sizeof(*t));
	t->index = TL_NO_TURN;
	t->role = TL_ROLE_SYSTEM;
	t->role_text = TL_STR("system");
	t->content_node = column;
	t->text = tl_text_from_json(cx->arena, column);
	set_plain_fields(cx, t);
}

void
tl_format_tools(struct tl_format_cx *cx, const struct tl_json *tools)
{
	const struct tl_json *inner = tools;

	if (tools == NULL || tools->kind == TL_JSON_NULL)
		return;
	if (tools->kind == TL_JSON_STRING) {
		if (tl_str_is_blank(tools->text))
			return;
		inner = tl_format_nested(cx, tools);
	}
	if (inner == NULL || inner->kind != TL_JSON_ARRAY) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, tools, TL_NO_TURN,
		    TL_STR("a list of tools, or a string that holds one as "
			   "JSON"));
		return;
	}
	if (inner->first != NULL)
		cx->conv->tools = inner;
}

void
tl_format_rivals(struct tl_format_cx *cx, const struct tl_json *root,
    const char *taken, const char *const *others)
{
	if (!tl_format_has(root, taken))
		return;
	for (; *others != NULL; others++) {
		const struct tl_json *v = tl_json_get(root, *others);

		if (v != NULL && v->kind != TL_JSON_NULL)
			tl_format_key_issue(cx, TL_ISSUE_AMBIGUOUS_KEYS, v,
			    TL_NO_TURN, tl_str_from(taken));
	}
}
