/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: the types that tokenize a prompt and a response one by one (alpaca
 * and its relatives), texts (completion), and segments (input_output,
 * pygmalion).
 */
#include "axolotl.h"

#include "join.h"

#include <stdio.h>

/* --- prompts ----------------------------------------------------------------
 */

#define ALPACA_IN                                                              \
	"Below is an instruction that describes a task, paired with an input " \
	"that provides further context. Write a response that appropriately "  \
	"completes the request."
#define ALPACA_NO                                                          \
	"Below is an instruction that describes a task. Write a response " \
	"that appropriately completes the request."
#define CONCISE_IN                                                             \
	"Below is an instruction from a USER that describes a task, paired "   \
	"with an input that provides further context. The ASSISTANT writes a " \
	"response that concisely and appropriately completes the request.\n\n"
#define CONCISE_NO                                                        \
	"Below is an instruction from a USER that describes a task. The " \
	"ASSISTANT writes a response that appropriately and concisely "   \
	"completes the request.\n\n"
#define CONTEXT                                                             \
	"Use the following contextual information to concisely answer the " \
	"question.\n"
#define NOT_IN_CONTEXT                                                         \
	"The context provided does not contain any information about your "    \
	"inquiry. Therefore, I'm unable to answer your question based on the " \
	"given context."
#define EXPLAIN                                                           \
	"Choose the answer that best answers the question. Explain your " \
	"reasoning.\n"
#define BRIEF                                                              \
	"Choose the answer that best answers the question. Be concise in " \
	"your "                                                            \
	"response.\n\n"

/* How system text and instruction are framed; {name} is filled in. */
struct style {
	const char *name;
	const char *system, *with_input, *without_input;
};

static const struct style styles[] = {
	{ "instruct", "{system}\n\n",
	    "### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n"
	    "### Response:\n",
	    "### Instruction:\n{instruction}\n\n### Response:\n" },
	{ "chat", "SYSTEM: {system}\n",
	    "USER: {instruction}\n{input}\nASSISTANT:",
	    "USER: {instruction}\nASSISTANT:" },
	{ "chatml", "<|im_start|>system\n{system}<|im_end|>\n",
	    "<|im_start|>user\n{instruction}\n{input}<|im_end|>\n"
	    "<|im_start|>assistant\n",
	    "<|im_start|>user\n{instruction}<|im_end|>\n"
	    "<|im_start|>assistant\n" },
	{ "phi", "<|system|>\n{system}<|end|>\n",
	    "<|user|>\n{instruction}<|end|>{input}<|assistant|>",
	    "<|user|>\n{instruction}<|end|>\n<|assistant|>\n" },
	/* Of single types. */
	{ NULL, "{system}", "USER: {instruction}\n{input}\nASSISTANT:",
	    "USER: {instruction}\nASSISTANT:" },
	{ NULL, "{system}", "",
	    "USER: Summarize the following article as a TL;DR.\n"
	    "{instruction}\nASSISTANT:" },
	{ NULL, "### System:\n{system}\n", "",
	    "### Human:\n{instruction}\n### Assistant:\n" },
	{ NULL, "", "",
	    "### System:\n{system}\n\n### User:\n{instruction}\n\n"
	    "### Response:\n" },
	{ NULL, "", "{instruction}", "{instruction}" },
};
enum {
	INSTRUCT,
	CHAT,
	CHATML,
	PHI,
	BARE_CHAT,
	TLDR,
	ORCA,
	ORCA_MINI,
	PLAIN,
	ANY_STYLE, /* named behind a colon */
};

/* Where the parts come from: keys of the row, with fixed text around them. */
struct kind {
	const char *type;
	int style;
	const char *system_in, *system_no; /* fixed; NULL: key `system` */
	const char *system;		   /* key */
	const char *before[2];	    /* the instruction: text, key, text, … */
	const char *instruction[2]; /* keys */
	const char *behind;
	const char *input;	   /* key, or NULL */
	bool has_choices;	   /* the input is a list of choices */
	const char *answer_before; /* text */
	const char *answer;	   /* key; NULL: that text alone */
	const char *answer_else;   /* when there is no such key */
};

#define SIMPLE(name, style, in, no, q, i, a)                                  \
	{                                                                     \
		name, style, in, no, NULL, { NULL, NULL }, { q, NULL }, NULL, \
		    i, false, NULL, a, NULL                                   \
	}
#define SYSTEM(name, style, s, q, i, a)                                        \
	{                                                                      \
		name, style, NULL, NULL, s, { NULL, NULL }, { q, NULL }, NULL, \
		    i, false, NULL, a, NULL                                    \
	}

static const struct kind kinds[] = {
	SIMPLE("alpaca", ANY_STYLE, ALPACA_IN, ALPACA_NO, "instruction",
	    "input", "output"),
	SIMPLE("gpteacher", ANY_STYLE, ALPACA_IN, ALPACA_NO, "instruction",
	    "input", "response"),
	SIMPLE("oasst", ANY_STYLE, ALPACA_IN, ALPACA_NO, "INSTRUCTION", NULL,
	    "RESPONSE"),
	{ "jeopardy", ANY_STYLE, ALPACA_IN, ALPACA_NO, NULL, { NULL, NULL },
	    { "question", NULL }, NULL, "category", false, "what is ", "answer",
	    NULL },
	{ "explainchoice", ANY_STYLE, EXPLAIN, EXPLAIN, NULL, { NULL, NULL },
	    { "question", NULL }, NULL, "choices", true, NULL, "solution",
	    "explanation" },
	{ "concisechoice", BARE_CHAT, BRIEF, BRIEF, NULL, { NULL, NULL },
	    { "question", NULL }, NULL, "choices", true, NULL, "solution",
	    "explanation" },
	SIMPLE("summarizetldr", TLDR, "", "", "article", NULL, "summary"),
	SIMPLE("alpaca_chat", CHAT, ALPACA_IN, ALPACA_NO, "instruction",
	    "input", "output"),
	SIMPLE("alpaca_chat.load_concise", CHAT, CONCISE_IN, CONCISE_NO,
	    "instruction", "input", "output"),
	SIMPLE("alpaca_chat.load_qa", CHAT, CONCISE_IN, CONCISE_NO, "question",
	    NULL, "answer"),
	SIMPLE("alpaca_chat.load_camel_ai", CHAT, CONCISE_IN, CONCISE_NO,
	    "message_1", NULL, "message_2"),
	SIMPLE("alpaca_chat.load_no_prompt", CHAT, "", "", "instruction",
	    "input", "output"),
	SIMPLE("alpaca_instruct", INSTRUCT, ALPACA_IN, ALPACA_NO, "instruction",
	    "input", "output"),
	SIMPLE("alpaca_instruct.load_no_prompt", INSTRUCT, "", "",
	    "instruction", "input", "output"),
	SYSTEM("alpaca_w_system", CHAT, "system", "instruction", "input",
	    "output"),
	SYSTEM("alpaca_w_system.load_chat", CHAT, "system", "instruction",
	    "input", "output"),
	SYSTEM("alpaca_w_system.load_instruct", INSTRUCT, "system",
	    "instruction", "input", "output"),
	SYSTEM("alpaca_w_system.load_open_orca", ORCA, "system_prompt",
	    "question", NULL, "response"),
	SYSTEM("alpaca_w_system.load_open_orca_chatml", CHATML, "system_prompt",
	    "question", NULL, "response"),
	SYSTEM("orcamini", ORCA_MINI, "system_prompt", "question", NULL,
	    "response"),
	{ "context_qa", CHAT, CONTEXT, CONTEXT, NULL, { NULL, "\n===\n" },
	    { "article", "question" }, NULL, NULL, false, NULL, "answer",
	    NULL },
	{ "context_qa.load_404", CHAT, CONTEXT, CONTEXT, NULL,
	    { NULL, "\n===\n" }, { "article", "unanswerable_question" }, NULL,
	    NULL, false, NOT_IN_CONTEXT, NULL, NULL },
	{ "context_qa.load_v2", PLAIN, "", "", NULL,
	    { "Context: ", "\nQuestion: " }, { "context", "question" }, "\n",
	    NULL, false, "Answer: ", "answer", NULL },
	SIMPLE("metharme", PLAIN, "", "", "prompt", NULL, "generation"),
};

/* --- values of the row ------------------------------------------------------
 */

struct pieces {
	struct tl_join join;
	const struct ax_config *config;
	const struct tl_json *root;
	struct tl_arena *a;
	enum tl_reason reason; /* of what is put next */
};

/* What Python's str() says of a value. */
static struct tl_text
text_of(struct pieces *p, const struct tl_json *v)
{
	switch (v->kind) {
	case TL_JSON_STRING:
		return tl_text_from_json(p->a, v);
	case TL_JSON_NULL:
		return tl_text_added(p->a, TL_STR("None"));
	case TL_JSON_FALSE:
		return tl_text_added(p->a, TL_STR("False"));
	case TL_JSON_TRUE:
		return tl_text_added(p->a, TL_STR("True"));
	case TL_JSON_NUMBER:
		return tl_text_added(p->a, v->text);
	case TL_JSON_ARRAY:
	case TL_JSON_OBJECT:
		break;
	}
	tl_join_fail(&p->join,
	    tl_arena_printf(p->a, "the column %s is %s, not a string",
		ax_shown(p->a, v->key), tl_json_kind_name(v->kind)));
	return (struct tl_text){ .nruns = 0 };
}

static const struct tl_json *
column(struct pieces *p, const char *key)
{
	const struct tl_json *v = tl_json_get(p->root, key);

	if (v == NULL)
		tl_join_fail(
		    &p->join, tl_arena_printf(p->a, "KeyError: '%s'", key));
	return v;
}

static void
put_value(struct pieces *p, struct tl_chunks *c, const struct tl_json *v)
{
	if (v != NULL)
		tl_chunks_add(
		    p->a, c, text_of(p, v), p->reason, true, TL_NO_TURN);
}

static void
put_literal(struct pieces *p, struct tl_chunks *c, const char *s)
{
	if (s != NULL)
		tl_chunks_literal(p->a, c, tl_str_from(s), TL_REASON_TEMPLATE);
}

/* The values that a format may name. */
struct values {
	struct tl_chunks instruction, input, system;
};
enum { HAS_INSTRUCTION = 1u, HAS_INPUT = 2u, HAS_SYSTEM = 4u };

/* The chunks of a name, or NULL. */
static const struct tl_chunks *
value_named(const struct values *v, tl_str name, unsigned allowed)
{
	if ((allowed & HAS_INSTRUCTION) &&
	    tl_str_eq(name, TL_STR("instruction")))
		return &v->instruction;
	if ((allowed & HAS_INPUT) && tl_str_eq(name, TL_STR("input")))
		return &v->input;
	if ((allowed & HAS_SYSTEM) && tl_str_eq(name, TL_STR("system")))
		return &v->system;
	return NULL;
}

/* Python's str.format() with names and doubled braces. */
static void
put_format(struct pieces *p, struct tl_chunks *out, tl_str format,
    const struct values *v, unsigned allowed)
{
	size_t at = 0;

	while (at < format.len) {
		size_t open = at;
		const struct tl_chunks *value;
		size_t close;
		tl_str name;

		while (open < format.len && format.ptr[open] != '{' &&
		    format.ptr[open] != '}')
			open++;
		tl_chunks_literal(p->a, out, tl_str_slice(format, at, open),
		    TL_REASON_TEMPLATE);
		if (open == format.len)
			return;
		at = open + 2;
		if (open + 1 < format.len &&
		    format.ptr[open + 1] == format.ptr[open]) {
			tl_chunks_literal(p->a, out,
			    tl_str_slice(format, open, open + 1),
			    TL_REASON_TEMPLATE);
			continue;
		}
		close = tl_str_find_char(format, '}', open);
		if (format.ptr[open] == '}' || close == TL_NPOS) {
			tl_join_fail(&p->join,
			    "ValueError: a single brace in the format");
			return;
		}
		name = tl_str_slice(format, open + 1, close);
		value = value_named(v, name, allowed);
		if (value != NULL)
			tl_chunks_append(p->a, out, value);
		else
			tl_join_fail(&p->join,
			    tl_arena_printf(
				p->a, "KeyError: '%s'", ax_shown(p->a, name)));
		at = close + 1;
	}
}

/* --- one tokenized string ----------------------------------------------------
 */

static void
drop_token(struct tl_join *j, size_t i)
{
	size_t n = j->ntokens - i - 1;

	memmove(j->ids + i, j->ids + i + 1, n * sizeof(*j->ids));
	memmove(j->offsets + i, j->offsets + i + 1, n * sizeof(*j->offsets));
	memmove(j->reasons + i, j->reasons + i + 1, n * sizeof(*j->reasons));
	memmove(j->is_said + i, j->is_said + i + 1, n * sizeof(*j->is_said));
	j->ntokens--;
}

void
ax_put_string(struct tl_join *j, const struct tl_chunks *c, size_t max,
    size_t neos, bool strips_bos)
{
	const struct tl_tokenizer *t = j->cx->recipe->tokenizer;
	size_t first = j->ntokens, n;
	tl_str eos = tl_tokenizer_tokens(t).eos;

	n = tl_join_string(j, c, TL_ENCODE_SPECIAL);
	if (max > 0 && n > max) {
		j->ntokens = first + max;
		n = max;
	}
	if (n == 0 || j->has_failed)
		return;
	if ((int64_t)j->ids[j->ntokens - 1] == tl_tokenizer_eos(t) && neos > 0)
		neos--;
	for (; neos > 0 && (max == 0 || n < max); neos--, n++)
		tl_join_id(j, tl_tokenizer_eos(t), eos, TL_REASON_EOS);
	if (strips_bos && (int64_t)j->ids[first] == tl_tokenizer_bos(t))
		drop_token(j, first);
}

static void
begin(struct pieces *p, const struct tl_trainer_cx *cx,
    const struct ax_config *c, struct tl_sample *out)
{
	*p = (struct pieces){ .config = c,
		.root = cx->record->doc.root,
		.a = cx->arena,
		.reason = TL_REASON_PROMPT };
	tl_join_init(&p->join, cx, out, "axolotl");
}

static void
finish(struct pieces *p)
{
	if (tl_join_finish(&p->join))
		ax_finish(p->join.cx, p->config, p->join.out);
}

/* Prompt, then response. */
static void
put_pair(struct pieces *p, const struct tl_chunks *prompt,
    const struct tl_chunks *answer, size_t neos, bool skips_empty)
{
	struct tl_join *j = &p->join;
	size_t max = p->config->sequence_len, n;

	if (prompt->len > 0 || !skips_empty)
		ax_put_string(&p->join, prompt, max, 0, false);
	n = j->ntokens;
	if (n == 0 && p->config->train_on_inputs)
		tl_join_fail(j, "KeyError: 'labels' (the prompt is empty)");
	tl_join_label(j, 0, n, p->config->train_on_inputs);
	if (answer->len > 0 || !skips_empty)
		ax_put_string(&p->join, answer, max, neos, true);
	tl_join_label(j, n, j->ntokens, true);
	finish(p);
}

/* --- alpaca and its relatives ------------------------------------------------
 */

static void
put_choices(struct pieces *p, struct tl_chunks *c, const struct tl_json *list)
{
	if (list == NULL)
		return;
	if (list->kind != TL_JSON_ARRAY) {
		tl_join_fail(&p->join, "TypeError: choices is no list");
		return;
	}
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		put_literal(p, c, v->index > 0 ? "\n- \"" : "- \"");
		put_value(p, c, v);
		put_literal(p, c, "\"");
	}
}

/* The style that stands behind the colon of the type. */
static const struct style *
style_of(const struct ax_config *c, const struct kind *k)
{
	size_t colon = tl_str_find_char(c->type_name, ':', 0);
	tl_str name = colon != TL_NPOS
	    ? tl_str_slice(c->type_name, colon + 1, c->type_name.len)
	    : (tl_str){ NULL, 0 };

	if (strcmp(k->type, "alpaca_chat") == 0)
		name = c->conversation;
	if (k->style != ANY_STYLE && name.len == 0)
		return &styles[k->style];
	for (size_t i = 0; i <= PHI; i++)
		if (tl_str_eq(name, tl_str_from(styles[i].name)))
			return &styles[i];
	return &styles[INSTRUCT];
}

static void
read_values(
    struct pieces *p, const struct kind *k, struct values *v, bool *has_input)
{
	const struct tl_json *input = NULL;

	for (size_t i = 0; i < TL_COUNT(k->instruction); i++) {
		const struct tl_json *q;

		put_literal(p, &v->instruction, k->before[i]);
		if (k->instruction[i] == NULL)
			continue;
		q = column(p, k->instruction[i]);
		/* Several are added up: no number then. */
		if (k->instruction[1] != NULL && q != NULL &&
		    q->kind != TL_JSON_STRING)
			tl_join_fail(&p->join,
			    tl_arena_printf(p->a, "TypeError: %s is %s",
				k->instruction[i], tl_json_kind_name(q->kind)));
		put_value(p, &v->instruction, q);
	}
	put_literal(p, &v->instruction, k->behind);
	if (k->has_choices || strcmp(k->type, "jeopardy") == 0)
		input = column(p, k->input);
	else if (k->input != NULL)
		input = tl_json_get(p->root, k->input);
	if (k->has_choices)
		put_choices(p, &v->input, input);
	else if (ax_truth(input))
		put_value(p, &v->input, input);
	*has_input = v->input.len > 0;
	if (k->system != NULL)
		put_value(p, &v->system, column(p, k->system));
	else
		put_literal(
		    p, &v->system, *has_input ? k->system_in : k->system_no);
}

static void
put_answer(struct pieces *p, const struct kind *k, struct tl_chunks *c)
{
	const struct tl_json *v;

	p->reason = TL_REASON_COMPLETION;
	if (k->answer_before != NULL)
		tl_chunks_literal(p->a, c, tl_str_from(k->answer_before),
		    TL_REASON_COMPLETION);
	if (k->answer == NULL)
		return;
	if (k->answer_else != NULL && tl_json_get(p->root, k->answer) == NULL)
		v = column(p, k->answer_else);
	else
		v = column(p, k->answer);
	if (v == NULL ||
	    (k->answer_before == NULL && !ax_truth(v) &&
		strcmp(k->type, "metharme") != 0))
		return;
	if (v->kind != TL_JSON_STRING)
		tl_join_fail(&p->join,
		    tl_arena_printf(p->a, "TypeError: the column %s is %s",
			ax_shown(p->a, v->key), tl_json_kind_name(v->kind)));
	else
		put_value(p, c, v);
}

static bool
is_none(const struct tl_json *v)
{
	return v == NULL || !ax_truth(v);
}

void
ax_label_instruct(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	const struct kind *k = &kinds[c->type->variant];
	const struct style *s = style_of(c, k);
	struct tl_chunks prompt = { .n = 0 }, answer = { .n = 0 };
	struct values v = { .system = { .n = 0 } };
	bool has_input, is_metharme = strcmp(k->type, "metharme") == 0;
	struct pieces p;

	(void)conv;
	begin(&p, cx, c, out);
	read_values(&p, k, &v, &has_input);
	if (k->system == NULL ? v.system.len > 0
			      : !is_none(tl_json_get(p.root, k->system)))
		put_format(&p, &prompt, tl_str_from(s->system), &v, HAS_SYSTEM);
	put_format(&p, &prompt,
	    tl_str_from(has_input ? s->with_input : s->without_input), &v,
	    HAS_INSTRUCTION | HAS_INPUT | HAS_SYSTEM);
	put_answer(&p, k, &answer);
	put_pair(&p, &prompt, &answer, is_metharme ? 3 : 1, !is_metharme);
}

/* --- reflection -------------------------------------------------------------
 */

/* Without a style that it knows it has no system text; the
 * styles `instruct` and `chat` have long ones and are refused. */
void
ax_label_reflection(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	static const struct {
		const char *before, *key;
	} parts[] = {
		{ "### Thought:\n", "output" },
		{ "\n\n### Agent Reflection:\n", "reflection" },
		{ "\n\n### Final Response:\n", "corrected" },
	};
	const struct style *s = &styles[INSTRUCT];
	const struct tl_json *input;
	struct tl_chunks text = { .n = 0 }, answer = { .n = 0 };
	struct values v = { .system = { .n = 0 } };
	bool is_whole = true;
	struct pieces p;
	size_t n;

	(void)conv;
	begin(&p, cx, c, out);
	put_value(&p, &v.instruction, column(&p, "instruction"));
	input = tl_json_get(p.root, "input");
	if (ax_truth(input))
		put_value(&p, &v.input, input);
	put_format(&p, &text,
	    tl_str_from(v.input.len > 0 ? s->with_input : s->without_input), &v,
	    HAS_INSTRUCTION | HAS_INPUT);
	n = tl_join_count(
	    &p.join, tl_chunks_text(p.a, &text).str, TL_ENCODE_SPECIAL);
	p.reason = TL_REASON_COMPLETION;
	for (size_t i = 0; i < TL_COUNT(parts); i++) {
		const struct tl_json *value = column(&p, parts[i].key);

		is_whole = is_whole && ax_truth(value);
		tl_chunks_literal(p.a, &answer, tl_str_from(parts[i].before),
		    TL_REASON_COMPLETION);
		if (ax_truth(value))
			put_value(&p, &answer, value);
	}
	if (is_whole)
		tl_chunks_append(p.a, &text, &answer);
	ax_put_string(&p.join, &text, c->sequence_len, 1, false);
	tl_join_label(&p.join, 0, p.join.ntokens, true);
	tl_join_label(&p.join, 0, n, c->train_on_inputs);
	finish(&p);
}

/* --- a format of one's own --------------------------------------------------
 */

/* type: {field_instruction: …, format: …} */
void
ax_label_user_defined(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	struct tl_chunks prompt = { .n = 0 }, answer = { .n = 0 };
	struct values v = { .system = { .n = 0 } };
	const struct tl_json *system, *input, *output;
	struct pieces p;
	tl_str format;

	(void)conv;
	begin(&p, cx, c, out);
	put_value(&p, &v.instruction,
	    column(&p, tl_arena_cstr(p.a, c->field_instruction)));
	input = tl_json_get_str(p.root, c->field_input);
	if (ax_truth(input))
		put_value(&p, &v.input, input);
	system = tl_json_get_str(p.root, c->field_system);
	if (ax_truth(system))
		put_value(&p, &v.system, system);
	else if (system == NULL)
		tl_chunks_literal(
		    p.a, &v.system, c->system_prompt, TL_REASON_TEMPLATE);
	if (v.system.len > 0)
		put_format(&p, &prompt, c->system_format, &v, HAS_SYSTEM);
	format = ax_truth(input) ? c->format : c->no_input_format;
	put_format(&p, &prompt, format, &v,
	    HAS_INSTRUCTION | (ax_truth(input) ? HAS_INPUT : 0u));
	output = tl_json_get_str(p.root, c->field_output);
	p.reason = TL_REASON_COMPLETION;
	if (ax_truth(output))
		put_value(&p, &answer, output);
	put_pair(&p, &prompt, &answer, 1, true);
}

const char *
ax_instruct_name(size_t i)
{
	return i < TL_COUNT(kinds) ? kinds[i].type : NULL;
}

bool
ax_is_handler(tl_str type)
{
	static const char *const names[] = { "alpaca", "explainchoice",
		"concisechoice", "summarizetldr", "jeopardy", "oasst",
		"gpteacher", "reflection" };

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_eq(type, tl_str_from(names[i])))
			return true;
	return false;
}

/* --- completion --------------------------------------------------------------
 */

void
ax_label_completion(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	size_t max = c->sequence_len, n;
	const struct tl_json *v;
	struct ax_config whole = *c;
	struct tl_chunks text = { .n = 0 };
	struct pieces p;

	(void)conv;
	begin(&p, cx, c, out);
	p.reason = TL_REASON_ALL;
	v = column(
	    &p, c->field.len > 0 ? tl_arena_cstr(p.a, c->field) : "text");
	if (v != NULL && !ax_truth(v)) {
		tl_label_fail(p.a, out, TL_VERDICT_DROPPED,
		    "the text is empty: axolotl makes no row of it");
		return;
	}
	if (v != NULL && v->kind != TL_JSON_STRING)
		tl_join_fail(&p.join, "TypeError: the text is no string");
	put_value(&p, &text, v);
	ax_put_string(&p.join, &text, 64 * max, 1, false);
	n = p.join.ntokens;
	tl_join_label(&p.join, 0, n, true);
	for (size_t i = 0; i < n; i++)
		if (p.join.reasons[i] == TL_REASON_HEADER)
			p.join.reasons[i] = TL_REASON_ALL;
	/* A row of its own for each sequence_len tokens: nothing is cut. */
	whole.sequence_len = 0;
	if (!tl_join_finish(&p.join))
		return;
	ax_finish(cx, &whole, out);
	if (max > 0 && n > max && out->verdict == TL_VERDICT_KEPT)
		out->why = tl_str_from(tl_arena_printf(p.a,
		    "%zu tokens become %zu rows of sequence_len %zu", n,
		    (n + max - 1) / max, max));
}

/* --- input_output ------------------------------------------------------------
 */

void
ax_label_segments(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	const struct tl_json *list;
	struct pieces p;

	(void)conv;
	begin(&p, cx, c, out);
	list = column(&p, "segments");
	if (list != NULL && list->kind != TL_JSON_ARRAY)
		tl_join_fail(&p.join, "TypeError: segments is no list");
	for (const struct tl_json *v = list != NULL ? list->first : NULL;
	     v != NULL && !p.join.has_failed; v = v->next) {
		const struct tl_json *label = tl_json_get(v, "label");
		const struct tl_json *text = tl_json_get(v, "text");
		struct tl_chunks s = { .n = 0 };

		if (label == NULL || !tl_json_is(text, TL_JSON_STRING)) {
			tl_join_fail(&p.join,
			    label == NULL      ? "KeyError: 'label'"
				: text == NULL ? "KeyError: 'text'"
					       : "TypeError: the text of a "
						 "segment is no string");
			break;
		}
		tl_chunks_add(p.a, &s, tl_text_from_json(p.a, text),
		    ax_truth(label)	     ? TL_REASON_SEGMENT
			: c->train_on_inputs ? TL_REASON_ALL
					     : TL_REASON_SEGMENT_MASKED,
		    true, v->index);
		tl_join_string(&p.join, &s, 0);
	}
	finish(&p);
}

/* --- pygmalion
 * ----------------------------------------------------------------
 */

/* A message with an unknown role has no tokens, but the labels of the message
 * before it are put in once more, where those that follow write over them. */
struct surplus {
	size_t nlast; /* labels of the message before */
	size_t n;     /* labels without a token so far */
};

static void
count_surplus(struct surplus *s, size_t ntokens, bool is_known)
{
	if (is_known) {
		s->nlast = ntokens;
		s->n -= ntokens < s->n ? ntokens : s->n;
	} else {
		s->n += s->nlast;
	}
}

/* One message: its tag, what it says, and how much of it is masked. */
static void
put_pygmalion(struct pieces *p, const struct tl_json *m, size_t nbot,
    struct surplus *surplus)
{
	const struct tl_json *role = tl_json_get(m, "role");
	const struct tl_json *value = tl_json_get(m, "value");
	tl_str r = tl_json_text(role, TL_STR(""));
	bool is_bot = tl_str_eq(r, TL_STR("bot"));
	bool is_system = tl_str_eq(r, TL_STR("system"));
	size_t first = p->join.ntokens;
	struct tl_chunks c = { .n = 0 };
	struct tl_text t;

	if (role == NULL || !tl_json_is(value, TL_JSON_STRING)) {
		tl_join_fail(&p->join,
		    role == NULL	? "KeyError: 'role'"
			: value == NULL ? "KeyError: 'value'"
					: "AttributeError: a value is no "
					  "string");
		return;
	}
	if (!is_bot && !is_system && !tl_str_eq(r, TL_STR("human"))) {
		if (m->index == 0)
			tl_join_fail(&p->join,
			    "UnboundLocalError: the first message has an "
			    "unknown role");
		count_surplus(surplus, 0, false);
		return;
	}
	t = tl_text_from_json(p->a, value);
	if (is_system && tl_str_ends(t.str, TL_STR("\n<START>")))
		t = tl_text_slice(p->a, t, 0, t.str.len - 8);
	t = tl_text_slice(p->a, t, tl_space_before(t.str), t.str.len);
	t = tl_text_slice(p->a, t, 0, t.str.len - tl_space_behind(t.str));
	put_literal(p, &c,
	    is_system	 ? "<|system|>Persona: "
		: is_bot ? "<|model|> "
			 : "<|user|> ");
	tl_chunks_add(p->a, &c, t, is_bot ? TL_REASON_CONTENT : TL_REASON_ROLE,
	    true, m->index);
	ax_put_string(
	    &p->join, &c, p->config->sequence_len, is_bot, !is_system);
	tl_join_label(&p->join, first, p->join.ntokens, is_bot);
	if (is_bot)
		tl_join_label(&p->join, first, first + nbot, false);
	count_surplus(surplus, p->join.ntokens - first, true);
}

void
ax_label_pygmalion(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	const struct tl_json *list;
	const tl_str tag = TL_LIT("<|model|>");
	struct tl_tokens t;
	struct tl_error err;
	struct pieces p;
	struct surplus surplus = { .n = 0 };

	(void)conv;
	begin(&p, cx, c, out);
	list = column(&p, "conversations");
	if (tl_encode(cx->encoder, p.a, tag, TL_ENCODE_SPECIAL, &t, &err) !=
	    TL_OK)
		tl_join_fail(&p.join, err.message);
	else if (t.n > 0 &&
	    (int64_t)t.ids[0] == tl_tokenizer_bos(cx->recipe->tokenizer))
		t.n--;
	if (list != NULL && list->kind != TL_JSON_ARRAY)
		tl_join_fail(&p.join, "TypeError: conversations is no list");
	for (const struct tl_json *v = list != NULL ? list->first : NULL;
	     v != NULL && !p.join.has_failed; v = v->next)
		put_pygmalion(&p, v, t.n, &surplus);
	if (surplus.n > 0)
		tl_join_fail(&p.join,
		    "a message with an unknown role repeats the labels of the "
		    "one before it, so that there are more labels than "
		    "tokens");
	finish(&p);
}
