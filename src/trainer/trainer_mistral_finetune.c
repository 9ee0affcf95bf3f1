/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mistral-finetune: its tokenization of instruct and pretrain lines, with the
 * rules of mistral-common's validator (V3, fine-tuning) as of 1.5.4, the last
 * version that it can be imported with.
 *
 * Messages become pieces between control tokens; a piece is encoded as plain
 * text, so a marker that is spelled out stays text.  Answers are trained unless
 * their weight is 0; with tools, or only_last, the last message alone.  The
 * system text goes in front of the last user's (of the first in V1).  Labels
 * are shifted by the framework.  Records are laid end to end and cut at
 * seq_len; that mixes records and is not shown.
 */
#include <stdlib.h>

#include "draft7.h"
#include "join.h"
#include "options.h"
#include "pyjson.h"

#define WHO "mistral-finetune"

enum version { V1, V2, V3, V7 };

struct config {
	int version; /* enum version */
	struct tl_template *writer;
};

static const char *const versions[] = { "v1", "v2", "v3", "v7", NULL };

static const struct tl_option_spec specs[] = {
	{ "version", TL_OPTION_CHOICE, offsetof(struct config, version),
	    versions },
};

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st;

	c->version = V3;
	*out = c;
	st = tl_options_read(a, WHO, specs, TL_COUNT(specs), opts, n, c, err);
	return st == TL_OK ? tl_pyjson_writer(a, &c->writer, err) : st;
}

/* It has no use for a chat template. */
static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	(void)a;
	(void)err;
	r->template_ = NULL;
	return TL_OK;
}

/* --- reading a line ---------------------------------------------------------
 */

enum role { ROLE_USER, ROLE_ASSISTANT, ROLE_TOOL };

struct message {
	enum role role;
	const struct tl_json *content; /* a string, a list of parts or NULL */
	const struct tl_json *calls;   /* array, or NULL */
	const struct tl_json *tool_call_id; /* string */
	bool is_weighted;
	size_t turn;
};

struct work {
	struct tl_join join;
	const struct config *config;
	const struct tl_conv *conv;
	struct tl_arena *a;
	struct message *messages;
	size_t n;
	const struct tl_json *system; /* a string, or NULL */
	const struct tl_json *tools;  /* as they are printed, or NULL */
	bool only_last;
};

/* Python's `is not None` of a member. */
static const struct tl_json *
given(const struct tl_json *obj, const char *key)
{
	const struct tl_json *v = tl_json_get(obj, key);

	return v != NULL && v->kind != TL_JSON_NULL ? v : NULL;
}

static bool
is_truthy(const struct tl_json *string)
{
	return string != NULL && string->text.len > 0;
}

/* len(v) is 0, or there is nothing. */
static bool
is_empty(const struct tl_json *v)
{
	return v == NULL ||
	    (v->nchildren == 0 && v->text.len == 0 &&
		v->kind >= TL_JSON_STRING);
}

static bool
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
	return false;
}

/* ^[a-zA-Z0-9…]{min,max}$ */
static bool
is_word(const struct tl_json *v, size_t min, size_t max, bool takes_dashes)
{
	tl_str s = tl_json_text(v, (tl_str){ NULL, 0 });

	/* $ stands before a last newline, too */
	if (s.len > 0 && s.ptr[s.len - 1] == '\n')
		s.len--;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') &&
		    !(takes_dashes && (c == '_' || c == '-')))
			return false;
	}
	return s.len >= min && s.len <= max;
}

static bool
is_name(const struct tl_json *v)
{
	return is_word(v, 1, 64, true);
}

static bool
is_call_id(const struct tl_json *v)
{
	return is_word(v, 9, 9, false);
}

static bool
is_null_id(const struct tl_json *v)
{
	return tl_str_eq(tl_json_text(v, (tl_str){ NULL, 0 }), TL_STR("null"));
}

static bool
read_tool(struct work *w, const struct tl_json *tool, struct tl_pyjson *out)
{
	static const char *const keys[] = { "name", "description",
		"parameters" };
	const struct tl_json *f = tl_json_get(tool, "function");
	struct tl_pyjson entry = tl_pyjson_new(w->a, TL_JSON_OBJECT);
	struct tl_pyjson function = tl_pyjson_new(w->a, TL_JSON_OBJECT);

	if (f == NULL)
		return fail(w, "a tool has no \"function\"");
	for (size_t i = 0; i < TL_COUNT(keys); i++) {
		const struct tl_json *v = tl_json_get(f, keys[i]);

		if (v == NULL)
			return fail(w,
			    "the function of a tool lacks \"name\", "
			    "\"description\" or \"parameters\"");
		if (v->kind != (i < 2 ? TL_JSON_STRING : TL_JSON_OBJECT))
			return fail(w,
			    "the function of a tool needs two strings, "
			    "\"name\" and \"description\", and an object, "
			    "\"parameters\"");
		tl_pyjson_put(w->a, &function, tl_str_from(keys[i]), v);
	}
	if (!tl_draft7_is_schema(tl_json_get(f, "parameters")))
		return fail(w,
		    "InvalidToolSchemaException: the parameters of a function "
		    "are no JSON Schema of draft 7");
	if (!is_name(tl_json_get(f, "name")))
		return fail(w,
		    "the name of a function is not 1 to 64 letters, digits, _ "
		    "and -");
	tl_pyjson_put(w->a, &entry, TL_STR("type"),
	    tl_pyjson_scalar(w->a, TL_JSON_STRING, TL_STR("function")));
	tl_pyjson_put(w->a, &entry, TL_STR("function"), function.value);
	tl_pyjson_put(w->a, out, (tl_str){ NULL, 0 }, entry.value);
	return true;
}

/* A truthy value goes through pydantic, which takes few numbers and texts for
 * booleans; another leaves it to the tools. */
static bool
read_only_last(struct work *w, const struct tl_json *v, bool has_tools)
{
	static const char *const words[] = { "true", "t", "yes", "y", "on", "1",
		"false", "f", "no", "n", "off", "0" };
	size_t i = 0;

	w->only_last = has_tools;
	if (tl_flag_truth(TL_FLAG_INVALID, v) != TL_FLAG_TRUE)
		return true;
	w->only_last = true;
	if (v->kind == TL_JSON_TRUE ||
	    (v->kind == TL_JSON_NUMBER && v->number >= 1 && v->number <= 1))
		return true;
	while (i < TL_COUNT(words) &&
	    !(v->kind == TL_JSON_STRING &&
		tl_str_eq_nocase(v->text, tl_str_from(words[i]))))
		i++;
	w->only_last = i < 6;
	return i < TL_COUNT(words) ||
	    fail(w, "ValidationError: \"only_last\" is no boolean");
}

static bool
read_tools(struct work *w, const struct tl_json *root)
{
	const struct tl_json *tools = given(root, "tools");
	const struct tl_json *available = given(root, "available_tools");
	struct tl_pyjson list = tl_pyjson_new(w->a, TL_JSON_ARRAY);

	if (tl_json_get(root, "tools") != NULL &&
	    tl_json_get(root, "available_tools") != NULL)
		return fail(w, "both \"tools\" and \"available_tools\"");
	if (is_empty(tools))
		tools = available;
	if (tools != NULL && tools->kind != TL_JSON_ARRAY &&
	    (tools == available || !is_empty(tools)))
		return fail(w, "the tools are no list");
	/* An empty available_tools counts as tools here, an empty tools does
	 * not. */
	if (!read_only_last(w, tl_json_get(root, "only_last"), tools != NULL))
		return false;
	if (tools == NULL || tools->nchildren == 0)
		return true;
	for (const struct tl_json *t = tools->first; t != NULL; t = t->next)
		if (!read_tool(w, t, &list))
			return false;
	w->tools = list.value;
	return true;
}

static bool
read_calls(struct work *w, const struct tl_json *calls)
{
	if (calls->kind != TL_JSON_ARRAY)
		return fail(w, "\"tool_calls\" is no list");
	for (const struct tl_json *c = calls->first; c != NULL; c = c->next) {
		const struct tl_json *f = tl_json_get(c, "function");

		if (!tl_json_is(tl_json_get(c, "id"), TL_JSON_STRING) ||
		    f == NULL)
			return fail(w, "a tool call has no id or no function");
		if (!tl_json_is(tl_json_get(f, "name"), TL_JSON_STRING) ||
		    !tl_json_is(tl_json_get(f, "arguments"), TL_JSON_STRING))
			return fail(w,
			    "a tool call needs a name, and its arguments as a "
			    "string");
	}
	return true;
}

/* pydantic reads numbers, booleans and numbers in strings. */
static bool
read_weight(struct work *w, const struct tl_json *v, bool *is_weighted)
{
	double x = v == NULL ? 1 : v->number;

	*is_weighted = true;
	if (v == NULL)
		return true;
	if (v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE) {
		x = v->kind == TL_JSON_TRUE;
	} else if (v->kind == TL_JSON_STRING) {
		char *end, *s = tl_arena_cstr(w->a, tl_str_trim(v->text));

		x = strtod(s, &end);
		if (end == s || *end != '\0')
			return fail(w, "a weight is no number");
	} else if (v->kind != TL_JSON_NUMBER) {
		return fail(w, "a weight is no number");
	}
	*is_weighted = x > 0;
	if (x != 0 && x != 1)
		return fail(w, "the weight of a message is neither 0 nor 1");
	return true;
}

static bool
read_tool_message(struct work *w, const struct tl_json *m, struct message *out)
{
	const struct tl_json *name = given(m, "name");

	out->role = ROLE_TOOL;
	out->tool_call_id = tl_json_get(m, "tool_call_id");
	if (out->tool_call_id == NULL)
		return fail(w, "a tool message has no \"tool_call_id\"");
	if (name != NULL && !is_name(name))
		return fail(w,
		    "the name of a tool message is not 1 to 64 letters, "
		    "digits, _ and -");
	if (!is_call_id(out->tool_call_id))
		return fail(w, "a tool_call_id is not nine letters or digits");
	return true;
}

/* The user may say parts, all of them texts: no tokenizer of these versions
 * comes with an image encoder. */
static bool
read_parts(struct work *w, const struct tl_json *list)
{
	if (w->config->version < V3)
		return fail(w, "the content of a message is no string");
	if (list->kind != TL_JSON_ARRAY)
		return false;
	for (const struct tl_json *p = list->first; p != NULL; p = p->next) {
		const struct tl_json *type = tl_json_get(p, "type");
		tl_str name = tl_json_text(type, (tl_str){ NULL, 0 });

		if (tl_str_eq(name, TL_STR("image")) ||
		    tl_str_eq(name, TL_STR("image_url")))
			return fail(w,
			    "AssertionError: a message has an image, and the "
			    "tokenizer no image encoder");
		if (!tl_str_eq(name, TL_STR("text")) || p->nchildren != 2 ||
		    !tl_json_is(tl_json_get(p, "text"), TL_JSON_STRING))
			return fail(w,
			    "ValidationError: a part of a content is no text");
	}
	return true;
}

static bool
read_message(struct work *w, const struct tl_json *m)
{
	const struct tl_json *role = tl_json_get(m, "role");
	const struct tl_json *content = given(m, "content");
	struct message *out = &w->messages[w->n];
	tl_str name = tl_json_text(role, (tl_str){ NULL, 0 });

	*out = (struct message){ .role = ROLE_USER, .is_weighted = true };
	out->turn = tl_turn_of(w->conv, m, w->n);
	if (role == NULL)
		return fail(w, "a message has no \"role\"");
	if (tl_json_get(m, "content") != NULL && tl_json_get(m, "text") != NULL)
		return fail(w, "a message has both \"content\" and \"text\"");
	out->calls = given(m, "tool_calls");
	out->content = content != NULL ? content : given(m, "text");
	if (out->calls == NULL && out->content == NULL)
		return fail(w, "a message has neither content nor tool calls");
	if (out->content != NULL && out->content->kind != TL_JSON_STRING &&
	    !(tl_str_eq(name, TL_STR("user")) && read_parts(w, out->content)))
		return fail(w, "the content of a message is no string");
	if (tl_str_eq(name, TL_STR("system"))) {
		if (w->system != NULL)
			return fail(w, "a second system text");
		w->system = out->content;
		return true;
	}
	if (tl_str_eq(name, TL_STR("assistant"))) {
		out->role = ROLE_ASSISTANT;
		if (out->calls != NULL && !read_calls(w, out->calls))
			return false;
		if (!read_weight(w, given(m, "weight"), &out->is_weighted))
			return false;
	} else if (out->content == NULL) {
		return fail(w, "a message has no content");
	} else if (tl_str_eq(name, TL_STR("tool"))) {
		if (!read_tool_message(w, m, out))
			return false;
	} else if (!tl_str_eq(name, TL_STR("user"))) {
		return fail(w,
		    "a role is none of system, user, assistant and tool (and "
		    "the error cannot print itself)");
	}
	w->n++;
	return true;
}

static bool
read_line(struct work *w, const struct tl_json *root)
{
	const struct tl_json *list = tl_json_get(root, "messages");

	if (list != NULL && tl_json_get(root, "interactions") != NULL)
		return fail(w, "both \"messages\" and \"interactions\"");
	if (list == NULL)
		list = tl_json_get(root, "interactions");
	if (!tl_json_is(list, TL_JSON_ARRAY))
		return fail(w,
		    "neither a list of \"messages\" nor of \"interactions\"");
	w->system = given(root, "system_prompt");
	if (w->system != NULL && w->system->kind != TL_JSON_STRING)
		return fail(w, "\"system_prompt\" is no string");
	if (!read_tools(w, root))
		return false;
	w->messages = TL_NEW(w->a, struct message, list->nchildren);
	for (const struct tl_json *m = list->first; m != NULL; m = m->next)
		if (!read_message(w, m))
			return false;
	return true;
}

/* --- the validator ----------------------------------------------------------
 */

static bool
may_follow(enum role before, enum role after)
{
	switch (before) {
	case ROLE_USER:
		return after != ROLE_TOOL;
	case ROLE_TOOL:
		return after != ROLE_USER;
	case ROLE_ASSISTANT:
		break;
	}
	return true;
}

static bool
check_order(struct work *w)
{
	const struct message *m = w->messages;

	if (w->n == 0)
		return fail(w, "no message but the system's");
	if (w->n == 1 && m[0].role != ROLE_USER)
		return fail(w, "a lone message has to be the user's");
	if (m[w->n - 1].role != ROLE_ASSISTANT)
		return fail(w, "the last message is not the assistant's");
	for (size_t i = 1; i < w->n; i++)
		if (!may_follow(m[i - 1].role, m[i].role))
			return fail(w,
			    m[i].role == ROLE_TOOL
				? "a tool message behind a user's"
				: "a user's message behind a tool's");
	return true;
}

/* The first message does not count, as there. */
static bool
check_results(struct work *w)
{
	int64_t expected = 0;

	for (size_t i = 1; i < w->n; i++) {
		const struct message *m = &w->messages[i];

		if (m->role == ROLE_TOOL)
			expected--;
		if (m->role != ROLE_ASSISTANT)
			continue;
		if (expected != 0)
			return fail(
			    w, "not as many tool messages as tool calls");
		if (m->calls != NULL)
			expected = m->calls->nchildren;
	}
	if (expected != 0 && expected != 1)
		return fail(w,
		    "more than one tool call in the last message, or results "
		    "behind it");
	return true;
}

static bool
check_answer(struct work *w, const struct message *m, bool is_last)
{
	bool has_calls = m->calls != NULL && m->calls->nchildren > 0;
	const struct tl_json *c = has_calls ? m->calls->first : NULL;

	if (is_truthy(m->content) == has_calls)
		return fail(w,
		    has_calls ? "an answer has both content and tool calls"
			      : "an answer is empty");
	for (; c != NULL; c = c->next) {
		const struct tl_json *id = tl_json_get(c, "id");

		if (is_null_id(id) ? !is_last : !is_call_id(id))
			return fail(w,
			    "the id of a tool call is not nine letters or "
			    "digits (\"null\" is for the last message)");
		if (!is_name(tl_json_get(tl_json_get(c, "function"), "name")))
			return fail(w,
			    "the name of a call is not 1 to 64 letters, "
			    "digits, _ and -");
	}
	return true;
}

static bool
is_valid(struct work *w)
{
	if (!check_order(w) || !check_results(w))
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (w->messages[i].role == ROLE_ASSISTANT &&
		    !check_answer(w, &w->messages[i], i + 1 == w->n))
			return false;
	return true;
}

/* --- pieces -----------------------------------------------------------------
 */

/* SentencePiece gives <unk> for a control token it does not have.  Tekken has
 * them all: the files of Nemo have no name for the newest. */
static void
put_control(struct work *w, const char *token, enum tl_reason reason)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	tl_str text = tl_str_from(token);
	int64_t id = tl_tokenizer_id(t, text);

	if (id < 0 && tl_str_eq(text, TL_STR("[TOOL_CONTENT]")))
		id = tl_tokenizer_id(t, TL_STR("<SPECIAL_19>"));
	tl_join_id(&w->join, id >= 0 ? id : tl_tokenizer_unk(t), text, reason);
}

static void
put_text(struct work *w, const struct tl_chunks *c)
{
	tl_join_string(&w->join, c, TL_ENCODE_PLAIN);
}

static void
put_json(
    struct work *w, const struct tl_json *v, enum tl_reason reason, size_t turn)
{
	struct tl_chunks c = { .n = 0 };

	tl_chunks_add(w->a, &c, tl_pyjson_dumps(w->a, w->config->writer, v),
	    reason, true, turn);
	put_text(w, &c);
}

static void
put_system(struct work *w, struct tl_chunks *c)
{
	tl_chunks_add(w->a, c, tl_text_from_json(w->a, w->system),
	    TL_REASON_ROLE, true, tl_turn_of(w->conv, w->system, 0));
	tl_chunks_literal(w->a, c, TL_STR("\n\n"), TL_REASON_TEMPLATE);
}

static void
put_user_v1(struct work *w, const struct message *m, bool is_first)
{
	struct tl_chunks c = { .n = 0 };

	tl_chunks_literal(w->a, &c, TL_STR("[INST] "), TL_REASON_TEMPLATE);
	if (is_first && is_truthy(w->system))
		put_system(w, &c);
	tl_chunks_add(w->a, &c, tl_text_from_json(w->a, m->content),
	    TL_REASON_ROLE, true, m->turn);
	tl_chunks_literal(w->a, &c, TL_STR(" [/INST]"), TL_REASON_TEMPLATE);
	put_text(w, &c);
}

/* One text of what the user says. */
static void
put_said(struct work *w, const struct message *m, const struct tl_json *text,
    bool takes_system)
{
	struct tl_chunks c = { .n = 0 };

	if (takes_system)
		put_system(w, &c);
	tl_chunks_add(w->a, &c, tl_text_from_json(w->a, text), TL_REASON_ROLE,
	    true, m->turn);
	put_text(w, &c);
}

static void
put_user(struct work *w, const struct message *m, bool is_last)
{
	bool takes_system = is_last && is_truthy(w->system);

	if (w->config->version == V7 && w->system != NULL) {
		fail(w,
		    "AssertionError: the V7 tokenizer takes no system prompt "
		    "with the user's message, where mistral-finetune puts it");
		return;
	}
	if (is_last && w->tools != NULL) {
		put_control(w, "[AVAILABLE_TOOLS]", TL_REASON_TEMPLATE);
		put_json(w, w->tools, TL_REASON_PROMPT, TL_NO_TURN);
		put_control(w, "[/AVAILABLE_TOOLS]", TL_REASON_TEMPLATE);
	}
	put_control(w, "[INST]", TL_REASON_TEMPLATE);
	if (m->content->kind == TL_JSON_STRING)
		put_said(w, m, m->content, takes_system);
	else
		for (const struct tl_json *p = m->content->first; p != NULL;
		     p = p->next)
			put_said(w, m, tl_json_get(p, "text"),
			    takes_system && p == m->content->first);
	put_control(w, "[/INST]", TL_REASON_TEMPLATE);
}

/* {"content": …, "call_id": …} in V3, [{"name": …, "content": …}] in V2. */
static const struct tl_json *
result_of(struct work *w, const struct tl_json *node, const struct message *m)
{
	bool is_v3 = w->config->version == V3;
	const struct tl_json *name = given(node, "name");
	struct tl_pyjson result = tl_pyjson_new(w->a, TL_JSON_OBJECT);
	struct tl_pyjson list = tl_pyjson_new(w->a, TL_JSON_ARRAY);

	if (name == NULL)
		name =
		    tl_pyjson_scalar(w->a, TL_JSON_NULL, (tl_str){ NULL, 0 });
	if (!is_v3)
		tl_pyjson_put(w->a, &result, TL_STR("name"), name);
	tl_pyjson_put(w->a, &result, TL_STR("content"),
	    tl_pyjson_loads(w->a, m->content));
	if (is_v3)
		tl_pyjson_put(
		    w->a, &result, TL_STR("call_id"), m->tool_call_id);
	tl_pyjson_put(w->a, &list, (tl_str){ NULL, 0 }, result.value);
	return is_v3 ? result.value : list.value;
}

static void
put_result_v7(struct work *w, const struct message *m)
{
	struct tl_chunks c = { .n = 0 };

	tl_chunks_add(w->a, &c, tl_text_from_json(w->a, m->tool_call_id),
	    TL_REASON_ROLE, true, m->turn);
	put_text(w, &c);
	put_control(w, "[TOOL_CONTENT]", TL_REASON_TEMPLATE);
	put_said(w, m, m->content, false);
}

/* V2 leaves out results before the last user message. */
static void
put_result(struct work *w, const struct message *m, bool is_history)
{
	if (w->config->version == V1) {
		fail(w, "tools are not implemented for the V1 tokenizer");
		return;
	}
	if (w->config->version == V2 && is_history)
		return;
	put_control(w, "[TOOL_RESULTS]", TL_REASON_TEMPLATE);
	if (w->config->version == V7)
		put_result_v7(w, m);
	else
		put_json(w, result_of(w, m->content->parent, m), TL_REASON_ROLE,
		    m->turn);
	put_control(w, "[/TOOL_RESULTS]", TL_REASON_TEMPLATE);
}

/* The last message loses its ids: nobody shall learn a random one. */
static const struct tl_json *
calls_of(struct work *w, const struct message *m, bool is_last)
{
	struct tl_pyjson list = tl_pyjson_new(w->a, TL_JSON_ARRAY);

	for (const struct tl_json *c = m->calls->first; c != NULL;
	     c = c->next) {
		const struct tl_json *f = tl_json_get(c, "function");
		struct tl_pyjson call = tl_pyjson_new(w->a, TL_JSON_OBJECT);

		tl_pyjson_put(
		    w->a, &call, TL_STR("name"), tl_json_get(f, "name"));
		tl_pyjson_put(w->a, &call, TL_STR("arguments"),
		    tl_pyjson_loads(w->a, tl_json_get(f, "arguments")));
		if (w->config->version >= V3 && !is_last)
			tl_pyjson_put(
			    w->a, &call, TL_STR("id"), tl_json_get(c, "id"));
		tl_pyjson_put(w->a, &list, (tl_str){ NULL, 0 }, call.value);
	}
	return list.value;
}

/* Spaces at the end of an answer are cut off. */
static struct tl_text
without_blanks(struct work *w, struct tl_text text)
{
	size_t end = text.str.len;

	while (end > 0 && text.str.ptr[end - 1] == ' ')
		end--;
	return tl_text_slice(w->a, text, 0, end);
}

static void
put_answer(struct work *w, const struct message *m, bool is_last)
{
	bool is_trained = m->is_weighted && (!w->only_last || is_last);
	enum tl_reason masked =
	    !m->is_weighted ? TL_REASON_WEIGHT_ZERO : TL_REASON_PROMPT;
	enum tl_reason reason = is_trained ? TL_REASON_CONTENT : masked;
	struct tl_special_tokens t =
	    tl_tokenizer_tokens(w->join.cx->recipe->tokenizer);
	struct tl_chunks c = { .n = 0 };

	if (m->calls != NULL && m->calls->nchildren > 0) {
		if (w->config->version == V1) {
			fail(w,
			    "tools are not implemented for the V1 tokenizer");
			return;
		}
		put_control(
		    w, "[TOOL_CALLS]", is_trained ? TL_REASON_HEADER : masked);
		put_json(w, calls_of(w, m, is_last), reason, m->turn);
	} else {
		struct tl_text text = tl_text_from_json(w->a, m->content);

		tl_chunks_add(w->a, &c,
		    w->config->version == V1 ? text : without_blanks(w, text),
		    reason, true, m->turn);
		put_text(w, &c);
	}
	tl_join_id(&w->join, tl_tokenizer_eos(w->join.cx->recipe->tokenizer),
	    t.eos, is_trained ? TL_REASON_EOS : masked);
}

static void
put_bos(struct work *w, enum tl_reason reason)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;

	if (tl_tokenizer_bos(t) < 0)
		fail(w,
		    "the tokenizer has no bos token: mistral-finetune works "
		    "with Mistral's own alone");
	tl_join_id(
	    &w->join, tl_tokenizer_bos(t), tl_tokenizer_tokens(t).bos, reason);
}

static void
put_messages(struct work *w)
{
	size_t first = w->n, last = w->n;

	for (size_t i = 0; i < w->n; i++)
		if (w->messages[i].role == ROLE_USER) {
			first = first < w->n ? first : i;
			last = i;
		}
	put_bos(w, TL_REASON_SPECIAL);
	for (size_t i = 0; i < w->n; i++) {
		const struct message *m = &w->messages[i];

		switch (m->role) {
		case ROLE_USER:
			if (w->config->version == V1)
				put_user_v1(w, m, i == first);
			else
				put_user(w, m, i == last);
			break;
		case ROLE_TOOL:
			put_result(w, m, last < w->n && i < last);
			break;
		case ROLE_ASSISTANT:
			put_answer(w, m, i + 1 == w->n);
			break;
		}
	}
}

/* A line of pretrain data: all of it. */
static bool
put_pretrain(struct work *w, const struct tl_json *root)
{
	const struct tl_json *text = tl_json_get(root, "text");
	const struct tl_json *content = tl_json_get(root, "content");
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	struct tl_chunks c = { .n = 0 };

	if (text != NULL && content != NULL)
		return fail(w, "both \"text\" and \"content\"");
	text = text != NULL ? text : content;
	if (!tl_json_is(text, TL_JSON_STRING))
		return fail(w, "the text is no string");
	put_bos(w, TL_REASON_ALL);
	tl_chunks_add(w->a, &c, tl_text_from_json(w->a, text), TL_REASON_ALL,
	    true, TL_NO_TURN);
	put_text(w, &c);
	tl_join_id(&w->join, tl_tokenizer_eos(t), tl_tokenizer_tokens(t).eos,
	    TL_REASON_ALL);
	return true;
}

/* Nothing is learned from the first token: the mask is shifted, too. */
static void
finish(struct work *w, struct tl_sample *out)
{
	if (!tl_join_finish(&w->join))
		return;
	tl_label_finish(w->a, out, 0, TL_SIDE_RIGHT);
	out->label_shift = 1;
	if (out->ntrained > 0)
		return;
	out->verdict = TL_VERDICT_DROPPED;
	out->why = TL_STR("no token is trained: mistral-finetune skips the "
			  "record, not even as context");
}

static bool
is_pretrain(const struct tl_json *root)
{
	return tl_json_get(root, "messages") == NULL &&
	    tl_json_get(root, "interactions") == NULL &&
	    (tl_json_get(root, "text") != NULL ||
		tl_json_get(root, "content") != NULL);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct tl_json *root = cx->record->doc.root;
	struct work w = {
		.config = cx->recipe->trainer_config,
		.conv = conv,
		.a = cx->arena,
	};

	tl_join_init(&w.join, cx, out, WHO);
	if (is_pretrain(root)) {
		put_pretrain(&w, root);
	} else if (read_line(&w, root) && is_valid(&w)) {
		put_messages(&w);
	}
	finish(&w, out);
}

const struct tl_trainer tl_trainer_mistral_finetune = {
	.name = "mistral-finetune",
	.summary = "mistral-finetune: answers, between Mistral's control "
		   "tokens",
	.configure = configure,
	.prepare = prepare,
	.label = label,
	.reads_record = true,
	.takes_plain = true,
};
