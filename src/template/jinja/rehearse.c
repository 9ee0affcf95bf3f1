/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rehearse.c - what stands in front of the loop, for each shorter conversation.
 *
 * Many templates look over the whole conversation before they print it: for the
 * system text, for the last question.  Then nothing could branch off the loop.
 * But the way up to the loop is short: it is gone once more for each shorter
 * conversation, and where it leaves all variables as they are in the longer
 * one, the rounds of the loop are those of the shorter one, too.
 *
 * Whole numbers in a namespace (the place of the last question) may differ.
 * From then on they may only be compared with other whole numbers; each
 * comparison is kept, and must come out the same with the number that the
 * shorter conversation has.  Other variables may differ as long as nobody looks
 * at them.
 */
#include "template/jinja/along.h"

/* --- are values the same? --------------------------------------------------
 */

static bool
same_space(const struct along *w, size_t first, val a, val b)
{
	for (size_t i = 0; i < first; i++)
		if (w->spaces[i] == a.dict)
			return first + i < w->nspaces &&
			    w->spaces[first + i] == b.dict;
	return false;
}

static bool same_value(
    struct rt *rt, size_t first, val a, val b, unsigned depth);

static bool
same_list(struct rt *rt, size_t first, val a, val b, unsigned depth)
{
	if (a.sub == L_TURNS && b.sub == L_TURNS)
		return ((const struct turns *)a.p)->base ==
		    ((const struct turns *)b.p)->base;
	if (a.sub != L_SEQ || b.sub != L_SEQ)
		return a.sub == b.sub && a.p == b.p;
	if (a.seq->n != b.seq->n)
		return false;
	for (size_t i = 0; i < a.seq->n; i++)
		if (!same_value(rt, first, a.seq->v[i], b.seq->v[i], depth + 1))
			return false;
	return true;
}

/* a in the longer render, b in the rehearsal, whose namespaces come from
 * `first` on.  False when in doubt. */
static bool
same_value(struct rt *rt, size_t first, val a, val b, unsigned depth)
{
	if (a.kind != b.kind || a.flags != b.flags || depth > 8)
		return false;
	switch ((enum val_kind)a.kind) {
	case V_MISSING:
	case V_NONE:
		return true;
	case V_BOOL:
		return a.b == b.b;
	case V_INT:
		return a.i == b.i;
	case V_STR:
		return tl_str_eq(jinja_bytes(rt, a), jinja_bytes(rt, b));
	case V_UNDEF:
		return a.sub == b.sub && a.p == b.p;
	case V_LIST:
	case V_TUPLE:
		return same_list(rt, first, a, b, depth);
	case V_DICT:
		return a.sub == b.sub && a.p == b.p;
	case V_NS:
		return same_space(rt->along, first, a, b);
	case V_FUNC:
		return a.p == b.p;
	case V_MACRO:
		return ((const struct macro *)a.p)->info ==
		    ((const struct macro *)b.p)->info &&
		    ((const struct macro *)a.p)->up ==
		    ((const struct macro *)b.p)->up;
	default:
		return false;
	}
}

static bool
add_unsettled(struct along *w, size_t space, uint32_t entry)
{
	for (size_t i = 0; i < w->nunsettled; i++)
		if (w->unsettled[i].space == space &&
		    w->unsettled[i].entry == entry)
			return true;
	if (w->nunsettled == TL_COUNT(w->unsettled))
		return false;
	w->unsettled[w->nunsettled].space = space;
	w->unsettled[w->nunsettled++].entry = entry;
	return true;
}

static bool
add_unsettled_slot(struct along *w, uint32_t slot)
{
	for (size_t i = 0; i < w->nunsettled_slots; i++)
		if (w->unsettled_slots[i] == slot)
			return true;
	if (w->nunsettled_slots == TL_COUNT(w->unsettled_slots))
		return false;
	w->unsettled_slots[w->nunsettled_slots++] = slot;
	return true;
}

static bool
same_spaces(struct rt *rt, size_t first)
{
	struct along *w = rt->along;

	if (w->nspaces != 2 * first)
		return false;
	for (size_t i = 0; i < first; i++) {
		const struct dict *a = w->spaces[i], *b = w->spaces[first + i];

		if (a->n != b->n || b->slots != NULL)
			return false;
		for (uint32_t k = 0; k < a->n; k++) {
			val x = a->v[k].value, y = b->v[k].value;

			if (!same_value(rt, first, a->v[k].key, b->v[k].key, 0))
				return false;
			if (same_value(rt, first, x, y, 0))
				continue;
			if (x.kind != V_INT || y.kind != V_INT ||
			    !add_unsettled(w, i, k))
				return false;
		}
	}
	return true;
}

/* Variables of the template itself; those of its loops are set anew when a loop
 * begins. */
static bool
same_slots(struct rt *rt, size_t first, const val *slots)
{
	const struct tl_map *m = &rt->t->root->slots;

	for (size_t i = 0; i < m->nentries; i++) {
		const struct tl_map_entry *e = &m->entries[i];
		val own = rt->act->slots[e->num];

		if (tl_str_starts(e->key, TL_STR("0 ")) &&
		    !same_value(rt, first, slots[e->num], own, 0) &&
		    (!jinja_is_settled(own) ||
			!add_unsettled_slot(rt->along, (uint32_t)e->num)))
			return false;
	}
	return true;
}

static bool
same_text(const struct sink *a, const struct sink *b)
{
	uint32_t i = 0, k = 0;
	size_t at = 0, bt = 0;

	if (a->bytes != b->bytes)
		return false;
	while (i < a->n && k < b->n) {
		size_t x = a->v[i].len - at, y = b->v[k].len - bt;
		size_t n = x < y ? x : y;

		if (memcmp(a->v[i].ptr + at, b->v[k].ptr + bt, n) != 0)
			return false;
		at += n;
		bt += n;
		if (at == a->v[i].len) {
			i++;
			at = 0;
		}
		if (bt == b->v[k].len) {
			k++;
			bt = 0;
		}
	}
	return true;
}

/* --- going the way once more ------------------------------------------------
 */

#define AT_THE_LOOP 2

void
jinja_end_rehearsal(struct rt *rt, const struct loop_state *s, size_t base)
{
	const struct along *w = rt->along;

	longjmp(rt->fail,
	    s->info == w->main && base == w->main_base ? AT_THE_LOOP : 1);
}

static void
go(struct rt *rt)
{
	const struct jinja *t = rt->t;

	memset(rt->act->slots, 0, t->root->nslots * sizeof(val));
	if (t->self_slot >= 0)
		rt->act->slots[t->self_slot] = (val){ .kind = V_SELF };
	jinja_enter_scope(rt, &t->enter);
	(void)jinja_exec_along(rt, &t->body, NULL);
}

static struct rehearsal *
rehearse(struct rt *rt, const struct loop_state *s, const struct tl_prefix *p)
{
	struct saved *o = jinja_alloc(rt, sizeof(*o));
	struct rehearsal *r = jinja_alloc(rt, sizeof(*r));
	struct along *w = rt->along;
	struct turns *lists = w->lists;
	unsigned nlists = w->nlists;
	size_t nspaces = w->nspaces, all = rt->nturns, last = p->nturns - 1;

	memset(r, 0, sizeof(*r));
	jinja_save(rt, s, last, o);
	w->is_rehearsing = true;
	jinja_set_count(rt, p->nturns);
	if (p->last != NULL)
		w->turns[last] = *p->last;
	rt->root = (struct sink){ .v = NULL };
	rt->ngens = 0;
	switch (setjmp(rt->fail)) {
	case 0:
		go(rt);
		break;
	case AT_THE_LOOP:
		if (w->nchanging > 0 || rt->exports != NULL ||
		    !same_text(&o->rt.root, &rt->root) ||
		    !same_slots(rt, nspaces, o->slots) ||
		    !same_spaces(rt, nspaces))
			break;
		r->spaces = jinja_array(rt, nspaces, sizeof(*r->spaces));
		if (nspaces > 0)
			memcpy(r->spaces, w->spaces + nspaces,
			    nspaces * sizeof(*r->spaces));
		r->slots =
		    jinja_array(rt, rt->t->root->nslots, sizeof(*r->slots));
		memcpy(r->slots, rt->act->slots,
		    rt->t->root->nslots * sizeof(*r->slots));
		r->seen = w->seen;
		r->is_same = true;
		break;
	default:
		break;
	}
	w->is_rehearsing = false;
	w->seen = (struct seen){ .is_all = false };
	w->nchanging = 0;
	w->lists = lists;
	w->nlists = nlists;
	w->nspaces = nspaces;
	jinja_put_back(rt, s, last, o);
	jinja_set_count(rt, all);
	return r;
}

/* One that was made for the same messages will do, unless it has looked at what
 * the dummy replaces. */
static struct rehearsal *
find_done(const struct rt *rt, size_t n)
{
	const struct along *w = rt->along;
	const struct tl_prefix *p = &w->prefixes[n];

	for (size_t i = 0; i < n; i++)
		if (w->rehearsals[i] != NULL &&
		    w->prefixes[i].nturns == p->nturns &&
		    w->prefixes[i].last == NULL &&
		    jinja_was_blind_to_dummy(rt, &w->rehearsals[i]->seen, p))
			return w->rehearsals[i];
	return NULL;
}

void
jinja_enter_main(struct rt *rt, const struct loop_state *s, size_t base)
{
	struct along *w = rt->along;

	w->main = s->info;
	w->main_base = base;
	w->root = rt->act;
	w->front = w->seen;
	w->seen = (struct seen){ .is_all = false };
	if (w->nchanging > 0 || rt->exports != NULL)
		return;
	for (size_t i = 0; i < w->nspaces; i++)
		if (w->spaces[i]->slots != NULL)
			return;
	for (size_t i = 0; i < w->n; i++) {
		const struct tl_prefix *p = &w->prefixes[i];

		if (p->nturns > rt->nturns || jinja_was_blind(rt, &w->front, p))
			continue;
		if (w->rehearsals == NULL) {
			w->rehearsals =
			    jinja_array(rt, w->n, sizeof(*w->rehearsals));
			memset(w->rehearsals, 0,
			    w->n * sizeof(struct rehearsal *));
		}
		w->rehearsals[i] = find_done(rt, i);
		if (w->rehearsals[i] == NULL)
			w->rehearsals[i] = rehearse(rt, s, p);
	}
	w->has_unsettled = w->nunsettled > 0 || w->nunsettled_slots > 0;
}

/* --- numbers that differ
 * ------------------------------------------------------ */

/* Which one an entry of a namespace is, counted from 1; 0: none. */
unsigned
jinja_unsettled(const struct rt *rt, const struct dict_entry *e)
{
	const struct along *w = rt->along;

	for (size_t i = 0; i < w->nunsettled; i++)
		if (&w->spaces[w->unsettled[i].space]
			 ->v[w->unsettled[i].entry] == e)
			return (unsigned)i + 1;
	return 0;
}

static bool
holds(enum compare_op op, int64_t a, int64_t b)
{
	switch (op) {
	case C_EQ:
		return a == b;
	case C_NE:
		return a != b;
	case C_LT:
		return a < b;
	case C_LE:
		return a <= b;
	case C_GT:
		return a > b;
	default:
		return a >= b;
	}
}

/* a or b, whichever is marked, is unsettled. */
void
jinja_note_compared(struct rt *rt, enum compare_op op, val a, unsigned mark_a,
    val b, unsigned mark_b)
{
	struct along *w = rt->along;
	unsigned mark = mark_a > 0 ? mark_a : mark_b;
	struct question *q;

	if ((mark_a > 0 && mark_b > 0) || a.kind != V_INT || b.kind != V_INT ||
	    op > C_GE) {
		jinja_note_unsettled(rt);
		return;
	}
	if (w->nasked == w->cap_asked) {
		size_t cap = w->cap_asked > 0 ? w->cap_asked * 2 : 32;
		struct question *v = jinja_array(rt, cap, sizeof(*v));

		if (w->nasked > 0)
			memcpy(v, w->asked, w->nasked * sizeof(*v));
		w->asked = v;
		w->cap_asked = cap;
	}
	q = &w->asked[w->nasked++];
	q->which = mark - 1;
	q->op = op;
	q->is_left = mark_a > 0;
	q->other = mark_a > 0 ? b.i : a.i;
	q->answer = holds(op, a.i, b.i);
}

static int64_t
own_number(const struct along *w, const struct rehearsal *r, size_t which)
{
	return r->spaces[w->unsettled[which].space]
	    ->v[w->unsettled[which].entry]
	    .value.i;
}

static bool
answers_alike(const struct along *w, struct rehearsal *r)
{
	for (; r->is_same && r->nasked < w->nasked; r->nasked++) {
		const struct question *q = &w->asked[r->nasked];
		int64_t own = own_number(w, r, q->which);

		if (holds(q->op, q->is_left ? own : q->other,
			q->is_left ? q->other : own) != q->answer)
			r->is_same = false;
	}
	return r->is_same;
}

bool
jinja_gets_here(struct rt *rt, size_t n)
{
	struct along *w = rt->along;

	if (jinja_was_blind(rt, &w->front, &w->prefixes[n]))
		return true;
	return !w->was_told && w->rehearsals != NULL &&
	    w->rehearsals[n] != NULL && answers_alike(w, w->rehearsals[n]);
}

void
jinja_set_unsettled(struct rt *rt, size_t n)
{
	struct along *w = rt->along;
	const struct rehearsal *r =
	    w->rehearsals != NULL ? w->rehearsals[n] : NULL;

	if (r == NULL || !r->is_same)
		return;
	for (size_t i = 0; i < w->nunsettled; i++)
		w->spaces[w->unsettled[i].space]
		    ->v[w->unsettled[i].entry]
		    .value = jinja_int(own_number(w, r, i));
	for (size_t i = 0; i < w->nunsettled_slots; i++) {
		uint32_t slot = w->unsettled_slots[i];

		/* Else it is the same, and lives on. */
		if (jinja_is_settled(r->slots[slot]))
			rt->act->slots[slot] = r->slots[slot];
	}
}

void
jinja_note_slot(struct rt *rt, const struct act *act, uint32_t slot)
{
	const struct along *w = rt->along;

	for (size_t i = 0; act == w->root && i < w->nunsettled_slots; i++)
		if (w->unsettled_slots[i] == slot)
			jinja_note_unsettled(rt);
}
