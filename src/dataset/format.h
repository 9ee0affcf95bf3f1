/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - what the formats share: building a conversation piece by piece.
 *
 * A format's detect() looks at keys only and allocates nothing.  Its build()
 * adds turns and issues through the context; whatever the data looks like,
 * nothing here fails.  All results live in the context's arena and borrow the
 * record's tree.
 */
#ifndef TURNLINT_DATASET_FORMAT_H
#define TURNLINT_DATASET_FORMAT_H

#include <turnlint/conv.h>

struct tl_format_cx {
	struct tl_arena *arena;
	tl_str doc_text;		     /* the record's bytes */
	const struct tl_format_options *opt; /* never NULL */
	struct tl_conv *conv;
	struct tl_turn *turns; /* becomes conv->turns */
	size_t cap_turns;
	struct tl_issue *issues; /* becomes conv->issues */
	size_t cap_issues;
};

/* --- detection --- */

struct tl_format_fit tl_fit(int score);
struct tl_format_fit tl_near(int nearness, const char *missing);

/* v is there and not null. */
bool tl_format_has(const struct tl_json *obj, const char *key);
/* The configured name, or the format's own. */
tl_str tl_format_key(tl_str configured, const char *own);

/* How a value looks as a list of messages. */
enum tl_list_shape {
	TL_LIST_ABSENT,
	TL_LIST_NULL,
	TL_LIST_OTHER, /* not a list at all */
	TL_LIST_EMPTY,
	TL_LIST_SCALARS, /* the first element is no object */
	TL_LIST_OBJECTS,
};
/* *first is set for TL_LIST_OBJECTS only. */
enum tl_list_shape tl_format_list_shape(
    const struct tl_json *list, const struct tl_json **first);

/* --- issues --- */

/* turn is a message index or TL_NO_TURN.  detail is kept, not copied. */
void tl_format_issue(struct tl_format_cx *cx, enum tl_issue_kind kind,
    const struct tl_json *node, size_t turn, tl_str detail);
/* As above; the place is the member's name. */
void tl_format_key_issue(struct tl_format_cx *cx, enum tl_issue_kind kind,
    const struct tl_json *node, size_t turn, tl_str detail);

/* --- texts --- */

/* s as one run that names node as its coarse source. */
struct tl_text tl_format_derived(
    struct tl_arena *a, tl_str s, const struct tl_json *node);

/* The JSON value inside the string v, with spans that point into the record
 * and v's place as parent, key and index; NULL when v is no string or its text
 * is not one JSON value. */
const struct tl_json *tl_format_nested(
    struct tl_format_cx *cx, const struct tl_json *v);

/* v as axolotl hands it to a template: object members that are null are gone
 * (lists keep theirs), and the arguments of tool calls are parsed when they
 * are strings.  v itself when nothing changes, else a copy. */
const struct tl_json *tl_format_as_axolotl(
    struct tl_format_cx *cx, const struct tl_json *v);

/* --- turns --- */

/* Make room for n turns; must be called before any is added. */
void tl_format_reserve(struct tl_format_cx *cx, size_t n);
/* The next turn, zeroed but for its index. */
struct tl_turn *tl_format_turn(struct tl_format_cx *cx, size_t index);
/* A turn made of one text without a message of its own (alpaca's user,
 * PaddleNLP's answer, a system column).  content is the value to point at. */
struct tl_turn *tl_format_plain_turn(struct tl_format_cx *cx, size_t index,
    enum tl_role role, const struct tl_json *content, struct tl_text text);

/* A required string: its text, or an issue (missing key, wrong type) and an
 * empty text.  *ok is false then. */
struct tl_text tl_format_string(struct tl_format_cx *cx,
    const struct tl_json *obj, const char *key, bool *ok);

/* conv->prompt, conv->completion and their two turns from two strings; issues
 * and is_broken when one of them is not there. */
void tl_format_pair(struct tl_format_cx *cx, const struct tl_json *root,
    const char *prompt, const char *completion);

/* --- message lists --- */

struct tl_message_layout {
	tl_str role_key;
	tl_str content_key;
	const struct tl_role_map *roles; /* source -> target */
	size_t nroles;
	/* As axolotl hands messages to a template: a part list becomes one
	 * string, a part's text may be named text, content or value, members
	 * that are null vanish, and a literal role or content beats the key
	 * that is mapped to it. */
	bool as_axolotl;
	bool in_completion;
};

/* The keys of a message most frameworks pass on, NULL at the end. */
extern const char *const tl_message_keys[];
/* human, gpt, … as axolotl and LLaMA-Factory map them. */
extern const struct tl_role_map tl_sharegpt_roles[];
extern const size_t tl_nsharegpt_roles;

/* Which keys hold role and text, read off the first message, and the roles
 * above; the user's names before all. */
struct tl_message_layout tl_format_sharegpt_layout(
    const struct tl_format_options *opt, const struct tl_json *first);

/* Read one object as the next turn; room must be there. */
void tl_format_message(struct tl_format_cx *cx,
    const struct tl_message_layout *layout, const struct tl_json *node,
    size_t index);

/* instruction, input, system and history as turns, and the answer under the
 * key given. */
void tl_format_instruction(
    struct tl_format_cx *cx, const struct tl_json *root, const char *answer);

/* list is a list of messages to read and becomes conv->messages; else an issue,
 * and is_broken. */
bool tl_format_takes_list(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *list, tl_str key);

/* Read list, which may be NULL or anything, as the conversation's messages.
 * Turns are added behind those there are; room for them and for one more (the
 * system column) is made when nothing was reserved.  False and is_broken when
 * there is nothing to read; key names the list in the issue. */
bool tl_format_messages(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *list, tl_str key,
    const struct tl_message_layout *layout);

/* Prepend the record's system column as a turn unless the first message is a
 * system turn already; a value that is neither string nor null is an issue.
 * Blank ones count only when takes_blank. */
void tl_format_system_column(
    struct tl_format_cx *cx, const struct tl_json *column, bool takes_blank);

/* conv->tools from a list or a JSON string of one; "" and null are none. */
void tl_format_tools(struct tl_format_cx *cx, const struct tl_json *tools);

/* SCH012 for two top-level keys that mean the same. */
void tl_format_rivals(struct tl_format_cx *cx, const struct tl_json *root,
    const char *taken, const char *const *others);

/* --- roles --- */

enum tl_role tl_role_of(tl_str text); /* exact names only */

#endif
