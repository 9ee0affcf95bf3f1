/* SPDX-License-Identifier: Apache-2.0 */
/* eval.c - statements. */
#include "template/jinja/rt.h"

static void
at(struct rt *rt, const struct node *n)
{
	rt->line = n->line;
	rt->place = n->place;
}

/* --- scopes -------------------------------------------------------------- */

struct act *
jinja_new_act(struct rt *rt, const struct func *f, struct act *up)
{
	size_t size = sizeof(struct act) + f->nslots * sizeof(val);
	struct act *a = jinja_alloc(rt, size);

	memset(a, 0, size);
	a->up = up;
	return a;
}

static val
context_at(struct rt *rt, uint32_t i)
{
	struct dict_entry *e;

	if (rt->exports == NULL)
		return rt->ctx[i];
	e = jinja_dict_find(rt, rt->exports,
	    (val){ .kind = V_STR,
		.str = (struct jstr *)(uintptr_t)rt->t->ctx[i].name });
	return e != NULL ? e->value : rt->ctx[i];
}

void
jinja_enter_scope(struct rt *rt, const struct loads *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		const struct load *o = &l->v[i];
		struct act *a = rt->act;
		val v = { 0 };

		if (o->kind == LOAD_CTX) {
			v = context_at(rt, o->from);
		} else if (o->kind == LOAD_ALIAS) {
			for (unsigned up = o->up; up > 0; up--)
				a = a->up;
			v = a->slots[o->from];
		}
		rt->act->slots[o->slot] = v;
	}
}

/* Collect what the body prints; a break out of it loses the text. */
static enum flow
capture(struct rt *rt, const struct nodes *body, val *text)
{
	struct sink s = { 0 };
	struct sink *outside = rt->out;
	enum flow flow;

	rt->out = &s;
	flow = jinja_exec(rt, body);
	rt->out = outside;
	if (flow == FLOW_ON)
		*text = jinja_take(rt, &s);
	return flow;
}

/* --- output -------------------------------------------------------------- */

static bool
escapes(const struct rt *rt, const struct node *n)
{
	return n->aux == AE_ON || (n->aux == AE_RUNTIME && rt->autoescape);
}

/* The result of a filter or call block goes out as it is, without str(). */
static void
put_piece(struct rt *rt, val v)
{
	if (v.kind != V_STR)
		jinja_throw(rt, "TypeError",
		    "sequence item 0: expected str instance, %s found",
		    jinja_type_name(v));
	jinja_put_str(rt, rt->out, v);
}

/* A sum of strings goes out piece by piece, without being put together. */
static void
print_adds(struct rt *rt, const struct node *n)
{
	val v[16], sum;
	uint32_t k = 0;

	for (; k < n->list.n && k < 16; k++) {
		v[k] = jinja_eval(rt, n->list.v[k]);
		if (v[k].kind != V_STR || jinja_is_marked(v[k]))
			break;
	}
	if (k == n->list.n) {
		for (uint32_t i = 0; i < k; i++)
			jinja_put_str(rt, rt->out, v[i]);
		return;
	}
	if (k < 16) /* v[k] is no plain string */
		sum = k > 0
		    ? jinja_add(rt, k > 1 ? jinja_concat(rt, v, k) : v[0], v[k])
		    : v[0];
	else
		sum = jinja_add(
		    rt, jinja_concat(rt, v, k), jinja_eval(rt, n->list.v[k]));
	for (k++; k < n->list.n; k++)
		sum = jinja_add(rt, sum, jinja_eval(rt, n->list.v[k]));
	jinja_print(rt, rt->out, sum);
}

static void
exec_output(struct rt *rt, const struct node *n)
{
	bool does_escape = escapes(rt, n);

	for (uint32_t i = 0; i < n->list.n; i++) {
		const struct node *item = n->list.v[i];
		val v;

		if (item->op == N_DATA) {
			jinja_put_seg(rt, rt->out, &item->value.str->one);
			continue;
		}
		rt->line = item->line;
		rt->place = item->print_place;
		if (item->op == N_ADDS && !does_escape) {
			print_adds(rt, item);
			continue;
		}
		v = jinja_eval(rt, item);
		if (does_escape)
			v = jinja_escape(rt, v);
		jinja_print(rt, rt->out, v);
	}
}

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

struct loop_state {
	const struct for_info *info;
	struct loop *loop; /* or NULL */
	struct iter it;
	uint32_t line, place;
};

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
run_loop(struct rt *rt, struct loop_state *s)
{
	const struct for_info *f = s->info;
	bool no_round_ended = true;
	val item;

	while (next_round(rt, s, &item)) {
		enum flow flow;

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
	}
	if (f->orelse.n == 0 || !no_round_ended)
		return FLOW_ON;
	jinja_enter_scope(rt, &f->enter_else);
	return jinja_exec(rt, &f->orelse);
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

static enum flow
exec_for(struct rt *rt, const struct node *n)
{
	const struct for_info *f = n->for_;
	struct loop_state s = { .info = f, .line = n->line, .place = n->place };
	val iterable;

	at(rt, n);
	iterable = jinja_eval(rt, f->iter);
	if (f->is_recursive) {
		val text = run_recursive(
		    rt, f, iterable, rt->act, 0, n->line, n->place);

		at(rt, n);
		jinja_print(rt, rt->out, text);
		return FLOW_ON;
	}
	if (f->has_loop)
		s.loop = new_loop(rt, f, iterable, rt->act, 0);
	else
		loop_iter(rt, f, iterable, rt->act, &s.it);
	return run_loop(rt, &s);
}

/* --- loop.x -------------------------------------------------------------- */

static val
loop_length(struct rt *rt, struct loop *l)
{
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
		return loop_method(rt, l, &changed_method);
	default:
		return (val){ 0 };
	}
}

/* --- macros -------------------------------------------------------------- */

static void
exec_macro(struct rt *rt, const struct node *n)
{
	struct macro *m = jinja_alloc(rt, sizeof(*m));

	m->info = n->macro;
	m->up = rt->act;
	jinja_store(rt, n->a, (val){ .kind = V_MACRO, .p = m });
}

/* Fill the slots of the parameters as jinja2's Macro does. */
static void
bind_macro(struct rt *rt, const struct macro_info *m, const struct args *args,
    struct act *a)
{
	const char *name = m->name != NULL
	    ? tl_arena_printf(rt->arena, "'%s'",
		  tl_arena_cstr(
		      rt->arena, (tl_str){ m->name->ptr, m->name->len }))
	    : "None";
	bool *used = jinja_array(rt, args->nkw + 1, sizeof(*used));
	size_t first = args->npos < m->args.n ? args->npos : m->args.n;
	bool found_caller = first == m->args.n && m->explicit_caller;
	struct dict *kwargs = NULL;

	memset(used, 0, args->nkw + 1);
	for (size_t i = 0; i < first; i++)
		a->slots[m->arg_slots[i]] = args->pos[i];
	for (size_t i = first; i < m->args.n; i++) {
		const struct jstr *p = m->args.v[i]->name;
		tl_str want = { p->ptr, p->len };

		if (tl_str_eq(want, TL_STR("caller")))
			found_caller = true;
		for (size_t k = 0; k < args->nkw; k++) {
			const struct jstr *kw = args->names[k];

			if (!used[k] &&
			    tl_str_eq(want, (tl_str){ kw->ptr, kw->len })) {
				a->slots[m->arg_slots[i]] = args->kw[k];
				used[k] = true;
			}
		}
	}
	if (m->takes_caller && !found_caller) {
		val caller = jinja_undef_hint("No caller defined");

		for (size_t k = 0; k < args->nkw; k++) {
			const struct jstr *kw = args->names[k];

			if (tl_str_eq((tl_str){ kw->ptr, kw->len },
				TL_STR("caller"))) {
				used[k] = true;
				if (args->kw[k].kind != V_NONE)
					caller = args->kw[k];
			}
		}
		a->slots[m->caller_slot] = caller;
	}
	if (m->takes_kwargs) {
		kwargs = jinja_new_dict(rt, 4);
		a->slots[m->kwargs_slot] =
		    (val){ .kind = V_DICT, .dict = kwargs };
	}
	for (size_t k = 0; k < args->nkw; k++) {
		const struct jstr *kw = args->names[k];
		tl_str given = { kw->ptr, kw->len };

		if (used[k])
			continue;
		if (kwargs != NULL) {
			jinja_dict_put(rt, kwargs,
			    (val){ .kind = V_STR,
				.str = (struct jstr *)(uintptr_t)kw },
			    args->kw[k]);
			continue;
		}
		if (tl_str_eq(given, TL_STR("caller")))
			jinja_throw(rt, "TypeError",
			    "macro %s was invoked with two values for the "
			    "special caller argument. This is most likely a "
			    "bug.",
			    name);
		jinja_throw(rt, "TypeError",
		    "macro %s takes no keyword argument '%s'", name,
		    tl_arena_cstr(rt->arena, given));
	}
	if (m->takes_varargs) {
		size_t n = args->npos > m->args.n ? args->npos - m->args.n : 0;
		val *v;

		a->slots[m->varargs_slot] = jinja_new_seq(rt, V_TUPLE, n, &v);
		for (size_t i = 0; i < n; i++)
			v[i] = args->pos[m->args.n + i];
	} else if (args->npos > m->args.n) {
		jinja_throw(rt, "TypeError",
		    "macro %s takes not more than %u argument(s)", name,
		    (unsigned)m->args.n);
	}
}

static void
fill_defaults(struct rt *rt, const struct macro_info *m, struct act *a)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		val *slot = &a->slots[m->arg_slots[i]];
		const struct jstr *name = m->args.v[i]->name;

		if (slot->kind != V_MISSING)
			continue;
		if (m->defaults != NULL && m->defaults[i] != NULL)
			*slot = jinja_eval(rt, m->defaults[i]);
		else
			*slot = jinja_undef_hint(tl_arena_printf(rt->arena,
			    "parameter '%s' was not provided",
			    tl_arena_cstr(
				rt->arena, (tl_str){ name->ptr, name->len })));
	}
}

val
jinja_call_macro(struct rt *rt, val macro, const struct args *args)
{
	const struct macro *m = macro.p;
	const struct macro_info *info = m->info;
	struct act *outside = rt->act;
	uint32_t line = rt->line, place = rt->place;
	struct act *a;
	val text = { 0 };

	jinja_check_stack(rt);
	a = jinja_new_act(rt, info->func, m->up);
	bind_macro(rt, info, args, a);
	rt->depth++;
	rt->act = a;
	rt->line = info->line;
	jinja_enter_scope(rt, &info->enter);
	fill_defaults(rt, info, a);
	capture(rt, &info->body, &text);
	rt->act = outside;
	rt->depth--;
	rt->line = line;
	rt->place = place;
	return rt->autoescape ? jinja_mark(text) : text;
}

/* {% call %}: the callee gets the block as `caller`. */
static void
exec_call_block(struct rt *rt, const struct node *n)
{
	struct macro *m = jinja_alloc(rt, sizeof(*m));
	const struct node *call = n->a;
	struct args args;
	val callee, *kw;
	const struct jstr **names;

	at(rt, n);
	m->info = n->macro;
	m->up = rt->act;
	callee = jinja_eval(rt, call->a);
	jinja_eval_args(rt, call->args, &args);
	names = jinja_array(rt, args.nkw + 1, sizeof(*names));
	kw = jinja_array(rt, args.nkw + 1, sizeof(*kw));
	if (args.nkw > 0) {
		memcpy(names, args.names, args.nkw * sizeof(*names));
		memcpy(kw, args.kw, args.nkw * sizeof(*kw));
	}
	names[args.nkw] = jinja_cstr(rt, "caller").str;
	kw[args.nkw] = (val){ .kind = V_MACRO, .p = m };
	args.names = names;
	args.kw = kw;
	args.nkw++;
	put_piece(rt, jinja_call(rt, callee, &args));
}

/* --- blocks -------------------------------------------------------------- */

static void
note_generation(struct rt *rt, struct gen_span span)
{
	if (rt->ngens == rt->cap_gens) {
		size_t cap = rt->cap_gens > 0 ? rt->cap_gens * 2 : 8;
		struct gen_span *v = jinja_array(rt, cap, sizeof(*v));

		if (rt->ngens > 0)
			memcpy(v, rt->gens, rt->ngens * sizeof(*v));
		rt->gens = v;
		rt->cap_gens = cap;
	}
	rt->gens[rt->ngens++] = span;
}

static void
enter_generation(struct rt *rt, const struct body_info *b)
{
	val *none;

	if (b->takes_caller)
		rt->act->slots[b->caller_slot] =
		    jinja_undef_hint("No caller defined");
	if (b->takes_kwargs)
		rt->act->slots[b->kwargs_slot] =
		    (val){ .kind = V_DICT, .dict = jinja_new_dict(rt, 1) };
	if (b->takes_varargs)
		rt->act->slots[b->varargs_slot] =
		    jinja_new_seq(rt, V_TUPLE, 0, &none);
	jinja_enter_scope(rt, &b->enter);
}

/* transformers notes where the block begins in what the whole template has
 * printed so far.  Printed straight away that is the true place; inside
 * something that collects text it is where the collecting began. */
static void
exec_generation(struct rt *rt, const struct node *n)
{
	const struct body_info *b = n->body;
	struct gen_span span = { .beg = rt->root.bytes };
	val text;

	at(rt, n);
	if (rt->out == &rt->root && rt->gen_base == SIZE_MAX) {
		rt->gen_base = rt->root.bytes;
		enter_generation(rt, b);
		jinja_exec(rt, &b->body);
		rt->gen_base = SIZE_MAX;
		span.len = rt->root.bytes - span.beg;
		span.is_in_place = true;
		note_generation(rt, span);
		return;
	}
	if (rt->gen_base != SIZE_MAX)
		span.beg = rt->gen_base;
	enter_generation(rt, b);
	capture(rt, &b->body, &text);
	at(rt, n);
	span.len = jinja_str_count(rt, text);
	note_generation(rt, span);
	jinja_print(rt, rt->out, text);
}

static enum flow
exec_set_block(struct rt *rt, const struct node *n)
{
	enum flow flow;
	val text;

	jinja_enter_scope(rt, &n->body->enter);
	flow = capture(rt, &n->body->body, &text);
	if (flow != FLOW_ON)
		return flow;
	at(rt, n);
	jinja_check_target(rt, n->a);
	if (n->b != NULL) {
		rt->captured = text;
		text = jinja_eval(rt, n->b);
	}
	if (rt->autoescape)
		text = jinja_mark(jinja_to_str(rt, text));
	jinja_store(rt, n->a, text);
	return FLOW_ON;
}

static enum flow
exec_filter_block(struct rt *rt, const struct node *n)
{
	enum flow flow;
	val text;

	jinja_enter_scope(rt, &n->body->enter);
	flow = capture(rt, &n->body->body, &text);
	if (flow != FLOW_ON)
		return flow;
	at(rt, n);
	rt->captured = text;
	put_piece(rt, jinja_eval(rt, n->a));
	return FLOW_ON;
}

static enum flow
exec_with(struct rt *rt, const struct node *n)
{
	const struct with_info *w = n->with;

	for (uint32_t i = 0; i < w->targets.n; i++) {
		at(rt, n);
		jinja_store(
		    rt, w->targets.v[i], jinja_eval(rt, w->values.v[i]));
	}
	jinja_enter_scope(rt, &w->enter);
	return jinja_exec(rt, &w->body);
}

static enum flow
exec_autoescape(struct rt *rt, const struct node *n)
{
	bool outside = rt->autoescape;
	enum flow flow;

	jinja_enter_scope(rt, &n->body->enter);
	rt->autoescape = jinja_truth(rt, jinja_eval(rt, n->a));
	flow = jinja_exec(rt, &n->body->body);
	rt->autoescape = outside;
	return flow;
}

static void
exec_block(struct rt *rt, const struct node *n)
{
	const struct block_info *b = n->block;
	struct act *outside = rt->act;

	at(rt, n);
	if (b->is_required)
		jinja_throw(rt, "TemplateRuntimeError",
		    "Required block '%s' not found",
		    tl_arena_cstr(
			rt->arena, (tl_str){ b->name->ptr, b->name->len }));
	jinja_check_stack(rt);
	rt->act = jinja_new_act(rt, b->func, NULL);
	jinja_enter_scope(rt, &b->enter);
	jinja_exec(rt, &b->body);
	rt->act = outside;
}

static const struct node *
chosen(struct rt *rt, const struct node *n)
{
	for (; n != NULL; n = n->c) {
		at(rt, n);
		if (jinja_test_truth(rt, n->a))
			return n;
	}
	return NULL;
}

static enum flow
exec_if(struct rt *rt, const struct node *n)
{
	const struct node *taken = chosen(rt, n);

	if (taken != NULL)
		return jinja_exec(rt, &taken->body->body);
	while (n->c != NULL)
		n = n->c;
	return jinja_exec(rt, &n->list);
}

static enum flow
exec_statement(struct rt *rt, const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_OUTPUT:
		exec_output(rt, n);
		return FLOW_ON;
	case N_IF:
		return exec_if(rt, n);
	case N_SET:
		at(rt, n);
		jinja_check_target(rt, n->a);
		jinja_store(rt, n->a, jinja_eval(rt, n->b));
		return FLOW_ON;
	case N_FOR:
		return exec_for(rt, n);
	case N_SETBLOCK:
		return exec_set_block(rt, n);
	case N_GENERATION:
		exec_generation(rt, n);
		return FLOW_ON;
	case N_MACRO:
		exec_macro(rt, n);
		return FLOW_ON;
	case N_CALLBLOCK:
		exec_call_block(rt, n);
		return FLOW_ON;
	case N_FILTERBLOCK:
		return exec_filter_block(rt, n);
	case N_WITH:
		return exec_with(rt, n);
	case N_AUTOESCAPE:
		return exec_autoescape(rt, n);
	case N_BLOCK:
		exec_block(rt, n);
		return FLOW_ON;
	case N_BREAK:
		return FLOW_BREAK;
	case N_CONTINUE:
		return FLOW_CONTINUE;
	default:
		at(rt, n);
		jinja_throw(rt, "TypeError",
		    "no loader for this environment specified");
	}
}

enum flow
jinja_exec(struct rt *rt, const struct nodes *body)
{
	for (uint32_t i = 0; i < body->n; i++) {
		enum flow flow;

		jinja_step(rt, 1);
		flow = exec_statement(rt, body->v[i]);
		if (flow != FLOW_ON)
			return flow;
	}
	return FLOW_ON;
}
