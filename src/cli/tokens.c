/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tokens.h"

#include <string.h>

#include <turnlint/record.h>

#define PIECE_CELLS 24 /* of the column; a longer piece pushes on */

/* Pad what was put since `from` to a column of `cells`. */
static void
pad(struct tl_buf *b, size_t from, size_t cells)
{
	tl_str s = { b->ptr + from, b->len - from };
	size_t used = 0;

	for (size_t at = 0; at < s.len;) {
		uint32_t cp;

		at += tl_utf8_next(s, at, &cp, NULL);
		used += (size_t)tl_utf8_width(cp);
	}
	tl_buf_pad(b, ' ', used < cells ? cells - used : 1);
}

static void
put_flags(struct tl_buf *b, unsigned flags)
{
	if (flags & TL_TOKEN_SPECIAL)
		tl_buf_puts(b, "  special");
	else if (flags & TL_TOKEN_ADDED)
		tl_buf_puts(b, "  added");
	if (flags & TL_TOKEN_BYTE)
		tl_buf_puts(b, "  byte");
	if (flags & TL_TOKEN_UNK)
		tl_buf_puts(b, "  unknown");
}

/* Code points in front of each byte; NULL: bytes are counted. */
static const uint32_t *
char_places(const struct tl_tokenized *k, bool in_chars)
{
	uint32_t *at, n = 0;

	if (!in_chars)
		return NULL;
	at = TL_NEW(k->arena, uint32_t, k->text.len + 1);
	for (size_t i = 0; i < k->text.len; i++) {
		n += ((unsigned char)k->text.ptr[i] & 0xC0) != 0x80;
		at[i] = n - 1;
	}
	at[k->text.len] = n;
	return at;
}

static struct tl_offset
place_of(const struct tl_tokenized *k, const uint32_t *chars, size_t i)
{
	struct tl_offset o = k->tokens.offsets[i];

	if (chars != NULL)
		o = (struct tl_offset){ chars[o.beg], chars[o.end] };
	return o;
}

static void
put_hex(struct tl_buf *b, tl_str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		tl_buf_printf(b, "%02x", (unsigned)(unsigned char)bytes.ptr[i]);
}

/* --- JSON ------------------------------------------------------------------
 */

void
tl_put_place(struct tl_buf *b, struct tl_text_place p)
{
	tl_buf_putc(b, '{');
	if (p.rec == NULL)
		return;
	tl_buf_printf(b, "\"record\":%zu,\"line\":%zu,", p.rec->pos.index,
	    p.rec->pos.line);
	if (p.turn != TL_NO_TURN)
		tl_buf_printf(b, "\"turn\":%zu,", p.turn);
}

static void
put_ids(struct tl_buf *b, const struct tl_tokens *k, size_t beg, size_t end)
{
	tl_buf_putc(b, '[');
	for (size_t i = beg; i < end; i++)
		tl_buf_printf(b, "%s%u", i > beg ? "," : "", k->ids[i]);
	tl_buf_putc(b, ']');
}

void
tl_put_tokens_json(
    struct tl_buf *b, const struct tl_tokenized *k, bool in_chars)
{
	const uint32_t *chars = char_places(k, in_chars);

	tl_buf_puts(b, "\"ids\":");
	put_ids(b, &k->tokens, 0, k->tokens.n);
	tl_buf_puts(b, ",\"offsets\":[");
	for (size_t i = 0; i < k->tokens.n; i++) {
		struct tl_offset o = place_of(k, chars, i);

		tl_buf_printf(b, "%s[%u,%u]", i > 0 ? "," : "", o.beg, o.end);
	}
	tl_buf_puts(b, "],\"tokens\":[");
	for (size_t i = 0; i < k->tokens.n; i++) {
		if (i > 0)
			tl_buf_putc(b, ',');
		tl_json_put_string(
		    b, tl_tokenizer_piece(k->tokenizer, k->tokens.ids[i]));
	}
	tl_buf_puts(b, "],\"bytes\":[");
	for (size_t i = 0; i < k->tokens.n; i++) {
		tl_buf_puts(b, i > 0 ? ",\"" : "\"");
		put_hex(b,
		    tl_tokenizer_bytes(
			k->tokenizer, k->arena, k->tokens.ids[i]));
		tl_buf_putc(b, '"');
	}
	tl_buf_putc(b, ']');
}

/* --- the table -------------------------------------------------------------
 */

/* The bytes of a token that is no text of its own, and, behind the last one of
 * a char, what they are together. */
static void
put_partial(
    struct tl_buf *b, const struct tl_tokenized *k, size_t i, tl_str bytes)
{
	struct tl_offset o = k->tokens.offsets[i];
	bool is_last =
	    i + 1 == k->tokens.n || k->tokens.offsets[i + 1].beg >= o.end;

	for (size_t n = 0; n < bytes.len; n++)
		tl_buf_printf(
		    b, "\\x%02x", (unsigned)(unsigned char)bytes.ptr[n]);
	if (!is_last)
		return;
	tl_buf_puts(b, "  = \"");
	tl_buf_put_escaped(b, tl_str_slice(k->text, o.beg, o.end));
	tl_buf_putc(b, '"');
}

static void
put_text(struct tl_buf *b, const struct tl_tokenized *k, size_t i)
{
	struct tl_offset o = k->tokens.offsets[i];
	tl_str bytes =
	    tl_tokenizer_bytes(k->tokenizer, k->arena, k->tokens.ids[i]);

	if (tl_utf8_check(bytes) != bytes.len) {
		put_partial(b, k, i, bytes);
		return;
	}
	tl_buf_putc(b, '"');
	tl_buf_put_escaped(b, tl_str_slice(k->text, o.beg, o.end));
	tl_buf_putc(b, '"');
}

void
tl_put_tokens_table(
    struct tl_buf *b, const struct tl_tokenized *k, bool in_chars)
{
	const uint32_t *chars = char_places(k, in_chars);
	size_t n = k->tokens.n;

	tl_buf_printf(b, "%zu byte%s, %zu token%s\n", k->text.len,
	    k->text.len == 1 ? "" : "s", n, n == 1 ? "" : "s");
	tl_buf_printf(b, "      #        id       %s  piece",
	    in_chars ? "chars" : "bytes");
	tl_buf_pad(b, ' ', PIECE_CELLS - 5);
	tl_buf_puts(b, "  text\n");
	for (size_t i = 0; i < n; i++) {
		struct tl_offset at = place_of(k, chars, i);
		uint32_t id = k->tokens.ids[i];
		size_t from;

		tl_buf_printf(b, "%7zu %9u %5u-%-5u  ", i, id, at.beg, at.end);
		from = b->len;
		tl_buf_put_escaped(b, tl_tokenizer_piece(k->tokenizer, id));
		pad(b, from, PIECE_CELLS);
		tl_buf_puts(b, "  ");
		put_text(b, k, i);
		put_flags(b, tl_tokenizer_flags(k->tokenizer, id));
		tl_buf_putc(b, '\n');
	}
}

/* --- two tokenizers --------------------------------------------------------
 */

/* Tokens of t from i on that end at or in front of the byte `end`. */
static size_t
through(const struct tl_tokens *t, size_t i, size_t end)
{
	while (i < t->n && t->offsets[i].end <= end)
		i++;
	return i;
}

static bool
is_same(const struct tl_tokens *a, const struct tl_tokens *b,
    const struct tl_token_change *c)
{
	return c->a_end - c->a == c->b_end - c->b &&
	    (c->a == c->a_end ||
		memcmp(a->ids + c->a, b->ids + c->b,
		    (c->a_end - c->a) * sizeof(*a->ids)) == 0);
}

/* The next byte behind `at` where no token of either is cut. */
static size_t
next_common(const struct tl_tokens *a, size_t i, const struct tl_tokens *b,
    size_t k, size_t len)
{
	while (i < a->n && k < b->n) {
		uint32_t x = a->offsets[i].end, y = b->offsets[k].end;
		bool a_goes_on = i + 1 < a->n && a->offsets[i + 1].beg < x;
		bool b_goes_on = k + 1 < b->n && b->offsets[k + 1].beg < y;

		if (x == y && !a_goes_on && !b_goes_on)
			return x;
		if (x < y || (x == y && a_goes_on))
			i++;
		else
			k++;
	}
	return len;
}

const struct tl_token_change *
tl_token_changes(
    const struct tl_tokenized *a, const struct tl_tokenized *b, size_t *n)
{
	const struct tl_tokens *x = &a->tokens, *y = &b->tokens;
	struct tl_token_change *list =
	    TL_NEW(a->arena, struct tl_token_change, x->n + y->n + 1);
	size_t i = 0, k = 0, at = 0;

	*n = 0;
	while (i < x->n || k < y->n) {
		struct tl_token_change c = { .beg = at, .a = i, .b = k };

		c.end = next_common(x, i, y, k, a->text.len);
		c.a_end = through(x, i, c.end);
		c.b_end = through(y, k, c.end);
		if (c.end == a->text.len) {
			c.a_end = x->n;
			c.b_end = y->n;
		}
		if (!is_same(x, y, &c))
			list[(*n)++] = c;
		i = c.a_end;
		k = c.b_end;
		at = c.end;
	}
	return list;
}

void
tl_put_changes_json(struct tl_buf *out, const struct tl_tokenized *a,
    const struct tl_tokenized *b, const struct tl_token_change *list, size_t n)
{
	tl_buf_printf(out, "\"same\":%s,\"tokens\":[%zu,%zu],\"changes\":[",
	    n == 0 ? "true" : "false", a->tokens.n, b->tokens.n);
	for (size_t i = 0; i < n; i++) {
		const struct tl_token_change *c = &list[i];

		tl_buf_printf(out,
		    "%s{\"begin\":%zu,\"end\":%zu,\"ids\":", i > 0 ? "," : "",
		    c->beg, c->end);
		put_ids(out, &a->tokens, c->a, c->a_end);
		tl_buf_puts(out, ",\"against\":");
		put_ids(out, &b->tokens, c->b, c->b_end);
		tl_buf_putc(out, '}');
	}
	tl_buf_puts(out, "]}\n");
}

static void
put_side(struct tl_buf *out, char mark, const struct tl_tokenized *k,
    size_t beg, size_t end)
{
	tl_buf_printf(out, "  %c", mark);
	for (size_t i = beg; i < end; i++) {
		uint32_t id = k->tokens.ids[i];

		tl_buf_printf(out, "  %u ", id);
		tl_buf_put_escaped(out, tl_tokenizer_piece(k->tokenizer, id));
	}
	tl_buf_puts(out, beg == end ? "  nothing\n" : "\n");
}

void
tl_put_changes_table(struct tl_buf *out, const struct tl_tokenized *a,
    const struct tl_tokenized *b, const struct tl_token_change *list, size_t n,
    size_t max)
{
	for (size_t i = 0; i < n && i < max; i++) {
		const struct tl_token_change *c = &list[i];

		tl_buf_printf(out, "bytes %zu-%zu \"", c->beg, c->end);
		tl_buf_put_escaped(out, tl_str_slice(a->text, c->beg, c->end));
		tl_buf_puts(out, "\"\n");
		put_side(out, '-', a, c->a, c->a_end);
		put_side(out, '+', b, c->b, c->b_end);
	}
	if (n > max)
		tl_buf_printf(out, "\u2026 and %zu more places\n", n - max);
}
