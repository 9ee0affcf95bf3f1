/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKENIZER_BASE64_H
#define TOKENIZER_BASE64_H

#include <turnlint/buf.h>

int tl_base64_digit(char c); /* its value, or -1 */
/* Append what s stands for; false when it is not base64 with its padding. */
bool tl_base64_put(struct tl_buf *out, tl_str s);

#endif
