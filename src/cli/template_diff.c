/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template diff: what two templates make of the same conversations. */
#include "cli/template.h"

#include <turnlint/json.h>
#include <turnlint/template_diff.h>

#define LABEL 4	   /* cells before the sides */
#define BEFORE 32  /* bytes shown in front of the first difference */
#define BEHIND 160 /* … and behind it */

#define BOLD "\033[1m"
#define REMOVED "\033[31m"
#define ADDED "\033[32m"
#define RESET "\033[0m"

enum side { A, B };

/* --- for people ----------------------------------------------------------- */

struct page {
	struct tl_buf *b;
	bool use_colour;
	tl_str names[2];
};

static void
colour(const struct page *p, const char *code)
{
	tl_buf_puts(p->b, p->use_colour ? code : "");
}

static void
begin_side(const struct page *p, enum side side)
{
	tl_buf_pad(p->b, ' ', LABEL);
	colour(p, side == A ? REMOVED : ADDED);
	tl_buf_puts(p->b, side == A ? "- " : "+ ");
}

static void
end_side(const struct page *p)
{
	colour(p, RESET);
	tl_buf_putc(p->b, '\n');
}

static void
put_names(const struct page *p)
{
	colour(p, BOLD);
	tl_buf_puts(p->b, "--- A: ");
	tl_buf_put_escaped(p->b, p->names[A]);
	tl_buf_puts(p->b, "\n+++ B: ");
	tl_buf_put_escaped(p->b, p->names[B]);
	colour(p, RESET);
	tl_buf_putc(p->b, '\n');
}

static void
put_fact(const struct page *p, const struct tl_fact_difference *f)
{
	tl_buf_puts(p->b, "  ");
	colour(p, BOLD);
	tl_buf_puts(p->b, f->title);
	colour(p, RESET);
	tl_buf_putc(p->b, '\n');
	begin_side(p, A);
	tl_buf_put_escaped(p->b, f->a);
	end_side(p);
	begin_side(p, B);
	tl_buf_put_escaped(p->b, f->b);
	end_side(p);
	tl_buf_printf(p->b, "    = %s\n", f->cost);
}

/* The start of the code point that holds byte `at`. */
static size_t
align(tl_str s, size_t at)
{
	while (
	    at > 0 && at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
		at--;
	return at < s.len ? at : s.len;
}

/* Cells of a slice as it is printed. */
static size_t
escaped_width(struct tl_arena *a, tl_str s)
{
	struct tl_buf b;
	tl_str t;
	size_t cells = 0;

	tl_buf_init(&b, a, 0);
	tl_buf_put_escaped(&b, s);
	t = tl_buf_str(&b);
	for (size_t at = 0; at < t.len;) {
		uint32_t cp;

		at += tl_utf8_next(t, at, &cp, NULL);
		cells += (size_t)tl_utf8_width(cp);
	}
	return cells;
}

/* The text around byte `at`; returns the cells in front of that byte. */
static size_t
put_side(const struct page *p, enum side side, const struct tl_probe *probe,
    size_t at)
{
	tl_str s = probe->render.text.str;
	size_t beg = align(s, at > BEFORE ? at - BEFORE : 0);
	size_t end = align(s, at + BEHIND), cells = LABEL + 2;

	begin_side(p, side);
	if (!tl_probe_ok(probe)) {
		tl_buf_puts(p->b,
		    probe->render.fault == TL_RENDER_RAISED ? "raises: "
							    : "fails: ");
		tl_buf_put_escaped(p->b, probe->render.message);
		end_side(p);
		return 0;
	}
	tl_buf_puts(p->b, beg > 0 ? "…" : "");
	tl_buf_put_escaped(p->b, tl_str_slice(s, beg, end));
	tl_buf_puts(p->b, end < s.len ? "…" : "");
	end_side(p);
	cells += beg > 0;
	return cells + escaped_width(p->b->arena, tl_str_slice(s, beg, at));
}

static void
put_texts(const struct page *p, const struct tl_template_diff *d)
{
	const struct tl_text_difference *t = &d->texts[0];
	size_t cells;

	tl_buf_puts(p->b, "  ");
	colour(p, BOLD);
	tl_buf_printf(p->b, "%zu of %zu conversations come out otherwise",
	    d->ntexts, d->nprobes);
	colour(p, RESET);
	tl_buf_printf(p->b, "; the smallest is\n    %s%s\n", t->a->json,
	    t->a->adds_prompt ? " with add_generation_prompt" : "");
	put_side(p, A, t->a, t->at);
	cells = put_side(p, B, t->b, t->at);
	if (!tl_probe_ok(t->a) || !tl_probe_ok(t->b))
		return;
	tl_buf_pad(p->b, ' ', cells);
	tl_buf_puts(p->b, "^ here\n");
}

static void
put_text(const struct page *p, const struct tl_template_diff *d, bool is_copy)
{
	if (tl_template_diff_is_empty(d)) {
		tl_buf_printf(p->b, "%s\n",
		    is_copy ? "the templates are the same"
			    : "the templates differ in their source, and in "
			      "no fact or text that was tried");
		return;
	}
	put_names(p);
	for (size_t i = 0; i < d->nfacts; i++)
		put_fact(p, &d->facts[i]);
	if (d->ntexts > 0)
		put_texts(p, d);
}

/* --- for programs --------------------------------------------------------- */

static void
put_json_side(struct tl_buf *b, const char *key, const struct tl_probe *p)
{
	tl_buf_printf(b, ",\"%s\":{\"%s\":", key,
	    tl_probe_ok(p)			      ? "text"
		: p->render.fault == TL_RENDER_RAISED ? "raised"
						      : "failed");
	tl_json_put_string(
	    b, tl_probe_ok(p) ? p->render.text.str : p->render.message);
	tl_buf_putc(b, '}');
}

static void
put_json_text(struct tl_buf *b, const struct tl_text_difference *t)
{
	bool has_place = tl_probe_ok(t->a) && tl_probe_ok(t->b);

	tl_buf_printf(b,
	    "{\"conversation\":%s,\"add_generation_prompt\":%s,\"at\":",
	    t->a->json, t->a->adds_prompt ? "true" : "false");
	if (has_place)
		tl_buf_printf(b, "%zu", t->at);
	else
		tl_buf_puts(b, "null");
	put_json_side(b, "a", t->a);
	put_json_side(b, "b", t->b);
	tl_buf_putc(b, '}');
}

static void
put_json(struct tl_buf *b, const tl_str names[2],
    const struct tl_template_diff *d, bool is_copy)
{
	tl_buf_puts(b, "{\"a\":");
	tl_json_put_string(b, names[A]);
	tl_buf_puts(b, ",\"b\":");
	tl_json_put_string(b, names[B]);
	tl_buf_printf(b, ",\"same\":%s,\"same_source\":%s,\"facts\":[",
	    tl_template_diff_is_empty(d) ? "true" : "false",
	    is_copy ? "true" : "false");
	for (size_t i = 0; i < d->nfacts; i++) {
		const struct tl_fact_difference *f = &d->facts[i];

		tl_buf_printf(b,
		    "%s{\"key\":\"%s\",\"title\":", i > 0 ? "," : "", f->key);
		tl_json_put_string(b, tl_str_from(f->title));
		tl_buf_puts(b, ",\"a\":");
		tl_json_put_string(b, f->a);
		tl_buf_puts(b, ",\"b\":");
		tl_json_put_string(b, f->b);
		tl_buf_puts(b, ",\"cost\":");
		tl_json_put_string(b, tl_str_from(f->cost));
		tl_buf_putc(b, '}');
	}
	tl_buf_printf(b, "],\"conversations\":%zu,\"texts\":[", d->nprobes);
	for (size_t i = 0; i < d->ntexts; i++) {
		tl_buf_puts(b, i > 0 ? "," : "");
		put_json_text(b, &d->texts[i]);
	}
	tl_buf_puts(b, "]}\n");
}

/* --- the word ------------------------------------------------------------- */

int
tl_cli_template_diff(struct tl_cli *cli)
{
	const struct tl_template_diff *d;
	struct tl_special_tokens tokens[2];
	struct tl_template *t[2];
	struct page page = { .b = &cli->out, .use_colour = cli->use_colour };
	bool is_copy;

	if (cli->nargs != 3)
		return tl_cli_fail(
		    cli, "compare which templates? Name two, files or names");
	for (int i = 0; i < 2; i++) {
		t[i] = tl_cli_template_open(cli, cli->args[i + 1], &tokens[i]);
		if (t[i] == NULL)
			return TL_EXIT_FAILED;
		page.names[i] = tl_str_from(cli->args[i + 1]);
	}
	d = tl_template_diff_make(
	    cli->arena, t[A], &tokens[A], t[B], &tokens[B]);
	if (d == NULL)
		return tl_cli_fail(cli,
		    "a chat_template.json of PaddleNLP cannot be compared; "
		    "Jinja templates can");
	is_copy = tl_str_eq(tl_template_source(t[A]), tl_template_source(t[B]));
	if (tl_cli_template_jsonl(cli))
		put_json(&cli->out, page.names, d, is_copy);
	else
		put_text(&page, d, is_copy);
	return tl_template_diff_is_empty(d) ? TL_EXIT_CLEAN : TL_EXIT_FINDINGS;
}
