/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser.h - shared by the statement and the expression half of the parser.
 *
 * The parser follows jinja2's: the same grammar, the same line for a node,
 * the same first error.  A failure leaves through longjmp() to jinja_parse().
 */
#ifndef JINJA_PARSER_H
#define JINJA_PARSER_H

#include "template/jinja/ast.h"

#include <setjmp.h>

/* Names or token types that end a body or a tuple. */
struct end_rules {
	const char *names[4]; /* NULL ends the list */
};

struct parser {
	struct jinja *t;
	struct tl_arena *arena;
	struct token *tok; /* the current one */
	uint32_t cap_places;
	unsigned depth;
	const struct end_rules *end_stack[TL_MAX_TEMPLATE_DEPTH + 2];
	size_t nend;
	tl_str tag_stack[TL_MAX_TEMPLATE_DEPTH + 2];
	size_t ntags;
	bool takes_namespaces; /* ns.x may be a target */
	struct compile_error *err;
	jmp_buf fail;
};

_Noreturn void jinja_fail_parse(struct parser *p, const char *type,
    uint32_t line, uint32_t column, const char *fmt, ...) TL_PRINTF(5, 6);
_Noreturn void jinja_fail_here(struct parser *p, const char *fmt, ...)
    TL_PRINTF(2, 3);

/* --- tokens -------------------------------------------------------------- */
void jinja_advance(struct parser *p);
void jinja_check_token(struct parser *p); /* is it a lexical error? */
bool jinja_token_is_name(const struct token *t, const char *name);
bool jinja_is_name(const struct parser *p, const char *name);
bool jinja_next_is_name(const struct parser *p, const char *name);
/* true, false, none and their capitalised forms */
bool jinja_is_constant(tl_str name);
bool jinja_skip_name(struct parser *p, const char *name);
bool jinja_skip(struct parser *p, enum token_type type);
struct token *jinja_expect(struct parser *p, enum token_type type);
struct token *jinja_expect_name(struct parser *p, const char *name);
const char *jinja_describe(const struct parser *p, const struct token *t);
void jinja_enter(struct parser *p); /* one level deeper, or a limit */
void jinja_leave(struct parser *p);

/* --- nodes --------------------------------------------------------------- */
struct node *jinja_node(
    struct parser *p, enum node_op op, uint32_t line, const struct token *at);
struct jstr *jinja_name_str(struct parser *p, tl_str s);
void jinja_push(
    struct parser *p, struct nodes *list, uint32_t *cap, struct node *n);

uint32_t jinja_add_place(struct parser *p, const struct token *at);

/* --- statements ---------------------------------------------------------- */
struct node *jinja_parse_statement(struct parser *p);
/* The rest of a tag and the body up to one of `ends`, which becomes the
 * current token unless it is dropped. */
struct nodes jinja_parse_statements(
    struct parser *p, const struct end_rules *ends, bool drop);
/* An unknown tag (name), or the end of the template (name NULL). */
_Noreturn void jinja_fail_tag(
    struct parser *p, const tl_str *name, const struct token *at);

/* --- expressions --------------------------------------------------------- */
struct node *jinja_parse_expression(struct parser *p, bool with_condexpr);
struct node *jinja_parse_tuple(struct parser *p, bool simplified,
    bool with_condexpr, const struct end_rules *extra, bool parentheses);
struct node *jinja_parse_filter(
    struct parser *p, struct node *n, bool start_inline);

#endif
