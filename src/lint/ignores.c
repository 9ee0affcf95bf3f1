/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/ignores.h"
#include "lint/lint.h"

#include <stdint.h>

#define SIGN TL_STR("turnlint:")

struct reading {
	struct tl_arena *arena;
	struct tl_ignore *list;
	size_t n, cap;
};

static tl_str
cut(tl_str s, size_t n)
{
	return tl_str_trim(tl_str_slice(s, n, s.len));
}

static void
add(struct reading *r, const struct tl_ignore *like, tl_str selector)
{
	struct tl_error err;
	struct tl_ignore *to;

	if (r->n == r->cap) {
		size_t cap = r->cap * 2 + 8;

		r->list =
		    tl_arena_grow(r->arena, r->list, r->cap * sizeof(*r->list),
			cap * sizeof(*r->list), _Alignof(struct tl_ignore));
		r->cap = cap;
	}
	to = &r->list[r->n++];
	*to = *like;
	to->selector = selector;
	to->is_known = tl_selector_check(selector, &err);
	if (!to->is_known)
		to->fault = tl_arena_printf(r->arena, "%s", err.message);
}

/* "ignore[A, B] reason" behind the sign. */
static void
read_comment(struct reading *r, const struct tl_template_comment *c)
{
	tl_str s = tl_str_trim(c->text), codes;
	struct tl_ignore like = {
		.line = c->line,
		.column = c->column,
		.end_line = c->end_line,
		.last_line = c->end_line + (c->is_alone ? 1 : 0),
	};
	size_t end;

	if (!tl_str_starts(s, SIGN))
		return;
	s = cut(s, SIGN.len);
	if (tl_str_starts(s, TL_STR("file-"))) {
		like.last_line = SIZE_MAX;
		s = tl_str_slice(s, 5, s.len);
	}
	if (!tl_str_starts(s, TL_STR("ignore[")))
		return;
	end = tl_str_find_char(s, ']', 0);
	codes = tl_str_slice(s, 7, end == TL_NPOS ? s.len : end);
	if (end != TL_NPOS)
		like.reason = cut(s, end + 1);
	while (codes.len > 0) {
		size_t n = 0;

		while (
		    n < codes.len && codes.ptr[n] != ',' && codes.ptr[n] != ' ')
			n++;
		if (n > 0)
			add(r, &like, tl_str_slice(codes, 0, n));
		codes = tl_str_slice(codes, n + 1, codes.len);
	}
}

struct tl_ignore *
tl_ignores_read(struct tl_arena *a, tl_str source, size_t *n)
{
	struct reading r = { .arena = a };
	const struct tl_template_comment *list;
	size_t ncomments;

	*n = 0;
	if (tl_str_find(source, SIGN, 0) == TL_NPOS)
		return NULL;
	list = tl_template_comments(a, source, &ncomments);
	for (size_t i = 0; i < ncomments; i++)
		read_comment(&r, &list[i]);
	*n = r.n;
	return r.list;
}

void
tl_ignores_judge(struct tl_ignore *list, size_t n, const struct tl_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (tl_selector_covers(list[i].selector, rule))
			list[i].is_judged = true;
}

bool
tl_ignores_cover(struct tl_ignore *list, size_t n, const struct tl_finding *f)
{
	size_t line = f->template_line > 0 ? f->template_line : f->line;
	bool is_covered = false;

	for (size_t i = 0; i < n; i++) {
		struct tl_ignore *g = &list[i];

		if (!tl_selector_covers(g->selector, f->rule) ||
		    (g->last_line != SIZE_MAX &&
			(line < g->line || line > g->last_line)))
			continue;
		g->is_used = true;
		is_covered = true;
	}
	return is_covered;
}
