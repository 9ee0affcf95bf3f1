/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any template through the survey of its source.  What must hold: a variable's
 * place is where its name stands, ranges of conditions lie in each other, and
 * comments follow each other and are what stands between their signs.
 */
#include <turnlint/survey.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SIZE 20000u

/* What stands at a line and column of the source, or empty. */
static tl_str
at_place(tl_str s, size_t line, size_t column)
{
	size_t at = 0;

	for (size_t i = 1; i < line; i++) {
		at = tl_str_find_char(s, '\n', at);
		if (at == TL_NPOS)
			return (tl_str){ 0 };
		at++;
	}
	s = tl_str_slice(s, at, s.len);
	return tl_str_slice(s, tl_utf8_offset(s, column - 1), s.len);
}

static void
check_survey(const struct tl_survey *s, tl_str source)
{
	/* Carriage returns are line ends to the lexer. */
	bool has_cr = tl_str_find_char(source, '\r', 0) != TL_NPOS;

	for (size_t i = 0; i < s->nmentions; i++) {
		const struct tl_mention *m = &s->mentions[i];

		assert(m->line > 0 && m->column > 0);
		if (!has_cr &&
		    (m->kind == TL_MENTION_VARIABLE ||
			m->kind == TL_MENTION_FUNCTION))
			assert(tl_str_starts(
			    at_place(source, m->line, m->column), m->name));
	}
	for (size_t i = 0; i < s->nconditions; i++) {
		const struct tl_condition *c = &s->conditions[i];

		assert(c->line > 0 && c->beg <= c->end);
		assert(
		    c->body_beg <= c->body_end && c->else_beg <= c->else_end);
		assert(c->end <= s->nmentions && c->body_end <= s->nmentions &&
		    c->else_end <= s->nmentions);
		assert(!c->tests_words || c->literal.len > 0);
	}
}

static void
check_comments(struct tl_arena *a, tl_str source)
{
	size_t n, line = 0;
	const struct tl_template_comment *list =
	    tl_template_comments(a, source, &n);

	for (size_t i = 0; i < n; i++) {
		const struct tl_template_comment *c = &list[i];
		tl_str from = at_place(source, c->line, c->column);

		assert(c->line >= line && c->end_line >= c->line);
		line = c->end_line;
		assert(tl_str_starts(from, TL_STR("{#")));
		assert(tl_str_find(from, c->text, 0) <= 3 || c->text.len == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	tl_str source = { (const char *)data, size };
	struct tl_template *t;
	struct tl_error err;

	if (size <= MAX_SIZE && tl_utf8_check(source) == size) {
		check_comments(a, source);
		if (tl_template_compile(a, TL_STR("fuzz"), source, &t, &err) ==
		    TL_OK)
			check_survey(tl_survey_make(a, t), source);
	}
	tl_arena_free(a);
	return 0;
}
