/* SPDX-License-Identifier: Apache-2.0 */
/* expr.c - the value of an expression. */
#include "template/jinja/rt.h"

static val *
slot_of(const struct rt *rt, unsigned up, uint32_t slot)
{
	struct act *a = rt->act;

	for (; up > 0; up--)
		a = a->up;
	return &a->slots[slot];
}

/* What the name means now; V_MISSING when it is not set. */
static val
load_name(struct rt *rt, const struct node *n, enum node_op how)
{
	if (jinja_has_unsettled(rt) && how != N_CTX) {
		const struct act *act = rt->act;

		for (unsigned up = how == N_OUTER ? n->up : 0; up > 0; up--)
			act = act->up;
		jinja_note_slot(rt, act, n->slot);
	}
	if (how == N_LOCAL)
		return rt->act->slots[n->slot];
	if (how == N_CTX)
		return rt->ctx[n->slot];
	return *slot_of(rt, n->up, n->slot);
}

static val
eval_name(struct rt *rt, const struct node *n)
{
	val v = load_name(rt, n, (enum node_op)n->op);

	return v.kind == V_MISSING ? jinja_undef_name(n->name) : v;
}

/* --- containers ---------------------------------------------------------- */

static val
eval_seq(struct rt *rt, const struct node *n, enum val_kind kind)
{
	val *v, list = jinja_new_seq(rt, kind, n->list.n, &v);

	for (uint32_t i = 0; i < n->list.n; i++)
		v[i] = jinja_eval(rt, n->list.v[i]);
	return list;
}

static val
eval_dict(struct rt *rt, const struct node *n)
{
	struct dict *d = jinja_new_dict(rt, n->list.n / 2);

	for (uint32_t i = 0; i < n->list.n; i += 2) {
		val key = jinja_eval(rt, n->list.v[i]);

		jinja_dict_put(rt, d, key, jinja_eval(rt, n->list.v[i + 1]));
	}
	return (val){ .kind = V_DICT, .dict = d };
}

/* --- comparisons --------------------------------------------------------- */

bool
jinja_compare(struct rt *rt, enum compare_op op, val a, val b)
{
	switch (op) {
	case C_EQ:
		return jinja_equal(rt, a, b);
	case C_NE:
		return !jinja_equal(rt, a, b);
	case C_LT:
		return jinja_less(rt, a, b, "<");
	case C_LE:
		return jinja_less(rt, a, b, "<=");
	case C_GT:
		return jinja_less(rt, a, b, ">");
	case C_GE:
		return jinja_less(rt, a, b, ">=");
	case C_IN:
		return jinja_contains(rt, b, a);
	case C_NOTIN:
		return !jinja_contains(rt, b, a);
	}
	return false;
}

/* ns.x where x is a number that must be compared and nothing else. */
static val
eval_compared(struct rt *rt, const struct node *n, unsigned *mark)
{
	struct dict_entry *e;
	val v;

	*mark = 0;
	if (!jinja_has_unsettled(rt) || n->op != N_GETATTR ||
	    (n->name->len > 0 && n->name->ptr[0] == '_'))
		return jinja_eval(rt, n);
	v = jinja_eval(rt, n->a);
	if (v.kind != V_NS)
		return jinja_getattr(rt, v, n->name);
	e = jinja_dict_find(rt, v.dict,
	    (val){ .kind = V_STR, .str = (struct jstr *)(uintptr_t)n->name });
	*mark = e != NULL ? jinja_unsettled(rt, e) : 0;
	return *mark > 0 ? e->value : jinja_getattr(rt, v, n->name);
}

static bool
eval_compare(struct rt *rt, const struct node *n)
{
	unsigned mark, other;
	val left = eval_compared(rt, n->a, &mark);

	for (uint32_t i = 0; i < n->list.n; i++) {
		const struct node *o = n->list.v[i];
		val right = eval_compared(rt, o->a, &other);

		if (mark > 0 || other > 0)
			jinja_note_compared(rt, (enum compare_op)o->aux, left,
			    mark, right, other);
		if (!jinja_compare(rt, (enum compare_op)o->aux, left, right))
			return false;
		left = right;
		mark = other;
	}
	return true;
}

/* --- additions ----------------------------------------------------------- */

/* a + b + c …: strings are collected and joined once. */
static val
eval_adds(struct rt *rt, const struct node *n)
{
	val small[16];
	val *v =
	    n->list.n <= 16 ? small : jinja_array(rt, n->list.n, sizeof(val));
	uint32_t k;

	for (k = 0; k < n->list.n; k++) {
		v[k] = jinja_eval(rt, n->list.v[k]);
		if (v[k].kind != V_STR || jinja_is_marked(v[k]))
			break;
	}
	if (k == n->list.n)
		return jinja_concat(rt, v, k);
	if (k > 1)
		v[0] = jinja_concat(rt, v, k);
	v[0] = k > 0 ? jinja_add(rt, v[0], v[k]) : v[0];
	for (k++; k < n->list.n; k++)
		v[0] = jinja_add(rt, v[0], jinja_eval(rt, n->list.v[k]));
	return v[0];
}

static val
eval_concat(struct rt *rt, const struct node *n)
{
	struct sink s = { 0 };
	bool escapes =
	    n->aux == AE_ON || (n->aux == AE_RUNTIME && rt->autoescape);
	val small[16];
	val *v =
	    n->list.n <= 16 ? small : jinja_array(rt, n->list.n, sizeof(val));
	bool all_str = true, is_marked = false;

	for (uint32_t i = 0; i < n->list.n; i++) {
		v[i] = jinja_eval(rt, n->list.v[i]);
		all_str = all_str && v[i].kind == V_STR;
		is_marked = is_marked || jinja_is_marked(v[i]);
	}
	if (escapes && is_marked) { /* markup_join() */
		for (uint32_t i = 0; i < n->list.n; i++)
			jinja_put_str(rt, &s, jinja_escape(rt, v[i]));
		return jinja_mark(jinja_take(rt, &s));
	}
	if (all_str)
		return jinja_concat(rt, v, n->list.n);
	for (uint32_t i = 0; i < n->list.n; i++)
		jinja_print(rt, &s, v[i]);
	return jinja_take(rt, &s);
}

/* --- subscripts ---------------------------------------------------------- */

static val
eval_getattr(struct rt *rt, const struct node *n)
{
	val v = jinja_eval(rt, n->a);

	/* aux: no attribute of a Python dict has this name. */
	if (v.kind == V_DICT && n->aux != 0) {
		val found = jinja_dict_get_str(
		    rt, v, (tl_str){ n->name->ptr, n->name->len });

		if (found.kind != V_MISSING)
			return found;
		return (val){ .kind = V_UNDEF,
			.sub = U_ATTR,
			.aux = jinja_type_code(v),
			.p = n->name };
	}
	return jinja_getattr(rt, v, n->name);
}

static val
eval_getitem(struct rt *rt, const struct node *n)
{
	val v = jinja_eval(rt, n->a);
	const struct node *key = n->b;
	val part[3] = { { 0 }, { 0 }, { 0 } };

	if (key->op == N_SLICE) {
		if (key->a != NULL)
			part[0] = jinja_eval(rt, key->a);
		if (key->b != NULL)
			part[1] = jinja_eval(rt, key->b);
		if (key->c != NULL)
			part[2] = jinja_eval(rt, key->c);
		return jinja_get_slice(rt, v, part[0], part[1], part[2]);
	}
	if (v.kind == V_DICT && key->op == N_CONST &&
	    key->value.kind == V_STR) {
		val found = jinja_dict_get_str(rt, v,
		    (tl_str){ key->value.str->ptr, key->value.str->len });

		if (found.kind != V_MISSING)
			return found;
	}
	return jinja_getitem(rt, v, jinja_eval(rt, key));
}

/* --- filters, tests, calls ----------------------------------------------- */

static val
eval_filter(struct rt *rt, const struct node *n)
{
	val subject;
	struct args args;

	if (n->filter == NULL)
		jinja_throw(rt, "TemplateRuntimeError",
		    "No filter named '%s' found.",
		    tl_arena_cstr(
			rt->arena, (tl_str){ n->name->ptr, n->name->len }));
	/* A filter block's innermost filter works on what was collected. */
	subject = n->a != NULL ? jinja_eval(rt, n->a) : rt->captured;
	jinja_eval_args(rt, n->args, &args);
	return jinja_run_filter(rt, n->filter, subject, &args);
}

static bool
eval_test(struct rt *rt, const struct node *n)
{
	val subject;
	struct args args;

	if (n->test == NULL)
		jinja_throw(rt, "TemplateRuntimeError",
		    "No test named '%s' found.",
		    tl_arena_cstr(
			rt->arena, (tl_str){ n->name->ptr, n->name->len }));
	subject = jinja_eval(rt, n->a);
	jinja_eval_args(rt, n->args, &args);
	return jinja_run_test(rt, n->test, subject, &args);
}

static val
eval_call(struct rt *rt, const struct node *n)
{
	val callee = jinja_eval(rt, n->a);
	struct args args;

	jinja_eval_args(rt, n->args, &args);
	return jinja_call(rt, callee, &args);
}

static val
eval_cond(struct rt *rt, const struct node *n)
{
	if (jinja_test_truth(rt, n->a))
		return jinja_eval(rt, n->b);
	if (n->c != NULL)
		return jinja_eval(rt, n->c);
	return jinja_undef_hint(tl_arena_printf(rt->arena,
	    "the inline if-expression on line %u evaluated to false and no "
	    "else section was defined.",
	    (unsigned)n->line));
}

val
jinja_eval(struct rt *rt, const struct node *n)
{
	val v;

	switch ((enum node_op)n->op) {
	case N_CONST:
		return n->value;
	case N_LOCAL:
	case N_CTX:
	case N_OUTER:
		return eval_name(rt, n);
	case N_GETATTR:
		return eval_getattr(rt, n);
	case N_GETITEM:
		return eval_getitem(rt, n);
	case N_ADDS:
		return eval_adds(rt, n);
	case N_CONCAT:
		return eval_concat(rt, n);
	case N_COMPARE:
		return jinja_bool(eval_compare(rt, n));
	case N_TEST:
		return jinja_bool(eval_test(rt, n));
	case N_NOT:
		return jinja_bool(!jinja_test_truth(rt, n->a));
	case N_AND:
		v = jinja_eval(rt, n->a);
		return jinja_truth(rt, v) ? jinja_eval(rt, n->b) : v;
	case N_OR:
		v = jinja_eval(rt, n->a);
		return jinja_truth(rt, v) ? v : jinja_eval(rt, n->b);
	case N_COND:
		return eval_cond(rt, n);
	case N_FILTER:
		return eval_filter(rt, n);
	case N_CALL:
		return eval_call(rt, n);
	case N_LIST:
		return eval_seq(rt, n, V_LIST);
	case N_TUPLE:
		return eval_seq(rt, n, V_TUPLE);
	case N_DICT:
		return eval_dict(rt, n);
	case N_NEG:
	case N_POS:
		return jinja_negate(rt, jinja_eval(rt, n->a), n->op == N_POS);
	case N_UNSPELLED:
		jinja_throw(
		    rt, "NameError", "name '%s' is not defined", n->name->ptr);
	default:
		v = jinja_eval(rt, n->a);
		return jinja_arith(
		    rt, (enum node_op)n->op, v, jinja_eval(rt, n->b));
	}
}

/* bool(n) without making a value of it where that is cheap. */
bool
jinja_test_truth(struct rt *rt, const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_COMPARE:
		return eval_compare(rt, n);
	case N_TEST:
		return eval_test(rt, n);
	case N_NOT:
		return !jinja_test_truth(rt, n->a);
	case N_AND:
		return jinja_test_truth(rt, n->a) && jinja_test_truth(rt, n->b);
	case N_OR:
		return jinja_test_truth(rt, n->a) || jinja_test_truth(rt, n->b);
	default:
		return jinja_truth(rt, jinja_eval(rt, n));
	}
}

/* --- storing ------------------------------------------------------------- */

/* jinja2 looks at the targets of `set ns.x` before it computes the value. */
void
jinja_check_target(struct rt *rt, const struct node *n)
{
	if (n->op == N_TUPLE) {
		for (uint32_t i = 0; i < n->list.n; i++)
			jinja_check_target(rt, n->list.v[i]);
		return;
	}
	if (n->op == N_NSREF &&
	    load_name(rt, n, (enum node_op)n->aux).kind != V_NS)
		jinja_throw(rt, "TemplateRuntimeError",
		    "cannot assign attribute on non-namespace object");
}

static void
store_attr(struct rt *rt, const struct node *n, val v)
{
	val ns = load_name(rt, n, (enum node_op)n->aux);
	val attr = { .kind = V_STR, .str = (struct jstr *)(uintptr_t)n->attr };

	if (jinja_has_unsettled(rt)) {
		const struct dict_entry *e = jinja_dict_find(rt, ns.dict, attr);

		if (e != NULL && jinja_unsettled(rt, e) > 0)
			jinja_note_unsettled(rt);
	}
	jinja_dict_put(rt, ns.dict, attr, v);
}

static void
unpack(struct rt *rt, const struct node *target, val v)
{
	struct iter it;
	val items[16];
	val *out = target->list.n <= 16
	    ? items
	    : jinja_array(rt, target->list.n, sizeof(val));
	val extra;
	uint32_t n = 0;

	if (!jinja_is_iterable(v))
		jinja_throw(rt, "TypeError",
		    "cannot unpack non-iterable %s object", jinja_type_name(v));
	jinja_iter(rt, &it, v);
	while (n < target->list.n && jinja_next_item(rt, &it, &out[n]))
		n++;
	if (n < target->list.n)
		jinja_throw(rt, "ValueError",
		    "not enough values to unpack (expected %u, got %u)",
		    (unsigned)target->list.n, (unsigned)n);
	if (jinja_next_item(rt, &it, &extra))
		jinja_throw(rt, "ValueError",
		    "too many values to unpack (expected %u)",
		    (unsigned)target->list.n);
	for (uint32_t i = 0; i < n; i++)
		jinja_store(rt, target->list.v[i], out[i]);
}

void
jinja_store(struct rt *rt, const struct node *n, val v)
{
	if (n->op == N_LOCAL) {
		rt->act->slots[n->slot] = v;
		if ((n->aux & AUX_EXPORTED) != 0) {
			if (rt->exports == NULL)
				rt->exports = jinja_new_dict(rt, 8);
			jinja_dict_put(rt, rt->exports,
			    (val){ .kind = V_STR,
				.str = (struct jstr *)(uintptr_t)n->name },
			    v);
		}
	} else if (n->op == N_NSREF) {
		store_attr(rt, n, v);
	} else {
		unpack(rt, n, v);
	}
}
