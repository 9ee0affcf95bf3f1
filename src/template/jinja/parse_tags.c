/* SPDX-License-Identifier: Apache-2.0 */
/* parse_tags.c - one function a tag. */
#include "template/jinja/parser.h"

static const struct end_rules end_set = { { "endset" } };
static const struct end_rules end_for = { { "endfor" } };
static const struct end_rules end_for_else = { { "endfor", "else" } };
static const struct end_rules end_if = { { "endif" } };
static const struct end_rules end_if_else = { { "elif", "else", "endif" } };
static const struct end_rules end_with = { { "endwith" } };
static const struct end_rules end_autoescape = { { "endautoescape" } };
static const struct end_rules end_block = { { "endblock" } };
static const struct end_rules end_call = { { "endcall" } };
static const struct end_rules end_filter = { { "endfilter" } };
static const struct end_rules end_macro = { { "endmacro" } };
static const struct end_rules end_generation = { { "endgeneration" } };
static const struct end_rules stop_in = { { "in" } };
static const struct end_rules stop_recursive = { { "recursive" } };

/* --- assignment targets -------------------------------------------------- */

static const char *
class_name(const struct node *n)
{
	switch (n->op) {
	case N_CONST:
		return "const";
	case N_LIST:
		return "list";
	case N_DICT:
		return "dict";
	case N_COND:
		return "condexpr";
	case N_CALL:
		return "call";
	case N_FILTER:
		return "filter";
	case N_TEST:
		return "test";
	case N_CONCAT:
		return "concat";
	case N_ADDS:
		return "add";
	case N_GETATTR:
		return "getattr";
	case N_GETITEM:
		return "getitem";
	case N_COMPARE:
		return "compare";
	default:
		return "expression";
	}
}

static bool
mark_target(struct node *n, unsigned flag)
{
	if (n->op == N_NAME) {
		n->aux = (uint8_t)flag;
		return true;
	}
	if (n->op == N_NSREF)
		return true;
	if (n->op != N_TUPLE)
		return false;
	for (uint32_t i = 0; i < n->list.n; i++) {
		if (!mark_target(n->list.v[i], flag))
			return false;
	}
	n->aux = (uint8_t)flag;
	return true;
}

static struct node *
parse_target(struct parser *p, const struct end_rules *extra, unsigned flag)
{
	struct node *n = jinja_parse_tuple(p, true, true, extra, false);

	if (!mark_target(n, flag))
		jinja_fail_parse(p, "TemplateSyntaxError", n->line,
		    p->t->places[n->place].column, "can't assign to '%s'",
		    class_name(n));
	return n;
}

static struct node *
parse_name_target(struct parser *p, unsigned flag)
{
	struct token *t = jinja_expect(p, T_NAME);
	struct node *n = jinja_node(p, N_NAME, t->line, t);

	if (jinja_is_constant(t->text))
		jinja_fail_parse(p, "TemplateSyntaxError", t->line, t->column,
		    "can't assign to 'name'");
	n->name = jinja_name_str(p, t->text);
	n->aux = (uint8_t)flag;
	return n;
}

static struct node *
parse_set_target(struct parser *p)
{
	struct node *n;

	p->takes_namespaces = true;
	n = parse_target(p, NULL, AUX_STORE);
	p->takes_namespaces = false;
	return n;
}

/* --- statements ---------------------------------------------------------- */

static struct node *
start(struct parser *p, enum node_op op)
{
	struct node *n = jinja_node(p, op, p->tok->line, p->tok);

	jinja_advance(p);
	return n;
}

static struct node *
parse_set(struct parser *p)
{
	struct node *n = start(p, N_SET);

	n->a = parse_set_target(p);
	if (jinja_skip(p, T_ASSIGN)) {
		n->b = jinja_parse_tuple(p, false, true, NULL, false);
		return n;
	}
	n->op = N_SETBLOCK;
	n->b = jinja_parse_filter(p, NULL, false);
	n->body = TL_NEW(p->arena, struct body_info, 1);
	n->body->body = jinja_parse_statements(p, &end_set, true);
	return n;
}

static struct node *
parse_for(struct parser *p)
{
	struct node *n = start(p, N_FOR);
	struct for_info *f = TL_NEW(p->arena, struct for_info, 1);
	const struct token *last;

	n->for_ = f;
	f->target = parse_target(p, &stop_in, AUX_STORE);
	jinja_expect_name(p, "in");
	f->iter = jinja_parse_tuple(p, false, false, &stop_recursive, false);
	if (jinja_skip_name(p, "if"))
		f->test = jinja_parse_expression(p, true);
	f->is_recursive = jinja_skip_name(p, "recursive");
	f->body = jinja_parse_statements(p, &end_for_else, false);
	last = p->tok;
	jinja_advance(p);
	if (!jinja_token_is_name(last, "endfor"))
		f->orelse = jinja_parse_statements(p, &end_for, true);
	return n;
}

/* if … elif … else: a chain through c; an elif is an N_IF in c's place, an
 * else is list. */
static struct node *
parse_if(struct parser *p)
{
	struct node *first = start(p, N_IF);
	struct node *n = first;

	for (;;) {
		const struct token *t;
		struct node *elif;

		n->a = jinja_parse_tuple(p, false, false, NULL, false);
		n->body = TL_NEW(p->arena, struct body_info, 1);
		n->body->body = jinja_parse_statements(p, &end_if_else, false);
		t = p->tok;
		jinja_advance(p);
		if (jinja_token_is_name(t, "elif")) {
			elif = jinja_node(p, N_IF, p->tok->line, p->tok);
			n->c = elif;
			n = elif;
			continue;
		}
		if (jinja_token_is_name(t, "else"))
			n->list = jinja_parse_statements(p, &end_if, true);
		return first;
	}
}

static struct node *
parse_with(struct parser *p)
{
	struct node *n = start(p, N_WITH);
	struct with_info *w = TL_NEW(p->arena, struct with_info, 1);
	uint32_t cap_targets = 0, cap_values = 0;

	n->with = w;
	while (p->tok->type != T_BLOCK_END) {
		if (w->targets.n > 0)
			jinja_expect(p, T_COMMA);
		jinja_push(p, &w->targets, &cap_targets,
		    parse_target(p, NULL, AUX_PARAM));
		jinja_expect(p, T_ASSIGN);
		jinja_push(p, &w->values, &cap_values,
		    jinja_parse_expression(p, true));
	}
	w->body = jinja_parse_statements(p, &end_with, true);
	return n;
}

static struct node *
parse_autoescape(struct parser *p)
{
	struct node *n = start(p, N_AUTOESCAPE);

	n->a = jinja_parse_expression(p, true);
	n->body = TL_NEW(p->arena, struct body_info, 1);
	n->body->body = jinja_parse_statements(p, &end_autoescape, true);
	return n;
}

static bool
is_blank_body(const struct nodes *body)
{
	for (uint32_t i = 0; i < body->n; i++) {
		const struct node *out = body->v[i];

		if (out->op != N_OUTPUT)
			return false;
		for (uint32_t k = 0; k < out->list.n; k++) {
			const struct node *d = out->list.v[k];

			if (d->op != N_DATA ||
			    !tl_str_is_blank((tl_str){
				d->value.str->ptr, d->value.str->len }))
				return false;
		}
	}
	return true;
}

static struct node *
parse_block(struct parser *p)
{
	struct node *n = start(p, N_BLOCK);
	struct block_info *b = TL_NEW(p->arena, struct block_info, 1);
	tl_str name = jinja_expect(p, T_NAME)->text;

	n->block = b;
	b->name = jinja_name_str(p, name);
	b->is_scoped = jinja_skip_name(p, "scoped");
	b->is_required = jinja_skip_name(p, "required");
	if (p->tok->type == T_SUB)
		jinja_fail_here(p,
		    "Block names in Jinja have to be valid Python identifiers "
		    "and may not contain hyphens, use an underscore instead.");
	b->body = jinja_parse_statements(p, &end_block, true);
	if (b->is_required && !is_blank_body(&b->body))
		jinja_fail_here(p,
		    "Required blocks can only contain comments "
		    "or whitespace");
	if (p->tok->type == T_NAME && tl_str_eq(p->tok->text, name))
		jinja_advance(p);
	p->t->has_blocks = true;
	return n;
}

static void
skip_import_context(struct parser *p)
{
	if ((jinja_is_name(p, "with") || jinja_is_name(p, "without")) &&
	    jinja_next_is_name(p, "context")) {
		jinja_advance(p);
		jinja_advance(p);
	}
}

/* The names of {% from … import … %}. */
static void
parse_import_names(struct parser *p, struct node *n)
{
	uint32_t cap = 0;

	for (;;) {
		struct node *name;

		if (n->list.n > 0)
			jinja_expect(p, T_COMMA);
		if (p->tok->type != T_NAME)
			jinja_expect(p, T_NAME);
		if ((jinja_is_name(p, "with") || jinja_is_name(p, "without")) &&
		    jinja_next_is_name(p, "context")) {
			skip_import_context(p);
			return;
		}
		name = parse_name_target(p, AUX_STORE);
		if (name->name->len > 0 && name->name->ptr[0] == '_')
			jinja_fail_parse(p, "TemplateAssertionError",
			    name->line, p->t->places[name->place].column,
			    "names starting with an underline can not be "
			    "imported");
		if (jinja_skip_name(p, "as"))
			name = parse_name_target(p, AUX_STORE);
		jinja_push(p, &n->list, &cap, name);
		if ((jinja_is_name(p, "with") || jinja_is_name(p, "without")) &&
		    jinja_next_is_name(p, "context")) {
			skip_import_context(p);
			return;
		}
		if (p->tok->type != T_COMMA)
			return;
	}
}

/* include, import, from, extends: they parse, and fail when reached, for
 * there is no loader. */
static struct node *
parse_noloader(struct parser *p)
{
	tl_str tag = p->tok->text;
	struct node *n = start(p, N_NOLOADER);
	uint32_t cap = 0;

	n->a = jinja_parse_expression(p, true);
	if (tl_str_eq(tag, TL_STR("include"))) {
		if (jinja_is_name(p, "ignore") &&
		    jinja_next_is_name(p, "missing")) {
			jinja_advance(p);
			jinja_advance(p);
		}
		skip_import_context(p);
	} else if (tl_str_eq(tag, TL_STR("import"))) {
		jinja_expect_name(p, "as");
		jinja_push(p, &n->list, &cap, parse_name_target(p, AUX_STORE));
		skip_import_context(p);
	} else if (tl_str_eq(tag, TL_STR("from"))) {
		jinja_expect_name(p, "import");
		parse_import_names(p, n);
	}
	return n;
}

/* (a, b=1, …) of a macro or a call block. */
static void
parse_signature(struct parser *p, struct macro_info *m)
{
	uint32_t cap = 0, cap_defaults = 0;
	bool has_default = false;

	jinja_expect(p, T_LPAREN);
	while (p->tok->type != T_RPAREN) {
		struct node *value = NULL;

		if (m->args.n > 0)
			jinja_expect(p, T_COMMA);
		jinja_push(p, &m->args, &cap, parse_name_target(p, AUX_PARAM));
		if (jinja_skip(p, T_ASSIGN)) {
			value = jinja_parse_expression(p, true);
			has_default = true;
		} else if (has_default) {
			jinja_fail_here(p,
			    "non-default argument follows "
			    "default argument");
		}
		if (cap != cap_defaults)
			m->defaults = tl_arena_grow(p->arena, m->defaults,
			    cap_defaults * sizeof(value), cap * sizeof(value),
			    _Alignof(void *));
		cap_defaults = cap;
		m->defaults[m->args.n - 1] = value;
	}
	jinja_expect(p, T_RPAREN);
}

static struct node *
parse_macro(struct parser *p)
{
	struct node *n = start(p, N_MACRO);

	n->macro = TL_NEW(p->arena, struct macro_info, 1);
	n->a = parse_name_target(p, AUX_STORE);
	n->macro->name = n->a->name;
	n->macro->line = n->line;
	parse_signature(p, n->macro);
	n->macro->body = jinja_parse_statements(p, &end_macro, true);
	return n;
}

static struct node *
parse_call_block(struct parser *p)
{
	struct node *n = start(p, N_CALLBLOCK);

	n->macro = TL_NEW(p->arena, struct macro_info, 1);
	n->macro->line = n->line;
	if (p->tok->type == T_LPAREN)
		parse_signature(p, n->macro);
	n->a = jinja_parse_expression(p, true);
	if (n->a->op != N_CALL)
		jinja_fail_parse(p, "TemplateSyntaxError", n->line,
		    p->t->places[n->place].column, "expected call");
	n->macro->body = jinja_parse_statements(p, &end_call, true);
	return n;
}

static struct node *
parse_filter_block(struct parser *p)
{
	struct node *n = start(p, N_FILTERBLOCK);

	n->a = jinja_parse_filter(p, NULL, true);
	n->body = TL_NEW(p->arena, struct body_info, 1);
	n->body->body = jinja_parse_statements(p, &end_filter, true);
	return n;
}

static struct node *
parse_generation(struct parser *p)
{
	struct node *n = start(p, N_GENERATION);

	p->t->has_generation = true;
	n->body = TL_NEW(p->arena, struct body_info, 1);
	n->body->body = jinja_parse_statements(p, &end_generation, true);
	return n;
}

static struct node *
parse_print(struct parser *p)
{
	struct node *n = start(p, N_OUTPUT);
	uint32_t cap = 0;

	while (p->tok->type != T_BLOCK_END) {
		if (n->list.n > 0)
			jinja_expect(p, T_COMMA);
		jinja_push(p, &n->list, &cap, jinja_parse_expression(p, true));
	}
	return n;
}

static struct node *
parse_break(struct parser *p)
{
	return start(p, N_BREAK);
}

static struct node *
parse_continue(struct parser *p)
{
	return start(p, N_CONTINUE);
}

static const struct {
	const char *name;
	struct node *(*parse)(struct parser *p);
} tags[] = {
	{ "for", parse_for },
	{ "if", parse_if },
	{ "set", parse_set },
	{ "macro", parse_macro },
	{ "call", parse_call_block },
	{ "filter", parse_filter_block },
	{ "with", parse_with },
	{ "block", parse_block },
	{ "print", parse_print },
	{ "autoescape", parse_autoescape },
	{ "include", parse_noloader },
	{ "import", parse_noloader },
	{ "from", parse_noloader },
	{ "extends", parse_noloader },
	/* Extensions that transformers switches on. */
	{ "generation", parse_generation },
	{ "break", parse_break },
	{ "continue", parse_continue },
};

#define NEXTENSIONS 3

struct node *
jinja_parse_statement(struct parser *p)
{
	struct token *t = p->tok;
	size_t ntags = TL_COUNT(tags);

	if (t->type != T_NAME)
		jinja_fail_here(p, "tag name expected");
	if ((p->t->flags & JINJA_PLAIN) != 0)
		ntags -= NEXTENSIONS;
	for (size_t i = 0; i < ntags; i++) {
		struct node *n;

		if (!jinja_token_is_name(t, tags[i].name))
			continue;
		jinja_enter(p);
		p->tag_stack[p->ntags++] = t->text;
		n = tags[i].parse(p);
		p->ntags--;
		jinja_leave(p);
		return n;
	}
	jinja_fail_tag(p, &t->text, t);
}
