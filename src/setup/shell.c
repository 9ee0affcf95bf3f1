/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/shell.h"

#include <string.h>

struct script {
	struct reading *r;
	tl_str text;
	size_t at;
	struct tl_buf word;
	bool is_quoted;	 /* the word began with a quote */
	bool is_unknown; /* it holds what only the shell knows */
	struct options variables;
};

static bool
is_name_byte(char c, bool is_first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (!is_first && c >= '0' && c <= '9');
}

/* The identifier that s begins with. */
static tl_str
name_at(tl_str s)
{
	size_t n = 0;

	while (n < s.len && is_name_byte(s.ptr[n], n == 0))
		n++;
	return tl_str_slice(s, 0, n);
}

static bool
put_variable(struct script *s, tl_str name)
{
	for (size_t i = s->variables.n; i > 0; i--)
		if (tl_str_eq(s->variables.list[i - 1].name, name)) {
			tl_buf_put(&s->word, s->variables.list[i - 1].value);
			return true;
		}
	return false;
}

/* s->at stands on the dollar; goes to its last byte.  "$name", "${name}",
 * "${name:-value}". */
static void
expand(struct script *s)
{
	bool has_brace =
	    s->at + 1 < s->text.len && s->text.ptr[s->at + 1] == '{';
	size_t beg = s->at + (has_brace ? 2 : 1), end;
	tl_str name = name_at(tl_str_slice(s->text, beg, s->text.len)), rest;

	if (!has_brace) {
		s->is_unknown |= name.len == 0 || !put_variable(s, name);
		s->at += name.len;
		return;
	}
	end = tl_str_find_char(s->text, '}', beg);
	if (end == TL_NPOS)
		end = s->text.len - 1;
	rest = tl_str_slice(s->text, beg + name.len, end);
	s->at = end;
	if (name.len > 0 && put_variable(s, name))
		return;
	if (tl_str_starts(rest, TL_STR(":-")) &&
	    tl_str_find_char(rest, '$', 0) == TL_NPOS)
		tl_buf_put(&s->word, tl_str_slice(rest, 2, rest.len));
	else
		s->is_unknown = true;
}

/* A byte inside quotes, or outside of them (quote is zero); s->at stays on
 * the last byte that was read. */
static void
read_byte(struct script *s, char quote)
{
	char c = s->text.ptr[s->at];

	if (c == '\\' && quote != '\'' && s->at + 1 < s->text.len) {
		c = s->text.ptr[++s->at];
		if (c != '\n')
			tl_buf_putc(&s->word, c);
	} else if (c == '$' && quote != '\'') {
		expand(s);
	} else {
		s->is_unknown |= c == '`' && quote != '\'';
		tl_buf_putc(&s->word, c);
	}
}

static void
skip_line(struct script *s)
{
	while (s->at < s->text.len && s->text.ptr[s->at] != '\n')
		s->at++;
}

/* False at the end of the script. */
static bool
next_word(struct script *s)
{
	char quote = '\0';
	bool has_word = false;

	tl_buf_clear(&s->word);
	s->is_quoted = s->is_unknown = false;
	for (; s->at < s->text.len; s->at++) {
		char c = s->text.ptr[s->at];
		bool is_continued = c == '\\' && s->at + 1 < s->text.len &&
		    s->text.ptr[s->at + 1] == '\n';

		if (quote != '\0' && c == quote) {
			quote = '\0';
		} else if (quote != '\0') {
			read_byte(s, quote);
		} else if (c == '#' && !has_word) {
			skip_line(s);
		} else if (strchr(" \t\r\n;&|()<>", c) != NULL) {
			if (has_word)
				return true;
		} else if (c == '"' || c == '\'') {
			s->is_quoted |= !has_word;
			has_word = true;
			quote = c;
		} else {
			read_byte(s, quote);
			has_word |= !is_continued;
		}
	}
	return has_word;
}

/* The value counts where the script says it plainly: "$1" in a loop over the
 * arguments does not take the default away. */
static void
assign(struct script *s)
{
	tl_str word = tl_buf_str(&s->word), name = name_at(word);
	tl_str value;

	if (s->is_quoted || s->is_unknown || name.len == 0 ||
	    name.len == word.len || word.ptr[name.len] != '=')
		return;
	value = tl_str_slice(word, name.len + 1, word.len);
	setup_option_text(s->r, &s->variables, tl_arena_cstr(s->r->a, name),
	    tl_arena_str(s->r->a, value));
}

/* The argument's name in the word, without the dashes; true with its value
 * behind an equals sign. */
static bool
split_flag(const struct script *s, tl_str *name, tl_str *value)
{
	tl_str word = tl_buf_str(&s->word);
	size_t equals = tl_str_find_char(word, '=', 0);

	*name = tl_str_slice(word, 2, equals);
	*value = equals == TL_NPOS ? (tl_str){ NULL, 0 }
				   : tl_str_slice(word, equals + 1, word.len);
	if (s->is_unknown)
		*value = (tl_str){ NULL, 0 };
	return equals != TL_NPOS;
}

void
setup_read_script(struct reading *r, tl_str text, struct options *args)
{
	struct script s = { .r = r, .text = text };
	const char *pending = NULL; /* the flag before this word */

	tl_buf_init(&s.word, r->a, 0);
	while (next_word(&s)) {
		tl_str word = tl_buf_str(&s.word), name, value;
		bool is_flag =
		    !s.is_quoted && tl_str_starts(word, TL_STR("--"));

		if (pending != NULL)
			setup_option_text(r, args, pending,
			    is_flag	       ? TL_STR("true")
				: s.is_unknown ? TL_STR("")
					       : tl_arena_str(r->a, word));
		else if (!is_flag)
			assign(&s);
		pending = NULL;
		if (!is_flag)
			continue;
		if (split_flag(&s, &name, &value))
			setup_option_text(r, args, tl_arena_cstr(r->a, name),
			    tl_arena_str(r->a, value));
		else
			pending = tl_arena_cstr(r->a, name);
	}
	if (pending != NULL)
		setup_option_text(r, args, pending, TL_STR("true"));
}
