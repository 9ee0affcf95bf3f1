/* SPDX-License-Identifier: Apache-2.0 */
#include "tag.h"

#include <string.h>

#include "vocab.h"

#define PRIME (((uint64_t)1 << 61) - 1)
#define LOW60 (((uint64_t)1 << 60) - 1)

static uint64_t
times(uint64_t a, uint64_t b)
{
	tl_u128 p = (tl_u128)a * b;
	uint64_t r = ((uint64_t)p & PRIME) + (uint64_t)(p >> 61);

	return r >= PRIME ? r - PRIME : r;
}

/* The next coefficient, below 2^60. */
static void
step(struct tl_tagger *t, size_t lane, uint64_t c)
{
	uint64_t r = times(t->sum[lane], t->point[lane]) + c;

	t->sum[lane] = r >= PRIME ? r - PRIME : r;
}

static void
step_wide(struct tl_tagger *t, size_t lane, tl_u128 c)
{
	step(t, lane, (uint64_t)c & LOW60);
	step(t, lane, (uint64_t)(c >> 60) & LOW60);
	step(t, lane, (uint64_t)(c >> 120));
}

static void
add_block(struct tl_tagger *t, const unsigned char *p)
{
	tl_u128 one = 0, two = 0;

	for (size_t i = 0; i < TL_TAG_WORDS; i += 2) {
		uint64_t m[2];

		memcpy(m, p + 8 * i, sizeof(m));
		one += (tl_u128)(m[0] + t->key[i]) * (m[1] + t->key[i + 1]);
		two += (tl_u128)(m[0] + t->key[i + 2]) * (m[1] + t->key[i + 3]);
	}
	step_wide(t, 0, one);
	step_wide(t, 1, two);
}

void
tl_tag_init(struct tl_tagger *t, const unsigned char seed[TL_TAG_SEED])
{
	uint64_t s[TL_TAG_SEED / 8];

	memcpy(s, seed, sizeof(s));
	for (uint64_t i = 0; i < TL_TAG_WORDS + 2; i++)
		t->key[i] = tl_mix64(
		    tl_mix64(s[0] + i, s[1]), tl_mix64(s[2], s[3] ^ i));
	for (uint64_t i = 0; i < 2; i++)
		t->point[i] =
		    tl_mix64(tl_mix64(s[1] ^ ~i, s[2]), tl_mix64(s[3], s[0])) &
		    LOW60;
	tl_tag_reset(t);
}

void
tl_tag_reset(struct tl_tagger *t)
{
	t->sum[0] = t->sum[1] = 0;
	t->nbytes = t->nblock = 0;
}

void
tl_tag_add(struct tl_tagger *t, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	t->nbytes += n;
	if (t->nblock > 0) {
		size_t take = TL_TAG_BLOCK - t->nblock;

		if (take > n)
			take = n;
		memcpy(t->block + t->nblock, p, take);
		t->nblock += take;
		p += take;
		n -= take;
		if (t->nblock < TL_TAG_BLOCK)
			return;
		add_block(t, t->block);
		t->nblock = 0;
	}
	for (; n >= TL_TAG_BLOCK; p += TL_TAG_BLOCK, n -= TL_TAG_BLOCK)
		add_block(t, p);
	if (n > 0)
		memcpy(t->block, p, n);
	t->nblock = n;
}

struct tl_tag
tl_tag_end(struct tl_tagger *t)
{
	if (t->nblock > 0) {
		memset(t->block + t->nblock, 0, TL_TAG_BLOCK - t->nblock);
		add_block(t, t->block);
	}
	for (size_t i = 0; i < 2; i++)
		step(t, i, t->nbytes & LOW60);
	return (struct tl_tag){ { t->sum[0], t->sum[1] } };
}
