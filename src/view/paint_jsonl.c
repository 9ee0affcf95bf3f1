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

/* What is listed: all tokens, or those that are left when some were cut in
 * between, and the padding. */
struct listed {
	const struct tl_sample *sample;
	size_t *at; /* tokens by index; PADDING */
	size_t n;
};

#define PADDING ((size_t)-1)

static void
add_padding(struct listed *l, bool is_left)
{
	if (l->sample->padding.is_left == is_left)
		for (size_t i = 0; i < l->sample->padding.n; i++)
			l->at[l->n++] = PADDING;
}

static struct listed
list_tokens(struct tl_arena *a, const struct tl_sample *s)
{
	struct listed l = { s, TL_NEW(a, size_t, s->tokens.n + s->padding.n),
		0 };

	add_padding(&l, true);
	for (size_t i = 0; i < s->tokens.n; i++)
		if (!s->has_gaps || s->reasons[i] != TL_REASON_TRUNCATED)
			l.at[l.n++] = i;
	add_padding(&l, false);
	return l;
}

/* The label that the framework stores beside entry i. */
static int
stored_label(const struct listed *l, size_t i)
{
	size_t from = i + l->sample->label_shift;

	return from < l->n && l->at[from] != PADDING
	    ? (int)l->sample->labels[l->at[from]]
	    : TL_IGNORE;
}

static const char *
reason_name(const struct listed *l, size_t i)
{
	return tl_reason_name(l->at[i] == PADDING
		? TL_REASON_PADDING
		: (enum tl_reason)l->sample->reasons[l->at[i]]);
}

static void
put_labels(struct tl_buf *b, const struct listed *l)
{
	tl_buf_puts(b, ",\"labels\":[");
	for (size_t i = 0; i < l->n; i++)
		tl_buf_printf(b, "%s%d", i > 0 ? "," : "", stored_label(l, i));
	tl_buf_printf(
	    b, "],\"label_shift\":%zu,\"reasons\":[", l->sample->label_shift);
	for (size_t i = 0; i < l->n; i++)
		tl_buf_printf(
		    b, "%s\"%s\"", i > 0 ? "," : "", reason_name(l, i));
	tl_buf_putc(b, ']');
}

static struct tl_offset
offset_of(const struct listed *l, size_t i)
{
	uint32_t end = (uint32_t)l->sample->render.text.str.len;

	if (l->at[i] != PADDING)
		return l->sample->tokens.offsets[l->at[i]];
	if (l->sample->padding.is_left)
		end = 0;
	return (struct tl_offset){ end, end };
}

static void
put_tokens(struct tl_buf *b, struct tl_arena *a, const struct tl_sample *s)
{
	struct listed l = list_tokens(a, s);
	size_t first = s->has_gaps ? 0 : s->first_kept;

	tl_buf_puts(b, ",\"ids\":[");
	for (size_t i = 0; i < l.n; i++)
		tl_buf_printf(b, "%s%u", i > 0 ? "," : "",
		    (unsigned)(l.at[i] == PADDING ? s->padding.id
						  : s->tokens.ids[l.at[i]]));
	tl_buf_puts(b, "],\"offsets\":[");
	for (size_t i = 0; i < l.n; i++)
		tl_buf_printf(b, "%s[%u,%u]", i > 0 ? "," : "",
		    (unsigned)offset_of(&l, i).beg,
		    (unsigned)offset_of(&l, i).end);
	tl_buf_printf(
	    b, "],\"kept\":[%zu,%zu]", first, first + s->nkept + s->padding.n);
	if (s->verdict != TL_VERDICT_DROPPED)
		put_labels(b, &l);
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
		put_tokens(b, a, built);
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
