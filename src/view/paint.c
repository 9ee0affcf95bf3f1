/* SPDX-License-Identifier: Apache-2.0 */
#include "view/paint.h"

#include <turnlint/rule.h>

static const struct tl_painter *const painters[] = { &tl_painter_plain,
	&tl_painter_ansi, &tl_painter_html, &tl_painter_jsonl };

const struct tl_painter *
tl_painter_find(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(painters); i++)
		if (tl_str_eq(name, tl_str_from(painters[i]->name)))
			return painters[i];
	return NULL;
}

tl_str
tl_shown_place(const struct tl_shown *r, struct tl_arena *a)
{
	const struct tl_record *rec = r->facts.record;
	tl_str id = tl_record_id(rec);
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	if (rec->file != NULL)
		tl_buf_put_escaped(&b, rec->file->path);
	tl_buf_printf(&b, ":%zu  record %zu", rec->pos.line, rec->pos.index);
	if (id.len > 0) {
		tl_buf_puts(&b, "  id ");
		tl_buf_put_escaped(&b, tl_str_slice(id, 0, 80));
	}
	return tl_buf_str(&b);
}

tl_str
tl_recipe_words(const struct tl_recipe *r, struct tl_arena *a)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_puts(&b, "template ");
	if (r->template_ != NULL)
		tl_buf_put_escaped(&b, tl_template_name(r->template_));
	else
		tl_buf_puts(&b, "none");
	if (r->is_default_template)
		tl_buf_puts(&b, " (built-in default)");
	tl_buf_puts(&b, "  tokenizer ");
	if (r->tokenizer != NULL)
		tl_buf_put_escaped(&b, tl_tokenizer_name(r->tokenizer));
	else
		tl_buf_puts(&b, "none");
	if (r->is_default_tokenizer)
		tl_buf_puts(&b, " (built-in default)");
	tl_buf_printf(&b, "  trainer %s", r->trainer->name);
	if (r->sequence_len > 0)
		tl_buf_printf(&b, "  sequence length %zu", r->sequence_len);
	return tl_buf_str(&b);
}

tl_str
tl_shown_counts(const struct tl_shown *r, struct tl_arena *a)
{
	const struct tl_sample *s = r->facts.sample;
	struct tl_buf b;

	if (s == NULL || !s->is_built)
		return TL_STR("");
	tl_buf_init(&b, a, 0);
	tl_buf_printf(&b, "%zu tokens, %zu trained", s->tokens.n, s->ntrained);
	if (s->tokens.n > 0)
		tl_buf_printf(&b, " (%.1f %%)",
		    100.0 * (double)s->ntrained / (double)s->tokens.n);
	if (s->nkept < s->tokens.n)
		tl_buf_printf(&b, ", %zu cut off", s->tokens.n - s->nkept);
	if (s->padding.n > 0)
		tl_buf_printf(&b, ", %zu of padding %s", s->padding.n,
		    s->padding.is_left ? "before" : "behind");
	if (s->label_shift > 0)
		tl_buf_puts(&b, ", labels stored shifted by one");
	tl_buf_printf(&b, ", %s", tl_verdict_name(s->verdict));
	if (s->why.len > 0) {
		tl_buf_puts(&b, ": ");
		tl_buf_put_escaped(&b, s->why);
	}
	return tl_buf_str(&b);
}

tl_str
tl_finding_words(const struct tl_finding *f, struct tl_arena *a)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_printf(&b, "%s[%s] ", tl_level_name(f->level), f->rule->code);
	if (f->pointer.len > 0) {
		tl_buf_put_escaped(&b, f->pointer);
		tl_buf_puts(&b, ": ");
	}
	tl_buf_put_escaped(&b, f->message);
	return tl_buf_str(&b);
}

enum tl_style
tl_finding_style(const struct tl_finding *f)
{
	switch (f->level) {
	case TL_LEVEL_ERROR:
		return TL_STYLE_ERROR;
	case TL_LEVEL_WARNING:
		return TL_STYLE_WARNING;
	case TL_LEVEL_INFO:
		break;
	}
	return TL_STYLE_INFO;
}

static const char *
state_name(enum tl_token_state state)
{
	switch (state) {
	case TL_TOKEN_TRAINED:
		return "trained";
	case TL_TOKEN_MASKED:
		return "masked";
	case TL_TOKEN_CUT:
		break;
	}
	return "cut off";
}

/* From the first byte of the run's value to the last, as far as both ends lie
 * in it. */
static void
put_run_source(struct tl_buf *b, const struct tl_token_list *l,
    struct tl_arena *a, struct tl_token_run run)
{
	struct tl_token_info first, last;
	const struct tl_token_source *s;

	tl_token_info(l, a, run.beg, &first);
	tl_token_info(l, a, run.end - 1, &last);
	if (first.nsources == 0 || last.nsources == 0) {
		tl_buf_puts(b, "added by the tokenizer");
		return;
	}
	s = &first.sources[0];
	if (s->pointer.ptr == NULL) {
		tl_buf_puts(b,
		    s->kind == TL_RUN_ADDED ? "added by the trainer"
					    : "template");
		if (s->line > 0)
			tl_buf_printf(b, " %u:%u", (unsigned)s->line,
			    (unsigned)s->column);
		return;
	}
	tl_buf_put_escaped(b, s->pointer);
	if (s->kind == TL_RUN_CONTENT &&
	    last.sources[0].kind == TL_RUN_CONTENT &&
	    tl_str_eq(s->pointer, last.sources[0].pointer))
		tl_buf_printf(b, "[%zu..%zu)", s->beg, last.sources[0].end);
	if (s->role.len > 0) {
		tl_buf_puts(b, " (");
		tl_buf_put_escaped(b, tl_str_slice(s->role, 0, 40));
		tl_buf_putc(b, ')');
	}
}

tl_str
tl_token_run_words(
    const struct tl_token_list *l, struct tl_arena *a, struct tl_token_run run)
{
	const char *text = tl_reason_text(run.reason);
	size_t colon = tl_str_find(tl_str_from(text), TL_STR(": "), 0);
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	if (run.end - run.beg == 1)
		tl_buf_printf(&b, "token %zu ", run.beg);
	else
		tl_buf_printf(&b, "tokens %zu–%zu ", run.beg, run.end - 1);
	/* The sentence begins with the state: "trained: …". */
	tl_buf_printf(&b, "%s: ", state_name(run.state));
	put_run_source(&b, l, a, run);
	tl_buf_printf(&b, " — %s", colon != TL_NPOS ? text + colon + 2 : text);
	return tl_buf_str(&b);
}
