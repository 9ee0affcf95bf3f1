/* SPDX-License-Identifier: Apache-2.0 */
/* parse_tokens.c - what both halves of the parser stand on: the current token,
 * new nodes, and failing. */
#include "template/jinja/parser.h"

#include <turnlint/buf.h>

#include <stdarg.h>
#include <stdio.h>

/* --- failing ------------------------------------------------------------- */

static _Noreturn void
fail_at(struct parser *p, const char *type, uint32_t line, uint32_t column,
    const char *text)
{
	p->err->type = type;
	p->err->message = tl_arena_printf(p->arena, "%s", text);
	p->err->line = line;
	p->err->column = column;
	longjmp(p->fail, 1);
}

_Noreturn void
jinja_fail_parse(struct parser *p, const char *type, uint32_t line,
    uint32_t column, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_at(p, type, line, column, text);
}

_Noreturn void
jinja_fail_here(struct parser *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_at(p, "TemplateSyntaxError", p->tok->line, p->tok->column, text);
}

void
jinja_enter(struct parser *p)
{
	if (++p->depth > TL_MAX_TEMPLATE_DEPTH) {
		p->err->is_limit = true;
		jinja_fail_here(
		    p, "nested deeper than %d levels", TL_MAX_TEMPLATE_DEPTH);
	}
}

void
jinja_leave(struct parser *p)
{
	p->depth--;
}

/* --- tokens -------------------------------------------------------------- */

/* A lexical error counts when its token becomes the current one. */
void
jinja_check_token(struct parser *p)
{
	if (p->tok->type == T_ERROR)
		jinja_fail_here(p, "%s", p->tok->text.ptr);
}

void
jinja_advance(struct parser *p)
{
	if (p->tok->type != T_EOF)
		p->tok++;
	jinja_check_token(p);
}

bool
jinja_token_is_name(const struct token *t, const char *name)
{
	return t->type == T_NAME && tl_str_eq(t->text, tl_str_from(name));
}

bool
jinja_is_name(const struct parser *p, const char *name)
{
	return jinja_token_is_name(p->tok, name);
}

bool
jinja_next_is_name(const struct parser *p, const char *name)
{
	return p->tok->type != T_EOF && jinja_token_is_name(p->tok + 1, name);
}

bool
jinja_is_constant(tl_str name)
{
	static const char *const names[] = { "true", "false", "none", "True",
		"False", "None" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		if (tl_str_eq(name, tl_str_from(names[i])))
			return true;
	}
	return false;
}

bool
jinja_skip_name(struct parser *p, const char *name)
{
	if (!jinja_is_name(p, name))
		return false;
	jinja_advance(p);
	return true;
}

bool
jinja_skip(struct parser *p, enum token_type type)
{
	if (p->tok->type != type)
		return false;
	jinja_advance(p);
	return true;
}

static const char *
type_text(enum token_type type)
{
	static const char *const text[] = {
		[T_EOF] = "end of template",
		[T_ERROR] = "error",
		[T_DATA] = "template data / text",
		[T_VAR_BEGIN] = "begin of print statement",
		[T_VAR_END] = "end of print statement",
		[T_BLOCK_BEGIN] = "begin of statement block",
		[T_BLOCK_END] = "end of statement block",
		[T_NAME] = "name",
		[T_STRING] = "string",
		[T_INTEGER] = "integer",
		[T_FLOAT] = "float",
		[T_ADD] = "+",
		[T_SUB] = "-",
		[T_DIV] = "/",
		[T_FLOORDIV] = "//",
		[T_MUL] = "*",
		[T_MOD] = "%",
		[T_POW] = "**",
		[T_TILDE] = "~",
		[T_LBRACKET] = "[",
		[T_RBRACKET] = "]",
		[T_LPAREN] = "(",
		[T_RPAREN] = ")",
		[T_LBRACE] = "{",
		[T_RBRACE] = "}",
		[T_EQ] = "==",
		[T_NE] = "!=",
		[T_GT] = ">",
		[T_GTEQ] = ">=",
		[T_LT] = "<",
		[T_LTEQ] = "<=",
		[T_ASSIGN] = "=",
		[T_DOT] = ".",
		[T_COLON] = ":",
		[T_PIPE] = "|",
		[T_COMMA] = ",",
		[T_SEMICOLON] = ";",
	};

	return text[type];
}

const char *
jinja_describe(const struct parser *p, const struct token *t)
{
	return t->type == T_NAME ? tl_arena_cstr(p->arena, t->text)
				 : type_text(t->type);
}

static _Noreturn void
fail_expected(struct parser *p, const char *want)
{
	if (p->tok->type == T_EOF)
		jinja_fail_here(
		    p, "unexpected end of template, expected '%s'.", want);
	jinja_fail_here(p, "expected token '%s', got '%s'", want,
	    jinja_describe(p, p->tok));
}

struct token *
jinja_expect(struct parser *p, enum token_type type)
{
	struct token *t = p->tok;

	if (t->type != type)
		fail_expected(p, type_text(type));
	jinja_advance(p);
	return t;
}

struct token *
jinja_expect_name(struct parser *p, const char *name)
{
	struct token *t = p->tok;

	if (!jinja_is_name(p, name))
		fail_expected(p, name);
	jinja_advance(p);
	return t;
}

/* --- nodes --------------------------------------------------------------- */

uint32_t
jinja_add_place(struct parser *p, const struct token *at)
{
	struct jinja *t = p->t;

	if (t->nplaces == p->cap_places) {
		uint32_t cap = p->cap_places > 0 ? p->cap_places * 2 : 256;

		t->places = tl_arena_grow(p->arena, t->places,
		    t->nplaces * sizeof(*t->places), cap * sizeof(*t->places),
		    _Alignof(struct place));
		p->cap_places = cap;
	}
	t->places[t->nplaces] = (struct place){ at->line, at->column };
	return t->nplaces++;
}

struct node *
jinja_node(
    struct parser *p, enum node_op op, uint32_t line, const struct token *at)
{
	struct node *n = TL_NEW(p->arena, struct node, 1);

	n->op = (uint8_t)op;
	n->line = line;
	n->place = n->print_place = jinja_add_place(p, at);
	return n;
}

struct jstr *
jinja_const_str(struct tl_arena *a, tl_str bytes, uint32_t place)
{
	struct jstr *s = TL_NEW(a, struct jstr, 1);

	s->ptr = bytes.ptr;
	s->len = (uint32_t)bytes.len;
	s->segs = &s->one;
	s->nsegs = bytes.len > 0;
	s->ascii = 1;
	for (size_t i = 0; i < bytes.len; i++) {
		if ((unsigned char)bytes.ptr[i] >= 0x80)
			s->ascii = 2;
	}
	s->one = (struct seg){ .ptr = bytes.ptr,
		.len = s->len,
		.place = place,
		.kind = TL_RUN_TEMPLATE };
	return s;
}

struct jstr *
jinja_name_str(struct parser *p, tl_str s)
{
	return jinja_const_str(p->arena, s, 0);
}

void
jinja_push(struct parser *p, struct nodes *list, uint32_t *cap, struct node *n)
{
	if (list->n == *cap) {
		uint32_t grown = *cap > 0 ? *cap * 2 : 4;

		list->v = tl_arena_grow(p->arena, list->v, list->n * sizeof(n),
		    grown * sizeof(n), _Alignof(void *));
		*cap = grown;
	}
	list->v[list->n++] = n;
}
