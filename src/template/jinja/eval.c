/* SPDX-License-Identifier: Apache-2.0 */
/* eval.c - statements. */
#include "template/jinja/rt.h"

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
			if (jinja_has_unsettled(rt))
				jinja_note_slot(rt, a, o->from);
			v = a->slots[o->from];
		}
		rt->act->slots[o->slot] = v;
	}
}

/* Collect what the body prints; a break out of it loses the text. */
enum flow
jinja_capture(struct rt *rt, const struct nodes *body, val *text)
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
void
jinja_put_piece(struct rt *rt, val v)
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

	jinja_at(rt, n);
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
	jinja_capture(rt, &b->body, &text);
	jinja_at(rt, n);
	span.len = jinja_str_count(rt, text);
	note_generation(rt, span);
	jinja_print(rt, rt->out, text);
}

static void
exec_set(struct rt *rt, const struct node *n)
{
	struct passing before = jinja_passing(rt);
	val v;

	jinja_at(rt, n);
	jinja_check_target(rt, n->a);
	v = jinja_eval(rt, n->b);
	if (rt->along != NULL && jinja_is_settled(v))
		jinja_note_passed(rt, before);
	jinja_store(rt, n->a, v);
}

static enum flow
exec_set_block(struct rt *rt, const struct node *n)
{
	enum flow flow;
	val text;

	jinja_enter_scope(rt, &n->body->enter);
	flow = jinja_capture(rt, &n->body->body, &text);
	if (flow != FLOW_ON)
		return flow;
	jinja_at(rt, n);
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
	flow = jinja_capture(rt, &n->body->body, &text);
	if (flow != FLOW_ON)
		return flow;
	jinja_at(rt, n);
	rt->captured = text;
	jinja_put_piece(rt, jinja_eval(rt, n->a));
	return FLOW_ON;
}

static enum flow
exec_with(struct rt *rt, const struct node *n)
{
	const struct with_info *w = n->with;

	for (uint32_t i = 0; i < w->targets.n; i++) {
		jinja_at(rt, n);
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
run_block(struct rt *rt, const struct block_info *b)
{
	struct act *outside = rt->act;

	jinja_check_stack(rt);
	rt->act = jinja_new_act(rt, b->func, NULL);
	if (b->self_slot >= 0)
		rt->act->slots[b->self_slot] = (val){ .kind = V_SELF };
	jinja_enter_scope(rt, &b->enter);
	rt->depth++;
	jinja_exec(rt, &b->body);
	rt->depth--;
	rt->act = outside;
}

/* The context of a scoped block: the variables it stands among. */
static struct dict *
derived(struct rt *rt, const struct loads *scope)
{
	const struct dict *outer = rt->exports;
	struct dict *d = jinja_new_dict(rt, scope->n + 8);

	for (uint32_t i = 0; outer != NULL && i < outer->n; i++)
		jinja_dict_put(rt, d, outer->v[i].key, outer->v[i].value);
	for (uint32_t i = 0; i < scope->n; i++) {
		const struct load *o = &scope->v[i];
		const struct jstr *name = rt->t->ctx[o->from].name;
		struct act *a = rt->act;

		for (unsigned up = o->up; up > 0; up--)
			a = a->up;
		if (a->slots[o->slot].kind != V_MISSING)
			jinja_dict_put(rt, d,
			    (val){ .kind = V_STR,
				.str = (struct jstr *)(uintptr_t)name },
			    a->slots[o->slot]);
	}
	return d;
}

static void
exec_block(struct rt *rt, const struct node *n)
{
	const struct block_info *b = n->block;
	struct dict *outside = rt->exports;

	jinja_at(rt, n);
	if (b->is_required)
		jinja_throw(rt, "TemplateRuntimeError",
		    "Required block '%s' not found",
		    tl_arena_cstr(
			rt->arena, (tl_str){ b->name->ptr, b->name->len }));
	if (b->is_scoped)
		rt->exports = derived(rt, &b->scope);
	run_block(rt, b);
	rt->exports = outside;
}

/* self.name(): the block once more, as text. */
val
jinja_call_block(struct rt *rt, const struct block_info *b)
{
	struct sink s = { 0 }, *outside = rt->out;
	uint32_t line = rt->line, place = rt->place;

	rt->out = &s;
	run_block(rt, b);
	rt->out = outside;
	rt->line = line;
	rt->place = place;
	return jinja_take(rt, &s);
}

static const struct node *
chosen(struct rt *rt, const struct node *n)
{
	for (; n != NULL; n = n->c) {
		jinja_at(rt, n);
		if (jinja_test_truth(rt, n->a))
			return n;
	}
	return NULL;
}

static const struct nodes *
branch_of(struct rt *rt, const struct node *n)
{
	const struct node *taken = chosen(rt, n);

	if (taken != NULL)
		return &taken->body->body;
	while (n->c != NULL)
		n = n->c;
	return &n->list;
}

static enum flow
exec_statement(struct rt *rt, const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_OUTPUT:
		exec_output(rt, n);
		return FLOW_ON;
	case N_IF:
		return jinja_exec(rt, branch_of(rt, n));
	case N_SET:
		exec_set(rt, n);
		return FLOW_ON;
	case N_FOR:
		return jinja_exec_for(rt, n);
	case N_SETBLOCK:
		return exec_set_block(rt, n);
	case N_GENERATION:
		exec_generation(rt, n);
		return FLOW_ON;
	case N_MACRO:
		jinja_exec_macro(rt, n);
		return FLOW_ON;
	case N_CALLBLOCK:
		jinja_exec_call_block(rt, n);
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
		jinja_at(rt, n);
		jinja_throw(rt, "TypeError",
		    "no loader for this environment specified");
	}
}

enum flow
jinja_exec_from(struct rt *rt, const struct nodes *body, uint32_t from)
{
	for (uint32_t i = from; i < body->n; i++) {
		enum flow flow;

		jinja_step(rt, 1);
		flow = exec_statement(rt, body->v[i]);
		if (flow != FLOW_ON)
			return flow;
	}
	return FLOW_ON;
}

enum flow
jinja_exec(struct rt *rt, const struct nodes *body)
{
	return jinja_exec_from(rt, body, 0);
}

/* A loop that branches go on behind. */
static void
exec_loop(struct rt *rt, const struct node *n, const struct path *behind)
{
	rt->path = behind;
	(void)exec_statement(rt, n);
	rt->path = NULL;
}

enum flow
jinja_exec_along(struct rt *rt, const struct nodes *body, const struct path *up)
{
	for (uint32_t i = 0; i < body->n; i++) {
		const struct node *n = body->v[i];
		struct path here = { body, i + 1, up };

		jinja_step(rt, 1);
		if (n->op == N_IF) {
			jinja_exec_along(rt, branch_of(rt, n), &here);
			continue;
		}
		if (n->op == N_FOR && n->for_->does_print)
			exec_loop(rt, n, &here);
		else
			(void)exec_statement(rt, n);
	}
	return FLOW_ON;
}
