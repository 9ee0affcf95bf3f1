/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paddlenlp: the labels of PaddleNLP's fine-tuning (llm/utils/data.py).
 *
 * A record is rounds of a question and an answer.  The system part, each
 * question and each answer are tokenized alone.  What does not fit is left out
 * round by round, the oldest first; only the last round is ever cut.
 */
#include <turnlint/buf.h>
#include <turnlint/str.h>

#include "advice.h"
#include "join.h"
#include "options.h"
#include "whole.h"

struct config {
	tl_str chat_template;
	size_t src_length, max_length;
	int truncation_side; /* the tokenizer's: enum tl_side */
};

static const char *const sides[] = { "right", "left", NULL };

static const struct tl_option_spec specs[] = {
	{ "chat_template", TL_OPTION_STR,
	    offsetof(struct config, chat_template), NULL },
	{ "src_length", TL_OPTION_SIZE, offsetof(struct config, src_length),
	    NULL },
	{ "max_length", TL_OPTION_SIZE, offsetof(struct config, max_length),
	    NULL },
	{ "truncation_side", TL_OPTION_CHOICE,
	    offsetof(struct config, truncation_side), sides },
};

static bool
is_none(const struct tl_option *o)
{
	return tl_str_eq(o->name, TL_STR("chat_template")) &&
	    tl_str_eq(tl_str_trim(o->value), TL_STR("none"));
}

/* "none" is no null here, but a word. */
static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c;
	enum tl_status st = tl_options_new(a, "paddlenlp", specs,
	    TL_COUNT(specs), opts, n, sizeof(*c), out, err);

	if (st != TL_OK)
		return st;
	c = TL_NEW(a, struct config, 1);
	*c = *(const struct config *)*out;
	for (size_t i = 0; i < n; i++)
		if (is_none(&opts[i]))
			c->chat_template = TL_STR("none");
	*out = c;
	return TL_OK;
}

/* PaddleNLP keeps the newline at the end of a Jinja template. */
static enum tl_status
keep_newline(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	tl_str s = tl_template_source(r->template_);
	struct tl_template *t;
	struct tl_buf b;
	enum tl_status st;

	if (tl_template_kind(r->template_) != TL_TEMPLATE_JINJA ||
	    !tl_str_ends(s, TL_STR("\n")))
		return TL_OK;
	tl_buf_init(&b, a, 0);
	tl_buf_put(&b, s);
	tl_buf_putc(&b, '\n');
	st = tl_template_compile(
	    a, tl_template_name(r->template_), tl_buf_str(&b), &t, err);
	if (st == TL_OK)
		r->template_ = t;
	return st;
}

static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	struct tl_template *t;
	enum tl_status st;

	*c = *(const struct config *)r->trainer_config;
	r->trainer_config = c;
	if (c->src_length == 0)
		c->src_length = 1024;
	if (c->max_length == 0)
		c->max_length = r->sequence_len > 0 ? r->sequence_len : 2048;
	if (tl_str_eq(c->chat_template, TL_STR("none"))) {
		r->template_ = NULL;
	} else if (c->chat_template.len > 0) {
		st = tl_template_load(
		    a, tl_arena_cstr(a, c->chat_template), &t, err);
		if (st != TL_OK)
			return st;
		r->template_ = t;
		r->is_default_template = false;
	}
	return r->template_ != NULL ? keep_newline(a, r, err) : TL_OK;
}

/* --- pieces --------------------------------------------------------------- */

struct round {
	size_t beg, mid, end;	 /* tokens of the question, and of the answer */
	size_t nsource, ntarget; /* kept */
};

struct work {
	struct tl_join join;
	const struct config *c;
	const struct tl_template *t; /* NULL: none */
	struct tl_arena *a;
	const struct tl_conv *conv;
	struct tl_sample *out;
	size_t nsystem; /* tokens */
	struct round *rounds;
	size_t n;
};

static void
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

/* Bytes [beg, end) of a rendered text as a string of its own. */
static void
emit(struct work *w, const struct tl_text *text, size_t beg, size_t end,
    bool is_answer)
{
	struct tl_text part = tl_text_slice(w->a, *text, beg, end);
	struct tl_chunks c = { .n = 0 };
	size_t turn = 0;
	bool has_said = false;

	for (size_t i = 0; i < part.nruns; i++) {
		const struct tl_run *r = &part.runs[i];
		size_t who = r->node != NULL ? tl_turn_of_run(w->conv, r, turn)
					     : TL_NO_TURN;
		bool is_said = r->node != NULL;
		enum tl_reason reason = TL_REASON_TEMPLATE;

		if (is_answer)
			reason = is_said ? TL_REASON_CONTENT
			    : has_said	 ? TL_REASON_EOS
					 : TL_REASON_HEADER;
		else if (is_said)
			reason = TL_REASON_PROMPT;
		has_said |= is_said;
		turn = who != TL_NO_TURN ? who : turn;
		tl_chunks_add(w->a, &c,
		    tl_text_slice(w->a, part, r->beg, r->end), reason, is_said,
		    who);
	}
	tl_join_string(&w->join, &c, 0);
}

static void
emit_round(struct work *w, const struct tl_text *source, tl_span s,
    const struct tl_text *target, tl_span t)
{
	struct round *r = &w->rounds[w->n++];

	r->beg = w->join.ntokens;
	emit(w, source, s.beg, s.end, false);
	r->mid = w->join.ntokens;
	emit(w, target, t.beg, t.end, true);
	r->end = w->join.ntokens;
}

/* Render turns [first, first + n); false and the verdict when it fails. */
static bool
render(struct work *w, size_t first, size_t n, bool is_prompt,
    struct tl_render *out)
{
	struct tl_render_options opt = w->join.cx->recipe->render_options;
	struct tl_conv part = *w->conv;
	struct tl_buf b;

	part.turns += first;
	part.nturns = n;
	opt.add_generation_prompt = is_prompt;
	tl_template_render(w->t, w->a, &part, n, &opt, out);
	if (out->fault == TL_RENDER_OK)
		return true;
	tl_buf_init(&b, w->a, 0);
	tl_buf_put_escaped(&b, out->message);
	tl_buf_putc(&b, '\0');
	fail(w, tl_buf_str(&b).ptr);
	return false;
}

/* chat_template.json: the parts are templates of their own. */
static void
emit_paddle(struct work *w)
{
	struct tl_render all, system;
	size_t at;

	if (!render(w, 0, w->conv->nturns, false, &all) ||
	    !render(w, 0, 0, false, &system))
		return;
	at = system.text.str.len;
	if (at > 0)
		emit(w, &all.text, 0, at, false);
	w->nsystem = w->join.ntokens;
	for (size_t i = 0; i < all.ngeneration; i++) {
		tl_span bot = all.generation[i];

		emit_round(
		    w, &all.text, (tl_span){ at, bot.beg }, &all.text, bot);
		at = bot.end;
	}
}

/* --- Jinja ---------------------------------------------------------------- */

struct answer {
	struct tl_render render;
	tl_span span;
	tl_str text;
};

/* What a round alone has behind its own prompt, counted in chars. */
static bool
find_answer(struct work *w, size_t i, struct answer *out)
{
	struct tl_render prompt;
	tl_str s;

	if (!render(w, 2 * i, 2, false, &out->render) ||
	    !render(w, 2 * i, 1, true, &prompt))
		return false;
	s = out->render.text.str;
	out->span.beg = tl_utf8_offset(s, tl_utf8_count(prompt.text.str));
	if (out->span.beg > s.len)
		out->span.beg = s.len;
	out->span.end = s.len;
	out->text = tl_str_slice(s, out->span.beg, s.len);
	return true;
}

/* Answers by their first two bytes, each list in their order; those of one
 * byte stand in all lists that begin with it. */
struct index {
	const struct answer *answers;
	struct link {
		uint32_t answer;
		uint32_t next; /* of links + 1; 0: none */
	} * links;
	uint32_t *first; /* by two bytes */
	size_t nlinks;
};

#define NKEYS 65536u

static void
add_link(struct index *x, size_t key, size_t answer)
{
	x->links[x->nlinks++] =
	    (struct link){ (uint32_t)answer, x->first[key] };
	x->first[key] = (uint32_t)x->nlinks;
}

static void
index_answers(
    struct work *w, const struct answer *answers, size_t n, struct index *x)
{
	size_t nlinks = 0;

	for (size_t i = 0; i < n; i++)
		nlinks += answers[i].text.len == 1 ? 256 : 1;
	*x = (struct index){ .answers = answers,
		.links = TL_NEW(w->a, struct link, nlinks),
		.first = TL_NEW(w->a, uint32_t, NKEYS) };
	for (size_t i = n; i-- > 0;) {
		tl_str s = answers[i].text;
		size_t a = s.len > 0 ? (unsigned char)s.ptr[0] : 0;

		if (s.len >= 2)
			add_link(x, a << 8 | (unsigned char)s.ptr[1], i);
		for (size_t b = 0; s.len == 1 && b < 256; b++)
			add_link(x, a << 8 | b, i);
	}
}

/* The next place where one of the answers stands: the first of them that does,
 * in their order. */
static bool
find_next(const struct index *x, tl_str s, size_t from, tl_span *out)
{
	for (size_t at = from; at < s.len; at++) {
		size_t a = (unsigned char)s.ptr[at];
		size_t b = at + 1 < s.len ? (unsigned char)s.ptr[at + 1] : 0;
		uint32_t k = x->first[a << 8 | b];

		for (; k > 0; k = x->links[k - 1].next) {
			tl_str t = x->answers[x->links[k - 1].answer].text;

			if (!tl_str_starts(tl_str_slice(s, at, s.len), t))
				continue;
			*out = (tl_span){ at, at + t.len };
			return true;
		}
	}
	return false;
}

/* The whole text is cut wherever one of the answers stands. */
static void
emit_jinja(struct work *w)
{
	size_t n = w->conv->nturns / 2, nparts = 0, at = 0;
	struct answer *answers = TL_NEW(w->a, struct answer, n);
	struct tl_render all;
	tl_span *parts, found;
	struct index index;
	bool is_empty = false;

	for (size_t i = 0; i < n; i++) {
		if (!find_answer(w, i, &answers[i]))
			return;
		is_empty |= answers[i].text.len == 0;
	}
	if (!render(w, 0, w->conv->nturns, false, &all))
		return;
	parts = TL_NEW(w->a, tl_span, n + 1);
	index_answers(w, answers, n, &index);
	while (!is_empty && nparts <= n &&
	    find_next(&index, all.text.str, at, &found)) {
		parts[nparts++] = (tl_span){ at, found.beg };
		at = found.end;
	}
	if (is_empty || nparts != n || at < all.text.str.len) {
		fail(w,
		    is_empty ? "an answer renders to nothing (AssertionError)"
			     : "the text cannot be cut at its answers: one of "
			       "them stands elsewhere, too, or not as it does "
			       "alone (AssertionError: Get "
			       "non_learnable_parts len)");
		return;
	}
	for (size_t i = 0; i < n; i++)
		emit_round(w, &all.text, parts[i], &answers[i].render.text,
		    answers[i].span);
}

/* --- truncation ----------------------------------------------------------- */

/* How many elements s[:stop] has in Python. */
static size_t
slice(size_t n, int64_t stop)
{
	if (stop < 0)
		stop += (int64_t)n;
	if (stop < 0)
		return 0;
	return (size_t)stop < n ? (size_t)stop : n;
}

static void
cut_rounds(struct work *w)
{
	size_t max = w->c->max_length - w->nsystem, total = 0;

	for (size_t i = w->n; i-- > 0;) {
		struct round *r = &w->rounds[i];
		bool fits = total + (r->end - r->beg) <= max;

		if (!fits && i + 1 < w->n)
			return;
		r->nsource = r->mid - r->beg;
		r->ntarget = r->end - r->mid;
		if (!fits) {
			r->nsource = slice(r->nsource,
			    (int64_t)w->c->src_length - (int64_t)w->nsystem);
			r->ntarget = slice(
			    r->ntarget, (int64_t)max - (int64_t)r->nsource);
			return;
		}
		total += r->nsource + r->ntarget;
	}
}

static void
keep(bool *is_kept, size_t beg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		is_kept[beg + i] = true;
}

static void
finish(struct work *w, const bool *is_kept)
{
	if (!tl_join_finish(&w->join))
		return;
	tl_label_finish_kept(w->a, w->out, is_kept, NULL, w->c->max_length);
	w->out->label_shift = 1;
}

static void
finish_rounds(struct work *w)
{
	bool *is_kept = TL_NEW(w->a, bool, w->join.ntokens);

	if (w->nsystem >= w->c->max_length) {
		fail(w,
		    tl_arena_printf(w->a,
			"the length of system_ids<%zu> should be smaller than "
			"max_length<%zu>",
			w->nsystem, w->c->max_length));
		return;
	}
	cut_rounds(w);
	keep(is_kept, 0, w->nsystem);
	for (size_t i = 0; i < w->n; i++) {
		keep(is_kept, w->rounds[i].beg, w->rounds[i].nsource);
		keep(is_kept, w->rounds[i].mid, w->rounds[i].ntarget);
	}
	finish(w, is_kept);
}

/* --- without a template --------------------------------------------------- */

static void
emit_turn(struct work *w, size_t turn, unsigned flags, enum tl_reason reason)
{
	struct tl_chunks c = { .n = 0 };

	tl_chunks_add(w->a, &c, w->conv->turns[turn].text, reason, true, turn);
	tl_join_string(&w->join, &c, flags);
}

/* Leave out what the tokenizer cuts of ids [beg, end) when there are `surplus`
 * too many: nothing when that is all of them or more (it logs an error), nor
 * when it was given no room at all.  Returns how many are left. */
static size_t
cut(struct work *w, bool *is_kept, size_t beg, size_t end, int64_t surplus)
{
	size_t n = end - beg;

	keep(is_kept, beg, n);
	if (surplus <= 0 || surplus >= (int64_t)n)
		return n;
	for (size_t i = 0; i < (size_t)surplus; i++)
		is_kept[w->c->truncation_side == TL_SIDE_LEFT ? beg + i
							      : end - 1 - i] =
		    false;
	return n - (size_t)surplus;
}

/* The first question and the first answer; other rounds are not looked at.
 * data.py asks for the question's beginning and the answer's end to be cut, but
 * the tokenizer knows no such argument: both are cut on its own side. */
static void
label_plain(struct work *w)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	size_t nsource, ntarget, beg = 0, end;
	int64_t room;
	bool *is_kept;

	emit_turn(w, 0, TL_ENCODE_SPECIAL, TL_REASON_PROMPT);
	nsource = end = w->join.ntokens;
	emit_turn(w, 1, 0, TL_REASON_COMPLETION);
	if (w->join.has_failed)
		return;
	ntarget = w->join.ntokens - nsource;
	is_kept = TL_NEW(w->a, bool, w->join.ntokens + 1);
	keep(is_kept, 0, nsource);
	while (beg < end && w->join.reasons[beg] == TL_REASON_SPECIAL)
		beg++;
	while (end > beg && w->join.reasons[end - 1] == TL_REASON_SPECIAL)
		end--;
	room = (int64_t)w->c->max_length - (int64_t)(nsource - (end - beg));
	room -= (int64_t)cut(
	    w, is_kept, beg, end, (int64_t)nsource - (int64_t)w->c->src_length);
	ntarget = cut(w, is_kept, nsource, nsource + ntarget,
	    room != 0 ? (int64_t)ntarget - room : 0);
	if ((int64_t)ntarget < room) {
		is_kept[w->join.ntokens] = true;
		tl_join_id(&w->join, tl_tokenizer_eos(t),
		    tl_tokenizer_tokens(t).eos, TL_REASON_EOS);
	}
	finish(w, is_kept);
}

/* --- records -------------------------------------------------------------- */

static size_t
length_of(const struct tl_json *v)
{
	return v->kind == TL_JSON_ARRAY ? v->nchildren : 1;
}

/* Without a template only the first text is read; with one of PaddleNLP's kind
 * whatever stands there is printed. */
static bool
is_readable(const struct work *w, const struct tl_json *v)
{
	if (w->t != NULL)
		return true;
	if (v->kind == TL_JSON_ARRAY)
		v = v->first;
	return v->kind == TL_JSON_STRING;
}

static bool
check_record(struct work *w, const struct tl_json *root)
{
	const struct tl_json *src = tl_json_get(root, "src");
	const struct tl_json *tgt = tl_json_get(root, "tgt");
	const struct tl_json *context = tl_json_get(root, "context");
	const char *why = NULL;

	if (src == NULL || tgt == NULL)
		why = w->t == NULL ? "\"src\" or \"tgt\" is missing "
				     "(DataFormatError)"
				   : "\"src\" or \"tgt\" is missing (KeyError)";
	else if (length_of(src) == 0 || length_of(tgt) == 0)
		why = "\"src\" or \"tgt\" is an empty list (IndexError)";
	else if (!is_readable(w, src) || !is_readable(w, tgt))
		why = "\"src\" or \"tgt\" is neither a string nor a list of "
		      "strings";
	else if (w->t != NULL && length_of(src) != length_of(tgt))
		why = "the length of `src` and `tgt` field must be same.";
	else if (w->t != NULL && context != NULL &&
	    context->kind != TL_JSON_OBJECT)
		why = "\"context\" is no object (TypeError)";
	if (why != NULL)
		fail(w, why);
	return why == NULL;
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct tl_recipe *r = cx->recipe;
	struct work w = { .c = r->trainer_config,
		.t = r->template_,
		.a = cx->arena,
		.out = out };

	tl_join_init(&w.join, cx, out, "PaddleNLP");
	if (!check_record(&w, cx->record->doc.root))
		return;
	w.conv = tl_whole_conv(cx, conv, "paddlenlp");
	w.rounds = TL_NEW(w.a, struct round, w.conv->nturns / 2 + 1);
	if (w.t == NULL) {
		label_plain(&w);
		return;
	}
	if (tl_template_kind(w.t) == TL_TEMPLATE_PADDLE)
		emit_paddle(&w);
	else
		emit_jinja(&w);
	if (!w.join.has_failed)
		finish_rounds(&w);
}

/* The second element of a round is what is trained. */
static const char *
advise_stop(struct tl_arena *a, const struct tl_recipe *r,
    const struct tl_sample *s, size_t k)
{
	if (r->template_ == NULL ||
	    tl_template_kind(r->template_) == TL_TEMPLATE_JINJA)
		return NULL;
	return tl_arena_printf(a,
	    "write %s at the end of the second element of \"conversation\" "
	    "in chat_template.json",
	    tl_advised_token(a, s, k));
}

const struct tl_trainer tl_trainer_paddlenlp = {
	.name = "paddlenlp",
	.summary = "PaddleNLP: src and tgt, chat_template.json or Jinja",
	.reads_record = true,
	.configure = configure,
	.prepare = prepare,
	.label = label,
	.advise_stop = advise_stop,
};
