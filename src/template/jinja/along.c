/* SPDX-License-Identifier: Apache-2.0 */
/*
 * along.c - renders of shorter conversations that branch off a longer one's.
 *
 * Up to the round of its last message a shorter conversation is rendered as
 * the longer one is, unless the template looks ahead.  So in front of that
 * round the state of the render is put aside, the messages behind it are taken
 * away, the round and what follows the loop are run, and the state is put
 * back.  What comes out is the shorter render's text behind the one they share.
 *
 * That this is the text which a render of its own would make is not guessed:
 * the list of messages is a value of a kind of its own here, and whatever asks
 * it for more than the next message, or a message for what it says, is noted
 * (struct seen).  Where it could have made a difference nothing branches off.
 * The same holds for values that change by being used, which could not be put
 * back: iterators, cyclers, joiners, loop.changed().  What a template has seen
 * in front of the loop may be made good by a rehearsal (rehearse.c).
 */
#include "template/jinja/along.h"

/* --- what is watched ------------------------------------------------------ */

val
jinja_turns(struct rt *rt, size_t base)
{
	struct along *w = rt->along;
	struct turns *t = jinja_alloc(rt, sizeof(*t));

	if (base > rt->nturns)
		base = rt->nturns;
	t->seq.v = w->items + base;
	t->seq.n = rt->nturns - base;
	t->base = base;
	t->next = w->lists;
	w->lists = t;
	w->nlists++;
	return (val){ .kind = V_LIST, .sub = L_TURNS, .p = t };
}

void
jinja_add_space(struct rt *rt, struct dict *d)
{
	struct along *w = rt->along;

	if (w->nspaces == w->cap_spaces) {
		size_t cap = w->cap_spaces > 0 ? w->cap_spaces * 2 : 8;
		struct dict **v = jinja_array(rt, cap, sizeof(*v));

		if (w->nspaces > 0)
			memcpy(v, w->spaces, w->nspaces * sizeof(*v));
		w->spaces = v;
		w->cap_spaces = cap;
	}
	w->spaces[w->nspaces++] = d;
}

void
jinja_note_read(struct rt *rt, const struct tl_turn *turn, bool is_role)
{
	size_t *n, i;

	if (!jinja_is_watched(rt))
		return;
	n = is_role ? &rt->along->seen.roles : &rt->along->seen.rest;
	i = (size_t)(turn - rt->along->turns);
	if (*n <= i)
		*n = i + 1;
}

/* Neither changes by being used nor holds anything that does. */
bool
jinja_is_settled(val v)
{
	switch ((enum val_kind)v.kind) {
	case V_MISSING:
	case V_UNDEF:
	case V_NONE:
	case V_BOOL:
	case V_INT:
	case V_BIG:
	case V_FLOAT:
	case V_STR:
		return true;
	case V_DICT:
		return v.sub != D_DICT;
	case V_LIST:
	case V_TUPLE:
		for (size_t i = 0; v.sub == L_SEQ && i < v.seq->n; i++)
			if (v.seq->v[i].kind == v.kind ||
			    !jinja_is_settled(v.seq->v[i]))
				return false;
		return true;
	default:
		return false;
	}
}

void
jinja_start_along(struct rt *rt, struct tl_arena *a, struct along *w,
    struct tl_prefix *prefixes, size_t n)
{
	memset(w, 0, sizeof(*w));
	w->is_watching = true;
	w->prefixes = prefixes;
	w->n = n;
	w->conv = *rt->conv;
	w->turns = TL_NEW(a, struct tl_turn, rt->nturns);
	w->items = TL_NEW(a, val, rt->nturns);
	if (rt->nturns > 0)
		memcpy(
		    w->turns, rt->conv->turns, rt->nturns * sizeof(*w->turns));
	for (size_t i = 0; i < rt->nturns; i++)
		w->items[i] = (val){
			.kind = V_DICT, .sub = D_TURN, .turn = &w->turns[i]
		};
	w->conv.turns = w->turns;
	rt->conv = &w->conv;
	rt->along = w;
}

/* --- may it branch off? --------------------------------------------------- */

static const struct tl_field *
role_of(const struct tl_turn *t)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (tl_str_eq(t->fields[i].name, TL_STR("role")))
			return &t->fields[i];
	return NULL;
}

static bool
have_same_role(const struct tl_turn *x, const struct tl_turn *y)
{
	const struct tl_field *a = role_of(x), *b = role_of(y);

	return a != NULL && b != NULL && a->node == b->node &&
	    (a->node != NULL || tl_str_eq(a->text.str, b->text.str));
}

bool
jinja_was_blind(
    const struct rt *rt, const struct seen *s, const struct tl_prefix *p)
{
	if (p->nturns < rt->nturns && (s->is_all || s->there > p->nturns))
		return false;
	return jinja_was_blind_to_dummy(rt, s, p);
}

bool
jinja_was_blind_to_dummy(
    const struct rt *rt, const struct seen *s, const struct tl_prefix *p)
{
	size_t last = p->nturns - 1;

	if (p->last == NULL)
		return true;
	return s->rest <= last &&
	    (s->roles <= last ||
		have_same_role(p->last, &rt->along->turns[last]));
}

static bool
may_branch(struct rt *rt, const struct tl_prefix *p)
{
	const struct along *w = rt->along;

	if (p->is_known || w->nchanging > 0 || rt->exports != NULL)
		return false;
	for (size_t i = 0; i < w->nspaces; i++)
		if (w->spaces[i]->slots != NULL)
			return false;
	return jinja_was_blind(rt, &w->seen, p) &&
	    jinja_gets_here(rt, (size_t)(p - w->prefixes));
}

/* --- a branch ------------------------------------------------------------- */

static struct dict
copy_space(struct rt *rt, const struct dict *from)
{
	struct dict d = *from;

	d.v = jinja_array(rt, from->cap, sizeof(*d.v));
	if (d.n > 0)
		memcpy(d.v, from->v, d.n * sizeof(*d.v));
	return d;
}

void
jinja_save(
    struct rt *rt, const struct loop_state *s, size_t last, struct saved *o)
{
	const struct along *w = rt->along;
	size_t nslots = rt->t->root->nslots;

	o->slots = jinja_array(rt, nslots, sizeof(*o->slots));
	memcpy(o->slots, rt->act->slots, nslots * sizeof(*o->slots));
	o->spaces = jinja_array(rt, w->nspaces, sizeof(*o->spaces));
	for (size_t i = 0; i < w->nspaces; i++)
		o->spaces[i] = copy_space(rt, w->spaces[i]);
	if (s->loop != NULL)
		o->loop = *s->loop;
	if (rt->root.n > 0)
		o->last = rt->root.v[rt->root.n - 1];
	o->turn = w->turns[last];
	o->rt = *rt;
	/* What is made of values from here on says that it comes from here. */
	rt->cache = NULL;
}

/* All but the memory. */
void
jinja_put_back(
    struct rt *rt, const struct loop_state *s, size_t last, struct saved *o)
{
	const struct along *w = rt->along;

	o->rt.cur = rt->cur;
	o->rt.end = rt->end;
	o->rt.mem_left = rt->mem_left;
	o->rt.chunk = rt->chunk;
	o->rt.origins = rt->origins;
	o->rt.norigins = rt->norigins;
	o->rt.cap_origins = rt->cap_origins;
	*rt = o->rt;
	w->turns[last] = o->turn;
	if (rt->root.n > 0)
		rt->root.v[rt->root.n - 1] = o->last;
	if (s->loop != NULL)
		*s->loop = o->loop;
	for (size_t i = 0; i < w->nspaces; i++)
		*w->spaces[i] = o->spaces[i];
	memcpy(
	    rt->act->slots, o->slots, rt->t->root->nslots * sizeof(*o->slots));
}

void
jinja_set_count(struct rt *rt, size_t n)
{
	rt->nturns = n;
	for (struct turns *t = rt->along->lists; t != NULL; t = t->next)
		t->seq.n = n > t->base ? n - t->base : 0;
}

static void
run_rest(struct rt *rt, struct loop_state *s, val item, bool no_round_ended)
{
	const struct path *p = s->path;

	s->path = NULL;
	(void)jinja_run_rounds(rt, s, item, no_round_ended);
	for (; p != NULL; p = p->up)
		(void)jinja_exec_from(rt, p->body, p->next);
}

/* The text behind what there was. */
static tl_str
new_text(struct rt *rt, const struct saved *o)
{
	const struct sink *s = &rt->root, *old = &o->rt.root;
	size_t len = s->bytes - old->bytes, at = 0;
	char *text = tl_arena_bytes(rt->arena, len + 1);
	uint32_t i = old->n > 0 ? old->n - 1 : 0;
	size_t skip = old->n > 0 ? o->last.len : 0;

	for (; i < s->n; i++, skip = 0) {
		size_t n = s->v[i].len - skip;

		memcpy(text + at, s->v[i].ptr + skip, n);
		at += n;
	}
	text[len] = '\0';
	return (tl_str){ text, len };
}

static void
branch_off(struct rt *rt, const struct loop_state *at, val item,
    bool no_round_ended, struct tl_prefix *p)
{
	struct saved *o = jinja_alloc(rt, sizeof(*o));
	struct loop_state s = *at;
	struct along *w = rt->along;
	size_t last = p->nturns - 1, nspaces = w->nspaces, n = rt->nturns;

	jinja_save(rt, at, last, o);
	w->is_watching = false;
	jinja_set_count(rt, p->nturns);
	jinja_set_unsettled(rt, (size_t)(p - w->prefixes));
	if (p->last != NULL)
		w->turns[last] = *p->last;
	if (setjmp(rt->fail) == 0) {
		run_rest(rt, &s, item, no_round_ended);
		p->nshared = o->rt.root.bytes;
		p->tail = new_text(rt, o);
		p->is_known = true;
	}
	w->nspaces = nspaces;
	jinja_put_back(rt, at, last, o);
	jinja_set_count(rt, n);
	w->is_watching = true;
}

static const struct iter *
iter_of(const struct loop_state *s)
{
	return s->loop != NULL ? &s->loop->it : &s->it;
}

void
jinja_branch(struct rt *rt, struct loop_state *s, val item, bool no_round_ended)
{
	struct along *w = rt->along;
	val src = iter_of(s)->src;
	size_t n, base;

	if (!w->is_watching || src.kind != V_LIST || src.sub != L_TURNS)
		return;
	base = ((const struct turns *)src.p)->base;
	if (w->is_rehearsing)
		jinja_end_rehearsal(rt, s, base);
	if (w->main == NULL)
		jinja_enter_main(rt, s, base);
	n = (size_t)(item.turn - w->turns) + 1;
	for (size_t i = 0; i < w->n; i++)
		if (w->prefixes[i].nturns == n &&
		    may_branch(rt, &w->prefixes[i]))
			branch_off(
			    rt, s, item, no_round_ended, &w->prefixes[i]);
}
