/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - what can be asked of the viewer, and by which keys.
 *
 * One list makes the key bindings, the help screen and the manual.  Keys are
 * code points or enum tl_key; in lists and scripts they are written as
 * characters or as the names below ("Left", "C-d").
 */
#ifndef TURNLINT_VIEW_KEYS_H
#define TURNLINT_VIEW_KEYS_H

#include <turnlint/str.h>

/* X(id, name) */
#define TL_KEY_LIST(X)            \
	X(UP, "Up")               \
	X(DOWN, "Down")           \
	X(LEFT, "Left")           \
	X(RIGHT, "Right")         \
	X(HOME, "Home")           \
	X(END, "End")             \
	X(PAGE_UP, "PgUp")        \
	X(PAGE_DOWN, "PgDn")      \
	X(ENTER, "Enter")         \
	X(TAB, "Tab")             \
	X(BACK_TAB, "S-Tab")      \
	X(BACKSPACE, "Backspace") \
	X(ESCAPE, "Esc")          \
	X(SPACE, "Space")         \
	X(F1, "F1")               \
	X(F3, "F3")               \
	X(F4, "F4")               \
	X(F10, "F10")

enum tl_key {
	TL_KEY_NONE = 0x110000, /* beyond every code point */
#define X(id, name) TL_KEY_##id,
	TL_KEY_LIST(X)
#undef X
};

/* X(id, keys, help) */
#define TL_REQUEST_LIST(X)                                                  \
	X(LEFT, "h Left", "previous token")                                 \
	X(RIGHT, "l Right", "next token")                                   \
	X(DOWN, "j Down", "line, record or finding below")                  \
	X(UP, "k Up", "line, record or finding above")                      \
	X(HALF_DOWN, "C-d", "half a page down")                             \
	X(HALF_UP, "C-u", "half a page up")                                 \
	X(PAGE_DOWN, "PgDn Space C-f", "a page down")                       \
	X(PAGE_UP, "PgUp b C-b", "a page up")                               \
	X(FIRST, "g Home", "first token, record or finding")                \
	X(LAST, "G End", "last one; N G goes to the Nth record")            \
	X(NEXT_RECORD, "]", "next record")                                  \
	X(PREV_RECORD, "[", "previous record")                              \
	X(NEXT_FINDING, "e", "next finding, in this record or a later one") \
	X(PREV_FINDING, "E", "previous finding")                            \
	X(NEXT_TRAINED, "t", "next trained run")                            \
	X(PREV_TRAINED, "T", "previous trained run")                        \
	X(SEARCH, "/ F3", "search the text; all lower case ignores case")   \
	X(SEARCH_NEXT, "n", "next hit, in this record or a later one")      \
	X(SEARCH_PREV, "N", "previous hit")                                 \
	X(FILTER, "& F4",                                                   \
	    "list only records with: text, a code (MSK), error, warning")   \
	X(UNFILTER, "\\", "list all records again")                         \
	X(NEXT_PANE, "Tab", "next pane")                                    \
	X(PREV_PANE, "S-Tab", "previous pane")                              \
	X(OPEN, "Enter", "open: a record's tokens, a finding's place")      \
	X(BACK, "Backspace < Esc", "back to the list of records")           \
	X(MARKS, "m", "marks around runs: trained, special, every token")   \
	X(REDRAW, "C-l", "draw the screen again")                           \
	X(HELP, "? F1", "this help")                                        \
	X(QUIT, "q Q F10", "quit")

enum tl_request {
	TL_REQUEST_NONE,
#define X(id, keys, help) TL_REQUEST_##id,
	TL_REQUEST_LIST(X)
#undef X
	    TL_REQUEST_COUNT
};

struct tl_request_info {
	const char *keys;
	const char *help;
};

/* r is none of NONE and COUNT. */
struct tl_request_info tl_request_info(enum tl_request r);

/* What a key asks for, or NONE. */
enum tl_request tl_request_of_key(int key);

/* The key that a name or a single character stands for, or TL_KEY_NONE. */
int tl_key_parse(tl_str name);

#endif
