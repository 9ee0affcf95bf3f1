/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as llama-factory's templates write them, string by string. */
#include <turnlint/buf.h>
#include <turnlint/str.h>

#include <string.h>

#include "list.h"
#include "llama_factory_work.h"

/* --- writing messages ----------------------------------------------------- */

static void
fail(struct tl_lf_work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

const struct tl_lf_part tl_lf_source = { TL_REASON_TEMPLATE, TL_REASON_PROMPT,
	TL_REASON_TEMPLATE };
const struct tl_lf_part tl_lf_target = { TL_REASON_HEADER, TL_REASON_CONTENT,
	TL_REASON_EOS };

/* {{idx}}, which a user's words may hold as well, becomes the number of the
 * round: the first one. */
static struct tl_chunks
number(struct tl_lf_work *w, const struct tl_chunks *c, size_t round)
{
	static const tl_str idx = TL_LIT("{{idx}}");
	size_t at = tl_str_find(tl_chunks_text(w->a, c).str, idx, 0);
	struct tl_chunks out, rest;

	if (at == TL_NPOS)
		return *c;
	out = tl_chunks_slice(w->a, c, 0, at);
	tl_chunks_literal(w->a, &out,
	    tl_str_from(tl_arena_printf(w->a, "%zu", round)),
	    TL_REASON_TEMPLATE);
	rest = tl_chunks_slice(w->a, c, at + idx.len, c->len);
	tl_chunks_append(w->a, &out, &rest);
	return out;
}

#define NO_ROUND ((size_t)-1)

/* The string of a slot with {{content}} filled in. */
static struct tl_chunks
fill(struct tl_lf_work *w, const char *slot, const struct tl_chunks *content,
    const struct tl_lf_part *p, size_t round)
{
	static const tl_str hole = TL_LIT("{{content}}");
	tl_str s = tl_str_from(slot);
	size_t at = tl_str_find(s, hole, 0);
	struct tl_chunks out = { .n = 0 };

	tl_chunks_literal(w->a, &out, tl_str_slice(s, 0, at), p->before);
	if (at != TL_NPOS) {
		tl_chunks_append(w->a, &out, content);
		tl_chunks_literal(w->a, &out,
		    tl_str_slice(s, at + hole.len, s.len), p->after);
	}
	return round == NO_ROUND ? out : number(w, &out, round);
}

/* A token that is not there stops the run, but only where it is kept. */
static void
emit_token(struct tl_lf_work *w, const char *name, enum tl_reason reason)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	tl_str s = tl_str_from(name);
	int64_t id = tl_tokenizer_id(t, s);

	if (id < 0)
		id = tl_tokenizer_unk(t);
	if (id < 0) {
		TL_PUSH(w->a, w->missing, w->nmissing, w->cap_missing,
		    w->join.ntokens);
		id = 0;
	}
	tl_join_id(&w->join, id, s, reason);
}

void
tl_lf_check_missing(struct tl_lf_work *w, const bool *is_kept)
{
	for (size_t i = 0; i < w->nmissing; i++)
		if (is_kept[w->missing[i]])
			fail(w,
			    "the template needs a token that the tokenizer "
			    "does not have");
}

/* A special token; left out when the tokenizer has none. */
static void
emit_special(
    struct tl_lf_work *w, int64_t id, tl_str text, enum tl_reason reason)
{
	if (id >= 0)
		tl_join_id(&w->join, id, text, reason);
}

static bool
has_hole(const struct tl_lf_slot *s)
{
	return s->kind == TL_LF_STRING &&
	    strstr(s->text, "{{content}}") != NULL;
}

static void
emit_slots(struct tl_lf_work *w, const struct tl_lf_slot *s,
    const struct tl_chunks *content, const struct tl_lf_part *p, size_t round)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	struct tl_special_tokens special = tl_tokenizer_tokens(t);
	bool is_behind = false; /* the content */
	struct tl_chunks c;

	for (; s != NULL && s->kind != TL_LF_END; s++) {
		enum tl_reason reason = is_behind ? p->after : p->before;

		switch (s->kind) {
		case TL_LF_STRING:
			c = fill(w, s->text, content,
			    &(struct tl_lf_part){ reason, p->said, p->after },
			    round);
			if (c.len > 0)
				tl_join_string(&w->join, &c, 0);
			break;
		case TL_LF_TOKEN:
			emit_token(w, s->text, reason);
			break;
		case TL_LF_BOS:
			emit_special(
			    w, tl_tokenizer_bos(t), special.bos, reason);
			break;
		case TL_LF_EOS:
			emit_special(
			    w, tl_tokenizer_eos(t), special.eos, reason);
			break;
		case TL_LF_END:
			break;
		}
		is_behind |= has_hole(s);
	}
}

/* The column holds something, be it an empty list. */
static bool
has_tools(const struct tl_lf_work *w)
{
	const struct tl_lf_value *t = &w->example.tools;

	return t->node != NULL &&
	    tl_flag_truth(TL_FLAG_INVALID, t->node) == TL_FLAG_TRUE;
}

static bool
is_empty(const struct tl_json *v)
{
	return (v->kind == TL_JSON_ARRAY || v->kind == TL_JSON_OBJECT) &&
	    v->nchildren == 0;
}

/* The tools as text; empty when there are none. */
static struct tl_text
tool_text(struct tl_lf_work *w)
{
	const struct tl_lf_value *t = &w->example.tools;
	struct tl_json_doc doc;
	const char *why;
	tl_str s = TL_STR("");

	if (!has_tools(w))
		return tl_lf_written(w->a, s, NULL);
	if (!t->is_text) {
		fail(w, "the tools are not a string of JSON");
	} else if (w->c->writer.tools == NULL) {
		s = tl_arena_concat(w->a,
		    tl_arena_concat(w->a, TL_STR("<|tool|>"), t->text.str),
		    TL_STR("<|/tool|>"));
	} else if (tl_json_parse(w->a, t->text.str, &doc) != TL_OK) {
		fail(w, "Invalid JSON format in tool description");
	} else if (is_empty(doc.root)) {
		return tl_lf_written(w->a, s, NULL);
	} else if (!tl_lf_write(
		       w->a, w->c->writer.tools, doc.root, w->now, &s, &why)) {
		fail(w, tl_arena_printf(w->a, "the tools: %s", why));
	}
	return tl_lf_written(w->a, s, t->node);
}

/* What stands where the system text does: the record's or the default, and the
 * tools. */
static struct tl_chunks
system_text(struct tl_lf_work *w)
{
	const struct tl_lf_value *v = &w->example.system;
	struct tl_chunks c = { .n = 0 };
	struct tl_text tools = tool_text(w);
	size_t skip = 0;

	if (v->is_text && v->text.str.len > 0)
		tl_chunks_add(w->a, &c, v->text, TL_REASON_PROMPT,
		    v->turn != TL_NO_TURN, v->turn);
	else if (v->node != NULL && !v->is_text &&
	    tl_flag_truth(TL_FLAG_INVALID, v->node) == TL_FLAG_TRUE)
		fail(w, "the system text is not a string");
	else
		tl_chunks_literal(w->a, &c, w->c->system, TL_REASON_TEMPLATE);
	if (c.len == 0 && (w->c->t->traits & TL_LF_TRIM_TOOLS) != 0)
		while (skip < tools.str.len && tools.str.ptr[skip] == '\n')
			skip++;
	tl_chunks_add(w->a, &c, tl_text_slice(w->a, tools, skip, tools.str.len),
	    TL_REASON_PROMPT, true, TL_NO_TURN);
	return c;
}

/* --- thoughts and calls --------------------------------------------------- */

/* The first stretch from one word to the other. */
static bool
find_between(tl_str s, const tl_str words[2], tl_span *whole, tl_span *inner)
{
	size_t beg = tl_str_find(s, words[0], 0), end;

	if (beg == TL_NPOS)
		return false;
	end = tl_str_find(s, words[1], beg + words[0].len);
	if (end == TL_NPOS)
		return false;
	*inner = (tl_span){ beg + words[0].len, end };
	*whole = (tl_span){ beg, end + words[1].len };
	return true;
}

/* All thoughts, and the newlines in front of what is left. */
static struct tl_text
without_thoughts(struct tl_lf_work *w, struct tl_text text)
{
	size_t skip = 0;
	tl_span whole, inner;

	for (size_t from = 0;;) {
		tl_str rest = tl_str_slice(text.str, from, text.str.len);
		struct tl_text parts[2];

		if (!find_between(rest, w->c->thought, &whole, &inner))
			break;
		parts[0] = tl_text_slice(w->a, text, 0, from + whole.beg);
		parts[1] =
		    tl_text_slice(w->a, text, from + whole.end, text.str.len);
		text = tl_text_concat(w->a, parts, 2);
		from += whole.beg;
	}
	while (skip < text.str.len && text.str.ptr[skip] == '\n')
		skip++;
	return tl_text_slice(w->a, text, skip, text.str.len);
}

/* s without any place where `what` stands. */
static tl_str
without(struct tl_lf_work *w, tl_str s, tl_str what)
{
	struct tl_buf b;
	size_t at = 0, found;

	tl_buf_init(&b, w->a, 0);
	while ((found = tl_str_find(s, what, at)) != TL_NPOS) {
		tl_buf_put(&b, tl_str_slice(s, at, found));
		at = found + what.len;
	}
	tl_buf_put(&b, tl_str_slice(s, at, s.len));
	return tl_buf_str(&b);
}

/* The calls of a message, as the tool format writes them. */
static bool
write_calls(struct tl_lf_work *w, tl_str json, tl_str *out)
{
	struct tl_json_doc doc;
	struct tl_json *list = TL_NEW(w->a, struct tl_json, 1);
	struct tl_json *only = TL_NEW(w->a, struct tl_json, 1);
	const struct tl_json *calls;
	const char *why;

	if (tl_json_parse(w->a, json, &doc) != TL_OK) {
		fail(w, "Invalid JSON format in function message");
		return false;
	}
	calls = doc.root;
	if (calls->kind != TL_JSON_ARRAY) {
		*only = *calls;
		*list = (struct tl_json){
			.kind = TL_JSON_ARRAY, .nchildren = 1, .first = only
		};
		calls = list;
	}
	if (tl_lf_write(w->a, w->c->writer.calls, calls, w->now, out, &why))
		return true;
	fail(w, tl_arena_printf(w->a, "a function message: %s", why));
	return false;
}

/* What is said beside the call, and the call, rewritten. */
static struct tl_text
function_text(struct tl_lf_work *w, const struct tl_lf_value *v)
{
	tl_str s = v->text.str, json = s, said = { NULL, 0 }, calls;
	tl_span whole, inner;
	bool knows_words = (w->c->t->traits & TL_LF_SYSTEM_IN_USER) == 0;

	if (knows_words && find_between(s, w->c->call, &whole, &inner)) {
		json = tl_str_slice(s, inner.beg, inner.end);
		said = without(w, s, tl_str_slice(s, whole.beg, whole.end));
	} else if (knows_words &&
	    find_between(s, w->c->thought, &whole, &inner)) {
		said = tl_str_slice(s, whole.beg, whole.end);
		json = without(w, s, said);
	}
	if (!write_calls(w, json, &calls))
		return v->text;
	return tl_lf_written(w->a, tl_arena_concat(w->a, said, calls), v->node);
}

/* --- messages ------------------------------------------------------------- */

static const struct tl_lf_slot *
slots_of(const struct tl_lf_config *c, enum tl_lf_role role)
{
	switch (role) {
	case TL_LF_USER:
		return c->t->user;
	case TL_LF_OBSERVATION:
		return c->t->observation;
	case TL_LF_FUNCTION:
		return c->function;
	case TL_LF_ASSISTANT:
		break;
	}
	return c->t->assistant;
}

void
tl_lf_emit_message(struct tl_lf_work *w, const struct tl_lf_message *m,
    size_t i, const struct tl_lf_part *p)
{
	bool is_fused = (w->c->t->traits & TL_LF_SYSTEM_IN_USER) != 0;
	bool has_system;
	struct tl_chunks system = { .n = 0 }, c = { .n = 0 };
	struct tl_text text = m->content.text;

	if (!m->content.is_text) {
		fail(w, "the content of a message is not a string");
		return;
	}
	if (i == 0) {
		system = system_text(w);
		emit_slots(w, w->c->t->prefix, &c, &tl_lf_source, NO_ROUND);
	}
	has_system = i == 0 && (system.len > 0 || has_tools(w));
	if (has_system && !is_fused)
		emit_slots(
		    w, w->c->t->system, &system, &tl_lf_source, NO_ROUND);
	else if (has_system && m->role == TL_LF_USER)
		c = fill(
		    w, w->c->t->system->text, &system, &tl_lf_source, NO_ROUND);
	if (m->role == TL_LF_FUNCTION)
		text = function_text(w, &m->content);
	tl_chunks_add(w->a, &c, text, p->said, true, m->content.turn);
	emit_slots(w, slots_of(w->c, m->role), &c, p,
	    m->role == TL_LF_USER && !is_fused ? i / 2 : NO_ROUND);
}

bool
tl_lf_has_no_thought(const struct tl_lf_work *w, const struct tl_lf_message *m)
{
	tl_str s = m->content.text.str;

	return tl_str_find(s, tl_str_trim(w->c->thought[0]), 0) == TL_NPOS &&
	    tl_str_find(s, tl_str_trim(w->c->thought[1]), 0) == TL_NPOS;
}

void
tl_lf_emit_empty_thought(struct tl_lf_work *w, enum tl_reason reason)
{
	struct tl_chunks c = { .n = 0 };

	if ((w->c->t->traits & TL_LF_HALF_THOUGHT) == 0)
		tl_chunks_literal(w->a, &c, w->c->thought[0], reason);
	tl_chunks_literal(w->a, &c, w->c->thought[1], reason);
	tl_join_string(&w->join, &c, 0);
}

void
tl_lf_remove_thoughts(struct tl_lf_work *w, struct tl_lf_message *m, size_t n,
    bool in_history, bool in_last)
{
	if ((w->c->t->traits & TL_LF_REASONING) == 0)
		return;
	for (size_t i = 1; i < n; i += 2)
		if (m[i].content.is_text && (i + 2 < n ? in_history : in_last))
			m[i].content.text =
			    without_thoughts(w, m[i].content.text);
}
