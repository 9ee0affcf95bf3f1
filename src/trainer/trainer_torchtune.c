/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torchtune: the labels of its data set builders and model tokenizers.
 *
 * A record becomes messages (torchtune_messages.c); the model's tokenizer
 * encodes them text by text.  A message's mask covers its header and its end
 * marker.  Cutting overwrites the last token that is left with eos.  Labels are
 * shifted by the framework.
 *
 */
#include <stdlib.h>

#include "options.h"
#include "pyjson.h"
#include "torchtune_messages.h"

#define WHO "torchtune"
#define LLAMA3_IMAGE 128256
/* In characters; the wrapper of tiktoken cuts texts that have more. */
#define MAX_ENCODE 400000
#define MAX_RUN 25000 /* of space, or of anything else */

enum kind {
	KIND_ANY, /* by the special tokens of the tokenizer */
	KIND_LLAMA3,
	KIND_LLAMA2,
	KIND_MISTRAL,
	KIND_GEMMA,
	KIND_PHI3,
	KIND_QWEN2,
	KIND_QWEN2_5,
	KIND_QWEN3,
	KIND_HUGGINGFACE, /* HuggingFaceModelTokenizer */
};

enum cut { CUT_RIGHT, CUT_LEFT };

struct config {
	struct tl_torchtune_config data;
	int kind; /* enum kind */
	size_t max_seq_len;
	int truncation_type; /* enum cut */
	int train_on_input;  /* enum answer */
	bool packed, split_across_pack, add_eos;
};

enum answer { ANSWER_NULL, ANSWER_TRUE, ANSWER_FALSE };

static const char *const builders[] = { "auto", "chat_dataset",
	"instruct_dataset", "alpaca_dataset", "text_completion_dataset", NULL };
static const char *const styles[] = { "auto", "sharegpt", "openai", NULL };
static const char *const maskings[] = { "auto", "train_on_all",
	"train_on_assistant", "train_on_last", NULL };
static const char *const templates[] = { "auto", "null",
	"torchtune.data.ChatMLTemplate",
	"torchtune.models.llama2.Llama2ChatTemplate",
	"torchtune.models.mistral.MistralChatTemplate",
	"torchtune.data.GrammarErrorCorrectionTemplate",
	"torchtune.data.SummarizeTemplate",
	"torchtune.data.QuestionAnswerTemplate", NULL };
static const char *const kinds[] = { "auto", "llama3", "llama2", "mistral",
	"gemma", "phi3", "qwen2", "qwen2_5", "qwen3", "huggingface", NULL };
static const char *const cuts[] = { "right", "left", NULL };
static const char *const answers[] = { "null", "true", "false", NULL };

#define AT(member) offsetof(struct config, member)

static const struct tl_option_spec specs[] = {
	{ "builder", TL_OPTION_CHOICE, AT(data.builder), builders },
	{ "conversation_style", TL_OPTION_CHOICE, AT(data.style), styles },
	{ "conversation_column", TL_OPTION_STR, AT(data.column), NULL },
	{ "column", TL_OPTION_STR, AT(data.column), NULL },
	{ "column_map", TL_OPTION_MAP, AT(data.column_map), NULL },
	{ "new_system_prompt", TL_OPTION_STR, AT(data.new_system_prompt),
	    NULL },
	{ "masking_strategy", TL_OPTION_CHOICE, AT(data.masking), maskings },
	{ "train_on_input", TL_OPTION_CHOICE, AT(train_on_input), answers },
	{ "prompt_template", TL_OPTION_CHOICE, AT(data.template_), templates },
	{ "tokenizer", TL_OPTION_CHOICE, AT(kind), kinds },
	{ "max_seq_len", TL_OPTION_SIZE, AT(max_seq_len), NULL },
	{ "truncation_type", TL_OPTION_CHOICE, AT(truncation_type), cuts },
	{ "add_eos", TL_OPTION_BOOL, AT(add_eos), NULL },
	{ "packed", TL_OPTION_BOOL, AT(packed), NULL },
	{ "split_across_pack", TL_OPTION_BOOL, AT(split_across_pack), NULL },
};

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st;

	c->add_eos = c->split_across_pack = true;
	*out = c;
	st = tl_options_read(a, WHO, specs, TL_COUNT(specs), opts, n, c, err);
	/* It overrides the strategy. */
	if (c->train_on_input == ANSWER_TRUE)
		c->data.masking = TL_TORCHTUNE_TRAIN_ON_ALL;
	else if (c->train_on_input == ANSWER_FALSE)
		c->data.masking = TL_TORCHTUNE_TRAIN_ON_ASSISTANT;
	return st == TL_OK ? tl_pyjson_printer(a, &c->data.formatter, err) : st;
}

static bool
knows(const struct tl_recipe *r, const char *token)
{
	return tl_tokenizer_id(r->tokenizer, tl_str_from(token)) >= 0;
}

static enum kind
kind_of(const struct tl_recipe *r)
{
	if (knows(r, "<|start_header_id|>"))
		return KIND_LLAMA3;
	if (knows(r, "<|im_start|>"))
		return knows(r, "<think>")    ? KIND_QWEN3
		    : knows(r, "<tool_call>") ? KIND_QWEN2_5
					      : KIND_QWEN2;
	if (knows(r, "<|assistant|>") && knows(r, "<|end|>"))
		return KIND_PHI3;
	if (knows(r, "<start_of_turn>"))
		return KIND_GEMMA;
	return KIND_LLAMA2;
}

static bool
is_qwen(int kind)
{
	return kind >= KIND_QWEN2 && kind <= KIND_QWEN3;
}

/* It has no use for a chat template. */
static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);

	(void)err;
	*c = *(const struct config *)r->trainer_config;
	r->trainer_config = c;
	r->template_ = NULL;
	if (c->max_seq_len == 0)
		c->max_seq_len = r->sequence_len;
	if (r->tokenizer == NULL)
		return TL_OK;
	if (c->kind == KIND_ANY)
		c->kind = (int)kind_of(r);
	if (c->data.template_ == TL_TORCHTUNE_TEMPLATE_ANY)
		c->data.template_ = c->kind == KIND_LLAMA2 ? TL_TORCHTUNE_LLAMA2
		    : c->kind == KIND_MISTRAL ? TL_TORCHTUNE_MISTRAL
					      : TL_TORCHTUNE_NO_TEMPLATE;
	if (is_qwen(c->kind) && c->data.template_ == TL_TORCHTUNE_CHATML)
		return tl_fail(err, TL_ECONFIG,
		    "torchtune refuses ChatMLTemplate with a Qwen tokenizer, "
		    "which writes these markers itself");
	return TL_OK;
}

/* --- tokens -----------------------------------------------------------------
 */

struct work {
	struct tl_join join;
	const struct config *config;
	struct tl_arena *a;
	const struct tl_tokenizer *tokenizer;
	const struct tl_torchtune_message *last; /* the last that was encoded */
	size_t limit;				 /* 0: none */
};

typedef const struct tl_torchtune_message message;

static enum tl_reason
reason_of(message *m, enum tl_reason trained, enum tl_reason masked)
{
	return m->is_masked ? masked : trained;
}

static void
put_token(struct work *w, const char *token, bool is_masked, bool is_end)
{
	tl_str s = tl_str_from(token);
	enum tl_reason trained = is_end ? TL_REASON_EOS : TL_REASON_HEADER;
	enum tl_reason masked =
	    is_end ? TL_REASON_EOS_MASKED : TL_REASON_TEMPLATE;

	tl_join_id(&w->join, tl_tokenizer_id(w->tokenizer, s), s,
	    is_masked ? masked : trained);
}

static void
put_eos(struct work *w, bool is_masked)
{
	tl_join_id(&w->join, tl_tokenizer_eos(w->tokenizer),
	    tl_tokenizer_tokens(w->tokenizer).eos,
	    is_masked ? TL_REASON_EOS_MASKED : TL_REASON_EOS);
}

static void
put_bos(struct work *w, enum tl_reason reason)
{
	tl_join_id(&w->join, tl_tokenizer_bos(w->tokenizer),
	    tl_tokenizer_tokens(w->tokenizer).bos, reason);
}

static void
put_literal(struct work *w, message *m, tl_str s, unsigned flags)
{
	struct tl_chunks c = { .n = 0 };

	tl_chunks_literal(
	    w->a, &c, s, reason_of(m, TL_REASON_HEADER, TL_REASON_TEMPLATE));
	tl_join_string(&w->join, &c, flags);
}

/* Where the piece of s that starts at `at` ends.  *room is what is left of
 * MAX_ENCODE characters. */
static size_t
tiktoken_piece(tl_str s, size_t at, size_t *room)
{
	bool was_space = false;
	size_t run = 0;

	if (*room == 0)
		*room = MAX_ENCODE;
	for (size_t next; at < s.len; at = next) {
		bool is_space;

		next = at + tl_utf8_len(s, at);
		is_space = tl_is_space(tl_str_slice(s, at, next));
		if (run > 0 && is_space != was_space)
			run = 0;
		if (run == MAX_RUN || *room == 0)
			break;
		was_space = is_space;
		run++;
		--*room;
	}
	return at;
}

/* Piece by piece, each for itself. */
static void
put_tiktoken(struct work *w, const struct tl_chunks *c)
{
	tl_str s = tl_chunks_text(w->a, c).str;
	size_t room = 0;

	for (size_t at = 0, end; at < s.len; at = end) {
		struct tl_chunks piece;

		end = tiktoken_piece(s, at, &room);
		piece = tl_chunks_slice(w->a, c, at, end);
		tl_join_string(&w->join, &piece, TL_ENCODE_PLAIN);
	}
}

static void
put_string(
    struct work *w, tl_str before, const struct tl_chunks *c, unsigned flags)
{
	if (w->config->kind == KIND_LLAMA3 && c->len > MAX_RUN)
		put_tiktoken(w, c);
	else
		tl_join_string_behind(&w->join, before, c, flags);
}

static void
put_item(struct work *w, message *m, const struct tl_torchtune_item *item,
    size_t beg, size_t end, tl_str before, unsigned flags)
{
	struct tl_chunks c = { .n = 0 };
	enum tl_reason said = tl_str_eq(m->role, TL_STR("assistant"))
	    ? TL_REASON_CONTENT
	    : TL_REASON_ALL;
	enum tl_reason trained = item->is_said ? said : TL_REASON_HEADER;
	enum tl_reason masked =
	    item->is_said ? TL_REASON_ROLE : TL_REASON_TEMPLATE;

	if (item->kind != TL_TORCHTUNE_STRING) {
		tl_join_fail(&w->join,
		    item->kind == TL_TORCHTUNE_IMAGE
			? "RuntimeError: Unsupported message content type: "
			  "image (of the text tokenizers only llama3 has a "
			  "token for it)"
			: "the text of a message is no string");
		return;
	}
	tl_chunks_add(w->a, &c, tl_text_slice(w->a, item->text, beg, end),
	    reason_of(m, trained, masked), item->is_said, m->turn);
	put_string(w, before, &c, flags);
}

/* Whatever the image is; its id is torchtune's own, in tokenizers that do not
 * know the token, too. */
static void
put_image(struct work *w, message *m)
{
	int64_t id = tl_tokenizer_id(w->tokenizer, TL_STR("<|image|>"));

	tl_join_id(&w->join, id >= 0 ? id : LLAMA3_IMAGE, TL_STR("<|image|>"),
	    reason_of(m, TL_REASON_CONTENT, TL_REASON_ROLE));
}

static bool
is_full(struct work *w, message *m)
{
	w->last = m;
	return w->limit > 0 && w->join.ntokens >= w->limit;
}

static void
put_llama3(struct work *w, const struct tl_torchtune_messages *list)
{
	put_bos(w, TL_REASON_SPECIAL);
	for (size_t i = 0; i < list->n; i++) {
		message *m = &list->list[i];
		tl_str role = m->role;

		put_token(w, "<|start_header_id|>", m->is_masked, false);
		role = tl_str_slice(role, tl_space_before(role),
		    role.len - tl_space_behind(role));
		put_literal(w, m, role, TL_ENCODE_PLAIN);
		put_token(w, "<|end_header_id|>", m->is_masked, false);
		put_literal(w, m, TL_STR("\n\n"), TL_ENCODE_PLAIN);
		for (size_t k = 0; k < m->nitems; k++) {
			tl_str s = m->items[k].text.str;
			size_t beg = tl_space_before(s);
			size_t end = s.len - tl_space_behind(s);

			if (m->items[k].kind == TL_TORCHTUNE_IMAGE)
				put_image(w, m);
			else
				put_item(w, m, &m->items[k], beg,
				    end > beg ? end : beg, (tl_str){ NULL, 0 },
				    TL_ENCODE_PLAIN);
		}
		put_token(w, m->is_eot ? "<|eot_id|>" : "<|eom_id|>",
		    m->is_masked, true);
		if (is_full(w, m))
			break;
	}
	put_token(w, "<|end_of_text|>", true, true);
}

/* SentencePiece puts a space in front of a text, unless the text stands behind
 * a newline. */
static void
put_trimmed(struct work *w, message *m, bool is_trimmed)
{
	for (size_t k = 0; k < m->nitems; k++) {
		tl_str s = m->items[k].text.str;
		size_t end = s.len;

		while (end > 0 && s.ptr[end - 1] == ' ')
			end--;
		put_item(w, m, &m->items[k], 0, end,
		    is_trimmed ? TL_STR("\n") : (tl_str){ NULL, 0 },
		    TL_ENCODE_PLAIN);
	}
}

static void
put_plain(struct work *w, const struct tl_torchtune_messages *list)
{
	bool is_start = true, ends_in_space = false;
	const struct tl_torchtune_item *last = NULL; /* of any message */

	for (size_t i = 0; i < list->n; i++) {
		message *m = &list->list[i];
		bool is_answer = tl_str_eq(m->role, TL_STR("assistant"));

		if (m->nitems > 0)
			last = &m->items[m->nitems - 1];
		if (last == NULL) {
			tl_join_fail(&w->join,
			    "UnboundLocalError: the first message has no "
			    "content");
			return;
		}

		if (is_start)
			put_bos(w,
			    reason_of(m, TL_REASON_HEADER, TL_REASON_SPECIAL));
		put_trimmed(w, m, !is_start && !ends_in_space);
		ends_in_space = tl_str_ends(last->text.str, TL_STR(" "));
		if (is_answer)
			put_eos(w, m->is_masked);
		is_start = is_answer;
		if (is_full(w, m))
			return;
	}
}

static void
put_phi3(struct work *w, const struct tl_torchtune_messages *list)
{
	bool is_start = true;

	for (size_t i = 0; i < list->n; i++) {
		message *m = &list->list[i];
		bool is_answer = tl_str_eq(m->role, TL_STR("assistant"));
		const char *token = is_answer		   ? "<|assistant|>"
		    : tl_str_eq(m->role, TL_STR("user"))   ? "<|user|>"
		    : tl_str_eq(m->role, TL_STR("system")) ? "<|system|>"
							   : NULL;

		if (token == NULL) {
			tl_join_fail(&w->join, "an unknown role");
			return;
		}
		if (is_start)
			put_bos(w,
			    reason_of(m, TL_REASON_HEADER, TL_REASON_SPECIAL));
		put_token(w, token, m->is_masked, false);
		put_literal(w, m, TL_STR("\n"), TL_ENCODE_PLAIN);
		put_trimmed(w, m, true);
		put_token(w, "<|end|>", m->is_masked, true);
		put_literal(w, m, TL_STR("\n"), TL_ENCODE_PLAIN);
		if (is_answer)
			put_token(w, "<|endoftext|>", m->is_masked, true);
		is_start = is_answer;
		if (is_full(w, m))
			return;
	}
}

/* Marker text in contents becomes markers here; tool messages never come so
 * far.  The last answer has no end of its own; Qwen2's tokenizer looks for it
 * where it was before the template. */
static void
put_qwen(struct work *w, const struct tl_torchtune_messages *list)
{
	size_t n = w->config->kind == KIND_QWEN2 ? list->nbuilt : list->n;

	for (size_t i = 0; i < list->n; i++) {
		message *m = &list->list[i];
		bool is_answer = tl_str_eq(m->role, TL_STR("assistant"));

		put_token(w, "<|im_start|>", m->is_masked, false);
		put_literal(
		    w, m, tl_arena_concat(w->a, m->role, TL_STR("\n")), 0);
		for (size_t k = 0; k < m->nitems; k++)
			put_item(w, m, &m->items[k], 0,
			    m->items[k].text.str.len, (tl_str){ NULL, 0 }, 0);
		if (!is_answer || i + 1 != n) {
			put_token(w, "<|im_end|>", m->is_masked, true);
			put_literal(w, m, TL_STR("\n"), 0);
		}
		if (is_full(w, m))
			break;
	}
	put_token(w, "<|im_end|>", w->last->is_masked, true);
}

static void
put_text(struct work *w, const struct tl_torchtune_messages *list)
{
	struct tl_chunks c = { .n = 0 };
	bool is_tiktoken = w->config->kind == KIND_LLAMA3;

	if (is_tiktoken && list->text.str.len == 0)
		return;
	tl_chunks_add(w->a, &c, list->text, TL_REASON_ALL, true, TL_NO_TURN);
	if (w->config->kind < KIND_QWEN2)
		put_bos(w, TL_REASON_ALL);
	put_string(w, (tl_str){ NULL, 0 }, &c,
	    w->config->kind < KIND_QWEN2 ? TL_ENCODE_PLAIN : 0);
	if (!w->config->add_eos)
		return;
	if (is_tiktoken)
		tl_join_id(&w->join,
		    tl_tokenizer_id(w->tokenizer, TL_STR("<|end_of_text|>")),
		    TL_STR("<|end_of_text|>"), TL_REASON_ALL);
	else
		tl_join_id(&w->join, tl_tokenizer_eos(w->tokenizer),
		    tl_tokenizer_tokens(w->tokenizer).eos, TL_REASON_ALL);
}

/* Its wrapper around Hugging Face tokenizers, which would render the template
 * of the tokenizer, serves generation alone: no data set can call it. */
static void
refuse_huggingface(struct work *w, const struct tl_torchtune_messages *list)
{
	tl_join_fail(&w->join,
	    list->is_text
		? "AttributeError: 'HuggingFaceModelTokenizer' object has no "
		  "attribute 'encode'"
		: "TypeError: 'HuggingFaceModelTokenizer' object is not "
		  "callable, and torchtune's data sets call it; they need one "
		  "of its model tokenizers");
}

static void
put_messages(struct work *w, const struct tl_torchtune_messages *list)
{
	switch ((enum kind)w->config->kind) {
	case KIND_ANY:
	case KIND_LLAMA3:
		put_llama3(w, list);
		break;
	case KIND_LLAMA2:
	case KIND_MISTRAL:
	case KIND_GEMMA:
		put_plain(w, list);
		break;
	case KIND_PHI3:
		put_phi3(w, list);
		break;
	case KIND_QWEN2:
	case KIND_QWEN2_5:
	case KIND_QWEN3:
		put_qwen(w, list);
		break;
	case KIND_HUGGINGFACE:
		refuse_huggingface(w, list);
		break;
	}
}

/* --- the end ----------------------------------------------------------------
 */

static int64_t
eos_of(const struct work *w)
{
	const char *name = w->config->kind == KIND_LLAMA3 ? "<|end_of_text|>"
	    : w->config->kind == KIND_PHI3		  ? "<|endoftext|>"
	    : w->config->kind >= KIND_QWEN2		  ? "<|im_end|>"
							  : NULL;

	return name != NULL ? tl_tokenizer_id(w->tokenizer, tl_str_from(name))
			    : tl_tokenizer_eos(w->tokenizer);
}

/* The last token that is left becomes eos, cut or not, and loses or takes its
 * mask. */
static void
overwrite_last(struct work *w)
{
	bool is_plain = w->config->kind == KIND_LLAMA2 ||
	    w->config->kind == KIND_MISTRAL || w->config->kind == KIND_GEMMA;
	size_t n = w->join.ntokens, max = w->limit, at;
	int64_t eos = eos_of(w);
	bool is_masked = !is_plain || w->last->is_masked;

	if (max == 0 || n == 0 || eos < 0 ||
	    (w->config->kind == KIND_PHI3 && n < max))
		return;
	at =
	    w->config->truncation_type == CUT_LEFT || n < max ? n - 1 : max - 1;
	w->join.ids[at] = (uint32_t)eos;
	w->join.offsets[at].end = w->join.offsets[at].beg;
	w->join.reasons[at] =
	    is_masked ? (uint8_t)TL_REASON_EOS_MASKED : (uint8_t)TL_REASON_EOS;
}

/* A text loses one token more than it has to: all of them when there was room
 * for one. */
static void
finish(struct work *w, const struct tl_torchtune_messages *list,
    struct tl_sample *out)
{
	bool is_left = w->config->truncation_type == CUT_LEFT && !list->is_text;

	if (list->is_text && w->limit == 1)
		tl_label_finish_kept(
		    w->a, out, TL_NEW(w->a, bool, out->tokens.n), NULL, 0);
	else
		tl_label_finish(w->a, out,
		    w->limit - (list->is_text && w->limit > 0),
		    is_left ? TL_SIDE_LEFT : TL_SIDE_RIGHT);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct config *c = cx->recipe->trainer_config;
	struct work w = {
		.config = c,
		.a = cx->arena,
		.tokenizer = cx->recipe->tokenizer,
		.limit = c->max_seq_len,
	};
	struct tl_torchtune_messages list;

	tl_join_init(&w.join, cx, out, WHO);
	if (!tl_torchtune_messages(&w.join, conv, &c->data, &list))
		return;
	if (list.is_text && c->kind == KIND_HUGGINGFACE) {
		refuse_huggingface(&w, &list);
	} else if (list.is_text) {
		put_text(&w, &list);
	} else {
		put_messages(&w, &list);
		if (!w.join.has_failed)
			overwrite_last(&w);
	}
	if (c->packed && !(list.is_text && c->split_across_pack) &&
	    c->max_seq_len > 0 && w.join.ntokens > c->max_seq_len)
		tl_join_fail(&w.join,
		    "a sample longer than max_seq_len cannot be packed "
		    "without split_across_pack");
	if (!tl_join_finish(&w.join))
		return;
	finish(&w, &list, out);
	out->label_shift = 1;
	if (c->packed)
		out->pack_len = c->max_seq_len;
}

const struct tl_trainer tl_trainer_torchtune = {
	.name = "torchtune",
	.summary = "torchtune's builders and model tokenizers: messages with "
		   "their headers",
	.configure = configure,
	.prepare = prepare,
	.label = label,
	.reads_record = true,
	.takes_plain = true,
};
