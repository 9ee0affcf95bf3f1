/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer.c - template source to tokens, whitespace control included.
 *
 * The rules are those of jinja2's lexer with trim_blocks and lstrip_blocks, or
 * with neither.
 * A lexical error becomes a T_ERROR token: jinja2 lexes lazily, so an earlier
 * syntax error wins.
 */
#include "template/jinja/ast.h"
#include "template/jinja/unicode.h"

#include <turnlint/buf.h>

#include <assert.h>
#include <string.h>

struct lexer {
	struct tl_arena *arena;
	tl_str src;
	size_t pos;
	struct token *v;
	size_t n, cap;
	/* Line and column of a position that only moves forward. */
	size_t at;
	uint32_t line, column;
	bool line_starting;
	bool trims;    /* trim_blocks and lstrip_blocks */
	char *closers; /* expected closing brackets */
	size_t nclosers, cap_closers;
	bool failed;
};

/* CRLF and CR become LF; one trailing newline goes, or stays. */
tl_str
jinja_normalize(struct tl_arena *a, tl_str source, bool keep_newline)
{
	char *p = tl_arena_bytes(a, source.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < source.len; i++) {
		char c = source.ptr[i];

		if (c == '\r') {
			if (i + 1 < source.len && source.ptr[i + 1] == '\n')
				i++;
			c = '\n';
		}
		p[n++] = c;
	}
	if (!keep_newline && n > 0 && p[n - 1] == '\n')
		n--;
	p[n] = '\0';
	return (tl_str){ p, n };
}

/* --- small readers ------------------------------------------------------- */

static bool
starts(const struct lexer *lx, size_t at, const char *what)
{
	size_t n = strlen(what);

	return lx->src.len - at >= n && memcmp(lx->src.ptr + at, what, n) == 0;
}

static char
peek(const struct lexer *lx, size_t at)
{
	return at < lx->src.len ? lx->src.ptr[at] : '\0';
}

/* Length of the white space at `at`. */
static size_t
space_at(const struct lexer *lx, size_t at)
{
	size_t beg = at, n;

	while (at < lx->src.len && (n = jinja_space_len(lx->src, at)) > 0)
		at += n;
	return at - beg;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Move the line counter forward to `at`. */
static void
locate(struct lexer *lx, size_t at)
{
	const char *p = lx->src.ptr;

	assert(at >= lx->at);
	for (; lx->at < at; lx->at++) {
		if (p[lx->at] == '\n') {
			lx->line++;
			lx->column = 1;
		} else if (((unsigned char)p[lx->at] & 0xc0) != 0x80) {
			lx->column++;
		}
	}
}

static struct token *
add(struct lexer *lx, enum token_type type, size_t at, tl_str text)
{
	struct token *t;

	if (lx->n == lx->cap) {
		size_t cap = lx->cap > 0 ? lx->cap * 2 : 64;

		lx->v = tl_arena_grow(lx->arena, lx->v, lx->n * sizeof(*lx->v),
		    cap * sizeof(*lx->v), _Alignof(struct token));
		lx->cap = cap;
	}
	locate(lx, at);
	t = &lx->v[lx->n++];
	*t = (struct token){ .type = type,
		.line = lx->line,
		.column = lx->column,
		.text = text };
	return t;
}

static void
fail(struct lexer *lx, size_t at, char *message)
{
	add(lx, T_ERROR, at, tl_str_from(message));
	lx->failed = true;
}

/* --- strings ------------------------------------------------------------- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Read n hex digits at *i; false if there are fewer. */
static bool
read_hex(tl_str s, size_t *i, size_t n, uint32_t *out)
{
	uint32_t cp = 0;

	if (s.len - *i < n)
		return false;
	for (size_t k = 0; k < n; k++) {
		int d = hex_value(s.ptr[*i + k]);

		if (d < 0)
			return false;
		cp = cp << 4 | (uint32_t)d;
	}
	*i += n;
	*out = cp;
	return true;
}

/* \N{name} at the '{'. */
static const char *
read_name(tl_str s, size_t *i, uint32_t *cp)
{
	size_t end;

	if (*i >= s.len || s.ptr[*i] != '{')
		return "malformed \\N character escape";
	end = tl_str_find_char(s, '}', *i);
	if (end == TL_NPOS || end == *i + 1)
		return "malformed \\N character escape";
	if (!jinja_char_by_name(tl_str_slice(s, *i + 1, end), cp))
		return "unknown Unicode character name (rare names are "
		       "not known here: \\\\uXXXX says the same)";
	*i = end + 1;
	return NULL;
}

/* One escape; *i stands behind the backslash.  NULL or Python's message. */
static const char *
unescape_one(struct tl_buf *b, tl_str s, size_t *i)
{
	static const char plain[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
	char c = s.ptr[(*i)++];
	uint32_t cp = 0;
	const char *why;

	if (c == '\n')
		return NULL;
	for (size_t k = 0; plain[k] != '\0'; k += 2) {
		if (plain[k] == c) {
			tl_buf_putc(b, plain[k + 1]);
			return NULL;
		}
	}
	if (c >= '0' && c <= '7') {
		cp = (uint32_t)(c - '0');
		for (int k = 0; k < 2 && *i < s.len && s.ptr[*i] >= '0' &&
		     s.ptr[*i] <= '7';
		     k++)
			cp = cp * 8 + (uint32_t)(s.ptr[(*i)++] - '0');
		jinja_put_cp(b, cp);
		return NULL;
	}
	switch (c) {
	case 'x':
		if (!read_hex(s, i, 2, &cp))
			return "truncated \\xXX escape";
		break;
	case 'u':
		if (!read_hex(s, i, 4, &cp))
			return "truncated \\uXXXX escape";
		break;
	case 'U':
		if (!read_hex(s, i, 8, &cp))
			return "truncated \\UXXXXXXXX escape";
		if (cp > 0x10ffff)
			return "illegal Unicode character";
		break;
	case 'N':
		why = read_name(s, i, &cp);
		if (why != NULL)
			return why;
		break;
	default:
		tl_buf_putc(b, '\\');
		tl_buf_putc(b, c);
		return NULL;
	}
	jinja_put_cp(b, cp);
	return NULL;
}

/* A backslash before a non-ASCII character: Python first writes the character
 * as an escape of its own, whose backslash then pairs with this one. */
static void
put_escaped_non_ascii(struct tl_buf *b, tl_str s, size_t *i)
{
	uint32_t cp;

	*i += jinja_next(s, *i, &cp);
	tl_buf_putc(b, '\\');
	if (cp < 0x100)
		tl_buf_printf(b, "x%02x", (unsigned)cp);
	else if (cp < 0x10000)
		tl_buf_printf(b, "u%04x", (unsigned)cp);
	else
		tl_buf_printf(b, "U%08x", (unsigned)cp);
}

static const char *
unescape(struct lexer *lx, tl_str raw, tl_str *out)
{
	struct tl_buf b;

	if (tl_str_find_char(raw, '\\', 0) == TL_NPOS) {
		*out = raw;
		return NULL;
	}
	tl_buf_init(&b, lx->arena, 0);
	for (size_t i = 0; i < raw.len;) {
		const char *why;

		if (raw.ptr[i] != '\\') {
			tl_buf_putc(&b, raw.ptr[i++]);
			continue;
		}
		i++;
		if ((unsigned char)raw.ptr[i] >= 0x80) {
			put_escaped_non_ascii(&b, raw, &i);
			continue;
		}
		why = unescape_one(&b, raw, &i);
		if (why != NULL)
			return why;
	}
	*out = tl_buf_str(&b);
	return NULL;
}

/* Length of the string literal at `at` with its quotes, or 0. */
static size_t
string_len(const struct lexer *lx, size_t at)
{
	char quote = lx->src.ptr[at];

	for (size_t i = at + 1; i < lx->src.len; i++) {
		if (lx->src.ptr[i] == quote)
			return i + 1 - at;
		if (lx->src.ptr[i] == '\\')
			i++;
	}
	return 0;
}

static bool
lex_string(struct lexer *lx)
{
	size_t n = string_len(lx, lx->pos);
	tl_str text;
	const char *why;

	if (n == 0)
		return false;
	why = unescape(
	    lx, tl_str_slice(lx->src, lx->pos + 1, lx->pos + n - 1), &text);
	if (why != NULL) {
		fail(lx, lx->pos, tl_arena_printf(lx->arena, "%s", why));
		return true;
	}
	add(lx, T_STRING, lx->pos, text);
	lx->pos += n;
	return true;
}

/* --- numbers and names --------------------------------------------------- */

/* (\d+_)*\d+ at `at`: its length, or 0. */
static size_t
digits_len(const struct lexer *lx, size_t at)
{
	size_t i = at;

	if (!is_digit(peek(lx, i)))
		return 0;
	while (is_digit(peek(lx, i)) ||
	    (peek(lx, i) == '_' && is_digit(peek(lx, i + 1))))
		i++;
	return i - at;
}

static size_t
float_len(const struct lexer *lx, size_t at)
{
	size_t n, i, frac, expo;
	bool has_fraction = false;

	if (at > 0 && lx->src.ptr[at - 1] == '.')
		return 0;
	n = digits_len(lx, at);
	if (n == 0)
		return 0;
	i = at + n;
	if (peek(lx, i) == '.' && (frac = digits_len(lx, i + 1)) > 0) {
		i += 1 + frac;
		has_fraction = true;
	}
	if (peek(lx, i) == 'e' || peek(lx, i) == 'E') {
		size_t sign = peek(lx, i + 1) == '+' || peek(lx, i + 1) == '-';

		expo = digits_len(lx, i + 1 + sign);
		if (expo > 0)
			return i + 1 + sign + expo - at;
	}
	return has_fraction ? i - at : 0;
}

static bool
is_base_digit(char c, int base)
{
	int d = hex_value(c);

	return d >= 0 && d < base;
}

static size_t
integer_len(const struct lexer *lx, size_t at)
{
	size_t i = at;
	int base = 0;

	if (!is_digit(peek(lx, at)))
		return 0;
	if (peek(lx, at) == '0') {
		char x = (char)(peek(lx, at + 1) | 0x20);
		size_t start = at + 2;

		base = x == 'b' ? 2 : x == 'o' ? 8 : x == 'x' ? 16 : 0;
		if (base > 0 && peek(lx, start) == '_')
			start++;
		if (base > 0 && is_base_digit(peek(lx, start), base)) {
			i = start;
			while (is_base_digit(peek(lx, i), base) ||
			    (peek(lx, i) == '_' &&
				is_base_digit(peek(lx, i + 1), base)))
				i++;
			return i - at;
		}
		while (peek(lx, i) == '0' ||
		    (peek(lx, i) == '_' && peek(lx, i + 1) == '0'))
			i++;
		return i - at;
	}
	return digits_len(lx, at);
}

static tl_str
without_underscores(struct lexer *lx, tl_str s)
{
	char *p;
	size_t n = 0;

	if (tl_str_find_char(s, '_', 0) == TL_NPOS)
		return s;
	p = tl_arena_bytes(lx->arena, s.len);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '_')
			p[n++] = s.ptr[i];
	}
	return (tl_str){ p, n };
}

static bool
lex_number(struct lexer *lx)
{
	enum token_type type = T_FLOAT;
	size_t n = float_len(lx, lx->pos);

	if (n == 0) {
		type = T_INTEGER;
		n = integer_len(lx, lx->pos);
	}
	if (n == 0)
		return false;
	add(lx, type, lx->pos,
	    without_underscores(
		lx, tl_str_slice(lx->src, lx->pos, lx->pos + n)));
	lx->pos += n;
	return true;
}

static bool
lex_name(struct lexer *lx)
{
	size_t i = lx->pos, n;
	tl_str name;

	while (i < lx->src.len && (n = jinja_word_len(lx->src, i)) > 0)
		i += n;
	if (i == lx->pos)
		return false;
	name = tl_str_slice(lx->src, lx->pos, i);
	if (!jinja_is_identifier(name)) {
		fail(lx, lx->pos,
		    tl_arena_printf(
			lx->arena, "Invalid character in identifier"));
		return true;
	}
	add(lx, T_NAME, lx->pos, name);
	lx->pos = i;
	return true;
}

/* --- operators ----------------------------------------------------------- */

static const struct {
	char text[3];
	uint8_t type;
} operators[] = {
	{ "//", T_FLOORDIV },
	{ "**", T_POW },
	{ "==", T_EQ },
	{ "!=", T_NE },
	{ ">=", T_GTEQ },
	{ "<=", T_LTEQ },
	{ "+", T_ADD },
	{ "-", T_SUB },
	{ "/", T_DIV },
	{ "*", T_MUL },
	{ "%", T_MOD },
	{ "~", T_TILDE },
	{ "[", T_LBRACKET },
	{ "]", T_RBRACKET },
	{ "(", T_LPAREN },
	{ ")", T_RPAREN },
	{ "{", T_LBRACE },
	{ "}", T_RBRACE },
	{ ">", T_GT },
	{ "<", T_LT },
	{ "=", T_ASSIGN },
	{ ".", T_DOT },
	{ ":", T_COLON },
	{ "|", T_PIPE },
	{ ",", T_COMMA },
	{ ";", T_SEMICOLON },
};

/* Keep track of brackets; false after a mismatch was reported. */
static bool
balance(struct lexer *lx, char c)
{
	char want;

	if (c == '(' || c == '[' || c == '{') {
		if (lx->nclosers == lx->cap_closers) {
			size_t cap = lx->cap_closers * 2 + 16;

			lx->closers = tl_arena_grow(
			    lx->arena, lx->closers, lx->nclosers, cap, 1);
			lx->cap_closers = cap;
		}
		lx->closers[lx->nclosers++] = c == '(' ? ')'
		    : c == '['			       ? ']'
						       : '}';
		return true;
	}
	if (c != ')' && c != ']' && c != '}')
		return true;
	if (lx->nclosers == 0) {
		fail(lx, lx->pos,
		    tl_arena_printf(lx->arena, "unexpected '%c'", c));
		return false;
	}
	want = lx->closers[--lx->nclosers];
	if (want != c) {
		fail(lx, lx->pos,
		    tl_arena_printf(
			lx->arena, "unexpected '%c', expected '%c'", c, want));
		return false;
	}
	return true;
}

static bool
lex_operator(struct lexer *lx)
{
	for (size_t i = 0; i < TL_COUNT(operators); i++) {
		const char *op = operators[i].text;

		if (!starts(lx, lx->pos, op))
			continue;
		if (!balance(lx, op[0]))
			return true;
		add(lx, (enum token_type)operators[i].type, lx->pos,
		    tl_str_slice(lx->src, lx->pos, lx->pos + strlen(op)));
		lx->pos += strlen(op);
		return true;
	}
	return false;
}

static void
fail_char(struct lexer *lx)
{
	struct tl_buf b;
	uint32_t cp;
	size_t n = jinja_next(lx->src, lx->pos, &cp);
	tl_str c = tl_str_slice(lx->src, lx->pos, lx->pos + n);

	tl_buf_init(&b, lx->arena, 0);
	tl_buf_puts(&b, "unexpected char ");
	tl_buf_puts(&b, cp == '\'' ? "\"'\"" : cp == '\\' ? "'\\\\'" : "'");
	if (cp != '\'' && cp != '\\') {
		tl_buf_put(&b, c);
		tl_buf_putc(&b, '\'');
	}
	tl_buf_printf(
	    &b, " at %zu", tl_utf8_count(tl_str_slice(lx->src, 0, lx->pos)));
	tl_buf_putc(&b, '\0');
	fail(lx, lx->pos, b.ptr);
}

/* --- tags ---------------------------------------------------------------- */

/* Length of a tag's end at `at`, what it eats included, or 0.  kind is '%',
 * '}' or '#'. */
static size_t
end_len(const struct lexer *lx, size_t at, char kind)
{
	const char end[3] = { kind, '}', '\0' };
	char c = peek(lx, at);

	if (c == '-' && starts(lx, at + 1, end))
		return 3 + space_at(lx, at + 3);
	if (c == '+' && kind != '}' && starts(lx, at + 1, end))
		return 3;
	if (!starts(lx, at, end))
		return 0;
	return lx->trims && kind != '}' && peek(lx, at + 2) == '\n' ? 3 : 2;
}

static void
end_at(struct lexer *lx, size_t end)
{
	lx->line_starting = end > 0 && lx->src.ptr[end - 1] == '\n';
	lx->pos = end;
}

/* Everything between a tag's delimiters. */
static void
lex_tag(struct lexer *lx, char kind)
{
	lx->nclosers = 0;
	while (lx->pos < lx->src.len && !lx->failed) {
		size_t n = lx->nclosers > 0 ? 0 : end_len(lx, lx->pos, kind);
		char c = lx->src.ptr[lx->pos];

		if (n > 0) {
			add(lx, kind == '}' ? T_VAR_END : T_BLOCK_END, lx->pos,
			    tl_str_slice(lx->src, lx->pos, lx->pos + n));
			end_at(lx, lx->pos + n);
			return;
		}
		n = space_at(lx, lx->pos);
		if (n > 0) {
			lx->pos += n;
			continue;
		}
		if (lex_number(lx) || lex_name(lx))
			continue;
		if ((c == '\'' || c == '"') && lex_string(lx))
			continue;
		if (!lex_operator(lx))
			fail_char(lx);
	}
}

static void
lex_comment(struct lexer *lx, size_t beg)
{
	size_t n;

	if (lx->pos >= lx->src.len)
		return;
	for (size_t i = lx->pos; i < lx->src.len; i++) {
		char c = lx->src.ptr[i];

		if ((c == '#' || c == '-' || c == '+') &&
		    (n = end_len(lx, i, '#')) > 0) {
			end_at(lx, i + n);
			return;
		}
	}
	fail(lx, beg, tl_arena_printf(lx->arena, "Missing end of comment tag"));
}

/* Whitespace control before a tag: what is left of text. */
static tl_str
strip_before(const struct lexer *lx, tl_str text, char sign, bool is_print)
{
	size_t line;

	if (sign == '-')
		return jinja_rstrip(text);
	if (sign == '+' || is_print || !lx->trims)
		return text;
	line = text.len;
	while (line > 0 && text.ptr[line - 1] != '\n')
		line--;
	if ((line > 0 || lx->line_starting) &&
	    jinja_is_space(tl_str_slice(text, line, text.len)))
		text.len = line;
	return text;
}

static void
add_data(struct lexer *lx, size_t at, tl_str text)
{
	if (text.len > 0)
		add(lx, T_DATA, at, text);
}

static char
sign_at(const struct lexer *lx, size_t at)
{
	char c = peek(lx, at);

	return c == '-' || c == '+' ? c : '\0';
}

/* {% raw %} at `at`: its length, or 0. */
static size_t
raw_begin_len(const struct lexer *lx, size_t at)
{
	size_t i = at + 2;

	i += sign_at(lx, i) != '\0';
	i += space_at(lx, i);
	if (!starts(lx, i, "raw"))
		return 0;
	i += 3;
	i += space_at(lx, i);
	if (starts(lx, i, "-%}"))
		return i + 3 + space_at(lx, i + 3) - at;
	return starts(lx, i, "%}") ? i + 2 - at : 0;
}

static size_t
raw_end_len(const struct lexer *lx, size_t at)
{
	size_t i = at + 2, n;

	i += sign_at(lx, i) != '\0';
	i += space_at(lx, i);
	if (!starts(lx, i, "endraw"))
		return 0;
	i += 6;
	i += space_at(lx, i);
	n = end_len(lx, i, '%');
	return n > 0 ? i + n - at : 0;
}

static void
lex_raw(struct lexer *lx, size_t beg)
{
	size_t start = lx->pos, n;

	if (start >= lx->src.len)
		return;
	for (size_t i = start; i + 1 < lx->src.len; i++) {
		if (!starts(lx, i, "{%") || (n = raw_end_len(lx, i)) == 0)
			continue;
		add_data(lx, start,
		    strip_before(lx, tl_str_slice(lx->src, start, i),
			sign_at(lx, i + 2), false));
		end_at(lx, i + n);
		return;
	}
	fail(lx, beg,
	    tl_arena_printf(lx->arena, "Missing end of raw directive"));
}

/* Next position of {%, {{ or {#. */
static size_t
find_tag(const struct lexer *lx, size_t from)
{
	for (size_t i = from; i + 1 < lx->src.len; i++) {
		const char *p =
		    memchr(lx->src.ptr + i, '{', lx->src.len - 1 - i);
		char c;

		if (p == NULL)
			return TL_NPOS;
		i = (size_t)(p - lx->src.ptr);
		c = p[1];
		if (c == '%' || c == '{' || c == '#')
			return i;
	}
	return TL_NPOS;
}

static void
lex_root(struct lexer *lx)
{
	size_t beg = lx->pos;
	size_t at = find_tag(lx, beg);
	size_t raw;
	char kind, sign;

	if (at == TL_NPOS) {
		add_data(lx, beg, tl_str_slice(lx->src, beg, lx->src.len));
		lx->pos = lx->src.len;
		return;
	}
	kind = lx->src.ptr[at + 1];
	sign = sign_at(lx, at + 2);
	raw = kind == '%' ? raw_begin_len(lx, at) : 0;
	add_data(lx, beg,
	    strip_before(
		lx, tl_str_slice(lx->src, beg, at), sign, kind == '{'));
	if (raw > 0) {
		end_at(lx, at + raw);
		lex_raw(lx, at);
		return;
	}
	lx->pos = at + 2 + (sign != '\0');
	if (kind == '#') {
		lex_comment(lx, at);
		return;
	}
	add(lx, kind == '{' ? T_VAR_BEGIN : T_BLOCK_BEGIN, at,
	    tl_str_slice(lx->src, at, lx->pos));
	lex_tag(lx, kind == '{' ? '}' : '%');
}

struct token *
jinja_lex(struct tl_arena *a, tl_str source, bool trims, size_t *n)
{
	struct lexer lx = { .arena = a,
		.src = source,
		.line = 1,
		.column = 1,
		.line_starting = true,
		.trims = trims };

	while (lx.pos < source.len && !lx.failed)
		lex_root(&lx);
	if (!lx.failed) {
		struct token *last;

		/* The end counts as on the line of the last token. */
		add(&lx, T_EOF, lx.at > source.len ? lx.at : source.len,
		    TL_STR(""));
		last = &lx.v[lx.n - 1];
		if (lx.n > 1)
			last->line = lx.v[lx.n - 2].line;
		else
			last->line = 1;
	}
	*n = lx.n;
	return lx.v;
}
