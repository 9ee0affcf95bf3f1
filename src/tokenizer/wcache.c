/* SPDX-License-Identifier: Apache-2.0 */
#include "wcache.h"

#include <stdlib.h>

#define LINE ((size_t)64)

_Static_assert(sizeof(struct tl_wcache_small) * 2 == LINE, "one cache line");
_Static_assert(sizeof(struct tl_wcache_wide) == LINE, "one cache line");

#define LOW(n) ((n) >= 8 ? UINT64_MAX : ((uint64_t)1 << (8 * ((n)&7))) - 1)
#define MASKS(n)                                                             \
	{                                                                    \
		LOW(n), LOW((n) < 8 ? 0 : (n)-8), LOW((n) < 16 ? 0 : (n)-16) \
	}

const uint64_t tl_wcache_masks[TL_WCACHE_LONGEST + 1][3] = {
	MASKS(0),
	MASKS(1),
	MASKS(2),
	MASKS(3),
	MASKS(4),
	MASKS(5),
	MASKS(6),
	MASKS(7),
	MASKS(8),
	MASKS(9),
	MASKS(10),
	MASKS(11),
	MASKS(12),
	MASKS(13),
	MASKS(14),
	MASKS(15),
	MASKS(16),
	MASKS(17),
	MASKS(18),
	MASKS(19),
	MASKS(20),
	MASKS(21),
	MASKS(22),
	MASKS(23),
	MASKS(24),
};

/* Fresh pages of the system are zero, and a short text touches few. */
struct tl_wcache *
tl_wcache_new(tl_oom_fn *oom, void *ctx)
{
	struct tl_wcache *c = calloc(1, sizeof(*c));
	size_t lines = TL_WCACHE_SMALL / 2 + TL_WCACHE_WIDE;

	if (c != NULL)
		c->block = calloc(lines + 1, LINE);
	if (c == NULL || c->block == NULL) {
		free(c);
		if (oom != NULL)
			oom(ctx, lines * LINE);
		abort();
	}
	c->small = (void *)((char *)c->block +
	    (LINE - (uintptr_t)c->block % LINE) % LINE);
	c->wide = (void *)(c->small + TL_WCACHE_SMALL);
	return c;
}

void
tl_wcache_free(struct tl_wcache *c)
{
	if (c == NULL)
		return;
	free(c->block);
	free(c);
}

bool
tl_wcache_get(const struct tl_wcache *c, const struct tl_wcache_key *key,
    struct tl_mtok *toks, size_t *n)
{
	const struct tl_wcache_small *s = NULL;
	const struct tl_wcache_wide *w;

	if ((key->tag & 63) <= TL_WCACHE_SHORT) {
		s = tl_wcache_find_small(c, key);
		if (s == NULL)
			return false;
	}
	if (s != NULL && s->spans != TL_WCACHE_ELSEWHERE) {
		*n = s->spans >> 24;
		for (size_t i = 0; i < *n; i++)
			toks[i] =
			    (struct tl_mtok){ s->ids[i], s->spans >> 8 * i & 15,
				    s->spans >> (8 * i + 4) & 15 };
		return true;
	}
	w = tl_wcache_find_wide(c, key);
	if (w == NULL)
		return false;
	*n = w->n;
	for (size_t i = 0; i < *n; i++)
		toks[i] = (struct tl_mtok){ w->ids[i], w->spans[i][0],
			w->spans[i][1] };
	return true;
}

/* The entry of a word; when there is none, that in the second place goes. */
static struct tl_wcache_small *
small_for(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	struct tl_wcache_small *s = tl_wcache_small_at(c, key);

	if (tl_wcache_is_small(s, key))
		return s;
	s++;
	s->key[0] = key->word[0];
	s->key[1] = key->word[1] | (uint64_t)key->tag << 56;
	return s;
}

static struct tl_wcache_wide *
wide_for(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	struct tl_wcache_wide *w = tl_wcache_wide_at(c, key);

	if (tl_wcache_is_wide(w, key))
		return w;
	w++;
	memcpy(w->key, key->word, sizeof(w->key));
	w->tag = key->tag;
	return w;
}

static bool
is_short(const struct tl_wcache_key *key)
{
	return (key->tag & 63) <= TL_WCACHE_SHORT;
}

void
tl_wcache_put(const struct tl_wcache *c, const struct tl_wcache_key *key,
    const struct tl_mtok *toks, size_t n)
{
	struct tl_wcache_wide *w;

	if (n > TL_WCACHE_TOKENS) {
		tl_wcache_forget(c, key);
		return;
	}
	if (is_short(key)) {
		struct tl_wcache_small *s = small_for(c, key);

		if (n > TL_WCACHE_FEW) {
			s->spans = TL_WCACHE_ELSEWHERE;
		} else {
			s->spans = (uint32_t)n << 24;
			for (size_t i = 0; i < n; i++) {
				s->ids[i] = toks[i].id;
				s->spans |= (toks[i].beg | toks[i].end << 4)
				    << 8 * i;
			}
			return;
		}
	}
	w = wide_for(c, key);
	for (size_t i = 0; i < n; i++) {
		w->ids[i] = toks[i].id;
		w->spans[i][0] = (uint8_t)toks[i].beg;
		w->spans[i][1] = (uint8_t)toks[i].end;
	}
	w->n = (uint16_t)n;
}

void
tl_wcache_wait(
    const struct tl_wcache *c, const struct tl_wcache_key *key, uint32_t which)
{
	if (is_short(key)) {
		struct tl_wcache_small *s = small_for(c, key);

		s->spans = TL_WCACHE_WAITS;
		s->ids[0] = which;
	} else {
		struct tl_wcache_wide *w = wide_for(c, key);

		w->n = TL_WCACHE_WIDE_WAITS;
		w->ids[0] = which;
	}
}

void
tl_wcache_forget(const struct tl_wcache *c, const struct tl_wcache_key *key)
{
	struct tl_wcache_small *s = tl_wcache_small_at(c, key);
	struct tl_wcache_wide *w = tl_wcache_wide_at(c, key);

	for (size_t i = 0; i < 2; i++) {
		if (is_short(key) && tl_wcache_is_small(&s[i], key))
			memset(&s[i], 0, sizeof(s[i]));
		if (!is_short(key) && tl_wcache_is_wide(&w[i], key))
			memset(&w[i], 0, sizeof(w[i]));
	}
}
