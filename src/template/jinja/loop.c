/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c - for loops, and the variable `loop`. */
#include "template/jinja/rt.h"

/* --- loops --------------------------------------------------------------- */

/* The source of a loop with a condition: items that pass it. */
struct filtered {
	const struct for_info *info;
	struct act *act;    /* where the loop stands */
	struct act *locals; /* of the condition; NULL before the first item */
	struct iter it;
};

/* What jinja2's filter yields: the target as a value again. */
static val
target_value(struct rt *rt, const struct node *n)
{
	val *v, tuple;

	if (n->op == N_LOCAL)
		return rt->act->slots[n->slot];
	tuple = jinja_new_seq(rt, V_TUPLE, n->list.n, &v);
	for (uint32_t i = 0; i < n->list.n; i++)
		v[i] = target_value(rt, n->list.v[i]);
	return tuple;
}

static bool
next_filtered(struct rt *rt, struct iter *it, val *out)
{
	struct filtered *f = it->state;
	const struct for_info *info = f->info;
	struct act *outside = rt->act;
	uint32_t line = rt->line;
	bool found = false;
	val item;

	if (it->is_done)
		return false;
	if (f->locals == NULL) {
		f->locals = jinja_new_act(rt, info->test_func, f->act);
		rt->act = f->locals;
		jinja_enter_scope(rt, &info->enter_test);
	}
	rt->act = f->locals;
	while (!found && jinja_next_item(rt, &f->it, &item)) {
		rt->line = info->test_line;
		jinja_store(rt, info->test_target, item);
		found = jinja_test_truth(rt, info->test);
	}
	if (found)
		*out = target_value(rt, info->test_target);
	else
		it->is_done = true;
	rt->act = outside;
	rt->line = line;
	return found;
}

/* The iterator that a loop runs over. */
static void
loop_iter(struct rt *rt, const struct for_info *f, val iterable,
    struct act *act, struct iter *it)
{
	struct filtered *state;

	if (f->test == NULL) {
		jinja_iter(rt, it, iterable);
		return;
	}
	state = jinja_alloc(rt, sizeof(*state));
	state->info = f;
	state->act = act;
	state->locals = NULL;
	jinja_iter(rt, &state->it, iterable);
	memset(it, 0, sizeof(*it));
	it->next = next_filtered;
	it->type = "generator";
	it->state = state;
}

bool
jinja_loop_next(struct rt *rt, struct loop *l)
{
	val item;

	if (l->after.kind != V_MISSING) {
		item = l->after;
		l->after = (val){ 0 };
	} else if (!jinja_next_item(rt, &l->it, &item)) {
		return false;
	}
	l->index0++;
	l->before = l->current;
	l->current = item;
	return true;
}

static struct loop *
new_loop(struct rt *rt, const struct for_info *f, val iterable, struct act *act,
    int64_t depth0)
{
	struct loop *l = jinja_alloc(rt, sizeof(*l));

	memset(l, 0, sizeof(*l));
	l->info = f;
	l->act = act;
	l->index0 = -1;
	l->length = -1;
	l->depth0 = depth0;
	l->iterable = iterable;
	if (f->test != NULL)
		l->iterable = (val){ .kind = V_ITER, .p = &l->it };
	loop_iter(rt, f, iterable, act, &l->it);
	return l;
}

static bool
next_round(struct rt *rt, struct loop_state *s, val *item)
{
	rt->line = s->line;
	rt->place = s->place;
	jinja_step(rt, 1);
	if (s->loop == NULL)
		return jinja_next_item(rt, &s->it, item);
	if (!jinja_loop_next(rt, s->loop))
		return false;
	*item = s->loop->current;
	return true;
}

static enum flow
end_loop(struct rt *rt, const struct for_info *f, bool no_round_ended)
{
	if (f->orelse.n == 0 || !no_round_ended)
		return FLOW_ON;
	jinja_enter_scope(rt, &f->enter_else);
	return jinja_exec(rt, &f->orelse);
}

enum flow
jinja_run_rounds(
    struct rt *rt, struct loop_state *s, val item, bool no_round_ended)
{
	const struct for_info *f = s->info;

	do {
		enum flow flow;

		if (s->path != NULL)
			jinja_branch(rt, s, item, no_round_ended);
		jinja_store(rt, f->target, item);
		if (f->has_loop)
			rt->act->slots[f->loop_slot] =
			    (val){ .kind = V_LOOP, .p = s->loop };
		jinja_enter_scope(rt, &f->enter);
		flow = jinja_exec(rt, &f->body);
		if (flow == FLOW_BREAK)
			break;
		if (flow == FLOW_ON)
			no_round_ended = false;
	} while (next_round(rt, s, &item));
	return end_loop(rt, f, no_round_ended);
}

static enum flow
run_loop(struct rt *rt, struct loop_state *s)
{
	val item;

	if (!next_round(rt, s, &item))
		return end_loop(rt, s->info, true);
	return jinja_run_rounds(rt, s, item, true);
}

/* A recursive loop is a function: its own slots, its text as the result. */
static val
run_recursive(struct rt *rt, const struct for_info *f, val iterable,
    struct act *act, int64_t depth0, uint32_t line, uint32_t place)
{
	struct act *outside = rt->act;
	struct sink *out = rt->out;
	struct sink s = { 0 };
	struct loop_state state = { .info = f, .line = line, .place = place };

	jinja_check_stack(rt);
	rt->depth++;
	rt->act = jinja_new_act(rt, f->func, act);
	rt->out = &s;
	rt->line = line;
	state.loop = new_loop(rt, f, iterable, act, depth0);
	run_loop(rt, &state);
	rt->out = out;
	rt->act = outside;
	rt->depth--;
	return jinja_take(rt, &s);
}

val
jinja_call_loop(struct rt *rt, val loop, const struct args *args)
{
	const struct loop *l = loop.p;
	uint32_t line = rt->line, place = rt->place;
	val text;

	jinja_no_kwargs(rt, "LoopContext.__call__", args);
	jinja_arg_count(rt, "LoopContext.__call__", args, 1, 1);
	if (!l->info->is_recursive)
		jinja_throw(rt, "TypeError",
		    "The loop must have the 'recursive' marker to be called "
		    "recursively.");
	text = run_recursive(
	    rt, l->info, args->pos[0], l->act, l->depth0 + 1, line, place);
	rt->line = line;
	rt->place = place;
	return text;
}

enum flow
jinja_exec_for(struct rt *rt, const struct node *n)
{
	const struct for_info *f = n->for_;
	struct loop_state s = { .info = f, .line = n->line, .place = n->place };
	struct passing before = jinja_passing(rt);
	enum flow flow;
	unsigned made;
	val iterable;

	s.path = f->test == NULL && !f->is_recursive ? rt->path : NULL;
	rt->path = NULL;
	jinja_at(rt, n);
	iterable = jinja_eval(rt, f->iter);
	made = jinja_passed(rt, before);
	if (f->is_recursive) {
		val text = run_recursive(
		    rt, f, iterable, rt->act, 0, n->line, n->place);

		jinja_at(rt, n);
		jinja_print(rt, rt->out, text);
		return FLOW_ON;
	}
	if (f->has_loop)
		s.loop = new_loop(rt, f, iterable, rt->act, 0);
	else
		loop_iter(rt, f, iterable, rt->act, &s.it);
	flow = run_loop(rt, &s);
	if (jinja_is_watched(rt))
		rt->along->nchanging -= made;
	return flow;
}

/* --- loop.x -------------------------------------------------------------- */

static val
loop_length(struct rt *rt, struct loop *l)
{
	struct passing before = jinja_passing(rt);
	struct iter *left;
	val rest;

	if (l->length >= 0)
		return jinja_int(l->length);
	if (jinja_has_length(l->iterable)) {
		l->length = (int64_t)jinja_length(rt, l->iterable);
		return jinja_int(l->length);
	}
	/* What is left of an iterator is counted and kept. */
	rest = jinja_new_iter(rt, &left, "generator");
	*left = l->it;
	rest = jinja_list_of(rt, rest, V_LIST);
	jinja_note_passed(rt, before);
	jinja_iter(rt, &l->it, rest);
	l->length =
	    (int64_t)rest.seq->n + l->index0 + 1 + (l->after.kind != V_MISSING);
	return jinja_int(l->length);
}

static bool
peek(struct rt *rt, struct loop *l)
{
	if (l->after.kind == V_MISSING &&
	    !jinja_next_item(rt, &l->it, &l->after))
		l->after = (val){ 0 };
	return l->after.kind != V_MISSING;
}

static val
loop_method(struct rt *rt, struct loop *l, const struct method *m)
{
	struct bound *b = jinja_alloc(rt, sizeof(*b));

	b->method = m;
	b->self = (val){ .kind = V_LOOP, .p = l };
	return (val){ .kind = V_METHOD, .p = b };
}

static val
do_cycle(struct rt *rt, val self, const struct args *a)
{
	const struct loop *l = self.p;

	jinja_no_kwargs(rt, "LoopContext.cycle", a);
	if (a->npos == 0)
		jinja_throw(rt, "TypeError", "no items for cycling given");
	return a->pos[(size_t)l->index0 % a->npos];
}

static val
do_changed(struct rt *rt, val self, const struct args *a)
{
	struct loop *l = (struct loop *)(uintptr_t)self.p;
	val *v, now;

	jinja_no_kwargs(rt, "LoopContext.changed", a);
	now = jinja_new_seq(rt, V_TUPLE, a->npos, &v);
	for (size_t i = 0; i < a->npos; i++)
		v[i] = a->pos[i];
	if (l->changed.kind != V_MISSING && jinja_equal(rt, l->changed, now))
		return jinja_bool(false);
	l->changed = now;
	return jinja_bool(true);
}

static const struct method cycle_method = { "cycle", NULL,
	{ .raw = do_cycle } };
static const struct method changed_method = { "changed", NULL,
	{ .raw = do_changed } };

val
jinja_loop_attr(struct rt *rt, struct loop *l, tl_str name)
{
	static const char *const names[] = { "index", "index0", "first", "last",
		"length", "revindex", "revindex0", "previtem", "nextitem",
		"depth", "depth0", "cycle", "changed" };
	size_t i;

	for (i = 0; i < TL_COUNT(names); i++) {
		if (tl_str_eq(name, tl_str_from(names[i])))
			break;
	}
	switch (i) {
	case 0:
		return jinja_int(l->index0 + 1);
	case 1:
		return jinja_int(l->index0);
	case 2:
		return jinja_bool(l->index0 == 0);
	case 3:
		return jinja_bool(!peek(rt, l));
	case 4:
		return loop_length(rt, l);
	case 5:
		return jinja_int(loop_length(rt, l).i - l->index0);
	case 6:
		return jinja_int(loop_length(rt, l).i - l->index0 - 1);
	case 7:
		return l->index0 == 0
		    ? jinja_undef_hint("there is no previous item")
		    : l->before;
	case 8:
		return peek(rt, l) ? l->after
				   : jinja_undef_hint("there is no next item");
	case 9:
		return jinja_int(l->depth0 + 1);
	case 10:
		return jinja_int(l->depth0);
	case 11:
		return loop_method(rt, l, &cycle_method);
	case 12:
		jinja_note_changing(rt);
		return loop_method(rt, l, &changed_method);
	default:
		return (val){ 0 };
	}
}
