/* SPDX-License-Identifier: Apache-2.0 */
/* The default: the bytes, what they cost the training, what to do. */
#include "report/human.h"

#include <stdio.h>

#define DEFAULT_WIDTH 100
#define MIN_WIDTH 40
#define MAX_ID 48 /* bytes of an id in the header */

/* A character of the excerpt as it is shown: itself, or its escape. */
struct glyph {
	size_t beg, end; /* bytes of the shown text */
	size_t at;	 /* byte of the excerpt */
	size_t cells;
};

struct shown {
	struct glyph *glyphs;
	size_t n;
	struct tl_buf text;
};

static void
show_excerpt(struct tl_arena *a, const struct tl_finding *f, struct shown *s)
{
	tl_str e = f->excerpt;
	bool in_indent = !f->excerpt_is_cut_left;

	tl_buf_init(&s->text, a, 0);
	s->glyphs = TL_NEW(a, struct glyph, e.len);
	s->n = 0;
	for (size_t at = 0; at < e.len;) {
		struct glyph *g = &s->glyphs[s->n++];
		uint32_t cp;
		size_t len = tl_utf8_next(e, at, &cp, NULL);

		g->at = at;
		g->beg = s->text.len;
		/* A tab before the first character is only indentation. */
		in_indent = in_indent && (cp == ' ' || cp == '\t');
		if (in_indent && at < f->excerpt_beg)
			tl_buf_puts(&s->text, cp == '\t' ? "    " : " ");
		else
			tl_buf_put_escaped(
			    &s->text, tl_str_slice(e, at, at + len));
		g->end = s->text.len;
		/* An escape is ASCII; what is copied has its own width. */
		if (g->end - g->beg == len && s->text.ptr[g->beg] == e.ptr[at])
			g->cells = (size_t)tl_utf8_width(cp);
		else
			g->cells = g->end - g->beg;
		at += len;
	}
}

/* Glyphs [*from, *to) that fit in `room` cells, with the span in sight. */
static void
choose_window(const struct shown *s, const struct tl_finding *f, size_t room,
    size_t *from, size_t *to)
{
	size_t first = 0, cells = 0, left = 0;

	while (first < s->n && s->glyphs[first].at < f->excerpt_beg)
		first++;
	*from = first;
	*to = first;
	/* A third of the room before the span, the rest from its start on,
	 * and what that leaves over before the span again. */
	while (*from > 0 && left + s->glyphs[*from - 1].cells <= room / 3)
		left += s->glyphs[--*from].cells;
	cells = left;
	while (*to < s->n && cells + s->glyphs[*to].cells <= room)
		cells += s->glyphs[(*to)++].cells;
	while (*from > 0 && cells + s->glyphs[*from - 1].cells <= room)
		cells += s->glyphs[--*from].cells;
}

/* The line under the excerpt: carets under the span's cells. */
static void
put_carets(struct tl_writer_cx *cx, const struct shown *s,
    const struct tl_finding *f, size_t from, size_t to, size_t indent)
{
	size_t col = indent, beg = TL_NPOS, n = 0;
	char line[256];

	for (size_t i = from; i < to; i++) {
		const struct glyph *g = &s->glyphs[i];

		if (g->at >= f->excerpt_beg && g->at < f->excerpt_end) {
			if (beg == TL_NPOS)
				beg = col;
			n += g->cells;
		}
		if (g->at < f->excerpt_beg)
			col += g->cells;
		else if (beg == TL_NPOS)
			break;
	}
	if (beg == TL_NPOS) /* an empty span: the place itself */
		beg = col;
	if (n == 0) { /* a combining character: under what carries it */
		n = 1;
		if (beg > indent && f->excerpt_end > f->excerpt_beg)
			beg--;
	}
	tl_buf_pad(cx->out, ' ', beg);
	while (n > 0) {
		size_t part = n < sizeof(line) ? n : sizeof(line);

		for (size_t i = 0; i < part; i++)
			line[i] = '^';
		tl_human_put(
		    cx, tl_level_colour(f->level), (tl_str){ line, part });
		n -= part;
	}
}

/* The margin of a line: what stands in it, right-aligned, and the bar. */
static void
put_gutter(
    struct tl_writer_cx *cx, size_t width, const char *label, const char *bar)
{
	char text[64];
	size_t len = tl_str_from(label).len;

	tl_buf_pad(cx->out, ' ', width - len);
	snprintf(text, sizeof(text), "%s%s", label, bar);
	tl_human_put(cx, TL_BLUE, tl_str_from(text));
}

static void
put_excerpt(struct tl_writer_cx *cx, const struct tl_finding *f, size_t gutter,
    const char *number)
{
	struct tl_arena *scratch = cx->scratch;
	size_t width = cx->width > MIN_WIDTH ? cx->width
	    : cx->width > 0		     ? MIN_WIDTH
					     : DEFAULT_WIDTH;
	size_t room = width - gutter - 3 - 2; /* the bar, two ellipses */
	bool is_cut_left, is_cut_right;
	struct shown s;
	size_t from, to;

	show_excerpt(scratch, f, &s);
	choose_window(&s, f, room, &from, &to);
	is_cut_left = from > 0 || f->excerpt_is_cut_left;
	is_cut_right = to < s.n || f->excerpt_is_cut_right;
	put_gutter(cx, gutter, "", " |");
	tl_buf_putc(cx->out, '\n');
	put_gutter(cx, gutter, number, " | ");
	if (is_cut_left)
		tl_buf_puts(cx->out, "…");
	if (to > from)
		tl_buf_put(cx->out,
		    tl_str_slice(tl_buf_str(&s.text), s.glyphs[from].beg,
			s.glyphs[to - 1].end));
	tl_buf_puts(cx->out, is_cut_right ? "…\n" : "\n");
	/* Carets under all of it would say nothing. */
	if (f->pointer.ptr != NULL && f->pointer.len == 0)
		return;
	put_gutter(cx, gutter, "", " | ");
	put_carets(cx, &s, f, from, to, is_cut_left ? 1 : 0);
	tl_buf_putc(cx->out, '\n');
}

static void
put_header(struct tl_writer_cx *cx, const struct tl_finding *f, size_t gutter)
{
	struct tl_buf *b = cx->out;

	tl_human_put(cx, tl_level_colour(f->level),
	    tl_str_from(tl_level_name(f->level)));
	tl_buf_putc(b, '[');
	tl_human_put(cx, TL_BOLD, tl_str_from(f->rule->code));
	tl_buf_puts(b, "]: ");
	tl_human_put(cx, TL_BOLD, f->message);
	tl_buf_putc(b, '\n');
	put_gutter(cx, gutter, "", "--> ");
	tl_buf_put_escaped(b, f->path);
	if (f->line > 0)
		tl_buf_printf(b, ":%zu:%zu", f->line, f->column);
	if (f->has_record) {
		tl_buf_printf(b, "  (record #%zu", f->record);
		if (f->id.len > 0) {
			tl_buf_puts(b, " id=");
			tl_buf_put_escaped(b, tl_str_slice(f->id, 0, MAX_ID));
			if (f->id.len > MAX_ID)
				tl_buf_puts(b, "…");
		}
		if (f->pointer.len > 0) {
			tl_buf_puts(b, ", ");
			tl_buf_put_escaped(b, f->pointer);
		}
		if (f->has_text_span)
			tl_buf_printf(
			    b, "[%zu..%zu]", f->text_beg, f->text_end);
		tl_buf_putc(b, ')');
	}
	if (f->template_line > 0) {
		tl_buf_puts(b, "  (");
		tl_buf_put_escaped(b, f->pointer);
		tl_buf_printf(b, ", line %zu, column %zu)", f->template_line,
		    f->template_column);
	}
	tl_buf_putc(b, '\n');
}

/* "= label: text", wrapped at words. */
static void
put_line(struct tl_writer_cx *cx, size_t gutter, const char *label, tl_str s)
{
	size_t width = cx->width > MIN_WIDTH ? cx->width : DEFAULT_WIDTH;
	size_t at = gutter + 3 + tl_utf8_count(tl_str_from(label));

	put_gutter(cx, gutter, "", " = ");
	tl_human_put(cx, TL_BOLD, tl_str_from(label));
	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, ' ', i);
		tl_str word = tl_str_slice(s, i, end);
		size_t cells = tl_utf8_count(word);

		if (i > 0 && at + 1 + cells > width) {
			tl_buf_putc(cx->out, '\n');
			tl_buf_pad(cx->out, ' ', gutter + 3);
			at = gutter + 3;
		} else if (i > 0) {
			tl_buf_putc(cx->out, ' ');
			at++;
		}
		tl_buf_put(cx->out, word);
		at += cells;
		i = end == TL_NPOS ? s.len : end + 1;
	}
	tl_buf_putc(cx->out, '\n');
}

static void
finding(struct tl_writer_cx *cx, const struct tl_finding *f)
{
	char number[24] = "";
	size_t gutter;
	bool is_new;

	tl_arena_reset(cx->scratch);
	if (f->excerpt.len > 0)
		snprintf(number, sizeof(number), "%zu", f->line);
	gutter = tl_str_from(number).len;
	if (gutter < 2)
		gutter = 2;
	put_header(cx, f, gutter);
	if (f->excerpt.len > 0)
		put_excerpt(cx, f, gutter, number);
	for (size_t i = 0; i < f->nnotes; i++)
		put_line(cx, gutter, "", f->notes[i]);
	/* What it costs is told once a rule, what to do each time. */
	tl_map_put(&cx->explained, tl_str_from(f->rule->code), &is_new);
	if (is_new)
		put_line(cx, gutter, "why: ", tl_str_from(f->rule->why));
	put_line(cx, gutter, "fix: ", tl_str_from(f->rule->fix));
	if (is_new) {
		put_gutter(cx, gutter, "", " = ");
		tl_human_put(cx, TL_BOLD, TL_STR("see: "));
		tl_buf_printf(cx->out, "turnlint rule %s\n", f->rule->code);
	}
	tl_buf_putc(cx->out, '\n');
	cx->nwritten++;
}

static void
end(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	tl_human_footer(cx, s);
}

const struct tl_writer tl_writer_full = {
	.name = "full",
	.summary = "the place with its bytes, the consequence, the next action",
	.finding = finding,
	.end = end,
};
