/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LLaMA-Factory's converters: a record to a prompt and a response, by an entry
 * of dataset_info.json.
 */
#include "llama_factory.h"

#include <turnlint/buf.h>
#include <turnlint/str.h>

#include "list.h"

/* --- entries -------------------------------------------------------------- */

static const char *const column_names[TL_LF_NCOLUMNS] = { "prompt", "query",
	"response", "history", "messages", "system", "tools", "images",
	"videos", "audios", "chosen", "rejected", "kto_tag" };

static const char *const tag_names[TL_LF_NTAGS] = { "role_tag", "content_tag",
	"user_tag", "assistant_tag", "observation_tag", "function_tag",
	"system_tag" };

static const tl_str default_tags[TL_LF_NTAGS] = { TL_LIT("from"),
	TL_LIT("value"), TL_LIT("human"), TL_LIT("gpt"), TL_LIT("observation"),
	TL_LIT("function_call"), TL_LIT("system") };

static const tl_str openai_tags[TL_LF_NTAGS] = { TL_LIT("role"),
	TL_LIT("content"), TL_LIT("user"), TL_LIT("assistant"), TL_LIT("tool"),
	TL_LIT("function_call"), TL_LIT("system") };

static void
set_tags(struct tl_lf_entry *e, const tl_str *tags)
{
	memcpy(e->tags, tags, sizeof(e->tags));
}

struct tl_lf_entry
tl_lf_entry_default(void)
{
	struct tl_lf_entry e = {
		.columns = { [TL_LF_PROMPT] = TL_LIT("instruction"),
		    [TL_LF_QUERY] = TL_LIT("input"),
		    [TL_LF_RESPONSE] = TL_LIT("output"),
		    [TL_LF_MESSAGES] = TL_LIT("conversations") },
		.guesses_formatting = true,
		.guesses_columns = true,
		.guesses_tags = true,
		.guesses_ranking = true,
	};

	set_tags(&e, default_tags);
	return e;
}

static void
read_names(struct tl_arena *a, const struct tl_json *v, const char *const *keys,
    size_t n, tl_str *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = tl_arena_str(
		    a, tl_json_text(tl_json_get(v, keys[i]), TL_STR("")));
}

void
tl_lf_entry_columns(
    struct tl_arena *a, struct tl_lf_entry *e, const struct tl_json *columns)
{
	read_names(a, columns, column_names, TL_LF_NCOLUMNS, e->columns);
	e->guesses_columns = false;
}

void
tl_lf_entry_tags(
    struct tl_arena *a, struct tl_lf_entry *e, const struct tl_json *tags)
{
	read_names(a, tags, tag_names, TL_LF_NTAGS, e->tags);
	e->guesses_tags = false;
}

static bool
find_formatting(tl_str name, enum tl_lf_formatting *out)
{
	static const char *const names[] = { "alpaca", "sharegpt", "openai" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		*out = (enum tl_lf_formatting)i;
		if (tl_str_eq(name, tl_str_from(names[i])))
			return true;
	}
	return false;
}

enum tl_status
tl_lf_entry_read(struct tl_arena *a, const struct tl_json *v,
    struct tl_lf_entry *out, struct tl_error *err)
{
	const struct tl_json *columns = tl_json_get(v, "columns");
	const struct tl_json *tags = tl_json_get(v, "tags");
	tl_str name =
	    tl_json_text(tl_json_get(v, "formatting"), TL_STR("alpaca"));

	*out = tl_lf_entry_default();
	out->guesses_formatting = false;
	out->guesses_columns = false;
	out->guesses_tags = false;
	out->guesses_ranking = false;
	if (!find_formatting(name, &out->formatting))
		return tl_fail(err, TL_ECONFIG,
		    "formatting must be alpaca, sharegpt or openai");
	out->ranking = tl_json_bool(tl_json_get(v, "ranking"), false);
	if (columns != NULL)
		tl_lf_entry_columns(a, out, columns);
	if (tags != NULL)
		tl_lf_entry_tags(a, out, tags);
	return TL_OK;
}

/* --- what is not said ----------------------------------------------------- */

/* The column of that name, where the record has one. */
static void
guess_column(struct tl_lf_entry *e, enum tl_lf_column c,
    const struct tl_json *root, const char *name)
{
	e->columns[c] =
	    tl_json_get(root, name) != NULL ? tl_str_from(name) : TL_STR("");
}

static void
guess_columns(struct tl_lf_entry *e, const struct tl_json *root)
{
	static const enum tl_lf_column own[] = { TL_LF_HISTORY, TL_LF_SYSTEM,
		TL_LF_TOOLS, TL_LF_IMAGES, TL_LF_VIDEOS, TL_LF_AUDIOS,
		TL_LF_CHOSEN, TL_LF_REJECTED, TL_LF_KTO_TAG };

	for (size_t i = 0; i < TL_COUNT(own); i++)
		guess_column(e, own[i], root, column_names[own[i]]);
	if (tl_json_get(root, "conversations") == NULL)
		guess_column(e, TL_LF_MESSAGES, root, "messages");
	/* Texts without a question are for pre-training. */
	if (tl_json_get(root, "instruction") == NULL &&
	    tl_json_get(root, "text") != NULL) {
		guess_column(e, TL_LF_PROMPT, root, "text");
		guess_column(e, TL_LF_QUERY, root, "");
		guess_column(e, TL_LF_RESPONSE, root, "");
	}
	if (e->guesses_ranking)
		e->ranking = e->columns[TL_LF_CHOSEN].len > 0 &&
		    e->columns[TL_LF_REJECTED].len > 0;
}

/* The entry that its author would have written for such a record. */
static struct tl_lf_entry
guess(const struct tl_lf_entry *given, const struct tl_json *root,
    const struct tl_format_options *opt)
{
	struct tl_lf_entry e = *given;
	const struct tl_json *first;

	if (e.guesses_columns) {
		guess_columns(&e, root);
		if (opt != NULL && opt->field_messages.len > 0)
			e.columns[TL_LF_MESSAGES] = opt->field_messages;
		if (opt != NULL && opt->field_system.len > 0)
			e.columns[TL_LF_SYSTEM] = opt->field_system;
		if (opt != NULL && opt->field_tools.len > 0)
			e.columns[TL_LF_TOOLS] = opt->field_tools;
	}
	first = tl_json_get_str(root, e.columns[TL_LF_MESSAGES]);
	if (e.guesses_formatting)
		e.formatting = first != NULL ? TL_LF_SHAREGPT : TL_LF_ALPACA;
	if (tl_json_is(first, TL_JSON_ARRAY))
		first = first->first;
	if (e.guesses_tags && tl_json_get(first, "role") != NULL &&
	    tl_json_get(first, "from") == NULL)
		set_tags(&e, openai_tags);
	if (e.guesses_tags && opt != NULL && opt->field_role.len > 0)
		e.tags[TL_LF_ROLE_TAG] = opt->field_role;
	if (e.guesses_tags && opt != NULL && opt->field_content.len > 0)
		e.tags[TL_LF_CONTENT_TAG] = opt->field_content;
	return e;
}

/* --- values --------------------------------------------------------------- */

struct work {
	const struct tl_trainer_cx *cx;
	struct tl_arena *a;
	const struct tl_conv *conv;
	const struct tl_json *root;
	const struct tl_lf_entry *e;
	const struct tl_lf_writer *writer;
	struct tl_lf_example *out;
	size_t hint; /* the turn read last */
};

static void
stop(struct work *w, const char *why)
{
	if (w->out->error == NULL)
		w->out->error = why;
}

static const struct tl_json *
column(const struct work *w, enum tl_lf_column c)
{
	tl_str name = w->e->columns[c];

	return name.len > 0 ? tl_json_get_str(w->root, name) : NULL;
}

static struct tl_lf_value
value_of(struct work *w, const struct tl_json *v)
{
	struct tl_lf_value out = { .node = v, .turn = TL_NO_TURN };

	if (v == NULL)
		return out;
	out.turn = tl_turn_of(w->conv, v, w->hint);
	if (out.turn != TL_NO_TURN)
		w->hint = out.turn;
	out.is_text = v->kind == TL_JSON_STRING;
	if (out.is_text)
		out.text = tl_text_from_json(w->a, v);
	return out;
}

static struct tl_lf_value
nothing(void)
{
	return (struct tl_lf_value){ .turn = TL_NO_TURN, .is_text = true };
}

static size_t
count_media(const struct tl_json *v)
{
	if (v == NULL || v->kind == TL_JSON_NULL)
		return 0;
	return v->kind == TL_JSON_ARRAY ? v->nchildren : 1;
}

/* --- alpaca --------------------------------------------------------------- */

static void
add_round(struct work *w, const struct tl_json *pair)
{
	struct tl_lf_example *out = w->out;

	if (!tl_json_is(pair, TL_JSON_ARRAY) || pair->nchildren != 2) {
		stop(w, "a round of the history is not a list of two");
		return;
	}
	out->prompt[out->nprompt++] =
	    (struct tl_lf_message){ TL_LF_USER, value_of(w, pair->first) };
	out->prompt[out->nprompt++] = (struct tl_lf_message){ TL_LF_ASSISTANT,
		value_of(w, pair->first->next) };
}

static bool
is_falsy(const struct tl_json *v)
{
	return v == NULL || tl_flag_truth(TL_FLAG_INVALID, v) != TL_FLAG_TRUE;
}

/* Prompt and query, joined by a newline where there are both. */
static struct tl_lf_value
question(struct work *w)
{
	static const enum tl_lf_column both[] = { TL_LF_PROMPT, TL_LF_QUERY };
	struct tl_lf_value out = nothing();
	struct tl_text parts[3];
	size_t n = 0;

	for (size_t i = 0; i < TL_COUNT(both); i++) {
		const struct tl_json *v = column(w, both[i]);
		struct tl_lf_value part;

		if (is_falsy(v))
			continue;
		part = value_of(w, v);
		if (!part.is_text)
			stop(w, "the prompt or the query is not a string");
		if (out.node == NULL)
			out = part;
		if (n > 0)
			parts[n++] = tl_text_added(w->a, TL_STR("\n"));
		parts[n++] = part.text;
	}
	out.text = tl_text_concat(w->a, parts, n);
	return out;
}

static void
respond(struct work *w, struct tl_lf_value v)
{
	w->out->response[w->out->nresponse++] =
	    (struct tl_lf_message){ TL_LF_ASSISTANT, v };
}

static bool
is_bool(const struct tl_json *v)
{
	return tl_json_is(v, TL_JSON_TRUE) || tl_json_is(v, TL_JSON_FALSE);
}

/* Feedback: the answer, and an empty one on the side of what it is not. */
static void
give_feedback(struct work *w, struct tl_lf_message answer)
{
	struct tl_lf_message none = { TL_LF_ASSISTANT, nothing() };
	bool is_good = tl_json_is(column(w, TL_LF_KTO_TAG), TL_JSON_TRUE);

	w->out->response[0] = is_good ? answer : none;
	w->out->response[1] = is_good ? none : answer;
	w->out->nresponse = 2;
}

static void
convert_alpaca(struct work *w)
{
	const struct tl_json *history = column(w, TL_LF_HISTORY);
	const struct tl_json *response = column(w, TL_LF_RESPONSE);
	const struct tl_json *chosen = column(w, TL_LF_CHOSEN);
	const struct tl_json *rejected = column(w, TL_LF_REJECTED);
	struct tl_lf_example *out = w->out;
	bool has_history = tl_json_is(history, TL_JSON_ARRAY);

	out->prompt = TL_NEW(w->a, struct tl_lf_message,
	    2 * (has_history ? (size_t)history->nchildren : 0) + 1);
	for (history = has_history ? history->first : NULL; history != NULL;
	     history = history->next)
		add_round(w, history);
	out->prompt[out->nprompt++] =
	    (struct tl_lf_message){ TL_LF_USER, question(w) };
	if (is_bool(column(w, TL_LF_KTO_TAG))) {
		give_feedback(w,
		    (struct tl_lf_message){
			TL_LF_ASSISTANT, value_of(w, response) });
	} else if (w->e->ranking && tl_json_is(chosen, TL_JSON_STRING) &&
	    tl_json_is(rejected, TL_JSON_STRING)) {
		respond(w, value_of(w, chosen));
		respond(w, value_of(w, rejected));
	} else if (tl_json_is(response, TL_JSON_STRING)) {
		respond(w, value_of(w, response));
	} else {
		out->warning = "its response is not a string";
	}
	out->system = value_of(w, column(w, TL_LF_SYSTEM));
}

/* --- sharegpt ------------------------------------------------------------- */

static bool
is_tag(const struct work *w, enum tl_lf_tag tag, const struct tl_json *v)
{
	return tl_json_is(v, TL_JSON_STRING) && w->e->tags[tag].len > 0 &&
	    tl_str_eq(w->e->tags[tag], v->text);
}

static const struct tl_json *
tagged(const struct work *w, const struct tl_json *m, enum tl_lf_tag tag)
{
	return tl_json_get_str(m, w->e->tags[tag]);
}

static bool
find_role(const struct work *w, const struct tl_json *v, enum tl_lf_role *out)
{
	static const enum tl_lf_tag tags[] = {
		[TL_LF_USER] = TL_LF_USER_TAG,
		[TL_LF_ASSISTANT] = TL_LF_ASSISTANT_TAG,
		[TL_LF_OBSERVATION] = TL_LF_OBSERVATION_TAG,
		[TL_LF_FUNCTION] = TL_LF_FUNCTION_TAG,
	};

	for (size_t i = 0; i < TL_COUNT(tags); i++) {
		*out = (enum tl_lf_role)i;
		if (is_tag(w, tags[i], v))
			return true;
	}
	return false;
}

static bool
is_question(enum tl_lf_role role)
{
	return role == TL_LF_USER || role == TL_LF_OBSERVATION;
}

/* The list, and the system text that stands at its head or beside it. */
static const struct tl_json *
begin_messages(struct work *w, size_t *n)
{
	const struct tl_json *list = column(w, TL_LF_MESSAGES), *m;

	*n = 0;
	if (!tl_json_is(list, TL_JSON_ARRAY)) {
		stop(w, "the column of the messages is not a list");
		return NULL;
	}
	w->out->prompt =
	    TL_NEW(w->a, struct tl_lf_message, (size_t)list->nchildren + 1);
	m = list->first;
	*n = list->nchildren;
	if (m != NULL &&
	    is_tag(w, TL_LF_SYSTEM_TAG, tagged(w, m, TL_LF_ROLE_TAG))) {
		w->out->system = value_of(w, tagged(w, m, TL_LF_CONTENT_TAG));
		(*n)--;
		return m->next;
	}
	w->out->system = value_of(w, column(w, TL_LF_SYSTEM));
	return m;
}

static void
reject(struct work *w, const char *why)
{
	if (w->out->warning == NULL)
		w->out->warning = why;
}

static struct tl_lf_message
answer_of(struct work *w, const struct tl_json *m)
{
	struct tl_lf_message out;

	if (!find_role(w, tagged(w, m, TL_LF_ROLE_TAG), &out.role) ||
	    is_question(out.role))
		stop(w, "chosen or rejected has a role that is no answer's");
	out.content = value_of(w, tagged(w, m, TL_LF_CONTENT_TAG));
	return out;
}

/* What all messages have become is a prompt and its response. */
static void
split_response(struct work *w)
{
	const struct tl_json *chosen = column(w, TL_LF_CHOSEN);
	const struct tl_json *rejected = column(w, TL_LF_REJECTED);
	struct tl_lf_example *out = w->out;
	bool is_odd = out->nprompt % 2 != 0;

	if (is_odd != w->e->ranking)
		reject(w, "Invalid message count");
	if (out->warning != NULL || out->nprompt == 0) {
		out->nprompt = 0;
		return;
	}
	if (w->e->ranking && !is_bool(column(w, TL_LF_KTO_TAG)) &&
	    tl_json_is(chosen, TL_JSON_OBJECT) &&
	    tl_json_is(rejected, TL_JSON_OBJECT)) {
		out->response[0] = answer_of(w, chosen);
		out->response[1] = answer_of(w, rejected);
		out->nresponse = 2;
		return;
	}
	out->response[0] = out->prompt[--out->nprompt];
	out->nresponse = 1;
	if (is_bool(column(w, TL_LF_KTO_TAG)))
		give_feedback(w, out->response[0]);
}

static void
convert_sharegpt(struct work *w)
{
	struct tl_lf_example *out = w->out;
	size_t n;
	const struct tl_json *m = begin_messages(w, &n);

	for (; m != NULL; m = m->next) {
		enum tl_lf_role role;

		if (m->kind != TL_JSON_OBJECT ||
		    tagged(w, m, TL_LF_ROLE_TAG) == NULL) {
			stop(w, "a message has no role");
			return;
		}
		if (!find_role(w, tagged(w, m, TL_LF_ROLE_TAG), &role) ||
		    is_question(role) != (out->nprompt % 2 == 0)) {
			reject(w, "Invalid role tag");
			break;
		}
		out->prompt[out->nprompt++] = (struct tl_lf_message){ role,
			value_of(w, tagged(w, m, TL_LF_CONTENT_TAG)) };
	}
	split_response(w);
}

/* --- openai --------------------------------------------------------------- */

static const char *
now_of(const struct work *w)
{
	return w->cx->recipe->render_options.now;
}

/* An answer that calls tools says its calls, dumped. */
static void
take_calls(struct work *w, const struct tl_json *m, struct tl_lf_message *out)
{
	const struct tl_json *calls = tl_json_get(m, "tool_calls");
	const char *why;
	tl_str s;

	if (is_question(out->role) || is_falsy(calls))
		return;
	if (!tl_lf_write(w->a, w->writer->openai, calls, now_of(w), &s, &why)) {
		stop(w, why);
		return;
	}
	out->role = TL_LF_FUNCTION;
	out->content = value_of(w, calls);
	out->content.is_text = true;
	out->content.text = tl_lf_written(w->a, s, calls);
}

/* Results of tools that follow each other are one observation. */
static void
join_results(
    struct work *w, struct tl_lf_message *into, const struct tl_lf_value *more)
{
	struct tl_text parts[] = { into->content.text,
		tl_text_added(
		    w->a, TL_STR("\n</tool_response>\n<tool_response>\n")),
		more->text };

	if (!into->content.is_text || !more->is_text)
		stop(w, "the result of a tool is not a string");
	into->content.text = tl_text_concat(w->a, parts, TL_COUNT(parts));
}

static void
finish_openai(struct work *w)
{
	struct tl_lf_example *out = w->out;
	bool has_tools = !is_falsy(out->tools.node);
	tl_str off = TL_STR("detailed thinking off");
	tl_str on = TL_STR("detailed thinking on");
	struct tl_text parts[3] = { out->system.text };
	size_t n = 1;

	if (!out->system.is_text || out->system.text.str.len == 0) {
		if (has_tools ||
		    (out->system.node != NULL && !is_falsy(out->system.node)))
			return;
		out->system = nothing();
		out->system.text = tl_text_added(w->a, off);
		return;
	}
	if (has_tools) {
		parts[n++] = tl_text_added(w->a, TL_STR("\n"));
	} else if (tl_str_find(parts[0].str, on, 0) == TL_NPOS &&
	    tl_str_find(parts[0].str, off, 0) == TL_NPOS) {
		parts[n++] = tl_text_added(w->a, TL_STR("\n"));
		parts[n++] = tl_text_added(w->a, off);
	}
	out->system.text = tl_text_concat(w->a, parts, n);
}

static void
check_order(struct work *w)
{
	for (size_t i = 0; i < w->out->nprompt; i++)
		if (is_question(w->out->prompt[i].role) != (i % 2 == 0))
			reject(w, "Invalid role tag");
}

static void
convert_openai(struct work *w)
{
	struct tl_lf_example *out = w->out;
	struct tl_lf_message results = { .role = TL_LF_OBSERVATION };
	bool has_results = false;
	size_t n;
	const struct tl_json *m = begin_messages(w, &n);

	for (; m != NULL && out->error == NULL; m = m->next) {
		struct tl_lf_message x;

		if (is_tag(w, TL_LF_SYSTEM_TAG, tagged(w, m, TL_LF_ROLE_TAG))) {
			reject(w, "Invalid role tag");
			continue;
		}
		if (!find_role(w, tagged(w, m, TL_LF_ROLE_TAG), &x.role)) {
			stop(w, "a message has a role that no tag names");
			return;
		}
		x.content = value_of(w, tagged(w, m, TL_LF_CONTENT_TAG));
		take_calls(w, m, &x);
		if (x.role == TL_LF_OBSERVATION) {
			if (has_results)
				join_results(w, &results, &x.content);
			else
				results = x;
			has_results = true;
			continue;
		}
		if (has_results)
			out->prompt[out->nprompt++] = results;
		has_results = false;
		out->prompt[out->nprompt++] = x;
	}
	check_order(w);
	split_response(w);
}

/* --- all ------------------------------------------------------------------ */

/* The openai converter dumps tools that are no string. */
static void
dump_tools(struct work *w)
{
	struct tl_lf_value *t = &w->out->tools;
	const char *why;
	tl_str s;

	if (!tl_json_is(t->node, TL_JSON_ARRAY) &&
	    !tl_json_is(t->node, TL_JSON_OBJECT))
		return;
	if (!tl_lf_write(w->a, w->writer->dump, t->node, now_of(w), &s, &why)) {
		stop(w, why);
		return;
	}
	t->text = tl_lf_written(w->a, s, t->node);
	t->is_text = true;
}

void
tl_lf_convert(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    const struct tl_lf_entry *entry, const struct tl_lf_writer *writer,
    struct tl_lf_example *out)
{
	const struct tl_json *root = cx->record->doc.root;
	struct tl_lf_entry e = guess(entry, root, cx->recipe->format_options);
	struct work w = {
		.cx = cx,
		.a = cx->arena,
		.conv = conv,
		.root = root,
		.e = &e,
		.writer = writer,
		.out = out,
	};

	memset(out, 0, sizeof(*out));
	out->ranking = e.ranking;
	out->tools = value_of(&w, column(&w, TL_LF_TOOLS));
	for (size_t i = 0; i < TL_COUNT(out->nmedia); i++)
		out->nmedia[i] = count_media(
		    column(&w, (enum tl_lf_column)(TL_LF_IMAGES + i)));
	switch (e.formatting) {
	case TL_LF_ALPACA:
		convert_alpaca(&w);
		break;
	case TL_LF_SHAREGPT:
		convert_sharegpt(&w);
		break;
	case TL_LF_OPENAI:
		dump_tools(&w);
		convert_openai(&w);
		finish_openai(&w);
		break;
	}
}
