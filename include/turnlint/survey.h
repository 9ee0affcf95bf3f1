/* SPDX-License-Identifier: Apache-2.0 */
/*
 * survey.h - what stands in a template's source.
 *
 * A survey is a walk over the syntax tree: every name read, every attribute,
 * filter, test, tag and literal with its place, and every condition with what
 * it looks at.  It renders nothing; what a template does is its profile.
 */
#ifndef TURNLINT_SURVEY_H
#define TURNLINT_SURVEY_H

#include <turnlint/template.h>

enum tl_mention_kind {
	TL_MENTION_VARIABLE, /* a name that is read */
	TL_MENTION_FUNCTION, /* … and called: range, raise_exception, a macro */
	TL_MENTION_ATTRIBUTE, /* x.name, x['name'] */
	TL_MENTION_METHOD,    /* x.name(…) */
	TL_MENTION_FILTER,
	TL_MENTION_TEST,
	TL_MENTION_TAG,	   /* for, if, set, macro, generation, break, … */
	TL_MENTION_SYNTAX, /* a form of expression or of a tag, see below */
	TL_MENTION_STRING, /* a literal, decoded; no key of x['name'] */
	TL_MENTION_DATA,   /* text between tags, as it is printed */
};

/*
 * TL_MENTION_SYNTAX names:
 *	"slice", "slice step", "tuple", "list", "dict", "if without else",
 *	"in", "not in", "chained comparison", "concatenation" (~), "power",
 *	"floor division", "modulo", "unpacking" (f(*x)),
 *	"keyword argument",
 *	"loop filter" (for … if), "loop else", "recursive loop",
 *	"loop unpacking" (for a, b in), "set block", "namespace assignment"
 */

enum tl_mention_use {
	TL_USE_PLAIN,
	TL_USE_TRUTH,	/* asked whether it is true, and no more */
	TL_USE_DEFINED, /* asked whether it is defined, or given a default */
	TL_USE_GUARDED, /* reached only when it is defined */
};

struct tl_mention {
	enum tl_mention_kind kind;
	tl_str name;
	tl_str of; /* attribute, method, filter, test: what it is taken from,
		    * as in "messages[0].content"; empty when that is no name,
		    * attribute or constant index */
	size_t line, column;
	enum tl_mention_use use; /* variables and attributes */
	bool is_set;		 /* variable, function: the template sets that
				  * name itself, here or elsewhere */
	bool is_parameter;	 /* … as a macro's argument or in a loop */
	bool in_condition;
	bool in_raise; /* in the arguments of raise_exception() */
	size_t nargs;  /* functions, methods, filters, tests: positional */
	const tl_str *keywords; /* … and named ones */
	size_t nkeywords;
	tl_str argument; /* the first one, when it is a literal string */
};

/* if, elif, x if … else y, for … if: where and over what it decides. */
struct tl_condition {
	size_t line, column;
	size_t beg, end;	   /* mentions in the condition */
	size_t body_beg, body_end; /* mentions that it lets through */
	size_t else_beg, else_end; /* … and that it keeps out */
	/* It compares or searches the words of a message: `literal` is the
	 * first that it looks for.  Asking whether there is a content, or
	 * whether it is a string, is no look at its words. */
	bool tests_words;
	tl_str literal;
};

struct tl_survey {
	const struct tl_mention *mentions; /* in the order of the tree */
	size_t nmentions;
	const struct tl_condition *conditions;
	size_t nconditions;
};

/* NULL for a template that is not Jinja. */
const struct tl_survey *tl_survey_make(
    struct tl_arena *a, const struct tl_template *t);

/* The first mention of that kind and name, or NULL. */
const struct tl_mention *tl_survey_find(
    const struct tl_survey *s, enum tl_mention_kind kind, const char *name);

/* The names that follow a variable called `message` anywhere in the source
 * (message.role, message['content'][0].text): what axolotl hands the template
 * of a message. */
const tl_str *tl_template_message_keys(
    struct tl_arena *a, const struct tl_template *t, size_t *n);

#endif
