/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token view as one HTML file: no script, nothing loaded from elsewhere
 * (its own content security policy says so), readable in light and dark, on
 * paper and without colour: trained runs are bold, underlined and bracketed.
 * Each token's id, bytes, label, reason and source stand in its tooltip and,
 * for keyboards and screen readers, in a table below.
 */
#include "view/paint.h"

/* A page with more would not open anyway. */
#define MAX_TOKENS ((size_t)20000)

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,"
    "initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>turnlint: tokens and labels</title>\n<style>\n"
    ":root{--ink:#1a1a1a;--soft:#595959;--paper:#fff;--rule:#d0d0d0;"
    "--trained:#cfe4f5;--trained-ink:#003a63;--line:#0072b2;"
    "--special:#8a3a68;--error:#a33f00;--warning:#7a5200;--info:#00557f;"
    "--edge:#8a8a8a}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a8a8a8;"
    "--paper:#161616;--rule:#3c3c3c;--trained:#0b3d63;--trained-ink:#fff;"
    "--line:#56b4e9;--special:#e3a5c7;--error:#ff9457;--warning:#e6b04d;"
    "--info:#7cc4ee;--edge:#777}}\n"
    "body{margin:2rem auto;max-width:70rem;padding:0 1rem;color:var(--ink);"
    "background:var(--paper);font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.25rem;margin:0 0 .25rem}\n"
    "h2{font-size:1.05rem;margin:2.5rem 0 0;overflow-wrap:anywhere}\n"
    "p{margin:.2rem 0}\n"
    ".soft{color:var(--soft)}\n"
    ".text{font:.95rem/2 ui-monospace,monospace;margin:.8rem 0;"
    "padding:.6rem .8rem;border:1px solid var(--rule);border-radius:6px;"
    "overflow-wrap:anywhere}\n"
    ".k{border-radius:2px;unicode-bidi:isolate;padding:.1em 0;"
    "border-left:1px dotted var(--edge)}\n"
    ".k:hover{outline:2px solid var(--line)}\n"
    ".trained,.special_trained{background:var(--trained);"
    "color:var(--trained-ink);font-weight:700;"
    "border-bottom:2px solid var(--line)}\n"
    ".template,.cut{color:var(--soft);font-style:italic}\n"
    ".cut{text-decoration:line-through}\n"
    ".special{color:var(--special);font-weight:600}\n"
    ".special_trained{font-style:italic}\n"
    ".boundary{outline:2px dashed var(--warning)}\n"
    ".w{opacity:.55;font-weight:400}\n"
    ".e{font-size:.85em;border:1px solid currentColor;border-radius:3px}\n"
    ".m{color:var(--line);font-weight:700}\n"
    ".error{color:var(--error)}.warning{color:var(--warning)}"
    ".info{color:var(--info)}\n"
    ".error b,.warning b,.info b{font-weight:700}\n"
    "ul{padding-left:1.2rem;margin:.4rem 0}\n"
    "table{border-collapse:collapse;font:.8rem/1.4 ui-monospace,monospace;"
    "margin:.5rem 0}\n"
    "td,th{border:1px solid var(--rule);padding:.1rem .4rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}\n"
    "summary{cursor:pointer;margin:.4rem 0}\n"
    "@media print{.trained,.special_trained{border-bottom:2px solid #000}}\n"
    "</style>\n</head>\n<body>\n<h1>turnlint: tokens and labels</h1>\n"
    "<p class=\"soft\"><span class=\"m\">⟦</span><span class=\"k trained\">"
    "trained</span><span class=\"m\">⟧</span>&ensp;masked&ensp;"
    "<span class=\"k template\">template</span>&ensp;"
    "<span class=\"k special\">special token</span>&ensp;"
    "<span class=\"k cut\">cut off</span>&ensp;"
    "· space&ensp;⏎ newline&ensp;⇥ tab&ensp;"
    "<span class=\"e\">‹…›</span> spelled out&ensp;"
    "┊ next token. Point at a token for its id, bytes, source and "
    "reason.</p>\n";

static void
put_text(struct tl_buf *b, tl_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.ptr[i]) {
		case '&':
			tl_buf_puts(b, "&amp;");
			break;
		case '<':
			tl_buf_puts(b, "&lt;");
			break;
		case '>':
			tl_buf_puts(b, "&gt;");
			break;
		case '"':
			tl_buf_puts(b, "&quot;");
			break;
		default:
			tl_buf_putc(b, s.ptr[i]);
		}
	}
}

static void
put_element(struct tl_buf *b, const char *open, tl_str text, const char *close)
{
	tl_buf_puts(b, open);
	put_text(b, text);
	tl_buf_puts(b, close);
}

static void
begin(struct tl_paint *p)
{
	tl_buf_puts(p->out, head);
}

static const char *
glyph_class(enum tl_glyph_kind kind)
{
	switch (kind) {
	case TL_GLYPH_SPACE:
	case TL_GLYPH_BREAK:
	case TL_GLYPH_TAB:
		return "w";
	case TL_GLYPH_ESCAPE:
		return "e";
	case TL_GLYPH_MARK:
		return "m";
	case TL_GLYPH_TEXT:
		break;
	}
	return NULL;
}

static void
put_glyph(struct tl_buf *b, const struct tl_glyph *g)
{
	const char *class = glyph_class(g->kind);

	if (class != NULL)
		tl_buf_printf(b, "<span class=\"%s\">", class);
	put_text(b, g->text);
	if (class != NULL)
		tl_buf_puts(b, "</span>");
	/* A line may end behind a space as in any text. */
	if (g->kind == TL_GLYPH_SPACE)
		tl_buf_puts(b, "<wbr>");
	if (g->ends_line)
		tl_buf_puts(b, "<br>");
}

static void
put_class(struct tl_buf *b, enum tl_style style)
{
	for (const char *c = tl_style_name(style); *c != '\0'; c++)
		tl_buf_putc(
		    b, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
}

/* The marks stand outside the token's own element.  `a` is reset here and
 * below: a record may be large. */
static void
put_token(struct tl_buf *b, const struct tl_token_list *l, struct tl_arena *a,
    size_t i)
{
	struct tl_token_words w;
	const struct tl_glyph *g;
	size_t n, k = 0;

	tl_arena_reset(a);
	w = tl_token_describe(l, a, i);
	n = tl_token_glyphs(l, a, i, &g);

	for (; k < n && g[k].kind == TL_GLYPH_MARK; k++)
		put_glyph(b, &g[k]);
	tl_buf_puts(b, "<span class=\"k ");
	put_class(b, tl_token_style(l, i));
	tl_buf_puts(b, "\" title=\"");
	put_text(b, w.what);
	tl_buf_puts(b, "&#10;");
	put_text(b, w.source);
	tl_buf_puts(b, "&#10;");
	put_text(b, w.why);
	tl_buf_puts(b, "\">");
	for (; k < n && g[k].kind != TL_GLYPH_MARK; k++)
		put_glyph(b, &g[k]);
	tl_buf_puts(b, "</span>");
	for (; k < n; k++)
		put_glyph(b, &g[k]);
}

static void
put_runs(struct tl_buf *b, const struct tl_token_list *l, struct tl_arena *a)
{
	tl_buf_puts(
	    b, "<details open><summary>Runs and reasons</summary><ul>\n");
	for (size_t i = 0; i < l->n;) {
		struct tl_token_run run = tl_token_run_at(l, i);

		tl_arena_reset(a);
		put_element(b,
		    run.state == TL_TOKEN_TRAINED ? "<li><b>" : "<li>",
		    tl_token_run_words(l, a, run),
		    run.state == TL_TOKEN_TRAINED ? "</b></li>\n" : "</li>\n");
		i = run.end;
	}
	tl_buf_puts(b, "</ul></details>\n");
}

static void
put_table(struct tl_buf *b, const struct tl_token_list *l, size_t n,
    struct tl_arena *a)
{
	tl_buf_puts(b,
	    "<details><summary>Every token in a table</summary>\n"
	    "<table><thead><tr><th>token</th><th>id</th><th>piece</th>"
	    "<th>label</th><th>reason</th><th>source</th></tr></thead>"
	    "<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		struct tl_token_info info;
		struct tl_buf piece;

		tl_arena_reset(a);
		tl_token_info(l, a, i, &info);
		tl_buf_init(&piece, a, 0);
		tl_buf_put_escaped(&piece, info.piece);
		tl_buf_printf(
		    b, "<tr><td>%zu</td><td>%u</td><td>", i, (unsigned)info.id);
		put_text(b, tl_buf_str(&piece));
		tl_buf_printf(b, "</td><td>%d</td><td>%s</td><td>",
		    (int)info.label, tl_reason_name(info.reason));
		put_text(b, tl_token_source_words(l, a, i));
		tl_buf_puts(b, "</td></tr>\n");
	}
	tl_buf_puts(b, "</tbody></table></details>\n");
}

static void
put_findings(struct tl_buf *b, const struct tl_shown *r, struct tl_arena *a)
{
	if (r->nfindings == 0)
		return;
	tl_buf_puts(b, "<ul aria-label=\"findings\">\n");
	for (size_t i = 0; i < r->nfindings; i++) {
		tl_buf_puts(b, "<li class=\"");
		put_class(b, tl_finding_style(&r->findings[i]));
		put_element(
		    b, "\">", tl_finding_words(&r->findings[i], a), "</li>\n");
	}
	tl_buf_puts(b, "</ul>\n");
}

static void
record(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r)
{
	struct tl_token_options opt = { .marks = TL_MARK_TRAINED | p->marks };
	struct tl_token_list l;
	struct tl_buf *b = p->out;
	tl_str counts = tl_shown_counts(r, a);
	size_t n;

	tl_token_list_init(&l, &r->facts, &opt);
	n = l.n < MAX_TOKENS ? l.n : MAX_TOKENS;
	p->nrecords++;
	tl_buf_puts(b, "<section>\n");
	put_element(b, "<h2>", tl_shown_place(r, a), "</h2>\n");
	put_element(b, "<p class=\"soft\">",
	    tl_recipe_words(r->facts.recipe, a), "</p>\n");
	if (counts.len > 0)
		put_element(b, "<p>", counts, "</p>\n");
	if (l.n == 0) {
		put_element(b, "<p><b>no tokens:</b> ",
		    tl_token_list_why(&l, a), "</p>\n");
	} else {
		tl_buf_puts(b, "<div class=\"text\" dir=\"ltr\">");
		for (size_t i = 0; i < n; i++)
			put_token(b, &l, p->scratch, i);
		tl_buf_puts(b, "</div>\n");
		if (n < l.n)
			tl_buf_printf(b,
			    "<p><b>%zu further tokens are left out here</b>; "
			    "the formats plain and jsonl have them all</p>\n",
			    l.n - n);
	}
	put_findings(b, r, a);
	if (l.n > 0) {
		if (p->want_reasons)
			put_runs(b, &l, p->scratch);
		put_table(b, &l, n, p->scratch);
	}
	tl_buf_puts(b, "</section>\n");
}

static void
end(struct tl_paint *p)
{
	tl_buf_puts(p->out, "</body>\n</html>\n");
}

const struct tl_painter tl_painter_html = {
	.name = "html", .begin = begin, .record = record, .end = end
};
