/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefixes.h - which of many strings does a text begin with?
 *
 * A trie in flat arrays, in the order of the levels: the children of a node
 * stand side by side, and behind them those of the next node.  Where one
 * string alone is left, the trie ends and its bytes are compared.
 */
#ifndef TOKENIZER_PREFIXES_H
#define TOKENIZER_PREFIXES_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

#define TL_NO_KEY ((uint32_t)INT32_MAX)

struct tl_prefixes {
	tl_str *keys; /* ascending, distinct */
	uint32_t *values;
	size_t n;
	/* Of each node: its first child, where the next node's is behind the
	 * last; the byte that leads to it; the key that ends here, or
	 * TL_NO_KEY, and TL_ONE_KEY when no other begins like this. */
	uint32_t *children;
	uint8_t *bytes;
	uint32_t *ends;
	uint32_t roots[256]; /* nodes of the first byte; 0: none */
};

#define TL_ONE_KEY 0x80000000u

/* Of equal keys the one with the smallest value stays; empty ones go. */
void tl_prefixes_build(struct tl_prefixes *p, struct tl_arena *a,
    const tl_str *keys, const uint32_t *values, size_t n);

/* A search: which keys begin with the depth bytes fed so far? */
struct tl_prefix_search {
	const struct tl_prefixes *p;
	size_t depth;
	uint32_t node; /* 0: none */
	uint32_t key;  /* … but this one alone, or TL_NO_KEY */
};

static inline struct tl_prefix_search
tl_prefix_search_begin(const struct tl_prefixes *p)
{
	return (struct tl_prefix_search){ .p = p, .key = TL_NO_KEY };
}

/* The child for a byte, or 0, which is no child of any. */
static inline uint32_t
tl_prefix_child(const struct tl_prefixes *p, uint32_t node, unsigned char c)
{
	uint32_t lo = p->children[node], hi = p->children[node + 1];

	while (hi - lo > 8) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->bytes[mid] > c)
			hi = mid;
		else
			lo = mid;
	}
	for (; lo < hi; lo++)
		if (p->bytes[lo] == c)
			return lo;
	return 0;
}

/* False when no key begins with this; then it is over. */
static inline bool
tl_prefix_search_feed(struct tl_prefix_search *s, unsigned char c)
{
	const struct tl_prefixes *p = s->p;
	size_t depth = s->depth++;

	if (s->key != TL_NO_KEY) {
		tl_str k = p->keys[s->key];

		return depth < k.len && (unsigned char)k.ptr[depth] == c;
	}
	s->node = depth == 0 ? p->roots[c] : tl_prefix_child(p, s->node, c);
	if (s->node == 0)
		return false;
	if (p->ends[s->node] & TL_ONE_KEY)
		s->key = p->ends[s->node] & TL_NO_KEY;
	return true;
}

/* The key that is exactly what was fed, or -1.  Not where it is over. */
static inline int64_t
tl_prefix_search_hit(const struct tl_prefix_search *s)
{
	uint32_t end;

	if (s->key != TL_NO_KEY)
		return s->p->keys[s->key].len == s->depth ? (int64_t)s->key
							  : -1;
	end = s->p->ends[s->node];
	return s->node != 0 && end != TL_NO_KEY ? (int64_t)end : -1;
}

#endif
