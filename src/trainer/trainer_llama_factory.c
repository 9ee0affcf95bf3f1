/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama-factory: the labels of LLaMA-Factory (its v0 engine).
 *
 * A record becomes messages through an entry of dataset_info.json.  Each
 * message is written by a template of its own, string by string; messages make
 * pairs of a source, masked, and a target, trained; pairs are cut one by one
 * to what is left of cutoff_len.
 */
#include <turnlint/buf.h>
#include <turnlint/str.h>
#include <turnlint/yaml.h>

#include "join.h"
#include "list.h"
#include "llama_factory.h"
#include "names.h"
#include "options.h"

/* --- options -------------------------------------------------------------- */

enum stage { STAGE_SFT, STAGE_PT, STAGE_RM, STAGE_DPO, STAGE_KTO };
static const char *const stages[] = { "sft", "pt", "rm", "dpo", "kto", NULL };
static const char *const formattings[] = { "alpaca", "sharegpt", "openai",
	NULL };
enum tristate { IS_NULL, IS_FALSE, IS_TRUE };

struct config {
	tl_str template_;
	size_t cutoff_len;
	bool train_on_prompt, mask_history, preserve_thinking;
	bool packing, neat_packing;
	bool enables_thinking;
	bool says_packing;
	tl_str tool_format, default_system;
	int stage, formatting;
	bool ranking;
	const struct tl_json *columns, *tags;

	/* What follows from them: */
	enum tristate thinking;
	struct tl_lf_entry entry;
	const struct tl_lf_template *t;
	const struct tl_lf_slot *function;
	struct tl_lf_writer writer;
	tl_str system;
	tl_str thought[2], call[2];
};

#define OPTION(name, kind, member, choices)                              \
	{                                                                \
		name, TL_OPTION_##kind, offsetof(struct config, member), \
		    choices                                              \
	}

static const struct tl_option_spec specs[] = {
	OPTION("template", STR, template_, NULL),
	OPTION("cutoff_len", SIZE, cutoff_len, NULL),
	OPTION("train_on_prompt", BOOL, train_on_prompt, NULL),
	OPTION("mask_history", BOOL, mask_history, NULL),
	OPTION("packing", BOOL, packing, NULL),
	OPTION("neat_packing", BOOL, neat_packing, NULL),
	OPTION("tool_format", STR, tool_format, NULL),
	OPTION("default_system", STR, default_system, NULL),
	OPTION("enable_thinking", BOOL, enables_thinking, NULL),
	OPTION("preserve_thinking", BOOL, preserve_thinking, NULL),
	OPTION("stage", CHOICE, stage, stages),
	OPTION("formatting", CHOICE, formatting, formattings),
	OPTION("ranking", BOOL, ranking, NULL),
	OPTION("columns", MAP, columns, NULL),
	OPTION("tags", MAP, tags, NULL),
};

static const struct tl_option *
given(const struct tl_option *opts, size_t n, const char *name)
{
	const struct tl_option *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(opts[i].name, tl_str_from(name)))
			found = &opts[i];
	return found;
}

static bool
is_null(struct tl_arena *a, const struct tl_option *o)
{
	const struct tl_json *v;

	return tl_yaml_parse(a, o->value, &v, NULL) == TL_OK &&
	    v->kind == TL_JSON_NULL;
}

/* The entry of dataset_info.json, as far as it was given. */
static void
read_entry(struct tl_arena *a, struct config *c, const struct tl_option *opts,
    size_t n)
{
	c->entry = tl_lf_entry_default();
	if (c->columns != NULL)
		tl_lf_entry_columns(a, &c->entry, c->columns);
	if (c->tags != NULL)
		tl_lf_entry_tags(a, &c->entry, c->tags);
	if (given(opts, n, "formatting") != NULL) {
		c->entry.formatting = (enum tl_lf_formatting)c->formatting;
		c->entry.guesses_formatting = false;
	}
	if (given(opts, n, "ranking") != NULL) {
		c->entry.ranking = c->ranking;
		c->entry.guesses_ranking = false;
	}
}

static const struct tl_lf_template *
find(const char *name)
{
	size_t n;
	const struct tl_lf_template *all = tl_lf_templates(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

static enum tl_status
find_template(struct tl_arena *a, struct config *c, struct tl_error *err)
{
	size_t n;
	const struct tl_lf_template *all = tl_lf_templates(&n);
	const char **names = TL_NEW(a, const char *, n);

	for (size_t i = 0; i < n; i++) {
		names[i] = all[i].name;
		if (tl_str_eq(c->template_, tl_str_from(all[i].name)))
			c->t = &all[i];
	}
	if (c->t == NULL && c->template_.len > 0)
		return tl_fail_unknown(
		    a, err, "template", c->template_, names, n);
	return TL_OK;
}

static enum tl_status
check_options(const struct config *c, struct tl_error *err)
{
	if (c->mask_history && c->train_on_prompt)
		return tl_fail(err, TL_ECONFIG,
		    "LLaMA-Factory refuses mask_history together with "
		    "train_on_prompt");
	return TL_OK;
}

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	const struct tl_option *thinking = given(opts, n, "enable_thinking");
	const struct tl_option *system = given(opts, n, "default_system");
	enum tl_status st;

	c->enables_thinking = true;
	st = tl_options_read(
	    a, "llama-factory", specs, TL_COUNT(specs), opts, n, c, err);
	if (st == TL_OK)
		st = check_options(c, err);
	if (st == TL_OK)
		st = find_template(a, c, err);
	if (st != TL_OK)
		return st;
	read_entry(a, c, opts, n);
	c->says_packing = given(opts, n, "packing") != NULL;
	c->thinking = c->enables_thinking ? IS_TRUE : IS_FALSE;
	if (thinking != NULL && is_null(a, thinking))
		c->thinking = IS_NULL;
	/* An empty text is one, and takes the template's away. */
	if (system != NULL && c->default_system.len == 0 && !is_null(a, system))
		c->default_system = TL_STR("");
	*out = c;
	return TL_OK;
}

/* --- preparing ------------------------------------------------------------ */

static const struct tl_lf_slot own_function[] = { { TL_LF_STRING,
						      "{{content}}" },
	{ TL_LF_EOS, NULL }, { TL_LF_END, NULL } };

/* The writers of tools and calls, and the slot of calls. */
static enum tl_status
open_writer(struct tl_arena *a, struct config *c, struct tl_error *err)
{
	enum tl_lf_tools tools = c->t->tools, calls = c->t->calls;
	size_t n;
	const char *const *names = tl_lf_tools_names(&n);

	c->function = c->t->function;
	if (c->tool_format.len > 0) {
		tools = calls = tl_lf_tools_find(c->tool_format);
		if (tools == TL_LF_NTOOLS)
			return tl_fail_unknown(
			    a, err, "tool_format", c->tool_format, names, n);
		c->function = own_function;
		if ((c->t->traits & TL_LF_EFFICIENT_EOS) != 0) {
			static const struct tl_lf_slot bare[] = {
				{ TL_LF_STRING, "{{content}}" },
				{ TL_LF_END, NULL }
			};

			c->function = bare;
		}
	}
	return tl_lf_writer_open(a, tools, calls, &c->writer, err);
}

static void
read_words(struct config *c)
{
	const struct tl_lf_template *t = c->t;
	bool has_thought = t->thought_words[0] != NULL;
	bool has_call = t->call_words[0] != NULL;

	c->thought[0] =
	    tl_str_from(has_thought ? t->thought_words[0] : "<think>\n");
	c->thought[1] =
	    tl_str_from(has_thought ? t->thought_words[1] : "\n</think>\n\n");
	c->call[0] = tl_str_from(has_call ? t->call_words[0] : "<tool_call>");
	c->call[1] = tl_str_from(has_call ? t->call_words[1] : "</tool_call>");
	c->system = c->default_system.ptr != NULL
	    ? c->default_system
	    : tl_str_from(t->default_system);
}

static struct tl_added_token
special(tl_str s)
{
	return (struct tl_added_token){ .content = s, .is_special = true };
}

/* Stop words become special tokens, and the first of them eos where the
 * template says so. */
static enum tl_status
fix_tokenizer(struct tl_arena *a, struct tl_recipe *r,
    const struct tl_lf_template *t, struct tl_error *err)
{
	const char *const *stop = t->stop_words;
	struct tl_added_token added[8];
	struct tl_tokenizer_change change = { .added = added };

	if ((t->traits & TL_LF_REPLACE_EOS) != 0 && stop != NULL) {
		change.tokens.eos = tl_str_from(*stop++);
		if (!tl_str_eq(change.tokens.eos,
			tl_tokenizer_tokens(r->tokenizer).eos))
			added[change.nadded++] = special(change.tokens.eos);
	} else if (tl_tokenizer_eos(r->tokenizer) < 0) {
		change.tokens.eos = TL_STR("<|endoftext|>");
		added[change.nadded++] = special(change.tokens.eos);
	}
	if (tl_tokenizer_pad(r->tokenizer) < 0)
		change.tokens.pad = change.tokens.eos.len > 0
		    ? change.tokens.eos
		    : tl_tokenizer_tokens(r->tokenizer).eos;
	for (; stop != NULL && *stop != NULL && change.nadded < TL_COUNT(added);
	     stop++)
		added[change.nadded++] = special(tl_str_from(*stop));
	return tl_tokenizer_change(
	    a, r->tokenizer, &change, &r->tokenizer, err);
}

static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st = TL_OK;

	*c = *(const struct config *)r->trainer_config;
	r->trainer_config = c;
	if (c->t == NULL && r->tokenizer != NULL && r->template_ != NULL &&
	    !r->is_default_template)
		st = tl_lf_template_of(a, r, &c->t, err);
	else if (c->t == NULL)
		c->t = find("empty");
	if (st == TL_OK && c->train_on_prompt &&
	    (c->t->traits & TL_LF_EFFICIENT_EOS) != 0)
		st = tl_fail(err, TL_ECONFIG,
		    "LLaMA-Factory refuses train_on_prompt with the template "
		    "%s",
		    c->t->name);
	if (st == TL_OK)
		st = open_writer(a, c, err);
	if (st == TL_OK && r->tokenizer != NULL)
		st = fix_tokenizer(a, r, c->t, err);
	if (st != TL_OK)
		return st;
	read_words(c);
	/* A template with a name goes before the tokenizer's. */
	if (c->template_.len > 0) {
		r->template_ = tl_template_of(a, "llamafactory", c->template_);
		r->is_default_template = false;
	}
	if (c->cutoff_len == 0)
		c->cutoff_len = r->sequence_len > 0 ? r->sequence_len : 2048;
	if (c->packing || c->neat_packing)
		c->cutoff_len--;
	return TL_OK;
}

/* --- writing messages ----------------------------------------------------- */

struct work {
	struct tl_join join;
	const struct config *c;
	struct tl_arena *a;
	const struct tl_conv *conv;
	struct tl_lf_example example;
	const char *now;
	size_t *missing; /* tokens that the vocabulary does not have */
	size_t nmissing, cap_missing;
};

static void
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

/* What becomes of the parts of a message. */
struct part {
	enum tl_reason before, said, after;
};

static const struct part source = { TL_REASON_TEMPLATE, TL_REASON_PROMPT,
	TL_REASON_TEMPLATE };
static const struct part target = { TL_REASON_HEADER, TL_REASON_CONTENT,
	TL_REASON_EOS };

/* {{idx}}, which a user's words may hold as well, becomes the number of the
 * round: the first one. */
static struct tl_chunks
number(struct work *w, const struct tl_chunks *c, size_t round)
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
fill(struct work *w, const char *slot, const struct tl_chunks *content,
    const struct part *p, size_t round)
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
emit_token(struct work *w, const char *name, enum tl_reason reason)
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

static void
check_missing(struct work *w, const bool *is_kept)
{
	for (size_t i = 0; i < w->nmissing; i++)
		if (is_kept[w->missing[i]])
			fail(w,
			    "the template needs a token that the tokenizer "
			    "does not have");
}

/* A special token; left out when the tokenizer has none. */
static void
emit_special(struct work *w, int64_t id, tl_str text, enum tl_reason reason)
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
emit_slots(struct work *w, const struct tl_lf_slot *s,
    const struct tl_chunks *content, const struct part *p, size_t round)
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
			    &(struct part){ reason, p->said, p->after }, round);
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
has_tools(const struct work *w)
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
tool_text(struct work *w)
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
system_text(struct work *w)
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
without_thoughts(struct work *w, struct tl_text text)
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
without(struct work *w, tl_str s, tl_str what)
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
write_calls(struct work *w, tl_str json, tl_str *out)
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
function_text(struct work *w, const struct tl_lf_value *v)
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

/* --- pairs ---------------------------------------------------------------- */

/* Where the tokens of a source and its target lie, and how many are kept. */
struct pair {
	size_t beg, mid, end;
	size_t nsource, ntarget;
};

static const struct tl_lf_slot *
slots_of(const struct config *c, enum tl_lf_role role)
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

static void
emit_message(struct work *w, const struct tl_lf_message *m, size_t i,
    const struct part *p)
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
		emit_slots(w, w->c->t->prefix, &c, &source, NO_ROUND);
	}
	has_system = i == 0 && (system.len > 0 || has_tools(w));
	if (has_system && !is_fused)
		emit_slots(w, w->c->t->system, &system, &source, NO_ROUND);
	else if (has_system && m->role == TL_LF_USER)
		c = fill(w, w->c->t->system->text, &system, &source, NO_ROUND);
	if (m->role == TL_LF_FUNCTION)
		text = function_text(w, &m->content);
	tl_chunks_add(w->a, &c, text, p->said, true, m->content.turn);
	emit_slots(w, slots_of(w->c, m->role), &c, p,
	    m->role == TL_LF_USER && !is_fused ? i / 2 : NO_ROUND);
}

static bool
has_no_thought(const struct work *w, const struct tl_lf_message *m)
{
	tl_str s = m->content.text.str;

	return tl_str_find(s, tl_str_trim(w->c->thought[0]), 0) == TL_NPOS &&
	    tl_str_find(s, tl_str_trim(w->c->thought[1]), 0) == TL_NPOS;
}

static void
emit_empty_thought(struct work *w, enum tl_reason reason)
{
	struct tl_chunks c = { .n = 0 };

	if ((w->c->t->traits & TL_LF_HALF_THOUGHT) == 0)
		tl_chunks_literal(w->a, &c, w->c->thought[0], reason);
	tl_chunks_literal(w->a, &c, w->c->thought[1], reason);
	tl_join_string(&w->join, &c, 0);
}

/* The answers of a reasoning template lose their thoughts: those before the
 * last one, and the last one. */
static void
remove_thoughts(struct work *w, struct tl_lf_message *m, size_t n,
    bool in_history, bool in_last)
{
	if ((w->c->t->traits & TL_LF_REASONING) == 0)
		return;
	for (size_t i = 1; i < n; i += 2)
		if (m[i].content.is_text && (i + 2 < n ? in_history : in_last))
			m[i].content.text =
			    without_thoughts(w, m[i].content.text);
}

static void
emit_pairs(struct work *w, const struct tl_lf_message *m, size_t n,
    bool thinks_last_only, struct pair *pairs)
{
	bool is_reasoning = (w->c->t->traits & TL_LF_REASONING) != 0;

	for (size_t i = 0; i + 1 < n && !w->join.has_failed; i += 2) {
		struct pair *p = &pairs[i / 2];
		bool adds = is_reasoning && has_no_thought(w, &m[i + 1]) &&
		    (!thinks_last_only || i + 2 == n);

		p->beg = w->join.ntokens;
		emit_message(w, &m[i], i, &source);
		if (adds && w->c->thinking != IS_TRUE)
			emit_empty_thought(w, TL_REASON_TEMPLATE);
		p->mid = w->join.ntokens;
		if (adds && w->c->thinking == IS_TRUE)
			emit_empty_thought(w, TL_REASON_HEADER);
		emit_message(w, &m[i + 1], i + 1, &target);
		p->end = w->join.ntokens;
	}
}

/* How many tokens of a source and of a target are kept of `cut`. */
static void
infer(size_t nsource, size_t ntarget, size_t cut, struct pair *p)
{
	size_t max = cut;

	if (ntarget * 2 < cut)
		max = cut;
	else if (nsource * 2 < cut)
		max = cut - nsource;
	else
		max = (size_t)((double)cut *
		    ((double)ntarget / (double)(nsource + ntarget)));
	p->ntarget = max < ntarget ? max : ntarget;
	p->nsource = cut - p->ntarget < nsource ? cut - p->ntarget : nsource;
}

/* Share out cutoff_len: from the first pair on, or from the last when the
 * history is masked. */
static void
cut_pairs(struct work *w, struct pair *pairs, size_t n)
{
	size_t cutoff = w->c->cutoff_len;
	size_t total = (w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0;

	for (size_t k = 0; k < n && total < cutoff; k++) {
		struct pair *p = &pairs[w->c->mask_history ? n - 1 - k : k];

		infer(p->mid - p->beg, p->end - p->mid, cutoff - total, p);
		total += p->nsource + p->ntarget;
	}
}

/* --- labels --------------------------------------------------------------- */

static void
keep(bool *is_kept, size_t beg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		is_kept[beg + i] = true;
}

/* Labels that efficient_eos puts on the first token of what follows an
 * answer: eos, where there should be nothing. */
static void
label_pairs(struct work *w, struct pair *pairs, size_t n, bool *is_kept)
{
	bool is_efficient = (w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0;
	int64_t eos = tl_tokenizer_eos(w->join.cx->recipe->tokenizer);

	for (size_t i = 0; i < n; i++) {
		const struct pair *p = &pairs[i];
		bool is_first = w->c->mask_history ? i + 1 == n : i == 0;
		bool is_there = p->nsource + p->ntarget > 0;

		keep(is_kept, p->beg, p->nsource);
		keep(is_kept, p->mid, p->ntarget);
		if (w->c->train_on_prompt)
			tl_join_label(&w->join, p->beg, p->mid, true);
		if (w->c->mask_history && !is_first)
			tl_join_label(&w->join, p->mid, p->end, false);
		if (!is_efficient || is_first || !is_there)
			continue;
		if (p->nsource == 0)
			fail(w,
			    "a prompt without tokens gets the label of the "
			    "answer before it: more labels than tokens");
		else
			tl_join_label_as(&w->join, p->beg, (uint32_t)eos);
	}
}

static void
finish(struct work *w, struct pair *pairs, size_t n)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	bool is_efficient = (w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0;
	size_t ntokens = w->join.ntokens;
	bool *is_kept = TL_NEW(w->a, bool, ntokens + 1);

	cut_pairs(w, pairs, n);
	if (is_efficient) {
		tl_join_id(&w->join, tl_tokenizer_eos(t),
		    tl_tokenizer_tokens(t).eos, TL_REASON_EOS);
		is_kept[ntokens] = true;
	}
	label_pairs(w, pairs, n, is_kept);
	check_missing(w, is_kept);
	if (tl_join_finish(&w->join))
		tl_label_finish_kept(w->a, w->join.out, is_kept, w->join.labels,
		    w->c->cutoff_len);
}

/* --- records -------------------------------------------------------------- */

static const char *const media[] = { "image", "video", "audio" };

/* Pictures, films and sounds: as many as there are places for them. */
static bool
check_media(struct work *w, const struct tl_lf_message *m, size_t n)
{
	bool takes_media = (w->c->t->traits & TL_LF_MEDIA) != 0;

	for (size_t k = 0; k < TL_COUNT(media); k++) {
		tl_str hole =
		    tl_str_from(tl_arena_printf(w->a, "<%s>", media[k]));
		size_t nfiles = w->example.nmedia[k], nholes = 0;

		if (nfiles > 0 && !takes_media) {
			fail(w,
			    tl_arena_printf(w->a,
				"This model does not support %s input",
				media[k]));
			return false;
		}
		for (size_t i = 0; takes_media && i < n; i++)
			for (size_t at = 0;
			     (at = tl_str_find(
				  m[i].content.text.str, hole, at)) != TL_NPOS;
			     at += hole.len)
				nholes++;
		if (takes_media && nholes != nfiles) {
			fail(w,
			    tl_arena_printf(w->a,
				"the number of %ss, %zu, does not match the "
				"number of <%s> in the messages, %zu",
				media[k], nfiles, media[k], nholes));
			return false;
		}
		if (nfiles > 0) {
			tl_label_fail(w->a, w->join.out, TL_VERDICT_KEPT,
			    "how many tokens a picture, a film or a sound "
			    "becomes depends on the file: not computed");
			return false;
		}
	}
	return true;
}

/* The record has no system text, and the template's own is not here. */
static bool
check_system(struct work *w)
{
	const struct tl_lf_template *t = w->c->t;

	if (t->ndefault == 0 || w->c->default_system.ptr != NULL ||
	    (w->example.system.is_text && w->example.system.text.str.len > 0))
		return true;
	tl_label_fail(w->a, w->join.out, TL_VERDICT_KEPT,
	    "turnlint does not carry the default system prompt of the "
	    "template %s (%zu characters): give it as the option "
	    "default_system",
	    t->name, t->ndefault);
	return false;
}

static void
drop(struct work *w, const char *why)
{
	tl_label_fail(w->a, w->join.out, TL_VERDICT_DROPPED,
	    "LLaMA-Factory warns \"%s\" and drops the record", why);
}

/* All messages: the prompt and one answer. */
static struct tl_lf_message *
messages_of(struct work *w, size_t answer, size_t *n)
{
	size_t nprompt = w->example.nprompt;
	struct tl_lf_message *m =
	    TL_NEW(w->a, struct tl_lf_message, nprompt + 1);

	if (nprompt > 0)
		memcpy(m, w->example.prompt, nprompt * sizeof(*m));
	m[nprompt] = w->example.response[answer];
	*n = nprompt + 1;
	return m;
}

static void
label_supervised(struct work *w)
{
	bool drops_history = w->c->mask_history && !w->c->preserve_thinking;
	struct tl_lf_message *m;
	struct pair *pairs;
	size_t n;

	if (w->example.nprompt % 2 != 1 || w->example.nresponse != 1) {
		drop(w,
		    w->example.warning != NULL ? w->example.warning
					       : "Dropped invalid example");
		return;
	}
	m = messages_of(w, 0, &n);
	if (!check_system(w) || !check_media(w, m, n))
		return;
	pairs = TL_NEW(w->a, struct pair, n / 2);
	remove_thoughts(w, m, n, drops_history || w->c->thinking == IS_FALSE,
	    w->c->thinking == IS_FALSE);
	emit_pairs(w, m, n, drops_history, pairs);
	if (!w->join.has_failed)
		finish(w, pairs, n / 2);
}

/* --- preferences and feedback --------------------------------------------- */

/* The conversation up to one answer: all of it is the source, but for that
 * answer. */
static void
emit_oneturn(struct work *w, size_t answer, struct pair *p)
{
	bool is_reasoning = (w->c->t->traits & TL_LF_REASONING) != 0;
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	struct tl_lf_message *m;
	bool adds;
	size_t n;

	m = messages_of(w, answer, &n);
	if (!check_system(w) || !check_media(w, m, n))
		return;
	remove_thoughts(
	    w, m, n, !w->c->preserve_thinking, w->c->thinking == IS_FALSE);
	for (size_t i = 0; i + 1 < n; i++)
		emit_message(w, &m[i], i, &source);
	adds = is_reasoning && has_no_thought(w, &m[n - 1]);
	if (adds && w->c->thinking != IS_TRUE)
		emit_empty_thought(w, TL_REASON_TEMPLATE);
	p->mid = w->join.ntokens;
	if (adds && w->c->thinking == IS_TRUE)
		emit_empty_thought(w, TL_REASON_HEADER);
	emit_message(w, &m[n - 1], n - 1, &target);
	if ((w->c->t->traits & TL_LF_EFFICIENT_EOS) != 0)
		tl_join_id(&w->join, tl_tokenizer_eos(t),
		    tl_tokenizer_tokens(t).eos, TL_REASON_EOS);
	p->end = w->join.ntokens;
}

/* How many tokens the answer beside has; both are cut alike. */
static size_t
other_length(const struct work *w, size_t answer)
{
	struct tl_sample out = { .is_built = false };
	struct work other = *w;
	struct pair p = { .beg = 0 };

	tl_join_init(&other.join, w->join.cx, &out, w->join.framework);
	emit_oneturn(&other, answer, &p);
	return p.end - p.mid;
}

static void
finish_oneturn(struct work *w, struct pair *p, size_t nother)
{
	size_t n = p->end - p->mid;
	bool *is_kept = TL_NEW(w->a, bool, w->join.ntokens + 1);

	infer(p->mid, n > nother ? n : nother, w->c->cutoff_len, p);
	keep(is_kept, 0, p->nsource);
	keep(is_kept, p->mid, p->ntarget < n ? p->ntarget : n);
	check_missing(w, is_kept);
	if (tl_join_finish(&w->join))
		tl_label_finish_kept(
		    w->a, w->join.out, is_kept, NULL, w->c->cutoff_len);
}

static bool
says_something(const struct tl_lf_value *v)
{
	return v->node != NULL &&
	    tl_flag_truth(TL_FLAG_INVALID, v->node) == TL_FLAG_TRUE;
}

/* The chosen answer; the rejected one is stored beside it.  Feedback: the one
 * that is not empty. */
static void
label_preference(struct work *w)
{
	const struct tl_lf_example *e = &w->example;
	bool is_feedback = w->c->stage == STAGE_KTO;
	struct pair p = { .beg = 0 };
	size_t nother = 0, answer = 0;

	if (e->nprompt % 2 != 1 || e->nresponse < 2) {
		drop(w,
		    e->warning != NULL ? e->warning
				       : "Dropped invalid example");
		return;
	}
	if (is_feedback && !says_something(&e->response[0].content))
		answer = 1;
	emit_oneturn(w, answer, &p);
	if (!is_feedback)
		nother = other_length(w, 1);
	if (!w->join.has_failed && p.end > 0)
		finish_oneturn(w, &p, nother);
}

/* --- plain text ----------------------------------------------------------- */

/* Records are laid into sequences of cutoff_len; by default texts are. */
static bool
packs(const struct config *c)
{
	if (c->neat_packing || c->says_packing)
		return c->neat_packing || c->packing;
	return c->stage == STAGE_PT;
}

/* The tokenizer puts bos in front of a text. */
static bool
adds_bos(struct work *w)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	struct tl_tokens tokens;

	return tl_tokenizer_bos(t) >= 0 &&
	    tl_encode(w->join.cx->encoder, w->a, TL_STR(""), TL_ENCODE_SPECIAL,
		&tokens, NULL) == TL_OK &&
	    tokens.n > 0 && tokens.ids[0] == tl_tokenizer_bos(t);
}

/* The first message and eos, all of it trained. */
static void
label_text(struct work *w)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	tl_str eos = tl_tokenizer_tokens(t).eos;
	struct tl_chunks c = { .n = 0 };

	if (w->example.nprompt == 0) {
		fail(w, "the record has no prompt (list index out of range)");
		return;
	}
	if (!w->example.prompt[0].content.is_text) {
		fail(w, "the prompt is not a string");
		return;
	}
	if (strcmp(w->c->t->name, "llama3") == 0)
		eos = TL_STR("<|end_of_text|>");
	if (!packs(w->c) && adds_bos(w))
		tl_chunks_literal(
		    w->a, &c, tl_tokenizer_tokens(t).bos, TL_REASON_ALL);
	tl_chunks_add(w->a, &c, w->example.prompt[0].content.text,
	    TL_REASON_ALL, true, w->example.prompt[0].content.turn);
	tl_chunks_literal(w->a, &c, eos, TL_REASON_ALL);
	tl_join_string(&w->join, &c, 0);
	/* Packed texts are one stream, cut into blocks. */
	if (tl_join_finish(&w->join))
		tl_label_finish(w->a, w->join.out,
		    packs(w->c) ? 0 : w->c->cutoff_len, TL_SIDE_RIGHT);
}

static void
label_example(struct work *w)
{
	bool wants_ranking =
	    w->c->stage == STAGE_RM || w->c->stage == STAGE_DPO;

	if (w->example.error != NULL)
		fail(w, w->example.error);
	else if (w->example.ranking != wants_ranking)
		fail(w,
		    wants_ranking ? "the stage is one of preferences, the "
				    "dataset is not (\"ranking\")"
				  : "a dataset of preferences (\"ranking\") "
				    "is not applicable in this stage");
	else if (w->c->stage == STAGE_SFT)
		label_supervised(w);
	else if (w->c->stage == STAGE_PT)
		label_text(w);
	else
		label_preference(w);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct config *c = cx->recipe->trainer_config;
	struct work w = {
		.c = c,
		.a = cx->arena,
		.conv = conv,
		.now = cx->recipe->render_options.now,
	};

	tl_join_init(&w.join, cx, out, "LLaMA-Factory");
	tl_lf_convert(cx, conv, &c->entry, &c->writer, &w.example);
	label_example(&w);
	if (packs(c))
		out->pack_len = c->cutoff_len;
}

const struct tl_trainer tl_trainer_llama_factory = {
	.name = "llama-factory",
	.summary = "LLaMA-Factory: its templates, cutoff_len, mask_history",
	.reads_record = true,
	.configure = configure,
	.prepare = prepare,
	.label = label,
};
