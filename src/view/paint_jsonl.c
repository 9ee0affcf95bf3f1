/* SPDX-License-Identifier: Apache-2.0 */
/* One object a record and line: the keys of `show` that programs rely on. */
#include "view/paint.h"

#include <turnlint/rule.h>
#include <turnlint/trainer.h>

static void
put_string_or_null(struct tl_buf *b, tl_str s)
{
	if (s.len > 0)
		tl_json_put_string(b, s);
	else
		tl_buf_puts(b, "null");
}

/* The label that the framework stores beside token i. */
static int
stored_label(const struct tl_sample *s, size_t i)
{
	size_t from = i + s->label_shift;

	return from < s->tokens.n ? (int)s->labels[from] : TL_IGNORE;
}

static void
put_labels(struct tl_buf *b, const struct tl_sample *s)
{
	size_t n = s->tokens.n;

	tl_buf_puts(b, ",\"labels\":[");
	for (size_t i = 0; i < n; i++)
		tl_buf_printf(b, "%s%d", i > 0 ? "," : "", stored_label(s, i));
	tl_buf_printf(b, "],\"label_shift\":%zu,\"reasons\":[", s->label_shift);
	for (size_t i = 0; i < n; i++)
		tl_buf_printf(b, "%s\"%s\"", i > 0 ? "," : "",
		    tl_reason_name((enum tl_reason)s->reasons[i]));
	tl_buf_putc(b, ']');
}

static void
put_tokens(struct tl_buf *b, const struct tl_sample *s)
{
	size_t n = s->tokens.n;

	tl_buf_puts(b, ",\"ids\":[");
	for (size_t i = 0; i < n; i++)
		tl_buf_printf(
		    b, "%s%u", i > 0 ? "," : "", (unsigned)s->tokens.ids[i]);
	tl_buf_puts(b, "],\"offsets\":[");
	for (size_t i = 0; i < n; i++)
		tl_buf_printf(b, "%s[%u,%u]", i > 0 ? "," : "",
		    (unsigned)s->tokens.offsets[i].beg,
		    (unsigned)s->tokens.offsets[i].end);
	tl_buf_printf(
	    b, "],\"kept\":[%zu,%zu]", s->first_kept, s->first_kept + s->nkept);
	if (s->verdict != TL_VERDICT_DROPPED)
		put_labels(b, s);
}

static void
put_findings(struct tl_buf *b, const struct tl_shown *r)
{
	tl_buf_puts(b, ",\"findings\":[");
	for (size_t i = 0; i < r->nfindings; i++) {
		const struct tl_finding *f = &r->findings[i];

		tl_buf_printf(b, "%s{\"code\":\"%s\",\"severity\":\"%s\"",
		    i > 0 ? "," : "", f->rule->code, tl_level_name(f->level));
		tl_buf_puts(b, ",\"message\":");
		tl_json_put_string(b, f->message);
		tl_buf_puts(b, ",\"pointer\":");
		if (f->pointer.ptr != NULL)
			tl_json_put_string(b, f->pointer);
		else
			tl_buf_puts(b, "null");
		tl_buf_putc(b, '}');
	}
	tl_buf_putc(b, ']');
}

static void
record(struct tl_paint *p, struct tl_arena *a, const struct tl_shown *r)
{
	const struct tl_sample *s = r->facts.sample;
	const struct tl_record *rec = r->facts.record;
	const struct tl_sample *built = s != NULL && s->is_built ? s : NULL;
	struct tl_buf *b = p->out;

	p->nrecords++;
	tl_buf_printf(b, "{\"record\":%zu,\"line\":%zu,\"id\":", rec->pos.index,
	    rec->pos.line);
	put_string_or_null(b, tl_record_id(rec));
	tl_buf_printf(b, ",\"trainer\":\"%s\"", r->facts.recipe->trainer->name);
	tl_buf_puts(b, ",\"text\":");
	if (built != NULL)
		tl_json_put_string(b, built->render.text.str);
	else if (r->facts.render != NULL &&
	    r->facts.render->fault == TL_RENDER_OK)
		tl_json_put_string(b, r->facts.render->text.str);
	else
		tl_buf_puts(b, "null");
	if (built != NULL)
		put_tokens(b, built);
	tl_buf_puts(b, ",\"verdict\":");
	if (s != NULL)
		tl_buf_printf(b, "\"%s\"", tl_verdict_name(s->verdict));
	else
		tl_buf_puts(b, "null");
	tl_buf_puts(b, ",\"reason\":");
	if (built != NULL) {
		put_string_or_null(b, s->why);
	} else {
		struct tl_token_list l;

		tl_token_list_init(&l, &r->facts, NULL);
		put_string_or_null(b, tl_token_list_why(&l, a));
	}
	put_findings(b, r);
	tl_buf_puts(b, "}\n");
}

const struct tl_painter tl_painter_jsonl = { .name = "jsonl",
	.record = record };
