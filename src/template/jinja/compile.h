/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.h - shared by the parts of the compiler: names, expressions,
 * statements.
 */
#ifndef JINJA_COMPILE_H
#define JINJA_COMPILE_H

#include "template/jinja/rt.h"
#include "template/jinja/symbols.h"

struct compiler {
	struct jinja *t;
	struct tl_arena *arena;
	struct compile_error *err;
	struct tl_map ctx;    /* name -> index */
	struct tl_map blocks; /* name -> N_BLOCK */
	uint32_t cap_ctx;
	uint32_t last_line;  /* of the Python line written last */
	struct rt *fold;     /* computes constants; NULL until needed */
	unsigned fold_depth; /* in what jinja2 optimizes */
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

/* --- failing, scopes, names (compile_names.c) ---------------------------- */
_Noreturn void jinja_fail_compile(struct compiler *c, const struct node *at,
    const char *type, const char *fmt, ...) TL_PRINTF(4, 5);
/* A SyntaxError that Python would report for jinja2's output. */
void jinja_fail_late(struct compiler *c, const struct node *at, const char *fmt,
    ...) TL_PRINTF(3, 4);
tl_str jinja_bytes_of(const struct jstr *s);

struct func *jinja_new_func(struct compiler *c, struct func *parent);
/* A scope inside f, in the same function or one of its own. */
struct frame jinja_inner(
    struct compiler *c, const struct frame *f, struct func *func);
/* What entering the scope has to do. */
struct loads jinja_loads_of(
    struct compiler *c, const struct frame *f, const struct node *at);
/* What a scoped block sees of the scope that it stands in. */
struct loads jinja_visible(
    struct compiler *c, const struct frame *f, const struct node *at);
uint16_t jinja_slot_in(const struct frame *f, const char *name);

void jinja_resolve(struct compiler *c, struct node *n, const struct frame *f);
void jinja_compile_target(
    struct compiler *c, struct node *n, const struct frame *f);
struct node *jinja_copy_target(struct compiler *c, const struct node *n);

/* --- expressions (compile_expr.c) ---------------------------------------- */
void jinja_compile_expr(
    struct compiler *c, struct node *n, const struct frame *f);
bool jinja_const_truth(const struct node *n, bool *truth);

/* --- constants (fold.c) -------------------------------------------------- */
void jinja_fold(struct compiler *c, struct node *n, const struct frame *f);
/* The same for what {{ }} prints. */
void jinja_fold_printed(
    struct compiler *c, struct node *n, const struct frame *f);
/* The name Python would look for where v is written down, or NULL. */
const char *jinja_unspelled(val v);

#endif
