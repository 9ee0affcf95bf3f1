/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template.h - from a conversation to text with provenance.
 *
 * A template is compiled once, is const afterwards and is shared by all
 * threads.  Rendering is byte-equal to jinja2 in the environment that
 * transformers sets up, or fails as that would.
 */
#ifndef TURNLINT_TEMPLATE_H
#define TURNLINT_TEMPLATE_H

#include <turnlint/conv.h>

enum tl_template_kind { TL_TEMPLATE_JINJA, TL_TEMPLATE_PADDLE };

/* The special tokens a template may print; ptr NULL: the variable is
 * undefined in the template. */
struct tl_special_tokens {
	tl_str bos, eos, pad, unk;
};

struct tl_template;

/* A template that ships with the program. */
struct tl_template_builtin {
	const char *name;
	const char *summary;
	const char *source;
	size_t source_len;
	struct tl_special_tokens tokens; /* of the family it is written for,
					  * used when no tokenizer gives any */
	const char *stop; /* end-of-turn marker behind an assistant turn */
};
const struct tl_template_builtin *tl_template_builtins(size_t *n);

/* Further ones, under the names of their frameworks: "fastchat:alpaca".  They
 * take turns of user and assistant and a system prompt, no more. */
const struct tl_template_builtin *tl_template_frameworks(size_t *n);

/* Another name of a built-in: "yi", "lmflow:llama3". */
struct tl_template_alias {
	const char *name;
	const char *builtin;
};
const struct tl_template_alias *tl_template_aliases(size_t *n);

/* Compile source; name is for messages ("llama-2", a path).  Everything lives
 * in `a`.  On failure err has the template's line and column. */
enum tl_status tl_template_compile(struct tl_arena *a, tl_str name,
    tl_str source, struct tl_template **out, struct tl_error *err) TL_MUST_USE;

/* The same template as an engine sees it that is not set up as transformers
 * sets up jinja2; to find out whether that makes a difference. */
enum tl_elsewhere {
	TL_ELSEWHERE_NO_TRIM = 1u, /* trim_blocks and lstrip_blocks are off */
	TL_ELSEWHERE_STOCK_TOJSON = 2u, /* the tojson of jinja2 itself */
};
enum tl_status tl_template_elsewhere(struct tl_arena *a,
    const struct tl_template *t, unsigned how, struct tl_template **out,
    struct tl_error *err) TL_MUST_USE;

/* What --template takes: a built-in's name or alias, a .jinja file, a
 * tokenizer_config.json (string or list of named templates; "FILE#NAME" picks
 * one, else "default"), a PaddleNLP chat_template.json, or a directory that
 * holds one of them, or "jinja:" and the text itself. */
enum tl_status tl_template_load(struct tl_arena *a, const char *what,
    struct tl_template **out, struct tl_error *err) TL_MUST_USE;

/* Of named templates transformers takes "tool_use" where there are tools: from
 * now on t renders conversations that have some as tool_use does. */
void tl_template_set_tool_use(
    struct tl_template *t, const struct tl_template *tool_use);

tl_str tl_template_name(const struct tl_template *t);
enum tl_template_kind tl_template_kind(const struct tl_template *t);
/* The family's own tokens of a built-in; empty slices otherwise. */
struct tl_special_tokens tl_template_tokens(const struct tl_template *t);
tl_str tl_template_source(const struct tl_template *t);

/* {# … #}, without its signs; spaces stay. */
struct tl_template_comment {
	tl_str text;
	size_t line, column; /* of the opening brace; columns in code points */
	size_t end_line;
	/* Nothing but white space stands on its lines beside it. */
	bool is_alone;
};
/* The comments of a template's source, whether it compiles or not. */
const struct tl_template_comment *tl_template_comments(
    struct tl_arena *a, tl_str source, size_t *n);

struct tl_render_options {
	struct tl_special_tokens tokens;
	bool add_generation_prompt;
	const struct tl_json *vars; /* object of further variables, or NULL */
	const char *now;	    /* ISO time for strftime_now; NULL: clock */
	uint64_t max_steps;	    /* 0: TL_MAX_TEMPLATE_STEPS */
	size_t max_bytes;	    /* 0: TL_MAX_RENDER_BYTES */
};

enum tl_render_fault {
	TL_RENDER_OK,
	TL_RENDER_INPUT,  /* the conversation was refused before rendering */
	TL_RENDER_ERROR,  /* an error while rendering */
	TL_RENDER_RAISED, /* the template called raise_exception */
	TL_RENDER_LIMIT,  /* steps, depth or size */
};

struct tl_render {
	struct tl_text text; /* empty on failure */
	/* {% generation %} blocks: bytes of the text, in the order in which
	 * they finished, where transformers would put them */
	const tl_span *generation;
	size_t ngeneration;
	/* Code points by which each of them passes the end of the text: 0 but
	 * for a block whose text was not printed. */
	const size_t *generation_beyond;
	enum tl_render_fault fault;
	tl_str message;	     /* "TypeError: …", raise_exception's own text */
	size_t line, column; /* in the template; 0 if unknown */
};

/* Render conv (or only its first nturns turns) into `a`. Never fails in
 * another way than out->fault. */
void tl_template_render(const struct tl_template *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out);

/* A conversation that begins as another does. */
struct tl_prefix {
	size_t nturns;		    /* so many turns of it, at least one */
	const struct tl_turn *last; /* in place of the last; NULL: as it is */
	/* What becomes of it: */
	bool is_known;	/* false: it has to be rendered by itself */
	size_t nshared; /* the text is so many bytes of the other's … */
	tl_str tail;	/* … and these */
};

/* The same, and on the way the text of such conversations as far as it can be
 * told: what is known is what tl_template_render() makes. */
void tl_template_render_along(const struct tl_template *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out,
    struct tl_prefix *prefixes, size_t n);

/* Does it look at a variable of that name?  True when in doubt. */
bool tl_template_reads(const struct tl_template *t, tl_str name);

#endif
