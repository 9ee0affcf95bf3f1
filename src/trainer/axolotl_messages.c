/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: type messages.  A message is parts with weights between a header and
 * an end, and is tokenized by itself: part by part, each time with all that
 * stands in front of it.
 */
#include <turnlint/str.h>

#include <math.h>

#include "axolotl.h"
#include "join.h"
#include "list.h"
#include "pyjson.h"

struct work {
	struct tl_join join;
	const struct ax_config *config;
	struct tl_arena *a;
	bool is_llama3; /* else ChatML */
	/* Keys of a message; weight: NULL when the first message has none. */
	const struct tl_json *list;
	tl_str role, content, weight;
	bool has_weight;
};

/* What is tokenized as one more step; `weight` 0 masks it. */
struct part {
	struct tl_text text;
	enum tl_reason reason;
	bool is_said, is_masked;
};

struct message {
	const struct tl_json *node;
	struct part *parts;
	size_t n;
	tl_str role;
	bool is_trained; /* its weight is not 0 */
	enum tl_reason trained, masked;
};

static void
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

/* --- what the row has -------------------------------------------------------
 */

/* The first of the names that the first message has; ptr NULL: none. */
static tl_str
first_name(const struct work *w, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tl_json_get(w->list->first, names[i]) != NULL)
			return tl_str_from(names[i]);
	return (tl_str){ NULL, 0 };
}

/* message_field_training is looked through letter by letter for a key of the
 * first message; only when there is one, the whole name is. */
static void
find_given_weight(struct work *w, tl_str given)
{
	bool has_letter = false;

	for (size_t i = 0; i < given.len; i++)
		has_letter |= tl_json_get_str(w->list->first,
				  tl_str_slice(given, i, i + 1)) != NULL;
	w->weight = given;
	w->has_weight =
	    has_letter && tl_json_get_str(w->list->first, given) != NULL;
	if (has_letter && !w->has_weight)
		fail(w, "StopIteration: the first message has no such flag");
}

static void
find_names(struct work *w)
{
	static const char *const roles[] = { "role", "from" };
	static const char *const contents[] = { "value", "text", "content" };
	static const char *const weights[] = { "train", "weight" };
	const struct ax_config *c = w->config;

	if (c->profile == AX_SEED) {
		w->role = c->field_role.len > 0
		    ? c->field_role
		    : first_name(w, roles, TL_COUNT(roles));
		w->content = c->field_content.len > 0
		    ? c->field_content
		    : first_name(w, contents, TL_COUNT(contents));
	} else {
		w->role = ax_key_of(c, TL_STR("role"));
		w->content = ax_key_of(c, TL_STR("content"));
	}
	if (w->role.len == 0 ||
	    tl_json_get_str(w->list->first, w->role) == NULL)
		fail(w, "ValueError: No role field found in message.");
	if (w->content.len == 0 ||
	    tl_json_get_str(w->list->first, w->content) == NULL)
		fail(w,
		    "ValueError: No message_content field found in message.");
	if (c->field_training.len > 0) {
		find_given_weight(w, c->field_training);
		return;
	}
	w->weight = first_name(w, weights, TL_COUNT(weights));
	w->has_weight = w->weight.len > 0;
}

/* Python's int(v) != 0; is_number of what is none: false. */
static bool
is_weight_on(const struct tl_json *v, bool *is_number)
{
	tl_str s;
	bool is_on = false;
	size_t i = 0;

	*is_number = true;
	if (tl_json_is(v, TL_JSON_TRUE) || tl_json_is(v, TL_JSON_FALSE))
		return v->kind == TL_JSON_TRUE;
	if (tl_json_is(v, TL_JSON_NUMBER))
		return v->number <= -1 || v->number >= 1;
	s = tl_str_trim(tl_json_text(v, TL_STR("")));
	i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
	*is_number = i < s.len;
	for (; i < s.len; i++) {
		*is_number = *is_number && s.ptr[i] >= '0' && s.ptr[i] <= '9';
		is_on |= s.ptr[i] != '0';
	}
	return is_on;
}

/* The weight that a part gives: 0 masks it, none and all others do not. */
static bool
masks(struct work *w, const struct tl_json *weight)
{
	bool is_number, is_on;

	if (weight == NULL || weight->kind == TL_JSON_NULL)
		return false;
	if (weight->kind == TL_JSON_NUMBER)
		return !(weight->number < 0) && !(weight->number > 0);
	is_on = is_weight_on(weight, &is_number);
	if (!is_number)
		fail(w, "ValidationError: the weight of a part is no number");
	return !is_on;
}

/* --- tool calls and their results -------------------------------------------
 */

/* A scalar as the model's field takes it: a string or a number.  NULL: it does
 * not. */
static const struct tl_json *
checked_scalar(struct work *w, const struct tl_json *v, bool takes_floats)
{
	struct tl_json *copy;

	if (v->kind == TL_JSON_STRING)
		return v;
	if (v->kind == TL_JSON_NUMBER &&
	    (takes_floats || tl_str_find_char(v->text, '.', 0) == TL_NPOS))
		return v;
	if (v->kind == TL_JSON_NUMBER) {
		if (trunc(v->number) < v->number ||
		    trunc(v->number) > v->number || fabs(v->number) > 1e15)
			return NULL;
	} else if (v->kind != TL_JSON_TRUE && v->kind != TL_JSON_FALSE) {
		return NULL;
	}
	copy = TL_NEW(w->a, struct tl_json, 1);
	*copy = *v;
	copy->kind = TL_JSON_NUMBER;
	copy->text = tl_str_from(tl_arena_printf(w->a, "%.0f",
	    v->kind == TL_JSON_NUMBER ? v->number
				      : (double)(v->kind == TL_JSON_TRUE)));
	return copy;
}

static const struct tl_json *
checked_map(struct work *w, const struct tl_json *v, bool takes_floats)
{
	struct tl_pyjson map = tl_pyjson_new(w->a, TL_JSON_OBJECT);

	if (!tl_json_is(v, TL_JSON_OBJECT))
		return NULL;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		const struct tl_json *value =
		    checked_scalar(w, c, takes_floats);

		if (value == NULL)
			return NULL;
		tl_pyjson_put(w->a, &map, c->key, value);
	}
	return map.value;
}

/* {"name": …, "arguments": …} or {"name": …, "content": …}, and an id behind
 * it: json.dumps() of what the model kept.  False: it takes neither. */
static bool
call_text(struct work *w, const struct tl_json *v, struct tl_text *out)
{
	struct tl_pyjson call = tl_pyjson_new(w->a, TL_JSON_OBJECT);
	const struct tl_json *name = tl_json_get(v, "name");
	const struct tl_json *id = ax_get(v, TL_STR("id"));
	const struct tl_json *content = tl_json_get(v, "content"), *body;
	tl_str key = TL_STR("arguments");

	body = checked_map(w, tl_json_get(v, "arguments"), false);
	if (body == NULL) {
		key = TL_STR("content");
		body = tl_json_is(content, TL_JSON_STRING)
		    ? content
		    : checked_map(w, content, true);
	}
	if (!tl_json_is(name, TL_JSON_STRING) || body == NULL ||
	    (id != NULL && id->kind != TL_JSON_STRING))
		return false;
	tl_pyjson_put(w->a, &call, TL_STR("name"), name);
	tl_pyjson_put(w->a, &call, key, body);
	if (id != NULL)
		tl_pyjson_put(w->a, &call, TL_STR("id"), id);
	*out = tl_pyjson_dumps(w->a, w->config->json_writer, call.value);
	return true;
}

/* --- parts ------------------------------------------------------------------
 */

static void
add_part(struct message *m, struct tl_text text, enum tl_reason reason,
    bool is_said, bool is_masked)
{
	m->parts[m->n++] = (struct part){ text, reason, is_said, is_masked };
}

static void
add_literal(struct work *w, struct message *m, const char *s, bool is_masked)
{
	add_part(m, tl_text_added(w->a, tl_str_from(s)),
	    is_masked		? TL_REASON_TEMPLATE
		: m->is_trained ? TL_REASON_HEADER
				: TL_REASON_TEMPLATE,
	    false, is_masked);
}

static void
add_end(struct work *w, struct message *m, const char *s)
{
	add_part(m, tl_text_added(w->a, tl_str_from(s)),
	    m->is_trained ? TL_REASON_EOS : TL_REASON_EOS_MASKED, false,
	    !m->is_trained);
}

static struct tl_text
with_newline(struct work *w, struct tl_text t)
{
	struct tl_text parts[] = { t, tl_text_added(w->a, TL_STR("\n")) };

	if (tl_str_ends(t.str, TL_STR("\n")))
		return t;
	return tl_text_concat(w->a, parts, TL_COUNT(parts));
}

/* One element of a list content. */
static void
add_content_part(struct work *w, struct message *m, const struct tl_json *v)
{
	const struct tl_json *value = tl_json_get(v, "value");
	tl_str type = tl_json_text(tl_json_get(v, "type"), TL_STR(""));
	bool is_call = tl_str_eq(type, TL_STR("tool_call"));
	bool is_result = tl_str_eq(type, TL_STR("tool_response"));
	bool is_masked = masks(w, tl_json_get(v, "weight"));
	struct tl_text text;

	if (!tl_json_is(tl_json_get(v, "type"), TL_JSON_STRING) ||
	    (!tl_json_is(value, TL_JSON_STRING) &&
		!call_text(w, value, &text))) {
		fail(w,
		    "ValidationError: a part needs a type and a value, a "
		    "string or {name, arguments} or {name, content}");
		return;
	}
	if (!is_call && !is_result && !tl_str_eq(type, TL_STR("text")))
		return;
	if (value->kind == TL_JSON_STRING)
		text = tl_text_from_json(w->a, value);
	if (is_call || is_result || ax_truth(tl_json_get(v, "has_newline")))
		text = with_newline(w, text);
	if (is_call || is_result)
		add_literal(w, m,
		    is_call ? "<tool_call>\n" : "<tool_response>\n",
		    !m->is_trained);
	add_part(m, text,
	    !m->is_trained  ? m->masked
		: is_masked ? TL_REASON_PART_MASKED
			    : m->trained,
	    true, is_masked);
	if (is_call || is_result)
		add_literal(w, m,
		    is_call ? "</tool_call>\n" : "</tool_response>\n",
		    !m->is_trained);
}

static void
add_content(struct work *w, struct message *m)
{
	const struct tl_json *v = tl_json_get_str(m->node, w->content);

	if (tl_json_is(v, TL_JSON_STRING)) {
		add_part(m, tl_text_from_json(w->a, v),
		    m->is_trained ? m->trained : m->masked, true, false);
		return;
	}
	if (!tl_json_is(v, TL_JSON_ARRAY)) {
		fail(w,
		    v == NULL ? "KeyError: a message has no content"
			      : "ValidationError: the content of a message is "
				"neither a string nor a list");
		return;
	}
	for (const struct tl_json *p = v->first; p != NULL; p = p->next)
		add_content_part(w, m, p);
}

static void
add_parts(struct work *w, struct message *m)
{
	const struct tl_json *v = tl_json_get_str(m->node, w->content);
	size_t n = tl_json_is(v, TL_JSON_ARRAY) ? v->nchildren : 1;

	m->parts = TL_NEW(w->a, struct part, 3 * n + 4);
	if (!w->is_llama3) {
		add_literal(w, m,
		    tl_arena_printf(w->a, "<|im_start|>%.*s\n",
			(int)m->role.len, m->role.ptr),
		    true);
		add_content(w, m);
		add_end(w, m, "<|im_end|>");
		add_literal(w, m, "\n", true);
		return;
	}
	if (m->node->index == 0)
		add_literal(w, m, "<|begin_of_text|>", true);
	if (tl_str_eq(m->role, TL_STR("tool")))
		m->role = TL_STR("ipython");
	add_literal(w, m,
	    tl_arena_printf(w->a,
		"<|start_header_id|>%.*s<|end_header_id|>\n\n",
		(int)m->role.len, m->role.ptr),
	    true);
	add_content(w, m);
	add_end(w, m, "<|eot_id|>");
}

/* --- tokens -----------------------------------------------------------------
 */

/* Tokens of a message, each as it was when its part was the last but one. */
struct tokens {
	uint32_t *ids;
	struct tl_offset *offsets;
	bool *are_trained;
	size_t n, cap_ids, cap_offsets, cap_trained;
};

static void
take(struct tl_arena *a, struct tokens *out, const struct tl_tokens *from,
    size_t end, bool is_trained)
{
	size_t more;

	if (end > from->n)
		end = from->n;
	if (end <= out->n)
		return;
	more = end - out->n;
	out->ids = tl_list_room(
	    a, out->ids, out->n, &out->cap_ids, more, sizeof(*out->ids));
	out->offsets = tl_list_room(a, out->offsets, out->n, &out->cap_offsets,
	    more, sizeof(*out->offsets));
	out->are_trained = tl_list_room(a, out->are_trained, out->n,
	    &out->cap_trained, more, sizeof(*out->are_trained));
	for (; out->n < end; out->n++) {
		out->ids[out->n] = from->ids[out->n];
		out->offsets[out->n] = from->offsets[out->n];
		out->are_trained[out->n] = is_trained;
	}
}

static bool
encode(struct work *w, tl_str s, struct tl_tokens *t)
{
	struct tl_error err;

	if (tl_encode(w->join.cx->encoder, w->a, s, 0, t, &err) == TL_OK)
		return true;
	fail(w, err.message);
	return false;
}

/* A part's tokens are those behind the ones there are; they count once the next
 * part was tokenized with them, as many as they were. */
static void
put_message(struct work *w, const struct message *m)
{
	struct tl_chunks c = { .n = 0 };
	struct tl_tokens t = { .n = 0 };
	struct tokens out = { .n = 0 };
	bool is_trained = m->is_trained;
	size_t npending = 0, first = w->join.ntokens, end = 0;
	struct tl_text whole;

	for (size_t i = 0; i < m->n; i++)
		tl_chunks_add(w->a, &c, m->parts[i].text, m->parts[i].reason,
		    m->parts[i].is_said, m->node->index);
	whole = tl_chunks_text(w->a, &c);
	for (size_t i = 0; i < m->n; i++) {
		end += m->parts[i].text.str.len;
		if (!encode(w, tl_str_slice(whole.str, 0, end), &t))
			return;
		take(w->a, &out, &t, out.n + npending, is_trained);
		npending = t.n > out.n ? t.n - out.n : 0;
		is_trained = m->is_trained && !m->parts[i].is_masked;
	}
	take(w->a, &out, &t, out.n + npending, is_trained);
	tl_join_tokens(
	    &w->join, &c, &(struct tl_tokens){ out.n, out.ids, out.offsets });
	for (size_t i = 0; i < out.n; i++)
		tl_join_label(
		    &w->join, first + i, first + i + 1, out.are_trained[i]);
}

/* --- a row ------------------------------------------------------------------
 */

static tl_str
mapped_role(struct work *w, const struct tl_json *v)
{
	static const char *const names[][2] = { { "system", "system" },
		{ "user", "user" }, { "human", "user" },
		{ "assistant", "assistant" }, { "gpt", "assistant" },
		{ "tool", "tool" }, { "ipython", "ipython" } };
	tl_str s = tl_json_text(v, TL_STR(""));

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_eq(s, tl_str_from(names[i][0])))
			return tl_str_from(names[i][1]);
	fail(w, tl_arena_printf(w->a, "KeyError: '%s'", ax_shown(w->a, s)));
	return s;
}

static void
read_message(struct work *w, const struct tl_json *node, struct message *m)
{
	bool is_assistant, is_number = true;

	*m = (struct message){ .node = node,
		.trained = TL_REASON_CONTENT,
		.masked = TL_REASON_ROLE };
	m->role = mapped_role(w, tl_json_get_str(node, w->role));
	is_assistant = tl_str_eq(m->role, TL_STR("assistant"));
	m->is_trained = is_assistant || w->config->train_on_inputs;
	if (m->is_trained && !is_assistant)
		m->trained = TL_REASON_ROLE_TRAINED;
	if (w->has_weight) {
		m->is_trained =
		    is_weight_on(tl_json_get_str(node, w->weight), &is_number);
		m->trained = TL_REASON_TRAIN_FLAG;
		m->masked = TL_REASON_TRAIN_FALSE;
	}
	if (!is_number)
		fail(w,
		    tl_arena_printf(w->a,
			"TypeError: \"%s\" of a message is no number (it is "
			"read of all messages when the first has it)",
			ax_shown(w->a, w->weight)));
}

void
ax_label_messages(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	struct work w = { .config = c, .a = cx->arena };
	struct message m;

	(void)conv;
	w.is_llama3 = tl_str_starts(c->chat_template, TL_STR("llama3"));
	tl_join_init(&w.join, cx, out, "axolotl");
	w.list = tl_json_get_str(cx->record->doc.root, c->field_messages);
	if (!tl_json_is(w.list, TL_JSON_ARRAY))
		fail(&w,
		    tl_arena_printf(w.a,
			"ValueError: the list '%s' is not there "
			"(field_messages names it)",
			ax_shown(w.a, c->field_messages)));
	else if (w.list->nchildren == 0)
		fail(&w, "IndexError: list index out of range (no messages)");
	else
		find_names(&w);
	if (!w.is_llama3 && !tl_str_eq(c->chat_template, TL_STR("chatml")))
		fail(&w,
		    "TypeError: format_message() got an unexpected keyword "
		    "argument 'message_index' (type messages works with "
		    "chat_template: chatml and llama3… alone)");
	for (const struct tl_json *v = w.join.has_failed ? NULL : w.list->first;
	     v != NULL && !w.join.has_failed; v = v->next) {
		read_message(&w, v, &m);
		add_parts(&w, &m);
		if (!w.join.has_failed)
			put_message(&w, &m);
	}
	if (tl_join_finish(&w.join))
		ax_finish(cx, c, out);
}
