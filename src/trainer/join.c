/* SPDX-License-Identifier: Apache-2.0 */
#include "join.h"

#include <turnlint/str.h>

#include "list.h"

/* --- chunks --------------------------------------------------------------- */

void
tl_chunks_add(struct tl_arena *a, struct tl_chunks *c, struct tl_text text,
    enum tl_reason reason, bool is_said, size_t turn)
{
	if (text.str.len == 0)
		return;
	TL_PUSH(a, c->list, c->n, c->cap,
	    (struct tl_chunk){ text, reason, is_said, turn });
	c->len += text.str.len;
}

void
tl_chunks_literal(
    struct tl_arena *a, struct tl_chunks *c, tl_str s, enum tl_reason reason)
{
	if (s.len > 0)
		tl_chunks_add(
		    a, c, tl_text_added(a, s), reason, false, TL_NO_TURN);
}

void
tl_chunks_append(
    struct tl_arena *a, struct tl_chunks *c, const struct tl_chunks *more)
{
	for (size_t i = 0; i < more->n; i++)
		tl_chunks_add(a, c, more->list[i].text, more->list[i].reason,
		    more->list[i].is_said, more->list[i].turn);
}

struct tl_chunks
tl_chunks_slice(
    struct tl_arena *a, const struct tl_chunks *c, size_t beg, size_t end)
{
	struct tl_chunks out = { .n = 0 };
	size_t at = 0;

	for (size_t i = 0; i < c->n && at < end; i++) {
		const struct tl_chunk *k = &c->list[i];
		size_t len = k->text.str.len;
		size_t from = beg > at ? beg - at : 0;
		size_t to = end - at < len ? end - at : len;

		if (from < to)
			tl_chunks_add(a, &out,
			    tl_text_slice(a, k->text, from, to), k->reason,
			    k->is_said, k->turn);
		at += len;
	}
	return out;
}

struct tl_text
tl_chunks_text(struct tl_arena *a, const struct tl_chunks *c)
{
	struct tl_text *parts;

	if (c->n == 1)
		return c->list[0].text;
	parts = TL_NEW(a, struct tl_text, c->n);
	for (size_t i = 0; i < c->n; i++)
		parts[i] = c->list[i].text;
	return tl_text_concat(a, parts, c->n);
}

/* --- joining -------------------------------------------------------------- */

void
tl_join_init(struct tl_join *j, const struct tl_trainer_cx *cx,
    struct tl_sample *out, const char *framework)
{
	*j = (struct tl_join){
		.cx = cx, .a = cx->arena, .out = out, .framework = framework
	};
}

void
tl_join_fail(struct tl_join *j, const char *why)
{
	if (!j->has_failed)
		tl_label_fail(j->a, j->out, TL_VERDICT_ABORTS,
		    "%s stops with an error: %s", j->framework, why);
	j->has_failed = true;
}

static void
make_room(struct tl_join *j, size_t n)
{
	j->ids = tl_list_room(
	    j->a, j->ids, j->ntokens, &j->cap_ids, n, sizeof(*j->ids));
	j->offsets = tl_list_room(j->a, j->offsets, j->ntokens, &j->cap_offsets,
	    n, sizeof(*j->offsets));
	j->reasons = tl_list_room(j->a, j->reasons, j->ntokens, &j->cap_reasons,
	    n, sizeof(*j->reasons));
	j->is_said = tl_list_room(j->a, j->is_said, j->ntokens, &j->cap_is_said,
	    n, sizeof(*j->is_said));
}

static void
add_marks(struct tl_join *j, const struct tl_chunks *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct tl_chunk *k = &c->list[i];

		TL_PUSH(j->a, j->texts, j->ntexts, j->cap_texts, k->text);
		TL_PUSH(j->a, j->marks, j->nmarks, j->cap_marks,
		    (struct tl_mark){ j->len, j->len + k->text.str.len,
			k->reason, k->is_said, k->turn });
		j->len += k->text.str.len;
	}
}

static void
add_token(struct tl_join *j, uint32_t id, struct tl_offset o,
    enum tl_reason reason, bool is_said)
{
	size_t i = j->ntokens++;

	j->ids[i] = id;
	j->offsets[i] = o;
	j->reasons[i] = (uint8_t)reason;
	j->is_said[i] = is_said;
}

/* The tokenizer put it there: it stands for no text. */
static bool
is_added(const struct tl_join *j, const struct tl_tokens *t, size_t i)
{
	return t->offsets[i].beg == t->offsets[i].end &&
	    (tl_tokenizer_flags(j->cx->recipe->tokenizer, t->ids[i]) &
		TL_TOKEN_SPECIAL) != 0;
}

/* A token says something if one of the chunks it covers does. */
static bool
covers_said(const struct tl_mark *marks, size_t n, size_t at, size_t end)
{
	for (; at < n && marks[at].beg < end; at++)
		if (marks[at].is_said)
			return true;
	return false;
}

/* A place of `before` and the string, as one of the string. */
static size_t
behind(size_t at, tl_str before)
{
	return at > before.len ? at - before.len : 0;
}

static bool
encode(struct tl_join *j, tl_str s, unsigned flags, struct tl_tokens *out)
{
	struct tl_error err;

	if (j->has_failed)
		return false;
	if (tl_encode(j->cx->encoder, j->a, s, flags, out, &err) == TL_OK)
		return true;
	tl_join_fail(j, err.message);
	return false;
}

size_t
tl_join_count(struct tl_join *j, tl_str s, unsigned flags)
{
	struct tl_tokens t;

	return encode(j, s, flags, &t) ? t.n : 0;
}

/* The chunks and, from token `skip` on, what they became behind `before`. */
static void
put_tokens(struct tl_join *j, const struct tl_chunks *c, tl_str before,
    const struct tl_tokens *t, size_t skip, unsigned flags)
{
	size_t base = j->len, first = j->nmarks, at = 0;
	const struct tl_mark *marks;

	add_marks(j, c);
	make_room(j, t->n);
	/* Nothing outside of this string has a say. */
	marks = first > 0 ? j->marks + first : j->marks;
	for (size_t i = skip; i < t->n; i++) {
		size_t beg = behind(t->offsets[i].beg, before);
		size_t end = behind(t->offsets[i].end, before);
		struct tl_offset o = { (uint32_t)(base + beg),
			(uint32_t)(base + end) };
		enum tl_reason reason = tl_mark_judge(marks, c->n, &at, o);

		if ((flags & TL_ENCODE_SPECIAL) != 0 && is_added(j, t, i))
			add_token(j, t->ids[i], o, TL_REASON_SPECIAL, false);
		else
			add_token(j, t->ids[i], o, reason,
			    covers_said(marks, c->n, at, o.end));
	}
}

size_t
tl_join_string_behind(
    struct tl_join *j, tl_str before, const struct tl_chunks *c, unsigned flags)
{
	struct tl_text parts[2] = { tl_text_added(j->a, before),
		tl_chunks_text(j->a, c) };
	struct tl_tokens t;
	size_t skip = 0;

	if (before.len > 0) {
		skip = tl_join_count(j, before, flags);
		parts[1] = tl_text_concat(j->a, parts, 2);
	}
	if (!encode(j, parts[1].str, flags, &t))
		return 0;
	put_tokens(j, c, before, &t, skip, flags);
	return t.n > skip ? t.n - skip : 0;
}

void
tl_join_tokens(
    struct tl_join *j, const struct tl_chunks *c, const struct tl_tokens *t)
{
	if (!j->has_failed)
		put_tokens(j, c, (tl_str){ NULL, 0 }, t, 0, 0);
}

size_t
tl_join_string(struct tl_join *j, const struct tl_chunks *c, unsigned flags)
{
	return tl_join_string_behind(j, (tl_str){ NULL, 0 }, c, flags);
}

void
tl_join_id(struct tl_join *j, int64_t id, tl_str text, enum tl_reason reason)
{
	struct tl_chunks c = { .n = 0 };
	uint32_t beg = (uint32_t)j->len;

	if (j->has_failed)
		return;
	if (id < 0) {
		tl_join_fail(j,
		    "it needs a special token that the tokenizer does not "
		    "have");
		return;
	}
	tl_chunks_literal(j->a, &c, text, reason);
	add_marks(j, &c);
	make_room(j, 1);
	add_token(j, (uint32_t)id, (struct tl_offset){ beg, (uint32_t)j->len },
	    reason, false);
}

/* --- labels --------------------------------------------------------------- */

static enum tl_reason
relabel(const struct tl_join *j, size_t i, bool is_trained)
{
	enum tl_reason r = (enum tl_reason)j->reasons[i];
	bool is_eos = r == TL_REASON_EOS || r == TL_REASON_EOS_MASKED ||
	    (r == TL_REASON_SPECIAL &&
		j->ids[i] == tl_tokenizer_eos(j->cx->recipe->tokenizer));

	if (tl_reason_is_trained(r) == is_trained)
		return r;
	if (is_trained)
		return j->is_said[i] ? TL_REASON_CONTENT
		    : is_eos	     ? TL_REASON_EOS
				     : TL_REASON_HEADER;
	return j->is_said[i] ? TL_REASON_PROMPT
	    : is_eos	     ? TL_REASON_EOS_MASKED
			     : TL_REASON_TEMPLATE;
}

void
tl_join_label(struct tl_join *j, size_t first, size_t stop, bool is_trained)
{
	for (size_t i = first; i < stop && i < j->ntokens; i++)
		j->reasons[i] = (uint8_t)relabel(j, i, is_trained);
}

void
tl_join_label_as(struct tl_join *j, size_t i, uint32_t id)
{
	if (j->has_failed)
		return;
	if (j->labels == NULL) {
		j->labels = TL_NEW(j->a, int32_t, j->ntokens);
		for (size_t k = 0; k < j->ntokens; k++)
			j->labels[k] = TL_NO_LABEL;
	}
	j->labels[i] = (int32_t)id;
	j->reasons[i] = TL_REASON_OTHER_LABEL;
}

bool
tl_join_finish(struct tl_join *j)
{
	if (j->has_failed)
		return false;
	j->out->render.text = tl_text_concat(j->a, j->texts, j->ntexts);
	j->out->tokens = (struct tl_tokens){ j->ntokens, j->ids, j->offsets };
	j->out->reasons = j->reasons;
	return true;
}
