/* SPDX-License-Identifier: Apache-2.0 */
#include "tok.h"

#include <assert.h>

void
tl_pieces_add(struct tl_pieces *list, const struct tl_piece *p)
{
	if (list->n == list->cap) {
		size_t cap = list->cap == 0 ? 16 : list->cap * 2;

		list->v = tl_arena_grow(list->arena, list->v,
		    list->n * sizeof(*list->v), cap * sizeof(*list->v),
		    _Alignof(struct tl_piece));
		list->cap = cap;
	}
	list->v[list->n++] = *p;
}

struct tl_piece
tl_piece_cut(const struct tl_piece *p, size_t beg, size_t end)
{
	struct tl_piece cut = *p;

	cut.ptr += beg;
	cut.len = (uint32_t)(end - beg);
	if (p->align != NULL)
		cut.align += beg;
	else
		cut.base += (uint32_t)beg;
	return cut;
}

struct tl_offset
tl_piece_span(const struct tl_piece *p, size_t beg, size_t end)
{
	struct tl_offset at;

	assert(beg < end && end <= p->len);
	if (p->align == NULL) {
		while (beg > 0 && ((unsigned char)p->ptr[beg] & 0xC0) == 0x80)
			beg--;
		while (
		    end < p->len && ((unsigned char)p->ptr[end] & 0xC0) == 0x80)
			end++;
		at.beg = p->base + (uint32_t)beg;
		at.end = p->base + (uint32_t)end;
		return at;
	}
	at.beg = p->align[beg].beg;
	at.end = p->align[end - 1].end;
	return at;
}

struct tl_offset
tl_piece_start(const struct tl_piece *p)
{
	uint32_t at = p->base;

	if (p->align != NULL)
		at = p->len > 0 ? p->align[0].beg : 0;
	return (struct tl_offset){ at, at };
}

void
tl_ptext_init(struct tl_ptext *t, struct tl_arena *a, size_t expected)
{
	*t = (struct tl_ptext){ .arena = a, .cap = expected + 16 };
	t->ptr = tl_arena_bytes(a, t->cap);
	t->align = tl_arena_grow(
	    a, NULL, 0, t->cap * sizeof(*t->align), _Alignof(struct tl_offset));
}

void
tl_ptext_put(struct tl_ptext *t, tl_str s, struct tl_offset at)
{
	if (t->cap - t->len < s.len) {
		size_t cap = (t->cap + s.len) * 2;

		t->ptr = tl_arena_grow(t->arena, t->ptr, t->len, cap, 1);
		t->align = tl_arena_grow(t->arena, t->align,
		    t->len * sizeof(*t->align), cap * sizeof(*t->align),
		    _Alignof(struct tl_offset));
		t->cap = cap;
	}
	for (size_t i = 0; i < s.len; i++) {
		t->ptr[t->len + i] = s.ptr[i];
		t->align[t->len + i] = at;
	}
	t->len += s.len;
}

void
tl_ptext_put_cp(struct tl_ptext *t, uint32_t cp, struct tl_offset at)
{
	char utf8[4];

	tl_ptext_put(t, (tl_str){ utf8, tl_utf8_put(utf8, cp) }, at);
}

struct tl_piece
tl_ptext_piece(const struct tl_ptext *t)
{
	return (struct tl_piece){ .ptr = t->ptr,
		.len = (uint32_t)t->len,
		.align = t->align,
		.added = TL_NO_ID };
}

void
tl_ptext_copy(
    struct tl_ptext *t, const struct tl_piece *p, size_t beg, size_t end)
{
	tl_str s = { p->ptr, p->len };

	for (size_t len; beg < end; beg += len) {
		len = tl_utf8_len(s, beg);
		tl_ptext_put(t, tl_str_slice(s, beg, beg + len),
		    tl_piece_span(p, beg, beg + len));
	}
}

void
tl_piece_prepend(struct tl_arena *a, struct tl_piece *p, tl_str s)
{
	size_t len = tl_utf8_len((tl_str){ p->ptr, p->len }, 0);
	struct tl_offset first = tl_piece_span(p, 0, len);
	struct tl_ptext out;

	tl_ptext_init(&out, a, p->len + s.len);
	tl_ptext_put(&out, s, first);
	if (s.len == 0) /* an empty prefix: as the reference has it */
		first.end = first.beg;
	tl_ptext_put(&out, (tl_str){ p->ptr, len }, first);
	tl_ptext_copy(&out, p, len, p->len);
	*p = tl_ptext_piece(&out);
}

enum tl_status
tl_unsupported(struct tl_error *err, const char *what, tl_str type)
{
	char name[65] = { 0 };

	if (type.len > 0)
		memcpy(name, type.ptr, type.len < 64 ? type.len : 64);
	return tl_fail(
	    err, TL_EUNSUPPORTED, "the %s \"%s\" is not supported", what, name);
}
