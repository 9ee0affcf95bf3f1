/* SPDX-License-Identifier: Apache-2.0 */
/* What is drawn for a token, and how tokens fill lines. */
#include "view/tokens.h"

#include <assert.h>
#include <string.h>

/* A token's glyphs are cut here: no real token comes near, and a line must not
 * cost more than what it shows. */
#define MAX_GLYPHS 4096
#define MAX_MARKS 4 /* combining marks on one base: what curses can hold */

/* --- the bytes a token shows --- */

/* Byte-level tokens may split a character; their offsets then cover the whole
 * of it and overlap. */
static bool
is_fragment(const struct tl_tokens *t, size_t i)
{
	struct tl_offset o = t->offsets[i];

	if (o.beg == o.end)
		return false;
	if (i > 0 && t->offsets[i - 1].beg < t->offsets[i - 1].end &&
	    t->offsets[i - 1].end > o.beg)
		return true;
	return i + 1 < t->n && t->offsets[i + 1].beg < t->offsets[i + 1].end &&
	    t->offsets[i + 1].beg < o.end;
}

/* What token i stands for in the text: the text itself where the token covers
 * whole characters, so that nothing the normalizer did hides the data. */
static tl_str
shown_bytes(const struct tl_token_list *l, struct tl_arena *a, size_t i)
{
	const struct tl_tokens *t = &l->sample->tokens;
	struct tl_offset o = t->offsets[i];
	tl_str s = tl_str_slice(l->sample->render.text.str, o.beg, o.end);
	tl_str vocabulary;

	if (l->tokenizer == NULL || (s.len > 0 && !is_fragment(t, i)))
		return s;
	if (s.len == 0)
		return tl_tokenizer_piece(l->tokenizer, t->ids[i]);
	vocabulary = tl_tokenizer_bytes(l->tokenizer, a, t->ids[i]);
	return vocabulary.len > 0 ? vocabulary : s;
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Length that a lead byte announces; 0 for other bytes. */
static size_t
announced(char lead)
{
	unsigned char c = (unsigned char)lead;

	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	return c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

/* A character that earlier tokens began and this one may go on with. */
struct partial {
	char bytes[4];
	size_t have; /* 0: none */
	size_t want;
};

static struct partial
partial_before(const struct tl_token_list *l, struct tl_arena *a, size_t i)
{
	struct partial p = { 0 };
	char tail[4];
	size_t ntail = 0; /* continuation bytes seen, at the end of tail */

	for (size_t back = 1; back <= 3 && back <= i; back++) {
		tl_str s = shown_bytes(l, a, i - back);
		size_t at = s.len;

		while (at > 0 && is_continuation(s.ptr[at - 1]) && ntail < 3)
			tail[3 - ntail++] = s.ptr[--at];
		if (at == 0 && s.len > 0)
			continue;
		if (at == 0 || announced(s.ptr[at - 1]) <= ntail + 1)
			return p;
		p.want = announced(s.ptr[at - 1]);
		p.have = ntail + 1;
		p.bytes[0] = s.ptr[at - 1];
		memcpy(p.bytes + 1, tail + 4 - ntail, ntail);
		return p;
	}
	return p;
}

/* --- glyphs --- */

struct maker {
	const struct tl_token_list *list;
	struct tl_arena *arena;
	struct tl_glyph *glyphs;
	size_t n, cap;
	size_t nmarks; /* combining marks on the last glyph */
};

static struct tl_glyph *
add(struct maker *m, enum tl_glyph_kind kind, tl_str text, unsigned width)
{
	if (m->n == m->cap) {
		size_t cap = m->cap > 0 ? m->cap * 2 : 16;

		m->glyphs = tl_arena_grow(m->arena, m->glyphs,
		    m->n * sizeof(*m->glyphs), cap * sizeof(*m->glyphs),
		    _Alignof(struct tl_glyph));
		m->cap = cap;
	}
	m->glyphs[m->n] =
	    (struct tl_glyph){ .text = text, .width = width, .kind = kind };
	m->nmarks = 0;
	return &m->glyphs[m->n++];
}

static unsigned
text_width(const struct maker *m, tl_str s)
{
	unsigned width = 0;

	for (size_t at = 0; at < s.len;) {
		uint32_t cp;
		int w;

		at += tl_utf8_next(s, at, &cp, NULL);
		w = m->list->opt.width(cp);
		width += w > 0 ? (unsigned)w : 0;
	}
	return width;
}

static void
add_text(struct maker *m, enum tl_glyph_kind kind, const char *text)
{
	tl_str s = tl_str_from(text);

	add(m, kind, s, text_width(m, s));
}

/* Code points that show nothing, move the cursor, reorder their neighbours, or
 * that terminals draw in different widths (joiners, variation selectors, skin
 * tones), and all white space but the plain space. */
static bool
is_spelled_out(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = { { 0x00, 0x1f }, { 0x7f, 0xa0 }, { 0xad, 0xad },
		{ 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 },
		{ 0x1680, 0x1680 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
		{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xd800, 0xdfff },
		{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x1f3fb, 0x1f3ff },
		{ 0xe0000, 0xe0fff } };
	size_t lo = 0, hi = TL_COUNT(ranges);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cp > ranges[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < TL_COUNT(ranges) && cp >= ranges[lo].first;
}

/* Data that looks like one of our signs would make the picture ambiguous. */
static bool
is_sign(const struct tl_token_options *opt, uint32_t cp)
{
	switch (cp) {
	case 0xb7:   /* · */
	case 0x23ce: /* ⏎ */
	case 0x21e5: /* ⇥ */
	case 0x2039: /* ‹ */
		return true;
	case 0x27e6: /* ⟦ */
	case 0x27e7:
		return (opt->marks & TL_MARK_TRAINED) != 0;
	case 0x27ea: /* ⟪ */
	case 0x27eb:
		return (opt->marks & TL_MARK_SPECIAL) != 0;
	case 0x254e: /* ╎ */
		return (opt->marks & TL_MARK_TOKENS) != 0;
	default:
		return false;
	}
}

static void
add_escape(struct maker *m, uint32_t cp)
{
	add_text(m, TL_GLYPH_ESCAPE,
	    tl_arena_printf(m->arena,
		m->list->opt.is_ascii ? "\\u{%04X}" : "‹U+%04X›",
		(unsigned)cp));
}

/* Put a mark of width 0 onto the glyph before it, or onto a dotted circle. */
static void
add_combining(struct maker *m, tl_str mark, size_t first_of_token)
{
	struct tl_glyph *g =
	    m->n > first_of_token ? &m->glyphs[m->n - 1] : NULL;
	struct tl_buf b;

	tl_buf_init(&b, m->arena, 0);
	if (m->nmarks == MAX_MARKS) {
		uint32_t cp;

		tl_utf8_next(mark, 0, &cp, NULL);
		add_escape(m, cp);
		m->nmarks = MAX_MARKS; /* nor on the escape */
		return;
	}
	if (g != NULL && g->kind == TL_GLYPH_TEXT) {
		tl_buf_put(&b, g->text);
		tl_buf_put(&b, mark);
		g->text = tl_buf_str(&b);
		m->nmarks++;
		return;
	}
	tl_buf_puts(&b, "◌");
	tl_buf_put(&b, mark);
	add(m, TL_GLYPH_TEXT, tl_buf_str(&b), 1);
	m->nmarks = 1;
}

static void
add_codepoint(struct maker *m, tl_str bytes, uint32_t cp, size_t first_of_token)
{
	const struct tl_token_options *opt = &m->list->opt;
	int width;

	if (cp == ' ') {
		add_text(m, TL_GLYPH_SPACE, opt->is_ascii ? " " : "·");
		return;
	}
	if (cp == '\n') {
		add_text(m, TL_GLYPH_BREAK, opt->is_ascii ? "\\n" : "⏎");
		m->glyphs[m->n - 1].ends_line = true;
		return;
	}
	if (cp == '\t') {
		add_text(m, TL_GLYPH_TAB, opt->is_ascii ? "\\t" : "⇥");
		return;
	}
	width = opt->width(cp);
	if (is_spelled_out(cp) || is_sign(opt, cp) || width < 0 ||
	    (opt->is_ascii && cp > 0x7e))
		add_escape(m, cp);
	else if (width == 0)
		add_combining(m, bytes, first_of_token);
	else
		add(m, TL_GLYPH_TEXT, bytes, (unsigned)width);
}

void
tl_token_put_hex(struct tl_buf *b, tl_str bytes, const char *before)
{
	for (size_t i = 0; i < bytes.len; i++)
		tl_buf_printf(b, "%s%02X", i > 0 ? " " : before,
		    (unsigned char)bytes.ptr[i]);
}

/* Bytes that are no character by themselves: ‹F0 9F+98+80=😀›, where each +
 * begins a further token of the same character. */
struct bytes_glyph {
	tl_str bytes;
	bool goes_on; /* with a character of earlier tokens */
	bool is_open; /* a later token goes on with it */
	tl_str whole; /* the character that is now complete, or empty */
};

static void
add_bytes(struct maker *m, const struct bytes_glyph *g)
{
	bool is_ascii = m->list->opt.is_ascii;
	struct tl_buf b;
	tl_str s;

	tl_buf_init(&b, m->arena, 0);
	tl_token_put_hex(&b, g->bytes, g->goes_on ? "+" : is_ascii ? "<" : "‹");
	if (g->whole.len > 0) {
		uint32_t cp;

		tl_utf8_next(g->whole, 0, &cp, NULL);
		tl_buf_putc(&b, '=');
		if (is_spelled_out(cp) || is_sign(&m->list->opt, cp) ||
		    cp == 0x203a /* › */ || is_ascii ||
		    m->list->opt.width(cp) <= 0)
			tl_buf_printf(&b, "U+%04X", (unsigned)cp);
		else
			tl_buf_put(&b, g->whole);
	}
	if (!g->is_open)
		tl_buf_puts(&b, is_ascii ? ">" : "›");
	s = tl_buf_str(&b);
	add(m, TL_GLYPH_ESCAPE, s, text_width(m, s))->is_open = g->is_open;
}

/* Leading bytes of s that end a character begun before; returns how many. */
static size_t
add_rest_of_partial(struct maker *m, size_t i, tl_str s)
{
	struct partial p = partial_before(m->list, m->arena, i);
	struct bytes_glyph g = { .goes_on = true };
	size_t n = 0;

	while (p.have + n < p.want && n < s.len && is_continuation(s.ptr[n])) {
		p.bytes[p.have + n] = s.ptr[n];
		n++;
	}
	if (p.have == 0 || n == 0)
		return 0;
	g.bytes = tl_str_slice(s, 0, n);
	g.is_open = p.have + n < p.want;
	if (!g.is_open && tl_utf8_len((tl_str){ p.bytes, p.want }, 0) == p.want)
		g.whole = tl_arena_str(m->arena, (tl_str){ p.bytes, p.want });
	add_bytes(m, &g);
	return n;
}

static bool
next_goes_on(const struct tl_token_list *l, struct tl_arena *a, size_t i)
{
	tl_str s;

	if (i + 1 >= l->n)
		return false;
	s = shown_bytes(l, a, i + 1);
	return s.len > 0 && is_continuation(s.ptr[0]);
}

/* A stretch of malformed bytes at s[at]; returns its length. */
static size_t
add_malformed(struct maker *m, size_t i, tl_str s, size_t at)
{
	struct bytes_glyph g = { 0 };
	size_t end = at + 1;

	while (end < s.len && end - at < 4 && is_continuation(s.ptr[end]))
		end++;
	g.bytes = tl_str_slice(s, at, end);
	g.is_open = end == s.len && announced(s.ptr[at]) > end - at &&
	    next_goes_on(m->list, m->arena, i);
	add_bytes(m, &g);
	return end - at;
}

static void
add_data(struct maker *m, size_t i)
{
	tl_str s = shown_bytes(m->list, m->arena, i);
	size_t first = m->n;
	size_t at = add_rest_of_partial(m, i, s);

	while (at < s.len) {
		size_t n = tl_utf8_len(s, at);
		uint32_t cp;

		if (m->n - first >= MAX_GLYPHS) {
			add_text(m, TL_GLYPH_ESCAPE,
			    tl_arena_printf(
				m->arena, "‹%zu more bytes›", s.len - at));
			break;
		}
		if (n == 0) {
			at += add_malformed(m, i, s, at);
			continue;
		}
		tl_utf8_next(s, at, &cp, NULL);
		add_codepoint(m, tl_str_slice(s, at, at + n), cp, first);
		at += n;
	}
	if (m->n == first)
		add_text(m, TL_GLYPH_ESCAPE,
		    tl_arena_printf(m->arena,
			m->list->opt.is_ascii ? "<id %u>" : "‹id %u›",
			(unsigned)m->list->sample->tokens.ids[i]));
}

static bool
is_cut(const struct tl_token_list *l, size_t i)
{
	return tl_token_state(l, i) == TL_TOKEN_CUT;
}

static bool
is_trained(const struct tl_token_list *l, size_t i)
{
	return tl_token_state(l, i) == TL_TOKEN_TRAINED;
}

static void
add_marks_before(struct maker *m, size_t i)
{
	const struct tl_token_list *l = m->list;
	unsigned marks = l->opt.marks;
	bool is_ascii = l->opt.is_ascii;

	if (marks & TL_MARK_TOKENS && i > 0)
		add_text(m, TL_GLYPH_MARK, is_ascii ? "|" : "╎");
	if (marks & TL_MARK_TRAINED && i > 0 &&
	    is_cut(l, i) != is_cut(l, i - 1))
		add_text(m, TL_GLYPH_MARK, is_ascii ? "<cut>" : "‹cut›");
	if (marks & TL_MARK_TRAINED && is_trained(l, i) &&
	    (i == 0 || !is_trained(l, i - 1)))
		add_text(m, TL_GLYPH_MARK, is_ascii ? "[[" : "⟦");
	if (marks & TL_MARK_SPECIAL && tl_token_is_special(l, i))
		add_text(m, TL_GLYPH_MARK, is_ascii ? "{" : "⟪");
}

static void
add_marks_behind(struct maker *m, size_t i)
{
	const struct tl_token_list *l = m->list;
	unsigned marks = l->opt.marks;
	bool is_ascii = l->opt.is_ascii;

	if (marks & TL_MARK_SPECIAL && tl_token_is_special(l, i))
		add_text(m, TL_GLYPH_MARK, is_ascii ? "}" : "⟫");
	if (marks & TL_MARK_TRAINED && is_trained(l, i) &&
	    (i + 1 == l->n || !is_trained(l, i + 1)))
		add_text(m, TL_GLYPH_MARK, is_ascii ? "]]" : "⟧");
}

size_t
tl_token_glyphs(const struct tl_token_list *l, struct tl_arena *a, size_t i,
    const struct tl_glyph **out)
{
	struct maker m = { .list = l, .arena = a };
	size_t ndata;

	assert(i < l->n);
	add_marks_before(&m, i);
	add_data(&m, i);
	ndata = m.n;
	add_marks_behind(&m, i);
	if (m.n > ndata && m.glyphs[ndata - 1].ends_line) {
		/* The closing marks stay on the line they close. */
		m.glyphs[ndata - 1].ends_line = false;
		m.glyphs[m.n - 1].ends_line = true;
	}
	*out = m.glyphs;
	return m.n;
}

/* --- lines --- */

struct line_maker {
	struct tl_arena *arena;
	struct tl_placed *glyphs;
	size_t n, cap;
	size_t column;
};

static void
place(struct line_maker *m, const struct tl_glyph *g, size_t token)
{
	if (m->n == m->cap) {
		size_t cap = m->cap > 0 ? m->cap * 2 : 64;

		m->glyphs = tl_arena_grow(m->arena, m->glyphs,
		    m->n * sizeof(*m->glyphs), cap * sizeof(*m->glyphs),
		    _Alignof(struct tl_placed));
		m->cap = cap;
	}
	m->glyphs[m->n++] = (struct tl_placed){ *g, token };
	m->column += g->width;
}

/* Cells from glyph g to the next line end, or to the token's end and that of
 * the character it leaves open. */
static size_t
segment_width(const struct tl_token_list *l, struct tl_arena *a, size_t token,
    const struct tl_glyph *glyphs, size_t n, size_t g)
{
	size_t width = 0;

	while (g < n) {
		const struct tl_glyph *last = &glyphs[g++];

		width += last->width;
		if (last->ends_line)
			break;
		/* The rest of the character is in the next token, perhaps
		 * behind a mark. */
		if (last->is_open && g == n && token + 1 < l->n) {
			n = tl_token_glyphs(l, a, ++token, &glyphs);
			for (g = 0;
			     g + 1 < n && glyphs[g].kind == TL_GLYPH_MARK; g++)
				width += glyphs[g].width;
			if (!glyphs[g].is_open) {
				width += glyphs[g].width;
				break;
			}
		}
	}
	return width;
}

void
tl_token_line(const struct tl_token_list *l, struct tl_arena *a,
    struct tl_token_pos at, size_t width, struct tl_token_line *out)
{
	struct line_maker m = { .arena = a };
	bool is_done = false;

	*out = (struct tl_token_line){ .ends_hard = at.token >= l->n };
	while (at.token < l->n && !is_done) {
		const struct tl_glyph *g;
		size_t n = tl_token_glyphs(l, a, at.token, &g);
		size_t k = at.glyph;
		size_t need = segment_width(l, a, at.token, g, n, k);

		if (k == 0 && m.column > 0 && m.column + need > width &&
		    need <= width)
			break;
		for (; k < n && !is_done; k++) {
			if (m.column > 0 && m.column + g[k].width > width) {
				is_done = true;
				break;
			}
			place(&m, &g[k], at.token);
			is_done = out->ends_hard = g[k].ends_line;
		}
		at.glyph = k;
		if (k == n)
			at = (struct tl_token_pos){ at.token + 1, 0 };
	}
	out->glyphs = m.glyphs;
	out->n = m.n;
	out->width = m.column;
	out->next = at;
	if (at.token >= l->n)
		out->ends_hard = true;
}
