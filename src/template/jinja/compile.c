/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.c - resolve the tree in place: names to slots, filters and tests to
 * functions, constants to values.
 *
 * The walk goes in the order in which jinja2 writes its Python, so that the
 * same error is the first one.
 */
#include "template/jinja/rt.h"
#include "template/jinja/symbols.h"

#include <stdarg.h>
#include <stdio.h>

struct compiler {
	struct jinja *t;
	struct tl_arena *arena;
	struct compile_error *err;
	struct tl_map ctx;    /* name -> index */
	struct tl_map blocks; /* name -> struct block_info */
	uint32_t cap_ctx;
	uint32_t last_line; /* of the Python line written last */
	unsigned depth;
	/* Python's own complaints come after all of jinja2's. */
	struct compile_error late;
	jmp_buf fail;
};

struct frame {
	struct symbols *sym;
	struct func *func;
	bool is_toplevel;
	bool is_soft;	 /* inside an if: unknown filters fail when reached */
	bool is_in_loop; /* break and continue are allowed */
	enum autoescape ae;
};

static void compile_body(
    struct compiler *c, const struct nodes *body, const struct frame *f);
static void compile_expr(
    struct compiler *c, struct node *n, const struct frame *f);

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

TL_PRINTF(4, 5)
static _Noreturn void
fail(struct compiler *c, const struct node *at, const char *type,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_error(c, c->err, at, type, fmt, ap);
	va_end(ap);
	longjmp(c->fail, 1);
}

/* A SyntaxError that Python would report for jinja2's output. */
TL_PRINTF(3, 4)
static void
fail_late(struct compiler *c, const struct node *at, const char *fmt, ...)
{
	va_list ap;

	if (c->late.type != NULL)
		return;
	va_start(ap, fmt);
	set_error(c, &c->late, at, "SyntaxError", fmt, ap);
	va_end(ap);
}

static tl_str
str_of(const struct jstr *s)
{
	return (tl_str){ s->ptr, s->len };
}

/* --- scopes -------------------------------------------------------------- */

static struct func *
new_func(struct compiler *c, struct func *parent)
{
	struct func *f = TL_NEW(c->arena, struct func, 1);

	f->parent = parent;
	tl_map_init(&f->slots, c->arena);
	return f;
}

/* A scope inside f, in the same function or one of its own. */
static struct frame
inner(struct compiler *c, const struct frame *f, struct func *func)
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
		fail(c, at, "TemplateSyntaxError", "nested too deeply");
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
static struct loads
loads_of(struct compiler *c, const struct frame *f, const struct node *at)
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

static uint16_t
slot_in(const struct frame *f, const char *name)
{
	return jinja_sym_find(f->sym, tl_str_from(name))->slot;
}

/* --- names --------------------------------------------------------------- */

static void
resolve(struct compiler *c, struct node *n, const struct frame *f)
{
	const struct sym *s = jinja_sym_find(f->sym, str_of(n->name));

	if (s == NULL)
		fail(c, n, "AssertionError",
		    "Tried to resolve a name to a reference that was unknown "
		    "to the frame ('%s')",
		    tl_arena_cstr(c->arena, str_of(n->name)));
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

static void
compile_target(struct compiler *c, struct node *n, const struct frame *f)
{
	if (n->op == N_TUPLE) {
		for (uint32_t i = 0; i < n->list.n; i++)
			compile_target(c, n->list.v[i], f);
		return;
	}
	if (n->op == N_NSREF) {
		resolve(c, n, f);
		return;
	}
	resolve(c, n, f);
	if (f->is_toplevel && c->t->has_blocks)
		n->aux |= AUX_EXPORTED;
}

static struct node *
copy_target(struct compiler *c, const struct node *n)
{
	struct node *copy = TL_NEW(c->arena, struct node, 1);

	*copy = *n;
	if (n->op != N_TUPLE)
		return copy;
	copy->list.v = TL_NEW(c->arena, struct node *, n->list.n);
	for (uint32_t i = 0; i < n->list.n; i++)
		copy->list.v[i] = copy_target(c, n->list.v[i]);
	return copy;
}

/* --- expressions --------------------------------------------------------- */

static void
compile_args(struct compiler *c, const struct node *n, const struct frame *f)
{
	const struct call_args *a = n->args;

	for (uint32_t i = 0; i < a->pos.n; i++)
		compile_expr(c, a->pos.v[i], f);
	for (uint32_t i = 0; i < a->kw.n; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (tl_str_eq(
				str_of(a->kwnames[k]), str_of(a->kwnames[i])))
				fail_late(c, a->kw.v[i],
				    "keyword argument repeated: %s",
				    tl_arena_cstr(
					c->arena, str_of(a->kwnames[i])));
		}
		compile_expr(c, a->kw.v[i], f);
	}
	if (a->dyn != NULL)
		compile_expr(c, a->dyn, f);
	if (a->dynkw != NULL)
		compile_expr(c, a->dynkw, f);
}

static void
compile_filter(struct compiler *c, struct node *n, const struct frame *f)
{
	n->filter = jinja_find_filter(str_of(n->name));
	if (n->filter == NULL && !f->is_soft)
		fail(c, n, "TemplateAssertionError", "No filter named '%s'.",
		    tl_arena_cstr(c->arena, str_of(n->name)));
	if (n->a != NULL)
		compile_expr(c, n->a, f);
	compile_args(c, n, f);
}

static void
compile_test(struct compiler *c, struct node *n, const struct frame *f)
{
	n->test = jinja_find_test(str_of(n->name));
	if (n->test == NULL && !f->is_soft)
		fail(c, n, "TemplateAssertionError", "No test named '%s'.",
		    tl_arena_cstr(c->arena, str_of(n->name)));
	compile_expr(c, n->a, f);
	compile_args(c, n, f);
}

static bool
is_plain_str(const struct node *n)
{
	return n->op == N_CONST && n->value.kind == V_STR;
}

/* Constant strings side by side become one, in the places where Python would
 * join them first. */
static void
fold_concat(struct compiler *c, struct node *n)
{
	struct nodes *l = &n->list;
	uint32_t k = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		struct node *prev = k > 0 ? l->v[k - 1] : NULL;
		struct node *cur = l->v[i];
		struct node *both;
		struct tl_buf b;

		/* a + 'x' + 'y' adds 'x' first: only a leading pair is safe,
		 * while ~ joins all at once. */
		if (prev == NULL || !is_plain_str(prev) || !is_plain_str(cur) ||
		    (n->op == N_ADDS && k > 1)) {
			l->v[k++] = cur;
			continue;
		}
		tl_buf_init(&b, c->arena, 0);
		tl_buf_put(&b, str_of(prev->value.str));
		tl_buf_put(&b, str_of(cur->value.str));
		both = TL_NEW(c->arena, struct node, 1);
		*both = *prev;
		both->value.str =
		    jinja_const_str(c->arena, tl_buf_str(&b), prev->place);
		l->v[k - 1] = both;
	}
	l->n = k;
	if (k == 1 && is_plain_str(l->v[0])) {
		n->op = N_CONST;
		n->value = l->v[0]->value;
	}
}

static bool
is_truthy_const(const struct node *n, bool *truth)
{
	if (n->op != N_CONST)
		return false;
	switch (n->value.kind) {
	case V_NONE:
		*truth = false;
		return true;
	case V_BOOL:
		*truth = n->value.b;
		return true;
	case V_INT:
		*truth = n->value.i != 0;
		return true;
	case V_STR:
		*truth = n->value.str->len > 0;
		return true;
	default:
		return false;
	}
}

/* A constant left side that decides: jinja2 drops the right side unread. */
static bool
fold_logic(struct compiler *c, struct node *n, const struct frame *f)
{
	bool truth;

	compile_expr(c, n->a, f);
	if (!is_truthy_const(n->a, &truth) || truth != (n->op == N_OR))
		return false;
	n->value = n->a->value;
	n->op = N_CONST;
	return true;
}

/* A list or tuple of constants is made once. */
static void
fold_seq(struct compiler *c, struct node *n)
{
	struct seq *s;

	for (uint32_t i = 0; i < n->list.n; i++) {
		if (n->list.v[i]->op != N_CONST)
			return;
	}
	s = TL_NEW(c->arena, struct seq, 1);
	s->n = n->list.n;
	s->v = TL_NEW(c->arena, val, s->n);
	for (uint32_t i = 0; i < n->list.n; i++)
		s->v[i] = n->list.v[i]->value;
	n->value =
	    (val){ .kind = n->op == N_LIST ? V_LIST : V_TUPLE, .seq = s };
	n->op = N_CONST;
}

static void
fold_negation(struct node *n)
{
	const struct node *a = n->a;

	if (a->op != N_CONST)
		return;
	if (a->value.kind == V_INT && a->value.i > INT64_MIN) {
		n->value = (val){ .kind = V_INT, .i = -a->value.i };
		n->op = N_CONST;
	} else if (a->value.kind == V_FLOAT) {
		n->value = (val){ .kind = V_FLOAT, .f = -a->value.f };
		n->op = N_CONST;
	}
}

static void
compile_children(struct compiler *c, struct node *n, const struct frame *f)
{
	if (n->a != NULL)
		compile_expr(c, n->a, f);
	if (n->b != NULL)
		compile_expr(c, n->b, f);
	if (n->c != NULL)
		compile_expr(c, n->c, f);
	for (uint32_t i = 0; i < n->list.n; i++)
		compile_expr(c, n->list.v[i], f);
}

static void
compile_cond(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame soft = *f;

	soft.is_soft = true;
	compile_expr(c, n->b, &soft);
	compile_expr(c, n->a, &soft);
	if (n->c != NULL)
		compile_expr(c, n->c, &soft);
}

static void
compile_expr(struct compiler *c, struct node *n, const struct frame *f)
{
	switch ((enum node_op)n->op) {
	case N_CONST:
		return;
	case N_NAME:
		resolve(c, n, f);
		return;
	case N_FILTER:
		compile_filter(c, n, f);
		return;
	case N_TEST:
		compile_test(c, n, f);
		return;
	case N_CALL:
		compile_expr(c, n->a, f);
		compile_args(c, n, f);
		return;
	case N_COND:
		compile_cond(c, n, f);
		return;
	case N_AND:
	case N_OR:
		if (!fold_logic(c, n, f))
			compile_expr(c, n->b, f);
		return;
	case N_CONCAT:
		compile_children(c, n, f);
		n->aux = (uint8_t)f->ae;
		if (f->ae == AE_OFF)
			fold_concat(c, n);
		return;
	case N_ADDS:
		compile_children(c, n, f);
		fold_concat(c, n);
		return;
	case N_LIST:
	case N_TUPLE:
		compile_children(c, n, f);
		fold_seq(c, n);
		return;
	case N_NEG:
		compile_children(c, n, f);
		fold_negation(n);
		return;
	case N_GETATTR:
		compile_expr(c, n->a, f);
		n->aux = !jinja_is_dict_attr(str_of(n->name));
		return;
	default:
		compile_children(c, n, f);
	}
}

/* --- statements ---------------------------------------------------------- */

static void
compile_output(struct compiler *c, struct node *n, const struct frame *f)
{
	n->aux = (uint8_t)f->ae;
	for (uint32_t i = 0; i < n->list.n; i++) {
		struct node *item = n->list.v[i];

		if (item->op == N_DATA)
			continue;
		compile_expr(c, item, f);
		if (item->op != N_CONST)
			c->last_line = item->line;
	}
}

static void
compile_if(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame soft = *f;

	soft.is_soft = true;
	for (; n != NULL; n = n->c) {
		c->last_line = n->line;
		compile_expr(c, n->a, &soft);
		compile_body(c, &n->body->body, &soft);
		compile_body(c, &n->list, &soft);
	}
}

/* Nothing in a loop may be called `loop` but the loop. */
static void
refuse_loop_store(void *ctx, struct node *n)
{
	struct compiler *c = ctx;

	if (n->op == N_NAME && (n->aux & AUX_STORE) != 0 &&
	    tl_str_eq(str_of(n->name), TL_STR("loop")))
		fail(c, n, "TemplateAssertionError",
		    "Can't assign to special loop variable in for-loop "
		    "target");
	jinja_children(n, refuse_loop_store, c);
}

static void
contains_scoped_block(void *ctx, struct node *n)
{
	bool *found = ctx;

	if (n->op == N_BLOCK && n->block->is_scoped)
		*found = true;
	if (!*found)
		jinja_children(n, contains_scoped_block, found);
}

static void
compile_for_test(struct compiler *c, struct node *n, const struct frame *f)
{
	struct for_info *l = n->for_;
	struct frame test;

	l->test_func = new_func(c, f->func);
	test = inner(c, f, l->test_func);
	l->test_target = copy_target(c, l->target);
	jinja_sym_params(test.sym, l->target);
	jinja_sym_expr(test.sym, l->test);
	l->test_line = l->test->line;
	c->last_line = l->test_line;
	compile_target(c, l->test_target, &test);
	compile_expr(c, l->test, &test);
	l->enter_test = loads_of(c, &test, n);
}

static void
compile_for(struct compiler *c, struct node *n, const struct frame *f)
{
	struct for_info *l = n->for_;
	struct func *func = f->func;
	struct frame body, orelse;
	bool has_scoped = false;

	if (l->is_recursive)
		func = l->func = new_func(c, f->func);
	contains_scoped_block(&has_scoped, n);
	body = inner(c, f, func);
	orelse = inner(c, f, func);
	body.is_in_loop = true;
	l->has_loop =
	    l->is_recursive || has_scoped || jinja_mentions(&l->body, "loop");
	if (l->has_loop)
		l->loop_slot = jinja_sym_param(body.sym, TL_STR("loop"))->slot;
	jinja_sym_params(body.sym, l->target);
	jinja_sym_body(body.sym, &l->body);
	jinja_sym_body(orelse.sym, &l->orelse);
	if (l->test != NULL)
		compile_for_test(c, n, f);
	/* After the test was compiled, where jinja2 looks too. */
	jinja_children(n, refuse_loop_store, c);
	c->last_line = n->line;
	compile_target(c, l->target, &body);
	if (!l->is_recursive)
		compile_expr(c, l->iter, f);
	compile_body(c, &l->body, &body);
	l->enter = loads_of(c, &body, n);
	compile_body(c, &l->orelse, &orelse);
	l->enter_else = loads_of(c, &orelse, n);
	if (l->is_recursive) {
		c->last_line = n->line;
		compile_expr(c, l->iter, f);
	}
}

static void
check_arguments(struct compiler *c, const struct macro_info *m)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (tl_str_eq(str_of(m->args.v[i]->name),
				str_of(m->args.v[k]->name)))
				fail_late(c, m->args.v[i],
				    "duplicate argument '%s' in function "
				    "definition",
				    tl_arena_cstr(
					c->arena, str_of(m->args.v[i]->name)));
		}
	}
}

static bool
has_argument(const struct macro_info *m, const char *name, uint32_t *at)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		if (tl_str_eq(str_of(m->args.v[i]->name), tl_str_from(name))) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* caller, kwargs and varargs are there for a body that mentions them. */
static void
special_parameters(struct compiler *c, struct node *n, const struct frame *in)
{
	struct macro_info *m = n->macro;
	uint32_t at;

	m->explicit_caller = has_argument(m, "caller", &at);
	if (jinja_mentions(&m->body, "caller")) {
		m->takes_caller = true;
		if (m->explicit_caller && m->defaults[at] == NULL)
			fail(c, n, "TemplateAssertionError",
			    "When defining macros or call blocks the special "
			    "\"caller\" argument must be omitted or be given "
			    "a default.");
		m->caller_slot =
		    jinja_sym_param(in->sym, TL_STR("caller"))->slot;
	}
	if (jinja_mentions(&m->body, "kwargs") &&
	    !has_argument(m, "kwargs", &at)) {
		m->takes_kwargs = true;
		m->kwargs_slot =
		    jinja_sym_param(in->sym, TL_STR("kwargs"))->slot;
	}
	if (jinja_mentions(&m->body, "varargs") &&
	    !has_argument(m, "varargs", &at)) {
		m->takes_varargs = true;
		m->varargs_slot =
		    jinja_sym_param(in->sym, TL_STR("varargs"))->slot;
	}
}

static void
compile_macro_body(struct compiler *c, struct node *n, const struct frame *f)
{
	struct macro_info *m = n->macro;
	struct frame in;

	m->func = new_func(c, f->func);
	in = inner(c, f, m->func);
	for (uint32_t i = 0; i < m->args.n; i++)
		jinja_sym_params(in.sym, m->args.v[i]);
	for (uint32_t i = 0; i < m->args.n; i++) {
		if (m->defaults != NULL && m->defaults[i] != NULL)
			jinja_sym_expr(in.sym, m->defaults[i]);
	}
	jinja_sym_body(in.sym, &m->body);
	special_parameters(c, n, &in);
	check_arguments(c, m);
	c->last_line = n->line;
	m->arg_slots = TL_NEW(c->arena, uint16_t, m->args.n);
	for (uint32_t i = 0; i < m->args.n; i++) {
		m->arg_slots[i] =
		    jinja_sym_find(in.sym, str_of(m->args.v[i]->name))->slot;
		if (m->defaults != NULL && m->defaults[i] != NULL)
			compile_expr(c, m->defaults[i], &in);
	}
	compile_body(c, &m->body, &in);
	m->enter = loads_of(c, &in, n);
}

static void
compile_macro(struct compiler *c, struct node *n, const struct frame *f)
{
	compile_macro_body(c, n, f);
	compile_target(c, n->a, f);
}

static void
compile_call_block(struct compiler *c, struct node *n, const struct frame *f)
{
	compile_macro_body(c, n, f);
	c->last_line = n->line;
	compile_expr(c, n->a, f);
}

/* A generation block is a call block without a caller to jinja2; here it runs
 * in the function around it. */
static void
compile_generation(struct compiler *c, struct node *n, const struct frame *f)
{
	struct body_info *b = n->body;
	struct frame in = inner(c, f, f->func);

	in.is_in_loop = false;
	jinja_sym_body(in.sym, &b->body);
	b->takes_caller = jinja_mentions(&b->body, "caller");
	b->takes_kwargs = jinja_mentions(&b->body, "kwargs");
	b->takes_varargs = jinja_mentions(&b->body, "varargs");
	if (b->takes_caller) {
		jinja_sym_param(in.sym, TL_STR("caller"));
		b->caller_slot = slot_in(&in, "caller");
	}
	if (b->takes_kwargs) {
		jinja_sym_param(in.sym, TL_STR("kwargs"));
		b->kwargs_slot = slot_in(&in, "kwargs");
	}
	if (b->takes_varargs) {
		jinja_sym_param(in.sym, TL_STR("varargs"));
		b->varargs_slot = slot_in(&in, "varargs");
	}
	c->last_line = n->line;
	compile_body(c, &b->body, &in);
	b->enter = loads_of(c, &in, n);
	c->last_line = n->line;
}

static void
compile_filter_block(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame in = inner(c, f, f->func);

	jinja_sym_body(in.sym, &n->body->body);
	jinja_sym_expr(in.sym, n->a);
	compile_body(c, &n->body->body, &in);
	c->last_line = n->line;
	compile_expr(c, n->a, &in);
	n->body->enter = loads_of(c, &in, n);
}

static void
compile_set_block(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame in = inner(c, f, f->func);

	jinja_sym_body(in.sym, &n->body->body);
	compile_body(c, &n->body->body, &in);
	c->last_line = n->line;
	compile_target(c, n->a, f);
	if (n->b != NULL)
		compile_expr(c, n->b, &in);
	n->body->enter = loads_of(c, &in, n);
}

static void
compile_with(struct compiler *c, struct node *n, const struct frame *f)
{
	struct with_info *w = n->with;
	struct frame in = inner(c, f, f->func);

	for (uint32_t i = 0; i < w->targets.n; i++)
		jinja_sym_params(in.sym, w->targets.v[i]);
	jinja_sym_body(in.sym, &w->body);
	n->line = c->last_line; /* jinja2 gives these no line of their own */
	for (uint32_t i = 0; i < w->targets.n; i++) {
		compile_target(c, w->targets.v[i], &in);
		compile_expr(c, w->values.v[i], f);
	}
	compile_body(c, &w->body, &in);
	w->enter = loads_of(c, &in, n);
}

static void
compile_autoescape(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame in = inner(c, f, f->func);
	bool truth;

	jinja_sym_expr(in.sym, n->a);
	jinja_sym_body(in.sym, &n->body->body);
	compile_expr(c, n->a, &in);
	in.ae = AE_RUNTIME;
	if (is_truthy_const(n->a, &truth))
		in.ae = truth ? AE_ON : AE_OFF;
	compile_body(c, &n->body->body, &in);
	n->body->enter = loads_of(c, &in, n);
}

/* Blocks are functions that see only the context. */
static void
compile_block(struct compiler *c, struct node *n)
{
	struct block_info *b = n->block;
	struct frame in = { .func = new_func(c, NULL), .ae = AE_OFF };

	b->func = in.func;
	in.sym = jinja_symbols_new(c->arena, NULL, in.func);
	jinja_sym_body(in.sym, &b->body);
	compile_body(c, &b->body, &in);
	b->enter = loads_of(c, &in, n);
}

static void
find_blocks(void *ctx, struct node *n)
{
	struct compiler *c = ctx;
	bool is_new;

	if (n->op == N_BLOCK) {
		struct tl_map_entry *e =
		    tl_map_put(&c->blocks, str_of(n->block->name), &is_new);

		if (!is_new)
			fail(c, n, "TemplateAssertionError",
			    "block '%s' defined twice",
			    tl_arena_cstr(c->arena, e->key));
		e->ptr = n;
	}
	jinja_children(n, find_blocks, c);
}

static void
compile_jump(struct compiler *c, const struct node *n, const struct frame *f)
{
	c->last_line = n->line;
	if (f->is_in_loop)
		return;
	fail_late(c, n,
	    n->op == N_BREAK ? "'break' outside loop"
			     : "'continue' not properly in loop");
}

static void
compile_noloader(struct compiler *c, struct node *n, const struct frame *f)
{
	c->last_line = n->line;
	compile_expr(c, n->a, f);
	for (uint32_t i = 0; i < n->list.n; i++)
		compile_target(c, n->list.v[i], f);
}

static void
compile_statement(struct compiler *c, struct node *n, const struct frame *f)
{
	switch ((enum node_op)n->op) {
	case N_OUTPUT:
		compile_output(c, n, f);
		break;
	case N_SET:
		c->last_line = n->line;
		compile_target(c, n->a, f);
		compile_expr(c, n->b, f);
		break;
	case N_SETBLOCK:
		compile_set_block(c, n, f);
		break;
	case N_FOR:
		compile_for(c, n, f);
		break;
	case N_IF:
		compile_if(c, n, f);
		break;
	case N_MACRO:
		compile_macro(c, n, f);
		break;
	case N_CALLBLOCK:
		compile_call_block(c, n, f);
		break;
	case N_FILTERBLOCK:
		compile_filter_block(c, n, f);
		break;
	case N_WITH:
		compile_with(c, n, f);
		break;
	case N_AUTOESCAPE:
		compile_autoescape(c, n, f);
		break;
	case N_GENERATION:
		compile_generation(c, n, f);
		break;
	case N_BREAK:
	case N_CONTINUE:
		compile_jump(c, n, f);
		break;
	case N_NOLOADER:
		compile_noloader(c, n, f);
		break;
	default: /* N_BLOCK: compiled after everything else */
		c->last_line = n->line;
	}
}

static void
compile_body(
    struct compiler *c, const struct nodes *body, const struct frame *f)
{
	for (uint32_t i = 0; i < body->n; i++)
		compile_statement(c, body->v[i], f);
}

static void
compile_template(struct compiler *c)
{
	struct jinja *t = c->t;
	struct frame root = { .is_toplevel = true, .ae = AE_OFF };
	struct node nowhere = { .line = 1 };

	for (uint32_t i = 0; i < t->body.n; i++)
		find_blocks(c, t->body.v[i]);
	t->root = root.func = new_func(c, NULL);
	root.sym = jinja_symbols_new(c->arena, NULL, root.func);
	jinja_sym_body(root.sym, &t->body);
	compile_body(c, &t->body, &root);
	t->enter = loads_of(c, &root, &nowhere);
	for (size_t i = 0; i < c->blocks.nentries; i++)
		compile_block(c, c->blocks.entries[i].ptr);
	if (*root.sym->overflow) {
		c->err->is_limit = true;
		fail(c, &nowhere, "TemplateSyntaxError", "too many variables");
	}
}

bool
jinja_compile(struct jinja *t, struct compile_error *err)
{
	struct compiler *c = TL_NEW(t->arena, struct compiler, 1);

	c->t = t;
	c->arena = t->arena;
	c->err = err;
	c->last_line = 1;
	tl_map_init(&c->ctx, t->arena);
	tl_map_init(&c->blocks, t->arena);
	if (setjmp(c->fail) != 0)
		return false;
	compile_template(c);
	if (c->late.type == NULL)
		return true;
	*err = c->late;
	return false;
}
