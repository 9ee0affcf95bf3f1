/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.c - resolve the tree in place: names to slots, filters and tests to
 * functions, constants to values.
 *
 * The walk goes in the order in which jinja2 writes its Python, so that the
 * same error is the first one.
 */
#include "template/jinja/compile.h"

static void compile_body(
    struct compiler *c, const struct nodes *body, const struct frame *f);

static void
compile_output(struct compiler *c, struct node *n, const struct frame *f)
{
	n->aux = (uint8_t)f->ae;
	for (uint32_t i = 0; i < n->list.n; i++) {
		struct node *item = n->list.v[i];

		if (item->op == N_DATA)
			continue;
		jinja_fold_printed(c, item, f);
		if (item->op == N_CONST)
			continue;
		jinja_compile_expr(c, item, f);
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
		jinja_compile_expr(c, n->a, &soft);
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
	    tl_str_eq(jinja_bytes_of(n->name), TL_STR("loop")))
		jinja_fail_compile(c, n, "TemplateAssertionError",
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

	l->test_func = jinja_new_func(c, f->func);
	test = jinja_inner(c, f, l->test_func);
	l->test_target = jinja_copy_target(c, l->target);
	jinja_sym_params(test.sym, l->target);
	jinja_sym_expr(test.sym, l->test);
	l->test_line = l->test->line;
	c->last_line = l->test_line;
	jinja_compile_target(c, l->test_target, &test);
	jinja_compile_expr(c, l->test, &test);
	l->enter_test = jinja_loads_of(c, &test, n);
}

static bool
is_raise(const struct node *n)
{
	return n->op == N_CALL && n->a->op == N_NAME &&
	    tl_str_eq(jinja_bytes_of(n->a->name), TL_STR("raise_exception"));
}

/* Not counting white space, nor what ends the render. */
static void
find_print(void *ctx, struct node *n)
{
	bool *does_print = ctx;

	for (uint32_t i = 0; n->op == N_OUTPUT && i < n->list.n; i++) {
		const struct node *v = n->list.v[i];
		tl_str s = TL_STR("");

		if (v->op == N_DATA)
			s = jinja_bytes_of(v->value.str);
		*does_print |=
		    v->op == N_DATA ? tl_space_before(s) < s.len : !is_raise(v);
	}
	jinja_children(n, find_print, does_print);
}

static void
compile_for(struct compiler *c, struct node *n, const struct frame *f)
{
	struct for_info *l = n->for_;
	struct func *func = f->func;
	struct frame body, orelse;
	bool has_scoped = false;

	if (l->is_recursive)
		func = l->func = jinja_new_func(c, f->func);
	contains_scoped_block(&has_scoped, n);
	body = jinja_inner(c, f, func);
	orelse = jinja_inner(c, f, func);
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
	for (uint32_t i = 0; i < l->body.n; i++)
		find_print(&l->does_print, l->body.v[i]);
	/* After the test was compiled, where jinja2 looks too. */
	jinja_children(n, refuse_loop_store, c);
	c->last_line = n->line;
	jinja_compile_target(c, l->target, &body);
	if (!l->is_recursive)
		jinja_compile_expr(c, l->iter, f);
	compile_body(c, &l->body, &body);
	l->enter = jinja_loads_of(c, &body, n);
	compile_body(c, &l->orelse, &orelse);
	l->enter_else = jinja_loads_of(c, &orelse, n);
	if (l->is_recursive) {
		c->last_line = n->line;
		jinja_compile_expr(c, l->iter, f);
	}
}

static void
check_arguments(struct compiler *c, const struct macro_info *m)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (tl_str_eq(jinja_bytes_of(m->args.v[i]->name),
				jinja_bytes_of(m->args.v[k]->name)))
				jinja_fail_late(c, m->args.v[i],
				    "duplicate argument '%s' in function "
				    "definition",
				    tl_arena_cstr(c->arena,
					jinja_bytes_of(m->args.v[i]->name)));
		}
	}
}

static bool
has_argument(const struct macro_info *m, const char *name, uint32_t *at)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		if (tl_str_eq(jinja_bytes_of(m->args.v[i]->name),
			tl_str_from(name))) {
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
			jinja_fail_compile(c, n, "TemplateAssertionError",
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

	m->func = jinja_new_func(c, f->func);
	in = jinja_inner(c, f, m->func);
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
		    jinja_sym_find(in.sym, jinja_bytes_of(m->args.v[i]->name))
			->slot;
		if (m->defaults != NULL && m->defaults[i] != NULL)
			jinja_compile_expr(c, m->defaults[i], &in);
	}
	compile_body(c, &m->body, &in);
	m->enter = jinja_loads_of(c, &in, n);
}

static void
compile_macro(struct compiler *c, struct node *n, const struct frame *f)
{
	compile_macro_body(c, n, f);
	jinja_compile_target(c, n->a, f);
}

static void
compile_call_block(struct compiler *c, struct node *n, const struct frame *f)
{
	compile_macro_body(c, n, f);
	c->last_line = n->line;
	jinja_compile_expr(c, n->a, f);
}

/* A generation block is a call block without a caller to jinja2; here it runs
 * in the function around it. */
static void
compile_generation(struct compiler *c, struct node *n, const struct frame *f)
{
	struct body_info *b = n->body;
	struct frame in = jinja_inner(c, f, f->func);

	in.is_in_loop = false;
	jinja_sym_body(in.sym, &b->body);
	b->takes_caller = jinja_mentions(&b->body, "caller");
	b->takes_kwargs = jinja_mentions(&b->body, "kwargs");
	b->takes_varargs = jinja_mentions(&b->body, "varargs");
	if (b->takes_caller) {
		jinja_sym_param(in.sym, TL_STR("caller"));
		b->caller_slot = jinja_slot_in(&in, "caller");
	}
	if (b->takes_kwargs) {
		jinja_sym_param(in.sym, TL_STR("kwargs"));
		b->kwargs_slot = jinja_slot_in(&in, "kwargs");
	}
	if (b->takes_varargs) {
		jinja_sym_param(in.sym, TL_STR("varargs"));
		b->varargs_slot = jinja_slot_in(&in, "varargs");
	}
	c->last_line = n->line;
	compile_body(c, &b->body, &in);
	b->enter = jinja_loads_of(c, &in, n);
	c->last_line = n->line;
}

static void
compile_filter_block(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame in = jinja_inner(c, f, f->func);

	jinja_sym_body(in.sym, &n->body->body);
	jinja_sym_expr(in.sym, n->a);
	compile_body(c, &n->body->body, &in);
	c->last_line = n->line;
	jinja_compile_expr(c, n->a, &in);
	n->body->enter = jinja_loads_of(c, &in, n);
}

static void
compile_set_block(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame in = jinja_inner(c, f, f->func);

	jinja_sym_body(in.sym, &n->body->body);
	compile_body(c, &n->body->body, &in);
	c->last_line = n->line;
	jinja_compile_target(c, n->a, f);
	if (n->b != NULL)
		jinja_compile_expr(c, n->b, &in);
	n->body->enter = jinja_loads_of(c, &in, n);
}

static void
compile_with(struct compiler *c, struct node *n, const struct frame *f)
{
	struct with_info *w = n->with;
	struct frame in = jinja_inner(c, f, f->func);

	for (uint32_t i = 0; i < w->targets.n; i++)
		jinja_sym_params(in.sym, w->targets.v[i]);
	jinja_sym_body(in.sym, &w->body);
	n->line = c->last_line; /* jinja2 gives these no line of their own */
	for (uint32_t i = 0; i < w->targets.n; i++) {
		jinja_compile_target(c, w->targets.v[i], &in);
		jinja_compile_expr(c, w->values.v[i], f);
	}
	compile_body(c, &w->body, &in);
	w->enter = jinja_loads_of(c, &in, n);
}

static void
compile_autoescape(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame in = jinja_inner(c, f, f->func);
	bool truth;

	jinja_sym_expr(in.sym, n->a);
	jinja_sym_body(in.sym, &n->body->body);
	jinja_compile_expr(c, n->a, &in);
	in.ae = AE_RUNTIME;
	if (jinja_const_truth(n->a, &truth))
		in.ae = truth ? AE_ON : AE_OFF;
	compile_body(c, &n->body->body, &in);
	n->body->enter = jinja_loads_of(c, &in, n);
}

static int32_t
self_slot(const struct nodes *body, struct symbols *sym)
{
	if (!jinja_mentions(body, "self"))
		return -1;
	return jinja_sym_param(sym, TL_STR("self"))->slot;
}

/* Blocks are functions that see only the context. */
static void
compile_block(struct compiler *c, struct node *n)
{
	struct block_info *b = n->block;
	struct frame in = { .func = jinja_new_func(c, NULL), .ae = AE_OFF };

	b->func = in.func;
	in.sym = jinja_symbols_new(c->arena, NULL, in.func);
	b->self_slot = self_slot(&b->body, in.sym);
	jinja_sym_body(in.sym, &b->body);
	compile_body(c, &b->body, &in);
	b->enter = jinja_loads_of(c, &in, n);
}

static void
find_blocks(void *ctx, struct node *n)
{
	struct compiler *c = ctx;
	bool is_new;

	if (n->op == N_BLOCK) {
		struct tl_map_entry *e = tl_map_put(
		    &c->blocks, jinja_bytes_of(n->block->name), &is_new);

		if (!is_new)
			jinja_fail_compile(c, n, "TemplateAssertionError",
			    "block '%s' defined twice",
			    tl_arena_cstr(c->arena, e->key));
		e->ptr = n;
		tl_map_put(&c->t->blocks, e->key, NULL)->ptr = n->block;
	}
	jinja_children(n, find_blocks, c);
}

static void
compile_jump(struct compiler *c, const struct node *n, const struct frame *f)
{
	c->last_line = n->line;
	if (f->is_in_loop)
		return;
	jinja_fail_late(c, n,
	    n->op == N_BREAK ? "'break' outside loop"
			     : "'continue' not properly in loop");
}

static void
compile_noloader(struct compiler *c, struct node *n, const struct frame *f)
{
	c->last_line = n->line;
	jinja_compile_expr(c, n->a, f);
	for (uint32_t i = 0; i < n->list.n; i++)
		jinja_compile_target(c, n->list.v[i], f);
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
		jinja_compile_target(c, n->a, f);
		jinja_compile_expr(c, n->b, f);
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
		if (n->block->is_scoped)
			n->block->scope = jinja_visible(c, f, n);
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
	t->root = root.func = jinja_new_func(c, NULL);
	root.sym = jinja_symbols_new(c->arena, NULL, root.func);
	t->self_slot = self_slot(&t->body, root.sym);
	jinja_sym_body(root.sym, &t->body);
	compile_body(c, &t->body, &root);
	t->enter = jinja_loads_of(c, &root, &nowhere);
	for (size_t i = 0; i < c->blocks.nentries; i++)
		compile_block(c, c->blocks.entries[i].ptr);
	if (*root.sym->overflow) {
		c->err->is_limit = true;
		jinja_fail_compile(
		    c, &nowhere, "TemplateSyntaxError", "too many variables");
	}
}

static bool
is_loop(const struct node *n)
{
	return n->op == N_NAME &&
	    tl_str_eq(jinja_bytes_of(n->name), TL_STR("loop"));
}

/* `loop` other than in loop.x */
static void
find_leak(void *ctx, struct node *n)
{
	bool *does_leak = ctx;

	if (n->op == N_GETATTR && is_loop(n->a))
		return;
	*does_leak |= is_loop(n);
	jinja_children(n, find_leak, does_leak);
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
	tl_map_init(&t->blocks, t->arena);
	if (setjmp(c->fail) != 0)
		return false;
	for (uint32_t i = 0; i < t->body.n; i++)
		find_leak(&t->leaks_loop, t->body.v[i]);
	compile_template(c);
	if (c->late.type == NULL)
		return true;
	*err = c->late;
	return false;
}
