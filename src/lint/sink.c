/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/sink.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <turnlint/limits.h>
#include <turnlint/map.h>

#define EXCERPT_BEFORE 400 /* bytes of the line before the span */
#define EXCERPT_AFTER 800  /* … from its first byte on */
#define MAX_MESSAGE 2048   /* bytes of a message or a note */
#define MAX_NOTES 32	   /* a finding */
#define QUOTE_BYTES 40
#define QUOTE_IDS 12
#define LOCATE_BYTES 256

struct tl_report {
	struct tl_finding f;
	struct tl_place at;
	tl_span span; /* bytes of the record; of the file without one */
	size_t seq;
	tl_str notes[MAX_NOTES];
	size_t cap_edits;
	struct tl_edit *edits;
	struct tl_sink *sink;
	struct tl_report *next;
};

void
tl_sink_begin(struct tl_sink *s, struct tl_arena *a, const struct tl_file *file,
    const struct tl_record *rec)
{
	memset(s, 0, sizeof(*s));
	s->arena = a;
	s->file = file;
	s->rec = rec;
	s->last = &s->first;
}

/* The sentence, safe to print.  Rules quote data through tl_quote(); what they
 * put in by %s is escaped here all the same. */
static tl_str TL_PRINTF(2, 0)
    sentence(struct tl_arena *a, const char *fmt, va_list ap)
{
	char text[MAX_MESSAGE];
	struct tl_buf b;
	int len = vsnprintf(text, sizeof(text), fmt, ap);
	tl_str s;

	assert(len >= 0);
	s = (tl_str){ text, (size_t)len };
	if (s.len >= sizeof(text)) {
		s.len = sizeof(text) - 1;
		while (s.len > 0 && tl_utf8_check(s) != s.len)
			s.len = tl_utf8_check(s);
	}
	tl_buf_init(&b, a, 0);
	tl_buf_put_escaped(&b, s);
	return tl_buf_str(&b);
}

/* --- where ----------------------------------------------------------------*/

tl_span
tl_line_span(tl_str text, size_t line, size_t column)
{
	size_t beg = 0, end, close;

	for (size_t i = 1; i < line; i++) {
		size_t at = tl_str_find_char(text, '\n', beg);

		if (at == TL_NPOS)
			break;
		beg = at + 1;
	}
	if (column > 1)
		beg += tl_utf8_offset(
		    tl_str_slice(text, beg, text.len), column - 1);
	end = tl_str_find_char(text, '\n', beg);
	if (end == TL_NPOS)
		end = text.len;
	close = tl_str_find(text, TL_STR("}}"), beg);
	if (close >= end)
		close = tl_str_find(text, TL_STR("%}"), beg);
	if (close < end)
		end = close + 2;
	return (tl_span){ beg, end };
}

/* Is the place one of a template that is a string in the record? */
static bool
is_embedded(const struct tl_sink *s, const struct tl_place *at)
{
	return s->embedded != NULL && at->kind != TL_AT_FILE;
}

/* Bytes of the template's text that a place covers. */
static tl_span
span_inside(const struct tl_sink *s, const struct tl_place *at)
{
	tl_str text = s->embedded->text;

	switch (at->kind) {
	case TL_AT_LINE:
		return tl_line_span(text, at->pos.line, at->pos.column);
	case TL_AT_BYTES:
		return (tl_span){ at->beg, at->end };
	default:
		return (tl_span){ 0, text.len };
	}
}

/* Bytes of the record that a place covers. */
static tl_span
span_of(const struct tl_sink *s, const struct tl_place *at)
{
	const struct tl_record *rec = s->rec;
	tl_span sp = { 0 };

	if (at->kind == TL_AT_FILE || rec == NULL)
		return (tl_span){ at->pos.offset, at->pos.offset + at->end };
	if (is_embedded(s, at)) {
		sp = span_inside(s, at);
		return tl_json_raw_span(
		    rec->bytes, s->embedded, sp.beg, sp.end);
	}
	switch (at->kind) {
	case TL_AT_RECORD:
		sp = (tl_span){ 0, rec->bytes.len };
		break;
	case TL_AT_NODE:
		sp = at->node->span;
		break;
	case TL_AT_KEY:
		sp = at->node->key_span;
		break;
	case TL_AT_TEXT:
		sp = tl_json_raw_span(rec->bytes, at->node, at->beg, at->end);
		break;
	case TL_AT_BYTES:
		sp = (tl_span){ at->beg, at->end };
		break;
	case TL_AT_LINE:
		sp = tl_line_span(rec->bytes, at->pos.line, at->pos.column);
		break;
	case TL_AT_FILE:
		break;
	}
	if (sp.end > rec->bytes.len)
		sp.end = rec->bytes.len;
	if (sp.beg > sp.end)
		sp.beg = sp.end;
	return sp;
}

/* The message of the list that holds v, by position; TL_NO_TURN if none. */
static size_t
turn_of(const struct tl_conv *conv, const struct tl_json *v)
{
	for (; v != NULL; v = v->parent) {
		if (conv->messages != NULL && v->parent == conv->messages)
			return v->index;
		/* Formats without a list have a handful of turns. */
		for (size_t i = 0;
		     conv->messages == NULL && i < conv->nturns && i < 64; i++)
			if (v == conv->turns[i].node ||
			    v == conv->turns[i].content_node)
				return v->parent != NULL ? conv->turns[i].index
							 : TL_NO_TURN;
	}
	return TL_NO_TURN;
}

static const struct tl_turn *
find_turn(const struct tl_conv *conv, size_t index)
{
	/* Synthetic turns shift the list by one or two. */
	for (size_t i = index; i < conv->nturns && i < index + 3; i++)
		if (conv->turns[i].index == index)
			return &conv->turns[i];
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].index == index)
			return &conv->turns[i];
	return NULL;
}

static tl_str
role_of(const struct tl_sink *s, size_t index)
{
	const struct tl_turn *t;

	if (s->conv == NULL || index == TL_NO_TURN)
		return (tl_str){ 0 };
	t = find_turn(s->conv, index);
	if (t == NULL)
		return (tl_str){ 0 };
	return tl_json_text(t->role_node, t->role_text);
}

/* A template in a JSON file has a place in the file and one in its text. */
static void
resolve_inside(struct tl_sink *s, struct tl_report *r)
{
	struct tl_finding *f = &r->f;
	tl_str text = s->embedded->text;
	tl_span sp = span_inside(s, &r->at);
	size_t line_beg = 0;

	f->pointer = tl_json_pointer(s->arena, s->embedded);
	f->has_text_span = true;
	f->text_beg = tl_utf8_count(tl_str_slice(text, 0, sp.beg));
	f->text_end =
	    f->text_beg + tl_utf8_count(tl_str_slice(text, sp.beg, sp.end));
	f->template_line = 1;
	for (size_t i = 0; i < sp.beg && i < text.len; i++)
		if (text.ptr[i] == '\n') {
			f->template_line++;
			line_beg = i + 1;
		}
	f->template_column =
	    1 + tl_utf8_count(tl_str_slice(text, line_beg, sp.beg));
}

static void
resolve_value(struct tl_sink *s, struct tl_report *r)
{
	struct tl_finding *f = &r->f;
	const struct tl_json *v = r->at.node;

	f->turn = r->at.turn;
	if (s->rec == NULL || r->at.kind == TL_AT_FILE)
		return;
	if (is_embedded(s, &r->at)) {
		resolve_inside(s, r);
		return;
	}
	if (r->at.kind == TL_AT_RECORD)
		v = s->rec->doc.root;
	if (v != NULL)
		f->pointer = tl_json_pointer(s->arena, v);
	if (v != NULL && f->turn == TL_NO_TURN && s->conv != NULL)
		f->turn = turn_of(s->conv, v);
	f->role = role_of(s, f->turn);
	if (r->at.kind == TL_AT_TEXT && v != NULL) {
		tl_str before = tl_str_slice(v->text, 0, r->at.beg);
		tl_str in = tl_str_slice(v->text, r->at.beg, r->at.end);

		f->has_text_span = true;
		f->text_beg = tl_utf8_count(before);
		f->text_end = f->text_beg + tl_utf8_count(in);
	}
}

/* The window of the span's first line that is shown. */
static void
cut_excerpt(struct tl_sink *s, struct tl_report *r)
{
	tl_str text = s->rec->bytes;
	size_t beg = r->span.beg, end = r->span.beg;
	size_t stop, lf;
	tl_str rest;

	while (beg > 0 && text.ptr[beg - 1] != '\n' &&
	    r->span.beg - beg < EXCERPT_BEFORE)
		beg--;
	rest = tl_str_slice(text, end, end + EXCERPT_AFTER);
	lf = tl_str_find_char(rest, '\n', 0);
	end += lf != TL_NPOS ? lf : rest.len;
	/* Not in the middle of a character. */
	for (int i = 0; i < 3 && beg < r->span.beg &&
	     ((unsigned char)text.ptr[beg] & 0xc0) == 0x80;
	     i++)
		beg++;
	for (int i = 0; i < 3 && end < text.len && end > r->span.beg &&
	     ((unsigned char)text.ptr[end] & 0xc0) == 0x80;
	     i++)
		end--;
	if (end > beg && text.ptr[end - 1] == '\r')
		end--;
	stop = r->span.end < end ? r->span.end : end;
	r->f.excerpt = tl_str_slice(text, beg, end);
	r->f.excerpt_beg = r->span.beg - beg;
	r->f.excerpt_end = (stop > r->span.beg ? stop : r->span.beg) - beg;
	if (r->f.excerpt_beg > r->f.excerpt.len)
		r->f.excerpt_beg = r->f.excerpt.len;
	if (r->f.excerpt_end > r->f.excerpt.len)
		r->f.excerpt_end = r->f.excerpt.len;
	r->f.excerpt_is_cut_left = beg > 0 && text.ptr[beg - 1] != '\n';
	r->f.excerpt_is_cut_right =
	    end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r';
}

/* --- lines and columns
 * ------------------------------------------------------*/

struct spot {
	size_t at; /* byte of the record */
	size_t line, column;
};

static int
cmp_spots(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Fill line and column of sorted spots in one walk. */
static void
locate(const struct tl_record *rec, struct spot *spots, size_t n)
{
	tl_str text = rec->bytes;
	size_t line = rec->pos.line, column = rec->pos.column, at = 0;

	for (size_t i = 0; i < n; i++) {
		while (at < spots[i].at) {
			/* A piece at a time, for there may be many lines. */
			size_t end = at + LOCATE_BYTES < spots[i].at
			    ? at + LOCATE_BYTES
			    : spots[i].at;
			tl_str piece = tl_str_slice(text, at, end);
			size_t nascii = tl_str_ascii(piece, 0);
			size_t lf = tl_str_find_char(
			    tl_str_slice(piece, 0, nascii), '\n', 0);

			if (lf != TL_NPOS) {
				line++;
				column = 1;
				at += lf + 1;
			} else if (nascii > 0) {
				column += nascii;
				at += nascii;
			} else {
				size_t len = tl_utf8_len(text, at);

				column++;
				at += len > 0 ? len : 1;
			}
		}
		spots[i].line = line;
		spots[i].column = column;
	}
}

static const struct spot *
find_spot(const struct spot *spots, size_t n, size_t at)
{
	const struct spot key = { .at = at };

	return bsearch(&key, spots, n, sizeof(*spots), cmp_spots);
}

static void
resolve_lines(struct tl_sink *s, struct tl_report **list)
{
	struct spot *spots = TL_NEW(s->arena, struct spot, 2 * s->n);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (list[i]->at.kind == TL_AT_FILE)
			continue;
		spots[n++].at = list[i]->span.beg;
		spots[n++].at = list[i]->span.end;
	}
	qsort(spots, n, sizeof(*spots), cmp_spots);
	locate(s->rec, spots, n);
	for (size_t i = 0; i < s->n; i++) {
		struct tl_finding *f = &list[i]->f;
		const struct spot *p;

		if (list[i]->at.kind == TL_AT_FILE)
			continue;
		p = find_spot(spots, n, list[i]->span.beg);
		f->line = p->line;
		f->column = p->column;
		p = find_spot(spots, n, list[i]->span.end);
		f->end_line = p->line;
		f->end_column = p->column;
		f->byte_offset = s->rec->pos.offset + list[i]->span.beg;
		cut_excerpt(s, list[i]);
	}
}

/* --- finishing
 * --------------------------------------------------------------*/

static int
cmp_reports(const void *a, const void *b)
{
	const struct tl_report *x = *(struct tl_report *const *)a;
	const struct tl_report *y = *(struct tl_report *const *)b;
	int by_code;

	if (x->f.byte_offset != y->f.byte_offset)
		return x->f.byte_offset > y->f.byte_offset ? 1 : -1;
	by_code = strcmp(x->f.rule->code, y->f.rule->code);
	if (by_code != 0)
		return by_code;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* "./data/a.jsonl" and "data/a.jsonl" are one file. */
static tl_str
plain_path(tl_str path)
{
	while (tl_str_starts(path, TL_STR("./")))
		path = tl_str_slice(path, 2, path.len);
	return path;
}

/* Of code, path, record key and pointer, and how many equal ones came before:
 * nothing that an inserted line would change. */
static void
put_fingerprints(
    struct tl_sink *s, struct tl_finding *list, size_t n, tl_str id)
{
	const tl_str sep = TL_STR("\0");
	uint64_t key = 0; /* of the file */
	struct tl_map seen;

	if (s->rec != NULL && !s->is_template)
		key = tl_str_hash(id.len > 0 ? id : s->rec->bytes);
	tl_map_init(&seen, s->arena);
	for (size_t i = 0; i < n; i++) {
		struct tl_finding *f = &list[i];
		uint64_t h = tl_str_hash(tl_str_from(f->rule->code));
		uint64_t *copy = TL_NEW(s->arena, uint64_t, 1);
		struct tl_map_entry *e;
		size_t ordinal;

		h = tl_hash_mix(tl_hash_mix(h, sep), plain_path(f->path));
		h = tl_hash_mix(tl_hash_mix(h, sep), f->pointer);
		*copy = h;
		e = tl_map_put(
		    &seen, (tl_str){ (char *)copy, sizeof(*copy) }, NULL);
		ordinal = e->num++;
		h = tl_hash_mix(h, (tl_str){ (char *)&key, sizeof(key) });
		f->fingerprint = tl_hash_mix(
		    h, (tl_str){ (char *)&ordinal, sizeof(ordinal) });
	}
}

const struct tl_finding *
tl_sink_finish(struct tl_sink *s, size_t *n)
{
	struct tl_report **list;
	struct tl_finding *out;
	tl_str id = { 0 };
	size_t i = 0;

	*n = s->n;
	if (s->n == 0)
		return NULL;
	list = TL_NEW(s->arena, struct tl_report *, s->n);
	for (struct tl_report *r = s->first; r != NULL; r = r->next)
		list[i++] = r;
	if (s->rec != NULL) {
		id = tl_record_id(s->rec);
		resolve_lines(s, list);
	}
	qsort(list, s->n, sizeof(struct tl_report *), cmp_reports);
	out = TL_NEW(s->arena, struct tl_finding, s->n);
	for (i = 0; i < s->n; i++) {
		resolve_value(s, list[i]);
		list[i]->f.id = id;
		list[i]->f.notes = list[i]->notes;
		list[i]->f.edits = list[i]->edits;
		out[i] = list[i]->f;
	}
	put_fingerprints(s, out, s->n, id);
	return out;
}

void
tl_finding_copy(
    struct tl_arena *a, const struct tl_finding *from, struct tl_finding *to)
{
	tl_str *notes = TL_NEW(a, tl_str, from->nnotes);
	struct tl_edit *edits = TL_NEW(a, struct tl_edit, from->nedits);

	*to = *from;
	to->message = tl_arena_str(a, from->message);
	to->id = tl_arena_str(a, from->id);
	if (from->pointer.ptr != NULL)
		to->pointer = tl_arena_str(a, from->pointer);
	to->role = tl_arena_str(a, from->role);
	for (size_t i = 0; i < from->nnotes; i++)
		notes[i] = tl_arena_str(a, from->notes[i]);
	for (size_t i = 0; i < from->nedits; i++) {
		edits[i] = from->edits[i];
		edits[i].text = tl_arena_str(a, from->edits[i].text);
	}
	to->notes = notes;
	to->edits = edits;
}

/* --- what rules call
 * ----------------------------------------------------------*/

struct tl_report *
tl_report(const struct tl_rule_cx *cx, struct tl_place at, const char *fmt, ...)
{
	struct tl_sink *s = cx->sink;
	struct tl_report *r = TL_NEW(s->arena, struct tl_report, 1);
	va_list ap;

	r->sink = s;
	r->at = at;
	r->span = span_of(s, &at);
	r->seq = s->n;
	r->f.rule = cx->rule;
	r->f.level = s->level;
	r->f.path = s->file->path;
	r->f.file_number = s->file->number;
	r->f.has_record = s->rec != NULL && !s->is_template;
	r->f.record = r->f.has_record ? s->rec->pos.index : 0;
	r->f.byte_offset = r->span.beg;
	r->f.byte_length = r->span.end - r->span.beg;
	r->f.line = r->f.end_line = at.pos.line;
	r->f.column = at.pos.column;
	r->f.end_column = at.pos.column + at.end;
	va_start(ap, fmt);
	r->f.message = sentence(s->arena, fmt, ap);
	va_end(ap);
	/* Beyond the limit the handle works and leads nowhere. */
	if (s->n < TL_MAX_FINDINGS_PER_RECORD) {
		*s->last = r;
		s->last = &r->next;
		s->n++;
	}
	return r;
}

void
tl_report_note(struct tl_report *r, const char *fmt, ...)
{
	va_list ap;

	if (r->f.nnotes == MAX_NOTES)
		return;
	va_start(ap, fmt);
	r->notes[r->f.nnotes++] = sentence(r->sink->arena, fmt, ap);
	va_end(ap);
}

void
tl_report_probe(struct tl_report *r, const char *what, const struct tl_probe *p)
{
	tl_report_note(r, "%s %s%s", what, p->json,
	    p->adds_prompt ? " with add_generation_prompt" : "");
}

void
tl_report_edit(struct tl_report *r, enum tl_applicability how, size_t beg,
    size_t end, tl_str text)
{
	const struct tl_record *rec = r->sink->rec;
	size_t base = rec != NULL ? rec->pos.offset : 0;
	size_t n = r->f.nedits;

	/* A template that is a string in a JSON file has other offsets there.
	 */
	if (r->sink->is_template && !tl_str_ends(r->f.path, TL_STR(".jinja")))
		return;
	r->edits =
	    tl_arena_grow(r->sink->arena, r->edits, n * sizeof(*r->edits),
		(n + 1) * sizeof(*r->edits), _Alignof(struct tl_edit));
	r->edits[n].beg = base + beg;
	r->edits[n].end = base + end;
	r->edits[n].text = tl_arena_str(r->sink->arena, text);
	r->f.nedits++;
	r->f.applicability = how;
}

const char *
tl_quote(const struct tl_rule_cx *cx, tl_str s, size_t max)
{
	struct tl_buf b;
	size_t len = s.len;

	if (max == 0)
		max = QUOTE_BYTES;
	if (len > max) {
		len = max;
		for (int i = 0; i < 3 && len > 0 &&
		     ((unsigned char)s.ptr[len] & 0xc0) == 0x80;
		     i++)
			len--;
	}
	tl_buf_init(&b, cx->arena, 0);
	tl_buf_putc(&b, '"');
	tl_buf_put_escaped(&b, tl_str_slice(s, 0, len));
	tl_buf_puts(&b, len < s.len ? "…\"" : "\"");
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

const char *
tl_quote_ids(
    const struct tl_rule_cx *cx, const uint32_t *ids, size_t n, size_t max)
{
	struct tl_buf b;

	if (max == 0)
		max = QUOTE_IDS;
	tl_buf_init(&b, cx->arena, 0);
	tl_buf_putc(&b, '[');
	for (size_t i = 0; i < n && i < max; i++)
		tl_buf_printf(&b, "%s%u", i > 0 ? ", " : "", (unsigned)ids[i]);
	tl_buf_puts(&b, n > max ? ", …]" : "]");
	tl_buf_putc(&b, '\0');
	return b.ptr;
}
