/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spm_model.h - a small SentencePiece model of the kind that has an image: BPE
 * with bytes, a user-defined piece, a tie, and a char that is no piece.
 */
#ifndef TESTS_SPM_MODEL_H
#define TESTS_SPM_MODEL_H

#include <turnlint/buf.h>

#include <stdio.h>
#include <string.h>

static inline void
spm_put_piece(struct tl_buf *out, const char *text, float score, char type)
{
	char bits[sizeof(score)];
	size_t len = strlen(text);

	memcpy(bits, &score, sizeof(score)); /* little endian here */
	tl_buf_printf(out, "\n%c\n%c%s\x15", (int)(len + 9), (int)len, text);
	tl_buf_put(out, (tl_str){ bits, sizeof(bits) });
	tl_buf_printf(out, "\x18%c", type);
}

static inline tl_str
spm_model(struct tl_arena *a)
{
	static const struct {
		const char *text;
		float score;
		char type;
	} pieces[] = { { "<unk>", 0, 2 }, { "<s>", 0, 3 }, { "</s>", 0, 3 },
		{ "\u2581", -9, 1 }, { "a", -9, 1 }, { "b", -9, 1 },
		{ "c", -9, 1 }, { "\u2581a", -1, 1 }, { "ab", -2, 1 },
		{ "bc", -2, 1 }, { "\u2581abc", -3, 1 }, { "a\u00E9", -4, 1 },
		{ "<u>", 0, 4 } };
	struct tl_buf out;

	tl_buf_init(&out, a, 0);
	for (size_t i = 0; i < TL_COUNT(pieces); i++)
		spm_put_piece(
		    &out, pieces[i].text, pieces[i].score, pieces[i].type);
	for (unsigned i = 0; i < 256; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "<0x%02X>", i);
		spm_put_piece(&out, name, 0, 6);
	}
	/* BPE, with bytes; a dummy prefix, all spaces stay. */
	tl_buf_put(&out, TL_STR("\x12\x05\x18\x02\x98\x02\x01"));
	tl_buf_put(&out, TL_STR("\x1A\x04\x18\x01 \0"));
	return tl_buf_str(&out);
}

#endif
