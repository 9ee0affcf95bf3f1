/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey.c - a walk over the tree as the parser leaves it, before names become
 * slots and constants are folded.
 */
#include <turnlint/survey.h>

#include "template/internal.h"
#include "template/jinja/symbols.h"

#include <turnlint/buf.h>

#define MAX_PASSES 8u /* of values handed from name to name */
#define MAX_PATH 80u  /* bytes of a tl_mention.of */

/* Names known to be defined where the walk is. */
struct guard {
	const struct guard *outer;
	tl_str path;
};

struct surveyor {
	struct tl_arena *arena;
	const struct jinja *t;
	struct tl_mention *mentions;
	size_t nmentions, cap_mentions;
	struct tl_condition *conditions;
	size_t nconditions, cap_conditions;
	struct tl_map set;	  /* names that the template sets */
	struct tl_map parameters; /* … of macros and loops */
	struct tl_map carries; /* … to something with a message's words in it */
	bool has_changed;      /* carries, in this pass */
	struct tl_map macros; /* name -> struct macro_info */
	const struct guard *guards;
	unsigned conditions_deep, raises_deep;
};

static void visit(struct surveyor *s, const struct node *n);
static void visit_all(struct surveyor *s, const struct nodes *list);

static tl_str
name_of(const struct node *n)
{
	return (tl_str){ n->name->ptr, n->name->len };
}

static tl_str
string_of(const struct node *n)
{
	if (n == NULL || n->op != N_CONST || n->value.kind != V_STR)
		return (tl_str){ 0 };
	return (tl_str){ n->value.str->ptr, n->value.str->len };
}

static bool
is_named(const struct node *n, const char *name)
{
	return tl_str_eq(name_of(n), tl_str_from(name));
}

/* --- paths ---------------------------------------------------------------- */

static bool
put_path(struct tl_buf *b, const struct node *n)
{
	if (n == NULL || b->is_cut)
		return false;
	if (n->op == N_NAME) {
		tl_buf_put(b, name_of(n));
		return true;
	}
	if (n->op == N_GETATTR && put_path(b, n->a)) {
		tl_buf_putc(b, '.');
		tl_buf_put(b, name_of(n));
		return true;
	}
	if (n->op != N_GETITEM || !put_path(b, n->a) || n->b == NULL)
		return false;
	if (string_of(n->b).ptr != NULL) {
		tl_buf_putc(b, '.');
		tl_buf_put(b, string_of(n->b));
		return true;
	}
	if (n->b->op == N_CONST && n->b->value.kind == V_INT) {
		tl_buf_printf(b, "[%lld]", (long long)n->b->value.i);
		return true;
	}
	if (n->b->op == N_NEG && n->b->a->op == N_CONST &&
	    n->b->a->value.kind == V_INT) {
		tl_buf_printf(b, "[-%lld]", (long long)n->b->a->value.i);
		return true;
	}
	return false;
}

/* "messages[0].role", or empty. */
static tl_str
path_of(struct surveyor *s, const struct node *n)
{
	struct tl_buf b;

	tl_buf_init(&b, s->arena, MAX_PATH);
	if (!put_path(&b, n) || b.is_cut)
		return (tl_str){ 0 };
	return tl_buf_str(&b);
}

/* --- mentions ------------------------------------------------------------- */

static struct tl_mention *
mention(struct surveyor *s, enum tl_mention_kind kind, tl_str name,
    const struct node *at)
{
	struct tl_mention *m;

	if (s->nmentions == s->cap_mentions) {
		size_t cap = s->cap_mentions * 2 + 64;

		s->mentions = tl_arena_grow(s->arena, s->mentions,
		    s->cap_mentions * sizeof(*m), cap * sizeof(*m),
		    _Alignof(struct tl_mention));
		s->cap_mentions = cap;
	}
	m = &s->mentions[s->nmentions++];
	*m = (struct tl_mention){
		.kind = kind,
		.name = name,
		.line = s->t->places[at->place].line,
		.column = s->t->places[at->place].column,
		.in_condition = s->conditions_deep > 0,
		.in_raise = s->raises_deep > 0,
	};
	return m;
}

static void
syntax(struct surveyor *s, const char *what, const struct node *at)
{
	mention(s, TL_MENTION_SYNTAX, tl_str_from(what), at);
}

static void
add_args(struct surveyor *s, struct tl_mention *m, const struct call_args *a)
{
	tl_str *keywords;

	if (a == NULL)
		return;
	m->nargs = a->pos.n;
	if (a->pos.n > 0)
		m->argument = string_of(a->pos.v[0]);
	if (a->kw.n == 0)
		return;
	m->keywords = keywords = TL_NEW(s->arena, tl_str, a->kw.n);
	m->nkeywords = a->kw.n;
	for (uint32_t i = 0; i < a->kw.n; i++)
		keywords[i] =
		    (tl_str){ a->kwnames[i]->ptr, a->kwnames[i]->len };
}

static bool
is_guarded(const struct surveyor *s, tl_str path)
{
	for (const struct guard *g = s->guards; g != NULL; g = g->outer)
		if (tl_str_eq(g->path, path))
			return true;
	return false;
}

static enum tl_mention_use
use_of(struct surveyor *s, const struct node *n, enum tl_mention_use asked)
{
	if (asked == TL_USE_DEFINED)
		return asked;
	return s->guards != NULL && is_guarded(s, path_of(s, n))
	    ? TL_USE_GUARDED
	    : asked;
}

/* --- what is known to be defined ------------------------------------------ */

static const struct guard *
push_guard(
    struct surveyor *s, const struct guard *outer, const struct node *subject)
{
	tl_str path = path_of(s, subject);
	struct guard *g;

	if (path.len == 0)
		return outer;
	g = TL_NEW(s->arena, struct guard, 1);
	g->outer = outer;
	g->path = path;
	return g;
}

/* Tests that an undefined value does not pass. */
static bool
proves_defined(const struct node *n, bool truth)
{
	static const char *const names[] = { "defined", "string", "mapping",
		"number", "integer", "float", "boolean", "true", "false",
		"none" };

	for (size_t i = 0; truth && i < TL_COUNT(names); i++)
		if (is_named(n, names[i]))
			return true;
	return !truth && is_named(n, "undefined");
}

/* What is defined when the condition is true (false). */
static const struct guard *
known(struct surveyor *s, const struct node *n, bool truth,
    const struct guard *outer)
{
	switch ((enum node_op)n->op) {
	case N_NAME:
	case N_GETATTR:
	case N_GETITEM:
		return truth ? push_guard(s, outer, n) : outer;
	case N_NOT:
		return known(s, n->a, !truth, outer);
	case N_AND:
	case N_OR:
		if (truth != (n->op == N_AND))
			return outer;
		outer = known(s, n->a, truth, outer);
		return known(s, n->b, truth, outer);
	case N_TEST:
		return proves_defined(n, truth) ? push_guard(s, outer, n->a)
						: outer;
	case N_COMPARE:
		/* x == 'user': an undefined one equals nothing else. */
		if (!truth || n->list.n != 1 || n->list.v[0]->aux != C_EQ ||
		    n->list.v[0]->a->op != N_CONST)
			return outer;
		return push_guard(s, outer, n->a);
	default:
		return outer;
	}
}

/* --- a message's words ---------------------------------------------------- */

static bool carries(struct surveyor *s, const struct node *n);

static bool
any_carries(struct surveyor *s, const struct nodes *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (carries(s, list->v[i]))
			return true;
	return false;
}

static bool
is_words(tl_str attribute)
{
	return tl_str_eq(attribute, TL_STR("content")) ||
	    tl_str_eq(attribute, TL_STR("text"));
}

/* An attribute: message.content is words; of a part of a content, the text. */
static bool
attribute_carries(struct surveyor *s, const struct node *n, tl_str attribute)
{
	if (tl_map_find(&s->carries, path_of(s, n)) != NULL)
		return true;
	return tl_str_eq(attribute, TL_STR("content")) ||
	    (is_words(attribute) && carries(s, n->a));
}

static bool
call_carries(struct surveyor *s, const struct node *n)
{
	const struct node *callee = n->a;

	if (callee->op == N_GETATTR && carries(s, callee->a))
		return true;
	return any_carries(s, &n->args->pos) || any_carries(s, &n->args->kw);
}

/* May a message's words be in this value? */
static bool
carries(struct surveyor *s, const struct node *n)
{
	if (n == NULL)
		return false;
	switch ((enum node_op)n->op) {
	case N_NAME:
		return tl_map_find(&s->carries, name_of(n)) != NULL;
	case N_GETATTR:
		return attribute_carries(s, n, name_of(n));
	case N_GETITEM:
		if (string_of(n->b).ptr != NULL)
			return attribute_carries(s, n, string_of(n->b));
		return carries(s, n->a);
	case N_CALL:
		return call_carries(s, n);
	case N_FILTER:
		if (is_named(n, "length") || is_named(n, "count"))
			return false;
		return carries(s, n->a);
	case N_COND:
		return carries(s, n->b) || carries(s, n->c);
	case N_ADDS:
	case N_CONCAT:
	case N_LIST:
	case N_TUPLE:
		return any_carries(s, &n->list);
	case N_ADD:
	case N_AND:
	case N_OR:
		return carries(s, n->a) || carries(s, n->b);
	default:
		return false;
	}
}

static void
mark(struct surveyor *s, tl_str path)
{
	bool is_new = false;

	if (path.len > 0)
		tl_map_put(&s->carries, path, &is_new);
	if (is_new)
		s->has_changed = true;
}

static void
mark_target(struct surveyor *s, const struct node *target)
{
	if (target->op == N_NAME)
		mark(s, name_of(target));
	else if (target->op == N_NSREF)
		mark(s,
		    tl_arena_concat(s->arena,
			tl_arena_concat(s->arena, name_of(target), TL_STR(".")),
			(tl_str){ target->attr->ptr, target->attr->len }));
	for (uint32_t i = 0; target->op == N_TUPLE && i < target->list.n; i++)
		mark_target(s, target->list.v[i]);
}

struct printing {
	struct surveyor *s;
	bool does;
};

/* Does a body print a message's words? */
static void
look_for_words(void *ctx, struct node *n)
{
	struct printing *p = ctx;

	if (n->op == N_OUTPUT && any_carries(p->s, &n->list))
		p->does = true;
	if (!p->does)
		jinja_children(n, look_for_words, p);
}

static void
carry_into_macro(struct surveyor *s, const struct node *call)
{
	const struct tl_map_entry *e = call->a->op == N_NAME
	    ? tl_map_find(&s->macros, name_of(call->a))
	    : NULL;
	const struct macro_info *m = e != NULL ? e->ptr : NULL;

	for (uint32_t i = 0;
	     m != NULL && i < call->args->pos.n && i < m->args.n; i++)
		if (carries(s, call->args->pos.v[i]))
			mark_target(s, m->args.v[i]);
}

static void
carry_on(void *ctx, struct node *n)
{
	struct surveyor *s = ctx;

	if (n->op == N_SET && carries(s, n->b))
		mark_target(s, n->a);
	else if (n->op == N_SETBLOCK) {
		struct printing p = { s, false };

		jinja_children(n, look_for_words, &p);
		if (p.does)
			mark_target(s, n->a);
	} else if (n->op == N_FOR && carries(s, n->for_->iter)) {
		mark_target(s, n->for_->target);
	} else if (n->op == N_WITH) {
		for (uint32_t i = 0; i < n->with->targets.n; i++)
			if (carries(s, n->with->values.v[i]))
				mark_target(s, n->with->targets.v[i]);
	} else if (n->op == N_CALL) {
		carry_into_macro(s, n);
	}
	jinja_children(n, carry_on, s);
}

static void
note_parameters(struct surveyor *s, const struct node *target)
{
	if (target->op == N_NAME)
		tl_map_put(&s->parameters, name_of(target), NULL);
	for (uint32_t i = 0; target->op == N_TUPLE && i < target->list.n; i++)
		note_parameters(s, target->list.v[i]);
}

static void
note_names(void *ctx, struct node *n)
{
	struct surveyor *s = ctx;

	if (n->op == N_FOR)
		note_parameters(s, n->for_->target);
	for (uint32_t i = 0; n->op == N_MACRO && i < n->macro->args.n; i++)
		note_parameters(s, n->macro->args.v[i]);

	if ((n->op == N_NAME && (n->aux & (AUX_STORE | AUX_PARAM)) != 0) ||
	    n->op == N_NSREF)
		tl_map_put(&s->set, name_of(n), NULL);
	if (n->op == N_MACRO) {
		tl_map_put(&s->set, name_of(n->a), NULL);
		tl_map_put(&s->macros, name_of(n->a), NULL)->ptr = n->macro;
	}
	jinja_children(n, note_names, s);
}

static void
find_names(struct surveyor *s)
{
	static const char *const own[] = { "loop", "caller", "varargs",
		"kwargs", "self" };
	const struct nodes *body = &s->t->body;

	for (size_t i = 0; i < TL_COUNT(own); i++)
		tl_map_put(&s->set, tl_str_from(own[i]), NULL);
	for (uint32_t i = 0; i < body->n; i++)
		note_names(s, body->v[i]);
	s->has_changed = true;
	for (unsigned pass = 0; s->has_changed && pass < MAX_PASSES; pass++) {
		s->has_changed = false;
		for (uint32_t i = 0; i < body->n; i++)
			carry_on(s, body->v[i]);
	}
}

/* --- conditions over words ------------------------------------------------ */

/* A literal, or the first one in a list of them; "" is no word. */
static tl_str
literal_in(const struct node *n)
{
	tl_str s = string_of(n);

	for (uint32_t i = 0; s.len == 0 && i < n->list.n &&
	     (n->op == N_LIST || n->op == N_TUPLE || n->op == N_ADDS ||
		 n->op == N_CONCAT);
	     i++)
		s = string_of(n->list.v[i]);
	return s;
}

static void
find_compared(struct surveyor *s, const struct node *n, tl_str *literal)
{
	const struct node *left = n->a;

	for (uint32_t i = 0; literal->len == 0 && i < n->list.n; i++) {
		const struct node *right = n->list.v[i]->a;

		if (carries(s, left))
			*literal = literal_in(right);
		if (literal->len == 0 && carries(s, right))
			*literal = literal_in(left);
		left = right;
	}
}

struct search {
	struct surveyor *s;
	tl_str literal;
};

/* content.startswith('x'), content is match('x'), content | f('x') */
static void
look_for_literal(void *ctx, struct node *n)
{
	struct search *f = ctx;
	const struct node *subject = NULL;

	if (f->literal.len > 0)
		return;
	if (n->op == N_COMPARE)
		find_compared(f->s, n, &f->literal);
	else if (n->op == N_CALL && n->a->op == N_GETATTR)
		subject = n->a->a;
	else if (n->op == N_TEST || n->op == N_FILTER)
		subject = n->a;
	for (uint32_t i = 0; subject != NULL && i < n->args->pos.n; i++)
		if (f->literal.len == 0 && carries(f->s, subject))
			f->literal = literal_in(n->args->pos.v[i]);
	jinja_children(n, look_for_literal, f);
}

/* --- the walk ------------------------------------------------------------- */

static size_t
add_condition(
    struct surveyor *s, const struct node *at, const struct node *test)
{
	struct search f = { s, { 0 } };
	struct tl_condition *c;

	if (s->nconditions == s->cap_conditions) {
		size_t cap = s->cap_conditions * 2 + 16;

		s->conditions = tl_arena_grow(s->arena, s->conditions,
		    s->cap_conditions * sizeof(*c), cap * sizeof(*c),
		    _Alignof(struct tl_condition));
		s->cap_conditions = cap;
	}
	c = &s->conditions[s->nconditions];
	/* An expression's own place is that of its operator. */
	*c = (struct tl_condition){
		.line = s->t->places[at->place].line,
		.column = s->t->places[at->place].column,
		.beg = s->nmentions,
	};
	look_for_literal(&f, (struct node *)(uintptr_t)test);
	c->tests_words = f.literal.len > 0;
	c->literal = f.literal;
	return s->nconditions++;
}

static void
visit_asked(struct surveyor *s, const struct node *n, enum tl_mention_use use)
{
	struct tl_mention *m;

	if (n->op == N_NAME) {
		m = mention(s, TL_MENTION_VARIABLE, name_of(n), n);
		m->is_set = tl_map_find(&s->set, m->name) != NULL;
		m->is_parameter = tl_map_find(&s->parameters, m->name) != NULL;
		m->use = use_of(s, n, use);
	} else if (n->op == N_GETATTR) {
		m = mention(s, TL_MENTION_ATTRIBUTE, name_of(n), n);
		m->column++; /* behind the dot */
		m->of = path_of(s, n->a);
		m->use = use_of(s, n, use);
		visit_asked(s, n->a, TL_USE_PLAIN);
	} else if (n->op == N_GETITEM && string_of(n->b).ptr != NULL) {
		m = mention(s, TL_MENTION_ATTRIBUTE, string_of(n->b), n->b);
		m->of = path_of(s, n->a);
		m->use = use_of(s, n, use);
		visit_asked(s, n->a, TL_USE_PLAIN);
	} else {
		visit(s, n);
	}
}

/* Walk what is reached only when the condition is true (false). */
static void
visit_under(struct surveyor *s, const struct node *condition, bool truth,
    const struct node *n, const struct nodes *list)
{
	const struct guard *outer = s->guards;

	s->guards = known(s, condition, truth, outer);
	if (n != NULL)
		visit(s, n);
	if (list != NULL)
		visit_all(s, list);
	s->guards = outer;
}

static void
visit_truth(struct surveyor *s, const struct node *n)
{
	if (n->op == N_NAME || n->op == N_GETATTR || n->op == N_GETITEM) {
		visit_asked(s, n, TL_USE_TRUTH);
	} else if (n->op == N_NOT) {
		visit_truth(s, n->a);
	} else if (n->op == N_AND || n->op == N_OR) {
		const struct guard *outer = s->guards;

		visit_truth(s, n->a);
		s->guards = known(s, n->a, n->op == N_AND, outer);
		visit_truth(s, n->b);
		s->guards = outer;
	} else {
		visit(s, n);
	}
}

static size_t
visit_condition(
    struct surveyor *s, const struct node *at, const struct node *test)
{
	size_t c = add_condition(s, at, test);

	s->conditions_deep++;
	visit_truth(s, test);
	s->conditions_deep--;
	s->conditions[c].end = s->nmentions;
	return c;
}

/* if, elif, else: each else holds what follows. */
static void
visit_if(struct surveyor *s, const struct node *n)
{
	const struct guard *outer = s->guards;
	size_t first = s->nconditions;

	for (; n != NULL; n = n->c) {
		size_t c = visit_condition(s, n, n->a);

		s->conditions[c].body_beg = s->nmentions;
		visit_under(s, n->a, true, NULL, &n->body->body);
		s->conditions[c].body_end = s->nmentions;
		s->conditions[c].else_beg = s->nmentions;
		s->guards = known(s, n->a, false, s->guards);
		visit_all(s, &n->list);
		/* Nested conditions lie between those of the chain. */
		s->conditions[c].else_end = TL_NPOS;
	}
	for (; first < s->nconditions; first++)
		if (s->conditions[first].else_end == TL_NPOS)
			s->conditions[first].else_end = s->nmentions;
	s->guards = outer;
}

static void
visit_inline_if(struct surveyor *s, const struct node *n)
{
	size_t c;

	if (n->c == NULL)
		syntax(s, "if without else", n);
	c = visit_condition(s, n, n->a);
	s->conditions[c].body_beg = s->nmentions;
	visit_under(s, n->a, true, n->b, NULL);
	s->conditions[c].body_end = s->nmentions;
	s->conditions[c].else_beg = s->nmentions;
	visit_under(s, n->a, false, n->c, NULL);
	s->conditions[c].else_end = s->nmentions;
}

static void
visit_for(struct surveyor *s, const struct node *n)
{
	const struct for_info *f = n->for_;
	size_t c = TL_NPOS;

	if (f->is_recursive)
		syntax(s, "recursive loop", n);
	if (f->target->op == N_TUPLE)
		syntax(s, "loop unpacking", f->target);
	visit(s, f->iter);
	if (f->test != NULL) {
		syntax(s, "loop filter", f->test);
		c = visit_condition(s, f->test, f->test);
		s->conditions[c].body_beg = s->nmentions;
		visit_under(s, f->test, true, NULL, &f->body);
		s->conditions[c].body_end = s->nmentions;
	} else {
		visit_all(s, &f->body);
	}
	if (f->orelse.n > 0)
		syntax(s, "loop else", n);
	visit_all(s, &f->orelse);
}

static void
visit_args(struct surveyor *s, const struct call_args *a, const struct node *at)
{
	if (a == NULL)
		return;
	if (a->dyn != NULL || a->dynkw != NULL)
		syntax(s, "unpacking", at);
	if (a->kw.n > 0)
		syntax(s, "keyword argument", at);
	visit_all(s, &a->pos);
	visit_all(s, &a->kw);
	if (a->dyn != NULL)
		visit(s, a->dyn);
	if (a->dynkw != NULL)
		visit(s, a->dynkw);
}

static void
visit_call(struct surveyor *s, const struct node *n)
{
	const struct node *callee = n->a;
	struct tl_mention *m;
	bool raises = false;

	if (callee->op == N_NAME) {
		m = mention(s, TL_MENTION_FUNCTION, name_of(callee), callee);
		m->is_set = tl_map_find(&s->set, m->name) != NULL;
		m->use = use_of(s, callee, TL_USE_PLAIN);
		raises = is_named(callee, "raise_exception");
		add_args(s, m, n->args);
	} else if (callee->op == N_GETATTR) {
		m = mention(s, TL_MENTION_METHOD, name_of(callee), callee);
		m->column++;
		m->of = path_of(s, callee->a);
		add_args(s, m, n->args);
		visit(s, callee->a);
	} else {
		visit(s, callee);
	}
	s->raises_deep += raises;
	visit_args(s, n->args, n);
	s->raises_deep -= raises;
}

static void
visit_filter(struct surveyor *s, const struct node *n)
{
	struct tl_mention *m = mention(s, TL_MENTION_FILTER, name_of(n), n);
	bool gives_default = is_named(n, "default") || is_named(n, "d");

	add_args(s, m, n->args);
	if (n->a != NULL) {
		m->of = path_of(s, n->a);
		visit_asked(
		    s, n->a, gives_default ? TL_USE_DEFINED : TL_USE_PLAIN);
	}
	visit_args(s, n->args, n);
}

static void
visit_test(struct surveyor *s, const struct node *n)
{
	struct tl_mention *m = mention(s, TL_MENTION_TEST, name_of(n), n);
	bool asks_defined = is_named(n, "defined") || is_named(n, "undefined");

	add_args(s, m, n->args);
	m->of = path_of(s, n->a);
	visit_asked(s, n->a, asks_defined ? TL_USE_DEFINED : TL_USE_TRUTH);
	visit_args(s, n->args, n);
}

static void
visit_child(void *ctx, struct node *child)
{
	visit(ctx, child);
}

static void
visit_item(struct surveyor *s, const struct node *n)
{
	if (string_of(n->b).ptr != NULL) {
		visit_asked(s, n, TL_USE_PLAIN);
		return;
	}
	visit(s, n->a);
	if (n->b->op == N_SLICE)
		syntax(s, n->b->c != NULL ? "slice step" : "slice", n->b);
	visit(s, n->b);
}

/* A macro's body runs when it is called, not where it stands. */
static void
visit_macro(struct surveyor *s, const struct node *n)
{
	const struct macro_info *m = n->macro;
	const struct guard *outer = s->guards;

	if (n->op == N_CALLBLOCK)
		visit(s, n->a);
	else
		s->guards = NULL;
	for (uint32_t i = 0; i < m->args.n; i++)
		if (m->defaults != NULL && m->defaults[i] != NULL)
			visit(s, m->defaults[i]);
	visit_all(s, &m->body);
	s->guards = outer;
}

/* The form of an expression, where it is one that some engines lack. */
static const char *
form_of(const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_TUPLE:
		return "tuple";
	case N_LIST:
		return "list";
	case N_DICT:
		return "dict";
	case N_CONCAT:
		return "concatenation";
	case N_POW:
		return "power";
	case N_FLOORDIV:
		return "floor division";
	case N_MOD:
		return "modulo";
	case N_COMPARE:
		if (n->list.n > 1)
			return "chained comparison";
		if (n->list.v[0]->aux == C_IN)
			return "in";
		return n->list.v[0]->aux == C_NOTIN ? "not in" : NULL;
	default:
		return NULL;
	}
}

static void
visit_expression(struct surveyor *s, const struct node *n)
{
	const char *form = form_of(n);

	if (form != NULL)
		syntax(s, form, n);
	switch ((enum node_op)n->op) {
	case N_CONST:
		if (n->value.kind == V_STR)
			mention(s, TL_MENTION_STRING, string_of(n), n);
		break;
	case N_NAME:
	case N_GETATTR:
		visit_asked(s, n, TL_USE_PLAIN);
		break;
	case N_GETITEM:
		visit_item(s, n);
		break;
	case N_COND:
		visit_inline_if(s, n);
		break;
	case N_NOT:
	case N_AND:
	case N_OR:
		visit_truth(s, n);
		break;
	case N_CALL:
		visit_call(s, n);
		break;
	case N_FILTER:
		visit_filter(s, n);
		break;
	case N_TEST:
		visit_test(s, n);
		break;
	default:
		jinja_children((struct node *)(uintptr_t)n, visit_child, s);
	}
}

/* The word of a tag; include stands for all that load other files. */
static const char *
tag_of(const struct node *n)
{
	switch ((enum node_op)n->op) {
	case N_SET:
	case N_SETBLOCK:
		return "set";
	case N_FOR:
		return "for";
	case N_IF:
		return "if";
	case N_MACRO:
		return "macro";
	case N_CALLBLOCK:
		return "call";
	case N_FILTERBLOCK:
		return "filter";
	case N_WITH:
		return "with";
	case N_BLOCK:
		return "block";
	case N_AUTOESCAPE:
		return "autoescape";
	case N_GENERATION:
		return "generation";
	case N_BREAK:
		return "break";
	case N_CONTINUE:
		return "continue";
	case N_NOLOADER:
		return "include";
	default:
		return NULL;
	}
}

static void
visit(struct surveyor *s, const struct node *n)
{
	const char *tag = tag_of(n);

	if (tag != NULL)
		mention(s, TL_MENTION_TAG, tl_str_from(tag), n);
	switch ((enum node_op)n->op) {
	case N_DATA:
		mention(s, TL_MENTION_DATA,
		    (tl_str){ n->value.str->ptr, n->value.str->len }, n);
		break;
	case N_SET:
		/* The target is no read; but ns in ns.x = 1 must be there. */
		if (n->a->op == N_NSREF)
			syntax(s, "namespace assignment", n->a);
		visit(s, n->b);
		break;
	case N_SETBLOCK:
		syntax(s, "set block", n);
		if (n->b != NULL)
			visit(s, n->b);
		visit_all(s, &n->body->body);
		break;
	case N_FOR:
		visit_for(s, n);
		break;
	case N_IF:
		visit_if(s, n);
		break;
	case N_MACRO:
	case N_CALLBLOCK:
		visit_macro(s, n);
		break;
	case N_WITH:
		visit_all(s, &n->with->values);
		visit_all(s, &n->with->body);
		break;
	case N_NOLOADER:
		visit(s, n->a);
		break;
	default:
		if (tag != NULL || n->op == N_OUTPUT)
			jinja_children(
			    (struct node *)(uintptr_t)n, visit_child, s);
		else
			visit_expression(s, n);
	}
}

static void
visit_all(struct surveyor *s, const struct nodes *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		visit(s, list->v[i]);
}

/* --- the survey ----------------------------------------------------------- */

const struct tl_survey *
tl_survey_make(struct tl_arena *a, const struct tl_template *t)
{
	struct tl_survey *survey;
	struct surveyor s = { .arena = a };
	struct compile_error why = { 0 };
	struct jinja *tree;

	if (t->kind != TL_TEMPLATE_JINJA)
		return NULL;
	/* The compiler rewrote the tree that renders. */
	tree = TL_NEW(a, struct jinja, 1);
	tree->arena = a;
	tree->flags = t->jinja->flags;
	tree->source = t->jinja->source;
	survey = TL_NEW(a, struct tl_survey, 1);
	if (!jinja_parse(tree, &why))
		return survey;
	s.t = tree;
	tl_map_init(&s.set, a);
	tl_map_init(&s.parameters, a);
	tl_map_init(&s.carries, a);
	tl_map_init(&s.macros, a);
	find_names(&s);
	visit_all(&s, &tree->body);
	survey->mentions = s.mentions;
	survey->nmentions = s.nmentions;
	survey->conditions = s.conditions;
	survey->nconditions = s.nconditions;
	return survey;
}

const struct tl_mention *
tl_survey_find(
    const struct tl_survey *s, enum tl_mention_kind kind, const char *name)
{
	for (size_t i = 0; s != NULL && i < s->nmentions; i++)
		if (s->mentions[i].kind == kind &&
		    tl_str_eq(s->mentions[i].name, tl_str_from(name)))
			return &s->mentions[i];
	return NULL;
}
