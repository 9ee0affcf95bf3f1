/* SPDX-License-Identifier: Apache-2.0 */
#include "wcache.h"

#include <stdlib.h>

#define NENTRIES ((size_t)1 << 16)
#define FULL (NENTRIES * 5 / 8)
#define POOL_BYTES ((size_t)4 << 20)
#define IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

struct tl_wcache {
	struct tl_wcache_entry *entries;
	size_t used;
	char *pool; /* tokens, then the key */
	size_t npool;
};

struct tl_wcache *
tl_wcache_new(tl_oom_fn *oom, void *ctx)
{
	struct tl_wcache *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		c->entries = calloc(NENTRIES, sizeof(*c->entries));
		c->pool = malloc(POOL_BYTES);
	}
	if (c == NULL || c->entries == NULL || c->pool == NULL) {
		tl_wcache_free(c);
		if (oom != NULL)
			oom(ctx, NENTRIES * sizeof(*c->entries));
		abort();
	}
	return c;
}

void
tl_wcache_free(struct tl_wcache *c)
{
	if (c == NULL)
		return;
	free(c->entries);
	free(c->pool);
	free(c);
}

static void
load_key(uint64_t key[2], tl_str text, size_t beg, size_t len)
{
	key[0] = key[1] = 0;
	if (len > TL_WCACHE_INLINE) {
		key[0] = tl_fast_hash(text.ptr + beg, len);
		key[1] = len;
	} else if (IS_LITTLE_ENDIAN && text.len - beg >= 16) {
		memcpy(key, text.ptr + beg, 16);
		if (len < 8) {
			key[0] &= (1ull << (8 * len)) - 1;
			key[1] = 0;
		} else if (len < 16) {
			key[1] &= (1ull << (8 * (len - 8))) - 1;
		}
	} else {
		memcpy(key, text.ptr + beg, len);
	}
}

const struct tl_wcache_token *
tl_wcache_tokens(const struct tl_wcache *c, const struct tl_wcache_entry *w)
{
	return (
	    const struct tl_wcache_token *)(const void *)(c->pool + w->ids[0]);
}

static bool
is_same(const struct tl_wcache *c, const struct tl_wcache_entry *w,
    const char *piece, size_t len)
{
	return len <= TL_WCACHE_INLINE ||
	    memcmp(c->pool + w->ids[0] + w->n * sizeof(struct tl_wcache_token),
		piece, len) == 0;
}

struct tl_wcache_entry *
tl_wcache_find(
    struct tl_wcache *c, tl_str text, size_t beg, size_t len, uint8_t flag)
{
	uint64_t key[2];
	size_t at;

	load_key(key, text, beg, len);
	at = (size_t)tl_mix64(key[0] ^ flag, key[1] ^ (len << 56));
	for (;; at++) {
		struct tl_wcache_entry *w = &c->entries[at & (NENTRIES - 1)];

		if (w->len == 0) {
			if (c->used >= FULL) {
				memset(c->entries, 0,
				    NENTRIES * sizeof(*c->entries));
				c->used = c->npool = 0;
			}
			w->key[0] = key[0];
			w->key[1] = key[1];
			w->flag = flag;
			return w;
		}
		if (w->key[0] == key[0] && w->key[1] == key[1] &&
		    w->len == len && w->flag == flag &&
		    is_same(c, w, text.ptr + beg, len))
			return w;
	}
}

void
tl_wcache_fill(struct tl_wcache *c, struct tl_wcache_entry *w, tl_str piece,
    const struct tl_mtok *toks, size_t n)
{
	size_t need = n * sizeof(struct tl_wcache_token) + piece.len;
	struct tl_wcache_token *to;

	if (n <= TL_WCACHE_TOKENS && piece.len <= TL_WCACHE_INLINE) {
		for (size_t i = 0; i < n; i++) {
			w->ids[i] = toks[i].id;
			w->beg[i] = (uint8_t)toks[i].beg;
			w->end[i] = (uint8_t)toks[i].end;
		}
		w->is_pooled = false;
	} else {
		if (n > UINT8_MAX)
			return; /* stays free */
		if (POOL_BYTES - c->npool < need + 8) {
			c->used = FULL; /* the next miss starts anew */
			return;
		}
		to = (struct tl_wcache_token *)(void *)(c->pool + c->npool);
		for (size_t i = 0; i < n; i++)
			to[i] = (struct tl_wcache_token){ toks[i].id,
				(uint8_t)toks[i].beg, (uint8_t)toks[i].end };
		memcpy(to + n, piece.ptr, piece.len);
		w->ids[0] = (uint32_t)c->npool;
		c->npool += (need + 7) & ~(size_t)7;
		w->is_pooled = true;
	}
	w->len = (uint8_t)piece.len;
	w->n = (uint8_t)n;
	c->used++;
}
