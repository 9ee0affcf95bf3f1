/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict scanner: RFC 8259 and UTF-8, spans in document order.  It decides
 * what is valid; cJSON (tree.c) only builds values of what was accepted.
 */
#include "json/internal.h"
#include "json/skip.h"

#include <turnlint/buf.h>

#include <string.h>

/* cJSON reads at most this many bytes of a number. */
#define CJSON_NUMBER_MAX 63

#define FIRST_CHUNK 16
#define LARGEST_CHUNK 4096

static int
peek(const struct json_scan *s)
{
	return s->at < s->len ? (unsigned char)s->base[s->at] : -1;
}

static void
skip_space(struct json_scan *s)
{
	const char *p = s->base;
	size_t at = s->at;

	while (at < s->len &&
	    (p[at] == ' ' || p[at] == '\n' || p[at] == '\r' || p[at] == '\t'))
		at++;
	s->at = at;
}

/* --- faults --- */

/* What stands at a place, for a message. */
static const char *
describe(struct json_scan *s, size_t at)
{
	tl_str text = s->doc->text;
	unsigned char c;
	uint32_t cp;
	bool is_bad;

	if (at >= s->len)
		return "end of input";
	c = (unsigned char)s->base[at];
	if (c > 0x20 && c < 0x7f)
		return tl_arena_printf(s->arena, "'%c'", c);
	switch (c) {
	case '\n':
		return "a line break";
	case '\r':
		return "a carriage return";
	case '\t':
		return "a tab";
	case ' ':
		return "a space";
	case '\0':
		return "a NUL byte";
	}
	if (c < 0x20 || c == 0x7f)
		return tl_arena_printf(s->arena, "control byte 0x%02x", c);
	tl_utf8_next(text, at, &cp, &is_bad);
	if (is_bad)
		return tl_arena_printf(s->arena, "byte 0x%02x", c);
	if (cp == 0xfeff)
		return "a byte order mark (U+FEFF)";
	return tl_arena_printf(s->arena, "U+%04X", (unsigned)cp);
}

static bool
fail(struct json_scan *s, enum tl_json_fault fault, size_t at,
    const char *found, const char *expected)
{
	s->doc->fault = fault;
	s->doc->fault_at = at;
	s->doc->found = found;
	s->doc->expected = expected;
	return false;
}

static bool
starts_with(const struct json_scan *s, size_t at, const char *word)
{
	size_t n = strlen(word);

	return s->len - at >= n && memcmp(s->base + at, word, n) == 0;
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

/* Words of Python, JavaScript and friends that stand for a JSON value. */
static const char *
foreign_word(const struct json_scan *s, size_t at)
{
	static const char *const words[] = { "NaN", "nan", "NAN", "None",
		"Infinity", "infinity", "inf", "Inf", "True", "False", "TRUE",
		"FALSE", "NULL", "Null", "undefined", "nil" };

	for (size_t i = 0; i < TL_COUNT(words); i++) {
		size_t n = strlen(words[i]);

		if (starts_with(s, at, words[i]) &&
		    (s->len - at == n || !is_word_byte(s->base[at + n])))
			return words[i];
	}
	return NULL;
}

/* Nothing that may stand here does: name the fault as exactly as possible. */
static bool
fail_here(struct json_scan *s, const char *expected)
{
	size_t at = s->at;
	size_t sign = at;
	const char *word;
	int c = peek(s);

	if (c < 0)
		return fail(s, TL_JSON_TRUNCATED, at, "end of input", expected);
	if (c == 0)
		return fail(s, TL_JSON_RAW_NUL, at, "a NUL byte", expected);
	if (c >= 0x80 && tl_utf8_len(s->doc->text, at) == 0)
		return fail(s, TL_JSON_BAD_UTF8, at, describe(s, at), "UTF-8");
	if (c == '\'')
		return fail(s, TL_JSON_LITERAL, at, "a single quote", expected);
	if (c == '#' || starts_with(s, at, "//") || starts_with(s, at, "/*"))
		return fail(s, TL_JSON_LITERAL, at, "a comment", expected);
	if (c == '-' || c == '+')
		sign++;
	word = foreign_word(s, sign);
	if (word != NULL)
		return fail(s, TL_JSON_LITERAL, at,
		    tl_arena_printf(s->arena, "%s%s",
			sign == at     ? ""
			    : c == '-' ? "-"
				       : "+",
			word),
		    expected);
	return fail(s, TL_JSON_SYNTAX, at, describe(s, at), expected);
}

/* --- notes --- */

void
json_add_note(struct json_scan *s, enum tl_json_note_kind kind, tl_span span,
    const struct tl_json *node)
{
	if (s->nnotes == TL_MAX_FINDINGS_PER_RECORD)
		return;
	if (s->nnotes == s->cap_notes) {
		size_t cap = s->cap_notes > 0 ? s->cap_notes * 2 : 8;

		s->notes = tl_arena_grow(s->arena, s->notes,
		    s->cap_notes * sizeof(*s->notes), cap * sizeof(*s->notes),
		    _Alignof(struct tl_json_note));
		s->cap_notes = cap;
	}
	s->notes[s->nnotes++] =
	    (struct tl_json_note){ .kind = kind, .span = span, .node = node };
}

/* The copy that cJSON will read instead of the text. */
static char *
patched(struct json_scan *s)
{
	if (s->patched == NULL) {
		s->patched = tl_arena_bytes(s->arena, s->len);
		memcpy(s->patched, s->base, s->len);
	}
	return s->patched;
}

/* --- strings --- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The code unit of four hex digits that are known to be there. */
static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (uint32_t)hex_digit(p[i]);
	return v;
}

static uint32_t
simple_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return (unsigned char)c;
	}
}

size_t
json_unit(tl_str raw, size_t at, uint32_t *cp)
{
	const char *p = raw.ptr + at;
	size_t n = raw.len - at;
	uint32_t unit, low;

	if (p[0] != '\\') {
		*cp = TL_JSON_PLAIN;
		return 1;
	}
	if (p[1] != 'u') {
		*cp = simple_escape(p[1]);
		return 2;
	}
	unit = hex4(p + 2);
	*cp = unit;
	if (unit < 0xd800 || unit > 0xdfff)
		return 6;
	*cp = 0xfffd;
	if (unit > 0xdbff || n < 12 || p[6] != '\\' || p[7] != 'u')
		return 6;
	low = hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 6;
	*cp = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

/* The string as we decode it, for the one thing cJSON's C strings cannot
 * hold: NUL. */
static char *
decode(struct tl_arena *a, tl_str raw, size_t decoded_len)
{
	char *out = tl_arena_bytes(a, decoded_len + 1);
	size_t n = 0;

	for (size_t at = 0; at < raw.len;) {
		uint32_t cp;
		size_t step = json_unit(raw, at, &cp);

		if (cp == TL_JSON_PLAIN)
			out[n++] = raw.ptr[at];
		else
			n += tl_utf8_put(out + n, cp);
		at += step;
	}
	out[n] = '\0';
	return out;
}

/* Non-ASCII bytes at s->at, up to the next ASCII one. */
static bool
scan_utf8(struct json_scan *s, const struct tl_json *node)
{
	while (s->at < s->len && (s->base[s->at] & 0x80) != 0) {
		const unsigned char *p = (const unsigned char *)s->base + s->at;
		size_t n = tl_utf8_len(s->doc->text, s->at);

		if (n == 0)
			return fail(s, TL_JSON_BAD_UTF8, s->at,
			    describe(s, s->at), "UTF-8");
		if ((p[0] == 0xe2 && p[1] == 0x80 &&
			(p[2] == 0xa8 || p[2] == 0xa9)) ||
		    (p[0] == 0xc2 && p[1] == 0x85))
			json_add_note(s, TL_JSON_NOTE_LINE_SEPARATOR,
			    (tl_span){ s->at, s->at + n }, node);
		s->at += n;
	}
	return true;
}

static bool
check_hex(struct json_scan *s)
{
	for (size_t i = s->at + 2; i < s->at + 6; i++) {
		if (i >= s->len)
			return fail(s, TL_JSON_TRUNCATED, s->len,
			    "end of input", "four hex digits after '\\u'");
		if (hex_digit(s->base[i]) < 0)
			return fail(s, TL_JSON_SYNTAX, i, describe(s, i),
			    "four hex digits after '\\u'");
	}
	return true;
}

/* The \uXXXX at s->at, with its second half.  *saved grows by the bytes that
 * decoding saves. */
static bool
scan_unicode_escape(struct json_scan *s, const struct tl_json *node,
    size_t *saved, bool *has_nul)
{
	size_t at = s->at, n;
	uint32_t cp;
	tl_span span;

	if (!check_hex(s))
		return false;
	/* A pair is read as one unit, so the second half must be whole. */
	if (s->len - at >= 8 && s->base[at + 6] == '\\' &&
	    s->base[at + 7] == 'u') {
		s->at += 6;
		if (!check_hex(s))
			return false;
		s->at = at;
	}
	n = json_unit(s->doc->text, at, &cp);
	span = (tl_span){ at, at + n };
	/* An escaped U+FFFD itself begins with 'f'. */
	if (cp == 0xfffd && (s->base[at + 2] | 0x20) == 'd') {
		json_add_note(s, TL_JSON_NOTE_LONE_SURROGATE, span, node);
		memcpy(patched(s) + at + 2, "FFFD", 4);
	} else if (cp == 0) {
		json_add_note(s, TL_JSON_NOTE_NUL, span, node);
		*has_nul = true;
	}
	*saved += n - json_utf8_size(cp);
	s->at += n;
	return true;
}

static bool
scan_escape(struct json_scan *s, const struct tl_json *node, size_t *saved,
    bool *has_nul)
{
	size_t at = s->at;

	if (s->len - at < 2)
		return fail(s, TL_JSON_TRUNCATED, s->len, "end of input",
		    "the rest of an escape");
	switch (s->base[at + 1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		s->at += 2;
		*saved += 1;
		return true;
	case 'u':
		return scan_unicode_escape(s, node, saved, has_nul);
	}
	return fail(s, TL_JSON_SYNTAX, at + 1, describe(s, at + 1),
	    "one of '\"\\/bfnrtu' after a backslash");
}

/* The string that opens at s->at.  raw is its span with quotes; out->len its
 * decoded length, out->ptr NULL unless cJSON's must not be used. */
static bool
scan_string(
    struct json_scan *s, const struct tl_json *node, tl_span *raw, tl_str *out)
{
	size_t beg = s->at++;
	size_t saved = 0;
	bool has_nul = false;

	for (;;) {
		int c;

		s->at = json_skip_plain(s->base, s->at, s->len, true);
		c = peek(s);
		if (c == '"')
			break;
		if (c == '\\') {
			if (!scan_escape(s, node, &saved, &has_nul))
				return false;
		} else if (c >= 0x80) {
			if (!scan_utf8(s, node))
				return false;
		} else if (c < 0) {
			return fail(s, TL_JSON_TRUNCATED, s->at, "end of input",
			    "'\"' to close the string");
		} else {
			return fail(s,
			    c == 0 ? TL_JSON_RAW_NUL : TL_JSON_RAW_CONTROL,
			    s->at, describe(s, s->at),
			    "an escape such as '\\n' or '\\u001b' in a string");
		}
	}
	s->at++;
	*raw = (tl_span){ beg, s->at };
	out->len = s->at - beg - 2 - saved;
	out->ptr = NULL;
	if (has_nul)
		out->ptr = decode(s->arena,
		    (tl_str){ s->base + beg + 1, s->at - beg - 2 }, out->len);
	return true;
}

/* --- numbers and words --- */

static bool
skip_digits(struct json_scan *s)
{
	size_t beg = s->at;

	while (s->at < s->len && s->base[s->at] >= '0' && s->base[s->at] <= '9')
		s->at++;
	return s->at > beg;
}

static bool
scan_number(struct json_scan *s, struct tl_json *v)
{
	size_t beg = s->at;
	size_t len;

	if (peek(s) == '-') {
		s->at++;
		if (foreign_word(s, s->at) != NULL) {
			s->at = beg;
			return fail_here(s, "a number");
		}
	}
	if (peek(s) == '0') {
		s->at++;
		if (peek(s) >= '0' && peek(s) <= '9')
			return fail(s, TL_JSON_SYNTAX, s->at,
			    describe(s, s->at),
			    "no digit after a leading zero");
	} else if (!skip_digits(s)) {
		return fail_here(s, "a digit");
	}
	if (peek(s) == '.') {
		s->at++;
		if (!skip_digits(s))
			return fail_here(s, "a digit after the decimal point");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!skip_digits(s))
			return fail_here(s, "a digit of the exponent");
	}
	len = s->at - beg;
	v->kind = TL_JSON_NUMBER;
	v->text = (tl_str){ s->base + beg, len };
	if (len > CJSON_NUMBER_MAX) {
		char *copy = patched(s) + beg;

		memset(copy, ' ', len);
		copy[0] = '0';
	}
	return true;
}

static bool
scan_word(struct json_scan *s, struct tl_json *v, const char *word,
    enum tl_json_kind kind)
{
	size_t n = 0;

	while (word[n] != '\0' && s->at + n < s->len &&
	    s->base[s->at + n] == word[n])
		n++;
	if (word[n] != '\0') {
		if (foreign_word(s, s->at) != NULL)
			return fail_here(s, "a value");
		if (s->at + n == s->len)
			return fail(s, TL_JSON_TRUNCATED, s->len,
			    "end of input",
			    tl_arena_printf(
				s->arena, "the rest of '%s'", word));
		return fail(s, TL_JSON_SYNTAX, s->at + n,
		    describe(s, s->at + n),
		    tl_arena_printf(s->arena, "'%s'", word));
	}
	v->kind = kind;
	s->at += n;
	return true;
}

/* --- the tree --- */

static struct tl_json *
new_node(struct json_scan *s)
{
	struct json_chunk *c = s->chunk;
	struct tl_json *v;

	if (c == NULL || c->n == c->cap) {
		struct json_chunk *next =
		    TL_NEW(s->arena, struct json_chunk, 1);

		next->cap = c == NULL	     ? FIRST_CHUNK
		    : c->cap < LARGEST_CHUNK ? c->cap * 2
					     : LARGEST_CHUNK;
		next->nodes = tl_arena_grow(s->arena, NULL, 0,
		    next->cap * sizeof(struct tl_json),
		    _Alignof(struct tl_json));
		if (c == NULL)
			s->first_chunk = next;
		else
			c->next = next;
		s->chunk = c = next;
	}
	v = &c->nodes[c->n++];
	*v = (struct tl_json){ .kind = TL_JSON_NULL };
	return v;
}

static struct tl_json *
open_container(const struct json_scan *s)
{
	return s->depth > 0 ? s->stack[s->depth - 1] : NULL;
}

/* A node for the value to come, linked into the open container, with its name
 * read when that is an object; NULL on a fault. */
static struct tl_json *
begin_value(struct json_scan *s)
{
	struct tl_json *parent = open_container(s);
	struct tl_json *v = new_node(s);

	if (parent != NULL) {
		v->parent = parent;
		v->index = parent->nchildren++;
		if (s->prev != NULL)
			s->prev->next = v;
		else
			parent->first = v;
	}
	if (parent == NULL || parent->kind != TL_JSON_OBJECT)
		return v;
	if (peek(s) != '"') {
		fail_here(s,
		    parent->nchildren == 1 ? "a name in double quotes or '}'"
					   : "a name in double quotes");
		return NULL;
	}
	if (!scan_string(s, v, &v->key_span, &v->key))
		return NULL;
	skip_space(s);
	if (peek(s) != ':') {
		fail_here(s, "':' after the name");
		return NULL;
	}
	s->at++;
	skip_space(s);
	return v;
}

static bool
enter(struct json_scan *s, struct tl_json *v, enum tl_json_kind kind)
{
	v->kind = kind;
	if (s->depth == TL_MAX_JSON_DEPTH)
		return fail(s, TL_JSON_TOO_DEEP, s->at, describe(s, s->at),
		    tl_arena_printf(s->arena, "at most %d levels of nesting",
			TL_MAX_JSON_DEPTH));
	s->stack[s->depth++] = v;
	s->prev = NULL;
	s->at++;
	return true;
}

/* The value at s->at: all of a scalar, the opening bracket of a container. */
static bool
scan_value(struct json_scan *s, struct tl_json *v)
{
	int c = peek(s);
	bool is_ok;

	v->span.beg = s->at;
	switch (c) {
	case '{':
		return enter(s, v, TL_JSON_OBJECT);
	case '[':
		return enter(s, v, TL_JSON_ARRAY);
	case '"':
		v->kind = TL_JSON_STRING;
		is_ok = scan_string(s, v, &v->span, &v->text);
		break;
	case 't':
		is_ok = scan_word(s, v, "true", TL_JSON_TRUE);
		break;
	case 'f':
		is_ok = scan_word(s, v, "false", TL_JSON_FALSE);
		break;
	case 'n':
		is_ok = scan_word(s, v, "null", TL_JSON_NULL);
		break;
	default:
		if (c == '-' || (c >= '0' && c <= '9')) {
			is_ok = scan_number(s, v);
			break;
		}
		return fail_here(s,
		    v->parent != NULL && v->parent->kind == TL_JSON_ARRAY &&
			    v->index == 0
			? "a value or ']'"
			: "a value");
	}
	v->span.end = s->at;
	s->prev = v;
	return is_ok;
}

static char
closer(const struct tl_json *container)
{
	return container->kind == TL_JSON_ARRAY ? ']' : '}';
}

static void
leave(struct json_scan *s)
{
	struct tl_json *v = s->stack[--s->depth];

	s->at++;
	v->span.end = s->at;
	s->prev = v;
}

/* Behind a value: close what ends here.  Leaves s->at at the next value, or
 * depth 0 when the document is complete. */
static bool
scan_separators(struct json_scan *s)
{
	while (s->depth > 0) {
		struct tl_json *parent = open_container(s);
		size_t comma;

		skip_space(s);
		if (peek(s) == closer(parent)) {
			leave(s);
			continue;
		}
		if (peek(s) != ',')
			return fail_here(s,
			    closer(parent) == ']' ? "',' or ']'"
						  : "',' or '}'");
		comma = s->at++;
		skip_space(s);
		if (peek(s) == closer(parent))
			return fail(s, TL_JSON_TRAILING_COMMA, comma,
			    closer(parent) == ']' ? "',' before ']'"
						  : "',' before '}'",
			    closer(parent) == ']' ? "']' or a further value"
						  : "'}' or a further member");
		return true;
	}
	return true;
}

static bool
may_begin_value(const struct json_scan *s)
{
	int c = peek(s);

	return c == '{' || c == '[' || c == '"' || c == '-' ||
	    (c >= '0' && c <= '9') || starts_with(s, s->at, "true") ||
	    starts_with(s, s->at, "false") || starts_with(s, s->at, "null");
}

/* Behind the root. */
static bool
scan_end(struct json_scan *s)
{
	size_t at;

	skip_space(s);
	if (s->at == s->len)
		return true;
	at = s->at;
	if (s->base[at] == ',') {
		s->at++;
		skip_space(s);
	}
	if (may_begin_value(s))
		return fail(s, TL_JSON_EXTRA, s->at, describe(s, s->at),
		    "nothing after the value");
	s->at = at;
	return fail_here(s, "nothing after the value");
}

bool
json_scan_document(struct json_scan *s)
{
	skip_space(s);
	if (s->at == s->len)
		return fail(s, TL_JSON_EMPTY, s->at, "end of input", "a value");
	do {
		struct tl_json *v = begin_value(s);

		if (v == NULL || !scan_value(s, v))
			return false;
		if (v->kind >= TL_JSON_ARRAY) {
			skip_space(s);
			if (peek(s) != closer(v))
				continue;
			leave(s);
		}
		if (!scan_separators(s))
			return false;
	} while (s->depth > 0);
	return scan_end(s);
}
