/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lmflow: the labels LMFlow makes of its three kinds of data.
 *
 * A conversation goes through one of LMFlow's own templates, whose pieces are
 * tokenized one by one, or through a Jinja template and its {% generation %}
 * blocks.  Messages are paired by position: the first of a pair is the prompt,
 * all of the second is trained, the header of the turn included.
 *
 * Samples are cut to the smaller of block_size and model_max_length, which is
 * the tokenizer's own by default.  Shorter ones are padded; here only where one
 * of the two is given, as the tokenizer's may be very long.
 */
#include <turnlint/buf.h>

#include <stdlib.h>
#include <string.h>

#include "join.h"
#include "lmflow_presets.h"
#include "names.h"
#include "options.h"
#include "whole.h"

struct config {
	tl_str conversation_template;
	const struct tl_lmflow_preset *preset; /* NULL: a Jinja template */
	bool train_on_prompt;
	bool disable_group_texts;
	size_t block_size;		   /* 0: not given */
	size_t model_max_length;	   /* 0: the tokenizer's own */
	int truncation_side;		   /* enum tl_side */
	int padding_side;		   /* enum tl_side */
	const struct tl_lmflow_tags *tags; /* of a Jinja preset, or NULL */
};

static const char *const sides[] = { "right", "left", NULL };

static const struct tl_option_spec specs[] = {
	{ "conversation_template", TL_OPTION_STR,
	    offsetof(struct config, conversation_template), NULL },
	{ "train_on_prompt", TL_OPTION_BOOL,
	    offsetof(struct config, train_on_prompt), NULL },
	{ "disable_group_texts", TL_OPTION_BOOL,
	    offsetof(struct config, disable_group_texts), NULL },
	{ "block_size", TL_OPTION_SIZE, offsetof(struct config, block_size),
	    NULL },
	{ "model_max_length", TL_OPTION_SIZE,
	    offsetof(struct config, model_max_length), NULL },
	{ "truncation_side", TL_OPTION_CHOICE,
	    offsetof(struct config, truncation_side), sides },
	{ "padding_side", TL_OPTION_CHOICE,
	    offsetof(struct config, padding_side), sides },
};

static bool
takes_tokenizers_template(tl_str name)
{
	return name.len == 0 || tl_str_eq(name, TL_STR("tokenizer")) ||
	    tl_str_eq(name, TL_STR("hf_auto"));
}

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st;
	size_t nnames;
	const char *const *names = tl_lmflow_preset_names(&nnames);
	tl_str name;

	c->disable_group_texts = true;
	st = tl_options_read(
	    a, "lmflow", specs, TL_COUNT(specs), opts, n, c, err);
	if (st != TL_OK)
		return st;
	name = c->conversation_template;
	c->preset = tl_lmflow_preset(name);
	c->tags = tl_lmflow_tags(name);
	if (c->tags == NULL && tl_lmflow_is_jinja_preset(name))
		return tl_fail(err, TL_EUNSUPPORTED,
		    "LMFlow's conversation template %s is a Jinja template "
		    "that does not ship with turnlint: pass its text with "
		    "--template FILE and conversation_template=tokenizer",
		    tl_arena_cstr(a, name));
	if (c->preset == NULL && c->tags == NULL &&
	    !takes_tokenizers_template(name))
		return tl_fail_unknown(
		    a, err, "conversation_template", name, names, nnames);
	*out = c;
	return TL_OK;
}

/* A Jinja preset renders as one of the built-in templates does. */
static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	const struct config *c = r->trainer_config;
	struct tl_template *t;
	enum tl_status st;

	if (c->tags == NULL)
		return TL_OK;
	st = tl_template_load(
	    a, tl_arena_printf(a, "lmflow:%s", c->tags->name), &t, err);
	if (st != TL_OK)
		return st;
	r->template_ = t;
	r->is_default_template = false;
	return TL_OK;
}

/* --- pieces --------------------------------------------------------------- */

struct work {
	struct tl_join join;
	const struct tl_trainer_cx *cx;
	const struct config *config;
	const struct tl_lmflow_preset *preset;
	struct tl_arena *a;
	const struct tl_conv *conv;
	struct tl_sample *out;
};

static void
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

/* The chunks of a piece with {{content}} filled in. */
static struct tl_chunks
fill(struct work *w, const char *piece, const struct tl_chunks *content,
    enum tl_reason before, enum tl_reason after)
{
	static const tl_str hole = TL_LIT("{{content}}");
	tl_str p = tl_str_from(piece);
	struct tl_chunks out = { .n = 0 };
	size_t at = 0, found;

	while ((found = tl_str_find(p, hole, at)) != TL_NPOS) {
		tl_chunks_literal(w->a, &out, tl_str_slice(p, at, found),
		    at == 0 ? before : after);
		tl_chunks_append(w->a, &out, content);
		at = found + hole.len;
	}
	tl_chunks_literal(
	    w->a, &out, tl_str_slice(p, at, p.len), at == 0 ? before : after);
	if (out.n == 0)
		tl_chunks_literal(w->a, &out, TL_STR(" "), after);
	return out;
}

static void
emit_piece(struct work *w, const struct tl_lmflow_piece *p,
    const struct tl_chunks *content, enum tl_reason before,
    enum tl_reason after, bool is_bare)
{
	const struct tl_tokenizer *t = w->cx->recipe->tokenizer;
	struct tl_special_tokens special = tl_tokenizer_tokens(t);
	struct tl_chunks c;

	switch (p->kind) {
	case TL_LMFLOW_END:
		return;
	case TL_LMFLOW_BOS:
		tl_join_id(&w->join, tl_tokenizer_bos(t), special.bos, before);
		return;
	case TL_LMFLOW_EOS:
		tl_join_id(&w->join, tl_tokenizer_eos(t), special.eos, after);
		return;
	case TL_LMFLOW_STRING:
		break;
	}
	/* is_bare: without the newline in front */
	c = fill(w, p->text + (is_bare && p->text[0] == '\n'), content, before,
	    after);
	tl_join_string(&w->join, &c, 0);
}

/* --- one conversation ------------------------------------------------------
 */

struct message {
	size_t turn; /* position in conv->turns */
	const struct tl_lmflow_piece *slot;
	bool is_answer;
};

static struct tl_chunks
content_of(
    struct work *w, const struct tl_conv *conv, size_t turn, bool is_answer)
{
	const struct tl_turn *t = &conv->turns[turn];
	struct tl_chunks c = { .n = 0 };

	if (t->content_node == NULL)
		fail(w, "a message has no content");
	else if (t->content_node->kind != TL_JSON_STRING)
		fail(w, "the content of a message is not a string");
	tl_chunks_add(w->a, &c, t->text,
	    is_answer ? TL_REASON_CONTENT : TL_REASON_PROMPT, true, turn);
	return c;
}

/* The tools as one string, as the templates for tools add them to the system
 * text. */
static void
add_tools(struct work *w, const struct tl_conv *conv, struct tl_chunks *c)
{
	bool is_tagged = (w->preset->traits & TL_LMFLOW_TAG_TOOLS) != 0;
	const struct tl_json *v;

	if (conv->tools == NULL || conv->tools->kind != TL_JSON_ARRAY)
		return;
	for (v = conv->tools->first; v != NULL; v = v->next) {
		tl_str before = is_tagged ? TL_STR("\n<tool> ")
		    : v->index > 0	  ? TL_STR(",")
					  : TL_STR("");

		if (v->kind != TL_JSON_STRING) {
			fail(w, "an element of tools is not a string");
			return;
		}
		tl_chunks_literal(w->a, c, before, TL_REASON_TEMPLATE);
		tl_chunks_add(w->a, c, tl_text_from_json(w->a, v),
		    TL_REASON_PROMPT, true, TL_NO_TURN);
		if (is_tagged)
			tl_chunks_literal(
			    w->a, c, TL_STR(" </tool>"), TL_REASON_TEMPLATE);
	}
}

static bool
is_all_spaces(tl_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != ' ')
			return false;
	return true;
}

/* The system text of the record: what stands beside the messages, and not
 * among them. */
static struct tl_chunks
system_of(struct work *w, const struct tl_conv *conv, size_t nsystem)
{
	struct tl_chunks c = { .n = 0 };
	const struct tl_json *root = w->cx->record->doc.root;
	struct tl_text text = { .nruns = 0 };

	if (nsystem > 0)
		text = conv->turns[0].text;
	else if (tl_json_is(tl_json_get(root, "system"), TL_JSON_STRING))
		text = tl_text_from_json(w->a, tl_json_get(root, "system"));
	if (!is_all_spaces(text.str))
		tl_chunks_add(w->a, &c, text, TL_REASON_PROMPT, true,
		    nsystem > 0 ? 0 : TL_NO_TURN);
	if (c.n > 0 && w->preset->system[0].kind == TL_LMFLOW_END)
		fail(w,
		    "the record has a system text, the conversation "
		    "template has no place for one");
	if ((w->preset->traits & TL_LMFLOW_FOR_TOOL) != 0)
		add_tools(w, conv, &c);
	return c;
}

/* Turns in front of the messages: 1 when the format made a system turn. */
static size_t
count_system(const struct tl_conv *conv)
{
	const struct tl_turn *t = conv->turns;

	return conv->nturns > 0 && t->role == TL_ROLE_SYSTEM && t->node == NULL
	    ? 1
	    : 0;
}

/* Messages in pairs by position. */
static size_t
pair_up(struct work *w, const struct tl_conv *conv, size_t first,
    struct message *out)
{
	size_t n = (conv->nturns - first) / 2 * 2;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct message){ first + i,
			i % 2 == 0 ? w->preset->user : w->preset->assistant,
			i % 2 == 1 };
	return n;
}

static const struct tl_lmflow_piece *
slot_of_role(const struct tl_lmflow_preset *p, tl_str role)
{
	if (tl_str_eq(role, TL_STR("user")))
		return p->user;
	if (tl_str_eq(role, TL_STR("assistant")))
		return p->assistant;
	if (tl_str_eq(role, TL_STR("function")))
		return p->function;
	if (tl_str_eq(role, TL_STR("observation")))
		return p->observation;
	return NULL;
}

/* Messages in groups that end with an assistant; the trainer unpacks each
 * into two. */
static size_t
group(struct work *w, const struct tl_conv *conv, size_t first,
    struct message *out)
{
	size_t n = 0, size = 0;
	size_t nturns = first + (conv->nturns - first) / 2 * 2;

	for (size_t i = first; i < nturns; i++) {
		const struct tl_lmflow_piece *slot =
		    slot_of_role(w->preset, conv->turns[i].role_text);
		bool is_end = slot == w->preset->assistant;

		if (slot == NULL)
			continue;
		out[n++] = (struct message){ i, slot, size == 1 };
		size++;
		if ((is_end && size != 2) || size > 2)
			fail(w,
			    "a round of messages is not a pair "
			    "(too many or not enough values to unpack)");
		if (is_end)
			size = 0;
	}
	if (size == 1)
		fail(w, "the last round of messages is not a pair");
	return n;
}

static void
emit_slot(struct work *w, const struct tl_lmflow_piece *slot,
    const struct tl_chunks *content, bool is_answer, bool is_bare)
{
	enum tl_reason before =
	    is_answer ? TL_REASON_HEADER : TL_REASON_TEMPLATE;
	enum tl_reason after = is_answer ? TL_REASON_EOS : TL_REASON_TEMPLATE;

	for (; slot->kind != TL_LMFLOW_END; slot++)
		emit_piece(w, slot, content, before, after, is_bare);
}

static void
emit_system(struct work *w, struct tl_chunks *system)
{
	if (system->n > 0 || (w->preset->traits & TL_LMFLOW_FORCE_SYSTEM) != 0)
		emit_slot(w, w->preset->system, system, false, false);
}

/* The system text within its frame, in front of the first prompt. */
static struct tl_chunks
system_in_user(struct work *w, const struct tl_chunks *system,
    const struct tl_chunks *content)
{
	struct tl_chunks c = fill(w, w->preset->system[0].text, system,
	    TL_REASON_TEMPLATE, TL_REASON_TEMPLATE);

	tl_chunks_append(w->a, &c, content);
	return c;
}

static void
emit_messages(struct work *w, const struct tl_conv *conv,
    const struct message *m, size_t n, struct tl_chunks *system)
{
	unsigned traits = w->preset->traits;

	emit_piece(w, &w->preset->starter, &(struct tl_chunks){ .n = 0 },
	    TL_REASON_TEMPLATE, TL_REASON_TEMPLATE, false);
	if ((traits & TL_LMFLOW_SYSTEM_IN_USER) == 0)
		emit_system(w, system);
	for (size_t i = 0; i < n && !w->join.has_failed; i++) {
		struct tl_chunks c =
		    content_of(w, conv, m[i].turn, m[i].is_answer);

		if (i == 0 && system->n > 0 &&
		    (traits & TL_LMFLOW_SYSTEM_IN_USER) != 0)
			c = system_in_user(w, system, &c);
		emit_slot(w, m[i].slot, &c, m[i].is_answer,
		    i == 0 && system->n == 0 &&
			(traits & TL_LMFLOW_BARE_START) != 0);
	}
	if ((traits & TL_LMFLOW_DROP_13) != 0 && w->join.ntokens > 0 &&
	    w->join.ids[w->join.ntokens - 1] == 13)
		w->join.ntokens--;
	emit_piece(w, &w->preset->stopper, &(struct tl_chunks){ .n = 0 },
	    TL_REASON_EOS, TL_REASON_EOS, false);
}

/* --- results -------------------------------------------------------------- */

/* Without a pad token LMFlow takes eos. */
static uint32_t
pad_id(const struct tl_tokenizer *t)
{
	int64_t id = tl_tokenizer_pad(t);

	if (id < 0)
		id = tl_tokenizer_eos(t);
	return id < 0 ? 0 : (uint32_t)id;
}

static void
finish(const struct tl_trainer_cx *cx, struct tl_sample *out)
{
	const struct config *c = cx->recipe->trainer_config;
	int64_t own = tl_tokenizer_facts(cx->recipe->tokenizer)->max_length;
	size_t max =
	    c->block_size > 0 ? c->block_size : cx->recipe->sequence_len;
	bool pads = max > 0 || c->model_max_length > 0;

	if (c->model_max_length > 0)
		own = (int64_t)c->model_max_length;
	if (own > 0 && (max == 0 || (size_t)own < max))
		max = (size_t)own;
	if (!c->disable_group_texts)
		max = 0; /* samples are joined and cut as a stream */
	tl_label_finish(cx->arena, out, max, (enum tl_side)c->truncation_side);
	if (!c->disable_group_texts)
		out->pack_len = c->block_size > 0 ? c->block_size
						  : cx->recipe->sequence_len;
	if (!pads || out->tokens.n >= max)
		return;
	out->padding.n = max - out->tokens.n;
	out->padding.id = pad_id(cx->recipe->tokenizer);
	out->padding.is_left = c->padding_side == TL_SIDE_LEFT;
}

/* train_on_prompt is looked at for conversations alone. */
static void
finish_conversation(struct work *w)
{
	if (w->config->train_on_prompt && !w->join.has_failed)
		tl_label_all(w->a, w->out, TL_REASON_ALL);
	if (!w->join.has_failed)
		finish(w->cx, w->out);
}

static void
label_preset(struct work *w, const struct tl_conv *conv)
{
	size_t first = count_system(conv);
	struct message *m = TL_NEW(w->a, struct message, conv->nturns);
	struct tl_chunks system;
	size_t n;

	if (conv->nturns - first < 2 ||
	    !tl_str_eq(conv->turns[first].role_text, TL_STR("user"))) {
		tl_join_finish(&w->join);
		finish_conversation(w);
		w->out->why = conv->nturns - first < 2
		    ? TL_STR("fewer than two messages: LMFlow keeps an empty "
			     "sequence")
		    : TL_STR("the first message is not from \"user\": LMFlow "
			     "keeps an empty sequence");
		return;
	}
	system = system_of(w, conv, first);
	n = (w->preset->traits & TL_LMFLOW_FOR_TOOL) != 0
	    ? group(w, conv, first, m)
	    : pair_up(w, conv, first, m);
	if (w->join.has_failed)
		return;
	emit_messages(w, conv, m, n, &system);
	tl_join_finish(&w->join);
	finish_conversation(w);
}

/* --- Jinja ------------------------------------------------------------------
 */

/* Somebody's words stand there. */
static bool
is_said(const struct work *w, const struct tl_text *text, tl_span s)
{
	for (size_t at = s.beg; at < s.end;) {
		const struct tl_run *r = tl_text_run_at(text, at);
		size_t turn = r->node != NULL
		    ? tl_turn_of_run(w->conv, r, TL_NO_TURN)
		    : TL_NO_TURN;

		if (turn != TL_NO_TURN &&
		    tl_turn_has_content(&w->conv->turns[turn], r->node))
			return true;
		at = r->end;
	}
	return false;
}

/* The next place of a marker that the template wrote. */
static size_t
find_marker(const struct work *w, const struct tl_text *text,
    const char *marker, size_t from)
{
	tl_str m = tl_str_from(marker);

	for (size_t at = from; (at = tl_str_find(text->str, m, at)) != TL_NPOS;
	     at++)
		if (!is_said(w, text, (tl_span){ at, at + m.len }))
			return at;
	return TL_NPOS;
}

/* The {% generation %} blocks of LMFlow's own text of the template. */
static void
tag_answers(struct work *w)
{
	const struct tl_lmflow_tags *tags = w->config->tags;
	const struct tl_text *text = &w->out->render.text;
	tl_span *spans = TL_NEW(w->a, tl_span, w->conv->nturns + 1);
	size_t n = 0, at = 0, end;

	while (n < w->conv->nturns &&
	    (at = find_marker(w, text, tags->header, at)) != TL_NPOS) {
		size_t beg = at + (tags->has_header ? 0 : strlen(tags->header));

		end = find_marker(w, text, tags->end, at);
		at = end == TL_NPOS ? text->str.len : end + strlen(tags->end);
		spans[n++] = (tl_span){ beg, at };
	}
	w->out->render.generation = spans;
	w->out->render.ngeneration = n;
	w->out->render.generation_beyond = TL_NEW(w->a, size_t, n);
}

/* What is known of LMFlow's own text of the template: plain conversations that
 * end with an answer. */
static bool
is_plain(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].ntool_calls > 0 ||
		    conv->turns[i].role == TL_ROLE_TOOL)
			return false;
	return conv->tools == NULL && conv->nturns > 0 &&
	    conv->turns[conv->nturns - 1].role == TL_ROLE_ASSISTANT;
}

/* A system text of blanks alone is no turn to the format, and one here. */
static const struct tl_conv *
with_system(struct work *w, const struct tl_json *system)
{
	struct tl_conv *conv = TL_NEW(w->a, struct tl_conv, 1);
	struct tl_turn *turns =
	    TL_NEW(w->a, struct tl_turn, w->conv->nturns + 1);
	struct tl_field *fields = TL_NEW(w->a, struct tl_field, 2);

	fields[0] = (struct tl_field){ .name = TL_STR("role"),
		.text = tl_text_added(w->a, TL_STR("system")) };
	fields[1] =
	    (struct tl_field){ .name = TL_STR("content"), .node = system };
	turns[0] = (struct tl_turn){ .index = TL_NO_TURN,
		.role = TL_ROLE_SYSTEM,
		.role_text = TL_STR("system"),
		.content_node = system,
		.text = tl_text_from_json(w->a, system),
		.fields = fields,
		.nfields = 2 };
	if (w->conv->nturns > 0)
		memcpy(turns + 1, w->conv->turns,
		    w->conv->nturns * sizeof(*turns));
	*conv = *w->conv;
	conv->turns = turns;
	conv->nturns++;
	return conv;
}

static void
render_jinja(struct work *w)
{
	const struct tl_recipe *r = w->cx->recipe;
	const struct tl_json *system =
	    tl_json_get(w->cx->record->doc.root, "system");
	const struct tl_conv *conv;

	w->out->render = *w->cx->render;
	if (!tl_json_is(system, TL_JSON_STRING) || count_system(w->conv) > 0)
		return;
	conv = with_system(w, system);
	tl_template_render(r->template_, w->a, conv, conv->nturns,
	    &r->render_options, &w->out->render);
}

static void
label_jinja(struct work *w)
{
	struct tl_error err;

	if (w->cx->render == NULL) {
		fail(w,
		    "conversation_template=tokenizer, and the tokenizer "
		    "has no chat template");
		return;
	}
	render_jinja(w);
	if (w->out->render.fault != TL_RENDER_OK) {
		tl_whole_fail_render(w->cx, "LMFlow", w->out);
		return;
	}
	if (w->config->tags != NULL && !is_plain(w->conv)) {
		tl_label_fail(w->a, w->out, TL_VERDICT_KEPT,
		    "LMFlow's text of this template is known for plain "
		    "conversations that end with an answer; for others pass "
		    "it with --template FILE and "
		    "conversation_template=tokenizer");
		return;
	}
	if (tl_encode(w->cx->encoder, w->a, w->out->render.text.str, 0,
		&w->out->tokens, &err) != TL_OK) {
		fail(w, err.message);
		return;
	}
	if (w->config->tags != NULL)
		tag_answers(w);
	tl_label_by_generation(w->a, w->out);
	finish_conversation(w);
}

/* --- text2text, text_only ---------------------------------------------------
 */

static void
label_pair(struct work *w, const struct tl_conv *conv)
{
	struct tl_chunks c = { .n = 0 };

	tl_chunks_add(
	    w->a, &c, conv->prompt, TL_REASON_PROMPT, true, TL_NO_TURN);
	tl_join_string(&w->join, &c, 0);
	c = (struct tl_chunks){ .n = 0 };
	tl_chunks_add(
	    w->a, &c, conv->completion, TL_REASON_COMPLETION, true, TL_NO_TURN);
	tl_join_string(&w->join, &c, 0);
	if (tl_join_finish(&w->join))
		finish(w->cx, w->out);
}

static void
label_text(struct work *w, const struct tl_conv *conv)
{
	struct tl_error err;

	w->out->render.text = conv->text;
	if (tl_encode(w->cx->encoder, w->a, conv->text.str, TL_ENCODE_SPECIAL,
		&w->out->tokens, &err) != TL_OK) {
		fail(w, err.message);
		return;
	}
	tl_label_all(w->a, w->out, TL_REASON_ALL);
	finish(w->cx, w->out);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct config *config = cx->recipe->trainer_config;
	struct work w = {
		.cx = cx,
		.config = config,
		.preset = config->preset,
		.a = cx->arena,
		.conv = conv,
		.out = out,
	};
	bool is_strict =
	    tl_str_eq(config->conversation_template, TL_STR("tokenizer"));

	tl_join_init(&w.join, cx, out, "LMFlow");
	if (conv->kind == TL_CONV_SEGMENTS) {
		fail(&w, "segments are no data type of LMFlow");
	} else if (conv->kind == TL_CONV_TEXT) {
		label_text(&w, conv);
	} else if (conv->kind == TL_CONV_PAIR) {
		label_pair(&w, conv);
	} else if (w.preset == NULL && (cx->render != NULL || is_strict)) {
		label_jinja(&w);
	} else {
		if (w.preset == NULL)
			w.preset = tl_lmflow_preset(TL_STR("empty"));
		label_preset(&w, conv);
	}
}

const struct tl_trainer tl_trainer_lmflow = {
	.name = "lmflow",
	.summary = "LMFlow: conversation, text2text and text_only data",
	.configure = configure,
	.prepare = prepare,
	.label = label,
};
