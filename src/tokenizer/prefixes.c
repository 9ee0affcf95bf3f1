/* SPDX-License-Identifier: Apache-2.0 */
#include "prefixes.h"

#include <stdlib.h>
#include <string.h>

struct row {
	tl_str key;
	uint32_t value;
};

static int
compare_rows(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int c = tl_str_cmp(a->key, b->key);

	return c != 0 ? c : (a->value > b->value) - (a->value < b->value);
}

/* Keys [lo, hi) begin with the bytes that lead to a node. */
struct span {
	uint32_t lo, hi;
};

/* The trie under construction, a level at a time. */
struct trie {
	struct tl_prefixes *p;
	struct tl_arena *arena, *tmp;
	struct span *level, *next;
	size_t nlevel, nnext, cap_next;
	size_t nnodes, cap;
};

static void
add_node(struct trie *t, uint8_t byte, struct span keys)
{
	struct tl_prefixes *p = t->p;
	size_t n = t->nnodes++;

	if (t->nnodes == t->cap) {
		size_t cap = t->cap * 2;

		/* One child more: where the last node's end. */
		p->children = tl_arena_grow(t->arena, p->children,
		    t->cap * sizeof(*p->children), cap * sizeof(*p->children),
		    _Alignof(uint32_t));
		p->ends =
		    tl_arena_grow(t->arena, p->ends, t->cap * sizeof(*p->ends),
			cap * sizeof(*p->ends), _Alignof(uint32_t));
		p->bytes = tl_arena_grow(t->arena, p->bytes, t->cap, cap, 1);
		t->cap = cap;
	}
	p->bytes[n] = byte;
	if (t->nnext == t->cap_next) {
		size_t cap = t->cap_next * 2 + 256;

		t->next =
		    tl_arena_grow(t->tmp, t->next, t->nnext * sizeof(keys),
			cap * sizeof(keys), _Alignof(struct span));
		t->cap_next = cap;
	}
	t->next[t->nnext++] = keys;
}

/* The node of keys k, which begin alike for depth bytes, and its children. */
static void
fill_node(struct trie *t, size_t node, struct span k, size_t depth)
{
	struct tl_prefixes *p = t->p;

	p->children[node] = (uint32_t)t->nnodes;
	p->ends[node] = TL_NO_KEY;
	if (k.hi - k.lo == 1 && depth > 0) {
		p->ends[node] = k.lo | TL_ONE_KEY;
		return;
	}
	if (k.lo < k.hi && p->keys[k.lo].len == depth)
		p->ends[node] = k.lo++;
	while (k.lo < k.hi) {
		uint8_t byte = (uint8_t)p->keys[k.lo].ptr[depth];
		struct span same = { k.lo, k.lo + 1 };

		while (same.hi < k.hi &&
		    (uint8_t)p->keys[same.hi].ptr[depth] == byte)
			same.hi++;
		if (depth == 0)
			p->roots[byte] = (uint32_t)t->nnodes;
		add_node(t, byte, same);
		k.lo = same.hi;
	}
}

static void
build_trie(struct tl_prefixes *p, struct tl_arena *a)
{
	struct trie t = { .p = p,
		.arena = a,
		.tmp = tl_arena_new_like(a),
		.cap = 2 * p->n + 16 };
	size_t node = 0;

	p->children = TL_NEW(a, uint32_t, t.cap);
	p->ends = TL_NEW(a, uint32_t, t.cap);
	p->bytes = TL_NEW(a, uint8_t, t.cap);
	add_node(&t, 0, (struct span){ 0, (uint32_t)p->n });
	for (size_t depth = 0; t.nnext > 0; depth++) {
		size_t n = t.nnext;

		t.level = tl_arena_grow(t.tmp, NULL, 0, n * sizeof(*t.level),
		    _Alignof(struct span));
		memcpy(t.level, t.next, n * sizeof(*t.level));
		t.nnext = 0;
		for (size_t i = 0; i < n; i++)
			fill_node(&t, node++, t.level[i], depth);
	}
	p->children[node] = (uint32_t)t.nnodes;
	tl_arena_free(t.tmp);
}

void
tl_prefixes_build(struct tl_prefixes *p, struct tl_arena *a, const tl_str *keys,
    const uint32_t *values, size_t n)
{
	struct row *rows = TL_NEW(a, struct row, n);

	*p = (struct tl_prefixes){ .keys = TL_NEW(a, tl_str, n),
		.values = TL_NEW(a, uint32_t, n) };
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct row){ keys[i], values[i] };
	qsort(rows, n, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].key.len == 0 ||
		    (p->n > 0 && tl_str_eq(p->keys[p->n - 1], rows[i].key)))
			continue;
		p->keys[p->n] = rows[i].key;
		p->values[p->n++] = rows[i].value;
	}
	build_trie(p, a);
}
