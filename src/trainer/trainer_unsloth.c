/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unsloth: the labels of train_on_responses_only().
 *
 * The ids of a text are searched for the ids of two markers: what stands
 * between response_part and the next instruction_part is trained, whoever says
 * it.  Without the two they are read off the chat template.  BOS is added
 * unless the text begins with it or the template prints it.  Rows in which
 * nothing is trained are removed.
 */
#include "options.h"
#include "unsloth_markers.h"
#include "whole.h"

#define WHO "Unsloth"
#define DEFAULT_MAX_LENGTH 2048

struct config {
	tl_str instruction_part, response_part;
	bool force_match, last_response_only;
	size_t max_length; /* 0: the recipe's, else the default */
	tl_str dataset_text_field;
	struct tl_unsloth_markers markers;
};

static const struct tl_option_spec specs[] = {
	{ "instruction_part", TL_OPTION_STR,
	    offsetof(struct config, instruction_part), NULL },
	{ "response_part", TL_OPTION_STR,
	    offsetof(struct config, response_part), NULL },
	{ "force_match", TL_OPTION_BOOL, offsetof(struct config, force_match),
	    NULL },
	{ "last_response_only", TL_OPTION_BOOL,
	    offsetof(struct config, last_response_only), NULL },
	{ "max_length", TL_OPTION_SIZE, offsetof(struct config, max_length),
	    NULL },
	{ "max_seq_length", TL_OPTION_SIZE, offsetof(struct config, max_length),
	    NULL },
	{ "dataset_text_field", TL_OPTION_STR,
	    offsetof(struct config, dataset_text_field), NULL },
};

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st;

	c->force_match = true;
	c->dataset_text_field = TL_STR("text");
	st = tl_options_read(
	    a, "unsloth", specs, TL_COUNT(specs), opts, n, c, err);
	if (st != TL_OK)
		return st;
	if ((c->instruction_part.len > 0) != (c->response_part.len > 0))
		return tl_fail(err, TL_ECONFIG,
		    "Unsloth takes both instruction_part and response_part, or "
		    "neither");
	*out = c;
	return TL_OK;
}

static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st = TL_OK;

	if (r->tokenizer == NULL)
		return TL_OK;
	*c = *(const struct config *)r->trainer_config;
	c->markers.instruction_part = c->instruction_part;
	c->markers.response_part = c->response_part;
	if (c->response_part.len == 0)
		st = tl_unsloth_detect(a, r, &c->markers, err);
	if (st == TL_OK)
		st = tl_unsloth_resolve(a, r, c->force_match, &c->markers, err);
	r->trainer_config = c;
	return st;
}

/* --- the search -------------------------------------------------------------
 */

struct search {
	const uint32_t *ids;
	size_t n;
	uint8_t *reasons;
	bool has_last; /* a stretch that last_response_only may yet mask */
	size_t last_beg, last_end;
};

static bool
stands_at(const struct search *s, const struct tl_unsloth_core *c, size_t at)
{
	return s->n - at >= c->nmust &&
	    tl_find_ids(s->ids + at, c->nmust, c->must, c->nmust, 0) == 0;
}

/* The optional ids in front of at. */
static size_t
extend_left(const struct search *s, const struct tl_unsloth_core *c, size_t at)
{
	for (size_t i = c->nleft; i-- > 0 && at > 0; at--)
		if (s->ids[at - 1] != c->left[i])
			break;
	return at;
}

/* The optional ids behind at; compared one place too far, as there. */
static size_t
extend_right(const struct search *s, const struct tl_unsloth_core *c, size_t at)
{
	for (size_t i = 0; i < c->nright && at + 1 < s->n; i++, at++)
		if (s->ids[at + 1] != c->right[i])
			break;
	return at;
}

static void
give(struct search *s, size_t beg, size_t end, enum tl_reason reason)
{
	for (size_t i = beg; i < end; i++)
		s->reasons[i] = (uint8_t)reason;
}

static void
take(struct search *s, size_t beg, size_t end, bool is_last_only)
{
	if (is_last_only && s->has_last)
		give(s, s->last_beg, s->last_end, TL_REASON_PROMPT);
	give(s, beg, end, TL_REASON_COMPLETION);
	s->has_last = true;
	s->last_beg = beg;
	s->last_end = end;
}

/* The question behind the answer that begins at beg, or the last token; k
 * becomes where the search goes on behind it. */
static size_t
find_question(const struct search *s, const struct tl_unsloth_core *q,
    size_t beg, size_t *k)
{
	size_t at = beg;

	for (; at + 1 < s->n; at++) {
		if (s->ids[at] != q->must[0])
			continue;
		*k = at + q->nmust; /* kept even if the rest differs */
		if (stands_at(s, q, at))
			break;
	}
	*k = extend_right(s, q, *k);
	return extend_left(s, q, at);
}

static void
mark_responses(struct search *s, const struct config *c)
{
	const struct tl_unsloth_core *r = &c->markers.response;
	size_t at = 0;

	while (at < s->n) {
		size_t beg, end, k;

		if (!stands_at(s, r, at)) {
			at++;
			continue;
		}
		beg = k = extend_right(s, r, at + r->nmust);
		if (beg >= s->n)
			return; /* a marker at the very end opens nothing */
		end = find_question(s, &c->markers.instruction, beg, &k);
		if (end + 1 == s->n)
			end = k = s->n;
		take(s, beg, end, c->last_response_only);
		at = k + 1;
	}
}

/* --- the text ---------------------------------------------------------------
 */

/* A text column, or what a formatting function makes with the template. */
static bool
make_text(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    const struct config *c, struct tl_sample *out)
{
	const struct tl_json *text =
	    tl_json_get_str(cx->record->doc.root, c->dataset_text_field);

	if (conv->kind == TL_CONV_TEXT && tl_json_is(text, TL_JSON_STRING)) {
		out->render.text = tl_text_from_json(cx->arena, text);
		return true;
	}
	if ((conv->kind == TL_CONV_CHAT || conv->kind == TL_CONV_PAIR) &&
	    !conv->is_broken)
		return tl_whole_render(
		    cx, conv, &cx->recipe->render_options, WHO, out);
	tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
	    WHO " stops with an error: the record has neither a text nor "
		"messages that a formatting function could take");
	return false;
}

static bool
prints_bos(const struct tl_trainer_cx *cx, tl_str text)
{
	tl_str bos = tl_tokenizer_tokens(cx->recipe->tokenizer).bos;
	const struct tl_template *t = cx->recipe->template_;

	if (bos.len == 0)
		return false;
	return tl_str_starts(text, bos) ||
	    (t != NULL &&
		tl_str_find(tl_template_source(t), bos, 0) != TL_NPOS);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct config *c = cx->recipe->trainer_config;
	size_t max = c->max_length > 0	   ? c->max_length
	    : cx->recipe->sequence_len > 0 ? cx->recipe->sequence_len
					   : DEFAULT_MAX_LENGTH;
	struct search s;
	uint8_t *reasons;

	if (!make_text(cx, conv, c, out) ||
	    !tl_whole_encode(cx,
		prints_bos(cx, out->render.text.str) ? 0 : TL_ENCODE_SPECIAL,
		WHO, out))
		return;
	reasons = TL_NEW(cx->arena, uint8_t, out->tokens.n);
	s = (struct search){
		.ids = out->tokens.ids,
		.n = out->tokens.n < max ? out->tokens.n : max,
		.reasons = reasons,
	};
	give(&s, 0, out->tokens.n, TL_REASON_PROMPT);
	mark_responses(&s, c);
	out->reasons = reasons;
	tl_label_finish(cx->arena, out, max, TL_SIDE_RIGHT);
	if (out->ntrained > 0)
		return;
	out->verdict = TL_VERDICT_DROPPED;
	out->why = TL_STR("the ids of response_part are not found in front of "
			  "any token: Unsloth removes the row");
}

const struct tl_trainer tl_trainer_unsloth = {
	.name = "unsloth",
	.summary = "Unsloth's train_on_responses_only: what stands between two "
		   "markers",
	.wants_render = true,
	.takes_plain = true,
	.reads_record = true,
	.configure = configure,
	.prepare = prepare,
	.label = label,
};
