/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h - what a template computes with.
 *
 * A value is 16 bytes and goes by value.  JSON is not copied: strings, objects
 * and arrays of the record are values that point into its tree.  A string is a
 * list of segments, each of which knows where its bytes come from; it is made
 * contiguous only when a method needs the bytes.
 */
#ifndef JINJA_VALUE_H
#define JINJA_VALUE_H

#include <turnlint/conv.h>

enum val_kind {
	V_MISSING, /* no value at all: an unset slot, an absent argument */
	V_UNDEF,
	V_NONE,
	V_BOOL,
	V_INT,
	V_BIG,
	V_FLOAT,
	V_STR,
	V_LIST,
	V_TUPLE,
	V_DICT,
	V_RANGE,
	V_VIEW, /* d.keys(), d.values(), d.items() */
	V_ITER, /* one-shot iterator */
	V_NS,
	V_FUNC,
	V_METHOD,
	V_MACRO,
	V_LOOP,
	V_CYCLER,
	V_JOINER,
	V_SELF,	 /* self: the blocks of the template */
	V_BLOCK, /* self.name; p: struct block_info */
};

/* val.sub: how a value of that kind is held. */
enum { S_STR, S_JSON }; /* V_STR: struct jstr, tl_json */
enum {
	L_SEQ,
	L_JSON,
	L_TURNS
};				    /* V_LIST, V_TUPLE: struct seq, tl_json,
				     * turns (along.c) */
enum { D_DICT, D_JSON, D_TURN };    /* V_DICT: struct dict, tl_json, tl_turn */
enum { W_KEYS, W_VALUES, W_ITEMS }; /* V_VIEW */
enum { F_PLAIN, F_CLASS };	    /* V_FUNC: a Python class */
enum {				    /* V_UNDEF: why */
	U_NAME,			    /* p: jstr; '…' is undefined */
	U_ATTR,			    /* aux: type; p: jstr */
	U_ELEM,			    /* aux: type; p: val */
	U_HINT,			    /* p: C string, the whole message */
	U_UNSAFE,		    /* aux: type; p: jstr; SecurityError */
};

#define VF_MARKED 1u /* V_STR: markupsafe's Markup */
#define VF_GROUP 2u  /* V_TUPLE: has .grouper and .list */

typedef struct val {
	uint8_t kind; /* enum val_kind */
	uint8_t sub;
	uint8_t flags;
	uint8_t spare;
	uint32_t aux; /* numbers, bools, none: JSON origin (rt.origins) + 1 */
	union {
		bool b;
		int64_t i;
		double f;
		const void *p;
		const struct tl_json *json;
		const struct tl_turn *turn;
		struct jstr *str;
		struct seq *seq;
		struct dict *dict;
		struct big *big;
	};
} val;

/* Bytes with one origin. */
struct seg {
	const char *ptr;
	const struct tl_json *node; /* content, derived */
	uint32_t len;
	uint32_t src;	/* content: offset in node->text */
	uint32_t place; /* template: index into places */
	uint32_t kind;	/* enum tl_run_kind */
};

/* Segments that strings share: appending to the string that ends where the
 * list ends costs only the new segments. */
struct seglist {
	struct seg *v;
	uint32_t n, cap;
};

struct jstr {
	const char *ptr; /* NULL until someone needs the bytes in one piece */
	uint32_t len;	 /* bytes */
	uint32_t nsegs;
	const struct seg *segs;
	struct seglist *list; /* shared list, or NULL */
	uint8_t ascii;	      /* 0: not known, 1: yes, 2: no */
	struct seg one;	      /* storage of a single segment */
};

struct seq {
	val *v;
	size_t n;
};

/* L_TURNS: the messages from one on, of a render that others branch off. */
struct turns {
	struct seq seq; /* first: as of L_SEQ */
	size_t base;	/* the position of its first in conv->turns */
	struct turns *next;
};

struct dict_entry {
	val key, value;
	uint64_t hash;
};

struct dict {
	struct dict_entry *v;
	uint32_t n, cap;
	uint32_t *slots; /* index + 1; only when there are many entries */
	uint32_t nslots;
};

struct range {
	val start, stop, step; /* ints */
	int64_t n;
};

struct big {
	bool is_negative;
	uint32_t n; /* limbs, least significant first, no leading zeros */
	uint32_t limb[];
};

#endif
