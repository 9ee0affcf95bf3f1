/* SPDX-License-Identifier: Apache-2.0 */
/* The comments of a template, which its lexer throws away. */
#include <turnlint/template.h>

struct walk {
	tl_str s;
	size_t at;
	size_t line, line_beg; /* of `at` */
};

static bool
looking_at(const struct walk *w, const char *what)
{
	return tl_str_starts(
	    tl_str_slice(w->s, w->at, w->s.len), tl_str_from(what));
}

static void
go_to(struct walk *w, size_t to)
{
	for (; w->at < to; w->at++)
		if (w->s.ptr[w->at] == '\n') {
			w->line++;
			w->line_beg = w->at + 1;
		}
}

/* Behind the string that opens here. */
static size_t
string_end(tl_str s, size_t at)
{
	char quote = s.ptr[at++];

	for (; at < s.len && s.ptr[at] != quote; at++)
		if (s.ptr[at] == '\\')
			at++;
	return at < s.len ? at + 1 : s.len;
}

/* Behind the tag that opens here: brackets of expressions may hold its end. */
static size_t
tag_end(tl_str s, size_t at, char closer)
{
	size_t depth = 0;

	for (at += 2; at < s.len;) {
		char c = s.ptr[at];

		if (c == '\'' || c == '"') {
			at = string_end(s, at);
			continue;
		}
		if (depth == 0 && c == closer && at + 1 < s.len &&
		    s.ptr[at + 1] == '}')
			return at + 2;
		depth += c == '(' || c == '[' || c == '{';
		depth -= depth > 0 && (c == ')' || c == ']' || c == '}');
		at++;
	}
	return s.len;
}

/* Is this tag {% raw %}? */
static bool
is_raw(tl_str tag)
{
	tag = tl_str_slice(tag, 2, tag.len > 2 ? tag.len - 2 : 0);
	while (tag.len > 0 &&
	    (tl_str_starts(tag, TL_STR("-")) ||
		tl_str_starts(tag, TL_STR("+"))))
		tag = tl_str_slice(tag, 1, tag.len);
	while (tl_str_ends(tag, TL_STR("-")) || tl_str_ends(tag, TL_STR("+")))
		tag.len--;
	return tl_str_eq(tl_str_trim(tag), TL_STR("raw"));
}

/* Behind the {% endraw %} that follows. */
static size_t
raw_end(tl_str s, size_t at)
{
	size_t end = tl_str_find(s, TL_STR("endraw"), at);

	return end == TL_NPOS ? s.len : tag_end(s, end - 2, '%');
}

static bool
is_alone(tl_str s, size_t line_beg, size_t beg, size_t end)
{
	size_t line_end = tl_str_find_char(s, '\n', end);

	return tl_str_is_blank(tl_str_slice(s, line_beg, beg)) &&
	    tl_str_is_blank(
		tl_str_slice(s, end, line_end == TL_NPOS ? s.len : line_end));
}

static void
take_comment(struct walk *w, struct tl_template_comment *c)
{
	size_t beg = w->at, line_beg = w->line_beg;
	size_t end = tl_str_find(w->s, TL_STR("#}"), beg + 2);
	tl_str text;

	end = end == TL_NPOS ? w->s.len : end;
	text = tl_str_slice(w->s, beg + 2, end);
	if (tl_str_starts(text, TL_STR("-")) ||
	    tl_str_starts(text, TL_STR("+")))
		text = tl_str_slice(text, 1, text.len);
	if (tl_str_ends(text, TL_STR("-")) || tl_str_ends(text, TL_STR("+")))
		text.len--;
	c->text = text;
	c->line = w->line;
	c->column = 1 + tl_utf8_count(tl_str_slice(w->s, line_beg, beg));
	end = end + 2 < w->s.len ? end + 2 : w->s.len;
	c->is_alone = is_alone(w->s, line_beg, beg, end);
	go_to(w, end);
	c->end_line = w->line;
}

const struct tl_template_comment *
tl_template_comments(struct tl_arena *a, tl_str source, size_t *n)
{
	struct walk w = { .s = source, .line = 1 };
	struct tl_template_comment *list;
	size_t cap = 0;

	*n = 0;
	for (size_t at = 0;; at += 2, cap++) {
		at = tl_str_find(source, TL_STR("{#"), at);
		if (at == TL_NPOS)
			break;
	}
	list = TL_NEW(a, struct tl_template_comment, cap);
	while (*n < cap && w.at < source.len) {
		if (looking_at(&w, "{#")) {
			take_comment(&w, &list[(*n)++]);
		} else if (looking_at(&w, "{{")) {
			go_to(&w, tag_end(source, w.at, '}'));
		} else if (looking_at(&w, "{%")) {
			size_t end = tag_end(source, w.at, '%');

			if (is_raw(tl_str_slice(source, w.at, end)))
				end = raw_end(source, end);
			go_to(&w, end);
		} else {
			go_to(&w, w.at + 1);
		}
	}
	return list;
}
