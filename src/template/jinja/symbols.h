/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symbols.h - which variable a name means, as jinja2 decides it.
 *
 * jinja2 resolves names while compiling: every scope knows before it runs
 * which names it sets, which it takes over from outside and which it looks up
 * in the context.  What a template sees in corner cases (a name set in one
 * branch only, a macro that reads a name set later) follows from this.
 */
#ifndef JINJA_SYMBOLS_H
#define JINJA_SYMBOLS_H

#include "template/jinja/ast.h"

enum sym_load { SYM_NONE, SYM_PARAM, SYM_RESOLVE, SYM_ALIAS, SYM_UNDEFINED };

struct sym {
	tl_str name;
	uint16_t slot; /* in the scope's function */
	uint8_t load;  /* enum sym_load */
	bool is_stored;
	const struct sym *outer; /* SYM_ALIAS */
	struct func *func;
};

/* The symbols of one scope; a branch of an `if` is a delta on its base. */
struct symbols {
	struct tl_arena *arena;
	struct symbols *base;	/* of a branch */
	struct symbols *parent; /* the scope outside */
	struct func *func;
	unsigned level;
	struct tl_map map; /* name -> struct sym */
	bool *overflow;	   /* set when a function has too many slots */
};

struct symbols *jinja_symbols_new(
    struct tl_arena *a, struct symbols *parent, struct func *func);
struct sym *jinja_sym_find(const struct symbols *s, tl_str name);
struct sym *jinja_sym_param(struct symbols *s, tl_str name);

/* jinja2's analyze_node(): what the body of a scope does to names. */
void jinja_sym_body(struct symbols *s, const struct nodes *body);
void jinja_sym_expr(struct symbols *s, const struct node *n);
void jinja_sym_params(struct symbols *s, const struct node *target);

/* find_undeclared(): does the body read this name without setting it first? */
bool jinja_mentions(const struct nodes *body, const char *name);

/* Calls fn for the children of a node in jinja2's order of fields. */
typedef void child_fn(void *ctx, struct node *child);
void jinja_children(struct node *n, child_fn *fn, void *ctx);

#endif
