/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: where a turn stands in the tokens of the whole conversation.
 *
 * The conversation up to the turn is rendered twice, with the turn and with a
 * dummy in its place.  The first and the last token that differ are the turn's
 * span, as an index into the tokens of the whole.
 *
 * What both renderings share with the whole text is not tokenized again: added
 * tokens cut a text into pieces that do not know of each other, and so do some
 * other places (tl_tokenizer_cut()), so from the last such place before the
 * first difference on is enough.
 */
#include "axolotl.h"

#define DUMMY_MESSAGE "[[dummy_message]]"
#define DUMMY_REASONING "[[dummy_reasoning]]"

static size_t
common_prefix(tl_str a, tl_str b)
{
	size_t n = a.len < b.len ? a.len : b.len, i = 0;

	while (i + 64 <= n && memcmp(a.ptr + i, b.ptr + i, 64) == 0)
		i += 64;
	while (i < n && a.ptr[i] == b.ptr[i])
		i++;
	return i;
}

/* The first of the whole text's tokens that does not end in its first n
 * bytes. */
static size_t
token_behind(const struct ax_work *w, size_t n)
{
	const struct tl_tokens *t = &w->out->tokens;
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->offsets[mid].end <= n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Where a text begins to be tokenized anew: from token k of the whole on. */
struct resume {
	size_t k;
	unsigned flags; /* for tl_encode() */
};

/* The last added token in the first n bytes, with enough behind it that no
 * longer one can stand there; 0: none. */
static size_t
last_anchor(const struct ax_work *w, size_t n, size_t least)
{
	const struct tl_tokens *t = &w->out->tokens;
	size_t k;

	if (n < w->config->longest_added)
		return 0;
	k = token_behind(w, n - w->config->longest_added);
	while (k > least &&
	    (tl_tokenizer_flags(w->cx->recipe->tokenizer, t->ids[k - 1]) &
		TL_TOKEN_ADDED) == 0)
		k--;
	return k > least ? k - 1 : 0;
}

static struct resume
find_resume(const struct ax_work *w, tl_str text)
{
	const struct tl_tokens *t = &w->out->tokens;
	size_t common = common_prefix(w->out->render.text.str, text);
	size_t cut = tl_tokenizer_cut(
	    w->cx->recipe->tokenizer, w->out->render.text.str, common);
	size_t k = cut > 0 ? token_behind(w, cut) : 0, anchor;

	if (k == t->n || t->offsets[k].beg != cut)
		k = 0;
	anchor = last_anchor(w, common, k);
	return anchor > 0 ? (struct resume){ anchor, 0 }
			  : (struct resume){ k, k > 0 ? TL_ENCODE_INSIDE : 0 };
}

static bool
encode(struct ax_work *w, tl_str text, struct ax_ids *out)
{
	const struct tl_tokens *whole = &w->out->tokens;
	struct resume r = find_resume(w, text);
	struct tl_tokens tail;
	struct tl_error err;

	for (;;) {
		size_t beg = r.k > 0 ? whole->offsets[r.k].beg : 0;

		if (tl_encode(w->cx->encoder, w->a,
			tl_str_slice(text, beg, text.len), r.flags, &tail,
			&err) != TL_OK) {
			ax_abort(w->cx, w->out, "%s", err.message);
			return false;
		}
		if (r.k == 0 || r.flags != 0 ||
		    (tail.n > 0 && tail.ids[0] == whole->ids[r.k]))
			break;
		r.k = 0;
	}
	*out = (struct ax_ids){ whole->ids, tail.ids, r.k, r.k + tail.n };
	return true;
}

static bool
render(struct ax_work *w, const struct tl_conv *conv, size_t n, size_t turn,
    bool is_dummy, struct ax_ids *ids)
{
	struct tl_render r;

	tl_template_render(
	    w->cx->recipe->template_, w->a, conv, n, &w->locating, &r);
	if (r.fault == TL_RENDER_OK)
		return encode(w, r.text.str, ids);
	ax_abort(w->cx, w->out,
	    "to find turn %zu it renders the conversation up to there%s, and "
	    "the template does not take that: %s",
	    turn,
	    is_dummy ? " with the turn's content alone replaced by a dummy"
		     : "",
	    ax_shown(w->a, r.message));
	return false;
}

static void
copy_field(struct tl_field *fields, size_t *n, const struct tl_field *from)
{
	if (from != NULL)
		fields[(*n)++] = *from;
}

static void
add_text(struct tl_arena *a, struct tl_field *fields, size_t *n, tl_str name,
    tl_str text)
{
	fields[*n].name = name;
	fields[(*n)++].text = tl_text_added(a, text);
}

/* Role and content alone: no tool calls, no name. */
static struct tl_turn
dummy_of(struct ax_work *w, const struct ax_turn *t, enum ax_part part)
{
	static const struct tl_json null = { .kind = TL_JSON_NULL };
	struct tl_field *f = TL_NEW(w->a, struct tl_field, 3);
	struct tl_turn dummy = { .fields = f };

	copy_field(f, &dummy.nfields, t->role);
	if (t->role == NULL)
		f[dummy.nfields++] =
		    (struct tl_field){ .name = TL_STR("role"), .node = &null };
	if (part == AX_REASONING_ONLY) {
		copy_field(f, &dummy.nfields, t->content);
		if (t->content == NULL)
			add_text(w->a, f, &dummy.nfields, TL_STR("content"),
			    TL_STR(""));
		if (t->thinking != NULL)
			add_text(w->a, f, &dummy.nfields,
			    w->config->thinking_key, TL_STR(DUMMY_REASONING));
		return dummy;
	}
	add_text(
	    w->a, f, &dummy.nfields, TL_STR("content"), TL_STR(DUMMY_MESSAGE));
	if (part == AX_CONTENT_ONLY)
		copy_field(f, &dummy.nfields, t->thinking);
	return dummy;
}

/* The ids of the conversation up to turn t, its last one replaced. */
static bool
render_dummy(struct ax_work *w, size_t t, enum ax_part part, struct ax_ids *ids)
{
	struct tl_conv conv = w->row.conv;

	if (w->scratch == NULL) {
		w->scratch = TL_NEW(w->a, struct tl_turn, conv.nturns);
		memcpy(
		    w->scratch, conv.turns, conv.nturns * sizeof(*w->scratch));
	}
	conv.turns = w->scratch;
	w->scratch[t] = dummy_of(w, &w->row.turns[t], part);
	if (!render(w, &conv, t + 1, t, true, ids))
		return false;
	w->scratch[t] = w->row.conv.turns[t];
	return true;
}

static bool
are_whole(const struct ax_work *w, const struct ax_ids *s, size_t end)
{
	if (end > w->out->tokens.n)
		return false;
	for (size_t i = s->nshared; i < end; i++)
		if (ax_id_at(s, i) != w->out->tokens.ids[i])
			return false;
	return true;
}

static void
compare(const struct ax_work *w, const struct ax_ids *dummy,
    const struct ax_ids *full, struct ax_found *out)
{
	size_t n = dummy->n < full->n ? dummy->n : full->n;
	size_t common =
	    dummy->nshared < full->nshared ? dummy->nshared : full->nshared;
	size_t beg, back = 0;

	for (beg = common; beg < n; beg++)
		if (ax_id_at(dummy, beg) != ax_id_at(full, beg))
			break;
	while (back < n &&
	    ax_id_at(dummy, dummy->n - 1 - back) ==
		ax_id_at(full, full->n - 1 - back))
		back++;
	if (beg == n || back == n || full->n - back <= beg)
		return;
	out->is_found = true;
	out->beg = beg;
	out->end = full->n - back;
	out->is_misplaced = !are_whole(w, full, out->end);
}

static bool
is_named_mistral(const struct ax_work *w, size_t t)
{
	const struct tl_field *role = w->row.turns[t].role;
	tl_str s = { NULL, 0 };

	if (role != NULL)
		s = role->node != NULL ? tl_json_text(role->node, s)
				       : role->text.str;
	return t == 0 && w->config->is_mistral &&
	    tl_str_eq(s, TL_STR("system"));
}

bool
ax_find_turn(
    struct ax_work *w, size_t t, enum ax_part part, struct ax_found *found)
{
	struct ax_ids dummy, full;

	*found = (struct ax_found){ .is_found = false };
	if (is_named_mistral(w, t))
		return true;
	if (!render_dummy(w, t, part, &dummy) ||
	    !render(w, &w->row.conv, t + 1, t, false, &full))
		return false;
	compare(w, &dummy, &full, found);
	return true;
}
