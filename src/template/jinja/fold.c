/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.c - constant expressions are computed while compiling.
 *
 * This is more than speed.  jinja2 does the same, and what it does then is not
 * always what it does while rendering: (0)[1:] is undefined while compiling
 * and an error while rendering, {[1]: 2} fails although it is never reached,
 * and a filter that does not exist is not missed in what is folded away.  So
 * the walk is jinja2's: children first, each result put in place if Python
 * can write it as a literal, and used by the parent in any case.
 */
#include "template/jinja/compile.h"

#include <math.h>

#define MAX_FOLD_STEPS 20000   /* of one expression */
#define MAX_FOLD_BYTES 0x10000 /* of one string */
#define MAX_FOLD_MEMORY ((size_t)8 << 20)

/* What an expression is while compiling. */
struct folded {
	bool is_known;
	val v;
};

/* The same of everything below a node. */
struct parts {
	struct folded a, b, c;
	struct folded *list;
	struct folded *pos, *kw;
};

static struct folded fold(struct compiler *c, struct node *n);

static struct rt *
runtime(struct compiler *c)
{
	static const struct tl_render_options none = { 0 };
	struct rt *rt = c->fold;

	if (rt == NULL) {
		rt = c->fold = TL_NEW(c->arena, struct rt, 1);
		rt->arena = c->arena;
		rt->t = c->t;
		rt->opt = &none;
		rt->max_bytes = MAX_FOLD_BYTES;
		rt->mem_left = MAX_FOLD_MEMORY;
		rt->chunk = 1024;
		rt->out = &rt->root;
	}
	rt->stack = __builtin_frame_address(0);
	return rt;
}

static _Noreturn void
impossible(struct rt *rt)
{
	longjmp(rt->fail, 1);
}

static val
need(struct rt *rt, struct folded f)
{
	if (!f.is_known)
		impossible(rt);
	return f.v;
}

static val
slice_part(struct rt *rt, const struct node *n)
{
	if (n == NULL)
		return (val){ 0 };
	if (n->op != N_CONST)
		impossible(rt);
	return n->value;
}

static bool
is_bound(val v)
{
	return v.kind == V_MISSING || v.kind == V_NONE || jinja_is_int(v);
}

static bool
is_zero(val v)
{
	int64_t i;

	return v.kind != V_MISSING && jinja_index(v, &i) && i == 0;
}

/* A slice that fails with a TypeError is undefined here; Python looks at the
 * step first, and zero is a ValueError. */
static val
fold_slice(struct rt *rt, val v, const struct node *slice)
{
	static const val nothing = { .kind = V_NONE };
	val start = slice_part(rt, slice->a);
	val stop = slice_part(rt, slice->b);
	val step = slice_part(rt, slice->c);
	bool has_items =
	    v.kind == V_STR || v.kind == V_LIST || v.kind == V_TUPLE;

	if (v.kind != V_UNDEF &&
	    (!has_items || !is_bound(step) ||
		((!is_bound(start) || !is_bound(stop)) && !is_zero(step))))
		return (val){ .kind = V_UNDEF,
			.sub = U_ELEM,
			.aux = jinja_type_code(v),
			.p = &nothing };
	return jinja_get_slice(rt, v, start, stop, step);
}

static val
fold_dict(struct compiler *c, const struct node *n, const struct parts *p)
{
	struct rt *rt = c->fold;
	struct dict *d = jinja_new_dict(rt, n->list.n / 2);

	for (uint32_t i = 0; i < n->list.n; i += 2) {
		val key = need(rt, p->list[i]);
		val v = need(rt, p->list[i + 1]);

		if (!jinja_is_hashable(rt, key) && c->fold_depth > 0)
			jinja_fail_compile(c, n, "TypeError",
			    "unhashable type: '%s'", jinja_type_name(key));
		jinja_dict_put(rt, d, key, v);
	}
	return (val){ .kind = V_DICT, .dict = d };
}

static val
fold_seq(struct rt *rt, const struct node *n, const struct parts *p)
{
	val *v,
	    list = jinja_new_seq(
		rt, n->op == N_LIST ? V_LIST : V_TUPLE, n->list.n, &v);

	for (uint32_t i = 0; i < n->list.n; i++)
		v[i] = need(rt, p->list[i]);
	return list;
}

static val
fold_compare(struct rt *rt, const struct node *n, const struct parts *p)
{
	val left = need(rt, p->a);

	for (uint32_t i = 0; i < n->list.n; i++) {
		val right = need(rt, p->list[i]);

		if (!jinja_compare(
			rt, (enum compare_op)n->list.v[i]->aux, left, right))
			return jinja_bool(false);
		left = right;
	}
	return jinja_bool(true);
}

static val
fold_concat(struct rt *rt, const struct node *n, const struct parts *p)
{
	struct sink s = { 0 };

	for (uint32_t i = 0; i < n->list.n; i++)
		jinja_print(rt, &s, need(rt, p->list[i]));
	return jinja_take(rt, &s);
}

static val
fold_adds(struct rt *rt, const struct node *n, const struct parts *p)
{
	val v = need(rt, p->list[0]);

	for (uint32_t i = 1; i < n->list.n; i++)
		v = jinja_add(rt, v, need(rt, p->list[i]));
	return v;
}

/* These ask for the context, which is not there yet. */
static bool
wants_context(tl_str filter)
{
	static const char *const names[] = { "map", "select", "reject",
		"selectattr", "rejectattr", "random" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		if (tl_str_eq(filter, tl_str_from(names[i])))
			return true;
	}
	return false;
}

static val
fold_applied(struct rt *rt, const struct node *n, const struct parts *p)
{
	const struct call_args *from = n->args;
	struct args args = { .npos = from->pos.n, .nkw = from->kw.n };
	tl_str name = jinja_bytes_of(n->name);
	const struct filter *filter = jinja_find_filter(name);
	const struct test *test = jinja_find_test(name);

	if (from->dyn != NULL || from->dynkw != NULL || n->a == NULL ||
	    (n->op == N_FILTER ? filter == NULL || wants_context(name)
			       : test == NULL))
		impossible(rt);
	args.pos = JINJA_NEW(rt, val, args.npos);
	args.kw = JINJA_NEW(rt, val, args.nkw);
	args.names = JINJA_NEW(rt, const struct jstr *, args.nkw);
	for (size_t i = 0; i < args.npos; i++)
		args.pos[i] = need(rt, p->pos[i]);
	for (size_t i = 0; i < args.nkw; i++) {
		args.kw[i] = need(rt, p->kw[i]);
		args.names[i] = from->kwnames[i];
	}
	if (n->op == N_TEST)
		return jinja_bool(
		    jinja_run_test(rt, test, need(rt, p->a), &args));
	return jinja_run_filter(rt, filter, need(rt, p->a), &args);
}

static val
compute(struct compiler *c, const struct node *n, const struct parts *p)
{
	struct rt *rt = c->fold;

	switch ((enum node_op)n->op) {
	case N_CONST:
		return n->value;
	case N_TUPLE:
	case N_LIST:
		return fold_seq(rt, n, p);
	case N_DICT:
		return fold_dict(c, n, p);
	case N_COND:
		return need(rt, jinja_truth(rt, need(rt, p->a)) ? p->b : p->c);
	case N_OR:
	case N_AND:
		if (jinja_truth(rt, need(rt, p->a)) == (n->op == N_OR))
			return p->a.v;
		return need(rt, p->b);
	case N_NOT:
		return jinja_bool(!jinja_truth(rt, need(rt, p->a)));
	case N_COMPARE:
		return fold_compare(rt, n, p);
	case N_CONCAT:
		return fold_concat(rt, n, p);
	case N_ADDS:
		return fold_adds(rt, n, p);
	case N_NEG:
	case N_POS:
		return jinja_negate(rt, need(rt, p->a), n->op == N_POS);
	case N_GETATTR:
		return jinja_getattr(rt, need(rt, p->a), n->name);
	case N_GETITEM:
		if (n->b->op == N_SLICE)
			return fold_slice(rt, need(rt, p->a), n->b);
		return jinja_getitem(rt, need(rt, p->a), need(rt, p->b));
	case N_FILTER:
	case N_TEST:
		return fold_applied(rt, n, p);
	case N_ADD:
	case N_SUB:
	case N_MUL:
	case N_DIV:
	case N_FLOORDIV:
	case N_MOD:
	case N_POW:
		return jinja_arith(
		    rt, (enum node_op)n->op, need(rt, p->a), need(rt, p->b));
	default:
		impossible(rt);
	}
}

/* jinja2 has its optimizer look at these, and at all that is below them. */
static bool
is_optimized(const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_NAME:
	case N_CONST:
	case N_LIST:
	case N_TUPLE:
	case N_DICT:
	case N_SLICE:
	case N_OPERAND:
		return false;
	default:
		return true;
	}
}

/* --- results that stay ---------------------------------------------------- */

static bool freeze(struct compiler *c, val v, uint32_t place, val *out);

static bool
freeze_str(struct compiler *c, val v, uint32_t place, val *out)
{
	struct rt *rt = c->fold;
	tl_str s = jinja_bytes(rt, v);
	const struct jstr *str = v.str;

	if (v.sub == S_STR && str->nsegs > 0 && str->segs[0].place != 0)
		place = str->segs[0].place;
	*out = (val){ .kind = V_STR,
		.flags = v.flags,
		.str = jinja_const_str(
		    c->arena, tl_arena_str(c->arena, s), place) };
	return true;
}

static bool
freeze_seq(struct compiler *c, val v, uint32_t place, val *out)
{
	struct seq *s = TL_NEW(c->arena, struct seq, 1);

	s->n = v.seq->n;
	s->v = TL_NEW(c->arena, val, s->n);
	for (size_t i = 0; i < s->n; i++) {
		if (!freeze(c, v.seq->v[i], place, &s->v[i]))
			return false;
	}
	*out = (val){ .kind = v.kind, .seq = s };
	return (v.flags & VF_GROUP) == 0;
}

static bool
freeze_dict(struct compiler *c, val v, uint32_t place, val *out)
{
	struct rt *rt = c->fold;
	const struct dict *from = v.dict;
	struct dict *d = jinja_new_dict(rt, from->n);

	for (uint32_t i = 0; i < from->n; i++) {
		val key, value;

		if (!freeze(c, from->v[i].key, place, &key) ||
		    !freeze(c, from->v[i].value, place, &value))
			return false;
		jinja_dict_put(rt, d, key, value);
	}
	*out = (val){ .kind = V_DICT, .dict = d };
	return true;
}

/* A copy that threads can share; false when Python has no literal for it. */
static bool
freeze(struct compiler *c, val v, uint32_t place, val *out)
{
	jinja_step(c->fold, 1 + (v.kind == V_STR ? jinja_len(v) / 8 : 0));
	switch ((enum val_kind)v.kind) {
	case V_NONE:
	case V_BOOL:
	case V_INT:
	case V_BIG:
	case V_FLOAT:
		*out = v;
		return true;
	case V_STR:
		return freeze_str(c, v, place, out);
	case V_LIST:
	case V_TUPLE:
		return freeze_seq(c, v, place, out);
	case V_DICT:
		return freeze_dict(c, v, place, out);
	default:
		return false;
	}
}

static void
become(struct node *n, val v)
{
	n->op = N_CONST;
	n->value = v;
}

static bool
try_freeze(struct compiler *c, struct node *n, val v)
{
	struct rt *rt = c->fold;
	val frozen;

	rt->steps = MAX_FOLD_STEPS;
	if (setjmp(rt->fail) != 0 || !freeze(c, v, n->place, &frozen))
		return false;
	become(n, frozen);
	return true;
}

static bool
try_compute(struct compiler *c, const struct node *n, const struct parts *p,
    struct folded *out)
{
	struct rt *rt = c->fold;

	rt->steps = MAX_FOLD_STEPS;
	rt->line = n->line;
	rt->place = n->place;
	if (setjmp(rt->fail) != 0)
		return false;
	out->v = compute(c, n, p);
	out->is_known = true;
	return true;
}

/* The constants that a chain of additions begins with are added up. */
static void
fold_prefix(struct compiler *c, struct node *n, const struct parts *p)
{
	struct node head = *n;
	struct folded sum = { 0 }, more;
	uint32_t k = 1;

	for (head.list.n = 2; head.list.n < n->list.n; head.list.n++) {
		if (!p->list[head.list.n - 1].is_known ||
		    !try_compute(c, &head, p, &more))
			break;
		sum = more;
		k = head.list.n;
	}
	if (k < 2 || !try_freeze(c, n->list.v[0], sum.v))
		return;
	for (uint32_t i = 1; i + k - 1 < n->list.n; i++)
		n->list.v[i] = n->list.v[i + k - 1];
	n->list.n -= k - 1;
}

static struct folded *
fold_list(struct compiler *c, const struct nodes *list)
{
	struct folded *out = TL_NEW(c->arena, struct folded, list->n);

	for (uint32_t i = 0; i < list->n; i++)
		out[i] = fold(c, list->v[i]);
	return out;
}

static void
fold_children(struct compiler *c, struct node *n, struct parts *p)
{
	if (n->a != NULL)
		p->a = fold(c, n->a);
	if (n->b != NULL)
		p->b = fold(c, n->b);
	if (n->c != NULL)
		p->c = fold(c, n->c);
	p->list = fold_list(c, &n->list);
	if (n->op != N_CALL && n->op != N_FILTER && n->op != N_TEST)
		return;
	p->pos = fold_list(c, &n->args->pos);
	p->kw = fold_list(c, &n->args->kw);
	if (n->args->dyn != NULL)
		fold(c, n->args->dyn);
	if (n->args->dynkw != NULL)
		fold(c, n->args->dynkw);
}

static struct folded
fold(struct compiler *c, struct node *n)
{
	struct parts p = { 0 };
	struct folded out = { 0 };
	bool is_computed;

	if (n->op == N_CONST)
		return (struct folded){ true, n->value };
	if (n->op == N_NAME)
		return out;
	n->is_tried = true;
	c->fold_depth += is_optimized(n);
	fold_children(c, n, &p);
	is_computed = n->op != N_OPERAND && try_compute(c, n, &p, &out);
	c->fold_depth -= is_optimized(n);
	if (n->op == N_OPERAND)
		return p.a;
	if (!is_computed) {
		if (n->op == N_ADDS)
			fold_prefix(c, n, &p);
		return (struct folded){ 0 };
	}
	if (try_freeze(c, n, out.v))
		out.v = n->value;
	return out;
}

/* --- the compiler's side -------------------------------------------------- */

static bool
begin(struct compiler *c, const struct frame *f)
{
	if (f->ae == AE_RUNTIME)
		return false;
	runtime(c)->autoescape = f->ae == AE_ON;
	c->fold_depth = 0;
	return true;
}

void
jinja_fold(struct compiler *c, struct node *n, const struct frame *f)
{
	if (is_optimized(n) && !n->is_tried && begin(c, f))
		fold(c, n);
}

/* Does it print the same in every run?  (No address of an object.) */
static bool
is_plain(val v)
{
	if (v.kind == V_LIST || v.kind == V_TUPLE) {
		for (size_t i = 0; i < v.seq->n; i++) {
			if (!is_plain(v.seq->v[i]))
				return false;
		}
		return true;
	}
	if (v.kind == V_DICT) {
		for (uint32_t i = 0; i < v.dict->n; i++) {
			if (!is_plain(v.dict->v[i].key) ||
			    !is_plain(v.dict->v[i].value))
				return false;
		}
		return true;
	}
	return v.kind >= V_UNDEF && v.kind <= V_STR;
}

/* What {{ }} prints is its text at once, undefined or not. */
void
jinja_fold_printed(struct compiler *c, struct node *n, const struct frame *f)
{
	struct folded out;

	if (n->op == N_CONST || n->op == N_NAME || n->is_tried || !begin(c, f))
		return;
	out = fold(c, n);
	if (!out.is_known || n->op == N_CONST || !is_plain(out.v))
		return;
	if (setjmp(c->fold->fail) == 0)
		try_freeze(c, n, jinja_to_str(c->fold, out.v));
}

/* inf and nan have no spelling in Python: where jinja2 has to write one down,
 * rendering fails. */
const char *
jinja_unspelled(val v)
{
	const char *name = NULL;

	if (v.kind == V_FLOAT && !isfinite(v.f))
		return isnan(v.f) ? "nan" : "inf";
	if (v.kind == V_LIST || v.kind == V_TUPLE) {
		for (size_t i = 0; i < v.seq->n && name == NULL; i++)
			name = jinja_unspelled(v.seq->v[i]);
	} else if (v.kind == V_DICT) {
		for (uint32_t i = 0; i < v.dict->n && name == NULL; i++) {
			name = jinja_unspelled(v.dict->v[i].key);
			if (name == NULL)
				name = jinja_unspelled(v.dict->v[i].value);
		}
	}
	return name;
}
