/* SPDX-License-Identifier: Apache-2.0 */
/* parse_expr.c - expressions, from loosest to tightest. */
#include "template/jinja/number.h"
#include "template/jinja/parser.h"

#include <turnlint/buf.h>

#include <string.h>

/* jinja2 itself stops at about 450 operands of one chain. */
#define MAX_HEIGHT 1000

static uint32_t
height_of(const struct node *n)
{
	return n != NULL ? n->height : 0;
}

/* A child was added to n: account for its height, which the evaluator
 * recurses over. */
static void
raise_height(struct parser *p, struct node *n, const struct node *child)
{
	if (height_of(child) < n->height)
		return;
	n->height = height_of(child) + 1;
	if (n->height > MAX_HEIGHT) {
		p->err->is_limit = true;
		jinja_fail_here(p,
		    "expression is too long: more than %d operations one "
		    "inside the other",
		    MAX_HEIGHT);
	}
}

/* A node that has all its children. */
static struct node *
grown(struct parser *p, struct node *n)
{
	n->height = 1;
	raise_height(p, n, n->a);
	raise_height(p, n, n->b);
	raise_height(p, n, n->c);
	for (uint32_t i = 0; i < n->list.n; i++)
		raise_height(p, n, n->list.v[i]);
	return n;
}

static struct node *
binary(struct parser *p, enum node_op op, struct node *a, struct node *b,
    uint32_t line, const struct token *at)
{
	struct node *n = jinja_node(p, op, line, at);

	n->a = a;
	n->b = b;
	return grown(p, n);
}

static struct node *
constant(struct parser *p, val v, const struct token *at)
{
	struct node *n = jinja_node(p, N_CONST, at->line, at);

	n->value = v;
	return n;
}

/* --- primary ------------------------------------------------------------- */

static struct node *
parse_name(struct parser *p)
{
	const struct token *t = p->tok;
	struct node *n;

	jinja_advance(p);
	if (tl_str_eq(t->text, TL_STR("true")) ||
	    tl_str_eq(t->text, TL_STR("True")))
		return constant(p, (val){ .kind = V_BOOL, .b = true }, t);
	if (tl_str_eq(t->text, TL_STR("false")) ||
	    tl_str_eq(t->text, TL_STR("False")))
		return constant(p, (val){ .kind = V_BOOL, .b = false }, t);
	if (tl_str_eq(t->text, TL_STR("none")) ||
	    tl_str_eq(t->text, TL_STR("None")))
		return constant(p, (val){ .kind = V_NONE }, t);
	n = jinja_node(p, N_NAME, t->line, t);
	n->name = jinja_name_str(p, t->text);
	return n;
}

static struct node *
parse_string(struct parser *p)
{
	const struct token *t = p->tok;
	struct node *n = jinja_node(p, N_CONST, t->line, t);
	struct tl_buf b;

	jinja_advance(p);
	if (p->tok->type == T_STRING) {
		tl_buf_init(&b, p->arena, 0);
		tl_buf_put(&b, t->text);
		while (p->tok->type == T_STRING) {
			tl_buf_put(&b, p->tok->text);
			jinja_advance(p);
		}
		n->value.str =
		    jinja_const_str(p->arena, tl_buf_str(&b), n->place);
	} else {
		n->value.str = jinja_const_str(p->arena, t->text, n->place);
	}
	n->value.kind = V_STR;
	return n;
}

static struct node *
parse_number(struct parser *p)
{
	const struct token *t = p->tok;
	val v;

	if (t->type == T_FLOAT)
		v = (val){ .kind = V_FLOAT, .f = jinja_strtod(t->text) };
	else if (!jinja_int_literal(p->arena, t->text, &v))
		jinja_fail_parse(p, "ValueError", t->line, t->column,
		    "Exceeds the limit (4300 digits) for integer string "
		    "conversion");
	jinja_advance(p);
	return constant(p, v, t);
}

static struct node *
parse_list(struct parser *p)
{
	struct node *n = jinja_node(p, N_LIST, p->tok->line, p->tok);
	uint32_t cap = 0;

	jinja_expect(p, T_LBRACKET);
	while (p->tok->type != T_RBRACKET) {
		if (n->list.n > 0)
			jinja_expect(p, T_COMMA);
		if (p->tok->type == T_RBRACKET)
			break;
		jinja_push(p, &n->list, &cap, jinja_parse_expression(p, true));
	}
	jinja_expect(p, T_RBRACKET);
	return grown(p, n);
}

static struct node *
parse_dict(struct parser *p)
{
	struct node *n = jinja_node(p, N_DICT, p->tok->line, p->tok);
	uint32_t cap = 0;

	jinja_expect(p, T_LBRACE);
	while (p->tok->type != T_RBRACE) {
		if (n->list.n > 0)
			jinja_expect(p, T_COMMA);
		if (p->tok->type == T_RBRACE)
			break;
		jinja_push(p, &n->list, &cap, jinja_parse_expression(p, true));
		jinja_expect(p, T_COLON);
		jinja_push(p, &n->list, &cap, jinja_parse_expression(p, true));
	}
	jinja_expect(p, T_RBRACE);
	return grown(p, n);
}

static struct node *
parse_primary(struct parser *p)
{
	struct node *n;

	switch (p->tok->type) {
	case T_NAME:
		return parse_name(p);
	case T_STRING:
		return parse_string(p);
	case T_INTEGER:
	case T_FLOAT:
		return parse_number(p);
	case T_LPAREN:
		jinja_enter(p);
		jinja_advance(p);
		n = jinja_parse_tuple(p, false, true, NULL, true);
		jinja_expect(p, T_RPAREN);
		break;
	case T_LBRACKET:
		jinja_enter(p);
		n = parse_list(p);
		break;
	case T_LBRACE:
		jinja_enter(p);
		n = parse_dict(p);
		break;
	default:
		jinja_fail_here(
		    p, "unexpected '%s'", jinja_describe(p, p->tok));
	}
	jinja_leave(p);
	return n;
}

/* --- calls, subscripts, filters, tests ----------------------------------- */

static void
ensure(struct parser *p, bool ok, const struct token *at)
{
	if (!ok)
		jinja_fail_parse(p, "TemplateSyntaxError", at->line, at->column,
		    "invalid syntax for function call expression");
}

static void
push_keyword(struct parser *p, struct call_args *args, uint32_t *cap)
{
	struct jstr *name = jinja_name_str(p, p->tok->text);
	uint32_t old = *cap;

	jinja_advance(p);
	jinja_advance(p);
	jinja_push(p, &args->kw, cap, jinja_parse_expression(p, true));
	if (*cap != old)
		args->kwnames = tl_arena_grow(p->arena, args->kwnames,
		    old * sizeof(name), *cap * sizeof(name), _Alignof(void *));
	args->kwnames[args->kw.n - 1] = name;
}

static struct call_args *
parse_call_args(struct parser *p)
{
	const struct token *start = jinja_expect(p, T_LPAREN);
	struct call_args *args = TL_NEW(p->arena, struct call_args, 1);
	uint32_t cap_pos = 0, cap_kw = 0;
	bool require_comma = false;

	jinja_enter(p);
	while (p->tok->type != T_RPAREN) {
		if (require_comma) {
			jinja_expect(p, T_COMMA);
			if (p->tok->type == T_RPAREN)
				break;
		}
		if (p->tok->type == T_MUL) {
			ensure(
			    p, args->dyn == NULL && args->dynkw == NULL, start);
			jinja_advance(p);
			args->dyn = jinja_parse_expression(p, true);
		} else if (p->tok->type == T_POW) {
			ensure(p, args->dynkw == NULL, start);
			jinja_advance(p);
			args->dynkw = jinja_parse_expression(p, true);
		} else if (p->tok->type == T_NAME &&
		    p->tok[1].type == T_ASSIGN) {
			ensure(p, args->dynkw == NULL, start);
			push_keyword(p, args, &cap_kw);
		} else {
			ensure(p,
			    args->dyn == NULL && args->dynkw == NULL &&
				args->kw.n == 0,
			    start);
			jinja_push(p, &args->pos, &cap_pos,
			    jinja_parse_expression(p, true));
		}
		require_comma = true;
	}
	jinja_expect(p, T_RPAREN);
	jinja_leave(p);
	return args;
}

/* The height of a call counts its arguments too. */
static struct node *
with_args(struct parser *p, struct node *n, struct call_args *args)
{
	n->args = args;
	grown(p, n);
	for (uint32_t i = 0; i < args->pos.n; i++)
		raise_height(p, n, args->pos.v[i]);
	for (uint32_t i = 0; i < args->kw.n; i++)
		raise_height(p, n, args->kw.v[i]);
	raise_height(p, n, args->dyn);
	raise_height(p, n, args->dynkw);
	return n;
}

static struct node *
parse_call(struct parser *p, struct node *callee)
{
	struct node *n = jinja_node(p, N_CALL, p->tok->line, p->tok);

	n->a = callee;
	return with_args(p, n, parse_call_args(p));
}

/* What stands between the brackets of a subscript. */
static struct node *
parse_subscribed(struct parser *p)
{
	const struct token *at = p->tok;
	struct node *start = NULL, *n;

	if (p->tok->type == T_COLON) {
		jinja_advance(p);
	} else {
		start = jinja_parse_expression(p, true);
		if (p->tok->type != T_COLON)
			return start;
		jinja_advance(p);
	}
	n = jinja_node(p, N_SLICE, at->line, at);
	n->a = start;
	if (p->tok->type != T_COLON && p->tok->type != T_RBRACKET &&
	    p->tok->type != T_COMMA)
		n->b = jinja_parse_expression(p, true);
	if (p->tok->type == T_COLON) {
		jinja_advance(p);
		if (p->tok->type != T_RBRACKET && p->tok->type != T_COMMA)
			n->c = jinja_parse_expression(p, true);
	}
	return grown(p, n);
}

static struct node *
parse_brackets(struct parser *p, struct node *base, const struct token *at)
{
	struct node *n = jinja_node(p, N_GETITEM, at->line, at);
	struct node *tuple = jinja_node(p, N_TUPLE, at->line, at);
	uint32_t cap = 0;

	jinja_enter(p);
	while (p->tok->type != T_RBRACKET) {
		if (tuple->list.n > 0)
			jinja_expect(p, T_COMMA);
		jinja_push(p, &tuple->list, &cap, parse_subscribed(p));
	}
	jinja_expect(p, T_RBRACKET);
	jinja_leave(p);
	n->a = base;
	n->b = tuple->list.n == 1 ? tuple->list.v[0] : grown(p, tuple);
	return grown(p, n);
}

static struct node *
parse_subscript(struct parser *p, struct node *base)
{
	const struct token *at = p->tok;
	const struct token *attr;
	struct node *n;

	jinja_advance(p);
	if (at->type == T_LBRACKET)
		return parse_brackets(p, base, at);
	attr = p->tok;
	if (attr->type == T_NAME) {
		n = jinja_node(p, N_GETATTR, at->line, at);
		n->name = jinja_name_str(p, attr->text);
		n->a = base;
		jinja_advance(p);
		return grown(p, n);
	}
	if (attr->type != T_INTEGER) {
		jinja_advance(p);
		jinja_fail_parse(p, "TemplateSyntaxError", attr->line,
		    attr->column, "expected name or number");
	}
	n = jinja_node(p, N_GETITEM, at->line, at);
	n->a = base;
	n->b = parse_number(p);
	return grown(p, n);
}

static struct node *
parse_postfix(struct parser *p, struct node *n)
{
	for (;;) {
		if (p->tok->type == T_DOT || p->tok->type == T_LBRACKET)
			n = parse_subscript(p, n);
		else if (p->tok->type == T_LPAREN)
			n = parse_call(p, n);
		else
			return n;
	}
}

/* name or name.name.name */
static struct jstr *
parse_dotted(struct parser *p)
{
	tl_str first = jinja_expect(p, T_NAME)->text;
	struct tl_buf b;

	if (p->tok->type != T_DOT)
		return jinja_name_str(p, first);
	tl_buf_init(&b, p->arena, 0);
	tl_buf_put(&b, first);
	while (jinja_skip(p, T_DOT)) {
		tl_buf_putc(&b, '.');
		tl_buf_put(&b, jinja_expect(p, T_NAME)->text);
	}
	return jinja_name_str(p, tl_buf_str(&b));
}

struct node *
jinja_parse_filter(struct parser *p, struct node *n, bool start_inline)
{
	while (p->tok->type == T_PIPE || start_inline) {
		const struct token *at;
		struct node *f;

		if (!start_inline)
			jinja_advance(p);
		at = p->tok;
		f = jinja_node(p, N_FILTER, at->line, at);
		f->name = parse_dotted(p);
		f->a = n;
		n = with_args(p, f,
		    p->tok->type == T_LPAREN
			? parse_call_args(p)
			: TL_NEW(p->arena, struct call_args, 1));
		start_inline = false;
	}
	return n;
}

static bool
is_test_argument(const struct parser *p)
{
	switch (p->tok->type) {
	case T_NAME:
		return !jinja_is_name(p, "else") && !jinja_is_name(p, "or") &&
		    !jinja_is_name(p, "and");
	case T_STRING:
	case T_INTEGER:
	case T_FLOAT:
	case T_LBRACKET:
	case T_LBRACE:
		return true;
	default:
		return false;
	}
}

static struct node *
parse_test(struct parser *p, struct node *subject)
{
	const struct token *at = p->tok;
	struct node *n = jinja_node(p, N_TEST, at->line, at);
	struct call_args *args;
	struct node *negation;
	bool is_negated;
	uint32_t cap = 0;

	jinja_advance(p);
	is_negated = jinja_skip_name(p, "not");
	n->name = parse_dotted(p);
	n->a = subject;
	if (p->tok->type == T_LPAREN) {
		args = parse_call_args(p);
	} else {
		args = TL_NEW(p->arena, struct call_args, 1);
		if (is_test_argument(p)) {
			if (jinja_is_name(p, "is"))
				jinja_fail_here(p,
				    "You cannot chain multiple tests with is");
			jinja_push(p, &args->pos, &cap,
			    parse_postfix(p, parse_primary(p)));
		}
	}
	with_args(p, n, args);
	if (!is_negated)
		return n;
	negation = jinja_node(p, N_NOT, at->line, at);
	negation->a = n;
	return grown(p, negation);
}

static struct node *
parse_filter_expr(struct parser *p, struct node *n)
{
	for (;;) {
		if (p->tok->type == T_PIPE)
			n = jinja_parse_filter(p, n, false);
		else if (jinja_is_name(p, "is"))
			n = parse_test(p, n);
		else if (p->tok->type == T_LPAREN)
			n = parse_call(p, n);
		else
			return n;
	}
}

/* --- operators ----------------------------------------------------------- */

static struct node *
parse_unary(struct parser *p, bool with_filter)
{
	const struct token *at = p->tok;
	struct node *n;

	if (at->type == T_SUB || at->type == T_ADD) {
		jinja_enter(p);
		jinja_advance(p);
		n = jinja_node(
		    p, at->type == T_SUB ? N_NEG : N_POS, at->line, at);
		n->a = parse_unary(p, false);
		grown(p, n);
		jinja_leave(p);
	} else {
		n = parse_primary(p);
	}
	n = parse_postfix(p, n);
	return with_filter ? parse_filter_expr(p, n) : n;
}

static struct node *
parse_pow(struct parser *p)
{
	uint32_t line = p->tok->line;
	struct node *left = parse_unary(p, true);

	while (p->tok->type == T_POW) {
		const struct token *at = p->tok;

		jinja_advance(p);
		left = binary(p, N_POW, left, parse_unary(p, true), line, at);
		line = p->tok->line;
	}
	return left;
}

static struct node *
parse_math2(struct parser *p)
{
	uint32_t line = p->tok->line;
	struct node *left = parse_pow(p);

	for (;;) {
		const struct token *at = p->tok;
		enum node_op op;

		switch (at->type) {
		case T_MUL:
			op = N_MUL;
			break;
		case T_DIV:
			op = N_DIV;
			break;
		case T_FLOORDIV:
			op = N_FLOORDIV;
			break;
		case T_MOD:
			op = N_MOD;
			break;
		default:
			return left;
		}
		jinja_advance(p);
		left = binary(p, op, left, parse_pow(p), line, at);
		line = p->tok->line;
	}
}

static struct node *
parse_concat(struct parser *p)
{
	const struct token *at = p->tok;
	struct node *first = parse_math2(p), *n;
	uint32_t cap = 0;

	if (p->tok->type != T_TILDE)
		return first;
	n = jinja_node(p, N_CONCAT, at->line, at);
	jinja_push(p, &n->list, &cap, first);
	while (jinja_skip(p, T_TILDE))
		jinja_push(p, &n->list, &cap, parse_math2(p));
	return grown(p, n);
}

/* Additions in a row become one node: a chain of strings is the most common
 * expression of a chat template. */
static struct node *
add_to_chain(struct parser *p, struct node *left, struct node *right,
    uint32_t line, const struct token *at, uint32_t *cap)
{
	struct node *n = left;

	if (*cap == 0) {
		n = jinja_node(p, N_ADDS, line, at);
		jinja_push(p, &n->list, cap, left);
		grown(p, n);
	}
	n->line = line;
	jinja_push(p, &n->list, cap, right);
	raise_height(p, n, right);
	return n;
}

static struct node *
parse_math1(struct parser *p)
{
	uint32_t line = p->tok->line;
	struct node *left = parse_concat(p);
	uint32_t cap = 0; /* of the chain that `left` is; 0: it is none */

	while (p->tok->type == T_ADD || p->tok->type == T_SUB) {
		const struct token *at = p->tok;

		jinja_advance(p);
		if (at->type == T_ADD) {
			left = add_to_chain(
			    p, left, parse_concat(p), line, at, &cap);
		} else {
			left =
			    binary(p, N_SUB, left, parse_concat(p), line, at);
			cap = 0;
		}
		line = p->tok->line;
	}
	return left;
}

static bool
skip_compare(struct parser *p, enum compare_op *op)
{
	switch (p->tok->type) {
	case T_EQ:
		*op = C_EQ;
		break;
	case T_NE:
		*op = C_NE;
		break;
	case T_LT:
		*op = C_LT;
		break;
	case T_LTEQ:
		*op = C_LE;
		break;
	case T_GT:
		*op = C_GT;
		break;
	case T_GTEQ:
		*op = C_GE;
		break;
	case T_NAME:
		if (jinja_is_name(p, "in")) {
			*op = C_IN;
			break;
		}
		if (jinja_is_name(p, "not") && jinja_next_is_name(p, "in")) {
			jinja_advance(p);
			*op = C_NOTIN;
			break;
		}
		return false;
	default:
		return false;
	}
	jinja_advance(p);
	return true;
}

static struct node *
parse_compare(struct parser *p)
{
	uint32_t line = p->tok->line;
	const struct token *at = p->tok;
	struct node *first = parse_math1(p), *n = NULL;
	enum compare_op op;
	uint32_t cap = 0;

	while (skip_compare(p, &op)) {
		struct node *operand = jinja_node(p, N_OPERAND, line, p->tok);

		operand->aux = (uint8_t)op;
		operand->a = parse_math1(p);
		grown(p, operand);
		if (n == NULL)
			n = jinja_node(p, N_COMPARE, line, at);
		jinja_push(p, &n->list, &cap, operand);
		line = p->tok->line;
	}
	if (n == NULL)
		return first;
	n->line = line;
	n->a = first;
	return grown(p, n);
}

static struct node *
parse_not(struct parser *p)
{
	const struct token *at = p->tok;
	struct node *n;

	if (!jinja_is_name(p, "not"))
		return parse_compare(p);
	jinja_enter(p);
	jinja_advance(p);
	n = jinja_node(p, N_NOT, at->line, at);
	n->a = parse_not(p);
	jinja_leave(p);
	return grown(p, n);
}

static struct node *
parse_and(struct parser *p)
{
	uint32_t line = p->tok->line;
	struct node *left = parse_not(p);

	while (jinja_is_name(p, "and")) {
		const struct token *at = p->tok;

		jinja_advance(p);
		left = binary(p, N_AND, left, parse_not(p), line, at);
		line = p->tok->line;
	}
	return left;
}

static struct node *
parse_or(struct parser *p)
{
	uint32_t line = p->tok->line;
	struct node *left = parse_and(p);

	while (jinja_is_name(p, "or")) {
		const struct token *at = p->tok;

		jinja_advance(p);
		left = binary(p, N_OR, left, parse_and(p), line, at);
		line = p->tok->line;
	}
	return left;
}

static struct node *
parse_condexpr(struct parser *p)
{
	uint32_t line = p->tok->line;
	struct node *value = parse_or(p);

	while (jinja_is_name(p, "if")) {
		const struct token *at = p->tok;
		struct node *n;

		jinja_advance(p);
		n = jinja_node(p, N_COND, line, at);
		n->b = value;
		n->a = parse_or(p);
		if (jinja_skip_name(p, "else")) {
			jinja_enter(p);
			n->c = parse_condexpr(p);
			jinja_leave(p);
		}
		value = grown(p, n);
		line = p->tok->line;
	}
	return value;
}

struct node *
jinja_parse_expression(struct parser *p, bool with_condexpr)
{
	return with_condexpr ? parse_condexpr(p) : parse_or(p);
}

/* --- tuples -------------------------------------------------------------- */

static bool
is_tuple_end(const struct parser *p, const struct end_rules *extra)
{
	if (p->tok->type == T_VAR_END || p->tok->type == T_BLOCK_END ||
	    p->tok->type == T_RPAREN)
		return true;
	for (size_t i = 0; extra != NULL && extra->names[i] != NULL; i++) {
		if (jinja_is_name(p, extra->names[i]))
			return true;
	}
	return false;
}

/* ns.x is a target of its own kind, where targets may be that. */
static struct node *
parse_simple(struct parser *p)
{
	struct token *t = p->tok;
	struct node *n;

	if (!p->takes_namespaces || t->type != T_NAME || t[1].type != T_DOT ||
	    jinja_is_constant(t->text))
		return parse_primary(p);
	n = jinja_node(p, N_NSREF, t->line, t);
	n->name = jinja_name_str(p, t->text);
	jinja_advance(p);
	jinja_advance(p);
	n->attr = jinja_name_str(p, jinja_expect(p, T_NAME)->text);
	return n;
}

struct node *
jinja_parse_tuple(struct parser *p, bool simplified, bool with_condexpr,
    const struct end_rules *extra, bool parentheses)
{
	const struct token *at = p->tok;
	uint32_t line = at->line;
	struct nodes list = { NULL, 0 };
	uint32_t cap = 0;
	bool is_tuple = false;
	struct node *n;

	for (;;) {
		if (list.n > 0)
			jinja_expect(p, T_COMMA);
		if (is_tuple_end(p, extra))
			break;
		jinja_push(p, &list, &cap,
		    simplified ? parse_simple(p)
			       : jinja_parse_expression(p, with_condexpr));
		if (p->tok->type != T_COMMA)
			break;
		is_tuple = true;
		line = p->tok->line;
	}
	if (!is_tuple && list.n > 0)
		return list.v[0];
	if (!is_tuple && !parentheses)
		jinja_fail_here(p, "Expected an expression, got '%s'",
		    jinja_describe(p, p->tok));
	n = jinja_node(p, N_TUPLE, line, at);
	n->list = list;
	return grown(p, n);
}
