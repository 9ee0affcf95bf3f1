/* SPDX-License-Identifier: Apache-2.0 */
/* compile_expr.c - expressions: names resolved, constants folded. */
#include "template/jinja/compile.h"

static void
compile_args(struct compiler *c, const struct node *n, const struct frame *f)
{
	const struct call_args *a = n->args;

	for (uint32_t i = 0; i < a->pos.n; i++)
		jinja_compile_expr(c, a->pos.v[i], f);
	for (uint32_t i = 0; i < a->kw.n; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (tl_str_eq(jinja_bytes_of(a->kwnames[k]),
				jinja_bytes_of(a->kwnames[i])))
				jinja_fail_late(c, a->kw.v[i],
				    "keyword argument repeated: %s",
				    tl_arena_cstr(c->arena,
					jinja_bytes_of(a->kwnames[i])));
		}
		jinja_compile_expr(c, a->kw.v[i], f);
	}
	if (a->dyn != NULL)
		jinja_compile_expr(c, a->dyn, f);
	if (a->dynkw != NULL)
		jinja_compile_expr(c, a->dynkw, f);
}

static void
compile_filter(struct compiler *c, struct node *n, const struct frame *f)
{
	n->filter = jinja_find_filter(jinja_bytes_of(n->name));
	if (n->filter == NULL && !f->is_soft)
		jinja_fail_compile(c, n, "TemplateAssertionError",
		    "No filter named '%s'.",
		    tl_arena_cstr(c->arena, jinja_bytes_of(n->name)));
	if (n->a != NULL)
		jinja_compile_expr(c, n->a, f);
	compile_args(c, n, f);
}

static void
compile_test(struct compiler *c, struct node *n, const struct frame *f)
{
	n->test = jinja_find_test(jinja_bytes_of(n->name));
	if (n->test == NULL && !f->is_soft)
		jinja_fail_compile(c, n, "TemplateAssertionError",
		    "No test named '%s'.",
		    tl_arena_cstr(c->arena, jinja_bytes_of(n->name)));
	jinja_compile_expr(c, n->a, f);
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
		tl_buf_put(&b, jinja_bytes_of(prev->value.str));
		tl_buf_put(&b, jinja_bytes_of(cur->value.str));
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

bool
jinja_const_truth(const struct node *n, bool *truth)
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

/* Where jinja2 writes a constant into its Python. */
static void
compile_const(struct compiler *c, struct node *n)
{
	const char *name = jinja_unspelled(n->value);

	if (name == NULL)
		return;
	n->op = N_UNSPELLED;
	n->name = jinja_const_str(c->arena, tl_str_from(name), n->place);
}

static void
compile_children(struct compiler *c, struct node *n, const struct frame *f)
{
	if (n->a != NULL)
		jinja_compile_expr(c, n->a, f);
	if (n->b != NULL)
		jinja_compile_expr(c, n->b, f);
	if (n->c != NULL)
		jinja_compile_expr(c, n->c, f);
	for (uint32_t i = 0; i < n->list.n; i++)
		jinja_compile_expr(c, n->list.v[i], f);
}

static void
compile_cond(struct compiler *c, struct node *n, const struct frame *f)
{
	struct frame soft = *f;

	soft.is_soft = true;
	jinja_compile_expr(c, n->b, &soft);
	jinja_compile_expr(c, n->a, &soft);
	if (n->c != NULL)
		jinja_compile_expr(c, n->c, &soft);
}

void
jinja_compile_expr(struct compiler *c, struct node *n, const struct frame *f)
{
	jinja_fold(c, n, f);
	switch ((enum node_op)n->op) {
	case N_CONST:
		compile_const(c, n);
		return;
	case N_NAME:
		jinja_resolve(c, n, f);
		return;
	case N_FILTER:
		compile_filter(c, n, f);
		return;
	case N_TEST:
		compile_test(c, n, f);
		return;
	case N_CALL:
		jinja_compile_expr(c, n->a, f);
		compile_args(c, n, f);
		return;
	case N_COND:
		compile_cond(c, n, f);
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
	case N_GETITEM:
		jinja_compile_expr(c, n->a, f);
		if (n->b->op == N_SLICE)
			compile_children(c, n->b, f);
		else
			jinja_compile_expr(c, n->b, f);
		return;
	case N_SLICE: /* in a[1:2, 3] jinja2 writes (1:2, 3) */
		jinja_fail_late(c, n, "invalid syntax");
		return;
	case N_GETATTR:
		jinja_compile_expr(c, n->a, f);
		n->aux = !jinja_is_dict_attr(jinja_bytes_of(n->name));
		return;
	default:
		compile_children(c, n, f);
	}
}
