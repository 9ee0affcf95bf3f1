/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.h - where compiled tokenizers are kept between runs.
 *
 * The folder is $TURNLINT_CACHE, or turnlint in $XDG_CACHE_HOME or ~/.cache.
 * It has one file for each tokenizer, named by the tag of its contents, and
 * the key of the tags.  All of it may be deleted at any time.  What does not
 * belong to this user, or others may write to, is not used.
 */
#ifndef TOKENIZER_CACHE_H
#define TOKENIZER_CACHE_H

#include "image.h"

struct tl_cache {
	const char *path; /* of the folder; NULL: no cache is wanted */
	int folder;	  /* or -1 */
	struct tl_tagger tagger;
	bool has_key;
};

void tl_cache_open(struct tl_cache *c, struct tl_arena *a);
void tl_cache_close(struct tl_cache *c);

/* The image of the file at path, when there is one.  It lives as long as a. */
bool tl_cache_find(struct tl_cache *c, struct tl_arena *a, const char *path,
    struct tl_image *img);
/* Keep the image of a tokenizer whose source was text.  Failure is silent. */
void tl_cache_keep(struct tl_cache *c, struct tl_arena *tmp, tl_str text,
    tl_str rest, const struct tl_model *m, const struct tl_spm *s);

/* Smaller files are read at once anyway. */
#define TL_CACHE_SMALLEST ((size_t)1 << 18)

#endif
