/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKENIZER_LLAMA_H
#define TOKENIZER_LLAMA_H

#include "load.h"

/* Steps from their JSON, as it would stand in a tokenizer.json; NULL: none. */
enum tl_status tl_tokenizer_set_steps(struct tl_tokenizer *t, const char *norm,
    const char *pretok, struct tl_error *err) TL_MUST_USE;
enum tl_status tl_tokenizer_read_as(struct tl_tokenizer *t,
    enum tl_spm_prefix prefix, struct tl_error *err) TL_MUST_USE;

#endif
