/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKENIZER_NFORM_H
#define TOKENIZER_NFORM_H

#include "tok.h"

enum tl_nform { TL_NFC, TL_NFD, TL_NFKC, TL_NFKD };

/* Replace the piece's text by its normal form; text and spans in `a`. */
void tl_nform_apply(
    enum tl_nform form, struct tl_arena *a, struct tl_piece *piece);
/* False when NFC could change s (also where in the end it does not). */
bool tl_nform_is_nfc(tl_str s);

#endif
