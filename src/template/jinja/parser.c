/* SPDX-License-Identifier: Apache-2.0 */
/* parser.c - a template: text, {{ }} and tags. */
#include "template/jinja/parser.h"

#include <turnlint/buf.h>

#include <assert.h>

/* --- bodies -------------------------------------------------------------- */

static struct nodes subparse(struct parser *p, const struct end_rules *ends);

static void
put_looking_for(struct tl_buf *b, const struct end_rules *ends)
{
	for (size_t i = 0; ends->names[i] != NULL; i++)
		tl_buf_printf(b, "%s'%s'", i > 0 ? " or " : "", ends->names[i]);
}

static bool
is_expected(const struct parser *p, tl_str name)
{
	for (size_t i = 0; i < p->nend; i++) {
		const struct end_rules *ends = p->end_stack[i];

		for (size_t k = 0; ends->names[k] != NULL; k++) {
			if (tl_str_eq(name, tl_str_from(ends->names[k])))
				return true;
		}
	}
	return false;
}

/* An unknown tag (name) or the end of the template (name NULL). */
_Noreturn void
jinja_fail_tag(struct parser *p, const tl_str *name, const struct token *at)
{
	struct tl_buf b;

	tl_buf_init(&b, p->arena, 0);
	if (name == NULL) {
		tl_buf_puts(&b, "Unexpected end of template.");
	} else {
		tl_buf_puts(&b, "Encountered unknown tag '");
		tl_buf_put(&b, *name);
		tl_buf_puts(&b, "'.");
	}
	if (p->nend > 0) {
		if (name != NULL && is_expected(p, *name))
			tl_buf_puts(&b,
			    " You probably made a nesting mistake. Jinja is "
			    "expecting this tag, but currently looking for ");
		else
			tl_buf_puts(
			    &b, " Jinja was looking for the following tags: ");
		put_looking_for(&b, p->end_stack[p->nend - 1]);
		tl_buf_putc(&b, '.');
	}
	if (p->ntags > 0) {
		tl_buf_puts(
		    &b, " The innermost block that needs to be closed is '");
		tl_buf_put(&b, p->tag_stack[p->ntags - 1]);
		tl_buf_puts(&b, "'.");
	}
	tl_buf_putc(&b, '\0');
	jinja_fail_parse(
	    p, "TemplateSyntaxError", at->line, at->column, "%s", b.ptr);
}

/* The rest of the tag and the body up to one of `ends`, which becomes the
 * current token unless it is dropped. */
struct nodes
jinja_parse_statements(
    struct parser *p, const struct end_rules *ends, bool drop)
{
	struct nodes body;

	jinja_skip(p, T_COLON);
	jinja_expect(p, T_BLOCK_END);
	body = subparse(p, ends);
	if (p->tok->type == T_EOF) {
		p->end_stack[p->nend++] = ends;
		jinja_fail_tag(p, NULL, p->tok);
	}
	if (drop)
		jinja_advance(p);
	return body;
}

/* --- text, {{ }} and tags ------------------------------------------------ */

struct collector {
	struct nodes body, data;
	uint32_t cap_body, cap_data;
};

static void
flush(struct parser *p, struct collector *c, const struct token *at)
{
	struct node *out;

	if (c->data.n == 0)
		return;
	out = jinja_node(p, N_OUTPUT, c->data.v[0]->line, at);
	out->list = c->data;
	jinja_push(p, &c->body, &c->cap_body, out);
	c->data = (struct nodes){ NULL, 0 };
	c->cap_data = 0;
}

static struct node *
data_node(struct parser *p, const struct token *t)
{
	struct node *n = jinja_node(p, N_DATA, t->line, t);

	n->value = (val){ .kind = V_STR,
		.str = jinja_const_str(p->arena, t->text, n->place) };
	return n;
}

/* {{ … }}: what it prints is said to come from where the expression starts. */
static struct node *
parse_print_tag(struct parser *p)
{
	const struct token *at = p->tok;
	struct node *n = jinja_parse_tuple(p, false, true, NULL, false);

	n->print_place = jinja_add_place(p, at);
	jinja_expect(p, T_VAR_END);
	return n;
}

static bool
is_end(const struct parser *p, const struct end_rules *ends)
{
	for (size_t i = 0; ends != NULL && ends->names[i] != NULL; i++) {
		if (jinja_is_name(p, ends->names[i]))
			return true;
	}
	return false;
}

static struct nodes
subparse(struct parser *p, const struct end_rules *ends)
{
	struct collector c = { 0 };

	if (ends != NULL)
		p->end_stack[p->nend++] = ends;
	while (p->tok->type != T_EOF) {
		const struct token *t = p->tok;

		jinja_advance(p);
		if (t->type == T_DATA) {
			jinja_push(p, &c.data, &c.cap_data, data_node(p, t));
		} else if (t->type == T_VAR_BEGIN) {
			jinja_push(p, &c.data, &c.cap_data, parse_print_tag(p));
		} else {
			assert(t->type == T_BLOCK_BEGIN);
			flush(p, &c, t);
			if (is_end(p, ends)) {
				p->nend--;
				return c.body;
			}
			jinja_push(
			    p, &c.body, &c.cap_body, jinja_parse_statement(p));
			jinja_expect(p, T_BLOCK_END);
		}
	}
	flush(p, &c, p->tok);
	if (ends != NULL)
		p->nend--;
	return c.body;
}

bool
jinja_parse(struct jinja *t, struct compile_error *err)
{
	struct parser *p = TL_NEW(t->arena, struct parser, 1);
	size_t n;

	p->t = t;
	p->arena = t->arena;
	p->err = err;
	p->tok =
	    jinja_lex(t->arena, t->source, (t->flags & JINJA_NO_TRIM) == 0, &n);
	if (setjmp(p->fail) != 0)
		return false;
	/* Place 0 is none. */
	jinja_add_place(p, &(struct token){ .type = T_EOF });
	jinja_check_token(p);
	t->body = subparse(p, NULL);
	return true;
}
