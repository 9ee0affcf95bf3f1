/* SPDX-License-Identifier: Apache-2.0 */
#include "torchtune_messages.h"

#include "pyjson.h"

#include <string.h>

struct work {
	struct tl_join *join;
	struct tl_arena *a;
	const struct tl_conv *conv;
	const struct tl_torchtune_config *config;
	const struct tl_json *root;
	struct tl_torchtune_messages *out;
	int masking;
};

static bool
fail(struct work *w, const char *why)
{
	tl_join_fail(w->join, why);
	return false;
}

static bool
is_role(const struct tl_torchtune_message *m, const char *role)
{
	return tl_str_eq(m->role, tl_str_from(role));
}

static bool
is_tool(const struct tl_torchtune_message *m)
{
	return is_role(m, "tool") || is_role(m, "ipython");
}

static struct tl_torchtune_message *
add(struct work *w, tl_str role, const struct tl_torchtune_item *items,
    size_t n, size_t turn)
{
	struct tl_torchtune_message *m = &w->out->list[w->out->n++];

	*m = (struct tl_torchtune_message){ role, items, n, turn, false, true };
	return m;
}

static struct tl_torchtune_item *
one_item(struct work *w, struct tl_text text, bool is_said)
{
	struct tl_torchtune_item *item =
	    TL_NEW(w->a, struct tl_torchtune_item, 1);

	*item = (struct tl_torchtune_item){ .text = text, .is_said = is_said };
	return item;
}

/* What is no text is noticed by the tokenizer, if it comes so far. */
static struct tl_torchtune_item
item_of(struct work *w, const struct tl_json *v)
{
	struct tl_torchtune_item item = { .is_said = true };

	if (tl_json_is(v, TL_JSON_STRING))
		item.text = tl_text_from_json(w->a, v);
	else
		item.kind = TL_TORCHTUNE_NO_STRING;
	return item;
}

static void
add_text(struct work *w, const char *role, const struct tl_json *v)
{
	add(w, tl_str_from(role), one_item(w, tl_text_from_json(w->a, v), true),
	    1, tl_turn_of(w->conv, v, 0));
}

static bool
has_new_system(const struct work *w)
{
	return w->config->new_system_prompt.ptr != NULL;
}

static void
add_new_system(struct work *w)
{
	if (has_new_system(w))
		add(w, TL_STR("system"),
		    one_item(w,
			tl_text_added(w->a, w->config->new_system_prompt),
			false),
		    1, TL_NO_TURN);
}

/* --- builders ---------------------------------------------------------------
 */

/* What column_map calls the column, else its own name. */
static const struct tl_json *
column(const struct work *w, const char *name)
{
	const struct tl_json *to = tl_json_get(w->config->column_map, name);

	return tl_json_get_str(w->root, tl_json_text(to, tl_str_from(name)));
}

static bool
maps(const struct work *w, const char *name)
{
	const struct tl_json *map = w->config->column_map;

	return map == NULL || map->first == NULL ||
	    tl_json_get(map, name) != NULL;
}

/* An image column goes in front of the question, whatever it holds.  Its file
 * is taken to be there. */
static bool
build_pair(struct work *w)
{
	const struct tl_json *in = column(w, "input");
	const struct tl_json *out = column(w, "output");
	const struct tl_json *image = column(w, "image");
	struct tl_torchtune_item *question =
	    TL_NEW(w->a, struct tl_torchtune_item, 2);
	struct tl_torchtune_item *answer =
	    TL_NEW(w->a, struct tl_torchtune_item, 1);
	bool has_image = image != NULL || tl_json_get(w->root, "image") != NULL;
	size_t n = 0;

	if (in == NULL || out == NULL)
		return fail(w,
		    "KeyError: the record lacks one of the two text columns");
	if (has_image && (image == NULL || !maps(w, "image")))
		return fail(
		    w, "KeyError: 'image', which column_map does not name");
	if (has_image)
		question[n++].kind = TL_TORCHTUNE_IMAGE;
	question[n++] = item_of(w, in);
	answer[0] = item_of(w, out);
	w->out->list = TL_NEW(w->a, struct tl_torchtune_message, 3);
	add_new_system(w);
	add(w, TL_STR("user"), question, n, tl_turn_of(w->conv, in, 0));
	add(w, TL_STR("assistant"), answer, 1, tl_turn_of(w->conv, out, 1));
	return true;
}

/* A value that is no string comes out as Python prints it. */
static struct tl_text
formatted(struct work *w, const struct tl_json *v)
{
	return v->kind == TL_JSON_STRING
	    ? tl_text_from_json(w->a, v)
	    : tl_pyjson_print(w->a, w->config->formatter, v);
}

/* A preamble around instruction and input. */
static bool
build_alpaca(struct work *w)
{
	const struct tl_json *instruction = column(w, "instruction");
	const struct tl_json *input = column(w, "input");
	const struct tl_json *output = column(w, "output");
	bool has_input = tl_flag_truth(TL_FLAG_INVALID, input) == TL_FLAG_TRUE;
	struct tl_text parts[5];
	size_t n = 0;

	if (instruction == NULL || output == NULL)
		return fail(
		    w, "KeyError: the record lacks instruction or output");
	if (output->kind != TL_JSON_STRING)
		return fail(w, "AssertionError: the output is no string");
	parts[n++] = tl_text_added(w->a,
	    has_input ? TL_STR("Below is an instruction that describes a task, "
			       "paired with an input that provides further "
			       "context. Write a response that appropriately "
			       "completes the request.\n\n### Instruction:\n")
		      : TL_STR("Below is an instruction that describes a task. "
			       "Write a response that appropriately completes "
			       "the request.\n\n### Instruction:\n"));
	parts[n++] = formatted(w, instruction);
	if (has_input) {
		parts[n++] = tl_text_added(w->a, TL_STR("\n\n### Input:\n"));
		parts[n++] = formatted(w, input);
	}
	parts[n++] = tl_text_added(w->a, TL_STR("\n\n### Response:\n"));
	w->out->list = TL_NEW(w->a, struct tl_torchtune_message, 2);
	add(w, TL_STR("user"),
	    one_item(w, tl_text_concat(w->a, parts, n), true), 1, 0);
	add_text(w, "assistant", output);
	return true;
}

static bool
build_sharegpt(struct work *w, const struct tl_json *list)
{
	static const struct {
		tl_str from;
		const char *role;
	} roles[] = {
		{ TL_LIT("system"), "system" },
		{ TL_LIT("human"), "user" },
		{ TL_LIT("gpt"), "assistant" },
	};

	add_new_system(w);
	for (const struct tl_json *m = list->first; m != NULL; m = m->next) {
		const struct tl_json *value = tl_json_get(m, "value");
		tl_str from =
		    tl_json_text(tl_json_get(m, "from"), (tl_str){ NULL, 0 });
		size_t i = 0;

		while (i < TL_COUNT(roles) && !tl_str_eq(from, roles[i].from))
			i++;
		if (i == TL_COUNT(roles))
			return fail(w,
			    "KeyError: \"from\" is none of system, human and "
			    "gpt");
		if (value == NULL)
			return fail(w, "KeyError: 'value'");
		if (i == 0 && has_new_system(w))
			continue;
		if (i == 1 && tl_json_get(w->root, "image") != NULL)
			return fail(w,
			    "KeyError: 'image': chat_dataset cannot read the "
			    "image column of ShareGPT records");
		if (value->kind != TL_JSON_STRING)
			return fail(
			    w, "AssertionError: a \"value\" is no string");
		add_text(w, roles[i].role, value);
	}
	return true;
}

/* Parts of a list.  Images are taken to load. */
static bool
read_parts(struct work *w, const struct tl_json *content,
    struct tl_torchtune_message *m)
{
	struct tl_torchtune_item *items =
	    TL_NEW(w->a, struct tl_torchtune_item, content->nchildren);

	m->items = items;
	m->nitems = 0;
	for (const struct tl_json *p = content->first; p != NULL; p = p->next) {
		const struct tl_json *text = tl_json_get(p, "text");
		const struct tl_json *type = tl_json_get(p, "type");
		const struct tl_json *image = tl_json_get(p, "image_url");

		if (type == NULL)
			return fail(w, "KeyError: a part has no \"type\"");
		if (tl_str_eq(type->text, TL_STR("image_url"))) {
			if (tl_json_get(image, "url") == NULL)
				return fail(w,
				    "a part of type \"image_url\" has no "
				    "\"image_url\" with a \"url\"");
			items[m->nitems++].kind = TL_TORCHTUNE_IMAGE;
		} else if (tl_str_eq(type->text, TL_STR("text"))) {
			if (text == NULL)
				return fail(
				    w, "KeyError: a part has no \"text\"");
			items[m->nitems++] = item_of(w, text);
		}
	}
	return true;
}

/* A content that is neither text nor list leaves the one before it in place. */
static bool
read_openai(struct work *w, const struct tl_json *node,
    struct tl_torchtune_message *before)
{
	const struct tl_json *role = tl_json_get(node, "role");
	const struct tl_json *content = tl_json_get(node, "content");
	struct tl_torchtune_message *m;
	struct tl_torchtune_item *own;

	if (!tl_json_is(role, TL_JSON_STRING))
		return fail(w, "a message has no role");
	if (tl_str_eq(role->text, TL_STR("system")) && has_new_system(w))
		return true;
	if (content == NULL)
		return fail(w, "KeyError: a message has no \"content\"");
	m = add(w, role->text, before->items, before->nitems,
	    tl_turn_of(w->conv, node, w->out->n));
	if (content->kind == TL_JSON_ARRAY) {
		if (!read_parts(w, content, m))
			return false;
	} else if (content->kind == TL_JSON_STRING) {
		own = one_item(w, tl_text_from_json(w->a, content), true);
		m->items = own;
		m->nitems = 1;
	} else if (before->items == NULL) {
		return fail(
		    w, "UnboundLocalError: the first message has no content");
	}
	m->is_eot = !is_tool(m);
	*before = *m;
	return true;
}

static bool
build_openai(struct work *w, const struct tl_json *list)
{
	struct tl_torchtune_message before = { .items = NULL };

	add_new_system(w);
	for (const struct tl_json *m = list->first; m != NULL; m = m->next) {
		const struct tl_json *next =
		    m->next != NULL ? tl_json_get(m->next, "role") : NULL;
		tl_str role = tl_json_text(next, (tl_str){ NULL, 0 });
		struct tl_torchtune_message *last;

		if (!read_openai(w, m, &before))
			return false;
		if (w->out->n == 0)
			continue;
		last = &w->out->list[w->out->n - 1];
		if (is_role(last, "assistant") &&
		    (tl_str_eq(role, TL_STR("tool")) ||
			tl_str_eq(role, TL_STR("ipython"))))
			last->is_eot = false;
	}
	return true;
}

static bool
build_chat(struct work *w)
{
	const struct tl_torchtune_config *c = w->config;
	const struct tl_json *sharegpt = tl_json_get_str(
	    w->root, c->column.len > 0 ? c->column : TL_STR("conversations"));
	const struct tl_json *openai = tl_json_get_str(
	    w->root, c->column.len > 0 ? c->column : TL_STR("messages"));
	int style = c->style;

	if (style == TL_TORCHTUNE_STYLE_ANY)
		style = sharegpt != NULL && sharegpt->first != NULL &&
			tl_json_get(sharegpt->first, "from") != NULL
		    ? TL_TORCHTUNE_SHAREGPT
		    : TL_TORCHTUNE_OPENAI;
	if (style == TL_TORCHTUNE_SHAREGPT)
		openai = sharegpt;
	if (!tl_json_is(openai, TL_JSON_ARRAY))
		return fail(w,
		    "KeyError: the record has no list of messages in the "
		    "conversation_column");
	w->out->list = TL_NEW(
	    w->a, struct tl_torchtune_message, (size_t)openai->nchildren + 1);
	return style == TL_TORCHTUNE_SHAREGPT ? build_sharegpt(w, openai)
					      : build_openai(w, openai);
}

static bool
build_text(struct work *w)
{
	tl_str name = w->config->column;
	const struct tl_json *text =
	    tl_json_get_str(w->root, name.len > 0 ? name : TL_STR("text"));

	if (!tl_json_is(text, TL_JSON_STRING))
		return fail(w, "KeyError: the record lacks the text column");
	w->out->is_text = true;
	w->out->text = tl_text_from_json(w->a, text);
	return true;
}

static int
builder_of(const struct work *w)
{
	if (w->config->builder != TL_TORCHTUNE_ANY)
		return w->config->builder;
	if (w->conv->kind == TL_CONV_TEXT)
		return TL_TORCHTUNE_TEXT;
	if (column(w, "instruction") != NULL)
		return TL_TORCHTUNE_ALPACA;
	if (w->conv->kind == TL_CONV_PAIR || column(w, "input") != NULL)
		return TL_TORCHTUNE_INSTRUCT;
	return TL_TORCHTUNE_CHAT;
}

static bool
build(struct work *w)
{
	w->masking = w->config->masking;
	if (w->masking == TL_TORCHTUNE_MASKING_ANY)
		w->masking = builder_of(w) == TL_TORCHTUNE_ALPACA
		    ? TL_TORCHTUNE_TRAIN_ON_ALL
		    : TL_TORCHTUNE_TRAIN_ON_ASSISTANT;
	switch (builder_of(w)) {
	case TL_TORCHTUNE_TEXT:
		return build_text(w);
	case TL_TORCHTUNE_ALPACA:
		return build_alpaca(w);
	case TL_TORCHTUNE_INSTRUCT:
		return build_pair(w);
	default:
		return build_chat(w);
	}
}

/* --- masks and checks -------------------------------------------------------
 */

static bool
has_image(const struct tl_torchtune_message *m)
{
	for (size_t i = 0; i < m->nitems; i++)
		if (m->items[i].kind == TL_TORCHTUNE_IMAGE)
			return true;
	return false;
}

static void
mask(struct work *w)
{
	bool has_last = false;

	for (size_t i = w->out->n; i-- > 0;) {
		struct tl_torchtune_message *m = &w->out->list[i];
		bool is_answer = is_role(m, "assistant");

		if (is_role(m, "system"))
			m->is_masked = true;
		else if (w->masking == TL_TORCHTUNE_TRAIN_ON_ALL)
			m->is_masked = is_role(m, "user") && has_image(m);
		else if (w->masking == TL_TORCHTUNE_TRAIN_ON_LAST)
			m->is_masked = !is_answer || has_last;
		else
			m->is_masked = !is_answer;
		has_last |= is_answer;
	}
}

/* No builder flags a message as a call, so tool messages never pass. */
static bool
is_valid(struct work *w)
{
	const struct tl_torchtune_message *list = w->out->list;

	if (w->out->n < 2)
		return fail(w, "messages must be at least length 2");
	for (size_t i = 0; i < w->out->n; i++) {
		bool has_question = i > 0 &&
		    (is_role(&list[i - 1], "user") || is_tool(&list[i - 1]));

		if (is_role(&list[i], "assistant") && !has_question)
			return fail(w,
			    "an assistant message before the user, tool or "
			    "ipython message that is expected");
		if (is_role(&list[i], "user") && i > 0 &&
		    is_role(&list[i - 1], "user"))
			return fail(w, "two user messages in a row");
		if (is_role(&list[i], "system") && i > 0)
			return fail(w, "a system message that is not first");
		if (is_tool(&list[i]))
			return fail(w,
			    "a tool message must follow an ipython message, "
			    "and the data cannot say that a message is one");
	}
	return true;
}

/* --- templates --------------------------------------------------------------
 */

struct frame {
	const char *role;
	const char *before, *after;
};

static const struct frame chatml[] = {
	{ "system", "<|im_start|>system\n", "<|im_end|>\n" },
	{ "user", "<|im_start|>user\n", "<|im_end|>\n" },
	{ "assistant", "<|im_start|>assistant\n", "<|im_end|>\n" },
	{ NULL, NULL, NULL },
};
static const struct frame mistral[] = {
	{ "user", "[INST] ", " [/INST] " },
	{ "assistant", "", "" },
	{ NULL, NULL, NULL },
};
static const struct frame grammar[] = {
	{ "user", "Correct this to standard English: ", "\n---\nCorrected: " },
	{ NULL, NULL, NULL },
};
static const struct frame summarize[] = {
	{ "user", "Summarize this dialogue:\n", "\n---\nSummary:\n" },
	{ NULL, NULL, NULL },
};
static const struct frame question[] = {
	{ "user", "Question: ", "\n\nAnswer: " },
	{ NULL, NULL, NULL },
};

static const struct frame *
frame_of(const struct frame *frames, const struct tl_torchtune_message *m)
{
	while (frames->role != NULL && !is_role(m, frames->role))
		frames++;
	return frames->role != NULL ? frames : NULL;
}

static size_t
item_length(const struct tl_torchtune_message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nitems; i++)
		n += m->items[i].text.str.len;
	return n;
}

/* ChatMLTemplate puts the texts of the last answer together. */
static bool
can_join(const struct tl_torchtune_message *m)
{
	for (size_t i = 0; i < m->nitems; i++)
		if (m->items[i].kind == TL_TORCHTUNE_NO_STRING)
			return false;
	return true;
}

/* Items before, `inner`, the message's own, items behind. */
static void
wrap(struct work *w, struct tl_torchtune_message *m, const char *before,
    const struct tl_torchtune_message *inner, const char *after, bool has_empty)
{
	size_t ninner = inner != NULL ? inner->nitems : 0, n = 0;
	struct tl_torchtune_item *items =
	    TL_NEW(w->a, struct tl_torchtune_item, m->nitems + ninner + 2);

	if (before[0] != '\0' || has_empty)
		items[n++].text = tl_text_added(w->a, tl_str_from(before));
	for (size_t i = 0; i < ninner; i++)
		items[n++] = inner->items[i];
	for (size_t i = 0; i < m->nitems; i++)
		items[n++] = m->items[i];
	if (after[0] != '\0' || has_empty)
		items[n++].text = tl_text_added(w->a, tl_str_from(after));
	m->items = items;
	m->nitems = n;
}

/* The system text stands in every user message from there on; of another role
 * than these the content of the message before is taken. */
static bool
apply_llama2(struct work *w)
{
	struct tl_torchtune_message system = { .items = NULL };
	const struct tl_torchtune_message *before = NULL;
	size_t n = 0;

	for (size_t i = 0; i < w->out->n; i++) {
		struct tl_torchtune_message m = w->out->list[i];

		if (is_role(&m, "system")) {
			system = m;
			wrap(w, &system, "<<SYS>>\n", NULL, "\n<</SYS>>\n\n",
			    true);
			continue;
		}
		if (is_role(&m, "user")) {
			wrap(w, &m, "[INST] ", &system, " [/INST] ", true);
		} else if (!is_role(&m, "assistant")) {
			if (before == NULL)
				return fail(w,
				    "UnboundLocalError: a role that "
				    "Llama2ChatTemplate does not know");
			m.items = before->items;
			m.nitems = before->nitems;
		}
		w->out->list[n] = m;
		before = &w->out->list[n++];
	}
	w->out->n = n;
	return true;
}

static bool
apply_frames(
    struct work *w, const struct frame *frames, bool is_strict, bool has_empty)
{
	for (size_t i = 0; i < w->out->n; i++) {
		struct tl_torchtune_message *m = &w->out->list[i];
		const struct frame *f = frame_of(frames, m);
		bool is_end = frames == chatml && is_role(m, "assistant") &&
		    i + 1 == w->out->n;
		bool is_open = is_end && item_length(m) == 0;

		if (is_end && !can_join(m))
			return fail(w, "TypeError: the last answer is no text");
		if (f != NULL)
			wrap(w, m, f->before, NULL, is_open ? "" : f->after,
			    has_empty);
		else if (is_strict)
			return fail(w,
			    is_role(m, "system")
				? "system prompts are not supported in "
				  "MistralChatTemplate"
				: "KeyError: a role that the prompt template "
				  "does not know");
	}
	return true;
}

static bool
apply_template(struct work *w)
{
	switch (w->config->template_) {
	case TL_TORCHTUNE_CHATML:
		return apply_frames(w, chatml, true, false);
	case TL_TORCHTUNE_LLAMA2:
		return apply_llama2(w);
	case TL_TORCHTUNE_MISTRAL:
		return apply_frames(w, mistral, true, true);
	case TL_TORCHTUNE_GRAMMAR:
		return apply_frames(w, grammar, false, false);
	case TL_TORCHTUNE_SUMMARIZE:
		return apply_frames(w, summarize, false, false);
	case TL_TORCHTUNE_QUESTION:
		return apply_frames(w, question, false, false);
	default:
		return true;
	}
}

bool
tl_torchtune_messages(struct tl_join *j, const struct tl_conv *conv,
    const struct tl_torchtune_config *c, struct tl_torchtune_messages *out)
{
	struct work w = {
		.join = j,
		.a = j->a,
		.conv = conv,
		.config = c,
		.root = j->cx->record->doc.root,
		.out = out,
	};

	*out = (struct tl_torchtune_messages){ .n = 0 };
	if (!build(&w))
		return false;
	if (out->is_text)
		return true;
	mask(&w);
	out->nbuilt = out->n;
	return is_valid(&w) && apply_template(&w);
}
