/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/hash.h"

#include <stdio.h>
#include <string.h>

struct tl_hash_key
tl_hash_key_new(void)
{
	/* used only where there is no /dev/urandom */
	struct tl_hash_key key = { 0x243f6a8885a308d3u, 0x13198a2e03707344u };
	FILE *f = fopen("/dev/urandom", "rb");

	if (f == NULL)
		return key;
	if (fread(&key, sizeof(key), 1, f) != 1)
		key.k1 ^= 1;
	fclose(f);
	return key;
}

static uint64_t
rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* The n < 8 or 8 bytes at p, little-endian on every machine. */
static uint64_t
load(const char *p, size_t n)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return x;
}

/* https://www.aumasson.jp/siphash/siphash.pdf */
uint64_t
tl_hash_keyed(const struct tl_hash_key *key, tl_str s)
{
	uint64_t v[4] = { key->k0 ^ 0x736f6d6570736575u,
		key->k1 ^ 0x646f72616e646f6du, key->k0 ^ 0x6c7967656e657261u,
		key->k1 ^ 0x7465646279746573u };
	size_t at = 0;
	uint64_t m;

	for (; s.len - at >= 8; at += 8) {
		m = load(s.ptr + at, 8);
		v[3] ^= m;
		sip_round(v);
		sip_round(v);
		v[0] ^= m;
	}
	m = load(s.ptr + at, s.len - at) | (uint64_t)s.len << 56;
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
