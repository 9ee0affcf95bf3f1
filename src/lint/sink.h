/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.h - where rules report: collects the findings of one record.
 *
 * Rules hand in places; tl_sink_finish() turns them into lines, columns,
 * pointers and excerpts, all at once, so that the cost grows with the record
 * and not with the number of findings times its length.
 */
#ifndef TURNLINT_LINT_SINK_H
#define TURNLINT_LINT_SINK_H

#include <turnlint/rule.h>

struct tl_sink {
	struct tl_arena *arena;
	const struct tl_file *file;
	const struct tl_record *rec; /* NULL: findings about the file */
	const struct tl_conv *conv;  /* or NULL */
	bool is_template;	     /* rec is a template's text, no record */
	const struct tl_json *embedded; /* … or the JSON file that holds the
					 * text in this string */
	enum tl_level level;		/* of the rule that runs now */
	struct tl_report *first, **last;
	size_t n;
};

void tl_sink_begin(struct tl_sink *s, struct tl_arena *a,
    const struct tl_file *file, const struct tl_record *rec);

/* What was reported, sorted by offset and code, in the sink's arena. */
const struct tl_finding *tl_sink_finish(struct tl_sink *s, size_t *n);

/* A copy that needs nothing but the arena, the file and the bytes the excerpt
 * is a slice of. */
void tl_finding_copy(
    struct tl_arena *a, const struct tl_finding *from, struct tl_finding *to);

#endif
