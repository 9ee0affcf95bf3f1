/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast.h - tokens, nodes and the compiled template.
 *
 * The parser builds one tree of struct node; the compiler resolves it in
 * place: names become slots, filters become pointers, constant pieces become
 * values.  Afterwards the tree is read-only and shared by all threads.
 */
#ifndef JINJA_AST_H
#define JINJA_AST_H

#include "template/jinja/value.h"

#include <turnlint/limits.h>
#include <turnlint/map.h>
#include <turnlint/str.h>

enum token_type {
	T_EOF,
	T_ERROR, /* a lexical error that counts once the parser gets there */
	T_DATA,
	T_VAR_BEGIN,
	T_VAR_END,
	T_BLOCK_BEGIN,
	T_BLOCK_END,
	T_NAME,
	T_STRING,
	T_INTEGER,
	T_FLOAT,
	T_ADD,
	T_SUB,
	T_DIV,
	T_FLOORDIV,
	T_MUL,
	T_MOD,
	T_POW,
	T_TILDE,
	T_LBRACKET,
	T_RBRACKET,
	T_LPAREN,
	T_RPAREN,
	T_LBRACE,
	T_RBRACE,
	T_EQ,
	T_NE,
	T_GT,
	T_GTEQ,
	T_LT,
	T_LTEQ,
	T_ASSIGN,
	T_DOT,
	T_COLON,
	T_PIPE,
	T_COMMA,
	T_SEMICOLON,
};

struct token {
	enum token_type type;
	uint32_t line;	 /* 1-based */
	uint32_t column; /* 1-based, code points */
	tl_str text; /* name, data, number; string: decoded; error: message */
};

enum node_op {
	/* Expressions. */
	N_CONST,
	N_NAME,	 /* before compilation */
	N_LOCAL, /* slot of this activation */
	N_OUTER, /* slot of an enclosing one */
	N_CTX,	 /* variable of the context */
	N_TUPLE,
	N_LIST,
	N_DICT, /* list: key, value, key, value, … */
	N_COND, /* a if b else c (may be NULL) */
	N_OR,
	N_AND,
	N_NOT,
	N_COMPARE, /* a, list of N_OPERAND */
	N_OPERAND, /* aux is enum compare_op */
	N_ADD,
	N_ADDS, /* a chain of additions: list */
	N_SUB,
	N_MUL,
	N_DIV,
	N_FLOORDIV,
	N_MOD,
	N_POW,
	N_CONCAT,
	N_NEG,
	N_POS,
	N_GETATTR,
	N_GETITEM,
	N_SLICE,
	N_CALL,
	N_FILTER,
	N_TEST,
	N_NSREF,
	N_UNSPELLED, /* name: an inf or nan that Python cannot write down */
	/* Statements. */
	N_DATA,
	N_OUTPUT,
	N_SET,
	N_SETBLOCK,
	N_FOR,
	N_IF,
	N_MACRO,
	N_CALLBLOCK,
	N_FILTERBLOCK,
	N_WITH,
	N_BLOCK,
	N_AUTOESCAPE,
	N_GENERATION,
	N_BREAK,
	N_CONTINUE,
	N_NOLOADER, /* include, import, from, extends */
};

enum compare_op { C_EQ, C_NE, C_LT, C_LE, C_GT, C_GE, C_IN, C_NOTIN };

struct node;

struct nodes {
	struct node **v;
	uint32_t n;
};

struct call_args {
	struct nodes pos;
	struct nodes kw; /* values */
	struct jstr **kwnames;
	struct node *dyn;   /* *x */
	struct node *dynkw; /* **x */
};

/* What has to be put into slots when a scope is entered. */
enum load_kind { LOAD_CTX, LOAD_ALIAS, LOAD_MISSING };

struct load {
	uint16_t slot;
	uint8_t kind;  /* enum load_kind */
	uint8_t up;    /* alias: activations between */
	uint32_t from; /* alias: slot; ctx: index */
};

struct loads {
	struct load *v;
	uint32_t n;
};

struct for_info {
	struct node *target, *iter, *test;
	struct nodes body, orelse;
	struct loads enter, enter_else, enter_test;
	bool is_recursive;
	bool has_loop; /* the body mentions `loop` */
	bool does_print;
	uint16_t loop_slot;
	struct func *func; /* of a recursive loop's body */
	struct func *test_func;
	struct node *test_target; /* the target resolved in test_func */
	uint32_t test_line;
};

/* A macro, a call block or a block: something with slots of its own. */
struct func {
	struct func *parent;
	uint32_t nslots;
	struct tl_map slots; /* "level name" -> slot; while compiling */
};

struct macro_info {
	const struct jstr *name; /* NULL: anonymous (call block) */
	struct nodes args;	 /* names */
	struct node **defaults;	 /* a args' worth; NULL: none */
	struct nodes body;
	struct loads enter;
	struct func *func;
	uint16_t *arg_slots;
	bool takes_caller, takes_kwargs, takes_varargs, explicit_caller;
	uint16_t caller_slot, kwargs_slot, varargs_slot;
	uint32_t line;
};

struct block_info {
	const struct jstr *name;
	struct nodes body;
	struct loads enter;
	struct func *func;
	bool is_scoped, is_required;
	struct loads scope; /* is_scoped: what it sees of the place it is in */
	int32_t self_slot;  /* -1: does not mention `self` */
};

struct with_info {
	struct nodes targets, values, body;
	struct loads enter;
};

struct body_info { /* set block, filter block, autoescape, generation */
	struct nodes body;
	struct loads enter;
	bool takes_caller, takes_kwargs, takes_varargs;
	uint16_t caller_slot, kwargs_slot, varargs_slot;
};

struct node {
	uint8_t op; /* enum node_op */
	uint8_t aux;
	uint16_t up;	      /* N_OUTER: how many activations out */
	uint32_t line;	      /* as jinja2 counts it */
	uint32_t place;	      /* index into places: where a run points to */
	uint32_t slot;	      /* N_LOCAL, N_OUTER, N_CTX */
	uint32_t height;      /* of the expression below */
	uint32_t print_place; /* of {{ }}: what it prints comes from there */
	bool is_tried;	      /* the folder was here */
	struct node *a, *b, *c;
	struct nodes list;
	union {
		struct val value;	 /* N_CONST; literal key of GETITEM */
		const struct jstr *name; /* N_NAME, N_GETATTR, N_FILTER … */
	};
	union {
		struct call_args *args;	 /* N_CALL, N_FILTER, N_TEST */
		const struct jstr *attr; /* N_NSREF */
		struct for_info *for_;
		struct macro_info *macro;
		struct block_info *block;
		struct with_info *with;
		struct body_info *body;
	};
	union {
		const struct filter *filter;
		const struct test *test;
		const struct block_info *block_ref;
	};
};

/* A store target's flag (node.aux of N_LOCAL …): also goes to the context. */
#define AUX_STORE 1u
#define AUX_PARAM 2u
#define AUX_EXPORTED 4u

enum autoescape { AE_OFF, AE_ON, AE_RUNTIME };

struct place {
	uint32_t line, column;
};

/* Which variable of the context a name is. */
enum ctx_kind {
	CTX_MESSAGES,
	CTX_TOOLS,
	CTX_DOCUMENTS,
	CTX_ADD_GENERATION_PROMPT,
	CTX_BOS,
	CTX_EOS,
	CTX_PAD,
	CTX_UNK,
	CTX_GLOBAL,
	CTX_OTHER,
};

struct ctx_name {
	const struct jstr *name;
	enum ctx_kind kind;
	const struct global *global;
};

/* How the environment differs from that of transformers. */
#define JINJA_KEEP_TRAILING_NEWLINE 1u
#define JINJA_PLAIN 2u	      /* no generation, loop controls, strftime_now */
#define JINJA_STOCK_TOJSON 4u /* the filter that jinja2 itself has */
#define JINJA_NO_TRIM 8u      /* trim_blocks and lstrip_blocks are off */

struct jinja {
	struct tl_arena *arena;
	tl_str source; /* line ends made LF, one trailing LF dropped */
	struct nodes body;
	struct loads enter;
	struct func *root;
	struct place *places;
	uint32_t nplaces;
	struct ctx_name *ctx;
	uint32_t nctx;
	unsigned flags;
	struct tl_map blocks; /* name -> struct block_info */
	int32_t self_slot;    /* as of struct block_info */
	bool has_blocks; /* top-level variables are exported to the context */
	bool has_generation;
	bool leaks_loop; /* `loop` itself is a value somewhere */
};

/* A failure while compiling, ready for tl_error. */
struct compile_error {
	const char *type; /* "TemplateSyntaxError", … */
	char *message;
	uint32_t line, column;
	bool is_limit;
};

/* lexer.c: the whole source as tokens, T_EOF or T_ERROR last; trims says
 * whether trim_blocks and lstrip_blocks are on. */
struct token *jinja_lex(
    struct tl_arena *a, tl_str source, bool trims, size_t *n);
tl_str jinja_normalize(struct tl_arena *a, tl_str source, bool keep_newline);

/* parser.c: fills body and places. */
bool jinja_parse(struct jinja *t, struct compile_error *err);

/* compile.c: resolves the tree in place. */
bool jinja_compile(struct jinja *t, struct compile_error *err);

/* A constant string for the tree. */
struct jstr *jinja_const_str(struct tl_arena *a, tl_str bytes, uint32_t place);

#endif
