/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKENIZER_GGUF_PRE_H
#define TOKENIZER_GGUF_PRE_H

#include <turnlint/str.h>

/* What a name in tokenizer.ggml.pre stands for. */
struct tl_gguf_pre {
	const char *names;  /* separated by spaces */
	const char *pretok; /* JSON, as in a tokenizer.json */
	const char *norm;   /* … or NULL */
	unsigned flags;
};

enum {
	TL_PRE_IGNORE_MERGES = 1u,
	TL_PRE_ADD_BOS = 2u,
	TL_PRE_ADD_SEP = 4u, /* EOS behind the text, unless the file says */
};

const struct tl_gguf_pre *tl_gguf_pre_find(tl_str name); /* or NULL */

#endif
