/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm_norm.h - the normalizer of a SentencePiece model: what the model sees of
 * a text, and where each byte of it comes from.
 */
#ifndef TOKENIZER_SPM_NORM_H
#define TOKENIZER_SPM_NORM_H

#include "spm.h"

struct tl_spm_text {
	tl_str str;
	/* from[i]: the byte of the source that byte i comes from; from[len] is
	 * where the last one ends.  Set when there is text. */
	const uint32_t *from;
};

/* Normalize s, with the dummy prefix or without; false when that makes the text
 * too long. */
bool tl_spm_norm(const struct tl_spm *m, struct tl_arena *a, tl_str s,
    bool has_prefix, struct tl_spm_text *out);

/* A word of a text that is_verbatim, as the model sees it. */
void tl_spm_spell(
    struct tl_arena *a, tl_str word, bool has_prefix, struct tl_spm_text *out);

/* The longest user-defined piece that s[at…] begins with: its bytes, or 0. */
size_t tl_spm_user_at(const struct tl_spm *m, tl_str s, size_t at);

/* Fill m->plain; map and users are there. */
void tl_spm_find_plain(struct tl_spm *m);

#endif
