/* SPDX-License-Identifier: Apache-2.0 */
/* compile_names.c - scopes, and what a name means in them. */
#include "template/jinja/compile.h"

#include <stdarg.h>
#include <stdio.h>

/* --- failing ------------------------------------------------------------- */

static TL_PRINTF(5, 0) void set_error(struct compiler *c,
    struct compile_error *e, const struct node *at, const char *type,
    const char *fmt, va_list ap)
{
	char text[512];
	const struct place *p = &c->t->places[at->place];

	vsnprintf(text, sizeof(text), fmt, ap);
	e->type = type;
	e->message = tl_arena_printf(c->arena, "%s", text);
	e->line = at->line;
	e->column = p->line == at->line ? p->column : 0;
}

_Noreturn void
jinja_fail_compile(struct compiler *c, const struct node *at, const char *type,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_error(c, c->err, at, type, fmt, ap);
	va_end(ap);
	longjmp(c->fail, 1);
}

/* A SyntaxError that Python would report for jinja2's output. */
void
jinja_fail_late(struct compiler *c, const struct node *at, const char *fmt, ...)
{
	va_list ap;

	if (c->late.type != NULL)
		return;
	va_start(ap, fmt);
	set_error(c, &c->late, at, "SyntaxError", fmt, ap);
	va_end(ap);
}

tl_str
jinja_bytes_of(const struct jstr *s)
{
	return (tl_str){ s->ptr, s->len };
}

/* --- scopes -------------------------------------------------------------- */

struct func *
jinja_new_func(struct compiler *c, struct func *parent)
{
	struct func *f = TL_NEW(c->arena, struct func, 1);

	f->parent = parent;
	tl_map_init(&f->slots, c->arena);
	return f;
}

/* A scope inside f, in the same function or one of its own. */
struct frame
jinja_inner(struct compiler *c, const struct frame *f, struct func *func)
{
	struct frame in = { .func = func,
		.sym = jinja_symbols_new(c->arena, f->sym, func),
		.is_in_loop = func == f->func && f->is_in_loop,
		.ae = f->ae };

	return in;
}

static const struct global *
global_of(const struct compiler *c, tl_str name)
{
	if ((c->t->flags & JINJA_PLAIN) != 0 &&
	    tl_str_eq(name, TL_STR("strftime_now")))
		return NULL;
	return jinja_find_global(name);
}

static enum ctx_kind
kind_of(const struct compiler *c, tl_str name)
{
	static const char *const names[] = { "messages", "tools", "documents",
		"add_generation_prompt", "bos_token", "eos_token", "pad_token",
		"unk_token" };

	for (unsigned i = 0; i < TL_COUNT(names); i++) {
		if (tl_str_eq(name, tl_str_from(names[i])))
			return (enum ctx_kind)i;
	}
	return global_of(c, name) != NULL ? CTX_GLOBAL : CTX_OTHER;
}

static uint32_t
ctx_index(struct compiler *c, tl_str name)
{
	bool is_new;
	struct tl_map_entry *e = tl_map_put(&c->ctx, name, &is_new);
	struct jinja *t = c->t;

	if (!is_new)
		return (uint32_t)e->num;
	if (t->nctx == c->cap_ctx) {
		uint32_t cap = c->cap_ctx > 0 ? c->cap_ctx * 2 : 16;

		t->ctx =
		    tl_arena_grow(c->arena, t->ctx, t->nctx * sizeof(*t->ctx),
			cap * sizeof(*t->ctx), _Alignof(struct ctx_name));
		c->cap_ctx = cap;
	}
	e->num = t->nctx;
	t->ctx[t->nctx] = (struct ctx_name){
		.name = jinja_const_str(c->arena, name, 0),
		.kind = kind_of(c, name),
		.global = global_of(c, name),
	};
	return t->nctx++;
}

static uint8_t
hops(struct compiler *c, const struct func *from, const struct func *to,
    const struct node *at)
{
	unsigned n = 0;

	for (; from != to; from = from->parent)
		n++;
	if (n > 255) {
		c->err->is_limit = true;
		jinja_fail_compile(
		    c, at, "TemplateSyntaxError", "nested too deeply");
	}
	return (uint8_t)n;
}

/* A name that is only looked up in the context needs no slot. */
static bool
is_context(const struct compiler *c, const struct sym *s)
{
	return s->load == SYM_RESOLVE && !s->is_stored && !c->t->has_blocks;
}

/* What entering the scope has to do. */
struct loads
jinja_loads_of(struct compiler *c, const struct frame *f, const struct node *at)
{
	const struct tl_map *m = &f->sym->map;
	struct loads l = { TL_NEW(c->arena, struct load, m->nentries), 0 };

	for (size_t i = 0; i < m->nentries; i++) {
		const struct sym *s = m->entries[i].ptr;
		struct load *o = &l.v[l.n];

		if (s->load == SYM_PARAM || is_context(c, s))
			continue;
		o->slot = s->slot;
		o->kind = LOAD_MISSING;
		if (s->load == SYM_RESOLVE) {
			o->kind = LOAD_CTX;
			o->from = ctx_index(c, s->name);
		} else if (s->load == SYM_ALIAS && is_context(c, s->outer)) {
			o->kind = LOAD_CTX;
			o->from = ctx_index(c, s->outer->name);
		} else if (s->load == SYM_ALIAS) {
			o->kind = LOAD_ALIAS;
			o->from = s->outer->slot;
			o->up = hops(c, f->func, s->outer->func, at);
		}
		l.n++;
	}
	return l;
}

struct loads
jinja_visible(struct compiler *c, const struct frame *f, const struct node *at)
{
	struct loads l = { NULL, 0 };
	struct tl_map seen;
	uint32_t n = 0;

	tl_map_init(&seen, c->arena);
	for (const struct symbols *s = f->sym; s != NULL; s = s->parent)
		n += (uint32_t)s->map.nentries;
	l.v = TL_NEW(c->arena, struct load, n);
	for (const struct symbols *s = f->sym; s != NULL; s = s->parent) {
		for (size_t i = 0; i < s->map.nentries; i++) {
			const struct sym *sym = s->map.entries[i].ptr;
			bool is_new;

			if (!sym->is_stored)
				continue;
			tl_map_put(&seen, sym->name, &is_new);
			if (!is_new)
				continue;
			l.v[l.n++] = (struct load){ .slot = sym->slot,
				.up = hops(c, f->func, sym->func, at),
				.from = ctx_index(c, sym->name) };
		}
	}
	return l;
}

uint16_t
jinja_slot_in(const struct frame *f, const char *name)
{
	return jinja_sym_find(f->sym, tl_str_from(name))->slot;
}

/* --- names --------------------------------------------------------------- */

void
jinja_resolve(struct compiler *c, struct node *n, const struct frame *f)
{
	const struct sym *s = jinja_sym_find(f->sym, jinja_bytes_of(n->name));

	if (s == NULL)
		jinja_fail_compile(c, n, "AssertionError",
		    "Tried to resolve a name to a reference that was unknown "
		    "to the frame ('%s')",
		    tl_arena_cstr(c->arena, jinja_bytes_of(n->name)));
	if (is_context(c, s)) {
		n->slot = ctx_index(c, s->name);
		if (n->op == N_NAME)
			n->op = N_CTX;
		else
			n->aux = N_CTX;
		return;
	}
	n->slot = s->slot;
	n->up = hops(c, f->func, s->func, n);
	if (n->op == N_NAME)
		n->op = n->up > 0 ? N_OUTER : N_LOCAL;
	else
		n->aux = n->up > 0 ? N_OUTER : N_LOCAL;
}

void
jinja_compile_target(struct compiler *c, struct node *n, const struct frame *f)
{
	if (n->op == N_TUPLE) {
		for (uint32_t i = 0; i < n->list.n; i++)
			jinja_compile_target(c, n->list.v[i], f);
		return;
	}
	if (n->op == N_NSREF) {
		jinja_resolve(c, n, f);
		return;
	}
	jinja_resolve(c, n, f);
	if (f->is_toplevel && c->t->has_blocks)
		n->aux |= AUX_EXPORTED;
}

struct node *
jinja_copy_target(struct compiler *c, const struct node *n)
{
	struct node *copy = TL_NEW(c->arena, struct node, 1);

	*copy = *n;
	if (n->op != N_TUPLE)
		return copy;
	copy->list.v = TL_NEW(c->arena, struct node *, n->list.n);
	for (uint32_t i = 0; i < n->list.n; i++)
		copy->list.v[i] = jinja_copy_target(c, n->list.v[i]);
	return copy;
}
