/* SPDX-License-Identifier: Apache-2.0 */
/*
 * untemplate.h - the parts of un-templating.
 *
 * untemplate_learn.c renders probes and keeps what stands between any two
 * values as an edge; untemplate_parse.c walks a text along the edges;
 * untemplate_build.c makes messages of the walk and renders them again;
 * untemplate.c chooses among templates, untemplate_fault.c says what is wrong.
 */
#ifndef TEMPLATE_UNTEMPLATE_H
#define TEMPLATE_UNTEMPLATE_H

#include <turnlint/buf.h>
#include <turnlint/untemplate.h>

/* What a template prints of a conversation: the kinds of values. */
enum ut_field {
	UT_CONTENT,
	UT_REASONING,
	UT_CALLS, /* the whole list */
	UT_CALL,
	UT_FUNCTION,
	UT_CALL_NAME,
	UT_CALL_ARGS,
	UT_CALL_ID,
	UT_RESULT_ID,
	UT_RESULT_NAME,
	UT_TOOLS, /* the whole list */
	UT_TOOL,
	UT_TOOL_FUNCTION,
	UT_ECHO, /* a value that was there before */
	UT_FIELD_COUNT
};

#define UT_ROLES ((unsigned)TL_ROLE_UNKNOWN)

/* A kind of value: field, role, and whether it stands there as JSON. */
typedef uint8_t ut_state;
#define UT_START ((ut_state)0)
#define UT_END ((ut_state)1)
#define UT_STATES (2 + UT_ROLES * UT_FIELD_COUNT * 2)

static inline ut_state
ut_state_of(enum tl_role role, enum ut_field field, bool is_json)
{
	return (ut_state)(2 +
	    2 * ((unsigned)role * UT_FIELD_COUNT + (unsigned)field) + is_json);
}

static inline enum ut_field
ut_field_of(ut_state s)
{
	return (enum ut_field)((s - 2u) / 2 % UT_FIELD_COUNT);
}

static inline enum tl_role
ut_role_of(ut_state s)
{
	return (enum tl_role)((s - 2u) / 2 / UT_FIELD_COUNT);
}

static inline bool
ut_is_json(ut_state s)
{
	return s > UT_END && (s & 1) != 0;
}

/* --- dates --- */

struct ut_date {
	int year, month, day; /* year 0: none */
};

/* The n-th way to write a date: its length at s[at], or 0. */
size_t ut_date_read(unsigned format, tl_str s, size_t at, struct ut_date *out);
extern const unsigned ut_ndates; /* ways */

/* --- what stands between values --- */

#define UT_MAX_DATES 2

struct ut_literal {
	tl_str text; /* without the dates */
	struct {
		size_t at; /* where it stands in text; > 0 */
		unsigned format;
	} dates[UT_MAX_DATES];
	size_t ndates;
};

struct ut_edge {
	ut_state from, to;
	bool starts_turn;
	bool starts_item; /* another call, another tool */
	bool is_in_front; /* the turn belongs before all others */
	bool starts_over; /* a conversation ends, the next one begins */
	bool has_prompt;  /* to END: with add_generation_prompt */
	bool lacks_bos;	  /* from START */
	struct ut_literal lit;
	tl_str core; /* lit.text without white space on its ends */
};

struct ut_grammar {
	const struct tl_template *t;
	const char *name;
	struct tl_special_tokens tokens;
	bool is_own;
	const struct ut_edge *edges; /* by from */
	size_t nedges;
	uint16_t first[UT_STATES + 1]; /* edges of a state: [first[s],
					* first[s + 1]) */
	tl_str anchor; /* stands in every text with a user and an assistant */
	const tl_str *words; /* cores that have no marker of marker.h */
	size_t nwords;
};

/* The text between a user's turn and an assistant's, or an empty slice: found
 * with one render. */
tl_str ut_anchor(struct tl_arena *a, const struct tl_template *t,
    const struct tl_special_tokens *tokens);
/* Fill g->edges and what belongs to them; t, tokens and name are set. */
void ut_learn(struct tl_arena *a, struct ut_grammar *g);

/* --- walking a text --- */

struct ut_step {
	const struct ut_edge *edge; /* the way out of the value */
	ut_state state;		    /* the kind of the value */
	size_t beg, end;	    /* the value: bytes of the text */
	size_t next;		    /* behind the edge's text */
	struct ut_date date;
};

struct ut_walk {
	struct ut_step *steps; /* the first is START and has no value */
	size_t n;
	size_t ncontent;
	bool is_complete; /* reached END */
};

struct ut_parse; /* a search that can go on for another walk */
struct ut_parse *ut_parse_new(
    struct tl_arena *a, const struct ut_grammar *g, tl_str text);
/* The next walk that explains the whole text, best first; false when there is
 * none, or no more budget. */
bool ut_parse_next(struct ut_parse *p, struct ut_walk *out);
/* The walk that came farthest; its last step has no edge and ends where the
 * text ends.  Of a search that found nothing. */
void ut_parse_farthest(const struct ut_parse *p, struct ut_walk *out);

/* --- and back --- */

struct ut_built {
	struct tl_unframed_conv *convs;
	size_t nconvs;
	size_t nturns;
	struct tl_unframed_value *values;
	size_t nvalues;
	const char *now; /* or NULL */
	size_t same;	 /* bytes of the text that were rendered again */
	tl_str rest;	 /* what was rendered beyond the text */
	bool is_same;	 /* … is the whole text */
};

/* The messages of a walk, rendered again.  A walk that is not complete is
 * taken to end with its last value. */
void ut_build(struct tl_arena *a, const struct ut_grammar *g, tl_str text,
    const struct ut_walk *w, struct ut_built *out);

/* --- what is wrong -------------------------------------------------------- */

/* Markers in the values of an exact match: out->fault, out->doubt. */
void ut_find_doubts(const struct ut_grammar *g, tl_str text,
    const struct ut_walk *w, struct tl_unframed *out);
/* Another reading of the same walk: out->rival. */
void ut_find_rival(const struct ut_grammar *g, tl_str text,
    const struct ut_walk *w, struct tl_unframed *out);
/* Why a walk came no farther; may end it before a closing marker that is cut
 * short. */
void ut_find_fault(const struct ut_grammar *g, tl_str text, struct ut_walk *w,
    struct tl_unframed *out);

/* A conversation out of {"messages": …}; false when it is none. */
bool ut_conv(struct tl_arena *a, tl_str json, struct tl_conv *out);

/* Behind the JSON value that begins at s[at], or TL_NPOS. */
size_t ut_json_end(tl_str s, size_t at);

#endif
