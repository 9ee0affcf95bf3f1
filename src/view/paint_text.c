/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token view as lines of text, with and without escape sequences.
 *
 * Both carry the same marks, so a log that lost its colours still says what is
 * trained.
 */
#include <turnlint/compare.h>

#include "view/paint.h"

#define DEFAULT_WIDTH 80
#define MIN_WIDTH 20

struct text {
	struct tl_paint *paint;
	struct tl_buf *out;
	struct tl_arena *arena;
	const struct tl_shown *shown;
	struct tl_token_list list;
	bool is_ansi;
};

static void
set_style(const struct text *t, enum tl_style style, unsigned extra)
{
	if (t->is_ansi)
		tl_style_put_sgr(t->out, style, extra, t->paint->depth);
}

static void
reset_style(const struct text *t)
{
	if (t->is_ansi)
		tl_buf_puts(t->out, "\x1b[0m");
}

static void
put_line(const struct text *t, enum tl_style style, tl_str line)
{
	if (line.len == 0)
		return;
	set_style(t, style, 0);
	tl_buf_put(t->out, line);
	reset_style(t);
	tl_buf_putc(t->out, '\n');
}

struct look {
	enum tl_style style;
	unsigned extra;
};

/* Every other token is underlined in ansi: so the eye sees where they end. */
static struct look
look_of(const struct text *t, const struct tl_placed *p)
{
	struct look look = { tl_token_style(&t->list, p->token), 0 };

	if (p->glyph.kind == TL_GLYPH_MARK)
		look.style = TL_STYLE_RUN_MARK;
	else if (p->token % 2 == 1)
		look.extra |= TL_ATTR_UNDERLINE;
	if (p->glyph.kind == TL_GLYPH_ESCAPE)
		look.extra |= TL_ATTR_ITALIC;
	return look;
}

static void
put_glyphs(const struct text *t, const struct tl_token_line *line)
{
	struct look last = { TL_STYLE_COUNT, 0 };

	for (size_t i = 0; i < line->n; i++) {
		struct look look = look_of(t, &line->glyphs[i]);

		if (look.style != last.style || look.extra != last.extra)
			set_style(t, look.style, look.extra);
		last = look;
		tl_buf_put(t->out, line->glyphs[i].glyph.text);
	}
	reset_style(t);
}

static size_t
decimal_digits(size_t n)
{
	size_t digits = 1;

	for (; n >= 10; n /= 10)
		digits++;
	return digits;
}

/* In front of each line the number of its first token; a line that goes on
 * with one has dots. */
static void
put_gutter(const struct text *t, const struct tl_token_pos *at, size_t digits)
{
	set_style(t, TL_STYLE_FAINT, 0);
	if (at->glyph == 0)
		tl_buf_printf(t->out, "%*zu ", (int)digits, at->token);
	else
		tl_buf_printf(t->out, "%*s ", (int)digits, "..");
	reset_style(t);
}

static void
put_tokens(const struct text *t)
{
	size_t digits = decimal_digits(t->list.n);
	size_t width = t->paint->width > 0 ? t->paint->width : DEFAULT_WIDTH;
	struct tl_token_pos at = { 0, 0 };

	if (width < MIN_WIDTH)
		width = MIN_WIDTH;
	if (digits < 2)
		digits = 2;
	while (at.token < t->list.n) {
		struct tl_token_line line;

		tl_arena_reset(t->paint->scratch);
		tl_token_line(
		    &t->list, t->paint->scratch, at, width - digits - 1, &line);
		put_gutter(t, &at, digits);
		put_glyphs(t, &line);
		tl_buf_putc(t->out, '\n');
		at = line.next;
	}
}

static void
put_legend(const struct text *t)
{
	tl_buf_puts(t->out, "legend: ");
	set_style(t, TL_STYLE_RUN_MARK, 0);
	tl_buf_puts(t->out, "⟦");
	set_style(t, TL_STYLE_TRAINED, 0);
	tl_buf_puts(t->out, "trained");
	set_style(t, TL_STYLE_RUN_MARK, 0);
	tl_buf_puts(t->out, "⟧");
	reset_style(t);
	tl_buf_puts(t->out, "  masked  ");
	if (t->is_ansi) {
		set_style(t, TL_STYLE_TEMPLATE, 0);
		tl_buf_puts(t->out, "template");
		reset_style(t);
		tl_buf_puts(t->out, "  ");
	}
	if (t->list.opt.marks & TL_MARK_SPECIAL)
		tl_buf_puts(t->out, "⟪");
	set_style(t, TL_STYLE_SPECIAL, 0);
	tl_buf_puts(t->out, "special");
	reset_style(t);
	if (t->list.opt.marks & TL_MARK_SPECIAL)
		tl_buf_puts(t->out, "⟫");
	tl_buf_puts(t->out, "  · space  ⏎ newline  ⇥ tab  ‹…› escaped");
	if (t->list.sample->nkept < t->list.n)
		tl_buf_printf(t->out, "  ‹cut› %s cut off",
		    t->list.sample->has_gaps		 ? "edge of what is"
			: t->list.sample->first_kept > 0 ? "up to here"
							 : "from here on");
	if (t->list.opt.marks & TL_MARK_TOKENS)
		tl_buf_puts(t->out, "  ╎ next token");
	tl_buf_putc(t->out, '\n');
}

static void
put_runs(const struct text *t)
{
	for (size_t i = 0; i < t->list.n;) {
		struct tl_token_run run = tl_token_run_at(&t->list, i);

		tl_arena_reset(t->paint->scratch);
		put_line(t,
		    run.state == TL_TOKEN_TRAINED ? TL_STYLE_HEADING
						  : TL_STYLE_PLAIN,
		    tl_token_run_words(&t->list, t->paint->scratch, run));
		i = run.end;
	}
}

static void
put_findings(const struct text *t)
{
	for (size_t i = 0; i < t->shown->nfindings; i++) {
		const struct tl_finding *f = &t->shown->findings[i];

		put_line(t, tl_finding_style(f), tl_finding_words(f, t->arena));
	}
}

static void
paint(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r,
    bool is_ansi)
{
	struct tl_token_options opt = { .marks = TL_MARK_TRAINED | p->marks };
	struct text t = { .paint = p,
		.out = p->out,
		.arena = a,
		.shown = r,
		.is_ansi = is_ansi };

	if (!is_ansi)
		opt.marks |= TL_MARK_SPECIAL;
	tl_token_list_init(&t.list, &r->facts, &opt);
	if (p->nrecords++ > 0)
		tl_buf_putc(p->out, '\n');
	put_line(&t, TL_STYLE_HEADING, tl_shown_place(r, a));
	put_line(&t, TL_STYLE_PLAIN, tl_recipe_words(r->facts.recipe, a));
	put_line(&t, TL_STYLE_PLAIN, tl_shown_counts(r, a));
	tl_buf_putc(p->out, '\n');
	if (t.list.n == 0) {
		tl_buf_puts(p->out, "no tokens: ");
		put_line(&t, TL_STYLE_PLAIN, tl_token_list_why(&t.list, a));
	} else {
		put_tokens(&t);
		tl_buf_putc(p->out, '\n');
		put_legend(&t);
	}
	if (p->want_reasons)
		put_runs(&t);
	put_findings(&t);
}

static void
plain_record(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r)
{
	paint(p, a, r, false);
}

static void
ansi_record(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r)
{
	paint(p, a, r, true);
}

/* --- another recipe ---------------------------------------------------------
 */

static const char *
did(bool is_trained)
{
	return is_trained ? "trained" : "masked";
}

static void
put_change(const struct text *t, const struct tl_label_change *c,
    const char *const names[2])
{
	const struct tl_sample *s = t->shown->facts.sample;
	size_t beg = s->tokens.offsets[c->first].beg;
	size_t end = s->tokens.offsets[c->stop - 1].end;

	set_style(t, TL_STYLE_HEADING, 0);
	tl_buf_printf(t->out, "  tokens %zu-%zu  ", c->first, c->stop - 1);
	tl_buf_puts(t->out, "\u201c");
	tl_buf_put_escaped(t->out, tl_str_slice(s->render.text.str, beg, end));
	tl_buf_puts(t->out, "\u201d");
	reset_style(t);
	tl_buf_putc(t->out, '\n');
	for (int i = 0; i < 2; i++) {
		tl_str why = tl_str_from(tl_reason_text(c->reasons[i]));
		size_t colon = tl_str_find(why, TL_STR(": "), 0);

		if (colon != TL_NPOS)
			why = tl_str_slice(why, colon + 2, why.len);
		tl_buf_printf(
		    t->out, "    %s by %s: ", did(c->is_trained[i]), names[i]);
		tl_buf_put(t->out, why);
		tl_buf_putc(t->out, '\n');
	}
}

static void
put_comparison(const struct text *t, const struct tl_comparison *c,
    const char *const names[2])
{
	switch (c->agreement) {
	case TL_AGREE:
		tl_buf_printf(t->out,
		    "%s and %s: the same %zu tokens with the same labels\n",
		    names[0], names[1], c->ntokens[0]);
		break;
	case TL_AGREE_ON_LOSS:
		tl_buf_printf(t->out,
		    "%s and %s: both do without this record\n", names[0],
		    names[1]);
		break;
	case TL_OTHER_LABELS:
		tl_buf_printf(t->out,
		    "%s and %s: the same %zu tokens, %zu labels differ "
		    "(%zu and %zu trained)\n",
		    names[0], names[1], c->ntokens[0], c->nchanged,
		    c->ntrained[0], c->ntrained[1]);
		for (size_t i = 0; i < c->nchanges; i++)
			put_change(t, &c->changes[i], names);
		break;
	case TL_OTHER_TOKENS:
		tl_buf_printf(t->out,
		    "%s and %s: other tokens from token %zu on (%zu and %zu "
		    "tokens, %zu and %zu trained)\n",
		    names[0], names[1], c->first_other, c->ntokens[0],
		    c->ntokens[1], c->ntrained[0], c->ntrained[1]);
		break;
	case TL_ONE_SIDED:
		tl_buf_printf(t->out,
		    "%s keeps this record, %s does without it\n",
		    names[c->ntokens[0] == 0], names[c->ntokens[0] > 0]);
		break;
	}
}

/* The tokens again only where they are not the same. */
static void
paint_other(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r,
    const struct tl_shown *other, bool is_ansi)
{
	struct text t = { .paint = p,
		.out = p->out,
		.arena = a,
		.shown = r,
		.is_ansi = is_ansi };
	const char *const names[2] = { r->facts.recipe->title,
		other->facts.recipe->title };
	struct tl_comparison c;

	tl_compare_samples(a, r->facts.sample, other->facts.sample, &c);
	if (c.agreement == TL_OTHER_TOKENS || c.agreement == TL_ONE_SIDED)
		paint(p, a, other, is_ansi);
	tl_buf_putc(p->out, '\n');
	put_comparison(&t, &c, names);
}

static void
plain_other(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r,
    const struct tl_shown *other)
{
	paint_other(p, a, r, other, false);
}

static void
ansi_other(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r,
    const struct tl_shown *other)
{
	paint_other(p, a, r, other, true);
}

const struct tl_painter tl_painter_plain = {
	.name = "plain", .record = plain_record, .other = plain_other
};
const struct tl_painter tl_painter_ansi = {
	.name = "ansi", .record = ansi_record, .other = ansi_other
};
