/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: type llama2_chat.
 *
 * The conversation is one string, tokenized at once.  What is masked is found
 * by cutting the string at its markers and counting the tokens of the pieces;
 * when the count does not come out at the end, the whole row is masked.
 */
#include "axolotl.h"

#include "join.h"

#define SEP2 " </s><s>"
#define SYSTEM_OPEN "[INST] <<SYS>>\n"
#define SYSTEM_CLOSE "\n<</SYS>>\n\n"
#define DEFAULT_SYSTEM                                                         \
	"You are a helpful, respectful and honest assistant. Always answer "   \
	"as helpfully as possible, while being safe. Your answers should not " \
	"include any harmful, unethical, racist, sexist, toxic, dangerous, "   \
	"or illegal content. Please ensure that your responses are socially "  \
	"unbiased and positive in nature.\n\nIf a question does not make any " \
	"sense, or is not factually coherent, explain why instead of "         \
	"answering something not correct. If you don't know the answer to a "  \
	"question, please don't share false information."

/* "[" within a word, and "▁[": the one is replaced by the other. */
#define ID_BRACKET 29961u
#define ID_SPACE_BRACKET 518u

struct message {
	const struct tl_json *node, *value;
	bool is_human;
};

struct work {
	struct tl_join join;
	const struct ax_config *config;
	struct tl_arena *a;
	struct message *messages;
	size_t n;
	const struct tl_json *system;
	size_t ntext;	  /* tokens without the padding */
	bool *is_trained; /* ntext */
	size_t cur, total;
};

/* --- the conversation --------------------------------------------------------
 */

static const struct tl_json *
member(struct work *w, const struct tl_json *m, const char *key)
{
	const struct tl_json *v = tl_json_get(m, key);

	if (v == NULL)
		tl_join_fail(
		    &w->join, tl_arena_printf(w->a, "KeyError: '%s'", key));
	return v;
}

/* "human" or "gpt", else axolotl stops. */
static bool
is_human(struct work *w, const struct tl_json *m)
{
	const struct tl_json *from = member(w, m, "from");
	tl_str s = tl_json_text(from, TL_STR(""));

	if (from != NULL && !tl_str_eq(s, TL_STR("human")) &&
	    !tl_str_eq(s, TL_STR("gpt")))
		tl_join_fail(&w->join,
		    tl_arena_printf(w->a,
			"KeyError: '%s' (roles are human and gpt)",
			ax_shown(w->a, s)));
	return tl_str_eq(s, TL_STR("human"));
}

static void
take_message(struct work *w, const struct tl_json *m, bool wants_human)
{
	bool human = is_human(w, m);
	const struct tl_json *value;

	if (!w->join.has_failed && human != wants_human)
		tl_join_fail(&w->join,
		    "AssertionError: Role did not alternate between turns "
		    "(gpt and human). Please check your data.");
	value = member(w, m, "value");
	/* An empty one is left out, but counts as a turn. */
	if (w->join.has_failed || !ax_truth(value))
		return;
	if (value->kind != TL_JSON_STRING)
		tl_join_fail(&w->join, "AttributeError: a value is no string");
	w->messages[w->n++] = (struct message){ m, value, human };
}

static void
read_messages(struct work *w, const struct tl_json *list)
{
	const struct tl_json *m = list->first, *from;
	size_t n = list->nchildren;
	bool wants_human = true;

	if (m == NULL) {
		tl_join_fail(&w->join, "IndexError: there are no messages");
		return;
	}
	from = member(w, m, "from");
	if (from != NULL &&
	    tl_str_eq(tl_json_text(from, TL_STR("")), TL_STR("system"))) {
		w->system = member(w, m, "value");
		m = m->next;
		n--;
	}
	if (n < 2) {
		tl_join_fail(&w->join, "IndexError: fewer than two messages");
		return;
	}
	w->messages = TL_NEW(w->a, struct message, n);
	if (!is_human(w, m))
		m = m->next;
	for (; m != NULL && !w->join.has_failed; m = m->next) {
		take_message(w, m, wants_human);
		wants_human = !wants_human;
	}
}

static void
put(struct work *w, struct tl_chunks *c, const char *s)
{
	tl_chunks_literal(w->a, c, tl_str_from(s), TL_REASON_TEMPLATE);
}

static void
put_system(struct work *w, struct tl_chunks *c)
{
	put(w, c, SYSTEM_OPEN);
	if (w->system == NULL)
		put(w, c, DEFAULT_SYSTEM);
	else if (w->system->kind == TL_JSON_STRING)
		tl_chunks_add(w->a, c, tl_text_from_json(w->a, w->system),
		    TL_REASON_ROLE, true, 0);
	else if (w->system->kind == TL_JSON_NULL)
		put(w, c, "None");
	else
		tl_join_fail(&w->join, "the system message is no string");
	put(w, c, SYSTEM_CLOSE);
}

/* A last message of the user is left out. */
static struct tl_chunks
build(struct work *w)
{
	struct tl_chunks c = { .n = 0 };

	for (size_t k = 0; k < w->n && !w->join.has_failed; k++) {
		const struct message *m = &w->messages[k];
		struct tl_text t = tl_text_from_json(w->a, m->value);

		if (k == w->n - 1 && m->is_human)
			break;
		t = tl_text_slice(w->a, t, tl_space_before(t.str), t.str.len);
		t = tl_text_slice(
		    w->a, t, 0, t.str.len - tl_space_behind(t.str));
		if (k == 0)
			put_system(w, &c);
		else
			put(w, &c, m->is_human ? "[INST] " : "[/INST] ");
		tl_chunks_add(w->a, &c, t,
		    m->is_human ? TL_REASON_ROLE : TL_REASON_CONTENT, true,
		    m->node->index);
		if (k > 0)
			put(w, &c, k % 2 == 1 ? SEP2 : " ");
	}
	return c;
}

/* --- labels ------------------------------------------------------------------
 */

static void
mask(struct work *w, size_t from, size_t to)
{
	for (; from < to && from < w->ntext; from++)
		w->is_trained[from] = false;
}

/* The tokens of a piece; one that has two markers, or none, is not counted. */
static bool
count_round(struct work *w, tl_str round)
{
	static const tl_str marker = TL_LIT("[/INST]");
	size_t at = tl_str_find(round, marker, 0), n, instruction;

	if (at == TL_NPOS ||
	    tl_str_find(round, marker, at + marker.len) != TL_NPOS)
		return false;
	n = tl_join_count(&w->join, round, TL_ENCODE_SPECIAL);
	instruction =
	    tl_join_count(&w->join, tl_str_slice(round, 0, at + marker.len),
		TL_ENCODE_SPECIAL) -
	    1;
	mask(w, w->cur - 1, w->cur + instruction);
	w->cur += n + 2;
	return true;
}

static void
find_labels(struct work *w, tl_str text)
{
	static const tl_str sep = TL_LIT(SEP2);
	size_t at = 0;

	w->cur = 1;
	mask(w, 0, 1);
	while (at <= text.len) {
		size_t end = tl_str_find(text, sep, at);
		tl_str round =
		    tl_str_slice(text, at, end == TL_NPOS ? text.len : end);

		if (round.len == 0 || !count_round(w, round))
			break;
		if (end == TL_NPOS)
			break;
		at = end + sep.len;
	}
	mask(w, w->cur, w->ntext);
}

/* The row as long as sequence_len. */
static void
pad(struct work *w, int64_t id)
{
	while (w->join.ntokens < w->config->sequence_len && !w->join.has_failed)
		tl_join_id(&w->join, id, TL_STR(""), TL_REASON_PADDING);
}

static size_t
count_total(struct work *w, int64_t pad_id)
{
	size_t max = w->config->sequence_len, n = 0;

	for (size_t i = 0; i < w->join.ntokens && (max == 0 || i < max); i++)
		n += (int64_t)w->join.ids[i] != pad_id;
	return n;
}

static void
replace_brackets(struct work *w)
{
	for (size_t i = 2; i + 2 < w->total; i++)
		if (w->join.ids[i] == ID_BRACKET)
			w->join.ids[i] = ID_SPACE_BRACKET;
}

static void
finish(struct work *w)
{
	struct tl_sample *out = w->join.out;
	size_t max = w->config->sequence_len;
	bool is_mismatch = (max == 0 || w->cur < max) && w->cur != w->total;

	for (size_t i = 0; i < w->ntext; i++)
		tl_join_label(
		    &w->join, i, i + 1, w->is_trained[i] && !is_mismatch);
	for (size_t i = w->ntext; i < w->join.ntokens; i++)
		w->join.reasons[i] = TL_REASON_PADDING;
	replace_brackets(w);
	if (!tl_join_finish(&w->join))
		return;
	tl_label_finish(w->a, out, max, TL_SIDE_RIGHT);
	if (is_mismatch)
		out->why = tl_str_from(tl_arena_printf(w->a,
		    "tokenization mismatch: %zu vs. %zu. (ignored): axolotl "
		    "masks the row",
		    w->cur, w->total));
}

void
ax_label_llama2(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out)
{
	const struct tl_json *list =
	    tl_json_get(cx->record->doc.root, "conversations");
	const struct tl_tokenizer *t = cx->recipe->tokenizer;
	int64_t pad_id = tl_tokenizer_pad(t);
	struct work w = { .config = c, .a = cx->arena };
	struct tl_chunks text;

	(void)conv;
	tl_join_init(&w.join, cx, out, "axolotl");
	/* axolotl takes EOS when the tokenizer names no padding. */
	if (pad_id < 0)
		pad_id = tl_tokenizer_eos(t);
	if (!tl_json_is(list, TL_JSON_ARRAY))
		tl_join_fail(&w.join,
		    list == NULL ? "KeyError: 'conversations'"
				 : "\"conversations\" is no list");
	else
		read_messages(&w, list);
	text = build(&w);
	if (w.join.has_failed)
		return;
	w.ntext = tl_join_string(&w.join, &text, TL_ENCODE_SPECIAL);
	w.is_trained = TL_NEW(w.a, bool, w.ntext);
	memset(w.is_trained, 1, w.ntext);
	pad(&w, pad_id);
	w.total = count_total(&w, pad_id);
	find_labels(&w, tl_chunks_text(w.a, &text).str);
	if (!w.join.has_failed)
		finish(&w);
}
