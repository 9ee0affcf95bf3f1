/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes through the scanner, and through the reader in every guise.  What
 * must hold: spans nest and are ordered; decoded bytes can be found in the
 * source; written text parses again to itself; canonical text is a fixed
 * point; the reader comes to an end, its records lie in the file, in order, and
 * can be sought.
 */
#include <turnlint/buf.h>
#include <turnlint/limits.h>
#include <turnlint/record.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(tl_span inner, tl_span outer)
{
	assert(inner.beg <= inner.end);
	assert(inner.beg >= outer.beg && inner.end <= outer.end);
}

/* Pieces of a string lead back to source bytes that stay inside of it, and
 * follow each other. */
static void
check_raw_spans(tl_str text, const struct tl_json *v)
{
	tl_span inner = { v->span.beg + 1, v->span.end - 1 };
	size_t step = 1 + v->text.len / 16;
	size_t last = inner.beg;

	for (size_t beg = 0; beg <= v->text.len; beg += step) {
		size_t end =
		    beg + step < v->text.len ? beg + step : v->text.len;
		tl_span raw = tl_json_raw_span(text, v, beg, end);

		check_inside(raw, inner);
		assert(raw.end - raw.beg >= end - beg || beg < end);
		assert(raw.beg >= last || raw.end >= last);
		last = raw.beg;
	}
}

static void
check_value(tl_str text, const struct tl_json *v)
{
	size_t n = 0, at = v->span.beg;

	assert(v->span.beg < v->span.end && v->span.end <= text.len);
	if (v->kind == TL_JSON_STRING) {
		assert(tl_utf8_check(v->text) == v->text.len);
		check_raw_spans(text, v);
	}
	if (v->kind == TL_JSON_NUMBER)
		assert(tl_str_eq(
		    v->text, tl_str_slice(text, v->span.beg, v->span.end)));
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		assert(c->parent == v && c->index == n);
		n++;
		check_inside(c->span, v->span);
		assert(c->span.beg >= at);
		if (v->kind == TL_JSON_OBJECT) {
			assert(c->key.ptr != NULL);
			check_inside(c->key_span, v->span);
			assert(c->key_span.beg >= at);
			assert(c->key_span.end < c->span.beg);
		}
		at = c->span.end;
		check_value(text, c);
	}
	assert(n == v->nchildren);
	if (v->parent != NULL && v->parent->kind == TL_JSON_ARRAY)
		assert(tl_json_at(v->parent, v->index) == v);
}

typedef void put_fn(struct tl_buf *b, const struct tl_json *v);

/* What put() writes parses, and is written the same again. */
static void
check_written(struct tl_arena *a, const struct tl_json *root, put_fn *put)
{
	struct tl_json_doc again;
	struct tl_buf one, two;

	tl_buf_init(&one, a, 0);
	put(&one, root);
	assert(tl_json_parse(a, tl_buf_str(&one), &again) == TL_OK);
	tl_buf_init(&two, a, 0);
	put(&two, again.root);
	assert(tl_str_eq(tl_buf_str(&one), tl_buf_str(&two)));
}

static void
check_doc(struct tl_arena *a, const struct tl_json_doc *doc)
{
	size_t last = 0;

	assert((doc->root != NULL) == (doc->fault == TL_JSON_OK));
	if (doc->root == NULL) {
		assert(doc->fault_at <= doc->text.len);
		assert(doc->found[0] != '\0' && doc->expected[0] != '\0');
		check_inside(
		    tl_json_fault_span(doc), (tl_span){ 0, doc->text.len });
		return;
	}
	check_value(doc->text, doc->root);
	check_written(a, doc->root, tl_json_put);
	check_written(a, doc->root, tl_json_put_canonical);
	for (size_t i = 0; i < doc->nnotes; i++) {
		tl_span span = doc->notes[i].span;

		assert(doc->notes[i].node != NULL);
		check_inside(span, (tl_span){ 0, doc->text.len });
		assert(span.beg >= last);
		last = span.beg;
	}
}

#define MAX_SEEKS 8

static void
check_seeks(struct tl_reader *r, struct tl_arena *a,
    const struct tl_record *records, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		struct tl_record rec;

		assert(tl_reader_seek(r, &records[i].pos, NULL) == TL_OK);
		assert(tl_reader_next(r, a, &rec, NULL) == TL_OK);
		assert(memcmp(&rec.pos, &records[i].pos, sizeof(rec.pos)) == 0);
		assert(tl_str_eq(rec.bytes, records[i].bytes));
	}
}

static void
check_reader(struct tl_arena *a, const char *name, tl_str text)
{
	struct tl_reader *r;
	struct tl_record rec, seen[MAX_SEEKS];
	const struct tl_file *file;
	struct tl_error err = { 0 };
	enum tl_status st;
	size_t n = 0, at = 0;

	if (tl_reader_open_mem(a, tl_str_from(name), text, &r, &err) != TL_OK)
		return;
	file = tl_reader_file(r);
	while ((st = tl_reader_next(r, a, &rec, &err)) == TL_OK) {
		assert(rec.pos.index == n);
		assert(rec.pos.offset >= at);
		assert(rec.bytes.len > 0);
		at = rec.pos.offset + rec.bytes.len;
		if (file->compression == NULL)
			assert(tl_str_eq(
			    rec.bytes, tl_str_slice(text, rec.pos.offset, at)));
		if (tl_record_parse(a, &rec) != TL_ESKIP)
			check_doc(a, &rec.doc);
		if (n < MAX_SEEKS)
			seen[n] = rec;
		n++;
	}
	assert(st == TL_EEND || err.message[0] != '\0');
	assert(file->nrecords == n);
	if (st != TL_EEND)
		return;
	assert(at <= file->nbytes);
	if (file->compression == NULL)
		assert(file->nbytes == text.len);
	for (size_t i = 0; i < file->nfaults; i++)
		assert(file->faults[i].pos.offset <= file->nbytes);
	check_seeks(r, a, seen, n < MAX_SEEKS ? n : MAX_SEEKS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "x.jsonl", "x.json" };
	tl_str text = { size > 0 ? (const char *)data : "", size };
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_json_doc doc;

	if (tl_json_parse(a, text, &doc) == TL_OK)
		assert(doc.root != NULL);
	check_doc(a, &doc);
	for (size_t i = 0; i < TL_COUNT(names); i++) {
		tl_arena_reset(a);
		check_reader(a, names[i], text);
	}
	tl_arena_free(a);
	return 0;
}
