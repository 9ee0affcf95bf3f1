/* SPDX-License-Identifier: Apache-2.0 */
/*
 * marker.h - the markers by which chat templates frame a conversation, and
 * where they stand in a text.
 */
#ifndef TURNLINT_MARKER_H
#define TURNLINT_MARKER_H

#include <turnlint/str.h>

enum tl_marker_kind {
	TL_MARKER_FRAME, /* opens, closes or parts turns */
	TL_MARKER_ROLE,	 /* opens a turn of a role: rendered text begins so */
	TL_MARKER_END,	 /* ends a text: EOS of a family */
	TL_MARKER_BEGIN, /* begins a text: BOS of a family */
};

/* What markers begin with: a text without any of these (text_has) has none. */
#define TL_MARKER_BYTES (TL_HAS_ANGLE | TL_HAS_SQUARE | TL_HAS_HASH)

struct tl_marker {
	tl_str text;
	const char *family; /* "ChatML" */
	enum tl_marker_kind kind;
};

/* A walk over the markers of a text, in order.  Markers that are HTML as well
 * (<s>, </s>) are not found.  Linear in the text, however many there are. */
struct tl_marker_scan {
	tl_str text;
	size_t next[3]; /* the next '<', '[', '#' */
};

void tl_marker_scan(struct tl_marker_scan *scan, tl_str s);

/* The next marker and its place; NULL when there is none. */
const struct tl_marker *tl_marker_next(struct tl_marker_scan *scan, size_t *at);

/* The marker of an opened turn that s begins with, behind blanks and BOS:
 * s was rendered by a template already.  NULL when it was not. */
const struct tl_marker *tl_marker_opening(tl_str s);

/* The EOS that s ends with, blanks aside: the given one, or, when eos is empty,
 * that of any family.  The slice lies in s; empty when there is none. */
tl_str tl_marker_eos(tl_str s, tl_str eos);

#endif
