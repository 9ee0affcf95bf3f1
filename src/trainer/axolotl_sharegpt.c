/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl v0.5.0: type sharegpt, with FastChat's conversation templates.
 *
 * A conversation becomes pieces of a role and a text.  Each piece is tokenized
 * by itself; whether it is an answer is read off the words of its role.
 */
#include "axolotl.h"

#include "join.h"
#include "list.h"
#include "names.h"

enum separator { COLON, CHATML, LLAMA2, MISTRAL, LLAMA3, GEMMA };

struct conversation {
	const char *name;
	enum separator style;
	const char *before, *behind; /* around the system text */
	const char *system;	     /* when the row has none */
	const char *roles[3];
	const char *sep, *sep2;
	/* Around the name of a role that is neither human nor gpt; NULL: not
	 * supported. */
	const char *role_before, *role_behind;
};

#define ASSISTANT "You are a helpful assistant."

static const struct conversation conversations[] = {
	{ "vicuna_v1.1", COLON, "", "",
	    "A chat between a curious user and an artificial intelligence "
	    "assistant. The assistant gives helpful, detailed, and polite "
	    "answers to the user's questions.",
	    { "USER", "ASSISTANT", NULL }, " ", "</s>", "", "" },
	{ "chatml", CHATML, "<|im_start|>system\n", "", ASSISTANT,
	    { "<|im_start|>user", "<|im_start|>assistant", NULL }, "<|im_end|>",
	    NULL, "<|im_start|>", "" },
	{ "chatml_glaive", CHATML, "<|im_start|>system\n", "", ASSISTANT,
	    { "<|im_start|>user", "<|im_start|>assistant", "<|im_start|>tool" },
	    "<|im_end|>", NULL, NULL, NULL },
	{ "llama3", LLAMA3, "<|start_header_id|>system<|end_header_id|>\n\n",
	    "<|eot_id|>", ASSISTANT, { "user", "assistant", NULL }, "", NULL,
	    "", "" },
	{ "zephyr", CHATML, "<|system|>\n", "", "",
	    { "<|user|>", "<|assistant|>", NULL }, "</s>", NULL, "<|", "|>" },
	{ "llama-2", LLAMA2, "[INST] <<SYS>>\n", "\n<</SYS>>\n\n", "",
	    { "[INST]", "[/INST]", NULL }, " ", NULL, NULL, NULL },
	{ "mistral", MISTRAL, "[INST] ", "\n", "",
	    { "[INST]", "[/INST]", NULL }, " ", NULL, NULL, NULL },
	{ "alpaca", COLON, "", "",
	    "Below is an instruction that describes a task. Write a response "
	    "that appropriately completes the request.",
	    { "### Instruction", "### Response", NULL }, "\n\n", "</s>", NULL,
	    NULL },
	{ "gemma", GEMMA, "", "", "", { "user", "model", NULL },
	    "<end_of_turn>\n", NULL, NULL, NULL },
};

struct message {
	tl_str role;		      /* "human", "gpt", … */
	const struct tl_json *value;  /* may be null */
	const char *question;	      /* in place of a value */
	const struct tl_json *title;  /* in front of the value, or NULL */
	const struct tl_json *weight; /* or NULL: 1 */
	struct tl_text part;	      /* of a string, in place of a value */
};

struct piece {
	tl_str role;
	struct tl_chunks text;
};

struct work {
	struct tl_join join;
	const struct ax_config *config;
	const struct conversation *conv;
	struct tl_arena *a;
	struct message *all; /* as the row has them */
	size_t nall;
	struct message *turns; /* without system, and roles rendered */
	size_t nturns;
	const struct message *system; /* NULL: the template's own */
	struct piece *pieces;
	size_t npieces;
	const struct tl_json *names; /* the row's own roles, or NULL */
};

static void
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

static const struct tl_json *
member(struct work *w, const struct tl_json *m, const char *key)
{
	const struct tl_json *v = tl_json_get(m, key);

	if (v == NULL)
		fail(w, tl_arena_printf(w->a, "KeyError: '%s'", key));
	return v;
}

/* --- the row ----------------------------------------------------------------
 */

enum { PLAIN, ROLE, GUANACO, ULTRACHAT, GLAIVE, INSTRUCT, JOKES };

static const struct tl_role_map plain_roles[] = {
	{ TL_LIT("human"), TL_LIT("user") },
	{ TL_LIT("gpt"), TL_LIT("assistant") },
};
static const struct tl_role_map guanaco_roles[] = {
	{ TL_LIT("human"), TL_LIT("prompter") },
	{ TL_LIT("gpt"), TL_LIT("assistant") },
};

/* How one of the loaders reads a message. */
struct loader {
	const char *list, *role, *value;
	const struct tl_role_map *map; /* of two; NULL: none */
	bool is_closed;		       /* other roles are an error */
	bool has_weight;
};

static struct loader
loader_of(const struct work *w, int variant, const struct tl_json *list)
{
	static const struct loader loaders[] = {
		[ROLE] = { "conversations", "role", "value", NULL, false,
		    false },
		[GUANACO] = { "conversations", "role", "text", guanaco_roles,
		    true, false },
		[ULTRACHAT] = { "messages", "role", "content", plain_roles,
		    true, false },
	};
	struct loader l = { NULL, "from", "value", NULL, false, true };
	const struct tl_json *first = list != NULL ? list->first : NULL;

	if (variant != PLAIN)
		return loaders[variant];
	if (w->config->is_strict)
		return l;
	l.map = plain_roles;
	/* The first message decides. */
	if (tl_json_get(first, "role") != NULL)
		l.role = "role";
	if (tl_json_get(first, "text") != NULL)
		l.value = "text";
	else if (tl_json_get(first, "content") != NULL)
		l.value = "content";
	return l;
}

static void
read_message(struct work *w, const struct loader *l, const struct tl_json *node)
{
	const struct tl_json *role = member(w, node, l->role);
	struct message *m = &w->all[w->nall++];
	bool is_mapped = false;

	if (role != NULL && role->kind != TL_JSON_STRING)
		fail(w, "a role is no string");
	m->role = tl_json_text(role, TL_STR(""));
	for (size_t i = 0; l->map != NULL && i < 2 && !is_mapped; i++)
		if (tl_str_eq(l->map[i].source, m->role)) {
			m->role = l->map[i].target;
			is_mapped = true;
		}
	if (l->is_closed && !is_mapped)
		fail(w,
		    tl_arena_printf(
			w->a, "KeyError: '%s'", ax_shown(w->a, m->role)));
	m->value = member(w, node, l->value);
	if (l->has_weight)
		m->weight = ax_get(node, TL_STR("weight"));
}

static struct message *
add_message(struct work *w, const char *role)
{
	struct message *m = &w->all[w->nall++];

	m->role = tl_str_from(role);
	return m;
}

/* A column of the row is the answer to a question. */
static void
read_instruct(struct work *w)
{
	const struct tl_json *root = w->join.cx->record->doc.root;

	w->all = TL_NEW(w->a, struct message, 2);
	add_message(w, "human")->value = member(w, root, "instruction");
	add_message(w, "gpt")->value = member(w, root, "output");
}

/* The joke, and then why it is funny. */
static void
read_joke(struct work *w)
{
	const struct tl_json *root = w->join.cx->record->doc.root;
	const struct tl_json *title = member(w, root, "title");
	struct message *m;

	w->all = TL_NEW(w->a, struct message, 4);
	add_message(w, "human")->question = "Tell me a joke.";
	m = add_message(w, "gpt");
	m->value = member(w, root, "text");
	if (ax_truth(title))
		m->title = title;
	if ((m->title != NULL && m->title->kind != TL_JSON_STRING) ||
	    (m->value != NULL && m->value->kind != TL_JSON_STRING))
		fail(w, "TypeError: the joke is no string");
	add_message(w, "human")->question = "Why is that joke funny?";
	add_message(w, "gpt")->value = member(w, root, "explanation");
}

static void
check_count(struct work *w)
{
	if (w->nall < 2)
		fail(w,
		    "IndexError: a conversation entry has less than 2 "
		    "messages");
}

/* The next "USER: ", "ASSISTANT: " or "FUNCTION RESPONSE: ": where the word
 * begins, and its length; at the end: 0. */
static size_t
next_speaker(tl_str s, size_t *at)
{
	static const tl_str words[] = { TL_LIT("USER"), TL_LIT("ASSISTANT"),
		TL_LIT("FUNCTION RESPONSE") };

	for (; *at < s.len; ++*at)
		for (size_t k = 0; k < TL_COUNT(words); k++) {
			tl_str rest = tl_str_slice(s, *at, s.len);

			if (tl_str_starts(rest, words[k]) &&
			    tl_str_starts(
				tl_str_slice(rest, words[k].len, rest.len),
				TL_STR(": ")))
				return words[k].len;
		}
	return 0;
}

static struct tl_text
stripped(struct work *w, struct tl_text t)
{
	t = tl_text_slice(w->a, t, tl_space_before(t.str), t.str.len);
	return tl_text_slice(w->a, t, 0, t.str.len - tl_space_behind(t.str));
}

/* What re.split() makes of the chat, without what is empty: should be a word
 * and a text in turn. */
static struct tl_text *
split_chat(struct work *w, struct tl_text chat, size_t *n)
{
	struct tl_text *list = NULL;
	size_t cap = 0, at = 0, from = 0, len;

	*n = 0;
	do {
		len = next_speaker(chat.str, &at);
		if (at > from)
			TL_PUSH(w->a, list, *n, cap,
			    stripped(w, tl_text_slice(w->a, chat, from, at)));
		if (len > 0)
			TL_PUSH(w->a, list, *n, cap,
			    tl_text_slice(w->a, chat, at, at + len));
		at = from = at + len + 2;
	} while (len > 0);
	return list;
}

/* A message of the same sender goes on. */
static void
add_glaive(struct work *w, tl_str role, struct tl_text text)
{
	struct message *last = w->nall > 0 ? &w->all[w->nall - 1] : NULL;

	if (last != NULL && tl_str_eq(last->role, role)) {
		last->part = tl_text_concat(
		    w->a, (struct tl_text[]){ last->part, text }, 2);
		return;
	}
	w->all[w->nall].role = role;
	w->all[w->nall++].part = text;
}

static tl_str
glaive_role(struct work *w, tl_str word)
{
	static const char *const roles[][2] = { { "SYSTEM", "system" },
		{ "USER", "human" }, { "ASSISTANT", "gpt" },
		{ "FUNCTION RESPONSE", "tool" } };

	for (size_t i = 0; i < TL_COUNT(roles); i++)
		if (tl_str_eq(word, tl_str_from(roles[i][0])))
			return tl_str_from(roles[i][1]);
	fail(w, tl_arena_printf(w->a, "KeyError: '%s'", ax_shown(w->a, word)));
	return TL_STR("");
}

static void
read_glaive(struct work *w)
{
	const struct tl_json *root = w->join.cx->record->doc.root;
	const struct tl_json *system = tl_json_get(root, "system");
	const struct tl_json *chat = member(w, root, "chat");
	const tl_str prefix = TL_STR("SYSTEM: ");
	struct tl_text *list, text;
	size_t n;

	if (!tl_json_is(chat, TL_JSON_STRING) ||
	    (ax_truth(system) && system->kind != TL_JSON_STRING)) {
		fail(w, "TypeError: the chat or the system text is no string");
		return;
	}
	list = split_chat(w, tl_text_from_json(w->a, chat), &n);
	w->all = TL_NEW(w->a, struct message, n / 2 + 1);
	if (ax_truth(system)) {
		text = tl_text_from_json(w->a, system);
		if (tl_str_starts(text.str, prefix))
			text =
			    tl_text_slice(w->a, text, prefix.len, text.str.len);
		if (text.str.len > 0)
			add_glaive(w, TL_STR("system"), text);
	}
	for (size_t i = 0; i + 1 < n && !w->join.has_failed; i += 2)
		add_glaive(w, glaive_role(w, list[i].str), list[i + 1]);
	check_count(w);
}

static void
read_messages(struct work *w, int variant)
{
	const struct tl_json *root = w->join.cx->record->doc.root, *list;
	struct loader l = loader_of(w, variant, NULL);
	const char *key = l.list;

	if (variant == PLAIN)
		key = w->config->field_messages.len > 0
		    ? tl_arena_cstr(w->a, w->config->field_messages)
		    : "conversations";
	list = member(w, root, key);
	if (!tl_json_is(list, TL_JSON_ARRAY)) {
		fail(w, "the conversation is no list");
		return;
	}
	l = loader_of(w, variant, list);
	w->all = TL_NEW(w->a, struct message, list->nchildren);
	for (const struct tl_json *v = list->first;
	     v != NULL && !w->join.has_failed; v = v->next)
		read_message(w, &l, v);
	check_count(w);
}

/* --- roles ------------------------------------------------------------------
 */

static tl_str
key_or(tl_str given, const char *own)
{
	return given.len > 0 ? given : tl_str_from(own);
}

/* The conversation's name of a role; ptr NULL: neither human nor gpt. */
static tl_str
standard_role(const struct work *w, tl_str role)
{
	if (tl_str_eq(role, key_or(w->config->field_model, "gpt")))
		return tl_str_from(w->conv->roles[1]);
	if (tl_str_eq(role, key_or(w->config->field_human, "human")))
		return tl_str_from(w->conv->roles[0]);
	return (tl_str){ NULL, 0 };
}

static tl_str
surrounded(struct work *w, const char *before, tl_str s, const char *behind)
{
	return tl_arena_concat(w->a,
	    tl_arena_concat(w->a, tl_str_from(before), s), tl_str_from(behind));
}

static tl_str
rendered_role(struct work *w, tl_str role)
{
	tl_str s = standard_role(w, role);

	if (s.ptr != NULL)
		return s;
	if (w->conv->role_before == NULL) {
		fail(w,
		    tl_arena_printf(w->a,
			"NotImplementedError: the conversation %s has no "
			"place for the role '%s'",
			w->conv->name, ax_shown(w->a, role)));
		return TL_STR("");
	}
	return surrounded(w, w->conv->role_before, role, w->conv->role_behind);
}

static void
take_turns(struct work *w)
{
	size_t i = 0;

	if (tl_str_eq(w->all[0].role, TL_STR("system")))
		w->system = &w->all[i++];
	/* One that is neither human nor gpt is left out there. */
	if (i < w->nall && standard_role(w, w->all[i].role).ptr == NULL)
		i++;
	w->turns = TL_NEW(w->a, struct message, w->nall);
	for (; i < w->nall && !w->join.has_failed; i++) {
		w->turns[w->nturns] = w->all[i];
		w->turns[w->nturns++].role = rendered_role(w, w->all[i].role);
	}
}

/* --- pieces ------------------------------------------------------------------
 */

static void
put(struct work *w, struct tl_chunks *c, const char *s)
{
	tl_chunks_literal(w->a, c, tl_str_from(s), TL_REASON_TEMPLATE);
}

static bool
is_said(const struct message *m)
{
	return m->question != NULL || m->title != NULL || m->part.str.len > 0 ||
	    ax_truth(m->value);
}

static bool
has_system(const struct work *w)
{
	return w->system != NULL ? is_said(w->system)
				 : w->conv->system[0] != '\0';
}

static void
put_system(struct work *w, struct tl_chunks *c, const char *between)
{
	put(w, c, w->conv->before);
	put(w, c, between);
	if (w->system == NULL)
		put(w, c,
		    w->conv->system == conversations[1].system &&
			    w->config->default_system_message.len > 0
			? tl_arena_cstr(w->a, w->config->default_system_message)
			: w->conv->system);
	else if (w->system->value == NULL)
		tl_chunks_add(
		    w->a, c, w->system->part, TL_REASON_ROLE, true, TL_NO_TURN);
	else if (w->system->value->kind == TL_JSON_STRING)
		tl_chunks_add(w->a, c,
		    tl_text_from_json(w->a, w->system->value), TL_REASON_ROLE,
		    true, TL_NO_TURN);
	else
		put(w, c, "None");
	put(w, c, w->conv->behind);
}

static void
put_value(struct work *w, struct tl_chunks *c, const struct message *m,
    bool is_stripped)
{
	struct tl_text t;

	if (m->question != NULL) {
		tl_chunks_literal(
		    w->a, c, tl_str_from(m->question), TL_REASON_ROLE);
		return;
	}
	if (m->value != NULL && m->value->kind != TL_JSON_STRING) {
		fail(w, "TypeError: a message is no string");
		return;
	}
	t = m->value != NULL ? tl_text_from_json(w->a, m->value) : m->part;
	if (m->title != NULL) {
		struct tl_text parts[] = { tl_text_from_json(w->a, m->title),
			tl_text_added(w->a, TL_STR(" ")), t };

		t = tl_text_concat(w->a, parts, TL_COUNT(parts));
	}
	if (is_stripped)
		t = stripped(w, t);
	tl_chunks_add(w->a, c, t, TL_REASON_CONTENT, true, TL_NO_TURN);
}

static struct piece *
new_piece(struct work *w, const char *before, tl_str role, const char *behind)
{
	struct piece *p = &w->pieces[w->npieces++];

	p->role = surrounded(w, before, role, behind);
	return p;
}

/* role, then the text with something behind it; nothing for an empty one. */
static void
add_turn(struct work *w, const char *before, const struct message *m,
    const char *behind, const char *behind_empty, const char *end)
{
	bool has_text = is_said(m);
	struct piece *p =
	    new_piece(w, before, m->role, has_text ? behind : behind_empty);

	if (!has_text)
		return;
	put_value(w, &p->text, m, w->conv->style == LLAMA3);
	put(w, &p->text, end);
}

static struct tl_chunks *
add_roleless(struct work *w)
{
	return &new_piece(w, "", TL_STR(""), "")->text;
}

/* The system text and the first instruction are one piece. */
static size_t
add_inst_system(struct work *w)
{
	struct tl_chunks *c;
	bool is_first;

	if (!has_system(w))
		return 0;
	is_first = w->nturns > 0 &&
	    tl_str_eq(w->turns[0].role, tl_str_from(w->conv->roles[0]));
	c = add_roleless(w);
	put_system(w, c, w->conv->style == MISTRAL && is_first ? " " : "");
	if (!is_first)
		return 0;
	if (is_said(&w->turns[0]))
		put_value(w, c, &w->turns[0], false);
	else if (tl_json_is(w->turns[0].value, TL_JSON_NULL))
		fail(w, "TypeError: a message is null");
	return 1;
}

static void
add_inst_turns(struct work *w)
{
	size_t first = add_inst_system(w);

	for (size_t t = first; t < w->nturns; t++) {
		const struct message *m = &w->turns[t];
		size_t i = t - first;
		bool has_text = is_said(m);

		if (w->conv->style == MISTRAL && has_text && i == 0 &&
		    !has_system(w)) {
			struct tl_chunks *c = add_roleless(w);

			put(w, c, "[INST] ");
			put_value(w, c, m, false);
			continue;
		}
		/* BOS stands in front of every other turn. */
		add_turn(w,
		    w->conv->style == LLAMA2 && has_text &&
			    (i % 2 == 0) == !has_system(w)
			? "<s> "
			: "",
		    m, " ", "", "");
	}
}

static void
add_pieces(struct work *w)
{
	const struct conversation *c = w->conv;
	struct tl_chunks *system;

	w->pieces = TL_NEW(w->a, struct piece, w->nturns + 1);
	switch (c->style) {
	case COLON:
		system = add_roleless(w);
		put_system(w, system, "");
		put(w, system, c->sep);
		for (size_t i = 0; i < w->nturns; i++)
			add_turn(w, "", &w->turns[i], ": ", ":",
			    i % 2 == 0 ? c->sep : c->sep2);
		break;
	case CHATML:
		system = add_roleless(w);
		put_system(w, system, "");
		put(w, system, c->sep);
		put(w, system, "\n");
		for (size_t i = 0; i < w->nturns; i++)
			add_turn(w, "", &w->turns[i], "\n", "\n",
			    tl_arena_printf(w->a, "%s\n", c->sep));
		break;
	case LLAMA2:
	case MISTRAL:
		add_inst_turns(w);
		break;
	case LLAMA3:
		if (has_system(w))
			put_system(w, add_roleless(w), "");
		for (size_t i = 0; i < w->nturns; i++)
			add_turn(w, "<|start_header_id|>", &w->turns[i],
			    "<|end_header_id|>\n\n", "<|end_header_id|>\n\n",
			    "<|eot_id|>");
		break;
	case GEMMA:
		if (has_system(w))
			fail(w,
			    "ValueError: Gemma chat template does not support "
			    "system messages");
		for (size_t i = 0; i < w->nturns && !w->join.has_failed; i++) {
			struct piece *p = new_piece(w,
			    i == 0 ? "<bos><start_of_turn>" : "<start_of_turn>",
			    w->turns[i].role, "\n");

			if (is_said(&w->turns[i]))
				put_value(w, &p->text, &w->turns[i], false);
			put(w, &p->text, c->sep);
		}
		break;
	}
}

/* --- labels ------------------------------------------------------------------
 */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
contains(tl_str s, tl_str word)
{
	for (size_t i = 0; i + word.len <= s.len; i++) {
		size_t k = 0;

		while (
		    k < word.len && lower(s.ptr[i + k]) == lower(word.ptr[k]))
			k++;
		if (k == word.len)
			return true;
	}
	return false;
}

/* The words of the conversation's roles, and of `roles: {input: …}`. */
static bool
is_of(const struct work *w, tl_str role, bool is_output)
{
	const char *const *names = w->conv->roles;
	tl_str side = is_output ? TL_STR("output") : TL_STR("input");

	if (contains(role, tl_str_from(names[is_output])))
		return true;
	if (!is_output && names[2] != NULL &&
	    contains(role, tl_str_from(names[2])))
		return true;
	for (size_t i = 0;
	     w->config->roles_option != NULL && i < w->config->nroles; i++)
		if (tl_str_eq(w->config->roles[i].target, side) &&
		    contains(role, w->config->roles[i].source))
			return true;
	return false;
}

/* A row may bring its own names for USER and ASSISTANT. */
static tl_str
renamed(struct work *w, tl_str role, bool is_output)
{
	const struct tl_json *name = tl_json_at(w->names, is_output);
	tl_str own = tl_str_from(w->conv->roles[is_output]);
	size_t at = tl_str_find(role, own, 0);

	if (!tl_json_is(name, TL_JSON_STRING) || at == TL_NPOS)
		return role;
	role = tl_arena_concat(w->a,
	    tl_arena_concat(w->a, tl_str_slice(role, 0, at), name->text),
	    tl_str_slice(role, at + own.len, role.len));
	return role;
}

/* Tokens of a text by itself, without BOS, as axolotl cuts it. */
static size_t
count(struct work *w, tl_str s)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	size_t max = w->config->sequence_len;
	struct tl_tokens k;
	struct tl_error err;

	if (tl_encode(w->join.cx->encoder, w->a, s, TL_ENCODE_SPECIAL, &k,
		&err) != TL_OK) {
		fail(w, err.message);
		return 0;
	}
	if (max > 0 && k.n > max)
		k.n = max;
	return k.n - (k.n > 0 && (int64_t)k.ids[0] == tl_tokenizer_bos(t));
}

static bool
weighs(const struct tl_json *v, double n)
{
	if (v == NULL)
		return n > 0;
	if (v->kind == TL_JSON_TRUE || v->kind == TL_JSON_FALSE)
		return (v->kind == TL_JSON_TRUE) == (n > 0);
	return v->kind == TL_JSON_NUMBER && !(v->number < n) &&
	    !(v->number > n);
}

static tl_str
without_end(tl_str s)
{
	return tl_str_slice(s, 0, s.len - tl_space_behind(s));
}

static void
label_piece(struct work *w, const struct piece *p, const struct tl_json *weight)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	bool is_input = is_of(w, p->role, false);
	bool is_output = !is_input && is_of(w, p->role, true);
	bool is_inputs = w->config->train_on_inputs;
	bool has_own_eos = strcmp(w->conv->name, "chatml") == 0 &&
	    tl_str_eq(tl_str_from(w->conv->sep), tl_tokenizer_tokens(t).eos);
	size_t first = w->join.ntokens, header = 0;
	struct tl_chunks c = { .n = 0 };
	tl_str role = p->role;

	if (!is_input && !is_output && without_end(role).len > 0)
		return; /* a role that nobody handles is left out */
	if (w->names != NULL && (is_input || is_output))
		role = renamed(w, role, is_output);
	tl_chunks_literal(w->a, &c, role, TL_REASON_TEMPLATE);
	tl_chunks_append(w->a, &c, &p->text);
	if (c.len == 0)
		return;
	ax_put_string(&w->join, &c, w->config->sequence_len,
	    is_output && !has_own_eos ? 1 : 0, is_input || is_output);
	if (!is_output) {
		tl_join_label(&w->join, first, w->join.ntokens,
		    is_inputs && weighs(weight, 1));
		return;
	}
	tl_join_label(&w->join, first, w->join.ntokens, !weighs(weight, 0));
	if (!is_inputs)
		header = count(w, without_end(role));
	tl_join_label(&w->join, first, first + header, false);
}

/* Pieces and messages are matched from the end when their numbers differ. */
static void
label_pieces(struct work *w)
{
	if (w->npieces + 1 < w->nall || w->npieces > w->nall + 1) {
		fail(w, "AssertionError: a message is missing");
		return;
	}
	for (size_t i = 0; i < w->npieces && !w->join.has_failed; i++) {
		size_t at = i + w->nall - w->npieces;
		bool is_extra = w->npieces > w->nall && i == 0;

		label_piece(
		    w, &w->pieces[i], is_extra ? NULL : w->all[at].weight);
	}
}

void
ax_label_sharegpt(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	const struct tl_json *names =
	    tl_json_get(cx->record->doc.root, "roles");
	struct work w = { .config = c, .a = cx->arena };
	int variant = c->type->variant;
	struct ax_config own = *c;

	(void)conv;
	if (variant == INSTRUCT || variant == JOKES) {
		/* They do not look at the names of roles. */
		own.field_human = own.field_model = TL_STR("");
		own.roles_option = NULL;
		w.config = &own;
	}
	if (variant == JOKES)
		own.fastchat = 0;
	w.conv = &conversations[own.fastchat];
	if (own.fastchat == 0 && tl_json_is(names, TL_JSON_ARRAY) &&
	    names->nchildren >= 2)
		w.names = names;
	tl_join_init(&w.join, cx, out, "axolotl");
	if (variant == INSTRUCT)
		read_instruct(&w);
	else if (variant == JOKES)
		read_joke(&w);
	else if (variant == GLAIVE)
		read_glaive(&w);
	else
		read_messages(&w, variant);
	if (!w.join.has_failed)
		take_turns(&w);
	if (!w.join.has_failed)
		add_pieces(&w);
	if (!w.join.has_failed)
		label_pieces(&w);
	if (tl_join_finish(&w.join))
		ax_finish(cx, c, out);
}

enum tl_status
ax_find_conversation(
    struct tl_arena *a, struct ax_config *c, struct tl_error *err)
{
	const char *names[TL_COUNT(conversations)];

	if (c->type->variant == GLAIVE && c->conversation.len == 0)
		c->conversation = TL_STR("chatml_glaive");
	for (size_t i = 0; i < TL_COUNT(conversations); i++) {
		names[i] = conversations[i].name;
		if (tl_str_eq(c->conversation, tl_str_from(names[i])))
			c->fastchat = i;
	}
	if (c->conversation.len == 0 ||
	    tl_str_eq(c->conversation, tl_str_from(names[c->fastchat])))
		return TL_OK;
	return tl_fail_unknown(
	    a, err, "conversation", c->conversation, names, TL_COUNT(names));
}
