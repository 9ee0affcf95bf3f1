/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - what a hostile file may inflate, and how far.
 *
 * Reaching a limit is a finding or a clear error, never a crash.
 */
#ifndef TURNLINT_LIMITS_H
#define TURNLINT_LIMITS_H

#define TL_MAX_RECORD_BYTES ((size_t)256 << 20) /* one record */
#define TL_MAX_LINE_BYTES ((size_t)64 << 20)	/* JSN021 above this */
#define TL_MAX_JSON_DEPTH 512			/* JSN018 above this */
#define TL_MAX_FILE_BYTES ((size_t)1 << 30) /* template, config, tokenizer */
#define TL_MAX_TURNS 1000000u
#define TL_MAX_TEMPLATE_BYTES ((size_t)4 << 20)
#define TL_MAX_TEMPLATE_DEPTH 200
#define TL_MAX_TEMPLATE_STEPS 20000000u
#define TL_MAX_RENDER_BYTES ((size_t)512 << 20)
#define TL_MAX_TOKENS ((size_t)256 << 20)
#define TL_MAX_FINDINGS_PER_RECORD 10000u

#endif
