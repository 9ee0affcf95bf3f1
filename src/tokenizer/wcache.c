/* SPDX-License-Identifier: Apache-2.0 */
#include "wcache.h"

#include <stdlib.h>

#define NENTRIES ((size_t)1 << 16)

_Static_assert(sizeof(struct tl_wcache_entry) == 64, "one cache line");

struct tl_wcache {
	struct tl_wcache_entry *entries;
};

struct tl_wcache *
tl_wcache_new(tl_oom_fn *oom, void *ctx)
{
	struct tl_wcache *c = calloc(1, sizeof(*c));
	size_t size = NENTRIES * sizeof(*c->entries);

	if (c != NULL)
		c->entries = aligned_alloc(sizeof(*c->entries), size);
	if (c == NULL || c->entries == NULL) {
		free(c);
		if (oom != NULL)
			oom(ctx, size);
		abort();
	}
	memset(c->entries, 0, size);
	return c;
}

void
tl_wcache_free(struct tl_wcache *c)
{
	if (c == NULL)
		return;
	free(c->entries);
	free(c);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Eight bytes at a time, the rest masked off; text may be read beyond the
 * word but not beyond its own end. */
static void
load_word(uint64_t w[3], tl_str text, size_t beg, size_t len)
{
	static const uint64_t masks[9] = { 0, 0xFF, 0xFFFF, 0xFFFFFF,
		0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF,
		UINT64_MAX };

	w[1] = w[2] = 0;
	if (text.len - beg < 24) {
		w[0] = 0;
		memcpy(w, text.ptr + beg, len);
		return;
	}
	memcpy(w, text.ptr + beg, 8);
	if (len <= 8) {
		w[0] &= masks[len];
		return;
	}
	memcpy(w + 1, text.ptr + beg + 8, 8);
	if (len <= 16) {
		w[1] &= masks[len - 8];
		return;
	}
	memcpy(w + 2, text.ptr + beg + 16, 8);
	w[2] &= masks[len - 16];
}
#else
static void
load_word(uint64_t w[3], tl_str text, size_t beg, size_t len)
{
	w[0] = w[1] = w[2] = 0;
	memcpy(w, text.ptr + beg, len);
}
#endif

const struct tl_wcache_entry *
tl_wcache_find(struct tl_wcache *c, tl_str text, size_t beg, size_t len,
    uint8_t flag, struct tl_wcache_key *key)
{
	uint64_t hash;

	load_word(key->word, text, beg, len);
	key->len = (uint8_t)len;
	key->flag = flag;
	hash = tl_mix64(key->word[0] ^ flag, key->word[1] ^ (len << 56));
	if (len > 16)
		hash = tl_mix64(hash, key->word[2]);
	key->pair = &c->entries[(hash & (NENTRIES / 2 - 1)) * 2];
	for (size_t i = 0; i < 2; i++) {
		const struct tl_wcache_entry *w = &key->pair[i];

		if (w->key[0] == key->word[0] && w->key[1] == key->word[1] &&
		    w->key[2] == key->word[2] && w->len == len &&
		    w->flag == flag)
			return w;
	}
	return NULL;
}

void
tl_wcache_put(
    const struct tl_wcache_key *key, const struct tl_mtok *toks, size_t n)
{
	struct tl_wcache_entry *w = &key->pair[0];

	if (n > TL_WCACHE_TOKENS)
		return;
	key->pair[1] = *w; /* the older one of the two goes */
	memcpy(w->key, key->word, sizeof(w->key));
	for (size_t i = 0; i < n; i++) {
		w->ids[i] = toks[i].id;
		w->beg[i] = (uint8_t)toks[i].beg;
		w->end[i] = (uint8_t)toks[i].end;
	}
	w->len = key->len;
	w->flag = key->flag;
	w->n = (uint8_t)n;
}
