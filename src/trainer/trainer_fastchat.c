/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fastchat: the labels of FastChat's train.py, train_with_template.py and
 * train_baichuan.py.
 *
 * The conversation is one text, tokenized once.  What is trained is found by
 * cutting that text at its separators, tokenizing the parts alone and adding
 * up their lengths.  When the sum is not the length of the whole, the record is
 * masked from end to end, and a warning printed.
 */
#include <turnlint/str.h>

#include "fastchat_presets.h"
#include "join.h"
#include "names.h"
#include "options.h"

enum script { SCRIPT_TRAIN, SCRIPT_TRAIN_WITH_TEMPLATE, SCRIPT_TRAIN_BAICHUAN };
static const char *const scripts[] = { "train", "train_with_template",
	"train_baichuan", NULL };

struct config {
	int script;
	tl_str template_;
	size_t model_max_length;
	bool legacy;

	const struct tl_fastchat_preset *preset; /* NULL: it cannot train */
	bool says_legacy;
};

static const struct tl_option_spec specs[] = {
	{ "script", TL_OPTION_CHOICE, offsetof(struct config, script),
	    scripts },
	{ "template", TL_OPTION_STR, offsetof(struct config, template_), NULL },
	{ "model_max_length", TL_OPTION_SIZE,
	    offsetof(struct config, model_max_length), NULL },
	{ "legacy", TL_OPTION_BOOL, offsetof(struct config, legacy), NULL },
};

static bool
is_given(const struct tl_option *opts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(opts[i].name, tl_str_from(name)))
			return true;
	return false;
}

static enum tl_status
find_preset(struct tl_arena *a, struct config *c, struct tl_error *err)
{
	size_t n;
	const struct tl_fastchat_preset *all = tl_fastchat_presets(&n);
	const char **names = TL_NEW(a, const char *, n);

	c->preset = tl_fastchat_preset(c->template_);
	if (c->preset != NULL && c->preset->nsystem > 0)
		return tl_fail(err, TL_EUNSUPPORTED,
		    "FastChat's conversation %s begins with a system prompt "
		    "of %zu characters, which turnlint does not carry",
		    c->preset->name, c->preset->nsystem);
	if (c->preset != NULL || tl_fastchat_is_untrainable(c->template_))
		return TL_OK;
	for (size_t i = 0; i < n; i++)
		names[i] = all[i].name;
	return tl_fail_unknown(a, err, "template", c->template_, names, n);
}

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);
	enum tl_status st;

	st = tl_options_read(
	    a, "fastchat", specs, TL_COUNT(specs), opts, n, c, err);
	if (st != TL_OK)
		return st;
	c->says_legacy = is_given(opts, n, "legacy");
	if (c->template_.len > 0 && !is_given(opts, n, "script"))
		c->script = SCRIPT_TRAIN_WITH_TEMPLATE;
	if (c->template_.len == 0 || c->script != SCRIPT_TRAIN_WITH_TEMPLATE)
		c->template_ = TL_STR("vicuna_v1.1");
	*out = c;
	return find_preset(a, c, err);
}

static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct config *c = TL_NEW(a, struct config, 1);

	(void)err;
	*c = *(const struct config *)r->trainer_config;
	r->template_ = tl_template_of(a, "fastchat", c->template_);
	r->is_default_template = false;
	r->trainer_config = c;
	if (c->model_max_length == 0)
		c->model_max_length =
		    r->sequence_len > 0 ? r->sequence_len : 512;
	if (!c->says_legacy && r->tokenizer != NULL) {
		enum tl_legacy legacy = tl_tokenizer_legacy(r->tokenizer);

		c->says_legacy = legacy != TL_LEGACY_UNSAID;
		c->legacy = legacy == TL_LEGACY_YES;
	}
	return TL_OK;
}

/* --- the text ------------------------------------------------------------- */

struct message {
	size_t role; /* of the two */
	const struct tl_json *value;
	size_t turn;
};

struct work {
	struct tl_join join;
	const struct config *c;
	const struct tl_fastchat_preset *p;
	struct tl_arena *a;
	const struct tl_conv *conv;
	struct message *m;
	size_t n;
	struct tl_chunks text;
};

static void
fail(struct work *w, const char *why)
{
	tl_join_fail(&w->join, why);
}

static bool
find_role(const struct tl_json *m, size_t *out)
{
	const struct tl_json *from = tl_json_get(m, "from");

	*out = tl_json_is(from, TL_JSON_STRING) &&
	    tl_str_eq(from->text, TL_STR("gpt"));
	return *out ||
	    (tl_json_is(from, TL_JSON_STRING) &&
		tl_str_eq(from->text, TL_STR("human")));
}

static bool
is_null(const struct tl_json *v)
{
	return v == NULL || v->kind == TL_JSON_NULL;
}

/* The messages of the record, as the scripts read them. */
static void
read_messages(struct work *w, const struct tl_json *root)
{
	const struct tl_json *list = tl_json_get(root, "conversations");
	const struct tl_json *m;
	size_t hint = 0;

	if (!tl_json_is(list, TL_JSON_ARRAY) || list->nchildren == 0) {
		fail(w, "\"conversations\" is missing or empty (IndexError)");
		return;
	}
	w->m = TL_NEW(w->a, struct message, list->nchildren);
	for (m = list->first; m != NULL; m = m->next) {
		struct message *x = &w->m[w->n];

		if (!find_role(m, &x->role)) {
			fail(w,
			    "a message is neither from \"human\" nor \"gpt\" "
			    "(KeyError)");
			return;
		}
		/* A first message of the assistant is left out. */
		if (m == list->first && x->role == 1)
			continue;
		if (x->role != w->n % 2) {
			fail(w,
			    "\"human\" and \"gpt\" do not alternate "
			    "(AssertionError)");
			return;
		}
		x->value = tl_json_get(m, "value");
		if (x->value == NULL ||
		    (!is_null(x->value) && x->value->kind != TL_JSON_STRING)) {
			fail(w, "a message has no \"value\", or no string");
			return;
		}
		x->turn = tl_turn_of(w->conv, x->value, hint);
		hint = x->turn != TL_NO_TURN ? x->turn : hint;
		w->n++;
	}
}

static void
literal(struct work *w, const char *s, enum tl_reason reason)
{
	tl_chunks_literal(w->a, &w->text, tl_str_from(s), reason);
}

static void
add_system(struct work *w, const struct tl_json *root)
{
	const struct tl_fastchat_preset *p = w->p;
	const struct tl_json *own = tl_json_get(root, "system");
	bool has_own = w->c->script != SCRIPT_TRAIN &&
	    tl_json_is(own, TL_JSON_STRING) && own->text.len > 0;
	bool has_text = has_own || p->system != NULL;
	size_t len = w->text.len;

	if (p->style == TL_FASTCHAT_LLAMA2 && !has_text) {
		literal(w, "[INST] ", TL_REASON_TEMPLATE);
		return;
	}
	literal(w, p->before, TL_REASON_TEMPLATE);
	if (has_own && !p->has_fixed_system)
		tl_chunks_add(w->a, &w->text, tl_text_from_json(w->a, own),
		    TL_REASON_PROMPT, true, tl_turn_of(w->conv, own, 0));
	else if (!p->has_fixed_system)
		literal(w, p->system, TL_REASON_TEMPLATE);
	literal(w, p->behind, TL_REASON_TEMPLATE);
	if (p->style == TL_FASTCHAT_LLAMA2 ||
	    (p->style == TL_FASTCHAT_CHATML && w->text.len == len))
		return;
	literal(w, p->sep, TL_REASON_TEMPLATE);
	if (p->style == TL_FASTCHAT_CHATML)
		literal(w, "\n", TL_REASON_TEMPLATE);
}

/* What stands between a role's name and its words. */
static const char *
behind_role(enum tl_fastchat_style style, bool is_empty)
{
	switch (style) {
	case TL_FASTCHAT_ADD_COLON_SINGLE:
	case TL_FASTCHAT_ADD_COLON_TWO:
		return is_empty ? ":" : ": ";
	case TL_FASTCHAT_ADD_COLON_SPACE_SINGLE:
		return ": ";
	case TL_FASTCHAT_LLAMA2:
		return is_empty ? "" : " ";
	case TL_FASTCHAT_CHATML:
		break;
	}
	return "\n";
}

static void
add_message(struct work *w, size_t i)
{
	const struct tl_fastchat_preset *p = w->p;
	const struct message *m = &w->m[i];
	bool is_empty = is_null(m->value) || m->value->text.len == 0;
	bool is_answer = i % 2 == 1;
	bool has_two = p->style == TL_FASTCHAT_ADD_COLON_TWO ||
	    p->style == TL_FASTCHAT_LLAMA2;
	bool is_first = p->style == TL_FASTCHAT_LLAMA2 && i == 0;
	enum tl_reason after =
	    is_answer ? TL_REASON_EOS_MASKED : TL_REASON_TEMPLATE;

	if (!is_first || is_empty) {
		literal(w, p->roles[i % 2], TL_REASON_TEMPLATE);
		literal(w, behind_role(p->style, is_empty), TL_REASON_TEMPLATE);
	}
	if (is_empty)
		return;
	tl_chunks_add(w->a, &w->text, tl_text_from_json(w->a, m->value),
	    is_answer ? TL_REASON_CONTENT : TL_REASON_PROMPT, true, m->turn);
	literal(w,
	    is_first		       ? " "
		: has_two && is_answer ? p->sep2
				       : p->sep,
	    after);
	if (p->style == TL_FASTCHAT_CHATML)
		literal(w, "\n", after);
}

/* --- counting ------------------------------------------------------------- */

/* The next part of s that ends at sep, or at the end of s. */
static tl_str
next_part(tl_str s, tl_str sep, size_t *at, bool *is_last)
{
	size_t end = tl_str_find(s, sep, *at);
	tl_str part;

	*is_last = end == TL_NPOS;
	part = tl_str_slice(s, *at, *is_last ? s.len : end);
	*at = end + sep.len;
	return part;
}

static size_t
count(tl_str s, tl_str what)
{
	size_t n = 0;

	for (size_t at = 0; (at = tl_str_find(s, what, at)) != TL_NPOS;
	     at += what.len)
		n++;
	return n;
}

static tl_str
joined(struct work *w, tl_str a, tl_str b)
{
	return tl_arena_concat(w->a, a, b);
}

/* Mask `n` tokens (which may be less than none) from cur on. */
static void
mask(struct work *w, size_t cur, int64_t n)
{
	if (n > 0)
		tl_join_label(&w->join, cur, cur + (size_t)n, false);
}

/* train.py: parts of the text between two </s>, whose BOS stands for the
 * separator.  Returns the length counted. */
static size_t
count_train(struct work *w, tl_str text)
{
	static const tl_str sep = TL_LIT(" ASSISTANT: ");
	tl_str sep2 = tl_str_from(w->p->sep2);
	int64_t cur = 1;
	bool is_last = false;

	mask(w, 0, 1);
	for (size_t i = 0, at = 0; !is_last && !w->join.has_failed; i++) {
		tl_str turn = next_part(text, sep2, &at, &is_last);
		size_t found = tl_str_find(turn, sep, 0);
		int64_t n, len;

		if (turn.len == 0)
			break;
		len = (int64_t)tl_join_count(&w->join, turn, TL_ENCODE_SPECIAL);
		if (count(turn, sep) != 1)
			break;
		n = (int64_t)tl_join_count(&w->join,
			tl_str_slice(turn, 0, found + sep.len),
			TL_ENCODE_SPECIAL) -
		    2;
		if (i != 0 && !w->c->says_legacy) {
			fail(w,
			    "the tokenizer has no attribute \"legacy\" "
			    "(AttributeError), which is read at the second "
			    "round");
			return 0;
		}
		n -= i != 0 && !w->c->legacy;
		mask(w, (size_t)cur, n);
		cur += len - (i != 0 && !w->c->legacy);
	}
	return (size_t)cur;
}

/* train_baichuan.py, for a tokenizer that adds nothing in front: its "- 1" is
 * for the space at the end of what stands before an answer. */
static size_t
count_baichuan(struct work *w, tl_str text)
{
	static const tl_str sep = TL_LIT(" ASSISTANT: ");
	tl_str sep2 = tl_str_from(w->p->sep2);
	bool is_last = false;
	size_t cur = 0;

	for (size_t at = 0; !is_last && !w->join.has_failed;) {
		tl_str turn = next_part(text, sep2, &at, &is_last);
		size_t found = tl_str_find(turn, sep, 0);
		int64_t n;

		if (turn.len == 0 || count(turn, sep) != 1)
			break;
		n = (int64_t)tl_join_count(&w->join,
			tl_str_slice(turn, 0, found + sep.len),
			TL_ENCODE_SPECIAL) -
		    1;
		mask(w, cur, n);
		cur += tl_join_count(
		    &w->join, joined(w, turn, sep2), TL_ENCODE_SPECIAL);
	}
	return cur;
}

/* train_with_template.py: the separator stands in front of the next part. */
static size_t
count_template(struct work *w, tl_str text)
{
	const struct tl_tokenizer *t = w->join.cx->recipe->tokenizer;
	const struct tl_fastchat_preset *p = w->p;
	tl_str assistant = joined(w, tl_str_from(p->roles[1]),
	    tl_str_from(behind_role(p->style, false)));
	tl_str user = tl_str_from(p->sep2);
	size_t cur = tl_tokenizer_eos(t) >= 0 && w->join.ntokens > 0 &&
	    w->join.ids[0] == tl_tokenizer_bos(t);
	bool is_last = false;

	if (p->style == TL_FASTCHAT_CHATML)
		user = joined(w, p->sep2 != NULL ? user : tl_str_from(p->sep),
		    TL_STR("\n"));
	if (p->style == TL_FASTCHAT_ADD_COLON_SPACE_SINGLE && p->sep2 == NULL)
		user = joined(w, tl_str_from(p->roles[0]), TL_STR(": "));
	if (user.len == 0) {
		fail(w,
		    "the template has no second separator (TypeError: "
		    "unsupported operand type(s) for +)");
		return 0;
	}
	mask(w, 0, (int64_t)cur);
	for (size_t i = 0, at = 0; !is_last && !w->join.has_failed; i++) {
		tl_str turn = next_part(text, user, &at, &is_last);
		size_t found;

		if (turn.len == 0 && !is_last)
			break;
		if (i != 0)
			turn = joined(w, user, turn);
		found = tl_str_find(turn, assistant, 0);
		mask(w, cur,
		    (int64_t)tl_join_count(&w->join,
			found == TL_NPOS
			    ? turn
			    : tl_str_slice(turn, 0, found + assistant.len),
			0));
		cur += tl_join_count(&w->join, turn, 0);
	}
	return cur;
}

static size_t
count_script(struct work *w, tl_str text)
{
	switch ((enum script)w->c->script) {
	case SCRIPT_TRAIN:
		break;
	case SCRIPT_TRAIN_WITH_TEMPLATE:
		return count_template(w, text);
	case SCRIPT_TRAIN_BAICHUAN:
		return count_baichuan(w, text);
	}
	return count_train(w, text);
}

/* --- results -------------------------------------------------------------- */

/* What in the record makes the count come out wrong. */
static const char *
reason_of_mismatch(const struct work *w)
{
	bool is_train = w->c->script != SCRIPT_TRAIN_WITH_TEMPLATE;
	int64_t unk = tl_tokenizer_unk(w->join.cx->recipe->tokenizer);

	for (size_t i = 0; i < w->n; i++) {
		tl_str s = tl_json_text(w->m[i].value, TL_STR(""));

		if (s.len == 0)
			return "a message is empty";
		if (is_train && count(s, TL_STR(" ASSISTANT: ")) > 0)
			return "a message holds \" ASSISTANT: \"";
		if (w->p->sep2 != NULL && count(s, tl_str_from(w->p->sep2)) > 0)
			return "a message holds the separator of the rounds";
	}
	if (is_train && w->n % 2 == 1)
		return "the last message is not from \"gpt\"";
	for (size_t i = 0; i < w->join.ntokens; i++)
		if (w->join.ids[i] == unk)
			return "the text holds the unknown token, which counts "
			       "as padding";
	return "the parts of the text have other tokens alone than in the "
	       "whole: this tokenizer is not the one the script was written "
	       "for";
}

/* The words of the user, or the template's before them, when the count has
 * slipped. */
static void
find_misplaced(struct work *w, const uint8_t *before)
{
	for (size_t i = 0; i < w->join.ntokens; i++)
		if (before[i] == TL_REASON_PROMPT &&
		    tl_reason_is_trained((enum tl_reason)w->join.reasons[i]))
			w->join.reasons[i] = TL_REASON_MISPLACED;
}

static void
pad(struct work *w, struct tl_sample *out)
{
	size_t max = w->c->model_max_length;

	if (out->tokens.n >= max)
		return;
	out->padding.n = max - out->tokens.n;
	out->padding.id =
	    (uint32_t)tl_tokenizer_unk(w->join.cx->recipe->tokenizer);
}

static void
finish(struct work *w, size_t counted, struct tl_sample *out)
{
	size_t max = w->c->model_max_length, total = 0;
	size_t n = w->join.ntokens < max ? w->join.ntokens : max;
	int64_t unk = tl_tokenizer_unk(w->join.cx->recipe->tokenizer);
	bool is_lost;

	for (size_t i = 0; i < n; i++)
		total += w->join.ids[i] != unk;
	is_lost = counted < max && counted != total;
	tl_join_label(&w->join, counted, w->join.ntokens, false);
	for (size_t i = 0; is_lost && i < w->join.ntokens; i++)
		w->join.reasons[i] = TL_REASON_REJECTED;
	if (!tl_join_finish(&w->join))
		return;
	tl_label_finish(w->a, out, max, TL_SIDE_RIGHT);
	pad(w, out);
	if (is_lost)
		out->why = tl_str_from(tl_arena_printf(w->a,
		    "tokenization mismatch: %zu vs. %zu, so that FastChat "
		    "masks the whole record: %s",
		    counted, total, reason_of_mismatch(w)));
}

static void
label_text(struct work *w, struct tl_sample *out)
{
	tl_str text = tl_chunks_text(w->a, &w->text).str;
	uint8_t *before;
	size_t counted;

	tl_join_string(&w->join, &w->text, TL_ENCODE_SPECIAL);
	if (w->join.has_failed)
		return;
	before = TL_NEW(w->a, uint8_t, w->join.ntokens);
	if (w->join.ntokens > 0)
		memcpy(before, w->join.reasons, w->join.ntokens);
	tl_join_label(&w->join, 0, w->join.ntokens, true);
	counted = count_script(w, text);
	find_misplaced(w, before);
	if (!w->join.has_failed)
		finish(w, counted, out);
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct tl_json *root = cx->record->doc.root;
	struct work w = {
		.c = cx->recipe->trainer_config, .a = cx->arena, .conv = conv
	};

	w.p = w.c->preset;
	tl_join_init(&w.join, cx, out, "FastChat");
	if (w.p == NULL)
		fail(&w,
		    "train_with_template knows no separators for this "
		    "template (UnboundLocalError)");
	else if (tl_tokenizer_unk(cx->recipe->tokenizer) < 0)
		fail(&w,
		    "the tokenizer has no unknown token, and that is what it "
		    "pads with");
	if (!w.join.has_failed)
		read_messages(&w, root);
	if (w.join.has_failed)
		return;
	add_system(&w, root);
	for (size_t i = 0; i < w.n; i++)
		add_message(&w, i);
	label_text(&w, out);
}

const struct tl_trainer tl_trainer_fastchat = {
	.name = "fastchat",
	.summary = "FastChat: train.py, train_with_template.py, "
		   "train_baichuan.py",
	.reads_record = true,
	.configure = configure,
	.prepare = prepare,
	.label = label,
};
