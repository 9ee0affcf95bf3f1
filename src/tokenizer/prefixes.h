/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefixes.h - which of many strings does a text begin with?
 *
 * The strings in byte order; a search narrows their range byte by byte.
 */
#ifndef TOKENIZER_PREFIXES_H
#define TOKENIZER_PREFIXES_H

#include <turnlint/arena.h>
#include <turnlint/str.h>

struct tl_prefixes {
	tl_str *keys; /* ascending, distinct */
	uint32_t *values;
	size_t n;
};

/* Of equal keys the one with the smallest value stays; empty ones go. */
void tl_prefixes_build(struct tl_prefixes *p, struct tl_arena *a,
    const tl_str *keys, const uint32_t *values, size_t n);

/* A search: keys [lo, hi) begin with the depth bytes fed so far. */
struct tl_prefix_search {
	const struct tl_prefixes *p;
	size_t lo, hi, depth;
};

static inline struct tl_prefix_search
tl_prefix_search_begin(const struct tl_prefixes *p)
{
	return (struct tl_prefix_search){ p, 0, p->n, 0 };
}

/* The key that is exactly what was fed, or -1. */
static inline int64_t
tl_prefix_search_hit(const struct tl_prefix_search *s)
{
	return s->lo < s->hi && s->p->keys[s->lo].len == s->depth
	    ? (int64_t)s->lo
	    : -1;
}

/* False when no key begins with this. */
bool tl_prefix_search_feed(struct tl_prefix_search *s, unsigned char c);

#endif
