/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h - SipHash-2-4 under a key drawn at random for each run.
 *
 * A review rests on "these two records are equal".  With a hash anybody can
 * compute beforehand, a record could be made that passes for another.
 */
#ifndef TL_DIFF_HASH_H
#define TL_DIFF_HASH_H

#include <turnlint/base.h>

struct tl_hash_key {
	uint64_t k0, k1;
};

struct tl_hash_key tl_hash_key_new(void);
uint64_t tl_hash_keyed(const struct tl_hash_key *key, tl_str s);

#endif
