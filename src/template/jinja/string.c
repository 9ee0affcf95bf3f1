/* SPDX-License-Identifier: Apache-2.0 */
/*
 * string.c - strings as lists of segments with an origin each.
 *
 * Slicing and joining copy segments, never bytes.  A string that ends where
 * its segment list ends can be appended to in place: strings share lists, and
 * each sees only its own first nsegs.
 */
#include "template/jinja/rt.h"

#include <assert.h>

#define MAX_STR ((size_t)UINT32_MAX - 64)

/* --- sinks --------------------------------------------------------------- */

void
jinja_grow_sink(struct rt *rt, struct sink *s, uint32_t n)
{
	uint32_t cap = s->cap > 0 ? s->cap : 16;
	struct seg *v;

	while (cap - s->n < n) {
		if (cap > UINT32_MAX / 4)
			jinja_limit(rt, "text of too many pieces");
		cap *= 2;
	}
	v = jinja_array(rt, cap, sizeof(*v));
	if (s->n > 0)
		memcpy(v, s->v, s->n * sizeof(*v));
	s->v = v;
	s->cap = cap;
}

void
jinja_put_seg(struct rt *rt, struct sink *s, const struct seg *g)
{
	struct seg *last = s->n > 0 ? &s->v[s->n - 1] : NULL;

	if (g->len == 0)
		return;
	if (g->len > rt->max_bytes - s->bytes)
		jinja_limit(rt, "more text than is allowed");
	s->bytes += g->len;
	if (last != NULL && last->kind == g->kind && last->node == g->node &&
	    last->place == g->place && last->ptr + last->len == g->ptr &&
	    (g->kind != TL_RUN_CONTENT || last->src + last->len == g->src)) {
		last->len += g->len;
		return;
	}
	if (s->n == s->cap)
		jinja_grow_sink(rt, s, 1);
	s->v[s->n++] = *g;
}

static struct seg
json_seg(const struct rt *rt, const struct tl_json *node)
{
	return (struct seg){ .ptr = node->text.ptr,
		.node = node,
		.len = (uint32_t)node->text.len,
		.place = rt->place,
		.kind = TL_RUN_CONTENT };
}

/* Content is said to have been put where it is printed, as is what has no
 * place in the template, such as a special token. */
static void
put_placed(struct rt *rt, struct sink *s, const struct seg *g)
{
	struct seg placed = *g;

	if (placed.kind != TL_RUN_TEMPLATE || placed.place == 0)
		placed.place = rt->place;
	jinja_put_seg(rt, s, &placed);
}

void
jinja_put_str(struct rt *rt, struct sink *s, val v)
{
	if (v.sub == S_JSON) {
		struct seg g = json_seg(rt, v.json);

		jinja_put_seg(rt, s, &g);
		return;
	}
	if (v.str->nsegs > 16)
		jinja_step(rt, v.str->nsegs / 16);
	for (uint32_t i = 0; i < v.str->nsegs; i++)
		put_placed(rt, s, &v.str->segs[i]);
}

void
jinja_put_lit(struct rt *rt, struct sink *s, tl_str bytes)
{
	struct seg g = { .ptr = bytes.ptr,
		.len = (uint32_t)bytes.len,
		.place = rt->place,
		.kind = TL_RUN_TEMPLATE };

	if (bytes.len > MAX_STR)
		jinja_limit(rt, "more text than is allowed");
	jinja_put_seg(rt, s, &g);
}

static char *
copy(struct rt *rt, tl_str bytes)
{
	char *p = jinja_alloc(rt, bytes.len);

	memcpy(p, bytes.ptr, bytes.len);
	return p;
}

void
jinja_put_copy(struct rt *rt, struct sink *s, tl_str bytes)
{
	if (bytes.len > 0)
		jinja_put_lit(rt, s, (tl_str){ copy(rt, bytes), bytes.len });
}

void
jinja_put_derived(
    struct rt *rt, struct sink *s, tl_str bytes, const struct tl_json *node)
{
	struct seg g = { .node = node,
		.len = (uint32_t)bytes.len,
		.place = rt->place,
		.kind = node != NULL ? TL_RUN_DERIVED : TL_RUN_TEMPLATE };

	if (bytes.len == 0)
		return;
	g.ptr = copy(rt, bytes);
	jinja_put_seg(rt, s, &g);
}

/* The part [beg, end) of segments, as segments. */
static void
put_range(struct rt *rt, struct sink *s, const struct seg *v, uint32_t n,
    size_t beg, size_t end)
{
	size_t at = 0;

	for (uint32_t i = 0; i < n && at < end; at += v[i].len, i++) {
		struct seg g = v[i];
		size_t from = beg > at ? beg - at : 0;
		size_t to = end - at < g.len ? end - at : g.len;

		if (from >= g.len)
			continue;
		g.ptr += from;
		if (g.kind == TL_RUN_CONTENT)
			g.src += (uint32_t)from;
		g.len = (uint32_t)(to - from);
		jinja_put_seg(rt, s, &g);
	}
}

void
jinja_put_slice(struct rt *rt, struct sink *s, val v, size_t beg, size_t end)
{
	struct seg one;
	uint32_t n;
	const struct seg *segs = jinja_segs(rt, v, &one, &n);

	if (n > 16)
		jinja_step(rt, n / 16);
	put_range(rt, s, segs, n, beg, end);
}

val
jinja_take(struct rt *rt, struct sink *s)
{
	struct jstr *str = jinja_alloc(rt, sizeof(*str));

	str->len = (uint32_t)s->bytes;
	str->nsegs = s->n;
	str->ascii = 0;
	str->list = NULL;
	str->ptr = "";
	str->segs = &str->one;
	if (s->n == 1) {
		str->one = s->v[0];
		str->ptr = str->one.ptr;
	} else if (s->n > 1) {
		str->segs = s->v;
		str->ptr = NULL;
	}
	return (val){ .kind = V_STR, .str = str };
}

/* --- strings ------------------------------------------------------------- */

val
jinja_str(struct rt *rt, tl_str s)
{
	struct jstr *str = jinja_alloc(rt, sizeof(*str));

	if (s.len > rt->max_bytes)
		jinja_limit(rt, "more text than is allowed");
	str->ptr = s.ptr;
	str->len = (uint32_t)s.len;
	str->nsegs = s.len > 0;
	str->segs = &str->one;
	str->list = NULL;
	str->ascii = 0;
	str->one = (struct seg){ .ptr = s.ptr,
		.len = (uint32_t)s.len,
		.place = rt->place,
		.kind = TL_RUN_TEMPLATE };
	return (val){ .kind = V_STR, .str = str };
}

val
jinja_cstr(struct rt *rt, const char *s)
{
	return jinja_str(rt, tl_str_from(s));
}

tl_str
jinja_flatten(struct rt *rt, struct jstr *s)
{
	char *p = jinja_alloc(rt, s->len);
	size_t at = 0;

	jinja_step(rt, 1 + s->len / 256);
	for (uint32_t i = 0; i < s->nsegs; i++) {
		memcpy(p + at, s->segs[i].ptr, s->segs[i].len);
		at += s->segs[i].len;
	}
	assert(at == s->len);
	s->ptr = p;
	return (tl_str){ p, s->len };
}

const struct seg *
jinja_segs(struct rt *rt, val v, struct seg *one, uint32_t *n)
{
	if (v.sub == S_JSON) {
		*one = json_seg(rt, v.json);
		*n = one->len > 0;
		return one;
	}
	*n = v.str->nsegs;
	return v.str->segs;
}

val
jinja_slice(struct rt *rt, val v, size_t beg, size_t end)
{
	struct sink s = { 0 };
	struct seg one;
	uint32_t n;
	const struct seg *segs;
	struct jstr *str;

	if (beg == 0 && end == jinja_len(v))
		return v;
	segs = jinja_segs(rt, v, &one, &n);
	if (n != 1 || beg >= end) {
		if (beg < end)
			jinja_put_slice(rt, &s, v, beg, end);
		return jinja_take(rt, &s);
	}
	str = jinja_alloc(rt, sizeof(*str));
	str->one = segs[0];
	str->one.ptr += beg;
	str->one.len = (uint32_t)(end - beg);
	if (str->one.kind == TL_RUN_CONTENT)
		str->one.src += (uint32_t)beg;
	str->ptr = str->one.ptr;
	str->len = str->one.len;
	str->nsegs = 1;
	str->segs = &str->one;
	str->list = NULL;
	str->ascii = 0;
	return (val){ .kind = V_STR, .str = str };
}

/* The list behind `first` to append to: its own if it ends there, otherwise a
 * copy with room. */
static struct seglist *
appendable(struct rt *rt, val first, uint32_t more)
{
	struct seg one;
	uint32_t n;
	const struct seg *segs = jinja_segs(rt, first, &one, &n);
	struct seglist *list;

	if (first.sub == S_STR && first.str->list != NULL &&
	    first.str->list->n == n && first.str->list->cap - n >= more)
		return first.str->list;
	list = jinja_alloc(rt, sizeof(*list));
	list->cap = (n + more) * 2 < 8 ? 8 : (n + more) * 2;
	list->v = jinja_array(rt, list->cap, sizeof(*list->v));
	jinja_step(rt, n / 16);
	if (n > 0)
		memcpy(list->v, segs, n * sizeof(*segs));
	list->n = n;
	return list;
}

val
jinja_concat(struct rt *rt, const val *v, size_t n)
{
	size_t bytes = 0, nsegs = 0;
	struct seglist *list;
	struct jstr *str;
	const val *only = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t len = jinja_len(v[i]);

		if (len == 0)
			continue;
		only = bytes == 0 ? &v[i] : NULL;
		bytes += len;
		nsegs += v[i].sub == S_JSON ? 1 : v[i].str->nsegs;
		if (bytes > rt->max_bytes || nsegs > UINT32_MAX / 8)
			jinja_limit(rt, "more text than is allowed");
	}
	if (bytes == 0)
		return jinja_str(rt, TL_STR(""));
	if (only != NULL)
		return jinja_unmark(*only);
	list = appendable(rt, v[0],
	    (uint32_t)nsegs - (v[0].sub == S_JSON ? 0 : v[0].str->nsegs));
	for (size_t i = 1; i < n; i++) {
		struct seg one;
		uint32_t k;
		const struct seg *segs = jinja_segs(rt, v[i], &one, &k);

		if (k > 0)
			memcpy(&list->v[list->n], segs, k * sizeof(*segs));
		list->n += k;
	}
	str = jinja_alloc(rt, sizeof(*str));
	str->ptr = NULL;
	str->len = (uint32_t)bytes;
	str->nsegs = list->n;
	str->segs = list->v;
	str->list = list;
	str->ascii = 0;
	return (val){ .kind = V_STR, .str = str };
}

bool
jinja_str_is_ascii(struct rt *rt, val v)
{
	bool is_ascii;

	if (v.sub == S_JSON) {
		jinja_step(rt, v.json->text.len / 4096);
		return jinja_is_ascii(v.json->text);
	}
	if (v.str->ascii != 0)
		return v.str->ascii == 1;
	is_ascii = jinja_is_ascii(jinja_bytes(rt, v));
	v.str->ascii = is_ascii ? 1 : 2;
	return is_ascii;
}

size_t
jinja_str_count(struct rt *rt, val v)
{
	if (v.sub == S_STR && v.str->ascii == 1)
		return v.str->len;
	jinja_step(rt, jinja_len(v) / 1024);
	return jinja_count(jinja_bytes(rt, v));
}

val
jinja_text(struct rt *rt, const struct tl_text *t)
{
	struct sink s = { 0 };

	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];
		struct seg g = { .ptr = t->str.ptr + r->beg,
			.node = r->node,
			.len = (uint32_t)(r->end - r->beg),
			.src = (uint32_t)r->src_beg,
			.kind = r->kind,
			.place = rt->place };

		jinja_put_seg(rt, &s, &g);
	}
	return jinja_take(rt, &s);
}

const struct tl_json *
jinja_origin(struct rt *rt, val v)
{
	struct seg one;
	uint32_t n;
	const struct seg *segs;

	if (v.kind != V_STR)
		return v.aux > 0 && v.kind != V_UNDEF ? rt->origins[v.aux - 1]
						      : NULL;
	segs = jinja_segs(rt, v, &one, &n);
	for (uint32_t i = 0; i < n; i++) {
		if (segs[i].node != NULL)
			return segs[i].node;
	}
	return NULL;
}

val
jinja_escape(struct rt *rt, val v)
{
	struct sink s = { 0 };
	tl_str bytes;
	size_t clean = 0;

	if (jinja_is_marked(v))
		return v;
	v = jinja_to_str(rt, v);
	bytes = jinja_bytes(rt, v);
	jinja_step(rt, bytes.len / 256);
	for (size_t i = 0; i < bytes.len; i++) {
		const char *to;

		switch (bytes.ptr[i]) {
		case '&':
			to = "&amp;";
			break;
		case '<':
			to = "&lt;";
			break;
		case '>':
			to = "&gt;";
			break;
		case '\'':
			to = "&#39;";
			break;
		case '"':
			to = "&#34;";
			break;
		default:
			continue;
		}
		jinja_put_slice(rt, &s, v, clean, i);
		jinja_put_derived(rt, &s, tl_str_from(to), jinja_origin(rt, v));
		clean = i + 1;
	}
	if (clean == 0)
		return jinja_mark(v);
	jinja_put_slice(rt, &s, v, clean, bytes.len);
	return jinja_mark(jinja_take(rt, &s));
}
