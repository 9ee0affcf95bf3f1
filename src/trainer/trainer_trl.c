/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trl: the labels of TRL's SFTTrainer.
 *
 * By default every token of a conversation or a text is trained, and of a
 * prompt with its completion all but the first n, where n is the number of
 * tokens of the prompt rendered or tokenized alone.  assistant_only_loss trains
 * what lies in {% generation %}; with both masks a token needs both.
 * response_template (and instruction_template) bring back the collator for
 * completions that TRL 0.20 removed: it looks for their ids.
 *
 * Labels are made first and cut to max_length then; what has none left is
 * dropped, unless packing is on, which cuts nothing here.
 */
#include "options.h"
#include "pyjson.h"
#include "trl_training.h"
#include "whole.h"

#define WHO "TRL"
#define NOT_GIVEN ((size_t)-1)
#define DEFAULT_MAX_LENGTH 1024

enum truth { TRUTH_NULL, TRUTH_TRUE, TRUTH_FALSE };
enum mode { KEEP_START, KEEP_END };

struct config {
	tl_str dataset_text_field;
	size_t max_length;    /* 0: no limit */
	int truncation_mode;  /* enum mode */
	int packing_strategy; /* without effect on a record's labels */
	bool packing, padding_free;
	int completion_only_loss; /* enum truth */
	bool assistant_only_loss;
	tl_str eos_token, pad_token;
	tl_str response_template, instruction_template;
	const struct tl_trl_training *training; /* takes the template's place */
};

static const char *const truths[] = { "null", "true", "false", NULL };
static const char *const modes[] = { "keep_start", "keep_end", NULL };
static const char *const strategies[] = { "bfd", "bfd_split", "wrapped", NULL };

static const struct tl_option_spec specs[] = {
	{ "dataset_text_field", TL_OPTION_STR,
	    offsetof(struct config, dataset_text_field), NULL },
	{ "max_length", TL_OPTION_SIZE, offsetof(struct config, max_length),
	    NULL },
	{ "truncation_mode", TL_OPTION_CHOICE,
	    offsetof(struct config, truncation_mode), modes },
	{ "packing", TL_OPTION_BOOL, offsetof(struct config, packing), NULL },
	{ "packing_strategy", TL_OPTION_CHOICE,
	    offsetof(struct config, packing_strategy), strategies },
	{ "padding_free", TL_OPTION_BOOL, offsetof(struct config, padding_free),
	    NULL },
	{ "completion_only_loss", TL_OPTION_CHOICE,
	    offsetof(struct config, completion_only_loss), truths },
	{ "assistant_only_loss", TL_OPTION_BOOL,
	    offsetof(struct config, assistant_only_loss), NULL },
	{ "eos_token", TL_OPTION_STR, offsetof(struct config, eos_token),
	    NULL },
	{ "pad_token", TL_OPTION_STR, offsetof(struct config, pad_token),
	    NULL },
	{ "response_template", TL_OPTION_STR,
	    offsetof(struct config, response_template), NULL },
	{ "instruction_template", TL_OPTION_STR,
	    offsetof(struct config, instruction_template), NULL },
};

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st;

	c->dataset_text_field = TL_STR("text");
	c->max_length = NOT_GIVEN;
	st = tl_options_read(a, "trl", specs, TL_COUNT(specs), opts, n, c, err);
	if (st != TL_OK)
		return st;
	if (c->padding_free && !c->packing && c->max_length != 0)
		return tl_fail(err, TL_ECONFIG,
		    "TRL refuses padding_free=true without packing: max_length "
		    "would not be enforced; set packing=true or "
		    "max_length=null");
	if (c->packing && c->max_length == 0)
		return tl_fail(err, TL_ECONFIG,
		    "TRL refuses packing=true with max_length=null");
	if (c->instruction_template.len > 0 && c->response_template.len == 0)
		return tl_fail(err, TL_ECONFIG,
		    "instruction_template needs a response_template");
	if (c->response_template.len > 0 && c->truncation_mode == KEEP_END)
		return tl_fail(err, TL_ECONFIG,
		    "the releases of TRL that have the collator of "
		    "response_template know no truncation_mode: they keep the "
		    "start");
	*out = c;
	return TL_OK;
}

static enum tl_status
name_tokens(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	const struct config *c = r->trainer_config;
	struct tl_tokenizer_change change = {
		.tokens = { .eos = c->eos_token, .pad = c->pad_token },
	};
	const tl_str named[] = { c->eos_token, c->pad_token };

	if (r->tokenizer == NULL ||
	    (c->eos_token.len == 0 && c->pad_token.len == 0))
		return TL_OK;
	for (size_t i = 0; i < TL_COUNT(named); i++)
		if (named[i].len > 0 &&
		    tl_tokenizer_id(r->tokenizer, named[i]) < 0)
			return tl_fail(err, TL_ECONFIG,
			    "TRL refuses an %s_token that is not in the "
			    "vocabulary: %s",
			    i == 0 ? "eos" : "pad", tl_arena_cstr(a, named[i]));
	return tl_tokenizer_change(
	    a, r->tokenizer, &change, &r->tokenizer, err);
}

static enum tl_status
swap_template(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	struct tl_template *t = NULL;
	enum tl_status st;

	*c = *(const struct config *)r->trainer_config;
	if (!c->assistant_only_loss || r->template_ == NULL ||
	    tl_has_generation_tag(r->template_))
		return TL_OK;
	c->training = tl_trl_training(tl_template_source(r->template_));
	r->trainer_config = c;
	if (c->training == NULL || c->training->scope == TL_TRL_NONE)
		return TL_OK;
	st = tl_template_load(
	    a, tl_arena_printf(a, "trl:%s", c->training->name), &t, err);
	if (st == TL_OK)
		r->template_ = t;
	return st;
}

static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	enum tl_status st = swap_template(a, r, err);

	return st == TL_OK ? name_tokens(a, r, err) : st;
}

/* What TRL takes a record for, by its keys and its first message. */
enum shape {
	SHAPE_MESSAGES,
	SHAPE_SHAREGPT, /* from and value: keys renamed, roles kept */
	SHAPE_PAIR,	/* prompt and completion, strings */
	SHAPE_PAIR_OF_LISTS,
	SHAPE_TEXT,
	SHAPE_NONE, /* a KeyError or the like: the sample says which */
};

struct work {
	const struct tl_trainer_cx *cx;
	const struct config *config;
	struct tl_sample *out;
	enum shape shape;
	tl_str eos;
	struct tl_render_options opt;
	size_t nprompt; /* tokens of the prompt; of a pair */
};

static void
fail(struct work *w, const char *why)
{
	tl_label_fail(w->cx->arena, w->out, TL_VERDICT_ABORTS,
	    WHO " stops with an error: %s", why);
}

static bool
has_key(const struct tl_json *list, const char *key)
{
	return tl_json_is(list, TL_JSON_ARRAY) && list->first != NULL &&
	    tl_json_get(list->first, key) != NULL;
}

static enum shape
shape_of(struct work *w, const struct tl_json *root)
{
	const struct tl_json *prompt = tl_json_get(root, "prompt");
	const struct tl_json *completion = tl_json_get(root, "completion");

	if (tl_json_get(root, "image") != NULL ||
	    tl_json_get(root, "images") != NULL) {
		fail(w,
		    "ValueError: an \"image\" or \"images\" column makes it a "
		    "data set for vision-language models, which this tokenizer "
		    "alone does not serve; what a picture becomes depends on "
		    "the processor and the file, and is not computed");
		return SHAPE_NONE;
	}
	if (has_key(tl_json_get(root, "conversations"), "from") &&
	    has_key(tl_json_get(root, "conversations"), "value"))
		return SHAPE_SHAREGPT;
	if (prompt != NULL) {
		if (completion == NULL)
			fail(w, "KeyError: 'completion'");
		else if (tl_json_is(prompt, TL_JSON_STRING) &&
		    tl_json_is(completion, TL_JSON_STRING))
			return SHAPE_PAIR;
		else if (tl_json_is(completion, TL_JSON_ARRAY) &&
		    completion->first == NULL)
			fail(w,
			    "the completion has no messages: IndexError, when "
			    "it and not the prompt is what TRL happens to look "
			    "at (the order of a Python set)");
		else if (has_key(prompt, "role") &&
		    tl_json_is(completion, TL_JSON_ARRAY))
			return SHAPE_PAIR_OF_LISTS;
		else
			fail(w,
			    "prompt and completion are neither two strings nor "
			    "two lists of messages");
		return SHAPE_NONE;
	}
	if (has_key(tl_json_get(root, "messages"), "role"))
		return SHAPE_MESSAGES;
	if (tl_json_is(tl_json_get_str(root, w->config->dataset_text_field),
		TL_JSON_STRING))
		return SHAPE_TEXT;
	fail(w,
	    "KeyError: the record has neither messages nor prompt and "
	    "completion nor the column that dataset_text_field names");
	return SHAPE_NONE;
}

/* --- texts ------------------------------------------------------------------
 */

/* Of text and nothing else: a column of another name gets no eos. */
static bool
add_eos(struct work *w, struct tl_text *text)
{
	struct tl_text parts[2] = { *text };

	if (w->eos.ptr == NULL) {
		fail(w, "the tokenizer has no eos token to append");
		return false;
	}
	if (tl_str_ends(text->str, w->eos))
		return true;
	parts[1] = tl_text_added(w->cx->arena, w->eos);
	*text = tl_text_concat(w->cx->arena, parts, 2);
	return true;
}

static bool
make_text(struct work *w, const struct tl_json *root)
{
	tl_str field = w->config->dataset_text_field;

	w->out->render.text =
	    tl_text_from_json(w->cx->arena, tl_json_get_str(root, field));
	if (tl_str_eq(field, TL_STR("text")) &&
	    !add_eos(w, &w->out->render.text))
		return false;
	return tl_whole_encode(w->cx, TL_ENCODE_SPECIAL, WHO, w->out);
}

/* A text column beside the pair takes the eos that the completion would get. */
static bool
text_takes_eos(const struct work *w, const struct tl_json *root)
{
	const struct tl_json *text = tl_json_get(root, "text");

	return tl_json_is(text, TL_JSON_STRING) && w->eos.ptr != NULL &&
	    !tl_str_ends(text->text, w->eos);
}

static bool
make_pair(struct work *w, const struct tl_json *root)
{
	struct tl_arena *a = w->cx->arena;
	struct tl_text parts[2] = {
		tl_text_from_json(a, tl_json_get(root, "prompt")),
		tl_text_from_json(a, tl_json_get(root, "completion")),
	};
	struct tl_tokens prompt;

	if ((!text_takes_eos(w, root) && !add_eos(w, &parts[1])) ||
	    !tl_whole_ids(
		w->cx, parts[0].str, TL_ENCODE_SPECIAL, WHO, w->out, &prompt))
		return false;
	w->nprompt = prompt.n;
	w->out->render.text = tl_text_concat(a, parts, 2);
	return tl_whole_encode(w->cx, TL_ENCODE_SPECIAL, WHO, w->out);
}

/* --- conversations ----------------------------------------------------------
 */

/* Roles as the record spells them, and no turn that it does not have. */
static const struct tl_conv *
with_own_roles(struct work *w, const struct tl_conv *conv)
{
	struct tl_arena *a = w->cx->arena;
	struct tl_conv *copy = TL_NEW(a, struct tl_conv, 1);
	struct tl_turn *turns = tl_conv_copy(a, conv, copy);
	size_t n = 0;

	for (size_t i = 0; i < conv->nturns; i++) {
		if (turns[i].index == TL_NO_TURN)
			continue;
		turns[n] = turns[i];
		if (turns[n].role_node != NULL)
			tl_turn_set_field(
			    a, &turns[n], TL_STR("role"), turns[n].role_node);
		n++;
	}
	copy->nturns = n;
	return copy;
}

static const struct tl_conv *
chat_of(struct work *w, const struct tl_conv *conv)
{
	switch (w->shape) {
	case SHAPE_MESSAGES:
		return tl_whole_conv(w->cx, conv, "openai");
	case SHAPE_SHAREGPT:
		return with_own_roles(
		    w, tl_whole_conv(w->cx, conv, "sharegpt"));
	default:
		return tl_whole_conv(w->cx, conv, "prompt_completion");
	}
}

/* The number of tokens that the prompt has when it is rendered alone. */
static bool
count_prompt(struct work *w, const struct tl_conv *chat)
{
	struct tl_render_options opt = w->opt;
	struct tl_sample alone = { .is_built = false };
	struct tl_conv prompt = *chat;
	bool ok;

	prompt.nturns = 0;
	while (prompt.nturns < chat->nturns &&
	    !chat->turns[prompt.nturns].in_completion)
		prompt.nturns++;
	opt.add_generation_prompt = true;
	ok = tl_whole_render(w->cx, &prompt, &opt, WHO, &alone) &&
	    tl_whole_encode(w->cx, 0, WHO, &alone);
	w->nprompt = alone.tokens.n;
	if (!ok) {
		w->out->verdict = alone.verdict;
		w->out->why = alone.why;
	}
	return ok;
}

/* A JSON text is read, and must give a list of objects. */
static bool
check_tools(struct work *w, const struct tl_json *tools)
{
	bool is_text = tl_json_is(tools, TL_JSON_STRING);
	const struct tl_json *v =
	    is_text ? tl_pyjson_loads(w->cx->arena, tools) : tools;
	bool is_good;

	if (is_text && v == tools) {
		fail(w, "JSONDecodeError: \"tools\" is a text, and no JSON");
		return false;
	}
	if (v == NULL || v->kind == TL_JSON_NULL || w->shape == SHAPE_TEXT ||
	    w->shape == SHAPE_PAIR)
		return true;
	is_good = v->kind >= TL_JSON_STRING &&
	    (v->kind != TL_JSON_STRING || v->text.len == 0);
	if (v->kind != TL_JSON_STRING)
		for (v = v->first; v != NULL; v = v->next)
			is_good &= v->kind == TL_JSON_OBJECT;
	if (!is_good)
		fail(w, "\"tools\" is no list of objects");
	return is_good;
}

static bool
is_plain_turn(const struct tl_turn *t, bool is_first)
{
	switch (t->role) {
	case TL_ROLE_SYSTEM:
		return is_first && t->content_node->text.len > 0;
	case TL_ROLE_USER:
	case TL_ROLE_ASSISTANT:
		return t->ntool_calls == 0;
	default:
		return false;
	}
}

/* Our training templates are TRL's for the records of their scope. */
static bool
is_in_scope(struct work *w, const struct tl_conv *chat)
{
	enum tl_trl_scope scope = w->config->training != NULL
	    ? w->config->training->scope
	    : TL_TRL_ANY;
	bool is_in = scope != TL_TRL_PLAIN || chat->tools == NULL ||
	    chat->tools->nchildren == 0;

	for (size_t i = 0; i < chat->nturns && scope >= TL_TRL_STRINGS; i++) {
		const struct tl_turn *t = &chat->turns[i];

		is_in = is_in && tl_json_is(t->content_node, TL_JSON_STRING) &&
		    (scope != TL_TRL_PLAIN || is_plain_turn(t, i == 0));
	}
	if (!is_in)
		tl_label_fail(w->cx->arena, w->out, TL_VERDICT_KEPT,
		    "what TRL's training template in this one's place makes "
		    "of this record is not known here%s: give it with "
		    "--template",
		    scope == TL_TRL_PLAIN ? ", beyond plain texts of user and "
					    "assistant"
					  : "");
	return is_in;
}

static bool
make_chat(struct work *w, const struct tl_conv *conv)
{
	const struct tl_conv *chat = chat_of(w, conv);

	if (chat->is_broken) {
		fail(w, "the messages are not what a template can read");
		return false;
	}
	if (!is_in_scope(w, chat) ||
	    (w->shape == SHAPE_PAIR_OF_LISTS && !count_prompt(w, chat)) ||
	    !tl_whole_render(w->cx, chat, &w->opt, WHO, w->out))
		return false;
	if (w->config->training != NULL)
		tl_trl_training_move(
		    w->cx->arena, w->config->training, w->eos, &w->out->render);
	return tl_whole_encode(w->cx, 0, WHO, w->out);
}

static bool
make_tokens(
    struct work *w, const struct tl_conv *conv, const struct tl_json *root)
{
	switch (w->shape) {
	case SHAPE_TEXT:
		return make_text(w, root);
	case SHAPE_PAIR:
		return make_pair(w, root);
	default:
		return make_chat(w, conv);
	}
}

/* --- masks ------------------------------------------------------------------
 */

static bool
is_pair(const struct work *w)
{
	return w->shape == SHAPE_PAIR || w->shape == SHAPE_PAIR_OF_LISTS;
}

/* assistant_only_loss, before anything is tokenized. */
static bool
may_mask_by_turns(struct work *w)
{
	if (!w->config->assistant_only_loss)
		return true;
	if (w->shape != SHAPE_MESSAGES && w->shape != SHAPE_PAIR_OF_LISTS) {
		fail(w,
		    w->shape == SHAPE_SHAREGPT
			? "assistant_only_loss=true is checked before \"from\" "
			  "and \"value\" are renamed: the data set counts as "
			  "not conversational"
			: "assistant_only_loss=true, but the data set is not "
			  "conversational");
		return false;
	}
	if (w->cx->recipe->template_ == NULL ||
	    tl_has_generation_tag(w->cx->recipe->template_))
		return true;
	fail(w,
	    w->config->training != NULL
		? "assistant_only_loss=true, and TRL puts a training template "
		  "of its own in this one's place, which turnlint does not "
		  "have: give it with --template"
		: "ValueError: assistant_only_loss=true, and the template has "
		  "neither a {% generation %} tag nor a text that TRL knows a "
		  "training template for");
	return false;
}

static bool
has_trained(const struct tl_sample *out)
{
	for (size_t i = 0; i < out->tokens.n; i++)
		if (tl_reason_is_trained((enum tl_reason)out->reasons[i]))
			return true;
	return false;
}

static bool
mask(struct work *w)
{
	const struct config *c = w->config;
	struct tl_arena *a = w->cx->arena;
	uint8_t *reasons;

	if (c->assistant_only_loss) {
		tl_label_by_generation(a, w->out);
		if (!has_trained(w->out)) {
			fail(w,
			    "assistant_only_loss=true, and no token of this "
			    "record lies in {% generation %}");
			return false;
		}
	} else {
		tl_label_all(a, w->out,
		    is_pair(w) && c->completion_only_loss != TRUTH_FALSE
			? TL_REASON_COMPLETION
			: TL_REASON_ALL);
	}
	if (!is_pair(w) || c->completion_only_loss == TRUTH_FALSE)
		return true;
	reasons = TL_NEW(a, uint8_t, w->out->tokens.n);
	for (size_t i = 0; i < w->out->tokens.n; i++)
		reasons[i] = i < w->nprompt ? (uint8_t)TL_REASON_PROMPT
					    : w->out->reasons[i];
	w->out->reasons = reasons;
	return true;
}

/* --- the collator that was removed ------------------------------------------
 */

struct matches {
	size_t *at;
	size_t n;
};

/* Where part stands among the labels of ids[0, n): padding has none. */
static struct matches
find_all(struct work *w, size_t n, const struct tl_tokens *part, int64_t pad)
{
	struct matches m = { TL_NEW(w->cx->arena, size_t, n), 0 };
	const uint32_t *ids = w->out->tokens.ids;
	size_t at = 0;

	for (size_t i = 0; i < part->n; i++)
		if (part->ids[i] == pad)
			return m;
	while ((at = tl_find_ids(ids, n, part->ids, part->n, at)) != TL_NPOS)
		m.at[m.n++] = at++;
	return m;
}

static void
mask_range(uint8_t *reasons, size_t beg, size_t end, enum tl_reason reason)
{
	for (size_t i = beg; i < end; i++)
		reasons[i] = (uint8_t)reason;
}

/* Two lists, zipped: the starts of instructions and the ends of the markers in
 * front of responses. */
static const char *
mask_rounds(uint8_t *reasons, size_t n, struct matches questions,
    struct matches answers, size_t len)
{
	size_t shift = 0;

	if (answers.n == 0)
		return "the response_template is not found: the record is "
		       "masked whole, with a warning";
	if (questions.n == 0)
		return "the instruction_template is not found: the record is "
		       "masked whole, with a warning";
	if (questions.at[0] > answers.at[0] + len)
		shift = 1; /* a start at 0 is put before them */
	for (size_t i = 0; i < answers.n && i < questions.n + shift; i++)
		mask_range(reasons, i < 1 ? 0 : questions.at[i - shift],
		    answers.at[i] + len, TL_REASON_PROMPT);
	if (answers.n < questions.n + shift)
		mask_range(reasons, questions.at[questions.n - 1], n,
		    TL_REASON_PROMPT);
	return NULL;
}

static void
collate(struct work *w)
{
	const struct config *c = w->config;
	const struct tl_tokenizer *t = w->cx->recipe->tokenizer;
	struct tl_sample *out = w->out;
	size_t n = out->nkept;
	uint8_t *reasons = TL_NEW(w->cx->arena, uint8_t, out->tokens.n);
	int64_t pad = tl_tokenizer_pad(t);
	struct tl_tokens question = { .n = 0 }, answer;
	struct matches answers;
	const char *why = NULL;

	if (pad < 0)
		pad = tl_tokenizer_eos(t);
	if (!tl_whole_ids(w->cx, c->response_template, 0, WHO, out, &answer) ||
	    !tl_whole_ids(
		w->cx, c->instruction_template, 0, WHO, out, &question))
		return;
	mask_range(reasons, 0, n, TL_REASON_COMPLETION);
	mask_range(reasons, n, out->tokens.n, TL_REASON_PROMPT);
	answers = find_all(w, n, &answer, pad);
	if (question.n > 0)
		why = mask_rounds(reasons, n, find_all(w, n, &question, pad),
		    answers, answer.n);
	else if (answers.n > 0)
		mask_range(reasons, 0, answers.at[answers.n - 1] + answer.n,
		    TL_REASON_PROMPT);
	else
		why = "the response_template is not found: the record is "
		      "masked whole, with a warning";
	if (why != NULL)
		mask_range(reasons, 0, n, TL_REASON_NOT_FOUND);
	for (size_t i = 0; i < n; i++)
		if (out->tokens.ids[i] == pad)
			reasons[i] = TL_REASON_PADDING;
	out->reasons = reasons;
	out->nwanted = out->ntrained = 0;
	tl_label_finish(w->cx->arena, out, n, TL_SIDE_RIGHT);
	if (why != NULL)
		out->why = tl_str_from(why);
}

/* --- the whole ---------------------------------------------------------------
 */

static size_t
pack_length(const struct work *w)
{
	size_t given = w->config->max_length;

	if (given != NOT_GIVEN)
		return given;
	return w->cx->recipe->sequence_len > 0 ? w->cx->recipe->sequence_len
					       : DEFAULT_MAX_LENGTH;
}

/* Packing cuts no record by itself. */
static size_t
length_of(const struct work *w)
{
	return w->config->packing ? 0 : pack_length(w);
}

static void
finish(struct work *w)
{
	size_t max = length_of(w);
	struct tl_sample *out = w->out;

	tl_label_finish(w->cx->arena, out, max,
	    w->config->truncation_mode == KEEP_END ? TL_SIDE_LEFT
						   : TL_SIDE_RIGHT);
	if (w->config->packing)
		out->pack_len = pack_length(w);
	if (w->config->response_template.len > 0) {
		collate(w);
		return;
	}
	if (max == 0 || out->ntrained > 0)
		return;
	out->verdict = TL_VERDICT_DROPPED;
	out->why = out->nwanted > 0
	    ? tl_str_from(tl_arena_printf(w->cx->arena,
		  "no token that is trained is left within max_length %zu of "
		  "%zu tokens: TRL drops the row",
		  max, out->tokens.n))
	    : TL_STR("no token is trained: TRL drops the row");
}

/* They become arguments of apply_chat_template(). */
static bool
read_template_kwargs(struct work *w, const struct tl_json *root)
{
	static const char *const taken[] = { "conversation", "messages",
		"tokenize", "return_dict" };
	const struct tl_json *vars = tl_json_get(root, "chat_template_kwargs");
	const struct tl_json *prompt =
	    tl_json_get(vars, "add_generation_prompt");
	bool is_taken = prompt != NULL && w->shape == SHAPE_PAIR_OF_LISTS;

	if (vars == NULL)
		return true;
	if (vars->kind != TL_JSON_OBJECT) {
		fail(w, "TypeError: chat_template_kwargs is not a mapping");
		return false;
	}
	for (size_t i = 0; i < TL_COUNT(taken); i++)
		is_taken |= tl_json_get(vars, taken[i]) != NULL;
	if (is_taken && w->shape != SHAPE_PAIR && w->shape != SHAPE_TEXT) {
		fail(w,
		    "TypeError: chat_template_kwargs has an argument that TRL "
		    "gives itself");
		return false;
	}
	w->opt.vars = vars;
	w->opt.add_generation_prompt |=
	    tl_flag_truth(TL_FLAG_INVALID, prompt) == TL_FLAG_TRUE;
	return true;
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct config *c = cx->recipe->trainer_config;
	const struct tl_json *root = cx->record->doc.root;
	struct work w = {
		.cx = cx,
		.config = c,
		.out = out,
		.eos = tl_tokenizer_tokens(cx->recipe->tokenizer).eos,
		.opt = cx->recipe->render_options,
	};

	w.shape = shape_of(&w, root);
	if (w.shape != SHAPE_NONE && may_mask_by_turns(&w) &&
	    check_tools(&w, tl_json_get(root, "tools")) &&
	    read_template_kwargs(&w, root) && make_tokens(&w, conv, root) &&
	    mask(&w))
		finish(&w);
}

const struct tl_trainer tl_trainer_trl = {
	.name = "trl",
	.summary = "TRL's SFTTrainer: every token, completions, or what lies "
		   "in {% generation %}",
	.wants_render = true,
	.takes_plain = true,
	.reads_record = true,
	.configure = configure,
	.prepare = prepare,
	.label = label,
};
