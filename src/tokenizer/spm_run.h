/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm_run.h - a part of a text on its way through a SentencePiece model.
 */
#ifndef TOKENIZER_SPM_RUN_H
#define TOKENIZER_SPM_RUN_H

#include "spm.h"

struct tl_spm_run {
	struct tl_encoder *e;
	const struct tl_spm *m;
	const struct tl_piece *source;
	tl_str text;	      /* as the normalizer made it */
	const uint32_t *from; /* of text: see tl_spm_text */
	size_t at;	      /* of text, where the next token begins */
	bool was_unk;	      /* the last token */
	bool is_failed;	      /* a control piece came out of the text */
};

/* The next len bytes are the piece id. */
void tl_spm_emit(struct tl_spm_run *r, size_t len, uint32_t id);
/* The id of a piece by its text. */
uint32_t tl_spm_id(const struct tl_spm *m, tl_str s);
void tl_spm_bpe(struct tl_spm_run *r);

#endif
