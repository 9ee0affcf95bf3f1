/* SPDX-License-Identifier: Apache-2.0 */
/*
 * finding.h - a rule's report: code, severity, place, message, fix.
 */
#ifndef TURNLINT_FINDING_H
#define TURNLINT_FINDING_H

#include <turnlint/conv.h>

enum tl_level { TL_LEVEL_INFO, TL_LEVEL_WARNING, TL_LEVEL_ERROR };

const char *tl_level_name(enum tl_level level);

/* A byte splice that would mend the data; offsets in the file. */
struct tl_edit {
	size_t beg, end; /* bytes of the file, half open */
	tl_str text;	 /* what stands there instead */
};

enum tl_applicability {
	TL_FIX_NONE,
	TL_FIX_DISPLAY,
	TL_FIX_UNSAFE,
	TL_FIX_SAFE
};

struct tl_rule;

struct tl_finding {
	const struct tl_rule *rule;
	enum tl_level level; /* after configuration */
	tl_str message;	     /* one sentence, lower case, safe to print */
	const tl_str *notes; /* further lines: what is trained, what was meant,
			      * the two id lists, … */
	size_t nnotes;

	tl_str path;
	size_t file_number;
	bool has_record;
	size_t record;		   /* 0-based */
	tl_str id;		   /* of the record, or empty */
	tl_str pointer;		   /* RFC 6901, relative to the record; ptr NULL
				    * when the place is no value */
	bool has_text_span;	   /* the place is a part of a string: */
	size_t text_beg, text_end; /* code points of its decoded text */
	size_t turn;		   /* 0-based or TL_NO_TURN */
	tl_str role;		   /* of that turn as written, or empty */
	size_t line, column;	   /* 1-based, code points */
	size_t end_line, end_column; /* exclusive end */
	/* A template that is a string in a JSON file: the place in its own
	 * text; 0 otherwise. */
	size_t template_line, template_column;
	size_t byte_offset, byte_length; /* in the (decompressed) file */
	tl_str excerpt; /* raw bytes of the line(s) around the place,
			 * cut to a window */
	size_t excerpt_beg, excerpt_end; /* the span inside excerpt */
	bool excerpt_is_cut_left, excerpt_is_cut_right;

	enum tl_applicability applicability;
	const struct tl_edit *edits;
	size_t nedits;
	uint64_t fingerprint; /* of code, path, record key, pointer, ordinal;
			       * no line number */
};

#endif
