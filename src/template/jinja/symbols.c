/* SPDX-License-Identifier: Apache-2.0 */
#include "template/jinja/symbols.h"

#include <stdio.h>

#define MAX_SLOTS 60000u

struct symbols *
jinja_symbols_new(struct tl_arena *a, struct symbols *parent, struct func *func)
{
	struct symbols *s = TL_NEW(a, struct symbols, 1);

	s->arena = a;
	s->parent = parent;
	s->func = func;
	s->level = parent != NULL ? parent->level + 1 : 0;
	s->overflow = parent != NULL ? parent->overflow : TL_NEW(a, bool, 1);
	tl_map_init(&s->map, a);
	return s;
}

/* Scopes side by side share the slot of a name, as they share a variable of
 * the function that jinja2 makes. */
static uint16_t
slot_of(struct symbols *s, tl_str name)
{
	char *key = tl_arena_bytes(s->arena, name.len + 12);
	int n = snprintf(key, 12, "%u ", s->level);
	struct tl_map_entry *e;
	bool is_new;

	for (size_t i = 0; i < name.len; i++)
		key[(size_t)n + i] = name.ptr[i];
	e = tl_map_put(
	    &s->func->slots, (tl_str){ key, name.len + (size_t)n }, &is_new);
	if (is_new) {
		if (s->func->nslots >= MAX_SLOTS) {
			*s->overflow = true;
			return 0;
		}
		e->num = s->func->nslots++;
	}
	return (uint16_t)e->num;
}

/* In this scope: its own table, then those of the branches it is built on. */
static struct sym *
find_here(const struct symbols *s, tl_str name)
{
	for (; s != NULL; s = s->base) {
		struct tl_map_entry *e = tl_map_find(&s->map, name);

		if (e != NULL)
			return e->ptr;
	}
	return NULL;
}

struct sym *
jinja_sym_find(const struct symbols *s, tl_str name)
{
	for (; s != NULL; s = s->parent) {
		struct sym *found = find_here(s, name);

		if (found != NULL)
			return found;
	}
	return NULL;
}

/* The entry to write to: a branch keeps changes in its own table. */
static struct sym *
own(struct symbols *s, tl_str name)
{
	struct tl_map_entry *e;
	struct sym *here = find_here(s, name), *mine;
	bool is_new;

	e = tl_map_put(&s->map, name, &is_new);
	if (!is_new)
		return e->ptr;
	mine = TL_NEW(s->arena, struct sym, 1);
	if (here != NULL) {
		*mine = *here;
		mine->is_stored = false; /* counted for this branch alone */
	} else {
		mine->name = name;
		mine->slot = slot_of(s, name);
		mine->func = s->func;
	}
	e->ptr = mine;
	return mine;
}

static bool
is_stored(const struct symbols *s, tl_str name)
{
	for (; s != NULL; s = s->base) {
		struct tl_map_entry *e = tl_map_find(&s->map, name);

		if (e != NULL && ((struct sym *)e->ptr)->is_stored)
			return true;
	}
	return false;
}

struct sym *
jinja_sym_param(struct symbols *s, tl_str name)
{
	struct sym *sym = own(s, name);

	sym->load = SYM_PARAM;
	sym->is_stored = true;
	return sym;
}

static void
store(struct symbols *s, tl_str name)
{
	struct sym *here = find_here(s, name);
	struct sym *mine = own(s, name);

	mine->is_stored = true;
	if (here != NULL)
		return;
	mine->outer =
	    s->parent != NULL ? jinja_sym_find(s->parent, name) : NULL;
	mine->load = mine->outer != NULL ? SYM_ALIAS : SYM_UNDEFINED;
}

static void
load(struct symbols *s, tl_str name)
{
	if (jinja_sym_find(s, name) == NULL)
		own(s, name)->load = SYM_RESOLVE;
}

static tl_str
name_of(const struct node *n)
{
	return (tl_str){ n->name->ptr, n->name->len };
}

/* --- branches ------------------------------------------------------------ */

static void visit(struct symbols *s, const struct node *n);

static void
visit_all(struct symbols *s, const struct nodes *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		visit(s, list->v[i]);
}

static struct symbols *
branch_of(struct symbols *s)
{
	struct symbols *b = TL_NEW(s->arena, struct symbols, 1);

	*b = *s;
	b->base = s;
	tl_map_init(&b->map, s->arena);
	return b;
}

/* Take over what a branch found; names set in it are noted in `stores`. */
static void
merge(struct symbols *s, const struct symbols *branch, struct tl_map *stores)
{
	for (size_t i = 0; i < branch->map.nentries; i++) {
		const struct sym *from = branch->map.entries[i].ptr;
		struct tl_map_entry *e;
		struct sym *to;
		bool is_new, was_stored;

		if (from->is_stored && !is_stored(s, from->name))
			tl_map_put(stores, from->name, NULL);
		e = tl_map_put(&s->map, from->name, &is_new);
		if (is_new)
			e->ptr = TL_NEW(s->arena, struct sym, 1);
		to = e->ptr;
		was_stored = !is_new && to->is_stored;
		*to = *from;
		/* Stored only after all branches are counted. */
		to->is_stored = was_stored;
	}
}

static void
visit_if(struct symbols *s, const struct node *n)
{
	struct symbols *branches[3];
	struct tl_map stores;

	visit(s, n->a);
	branches[0] = branch_of(s);
	visit_all(branches[0], &n->body->body);
	branches[1] = branch_of(s);
	branches[2] = branch_of(s);
	/* jinja2 visits all elifs one after the other, as one branch, and
	 * each as an `if` of its own. */
	for (; n->c != NULL; n = n->c) {
		struct node alone = *n->c;

		alone.c = NULL;
		alone.list = (struct nodes){ NULL, 0 };
		visit_if(branches[1], &alone);
	}
	visit_all(branches[2], &n->list);
	tl_map_init(&stores, s->arena);
	for (int i = 0; i < 3; i++)
		merge(s, branches[i], &stores);
	for (size_t i = 0; i < stores.nentries; i++) {
		struct sym *sym = own(s, stores.entries[i].key);

		sym->is_stored = true;
		sym->outer = s->parent != NULL
		    ? jinja_sym_find(s->parent, sym->name)
		    : NULL;
		sym->load = sym->outer != NULL ? SYM_ALIAS : SYM_RESOLVE;
	}
}

/* --- nodes --------------------------------------------------------------- */

static void
each_list(const struct nodes *list, child_fn *fn, void *ctx)
{
	for (uint32_t i = 0; i < list->n; i++)
		fn(ctx, list->v[i]);
}

static void
each_arg(const struct call_args *a, child_fn *fn, void *ctx)
{
	if (a == NULL)
		return;
	each_list(&a->pos, fn, ctx);
	each_list(&a->kw, fn, ctx);
	if (a->dyn != NULL)
		fn(ctx, a->dyn);
	if (a->dynkw != NULL)
		fn(ctx, a->dynkw);
}

static void
each_default(const struct macro_info *m, child_fn *fn, void *ctx)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		if (m->defaults != NULL && m->defaults[i] != NULL)
			fn(ctx, m->defaults[i]);
	}
}

static void
for_children(struct node *n, child_fn *fn, void *ctx)
{
	struct for_info *f = n->for_;

	fn(ctx, f->target);
	fn(ctx, f->iter);
	each_list(&f->body, fn, ctx);
	each_list(&f->orelse, fn, ctx);
	if (f->test != NULL)
		fn(ctx, f->test);
}

void
jinja_children(struct node *n, child_fn *fn, void *ctx)
{
	switch ((enum node_op)n->op) {
	case N_FOR:
		for_children(n, fn, ctx);
		return;
	case N_IF:
		for (; n != NULL; n = n->c) {
			fn(ctx, n->a);
			each_list(&n->body->body, fn, ctx);
			each_list(&n->list, fn, ctx);
		}
		return;
	case N_CALLBLOCK:
		fn(ctx, n->a);
		/* fall through */
	case N_MACRO:
		each_list(&n->macro->args, fn, ctx);
		each_default(n->macro, fn, ctx);
		each_list(&n->macro->body, fn, ctx);
		return;
	case N_FILTERBLOCK:
		each_list(&n->body->body, fn, ctx);
		fn(ctx, n->a);
		return;
	case N_WITH:
		each_list(&n->with->targets, fn, ctx);
		each_list(&n->with->values, fn, ctx);
		each_list(&n->with->body, fn, ctx);
		return;
	case N_BLOCK:
		each_list(&n->block->body, fn, ctx);
		return;
	case N_SETBLOCK:
	case N_AUTOESCAPE:
	case N_GENERATION:
		if (n->a != NULL)
			fn(ctx, n->a);
		if (n->b != NULL)
			fn(ctx, n->b);
		each_list(&n->body->body, fn, ctx);
		return;
	case N_CALL:
	case N_FILTER:
	case N_TEST:
		if (n->a != NULL)
			fn(ctx, n->a);
		each_arg(n->args, fn, ctx);
		return;
	default:
		if (n->a != NULL)
			fn(ctx, n->a);
		if (n->b != NULL)
			fn(ctx, n->b);
		if (n->c != NULL)
			fn(ctx, n->c);
		each_list(&n->list, fn, ctx);
	}
}

static void
visit_child(void *ctx, struct node *child)
{
	visit(ctx, child);
}

static void
visit_name(struct symbols *s, const struct node *n)
{
	if ((n->aux & AUX_PARAM) != 0)
		jinja_sym_param(s, name_of(n));
	else if ((n->aux & AUX_STORE) != 0)
		store(s, name_of(n));
	else
		load(s, name_of(n));
}

static void
visit(struct symbols *s, const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_NAME:
		visit_name(s, n);
		break;
	case N_NSREF:
		load(s, name_of(n));
		break;
	case N_IF:
		visit_if(s, n);
		break;
	case N_MACRO:
		store(s, name_of(n->a));
		break;
	case N_SET:
		visit(s, n->b);
		visit(s, n->a);
		break;
	case N_SETBLOCK:
		visit(s, n->a);
		break;
	case N_FOR:
		visit(s, n->for_->iter);
		break;
	case N_CALLBLOCK:
	case N_FILTERBLOCK:
		visit(s, n->a);
		break;
	case N_WITH:
		visit_all(s, &n->with->values);
		break;
	case N_BLOCK:
	case N_AUTOESCAPE:
	case N_GENERATION:
		break;
	default:
		jinja_children((struct node *)(uintptr_t)n, visit_child, s);
	}
}

void
jinja_sym_body(struct symbols *s, const struct nodes *body)
{
	visit_all(s, body);
}

void
jinja_sym_expr(struct symbols *s, const struct node *n)
{
	visit(s, n);
}

void
jinja_sym_params(struct symbols *s, const struct node *target)
{
	if (target->op == N_NAME)
		jinja_sym_param(s, name_of(target));
	for (uint32_t i = 0; target->op == N_TUPLE && i < target->list.n; i++)
		jinja_sym_params(s, target->list.v[i]);
}

/* --- find_undeclared ----------------------------------------------------- */

struct mention {
	tl_str name;
	bool is_found, is_over;
};

static void
look_for(void *ctx, struct node *n)
{
	struct mention *m = ctx;

	if (m->is_found || m->is_over || n->op == N_BLOCK)
		return;
	if (n->op == N_NAME) {
		if (!tl_str_eq(name_of(n), m->name))
			return;
		if ((n->aux & (AUX_STORE | AUX_PARAM)) == 0)
			m->is_found = true;
		else
			m->is_over = true; /* set before it is read */
		return;
	}
	if (n->op == N_MACRO) { /* its name is no Name node to jinja2 */
		each_list(&n->macro->args, look_for, m);
		each_default(n->macro, look_for, m);
		each_list(&n->macro->body, look_for, m);
		return;
	}
	jinja_children(n, look_for, m);
}

bool
jinja_mentions(const struct nodes *body, const char *name)
{
	struct mention m = { .name = tl_str_from(name) };

	each_list(body, look_for, &m);
	return m.is_found;
}
