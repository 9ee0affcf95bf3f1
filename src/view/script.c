/* SPDX-License-Identifier: Apache-2.0 */
#include "view/script.h"

#define MAX_SIZE 1000

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct tl_script *s)
{
	while (s->at < s->text.len) {
		if (s->text.ptr[s->at] == '#')
			s->at = tl_str_find_char(s->text, '\n', s->at);
		else if (!is_blank(s->text.ptr[s->at]))
			return;
		else
			s->at++;
		if (s->at > s->text.len)
			s->at = s->text.len;
	}
}

/* "resize:80x24" */
static bool
parse_size(tl_str word, struct tl_script_step *out)
{
	tl_str prefix = TL_STR("resize:");
	size_t x = tl_str_find_char(word, 'x', 0);

	if (!tl_str_starts(word, prefix) || x == TL_NPOS)
		return false;
	return tl_str_to_size(tl_str_slice(word, prefix.len, x), &out->cols) &&
	    tl_str_to_size(tl_str_slice(word, x + 1, word.len), &out->rows) &&
	    out->cols > 0 && out->rows > 0 && out->cols <= MAX_SIZE &&
	    out->rows <= MAX_SIZE;
}

bool
tl_script_next(struct tl_script *s, struct tl_script_step *out)
{
	size_t beg;

	*out = (struct tl_script_step){ .kind = TL_SCRIPT_KEY };
	if (!s->in_quotes)
		skip_blanks(s);
	if (s->at >= s->text.len)
		return false;
	if (s->text.ptr[s->at] == '"') {
		s->in_quotes = !s->in_quotes;
		s->at++;
		return tl_script_next(s, out);
	}
	if (s->in_quotes) {
		uint32_t cp;

		s->at += tl_utf8_next(s->text, s->at, &cp, NULL);
		out->key = (int)cp;
		return true;
	}
	beg = s->at;
	while (s->at < s->text.len && !is_blank(s->text.ptr[s->at]))
		s->at++;
	out->word = tl_str_slice(s->text, beg, s->at);
	out->key = tl_key_parse(out->word);
	if (tl_str_eq(out->word, TL_STR("dump")))
		out->kind = TL_SCRIPT_DUMP;
	else if (tl_str_eq(out->word, TL_STR("dump-attributes")))
		out->kind = TL_SCRIPT_DUMP_ATTRIBUTES;
	else if (parse_size(out->word, out))
		out->kind = TL_SCRIPT_RESIZE;
	else if (out->key == TL_KEY_NONE)
		out->kind = TL_SCRIPT_BAD;
	return true;
}
