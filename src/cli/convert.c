/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/convert.h"

static bool
give_up(struct convert_cx *cx, const struct tl_json *node, const char *why)
{
	cx->why = why;
	cx->node = node;
	return false;
}

static bool
name_is(tl_str name, const char *is)
{
	return tl_str_eq(name, tl_str_from(is));
}

const char *
convert_issue(struct tl_arena *a, const struct tl_issue *issue)
{
	const char *detail = tl_arena_cstr(a, issue->detail);

	switch (issue->kind) {
	case TL_ISSUE_NO_FORMAT:
		return "no known format fits; `turnlint check` says more";
	case TL_ISSUE_MISSING_MESSAGES:
	case TL_ISSUE_EMPTY_MESSAGES:
		return "there are no messages";
	case TL_ISSUE_NOT_AN_OBJECT:
		return "this message is no object";
	case TL_ISSUE_MISSING_KEY:
		return tl_arena_printf(a, "\"%s\" is missing", detail);
	case TL_ISSUE_AMBIGUOUS_KEYS:
		return tl_arena_printf(
		    a, "this key means the same as \"%s\"", detail);
	case TL_ISSUE_WRONG_TYPE:
		return tl_arena_printf(a, "this should be %s", detail);
	case TL_ISSUE_UNKNOWN_KEY:
	case TL_ISSUE_BAD_PART:
	case TL_ISSUE_MISSING_OUTPUT:
	case TL_ISSUE_LMFLOW_TYPE:
	case TL_ISSUE_LENGTH_MISMATCH:
		break;
	}
	return "the record does not keep to its format; `turnlint check` says "
	       "more";
}

/* --- one message ---------------------------------------------------------- */

/* A part that a format's joined text leaves out. */
static const struct tl_json *
lost_part(const struct tl_turn *t)
{
	for (size_t i = 0; i < t->nparts; i++) {
		tl_str type = t->parts[i].type;

		if (t->parts[i].text.str.len == 0 && !name_is(type, "text") &&
		    !name_is(type, "reasoning") && !name_is(type, "tool_call"))
			return t->parts[i].node;
		if (t->parts[i].train != TL_FLAG_UNSET)
			return t->parts[i].node;
	}
	return NULL;
}

static void
put_key(struct convert_cx *cx, const char *before, tl_str name)
{
	tl_buf_puts(cx->out, before);
	tl_json_put_string(cx->out, name);
	tl_buf_putc(cx->out, ':');
}

static void
put_field(struct convert_cx *cx, const struct tl_field *f)
{
	if (f->node != NULL)
		tl_json_put(cx->out, f->node);
	else
		tl_json_put_string(cx->out, f->text.str);
}

/* The calls that LLaMA-Factory's function_call turn spells out in its text. */
static bool
put_spelled_calls(
    struct convert_cx *cx, const struct tl_turn *t, const struct tl_json_doc *d)
{
	const struct tl_json *v = d->root;
	const struct tl_json *call =
	    tl_json_is(v, TL_JSON_ARRAY) ? v->first : v;
	const char *before = "";

	tl_buf_puts(cx->out,
	    "\"role\":\"assistant\",\"content\":\"\","
	    "\"tool_calls\":[");
	for (; call != NULL;
	     call = tl_json_is(v, TL_JSON_ARRAY) ? call->next : NULL) {
		if (tl_json_get(call, "name") == NULL)
			break;
		tl_buf_puts(cx->out, before);
		tl_buf_puts(cx->out, "{\"type\":\"function\",\"function\":");
		tl_json_put(cx->out, call);
		tl_buf_putc(cx->out, '}');
		before = ",";
	}
	tl_buf_putc(cx->out, ']');
	if (call != NULL || before[0] == '\0')
		return give_up(cx, t->content_node,
		    "the call is not JSON with a \"name\"");
	return true;
}

static const char *
sharegpt_role(const struct tl_turn *t)
{
	switch (t->role) {
	case TL_ROLE_USER:
		return "human";
	case TL_ROLE_ASSISTANT:
		return t->ntool_calls > 0 ? "function_call" : "gpt";
	case TL_ROLE_TOOL:
		return "observation";
	case TL_ROLE_SYSTEM:
	case TL_ROLE_DEVELOPER:
	case TL_ROLE_UNKNOWN:
		break;
	}
	return NULL;
}

/* The name under which a field goes on. */
static tl_str
new_name(const struct tl_turn *t, tl_str name)
{
	if (t->train_node != NULL && tl_str_eq(t->train_node->key, name))
		return TL_STR("train");
	if (t->detail_node != NULL && tl_str_eq(t->detail_node->key, name))
		return TL_STR("train_detail");
	return name;
}

/* Everything but role, content and calls. */
static void
put_other_fields(struct convert_cx *cx, const struct tl_turn *t)
{
	bool has_weight = false;

	for (size_t i = 0; i < t->nfields; i++) {
		const struct tl_field *f = &t->fields[i];
		tl_str name = new_name(t, f->name);

		if (name_is(name, "role") || name_is(name, "content") ||
		    name_is(name, "tool_calls"))
			continue;
		has_weight |= name_is(name, "weight");
		put_key(cx, ",", name);
		put_field(cx, f);
	}
	if (t->weight_node != NULL && !has_weight) {
		put_key(cx, ",", TL_STR("weight"));
		tl_json_put(cx->out, t->weight_node);
	}
}

static bool
put_openai(struct convert_cx *cx, const struct tl_turn *t)
{
	const struct tl_json_doc *spelled = tl_turn_spelled_call(cx->arena, t);
	const struct tl_field *content = tl_turn_field(t, TL_STR("content"));
	const struct tl_field *calls = tl_turn_field(t, TL_STR("tool_calls"));

	if (spelled != NULL) {
		if (!put_spelled_calls(cx, t, spelled))
			return false;
		put_other_fields(cx, t);
		return true;
	}
	put_key(cx, "", TL_STR("role"));
	tl_json_put_string(cx->out,
	    t->role == TL_ROLE_UNKNOWN ? t->role_text
				       : tl_str_from(tl_role_name(t->role)));
	put_key(cx, ",", TL_STR("content"));
	if (content != NULL)
		put_field(cx, content);
	else
		tl_buf_puts(cx->out, "null");
	if (calls != NULL) {
		put_key(cx, ",", TL_STR("tool_calls"));
		put_field(cx, calls);
	}
	put_other_fields(cx, t);
	return true;
}

/* What a function_call turn says: {"name", "arguments"}, or a list of them. */
static bool
put_call_text(struct convert_cx *cx, const struct tl_turn *t)
{
	struct tl_buf b;
	size_t n = 0;

	if (t->tool_calls == NULL)
		return give_up(cx, t->node, "the call is of an unknown form");
	if (!tl_str_is_blank(t->text.str))
		return give_up(cx, t->content_node,
		    "a turn of this format cannot speak and call a tool");
	tl_buf_init(&b, cx->arena, 0);
	tl_buf_puts(&b, t->ntool_calls > 1 ? "[" : "");
	for (const struct tl_json *c = t->tool_calls->first; c != NULL;
	     c = c->next) {
		const struct tl_json *f = tl_json_get(c, "function");
		const struct tl_json *args = tl_json_get(f, "arguments");

		if (tl_json_get(f, "name") == NULL || args == NULL)
			return give_up(
			    cx, c, "the call has no name or no arguments");
		tl_buf_puts(&b, n++ > 0 ? ", " : "");
		tl_buf_puts(&b, "{\"name\": ");
		tl_json_put(&b, tl_json_get(f, "name"));
		tl_buf_puts(&b, ", \"arguments\": ");
		if (args->kind == TL_JSON_STRING)
			tl_buf_put(&b, args->text);
		else
			tl_json_put(&b, args);
		tl_buf_putc(&b, '}');
	}
	tl_buf_puts(&b, t->ntool_calls > 1 ? "]" : "");
	tl_json_put_string(cx->out, tl_buf_str(&b));
	return true;
}

static bool
put_sharegpt(struct convert_cx *cx, const struct tl_turn *t)
{
	const struct tl_field *content = tl_turn_field(t, TL_STR("content"));
	const char *role = sharegpt_role(t);

	if (role == NULL)
		return give_up(cx, t->role_node,
		    "this format has no such role behind the first turn");
	put_key(cx, "", TL_STR("from"));
	tl_json_put_string(cx->out, tl_str_from(role));
	put_key(cx, ",", TL_STR("value"));
	if (tl_turn_spelled_call(cx->arena, t) == NULL && t->ntool_calls > 0) {
		if (!put_call_text(cx, t))
			return false;
	} else if (content != NULL && content->node != NULL &&
	    content->node->kind != TL_JSON_STRING) {
		return give_up(cx, t->content_node,
		    "this format takes contents that are strings alone");
	} else {
		tl_json_put_string(cx->out, t->text.str);
	}
	put_other_fields(cx, t);
	return true;
}

static bool
put_turn(struct convert_cx *cx, const struct tl_conv *conv, size_t i)
{
	const struct tl_turn *t = &conv->turns[i];
	const struct tl_field *content = tl_turn_field(t, TL_STR("content"));
	const struct tl_json *lost =
	    content == NULL || content->node != NULL ? NULL : lost_part(t);
	bool is_first = cx->out->ptr[cx->out->len - 1] == '[';

	if (lost != NULL)
		return give_up(
		    cx, lost, "this part has no place in a content of text");
	tl_buf_puts(cx->out, is_first ? "{" : ",{");
	if (!(cx->to_sharegpt ? put_sharegpt : put_openai)(cx, t))
		return false;
	/* Of a prompt and a completion the completion alone is trained. */
	if (conv->kind == TL_CONV_CHAT && t->role == TL_ROLE_ASSISTANT &&
	    conv->turns[conv->nturns - 1].in_completion && !t->in_completion &&
	    t->train_node == NULL)
		tl_buf_puts(cx->out, ",\"train\":false");
	tl_buf_putc(cx->out, '}');
	return true;
}

/* --- one record ----------------------------------------------------------- */

/* v stands in this member of the record. */
static bool
is_in(const struct tl_json *v, const struct tl_json *root, tl_str key)
{
	while (v != NULL && v->parent != root)
		v = v->parent;
	return v != NULL && tl_str_eq(v->key, key);
}

static bool
text_is_in(const struct tl_text *t, const struct tl_json *root, tl_str key)
{
	for (size_t i = 0; i < t->nruns; i++)
		if (is_in(t->runs[i].node, root, key))
			return true;
	return false;
}

/* The member was read into the conversation. */
static bool
is_read(const struct tl_conv *conv, const struct tl_json *root, tl_str key)
{
	if (is_in(conv->messages, root, key) || is_in(conv->tools, root, key) ||
	    text_is_in(&conv->text, root, key))
		return true;
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		if (is_in(t->node, root, key) ||
		    is_in(t->content_node, root, key) ||
		    text_is_in(&t->text, root, key))
			return true;
	}
	return false;
}

/* Members of layouts that say nothing when they are empty. */
static bool
is_empty_column(const struct tl_json *m)
{
	static const char *const names[] = { "input", "history", "system",
		"tools", "context", "instruction" };
	bool is_empty = m->kind == TL_JSON_NULL ||
	    (m->kind == TL_JSON_STRING &&
		(tl_str_is_blank(m->text) || name_is(m->text, "[]"))) ||
	    (m->kind == TL_JSON_ARRAY && m->first == NULL);

	for (size_t i = 0; is_empty && i < TL_COUNT(names); i++)
		if (name_is(m->key, names[i]))
			return true;
	return false;
}

/* Ids, sources, the rejected answer of preference data: all stays. */
static bool
put_members(
    struct convert_cx *cx, const struct tl_json *root, const struct tl_conv *of)
{
	for (const struct tl_json *m = root->first; m != NULL; m = m->next) {
		if (is_read(of, root, m->key) || is_empty_column(m) ||
		    tl_json_get_str(root, m->key) != m)
			continue;
		if (name_is(m->key, "messages") || name_is(m->key, "tools") ||
		    name_is(m->key, "conversations") ||
		    name_is(m->key, "system"))
			return give_up(
			    cx, m, "this key was not read, and would be now");
		put_key(cx, ",", m->key);
		tl_json_put(cx->out, m);
	}
	return true;
}

static void
put_tools(struct convert_cx *cx, const struct tl_json *tools)
{
	struct tl_buf b;

	put_key(cx, ",", TL_STR("tools"));
	if (!cx->to_sharegpt) {
		tl_json_put(cx->out, tools);
		return;
	}
	tl_buf_init(&b, cx->arena, 0);
	tl_json_put(&b, tools);
	tl_json_put_string(cx->out, tl_buf_str(&b));
}

bool
convert_put(struct convert_cx *cx, const struct tl_json *root,
    const struct tl_conv *conv, const struct tl_conv *of)
{
	size_t i = 0;

	tl_buf_puts(cx->out,
	    cx->to_sharegpt ? "{\"conversations\":[" : "{\"messages\":[");
	if (cx->to_sharegpt && conv->nturns > 0 &&
	    conv->turns[0].role == TL_ROLE_SYSTEM)
		i = 1;
	for (; i < conv->nturns; i++)
		if (!put_turn(cx, conv, i))
			return false;
	tl_buf_putc(cx->out, ']');
	if (cx->to_sharegpt && conv->nturns > 0 &&
	    conv->turns[0].role == TL_ROLE_SYSTEM) {
		put_key(cx, ",", TL_STR("system"));
		tl_json_put_string(cx->out, conv->turns[0].text.str);
	}
	if (conv->tools != NULL)
		put_tools(cx, conv->tools);
	if (!put_members(cx, root, of))
		return false;
	tl_buf_puts(cx->out, "}\n");
	return true;
}
