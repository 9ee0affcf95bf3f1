/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: where a turn stands in the tokens of the whole conversation.
 *
 * The conversation up to the turn is rendered twice, with the turn and with a
 * dummy in its place.  The first and the last token that differ are the turn's
 * span, as an index into the tokens of the whole.
 *
 * Neither is rendered from the start where the template lets tell that it
 * begins as a longer conversation does (tl_template_render_along()).  And what
 * both have in common with the whole text is not tokenized again: added tokens
 * cut a text into pieces that do not know of each other, and so do some other
 * places (tl_tokenizer_cut()), so from the last such place before the first
 * difference on is enough.
 */
#include "axolotl.h"

#define DUMMY_MESSAGE "[[dummy_message]]"
#define DUMMY_REASONING "[[dummy_reasoning]]"

/* Bytes of the conversations up to each turn, where they are rendered one by
 * one: their sum grows with the square of the turns. */
#define MAX_RENDERED ((size_t)512 << 20)

/* A text that begins as another does: the first nshared bytes of that, then
 * the tail. */
struct text {
	tl_str longer;
	size_t nshared;
	tl_str tail;
	size_t ncommon; /* bytes that it has in common with the whole text */
};

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

/* ncommon: of the longer text. */
static struct text
make_text(const struct ax_work *w, tl_str longer, size_t ncommon,
    const struct tl_prefix *p)
{
	tl_str whole = w->out->render.text.str;
	struct text t = { longer, p->nshared, p->tail, ncommon };

	if (p->nshared <= ncommon)
		t.ncommon = p->nshared +
		    common_prefix(
			p->tail, tl_str_slice(whole, p->nshared, whole.len));
	return t;
}

static struct text
whole_text(const struct ax_work *w, tl_str s)
{
	return (struct text){ s, s.len, TL_STR(""),
		common_prefix(w->out->render.text.str, s) };
}

static tl_str
text_from(struct ax_work *w, const struct text *t, size_t beg)
{
	size_t n = t->nshared > beg ? t->nshared - beg : 0;
	char *s;

	if (n == 0)
		return tl_str_slice(t->tail, beg - t->nshared, t->tail.len);
	if (t->tail.len == 0)
		return tl_str_slice(t->longer, beg, t->nshared);
	s = tl_arena_bytes(w->a, n + t->tail.len);
	memcpy(s, t->longer.ptr + beg, n);
	memcpy(s + n, t->tail.ptr, t->tail.len);
	return (tl_str){ s, n + t->tail.len };
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
find_resume(const struct ax_work *w, size_t common)
{
	const struct tl_tokens *t = &w->out->tokens;
	size_t cut, k, anchor;

	if (w->cx->recipe->is_plain)
		return (struct resume){ 0, 0 };
	cut = tl_tokenizer_cut(
	    w->cx->recipe->tokenizer, w->out->render.text.str, common);
	k = cut > 0 ? token_behind(w, cut) : 0;
	if (k == t->n || t->offsets[k].beg != cut)
		k = 0;
	anchor = last_anchor(w, common, k);
	return anchor > 0 ? (struct resume){ anchor, 0 }
			  : (struct resume){ k, k > 0 ? TL_ENCODE_INSIDE : 0 };
}

static bool
encode(struct ax_work *w, const struct text *text, struct ax_ids *out)
{
	const struct tl_tokens *whole = &w->out->tokens;
	struct resume r = find_resume(w, text->ncommon);
	struct tl_tokens tail;
	struct tl_error err;

	for (;;) {
		size_t beg = r.k > 0 ? whole->offsets[r.k].beg : 0;

		if (tl_encode(w->cx->encoder, w->a, text_from(w, text, beg),
			r.flags, &tail, &err) != TL_OK) {
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
static const struct tl_turn *
dummy_of(struct ax_work *w, const struct ax_turn *t, enum ax_part part)
{
	static const struct tl_json null = { .kind = TL_JSON_NULL };
	struct tl_field *f = TL_NEW(w->a, struct tl_field, 3);
	struct tl_turn *dummy = TL_NEW(w->a, struct tl_turn, 1);

	dummy->fields = f;
	copy_field(f, &dummy->nfields, t->role);
	if (t->role == NULL)
		f[dummy->nfields++] =
		    (struct tl_field){ .name = TL_STR("role"), .node = &null };
	if (part == AX_REASONING_ONLY) {
		copy_field(f, &dummy->nfields, t->content);
		if (t->content == NULL)
			add_text(w->a, f, &dummy->nfields, TL_STR("content"),
			    TL_STR(""));
		if (t->thinking != NULL)
			add_text(w->a, f, &dummy->nfields,
			    w->config->thinking_key, TL_STR(DUMMY_REASONING));
		return dummy;
	}
	add_text(
	    w->a, f, &dummy->nfields, TL_STR("content"), TL_STR(DUMMY_MESSAGE));
	if (part == AX_CONTENT_ONLY)
		copy_field(f, &dummy->nfields, t->thinking);
	return dummy;
}

/* --- texts ---------------------------------------------------------------- */

static bool
fail_turn(
    struct ax_work *w, const struct tl_render *r, size_t turn, bool is_dummy)
{
	ax_abort(w->cx, w->out,
	    "to find turn %zu it renders the conversation up to there%s, and "
	    "the template does not take that: %s",
	    turn,
	    is_dummy ? " with the turn's content alone replaced by a dummy"
		     : "",
	    ax_shown(w->a, r->message));
	return false;
}

static void
free_arena(void *arena)
{
	tl_arena_free(arena);
}

/* The conversation up to turn t, its last one replaced. */
static void
render_dummy(struct ax_work *w, size_t t, const struct tl_turn *dummy,
    struct tl_render *r)
{
	struct tl_conv conv = w->row.conv;

	conv.turns = w->scratch;
	w->scratch[t] = *dummy;
	tl_template_render(
	    w->cx->recipe->template_, w->a, &conv, t + 1, &w->locating, r);
	w->scratch[t] = w->row.conv.turns[t];
}

/* What the template lets tell of it. */
static void
render_along(struct ax_work *w, size_t nturns, struct tl_render *r,
    struct tl_prefix *prefixes, size_t n)
{
	tl_template_render_along(w->cx->recipe->template_, w->a, &w->row.conv,
	    nturns, &w->locating, r, prefixes, w->cx->recipe->is_plain ? 0 : n);
}

/* The two texts of a turn that was not rendered along with the whole. */
static bool
render_turn(struct ax_work *w, size_t t, struct tl_prefix *dummy,
    struct text *with_dummy, struct text *with_turn)
{
	struct tl_render r, other;

	if (w->nrendered > MAX_RENDERED) {
		tl_label_fail(w->cx->arena, w->out, TL_VERDICT_KEPT,
		    "the conversation up to each of %zu turns would have to "
		    "be rendered, which is too much: not computed",
		    w->row.conv.nturns);
		return false;
	}
	render_along(w, t + 1, &r, dummy, 1);
	w->nrendered += r.text.str.len;
	if (r.fault == TL_RENDER_OK && dummy->is_known) {
		*with_turn = whole_text(w, r.text.str);
		*with_dummy =
		    make_text(w, r.text.str, with_turn->ncommon, dummy);
		return true;
	}
	render_dummy(w, t, dummy->last, &other);
	if (other.fault != TL_RENDER_OK)
		return fail_turn(w, &other, t, true);
	if (r.fault != TL_RENDER_OK)
		return fail_turn(w, &r, t, false);
	*with_dummy = whole_text(w, other.text.str);
	*with_turn = whole_text(w, r.text.str);
	return true;
}

static bool
is_rendered_along(const struct ax_work *w, size_t t, enum ax_part part)
{
	const struct tl_prefix *p = w->prefixes + w->first_prefix[t];

	return p->is_known && p[part == AX_REASONING_ONLY ? 2 : 1].is_known;
}

static bool
find_texts(struct ax_work *w, size_t t, enum ax_part part,
    struct text *with_dummy, struct text *with_turn)
{
	struct tl_prefix *p = w->prefixes + w->first_prefix[t];
	struct tl_prefix *dummy = part == AX_REASONING_ONLY ? p + 2 : p + 1;

	if (!is_rendered_along(w, t, part))
		return render_turn(w, t, dummy, with_dummy, with_turn);
	*with_turn = make_text(w, w->longer.text.str, w->ncommon, p);
	*with_dummy = make_text(w, w->longer.text.str, w->ncommon, dummy);
	return true;
}

enum ax_part
ax_part_of(const struct ax_turn *t)
{
	return (t->details.n > 0 || t->reasoning_details.n > 0) &&
		t->thinking != NULL
	    ? AX_CONTENT_ONLY
	    : AX_WHOLE;
}

static void
add_prefix(struct ax_work *w, size_t t, const struct tl_turn *last)
{
	w->prefixes[w->nprefixes++] =
	    (struct tl_prefix){ .nturns = t + 1, .last = last };
}

static void
list_prefixes(struct ax_work *w, const bool *wanted)
{
	size_t n = w->row.conv.nturns;

	w->first_prefix = TL_NEW(w->a, size_t, n);
	w->prefixes = TL_NEW(w->a, struct tl_prefix, 3 * n);
	for (size_t t = 0; t < n; t++) {
		const struct ax_turn *turn = &w->row.turns[t];

		w->first_prefix[t] = w->nprefixes;
		if (!wanted[t])
			continue;
		add_prefix(w, t, NULL);
		add_prefix(w, t, dummy_of(w, turn, ax_part_of(turn)));
		if (turn->reasoning_details.n > 0 && turn->thinking != NULL)
			add_prefix(w, t, dummy_of(w, turn, AX_REASONING_ONLY));
	}
}

/* real_last_index is passed to a template while turns are looked for. */
static void
set_locating(struct ax_work *w)
{
	struct tl_json *vars, *last;

	w->locating = w->cx->recipe->render_options;
	w->locating.vars = w->config->kwargs;
	w->locating.add_generation_prompt = false;
	if (w->row.conv.nturns < 2)
		return;
	vars = TL_NEW(w->a, struct tl_json, 1);
	last = TL_NEW(w->a, struct tl_json, 1);
	*vars = (struct tl_json){ .kind = TL_JSON_OBJECT };
	if (w->config->kwargs != NULL)
		*vars = *w->config->kwargs;
	*last = (struct tl_json){ .kind = TL_JSON_NUMBER,
		.key = TL_STR("real_last_index"),
		.text = tl_str_from(
		    tl_arena_printf(w->a, "%zu", w->row.conv.nturns - 1)),
		.number = (double)(w->row.conv.nturns - 1),
		.parent = vars,
		.next = vars->first };
	vars->first = last;
	vars->nchildren++;
	w->locating.vars = vars;
}

bool
ax_render_all(struct ax_work *w, const bool *wanted)
{
	struct tl_render *whole = &w->out->render;
	size_t n = w->row.conv.nturns;
	bool is_other;

	set_locating(w);
	list_prefixes(w, wanted);
	is_other = w->locating.vars != w->config->kwargs &&
	    tl_template_reads(
		w->cx->recipe->template_, TL_STR("real_last_index"));
	if (is_other)
		ax_render(w, &w->row.conv, false, whole);
	else
		render_along(w, n, whole, w->prefixes, w->nprefixes);
	if (!ax_take_render(w, whole, &w->out->tokens))
		return false;
	w->longer = *whole;
	w->ncommon = whole->text.str.len;
	if (!is_other)
		return true;
	render_along(w, n, &w->longer, w->prefixes, w->nprefixes);
	w->ncommon = common_prefix(whole->text.str, w->longer.text.str);
	return true;
}

/* --- spans ---------------------------------------------------------------- */

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

/* What is only needed for one turn goes into an arena of its own where it is
 * as long as the conversation. */
static struct tl_arena *
arena_for(struct ax_work *w, size_t t, enum ax_part part)
{
	size_t n = w->row.conv.nturns;

	if (is_rendered_along(w, t, part))
		return w->a;
	if (w->turn_arena != NULL)
		return w->turn_arena;
	w->turn_arena = tl_arena_new_like(w->a);
	tl_arena_defer(w->a, free_arena, w->turn_arena);
	w->scratch = TL_NEW(w->a, struct tl_turn, n);
	memcpy(w->scratch, w->row.conv.turns, n * sizeof(*w->scratch));
	return w->turn_arena;
}

static bool
find_turn(
    struct ax_work *w, size_t t, enum ax_part part, struct ax_found *found)
{
	struct text with_dummy, with_turn;
	struct ax_ids dummy, full;

	if (!find_texts(w, t, part, &with_dummy, &with_turn) ||
	    !encode(w, &with_dummy, &dummy) || !encode(w, &with_turn, &full))
		return false;
	compare(w, &dummy, &full, found);
	return true;
}

bool
ax_find_turn(
    struct ax_work *w, size_t t, enum ax_part part, struct ax_found *found)
{
	struct tl_arena *own = w->a;
	bool is_done;

	*found = (struct ax_found){ .is_found = false };
	if (is_named_mistral(w, t))
		return true;
	w->a = arena_for(w, t, part);
	is_done = find_turn(w, t, part, found);
	if (w->a != own)
		tl_arena_reset(w->a);
	w->a = own;
	return is_done;
}
